public import SafetyKernel
public import StimulusModel

/// Limits as the record keeps them, and back again for a replay.
extension RecordedLimit {
    private static let kinds: [LimitKind] = (0..<UInt8(LimitKind.count)).compactMap { LimitKind(rawValue: $0) }

    /// Every limit of a plan, and the ceilings that follow from them.
    public static func all(_ plan: AuthorizedPlan) -> [RecordedLimit] {
        var rows = kinds.map { kind in
            let limit = plan.limits[kind]
            return RecordedLimit(
                kind: "\(kind)", value: limit.value, unit: unit(kind), setBy: "\(limit.setBy)")
        }
        let ceilings = [
            ("search ceiling", plan.first.search), ("treatment ceiling", plan.first.treatment),
            ("second search ceiling", plan.second?.search), ("second treatment ceiling", plan.second?.treatment),
        ]
        for (name, dose) in ceilings {
            guard let dose else { continue }
            rows.append(
                RecordedLimit(
                    kind: name, value: Int64(dose.ceiling.microamperes), unit: "µA", setBy: "\(dose.ceilingSetBy)"))
        }
        return rows
    }

    /// Whether it is a ceiling that followed from the limits, and no limit itself.
    public var isCeiling: Bool { kind.hasSuffix("ceiling") }

    /// `treatment ceiling`; in a session of two channels with the muscle: `treatment ceiling, gluteus medius`.
    public func ceilingTitle(_ opening: SessionOpening?) -> String {
        let isSecond = kind.hasPrefix("second ")
        let name = isSecond ? String(kind.dropFirst("second ".count)) : kind
        guard let muscle = opening?.muscleTitle(at: isSecond ? .second : .first) else { return name }
        return name + ", " + muscle
    }

    /// The ceiling in force for raises of one channel: that of its treatment, or of its search where there is none.
    public static func ceiling(_ limits: [RecordedLimit], at place: ChannelPlace) -> RecordedLimit? {
        let prefix = place == .first ? "" : "second "
        return limits.last { $0.kind == prefix + "treatment ceiling" }
            ?? limits.last { $0.kind == prefix + "search ceiling" }
    }

    private static func unit(_ kind: LimitKind) -> String {
        switch kind {
        case .amplitude, .rootMeanSquare, .amplitudeStep: return "µA"
        case .amplitudeRise: return "µA/s"
        case .longestPhase, .shortestPhase: return "µs"
        case .frequency, .lowestFrequency: return "mHz"
        case .chargePerPhase, .netCharge, .chargePerDay: return "pC"
        case .directCurrent: return "nA"
        case .energyPerPulse: return "nJ"
        case .currentDensity: return "µA/cm²"
        case .powerDensity: return "µW/cm²"
        case .sessionTime, .attendedTime, .restBetweenSessions: return "ms"
        case .contractions, .titrationContractions, .sessionsPerDay: return ""
        }
    }

    /// The table that a recorded session ran under, without what its history tightened: an authorization does that
    /// anew, for each muscle by itself.
    static func table(_ rows: [RecordedLimit], kind electrodeKind: ElectrodeKind) -> LimitTable {
        var table = electrodeKind == .needle ? LimitTable.absoluteNeedle : LimitTable.absoluteSurface
        for row in rows {
            guard let kind = kinds.first(where: { "\($0)" == row.kind }) else { continue }
            let source = LimitSource.all.first { "\($0)" == row.setBy } ?? .clinic
            guard source != .firstSession else { continue }
            table.tighten(kind, to: row.value, by: source)
        }
        return table
    }
}

extension LimitSource {
    static let all: [LimitSource] = (0..<UInt8.max).compactMap { LimitSource(rawValue: $0) }
}

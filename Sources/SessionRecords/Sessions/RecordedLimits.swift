public import SafetyKernel
internal import StimulusModel

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

    private static func unit(_ kind: LimitKind) -> String {
        switch kind {
        case .amplitude, .rootMeanSquare, .amplitudeStep: return "µA"
        case .amplitudeRise: return "µA/s"
        case .longestPhase, .shortestPhase: return "µs"
        case .frequency, .lowestFrequency: return "mHz"
        case .chargePerPhase, .netCharge, .chargePerDay: return "pC"
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

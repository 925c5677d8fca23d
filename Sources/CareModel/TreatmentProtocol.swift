public import StimulusModel

/// The numbers of a protocol file, each by its path of keys: what a refusal of the safety kernel points at.
public enum ProtocolKey: String, Sendable, CaseIterable {
    case rampUp = "pattern.ramp_up_s"
    case plateau = "pattern.plateau_s"
    case rampDown = "pattern.ramp_down_s"
    case rest = "pattern.rest_s"
    case contractions = "pattern.contractions"
    case duration = "pattern.duration_s"
    case burst = "pattern.burst_s"
    case burstInterval = "pattern.interval_s"
    case dense = "pattern.dense_s"
    case sparse = "pattern.sparse_s"
    case sparseFrequency = "pattern.sparse_frequency_hz"
    case frequency = "pulse.frequency_hz"
    case phaseDuration = "pulse.phase_duration_us"
    case interphaseGap = "pulse.interphase_gap_us"
    case maximumAmplitude = "pulse.maximum_amplitude_ma"
    case typicalLowest = "intensity.typical_lowest_ma"
    case typicalHighest = "intensity.typical_highest_ma"
    case recommendedSpacing = "sessions.recommended_spacing_h"
}

/// What a protocol delivers.
public enum ProtocolPlan: Equatable, Sendable {
    /// A dose, complete as it stands.
    case treatment(Dose)
    /// A search for the motor point; its phase duration comes from the treatment that it is for.
    case search(SearchPlan)

    public static func == (a: ProtocolPlan, b: ProtocolPlan) -> Bool {
        switch (a, b) {
        case (.treatment(let x), .treatment(let y)): return x == y
        case (.search(let x), .search(let y)): return x == y
        case (.treatment, .search), (.search, .treatment): return false
        }
    }
}

/// Rate, cap and time of a search. It has no phase duration of its own: the motor threshold is searched at the phase
/// duration of the treatment that follows, since thresholds at different durations are never compared (`decided.md`).
public struct SearchPlan: Equatable, Sendable {
    public let frequency: Frequency
    public let maximumAmplitude: Current
    /// The longest search, in milliseconds.
    public let milliseconds: Int32

    public init(frequency: Frequency, maximumAmplitude: Current, milliseconds: Int32) {
        self.frequency = frequency
        self.maximumAmplitude = maximumAmplitude
        self.milliseconds = milliseconds
    }
}

/// Why a search cannot serve a treatment.
public enum SearchMismatch: Error, Equatable, Sendable {
    /// The protocol is a treatment itself.
    case notASearch
    /// What `--for` names is a search, too.
    case treatmentIsASearch
    case otherMuscle
    case otherElectrodeKind
}

/// A treatment protocol as read from its file: texts, evidence and numbers, before any limit was held against them.
public struct TreatmentProtocol: Equatable, Sendable {
    /// Lower-case with hyphens; equals the file's name.
    public let id: String
    /// Counts up whenever the file changes.
    public let version: Int32
    public let title: String
    public let muscle: TargetMuscle
    public let stage: CareStage
    public let electrodeKind: ElectrodeKind
    /// A demonstration is no treatment and says so.
    public let isDemonstration: Bool
    public let summary: String
    /// Where pads go: a starting point, since the point must be found in each person.
    public let placement: String
    /// How far to raise, in the patient's terms.
    public let intensityRule: String
    public let sessionsRule: String
    public let plan: ProtocolPlan
    /// Hours from the end of one session to the next on the same muscle that the protocol recommends.
    public let recommendedSpacingHours: Int32?
    public let evidence: ProtocolEvidence
    /// Every number of the file with what stands behind it.
    public let numbers: [NumberEvidence]
    /// Path of keys to line in the file, from 1: lets a refusal name file and line.
    public let sourceMap: [String: Int]

    public init(
        id: String, version: Int32, title: String, muscle: TargetMuscle, stage: CareStage,
        electrodeKind: ElectrodeKind, isDemonstration: Bool, summary: String, placement: String,
        intensityRule: String, sessionsRule: String, plan: ProtocolPlan, recommendedSpacingHours: Int32?,
        evidence: ProtocolEvidence, numbers: [NumberEvidence], sourceMap: [String: Int]
    ) {
        self.id = id
        self.version = version
        self.title = title
        self.muscle = muscle
        self.stage = stage
        self.electrodeKind = electrodeKind
        self.isDemonstration = isDemonstration
        self.summary = summary
        self.placement = placement
        self.intensityRule = intensityRule
        self.sessionsRule = sessionsRule
        self.plan = plan
        self.recommendedSpacingHours = recommendedSpacingHours
        self.evidence = evidence
        self.numbers = numbers
        self.sourceMap = sourceMap
    }

    public var isSearch: Bool { stage == .search }

    /// The line of a number in the file, from 1.
    public func line(of key: ProtocolKey) -> Int? { sourceMap[key.rawValue] }

    /// The evidence beside one number.
    public func evidence(of key: ProtocolKey) -> NumberEvidence? { numbers.first { $0.key == key } }

    /// The dose of a treatment; nothing for a search.
    public var dose: Dose? {
        switch plan {
        case .treatment(let dose): return dose
        case .search: return nil
        }
    }

    /// This search as a dose, at the phase duration and gap of the treatment that it is for.
    public func searchDose(for treatment: TreatmentProtocol) throws(SearchMismatch) -> Dose {
        guard case .search(let search) = plan else { throw .notASearch }
        guard let dose = treatment.dose else { throw .treatmentIsASearch }
        guard dose.muscle == muscle else { throw .otherMuscle }
        guard dose.electrodeKind == electrodeKind else { throw .otherElectrodeKind }
        return Dose(
            electrodeKind: electrodeKind, muscle: muscle, stage: .search,
            pattern: .continuous(milliseconds: search.milliseconds), frequency: search.frequency,
            phaseDuration: dose.phaseDuration, interphaseGap: dose.interphaseGap,
            maximumAmplitude: search.maximumAmplitude,
            amplitudeStep: TreatmentProtocol.amplitudeStep(electrodeKind: electrodeKind, stage: .search))
    }

    /// One press of the raise key (`decided.md`, Amplitude): a rule of the house, so no file can set it.
    public static func amplitudeStep(electrodeKind: ElectrodeKind, stage: CareStage) -> Current {
        switch electrodeKind {
        case .needle: return Current(microamperes: 100)
        case .surface: return Current(microamperes: stage == .search ? 500 : 1_000)
        }
    }
}

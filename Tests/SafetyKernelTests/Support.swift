// Doses, prescriptions and judgements in short form, and seeded chance.
import SafetyKernel
import StimulusModel

struct SeededChance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// True once in `odds` times.
    mutating func once(in odds: Int) -> Bool { Int.random(in: 0..<odds, using: &self) == 0 }
}

let seeds: [UInt64] = [3, 11, 2_026, 0xC0FFEE]

/// The whole list of limits.
let allKinds: [LimitKind] = (0..<UInt8(LimitKind.count)).compactMap { LimitKind(rawValue: $0) }

/// A dose that every check lets through, to be made wrong in one place.
struct DoseSketch {
    var kind = ElectrodeKind.surface
    var muscle = TargetMuscle.vmo
    var stage = CareStage.relieve
    var pattern: Pattern
    var millihertz: Int32 = 35_000
    var phase: Int32 = 300
    var gap: Int32 = 100
    var maximum: Int32 = 40_000
    var step: Int32 = 1_000

    /// `vmo-relieve-surface`: 6:18 s with ramps of 2 and 1 s, 10 contractions (`clinical.md` 2.5).
    static var relieve: DoseSketch { DoseSketch(pattern: .contractions(cycle(), count: 10)) }

    static var search: DoseSketch {
        DoseSketch(
            stage: .search, pattern: .continuous(milliseconds: 120_000), millihertz: 2_000, maximum: 15_000, step: 500)
    }

    static var needle: DoseSketch {
        DoseSketch(
            kind: .needle, pattern: .continuous(milliseconds: 900_000), millihertz: 2_000, phase: 250, gap: 0,
            maximum: 4_000, step: 100)
    }

    static func cycle(
        up: Int32 = 2_000, plateau: Int32 = 3_000, down: Int32 = 1_000, rest: Int32 = 18_000
    ) -> ContractionCycle {
        ContractionCycle(
            rampUpMilliseconds: up, plateauMilliseconds: plateau, rampDownMilliseconds: down, restMilliseconds: rest)
    }

    var dose: Dose {
        Dose(
            electrodeKind: kind, muscle: muscle, stage: stage, pattern: pattern,
            frequency: Frequency(millihertz: millihertz), phaseDuration: PhaseDuration(microseconds: phase),
            interphaseGap: PhaseDuration(microseconds: gap), maximumAmplitude: Current(microamperes: maximum),
            amplitudeStep: Current(microamperes: step))
    }

    /// The same with one thing changed.
    func with(_ change: (inout DoseSketch) -> Void) -> DoseSketch {
        var copy = self
        change(&copy)
        return copy
    }
}

/// A prescription that is let through, to be made wrong in one place.
struct CaseSketch {
    var search: DoseSketch?
    var treatment: DoseSketch? = .relieve
    var cleared = ElectrodeKind.surface
    var channel = Channel.first
    var squareMillimetres: Int32 = 2_500
    /// Needles instead of the pad.
    var needle: NeedleGeometry?
    var device = DeviceCapabilities.p24LowLevel
    var earlierTreatments: Int32 = 2
    var millisecondsSinceLast: Int64 = 30 * 24 * 3_600_000
    var treatmentsToday: Int32 = 0
    var chargeToday: Int64 = 0
    var limits = LimitTable.absoluteSurface

    func with(_ change: (inout CaseSketch) -> Void) -> CaseSketch {
        var copy = self
        change(&copy)
        return copy
    }

    func authorize() throws(Refusal) -> AuthorizedPlan {
        let prescription = Prescription(
            search: search?.dose, treatment: treatment?.dose, channel: channel,
            contact: contact, capabilities: device, history: asked.history, limits: limits)
        let clearance = try Clearance.grant(passed: Clearance.required(for: cleared), for: cleared)
        return try Authorization.authorize(prescription, clearance: clearance)
    }

    var contact: ElectrodeContact {
        needle.map { .needle($0) } ?? .pad(PadArea(squareMillimetres: squareMillimetres))
    }

    /// What is asked of the channel.
    var asked: ChannelPrescription {
        ChannelPrescription(
            search: search?.dose, treatment: treatment?.dose, channel: channel,
            contact: contact,
            history: TreatmentHistory(
                earlierTreatments: earlierTreatments, millisecondsSinceLast: millisecondsSinceLast,
                treatmentsToday: treatmentsToday, chargeToday: Charge(picocoulombs: chargeToday)))
    }

    /// Why it is refused; nothing when it is let through.
    var refusal: Refusal? {
        do throws(Refusal) {
            _ = try authorize()
            return nil
        } catch {
            return error
        }
    }
}

/// Two channels that fit together, to be made wrong in one place.
struct PairSketch {
    var first = CaseSketch()
    var second: CaseSketch? = CaseSketch().with {
        $0.treatment?.muscle = .gluteusMedius
        $0.channel = Channel(number: 2) ?? .first
    }
    var arrangement = ChannelArrangement.together
    var limits = LimitTable.absoluteSurface

    func with(_ change: (inout PairSketch) -> Void) -> PairSketch {
        var copy = self
        change(&copy)
        return copy
    }

    /// The same change on both channels.
    func both(_ change: (inout CaseSketch) -> Void) -> PairSketch {
        with {
            change(&$0.first)
            if var other = $0.second {
                change(&other)
                $0.second = other
            }
        }
    }

    func authorize() throws(Refusal) -> AuthorizedPlan {
        let prescription = Prescription(
            first: first.asked, second: second?.asked, arrangement: arrangement, capabilities: first.device,
            limits: limits)
        let clearance = try Clearance.grant(passed: Clearance.required(for: .surface), for: .surface)
        return try Authorization.authorize(prescription, clearance: clearance)
    }

    /// Why it is refused; nothing when it is let through.
    var refusal: Refusal? {
        do throws(Refusal) {
            _ = try authorize()
            return nil
        } catch {
            return error
        }
    }
}

/// A stimulator for needles of which nothing was measured.
let needleDevice = DeviceCapabilities(
    electrodeKind: .needle, channelCount: 2, maximumAmplitude: Current(microamperes: 10_000),
    amplitudeStep: Current(microamperes: 100), shortestPhase: PhaseDuration(microseconds: 50),
    longestPhase: PhaseDuration(microseconds: 1_000), electrodeLossDetectedFrom: .zero,
    outputAfterHostDeathMicroseconds: 1_000)

func refusal(_ body: () throws(Refusal) -> Void) -> Refusal? {
    do throws(Refusal) {
        try body()
        return nil
    } catch {
        return error
    }
}

/// The parts of a refused limit; nothing when something else was refused.
struct RefusedLimit: Equatable {
    var kind: LimitKind
    var asked: Int64
    var limit: Int64
    var setBy: LimitSource

    init(_ kind: LimitKind, asked: Int64, limit: Int64, setBy: LimitSource = .absolute) {
        self.kind = kind
        self.asked = asked
        self.limit = limit
        self.setBy = setBy
    }

    init?(_ refusal: Refusal?) {
        guard case .limit(let kind, let asked, let limit, let source)? = refusal else { return nil }
        self.init(kind, asked: asked, limit: limit, setBy: source)
    }
}

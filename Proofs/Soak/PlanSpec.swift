// What a session is about, in plain integers: from these come the prescription that the host gets and, apart from it,
// the law that the judge goes by. The two share these numbers and nothing else.
internal import SafetyKernel
internal import SessionRecords
internal import StimulusModel

/// Which rig stands there.
public enum RigKind: String, Sendable, CaseIterable {
    case p24
    case needle
}

/// One train of one channel, as somebody wrote it down.
struct TrainSpec: Sendable {
    enum Rhythm: Sendable {
        case contractions(up: Int32, plateau: Int32, down: Int32, rest: Int32, count: Int32)
        case continuous(milliseconds: Int32)
        case burst(milliseconds: Int32, burst: Int32, interval: Int32)
        case dense(milliseconds: Int32, dense: Int32, sparseMillihertz: Int32, sparse: Int32)
    }

    var rhythm: Rhythm
    var millihertz: Int32
    var capMicroamperes: Int32
    var stepMicroamperes: Int32
    var stage: CareStage

    var pattern: Pattern {
        switch rhythm {
        case .contractions(let up, let plateau, let down, let rest, let count):
            return .contractions(
                ContractionCycle(
                    rampUpMilliseconds: up, plateauMilliseconds: plateau, rampDownMilliseconds: down,
                    restMilliseconds: rest), count: count)
        case .continuous(let milliseconds): return .continuous(milliseconds: milliseconds)
        case .burst(let milliseconds, let burst, let interval):
            return .burst(milliseconds: milliseconds, burstMilliseconds: burst, intervalMilliseconds: interval)
        case .dense(let milliseconds, let dense, let sparseMillihertz, let sparse):
            return .denseDisperse(
                milliseconds: milliseconds, denseMilliseconds: dense,
                sparseFrequency: Frequency(millihertz: sparseMillihertz), sparseMilliseconds: sparse)
        }
    }

    /// The judge's law of one channel's train.
    func law(personCap: Int32, isNeedle: Bool) -> TrainLaw {
        let rate = Int64(millihertz)
        func pulses(_ milliseconds: Int64) -> Int64 { (milliseconds * rate + 999_999) / 1_000_000 }
        var law = TrainLaw(
            cap: min(capMicroamperes, personCap), step: stepMicroamperes,
            needsThreshold: isNeedle && stage != .search && millihertz > 15_000)
        switch rhythm {
        case .contractions(let up, let plateau, let down, let rest, let count):
            let on = Int64(up) + Int64(plateau) + Int64(down)
            law.window = on + Int64(rest) * 9 / 10
            law.pulsesInWindow = pulses(on) + 2
            law.restMilliseconds = Int64(rest)
            law.contractions = Int64(count)
            law.pulses = (pulses(on) + 1) * (Int64(count) + 5)
        case .continuous(let milliseconds):
            law.window = 10_000
            law.pulsesInWindow = pulses(10_000) + 2
            law.pulses = pulses(Int64(milliseconds)) + 2
        case .burst(let milliseconds, let burst, let interval):
            law.window = Int64(interval) * 9 / 10 - 5
            law.pulsesInWindow = pulses(Int64(burst)) + 1
            let groups = (Int64(milliseconds) + Int64(interval) - 1) / Int64(interval)
            law.pulses = (pulses(Int64(burst)) + 1) * (groups + 1)
            law.pulsesAnew = pulses(Int64(burst)) + 1
        case .dense(let milliseconds, let dense, let sparseMillihertz, let sparse):
            let inSparse = (Int64(sparse) * Int64(sparseMillihertz) + 999_999) / 1_000_000
            law.window = (Int64(dense) + Int64(sparse)) * 9 / 10
            law.pulsesInWindow = pulses(Int64(dense)) + inSparse + 3
            let cycles = Int64(milliseconds) / (Int64(dense) + Int64(sparse)) + 1
            law.pulses = (pulses(Int64(dense)) + inSparse + 2) * cycles
            law.pulsesAnew = pulses(Int64(dense)) + 2
        }
        // A search may begin anew as often as somebody likes.
        if stage == .search { law.pulses = Int64.max }
        return law
    }
}

/// What the judge holds one train of a channel to. Numbers of `PlanSpec`, multiplied out here.
struct TrainLaw: Sendable {
    var cap: Int32
    var step: Int32
    var needsThreshold: Bool
    /// So many pulses at the most in every span of so many milliseconds.
    var window: Int64 = 10_000
    var pulsesInWindow: Int64 = 1_000
    /// In the whole session, and so many more each time that it was paused: a burst or a contraction begins anew.
    var pulses: Int64 = Int64.max
    var pulsesAnew: Int64 = 2
    /// 0 for a train without rests.
    var restMilliseconds: Int64 = 0
    /// Counted ones; five more may come before them.
    var contractions: Int64 = 0

    init(cap: Int32, step: Int32, needsThreshold: Bool) {
        self.cap = cap
        self.step = step
        self.needsThreshold = needsThreshold
    }
}

/// A whole session: one or two channels, each with or without a search.
struct PlanSpec: Sendable {
    var kind: RigKind
    var treatment: TrainSpec?
    var second: TrainSpec?
    var search: TrainSpec?
    var arrangement = ChannelArrangement.single
    var phaseMicroseconds: Int32
    var gapMicroseconds: Int32
    /// What this practitioner allows in this session, below whatever the protocol says.
    var personCap: Int32

    var channelCount: Int { second == nil ? 1 : 2 }

    func law(_ place: Int, isSearch: Bool) -> TrainLaw? {
        let train = isSearch ? (place == 0 ? search : nil) : (place == 0 ? treatment : second)
        return train?.law(personCap: personCap, isNeedle: kind == .needle)
    }

    /// The highest rate of any train, in mHz.
    var fastestMillihertz: Int32 {
        max(treatment?.millihertz ?? 0, max(second?.millihertz ?? 0, search?.millihertz ?? 0))
    }

    private func dose(_ train: TrainSpec, _ muscle: TargetMuscle) -> Dose {
        Dose(
            electrodeKind: kind == .needle ? .needle : .surface, muscle: muscle, stage: train.stage,
            pattern: train.pattern, frequency: Frequency(millihertz: train.millihertz),
            phaseDuration: PhaseDuration(microseconds: phaseMicroseconds),
            interphaseGap: PhaseDuration(microseconds: gapMicroseconds),
            maximumAmplitude: Current(microamperes: train.capMicroamperes),
            amplitudeStep: Current(microamperes: train.stepMicroamperes))
    }

    private func asked(_ train: TrainSpec?, _ search: TrainSpec?, _ muscle: TargetMuscle, _ number: UInt8)
        -> ChannelPrescription
    {
        ChannelPrescription(
            search: search.map { dose($0, muscle) }, treatment: train.map { dose($0, muscle) },
            channel: Channel(number: number) ?? .first, contact: contact,
            history: TreatmentHistory(earlierTreatments: 3, millisecondsSinceLast: 30 * 86_400_000))
    }

    private var contact: ElectrodeContact {
        switch kind {
        case .p24: return .pad(PadArea(squareMillimetres: 2_500))
        case .needle: return .needle(NeedleGeometry(diameterMicrometres: 250, insertedMillimetres: 20))
        }
    }

    private var prescription: Prescription {
        var limits = kind == .needle ? LimitTable.absoluteNeedle : LimitTable.absoluteSurface
        limits.tighten(.amplitude, to: Int64(personCap), by: .practitioner)
        let device: DeviceCapabilities =
            kind == .needle
            ? .needleRig(residualOffsetNanoamperes: 500, imbalancePermille: 5, tolerancePermille: 20) : .p24LowLevel
        return Prescription(
            first: asked(treatment, search, .vmo, 1), second: second.map { asked($0, nil, .gluteusMedius, 2) },
            arrangement: arrangement, capabilities: device, limits: limits)
    }

    /// A session needs a checklist of its own, and so does each new start.
    func authorize() throws -> AuthorizedPlan {
        let electrode: ElectrodeKind = kind == .needle ? .needle : .surface
        let clearance = try Clearance.grant(passed: Clearance.required(for: electrode), for: electrode)
        return try Authorization.authorize(prescription, clearance: clearance)
    }

    /// The first record of the session's file.
    func opening(sessionID: String, limits: [RecordedLimit]) -> SessionOpening {
        let file = RecordedFile(id: "soak", version: 1, path: "soak.yaml", sha256: Digest(of: "soak"), text: nil)
        let first = treatment ?? search
        let recorded = first.map { RecordedDose(dose($0, .vmo)) }
        var opening = SessionOpening(
            sessionID: sessionID, programVersion: "soak", wallNanoseconds: 0, utcOffsetSeconds: 0, personID: "P-1",
            muscle: "vmo", side: "right", stage: treatment == nil ? "search" : "relieve", practitioner: "AB",
            treatmentProtocol: file, companionProtocol: nil, checklist: file, answers: [], rig: file,
            device: RecordedDevice(kind: kind.rawValue, id: "1", firmware: "1", wireVersion: "4"), realTimeReport: "",
            limits: limits, dose: recorded ?? RecordedDose(dose(PlanSpec.nothing, .vmo)),
            padAreaSquareMillimetres: 2_500, gates: [])
        opening.searchDose = search.map { RecordedDose(dose($0, .vmo)) }
        if let second {
            opening.second = RecordedChannel(
                muscle: "gmed", stage: "relieve", channel: 2, treatmentProtocol: file, companionProtocol: nil,
                dose: RecordedDose(dose(second, .gluteusMedius)), searchDose: nil,
                history: TreatmentHistory(earlierTreatments: 3, millisecondsSinceLast: 0),
                padAreaSquareMillimetres: 2_500)
            opening.arrangement = arrangement == .together ? "together" : "alternating"
        }
        return opening
    }

    private static let nothing = TrainSpec(
        rhythm: .continuous(milliseconds: 1_000), millihertz: 1_000, capMicroamperes: 1_000, stepMicroamperes: 100,
        stage: .search)
}

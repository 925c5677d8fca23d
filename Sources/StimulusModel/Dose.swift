/// Needles and pads have separate limits; a preset of one can never serve the other.
public enum ElectrodeKind: UInt8, Sendable {
    case surface = 1
    case needle = 2
    /// The raw value, readable on the lock-free path.
    public var code: UInt8 { @_noLocks get { rawValue } }

    @_noLocks public static func == (a: ElectrodeKind, b: ElectrodeKind) -> Bool { a.rawValue == b.rawValue }

    @_noLocks public static func != (a: ElectrodeKind, b: ElectrodeKind) -> Bool { !(a == b) }
}

/// The muscles whose motor points this product may stimulate: an allow-list (`clinical.md` C03, H32).
public enum TargetMuscle: UInt8, Sendable {
    /// Vastus medialis obliquus.
    case vmo = 1
    /// Gluteus medius.
    case gluteusMedius = 2
    /// The raw value, readable on the lock-free path.
    public var code: UInt8 { @_noLocks get { rawValue } }

    @_noLocks public static func == (a: TargetMuscle, b: TargetMuscle) -> Bool { a.rawValue == b.rawValue }

    @_noLocks public static func != (a: TargetMuscle, b: TargetMuscle) -> Bool { !(a == b) }
}

public enum BodySide: UInt8, Sendable {
    case left = 1
    case right = 2
    /// The raw value, readable on the lock-free path.
    public var code: UInt8 { @_noLocks get { rawValue } }

    @_noLocks public static func == (a: BodySide, b: BodySide) -> Bool { a.rawValue == b.rawValue }

    @_noLocks public static func != (a: BodySide, b: BodySide) -> Bool { !(a == b) }
}

/// What a protocol is for. A search finds the motor point; the others are the three stages of care.
public enum CareStage: UInt8, Sendable {
    case search = 0
    case relieve = 1
    case restore = 2
    case elevate = 3
    /// The raw value, readable on the lock-free path.
    public var code: UInt8 { @_noLocks get { rawValue } }

    @_noLocks public static func == (a: CareStage, b: CareStage) -> Bool { a.rawValue == b.rawValue }

    @_noLocks public static func != (a: CareStage, b: CareStage) -> Bool { !(a == b) }
}

/// One contraction and the rest after it. `on` = ramp up + plateau + ramp down (`decided.md`).
public struct ContractionCycle: Equatable, Hashable, Sendable {
    public let rampUpMilliseconds: Int32
    public let plateauMilliseconds: Int32
    public let rampDownMilliseconds: Int32
    public let restMilliseconds: Int32

    @_noLocks public init(
        rampUpMilliseconds: Int32, plateauMilliseconds: Int32, rampDownMilliseconds: Int32, restMilliseconds: Int32
    ) {
        self.rampUpMilliseconds = rampUpMilliseconds
        self.plateauMilliseconds = plateauMilliseconds
        self.rampDownMilliseconds = rampDownMilliseconds
        self.restMilliseconds = restMilliseconds
    }

    @_noLocks public static func == (a: ContractionCycle, b: ContractionCycle) -> Bool {
        a.rampUpMilliseconds == b.rampUpMilliseconds && a.plateauMilliseconds == b.plateauMilliseconds
            && a.rampDownMilliseconds == b.rampDownMilliseconds && a.restMilliseconds == b.restMilliseconds
    }

    @_noLocks public static func != (a: ContractionCycle, b: ContractionCycle) -> Bool { !(a == b) }

    public var onMilliseconds: Int64 {
        @_noLocks get { Int64(rampUpMilliseconds) + Int64(plateauMilliseconds) + Int64(rampDownMilliseconds) }
    }

    /// One contraction with its rest.
    public var cycleMilliseconds: Int64 { @_noLocks get { onMilliseconds + Int64(restMilliseconds) } }
}

/// How pulses are grouped in time. Everything but contractions is one train: it counts as continuous, its amplitude is
/// raised by a person from 0 mA, and a raise takes effect at the next pulse (`decided.md`, Amplitude).
public enum Pattern: Hashable, Sendable {
    /// One train.
    case continuous(milliseconds: Int32)
    /// Contractions with rests; `count` is the dose, titration contractions come before it.
    case contractions(ContractionCycle, count: Int32)
    /// A group of pulses at the dose's rate at the beginning of each interval, silence for the rest of it: patterned
    /// stimulation, 200 ms every 1,500 ms in [GLAVIANO].
    case burst(milliseconds: Int32, burstMilliseconds: Int32, intervalMilliseconds: Int32)
    /// Two rates in turn, without silence: the dose's rate first, then the sparse one; 3 s and 3 s in [HAN].
    case denseDisperse(
        milliseconds: Int32, denseMilliseconds: Int32, sparseFrequency: Frequency, sparseMilliseconds: Int32)

    @_noLocks public static func == (a: Pattern, b: Pattern) -> Bool {
        switch (a, b) {
        case (.continuous(let x), .continuous(let y)): return x == y
        case (.contractions(let x, let m), .contractions(let y, let n)): return x == y && m == n
        case (.burst(let x, let p, let i), .burst(let y, let q, let j)): return x == y && p == q && i == j
        case (.denseDisperse(let x, let p, let f, let i), .denseDisperse(let y, let q, let g, let j)):
            return x == y && p == q && f == g && i == j
        case (.continuous, _), (.contractions, _), (.burst, _), (.denseDisperse, _): return false
        }
    }

    @_noLocks public static func != (a: Pattern, b: Pattern) -> Bool { !(a == b) }

    /// How long the train runs, in ms; 0 for contractions, which are counted instead.
    public var trainMilliseconds: Int32 {
        @_noLocks get {
            switch self {
            case .continuous(let milliseconds), .burst(let milliseconds, _, _),
                .denseDisperse(let milliseconds, _, _, _):
                return milliseconds
            case .contractions: return 0
            }
        }
    }
}

/// The numbers of one protocol: what is asked for, before any limit was held against it.
public struct Dose: Equatable, Hashable, Sendable {
    public let electrodeKind: ElectrodeKind
    public let muscle: TargetMuscle
    public let stage: CareStage
    public let pattern: Pattern
    public let frequency: Frequency
    public let phaseDuration: PhaseDuration
    public let interphaseGap: PhaseDuration
    /// The protocol's own cap on the set amplitude.
    public let maximumAmplitude: Current
    /// One press of the raise key: 0.5 mA in a surface search, 1 mA in a surface treatment, 0.1 mA on needles.
    public let amplitudeStep: Current

    @_noLocks public init(
        electrodeKind: ElectrodeKind, muscle: TargetMuscle, stage: CareStage, pattern: Pattern, frequency: Frequency,
        phaseDuration: PhaseDuration, interphaseGap: PhaseDuration, maximumAmplitude: Current, amplitudeStep: Current
    ) {
        self.electrodeKind = electrodeKind
        self.muscle = muscle
        self.stage = stage
        self.pattern = pattern
        self.frequency = frequency
        self.phaseDuration = phaseDuration
        self.interphaseGap = interphaseGap
        self.maximumAmplitude = maximumAmplitude
        self.amplitudeStep = amplitudeStep
    }

    @_noLocks public static func == (a: Dose, b: Dose) -> Bool {
        a.electrodeKind == b.electrodeKind && a.muscle == b.muscle
            && a.stage == b.stage && a.pattern == b.pattern && a.frequency == b.frequency
            && a.phaseDuration == b.phaseDuration && a.interphaseGap == b.interphaseGap
            && a.maximumAmplitude == b.maximumAmplitude && a.amplitudeStep == b.amplitudeStep
    }

    @_noLocks public static func != (a: Dose, b: Dose) -> Bool { !(a == b) }

    /// The strongest pulse that this dose could ask for.
    public var strongestPulse: Pulse {
        @_noLocks get {
            Pulse(symmetric: maximumAmplitude, phaseDuration: phaseDuration, interphaseGap: interphaseGap)
        }
    }

    /// Time of the dose itself, without titration, in milliseconds.
    public var programmeMilliseconds: Int64 {
        @_noLocks get {
            guard case .contractions(let cycle, let count) = pattern else { return Int64(pattern.trainMilliseconds) }
            return Saturating.product(cycle.cycleMilliseconds, Int64(count))
        }
    }

    /// The most pulses that a pattern of this rate can hold in `milliseconds` of running train, rounded up; saturates.
    @_noLocks public static func pulses(at frequency: Frequency, in milliseconds: Int64) -> Int64 {
        Saturating.sum(Saturating.product(milliseconds, Int64(frequency.millihertz)), 999_999) / 1_000_000
    }

    /// Pulses of the dose itself at the most, without titration.
    public var programmePulses: Int64 {
        @_noLocks get {
            switch pattern {
            case .continuous(let milliseconds): return Dose.pulses(at: frequency, in: Int64(milliseconds))
            case .contractions(let cycle, let count):
                return Saturating.product(Dose.pulses(at: frequency, in: cycle.onMilliseconds), Int64(count))
            case .burst(let milliseconds, let burst, let interval):
                let groups = (Int64(milliseconds) + Int64(max(1, interval)) - 1) / Int64(max(1, interval))
                return Saturating.product(Dose.pulses(at: frequency, in: Int64(burst)), groups)
            case .denseDisperse(let milliseconds, let dense, let sparseFrequency, let sparse):
                let cycle = max(1, Int64(dense) + Int64(sparse))
                let cycles = (Int64(milliseconds) + cycle - 1) / cycle
                let pulses =
                    Dose.pulses(at: frequency, in: Int64(dense)) + Dose.pulses(at: sparseFrequency, in: Int64(sparse))
                return Saturating.product(pulses, cycles)
            }
        }
    }

    /// Whether it may only be given below 80 % of a motor threshold that was marked in this session: needles above
    /// 15 Hz, where a strong spasm bends or breaks them (`decided.md`; `clinical.md` 1.8, H27).
    public var needsMotorThreshold: Bool {
        @_noLocks get { electrodeKind == .needle && stage != .search && frequency.millihertz > 15_000 }
    }

    /// Contractions of the dose; 0 for a train.
    public var contractionCount: Int32 {
        @_noLocks get {
            guard case .contractions(_, let count) = pattern else { return 0 }
            return count
        }
    }
}

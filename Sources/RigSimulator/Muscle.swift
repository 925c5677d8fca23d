/// A muscle under the pads: when it answers a pulse, how much of it, and the force that follows.
///
/// What counts is charge. A phase excites when its charge reaches Q = rheobase · (t + chronaxie), the law of strength
/// and duration (Weiss 1901). The vastus medialis is found below 10 mA at 150 µs and 2 Hz [BOTTER]; the gluteus medius
/// needs more through the skin (2 to 26 mA by a probe on the bare muscle, all of it at 34 mA [BOTTE91]). All other
/// figures (proposal).
public struct MuscleFigures: Equatable, Sendable {
    /// The motor threshold of an endless pulse, in microamperes.
    public var rheobaseMicroamperes: Double
    /// The duration at which twice the rheobase is needed, in microseconds.
    public var chronaxieMicroseconds: Double
    /// Sensation begins at this share of the motor threshold.
    public var sensoryShare: Double
    /// Half of the muscle is recruited at this multiple of the motor threshold above it.
    public var halfRecruitedAbove: Double
    /// Time to peak of one twitch, in milliseconds: 80 ms for a mixed muscle of the thigh (proposal).
    public var twitchMilliseconds: Double
    /// The share of what is left above the floor that one pulse of the whole muscle tires: 1/2,500, so that a
    /// contraction of 10 s at 50 Hz loses about a seventh (proposal).
    public var fatiguePerPulse: Double
    /// Recovery of what is tired, as a time constant in seconds (proposal).
    public var recoverySeconds: Double

    public init(
        rheobaseMicroamperes: Double = 2_400, chronaxieMicroseconds: Double = 250, sensoryShare: Double = 0.55,
        halfRecruitedAbove: Double = 2.5, twitchMilliseconds: Double = 80, fatiguePerPulse: Double = 0.000_4,
        recoverySeconds: Double = 120
    ) {
        self.rheobaseMicroamperes = rheobaseMicroamperes
        self.chronaxieMicroseconds = chronaxieMicroseconds
        self.sensoryShare = sensoryShare
        self.halfRecruitedAbove = halfRecruitedAbove
        self.twitchMilliseconds = twitchMilliseconds
        self.fatiguePerPulse = fatiguePerPulse
        self.recoverySeconds = recoverySeconds
    }

    /// The charge of a first twitch at a phase duration, in picocoulombs; no charge suffices for no duration.
    public func motorThresholdPicocoulombs(phaseMicroseconds: Int32) -> Double {
        guard phaseMicroseconds > 0 else { return .infinity }
        return rheobaseMicroamperes * (Double(phaseMicroseconds) + chronaxieMicroseconds)
    }

    /// The current of a first twitch at a phase duration, in microamperes; no current suffices for no duration.
    public func motorThresholdMicroamperes(phaseMicroseconds: Int32) -> Double {
        guard phaseMicroseconds > 0 else { return .infinity }
        return rheobaseMicroamperes * (1 + chronaxieMicroseconds / Double(phaseMicroseconds))
    }

    /// The current that is first felt at a phase duration, in microamperes.
    public func sensoryThresholdMicroamperes(phaseMicroseconds: Int32) -> Double {
        sensoryShare * motorThresholdMicroamperes(phaseMicroseconds: phaseMicroseconds)
    }
}

/// The state of one muscle. Each pulse adds a twitch t·e^(-t); at a low rate they stand apart, at 35 Hz and more they
/// melt into a contraction. What was recruited tires, and recovers in rest.
public struct Muscle: Sendable {
    public let figures: MuscleFigures
    /// Pulses that were felt, and pulses that moved the muscle.
    public private(set) var felt: Int
    public private(set) var twitches: Int
    /// The recruited share of the muscle at the last pulse, 0 to 1.
    public private(set) var lastRecruitment: Double

    private var fresh = 0.0
    private var rising = 0.0
    private var settledAtNanoseconds: Int64 = 0
    /// What the muscle still gives of its fresh force, `tiredFloor` to 1.
    private var freshness = 1.0
    private var recoveredAtNanoseconds: Int64 = 0

    /// The sum of twitches that counts as full force: a fused train at 50 Hz of the whole muscle.
    private static let fullForce = 4.0
    /// No stimulation tires a muscle below this share of its force (proposal).
    public static let tiredFloor = 0.3

    public init(figures: MuscleFigures) {
        self.figures = figures
        felt = 0
        twitches = 0
        lastRecruitment = 0
    }

    /// The charge of one phase through the muscle.
    mutating func receive(chargePicocoulombs: Int64, phaseMicroseconds: Int32, atNanoseconds now: Int64) {
        let charge = Double(chargePicocoulombs.magnitude)
        let threshold = figures.motorThresholdPicocoulombs(phaseMicroseconds: phaseMicroseconds)
        if charge >= figures.sensoryShare * threshold, charge > 0 { felt += 1 }
        guard charge >= threshold else {
            lastRecruitment = 0
            return
        }
        settle(untilNanoseconds: now)
        let above = charge / threshold - 1
        // A first visible twitch is already a few per cent of the muscle.
        lastRecruitment = min(1, 0.03 + 0.97 * above / (above + figures.halfRecruitedAbove))
        twitches += 1
        fresh += lastRecruitment
        recover(untilNanoseconds: now)
        freshness -= figures.fatiguePerPulse * lastRecruitment * (freshness - Self.tiredFloor)
    }

    /// Force at a moment, as a share of the strongest contraction of the fresh muscle, 0 to 1.
    public func force(atNanoseconds now: Int64) -> Double {
        var copy = self
        copy.settle(untilNanoseconds: now)
        return min(1, copy.rising / Self.fullForce) * freshness(atNanoseconds: now)
    }

    /// What the muscle still gives of its fresh force at a moment, `tiredFloor` to 1.
    public func freshness(atNanoseconds now: Int64) -> Double {
        var copy = self
        copy.recover(untilNanoseconds: now)
        return copy.freshness
    }

    private mutating func settle(untilNanoseconds now: Int64) {
        guard now > settledAtNanoseconds else { return }
        if fresh > 0 || rising > 0 {
            let x = Double(now - settledAtNanoseconds) / (figures.twitchMilliseconds * 1_000_000)
            let decay = Decay.factor(x)
            rising = (rising + fresh * x) * decay
            fresh *= decay
            if rising < 1e-9, fresh < 1e-9 {
                rising = 0
                fresh = 0
            }
        }
        settledAtNanoseconds = now
    }

    private mutating func recover(untilNanoseconds now: Int64) {
        guard now > recoveredAtNanoseconds else { return }
        if freshness < 1 {
            let x = Double(now - recoveredAtNanoseconds) / (figures.recoverySeconds * 1_000_000_000)
            freshness = 1 - (1 - freshness) * Decay.factor(x)
        }
        recoveredAtNanoseconds = now
    }
}

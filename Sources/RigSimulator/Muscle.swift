/// A muscle under the pads: when it answers a pulse, how much of it, and the force that follows.
///
/// Threshold by the hyperbola of strength and duration, I = rheobase · (1 + chronaxie / t) (Weiss 1901). The vastus
/// medialis is found below 10 mA at 150 µs and 2 Hz [BOTTER]; the gluteus medius needs more through the skin (2 to
/// 26 mA by a probe on the bare muscle [BOTTE91]). All other figures (proposal).
public struct MuscleFigures: Equatable, Sendable {
    /// The motor threshold of an endless pulse, in microamperes.
    public var rheobaseMicroamperes: Double
    /// The duration at which twice the rheobase is needed, in microseconds.
    public var chronaxieMicroseconds: Double
    /// Sensation begins at this share of the motor threshold.
    public var sensoryShare: Double
    /// Half of the muscle is recruited at this multiple of the motor threshold above it.
    public var halfRecruitedAbove: Double

    public init(
        rheobaseMicroamperes: Double = 2_400, chronaxieMicroseconds: Double = 250, sensoryShare: Double = 0.55,
        halfRecruitedAbove: Double = 2.5
    ) {
        self.rheobaseMicroamperes = rheobaseMicroamperes
        self.chronaxieMicroseconds = chronaxieMicroseconds
        self.sensoryShare = sensoryShare
        self.halfRecruitedAbove = halfRecruitedAbove
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
/// melt into a contraction.
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

    /// Time to peak of one twitch, in nanoseconds: 80 ms (proposal, a mixed thigh muscle).
    private static let twitchNanoseconds = 80_000_000.0
    /// The sum of twitches that counts as full force: a fused train at 50 Hz of the whole muscle.
    private static let fullForce = 4.0

    public init(figures: MuscleFigures) {
        self.figures = figures
        felt = 0
        twitches = 0
        lastRecruitment = 0
    }

    /// One phase of current through the muscle.
    mutating func receive(microamperes: Int32, phaseMicroseconds: Int32, atNanoseconds now: Int64) {
        settle(untilNanoseconds: now)
        let amplitude = Double(microamperes.magnitude)
        let threshold = figures.motorThresholdMicroamperes(phaseMicroseconds: phaseMicroseconds)
        if amplitude >= figures.sensoryShare * threshold, amplitude > 0 { felt += 1 }
        guard amplitude >= threshold else {
            lastRecruitment = 0
            return
        }
        let above = amplitude / threshold - 1
        // A first visible twitch is already a few per cent of the muscle.
        lastRecruitment = min(1, 0.03 + 0.97 * above / (above + figures.halfRecruitedAbove))
        twitches += 1
        fresh += lastRecruitment
    }

    /// Force at a moment, as a share of the strongest contraction, 0 to 1.
    public func force(atNanoseconds now: Int64) -> Double {
        var copy = self
        copy.settle(untilNanoseconds: now)
        return min(1, copy.rising / Self.fullForce)
    }

    private mutating func settle(untilNanoseconds now: Int64) {
        guard now > settledAtNanoseconds else { return }
        if fresh > 0 || rising > 0 {
            let x = Double(now - settledAtNanoseconds) / Self.twitchNanoseconds
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
}

// What one pulse pattern did at the electrodes, in integers that the meter can judge without rounding.

/// One pulse as it arrived: what the stimulator drove (never less than what flowed), and what really flowed.
///
/// A phase is everything of one sign without the other in between: a pattern cut into small points, or with pauses of
/// 0 mA, is still one phase.
public struct DeliveredPulse: Equatable, Sendable {
    /// 1 to 8.
    public internal(set) var channel: UInt8 = 0
    /// When the first point began.
    public internal(set) var startNanoseconds: Int64 = 0
    /// From the first point to the end or to the cut, in microseconds.
    public internal(set) var durationMicroseconds: Int32 = 0

    /// What the stimulator drove in the first phase: peak in microamperes, signed, and time under current.
    public internal(set) var firstPhaseMicroamperes: Int32 = 0
    public internal(set) var firstPhaseMicroseconds: Int32 = 0
    /// The same for the second phase; 0 if there was none.
    public internal(set) var secondPhaseMicroamperes: Int32 = 0
    public internal(set) var secondPhaseMicroseconds: Int32 = 0
    /// Phases of current, counted until the end or the cut.
    public internal(set) var phaseCount: Int32 = 0
    /// The largest driven current, in microamperes, without sign.
    public internal(set) var peakMicroamperes: Int32 = 0
    /// The shortest and the longest phase, in microseconds; the last phase of a cut pulse is left out of the shortest.
    public internal(set) var shortestPhaseMicroseconds: Int32 = .max
    public internal(set) var longestPhaseMicroseconds: Int32 = 0
    /// The largest charge driven in one phase, in picocoulombs, without sign.
    public internal(set) var phaseChargePicocoulombs: Int64 = 0
    /// What the driven phases left behind, in picocoulombs; 0 for a balanced pulse that was not cut.
    public internal(set) var netDrivenPicocoulombs: Int64 = 0
    /// The integral of the squared driven current, in µA²·µs.
    public internal(set) var squaredCurrentTime: Int64 = 0

    /// What really flowed in the first phase, as a mean over its time under current, in microamperes.
    public internal(set) var flowedMicroamperes: Int32 = 0
    /// Charge that really flowed in the first phase, and what all phases left behind, in picocoulombs, signed.
    public internal(set) var firstPhaseFlowedPicocoulombs: Int64 = 0
    public internal(set) var netFlowedPicocoulombs: Int64 = 0
    /// The largest voltage that the source had to give, in millivolts.
    public internal(set) var peakMillivolts: Int32 = 0

    /// False when power, reset or an electrode error ended it early.
    public internal(set) var isComplete = true
    /// False when the voltage did not suffice, so that less flowed than was driven.
    public internal(set) var isInRegulation = true

    public init() {}

    /// True when no current was driven at all: an empty pattern, which the electrode never sees.
    public var isEmpty: Bool { peakMicroamperes == 0 }
}

/// Gathers the points of one pulse into a `DeliveredPulse`.
public struct PulseTrace: Sendable {
    public private(set) var pulse = DeliveredPulse()
    private var isPositive = false
    private var isOpen = false
    private var phasePeak: Int32 = 0
    private var phaseMicroseconds: Int32 = 0
    private var phaseCharge: Int64 = 0
    private var phaseFlowed: Int64 = 0

    public init(channel: UInt8, startNanoseconds: Int64) {
        pulse.channel = channel
        pulse.startNanoseconds = startNanoseconds
    }

    /// One point, of which all flowed but what was lost on the way: what a stimulator with voltage enough does.
    public mutating func add(microamperes: Int32, microseconds: Int32, lostPicocoulombs: Int64 = 0) {
        let charge = Int64(microamperes) * Int64(microseconds)
        let flowed = charge > 0 ? charge - lostPicocoulombs : charge + lostPicocoulombs
        add(
            microamperes: microamperes, microseconds: microseconds,
            flowed: DrivenPoint(
                chargePicocoulombs: microamperes == 0 ? 0 : flowed,
                peakMicroamperes: Int32(clamping: microamperes.magnitude), peakVolts: 0, isLimited: false))
    }

    /// One point, driven for the time given, and what of it went through the pads.
    mutating func add(microamperes: Int32, microseconds: Int32, flowed: DrivenPoint) {
        pulse.durationMicroseconds += microseconds
        pulse.peakMillivolts = max(pulse.peakMillivolts, Int32(flowed.peakVolts * 1_000))
        pulse.netFlowedPicocoulombs += flowed.chargePicocoulombs
        if flowed.isLimited { pulse.isInRegulation = false }
        guard microamperes != 0, microseconds > 0 else { return }
        if !isOpen || isPositive != (microamperes > 0) {
            close(isCut: false)
            isOpen = true
            isPositive = microamperes > 0
        }
        let charge = Int64(microamperes) * Int64(microseconds)
        phaseCharge += charge
        phaseFlowed += flowed.chargePicocoulombs
        phaseMicroseconds += microseconds
        if microamperes.magnitude > phasePeak.magnitude { phasePeak = microamperes }
        pulse.netDrivenPicocoulombs += charge
        pulse.squaredCurrentTime += Int64(microamperes) * charge
        pulse.peakMicroamperes = max(pulse.peakMicroamperes, Int32(clamping: microamperes.magnitude))
    }

    /// Ends the pulse; `isCut` when it did not reach its own end.
    public mutating func finish(isCut: Bool) -> DeliveredPulse {
        close(isCut: isCut)
        pulse.isComplete = !isCut
        if pulse.shortestPhaseMicroseconds == .max { pulse.shortestPhaseMicroseconds = 0 }
        return pulse
    }

    private mutating func close(isCut: Bool) {
        guard isOpen else { return }
        isOpen = false
        pulse.phaseCount += 1
        if pulse.phaseCount == 1 {
            pulse.firstPhaseMicroamperes = phasePeak
            pulse.firstPhaseMicroseconds = phaseMicroseconds
            pulse.firstPhaseFlowedPicocoulombs = phaseFlowed
            pulse.flowedMicroamperes = Int32(clamping: phaseFlowed / Int64(phaseMicroseconds))
        } else if pulse.phaseCount == 2 {
            pulse.secondPhaseMicroamperes = phasePeak
            pulse.secondPhaseMicroseconds = phaseMicroseconds
        }
        if !isCut { pulse.shortestPhaseMicroseconds = min(pulse.shortestPhaseMicroseconds, phaseMicroseconds) }
        pulse.longestPhaseMicroseconds = max(pulse.longestPhaseMicroseconds, phaseMicroseconds)
        pulse.phaseChargePicocoulombs = max(pulse.phaseChargePicocoulombs, Int64(phaseCharge.magnitude))
        phasePeak = 0
        phaseMicroseconds = 0
        phaseCharge = 0
        phaseFlowed = 0
    }
}

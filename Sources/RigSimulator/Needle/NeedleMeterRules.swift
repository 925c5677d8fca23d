// The needle meter's own law, written from the clinical sheet and from what was decided, not from the host's limits.

/// What may come out of the needles. The static figures are absolute; a run may only ask for less.
public struct NeedleMeterRules: Equatable, Sendable {
    /// Needles, absolute: 10 mA (decided, Amplitude; clinical 1.8).
    public static let absolutePeakMicroamperes: Int32 = 10_000
    /// One phase: 50 to 500 µs (clinical 1.8).
    public static let shortestPhaseMicroseconds: Int32 = 50
    public static let longestPhaseMicroseconds: Int32 = 500
    /// Shannon's k = 1.75 (clinical 1.7), as 10^k.
    public static let shannonPower = 56.234_132_519_034_9
    /// Pulses in a second on one channel (clinical 1.8).
    public static let absoluteRateMillihertz: Int32 = 100_000
    /// What a complete pulse may leave of a phase: 2 % (clinical 1.7).
    public static let imbalancePercent: Int64 = 2
    /// Half a step of the converter in both phases of 500 µs cannot be told from nothing.
    static let imbalanceGracePicocoulombs: Int64 = 200
    /// 10 µA over a second (clinical 1.7; 60601-1 normal condition).
    public static let directPicocoulombsPerSecond: Int64 = 10_000_000
    /// 0.5 mA/s (clinical 1.8), and one step of 0.1 mA at once.
    public static let riseMicroamperesPerSecond: Int64 = 500
    public static let riseGraceMicroamperes: Int64 = 100
    /// Less is no pulse (proposal: above the isolator's baseline limit of 50 µA, below the smallest step).
    public static let pulseMicroamperes = 60.0
    /// A silence longer than this ends a pulse (proposal).
    static let endOfPulseNanoseconds: Int64 = 1_000_000

    /// The run's cap on the peak, in microamperes.
    public var peakCapMicroamperes: Int32
    /// The run's cap on the charge of one phase, in picocoulombs; nothing leaves it to the needle's size.
    public var chargeCapPicocoulombs: Int64?
    /// The run's own rate, in millihertz.
    public var rateCapMillihertz: Int32
    /// How much a pulse may come before its time, in microseconds: 1 ms tick, 250 µs sampling, one cycle (proposal).
    public var arrivalJitterMicroseconds: Int64
    /// How far the strength may be off by the isolator's gain, in thousandths (proposal).
    public var gainThousandths: Int64
    /// What the contacts may take to open after they should have begun to, in microseconds (proposal).
    public var openingGraceMicroseconds: Int64

    public init(
        peakCapMicroamperes: Int32 = NeedleMeterRules.absolutePeakMicroamperes, chargeCapPicocoulombs: Int64? = nil,
        rateCapMillihertz: Int32 = NeedleMeterRules.absoluteRateMillihertz, arrivalJitterMicroseconds: Int64 = 1_500,
        gainThousandths: Int64 = 10, openingGraceMicroseconds: Int64 = 1_000
    ) {
        self.peakCapMicroamperes = min(peakCapMicroamperes, Self.absolutePeakMicroamperes)
        self.chargeCapPicocoulombs = chargeCapPicocoulombs
        self.rateCapMillihertz = min(max(rateCapMillihertz, 1), Self.absoluteRateMillihertz)
        self.arrivalJitterMicroseconds = arrivalJitterMicroseconds
        self.gainThousandths = gainThousandths
        self.openingGraceMicroseconds = openingGraceMicroseconds
    }
}

/// Every way in which the needle rig's output can break the meter's rules.
public enum NeedleMeterRule: UInt8, CaseIterable, Sendable {
    case peak = 0
    case phaseTooShort
    case phaseTooLong
    /// Above the run's cap on one phase's charge.
    case phaseCharge
    /// Above k = 1.75 for this needle.
    case shannon
    /// A complete pulse left more than 2 % of a phase.
    case netCharge
    /// Current in one direction only.
    case monophasic
    /// Mean current over a second before the blocking capacitor.
    case directCurrentDriven
    /// And behind it.
    case directCurrentFlowed
    case interval
    case rate
    case rise
    /// A pulse after the moment from which the run allowed none.
    case forbidden
    /// Current although a whole board's relay would be open by now.
    case relayShouldBeOpen

    /// Name and unit, as a person reads them.
    public var text: (name: String, unit: String) {
        switch self {
        case .peak: return ("peak current", "µA")
        case .phaseTooShort: return ("phase too short", "µs")
        case .phaseTooLong: return ("phase too long", "µs")
        case .phaseCharge: return ("charge per phase", "pC")
        case .shannon: return ("charge per phase for this needle", "pC")
        case .netCharge: return ("charge left behind", "pC")
        case .monophasic: return ("pulse of one phase", "pC")
        case .directCurrentDriven: return ("direct current before the capacitor", "pC/s")
        case .directCurrentFlowed: return ("direct current in the needles", "pC/s")
        case .interval: return ("interval too short", "ns")
        case .rate: return ("pulses in a second", "")
        case .rise: return ("rise of the amplitude", "µA")
        case .forbidden: return ("pulse after the last allowed moment", "ns late")
        case .relayShouldBeOpen: return ("current although the relay should be open", "µA")
        }
    }
}

/// One broken rule, with its figures.
public struct NeedleViolation: Equatable, Sendable, CustomStringConvertible {
    public let rule: NeedleMeterRule
    public let atNanoseconds: Int64
    /// 1 or 2.
    public let channel: UInt8
    public let measured: Int64
    public let limit: Int64

    public var description: String {
        let (name, unit) = rule.text
        let suffix = unit.isEmpty ? "" : " \(unit)"
        return "\(name): \(measured)\(suffix), limit \(limit)\(suffix), channel \(channel), "
            + "at \(atNanoseconds / 1_000_000) ms"
    }
}

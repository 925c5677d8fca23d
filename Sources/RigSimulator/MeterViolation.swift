/// Every way in which a pulse can break the meter's rules.
public enum MeterRule: UInt8, CaseIterable, Sendable {
    case peak = 0
    case phaseTooShort
    case phaseTooLong
    case phaseCharge
    /// The stimulator was told to drive an unbalanced pulse.
    case netCharge
    /// More than 2 % of a phase was left behind as measured, or more than one phase's charge by a cut pulse.
    case imbalance
    case directCurrent
    /// Two pulses too close to each other.
    case interval
    /// Too many pulses in a second.
    case rate
    case rise
    case rootMeanSquare
    case density
    case powerDensity
    case energy
    case onTime
    case contractions
    /// A pulse after the moment from which the run allowed none.
    case forbidden
    /// A pulse began before the one before it on the same channel had ended.
    case overlap
    /// The mean squares of all channels together.
    case patientRootMeanSquare

    /// Name and unit, as a person reads them.
    public var text: (name: String, unit: String) {
        switch self {
        case .peak: return ("peak current", "µA")
        case .phaseTooShort: return ("phase too short", "µs")
        case .phaseTooLong: return ("phase too long", "µs")
        case .phaseCharge: return ("charge per phase", "pC")
        case .netCharge: return ("net charge driven", "pC")
        case .imbalance: return ("charge left behind", "pC")
        case .directCurrent: return ("direct current", "pC/s")
        case .interval: return ("interval too short", "ns")
        case .rate: return ("pulses in a second", "")
        case .rise: return ("rise of the amplitude", "µA")
        case .rootMeanSquare: return ("root mean square, squared", "µA²")
        case .density: return ("density, squared root mean square", "µA²")
        case .powerDensity: return ("power density, as mean square", "µA²")
        case .energy: return ("energy into 500 Ω", "nJ")
        case .onTime: return ("time under trains", "ms")
        case .contractions: return ("contractions", "")
        case .overlap: return ("pulse within a pulse of the same channel", "ns early")
        case .patientRootMeanSquare: return ("root mean square of all channels, squared", "µA²")
        case .forbidden: return ("pulse after the last allowed moment", "ns late")
        }
    }
}

/// One broken rule, with its figures.
public struct MeterViolation: Equatable, Sendable, CustomStringConvertible {
    public let rule: MeterRule
    /// When the pulse began.
    public let atNanoseconds: Int64
    /// 1 to 8.
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

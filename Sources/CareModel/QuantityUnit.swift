/// The units in which people write numbers into files and answers, each with the whole-number unit that is stored.
public enum QuantityUnit: String, Sendable, CaseIterable {
    case milliamperes = "ma"
    case microamperes = "ua"
    case microseconds = "us"
    case milliseconds = "ms"
    case seconds = "s"
    case hours = "h"
    case hertz = "hz"
    case squareCentimetres = "cm2"
    case percent
    case days
    /// Things counted: contractions.
    case count = ""

    /// How many decimals may be written: the stored unit is `10^-decimals` of the written one.
    ///
    /// mA is stored as µA, µA as nA, s as ms, Hz as mHz, cm² as mm², % as thousandths; µs, ms, h, days and counts as
    /// themselves.
    public var decimals: Int {
        switch self {
        case .milliamperes, .microamperes, .seconds, .hertz: return 3
        case .squareCentimetres: return 2
        case .percent: return 1
        case .microseconds, .milliseconds, .hours, .days, .count: return 0
        }
    }

    /// As printed after a number.
    public var symbol: String {
        switch self {
        case .milliamperes: return "mA"
        case .microamperes: return "µA"
        case .percent: return "%"
        case .days: return "days"
        case .microseconds: return "µs"
        case .milliseconds: return "ms"
        case .seconds: return "s"
        case .hours: return "h"
        case .hertz: return "Hz"
        case .squareCentimetres: return "cm²"
        case .count: return ""
        }
    }

    /// As spoken in a message.
    public var words: String {
        switch self {
        case .milliamperes: return "milliamperes"
        case .microamperes: return "microamperes"
        case .percent: return "per cent"
        case .days: return "days"
        case .microseconds: return "microseconds"
        case .milliseconds: return "milliseconds"
        case .seconds: return "seconds"
        case .hours: return "hours"
        case .hertz: return "hertz"
        case .squareCentimetres: return "square centimetres"
        case .count: return "a count"
        }
    }

    /// A stored number as a person reads it: 500 in milliamperes is `0.5 mA`.
    public func text(_ stored: Int64) -> String {
        let number = DecimalText.format(stored, decimals: decimals)
        return symbol.isEmpty ? number : number + " " + symbol
    }
}

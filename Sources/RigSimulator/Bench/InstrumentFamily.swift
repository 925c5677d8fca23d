// Which bench instruments are pretended, and what each understands (Rigol MSO1000Z/DS1000Z programming guide; Keysight
// InfiniiVision 3000T X-series programmer's guide; Keysight Truevolt operating and service guide).

/// A family of instruments that speak the same lines.
public enum InstrumentFamily: String, CaseIterable, Sendable {
    case rigolDS1000Z = "rigol-ds1000z"
    case keysightInfiniiVision = "keysight-infiniivision"
    case keysight34461A = "keysight-34461a"

    /// What it says to `*IDN?`.
    public var identity: String {
        switch self {
        case .rigolDS1000Z: return "RIGOL TECHNOLOGIES,DS1104Z,DS1ZSIM00001,00.04.04"
        case .keysightInfiniiVision: return "KEYSIGHT TECHNOLOGIES,DSOX3024T,MYSIM00001,07.50"
        case .keysight34461A: return "Keysight Technologies,34461A,MYSIM00002,A.02.14-02.40-02.14-00.49-01-01"
        }
    }

    public var isScope: Bool { self != .keysight34461A }

    /// What it says where there is nothing to measure, or more than its screen shows.
    public var invalid: String { self == .rigolDS1000Z ? "9.9E37" : "+9.9E+37" }

    /// Divisions of the screen from left to right.
    var divisionsAcross: Double { self == .rigolDS1000Z ? 12 : 10 }
    /// Moments that a duration is measured by: 1,200 on a Rigol's screen, 62,500 in a Keysight's record.
    var pointsAcross: Double { self == .rigolDS1000Z ? 1_200 : 62_500 }
    /// After `*RST`, in volts and seconds for a division.
    var usualVolts: Double { self == .rigolDS1000Z ? 1 : 5 }
    var usualSeconds: Double { self == .rigolDS1000Z ? 1e-6 : 1e-4 }

    var noError: String { self == .rigolDS1000Z ? "0,\"No error\"" : "+0,\"No error\"" }

    /// What it understands, besides what begins with an asterisk.
    var commands: [(pattern: String, meaning: InstrumentMeaning)] {
        let errors: [(String, InstrumentMeaning)] = [
            ("SYSTem:ERRor?", .oldestError), ("SYSTem:ERRor:NEXT?", .oldestError),
        ]
        switch self {
        case .rigolDS1000Z:
            return errors + Self.screen(time: "TIMebase:MAIN:SCALe") + [("MEASure:ITEM?", .item)]
        case .keysightInfiniiVision:
            return errors + Self.screen(time: "TIMebase:SCALe") + [
                ("MEASure:VMAX?", .measure(.highest)), ("MEASure:VMIN?", .measure(.lowest)),
                ("MEASure:PWIDth?", .measure(.positiveWidth)), ("MEASure:NWIDth?", .measure(.negativeWidth)),
                ("MEASure:PERiod?", .measure(.period)), ("MEASure:AREa?", .measureOver(.area)),
                ("MEASure:VAVerage?", .measureOver(.average)),
            ]
        case .keysight34461A:
            return errors + [
                ("MEASure:RESistance?", .resistance), ("MEASure:VOLTage:DC?", .directVoltage),
                ("MEASure:VOLTage?", .directVoltage),
            ]
        }
    }

    private static func screen(time: String) -> [(String, InstrumentMeaning)] {
        [
            ("CHANnel1:SCALe", .setVolts), ("CHANnel1:SCALe?", .askVolts), (time, .setSeconds),
            ("\(time)?", .askSeconds),
        ]
    }
}

/// What an oscilloscope measures of a curve.
public enum ScopeQuantity: Equatable, Sendable {
    case highest
    case lowest
    case positiveWidth
    case negativeWidth
    case period
    /// Of one pulse, with its sign, in volt-seconds.
    case area
    /// Over the screen.
    case average

    /// By the name of a Rigol's item, short or long, in any case.
    init?(item: String) {
        let names: [(String, ScopeQuantity)] = [
            ("VMAX", .highest), ("VMIN", .lowest), ("PWIDth", .positiveWidth), ("NWIDth", .negativeWidth),
            ("PERiod", .period), ("MARea", .area), ("VAVG", .average),
        ]
        guard let found = names.first(where: { CommandName.matches(item, $0.0) }) else { return nil }
        self = found.1
    }
}

/// What a command asks an instrument to do.
enum InstrumentMeaning {
    case oldestError
    case setVolts
    case askVolts
    case setSeconds
    case askSeconds
    /// The item and its channel stand behind it.
    case item
    case measure(ScopeQuantity)
    /// The stretch stands behind it too.
    case measureOver(ScopeQuantity)
    case resistance
    case directVoltage
}

/// One command of a line: its name in full, and what stands behind it.
struct InstrumentCommand: Equatable {
    let name: String
    let arguments: [String]

    /// Commands joined by semicolons. As SCPI has it, one that begins without a colon goes on where the one before it
    /// was; names that begin with an asterisk stand beside the tree.
    static func parse(_ line: String) -> [InstrumentCommand] {
        var branch = ""
        var found: [InstrumentCommand] = []
        for part in line.split(separator: ";") {
            let words = part.split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
            guard var name = words.first else { continue }
            let arguments = (words.count > 1 ? words[1] : "").split(separator: ",").map { CommandName.trimmed($0) }
            if !name.hasPrefix("*") {
                name = name.hasPrefix(":") ? String(name.dropFirst()) : branch + name
                branch = name.lastIndex(of: ":").map { String(name[...$0]) } ?? ""
            }
            found.append(InstrumentCommand(name: name, arguments: arguments))
        }
        return found
    }
}

/// Names with a long and a short form: the capitals of the pattern are the short one.
enum CommandName {
    static func matches(_ text: String, _ pattern: String) -> Bool {
        let own = text.split(separator: ":", omittingEmptySubsequences: false)
        let nodes = pattern.split(separator: ":", omittingEmptySubsequences: false)
        guard own.count == nodes.count else { return false }
        return zip(own, nodes).allSatisfy { word, node in
            word.uppercased() == node.uppercased() || word.uppercased() == String(node.filter { !$0.isLowercase })
        }
    }

    static func trimmed(_ text: Substring) -> String {
        String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}

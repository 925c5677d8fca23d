/// Forms of an export.
public enum ExportFormat: String, CaseIterable, Sendable {
    case csv
    case json
}

/// An export as text, in pieces, so that a folder of sessions never stands in memory whole.
public struct ExportText: Sendable {
    public static let formatName = "motorpoint-export-1"

    private let table: ExportTable
    private let format: ExportFormat
    private var isFirst = true

    public init(_ table: ExportTable, _ format: ExportFormat) {
        self.table = table
        self.format = format
    }

    /// What stands before the rows.
    public var head: String {
        switch format {
        case .csv: return table.columns.map { CSV.field(.text($0.name)) }.joined(separator: ",") + CSV.lineEnd
        case .json:
            return "{\"format\":\(JSONText.quoted(Self.formatName)),\"table\":\(JSONText.quoted(table.name)),\"rows\":["
        }
    }

    /// One session's rows.
    public mutating func rows(_ session: ExportedSession) -> String {
        var text = ""
        for row in table.rows(session) {
            switch format {
            case .csv: text += row.map(CSV.field).joined(separator: ",") + CSV.lineEnd
            case .json:
                text += isFirst ? "\n" : ",\n"
                let pairs = zip(table.columns, row).map { JSONText.quoted($0.name) + ":" + JSONText.value($1) }
                text += "{" + pairs.joined(separator: ",") + "}"
            }
            isFirst = false
        }
        return text
    }

    /// What stands after them.
    public var tail: String { format == .csv ? "" : "\n]}\n" }
}

/// Comma-separated values as RFC 4180 has them: CRLF, quotes doubled, a header line.
enum CSV {
    static let lineEnd = "\r\n"

    static func field(_ cell: ExportCell) -> String {
        switch cell {
        case .missing: return ""
        case .integer(let value): return String(value)
        case .flag(let value): return value ? "true" : "false"
        case .text(let value): return quoted(harmless(value))
        }
    }

    /// A text that a spreadsheet would take for a formula gets an apostrophe in front, which a spreadsheet takes for
    /// "text follows". Also behind blanks, and in the wide forms that some programs take for the same signs.
    static func harmless(_ text: String) -> String {
        let signs: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}"]
        let scalars = text.unicodeScalars
        if let first = scalars.first, first == "\t" || first == "\r" || first == "\n" { return "'" + text }
        guard let sign = scalars.first(where: { !$0.properties.isWhitespace }), signs.contains(sign) else {
            return text
        }
        return "'" + text
    }

    private static func quoted(_ text: String) -> String {
        let needsQuotes = text.unicodeScalars.contains { "\",\r\n;\t".unicodeScalars.contains($0) }
        let hasEdge = text.first == " " || text.last == " "
        guard needsQuotes || hasEdge else { return text }
        var doubled = ""
        for scalar in text.unicodeScalars {
            if scalar == "\"" { doubled += "\"" }
            doubled.unicodeScalars.append(scalar)
        }
        return "\"" + doubled + "\""
    }
}

/// JSON text (RFC 8259).
public enum JSONText {
    static func value(_ cell: ExportCell) -> String {
        switch cell {
        case .missing: return "null"
        case .integer(let value): return String(value)
        case .flag(let value): return value ? "true" : "false"
        case .text(let value): return quoted(value)
        }
    }

    public static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            default:
                if scalar.value < 0x20 || scalar.value == 0x7F {
                    let digits = String(scalar.value, radix: 16)
                    out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    out.unicodeScalars.append(scalar)
                }
            }
        }
        return out + "\""
    }
}

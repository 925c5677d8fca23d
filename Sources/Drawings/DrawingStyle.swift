/// How a drawing is set.
public struct DrawingStyle: Equatable, Sendable {
    /// Width of the whole drawing, 50 to 200 columns.
    public let columns: Int
    /// Only characters that every terminal, log and screen reader has.
    public let isASCII: Bool

    public init(columns: Int, isASCII: Bool) {
        self.columns = min(max(columns, 50), 200)
        self.isASCII = isASCII
    }

    /// Room for the labels of the upright axis, its line included.
    static let gutter = 10

    var plotColumns: Int { columns - DrawingStyle.gutter - 1 }

    var micro: String { isASCII ? "us" : "µs" }
    var minus: String { isASCII ? "-" : "−" }
}

/// Lines of characters that are set one by one.
struct Canvas {
    private(set) var rows: [[Character]]

    init(columns: Int, rows: Int) {
        self.rows = Array(repeating: Array(repeating: " ", count: columns), count: rows)
    }

    subscript(row: Int, column: Int) -> Character {
        get { rows[row][column] }
        set {
            guard rows.indices.contains(row), rows[row].indices.contains(column) else { return }
            rows[row][column] = newValue
        }
    }
}

enum DrawingText {
    /// `value / unit` with up to three decimals, without trailing zeros.
    static func decimal(_ value: Int64, _ unit: Int64) -> String {
        var text = "\(value.magnitude / UInt64(unit))"
        var rest = value.magnitude % UInt64(unit)
        var decimals = ""
        for _ in 0..<3 where rest > 0 {
            rest *= 10
            decimals += "\(rest / UInt64(unit))"
            rest %= UInt64(unit)
        }
        while decimals.hasSuffix("0") { decimals.removeLast() }
        if !decimals.isEmpty { text += "." + decimals }
        return value < 0 ? "-" + text : text
    }

    static func right(_ text: String, _ columns: Int) -> String {
        String(repeating: " ", count: max(0, columns - text.count)) + text
    }

    static func trimmed(_ text: String) -> String {
        var text = text
        while text.hasSuffix(" ") { text.removeLast() }
        return text
    }

    /// Labels under an axis, each centred under its column; one that would touch its neighbour is left out.
    static func labels(_ marks: [(column: Int, text: String)], columns: Int) -> String {
        var line = ""
        for mark in marks {
            let start = max(0, min(mark.column - mark.text.count / 2, columns - mark.text.count))
            guard line.isEmpty || start > line.count else { continue }
            line += String(repeating: " ", count: max(0, start - line.count)) + mark.text
        }
        return line
    }
}

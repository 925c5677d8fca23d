/// The cells of a terminal's alternate screen, as far as programs here use it: text, carriage return, line feed, cursor
/// position, erasing. What does not fit into a row is left out, as nothing here relies on wrapping.
struct ScreenGrid {
    private let columns: Int
    private let rows: Int
    /// One character a cell, as its bytes.
    private var cells: [[[UInt8]]]
    private var row = 0
    private var column = 0
    private var isDirty: [Bool]
    /// The rows of the last frame.
    private var framed: Set<String> = []
    private var words: [String]

    init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        cells = Array(repeating: Array(repeating: [32], count: columns), count: rows)
        isDirty = Array(repeating: false, count: rows)
        words = Array(repeating: "", count: rows)
    }

    mutating func clear() { self = ScreenGrid(columns: columns, rows: rows) }

    mutating func put(_ byte: UInt8) {
        switch byte {
        case 13: column = 0
        case 10: feedLine()
        case 0..<32: break
        case 0x80...0xBF:
            // The rest of a character of several bytes.
            guard column > 0, column <= columns else { return }
            cells[row][column - 1].append(byte)
        default:
            if column < columns {
                cells[row][column] = [byte]
                isDirty[row] = true
            }
            column += 1
        }
    }

    private mutating func feedLine() {
        if row + 1 < rows {
            row += 1
        } else {
            cells.removeFirst()
            cells.append(Array(repeating: [32], count: columns))
            for index in 0..<rows { isDirty[index] = true }
        }
    }

    /// A control sequence without its introducer.
    mutating func obey(_ sequence: String) {
        let numbers = sequence.dropLast().split(separator: ";", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        switch sequence.last {
        case "H", "f":
            row = min(max(1, numbers.first ?? 1), rows) - 1
            column = min(max(1, numbers.count > 1 ? numbers[1] : 1), columns) - 1
        case "J":
            for index in 0..<rows { erase(index, from: 0) }
        case "K": erase(row, from: column)
        default: break
        }
    }

    private mutating func erase(_ row: Int, from column: Int) {
        for index in column..<columns where index >= 0 { cells[row][index] = [32] }
        isDirty[row] = true
    }

    var lines: [String] { (0..<rows).map(text) }

    private func text(_ row: Int) -> String {
        var text = String(decoding: cells[row].joined(), as: UTF8.self)
        while text.hasSuffix(" ") { text.removeLast() }
        return text
    }

    /// The rows that say what no row said in the frame before, and whether their words are new or only figures.
    mutating func takeNewRows() -> [(text: String, hasNewWords: Bool)] {
        guard isDirty.contains(true) else { return [] }
        var found: [(String, Bool)] = []
        var now: Set<String> = []
        for index in 0..<rows {
            let text = text(index)
            now.insert(text)
            guard isDirty[index], !text.isEmpty, !framed.contains(text) else { continue }
            let letters = text.filter { $0.isLetter || $0 == " " }.split(separator: " ").joined(separator: " ")
            found.append((text, letters != words[index]))
            words[index] = letters
        }
        for index in 0..<rows { isDirty[index] = false }
        framed = now
        return found
    }
}

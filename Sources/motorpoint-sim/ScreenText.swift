/// What a program has written to its terminal, as text.
///
/// On the ordinary screen escape sequences are left out, and a line that is redrawn in place counts as a new line each
/// time. On the alternate screen the program draws where it likes: there the text is that of a terminal's grid, and a
/// row counts as a new line whenever it says something that no row said before the last frame.
struct ScreenText {
    private enum State {
        case text
        case escape
        case sequence
        case titleText
        case titleEscape
    }

    private(set) var bytes: [UInt8] = []
    private var state = State.text
    private var sequence: [UInt8] = []
    /// Everything before this has been matched already.
    private var matchedUpTo = 0
    private var grid: ScreenGrid
    private var isAlternate = false

    /// What came in since the last call, for a log: bytes as they are from the ordinary screen, lines from the other.
    private var news: [UInt8] = []
    /// The same for a reader: of the alternate screen only rows whose words changed, not every figure and bar.
    private var headlines: [UInt8] = []

    private static let largest = 1 << 20

    init(columns: Int, rows: Int) { grid = ScreenGrid(columns: columns, rows: rows) }

    mutating func add(_ byte: UInt8) {
        switch state {
        case .text: addText(byte)
        case .escape:
            state = byte == UInt8(ascii: "[") ? .sequence : byte == UInt8(ascii: "]") ? .titleText : .text
            sequence = []
        case .sequence:
            sequence.append(byte)
            guard (0x40...0x7E).contains(byte) else { break }
            state = .text
            obey()
        case .titleText: state = byte == 7 ? .text : byte == 0x1B ? .titleEscape : .titleText
        case .titleEscape: state = .text
        }
        if bytes.count > Self.largest {
            let cut = Self.largest / 2
            bytes.removeFirst(cut)
            matchedUpTo = max(0, matchedUpTo - cut)
        }
    }

    private mutating func addText(_ byte: UInt8) {
        if byte == 0x1B {
            state = .escape
            return
        }
        guard !isAlternate else {
            grid.put(byte)
            if byte == 10 { endFrame() }
            return
        }
        news.append(byte)
        headlines.append(byte)
        switch byte {
        case 13: if bytes.last != 10 { bytes.append(10) }
        case 10: if bytes.last != 10 { bytes.append(10) }
        case 0..<32 where byte != 9: break
        default: bytes.append(byte)
        }
    }

    /// A complete control sequence.
    private mutating func obey() {
        let text = String(decoding: sequence, as: UTF8.self)
        if text == "?1049h" || text == "?1049l" {
            if isAlternate { endFrame() }
            isAlternate = text == "?1049h"
            grid.clear()
            return
        }
        guard isAlternate else { return passOn() }
        // Home is where a program that draws frames leaves the cursor.
        if text == "H" { endFrame() }
        grid.obey(text)
    }

    private mutating func passOn() {
        // Modes of the terminal are no text; colours and the like may stand in a log.
        guard sequence.first != UInt8(ascii: "?") else { return }
        let whole = [0x1B, UInt8(ascii: "[")] + sequence
        news += whole
        headlines += whole
    }

    /// What the grid says now is a frame: its new rows become lines.
    mutating func endFrame() {
        guard isAlternate else { return }
        for row in grid.takeNewRows() {
            let line = Array(row.text.utf8) + [10]
            if bytes.last != 10, !bytes.isEmpty { bytes.append(10) }
            bytes += line
            news += line
            if row.hasNewWords { headlines += line }
        }
    }

    mutating func takeNews() -> (all: [UInt8], headlines: [UInt8]) {
        defer {
            news = []
            headlines = []
        }
        return (news, headlines)
    }

    /// True when the text stands behind the last match; what follows is then searched next time.
    mutating func match(_ text: String) -> Bool {
        guard let end = find(Array(text.utf8), from: matchedUpTo) else { return false }
        matchedUpTo = end
        return true
    }

    /// True when the text stands behind the last match.
    func contains(_ text: String) -> Bool { find(Array(text.utf8), from: matchedUpTo) != nil }

    /// True when the text stands on the screen now: in a row of the grid, or in the last lines of the ordinary screen.
    func shows(_ text: String) -> Bool { lastLines(24).contains { $0.contains(text) } }

    /// The last lines, for a message; the whole screen, where a program draws one.
    func lastLines(_ count: Int) -> [String] {
        if isAlternate { return grid.lines }
        return String(decoding: bytes.suffix(8_192), as: UTF8.self).split(separator: "\n").suffix(count).map(
            String.init)
    }

    private func find(_ wanted: [UInt8], from start: Int) -> Int? {
        guard let first = wanted.first, bytes.count >= start + wanted.count else { return nil }
        var index = start
        while index + wanted.count <= bytes.count {
            if bytes[index] == first, bytes[index..<(index + wanted.count)].elementsEqual(wanted) {
                return index + wanted.count
            }
            index += 1
        }
        return nil
    }
}

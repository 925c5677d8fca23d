/// Makes the bytes that turn what a terminal shows into what it is meant to show: only what differs, so that nothing
/// flickers and a slow line carries little. ECMA-48 and the four private modes that every terminal of today knows.
public struct Painter: Sendable {
    private let hasColour: Bool
    private var shown: Canvas?

    public init(hasColour: Bool) { self.hasColour = hasColour }

    /// Takes the alternate screen, hides the cursor, and has the terminal mark what is pasted: the mark begins with
    /// ESC, and any ESC stops the session, so that pasted text can never act as keys (`decided.md`, Software).
    public static let enter = Array("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?2004h".utf8)

    /// Everything back as it was; also written by the last-gasp handler, so it stays short.
    public static let leave = Array("\u{1B}[?2004l\u{1B}[0m\u{1B}[?25h\u{1B}[?1049l".utf8)

    /// The next frame is drawn whole.
    public mutating func forget() { shown = nil }

    /// - Parameter refreshed: a row that is drawn whole although nothing in it changed, so that what somebody else
    ///   wrote on this terminal does not stay.
    public mutating func bytes(for next: Canvas, refreshing refreshed: Int? = nil) -> [UInt8] {
        var text = ""
        var before = shown
        if before?.columns != next.columns || before?.rows != next.rows {
            before = nil
            text += "\u{1B}[0m\u{1B}[2J"
        }
        var style: Style?
        for row in 0..<next.rows {
            for run in Painter.runs(before, next, row: row, isWhole: row == refreshed) {
                text += "\u{1B}[\(row + 1);\(run.lowerBound + 1)H"
                for column in run {
                    let cell = next[row, column]
                    if cell.style != style {
                        text += cell.style.sequence(inColour: hasColour)
                        style = cell.style
                    }
                    text.append(cell.character)
                }
            }
        }
        shown = next
        guard !text.isEmpty else { return [] }
        // Parked where a line that somebody else writes scrolls nothing.
        return Array((text + "\u{1B}[0m\u{1B}[H").utf8)
    }

    /// Where a row differs. Runs that lie close are drawn as one: to move the cursor costs as much as a few characters.
    private static func runs(_ before: Canvas?, _ next: Canvas, row: Int, isWhole: Bool) -> [Range<Int>] {
        guard let before, !isWhole else { return [0..<next.columns] }
        var found: [Range<Int>] = []
        for column in 0..<next.columns where before[row, column] != next[row, column] {
            if let last = found.last, column - last.upperBound < 6 {
                found[found.count - 1] = last.lowerBound..<(column + 1)
            } else {
                found.append(column..<(column + 1))
            }
        }
        return found
    }
}

import StimulusModel

/// The envelope of a programme, to scale: the amplitude at its cap over time. What is drawn is what a file asks for at
/// most; every amplitude is raised by hand from 0 mA.
public enum EnvelopeDrawing {
    public enum Span: Equatable, Sendable {
        case cycle
        case programme
    }

    static let rows = 8

    /// A title, the drawing, its axis with labels in s, and what a column stands for.
    public static func lines(_ shape: TrainShape, over span: Span, _ style: DrawingStyle) -> [String] {
        let total = span == .cycle ? shape.cycleMilliseconds : shape.programmeMilliseconds
        guard total > 0 else { return ["nothing to draw: this pattern takes no time"] }
        let columns = style.plotColumns
        var canvas = Canvas(columns: columns, rows: rows)
        for column in 0..<columns {
            let start = total * Int64(column) / Int64(columns)
            let end = max(start + 1, total * Int64(column + 1) / Int64(columns))
            fill(column, to: shape.level(from: start, to: end), in: &canvas, style)
        }
        var lines = [title(shape, span, total)]
        for (index, row) in canvas.rows.enumerated() {
            lines.append(DrawingText.trimmed(upright(index, shape.peak, style) + String(row)))
        }
        let marks = marks(total: total, columns: columns)
        lines.append(axis(marks.map(\.column), columns, style))
        let labels = DrawingText.labels(marks.map { ($0.column, $0.text) }, columns: columns + 1)
        lines.append(String(repeating: " ", count: DrawingStyle.gutter) + labels)
        let margin = String(repeating: " ", count: DrawingStyle.gutter)
        lines.append(margin + "time in s; one column is \(DrawingText.decimal(total, Int64(columns) * 1_000)) s")
        // Pauses that no column shows must not look like none.
        let hasPause = shape.cycle.contains { $0.frequency.millihertz == 0 }
        if hasPause, shape.cycleMilliseconds * Int64(columns) <= total {
            lines.append(margin + "each column holds whole cycles")
            lines.append(margin + "with pauses too short to draw")
        }
        return lines
    }

    private static func title(_ shape: TrainShape, _ span: Span, _ total: Int64) -> String {
        let seconds = DrawingText.decimal(total, 1_000) + " s"
        let rates = shape.cycle.map(\.frequency.millihertz).filter { $0 > 0 }
            .reduce(into: [Int32]()) { if !$0.contains($1) { $0.append($1) } }
            .map { DrawingText.decimal(Int64($0), 1_000) }.joined(separator: " and ")
        let head: String
        if span == .cycle {
            head = shape.cycleName.prefix(1).uppercased() + shape.cycleName.dropFirst()
        } else if shape.isRepeated {
            let count = DrawingText.decimal(shape.programmeMilliseconds, shape.cycleMilliseconds)
            head = "Whole programme, \(count) times \(shape.cycleName)"
        } else {
            head = "Whole programme, \(shape.cycleName)"
        }
        return "\(head): \(seconds), \(rates) pulses/s"
    }

    private static func fill(_ column: Int, to level: Int32, in canvas: inout Canvas, _ style: DrawingStyle) {
        let eighths = Int(level) * rows * 8 / 1_000
        let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇"]
        for row in 0..<rows {
            // Row 0 is the highest.
            let part = min(8, eighths - (rows - 1 - row) * 8)
            guard part > 0 else { continue }
            if style.isASCII {
                canvas[row, column] = part == 8 ? "#" : part >= 4 ? ":" : "."
            } else {
                canvas[row, column] = part == 8 ? "█" : blocks[part - 1]
            }
        }
    }

    private static func upright(_ row: Int, _ peak: Current, _ style: DrawingStyle) -> String {
        var label = ""
        if row == 0 { label = DrawingText.decimal(Int64(peak.microamperes), 1_000) + " mA" }
        if row == rows / 2 { label = DrawingText.decimal(Int64(peak.microamperes) / 2, 1_000) + " mA" }
        let line = style.isASCII ? (label.isEmpty ? "|" : "+") : (label.isEmpty ? "│" : "┤")
        return DrawingText.right(label, DrawingStyle.gutter - 2) + " " + line
    }

    private static func axis(_ marks: [Int], _ columns: Int, _ style: DrawingStyle) -> String {
        var line = DrawingText.right("0 mA", DrawingStyle.gutter - 2) + " " + (style.isASCII ? "+" : "┼")
        for column in 0..<columns {
            let isMark = marks.contains(column) && column > 0
            line += style.isASCII ? (isMark ? "+" : "-") : (isMark ? "┬" : "─")
        }
        return line
    }

    /// Marks at round seconds, about eight of them.
    private static func marks(total: Int64, columns: Int) -> [(column: Int, text: String)] {
        let steps: [Int64] = [
            100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000,
        ]
        let step = steps.first { total / $0 <= 8 } ?? total
        var marks: [(Int, String)] = []
        var time: Int64 = 0
        while time <= total {
            marks.append((Int(time * Int64(columns) / total), DrawingText.decimal(time, 1_000)))
            time += step
        }
        return marks
    }
}

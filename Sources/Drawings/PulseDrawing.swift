public import StimulusModel

/// One pulse, to scale: first phase, gap, second phase, with µs along and mA up.
public enum PulseDrawing {
    /// Rows above the line of 0 mA, and as many below.
    static let reach = 4

    /// A title, the drawing with its axes, and what a column stands for.
    public static func lines(_ pulse: Pulse, _ style: DrawingStyle) -> [String] {
        let duration = pulse.durationMicroseconds
        let peak = Int64(pulse.peakCurrent.microamperes)
        guard duration > 0, peak > 0 else { return ["nothing to draw: this pulse is empty"] }
        let columns = style.plotColumns
        // A quarter of the pulse before and after it, so that both flanks are seen.
        let lead = max(1, duration / 4)
        let span = duration + 2 * lead
        let heights = (0..<columns).map { column in
            height(pulse, at: (span * Int64(2 * column + 1) / Int64(2 * columns)) - lead, peak: peak)
        }
        var lines = [title(pulse, style)]
        let canvas = outline(heights, style)
        for (index, row) in canvas.rows.enumerated() {
            lines.append(DrawingText.trimmed(upright(index, peak, style) + String(row)))
        }
        let edges = edges(pulse)
        let marks = edges.map { edge in
            (column: Int((edge + lead) * Int64(columns) / span), text: "\(edge)")
        }
        lines.append(
            String(repeating: " ", count: DrawingStyle.gutter) + DrawingText.labels(marks, columns: columns))
        let perColumn = DrawingText.decimal(span, Int64(columns))
        var note = "time in \(style.micro); one column is \(perColumn) \(style.micro)"
        let gap = Int64(pulse.interphaseGap.microseconds)
        if gap > 0, gap * Int64(columns) < span { note += "; the gap of \(gap) \(style.micro) is narrower than that" }
        lines.append(String(repeating: " ", count: DrawingStyle.gutter) + note)
        return lines
    }

    private static func title(_ pulse: Pulse, _ style: DrawingStyle) -> String {
        let first = DrawingText.decimal(Int64(pulse.firstPhaseCurrent.microamperes), 1_000)
        let charge = DrawingText.decimal(pulse.chargePerPhase.picocoulombs, 1_000_000)
        let gap = pulse.interphaseGap.microseconds
        return "One pulse at the cap: \(first) mA, \(pulse.firstPhaseDuration.microseconds) \(style.micro) a phase, "
            + (gap == 0 ? "no gap" : "a gap of \(gap) \(style.micro)")
            + ", \(charge) \(style.isASCII ? "uC" : "µC") a phase"
    }

    /// Rows above the line of 0 mA at a moment from the beginning of the first phase, in µs.
    private static func height(_ pulse: Pulse, at moment: Int64, peak: Int64) -> Int {
        let first = Int64(pulse.firstPhaseDuration.microseconds)
        let gap = Int64(pulse.interphaseGap.microseconds)
        let current: Int64
        switch moment {
        case 0..<first: current = Int64(pulse.firstPhaseCurrent.microamperes)
        case (first + gap)..<pulse.durationMicroseconds: current = Int64(pulse.secondPhaseCurrent.microamperes)
        default: current = 0
        }
        let scaled = current * Int64(reach) * 2 / peak
        return Int(scaled >= 0 ? (scaled + 1) / 2 : (scaled - 1) / 2)
    }

    private static func outline(_ heights: [Int], _ style: DrawingStyle) -> Canvas {
        var canvas = Canvas(columns: heights.count, rows: 2 * reach + 1)
        for column in heights.indices {
            let row = reach - heights[column]
            let before = column == 0 ? row : reach - heights[column - 1]
            if before == row {
                canvas[row, column] = style.isASCII ? "-" : "─"
                continue
            }
            for between in min(row, before)...max(row, before) { canvas[between, column] = style.isASCII ? "|" : "│" }
            let falls = row > before
            canvas[before, column] = style.isASCII ? "+" : falls ? "┐" : "┘"
            canvas[row, column] = style.isASCII ? "+" : falls ? "└" : "┌"
        }
        return canvas
    }

    private static func upright(_ row: Int, _ peak: Int64, _ style: DrawingStyle) -> String {
        let current = DrawingText.decimal(peak, 1_000) + " mA"
        let label: String
        switch row {
        case 0: label = "+" + current
        case reach: label = "0 mA"
        case 2 * reach: label = style.minus + current
        default: label = ""
        }
        let line = style.isASCII ? (label.isEmpty ? "|" : "+") : (label.isEmpty ? "│" : "┤")
        return DrawingText.right(label, DrawingStyle.gutter - 2) + " " + line
    }

    /// Where the current changes, from the beginning of the first phase, in µs.
    private static func edges(_ pulse: Pulse) -> [Int64] {
        let first = Int64(pulse.firstPhaseDuration.microseconds)
        let second = first + Int64(pulse.interphaseGap.microseconds)
        return second == first
            ? [0, first, pulse.durationMicroseconds] : [0, first, second, pulse.durationMicroseconds]
    }
}

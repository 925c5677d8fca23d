internal import SessionEngine
internal import StimulusModel

/// One contraction and its rest as a row of blocks, to scale, with the position now: what is over is bright, what comes
/// is faint, and the position is a bar of its own.
enum ContractionBar {
    /// - Parameter remaining: milliseconds left of the phase that runs.
    static func spans(
        _ cycle: ContractionCycle, _ state: ChannelState, remaining: Int32, columns: Int
    ) -> [Span] {
        let total = cycle.cycleMilliseconds
        guard columns > 0, total > 0 else { return [] }
        let position = elapsed(cycle, state, remaining: remaining)
        let column = position.map { min(columns - 1, Int($0 * Int64(columns) / total)) }
        var spans: [Span] = []
        for index in 0..<columns {
            let middle = (Int64(index) * 2 + 1) * total / Int64(columns * 2)
            if index == column {
                spans.append(Span("┃", Style(.cyan, isBold: true)))
            } else {
                let isOver = column.map { index < $0 } ?? false
                spans.append(Span(shape(cycle, at: middle), isOver ? Style(.green) : .faint))
            }
        }
        return merged(spans)
    }

    /// Milliseconds into the cycle; nothing where no contraction runs.
    static func elapsed(_ cycle: ContractionCycle, _ state: ChannelState, remaining: Int32) -> Int64? {
        let left = Int64(remaining)
        switch state {
        case .rampingUp: return Int64(cycle.rampUpMilliseconds) - left
        case .holding: return Int64(cycle.rampUpMilliseconds) + Int64(cycle.plateauMilliseconds) - left
        case .rampingDown: return cycle.onMilliseconds - left
        case .resting: return cycle.cycleMilliseconds - left
        case .off, .searching, .waiting, .finished, .stopped: return nil
        }
    }

    private static func shape(_ cycle: ContractionCycle, at instant: Int64) -> String {
        let up = Int64(cycle.rampUpMilliseconds)
        let plateauEnd = up + Int64(cycle.plateauMilliseconds)
        if instant < up { return block(instant * 8 / max(1, up)) }
        if instant < plateauEnd { return "█" }
        guard instant < cycle.onMilliseconds else { return "·" }
        return block((cycle.onMilliseconds - instant) * 8 / max(1, Int64(cycle.rampDownMilliseconds)))
    }

    private static func block(_ eighths: Int64) -> String {
        ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"][Int(min(max(eighths, 0), 7))]
    }

    private static func merged(_ spans: [Span]) -> [Span] {
        var merged: [Span] = []
        for span in spans {
            if let last = merged.last, last.style == span.style {
                merged[merged.count - 1].text += span.text
            } else {
                merged.append(span)
            }
        }
        return merged
    }
}

/// How much of a whole, as a row of blocks.
enum ShareBar {
    static func spans(_ part: Int64, of whole: Int64, columns: Int, _ style: Style) -> [Span] {
        guard columns > 0 else { return [] }
        let eighths = whole > 0 ? Int(min(max(0, part), whole) * Int64(columns) * 8 / whole) : 0
        var text = String(repeating: "█", count: eighths / 8)
        if eighths % 8 > 0 { text += ["▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8 - 1] }
        return [Span(text, style), Span(String(repeating: "·", count: columns - text.count), .faint)]
    }
}

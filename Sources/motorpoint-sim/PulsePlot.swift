import RigSimulator

/// A small oscilloscope made of characters: columns are time, the area between the line and zero is filled, and what
/// was asked for but did not flow is shaded.
struct PulsePlot {
    /// Columns of a plot, and rows above and below the zero line; a row shows two steps.
    static let columns = 31
    static let rows = 4

    /// What is drawn of a sample, and what it should have been.
    private let values: [(microseconds: Int32, seen: Int32, wanted: Int32)]
    private let durationMicroseconds: Int32
    /// The value at the upper edge.
    let fullScale: Int32

    static func current(_ pulse: PulseWaveform) -> PulsePlot {
        PulsePlot(pulse, pulse.samples.map { ($0.microseconds, $0.flowedMicroamperes, $0.setMicroamperes) })
    }

    static func voltage(_ pulse: PulseWaveform) -> PulsePlot {
        PulsePlot(pulse, pulse.samples.map { ($0.microseconds, $0.millivolts, $0.millivolts) })
    }

    private init(_ pulse: PulseWaveform, _ values: [(Int32, Int32, Int32)]) {
        self.values = values
        durationMicroseconds = max(1, pulse.durationMicroseconds)
        var largest: Int32 = 1
        for (_, seen, wanted) in values {
            largest = max(largest, Int32(clamping: seen.magnitude), Int32(clamping: wanted.magnitude))
        }
        fullScale = largest
    }

    /// The plot's lines from top to bottom, each `columns` wide.
    var lines: [String] {
        let heights = (0..<Self.columns).map(height)
        return (0..<(2 * Self.rows + 1)).map { line in
            heights.map { cell(line, $0.seen, $0.wanted) }.joined()
        }
    }

    /// Half rows from the zero line, in the middle of a column.
    private func height(_ column: Int) -> (seen: Int, wanted: Int) {
        let moment = Int32((2 * Int64(column) + 1) * Int64(durationMicroseconds) / Int64(2 * Self.columns))
        let sample = values.last { $0.microseconds <= moment } ?? (0, 0, 0)
        return (halfRows(sample.seen), halfRows(sample.wanted))
    }

    private func halfRows(_ value: Int32) -> Int {
        let exact = Double(value) / Double(fullScale) * Double(2 * Self.rows)
        return Int(exact.rounded())
    }

    private func cell(_ line: Int, _ seen: Int, _ wanted: Int) -> String {
        let row = Self.rows - line
        guard row != 0 else { return "─" }
        // Half rows of this cell that lie between zero and the value: 0, 1 or 2.
        func filled(_ value: Int) -> Int {
            let inward = row > 0 ? value - 2 * (row - 1) : -value - 2 * (-row - 1)
            return min(2, max(0, inward))
        }
        switch filled(seen) {
        case 2: return "█"
        case 1: return row > 0 ? "▄" : "▀"
        default: return filled(wanted) > 0 ? "░" : " "
        }
    }
}

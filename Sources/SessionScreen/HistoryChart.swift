internal import SessionEngine
internal import StimulusModel

/// The delivered amplitude of the last minutes, one column for every few seconds, the newest at the right.
struct HistoryChart {
    let model: ScreenModel
    let place: ChannelPlace
    let columns: Int

    private static let labelColumns = 10
    /// What the chart covers: the least of these that holds the session so far.
    private static let spans = [120, 300, 900]

    /// A title row, the columns, and the ground line.
    func draw(on canvas: inout Canvas, row: Int, count: Int) {
        let width = columns - HistoryChart.labelColumns - 2
        let height = count - 2
        guard width > 10, height > 0 else { return }
        let known = model.histories[place.index].delivered.count
        let span = HistoryChart.spans.first { $0 >= known } ?? 900
        let secondsEach = max(1, (span + width - 1) / width)
        let slots = model.histories[place.index].slots(width, seconds: secondsEach)
        let top = HistoryChart.top(slots.max() ?? 0)
        let minutes = width * secondsEach / 60
        let title =
            "delivered, \(model.name(place)), last \(minutes) min: highest "
            + SessionText.milliamperes(Current(microamperes: slots.max() ?? 0))
        canvas.put(title, row: row, column: 1, .faint)
        for level in 0..<height {
            let label = level == 0 ? SessionText.milliamperes(Current(microamperes: top)) : ""
            let place = row + 1 + level
            let left = Wording.padded("", to: HistoryChart.labelColumns - 3 - label.count) + label
            canvas.put(left + " │", row: place, column: 1, .faint)
            let ground = Int64(height - 1 - level) * 8
            let text = slots.map { value -> Character in
                let eighths = Int64(value) * Int64(height) * 8 / Int64(max(1, top)) - ground
                return HistoryChart.block(eighths, isAny: value > 0 && level == height - 1)
            }
            canvas.put(String(text), row: place, column: HistoryChart.labelColumns, Style(.green))
        }
        let line = String(repeating: "─", count: width)
        let ground = Wording.padded("", to: HistoryChart.labelColumns - 7) + "0 mA └" + line
        canvas.put(ground, row: row + 1 + height, column: 1, .faint)
    }

    private static func block(_ eighths: Int64, isAny: Bool) -> Character {
        guard eighths > 0 else { return isAny ? "▁" : " " }
        return ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"][Int(min(eighths, 8)) - 1]
    }

    /// The next of 2, 5, 10, 20, 40, 80 mA.
    private static func top(_ highest: Int32) -> Int32 {
        for step: Int32 in [2_000, 5_000, 10_000, 20_000, 40_000] where highest <= step { return step }
        return 80_000
    }
}

// A session as pictures of characters, 80 columns wide at most: amplitude over time, a strip of what ran, marks, and
// planned against delivered. Pure.
internal import CareModel
internal import SessionEngine
internal import StimulusModel

public struct SessionPicture: Sendable {
    public enum Style: Sendable {
        case unicode
        /// ASCII only: for logs and screen readers.
        case plain
    }

    /// Columns of the whole picture.
    public static let width = 80
    private static let margin = 9
    private static let rows = 9

    private let story: SessionStory
    private let bins: TimeBins
    private let place: ChannelPlace
    private let style: Style

    public init(_ story: SessionStory, _ style: Style) { self.init(story, style, at: .first) }

    private init(_ story: SessionStory, _ style: Style, at place: ChannelPlace) {
        self.story = story
        self.style = style
        self.place = place
        bins = TimeBins(story, count: Self.width - Self.margin, at: place)
    }

    /// Everything; without a single pulse or span a sentence that says so.
    public var lines: [String] {
        guard !story.isEmpty else { return ["Nothing was delivered, so there is nothing to draw."] }
        let channels = story.channels.flatMap { place -> [String] in
            let one = SessionPicture(story, style, at: place)
            return one.chart + one.strip + one.marks + [one.axis, ""]
        }
        return channels + legend
    }

    // MARK: - Amplitude

    private var chart: [String] {
        let top = max(1_000, bins.highestMicroamperes)
        let muscle = story.opening?.muscleTitle(at: place).map { $0 + ": amplitude" } ?? "Amplitude"
        var lines = [muscle + " in mA over time (peak of one phase)"]
        for row in stride(from: Self.rows, to: 0, by: -1) {
            let ceiling = Int64(top) * Int64(row) / Int64(Self.rows)
            let isLabelled = row == Self.rows || row == (Self.rows + 1) / 2
            let label = isLabelled ? tenths(ceiling) : ""
            lines.append(padded(label, to: Self.margin - 2) + edge + " " + chartRow(row, top: Int64(top)))
        }
        lines.append(padded("0", to: Self.margin - 2) + corner)
        return lines
    }

    private func chartRow(_ row: Int, top: Int64) -> String {
        var text = ""
        for bin in bins.bins {
            // In eighths of a row, rounded up: what was delivered is never drawn as nothing.
            let eighths = (Int64(bin.deliveredMicroamperes) * Int64(Self.rows) * 8 + top - 1) / top
            let filled = max(0, min(8, eighths - Int64(row - 1) * 8))
            let setRow = (Int64(bin.setMicroamperes) * Int64(Self.rows) + top - 1) / top
            let isSet = bin.setMicroamperes > 0 && setRow == Int64(row)
            text += cell(filled: Int(filled), isSet: isSet)
        }
        return trimmed(text)
    }

    private func cell(filled: Int, isSet: Bool) -> String {
        switch style {
        case .unicode:
            if filled > 0 { return ["", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"][filled] }
            return isSet ? "─" : " "
        case .plain:
            if filled >= 4 { return "#" }
            if filled > 0 { return "." }
            return isSet ? "-" : " "
        }
    }

    private var edge: String { style == .unicode ? "┤" : "|" }
    private var corner: String {
        (style == .unicode ? "┴" : "+")
            + String(repeating: style == .unicode ? "─" : "-", count: Self.width - Self.margin + 1)
    }

    // MARK: - What ran, and marks

    private var strip: [String] {
        var text = ""
        var shown: (StorySpan.Kind, Int32)?
        for bin in bins.bins {
            guard let kind = bin.kind else {
                text += " "
                shown = nil
                continue
            }
            let isNew = shown.map { $0.0 != kind || $0.1 != bin.number } ?? true
            shown = (kind, bin.number)
            // The first character of a contraction is its number's last digit.
            text += isNew && kind == .contraction ? String(bin.number % 10) : sign(kind)
        }
        return [padded("ran", to: Self.margin - 1) + " " + trimmed(text)]
    }

    private func sign(_ kind: StorySpan.Kind) -> String {
        switch (kind, style) {
        case (.search, .unicode): return "░"
        case (.search, .plain): return "s"
        case (.titration, .unicode): return "▒"
        case (.titration, .plain): return "t"
        case (.contraction, .unicode), (.train, .unicode): return "█"
        case (.contraction, .plain), (.train, .plain): return "#"
        case (.rest, .unicode): return "·"
        case (.rest, .plain): return "."
        case (.pause, .unicode): return "‖"
        case (.pause, .plain): return "="
        }
    }

    private var marks: [String] {
        var row = [String](repeating: " ", count: bins.bins.count)
        for one in story.events where story.concerns(one.event, place) {
            guard let sign = mark(one.event), let column = bins.column(one.tick) ?? (sign == "X" ? row.count - 1 : nil)
            else { continue }
            // A fault or a stop is never hidden behind a threshold.
            if row[column] == " " || sign == "X" || sign == "!" { row[column] = sign }
        }
        let text = trimmed(row.joined())
        return text.isEmpty ? [] : [padded("marks", to: Self.margin - 1) + " " + text]
    }

    private func mark(_ event: SessionEvent) -> String? {
        switch event.kind {
        case .thresholdMarked: return event.detail == 1 ? "s" : "m"
        case .stopRequested, .channelStopped: return "X"
        case .fault: return "!"
        case .deliveryUnknown: return "?"
        default: return nil
        }
    }

    private var axis: String {
        var text = [Character](repeating: " ", count: Self.width)
        let stops = 4
        for stop in 0...stops {
            let tick = bins.startTick + (bins.endTick - bins.startTick) * Int64(stop) / Int64(stops)
            let label = Array(clock(tick))
            let column = Self.margin + bins.bins.count * stop / stops
            let start = min(Self.width - label.count, max(Self.margin, column - (stop == 0 ? 0 : label.count / 2)))
            for (index, character) in label.enumerated() { text[start + index] = character }
        }
        return trimmed(String(text))
    }

    private var legend: [String] {
        let delivered = style == .unicode ? "█ delivered  ─ set" : "# delivered  - set"
        let ran = [
            (StorySpan.Kind.search, "search"), (.titration, "titration"), (.contraction, "counted"), (.rest, "rest"),
            (.pause, "pause"),
        ].map { sign($0.0) + " " + $0.1 }.joined(separator: "  ")
        return [
            "  \(delivered)   ran: \(ran)",
            "  marks: s sensory, m motor threshold, X stop, ! fault, ? pulse of unknown fate",
        ]
    }

    // MARK: - Text

    private func padded(_ text: String, to width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private func trimmed(_ text: String) -> String {
        var text = text
        while text.last == " " { text.removeLast() }
        return text
    }

    private func tenths(_ microamperes: Int64) -> String {
        let tenths = microamperes / 100
        return "\(tenths / 10).\(tenths % 10)"
    }

    private func clock(_ milliseconds: Int64) -> String {
        let seconds = milliseconds / 1_000
        return "\(seconds / 60):" + (seconds % 60 < 10 ? "0" : "") + "\(seconds % 60)"
    }
}

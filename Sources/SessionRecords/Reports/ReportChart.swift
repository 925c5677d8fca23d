// The report's picture: amplitude over time with a strip of what ran below it, as inline SVG. Numbers and fixed words
// only: no text from a record stands in it, so nothing needs to be escaped.
internal import SessionEngine
internal import StimulusModel

struct ReportChart {
    /// Wide for screens and paper, narrow for a phone: the letters stay of a size that can be read.
    enum Size {
        case broad
        case narrow

        var width: Double { self == .broad ? 900 : 360 }
        var columns: Int { self == .broad ? 414 : 156 }
        var timeMarks: Int { self == .broad ? 8 : 4 }
    }

    private let story: SessionStory
    private let place: ChannelPlace
    private let bins: TimeBins
    private let size: Size

    private let left = 40.0
    private let right = 8.0
    private let top = 26.0
    private let plotHeight = 190.0
    private let stripHeight = 20.0
    private var stripTop: Double { top + plotHeight + 8 }
    private var height: Double { stripTop + stripHeight + 26 }
    private var plotWidth: Double { size.width - left - right }
    /// µA at the top of the plot: a round number of mA.
    private let ceiling: Int32

    init(_ story: SessionStory, _ size: Size, at place: ChannelPlace) {
        self.story = story
        self.size = size
        self.place = place
        bins = TimeBins(story, count: size.columns, at: place)
        // No stimulator gives an ampere; a record that says so is drawn without bounds being passed.
        let milliamperes = max(1, (min(bins.highestMicroamperes, 1_000_000) + 999) / 1_000)
        let step = ReportChart.step(milliamperes)
        ceiling = (milliamperes + step - 1) / step * step * 1_000
    }

    var svg: String {
        let label = "Amplitude over time, highest \(Self.number(Double(bins.highestMicroamperes) / 1_000)) mA"
        return """
            <svg viewBox="0 0 \(Self.number(size.width)) \(Self.number(height))" role="img" aria-label="\(label)" \
            font-family="system-ui, Liberation Sans, DejaVu Sans, sans-serif" font-size="12" fill="#57606a">
            \(grid)\(delivered)\(setLine)\(strip)\(timeAxis)\(marks)</svg>
            """
    }

    // MARK: - Places

    private func x(_ tick: Int64) -> Double {
        left + plotWidth * Double(tick - bins.startTick) / Double(bins.endTick - bins.startTick)
    }

    private func x(column: Int) -> Double { left + plotWidth * Double(column) / Double(bins.bins.count) }

    private func y(_ microamperes: Int32) -> Double {
        top + plotHeight * (1 - Double(microamperes) / Double(max(1, ceiling)))
    }

    // MARK: - Parts

    private var grid: String {
        let step = ReportChart.step(ceiling / 1_000)
        var text = ""
        for milliamperes in stride(from: 0, through: ceiling / 1_000, by: Int(step)) {
            let height = y(Int32(milliamperes) * 1_000)
            text += line(left, height, size.width - right, height, milliamperes == 0 ? "#57606a" : "#d0d7de")
            text += word("\(milliamperes)", left - 6, height + 4, anchor: "end")
        }
        return text + word("mA", left - 6, 14, anchor: "end")
    }

    /// Filled up to the highest pulse of each column.
    private var delivered: String {
        var path = ""
        var column = 0
        while column < bins.bins.count {
            guard bins.bins[column].deliveredMicroamperes > 0 else {
                column += 1
                continue
            }
            path += "M\(Self.number(x(column: column))) \(Self.number(y(0)))"
            while column < bins.bins.count, bins.bins[column].deliveredMicroamperes > 0 {
                let height = Self.number(y(bins.bins[column].deliveredMicroamperes))
                path += "V\(height)H\(Self.number(x(column: column + 1)))"
                column += 1
            }
            path += "V\(Self.number(y(0)))Z"
        }
        return "<path d=\"\(path)\" fill=\"#a9cbe3\" stroke=\"#2f6f9f\" stroke-width=\"0.8\"/>\n"
    }

    private var setLine: String {
        var path = "M\(Self.number(left)) \(Self.number(y(0)))"
        for point in story.channel(place).setAmplitude where point.tick >= bins.startTick && point.tick <= bins.endTick
        {
            path += "H\(Self.number(x(point.tick)))V\(Self.number(y(point.microamperes)))"
        }
        path += "H\(Self.number(size.width - right))"
        return "<path d=\"\(path)\" fill=\"none\" stroke=\"#9a3412\" stroke-width=\"1.5\"/>\n"
    }

    private var strip: String {
        var text = ""
        for span in story.channel(place).spans where span.endTick > span.startTick {
            let (from, to) = (x(span.startTick), x(span.endTick))
            text += "<rect x=\"\(Self.number(from))\" y=\"\(Self.number(stripTop))\" "
            text += "width=\"\(Self.number(max(1, to - from)))\" height=\"\(Self.number(stripHeight))\" "
            text += "fill=\"\(Self.colour(span.kind))\" stroke=\"#57606a\" stroke-width=\"0.6\"/>"
            // What the colour says is also said in letters, where there is room.
            let label = Self.label(span)
            if to - from > Double(label.count) * 8 + 2 {
                text += word(label, (from + to) / 2, stripTop + 14.5, anchor: "middle", colour: "#1b1f24")
            }
        }
        return text + "\n"
    }

    private var timeAxis: String {
        var text = ""
        let span = bins.endTick - bins.startTick
        let step = Self.timeStep(span / Int64(size.timeMarks))
        var tick = (bins.startTick + step - 1) / step * step
        let base = stripTop + stripHeight
        while tick <= bins.endTick {
            let place = x(tick)
            text += line(place, base, place, base + 4, "#57606a")
            let isLast = place > size.width - right - 14
            text += word(Self.clock(tick), place, base + 17, anchor: isLast ? "end" : "middle")
            tick += step
        }
        return text + "\n"
    }

    private var marks: String {
        var text = ""
        var lastPlace = -100.0
        var level = 0
        for one in story.events where story.concerns(one.event, place) {
            guard let mark = Self.mark(one.event) else { continue }
            let place = min(size.width - right, max(left, x(one.tick)))
            text += line(place, top - 2, place, top + plotHeight, mark.colour, dashed: true)
            // Two marks close together stand one above the other.
            level = place - lastPlace < 58 ? (level + 1) % 2 : 0
            lastPlace = place
            let isLate = place > size.width - 60
            text += word(
                mark.label, place + (isLate ? -3 : 3), 11 + Double(level) * 12, anchor: isLate ? "end" : "start",
                colour: mark.colour)
        }
        return text + "\n"
    }

    // MARK: - Words and numbers

    private func line(
        _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String, dashed: Bool = false
    ) -> String {
        "<path d=\"M\(Self.number(x1)) \(Self.number(y1))L\(Self.number(x2)) \(Self.number(y2))\" stroke=\"\(colour)\""
            + (dashed ? " stroke-dasharray=\"4 3\"" : "") + "/>"
    }

    private func word(
        _ text: String, _ x: Double, _ y: Double, anchor: String, colour: String? = nil
    ) -> String {
        "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" text-anchor=\"\(anchor)\""
            + (colour.map { " fill=\"\($0)\"" } ?? "") + ">\(text)</text>"
    }

    private static func mark(_ event: SessionEvent) -> (label: String, colour: String)? {
        switch event.kind {
        case .thresholdMarked: return (event.detail == 1 ? "sensory" : "motor", "#6b21a8")
        case .stopRequested: return (event.value == Int32(StopCause.programmeFinished.code) ? "end" : "STOP", "#1b1f24")
        case .channelStopped: return ("STOP", "#1b1f24")
        case .fault: return ("FAULT", "#b3261e")
        default: return nil
        }
    }

    private static func colour(_ kind: StorySpan.Kind) -> String {
        switch kind {
        case .search: return "#fff3cd"
        case .titration: return "#d8e6c9"
        case .contraction, .train: return "#7fb069"
        case .rest: return "#ffffff"
        case .pause: return "#c9c9d6"
        }
    }

    private static func label(_ span: StorySpan) -> String {
        switch span.kind {
        case .search: return "search"
        case .titration: return "t\(span.number)"
        case .contraction: return "\(span.number)"
        case .train: return "train"
        case .rest: return ""
        case .pause: return "pause"
        }
    }

    /// Whole mA between two lines, so that there are about five.
    private static func step(_ milliamperes: Int32) -> Int32 {
        for step: Int32 in [1, 2, 5, 10, 20, 50] where milliamperes <= step * 6 { return step }
        return 100
    }

    /// Milliseconds between two marks of the time axis.
    private static func timeStep(_ least: Int64) -> Int64 {
        for seconds: Int64 in [1, 2, 5, 10, 15, 30, 60, 120, 300, 600] where seconds * 1_000 >= least {
            return seconds * 1_000
        }
        return 1_800_000
    }

    private static func clock(_ milliseconds: Int64) -> String {
        let seconds = milliseconds / 1_000
        return "\(seconds / 60):" + (seconds % 60 < 10 ? "0" : "") + "\(seconds % 60)"
    }

    /// One decimal, without a locale.
    private static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let rest = tenths.magnitude % 10
        return sign + "\(tenths.magnitude / 10)" + (rest == 0 ? "" : ".\(rest)")
    }
}

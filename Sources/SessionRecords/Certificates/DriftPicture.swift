internal import Calibration
internal import CareModel
internal import StimulusModel

/// The gain of every output at each calibration of a device, with its expanded uncertainty and the tolerance band.
struct DriftPicture {
    private struct Point {
        let day: Int64
        let deviation: Double
        let expanded: Double
        let isPassed: Bool
    }

    private struct Series {
        let output: UInt8
        let points: [Point]
    }

    private let history: [CalibrationDocument]
    private let series: [Series]
    private let tolerance: Double
    private let axis: PercentAxis
    private let firstDay: Int64
    private let lastDay: Int64

    private let left = 52.0
    private let right = 62.0
    private let top = 14.0
    private let plotHeight = 170.0
    private let width = 706.0
    private var bottom: Double { top + plotHeight }

    /// - Parameter history: of one device, the oldest first.
    init(_ history: [CalibrationDocument]) {
        self.history = history
        let numbers = Set(history.flatMap { $0.outputs.map(\.output) }).sorted()
        series = numbers.map { number in
            Series(
                output: number,
                points: history.compactMap { document in
                    document.outputs.first { $0.output == number }
                        .flatMap { DriftPicture.point($0, document.measuredOn.daysSince1970) }
                })
        }
        tolerance = Double(history.last?.tolerancePermille ?? 200) / 10
        axis = PercentAxis(
            covering: series.flatMap { $0.points.map { $0.deviation.magnitude + $0.expanded } }, tolerance: tolerance)
        let days = history.map(\.measuredOn.daysSince1970)
        let (first, last) = (days.min() ?? 0, days.max() ?? 0)
        // Room on both sides; a single calibration stands in the middle of a year.
        let margin = max(183, (last - first) / 16)
        firstDay = first - margin
        lastDay = last + margin
    }

    /// Nothing where no gain is known.
    var svg: String? {
        guard series.contains(where: { !$0.points.isEmpty }) else { return nil }
        var canvas = PictureCanvas(width: width, height: bottom + 44)
        canvas.box(left, y(tolerance), width - left - right, y(-tolerance) - y(tolerance), fill: PictureCanvas.band)
        for mark in axis.marks {
            canvas.line(
                left, y(mark), width - right, y(mark), mark == 0 ? PictureCanvas.soft : PictureCanvas.rule)
            canvas.word(axis.text(mark), left - 6, y(mark) + 4, .end)
        }
        for edge in [tolerance, -tolerance] where edge.magnitude <= axis.high {
            canvas.line(left, y(edge), width - right, y(edge), PictureCanvas.bandEdge, width: 1.2, dash: "5 3")
        }
        days(&canvas)
        for (index, one) in series.enumerated() { draw(one, index, &canvas) }
        labels(&canvas)
        canvas.upright("gain away from 1, in %", 12, top + plotHeight / 2)
        legend(&canvas)
        return canvas.svg(
            label: "Gain of \(series.count) outputs at \(history.count) calibrations, in per cent away from 1")
    }

    /// The fitted gain. Where none is stated the mean of the points as found, since the document holds gain 1 then.
    private static func point(_ output: OutputCertificate, _ day: Int64) -> Point? {
        if output.hasFit {
            let gain = Double(output.fit.correction.gainPartsPerMillion)
            return Point(
                day: day, deviation: (gain - 1_000_000) / 10_000,
                expanded: Double(output.fit.expandedGainPartsPerMillion) / 10_000, isPassed: output.isPassed)
        }
        let errors = output.asFound.compactMap(CertificateFormat.errorPercent)
        guard !errors.isEmpty else { return nil }
        return Point(
            day: day, deviation: errors.reduce(0, +) / Double(errors.count),
            expanded: output.asFound.map(CertificateFormat.expandedPercent).max() ?? 0, isPassed: false)
    }

    // MARK: - Places

    private func x(_ day: Int64, _ index: Int = 0, of count: Int = 1) -> Double {
        let share = Double(day - firstDay) / Double(max(1, lastDay - firstDay))
        let distance = min(6, 36 / Double(max(1, count)))
        return left + (width - left - right) * share + (Double(index) - Double(count - 1) / 2) * distance
    }

    private func y(_ percent: Double) -> Double {
        let bounded = min(axis.high, max(axis.low, percent))
        return top + plotHeight * (axis.high - bounded) / (axis.high - axis.low)
    }

    // MARK: - Parts

    private func days(_ canvas: inout PictureCanvas) {
        var free = left - 20
        for document in history {
            let place = x(document.measuredOn.daysSince1970)
            canvas.line(place, bottom, place, bottom + 4, PictureCanvas.soft)
            guard place - 30 >= free else { continue }
            canvas.word(document.measuredOn.text, place, bottom + 16, .middle)
            free = place + 36
        }
    }

    private static let colours = [PictureCanvas.first, PictureCanvas.second, "#1b1f24", "#6b21a8"]

    private func look(_ index: Int) -> (marker: PictureCanvas.Marker, colour: String, isFilled: Bool, dash: String) {
        let four = index % 4
        return (
            PictureCanvas.Marker(rawValue: four) ?? .circle, DriftPicture.colours[four], index / 4 % 2 == 0,
            index / 4 % 2 == 0 ? "" : "3 2"
        )
    }

    private func draw(_ one: Series, _ index: Int, _ canvas: inout PictureCanvas) {
        let look = look(index)
        let places = one.points.map { (x($0.day, index, of: series.count), y($0.deviation)) }
        canvas.path(places, look.colour, width: 1.2, dash: look.dash)
        for (point, place) in zip(one.points, places) {
            canvas.bar(
                place.0, y(point.deviation + point.expanded), y(point.deviation - point.expanded), look.colour)
            canvas.mark(look.marker, place.0, place.1, look.colour, isFilled: look.isFilled)
            if !point.isPassed { canvas.cross(place.0, place.1, PictureCanvas.refused) }
        }
    }

    /// The number of each output at the right of its last point; none on top of another.
    private func labels(_ canvas: inout PictureCanvas) {
        let ends = series.enumerated().compactMap { index, one in
            one.points.last.map { (output: one.output, index: index, y: y($0.deviation)) }
        }.sorted { $0.y < $1.y }
        var free = top - 2
        // From the top down, and no lower than where the last one still stands within the picture.
        for (place, end) in ends.enumerated() {
            let lowest = bottom - Double(ends.count - 1 - place) * 12
            let height = min(lowest, max(free, end.y))
            free = height + 12
            canvas.word("output \(end.output)", width - right + 4, height + 4, colour: look(end.index).colour)
        }
    }

    private func legend(_ canvas: inout PictureCanvas) {
        let line = bottom + 38
        canvas.bar(left + 4, line - 9, line + 1, PictureCanvas.ink)
        canvas.word("U, k = 2", left + 11, line)
        canvas.box(left + 70, line - 9, 16, 10, fill: PictureCanvas.band, stroke: PictureCanvas.bandEdge)
        canvas.word("tolerance ±\(CertificateFormat.fixed(tolerance, 1)) % of this calibration", left + 92, line)
        canvas.cross(left + 346, line - 4, PictureCanvas.refused)
        canvas.word("calibration failed on this output", left + 357, line)
    }
}

extension OutputCertificate {
    /// Whether a line is stated: an output without one, or with one that may not be corrected, holds gain 1 instead.
    var hasFit: Bool {
        fit.correction != .none || (isPassed && fit.expandedGainPartsPerMillion > 0)
    }
}

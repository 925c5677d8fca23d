internal import Calibration

/// Error against what was set, with the tolerance band and a bar of expanded uncertainty at each point: one panel as
/// found, one as left, on the same scale. Levels stand at equal distances, since they lie between 0.3 and 10 mA or 5
/// and 80 mA; within a level the loads stand from the smallest to the largest.
struct ErrorPicture {
    private let output: OutputCertificate
    private let tolerance: Double
    private let axis: PercentAxis
    private let levels: [Int32]
    private let loads: [Int32]

    private let left = 52.0
    private let top = 24.0
    private let plotHeight = 160.0
    private let panelWidth = 318.0
    private let between = 14.0
    private var bottom: Double { top + plotHeight }

    /// - Parameter tolerancePermille: of the document.
    init(_ output: OutputCertificate, tolerancePermille: Int32) {
        self.output = output
        tolerance = Double(tolerancePermille) / 10
        let points = output.asFound + output.asLeft
        axis = PercentAxis(
            covering: points.map { (CertificateFormat.errorPercent($0) ?? 0).magnitude + Self.uncertainty($0) },
            tolerance: tolerance)
        levels = Array(Set(points.map(\.setMicroamperes))).sorted()
        loads = Array(Set(points.map(\.loadOhms))).sorted()
    }

    /// Nothing where nothing was measured.
    var svg: String? {
        guard !levels.isEmpty else { return nil }
        var canvas = PictureCanvas(width: left + 2 * panelWidth + between + 4, height: bottom + 62)
        let title = output.asLeft.isEmpty ? "as left: not measured" : "as left"
        panel(output.asFound, "as found", at: left, &canvas)
        panel(output.asLeft, title, at: left + panelWidth + between, &canvas)
        canvas.upright("error in % of the set current", 12, top + plotHeight / 2)
        let names = loads.map(CertificateFormat.ohms).joined(separator: ", ")
        canvas.word(
            "set current in mA; " + (loads.count > 1 ? "at each level from left to right \(names)" : "load \(names)"),
            left + panelWidth + between / 2, bottom + 33, .middle, colour: PictureCanvas.soft)
        legend(&canvas)
        return canvas.svg(
            label: "Output \(output.output): error in per cent at \(levels.count) levels, tolerance ±"
                + CertificateFormat.fixed(tolerance, 1) + " %")
    }

    private static func uncertainty(_ point: CalibrationPoint) -> Double { CertificateFormat.expandedPercent(point) }

    private func y(_ percent: Double) -> Double {
        let bounded = min(axis.high, max(axis.low, percent))
        return top + plotHeight * (axis.high - bounded) / (axis.high - axis.low)
    }

    private func panel(_ points: [CalibrationPoint], _ title: String, at x: Double, _ canvas: inout PictureCanvas) {
        canvas.box(x, y(tolerance), panelWidth, y(-tolerance) - y(tolerance), fill: PictureCanvas.band)
        for mark in axis.marks {
            canvas.line(x, y(mark), x + panelWidth, y(mark), mark == 0 ? PictureCanvas.soft : PictureCanvas.rule)
            if x == left { canvas.word(axis.text(mark), x - 6, y(mark) + 4, .end) }
        }
        for edge in [tolerance, -tolerance] where edge.magnitude <= axis.high {
            canvas.line(x, y(edge), x + panelWidth, y(edge), PictureCanvas.bandEdge, width: 1.2, dash: "5 3")
        }
        let slot = panelWidth / Double(levels.count)
        for (index, level) in levels.enumerated() {
            let middle = x + slot * (Double(index) + 0.5)
            if index > 0 { canvas.line(x + slot * Double(index), top, x + slot * Double(index), bottom, "#eceff2") }
            canvas.word(CertificateFormat.short(level), middle, bottom + 16, .middle)
            draw(points.filter { $0.setMicroamperes == level }, around: middle, slot, &canvas)
        }
        canvas.word(title, x, top - 9, isBold: true)
    }

    private func draw(
        _ points: [CalibrationPoint], around middle: Double, _ slot: Double, _ canvas: inout PictureCanvas
    ) {
        let places = max(1, loads.count * 2)
        let distance = min(9, (slot - 6) / Double(places))
        for point in points {
            let load = loads.firstIndex(of: point.loadOhms) ?? 0
            let place = load * 2 + (point.isSecondPhase ? 1 : 0)
            let x = middle + (Double(place) - Double(places - 1) / 2) * distance
            let error = CertificateFormat.errorPercent(point) ?? 0
            let colour = point.isSecondPhase ? PictureCanvas.second : PictureCanvas.first
            let expanded = Self.uncertainty(point)
            canvas.bar(x, y(error + expanded), y(error - expanded), colour)
            canvas.mark(
                point.isSecondPhase ? .square : .circle, x, y(error), colour, isFilled: !point.isSecondPhase,
                size: min(3, distance / 2.6))
            if point.verdict != .pass { canvas.cross(x, y(error), PictureCanvas.refused, size: 4.5) }
        }
    }

    private func legend(_ canvas: inout PictureCanvas) {
        let line = bottom + 53
        canvas.mark(.circle, left + 24, line - 4, PictureCanvas.first, isFilled: true)
        canvas.word("first phase", left + 34, line)
        canvas.mark(.square, left + 124, line - 4, PictureCanvas.second, isFilled: false)
        canvas.word("second phase", left + 134, line)
        canvas.bar(left + 242, line - 9, line + 1, PictureCanvas.ink)
        canvas.word("U, k = 2", left + 251, line)
        canvas.box(left + 326, line - 9, 16, 10, fill: PictureCanvas.band, stroke: PictureCanvas.bandEdge)
        canvas.word("tolerance ±\(CertificateFormat.fixed(tolerance, 1)) %", left + 349, line)
        canvas.cross(left + 492, line - 4, PictureCanvas.refused, size: 4.5)
        canvas.word("refused", left + 503, line)
    }
}

extension CertificateFormat {
    /// A level in mA without needless decimals: `0.3`, `80`.
    static func short(_ microamperes: Int32) -> String {
        let text = decimal(Int64(microamperes), from: 3, to: 3)
        var digits = text[...]
        while digits.last == "0" { digits.removeLast() }
        if digits.last == "." { digits.removeLast() }
        return String(digits)
    }
}

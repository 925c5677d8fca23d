internal import Calibration

/// One biphasic pulse: as it should be, and as it was measured. It is drawn of what was measured, durations and mean
/// amplitudes; it is no trace of an oscilloscope, and the gap between both phases is not drawn.
struct PulsePicture {
    private let nominalDuration: Double
    private let durations: (first: CalibrationFigure, second: CalibrationFigure)
    private let points: (first: CalibrationPoint, second: CalibrationPoint)
    private let isAsLeft: Bool
    private let output: UInt8

    private let left = 52.0
    private let width = 706.0
    private let top = 8.0
    private let plotHeight = 124.0
    private var zero: Double { top + plotHeight / 2 }

    /// At the highest level at which both phases were measured, into the smallest load; nothing where a duration or a
    /// phase is missing.
    init?(_ output: OutputCertificate) {
        guard let first = output.figures.first(where: { $0.kind == .firstPhaseDuration }),
            let second = output.figures.first(where: { $0.kind == .secondPhaseDuration })
        else { return nil }
        isAsLeft = !output.asLeft.isEmpty
        let all = isAsLeft ? output.asLeft : output.asFound
        let pairs = all.filter { !$0.isSecondPhase }.compactMap { one in
            all.first {
                $0.isSecondPhase && $0.setMicroamperes == one.setMicroamperes && $0.loadOhms == one.loadOhms
            }.map { (first: one, second: $0) }
        }
        let best = pairs.max {
            ($0.first.setMicroamperes, -Int64($0.first.loadOhms))
                < ($1.first.setMicroamperes, -Int64($1.first.loadOhms))
        }
        // Bounds lie as far below the nominal duration as above it.
        let nominal = (Double(first.lowest) + Double(first.highest)) / 2
        guard let best, nominal > 0, best.first.setMicroamperes > 0 else { return nil }
        points = best
        durations = (first, second)
        nominalDuration = nominal
        self.output = output.output
    }

    var svg: String {
        var canvas = PictureCanvas(width: width, height: top + plotHeight + 30)
        let set = Double(points.first.setMicroamperes) * 1_000
        let firstPhase = Phase(points.first.meanNanoamperes, durations.first.value)
        let secondPhase = Phase(-Double(points.second.meanNanoamperes), Double(durations.second.value))
        let tallest = max(set, firstPhase.amplitude.magnitude, secondPhase.amplitude.magnitude) * 1.12
        let longest = max(2 * nominalDuration, firstPhase.duration + secondPhase.duration)
        func x(_ nanoseconds: Double) -> Double { left + 60 + (width - left - 120) * nanoseconds / longest }
        func y(_ nanoamperes: Double) -> Double { zero - plotHeight / 2 * nanoamperes / tallest }
        let measured = shape(firstPhase, secondPhase).map { (x($0.0), y($0.1)) }
        let nominal = shape(Phase(set, nominalDuration), Phase(-set, nominalDuration)).map { (x($0.0), y($0.1)) }
        canvas.path(measured, PictureCanvas.first, width: 1, fill: "#dbe8f3")
        canvas.line(left, zero, width - 20, zero, PictureCanvas.soft)
        canvas.path(nominal, PictureCanvas.ink, width: 1.4, dash: "6 3")
        canvas.word("0 mA", left - 6, zero + 4, .end)
        canvas.word(
            "+" + CertificateFormat.short(points.first.setMicroamperes), left - 6, y(set) + 4, .end)
        canvas.word(
            "-" + CertificateFormat.short(points.first.setMicroamperes), left - 6, y(-set) + 4, .end)
        canvas.line(left, y(set), x(0), y(set), PictureCanvas.rule)
        canvas.line(left, y(-set), x(0), y(-set), PictureCanvas.rule)
        // Each beside its phase, in the quarter of the picture that is empty.
        let turn = x(firstPhase.duration)
        words(points.first, durations.first, "first phase", turn + 14, zero - 40, .start, &canvas)
        words(points.second, durations.second, "second phase", turn - 14, zero + 20, .end, &canvas)
        legend(&canvas)
        return canvas.svg(label: "Output \(output): one pulse as it should be and as it was measured")
    }

    private struct Phase {
        let amplitude: Double
        let duration: Double

        init(_ amplitude: Double, _ duration: Double) {
            self.amplitude = amplitude
            self.duration = max(0, duration)
        }

        init(_ amplitude: Int64, _ duration: Int64) { self.init(Double(amplitude), Double(duration)) }
    }

    private func shape(_ first: Phase, _ second: Phase) -> [(Double, Double)] {
        let end = first.duration + second.duration
        return [
            (0, 0), (0, first.amplitude), (first.duration, first.amplitude), (first.duration, second.amplitude),
            (end, second.amplitude), (end, 0),
        ]
    }

    private func words(
        _ point: CalibrationPoint, _ duration: CalibrationFigure, _ name: String, _ x: Double, _ y: Double,
        _ anchor: PictureCanvas.Anchor, _ canvas: inout PictureCanvas
    ) {
        canvas.word(name, x, y, anchor, isBold: true)
        let places = point.setMicroamperes <= 10_000 ? 4 : 3
        canvas.word(
            CertificateFormat.decimal(point.meanNanoamperes, from: 6, to: places) + " ± "
                + CertificateFormat.decimal(point.expandedNanoamperes, from: 6, to: places, rounding: .up) + " mA",
            x, y + 15, anchor)
        canvas.word(FigureText(duration).value, x, y + 30, anchor)
    }

    private func legend(_ canvas: inout PictureCanvas) {
        let line = top + plotHeight + 22
        canvas.line(left, line - 4, left + 24, line - 4, PictureCanvas.ink, width: 1.4, dash: "6 3")
        canvas.word(
            "as it should be: \(CertificateFormat.short(points.first.setMicroamperes)) mA, "
                + "\(CertificateFormat.fixed(nominalDuration / 1_000, 1)) µs each phase", left + 30, line)
        canvas.box(left + 322, line - 10, 16, 11, fill: "#dbe8f3", stroke: PictureCanvas.first)
        canvas.word(
            "as measured, \(isAsLeft ? "as left" : "as found"), into "
                + CertificateFormat.ohms(points.first.loadOhms), left + 344, line)
    }
}

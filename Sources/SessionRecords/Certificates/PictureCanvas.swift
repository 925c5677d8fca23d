// Inline SVG for paper: dark on white, letters large enough to read in print, nothing told by colour alone.

struct PictureCanvas {
    enum Anchor: String {
        case start
        case middle
        case end
    }

    /// How one series is told from another, also in a copy without colours.
    enum Marker: Int {
        case circle
        case square
        case triangle
        case diamond
    }

    static let ink = "#1b1f24"
    static let soft = "#57606a"
    static let rule = "#d0d7de"
    static let band = "#e6f2e6"
    static let bandEdge = "#1a7f37"
    static let first = "#1f5f99"
    static let second = "#9a3412"
    static let refused = "#b3261e"

    let width: Double
    let height: Double
    private var body = ""

    init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }

    /// - Parameter label: what the picture shows, for whoever cannot see it.
    func svg(label: String) -> String {
        "<svg viewBox=\"0 0 \(number(width)) \(number(height))\" role=\"img\" aria-label=\"\(escaped(label))\" "
            + "font-family=\"Liberation Sans, DejaVu Sans, system-ui, sans-serif\" font-size=\"11\" "
            + "fill=\"\(PictureCanvas.ink)\">\n\(body)</svg>\n"
    }

    mutating func line(
        _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String, width: Double = 1, dash: String = ""
    ) {
        path([(x1, y1), (x2, y2)], colour, width: width, dash: dash)
    }

    mutating func path(
        _ points: [(Double, Double)], _ colour: String, width: Double = 1, dash: String = "", fill: String = "none"
    ) {
        guard let start = points.first else { return }
        var text = "M\(number(start.0)) \(number(start.1))"
        for point in points.dropFirst() { text += "L\(number(point.0)) \(number(point.1))" }
        body += "<path d=\"\(text)\(fill == "none" ? "" : "Z")\" fill=\"\(fill)\" stroke=\"\(colour)\" "
        body += "stroke-width=\"\(number(width))\"" + (dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\"") + "/>\n"
    }

    mutating func box(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, fill: String, stroke: String = "none"
    ) {
        body += "<rect x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(max(0, width)))\" "
        body += "height=\"\(number(max(0, height)))\" fill=\"\(fill)\" stroke=\"\(stroke)\"/>\n"
    }

    mutating func word(
        _ text: String, _ x: Double, _ y: Double, _ anchor: Anchor = .start, colour: String = PictureCanvas.ink,
        isBold: Bool = false
    ) {
        body += "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor.rawValue)\" fill=\"\(colour)\""
        body += (isBold ? " font-weight=\"bold\"" : "") + ">\(escaped(text))</text>\n"
    }

    /// Upright along the left edge.
    mutating func upright(_ text: String, _ x: Double, _ y: Double) {
        body += "<text transform=\"translate(\(number(x)) \(number(y))) rotate(-90)\" text-anchor=\"middle\" "
        body += "fill=\"\(PictureCanvas.soft)\">\(escaped(text))</text>\n"
    }

    mutating func mark(_ marker: Marker, _ x: Double, _ y: Double, _ colour: String, isFilled: Bool, size r: Double = 3)
    {
        let fill = isFilled ? colour : "#ffffff"
        switch marker {
        case .circle:
            body += "<circle cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"\(number(r))\" fill=\"\(fill)\" "
            body += "stroke=\"\(colour)\" stroke-width=\"1.2\"/>\n"
        case .square:
            path([(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)], colour, width: 1.2, fill: fill)
        case .triangle:
            path([(x, y - r * 1.2), (x + r * 1.1, y + r), (x - r * 1.1, y + r)], colour, width: 1.2, fill: fill)
        case .diamond:
            path(
                [(x, y - r * 1.4), (x + r * 1.4, y), (x, y + r * 1.4), (x - r * 1.4, y)], colour, width: 1.2,
                fill: fill)
        }
    }

    /// A bar of uncertainty with its two ends.
    mutating func bar(_ x: Double, _ top: Double, _ bottom: Double, _ colour: String) {
        line(x, top, x, bottom, colour, width: 1)
        line(x - 2, top, x + 2, top, colour, width: 1)
        line(x - 2, bottom, x + 2, bottom, colour, width: 1)
    }

    mutating func cross(_ x: Double, _ y: Double, _ colour: String, size r: Double = 5) {
        line(x - r, y - r, x + r, y + r, colour, width: 1.6)
        line(x - r, y + r, x + r, y - r, colour, width: 1.6)
    }

    /// One decimal, without a locale; bounded, so that no number of a file leaves the picture by far.
    private func number(_ value: Double) -> String {
        let bounded = value.isNaN ? 0 : min(100_000, max(-100_000, value))
        let tenths = Int((bounded * 10).rounded())
        let rest = tenths.magnitude % 10
        return (tenths < 0 ? "-" : "") + "\(tenths.magnitude / 10)" + (rest == 0 ? "" : ".\(rest)")
    }

    private func escaped(_ text: String) -> String {
        var safe = ""
        for character in ReportEscaping.text(text) {
            switch character {
            case "&": safe += "&amp;"
            case "<": safe += "&lt;"
            case ">": safe += "&gt;"
            case "\"": safe += "&quot;"
            case "'": safe += "&#39;"
            default: safe.append(character)
            }
        }
        return safe
    }
}

/// Per cent from one bound to another, with lines at round numbers.
struct PercentAxis {
    let low: Double
    let high: Double
    let step: Double

    /// As much on both sides of 0, ±100 % at the most.
    init(covering values: [Double], tolerance: Double) {
        let largest = values.filter(\.isFinite).map(\.magnitude).max() ?? 0
        let bound = min(100, max(largest * 1.08, tolerance * 1.25, 0.1))
        let steps = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 25]
        step = steps.first { bound / $0 <= 5 } ?? 50
        high = min(100, (bound / step).rounded(.up) * step)
        low = -high
    }

    var marks: [Double] {
        let count = Int((high / step).rounded(.down))
        return (-count...count).map { Double($0) * step }
    }

    func text(_ mark: Double) -> String { CertificateFormat.signed(mark, step < 0.1 ? 2 : step < 1 ? 1 : 0) }
}

internal import Calibration

/// A figure of an output in words and in the unit that people read.
struct FigureText {
    let name: String
    let value: String
    let limit: String

    init(_ figure: CalibrationFigure) {
        let scale = FigureText.scale(figure.kind)
        func text(_ value: Int64, _ rounding: FloatingPointRoundingRule = .toNearestOrEven) -> String {
            CertificateFormat.decimal(value, from: scale.from, to: scale.to, rounding: rounding)
        }
        let unit = scale.unit.isEmpty ? "" : " " + scale.unit
        name = FigureText.name(figure.kind)
        value =
            text(figure.value) + (figure.expanded > 0 ? " ± " + text(figure.expanded, .up) : "") + unit
        if figure.lowest == 0 {
            limit = figure.highest == 0 ? "none" : "at most " + text(figure.highest) + unit
        } else if figure.lowest.magnitude == figure.highest.magnitude && figure.lowest < 0 {
            limit = "±" + text(figure.highest) + unit
        } else {
            limit = text(figure.lowest) + " to " + text(figure.highest) + unit
        }
    }

    private static func name(_ kind: FigureKind) -> String {
        switch kind {
        case .firstPhaseDuration: return "first phase lasts"
        case .secondPhaseDuration: return "second phase lasts"
        case .frequency: return "frequency"
        case .netCharge: return "net charge, of one phase"
        case .restingCurrent: return "current at rest"
        case .zeroOutput: return "largest signal at 0 mA"
        case .crossTalk: return "cross-talk from another output"
        case .stuckSteps: return "steps that did not raise the output"
        case .beyondCompliance: return "beyond compliance: measured of set"
        case .readBack: return "stimulator's own samples, of the instrument's"
        case .nonLinearity: return "non-linearity, of full scale"
        }
    }

    /// Decimals of the stored unit, decimals that are shown, unit.
    private static func scale(_ kind: FigureKind) -> (from: Int, to: Int, unit: String) {
        switch kind {
        case .firstPhaseDuration, .secondPhaseDuration: return (3, 1, "µs")
        case .frequency: return (3, 3, "Hz")
        case .netCharge, .crossTalk, .beyondCompliance, .readBack, .nonLinearity: return (1, 1, "%")
        case .restingCurrent: return (3, 1, "µA")
        case .zeroOutput: return (3, 2, "mV")
        case .stuckSteps: return (0, 0, "")
        }
    }
}

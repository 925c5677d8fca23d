import CareModel
import SafetyKernel
import SessionRecords
import SessionScreen
import StimulusModel

/// A protocol in words.
enum ProtocolText {
    static func oneLine(_ item: TreatmentProtocol) -> String {
        var parts = ["\(item.stage.name), \(item.muscle.name), \(item.electrodeKind.name)"]
        switch item.plan {
        case .treatment(let dose):
            parts.append("\(RefusalText.value(Int64(dose.frequency.millihertz), .frequency))")
            parts.append("\(dose.phaseDuration.microseconds) µs")
            parts.append(pattern(dose.pattern))
            parts.append("at most \(SessionText.milliamperes(dose.maximumAmplitude))")
        case .search(let search):
            parts.append("\(RefusalText.value(Int64(search.frequency.millihertz), .frequency))")
            parts.append("at most \(SessionText.milliamperes(search.maximumAmplitude))")
            parts.append("for \(SessionText.clock(Int64(search.milliseconds)))")
        }
        if item.isDemonstration { parts.append("DEMONSTRATION, no treatment") }
        return parts.joined(separator: " · ")
    }

    static func pattern(_ pattern: Pattern) -> String {
        switch pattern {
        case .continuous(let milliseconds): return "continuous, \(SessionText.clock(Int64(milliseconds)))"
        case .contractions(let cycle, let count):
            let on = RefusalText.decimal(cycle.onMilliseconds, 1_000)
            let off = RefusalText.decimal(Int64(cycle.restMilliseconds), 1_000)
            let up = RefusalText.decimal(Int64(cycle.rampUpMilliseconds), 1_000)
            let down = RefusalText.decimal(Int64(cycle.rampDownMilliseconds), 1_000)
            return "\(count) contractions, \(on) s on (ramps \(up) s up, \(down) s down), \(off) s off"
        case .burst(let milliseconds, let burst, let interval):
            let every = RefusalText.decimal(Int64(interval), 1_000)
            return "bursts of \(burst) ms every \(every) s, \(SessionText.clock(Int64(milliseconds)))"
        case .denseDisperse(let milliseconds, let dense, let sparseFrequency, let sparse):
            let sparseRate = RefusalText.value(Int64(sparseFrequency.millihertz), .frequency)
            return
                "dense-disperse, \(RefusalText.decimal(Int64(dense), 1_000)) s dense and "
                + "\(RefusalText.decimal(Int64(sparse), 1_000)) s at \(sparseRate) in turn, "
                + "\(SessionText.clock(Int64(milliseconds)))"
        }
    }

    static func full(_ item: TreatmentProtocol) -> String {
        var lines = ["\(item.title)  [\(item.id), version \(item.version)]", oneLine(item), ""]
        lines.append(item.summary)
        lines.append("")
        lines.append("Placement: \(item.placement)")
        lines.append("Intensity: \(item.intensityRule)")
        lines.append("Sessions:  \(item.sessionsRule)")
        lines.append("")
        lines.append("Numbers, how sure the source is of the parameter, and the source:")
        for number in item.numbers {
            let value = number.unit.text(number.stored)
            lines.append("  \(number.key.rawValue): \(value) · \(number.certainty.title) · \(number.source)")
        }
        lines.append("")
        lines.append("Evidence for the parameters: \(item.evidence.parameters.title)")
        lines.append("Evidence of benefit in patellofemoral pain: \(item.evidence.patellofemoralBenefit.title)")
        lines.append(item.evidence.statement)
        return lines.joined(separator: "\n")
    }
}

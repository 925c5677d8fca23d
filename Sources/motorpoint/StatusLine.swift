// The one line that always shows what counts: set and delivered amplitude, phase and number of the contraction, time
// left, timing health, and the keys.
import CareModel
import SafetyKernel
import SessionEngine
import StimulusModel

struct StatusLine {
    let plan: AuthorizedPlan
    /// The rig's tolerance of late wake-ups, in ms: health is shown against it.
    let latenessToleranceMilliseconds: Int32

    /// Status and keys, cut to the width of the screen so that neither wraps.
    func rows(_ status: StatusSnapshot, columns: Int) -> [String] {
        var parts = [head(status)]
        parts.append(
            "set \(SessionText.milliamperes(status.setAmplitude)) "
                + "delivered \(SessionText.milliamperes(status.lastDeliveredNow))")
        if let left = timeLeft(status) { parts.append("left \(left)") }
        parts.append(health(status))
        let keys = KeyMap.legend(
            status.state, hasSearch: plan.first.search != nil, hasTreatment: plan.first.treatment != nil,
            isTitrating: status.isTitrating)
        return [parts.joined(separator: " | "), keys].map { StatusLine.cut($0, to: columns - 1) }
    }

    /// Without keys, for logs.
    func plain(_ status: StatusSnapshot) -> String {
        var parts = [head(status)]
        parts.append("set \(SessionText.milliamperes(status.setAmplitude))")
        parts.append("delivered \(SessionText.milliamperes(status.lastDeliveredNow))")
        if let left = timeLeft(status) { parts.append("left \(left)") }
        parts.append("pulses \(status.deliveredPulses)")
        parts.append(health(status))
        return parts.joined(separator: " | ")
    }

    private func head(_ status: StatusSnapshot) -> String {
        var text = SessionText.name(status.state)
        switch status.state {
        case .rampingUp, .holding, .rampingDown, .resting:
            guard let dose = plan.first.treatment?.dose, dose.contractionCount > 0 else { break }
            text +=
                status.isTitrating
                ? " titration \(status.contraction)/\(plan.limits[.titrationContractions].value)"
                : " contraction \(status.contraction)/\(dose.contractionCount)"
            text += " \(SessionText.clock(Int64(status.phaseRemainingMilliseconds)))"
        case .faulted:
            text += " \(FaultGuide.entry(for: status.fault).title)"
        case .stopping:
            text += " \(SessionText.name(status.stopCause))"
        default: break
        }
        return text
    }

    /// What is left of the programme: the dose without titration, or of the search.
    func timeLeft(_ status: StatusSnapshot) -> String? {
        switch status.state {
        case .searching: return SessionText.clock(Int64(status.phaseRemainingMilliseconds))
        case .rampingUp, .holding, .rampingDown, .resting: break
        default: return nil
        }
        guard let dose = plan.first.treatment?.dose else { return nil }
        guard case .contractions(let cycle, let count) = dose.pattern else {
            return SessionText.clock(Int64(status.phaseRemainingMilliseconds))
        }
        let begun = status.isTitrating ? 0 : status.contraction
        var left = Int64(max(0, count - begun)) * cycle.cycleMilliseconds + Int64(status.phaseRemainingMilliseconds)
        if !status.isTitrating {
            switch status.state {
            case .rampingUp: left += Int64(cycle.plateauMilliseconds) + Int64(cycle.rampDownMilliseconds)
            case .holding: left += Int64(cycle.rampDownMilliseconds)
            default: break
            }
        }
        return SessionText.clock(left) + (status.isTitrating ? " after titration" : "")
    }

    private func health(_ status: StatusSnapshot) -> String {
        let worst = status.worstLatenessMicroseconds
        let figure = worst < 1_000 ? "<1 ms" : "\(worst / 1_000) ms"
        // Half of what the rig tolerates is worth a look.
        let isPoor = Int64(worst) > Int64(latenessToleranceMilliseconds) * 500
        let skipped = status.missedTicks == 0 ? "" : ", \(status.missedTicks) ticks missed"
        return "\(isPoor ? "TIMING POOR" : "timing ok"), worst \(figure)\(skipped)"
    }

    static func cut(_ text: String, to columns: Int) -> String {
        guard columns > 0, text.count > columns else { return text }
        return String(text.prefix(max(0, columns - 1))) + "…"
    }
}

extension StatusSnapshot {
    /// What reaches the patient at this moment: nothing, outside the states in which pulses run.
    var lastDeliveredNow: Current {
        switch state {
        case .searching, .rampingUp, .holding, .rampingDown:
            return setAmplitude.microamperes == 0 ? .zero : lastDelivered
        default: return .zero
        }
    }
}

// What is said before the first question: what the device is, what will be delivered, what the device cannot see.
import CareModel
import SafetyKernel
import SessionScreen
import StimulusModel

enum SessionBriefing {
    /// `decided.md`, P24: said at every start.
    static let notice = """
        motorpoint is not a medical device. The P24 is research equipment and not for treating people in the EU.
        Limits are enforced; whether and how to treat is the responsibility of a qualified clinician.
        """

    static func text(_ order: SessionOrder, _ past: SessionPast) -> String {
        var lines = ["", "Person \(order.person.text), \(order.side.name) \(order.treated.muscle.title)."]
        if let dose = order.treatment {
            lines.append("Treatment \(order.treated.id): \(ProtocolText.oneLine(order.treated)).")
            lines.append("  Up to 5 titration contractions come first; t ends them.")
            let pulse = dose.strongestPulse
            let rootMeanSquare = pulse.rootMeanSquareMicroamperes(at: dose.frequency)
            lines.append(
                "  At its cap: \(RefusalText.value(pulse.chargePerPhase.picocoulombs, .chargePerPhase)) a phase, "
                    + "\(RefusalText.value(rootMeanSquare, .rootMeanSquare)) r.m.s."
            )
        }
        if let dose = order.search {
            lines.append(
                "Search: \(RefusalText.value(Int64(dose.frequency.millihertz), .frequency)), "
                    + "\(dose.phaseDuration.microseconds) µs, at most "
                    + "\(SessionText.milliamperes(dose.maximumAmplitude)), "
                    + "for \(SessionText.clock(dose.programmeMilliseconds)).")
        }
        let amplitude = order.limits[.amplitude]
        if amplitude.setBy != .absolute {
            lines.append(
                "Amplitude limit \(RefusalText.value(amplitude.value, .amplitude)), set by "
                    + "\(RefusalText.name(amplitude.setBy)).")
        }
        let blind = DeviceCapabilities.p24LowLevel.electrodeLossDetectedFrom
        lines.append(
            "The P24 does not report a lost electrode below \(SessionText.milliamperes(blind)): watch the pads.")
        lines.append(
            "Evidence of benefit in patellofemoral pain: \(order.treated.evidence.patellofemoralBenefit.title).")
        if past.history.earlierTreatments == 0, order.treatment != nil {
            lines.append("First session on this muscle and side.")
        }
        return lines.joined(separator: "\n")
    }
}

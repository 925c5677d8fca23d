// What is said before the first question: what the device is, what will be delivered, what the device cannot see.
import CareModel
import SafetyKernel
import SessionRecords
import SessionScreen
import StimulusModel

enum SessionBriefing {
    /// `decided.md`, P24: said at every start.
    static func notice(_ rig: Rig) -> String {
        let device =
            rig.needles == nil
            ? "The P24 is research equipment and not for treating people in the EU."
            : "A Pulse Pal is laboratory equipment; isolator and interlock board are as you built them."
        return "motorpoint is not a medical device. \(device)\n" + responsibility
    }

    private static let responsibility = """
        Limits are enforced; whether and how to treat is the responsibility of a qualified clinician.
        """

    static func text(_ order: SessionOrder, _ past: SessionPast) -> String {
        var lines = [""]
        for (place, channel) in order.channels.enumerated() {
            lines += text(channel, order, place == 0 ? past.history : past.secondHistory)
        }
        switch order.arrangement {
        case .single: break
        case .together: lines.append("Both together: the second channel's pulses fall half a period after the first's.")
        case .alternating: lines.append("Alternating: one contracts in the other's rest.")
        }
        let amplitude = order.limits[.amplitude]
        if amplitude.setBy != .absolute {
            lines.append(
                "Amplitude limit \(RefusalText.value(amplitude.value, .amplitude)), set by "
                    + "\(RefusalText.name(amplitude.setBy)).")
        }
        if let needles = order.rig.content.needles {
            lines.append(
                "Contact not measured: this rig sees pulses from 0.2 mA up behind its relay, and nothing else of the "
                    + "needles. Isolator: \(needles.isolator), 10 V in = 10 mA out.")
        } else {
            let blind = order.capabilities(nil).electrodeLossDetectedFrom
            lines.append(
                "The P24 does not report a lost electrode below \(SessionText.milliamperes(blind)): watch the pads.")
        }
        return lines.joined(separator: "\n")
    }

    private static func text(
        _ channel: OrderedChannel, _ order: SessionOrder, _ history: TreatmentHistory?
    ) -> [String] {
        var lines = [
            "Person \(order.person.text), \(order.side.name) \(channel.treated.muscle.title), "
                + "output \(channel.output.number) of the stimulator."
        ]
        if let dose = channel.treatment {
            lines.append("Treatment \(channel.treated.id): \(ProtocolText.oneLine(channel.treated)).")
            if dose.contractionCount > 0 {
                lines.append("  Up to 5 titration contractions come first; t ends them.")
            }
            let pulse = dose.strongestPulse
            let rootMeanSquare = pulse.rootMeanSquareMicroamperes(at: dose.frequency)
            lines.append(
                "  At its cap: \(RefusalText.value(pulse.chargePerPhase.picocoulombs, .chargePerPhase)) a phase, "
                    + "\(RefusalText.value(rootMeanSquare, .rootMeanSquare)) r.m.s."
            )
        }
        if let dose = channel.search {
            lines.append(
                "Search: \(RefusalText.value(Int64(dose.frequency.millihertz), .frequency)), "
                    + "\(dose.phaseDuration.microseconds) µs, at most "
                    + "\(SessionText.milliamperes(dose.maximumAmplitude)), "
                    + "for \(SessionText.clock(dose.programmeMilliseconds)).")
        }
        lines.append(
            "Evidence of benefit in patellofemoral pain: \(channel.treated.evidence.patellofemoralBenefit.title).")
        if history?.provenTreatments == 0, channel.treatment != nil {
            lines.append("First session on this muscle and side.")
        }
        return lines
    }
}

// The session before there is one: every limit with its owner, the course in time, charge, and what nobody will see.
// Nothing is opened and nothing is asked; the verdict is the kernel's own.
import CareModel
import SafetyKernel
import SessionScreen
import StimulusModel

struct DryRun {
    let order: SessionOrder
    let past: SessionPast
    /// The smaller pad's area as typed, in cm².
    let padArea: String?

    /// Without a stated area the figures under the pad are for 25 cm², a 5 × 5 cm pad (proposal), and say so.
    private static let assumedSquareMillimetres: Int32 = 2_500

    func show(_ prompter: Prompter) throws -> ExitStatus {
        let area = try statedArea()
        prompter.say("Dry run: nothing is opened, nothing is armed, nothing is recorded.")
        prompter.say(SessionBriefing.notice)
        prompter.say(SessionBriefing.text(order, past))
        let examined: PlanExamination
        do throws(Refusal) {
            examined = try Authorization.examine(prescription(area), for: order.treated.electrodeKind)
        } catch {
            throw Failure(.refused, RefusalText.message(error))
        }
        prompter.say("")
        if padArea == nil { prompter.say("Pad area assumed: 25 cm²; say --pad-area-cm2 for another.") }
        show(examined.first, order.first, past.history, area, prompter)
        if let second = examined.second, let channel = order.second, let history = past.secondHistory {
            show(second, channel, history, area, prompter)
        }
        prompter.say(DryRun.blindness)
        return .done
    }

    private func statedArea() throws -> PadArea {
        guard let padArea else { return PadArea(squareMillimetres: DryRun.assumedSquareMillimetres) }
        do throws(DecimalProblem) {
            let stored = try DecimalText.parse(padArea, decimals: 2, highest: 20_000)
            return PadArea(squareMillimetres: Int32(clamping: stored))
        } catch {
            throw Failure(.usage, "--pad-area-cm2 \"\(padArea)\" is no number of cm² from 1 to 200")
        }
    }

    private func prescription(_ area: PadArea) -> Prescription {
        func channel(_ ordered: OrderedChannel, _ history: TreatmentHistory) -> ChannelPrescription {
            ChannelPrescription(
                search: ordered.search, treatment: ordered.treatment, channel: ordered.output, contact: .pad(area),
                history: history)
        }
        return Prescription(
            first: channel(order.first, past.history),
            second: order.second.map { channel($0, past.secondHistory ?? past.history) },
            arrangement: order.arrangement, capabilities: .p24LowLevel, limits: order.limits)
    }

    private func show(
        _ channel: AuthorizedChannel, _ ordered: OrderedChannel, _ history: TreatmentHistory, _ area: PadArea,
        _ prompter: Prompter
    ) {
        prompter.say("Output \(channel.channel.number): \(ordered.treated.id)")
        prompter.say("  Course")
        for row in SessionCourse.rows(channel) { prompter.say("    " + row) }
        for (name, dose) in [("search", channel.search), ("treatment", channel.treatment)] {
            guard let dose else { continue }
            prompter.say(
                "  At the ceiling of the \(name), \(SessionText.milliamperes(dose.ceiling)), set by "
                    + "\(RefusalText.name(dose.ceilingSetBy))")
            for row in SessionCourse.figures(dose, area, channel.limits) { prompter.say("    " + row) }
        }
        let most = channel.mostCharge.picocoulombs
        prompter.say(
            "  Charge of this session at the most \(RefusalText.value(most, .chargePerDay)); in the last 24 h "
                + "\(RefusalText.value(history.chargeToday.picocoulombs, .chargePerDay)) went through this muscle")
        prompter.say("  Limits in force")
        for row in SessionCourse.limits(channel.limits) { prompter.say("    " + row) }
        prompter.say("")
    }

    /// `sciencemode4.md` 11 and `decided.md`, P24: what the P24 does not report, so that nobody waits for it.
    static let blindness = """
        What this stimulator cannot detect
          a lost electrode below 15 mA; a partly lifted pad at any amplitude, which doubles the density under the rest
          impedance, pad temperature, current that takes another way; whether the muscle under the pad is the one meant
          the sign of its own output: its samples are read without sign
        What goes on if this computer dies
          the pulse pattern in flight, 65.5 ms at most; its high voltage stays on, without pulses, until the next start
        """
}

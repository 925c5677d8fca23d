// The session before there is one: every limit with its owner, the course in time, charge, and what nobody will see.
// Nothing is opened and nothing is asked; the verdict is the kernel's own.
import CareModel
import SafetyKernel
import SessionRecords
import SessionScreen
import StimulusModel

struct DryRun {
    let order: SessionOrder
    let past: SessionPast
    /// The smaller pad's area as typed, in cm².
    let padArea: String?
    /// Of the device that the rig file names; nothing where it names none.
    let calibration: Result<ProvenCalibration, TrustLock>?

    /// Without a stated area the figures under the pad are for 25 cm², a 5 × 5 cm pad (proposal), and say so.
    private static let assumedSquareMillimetres: Int32 = 2_500

    func show(_ prompter: Prompter) throws -> ExitStatus {
        let contact = try contact()
        prompter.say("Dry run: nothing is opened, nothing is armed, nothing is recorded.")
        prompter.say(SessionBriefing.notice(order.rig.content))
        prompter.say(SessionBriefing.text(order, past))
        prompter.say(calibrationLine)
        let examined: PlanExamination
        do throws(Refusal) {
            examined = try Authorization.examine(prescription(contact), for: order.treated.electrodeKind)
        } catch {
            throw Failure(.refused, RefusalText.message(error))
        }
        prompter.say("")
        switch contact {
        case .bench: break
        case .needle:
            prompter.say("Needles assumed: 0.25 mm, 15 mm inserted, the smallest that is taken; yours may allow more.")
        case .pad:
            if padArea == nil { prompter.say("Pad area assumed: 25 cm²; say --pad-area-cm2 for another.") }
        }
        show(examined.first, order.first, past.history, contact, prompter)
        if let second = examined.second, let channel = order.second, let history = past.secondHistory {
            show(second, channel, history, contact, prompter)
        }
        prompter.say(order.rig.content.needles == nil ? DryRun.blindness : DryRun.needleBlindness)
        return .done
    }

    private var calibrationLine: String {
        switch calibration {
        case .success(let proven):
            return "Calibration: \(RecordedCalibration(proven).words)." + (proven.notice.map { " NOTICE: \($0)" } ?? "")
        case .failure(let lock): return "Calibration: a session would not begin. \(lock)"
        case nil:
            return "Calibration: the rig file names no stimulator; a session begins only with that of the one it finds."
        }
    }

    /// Unknown geometry is that of the smallest needle (`clinical.md` H26; `decided.md`).
    private func contact() throws -> ElectrodeContact {
        guard order.treated.electrodeKind == .needle else { return .pad(try statedArea()) }
        guard padArea == nil else { throw Failure(.usage, "--pad-area-cm2 is for pads, and this is for needles") }
        return .needle(NeedleGeometry(diameterMicrometres: 250, insertedMillimetres: 15))
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

    private func prescription(_ contact: ElectrodeContact) -> Prescription {
        func channel(_ ordered: OrderedChannel, _ history: TreatmentHistory) -> ChannelPrescription {
            ChannelPrescription(
                search: ordered.search, treatment: ordered.treatment, channel: ordered.output, contact: contact,
                history: history)
        }
        return Prescription(
            first: channel(order.first, past.history),
            second: order.second.map { channel($0, past.secondHistory ?? past.history) },
            arrangement: order.arrangement, capabilities: order.capabilities(try? calibration?.get()),
            limits: order.limits)
    }

    private func show(
        _ channel: AuthorizedChannel, _ ordered: OrderedChannel, _ history: TreatmentHistory,
        _ contact: ElectrodeContact,
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
            for row in SessionCourse.figures(dose, contact, channel.limits) { prompter.say("    " + row) }
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

    /// `pulsepal.md` 12 and `decided.md`, Needle rig.
    static let needleBlindness = """
        What this rig cannot detect
          contact and impedance; a pulse below 0.2 mA; how much current flowed, only that some did
          whether the needle lies in the muscle that is meant; a joystick or menu used at the Pulse Pal
        What goes on if this computer dies
          the one pulse in flight; the relay opens within 60 ms of the last heartbeat
        """
}

// The needle rig from end to end in virtual time: host, Pulse Pal, isolator, needles, board, meter.
import RigControl
import RigSimulator
import SafetyKernel
import SessionEngine
import StimulusModel
import Testing
import VirtualHost

enum NeedleHands {
    /// Arms, searches to a set amplitude, marks, ends the search, treats at a set amplitude, answers every question.
    static func searchingAndTreating(
        to search: Int32, then treatment: Int32, every milliseconds: Int64 = 620
    ) -> (VirtualNeedleSession) -> Hands {
        { session in
            let machine = session.control.machine
            let channel = machine.channel(.first)
            // Whoever presses keys is there; a check-in is answered as soon as it may be.
            if session.milliseconds % 25_000 == 0 { return Hands(command: .checkedIn) }
            switch session.state {
            case .cleared: return Hands(command: .arm)
            case .armed where session.control.condition == .ready:
                let searched = channel.motorThreshold.microamperes > 0 || search == 0
                return Hands(command: searched ? .beginTreatment : .beginSearch)
            case .searching:
                if channel.motorThreshold.microamperes > 0 { return Hands(command: .endSearch) }
                guard session.milliseconds % milliseconds == 0 else { return Hands() }
                return Hands(command: channel.setMicroamperes < search ? .raise : .markMotor)
            case .holding:
                guard session.milliseconds % milliseconds == 0, channel.setMicroamperes < treatment else {
                    return Hands()
                }
                return Hands(command: .raise)
            default: return Hands()
            }
        }
    }
}

@Suite struct NeedleScenarios {
    static func rules() -> NeedleMeterRules {
        var rules = NeedleMeterRules()
        rules.peakCapMicroamperes = 4_000
        return rules
    }

    // Proves R-FLT-29, R-RATE-09.
    @Test(
        "A search and a treatment run to their end, on either firmware, and the meter finds nothing",
        arguments: [false, true])
    func wholeSession(isNew: Bool) throws {
        let plan = try NeedleDoses.plan(search: NeedleDoses.search(), treatment: NeedleDoses.treatment())
        let session = VirtualNeedleSession(
            plan: plan,
            rig: VirtualNeedleRigConfiguration(
                device: isNew ? .firmware22 : PulsePalConfiguration(), rules: Self.rules()))
        let ended = session.run(
            atMost: 400_000, until: { $0.state.isFinal },
            hands: NeedleHands.searchingAndTreating(to: 800, then: 1_500))
        #expect(ended)
        #expect(session.state == .closed, "\(session.control.fault) after \(session.milliseconds) ms")
        #expect(session.control.machine.stopCause == .programmeFinished)
        #expect(session.control.machine.channel(.first).motorThreshold.microamperes == 800)
        #expect(session.control.machine.channel(.first).highestDelivered.microamperes == 1_500)
        #expect(session.rig.meter.isClean, "\(session.rig.meter)")
        // 2 Hz for 120 s, less what was at 0 mA before the first raise.
        #expect(session.control.machine.channel(.first).treatmentPulses >= 235)
        #expect(Int64(session.edges.count) == session.rig.meter.pulseCount)
    }
}

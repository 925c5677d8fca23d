// Uncertain delivery, enumerated: what can become of one pulse's command and of its acknowledgement, and where the host
// can die between them. Whatever happened, the account never claims less than arrived, nothing is sent twice, and the
// session either goes on within its bounds or is over.
import RigControl
import RigSimulator
import SessionEngine
import StimulusModel
import Testing
import VirtualHost

@Suite struct UncertainDelivery {
    enum Fate: String, CaseIterable, Sendable {
        case arrives, isLost, comesLate10, comesLate60, comesLate150, comesLate400

        var late: Int64 {
            switch self {
            case .arrives, .isLost: return 0
            case .comesLate10: return 10
            case .comesLate60: return 60
            case .comesLate150: return 150
            case .comesLate400: return 400
            }
        }
    }

    /// When the host dies, in ms after the command was decided; nothing where it lives.
    static let deaths: [Int64?] = [nil, 0, 1, 2, 5, 20, 101]

    static let cases: [(command: Fate, answer: Fate)] = Fate.allCases.flatMap { command in
        Fate.allCases.map { (command, $0) }
    }

    // Proves R-FLT-04, R-FLT-03, R-FLT-05.
    @Test(arguments: cases.indices) func `every fate of a command and its answer is accounted for`(index: Int) throws {
        let (command, answer) = Self.cases[index]
        for death in Self.deaths {
            let note = "command \(command), answer \(answer), death \(death.map(String.init) ?? "never")"
            let session = try FaultScenarios.delivering(at: 8_000, seed: UInt64(index) + 1)
            impose(command, .hostToDevice, for: 29, on: session)
            // Long enough to meet the answer of a command that comes late itself.
            impose(answer, .deviceToHost, for: 35 + min(100, command.late), on: session)
            if let death {
                session.run(atMost: 29 + death, until: { _ in false })
                session.freeze(milliseconds: 1_000)
                let quiet = session.now
                session.rig.changeMeter { $0.forbidPulses(after: quiet) }
                session.freeze(milliseconds: 1_000)
            } else {
                session.run(atMost: 1_500, until: { $0.state.isFinal })
                let isDoubtful = command.late > 99 || answer.late > 99 || command == .isLost || answer == .isLost
                #expect(session.state.isFinal || !isDoubtful, "\(note)")
            }
            judge(session, note)
        }
    }

    private func impose(
        _ fate: Fate, _ direction: LineDirection, for span: Int64, on session: VirtualSession
    ) {
        switch fate {
        case .arrives: return
        case .isLost:
            session.rig.plan(.line(direction, .dead, milliseconds: span), at: session.now)
        default:
            session.rig.plan(.line(direction, .latency(milliseconds: fate.late), milliseconds: span), at: session.now)
        }
    }

    private func judge(_ session: VirtualSession, _ note: String) {
        let machine = session.control.machine
        // A host that died keeps what was under way in no account of the machine's; its own account, written before the
        // frame left, holds it.
        #expect(session.rig.meter.totalChargePicocoulombs <= session.control.charged.picocoulombs, "\(note)")
        if machine.state.isFinal {
            #expect(session.rig.meter.pulseCount <= machine.deliveredPulses + machine.unknownPulses, "\(note)")
        }
        // Held-back packets may meet: what arrives close together is the line's doing and within its delay.
        let others = session.rig.meter.violations.filter { $0.rule != .rate && $0.rule != .interval }
        #expect(others.isEmpty, "\(note): \(others)")
    }

    // Proves R-FLT-25.
    @Test func `no byte of a command can be lost, and none of its bits flipped, unseen`() throws {
        // Every byte lost, and every bit flipped, in one command of the train.
        for change in 0..<(24 * 9) {
            let session = try FaultScenarios.delivering(at: 8_000, seed: 99)
            var isDone = false
            session.tamperWithFrame = { bytes in
                guard !isDone, bytes.count > 16 else { return }
                isDone = true
                let index = change / 9 % bytes.count
                if change % 9 == 8 { bytes.remove(at: index) } else { bytes[index] ^= 1 << UInt8(change % 9) }
            }
            session.run(atMost: 700, until: { $0.state.isFinal })
            let machine = session.control.machine
            #expect(isDone)
            // The frame's length lies outside its check sum; whatever the device made of it, the meter saw nothing that
            // it would not have seen, and the account covers it.
            #expect(session.state.isFinal, "change \(change)")
            #expect(session.rig.meter.pulseCount <= machine.deliveredPulses + machine.unknownPulses, "change \(change)")
            #expect(session.rig.meter.largestPeakMicroamperes <= 8_000, "change \(change)")
            #expect(session.rig.meter.violations.isEmpty, "change \(change)")
        }
    }

    // Proves R-FLT-25.
    @Test func `no byte of an acknowledgement can be lost unseen`() throws {
        for lost in 0..<16 {
            let session = try FaultScenarios.delivering(at: 8_000, seed: 98)
            session.run(atMost: 40, until: { _ in false })
            var seen = -1
            session.passesByte = { _ in
                seen += 1
                return seen != lost
            }
            session.run(atMost: 700, until: { $0.state.isFinal })
            #expect(session.state == .faulted, "byte \(lost)")
            #expect([.deliveryUnknown, .garbage].contains(session.control.machine.fault), "byte \(lost)")
            #expect(session.rig.meter.violations.isEmpty, "byte \(lost)")
        }
    }
}

import RigControl
import RigSimulator
import SafetyKernel
import SessionEngine
import SessionRecords
import StimulusModel
import Testing
import VirtualHost

// Proves R-REC-05.
@Suite struct ReplayScenarios {
    @Test(arguments: [UInt64(3), 4, 5, 6])
    func `a session's inputs give the same outputs bit for bit`(seed: UInt64) throws {
        let plan = try Doses.plan(search: nil, treatment: Doses.relieve())
        var faults = FaultPlan(seed: seed)
        if seed == 6 { faults.deviceToHost.packetLostPerMillion = 2_000 }
        let session = VirtualSession(
            plan: plan,
            rig: VirtualRigConfiguration(rules: SessionScenarios.rules, faults: faults, seed: seed))
        session.run(
            atMost: 90_000, until: { $0.state.isFinal },
            hands: { session in
                var hands =
                    seed == 4 ? Practitioner.everything(session) : Practitioner.raising(to: 9_000)(session)
                hands.late = seed == 5 && session.milliseconds % 613 == 0 ? 21 : 0
                return hands
            })
        let replay = SessionReplay(session.journal, plan: plan, until: session.control.tickCount)
        #expect(replay.mismatches.isEmpty)
        #expect(replay.steps > 1_000)
        #expect(replay.machine.state == session.state)
        #expect(replay.machine.deliveredPulses == session.control.machine.deliveredPulses)
    }

    /// Seen on the virtual bench: a process that was halted for two seconds replayed with differences.
    @Test(arguments: [999, 1_001, 2_100, 70_000] as [Int32])
    func `a computer that was halted for long replays alike`(late: Int32) throws {
        let plan = try Doses.plan(search: nil, treatment: Doses.relieve())
        let session = VirtualSession(plan: plan, rig: VirtualRigConfiguration(rules: SessionScenarios.rules, seed: 11))
        session.run(
            atMost: 60_000, until: { $0.state == .holding && $0.control.setAmplitude.microamperes >= 5_000 },
            hands: Practitioner.raising(to: 5_000))
        #expect(session.state == .holding)
        session.tick(Hands(hostFault: .late, late: late))
        session.run(atMost: 500, until: { _ in false })
        #expect(session.state == .faulted)
        let replay = SessionReplay(session.journal, plan: plan, until: session.control.tickCount)
        #expect(replay.mismatches == [])
        #expect(replay.machine.state == session.state)
    }

    @Test func `a changed input is noticed`() throws {
        let plan = try Doses.plan(search: nil, treatment: Doses.relieve())
        let session = VirtualSession(plan: plan, rig: VirtualRigConfiguration(rules: SessionScenarios.rules, seed: 9))
        session.run(atMost: 20_000, until: { $0.state.isFinal }, hands: Practitioner.raising(to: 5_000))
        var journal = session.journal
        // One raise that was pressed is left out.
        let index = try #require(journal.firstIndex { StepInputs($0)?.command == .raise })
        journal.remove(at: index)
        let replay = SessionReplay(journal, plan: plan, until: session.control.tickCount)
        #expect(!replay.mismatches.isEmpty)
    }

    @Test func `inputs that cannot be read are a difference, not a quiet tick`() throws {
        let plan = try Doses.plan(search: nil, treatment: Doses.relieve())
        let session = VirtualSession(plan: plan, rig: VirtualRigConfiguration(rules: SessionScenarios.rules, seed: 9))
        session.run(atMost: 20_000, until: { $0.state.isFinal }, hands: Practitioner.raising(to: 5_000))
        var journal = session.journal
        // A pulse that was delivered: nothing that the machine says changes in that very tick.
        let index = try #require(journal.firstIndex { StepInputs($0)?.first.delivery == .delivered })
        journal[index].words[6] = 1
        let replay = SessionReplay(journal, plan: plan, until: session.control.tickCount)
        let tick = JournalEntry.tick(journal[index])
        #expect(replay.mismatches.first == "tick \(tick): inputs that no version of this program writes")
    }
}

import RigControl
import RigSimulator
import SafetyKernel
import SessionEngine
import SessionRecords
import StimulusModel
import Testing
import VirtualHost

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
}

// What the needle fault scenarios share: how a session comes to deliver, and what must hold at its end.
import RigControl
import RigSimulator
import SafetyKernel
import SessionEngine
import StimulusModel
import Testing
import VirtualHost

enum NeedleWorld {
    /// C, the drop-out of the charge pump, with the contacts' 5 ms and two ticks of 1 ms: 50 + 5 + 2, and the pulse in
    /// flight. (`decided.md`, Loop)
    static let open: Int64 = 60

    static func plan(
        millihertz: Int32 = 15_000, milliseconds: Int32 = 120_000
    ) throws -> AuthorizedPlan {
        try NeedleDoses.plan(
            search: nil, treatment: NeedleDoses.treatment(milliseconds: milliseconds, millihertz: millihertz))
    }

    static func rig(
        millihertz: Int32 = 15_000, isNew: Bool = false, faults: [NeedleFault] = [], seed: UInt64 = 7,
        peak: Int32 = 4_000
    ) -> VirtualNeedleRigConfiguration {
        VirtualNeedleRigConfiguration(
            device: isNew ? .firmware22 : PulsePalConfiguration(),
            rules: NeedleMeterRules(peakCapMicroamperes: peak, rateCapMillihertz: millihertz), faults: faults,
            seed: seed)
    }

    /// Arms, begins the treatment, raises to an amplitude, and answers every check-in.
    static func raising(to target: Int32) -> (VirtualNeedleSession) -> Hands {
        NeedleHands.searchingAndTreating(to: 0, then: target)
    }

    /// Delivering at a set amplitude that was felt, 30 ms after an edge.
    static func delivering(
        at target: Int32 = 1_000, millihertz: Int32 = 15_000, isNew: Bool = false, seed: UInt64 = 7
    ) throws -> VirtualNeedleSession {
        let session = VirtualNeedleSession(
            plan: try plan(millihertz: millihertz), rig: rig(millihertz: millihertz, isNew: isNew, seed: seed))
        let reached = session.run(
            atMost: 60_000,
            until: {
                $0.state == .holding && $0.control.machine.setMicroamperes >= target
                    && $0.control.machine.channel(.first).highestDelivered.microamperes >= target
            }, hands: raising(to: target))
        #expect(reached, "\(session.state), \(session.control.fault), \(session.control.condition)")
        afterAnEdge(session, by: 30)
        #expect(session.rig.meter.isClean, "\(session.rig.meter)")
        return session
    }

    /// To so many milliseconds after the next edge.
    static func afterAnEdge(_ session: VirtualNeedleSession, by milliseconds: Int64) {
        let count = session.edges.count
        session.run(atMost: 1_200, until: { $0.edges.count > count })
        session.run(atMost: milliseconds, until: { _ in false })
    }

    /// Presses a key every few milliseconds, whatever the state: every command but none that stops.
    static func everything(_ session: VirtualNeedleSession) -> Hands {
        guard session.milliseconds % 7 == 0 else { return Hands() }
        let draw = UInt64(bitPattern: session.milliseconds) &* 0x9E37_79B9_7F4A_7C15 >> 40
        if draw % 3 == 0 { return raising(to: 4_000)(session) }
        return Hands(command: OperatorCommand(rawValue: UInt8(draw % 15)) ?? .none)
    }

    static func forbid(_ session: VirtualNeedleSession, after milliseconds: Int64) {
        let quiet = session.now.advanced(by: TimeSpan(milliseconds: milliseconds))
        session.rig.changeMeter { $0.forbidPulses(after: quiet) }
    }

    /// Violations that no hardware of this scenario explains.
    static func unexplained(_ session: VirtualNeedleSession, _ explained: Set<NeedleMeterRule>) -> [NeedleViolation] {
        session.rig.meter.violations.filter { !explained.contains($0.rule) }
    }

    /// Five seconds of every key after the end: nothing may come back by itself, and the accounts hold.
    static func expectNothingComesBack(
        _ session: VirtualNeedleSession, _ note: String, explained: Set<NeedleMeterRule> = [],
        othersStimulated: Bool = false, state: SessionState = .faulted
    ) {
        session.run(atMost: 5_000, until: { _ in false }, hands: everything)
        #expect(session.state == state, "\(note): \(session.control.fault)")
        #expect(!session.lastDrive.enable, "\(note)")
        let found = unexplained(session, explained)
        #expect(found.isEmpty, "\(note): \(found)")
        guard !othersStimulated else { return }
        expectAccounts(session, note)
    }

    static func expectAccounts(_ session: VirtualNeedleSession, _ note: String) {
        let machine = session.control.machine
        #expect(
            session.rig.meter.pulseCount <= machine.deliveredPulses + machine.unknownPulses,
            "\(note): more arrived than is on record")
        #expect(session.rig.meter.totalChargePicocoulombs <= session.control.charged.picocoulombs, "\(note)")
    }

    /// Reaches the moment at which the relay has closed for the `count`-th time since arming began.
    static func closing(_ count: Int, _ session: VirtualNeedleSession) -> Bool {
        var closings = 0
        var wasClosed = false
        return session.run(
            atMost: 2_000,
            until: { session in
                let isClosed = session.rig.board.isClosed
                if isClosed, !wasClosed { closings += 1 }
                wasClosed = isClosed
                return closings == count
            },
            hands: { $0.state == .cleared ? Hands(command: .arm) : Hands() })
    }
}

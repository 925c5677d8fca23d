// The proof that both stop paths work, made at each arming, and everything that may happen during it.
import RigControl
import RigSimulator
import SafetyKernel
import SessionEngine
import StimulusModel
import Testing
import VirtualHost

@Suite struct NeedleArmingScenarios {
    /// The shortest proof by its own times: 60 ms to charge, 5 to close and 5 to open by enable, 60 and 5 again, 55 to
    /// open by the heartbeat, 60 and 5: 255 ms. The longest that is let pass: 60 + 100 + 62, twice, and 160.
    private static let proof: Int64 = 610

    private static func armed(faults: [NeedleFault] = []) throws -> VirtualNeedleSession {
        VirtualNeedleSession(plan: try NeedleWorld.plan(), rig: NeedleWorld.rig(faults: faults))
    }

    private static func arm(_ session: VirtualNeedleSession) {
        session.run(atMost: 3_000, until: { $0.state == .cleared || $0.state.isFinal })
        session.tick(Hands(command: .arm))
    }

    // Proves R-STOP-10.
    /// Times between which the relay was closed, in one arming.
    @Test func `arming closes the relay three times and opens it by each path alone`() throws {
        let session = try Self.armed()
        Self.arm(session)
        #expect(session.state == .armed)
        let start = session.milliseconds
        var closings = 0
        var openedWith: [(enable: Bool, toggles: Int)] = []
        var wasClosed = false
        var lastBeat = false
        var sinceToggle = 0
        while session.control.condition != .ready, session.milliseconds - start < Self.proof {
            // What was driven when it opened, not what the host made of it in the same tick.
            let before = (enable: session.lastDrive.enable, toggles: sinceToggle)
            session.tick()
            sinceToggle = session.lastDrive.heartbeat == lastBeat ? sinceToggle + 1 : 0
            lastBeat = session.lastDrive.heartbeat
            let isClosed = session.rig.board.isClosed
            if isClosed, !wasClosed { closings += 1 }
            if !isClosed, wasClosed { openedWith.append(before) }
            wasClosed = isClosed
        }
        #expect(session.control.condition == .ready, "\(session.control.fault)")
        #expect(closings == 3)
        #expect(openedWith.count == 2)
        // First by enable with the heartbeat on, then by the heartbeat with enable on.
        #expect(openedWith.first?.enable == false && (openedWith.first?.toggles ?? 99) <= 1)
        #expect(openedWith.last?.enable == true)
        #expect((openedWith.last?.toggles ?? 0) >= 50)
        #expect(session.milliseconds - start >= 250)
        #expect(session.rig.meter.pulseCount == 0)
    }

    static let broken: [(String, [NeedleFault], Set<FaultCause>)] = [
        ("never closes", [NeedleFault(.relayNeverCloses)], [.relayWouldNotClose]),
        ("slow drop-out", [NeedleFault(.slowDropOut, milliseconds: 200)], [.heartbeatPathFailed]),
        ("drop-out of 70 ms", [NeedleFault(.slowDropOut, milliseconds: 70)], [.heartbeatPathFailed]),
        ("heartbeat path bridged", [NeedleFault(.heartbeatStuck)], [.heartbeatPathFailed]),
        ("read-back stuck open", [NeedleFault(.readBackStuckOpen)], [.relayWouldNotClose]),
        ("read-back stuck closed", [NeedleFault(.readBackStuckClosed)], [.relayStillClosed]),
        ("welded from the start", [NeedleFault(.relayWelded)], [.relayStillClosed]),
        (
            "relay driver shorted from the start", [NeedleFault(.relayDriverShorted)],
            [.relayStillClosed, .enablePathFailed]
        ),
        ("enable stuck from the start", [NeedleFault(.enableStuck)], [.relayWouldNotClose, .enablePathFailed]),
        ("comparator stuck", [NeedleFault(.comparatorStuck)], [.pulseWithoutEdge]),
    ]

    // Proves R-STOP-10.
    @Test(arguments: broken.indices) func `a broken path is found before there is energy`(index: Int) throws {
        let (note, faults, expected) = Self.broken[index]
        let session = try Self.armed(faults: faults)
        session.run(
            atMost: 3_000, until: { $0.state.isFinal || $0.control.condition == .ready },
            hands: { $0.state == .cleared ? Hands(command: .arm) : Hands() })
        #expect(session.state == .faulted, "\(note): \(session.state)")
        #expect(expected.contains(session.control.fault), "\(note): \(session.control.fault)")
        #expect(session.rig.meter.pulseCount == 0)
        NeedleWorld.expectNothingComesBack(session, note)
    }

    // Proves R-STOP-10.
    @Test func `an enable path that breaks while the relay is closed for the first time`() throws {
        let session = try Self.armed()
        #expect(NeedleWorld.closing(1, session))
        session.rig.plan(NeedleFault(.enableStuck), at: session.now)
        session.run(atMost: Self.proof, until: { $0.state.isFinal })
        #expect(session.control.fault == .enablePathFailed, "\(session.control.fault)")
        // The other path opens it.
        session.run(atMost: NeedleWorld.open, until: { _ in false })
        #expect(!session.rig.board.isClosed)
        NeedleWorld.expectNothingComesBack(session, "enable path")
    }

    // Proves R-STOP-11.
    @Test(arguments: [1, 2, 3]) func `a relay that welds while it is proven is named`(closing: Int) throws {
        let session = try Self.armed()
        #expect(NeedleWorld.closing(closing, session))
        session.rig.plan(NeedleFault(.relayWelded), at: session.now)
        session.run(atMost: 200, until: { $0.state.isFinal })
        if closing == 3 { session.tick(Hands(stop: .operatorKey)) }
        session.run(atMost: 200, until: { $0.state.isFinal })
        let expected: [FaultCause] = [.enablePathFailed, .heartbeatPathFailed, .relayStillClosed]
        #expect(session.control.fault == expected[closing - 1], "\(session.control.fault)")
        #expect(!session.control.status().isProvenOff)
        NeedleWorld.expectNothingComesBack(session, "welded at \(closing)")
    }

    static let interruptions: [(String, @Sendable (VirtualNeedleSession) -> Hands)] = [
        ("stop key", { _ in Hands(stop: .operatorKey) }),
        (
            "emergency stop",
            { session in
                session.rig.pressEmergencyStop(at: session.now)
                return Hands()
            }
        ),
        (
            "patient's button",
            { session in
                session.rig.pressPatientButton(at: session.now, heldFor: TimeSpan(milliseconds: 400))
                return Hands()
            }
        ),
        ("late", { _ in Hands(hostFault: .late) }),
    ]

    // Proves R-STOP-03.
    @Test(arguments: interruptions.indices) func `whatever ends the arming, enable is low two ticks later`(
        index: Int
    ) throws {
        let (note, interrupt) = Self.interruptions[index]
        // Every phase of the proof: its shortest lasts 5 ms.
        for moment in stride(from: Int64(0), through: 340, by: 7) {
            let session = try Self.armed()
            session.keepsJournal = false
            Self.arm(session)
            session.run(atMost: moment, until: { _ in false })
            session.tick(interrupt(session))
            session.tick()
            #expect(!session.lastDrive.enable, "\(note) at \(moment) ms")
            session.run(atMost: 3_200, until: { $0.state.isFinal })
            let isFault = index == 3
            #expect(session.state == (isFault ? .faulted : .closed), "\(note) at \(moment): \(session.control.fault)")
            session.run(atMost: NeedleWorld.open, until: { _ in false })
            #expect(!session.rig.board.isClosed, "\(note) at \(moment) ms")
            #expect(session.control.status().isProvenOff, "\(note) at \(moment) ms")
            #expect(session.rig.meter.pulseCount == 0 && session.rig.meter.isClean)
        }
    }

    // Proves R-STOP-18, R-STOP-10, R-AMP-06.
    @Test func `a pause opens the relay, and resuming proves it anew and begins at 0 mA`() throws {
        let session = try NeedleWorld.delivering()
        for _ in 0..<3 {
            NeedleWorld.forbid(session, after: 2)
            session.tick(Hands(command: .pause))
            #expect(session.state == .paused && !session.lastDrive.enable)
            session.run(atMost: 8, until: { _ in false })
            #expect(!session.rig.board.isClosed)
            session.run(atMost: 2_000, until: { _ in false }, hands: { _ in Hands(command: .raise) })
            #expect(session.state == .paused && session.control.setAmplitude == .zero)
            session.rig.changeMeter { $0.allowPulses() }
            let run = session.control.machine.run
            session.tick(Hands(command: .resume))
            #expect(session.lastDrive.enable == false, "first the charge pump")
            let from = session.milliseconds
            session.run(atMost: 1_000, until: { $0.state == .holding })
            #expect(session.state == .holding && session.control.machine.run == run + 1, "\(session.control.fault)")
            #expect(session.milliseconds - from >= 250, "proven anew")
            #expect(session.control.setAmplitude == .zero)
            session.run(atMost: 3_000, until: { _ in false }, hands: NeedleWorld.raising(to: 300))
            #expect(session.control.setAmplitude.microamperes > 0)
        }
        #expect(session.rig.meter.isClean, "\(session.rig.meter)")
        NeedleWorld.expectAccounts(session, "pauses")
    }

    // Proves R-STOP-10.
    @Test func `two welds and breaks during a pause: resuming refuses`() throws {
        for kind in [NeedleFaultKind.relayWelded, .heartbeatStuck, .relayNeverCloses] {
            let session = try NeedleWorld.delivering()
            session.tick(Hands(command: .pause))
            session.run(atMost: 500, until: { _ in false })
            session.rig.plan(NeedleFault(kind), at: session.now)
            NeedleWorld.forbid(session, after: 0)
            session.run(
                atMost: 1_500, until: { $0.state.isFinal },
                hands: { $0.state == .paused ? Hands(command: .resume) : Hands() })
            #expect(session.state == .faulted, "\(kind): \(session.state)")
            NeedleWorld.expectNothingComesBack(session, "\(kind)")
        }
    }
}

// The rows of the fault matrix that apply to a needle rig (`reliability.md` 8, as far as `decided.md` keeps them), each
// with its expected reaction and its bound in virtual time. Numbers are typed here, not taken from the host.
//
// Words: *C* = 50 ms, the drop-out of the charge pump; *quiet after* = no pulse may begin later than this, in ms from
// the fault's first effect; *named within* = the session is faulted by then, in ms.
import RigControl
import RigSimulator
import SafetyKernel
import SessionEngine
import StimulusModel
import Testing
import VirtualHost

struct NeedleFaultRow: CustomTestStringConvertible, Sendable {
    let row: String
    let what: String
    let faults: [NeedleFault]
    let expected: Set<FaultCause>
    let namedWithin: Int64
    var quietAfter: Int64
    /// Rules that the hardware or the hand itself breaks before the relay opens.
    var explained: Set<NeedleMeterRule> = []
    /// Somebody else than the host stimulated: its account knows nothing of that.
    var othersStimulated = false

    init(
        _ row: String, _ what: String, _ faults: [NeedleFault], _ expected: Set<FaultCause>, namedWithin: Int64,
        quietAfter: Int64? = nil, explained: Set<NeedleMeterRule> = [], othersStimulated: Bool = false
    ) {
        self.row = row
        self.what = what
        self.faults = faults
        self.expected = expected
        self.namedWithin = namedWithin
        // The contacts open 5 ms after enable, which falls in the tick that names the fault.
        self.quietAfter = quietAfter ?? namedWithin + 8
        self.explained = explained
        self.othersStimulated = othersStimulated
    }

    var testDescription: String { "\(row) \(what)" }
}

@Suite struct NeedleFaultScenarios {
    /// A silent device is asked every 500 ms and has 50 ms to answer; an edge holds the question back for 6 ms.
    private static let poll: Int64 = 500 + 50 + 12
    /// Two edges at 15 Hz, and 6 ms to be seen.
    private static let twoEdges: Int64 = 2 * 67 + 8

    static let rows: [NeedleFaultRow] = [
        NeedleFaultRow(
            "F10", "the device stops reading", [NeedleFault(.lineBlocked, milliseconds: 2_000)],
            [.silent, .lineBlocked], namedWithin: poll),
        NeedleFaultRow("F11", "unplugged", [NeedleFault(.unplugged)], [.unplugged], namedWithin: 2, quietAfter: 1),
        NeedleFaultRow(
            "F12", "black hole", [NeedleFault(.lineDead, milliseconds: 10_000)], [.silent], namedWithin: poll),
        NeedleFaultRow(
            "F13", "half open: nothing comes back", [NeedleFault(.deviceSilent, milliseconds: 10_000)], [.silent],
            namedWithin: poll),
        NeedleFaultRow(
            "F14", "gone and back under another number", [NeedleFault(.powerInterrupted, milliseconds: 300)],
            [.unplugged], namedWithin: 2, quietAfter: 1),
        NeedleFaultRow(
            "F52b", "the relay never closes any more", [NeedleFault(.relayNeverCloses)], [.relayOpened],
            namedWithin: 8),
        NeedleFaultRow(
            "H23", "isolator tripped", [NeedleFault(.isolatorTripped)], [.pulseNotSeen], namedWithin: twoEdges),
        NeedleFaultRow("F54", "needles out", [NeedleFault(.needlesOut)], [.pulseNotSeen], namedWithin: twoEdges),
        NeedleFaultRow(
            "P1", "comparator dead", [NeedleFault(.comparatorDead)], [.pulseNotSeen], namedWithin: twoEdges),
        NeedleFaultRow(
            "P2", "comparator stuck", [NeedleFault(.comparatorStuck)], [.pulseWithoutEdge], namedWithin: 3),
        NeedleFaultRow(
            "P3", "somebody starts a train from the menu", [NeedleFault(.strayTrain)], [.pulseWithoutEdge],
            namedWithin: 4, explained: [.interval, .rate], othersStimulated: true),
        // 5 V, monophasic, every 1.1 ms for 1 s, from the next edge on: the host sees a sign that does not end.
        NeedleFaultRow(
            "P4", "defaults set in the menu between two pulses", [NeedleFault(.parametersChanged)],
            [.pulseWithoutEdge], namedWithin: 67 + 12,
            explained: [
                .peak, .rise, .interval, .rate, .monophasic, .directCurrentDriven, .directCurrentFlowed, .netCharge,
            ],
            othersStimulated: true),
        NeedleFaultRow(
            "P5", "read-back stuck open", [NeedleFault(.readBackStuckOpen)], [.relayOpened], namedWithin: 8),
    ]

    // Proves R-FLT-02, R-FLT-04, R-FLT-07, R-FLT-21, R-STOP-11.
    @Test(arguments: rows) func `a fault is named in time, the relay opens, and nothing comes back`(
        row: NeedleFaultRow
    ) throws {
        for isNew in [false, true] {
            let session = try NeedleWorld.delivering(isNew: isNew)
            let note = "\(row.row), firmware \(isNew ? 22 : 21)"
            NeedleWorld.forbid(session, after: row.quietAfter)
            for fault in row.faults { session.rig.plan(fault, at: session.now) }
            let start = session.milliseconds
            let ended = session.run(atMost: row.namedWithin, until: { $0.state == .faulted })
            #expect(ended, "\(note): \(session.state) after \(session.milliseconds - start) ms")
            #expect(row.expected.contains(session.control.fault), "\(note): \(session.control.fault)")
            #expect(!session.lastDrive.enable, "\(note): enable falls in the tick that names the fault")
            NeedleWorld.expectNothingComesBack(
                session, note, explained: row.explained, othersStimulated: row.othersStimulated)
            // 15 Hz for the time until it is quiet, and what a train from the menu gives until then.
            #expect(!session.rig.board.isClosed, "\(note)")
        }
    }

    // Proves R-AMP-11.
    @Test func `what the host cannot notice leaves the amplitude as it was set`() throws {
        for kind in [NeedleFaultKind.needlesTouching, .joystickClicked, .isolatorImbalance] {
            let session = try NeedleWorld.delivering()
            session.rig.plan(NeedleFault(kind), at: session.now)
            session.run(atMost: 3_000, until: { $0.state.isFinal })
            #expect(session.state == .holding, "\(kind): \(session.control.fault)")
            #expect(session.control.machine.setMicroamperes == 1_000)
            session.rig.plan(NeedleFault(.needlesIn), at: session.now)
            session.run(atMost: 1_000, until: { $0.state.isFinal })
            #expect(session.rig.meter.largestPeakMicroamperes <= 1_055, "\(kind)")
            // An isolator that gives 5 % more in one direction gives more than any account of commands holds.
            if kind != .isolatorImbalance { NeedleWorld.expectAccounts(session, "\(kind)") }
        }
    }

    // Proves R-FLT-04.
    @Test func `a click in the middle of a pulse cuts that pulse, and the train goes on`() throws {
        let session = try NeedleWorld.delivering()
        let cut = session.rig.meter.cutCount
        // Between two looks of the board and a cycle of the device lie up to 0.45 ms: one of these clicks meets it.
        for _ in 0..<12 {
            let count = session.edges.count
            session.run(atMost: 100, until: { $0.edges.count > count })
            session.rig.clickJoystick(at: Instant(nanoseconds: session.milliseconds * 1_000_000 + 500_000))
            session.run(atMost: 40, until: { _ in false })
        }
        #expect(session.rig.meter.cutCount > cut)
        #expect(session.state == .holding, "\(session.control.fault)")
        // At most a phase of charge is left behind by each (`decided.md`, Amplitude): the meter says more than that.
        #expect(session.rig.meter.isClean, "\(session.rig.meter)")
        NeedleWorld.expectAccounts(session, "click")
    }

    // Proves R-FLT-23.
    @Test(arguments: [false, true])
    func `F21 a command cut short at a raise: enable low 50 ms later, the relay open, whatever the device does`(
        isNew: Bool
    ) throws {
        let session = try NeedleWorld.delivering(isNew: isNew)
        // Enough since the last raise.
        session.run(atMost: 700, until: { _ in false })
        NeedleWorld.afterAnEdge(session, by: 20)
        session.rig.plan(NeedleFault(.commandCut), at: session.now)
        NeedleWorld.forbid(session, after: 1)
        session.tick(Hands(command: .raise))
        let start = session.milliseconds
        let ended = session.run(atMost: 60, until: { $0.state == .faulted })
        #expect(ended, "\(session.state)")
        #expect(session.milliseconds - start <= 53, "named after \(session.milliseconds - start) ms")
        #expect([.settingUnconfirmed, .settingRefused, .garbage].contains(session.control.fault))
        #expect(!session.lastDrive.enable)
        NeedleWorld.expectNothingComesBack(session, "F21")
        #expect(!session.rig.board.isClosed)
        #expect(session.rig.meter.largestPeakMicroamperes <= 1_000, "the raise was never delivered")
    }

    // Proves R-FLT-07.
    @Test func `F21 a command cut short at the question whether the device is there`() throws {
        let session = try NeedleWorld.delivering()
        session.rig.plan(NeedleFault(.commandCut), at: session.now)
        NeedleWorld.forbid(session, after: Self.poll + 8)
        session.run(atMost: Self.poll, until: { $0.state == .faulted })
        #expect(session.state == .faulted && session.control.fault == .silent, "\(session.control.fault)")
        NeedleWorld.expectNothingComesBack(session, "F21 poll")
    }

    static let holding: [(String, [NeedleFaultKind])] = [
        ("F22 enable stuck", [.enableStuck]), ("F22 relay welded", [.relayWelded]),
        ("F22 read-back stuck closed", [.readBackStuckClosed]),
        ("F23 enable and heartbeat stuck", [.enableStuck, .heartbeatStuck]),
        ("F23 welded and stuck", [.relayWelded, .enableStuck, .heartbeatStuck]),
    ]

    // Proves R-STOP-11.
    @Test(arguments: holding.indices)
    func `F22 F23 a relay that does not open is named, and a later arming is refused`(index: Int) throws {
        let (note, kinds) = Self.holding[index]
        let session = try NeedleWorld.delivering()
        for kind in kinds { session.rig.plan(NeedleFault(kind), at: session.now) }
        session.tick()
        #expect(session.state == .holding)
        NeedleWorld.forbid(session, after: 2)
        session.tick(Hands(stop: .operatorKey))
        #expect(!session.lastDrive.enable)
        let ended = session.run(atMost: 100, until: { $0.state.isFinal })
        #expect(ended && session.control.fault == .relayStillClosed, "\(note): \(session.control.fault)")
        // Enable alone stuck: the heartbeat that stops with the fault opens it, and then it is open indeed.
        if kinds != [.enableStuck] { #expect(!session.control.status().isProvenOff, "\(note)") }
        NeedleWorld.expectNothingComesBack(session, note)
        guard kinds != [.enableStuck] else { return }
        session.restartHost(plan: try NeedleWorld.plan())
        session.run(atMost: 3_000, until: { $0.state.isFinal }, hands: NeedleWorld.raising(to: 1_000))
        #expect(session.state == .faulted && session.control.fault == .relayStillClosed, "\(note)")
        #expect(session.rig.meter.isClean, "\(note)")
    }

    // Proves R-STOP-11.
    @Test func `F22 a relay that welds is still named when another fault came first`() throws {
        let session = try NeedleWorld.delivering()
        session.rig.plan(NeedleFault(.relayWelded), at: session.now)
        session.rig.plan(NeedleFault(.unplugged), at: session.now)
        session.run(atMost: 500, until: { _ in false })
        #expect(session.state == .faulted && session.control.fault == .unplugged)
        #expect(!session.control.status().isProvenOff, "the screen must not say that it is off")
        NeedleWorld.expectNothingComesBack(session, "welded and unplugged")
    }

    // MARK: - The host dies

    // Proves R-FLT-16.
    @Test(arguments: [0, 1, 2, 9, 33, 60] as [Int64])
    func `F30 F31 F35 a dead host gives no pulse, and the relay opens within C whatever the pins keep`(
        offset: Int64
    ) throws {
        for keeps in [true, false] {
            let session = try NeedleWorld.delivering()
            NeedleWorld.afterAnEdge(session, by: offset)
            // With the edge just driven its pulse may still begin.
            NeedleWorld.forbid(session, after: 2)
            if !keeps { session.rig.setPins(PinDrive(), at: session.now) }
            session.freeze(milliseconds: keeps ? NeedleWorld.open : 8)
            #expect(!session.rig.board.isClosed, "offset \(offset), keeps \(keeps)")
            session.freeze(milliseconds: 10_000)
            #expect(session.rig.meter.isClean, "\(session.rig.meter)")
        }
    }

    // Proves R-FLT-16.
    @Test func `F30 a dead host and a train from the menu: current ends within C`() throws {
        let session = try NeedleWorld.delivering()
        session.rig.plan(NeedleFault(.strayTrain), at: session.now)
        NeedleWorld.forbid(session, after: NeedleWorld.open)
        session.freeze(milliseconds: 500)
        // Frozen in the middle of a command with the output of a train on: nothing but the relay helps.
        session.rig.plan(NeedleFault(.strayTrain), at: session.now)
        session.freeze(milliseconds: 2_000)
        #expect(NeedleWorld.unexplained(session, [.interval, .rate]).isEmpty, "\(session.rig.meter)")
        #expect(!session.rig.board.isClosed)
    }

    // Proves R-FLT-18.
    @Test(arguments: [80, 5_000] as [Int64]) func `F32 a host that wakes up too late re-energises nothing`(
        span: Int64
    ) throws {
        let session = try NeedleWorld.delivering()
        session.freeze(milliseconds: span)
        NeedleWorld.forbid(session, after: 0)
        session.tick(Hands(hostFault: .late))
        #expect(session.state == .faulted && session.control.fault == .late)
        #expect(!session.lastDrive.enable)
        NeedleWorld.expectNothingComesBack(session, "F32")
    }

    // Proves R-FLT-18.
    @Test func `F32 a wake-up later than C and within a wider tolerance ends the session as well`() throws {
        let session = try NeedleWorld.delivering()
        NeedleWorld.forbid(session, after: 51 + 8)
        session.tick(Hands(late: 55))
        session.run(atMost: 10, until: { $0.state.isFinal })
        #expect(session.state == .faulted && session.control.fault == .relayOpened, "\(session.control.fault)")
        NeedleWorld.expectNothingComesBack(session, "F32 in between")
    }

    // Proves R-FLT-17, R-AMP-06.
    @Test(arguments: [1, 5, 20, 56, 70, 300, 5_000] as [Int64])
    func `F34 F46 a host that was killed and started again proves silence before anything else`(
        span: Int64
    ) throws {
        let session = try NeedleWorld.delivering()
        session.freeze(milliseconds: span)
        NeedleWorld.forbid(session, after: 1)
        session.restartHost(plan: try NeedleWorld.plan())
        session.tick()
        #expect(!session.lastDrive.enable)
        session.run(atMost: 2_000, until: { $0.state == .cleared || $0.state.isFinal })
        #expect(session.state == .cleared, "after \(span) ms: \(session.control.fault)")
        #expect(!session.rig.board.isClosed)
        #expect(session.control.setAmplitude == .zero)
        #expect(session.rig.meter.isClean, "\(session.rig.meter)")
        session.rig.changeMeter { $0.allowPulses() }
        session.run(
            atMost: 4_000, until: { $0.control.machine.deliveredPulses > 0 }, hands: NeedleWorld.raising(to: 500))
        #expect(session.control.machine.deliveredPulses > 0, "\(session.control.fault)")
        #expect(session.rig.meter.isClean, "from 0 mA again: \(session.rig.meter)")
    }

    // Proves R-FLT-13, R-FLT-14, R-FLT-19, R-FLT-20, R-STOP-03.
    @Test(arguments: [FaultCause.late, .suspended, .journalFull, .journalFailed, .consoleStalled])
    func `F29 F37 F40 F59 F64 what the host notices of itself opens the relay in the same tick`(cause: FaultCause)
        throws
    {
        let session = try NeedleWorld.delivering()
        NeedleWorld.forbid(session, after: 2)
        session.tick(Hands(hostFault: cause))
        #expect(session.state == .faulted && session.control.fault == cause)
        #expect(!session.lastDrive.enable)
        session.run(atMost: 8, until: { _ in false })
        #expect(!session.rig.board.isClosed)
        NeedleWorld.expectNothingComesBack(session, "\(cause)")
    }

    // MARK: - Buttons and pins

    static let buttons: [(String, StopCause, @Sendable (VirtualNeedleSession) -> Void)] = [
        ("F48 pressed", .emergencyStop, { $0.rig.pressEmergencyStop(at: $0.now) }),
        ("F49 wire broken", .emergencyStop, { $0.rig.plan(NeedleFault(.emergencyStopWireBroken), at: $0.now) }),
        ("F50 bounces", .emergencyStop, { $0.rig.plan(NeedleFault(.emergencyStopBounces), at: $0.now) }),
        (
            "patient", .patientButton,
            { $0.rig.pressPatientButton(at: $0.now, heldFor: TimeSpan(milliseconds: 100)) }
        ),
        ("patient's wire", .patientButton, { $0.rig.plan(NeedleFault(.buttonWireBroken), at: $0.now) }),
    ]

    // Proves R-STOP-03, R-STOP-17.
    @Test(arguments: buttons.indices)
    func `F48 F49 F50 a button or its wire stops within two ticks, and letting go brings nothing back`(
        index: Int
    ) throws {
        let (note, cause, press) = Self.buttons[index]
        for offset in [0, 1, 30] as [Int64] {
            let session = try NeedleWorld.delivering()
            NeedleWorld.afterAnEdge(session, by: offset)
            NeedleWorld.forbid(session, after: 2)
            press(session)
            session.tick()
            session.tick()
            #expect(!session.lastDrive.enable, "\(note)")
            session.run(atMost: 6, until: { _ in false })
            #expect(!session.rig.board.isClosed, "\(note)")
            session.run(atMost: 3_000, until: { $0.state.isFinal })
            #expect(session.state == .closed, "\(note): \(session.control.fault)")
            #expect(session.control.machine.stopCause == cause, "\(note)")
            session.rig.releaseEmergencyStop(at: session.now)
            session.rig.plan(NeedleFault(.boardRepaired), at: session.now)
            NeedleWorld.expectNothingComesBack(session, note, state: .closed)
        }
    }

    // Proves R-STOP-17.
    @Test func `a button shorter than a tick opens the relay by itself and is named as that`() throws {
        let session = try NeedleWorld.delivering()
        NeedleWorld.forbid(session, after: 8)
        session.rig.pressPatientButton(at: session.now, heldFor: TimeSpan(nanoseconds: 300_000))
        let ended = session.run(atMost: 20, until: { $0.state.isFinal })
        #expect(ended && session.control.fault == .relayOpened, "\(session.state)")
        NeedleWorld.expectNothingComesBack(session, "short press")
    }

    // Proves R-FLT-22.
    @Test(arguments: [0, 1, 30] as [Int64]) func `F52 pins lost in mid-train`(offset: Int64) throws {
        let session = try NeedleWorld.delivering()
        NeedleWorld.afterAnEdge(session, by: offset)
        NeedleWorld.forbid(session, after: 2)
        session.pinsWork = false
        session.tick()
        session.tick()
        #expect(session.state == .faulted && session.control.fault == .pinsLost, "\(session.control.fault)")
        session.freeze(milliseconds: NeedleWorld.open)
        #expect(!session.rig.board.isClosed)
        #expect(!session.control.status().isProvenOff, "nobody can read it back")
        let rests = session.run(atMost: 3_000, until: { $0.control.isAtRest })
        #expect(rests)
        // Pins that work again change nothing any more.
        session.pinsWork = true
        NeedleWorld.expectNothingComesBack(session, "F52")
    }
}

// The rows of the fault matrix that apply to a serial device (`reliability.md` 8, as far as `decided.md` keeps them),
// each with its expected reaction and its bound in virtual time. Numbers are typed here, not taken from the host.
//
// Words: *L* = the end of the one pulse in flight, 65.5 ms at most (`decided.md`); *quiet after* = no pulse may arrive
// later than this, in ms from the fault's first effect; *named within* = the session is faulted by then, in ms.
import RigControl
import RigSimulator
import SessionEngine
import StimulusModel
import Testing
import VirtualHost

struct FaultRow: CustomTestStringConvertible, Sendable {
    let row: String
    let what: String
    let fault: PlannedFault
    let expected: Set<FaultCause>
    var quietAfter: Int64 = 66
    var namedWithin: Int64 = 300

    var testDescription: String { "\(row) \(what)" }
}

@Suite struct FaultScenarios {
    /// One period of the train at 35 Hz and a tick.
    private static let onePulseMore: Int64 = 30

    static let rows: [FaultRow] = [
        // A pulse's own acknowledgement is missing: unknown 100 ms after its end, counted as delivered.
        FaultRow(
            row: "F1", what: "command lost before the device", fault: .nextCommand(number: 2, .ignored),
            expected: [.deliveryUnknown]),
        FaultRow(
            row: "F2", what: "acknowledgement lost after execution",
            fault: .nextCommand(number: 2, .effectWithoutAcknowledgement), expected: [.deliveryUnknown]),
        FaultRow(
            row: "F3", what: "acknowledgement 150 ms late",
            fault: .line(.deviceToHost, .latency(milliseconds: 150), milliseconds: 60), expected: [.deliveryUnknown]),
        FaultRow(
            row: "F6", what: "bits flipped in commands",
            fault: .line(.hostToDevice, flips(60_000), milliseconds: 400),
            expected: [.deviceTransferError, .deliveryUnknown, .deviceParameterError, .deviceInvalidCommand]),
        FaultRow(
            row: "F7", what: "bits flipped in acknowledgements",
            fault: .line(.deviceToHost, flips(60_000), milliseconds: 400), expected: [.deliveryUnknown, .garbage]),
        FaultRow(
            row: "F8", what: "packets cut short", fault: .line(.hostToDevice, truncations, milliseconds: 400),
            expected: [.deliveryUnknown, .deviceTransferError]),
        FaultRow(
            row: "F9", what: "babble at line rate",
            fault: .lineBabble(milliseconds: 500, bytesPerMillisecond: 1_216), expected: [.garbage, .secondController]),
        FaultRow(
            row: "F10", what: "the device stops reading", fault: .lineBlocked(milliseconds: 2_000),
            expected: [.deliveryUnknown, .lineBlocked, .silent, .stopUnconfirmed],
            // What the line held when the device stopped reading is carried out when it reads again: one pulse.
            quietAfter: 2_010),
        FaultRow(row: "F11", what: "unplugged", fault: .unplug, expected: [.unplugged], quietAfter: 1, namedWithin: 2),
        FaultRow(
            row: "F12", what: "black hole, no hang-up", fault: .lineDead(nil, milliseconds: 10_000),
            expected: [.deliveryUnknown]),
        FaultRow(
            row: "F13", what: "half open: nothing comes back", fault: .lineDead(.deviceToHost, milliseconds: 10_000),
            expected: [.deliveryUnknown]),
        FaultRow(
            row: "F14", what: "another device plugged in",
            fault: .replaced(deviceID: "9999999999", milliseconds: 300), expected: [.unplugged], quietAfter: 1,
            namedWithin: 2),
        FaultRow(
            row: "F18", what: "the device restarts", fault: .deviceReset, expected: [.unplugged], quietAfter: 1,
            namedWithin: 60),
        FaultRow(
            row: "F54", what: "electrode off above 15 mA", fault: .contact(channel: 1, .detached),
            expected: [.electrodeError], namedWithin: 100),
        FaultRow(
            row: "F54b", what: "resistance beyond compliance",
            fault: .contact(channel: 1, .resistive(addedOhms: 60_000)), expected: [.lowCurrent, .electrodeError],
            namedWithin: 100),
    ]

    private static func flips(_ perMillion: UInt32) -> LineFaults {
        var faults = LineFaults()
        faults.bitFlippedPerMillion = perMillion
        return faults
    }

    private static var truncations: LineFaults {
        var faults = LineFaults()
        faults.packetTruncatedPerMillion = 1_000_000
        return faults
    }

    /// On a plateau at 18 mA: above what the P24 needs to report a lost electrode.
    static func delivering(at target: Int32 = 18_000, seed: UInt64 = 7) throws -> VirtualSession {
        let plan = try Doses.plan(search: nil, treatment: Doses.relieve(count: 10, plateau: 8_000, maximum: 25_000))
        var rules = MeterRules(peakCapMicroamperes: 25_000, rateCapMillihertz: 35_000, padSquareMillimetres: 2_500)
        rules.contractionCap = 15
        let session = VirtualSession(
            plan: plan, rig: VirtualRigConfiguration(rules: rules, faults: FaultPlan(seed: seed), seed: seed))
        let reached = session.run(
            atMost: 120_000,
            until: {
                $0.state == .holding && $0.control.machine.setMicroamperes >= target
                    && $0.control.machine.phaseRemaining > 2_000
            }, hands: Practitioner.raising(to: target))
        #expect(reached)
        return session
    }

    /// Five seconds of every key after the end: nothing may come back by itself.
    static func expectNothingComesBack(_ session: VirtualSession, _ note: String) {
        session.run(atMost: 5_000, until: { _ in false }, hands: Practitioner.everything)
        #expect(session.state == .faulted, "\(note)")
        #expect(session.rig.meter.violations.isEmpty, "\(note): \(session.rig.meter.violations)")
        let machine = session.control.machine
        #expect(
            session.rig.meter.pulseCount <= machine.deliveredPulses + machine.unknownPulses,
            "\(note): more arrived than is on record")
        #expect(session.rig.meter.totalChargePicocoulombs <= session.control.charged.picocoulombs, "\(note)")
    }

    // Proves R-FLT-02, R-FLT-03, R-FLT-04, R-FLT-06, R-FLT-11, R-FLT-12.
    @Test(arguments: rows) func `a fault is named in time, output ends, and nothing comes back`(row: FaultRow) throws {
        let session = try Self.delivering()
        let before = session.rig.meter.pulseCount
        #expect(before > 100)
        session.rig.plan(row.fault, at: session.now)
        // The train goes on until the fault meets a pulse: one period at the most.
        let quiet = session.now.advanced(by: TimeSpan(milliseconds: row.quietAfter))
        session.rig.changeMeter { $0.forbidPulses(after: quiet) }
        let start = session.milliseconds
        let ended = session.run(atMost: row.namedWithin, until: { $0.state == .faulted })
        #expect(ended, "\(row.row): \(session.state) after \(session.milliseconds - start) ms")
        let cause = session.control.machine.fault
        #expect(row.expected.contains(cause), "\(row.row): \(cause) after \(session.milliseconds - start) ms")
        let atFault = session.rig.meter.pulseCount
        Self.expectNothingComesBack(session, row.row)
        // However long the line held it: the one pulse in flight and no other.
        #expect(session.rig.meter.pulseCount - atFault <= 1, "\(row.row)")
    }

    static let deviceErrors: [(code: UInt8, cause: FaultCause)] = [
        (2, .deviceParameterError), (3, .deviceProtocolError), (4, .deviceInternalTimeout),
        (7, .deviceNotInitialised), (8, .deviceHighVoltageError), (10, .electrodeError), (16, .devicePulseTimeout),
        (28, .lowCurrent), (99, .deviceUnexpectedResult),
    ]

    // Proves R-FLT-10, R-FLT-02.
    @Test(arguments: deviceErrors.indices)
    func `F19 each error of the device ends the session under its own name`(index: Int) throws {
        let (code, cause) = Self.deviceErrors[index]
        for isCarriedOut in [false, true] {
            let session = try Self.delivering()
            let fault: DeviceFault = isCarriedOut ? .effectWithResult(code) : .result(code)
            session.rig.plan(.nextCommand(number: 2, fault), at: session.now)
            let ended = session.run(atMost: 40, until: { $0.state == .faulted })
            #expect(ended && session.control.machine.fault == cause, "code \(code): \(session.control.machine.fault)")
            let quiet = session.now.advanced(by: TimeSpan(milliseconds: 2))
            session.rig.changeMeter { $0.forbidPulses(after: quiet) }
            Self.expectNothingComesBack(session, "F19 code \(code)")
        }
    }

    // Proves R-FLT-03.
    @Test(arguments: [5, 40, 90]) func `F3 an acknowledgement within its time is no fault`(late: Int64) throws {
        let session = try Self.delivering()
        session.rig.plan(.line(.deviceToHost, .latency(milliseconds: late), milliseconds: 3_000), at: session.now)
        session.run(atMost: 3_500, until: { $0.state.isFinal })
        #expect(session.state.isDelivering)
        #expect(session.rig.meter.isClean)
    }

    // Proves R-FLT-05.
    @Test func `F4 a doubled acknowledgement is a no-op`() throws {
        let session = try Self.delivering()
        for _ in 0..<10 {
            session.rig.plan(.nextCommand(number: 2, .acknowledgementRepeated), at: session.now)
            session.run(atMost: 60, until: { _ in false })
        }
        #expect(session.rig.faults.count(of: .acknowledgementRepeated) == 10)
        #expect(session.state.isDelivering, "\(session.control.machine.fault)")
        #expect(session.rig.meter.isClean)
        let machine = session.control.machine
        #expect(session.rig.meter.pulseCount <= machine.deliveredPulses + 1)
        #expect(session.rig.meter.pulseCount >= machine.deliveredPulses)
    }

    // Proves R-RATE-03, R-RATE-04.
    @Test(arguments: [LineFaults.latency(milliseconds: 16), .latencySpikes()])
    func `F16 a slow adapter thins the train and stops nothing`(line: LineFaults) throws {
        let plan = try Doses.plan(search: nil, treatment: Doses.relieve(count: 10, plateau: 8_000))
        var faults = FaultPlan(seed: 16)
        faults.hostToDevice = line
        faults.deviceToHost = line
        var rules = MeterRules(
            peakCapMicroamperes: 15_000, rateCapMillihertz: 35_000, padSquareMillimetres: 2_500,
            arrivalJitterMicroseconds: 22_000)
        rules.contractionCap = 15
        let session = VirtualSession(plan: plan, rig: VirtualRigConfiguration(rules: rules, faults: faults, seed: 16))
        session.run(atMost: 260_000, until: { $0.state.isFinal }, hands: Practitioner.raising(to: 9_000))
        #expect(session.state == .closed, "\(session.control.machine.fault)")
        #expect(session.control.machine.countedContractions == 10)
        #expect(session.rig.meter.violations.isEmpty)
        #expect(session.rig.faults.firedCount > 1_000)
    }

    // Proves R-FLT-30.
    @Test func `F17 a garbled line is never armed`() throws {
        let plan = try Doses.plan(search: nil, treatment: Doses.relieve())
        var faults = FaultPlan(seed: 17)
        faults.hostToDevice = Self.flips(300_000)
        faults.deviceToHost = Self.flips(300_000)
        let session = VirtualSession(plan: plan, rig: VirtualRigConfiguration(faults: faults, seed: 17))
        session.run(atMost: 5_000, until: { $0.state.isFinal }, hands: Practitioner.raising(to: 9_000))
        #expect(session.state == .faulted)
        #expect([.silent, .garbage, .wrongDevice, .deviceTransferError].contains(session.control.machine.fault))
        #expect(session.rig.meter.pulseCount == 0)
        #expect(!session.rig.meter.isHighVoltageOn)
    }

    // Proves R-STOP-05.
    @Test(arguments: [true, false]) func `F21 a stop that the device ignores is told, and no pulse follows`(
        isAcknowledged: Bool
    ) throws {
        let session = try Self.delivering()
        session.rig.plan(.stopIgnored(milliseconds: 60_000, isAcknowledged: isAcknowledged), at: session.now)
        session.tick(Hands(stop: .operatorKey))
        let quiet = session.now.advanced(by: TimeSpan(milliseconds: 5))
        session.rig.changeMeter { $0.forbidPulses(after: quiet) }
        session.run(atMost: 4_000, until: { $0.state.isFinal })
        #expect(session.state == .faulted)
        #expect([.highVoltageStillOn, .stopUnconfirmed].contains(session.control.machine.fault))
        #expect(!session.control.status().isProvenOff)
        Self.expectNothingComesBack(session, "F21")
    }

    // Proves R-RATE-03.
    @Test(arguments: [1, 5, 9, 30, 49]) func `F27 F28 a late tick is skipped, counted, and sends no burst`(
        late: Int32
    ) throws {
        let session = try Self.delivering()
        let missed = session.control.machine.missedTicks
        for _ in 0..<20 {
            session.tick(Hands(late: late))
            session.run(atMost: 60, until: { _ in false })
        }
        #expect(session.state.isDelivering)
        #expect(session.control.machine.missedTicks == missed + 20 * Int64(late))
        #expect(session.rig.meter.violations.isEmpty)
    }

    // Proves R-FLT-13, R-FLT-14, R-FLT-19, R-FLT-20, R-FLT-02.
    @Test(arguments: [FaultCause.late, .suspended, .journalFull, .journalFailed, .consoleStalled])
    func `F29 F37 F40 F59 F64 what the host notices of itself ends output in the same tick`(cause: FaultCause) throws {
        let session = try Self.delivering()
        session.tick(Hands(hostFault: cause, late: cause == .late ? 80 : 0))
        #expect(session.state == .faulted)
        #expect(session.control.machine.fault == cause)
        let quiet = session.now.advanced(by: TimeSpan(milliseconds: 2))
        session.rig.changeMeter { $0.forbidPulses(after: quiet) }
        Self.expectNothingComesBack(session, "\(cause)")
    }

    // Proves R-FLT-16, R-FLT-17.
    @Test(arguments: [0, 3, 11, 20, 28]) func `F30 F31 F38 a dead host gives no pulse after the one in flight`(
        offset: Int64
    ) throws {
        let session = try Self.delivering()
        session.run(atMost: offset, until: { _ in false })
        let quiet = session.now.advanced(by: TimeSpan(milliseconds: 5))
        session.rig.changeMeter { $0.forbidPulses(after: quiet) }
        session.freeze(milliseconds: 10_000)
        #expect(session.rig.meter.violations.isEmpty)
        // The high voltage stays on, as the P24 documents; the next start switches it off before anything else.
        #expect(session.rig.meter.isHighVoltageOn)
        session.restartHost(plan: try Doses.plan(search: nil, treatment: Doses.relieve()))
        session.run(atMost: 2_000, until: { $0.state == .cleared })
        #expect(session.state == .cleared)
        #expect(!session.rig.meter.isHighVoltageOn)
        #expect(session.control.setAmplitude == .zero)
        #expect(session.rig.meter.violations.isEmpty)
    }

    // Proves R-FLT-18.
    @Test func `F32 a host that wakes up sends nothing but the stop`() throws {
        let session = try Self.delivering()
        session.freeze(milliseconds: 5_000)
        let quiet = session.now
        session.rig.changeMeter { $0.forbidPulses(after: quiet) }
        session.tick(Hands(hostFault: .late, late: 0))
        #expect(session.state == .faulted)
        session.run(atMost: 2_000, until: { _ in false })
        #expect(!session.rig.meter.isHighVoltageOn)
        Self.expectNothingComesBack(session, "F32")
    }

    // Proves R-AMP-11.
    @Test func `F54 below 15 mA a lost electrode is not reported, as documented, and the amplitude does not rise`()
        throws
    {
        let session = try Self.delivering(at: 10_000)
        session.rig.plan(.contact(channel: 1, .detached), at: session.now)
        session.run(atMost: 1_000, until: { $0.state.isFinal })
        #expect(session.state.isDelivering)
        #expect(session.control.machine.setMicroamperes == 10_000)
        session.rig.plan(.contact(channel: 1, .attached), at: session.now)
        session.run(atMost: 1_000, until: { $0.state.isFinal })
        // What returns is what was set and felt before, never more.
        #expect(session.rig.meter.largestPeakMicroamperes <= 10_000)
        #expect(session.rig.meter.violations.isEmpty)
    }

    // Proves R-FLT-27.
    /// 2³² ms after boot, 2⁵³ ns, and 200 years.
    @Test(arguments: [4_294_967_296 - 9_000, 9_007_199_254 - 9_000, 6_311_520_000_000])
    func `F42 counters that come round have no effect`(start: Int64) throws {
        let plan = try Doses.plan(search: nil, treatment: Doses.relieve())
        var rules = MeterRules(peakCapMicroamperes: 15_000, rateCapMillihertz: 35_000, padSquareMillimetres: 2_500)
        rules.contractionCap = 8
        let session = VirtualSession(
            plan: plan, rig: VirtualRigConfiguration(rules: rules, seed: 42), startingAt: start)
        session.run(atMost: 200_000, until: { $0.state.isFinal }, hands: Practitioner.raising(to: 9_000))
        #expect(session.state == .closed, "\(session.control.machine.fault)")
        #expect(session.control.machine.countedContractions == 3)
        #expect(session.rig.meter.violations.isEmpty)
        #expect(session.rig.meter.pulseCount == session.control.machine.deliveredPulses)
    }

    // Proves R-AMP-11.
    @Test func `F55 pads that touch are no reason to give more`() throws {
        let session = try Self.delivering()
        session.rig.plan(.contact(channel: 1, .short), at: session.now)
        session.run(atMost: 1_000, until: { $0.state.isFinal })
        // The P24 low level reports no short; whatever it says, the amplitude is what was set and felt.
        #expect(session.control.machine.setMicroamperes <= 18_000)
        session.rig.plan(.contact(channel: 1, .attached), at: session.now)
        session.run(atMost: 1_000, until: { $0.state.isFinal })
        #expect(session.rig.meter.largestPeakMicroamperes <= 18_000)
        #expect(session.rig.meter.violations.isEmpty)
    }
}

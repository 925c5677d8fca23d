// A bench for the needle rig's link: virtual time, a Pulse Pal of few words, a board of few parts, and every command
// that ever left.
import PulsePal
import SafetyKernel
import StimulatorLinks
import StimulusModel
import Testing

/// A board with a latch, a charge pump that lasts 50 ms, and contacts that follow 5 ms later.
struct HandBoard {
    var levels = PinLevels()
    /// Broken parts.
    var isWelded = false
    var enableIsBridged = false
    var heartbeatIsBridged = false
    var neverCloses = false
    private var drive = PinDrive()
    private var lastToggle: Int64 = -1_000
    private var isLatched = false
    private var followsAt: Int64?

    mutating func take(_ next: PinDrive, at now: Int64) {
        if next.heartbeat != drive.heartbeat { lastToggle = now }
        let isCharged = heartbeatIsBridged || now - lastToggle < 50
        let was = isLatched
        if next.enable, !drive.enable, isCharged { isLatched = true }
        if !(next.enable || enableIsBridged) || !isCharged { isLatched = false }
        drive = next
        if was != isLatched { followsAt = now + 5 }
        if let moment = followsAt, moment <= now {
            followsAt = nil
            levels.relayIsClosed = isLatched
        }
        if isWelded { levels.relayIsClosed = true }
        if neverCloses { levels.relayIsClosed = false }
    }
}

/// A command as it left the link.
struct ToldCommand {
    var at: Int64
    var request: PulsePalRequest
    var bytes: [UInt8]

    var isProgram: Bool {
        if case .programAll = request { return true }
        return false
    }
}

struct PocketPulsePal {
    let firmware: PulsePalFirmware
    var isSilent = false
    var refuses = false
    /// Reads back another program than it was told.
    var readsBackWrong = false
    var version: UInt32?
    var delay: Int64 = 2
    private(set) var program = PulsePalProgram.silent
    private var decoder: PulsePalRequestDecoder
    private var pending: [(at: Int64, bytes: [UInt8])] = []
    private(set) var told: [ToldCommand] = []
    private var bytes: [UInt8] = []

    init(_ firmware: PulsePalFirmware) {
        self.firmware = firmware
        decoder = PulsePalRequestDecoder(firmware)
    }

    mutating func take(_ byte: UInt8, at now: Int64) {
        bytes.append(byte)
        guard decoder.receive(byte) == .request, let request = decoder.request() else { return }
        told.append(ToldCommand(at: now, request: request, bytes: bytes))
        bytes = []
        guard !isSilent else { return }
        switch request {
        case .handshake: say(PulsePalReply.handshake(version: version ?? UInt32(firmware.rawValue)), now)
        case .readParameters:
            var wrong = program
            if readsBackWrong { wrong.first.phase1Code ^= 1 }
            say(PulsePalReply.parameters(wrong), now)
        case .programAll(let wanted):
            if !refuses { program = wanted }
            pending.append((now + delay, [refuses ? 0 : 1]))
        case .fixedVoltage, .continuous: pending.append((now + delay, [1]))
        default: break
        }
    }

    private mutating func say(_ reply: PulsePalBytes, _ now: Int64) {
        var copy = reply
        pending.append((now + delay, (0..<reply.count).map { copy.byte(at: $0) }))
    }

    mutating func sayRaw(_ bytes: [UInt8], at moment: Int64) { pending.append((moment, bytes)) }

    mutating func arrived(by now: Int64) -> [UInt8] {
        let due = pending.filter { $0.at <= now }
        pending.removeAll { $0.at <= now }
        return due.flatMap(\.bytes)
    }
}

/// A needle plan with a search, and its gate: what makes pulses and settings.
struct PulseMint: ~Copyable {
    private var gate: PulseGate
    private var arming: Arming
    private var milliseconds: Int64 = 0

    init(phase: Int32 = 250) throws {
        func dose(_ stage: CareStage) -> Dose {
            Dose(
                electrodeKind: .needle, muscle: .vmo, stage: stage, pattern: .continuous(milliseconds: 120_000),
                frequency: Frequency(millihertz: 2_000), phaseDuration: PhaseDuration(microseconds: phase),
                interphaseGap: PhaseDuration(microseconds: 0), maximumAmplitude: Current(microamperes: 4_000),
                amplitudeStep: Current(microamperes: 100))
        }
        let clearance = try Clearance.grant(passed: Clearance.required(for: .needle), for: .needle)
        let plan = try Authorization.authorize(
            Prescription(
                search: dose(.search), treatment: dose(.relieve), channel: .first,
                contact: .needle(NeedleGeometry(diameterMicrometres: 250, insertedMillimetres: 20)),
                capabilities: .needleRig(
                    residualOffsetNanoamperes: 500, imbalancePermille: 5, tolerancePermille: 20),
                history: TreatmentHistory(earlierTreatments: 2, millisecondsSinceLast: 30 * 86_400_000),
                limits: .absoluteNeedle), clearance: clearance)
        var made = PulseGate(plan: plan)
        let armed = try made.arm(condition: .off, at: Instant(nanoseconds: 0))
        gate = made
        arming = armed
    }

    private func request(_ amplitude: Int32) -> PulseRequest {
        PulseRequest(
            part: .treatment, run: 1, setAmplitude: Current(microamperes: amplitude),
            amplitude: Current(microamperes: amplitude), isOnPlateau: true, contraction: 0)
    }

    /// Raises its own account to an amplitude, so that pulses and settings of it may follow.
    mutating func reach(_ amplitude: Int32) throws {
        for step in stride(from: Int32(100), through: amplitude, by: 100) { _ = try pulse(step) }
    }

    mutating func pulse(_ amplitude: Int32) throws(Refusal) -> AuthorizedPulse {
        milliseconds += 600
        return try gate.authorize(
            request(amplitude), under: arming, condition: .ready, at: Instant(nanoseconds: milliseconds * 1_000_000))
    }

    mutating func setting(_ amplitude: Int32) throws(Refusal) -> AuthorizedSetting {
        milliseconds += 600
        return try gate.allowSetting(
            request(amplitude), under: arming, condition: .ready, at: Instant(nanoseconds: milliseconds * 1_000_000))
    }
}

final class TriggerBench {
    var link: TriggerLink
    var mint: PulseMint
    var device: PocketPulsePal
    var board = HandBoard()
    var milliseconds: Int64 = 0
    var energise = false
    /// Whether the comparator shows what an edge released: 1 ms after it, for 6 ms.
    var seesPulses = true
    var pinsCanBeRead = true
    private(set) var drive = PinDrive()
    private(set) var drives: [PinDrive] = []
    private(set) var edges: [Int64] = []
    private(set) var outcomes: [Delivery] = []

    init(
        _ firmware: PulsePalFirmware = .version21, calibration: ChannelCalibration = .nominal, phase: Int32 = 250,
        delay: Int64 = 2
    ) throws {
        var expected = ExpectedStimulator(serial: nil, languageMajor: 2)
        _ = expected.accept(FirmwareVersion(major: firmware.rawValue, minor: 0, revision: 0))
        link = TriggerLink(
            expected: expected, first: TriggerChannel(channel: .first, calibration: calibration), second: nil)
        mint = try PulseMint(phase: phase)
        device = PocketPulsePal(firmware)
        device.delay = delay
        link.lineOpened(at: now)
        flush()
    }

    var now: Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    private func flush() {
        while link.hasFrame, var frame = link.takeFrame() {
            for index in 0..<frame.count { device.take(frame.byte(at: index), at: milliseconds) }
        }
    }

    /// One tick, in which a pulse may be handed over.
    @discardableResult
    func tick(pulse amplitude: Int32? = nil, late: Int64 = 0) throws -> Bool {
        milliseconds += 1 + late
        for byte in device.arrived(by: milliseconds) { link.receive(byte, at: now) }
        let last = edges.last ?? -1_000
        board.levels.firstPulseIsSeen = seesPulses && milliseconds - last >= 1 && milliseconds - last < 7
        link.takeLevels(pinsCanBeRead ? board.levels : nil, missedTicks: late > 0)
        link.advance(to: now, energise: energise)
        let outcome = link.takeOutcome(on: .first)
        if outcome.delivery != .none { outcomes.append(outcome.delivery) }
        var isReleased = false
        if let amplitude { isReleased = link.deliver(try mint.pulse(amplitude), at: now) }
        link.advance(to: now, energise: energise)
        let pins = link.completeStep()
        if pins.drive.firstTrigger { edges.append(milliseconds) }
        drive = pins.drive
        drives.append(drive)
        board.take(drive, at: milliseconds)
        flush()
        return isReleased
    }

    func run(_ count: Int64) throws { for _ in 0..<count { try tick() } }

    @discardableResult
    func run(to condition: StimulatorCondition, atMost limit: Int64 = 2_000) throws -> Bool {
        for _ in 0..<limit {
            if link.condition == condition { return true }
            try tick()
        }
        return link.condition == condition
    }

    /// Proven silent, relay proven closed, set to an amplitude.
    func ready(at amplitude: Int32 = 500) throws {
        #expect(try run(to: .off), "\(link.fault)")
        energise = true
        #expect(try run(to: .ready), "\(link.fault)")
        try mint.reach(amplitude)
        #expect(try set(amplitude))
        for _ in 0..<100 where !free(amplitude) { try tick() }
        #expect(free(amplitude), "\(link.fault)")
    }

    func free(_ amplitude: Int32) -> Bool {
        link.isFreeForPulse(amplitude: Current(microamperes: amplitude), at: now)
    }

    // Single figures: the link itself cannot be copied into an expectation.
    var fault: FaultCause { link.fault }
    var condition: StimulatorCondition { link.condition }
    var isProvenOff: Bool { link.isProvenOff }
    var isAtRest: Bool { link.isAtRest }
    var identity: StimulatorIdentity? { link.identity }

    func set(_ amplitude: Int32) throws -> Bool { link.set(try mint.setting(amplitude)) }

    func deliver(_ amplitude: Int32) throws -> Bool { link.deliver(try mint.pulse(amplitude), at: now) }

    func takeOutcome() -> Delivery { link.takeOutcome(on: .first).delivery }
}

// A bench for the P24 link: virtual time, a far end that answers by script, and every frame that ever left.
import SafetyKernel
import ScienceMode4
import StimulatorLinks
import StimulusModel
import Testing

struct SeededChance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func once(in odds: Int) -> Bool { Int.random(in: 0..<odds, using: &self) == 0 }
}

/// A frame as it left the link.
struct SentFrame {
    var at: Int64
    var request: Request
    var packet: UInt8
    /// Two stop bytes went before it.
    var flushed: Bool
    var bytes: [UInt8]

    var isPulse: Bool {
        if case .lowLevelChannelConfig = request { return true }
        return false
    }

    var isStop: Bool { request == .lowLevelStop || request == .midLevelStop }

    var isInitialise: Bool {
        if case .lowLevelInit = request { return true }
        return false
    }
}

/// The far end: a device of few words, with switches for everything that it may do wrong.
struct FarEnd {
    var level = StimulationLevel.none
    var voltage = HighVoltage.off
    var serial = "P24-000042"
    var firmware = VersionNumber(major: 1, minor: 2, revision: 3)
    var language = VersionNumber(major: 4, minor: 0, revision: 0)
    /// Milliseconds from a request to its answer.
    var delay: Int64 = 2
    var isSilent = false
    var echoes = false
    /// Stops are heard and not answered, or answered and not done.
    var ignoresStops = false
    var keepsVoltage = false
    /// Stays in mid level whatever it is told, and says "done".
    var keepsMidLevel = false
    /// Results to give instead of the right ones.
    var pulseResult: ResultCode?
    var initialiseResult: ResultCode?
    var stopResult: ResultCode?
    var statusResult: ResultCode?
    var losesPulseAnswers = false

    var executed = 0
    /// What was executed on each output, outputs 1 and 2.
    var executedOn = [0, 0, 0]
    /// Answers to the pulses of these outputs are lost.
    var losesAnswersOf: Set<UInt8> = []
    /// Answers name this output instead of their own.
    var answersAs: Channel?
    private var decoder = FrameDecoder()
    private(set) var pending: [(at: Int64, bytes: [UInt8])] = []

    mutating func take(_ byte: UInt8, at now: Int64) {
        if echoes { pending.append((now + delay, [byte])) }
        guard decoder.receive(byte) == .frame, !isSilent, !echoes else { return }
        let packet = decoder.packetNumber
        switch Request.decode(decoder) {
        case .refused(let result): say(.generalError(result), packet, at: now + delay)
        case .request(let request):
            if let answer = obey(request) { say(answer, packet, at: now + delay) }
        }
    }

    mutating func say(_ answer: Acknowledgement, _ packet: UInt8, at time: Int64) {
        guard let frame = answer.encode(packetNumber: packet) else { return }
        pending.append((time, (0..<frame.count).map { frame[$0] }))
    }

    mutating func sayRaw(_ bytes: [UInt8], at time: Int64) { pending.append((time, bytes)) }

    /// What has arrived by now, in the order in which it was due.
    mutating func arrived(by now: Int64) -> [UInt8] {
        let due = pending.filter { $0.at <= now }.sorted { $0.at < $1.at }
        pending.removeAll { $0.at <= now }
        return due.flatMap(\.bytes)
    }

    private mutating func obey(_ request: Request) -> Acknowledgement? {
        switch request {
        case .getDeviceID:
            var id = DeviceID(repeating: 0x20)
            for (index, character) in serial.utf8.prefix(10).enumerated() { id[index] = character }
            return .deviceID(.ok, id)
        case .getStimStatus: return .stimStatus(statusResult ?? .ok, level, voltage)
        case .getExtendedVersion:
            let version = ExtendedVersion(
                firmware: firmware, scienceMode: language, hash: 0xDEAD_BEEF, hashKind: 1, hashValidity: 1)
            return .extendedVersion(.ok, version)
        case .lowLevelInit:
            if let wrong = initialiseResult { return .lowLevelInit(wrong) }
            guard level == .none else { return .lowLevelInit(.notInitialized) }
            (level, voltage) = (.lowLevel, .volts150)
            return .lowLevelInit(.ok)
        case .lowLevelChannelConfig(let pulse): return execute(pulse)
        case .lowLevelStop, .midLevelStop: return stop(request == .lowLevelStop)
        default: return .unknownCommand(.invalidCommand)
        }
    }

    private mutating func execute(_ pulse: ChannelConfiguration) -> Acknowledgement? {
        if let wrong = pulseResult {
            let refused: [ResultCode] = [.transferError, .parameterError, .notInitialized, .invalidCommand]
            if !refused.contains(wrong) { executed += 1 }
            return losesPulseAnswers ? nil : .lowLevelChannelConfig(wrong, pulse.channel, nil)
        }
        guard level == .lowLevel else { return .lowLevelChannelConfig(.notInitialized, pulse.channel, nil) }
        executed += 1
        executedOn[Int(pulse.channel.number)] += 1
        let isLost = losesPulseAnswers || losesAnswersOf.contains(pulse.channel.number)
        return isLost ? nil : .lowLevelChannelConfig(.ok, answersAs ?? pulse.channel, nil)
    }

    private mutating func stop(_ isLowLevel: Bool) -> Acknowledgement? {
        guard !ignoresStops else { return nil }
        let isMid = level == .midLevel || level == .midLevelRunning
        if isLowLevel, isMid { return .lowLevelStop(.notInitialized) }
        if !keepsVoltage, !keepsMidLevel { (level, voltage) = (.none, .off) }
        let result = stopResult ?? .ok
        return isLowLevel ? .lowLevelStop(result) : .midLevelStop(result)
    }
}

struct LinkBench: ~Copyable {
    var link: P24Link
    var far = FarEnd()
    private var gate: PulseGate
    private var arming: Arming?
    /// Microseconds, so that a deadline can be met to the microsecond.
    private(set) var microseconds: Int64 = 0
    var energise = false
    private(set) var sent: [SentFrame] = []
    private var gateClock: Int64 = 1_000_000_000
    /// The line takes nothing: frames stay in the link.
    var lineIsStuck = false

    init(serial: String? = nil, firmware: FirmwareVersion = FirmwareVersion(major: 1, minor: 2, revision: 3)) throws {
        var wanted: DeviceSerial?
        if let serial {
            var characters = DeviceSerial()
            for (index, character) in serial.utf8.prefix(10).enumerated() { characters.characters[index] = character }
            wanted = characters
        }
        var expected = ExpectedStimulator(serial: wanted, languageMajor: 4)
        _ = expected.accept(firmware)
        let plan = try Self.plan()
        link = P24Link(expected: expected)
        gate = PulseGate(plan: plan)
        arming = nil
    }

    private static func plan() throws -> AuthorizedPlan {
        func dose(_ muscle: TargetMuscle) -> Dose {
            Dose(
                electrodeKind: .surface, muscle: muscle, stage: .restore, pattern: .continuous(milliseconds: 600_000),
                frequency: Frequency(millihertz: 100_000), phaseDuration: PhaseDuration(microseconds: 300),
                interphaseGap: PhaseDuration(microseconds: 100), maximumAmplitude: Current(microamperes: 1_000),
                amplitudeStep: Current(microamperes: 1_000))
        }
        func asked(_ channel: Channel, _ muscle: TargetMuscle) -> ChannelPrescription {
            ChannelPrescription(
                search: nil, treatment: dose(muscle), channel: channel,
                contact: .pad(PadArea(squareMillimetres: 2_500)),
                history: TreatmentHistory(earlierTreatments: 2, millisecondsSinceLast: 30 * 86_400_000))
        }
        let clearance = try Clearance.grant(passed: Clearance.required(for: .surface), for: .surface)
        return try Authorization.authorize(
            Prescription(
                first: asked(.first, .vmo), second: asked(Channel(number: 2) ?? .first, .gluteusMedius),
                arrangement: .together, capabilities: .p24LowLevel, limits: .absoluteSurface), clearance: clearance)
    }

    var milliseconds: Int64 { microseconds / 1_000 }
    var now: Instant { Instant(nanoseconds: microseconds * 1_000) }

    /// How long one pulse of this bench lasts: two phases and a gap.
    static let pulseMicroseconds: Int64 = 700

    mutating func open() {
        link.lineOpened(at: now)
        drain()
    }

    /// One millisecond: what arrived, then time, then what is to be written.
    mutating func tick(_ span: Int64 = 1_000) {
        pass(span)
        for byte in far.arrived(by: milliseconds) { link.receive(byte, at: now) }
        link.advance(to: now, energise: energise)
        drain()
    }

    /// Time alone.
    mutating func pass(_ span: Int64) { microseconds += span }

    mutating func run(_ count: Int64) { for _ in 0..<count { tick() } }

    @discardableResult
    mutating func run(to wanted: StimulatorCondition, atMost limit: Int64 = 3_000) -> Bool {
        for _ in 0..<limit {
            if link.condition == wanted { return true }
            tick()
        }
        return link.condition == wanted
    }

    /// Whether a pulse would be taken now.
    var isFree: Bool { isFree(.first) }

    func isFree(_ place: ChannelPlace) -> Bool { link.isFreeForPulse(on: place, at: now) }

    /// Takes what the link wants to write, and hands it to the far end.
    mutating func drain() {
        guard !lineIsStuck else { return }
        while var frame = link.takeFrame() {
            var bytes: [UInt8] = []
            for index in 0..<frame.count { bytes.append(frame.byte(at: index)) }
            note(bytes)
            for byte in bytes { far.take(byte, at: milliseconds) }
        }
    }

    mutating func note(_ bytes: [UInt8]) {
        let flushed = bytes.starts(with: [0x0F, 0x0F])
        var decoder = FrameDecoder()
        var events: [FrameEvent] = []
        for byte in bytes { events.append(decoder.receive(byte)) }
        guard events.last == .frame, case .request(let request) = Request.decode(decoder) else {
            Issue.record("the link wrote something that is no request: \(bytes)")
            return
        }
        sent.append(
            SentFrame(at: milliseconds, request: request, packet: decoder.packetNumber, flushed: flushed, bytes: bytes))
    }

    /// Hands one authorized pulse over; whether the link took it. The gate has a clock of its own, on which every pulse
    /// is in time: here the link is judged, not the rate.
    mutating func deliver(_ place: ChannelPlace = .first) -> Bool {
        var taken = false
        gateClock += 20_000_000
        do throws(Refusal) {
            if arming == nil { arming = try gate.arm(condition: .off, at: Instant(nanoseconds: 0)) }
            guard let armed = arming.take() else { return false }
            let request = PulseRequest(
                place: place, part: .treatment, run: 1, setAmplitude: Current(microamperes: 1_000),
                amplitude: Current(microamperes: 1_000), isOnPlateau: true, contraction: 0)
            let pulse = try gate.authorize(
                request, under: armed, condition: .ready, at: Instant(nanoseconds: gateClock)
            )
            taken = link.deliver(pulse, at: now)
            arming = .some(consume armed)
        } catch {
            Issue.record("the bench's own gate refused: \(error)")
        }
        return taken
    }

    /// Identified, energised, verified.
    static func ready(_ change: (inout FarEnd) -> Void = { _ in }) throws -> LinkBench {
        var bench = try LinkBench()
        bench.open()
        bench.run(to: .off)
        bench.energise = true
        bench.run(to: .ready)
        #expect(bench.link.condition == .ready)
        change(&bench.far)
        return bench
    }

    var requests: [Request] { sent.map(\.request) }

    func frames(after count: Int) -> [SentFrame] { Array(sent.dropFirst(count)) }
}

let seeds: [UInt64] = [2, 23, 2_026, 0xBADC_AB1E]

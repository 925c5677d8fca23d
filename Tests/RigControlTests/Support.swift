// The whole tick against a device of few words: bytes in, frames out, and an account of what was really executed.
import RigControl
import SafetyKernel
import ScienceMode4
import SessionEngine
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

let seeds: [UInt64] = [4, 29, 2_026]

/// A P24 that does as it is told, and keeps an account of its own.
struct FarEnd {
    var level = StimulationLevel.none
    var voltage = HighVoltage.off
    var delay: Int64 = 2
    var isSilent = false
    var losesPulseAnswers = false
    var pulseResult = ResultCode.ok
    /// Of each output, the first two.
    private(set) var executedOn = [0, 0]
    private(set) var picocoulombsOn: [Int64] = [0, 0]
    private(set) var highestOn: [Int32] = [0, 0]
    var executed: Int { executedOn[0] + executedOn[1] }
    var executedPicocoulombs: Int64 { picocoulombsOn[0] + picocoulombsOn[1] }
    var highestMicroamperes: Int32 { max(highestOn[0], highestOn[1]) }
    private var decoder = FrameDecoder()
    private var pending: [(at: Int64, bytes: [UInt8])] = []

    mutating func take(_ byte: UInt8, at now: Int64) {
        guard decoder.receive(byte) == .frame, !isSilent else { return }
        let packet = decoder.packetNumber
        guard case .request(let request) = Request.decode(decoder), let answer = obey(request) else { return }
        guard let frame = answer.encode(packetNumber: packet) else { return }
        pending.append((now + delay, (0..<frame.count).map { frame[$0] }))
    }

    mutating func arrived(by now: Int64) -> [UInt8] {
        let due = pending.filter { $0.at <= now }.flatMap(\.bytes)
        pending.removeAll { $0.at <= now }
        return due
    }

    private mutating func obey(_ request: Request) -> Acknowledgement? {
        switch request {
        case .getDeviceID: return .deviceID(.ok, DeviceID(repeating: 0x31))
        case .getStimStatus: return .stimStatus(.ok, level, voltage)
        case .getExtendedVersion:
            return .extendedVersion(
                .ok,
                ExtendedVersion(
                    firmware: VersionNumber(major: 1, minor: 2, revision: 3),
                    scienceMode: VersionNumber(major: 4, minor: 0, revision: 0), hash: 1, hashKind: 1, hashValidity: 1))
        case .lowLevelInit:
            (level, voltage) = (.lowLevel, .volts150)
            return .lowLevelInit(.ok)
        case .lowLevelChannelConfig(let pulse): return execute(pulse)
        case .lowLevelStop:
            (level, voltage) = (.none, .off)
            return .lowLevelStop(.ok)
        default: return .unknownCommand(.invalidCommand)
        }
    }

    private mutating func execute(_ pulse: ChannelConfiguration) -> Acknowledgement? {
        guard level == .lowLevel else { return .lowLevelChannelConfig(.notInitialized, pulse.channel, nil) }
        guard pulseResult != .parameterError else { return .lowLevelChannelConfig(pulseResult, pulse.channel, nil) }
        let output = Int(pulse.channel.number) - 1
        executedOn[output] += 1
        picocoulombsOn[output] += Int64(pulse[0].current.microamperes) * Int64(pulse[0].durationMicroseconds)
        highestOn[output] = max(highestOn[output], pulse[0].current.microamperes)
        return losesPulseAnswers ? nil : .lowLevelChannelConfig(pulseResult, pulse.channel, nil)
    }
}

/// What one tick put on the line.
struct Written {
    var at: Int64
    var request: Request

    var isPulse: Bool {
        if case .lowLevelChannelConfig = request { return true }
        return false
    }

    /// The output that a pulse is for; nothing for anything else.
    var output: UInt8? {
        guard case .lowLevelChannelConfig(let pulse) = request else { return nil }
        return pulse.channel.number
    }

    var isInitialise: Bool {
        if case .lowLevelInit = request { return true }
        return false
    }
}

struct RigBench: ~Copyable {
    var control: ControlTick
    var far = FarEnd()
    private(set) var milliseconds: Int64 = 0
    private(set) var written: [Written] = []
    private(set) var journal: [WordBlock] = []
    private var lineIsGone = false
    private var askedChannelStops: UInt8 = 0

    init(_ plan: AuthorizedPlan) {
        var expected = ExpectedStimulator(serial: nil, languageMajor: 4)
        _ = expected.accept(FirmwareVersion(major: 1, minor: 2, revision: 3))
        control = ControlTick(plan: plan, expected: expected)
        control.lineOpened(at: now)
    }

    var now: Instant { Instant(nanoseconds: milliseconds * 1_000_000) }
    var state: SessionState { control.machine.state }
    var set: Int32 { control.machine.setMicroamperes }
    var isAtRest: Bool { control.isAtRest }
    var condition: StimulatorCondition { control.condition }

    /// One tick; the frames that it left.
    /// - Parameter expiring: it is written so late that its pulse is dropped.
    @discardableResult
    mutating func tick(
        _ command: OperatorCommand = .none, at place: ChannelPlace = .first, age: Int64 = 0, stop: StopCause = .none,
        channelStops: UInt8 = 0, fault: FaultCause = .none, elapsed: Int32 = 1, expiring: Bool = false
    ) -> [Written] {
        milliseconds += Int64(elapsed)
        if !lineIsGone { for byte in far.arrived(by: milliseconds) { control.receive(byte, at: now) } }
        var shell = ShellInputs()
        shell.elapsedTicks = elapsed
        shell.command = command
        shell.commandPlace = place
        // The mailbox never takes a channel stop back: the shell says it in every tick from then on.
        askedChannelStops |= channelStops
        shell.channelStops = askedChannelStops
        shell.commandAge = TimeSpan(milliseconds: age)
        shell.stop = stop
        shell.hostFault = fault
        var record = TickRecord()
        control.step(shell, at: now, &record)
        for index in 0..<record.count { journal.append(record.blocks[index]) }
        if expiring { control.pulsesExpired() }
        let before = written.count
        while var frame = control.takeFrame() {
            var bytes: [UInt8] = []
            for index in 0..<frame.count { bytes.append(frame.byte(at: index)) }
            write(bytes)
        }
        return Array(written[before...])
    }

    private mutating func write(_ bytes: [UInt8]) {
        var decoder = FrameDecoder()
        var event = FrameEvent.none
        for byte in bytes { event = decoder.receive(byte) }
        guard event == .frame, case .request(let request) = Request.decode(decoder) else {
            Issue.record("something that is no request was written")
            return
        }
        if lineIsGone { Issue.record("\(request) was written to a line that is gone") }
        written.append(Written(at: milliseconds, request: request))
        for byte in bytes { far.take(byte, at: milliseconds) }
    }

    mutating func unplug() {
        lineIsGone = true
        control.lineGone(at: now)
    }

    mutating func run(_ count: Int64) { for _ in 0..<max(0, count) { tick() } }

    @discardableResult
    mutating func run(to wanted: SessionState, atMost limit: Int64 = 20_000) -> Bool {
        for _ in 0..<limit {
            if state == wanted { return true }
            tick()
        }
        return state == wanted
    }

    /// From the open line to a treatment that has begun.
    mutating func begin(_ command: OperatorCommand = .beginTreatment) {
        run(to: .cleared)
        tick(.arm)
        for _ in 0..<1_000 where control.condition != .ready { tick() }
        tick(command)
    }

    mutating func raise(to target: Int32, at place: ChannelPlace = .first) {
        for _ in 0..<40 where set(place) < target {
            run(520)
            guard state == .holding || state == .searching else { return }
            tick(.raise, at: place)
        }
        run(60)
    }

    func set(_ place: ChannelPlace) -> Int32 { control.machine.channel(place).setMicroamperes }

    static func dose(_ pattern: Pattern, muscle: TargetMuscle = .vmo) -> Dose {
        Dose(
            electrodeKind: .surface, muscle: muscle, stage: .relieve, pattern: pattern,
            frequency: Frequency(millihertz: 35_000), phaseDuration: PhaseDuration(microseconds: 300),
            interphaseGap: PhaseDuration(microseconds: 100), maximumAmplitude: Current(microamperes: 20_000),
            amplitudeStep: Current(microamperes: 1_000))
    }

    static func train(_ milliseconds: Int32 = 120_000) -> Dose { dose(.continuous(milliseconds: milliseconds)) }

    /// Two channels with one pattern: outputs 1 and 2.
    static func pair(
        _ pattern: Pattern = .continuous(milliseconds: 120_000), _ arrangement: ChannelArrangement = .together
    ) throws -> AuthorizedPlan {
        let clearance = try Clearance.grant(passed: Clearance.required(for: .surface), for: .surface)
        func asked(_ muscle: TargetMuscle, _ channel: Channel) -> ChannelPrescription {
            ChannelPrescription(
                search: nil, treatment: dose(pattern, muscle: muscle), channel: channel,
                contact: .pad(PadArea(squareMillimetres: 2_500)),
                history: TreatmentHistory(earlierTreatments: 2, millisecondsSinceLast: 30 * 86_400_000))
        }
        return try Authorization.authorize(
            Prescription(
                first: asked(.vmo, .first), second: asked(.gluteusMedius, Channel(number: 2) ?? .first),
                arrangement: arrangement, capabilities: .p24LowLevel, limits: .absoluteSurface), clearance: clearance)
    }

    static func contractions() -> Dose {
        let cycle = ContractionCycle(
            rampUpMilliseconds: 500, plateauMilliseconds: 2_500, rampDownMilliseconds: 500, restMilliseconds: 1_000)
        return dose(.contractions(cycle, count: 2))
    }

    static func plan(
        _ treatment: Dose = train(), device: DeviceCapabilities = .p24LowLevel
    ) throws -> AuthorizedPlan {
        let clearance = try Clearance.grant(passed: Clearance.required(for: .surface), for: .surface)
        return try Authorization.authorize(
            Prescription(
                search: nil, treatment: treatment, channel: .first, contact: .pad(PadArea(squareMillimetres: 2_500)),
                capabilities: device,
                history: TreatmentHistory(earlierTreatments: 2, millisecondsSinceLast: 30 * 86_400_000),
                limits: .absoluteSurface), clearance: clearance)
    }
}

// The pretend stimulator: bytes and time in, bytes and pulses out. Its state machine is written from the vendor's
// documents (the sheet's section 7) and knows nothing of the host.
//
// Two things run side by side, as in the real one. The command side reads frames, takes one command at a time and is
// busy while the high voltage is switched. The pulse side works off up to ten queued pulses; each is acknowledged
// when it has ended. Nobody watches the host: queued pulses run and the high voltage stays on when it dies.

public import ScienceMode4
internal import StimulusModel

/// Which level of the language is initialised.
public enum P24Level: UInt8, Sendable {
    case none = 0
    case low = 1
    case mid = 2
}

/// A P24 that exists only as bytes, time and current.
public struct VirtualP24: Sendable {
    public let configuration: P24Configuration
    public private(set) var level: P24Level
    /// The high voltage as the device reports it: 1 off, 2 to 6 for 30 to 150 V.
    public private(set) var highVoltage: HighVoltage
    public var isHighVoltageOn: Bool { highVoltage.rawValue >= 2 }

    /// Frames and pulses since the device was made; they survive a restart.
    public private(set) var counts = P24Counts()

    private var decoder = FrameDecoder()
    private var measurement = Measurement.none
    private var random: SplitMix64

    private var commands: [P24Command]
    private var commandHead = 0
    private var commandCount = 0
    private var activity = Activity.idle
    private var deafUntil = Int64.min

    private var pulses: [QueuedPulse]
    private var pulseHead = 0
    private var pulseCount = 0
    private var running: RunningPulse?
    private var nextPulseAt = Int64.max

    /// Bytes for the host, to be fetched by whoever holds the device.
    var outbox = ByteRing(bits: 13)
    /// Set when the device leaves the USB by itself; whoever holds it resets this.
    var wantsToReenumerate = false

    private static let commandRoom = 64

    public init(configuration: P24Configuration, seed: UInt64) {
        self.configuration = configuration
        random = SplitMix64(seed: seed ^ 0x5032_34)
        level = .none
        highVoltage = .off
        commands = [P24Command](repeating: P24Command(), count: Self.commandRoom)
        pulses = [QueuedPulse](repeating: QueuedPulse(), count: max(1, configuration.queuedPulses))
        switch configuration.leftRunning {
        case .nothing: break
        case .lowLevel:
            level = .low
            highVoltage = .volts150
        case .midLevel:
            level = .mid
            highVoltage = .volts150
        }
    }

    /// Pulses that wait, the one in flight not counted.
    public var waitingPulses: Int { pulseCount }
    /// True while a pulse is in flight.
    public var isStimulating: Bool { running != nil }

    /// When something happens in the device by itself; the far end of time when nothing will.
    var nextEvent: Int64 {
        var next = nextPulseAt
        if let running { next = min(next, running.end) }
        switch activity {
        case .idle: if commandCount > 0 { next = min(next, commands[commandHead].due) }
        case .switchingHighVoltage(let until, _, _): next = min(next, until)
        case .waitingForPulses: if running == nil, pulseCount == 0 { next = Int64.min }
        }
        return next
    }

    /// A byte arrived at the device.
    mutating func receive(_ byte: UInt8, at now: Int64) {
        guard now >= deafUntil else { return }
        switch decoder.receive(byte) {
        case .none: break
        case .frame:
            counts.framesRead += 1
            take(now)
        case .rejected:
            counts.framesRejected += 1
            if configuration.transferErrorAnswer == .generalError {
                send(.generalError(.transferError), packetNumber: 0)
            }
        }
    }

    /// The power is gone: everything is lost, a pulse in flight is cut.
    mutating func losePower(at now: Int64, body: inout Body) {
        cutRunningPulse(at: now, body: &body)
        forgetEverything()
        decoder = FrameDecoder()
        outbox.removeAll()
        deafUntil = Int64.min
        setHighVoltage(.off, body: &body)
    }

    /// The device restarts: as without power, but it stays on the USB, deaf, for a while.
    mutating func restart(at now: Int64, body: inout Body) {
        let answers = outbox
        losePower(at: now, body: &body)
        outbox = answers
        counts.restarts += 1
        deafUntil = now + configuration.resetMilliseconds * 1_000_000
        if configuration.resetReenumerates { wantsToReenumerate = true }
    }

    /// The device neither reads nor answers for a while.
    mutating func becomeStuck(at now: Int64, nanoseconds: Int64) { deafUntil = max(deafUntil, now + nanoseconds) }

    /// Does what is due at a moment, in the order of time.
    mutating func step(at now: Int64, body: inout Body, plan: inout FaultPlan) {
        if let running, running.end <= now { endRunningPulse(body: &body) }
        if nextPulseAt <= now { startNextPulse(at: now, body: body) }
        stepActivity(at: now, body: &body)
        if case .idle = activity, commandCount > 0, commands[commandHead].due <= now {
            let command = commands[commandHead]
            commandHead = (commandHead + 1) % Self.commandRoom
            commandCount -= 1
            if now >= deafUntil { obey(command, at: now, body: &body, plan: &plan) }
        }
    }
}

/// What the device has counted.
public struct P24Counts: Equatable, Sendable {
    public var framesRead: Int64 = 0
    public var framesRejected: Int64 = 0
    public var pulsesRun: Int64 = 0
    public var pulsesDropped: Int64 = 0
    public var restarts: Int64 = 0
}

/// A frame that was read and waits for its turn.
struct P24Command: Sendable {
    var number: UInt16 = 0
    var packetNumber: UInt8 = 0
    var due: Int64 = 0
    /// Payload bytes, and the first of them.
    var payloadCount = 0
    var first: UInt8 = 0
    /// Only for Ll_channel_config; nothing when it was malformed.
    var pattern: PulsePattern?
}

private struct QueuedPulse {
    var pattern = PulsePattern()
    var packetNumber: UInt8 = 0
    var isAcknowledged = true
}

private struct RunningPulse {
    var queued: QueuedPulse
    var start: Int64
    var end: Int64
}

/// What keeps the command side busy.
private enum Activity {
    case idle
    case switchingHighVoltage(until: Int64, to: P24Goal, packetNumber: UInt8?)
    case waitingForPulses(to: P24Goal, packetNumber: UInt8?)
}

/// Where a switch of the high voltage leads.
private struct P24Goal {
    var level: P24Level
    var highVoltage: HighVoltage
    var command: UInt16
}

/// Commands.
extension VirtualP24 {
    private mutating func take(_ now: Int64) {
        guard commandCount < Self.commandRoom else { return }
        var command = P24Command()
        command.number = decoder.commandNumber
        command.packetNumber = decoder.packetNumber
        command.payloadCount = decoder.payloadCount
        command.first = decoder.payload(at: 0)
        let jitter = configuration.commandJitterMicroseconds
        let wait = configuration.commandMicroseconds + (jitter > 0 ? random.between(0, jitter) : 0)
        command.due = now + wait * 1_000
        if command.number == CommandNumber.lowLevelChannelConfig {
            command.pattern = PulsePattern(payloadOf: decoder, configuration)
        }
        commands[(commandHead + commandCount) % Self.commandRoom] = command
        commandCount += 1
    }

    private mutating func obey(_ command: P24Command, at now: Int64, body: inout Body, plan: inout FaultPlan) {
        if let mishap = plan.drawMishap(at: now) {
            switch mishap {
            case .reset:
                restart(at: now, body: &body)
                wantsToReenumerate = true
            case .stuck(let nanoseconds): becomeStuck(at: now, nanoseconds: nanoseconds)
            }
            return
        }
        var isAnswered = true
        if let fault = plan.drawDeviceFault(command: command.number, at: now) {
            switch fault {
            case .ignored: return
            case .acknowledgedWithoutEffect:
                answer(command, ResultCode.ok)
                return
            case .result(let code):
                answer(command, ResultCode(rawValue: code))
                return
            case .effectWithoutAcknowledgement: isAnswered = false
            }
        }
        carryOut(command, at: now, isAnswered: isAnswered, body: &body)
    }

    /// The state machine, row by row (sheet, section 7).
    private mutating func carryOut(_ command: P24Command, at now: Int64, isAnswered: Bool, body: inout Body) {
        switch command.number {
        case CommandNumber.getDeviceID, CommandNumber.getStimStatus, CommandNumber.getExtendedVersion:
            let result = command.payloadCount == 0 ? ResultCode.ok : .parameterError
            if isAnswered { answer(command, result) }
        case CommandNumber.reset:
            guard command.payloadCount == 0 else { return refuse(command, .parameterError, isAnswered) }
            if isAnswered, configuration.resetIsAcknowledged { answer(command, .ok) }
            restart(at: now, body: &body)
        case CommandNumber.lowLevelInit: initialiseLowLevel(command, at: now, isAnswered, body: &body)
        case CommandNumber.lowLevelChannelConfig: takePulse(command, at: now, isAnswered)
        case CommandNumber.lowLevelStop: stop(.low, command, at: now, isAnswered, body: &body)
        case CommandNumber.midLevelStop: stop(.mid, command, at: now, isAnswered, body: &body)
        case CommandNumber.midLevelGetCurrentData where level == .mid:
            // Nothing is running, since patterns of the mid level are not pretended.
            let isKnown = command.payloadCount == 1 && command.first == 4
            if isAnswered { answer(command, isKnown ? .ok : .parameterError) }
        case CommandNumber.midLevelUpdate where level != .mid, CommandNumber.midLevelInit where level == .low,
            CommandNumber.midLevelGetCurrentData where level != .mid:
            refuse(command, .notInitialized, isAnswered)
        default:
            // Numbers that nobody knows, and the mid level's own pulses, which this device does not have yet.
            if isAnswered { send(.unknownCommand(.invalidCommand), packetNumber: command.packetNumber) }
        }
    }

    private mutating func initialiseLowLevel(
        _ command: P24Command, at now: Int64, _ isAnswered: Bool, body: inout Body
    ) {
        // Bit 7 and bit 0 are 0; bits 6-4 what to measure; bits 3-1 the high voltage, of which 7 does not exist.
        let wanted = command.first >> 1 & 7
        guard command.payloadCount == 1, command.first & 0x81 == 0, wanted != 7,
            let measuring = Measurement(code: command.first >> 4 & 7),
            measuring == .none || configuration.measurementIsBuiltIn
        else { return refuse(command, .parameterError, isAnswered) }
        guard level != .mid else { return refuse(command, .notInitialized, isAnswered) }
        measurement = measuring
        let target = wanted == 0 ? HighVoltage.volts150 : HighVoltage(rawValue: wanted)
        beginSwitching(
            to: P24Goal(level: .low, highVoltage: target, command: command.number), at: now,
            packetNumber: isAnswered ? command.packetNumber : nil, body: &body)
    }

    private mutating func takePulse(_ command: P24Command, at now: Int64, _ isAnswered: Bool) {
        guard let pattern = command.pattern else { return refuse(command, .parameterError, isAnswered) }
        guard level == .low else { return refuse(command, .notInitialized, isAnswered) }
        guard pattern.isExecuted else { return refuse(command, .ok, isAnswered) }
        guard isHighVoltageOn else {
            return refuse(command, ResultCode(rawValue: configuration.withoutHighVoltageResult), isAnswered)
        }
        guard pulseCount + (running == nil ? 0 : 1) < configuration.queuedPulses else {
            counts.pulsesDropped += 1
            if let code = configuration.queueFullResult { refuse(command, ResultCode(rawValue: code), isAnswered) }
            return
        }
        pulses[(pulseHead + pulseCount) % pulses.count] = QueuedPulse(
            pattern: pattern, packetNumber: command.packetNumber, isAcknowledged: isAnswered)
        pulseCount += 1
        if running == nil, nextPulseAt == Int64.max { nextPulseAt = now }
    }

    private mutating func stop(
        _ stopped: P24Level, _ command: P24Command, at now: Int64, _ isAnswered: Bool, body: inout Body
    ) {
        guard command.payloadCount == 0 else { return refuse(command, .parameterError, isAnswered) }
        guard level == stopped else {
            let code = level == .none ? ResultCode(rawValue: configuration.stopWithoutLevelResult) : .notInitialized
            return refuse(command, code, isAnswered)
        }
        let goal = P24Goal(level: .none, highVoltage: .off, command: command.number)
        let packetNumber = isAnswered ? command.packetNumber : nil
        switch configuration.stopFate {
        case .cutsPulse:
            cutRunningPulse(at: now, body: &body)
            dropWaitingPulses()
        case .finishesPulse: dropWaitingPulses()
        case .runsQueue: break
        }
        if running == nil, pulseCount == 0 {
            beginSwitching(to: goal, at: now, packetNumber: packetNumber, body: &body)
        } else {
            activity = .waitingForPulses(to: goal, packetNumber: packetNumber)
        }
    }

    private mutating func refuse(_ command: P24Command, _ result: ResultCode, _ isAnswered: Bool) {
        if isAnswered { answer(command, result) }
    }

    /// The acknowledgement that belongs to a command.
    private mutating func answer(_ command: P24Command, _ result: ResultCode) {
        let packetNumber = command.packetNumber
        switch command.number {
        case CommandNumber.getDeviceID: send(.deviceID(result, configuration.deviceID), packetNumber: packetNumber)
        case CommandNumber.getStimStatus:
            send(
                .stimStatus(result, StimulationLevel(rawValue: level.rawValue), highVoltage),
                packetNumber: packetNumber)
        case CommandNumber.getExtendedVersion:
            send(.extendedVersion(result, configuration.version), packetNumber: packetNumber)
        case CommandNumber.reset: send(.reset(result), packetNumber: packetNumber)
        case CommandNumber.lowLevelInit: send(.lowLevelInit(result), packetNumber: packetNumber)
        case CommandNumber.lowLevelStop: send(.lowLevelStop(result), packetNumber: packetNumber)
        case CommandNumber.midLevelInit: send(.midLevelInit(result), packetNumber: packetNumber)
        case CommandNumber.midLevelUpdate: send(.midLevelUpdate(result), packetNumber: packetNumber)
        case CommandNumber.midLevelStop: send(.midLevelStop(result), packetNumber: packetNumber)
        case CommandNumber.midLevelGetCurrentData:
            send(
                .midLevelCurrentData(result, .channels(active: 0, errors: 0)), packetNumber: packetNumber)
        case CommandNumber.lowLevelChannelConfig:
            acknowledgePulse(
                channel: command.pattern?.channel ?? 1, result, samples: nil, packetNumber: packetNumber)
        default: send(.unknownCommand(.invalidCommand), packetNumber: packetNumber)
        }
    }

    private mutating func send(_ acknowledgement: Acknowledgement, packetNumber: UInt8) {
        guard let frame = acknowledgement.encode(packetNumber: packetNumber) else { return }
        for index in 0..<frame.count { outbox.append(frame[index]) }
    }
}

/// The high voltage.
extension VirtualP24 {
    private mutating func setHighVoltage(_ value: HighVoltage, body: inout Body) {
        highVoltage = value
        if isHighVoltageOn != body.meter.isHighVoltageOn { body.meter.highVoltage(isOn: isHighVoltageOn) }
    }

    private mutating func beginSwitching(to goal: P24Goal, at now: Int64, packetNumber: UInt8?, body: inout Body) {
        activity = .switchingHighVoltage(
            until: now + configuration.highVoltageMicroseconds * 1_000, to: goal, packetNumber: packetNumber)
    }

    private mutating func stepActivity(at now: Int64, body: inout Body) {
        if case .waitingForPulses(let goal, let packetNumber) = activity, running == nil, pulseCount == 0 {
            nextPulseAt = Int64.max
            beginSwitching(to: goal, at: now, packetNumber: packetNumber, body: &body)
        }
        guard case .switchingHighVoltage(let until, let goal, let packetNumber) = activity, until <= now else { return }
        activity = .idle
        level = goal.level
        setHighVoltage(goal.highVoltage, body: &body)
        guard let packetNumber else { return }
        var command = P24Command()
        command.number = goal.command
        command.packetNumber = packetNumber
        if now >= deafUntil { answer(command, .ok) }
    }

    private mutating func forgetEverything() {
        commandCount = 0
        pulseCount = 0
        nextPulseAt = Int64.max
        running = nil
        activity = .idle
        level = .none
        measurement = .none
    }
}

/// Pulses.
extension VirtualP24 {
    /// The source's voltage in volts: 2 to 6 are 30 to 150 V.
    private var complianceVolts: Double { isHighVoltageOn ? Double(highVoltage.rawValue - 1) * 30 : 0 }

    private mutating func startNextPulse(at now: Int64, body: Body) {
        nextPulseAt = Int64.max
        guard running == nil, pulseCount > 0 else { return }
        let queued = pulses[pulseHead]
        pulseHead = (pulseHead + 1) % pulses.count
        pulseCount -= 1
        var microseconds = queued.pattern.totalMicroseconds
        if body.isOpen(channel: queued.pattern.channel),
            queued.pattern.peakMicroamperes >= configuration.electrodeErrorMicroamperes
        {
            microseconds = min(microseconds, Int64(configuration.electrodeErrorMicroseconds))
        }
        running = RunningPulse(queued: queued, start: now, end: now + microseconds * 1_000)
    }

    private mutating func endRunningPulse(body: inout Body) {
        guard let pulse = running else { return }
        running = nil
        let outcome = finish(pulse, microseconds: (pulse.end - pulse.start) / 1_000, body: &body)
        if pulseCount > 0 { nextPulseAt = pulse.end + configuration.betweenPulsesMicroseconds * 1_000 }
        let result = judge(outcome, pulse.queued.pattern)
        if result == .electrodeError, configuration.electrodeErrorEndsLevel {
            dropWaitingPulses()
            level = .none
            setHighVoltage(.off, body: &body)
        }
        guard pulse.queued.isAcknowledged, pulse.end >= deafUntil else { return }
        acknowledgePulse(
            channel: pulse.queued.pattern.channel, result, samples: outcome.samples,
            packetNumber: pulse.queued.packetNumber)
    }

    private mutating func cutRunningPulse(at now: Int64, body: inout Body) {
        guard let pulse = running else { return }
        running = nil
        _ = finish(pulse, microseconds: max(0, (now - pulse.start) / 1_000), body: &body)
    }

    private mutating func finish(_ pulse: RunningPulse, microseconds: Int64, body: inout Body) -> PulseOutcome {
        counts.pulsesRun += 1
        return body.drive(
            pulse.queued.pattern, startNanoseconds: pulse.start, limitMicroseconds: microseconds,
            compliance: complianceVolts, lowCurrentPercent: configuration.lowCurrentPercent, measuring: measurement)
    }

    /// What the device says of a pulse that it has driven: both errors have physical reasons.
    private func judge(_ outcome: PulseOutcome, _ pattern: PulsePattern) -> ResultCode {
        if outcome.isOpenCircuit {
            if pattern.peakMicroamperes >= configuration.electrodeErrorMicroamperes { return .electrodeError }
            return configuration.openCircuitShowsAsLowCurrent ? .lowCurrent : .ok
        }
        return outcome.isLowCurrent ? .lowCurrent : .ok
    }

    private mutating func dropWaitingPulses() {
        counts.pulsesDropped += Int64(pulseCount)
        pulseCount = 0
        nextPulseAt = Int64.max
    }

    private mutating func acknowledgePulse(
        channel: UInt8, _ result: ResultCode, samples: MeasuredSamples?, packetNumber: UInt8
    ) {
        guard let named = Channel(number: channel) else { return }
        send(.lowLevelChannelConfig(result, named, samples), packetNumber: packetNumber)
    }
}

// The command side of the pretend stimulator: frames in, one command at a time, an answer for each.

internal import ScienceMode4
internal import StimulusModel

/// To what, and how often, an answer is due.
struct P24Reply: Sendable {
    var number: UInt16 = 0
    var packetNumber: UInt8 = 0
    /// Of a pulse: 1 to 8.
    var channel: UInt8 = 1
    var style = ReplyStyle.once
}

/// What a fault makes of an answer.
enum ReplyStyle: Sendable {
    case once
    case never
    case twice
    /// Said instead of what is true.
    case result(UInt8)
}

/// A frame that was read and waits for its turn.
struct P24Command: Sendable {
    var reply = P24Reply()
    var due: Int64 = 0
    /// Payload bytes, and the first of them.
    var payloadCount = 0
    var first: UInt8 = 0
    /// Only for Ll_channel_config; nothing when it was malformed.
    var pattern: PulsePattern?
    /// Only for Ml_update; nothing when it was malformed.
    var order: PatternOrder?
}

/// Reading.
extension VirtualP24 {
    /// A byte arrived at the device.
    mutating func receive(_ byte: UInt8, at now: Int64) {
        clock = now
        guard !isDeaf else { return }
        guard configuration.resynchronisesAtStartByte else { return receiveAsTheLibrary(byte, at: now) }
        if configuration.transferErrorAnswer == .matchingAcknowledgement { header.receive(byte) }
        decode(byte, at: now)
    }

    private mutating func decode(_ byte: UInt8, at now: Int64) {
        switch decoder.receive(byte) {
        case .none: break
        case .frame: take(now)
        case .rejected: rejectFrame()
        }
    }

    /// The C library looks for the stop byte first, and drops everything up to it when the length does not fit.
    private mutating func receiveAsTheLibrary(_ byte: UInt8, at now: Int64) {
        header.receive(byte)
        guard header.collect(byte) else { return }
        if header.lengthFits {
            for collected in header.collected { decode(collected, at: now) }
        } else {
            rejectFrame()
        }
        header.collected.removeAll(keepingCapacity: true)
    }

    private mutating func rejectFrame() {
        counts.framesRejected += 1
        switch configuration.transferErrorAnswer {
        case .silence: break
        case .generalError: send(.generalError(.transferError), packetNumber: configuration.errorPacketNumber)
        case .matchingAcknowledgement:
            guard header.hasPrefix else {
                return send(.generalError(.transferError), packetNumber: configuration.errorPacketNumber)
            }
            let reply = P24Reply(number: header.commandNumber, packetNumber: header.packetNumber)
            answer(reply, .transferError)
        }
    }

    private mutating func take(_ now: Int64) {
        guard decoder.payloadCount < 500 || wireLength <= configuration.longestFrameBytes else { return rejectFrame() }
        counts.framesRead += 1
        guard commandCount < Self.commandRoom else { return }
        var command = P24Command()
        command.reply.number = decoder.commandNumber
        command.reply.packetNumber = decoder.packetNumber
        command.payloadCount = decoder.payloadCount
        command.first = decoder.byte(at: 0)
        let jitter = configuration.commandJitterMicroseconds
        let wait = configuration.commandMicroseconds + (jitter > 0 ? random.between(0, jitter) : 0)
        command.due = now + wait * 1_000
        switch command.reply.number {
        case CommandNumber.lowLevelChannelConfig:
            command.pattern = PulsePattern(payloadOf: &decoder, configuration)
            command.reply.channel = command.pattern?.channel ?? 1
        case CommandNumber.midLevelUpdate: command.order = PatternOrder(payloadOf: &decoder, configuration)
        default: break
        }
        commands[(commandHead + commandCount) % Self.commandRoom] = command
        commandCount += 1
    }

    /// Bytes of the frame as sent; the two prefix bytes are stuffed only for packet number 60.
    private var wireLength: Int {
        mutating get {
            var length = decoder.packetNumber == 60 ? 13 : 12
            for index in 0..<decoder.payloadCount {
                let byte = decoder.byte(at: index)
                length += byte == 0xF0 || byte == 0x0F || byte == 0x81 ? 2 : 1
            }
            return length
        }
    }
}

/// Obeying.
extension VirtualP24 {
    mutating func obey(_ taken: P24Command, at now: Int64, body: inout Body, plan: inout FaultPlan) {
        var command = taken
        if let mishap = plan.drawMishap(at: now) {
            switch mishap {
            case .reset:
                restart(at: now, body: &body)
                wantsToReenumerate = true
            case .stuck(let nanoseconds): becomeStuck(at: now, nanoseconds: nanoseconds)
            }
            return
        }
        if let fault = plan.drawDeviceFault(command: command.reply.number, at: now) {
            switch fault {
            case .ignored: return
            case .acknowledgedWithoutEffect: return answer(command.reply, .ok)
            case .result(let code): return answer(command.reply, ResultCode(rawValue: code))
            case .effectWithoutAcknowledgement: command.reply.style = .never
            case .acknowledgementRepeated: command.reply.style = .twice
            case .effectWithResult(let code): command.reply.style = .result(code)
            }
        }
        if now < stopIgnoredUntil, isStop(command.reply.number) {
            plan.note(.stopIgnored, at: now)
            if ignoredStopIsAcknowledged { answer(command.reply, .ok) }
            return
        }
        carryOut(command, at: now, body: &body)
    }

    private func isStop(_ number: UInt16) -> Bool {
        number == CommandNumber.lowLevelStop || number == CommandNumber.midLevelStop
    }

    /// The state machine, row by row (sheet, section 7).
    private mutating func carryOut(_ command: P24Command, at now: Int64, body: inout Body) {
        switch command.reply.number {
        case CommandNumber.getDeviceID, CommandNumber.getStimStatus, CommandNumber.getExtendedVersion:
            answer(command.reply, command.payloadCount == 0 ? .ok : .parameterError)
        case CommandNumber.reset:
            guard command.payloadCount == 0 else { return answer(command.reply, .parameterError) }
            if configuration.resetIsAcknowledged { answer(command.reply, .ok) }
            restart(at: now, body: &body)
        case CommandNumber.lowLevelInit: initialiseLowLevel(command, at: now)
        case CommandNumber.lowLevelChannelConfig: takePulse(command, at: now)
        case CommandNumber.lowLevelStop: stop(.low, command, at: now, body: &body)
        case CommandNumber.midLevelInit: initialiseMidLevel(command, at: now)
        case CommandNumber.midLevelUpdate: takePatterns(command, at: now)
        case CommandNumber.midLevelGetCurrentData: tellCurrentData(command, at: now)
        case CommandNumber.midLevelStop: stop(.mid, command, at: now, body: &body)
        default: answer(command.reply, .invalidCommand)
        }
    }

    private mutating func initialiseLowLevel(_ command: P24Command, at now: Int64) {
        // Bit 7 and bit 0 are 0; bits 6-4 what to measure; bits 3-1 the high voltage, of which 7 does not exist.
        let wanted = command.first >> 1 & 7
        guard command.payloadCount == 1, command.first & 0x81 == 0, wanted != 7,
            let measuring = Measurement(code: command.first >> 4 & 7),
            measuring == .none || configuration.measurementIsBuiltIn
        else { return answer(command.reply, .parameterError) }
        guard level != .mid else { return answer(command.reply, .notInitialized) }
        if level == .low, configuration.lowLevelInitAgainResult != 0 {
            return answer(command.reply, ResultCode(rawValue: configuration.lowLevelInitAgainResult))
        }
        measurement = measuring
        let target = wanted == 0 ? HighVoltage.volts150 : HighVoltage(rawValue: wanted)
        beginSwitching(
            to: P24Goal(level: .low, highVoltage: target, microseconds: configuration.highVoltageMicroseconds),
            at: now, command.reply)
    }

    private mutating func stop(_ stopped: P24Level, _ command: P24Command, at now: Int64, body: inout Body) {
        guard command.payloadCount == 0 else { return answer(command.reply, .parameterError) }
        guard level == stopped else {
            let code = level == .none ? ResultCode(rawValue: configuration.stopWithoutLevelResult) : .notInitialized
            return answer(command.reply, code)
        }
        forgetPatterns()
        let goal = P24Goal(level: .none, highVoltage: .off, microseconds: configuration.highVoltageMicroseconds)
        switch configuration.stopFate {
        case .cutsPulse:
            cutRunningPulse(at: now, body: &body)
            dropWaitingPulses()
        case .finishesPulse: dropWaitingPulses()
        case .runsQueue: break
        }
        if running == nil, pulseCount == 0 {
            beginSwitching(to: goal, at: now, command.reply)
        } else {
            activity = .waitingForPulses(to: goal, command.reply)
        }
    }
}

/// Answering.
extension VirtualP24 {
    /// The acknowledgement that belongs to a command.
    mutating func answer(_ reply: P24Reply, _ truth: ResultCode, samples: MeasuredSamples? = nil) {
        var result = truth
        switch reply.style {
        case .never: return
        case .once, .twice: break
        case .result(let code): result = ResultCode(rawValue: code)
        }
        guard let acknowledgement = acknowledgement(of: reply, result, samples) else { return }
        var packetNumber = reply.packetNumber
        if case .unknownCommand = acknowledgement, !configuration.unknownCommandEchoesPacketNumber {
            packetNumber = configuration.errorPacketNumber
        }
        send(acknowledgement, packetNumber: packetNumber)
        if case .twice = reply.style { send(acknowledgement, packetNumber: packetNumber) }
    }

    private func acknowledgement(
        of reply: P24Reply, _ result: ResultCode, _ samples: MeasuredSamples?
    ) -> Acknowledgement? {
        switch reply.number {
        case CommandNumber.getDeviceID: return .deviceID(result, configuration.deviceID)
        case CommandNumber.getStimStatus:
            return .stimStatus(result, StimulationLevel(rawValue: reportedLevel), highVoltage)
        case CommandNumber.getExtendedVersion: return .extendedVersion(result, configuration.version)
        case CommandNumber.reset: return .reset(result)
        case CommandNumber.lowLevelInit: return .lowLevelInit(result)
        case CommandNumber.lowLevelStop: return .lowLevelStop(result)
        case CommandNumber.midLevelInit: return .midLevelInit(result)
        case CommandNumber.midLevelUpdate: return .midLevelUpdate(result)
        case CommandNumber.midLevelStop: return .midLevelStop(result)
        case CommandNumber.midLevelGetCurrentData:
            return .midLevelCurrentData(result, result == .ok ? currentData(reply.channel) : currentData(4))
        case CommandNumber.lowLevelChannelConfig:
            guard let channel = Channel(number: reply.channel) else { return nil }
            return .lowLevelChannelConfig(result, channel, samples)
        default: return .unknownCommand(.invalidCommand)
        }
    }

    /// Reports an error that belongs to no command.
    mutating func reportError(_ code: UInt8) {
        send(.generalError(ResultCode(rawValue: code)), packetNumber: configuration.errorPacketNumber)
    }

    private mutating func send(_ acknowledgement: Acknowledgement, packetNumber: UInt8) {
        guard !isDeaf, !isMuted, let frame = acknowledgement.encode(packetNumber: packetNumber) else { return }
        for index in 0..<frame.count { outbox.append(frame[index]) }
    }
}

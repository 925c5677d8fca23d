// The turns of the conversation: what is asked, what each answer leads to, and how it fails.
import SafetyKernel
import ScienceMode4
import StimulusModel

extension P24Link {
    // MARK: - Asking

    @_noLocks mutating func takePacketNumber() -> UInt8 {
        let packet = nextPacket
        nextPacket = nextPacket >= 63 ? 0 : nextPacket + 1
        abandonedPackets &= ~(1 << UInt64(packet))
        return packet
    }

    @_noLocks mutating func ask(_ request: Request, within milliseconds: Int64, flushing: Bool = false) {
        if isAsking { abandonedPackets |= 1 << UInt64(askedPacket) }
        let packet = takePacketNumber()
        guard let bytes = request.encode(packetNumber: packet) else { return fail(.internalError) }
        pendingControl = bytes
        hasPendingControl = true
        pendingControlFlushes = pendingControlFlushes || flushing
        isAsking = true
        askedAt = now
        askedPacket = packet
        askedDeadline = now.advanced(by: TimeSpan(milliseconds: milliseconds))
        lastTraffic = now
    }

    /// The stop goes out at once, whatever else was asked, ahead of a pulse that still waits to be written.
    @_noLocks mutating func beginStopping() {
        pulseExpired()
        isProvenOff = false
        attempts = 0
        stopRounds = 0
        step = .stoppingLowLevel
        ask(.lowLevelStop, within: P24Timing.switchingMilliseconds, flushing: true)
    }

    @_noLocks mutating func askInitialise() {
        step = .initialising
        isProvenOff = false
        attempts = P24Timing.attempts  // Energising is never asked twice.
        ask(
            .lowLevelInit(measurement: measures ? .current : .none, highVoltage: .standard),
            within: P24Timing.switchingMilliseconds)
    }

    @_noLocks mutating func move(to next: Step, asking request: Request) {
        step = next
        attempts = 0
        ask(request, within: P24Timing.answerMilliseconds)
    }

    @_noLocks mutating func timeOut() {
        abandonedPackets |= 1 << UInt64(askedPacket)
        isAsking = false
        attempts += 1
        guard attempts < P24Timing.attempts else {
            switch step {
            case .stoppingLowLevel, .stoppingMidLevel, .checkingOff:
                // Not one of three stops was confirmed; a device that was never known is merely silent.
                latch(isIdentified ? .stopUnconfirmed : .silent)
                giveUp()
            default:
                fail(.silent)
            }
            return
        }
        switch step {
        case .stoppingLowLevel: ask(.lowLevelStop, within: P24Timing.switchingMilliseconds, flushing: true)
        case .stoppingMidLevel: ask(.midLevelStop, within: P24Timing.switchingMilliseconds, flushing: true)
        case .checkingOff, .checkingOn, .ready: ask(.getStimStatus, within: P24Timing.answerMilliseconds)
        case .askingSerial: ask(.getDeviceID, within: P24Timing.answerMilliseconds)
        case .askingVersion: ask(.getExtendedVersion, within: P24Timing.answerMilliseconds)
        case .initialising, .off, .waitingForLine, .dead: fail(.silent)
        }
    }

    // MARK: - Answers

    @_noLocks mutating func take(_ acknowledgement: Acknowledgement, packet: UInt8) {
        switch acknowledgement {
        case .generalError(let result), .unknownCommand(let result):
            // Their packet number may be any (sciencemode4.md 6). Before the first stop was confirmed they may
            // belong to what a killed host left half-sent.
            if isIdentified || step == .askingSerial || step == .askingVersion { fail(P24Link.cause(result)) }
        case .lowLevelChannelConfig(let result, let channel, let samples):
            guard let place = place(ofPacket: packet, channel) else {
                // An error under the number of a pulse that was answered says something new.
                if result == .ok,
                    pulses[0].forgivesRepeat(packet: packet, channel: channel)
                        || pulses[1].forgivesRepeat(packet: packet, channel: channel)
                {
                    repeatedAnswers += 1
                    return
                }
                return noteStranger(packet)
            }
            takePulse(result, samples, on: place)
        default:
            guard isAsking, packet == askedPacket else { return noteStranger(packet) }
            // Until the device is known, answers to a killed host may come under the same numbers.
            guard isIdentified || fits(acknowledgement) else { return }
            isAsking = false
            // Switching the voltage takes time of its own.
            if case .stimStatus = acknowledgement { noteAnswer(after: now.since(askedAt)) }
            answer(acknowledgement)
        }
    }

    /// Whether an acknowledgement answers the question that this step asks.
    @_noLocks private func fits(_ acknowledgement: Acknowledgement) -> Bool {
        switch (step, acknowledgement) {
        case (.stoppingLowLevel, .lowLevelStop), (.stoppingMidLevel, .midLevelStop), (.checkingOff, .stimStatus),
            (.askingSerial, .deviceID), (.askingVersion, .extendedVersion):
            return true
        default: return false
        }
    }

    @_noLocks private mutating func answer(_ acknowledgement: Acknowledgement) {
        switch (step, acknowledgement) {
        case (.stoppingLowLevel, .lowLevelStop(let result)), (.stoppingMidLevel, .midLevelStop(let result)):
            // "Not initialised" is as good as stopped; the status proves it.
            guard result == .ok || result == .notInitialized else { return fail(P24Link.cause(result)) }
            move(to: .checkingOff, asking: .getStimStatus)
        case (.checkingOff, .stimStatus(let result, let level, let voltage)):
            takeOffStatus(result, level, voltage)
        case (.askingSerial, .deviceID(let result, let serial)):
            guard result == .ok else { return fail(P24Link.cause(result)) }
            takeSerial(serial)
        case (.askingVersion, .extendedVersion(let result, let version)):
            guard result == .ok else { return fail(P24Link.cause(result)) }
            takeVersion(version)
        case (.initialising, .lowLevelInit(let result)):
            if result == .parameterError, measures, !outputs.judgesReadBack {
                // It cannot measure, and nothing relies on it: asked once more, without.
                measures = false
                return askInitialise()
            }
            guard result == .ok else { return fail(P24Link.cause(result)) }
            move(to: .checkingOn, asking: .getStimStatus)
        case (.checkingOn, .stimStatus(let result, let level, let voltage)),
            (.ready, .stimStatus(let result, let level, let voltage)):
            guard result == .ok else { return fail(P24Link.cause(result)) }
            guard level == .lowLevel, voltage == .volts150 else { return fail(.unexpectedDeviceState) }
            attempts = 0
            step = .ready
        default:
            // The right packet number on the wrong answer.
            fail(.secondController)
        }
    }

    @_noLocks private mutating func takeOffStatus(
        _ result: ResultCode, _ level: StimulationLevel, _ voltage: HighVoltage
    ) {
        guard result == .ok else { return fail(P24Link.cause(result)) }
        let isMidLevel = level == .midLevel || level == .midLevelRunning
        guard voltage == .off, level == .none else {
            // What a killed host left in mid level is not meant by the low level's stop. Anything else that is still on
            // after a confirmed stop is a fault; either way it is told again, three times in all.
            if !isMidLevel { latch(.highVoltageStillOn) }
            stopRounds += 1
            guard stopRounds < P24Timing.attempts else {
                latch(.highVoltageStillOn)
                return giveUp()
            }
            step = isMidLevel ? .stoppingMidLevel : .stoppingLowLevel
            attempts = 0
            return ask(
                isMidLevel ? .midLevelStop : .lowLevelStop, within: P24Timing.switchingMilliseconds, flushing: true)
        }
        isProvenOff = true
        if fault != .none {
            giveUp()
        } else if isIdentified {
            step = .off
        } else {
            move(to: .askingSerial, asking: .getDeviceID)
        }
    }

    @_noLocks private mutating func takeSerial(_ id: DeviceID) {
        var serial = DeviceSerial()
        var index = 0
        while index < DeviceID.length {
            serial.characters[index] = id[index]
            index += 1
        }
        identity = StimulatorIdentity(
            serial: serial, firmware: FirmwareVersion(major: 0, minor: 0, revision: 0),
            language: FirmwareVersion(major: 0, minor: 0, revision: 0))
        if let wanted = expected.serial {
            guard wanted == serial else { return fail(.wrongDevice) }
        }
        move(to: .askingVersion, asking: .getExtendedVersion)
    }

    @_noLocks private mutating func takeVersion(_ version: ExtendedVersion) {
        guard let known = identity else { return fail(.internalError) }
        let firmware = FirmwareVersion(
            major: version.firmware.major, minor: version.firmware.minor, revision: version.firmware.revision)
        let language = FirmwareVersion(
            major: version.scienceMode.major, minor: version.scienceMode.minor,
            revision: version.scienceMode.revision)
        identity = StimulatorIdentity(serial: known.serial, firmware: firmware, language: language)
        guard language.major == expected.languageMajor, expected.accepts(firmware: firmware) else {
            return fail(.wrongFirmware)
        }
        isIdentified = true
        step = .off
    }

    /// The place whose pulse this answers; nothing when none of that number was sent on that channel.
    @_noLocks private func place(ofPacket packet: UInt8, _ channel: Channel) -> ChannelPlace? {
        if isOpen(.first), pulses[0].packet == packet, pulses[0].channel == channel { return .first }
        if isOpen(.second), pulses[1].packet == packet, pulses[1].channel == channel { return .second }
        return nil
    }

    /// Whether the pulse of a place was written and has no answer yet.
    @_noLocks private func isOpen(_ place: ChannelPlace) -> Bool {
        pulses[place.index].isOut && !(hasPendingPulse && pendingPlace == place)
    }

    @_noLocks private mutating func takePulse(
        _ result: ResultCode, _ samples: MeasuredSamples?, on place: ChannelPlace
    ) {
        let pulse = pulses[place.index]
        // It may have begun as late as one duration before now. What is due less than a period after that, less the
        // ordinary delay, is left out: a line that holds frames back can thin a train, never thicken it.
        noteAnswer(after: TimeSpan(nanoseconds: now.since(pulse.sentAt).nanoseconds - pulse.duration.nanoseconds))
        pulses[place.index].earliestNext = now.advanced(
            by: TimeSpan(
                nanoseconds: pulse.period.nanoseconds - pulse.duration.nanoseconds - ordinaryDelay.nanoseconds))
        takeSamples(samples, on: place)
        if result == .ok {
            pulses[place.index].settle(.delivered)
            let sampled = samples == nil ? nil : sampledPeaks[place.index]
            if !outputs.agrees(sampled: sampled, set: lastSettings[place.index], at: place) { fail(.outputDeviates) }
            return
        }
        // Whatever the device says of an error, current may have flowed: what counts is what the patient may have got.
        // With these codes it claims that none did (sciencemode4.md 9, row 4), and nobody checked.
        let claimsNone =
            result == .transferError || result == .parameterError || result == .notInitialized
            || result == .invalidCommand
        pulses[place.index].settle(claimsNone ? .unknown : .delivered)
        fail(P24Link.cause(result))
    }

    /// The largest of the device's own samples. They have no sign, and hundredths of a milliampere are the likelier
    /// reading of their scale (`sciencemode4.md` 4.3).
    @_noLocks private mutating func takeSamples(_ samples: MeasuredSamples?, on place: ChannelPlace) {
        sampledPeaks[place.index] = .zero
        guard let samples, samples.measurement == .current else { return }
        var peak: UInt16 = 0
        var index = 0
        while index < MeasuredSamples.count {
            peak = max(peak, samples[index])
            index += 1
        }
        sampledPeaks[place.index] = Current(microamperes: Int32(peak) * 10)
    }

    /// No answer in time: its fate is unknown.
    @_noLocks mutating func expirePulse(_ place: ChannelPlace) {
        guard pulses[place.index].isOut, now.since(pulses[place.index].deadline).nanoseconds > 0 else { return }
        pulses[place.index].settle(.unknown)
        fail(.deliveryUnknown)
    }

    /// What this line and device never needed less than is no lateness: a delay that is always there moves every pulse
    /// alike and brings no two closer together.
    @_noLocks private mutating func noteAnswer(after span: TimeSpan) {
        if span.nanoseconds < quickestAnswer.nanoseconds { quickestAnswer = span }
    }

    /// How late an answer may come before the line is taken to have held something back.
    private var ordinaryDelay: TimeSpan {
        @_noLocks get {
            let most = TimeSpan(milliseconds: P24Timing.slowestOrdinaryAnswerMilliseconds)
            let usual = min(quickestAnswer.nanoseconds, most.nanoseconds) + 2_000_000
            let least = TimeSpan(milliseconds: P24Timing.ordinaryDelayMilliseconds)
            return TimeSpan(nanoseconds: max(least.nanoseconds, usual))
        }
    }

    // MARK: - Failing

    /// Nothing more is asked or heard; a pulse that nobody will answer for any more counts as delivered.
    @_noLocks mutating func giveUp() {
        pulses[0].settle(.unknown)
        pulses[1].settle(.unknown)
        step = .dead
        isAsking = false
    }

    @_noLocks mutating func latch(_ cause: FaultCause) {
        if fault == .none { fault = cause }
    }

    /// Latches the first cause and stops the device, since the line is still there.
    @_noLocks mutating func fail(_ cause: FaultCause) {
        let wasFailed = fault != .none
        latch(cause)
        guard step != .dead else { return }
        // A second failure while stopping after the first is left to the repetitions of the stop.
        if wasFailed, step == .stoppingLowLevel || step == .stoppingMidLevel || step == .checkingOff {
            if !isAsking { timeOut() }
            return
        }
        beginStopping()
    }

    @_noLocks mutating func noteRejected() {
        strayBytes = 0
        if now.since(rejectedSince).milliseconds > 1_000 {
            rejectedSince = now
            rejectedFrames = 0
        }
        rejectedFrames += 1
        // A sound line has none; a cut frame at the start may leave one (sciencemode4.md 2.1). Proposal.
        if rejectedFrames >= 5 { fail(.garbage) }
    }

    @_noLocks mutating func noteUnreadable() {
        unreadableFrames += 1
        // Valid frames that are no answers: an echoing line, or another kind of device.
        if unreadableFrames >= 3 { fail(isIdentified ? .secondController : .wrongDevice) }
    }

    /// An answer to a question that is not open.
    @_noLocks mutating func noteStranger(_ packet: UInt8) {
        if abandonedPackets & (1 << UInt64(packet)) != 0 {
            abandonedPackets &= ~(1 << UInt64(packet))
            return
        }
        // Until this host's own stop was confirmed, answers to a killed host may still arrive.
        guard isIdentified else { return }
        fail(.secondController)
    }

    @_noLocks static func cause(_ result: ResultCode) -> FaultCause {
        switch result.rawValue {
        case 1: return .deviceTransferError
        case 2: return .deviceParameterError
        case 3: return .deviceProtocolError
        case 4: return .deviceInternalTimeout
        case 7: return .deviceNotInitialised
        case 8: return .deviceHighVoltageError
        case 10: return .electrodeError
        case 11: return .deviceInvalidCommand
        case 16: return .devicePulseTimeout
        case 28: return .lowCurrent
        default: return .deviceUnexpectedResult
        }
    }

    // MARK: - Encoding

    /// The points of a pulse; nothing when the wire cannot say exactly this.
    @_noLocks static func configuration(_ pulse: Pulse, on channel: Channel) -> ChannelConfiguration? {
        var configuration = ChannelConfiguration(channel: channel)
        guard
            let first = PulsePoint(
                durationMicroseconds: pulse.firstPhaseDuration.microseconds, current: pulse.firstPhaseCurrent),
            let second = PulsePoint(
                durationMicroseconds: pulse.secondPhaseDuration.microseconds, current: pulse.secondPhaseCurrent)
        else { return nil }
        guard configuration.append(first) else { return nil }
        if pulse.interphaseGap.microseconds > 0 {
            guard
                let gap = PulsePoint(
                    durationMicroseconds: pulse.interphaseGap.microseconds, current: .zero),
                configuration.append(gap)
            else { return nil }
        }
        guard configuration.append(second) else { return nil }
        return configuration
    }
}

// The turns of the conversation with a Pulse Pal: what is told, what each answer leads to, and how it fails.
import PulsePal
import SafetyKernel
public import StimulusModel

extension TriggerLink {
    // MARK: - Telling

    @_noLocks mutating func tell(_ request: PulsePalRequest, within milliseconds: Int64) {
        guard let bytes = request.encode(for: firmware) else { return fail(.internalError) }
        pending = bytes
        hasPending = true
        lastTraffic = now
        awaits = request.replyKind
        reply = PulsePalReplyReader(awaiting: awaits)
        deadline = now.advanced(by: TimeSpan(milliseconds: milliseconds))
    }

    /// Begins one turn of the script.
    @_noLocks mutating func begin(_ next: Turn) {
        turn = next
        awaits = .none
        isPausing = false
        let wait = TriggerTiming.answerMilliseconds
        switch next {
        case .abortFirst:
            clearSettings()
            tell(.abort, within: wait)
            // A firmware 21 that holds half a command takes what comes for the rest of it: it is filled up first.
            fillsUp = attempts > 0
            pause(for: awaitedAtStop ? TriggerTiming.staleReplyMilliseconds : TriggerTiming.betweenAbortsMilliseconds)
            awaitedAtStop = false
        case .abortSecond, .abortThird:
            tell(.abort, within: wait)
            pause()
        case .askVersion, .proveVersion: tell(.handshake, within: wait)
        case .endContinuous1: tell(.continuous(channel: 1, isOn: false), within: wait)
        case .endContinuous2: tell(.continuous(channel: 2, isOn: false), within: wait)
        case .endContinuous3: tell(.continuous(channel: 3, isOn: false), within: wait)
        case .endContinuous4: tell(.continuous(channel: 4, isOn: false), within: wait)
        case .programSilence:
            lastProgram = program(for: told)
            tell(.programAll(lastProgram), within: wait)
        case .hold1: hold(1)
        case .hold2: hold(2)
        case .hold3: hold(3)
        case .hold4: hold(4)
        case .readSilence:
            // Firmware 21 cannot be read back.
            guard firmware == .version22 else { return begin(.proveVersion) }
            tell(.readParameters, within: wait)
        case .silent, .waitingForLine, .ready, .programming, .readingBack, .polling, .dead: return
        }
    }

    /// The resting voltage of an earlier program reaches the output only so (`pulsepal.md` 4).
    @_noLocks private mutating func hold(_ number: UInt8) {
        tell(
            .fixedVoltage(channel: number, code: lastProgram[channel: number].restingCode),
            within: TriggerTiming.answerMilliseconds)
    }

    @_noLocks private mutating func pause(for milliseconds: Int64 = TriggerTiming.betweenAbortsMilliseconds) {
        isPausing = true
        pauseUntil = now.advanced(by: TimeSpan(milliseconds: milliseconds))
    }

    /// The next turn of the script.
    @_noLocks mutating func moveOn() {
        switch turn {
        case .proveVersion:
            attempts = 0
            turn = .silent
            if fault != .none { turn = .dead }
        default:
            guard isStopping else { return }
            begin(turn.following)
        }
    }

    @_noLocks private mutating func clearSettings() {
        wanted = InlineArray(repeating: Setting())
        told = InlineArray(repeating: Setting())
        confirmed = InlineArray(repeating: Setting())
    }

    /// The whole of a program: channels of this rig as asked, linked to their own input only while they have a pulse to
    /// give; everything else silent and unlinked.
    @_noLocks func program(for settings: InlineArray<2, Setting>) -> PulsePalProgram {
        var program = PulsePalProgram.silent
        var index = 0
        while index < 2 {
            if let rig = channels[index] {
                var channel = PulsePalChannel()
                let rest = rig.calibration.restingCode
                channel.restingCode = rest
                channel.phase1Code = rest
                channel.phase2Code = rest
                channel.trainCycles = TriggerTiming.trainCycles
                channel.interpulseCycles = TriggerTiming.interpulseCycles
                let setting = settings[index]
                if let steps = rig.calibration.steps(for: setting.amplitude), steps > 0 {
                    channel.phase1Code = rest + steps
                    channel.phase2Code = rest - steps
                    channel.phase1Cycles = cycles(setting.phaseMicroseconds)
                    channel.phase2Cycles = channel.phase1Cycles
                    channel.interphaseCycles = cycles(setting.gapMicroseconds)
                    channel.isLinkedToFirst = index == 0
                    channel.isLinkedToSecond = index == 1
                }
                program[channel: rig.channel.number] = channel
            }
            index += 1
        }
        return program
    }

    @_noLocks private func cycles(_ microseconds: Int32) -> UInt32 {
        UInt32(max(0, microseconds) / PulsePalTime.cycleMicroseconds)
    }

    // MARK: - Between pulses

    /// Tells the device what is wanted, once the last edge is long enough ago; else asks whether it is still there.
    @_noLocks mutating func setOrPoll() {
        let last = max(edges[0].releasedAt.nanoseconds, edges[1].releasedAt.nanoseconds)
        let sinceEdge = now.since(Instant(nanoseconds: last)).milliseconds
        guard sinceEdge >= TriggerTiming.quietBeforeSettingMilliseconds, pendingEdges == 0, !anyEdgeIsOut
        else { return }
        if confirmed[0] != wanted[0] || confirmed[1] != wanted[1] {
            told = wanted
            lastProgram = program(for: told)
            turn = .programming
            return tell(.programAll(lastProgram), within: TriggerTiming.settingMilliseconds)
        }
        // Best right behind an edge, where it holds back none.
        let isBehindEdge = sinceEdge < TriggerTiming.signMilliseconds
        let idle = isBehindEdge ? TriggerTiming.idlePollMilliseconds / 2 : TriggerTiming.idlePollMilliseconds
        if now.since(lastTraffic).milliseconds >= idle {
            turn = .polling
            tell(.handshake, within: TriggerTiming.settingMilliseconds)
        }
    }

    @_noLocks mutating func watchPulse(_ place: ChannelPlace) {
        let index = place.index
        let isSeen = levels.pulseIsSeen(on: place)
        // Before the edge takes note of it: a sign may be longer than one edge explains, and none is asked for
        // meanwhile.
        let isExplained = edges[index].explainsSign(isSeen, at: now)
        edges[index].advance(to: now, isSeen: isSeen)
        // Said once: what follows a fault is the stop's affair, and must not begin it anew.
        guard fault == .none, !pinsAreLost else { return }
        if !isExplained { return fail(.pulseWithoutEdge) }
        if edges[index].unseen >= TriggerTiming.unseenLimit { fail(.pulseNotSeen) }
    }

    // MARK: - Answers

    /// One byte from the device.
    @_noLocks public mutating func receive(_ byte: UInt8, at now: Instant) {
        self.now = now
        guard turn != .dead, turn != .waitingForLine else { return }
        // Until the first answer to a handshake anything may come: a killed host's answers, half a command's.
        if turn == .abortFirst || turn == .abortSecond { return }
        if turn == .askVersion, reply.count == 0, byte != 0x4B { return }
        guard awaits != .none else { return fail(.secondController) }
        switch reply.receive(byte) {
        case .more: return
        case .wrong: fail(.garbage)
        case .complete:
            lastTraffic = now
            takeReply()
        }
    }

    @_noLocks private mutating func takeReply() {
        let kind = awaits
        awaits = .none
        switch kind {
        case .handshake: takeVersion()
        case .confirmation:
            guard reply.isConfirmed() == true else { return fail(.settingRefused) }
            guard turn == .programming else { return moveOn() }
            guard firmware == .version22 else { return confirmSetting() }
            turn = .readingBack
            tell(.readParameters, within: TriggerTiming.settingMilliseconds)
        case .parameters:
            guard let program = reply.parameters(), program == lastProgram else { return fail(.settingRefused) }
            if turn == .readingBack { confirmSetting() } else { moveOn() }
        case .none, .other: fail(.internalError)
        }
    }

    @_noLocks private mutating func confirmSetting() {
        confirmed = told
        turn = .ready
    }

    @_noLocks private mutating func takeVersion() {
        guard let number = reply.version(), number > 0, number <= 255 else { return fail(.wrongDevice) }
        let version = FirmwareVersion(major: UInt8(number), minor: 0, revision: 0)
        if turn == .polling {
            guard firmware.code == UInt8(number) else { return fail(.wrongDevice) }
            turn = .ready
            return
        }
        if isIdentified, firmware.code != UInt8(number) { return fail(.wrongDevice) }
        identity = StimulatorIdentity(
            serial: DeviceSerial(), firmware: version,
            language: FirmwareVersion(major: expected.languageMajor, minor: 0, revision: 0))
        // 1 to 19 is a Pulse Pal 1, with another wire (`pulsepal.md` 3).
        guard expected.accepts(firmware: version), let known = PulsePalFirmware(version: number) else {
            return fail(.wrongFirmware)
        }
        firmware = known
        if turn == .proveVersion { isIdentified = true }
        moveOn()
    }

    // MARK: - Failing

    @_noLocks mutating func timeOut() {
        awaits = .none
        if isEnergised { return fail(turn == .polling ? .silent : .settingUnconfirmed) }
        // What the device still holds of a command that was cut may swallow ours: the script is begun anew.
        attempts += 1
        guard attempts < TriggerTiming.attempts else {
            latch(isIdentified ? .stopUnconfirmed : .silent)
            return giveUp()
        }
        begin(.abortFirst)
    }

    /// The relay opens in this very step; the device is stopped, silenced and proven so meanwhile.
    @_noLocks mutating func beginStopping() {
        dropPendingEdges()
        attempts = 0
        // The answer to a question that is open would be taken for that of the first handshake.
        awaitedAtStop = awaits != .none
        begin(.abortFirst)
    }

    /// An edge that no pin carried was not delivered.
    @_noLocks mutating func dropPendingEdges() {
        if pendingEdges & 1 != 0 { edges[0].settle(.notDelivered) }
        if pendingEdges & 2 != 0 { edges[1].settle(.notDelivered) }
        pendingEdges = 0
    }

    @_noLocks mutating func latch(_ cause: FaultCause) {
        if fault == .none { fault = cause }
    }

    /// Latches the first cause; from the next pins on enable is off and the heartbeat stands still.
    @_noLocks mutating func fail(_ cause: FaultCause) {
        let wasFailed = fault != .none
        latch(cause)
        guard turn != .dead, turn != .waitingForLine else { return }
        if wasFailed, isStopping {
            // A second failure while stopping after the first is left to the repetitions of the stop.
            awaits = .none
            return timeOut()
        }
        beginStopping()
    }

    /// Nothing more is told or heard; an edge that nobody will account for any more counts as delivered.
    @_noLocks mutating func giveUp() {
        dropPendingEdges()
        edges[0].settle(.unknown)
        edges[1].settle(.unknown)
        turn = .dead
        awaits = .none
        isPausing = false
        hasPending = false
    }
}

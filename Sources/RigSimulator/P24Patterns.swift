// The mid level of the pretend stimulator: patterns that repeat by themselves until a stop, an error, or 2 s of
// silence.

internal import ScienceMode4

/// Commands.
extension VirtualP24 {
    mutating func initialiseMidLevel(_ command: P24Command, at now: Int64) {
        guard command.payloadCount == 1 else { return answer(command.reply, .parameterError) }
        guard level != .low else { return answer(command.reply, .notInitialized) }
        if level == .mid, configuration.midLevelInitAgainResult != 0 {
            return answer(command.reply, ResultCode(rawValue: configuration.midLevelInitAgainResult))
        }
        forgetPatterns()
        // The vendor's code looks at bit 0 only.
        stopsAllOnError = command.first & 1 == 1
        beginSwitching(
            to: P24Goal(
                level: .mid, highVoltage: .volts150, microseconds: configuration.midLevelInitMicroseconds),
            at: now, command.reply)
    }

    mutating func takePatterns(_ command: P24Command, at now: Int64) {
        guard level == .mid else { return answer(command.reply, .notInitialized) }
        guard let order = command.order else { return answer(command.reply, .parameterError) }
        var isSilent = false
        if order.isTooDense {
            switch configuration.densityAnswer {
            case .refused: return answer(command.reply, .parameterError)
            case .acceptedWithoutPulses: isSilent = true
            case .attempted: break
            }
        }
        var taken = 0
        for index in 0..<8 {
            if order.mask >> UInt8(index) & 1 == 1 {
                replace(index, by: order.patterns[taken], at: now)
                taken += 1
            } else if configuration.updateSwitchesOthersOff {
                patterns[index].isActive = false
            }
        }
        isRepeating = !isSilent && (patterns.contains { $0.isActive } || configuration.emptyUpdateIsRunning)
        wasPaused = false
        aliveUntil = now + configuration.keepAliveMilliseconds * 1_000_000
        findNextPattern()
        answer(command.reply, .ok)
    }

    private mutating func replace(_ index: Int, by fresh: RepeatedPattern, at now: Int64) {
        let old = patterns[index]
        let wasRunning = old.isActive && isRepeating
        var pattern = fresh
        pattern.isActive = true
        pattern.lastStart = old.lastStart
        if configuration.errorClearing != .update { pattern.errorNibble = old.errorNibble }
        let rampsAgain =
            wasRunning
            ? configuration.runningUpdateRampsAgain : !wasPaused || configuration.restartAfterPauseRamps
        pattern.rampDone = rampsAgain ? 0 : wasRunning ? min(old.rampDone, pattern.ramp) : pattern.ramp
        // A ramp that was over stays over, also when the new one is longer.
        if wasRunning, !configuration.runningUpdateRampsAgain, old.rampDone >= old.ramp {
            pattern.rampDone = pattern.ramp
        }
        let keepsBeat = wasRunning && configuration.updateKeepsBeat && old.lastStart != Int64.min
        pattern.nextStart = keepsBeat ? max(now, old.lastStart + pattern.periodNanoseconds) : now
        patterns[index] = pattern
    }

    mutating func tellCurrentData(_ command: P24Command, at now: Int64) {
        guard level == .mid else { return answer(command.reply, .notInitialized) }
        let isKnown = command.first == 4 || (configuration.knowsLibrarySelections && [2, 3].contains(command.first))
        guard command.payloadCount == 1, isKnown else { return answer(command.reply, .parameterError) }
        // It keeps alive what runs; what was paused it does not restart.
        if isRepeating { aliveUntil = now + configuration.keepAliveMilliseconds * 1_000_000 }
        var reply = command.reply
        reply.channel = command.first
        answer(reply, .ok)
        if configuration.errorClearing == .reading { for index in 0..<8 { patterns[index].errorNibble = 0 } }
    }

    /// What the device tells of its channels, in the form of a selection.
    func currentData(_ selection: UInt8) -> MidLevelCurrentData {
        var active: UInt8 = 0
        var errors: UInt32 = 0
        var electrodes: UInt8 = 0
        for index in 0..<8 {
            if isRepeating, patterns[index].isActive { active |= 1 << UInt8(index) }
            errors |= patterns[index].errorNibble << UInt32(4 * index)
            if patterns[index].errorNibble == 1 { electrodes |= 1 << UInt8(index) }
        }
        let isRunning: UInt8 = isRepeating ? 0x10 : 0
        switch selection {
        case 2: return .firstConnector(isRunning | electrodes & 0x0F)
        case 3: return .bothConnectors(isRunning | electrodes & 0x0F, isRunning | electrodes >> 4)
        default: return .channels(active: active, errors: errors)
        }
    }

    /// Every channel off, every error gone.
    mutating func forgetPatterns() {
        for index in 0..<8 {
            patterns[index].isActive = false
            patterns[index].errorNibble = 0
            patterns[index].lastStart = Int64.min
        }
        isRepeating = false
        wasPaused = false
        aliveUntil = Int64.max
        nextPatternAt = Int64.max
    }
}

/// The beat.
extension VirtualP24 {
    /// Starts the pulse that is due, or ends all of them when the host has been silent for too long.
    mutating func stepPatterns(at now: Int64, body: Body) {
        if now >= aliveUntil, now >= stopIgnoredUntil { return pausePatterns() }
        guard running == nil, nextPatternAt <= now, generatorFreeAt <= now else { return }
        var first: Int?
        for index in 0..<8 where patterns[index].isActive && patterns[index].nextStart <= now {
            if patterns[index].nextStart < patterns[first ?? index].nextStart || first == nil { first = index }
        }
        guard let first else { return }
        if now >= patterns[first].nextStart + patterns[first].periodNanoseconds {
            // The next one is due already: the pulse did not fit into its time frame.
            return noteError(.pulseTimeout, channel: UInt8(first) + 1)
        }
        let pulse = patterns[first].nextPulse(configuration.rampForm)
        patterns[first].rampDone = min(patterns[first].rampDone + 1, patterns[first].ramp)
        patterns[first].lastStart = now
        patterns[first].nextStart += patterns[first].periodNanoseconds
        findNextPattern()
        begin(QueuedPulse(pattern: pulse), isRepeated: true, at: now, body: body)
    }

    /// No message, and no latch: the next Ml_update starts again at once.
    private mutating func pausePatterns() {
        for index in 0..<8 { patterns[index].isActive = false }
        isRepeating = false
        wasPaused = true
        counts.keepAlivePauses += 1
        findNextPattern()
    }

    mutating func findNextPattern() {
        nextPatternAt = Int64.max
        guard isRepeating else { return }
        for index in 0..<8 where patterns[index].isActive {
            nextPatternAt = min(nextPatternAt, patterns[index].nextStart)
        }
    }

    /// An error stops the channel, or all of them, as Ml_init asked for.
    mutating func noteError(_ result: ResultCode, channel: UInt8) {
        let index = Int(channel) - 1
        var stops = true
        switch result {
        case .electrodeError: patterns[index].errorNibble = 1
        case .pulseTimeout: patterns[index].errorNibble = 2
        case .lowCurrent:
            patterns[index].errorNibble = 3
            stops = configuration.lowCurrentStopsChannel
        default: return
        }
        guard stops else { return }
        patterns[index].isActive = false
        if stopsAllOnError { for other in 0..<8 { patterns[other].isActive = false } }
        if configuration.lastErrorEndsRunning, !patterns.contains(where: { $0.isActive }) { isRepeating = false }
        findNextPattern()
    }
}

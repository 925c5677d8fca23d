// The generator of the pretend stimulator, and the queue of the low level in front of it.

internal import ScienceMode4

/// A pulse of the low level that waits for the generator.
struct QueuedPulse: Sendable {
    var pattern = PulsePattern()
    var reply = P24Reply()
}

/// The pulse in flight. Those of the mid level are answered by nobody.
struct RunningPulse: Sendable {
    var queued: QueuedPulse
    var isRepeated: Bool
    var start: Int64
    var end: Int64
}

extension VirtualP24 {
    mutating func takePulse(_ command: P24Command, at now: Int64) {
        guard let pattern = command.pattern else { return answer(command.reply, .parameterError) }
        guard level == .low else { return answer(command.reply, .notInitialized) }
        guard pattern.isExecuted else { return answer(command.reply, .ok) }
        guard isHighVoltageOn else {
            return answer(command.reply, ResultCode(rawValue: configuration.withoutHighVoltageResult))
        }
        guard pulseCount + (running == nil ? 0 : 1) < configuration.queuedPulses else {
            counts.pulsesDropped += 1
            if let code = configuration.queueFullResult { answer(command.reply, ResultCode(rawValue: code)) }
            return
        }
        pulses[(pulseHead + pulseCount) % pulses.count] = QueuedPulse(pattern: pattern, reply: command.reply)
        pulseCount += 1
        if running == nil, nextPulseAt == Int64.max { nextPulseAt = now }
    }

    mutating func startNextPulse(at now: Int64, body: Body) {
        nextPulseAt = Int64.max
        guard running == nil, pulseCount > 0 else { return }
        let queued = pulses[pulseHead]
        pulseHead = (pulseHead + 1) % pulses.count
        pulseCount -= 1
        begin(queued, isRepeated: false, at: now, body: body)
    }

    mutating func begin(_ queued: QueuedPulse, isRepeated: Bool, at now: Int64, body: Body) {
        var microseconds = queued.pattern.totalMicroseconds
        if body.isOpen(channel: queued.pattern.channel),
            queued.pattern.peakMicroamperes >= configuration.electrodeErrorMicroamperes
        {
            microseconds = min(microseconds, Int64(configuration.electrodeErrorMicroseconds))
        }
        running = RunningPulse(queued: queued, isRepeated: isRepeated, start: now, end: now + microseconds * 1_000)
    }

    mutating func endRunningPulse(body: inout Body) {
        guard let pulse = running else { return }
        running = nil
        let outcome = finish(pulse, microseconds: (pulse.end - pulse.start) / 1_000, body: &body)
        generatorFreeAt = pulse.end + configuration.betweenPulsesMicroseconds * 1_000
        let result = judge(outcome, pulse.queued.pattern)
        if pulse.isRepeated { return noteError(result, channel: pulse.queued.pattern.channel) }
        if pulseCount > 0 { nextPulseAt = generatorFreeAt }
        if result == .electrodeError, configuration.electrodeErrorEndsLevel {
            dropWaitingPulses()
            level = .none
            setHighVoltage(.off, body: &body)
        }
        answer(pulse.queued.reply, result, samples: outcome.samples)
    }

    mutating func cutRunningPulse(at now: Int64, body: inout Body) {
        guard let pulse = running else { return }
        running = nil
        _ = finish(pulse, microseconds: max(0, (now - pulse.start) / 1_000), body: &body)
    }

    private mutating func finish(_ pulse: RunningPulse, microseconds: Int64, body: inout Body) -> PulseOutcome {
        counts.pulsesRun += 1
        let source = PulseSource(
            complianceVolts: complianceVolts, lowCurrentPercent: configuration.lowCurrentPercent,
            measuring: pulse.isRepeated ? .none : measurement, sampleScale: configuration.sampleScale,
            fullScaleMicroamperes: configuration.largestMicroamperes)
        return body.drive(
            pulse.queued.pattern, startNanoseconds: pulse.start, limitMicroseconds: microseconds, from: source)
    }

    /// What the device says of a pulse that it has driven: both errors have physical reasons.
    private func judge(_ outcome: PulseOutcome, _ pattern: PulsePattern) -> ResultCode {
        if outcome.isOpenCircuit {
            if pattern.peakMicroamperes >= configuration.electrodeErrorMicroamperes { return .electrodeError }
            return configuration.openCircuitShowsAsLowCurrent ? .lowCurrent : .ok
        }
        return outcome.isLowCurrent ? .lowCurrent : .ok
    }

    mutating func dropWaitingPulses() {
        counts.pulsesDropped += Int64(pulseCount)
        pulseCount = 0
        nextPulseAt = Int64.max
    }
}

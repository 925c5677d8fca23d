// The pretend stimulator: bytes and time in, bytes and pulses out. Its state machine is written from the vendor's
// documents (the sheet's section 7) and knows nothing of the host.
//
// Two things run side by side, as in the real one. The command side (`P24Commands`) reads frames, takes one command at
// a time and is busy while the high voltage is switched. The pulse side has one generator for all channels: it works
// off up to ten queued pulses of the low level (`P24Pulses`), or the patterns that the mid level repeats
// (`P24Patterns`). In the low level nobody watches the host: queued pulses run and the high voltage stays on when it
// dies. In the mid level pulses end 2 s after its last word.

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
    public private(set) var configuration: P24Configuration
    public internal(set) var level: P24Level
    /// The high voltage as the device reports it: 1 off, 2 to 6 for 30 to 150 V.
    public private(set) var highVoltage: HighVoltage
    public var isHighVoltageOn: Bool { highVoltage.rawValue >= 2 }

    /// Frames and pulses since the device was made; they survive a restart.
    public internal(set) var counts = P24Counts()

    // The command side.
    var decoder = FrameDecoder()
    var header = FrameHeader()
    var measurement = Measurement.none
    var random: SplitMix64
    var commands: [P24Command]
    var commandHead = 0
    var commandCount = 0
    var activity = P24Activity.idle
    /// The last moment that the device was told of.
    var clock = Int64.min

    // Faults that last.
    private var deafUntil = Int64.min
    private var mutedUntil = Int64.min
    var stopIgnoredUntil = Int64.min
    var ignoredStopIsAcknowledged = false

    // The pulse side.
    var pulses: [QueuedPulse]
    var pulseHead = 0
    var pulseCount = 0
    var running: RunningPulse?
    var nextPulseAt = Int64.max
    var patterns: [RepeatedPattern]
    var nextPatternAt = Int64.max
    var generatorFreeAt = Int64.min
    /// When the pulses of the mid level end by themselves.
    var aliveUntil = Int64.max
    var isRepeating = false
    var wasPaused = false
    var stopsAllOnError = false

    /// Bytes for the host, to be fetched by whoever holds the device.
    var outbox = ByteRing(bits: 13)
    /// Set when the device leaves the USB by itself; whoever holds it resets this.
    var wantsToReenumerate = false

    static let commandRoom = 64

    public init(configuration: P24Configuration, seed: UInt64) {
        self.configuration = configuration
        random = SplitMix64(seed: seed ^ 0x5032_34)
        level = .none
        highVoltage = .off
        commands = [P24Command](repeating: P24Command(), count: Self.commandRoom)
        pulses = [QueuedPulse](repeating: QueuedPulse(), count: max(1, configuration.queuedPulses))
        patterns = [RepeatedPattern](repeating: RepeatedPattern(), count: 8)
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

    /// The level as the device reports it: 0 none, 1 low, 2 mid, 3 mid and running.
    public var reportedLevel: UInt8 {
        guard level == .mid else { return level.rawValue }
        let isShownAsRunning = isRepeating || (wasPaused && !configuration.pauseReportsInitialised)
        return isShownAsRunning ? StimulationLevel.midLevelRunning.rawValue : level.rawValue
    }

    /// When something happens in the device by itself; the far end of time when nothing will.
    var nextEvent: Int64 {
        var next = nextPulseAt
        if let running {
            next = min(next, running.end)
        } else if isRepeating {
            next = min(next, max(nextPatternAt, generatorFreeAt))
        }
        if isRepeating { next = min(next, max(aliveUntil, stopIgnoredUntil)) }
        switch activity {
        case .idle: if commandCount > 0 { next = min(next, commands[commandHead].due) }
        case .switchingHighVoltage(let until, _, _): next = min(next, until)
        case .waitingForPulses: if running == nil, pulseCount == 0 { next = Int64.min }
        }
        return next
    }

    /// The power is gone: everything is lost, a pulse in flight is cut.
    mutating func losePower(at now: Int64, body: inout Body) {
        cutRunningPulse(at: now, body: &body)
        forgetEverything()
        decoder = FrameDecoder()
        header = FrameHeader()
        outbox.removeAll()
        deafUntil = Int64.min
        mutedUntil = Int64.min
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

    /// The device reads and obeys, but says nothing for a while.
    mutating func becomeSilent(at now: Int64, nanoseconds: Int64) { mutedUntil = max(mutedUntil, now + nanoseconds) }

    /// For a while no stop has an effect, nor has the silence of the host: the output is stuck on.
    mutating func ignoreStops(at now: Int64, nanoseconds: Int64, isAcknowledged: Bool) {
        stopIgnoredUntil = max(stopIgnoredUntil, now + nanoseconds)
        ignoredStopIsAcknowledged = isAcknowledged
    }

    /// Another device hangs on the same cable.
    mutating func becomeAnother(named deviceID: String) { configuration.deviceID = DeviceID(text: deviceID) }

    var isDeaf: Bool { clock < deafUntil }
    var isMuted: Bool { clock < mutedUntil }

    /// Does what is due at a moment, in the order of time.
    mutating func step(at now: Int64, body: inout Body, plan: inout FaultPlan) {
        clock = now
        if let running, running.end <= now { endRunningPulse(body: &body) }
        if nextPulseAt <= now { startNextPulse(at: now, body: body) }
        if isRepeating { stepPatterns(at: now, body: body) }
        stepActivity(at: now, body: &body)
        if case .idle = activity, commandCount > 0, commands[commandHead].due <= now {
            let command = commands[commandHead]
            commands[commandHead].order = nil
            commandHead = (commandHead + 1) % Self.commandRoom
            commandCount -= 1
            if !isDeaf { obey(command, at: now, body: &body, plan: &plan) }
        }
    }

    private mutating func forgetEverything() {
        commandCount = 0
        pulseCount = 0
        nextPulseAt = Int64.max
        running = nil
        activity = .idle
        level = .none
        measurement = .none
        stopIgnoredUntil = Int64.min
        forgetPatterns()
    }
}

/// What the device has counted.
public struct P24Counts: Equatable, Sendable {
    public var framesRead: Int64 = 0
    public var framesRejected: Int64 = 0
    public var pulsesRun: Int64 = 0
    public var pulsesDropped: Int64 = 0
    public var restarts: Int64 = 0
    /// Times that the pulses of the mid level ended because the host was silent.
    public var keepAlivePauses: Int64 = 0
}

/// What keeps the command side busy.
enum P24Activity {
    case idle
    case switchingHighVoltage(until: Int64, to: P24Goal, P24Reply)
    case waitingForPulses(to: P24Goal, P24Reply)
}

/// Where a switch of the high voltage leads, and how long it takes.
struct P24Goal {
    var level: P24Level
    var highVoltage: HighVoltage
    var microseconds: Int64
}

/// The high voltage.
extension VirtualP24 {
    /// The source's voltage in volts: 2 to 6 are 30 to 150 V.
    var complianceVolts: Double { isHighVoltageOn ? Double(highVoltage.rawValue - 1) * 30 : 0 }

    mutating func setHighVoltage(_ value: HighVoltage, body: inout Body) {
        highVoltage = value
        if isHighVoltageOn != body.meter.isHighVoltageOn { body.meter.highVoltage(isOn: isHighVoltageOn) }
    }

    mutating func beginSwitching(to goal: P24Goal, at now: Int64, _ reply: P24Reply) {
        activity = .switchingHighVoltage(until: now + goal.microseconds * 1_000, to: goal, reply)
    }

    private mutating func stepActivity(at now: Int64, body: inout Body) {
        if case .waitingForPulses(let goal, let reply) = activity, running == nil, pulseCount == 0 {
            nextPulseAt = Int64.max
            beginSwitching(to: goal, at: now, reply)
        }
        guard case .switchingHighVoltage(let until, let goal, let reply) = activity, until <= now else { return }
        activity = .idle
        level = goal.level
        setHighVoltage(goal.highVoltage, body: &body)
        answer(reply, .ok)
    }
}

// Which states are one: the key holds every figure that a rule reads, and nothing else. What is left out, and why that
// is sound, is `Docs/safety-case/04-explore.md`; `Sameness` puts it to the test on pairs of states of one key.
import SafetyKernel
import SessionEngine
import StimulusModel

/// What takes the figures of a key, one after the other.
protocol KeySink {
    mutating func put(_ value: Int64)
}

extension KeySink {
    mutating func pair(_ first: Int32, _ second: Int32) {
        put(Int64(first))
        put(Int64(second))
    }
}

/// Small figures side by side.
struct Bits {
    private(set) var value: Int64 = 0

    mutating func add(_ byte: UInt8) {
        value = value << 5
        value |= Int64(byte)
    }

    mutating func add(_ flag: Bool) {
        value = value << 1
        if flag { value |= 1 }
    }
}

extension Fingerprint: KeySink {
    mutating func put(_ value: Int64) { add(value) }
}

/// The figures themselves, for messages.
struct KeyList: KeySink {
    var values: [Int64] = []
    mutating func put(_ value: Int64) { values.append(value) }
}

enum StateKey {
    /// A countdown above this is "far": no step brings it to an end, only letting time pass does.
    static let far: Int32 = 10_000
    static let near: Int32 = 500

    static func countdown(_ value: Int32) -> Int64 { Int64(min(value, far + 1)) }

    /// What is left of a phase: a long train by the 50 s, so that its end draws near while nobody does anything. No
    /// few ticks reach from one of these classes into the next (the times that are waited for end well inside).
    static func phase(_ value: Int32) -> Int64 {
        value <= far ? Int64(value) : Int64(far) + 1 + (Int64(value) + 20_000) / 50_000
    }
}

extension Host {
    func fingerprint(_ explored: ExploredPlan) -> Fingerprint {
        var sink = Fingerprint()
        writeKey(&sink, explored)
        return sink
    }

    func writeKey<Sink: KeySink>(_ sink: inout Sink, _ explored: ExploredPlan) {
        var word = Bits()
        word.add(machine.course.code)
        word.add(UInt8(truncatingIfNeeded: world.turn))
        word.add(world.condition.code)
        word.add(machine.toldState.code)
        word.add(world.state.code)
        word.add(machine.resuming)
        word.add(world.gateRefused)
        word.add(world.isArmed)
        word.add(world.isAllowed)
        word.add(world.isOver)
        word.add(world.hasFaulted)
        addBoard(&word)
        sink.put(word.value)
        sink.put(Int64(world.memory))
        for index in 0..<explored.channelCount { writeFlight(&sink, index) }
        switch machine.course {
        case .closed, .faulted: return
        case .stopping:
            sink.pair(machine.stoppingMilliseconds, world.stepsSinceStop)
            sink.put(Int64(world.millisecondsSinceStop))
        case .idle: return
        case .cleared, .armed, .delivering, .paused:
            writeClocks(&sink, explored)
            for index in 0..<explored.channelCount {
                writeConduct(&sink, machine.channels[index], explored)
                writeAccount(&sink, index, explored)
                writeMemory(&sink, index, explored)
            }
        }
    }

    private func addBoard(_ word: inout Bits) {
        word.add(world.board.emergencyStopIsPressed)
        word.add(world.board.buttonIsPressed)
        word.add(world.board.isWelded)
        word.add(world.board.enable)
        word.add(world.board.heartbeatRuns)
        word.add(world.board.isLatched)
        word.add(world.board.isClosed)
    }

    /// A pulse under way is reported in every state; in the last ones only that it was.
    private func writeFlight<Sink: KeySink>(_ sink: inout Sink, _ index: Int) {
        let channel = world.channels[index]
        var word = Bits()
        word.add(UInt8(truncatingIfNeeded: channel.flyingSteps))
        word.add(UInt8(truncatingIfNeeded: channel.settingSteps))
        word.add(channel.skipped)
        word.add(channel.flying > 0)
        sink.put(word.value)
        guard !world.isOver else { return }
        sink.put(Int64(channel.flying))
        sink.pair(channel.confirmed, channel.wanted)
    }

    private func writeClocks<Sink: KeySink>(_ sink: inout Sink, _ explored: ExploredPlan) {
        if machine.untilPresenceMissed > 0 {
            sink.put(-StateKey.countdown(machine.untilPresenceMissed))
        } else {
            sink.put(StateKey.countdown(machine.untilPresenceAsked))
        }
        if machine.asksCheckIns, machine.course == .delivering || machine.course == .paused {
            if machine.untilCheckInMissed > 0 {
                sink.put(-StateKey.countdown(machine.untilCheckInMissed))
            } else {
                // A pause that cut a question off leaves 0 or less: it is asked anew at once, however far below 0.
                sink.put(StateKey.countdown(max(0, machine.untilCheckInAsked)))
            }
        }
        if explored.options.letsTimePass {
            sink.pair(Int32(machine.lastCommand.code), min(machine.sinceCommand, 250))
        }
        if explored.options.keepsSessionClock {
            sink.put(machine.treatmentMilliseconds)
            sink.put(world.treated)
        }
        if explored.options.keepsAttendedClock {
            sink.put(machine.attendedMilliseconds)
            sink.put(gate.wasArmed ? instant(world.now).since(gate.firstArmed).milliseconds : -1)
        }
    }

    private func writeConduct<Sink: KeySink>(
        _ sink: inout Sink, _ channel: ChannelConduct, _ explored: ExploredPlan
    ) {
        let isRunning = channel.state.isRunning
        var word = Bits()
        word.add(channel.state.code)
        word.add(channel.part.code)
        word.add(UInt8(truncatingIfNeeded: channel.titrationContractions))
        word.add(UInt8(truncatingIfNeeded: channel.countedContractions))
        word.add(channel.resumes)
        word.add(channel.titrating)
        word.add(isRunning && channel.runHasPulse)
        word.add(channel.isAnswerDue)
        word.add(channel.answerIsOfBefore)
        sink.put(word.value)
        sink.put(Int64(min(channel.sincePulse, explored.longestPeriod + 1)))
        if explored.bounds.needsThreshold { sink.put(Int64(channel.motorThreshold.microamperes)) }
        // Only a pause keeps what is left of a train, and only for a channel that resumes.
        if machine.course == .paused, channel.resumes { sink.put(StateKey.phase(channel.trainRemaining)) }
        guard isRunning else { return }
        sink.pair(channel.setMicroamperes, channel.feltMicroamperes)
        sink.put(StateKey.phase(channel.phaseRemaining))
        sink.put(Int64(channel.patternElapsed))
        // Only a mark reads it, and only a search marks.
        if channel.state == .searching { sink.put(Int64(channel.lastFeltMicroamperes)) }
        sink.pair(min(channel.sinceRaise, 500), min(channel.sincePress, 250))
        if channel.state.hasPulses { sink.put(channel.schedule.millionths) }
    }

    private func writeAccount<Sink: KeySink>(_ sink: inout Sink, _ index: Int, _ explored: ExploredPlan) {
        let account = gate.accounts[index]
        let isRun = account.run == machine.channels[index].run
        sink.put(isRun ? 1 : 0)
        sink.put(min(500, instant(world.now).since(account.lastRise).milliseconds))
        if explored.bounds.needsThreshold {
            sink.pair(account.motorThresholdMicroamperes, account.searchedMicroamperes)
        }
        let age = account.pulses > 0 ? instant(world.now).since(account.lastPulse).milliseconds : 1 << 20
        // Beyond two of the longest periods every credit is full.
        let isFull = age > 2 * Int64(explored.longestPeriod)
        sink.put(isFull ? -1 : age)
        sink.put(isFull ? -1 : account.credit)
        guard isRun else { return }
        sink.pair(account.setMicroamperes, account.deliveredMicroamperes)
        let room = explored.room[Int(machine.channels[index].part.code) - 1]
        let gained = account.pulses > 0 ? age * room.perMillisecond : 0
        sink.put(min(account.allowance + gained, room.most))
    }

    /// What the invariants remember of a channel.
    private func writeMemory<Sink: KeySink>(_ sink: inout Sink, _ index: Int, _ explored: ExploredPlan) {
        let channel = world.channels[index]
        sink.pair(min(channel.sinceRaise, 500), min(channel.sincePress, 250))
        sink.pair(min(channel.sincePulse, explored.longestPeriod), channel.isStopped ? 1 : 0)
        sink.pair(channel.set, Int32(channel.state.code))
        sink.pair(channel.counted, channel.titrated)
        sink.put(Int64(channel.marked))
    }
}

/// How many pulses the pattern of a part has room for, and what a millisecond gives back, in millionths: the gate's own
/// figures, so that its allowance can be told as of now.
struct Room: Sendable {
    let most: Int64
    let perMillisecond: Int64
    /// Whether the share comes out even, so that ages may be added up.
    let isExact: Bool

    init(_ dose: Dose?) {
        guard let dose else {
            most = 0
            perMillisecond = 0
            isExact = true
            return
        }
        let (pulses, cycle) = Room.cycle(dose)
        most = (pulses + 2) * 1_000_000
        perMillisecond = most / cycle
        isExact = most % cycle == 0
    }

    private static func cycle(_ dose: Dose) -> (pulses: Int64, milliseconds: Int64) {
        switch dose.pattern {
        case .continuous: return (Dose.pulses(at: dose.frequency, in: 1_000), 1_000)
        case .contractions(let cycle, _):
            return (Dose.pulses(at: dose.frequency, in: cycle.onMilliseconds), cycle.cycleMilliseconds)
        case .burst(_, let burst, let interval):
            return (Dose.pulses(at: dose.frequency, in: Int64(burst)), Int64(interval))
        case .denseDisperse(_, let dense, let rate, let sparse):
            let pulses = Dose.pulses(at: dose.frequency, in: Int64(dense)) + Dose.pulses(at: rate, in: Int64(sparse))
            return (pulses, Int64(dense) + Int64(sparse))
        }
    }
}

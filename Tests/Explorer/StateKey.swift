// Which states are one: the key holds every figure that a rule reads, and nothing else. What is left out, and why that
// is sound, is `Docs/safety-case/04-explore.md`; `Sameness` puts it to the test on pairs of states of one key.
import SafetyKernel
import SessionEngine
import StimulusModel

/// What takes the figures of a key, one after the other.
protocol KeySink {
    mutating func put(_ value: Int64)
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
}

extension Host {
    func fingerprint(_ explored: ExploredPlan) -> Fingerprint {
        var sink = Fingerprint()
        writeKey(&sink, explored)
        return sink
    }

    func writeKey<Sink: KeySink>(_ sink: inout Sink, _ explored: ExploredPlan) {
        var word = Int64(machine.course.code) | Int64(world.turn) << 8 | Int64(world.condition.code) << 12
        word |= Int64(machine.toldState.code) << 16 | (machine.resuming ? 1 : 0) << 24
        word |= (world.gateRefused ? 1 : 0) << 25 | (world.isArmed ? 1 : 0) << 26
        word |= (world.isAllowed ? 1 : 0) << 27 | (world.isOver ? 1 : 0) << 28 | (world.hasFaulted ? 1 : 0) << 29
        word |= boardBits << 30 | Int64(world.state.code) << 38
        sink.put(word)
        sink.put(Int64(world.memory))
        for index in 0..<explored.channelCount { writeFlight(&sink, index) }
        switch machine.course {
        case .closed, .faulted: return
        case .stopping:
            sink.put(Int64(machine.stoppingMilliseconds) << 32 | Int64(world.stepsSinceStop))
            sink.put(Int64(world.millisecondsSinceStop))
        case .idle: return
        case .cleared, .armed, .delivering, .paused:
            writeClocks(&sink, explored)
            for index in 0..<explored.channelCount {
                writeConduct(&sink, index, explored)
                writeAccount(&sink, index, explored)
                writeMemory(&sink, index, explored)
            }
        }
    }

    private var boardBits: Int64 {
        let board = world.board
        var bits: Int64 = (board.emergencyStopIsPressed ? 1 : 0) | (board.buttonIsPressed ? 2 : 0)
        bits |= (board.isWelded ? 4 : 0) | (board.enable ? 8 : 0) | (board.heartbeatRuns ? 16 : 0)
        return bits | (board.isLatched ? 32 : 0) | (board.isClosed ? 64 : 0)
    }

    /// A pulse under way is reported in every state; in the last ones only that it was.
    private func writeFlight<Sink: KeySink>(_ sink: inout Sink, _ index: Int) {
        let channel = world.channels[index]
        let told = world.isOver ? (channel.flying > 0 ? 1 : 0) : Int64(channel.flying)
        sink.put(
            told | Int64(channel.flyingSteps) << 32 | (channel.skipped ? 1 : 0) << 36
                | Int64(channel.settingSteps) << 40)
        guard !world.isOver else { return }
        sink.put(Int64(channel.confirmed) << 32 | Int64(channel.wanted))
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
                sink.put(StateKey.countdown(machine.untilCheckInAsked))
            }
        }
        if explored.keepsSessionClock {
            sink.put(machine.treatmentMilliseconds)
            sink.put(world.treated)
        }
        if explored.keepsAttendedClock {
            sink.put(machine.attendedMilliseconds)
            sink.put(gate.wasArmed ? instant(world.now).since(gate.firstArmed).milliseconds : -1)
        }
    }

    private func writeConduct<Sink: KeySink>(_ sink: inout Sink, _ index: Int, _ explored: ExploredPlan) {
        let channel = machine.channels[index]
        let isRunning = channel.state.isRunning
        var word = Int64(channel.state.code) | Int64(channel.part.code) << 8 | (channel.resumes ? 1 : 0) << 12
        word |= (channel.titrating ? 1 : 0) << 13 | (isRunning && channel.runHasPulse ? 1 : 0) << 14
        word |= Int64(channel.titrationContractions) << 16 | Int64(channel.countedContractions) << 24
        word |= Int64(min(channel.sincePulse, explored.longestPeriod + 1)) << 32
        sink.put(word)
        if explored.bounds.needsThreshold { sink.put(Int64(channel.motorThreshold.microamperes)) }
        // Only a pause keeps what is left of a train, and only for a channel that resumes.
        if machine.course == .paused, channel.resumes { sink.put(StateKey.countdown(channel.trainRemaining)) }
        guard isRunning else { return }
        sink.put(Int64(channel.setMicroamperes) << 32 | Int64(channel.feltMicroamperes))
        sink.put(StateKey.countdown(channel.phaseRemaining) << 32 | Int64(channel.patternElapsed))
        // Only a mark reads it, and only a search marks.
        if channel.state == .searching { sink.put(Int64(channel.lastFeltMicroamperes)) }
        sink.put(Int64(min(channel.sinceRaise, 500)) << 32 | Int64(min(channel.sincePress, 250)))
        if channel.state.hasPulses { sink.put(channel.schedule.millionths) }
    }

    private func writeAccount<Sink: KeySink>(_ sink: inout Sink, _ index: Int, _ explored: ExploredPlan) {
        let account = gate.accounts[index]
        let isRun = account.run == machine.channels[index].run
        sink.put((isRun ? 1 : 0) | min(500, instant(world.now).since(account.lastRise).milliseconds) << 8)
        if explored.bounds.needsThreshold {
            sink.put(Int64(account.motorThresholdMicroamperes) << 32 | Int64(account.searchedMicroamperes))
        }
        let age = account.pulses > 0 ? instant(world.now).since(account.lastPulse).milliseconds : 1 << 20
        // Beyond two of the longest periods every credit is full.
        sink.put(age > 2 * Int64(explored.longestPeriod) ? -1 : age << 32 | account.credit)
        guard isRun else { return }
        sink.put(Int64(account.setMicroamperes) << 32 | Int64(account.deliveredMicroamperes))
        let room = explored.room(machine.channels[index].part)
        let gained = account.pulses > 0 ? age * room.perMillisecond : 0
        sink.put(min(account.allowance + gained, room.most))
    }

    /// What the invariants remember of a channel.
    private func writeMemory<Sink: KeySink>(_ sink: inout Sink, _ index: Int, _ explored: ExploredPlan) {
        let channel = world.channels[index]
        sink.put(Int64(min(channel.sinceRaise, 500)) << 32 | Int64(min(channel.sincePress, 250)))
        sink.put(Int64(min(channel.sincePulse, explored.longestPeriod)) << 32 | (channel.isStopped ? 1 : 0))
        sink.put(Int64(channel.set) << 8 | Int64(channel.state.code))
        sink.put(Int64(channel.counted) << 32 | Int64(channel.titrated) << 24 | Int64(channel.marked))
    }
}

extension ExploredPlan {
    /// ms.
    var longestPeriod: Int32 {
        max(
            plan.first.search == nil ? 0 : bounds.searchPeriod, plan.first.treatment == nil ? 0 : bounds.treatmentPeriod)
    }

    /// How many pulses the pattern of a part has room for, and what a millisecond gives back, in millionths: the same
    /// figures as the gate's, so that its allowance can be told as of now. Exact, or `checkExact` says so.
    func room(_ part: PlanPart) -> (most: Int64, perMillisecond: Int64) {
        guard let dose = plan.first.dose(part)?.dose else { return (0, 0) }
        let (pulses, cycle) = ExploredPlan.cycle(dose)
        let most = (pulses + 2) * 1_000_000
        return (most, most / cycle)
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

    /// Whether every share of this plan comes out even, so that ages may be added up.
    var isExact: Bool {
        for dose in [plan.first.search?.dose, plan.first.treatment?.dose] {
            guard let dose else { continue }
            let (pulses, cycle) = ExploredPlan.cycle(dose)
            if (pulses + 2) * 1_000_000 % cycle != 0 { return false }
        }
        return true
    }
}

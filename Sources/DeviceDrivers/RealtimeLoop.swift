// The loop that brings `ControlTick` a clock and a serial line: wake on an absolute deadline, read, step, journal the
// intent, act, journal the outcome, show. Everything that it decides is decided in the pure tick; this file only knows
// when and how.
internal import ByteStreams
internal import CLinuxIO
public import RigControl
public import SessionEngine
internal import StimulatorLinks
public import StimulusModel
internal import Synchronization

/// What the record writer tells the loop: an atomic of its own, so that neither waits for the other.
public final class JournalHealth: Sendable {
    private let failed = Atomic<Bool>(false)
    private let beats = Atomic<UInt64>(0)

    public init() {}

    /// A sign of life of the writer, once per turn: after what it had to write was handed to the disk.
    @_noLocks public func alive() { _ = beats.wrappingAdd(1, ordering: .relaxed) }

    /// Rises with every `alive`.
    public var beat: UInt64 { @_noLocks get { beats.load(ordering: .relaxed) } }

    /// The record can no longer be written; for good.
    @_noLocks public func fail() { failed.store(true, ordering: .releasing) }

    public var hasFailed: Bool { @_noLocks get { failed.load(ordering: .acquiring) } }
}

/// What the loop is told once, before it starts.
public struct LoopSettings: Sendable {
    /// A wake-up later than this stops the session (rig file, `decided.md`: 50 ms, a proposal).
    public var latenessTolerance: TimeSpan
    /// A console that gave no sign of life for this long stops the session (`decided.md`: 1 s).
    public var consolePatience: TimeSpan
    /// A record writer that gave no sign of life for this long stops the session. A disk may hang for 5 s
    /// (`reliability.md` F60); longer than that nobody knows whether the record is kept (proposal).
    public var recordPatience: TimeSpan

    public init(
        latenessTolerance: TimeSpan, consolePatience: TimeSpan = TimeSpan(milliseconds: 1_000),
        recordPatience: TimeSpan = TimeSpan(milliseconds: 6_000)
    ) {
        self.latenessTolerance = latenessTolerance
        self.consolePatience = consolePatience
        self.recordPatience = recordPatience
    }
}

/// How punctual the loop was.
public struct LoopTiming: Sendable {
    public var wakeUps: Int64 = 0
    public var missedTicks: Int64 = 0
    public var worstLateness = TimeSpan.zero
    /// Wake-ups by lateness: below 50 µs, 100 µs, 500 µs, 1 ms, 5 ms, 10 ms, 50 ms, and later.
    public var histogram = InlineArray<8, Int64>(repeating: 0)
    public var pageFaults: Int64 = 0

    @_noLocks public init() {}

    @_noLocks mutating func note(_ lateness: TimeSpan, missed: Int64) {
        wakeUps += 1
        missedTicks += missed
        if lateness.nanoseconds > worstLateness.nanoseconds { worstLateness = lateness }
        let microseconds = lateness.nanoseconds / 1_000
        var slot = 7
        if microseconds < 50 {
            slot = 0
        } else if microseconds < 100 {
            slot = 1
        } else if microseconds < 500 {
            slot = 2
        } else if microseconds < 1_000 {
            slot = 3
        } else if microseconds < 5_000 {
            slot = 4
        } else if microseconds < 10_000 {
            slot = 5
        } else if microseconds < 50_000 {
            slot = 6
        }
        histogram[slot] += 1
    }
}

/// One session's loop with everything that it owns; runs on one `RealtimeThread`.
public struct RealtimeLoop: ~Copyable, Sendable {
    public private(set) var control: ControlTick
    private var line: SerialLine
    /// The lines of a needle rig; nothing on any other.
    private var pins: PinBoard?
    private var journal: WordRing.Producer
    private let mailbox: ControlMailbox
    private let firstBoard: StatusBoard
    private let secondBoard: StatusBoard
    private let health: JournalHealth
    private let settings: LoopSettings
    public private(set) var timing = LoopTiming()

    private var now = Instant(nanoseconds: 0)
    private var deadline = Instant(nanoseconds: 0)
    private var bootOffset = TimeSpan.zero
    private var lastBeat: UInt64 = 0
    private var lastBeatAt = Instant(nanoseconds: 0)
    private var lastRecordBeat: UInt64 = 0
    private var lastRecordBeatAt = Instant(nanoseconds: 0)
    private var pendingKeys = PendingKeys()
    private var lineIsGone = false
    private var shownState = SessionState.idle
    private var sinceShown = 0
    private var record = TickRecord()
    private var lastLevels: PinLevels?
    private var lastDrive: UInt8 = 0
    private var pinsAreLost = false

    /// A pulse that cannot leave within this of its step is dropped (proposal: two ticks).
    private static let pulsePatienceNanoseconds: Int64 = 2_000_000

    private let journalReserve: Int
    /// After the session is over the link gets this many ticks to prove high voltage off.
    private static let settlingTicks = 5_000

    public init(
        control: consuming ControlTick, line: consuming SerialLine, pins: consuming PinBoard? = nil,
        journal: consuming WordRing.Producer, mailbox: ControlMailbox, boards: StatusBoards, health: JournalHealth,
        settings: LoopSettings
    ) {
        journalReserve = LoopWatch.reserve(of: journal.freeSlots)
        self.control = control
        self.line = line
        self.pins = pins
        self.journal = journal
        self.mailbox = mailbox
        firstBoard = boards.board(.first)
        secondBoard = boards.board(.second)
        self.health = health
        self.settings = settings
    }

    /// Runs until the session is over and the stimulator is proven off, or every way to prove it is used up.
    public mutating func run() {
        armLastGasp()
        now = SystemClock.now()
        deadline = now
        bootOffset = SystemClock.bootOffset()
        lastBeat = mailbox.consoleBeat
        lastBeatAt = now
        lastRecordBeat = health.beat
        lastRecordBeatAt = now
        control.lineOpened(at: now)
        let faults = PageFaultMark()
        var settling = 0
        while settling < RealtimeLoop.settlingTicks {
            let state = tick()
            guard state.isFinal else { continue }
            settling += 1
            if control.isAtRest || (lineIsGone && !control.hasPins) { break }
        }
        // Enable off and no more heartbeat, whatever the last step said.
        _ = pins?.write(BoardPins.allLow)
        timing.pageFaults = faults.since
        show()
        LastGasp.disarm()
    }

    private func armLastGasp() {
        guard var frame = control.lastGaspFrame() else { return }
        var bytes = InlineArray<64, UInt8>(repeating: 0x0F)
        let count = min(frame.count, 64)
        for index in 0..<count { bytes[index] = frame.byte(at: index) }
        // Refused only if no handler was installed; the session is then as safe as one that gets SIGKILL.
        try? LastGasp.arm(line.stream, frame: bytes.span.extracting(first: count))
    }

    // MARK: - One tick

    private mutating func tick() -> SessionState {
        var shell = wake()
        read()
        watch(&shell)
        takeKeys(&shell)
        readPins(&shell)
        control.step(shell, at: now, &record)
        // Before anything is written down: a stop waits for nothing, and the relay is its quickest path.
        writePins(shell.pins)
        var index = 0
        while index < record.count {
            // Room was checked before the step; a full ring here would be a fault of the ring itself.
            if !journal.push(record.blocks[index]) { health.fail() }
            index += 1
        }
        write()
        if record.state != shownState || sinceShown >= 20 { show() }
        shownState = record.state
        sinceShown += 1
        mailbox.loopAlive()
        return record.state
    }

    /// Sleeps to the next absolute deadline. Missed ticks are skipped and counted, so the loop never runs after time.
    private mutating func wake() -> ShellInputs {
        var shell = ShellInputs()
        let (lateness, missed) = TickWake.next(&deadline, &now, &timing)
        shell.elapsedTicks = Int32(clamping: 1 + missed)
        shell.commandAge = lateness
        let offset = SystemClock.bootTime().since(now)
        shell.hostFault = LoopWatch.wakeUp(
            lateness: lateness, slept: TimeSpan(nanoseconds: offset.nanoseconds &- bootOffset.nanoseconds),
            tolerance: settings.latenessTolerance)
        return shell
    }

    /// Everything that has come in, within bounds: a babbling line cannot hold the loop.
    private mutating func read() {
        guard !lineIsGone else { return }
        var buffer = InlineArray<512, UInt8>(repeating: 0)
        var rounds = 0
        while rounds < 4 {
            rounds += 1
            var span = buffer.mutableSpan
            switch line.stream.read(into: &span) {
            case .bytes(let count):
                var index = 0
                while index < count {
                    control.receive(buffer[index], at: now)
                    index += 1
                }
                if count < 512 { return }
            case .nothing:
                return
            case .gone:
                loseLine()
                return
            }
        }
    }

    private mutating func loseLine() {
        lineIsGone = true
        LastGasp.disarm()
        // Closed at once: while it is open the kernel gives a device that comes back another name.
        line.stream.close()
        control.lineGone(at: now)
    }

    private mutating func watch(_ shell: inout ShellInputs) {
        if let stop = StopCause(rawValue: mailbox.stopCode) { shell.stop = stop }
        if shell.stop == .none, let signal = StopSignals.first {
            shell.stop = signal == 1 ? .terminalGone : .signal
        }
        guard shell.hostFault == .none else { return }
        let recordBeat = health.beat
        if recordBeat != lastRecordBeat {
            lastRecordBeat = recordBeat
            lastRecordBeatAt = now
        }
        let beat = mailbox.consoleBeat
        if beat != lastBeat {
            lastBeat = beat
            lastBeatAt = now
        }
        shell.hostFault = LoopWatch.record(
            hasFailed: health.hasFailed, freeSlots: journal.freeSlots, reserve: journalReserve,
            silence: now.since(lastRecordBeatAt), patience: settings.recordPatience)
        if shell.hostFault == .none {
            shell.hostFault = LoopWatch.screen(silence: now.since(lastBeatAt), patience: settings.consolePatience)
        }
    }

    private mutating func takeKeys(_ shell: inout ShellInputs) {
        shell.channelStops = mailbox.channelStopBits
        pendingKeys.take(mailbox)
        (shell.command, shell.commandPlace) = pendingKeys.next()
    }

    /// Writes what the tick left to write. A frame that the line does not take whole is a fault: the device then holds
    /// half a command, which only a flush and a stop can end.
    private mutating func write() {
        // A process halted right here would otherwise send, when it is woken, a pulse of long ago. On the clock that
        // runs on while the computer sleeps.
        if control.hasFrame {
            if sinceDecision.nanoseconds > settings.latenessTolerance.nanoseconds {
                control.decisionExpired(at: SystemClock.now())
            } else if sinceDecision.nanoseconds > RealtimeLoop.pulsePatienceNanoseconds {
                // Dropped, not delayed (`decided.md`, Loop): meanwhile somebody may have stopped or lowered.
                control.pulsesExpired()
            }
        }
        while control.hasFrame, var frame = control.takeFrame() {
            guard !lineIsGone else { continue }
            if frame.isStop { line.stream.flushOutput() }
            var bytes = InlineArray<640, UInt8>(repeating: 0)
            let count = frame.count
            var index = 0
            while index < count {
                bytes[index] = frame.byte(at: index)
                index += 1
            }
            switch line.stream.write(bytes.span.extracting(first: count)) {
            case .wrote(let written):
                if written < count { control.lineBlocked(at: now) }
                journalAct(written: written, of: count)
            case .blocked:
                journalAct(written: 0, of: count)
                control.lineBlocked(at: now)
                // The stop that this leads to would be blocked as well; the next tick tries again.
                return
            case .gone:
                loseLine()
            }
        }
    }

    /// Levels, not edges, in every tick.
    private mutating func readPins(_ shell: inout ShellInputs) {
        guard control.hasPins, !pinsAreLost else { return }
        shell.pins = pins?.read()
    }

    /// The heartbeat moves here and nowhere else, as the by-product of the step that was just made.
    private mutating func writePins(_ levels: PinLevels?) {
        guard control.hasPins else { return }
        // A process that was halted since the step may not carry out now what it decided then.
        if sinceDecision.nanoseconds > settings.latenessTolerance.nanoseconds {
            control.decisionExpired(at: SystemClock.now())
        } else if sinceDecision.nanoseconds > RealtimeLoop.pulsePatienceNanoseconds {
            // An edge now would follow the one before, or a setting, at another distance than was decided.
            control.pulsesExpired()
        }
        let wanted = control.takePins()
        if !pinsAreLost {
            let written = pins?.write(wanted) ?? false
            if levels == nil || !written {
                // Told to the link in the next step, once more; the board opens without a heartbeat.
                pinsAreLost = true
                _ = pins?.write(BoardPins.allLow)
            }
        }
        let drive = wanted.drive
        let quiet = drive.bits & 0xFE
        guard quiet != lastDrive || isNews(levels) else { return }
        lastDrive = quiet
        lastLevels = levels
        var at = now
        if drive.firstTrigger || drive.secondTrigger {
            at = SystemClock.now()
            control.edgesReleased(at: at)
        }
        if !journal.push(JournalEntry.pins(levels, drive, at: at, tick: control.tickCount)) { health.fail() }
    }

    /// The comparator's sign follows every pulse; what it led to is in the record as a delivery.
    private func isNews(_ levels: PinLevels?) -> Bool {
        guard let levels else { return lastLevels != nil }
        guard let last = lastLevels else { return true }
        return (levels.bits ^ last.bits) & 0x07 != 0
    }

    private var sinceDecision: TimeSpan {
        SystemClock.bootTime().since(now.advanced(by: bootOffset))
    }

    /// word 2: bytes written · word 3: bytes of the frame · word 4: the monotonic clock in nanoseconds.
    private mutating func journalAct(written: Int, of count: Int) {
        var block = WordBlock()
        block.words[0] = Int64(JournalKind.act.code)
        block.words[1] = control.tickCount
        block.words[2] = Int64(written)
        block.words[3] = Int64(count)
        block.words[4] = now.nanoseconds
        if !journal.push(block) { health.fail() }
    }

    private mutating func show() {
        sinceShown = 0
        firstBoard.show(status(.first).block)
        if control.machine.channelCount > 1 { secondBoard.show(status(.second).block) }
    }

    private func status(_ place: ChannelPlace) -> StatusSnapshot {
        var status = control.status(place)
        status.worstLatenessMicroseconds = Int32(clamping: timing.worstLateness.nanoseconds / 1_000)
        status.missedTicks = Int32(clamping: timing.missedTicks)
        return status
    }
}

extension OperatorCommand {
    /// Its bit for `ControlMailbox.press`.
    public var bit: UInt32 { 1 << UInt32(rawValue) }
}

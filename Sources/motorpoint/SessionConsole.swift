// The practitioner's side of a running session: keys in, events and status out. It never waits for the screen; a stop
// key is passed on before anything is shown.
import ByteStreams
import CareModel
import DeviceDrivers
import SafetyKernel
import SessionEngine
import StimulusModel
import Synchronization

/// Events on their way from the record writer to the screen.
final class EventFeed: Sendable {
    private let waiting = Mutex<[(tick: Int64, event: SessionEvent)]>([])

    func add(tick: Int64, _ event: SessionEvent) { waiting.withLock { $0.append((tick, event)) } }

    func take() -> [(tick: Int64, event: SessionEvent)] {
        waiting.withLock { list in
            let taken = list
            list = []
            return taken
        }
    }
}

/// Set once, by the loop's thread, when the loop has ended.
final class Finished: Sendable {
    private let flag = Atomic<Bool>(false)
    func set() { flag.store(true, ordering: .releasing) }
    var isSet: Bool { flag.load(ordering: .acquiring) }
}

struct SessionConsole: ~Copyable {
    let plan: AuthorizedPlan
    let line: StatusLine
    let mailbox: ControlMailbox
    let boards: StatusBoards
    let feed: EventFeed
    var output: ConsoleOutput
    private var input: ByteStream
    private var lastTurn = SystemClock.now()
    private var lastPlain = ""
    private var lastStatusAt = SystemClock.now()
    private var lastLoopBeat: UInt64 = 0
    private var lastLoopBeatAt = SystemClock.now()
    private var hasWarned = false
    /// Whether the key for withdrawn consent was pressed, before or after any other stop.
    private(set) var hasWithdrawnConsent = false
    private var columns = 80

    /// A console that held up its keys this long drops those that ask for more (`decided.md`: held-key time).
    private static let staleMilliseconds: Int64 = 250

    init(
        plan: AuthorizedPlan, latenessToleranceMilliseconds: Int32, mailbox: ControlMailbox, boards: StatusBoards,
        feed: EventFeed, output: consuming ConsoleOutput
    ) throws {
        self.plan = plan
        line = StatusLine(plan: plan, latenessToleranceMilliseconds: latenessToleranceMilliseconds)
        self.mailbox = mailbox
        self.boards = boards
        self.feed = feed
        self.output = output
        do {
            input = try ByteStream(reopening: 0, for: .reading)
        } catch {
            throw Failure(.noPermission, "the keyboard cannot be read: \(error)")
        }
    }

    /// Runs until the loop has ended.
    mutating func run(until finished: Finished) {
        // Typed before there was anything to start: a stop counts even so, what asks for more does not.
        readKeys(dropping: "typed before the session began")
        lastTurn = SystemClock.now()
        lastLoopBeatAt = lastTurn
        while !finished.isSet { turn() }
        showEvents()
        showStatus()
        output.endStatus()
    }

    private mutating func turn() {
        _ = input.waitForInput(atMostMilliseconds: 20)
        let now = SystemClock.now()
        let wasHeldUp = now.since(lastTurn).milliseconds > SessionConsole.staleMilliseconds
        lastTurn = now
        readKeys(dropping: wasHeldUp ? "the console was held up" : nil)
        showEvents()
        showStatus()
        watchLoop(now)
        output.flush()
        if output.isGone { mailbox.requestStop(code: StopCause.terminalGone.code) }
        // Only a screen that took everything is a screen that somebody can read.
        if !output.hasBacklog { mailbox.consoleAlive() }
    }

    /// - Parameter why: drops the keys that ask for more, for this reason.
    private mutating func readKeys(dropping why: String?) {
        var buffer = InlineArray<64, UInt8>(repeating: 0)
        while true {
            var span = buffer.mutableSpan
            switch input.read(into: &span) {
            case .bytes(let count):
                // A stop anywhere in what came in counts first.
                for index in 0..<count {
                    if case .stop(let cause) = KeyMap.action(buffer[index]) { stop(cause) }
                }
                for index in 0..<count { press(buffer[index], dropping: why) }
                if count < 64 { return }
            case .nothing:
                return
            case .gone:
                stop(.terminalGone)
                return
            }
        }
    }

    private mutating func stop(_ cause: StopCause) {
        mailbox.requestStop(code: cause.code)
        // Said after another stop it still belongs in the record, whose first cause stays.
        if cause == .consentWithdrawn { hasWithdrawnConsent = true }
    }

    private mutating func press(_ byte: UInt8, dropping why: String?) {
        let action = KeyMap.action(byte)
        switch action {
        case .stop: return
        case .command(let command):
            if let why, action.asksForMore {
                show("\(why): key dropped, press again")
            } else {
                mailbox.press(command.bit)
            }
        case .help:
            for row in KeyMap.help.split(separator: "\n", omittingEmptySubsequences: false) { show(String(row)) }
        case .unknown:
            show("this key does nothing (h for help)")
        }
    }

    private mutating func show(_ text: String) {
        if output.style == .json {
            output.line(JSONLine.text([("say", .text(text))]))
        } else {
            output.line(text)
        }
    }

    private mutating func showEvents() {
        for (tick, event) in feed.take() {
            let dose = event.kind == .raised || event.kind == .commandRefused ? runningDose : nil
            let text = SessionText.line(
                event, ceiling: dose?.ceiling ?? .zero, ceilingSetBy: dose?.ceilingSetBy ?? .absolute)
            if output.style == .json {
                output.line(
                    JSONLine.text([
                        ("ms", .number(tick)), ("event", .text("\(event.kind)")),
                        ("value", .number(Int64(event.value))), ("detail", .number(Int64(event.detail))),
                        ("text", .text(text ?? "")),
                    ]))
            } else if let text {
                output.line("\(SessionConsole.stamp(tick))  \(text)")
            }
            if event.kind == .fault || event.kind == .presenceAsked { output.bell() }
        }
    }

    private var runningDose: AuthorizedDose? {
        guard let block = boards.board(.first).newest(), let status = StatusSnapshot(block) else { return nil }
        return status.part == .search ? plan.first.search : plan.first.treatment
    }

    private mutating func showStatus() {
        guard let block = boards.board(.first).newest(), let status = StatusSnapshot(block) else { return }
        switch output.style {
        case .screen:
            if let window = TerminalMode.window(of: 1) { columns = window.columns }
            output.status(line.rows(status, columns: columns))
        case .plain, .json:
            let now = SystemClock.now()
            guard now.since(lastStatusAt).milliseconds >= 1_000 else { return }
            lastStatusAt = now
            let text = line.plain(status)
            guard text != lastPlain else { return }
            lastPlain = text
            output.line(output.style == .plain ? text : SessionConsole.json(status, text))
        }
    }

    private static func json(_ status: StatusSnapshot, _ text: String) -> String {
        JSONLine.text([
            ("state", .text("\(status.state)")), ("set_ua", .number(Int64(status.setAmplitude.microamperes))),
            ("delivered_ua", .number(Int64(status.lastDeliveredNow.microamperes))),
            ("contraction", .number(Int64(status.contraction))), ("titrating", .truth(status.isTitrating)),
            ("phase_remaining_ms", .number(Int64(status.phaseRemainingMilliseconds))),
            ("treatment_ms", .number(Int64(status.treatmentMilliseconds))),
            ("pulses", .number(Int64(status.deliveredPulses))),
            ("missed_ticks", .number(Int64(status.missedTicks))),
            ("worst_lateness_us", .number(Int64(status.worstLatenessMicroseconds))), ("text", .text(text)),
        ])
    }

    /// A loop that gives no sign of life cannot stop anything: the patient's button can.
    private mutating func watchLoop(_ now: Instant) {
        let beat = mailbox.loopBeat
        if beat != lastLoopBeat {
            lastLoopBeat = beat
            lastLoopBeatAt = now
            hasWarned = false
        } else if !hasWarned, now.since(lastLoopBeatAt).milliseconds > 1_000 {
            hasWarned = true
            show("THE CONTROL LOOP DOES NOT ANSWER: PRESS THE PATIENT'S BUTTON NOW")
            output.bell()
        }
    }

    /// `0:07.4` since the loop began.
    static func stamp(_ milliseconds: Int64) -> String {
        let seconds = milliseconds / 1_000
        let rest = seconds % 60
        return "\(seconds / 60):\(rest < 10 ? "0" : "")\(rest).\(milliseconds % 1_000 / 100)"
    }
}

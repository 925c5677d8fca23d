// The practitioner's side of a running session: keys in, events and status out. It never waits for the screen; a stop
// key is passed on before anything is shown. What is shown is made by `SessionScreen`, from numbers alone.
import ByteStreams
import CareModel
import DeviceDrivers
import SafetyKernel
import SessionEngine
import SessionScreen
import StimulusModel

struct SessionConsole: ~Copyable {
    let mailbox: ControlMailbox
    let boards: StatusBoards
    let feed: EventFeed
    var output: ConsoleOutput
    private var model: ScreenModel
    private var capabilities: ScreenCapabilities
    private let sound: SoundDesk
    private var input: ByteStream
    private var deliberate = DeliberateKeys()
    /// The last look at the keyboard left something there.
    private var readIsCut = false
    private var lastKey: (action: KeyAction, at: Instant)?
    private let began = SystemClock.now()
    private var lastTurn = SystemClock.now()
    private var lastPlain: [String] = []
    private var lastStatusAt = SystemClock.now()
    private var lastLoopBeat: UInt64 = 0
    private var lastLoopBeatAt = SystemClock.now()
    private var lastRefreshAt = SystemClock.now()
    private var refreshedRow = 0
    private var hasWarned = false
    /// Whether the key for withdrawn consent was pressed, before or after any other stop.
    private(set) var hasWithdrawnConsent = false
    /// The last emergency key, also one that was pressed after another stop: its steps are shown.
    private(set) var emergency: StopCause?

    /// A console that held up its keys this long drops those that ask for more (`decided.md`: held-key time).
    private static let staleMilliseconds: Int64 = 250
    /// As much of what was typed is taken at once: all that a terminal holds (Linux: 4,096 bytes), so that a stop at
    /// its end waits behind no word. Endless bytes must not keep the console from its sign of life.
    private static let mostBytes = 4_096
    /// Every so often one row is drawn whole, so that what somebody else wrote on this terminal does not stay: little
    /// enough for a slow line, and a screen of 24 rows is whole again in 6 s.
    private static let refreshMilliseconds: Int64 = 250

    init(
        model: ScreenModel, capabilities: ScreenCapabilities, mailbox: ControlMailbox, boards: StatusBoards,
        feed: EventFeed, sound: SoundDesk, output: consuming ConsoleOutput
    ) throws {
        self.model = model
        self.capabilities = capabilities
        self.mailbox = mailbox
        self.boards = boards
        self.feed = feed
        self.sound = sound
        self.output = output
        do {
            input = try ByteStream(reopening: 0, for: .reading)
        } catch {
            throw Failure(.noPermission, "the keyboard cannot be read: \(error)")
        }
    }

    /// Runs until the loop has ended, then leaves what happened on the ordinary screen.
    mutating func run(until finished: Finished) {
        output.enterScreen()
        // Typed before there was anything to start: a stop counts even so, what asks for more does not.
        readKeys(dropping: "typed before the session began")
        lastTurn = SystemClock.now()
        lastLoopBeatAt = lastTurn
        while !finished.isSet { turn() }
        // Consent that is withdrawn with the stop or right after it belongs in this record (proposal: half a second).
        let grace = SystemClock.now().advanced(by: TimeSpan(milliseconds: 500))
        while SystemClock.now().since(grace).nanoseconds < 0 {
            _ = input.waitForInput(atMostMilliseconds: 20)
            readKeys(dropping: "the session is over")
        }
        takeNews()
        showStatus()
        leave()
    }

    private mutating func turn() {
        _ = input.waitForInput(atMostMilliseconds: 20)
        let now = SystemClock.now()
        let wasHeldUp = now.since(lastTurn).milliseconds > SessionConsole.staleMilliseconds
        lastTurn = now
        model.clock(now.since(began).milliseconds)
        let why = wasHeldUp ? "the console was held up" : nil
        let dropped = wasHeldUp ? deliberate.drop(at: milliseconds(now)) : []
        readKeys(dropping: why)
        for command in dropped { sayDropped(command, why ?? "") }
        // By the clock of before: what came since the keys were read stands beside what waits.
        passOnDeliberate(at: milliseconds(now))
        watchLoop(now)
        takeNews()
        showStatus()
        ring()
        output.flush()
        if output.isGone { mailbox.requestStop(code: StopCause.terminalGone.code) }
        // Only a screen that took everything is a screen that somebody can read.
        if !output.hasBacklog { mailbox.consoleAlive() }
    }

    // MARK: - Keys

    /// - Parameter why: drops the keys that ask for more, for this reason.
    private mutating func readKeys(dropping why: String?) {
        // A stop and a fall anywhere in what came in count first, and before anything is said.
        var actions: [KeyAction] = []
        var place = model.selected
        var buffer = InlineArray<64, UInt8>(repeating: 0)
        reading: while actions.count < SessionConsole.mostBytes {
            var span = buffer.mutableSpan
            switch input.read(into: &span) {
            case .bytes(let count):
                for index in 0..<count {
                    let action = KeyMap.action(buffer[index])
                    actFirst(action, &place)
                    actions.append(action)
                }
                if count < 64 { break reading }
            case .nothing:
                break reading
            case .gone:
                stop(.terminalGone)
                break reading
            }
        }
        guard !actions.isEmpty else { return }
        // The rest of what did not fit stands beside it.
        let count = readIsCut ? max(2, actions.count) : actions.count
        readIsCut = actions.count >= SessionConsole.mostBytes
        for command in deliberate.read(count, at: milliseconds()) {
            sayDropped(command, "it did not stand alone")
        }
        for action in actions { press(action, dropping: why) }
    }

    /// What asks for more, or answers, and stood alone long enough.
    private mutating func passOnDeliberate(at now: Int64) {
        let outcome = deliberate.ready(at: now) { model.situation($0) }
        for press in outcome.passed {
            mailbox.press(press.command.bit, at: press.place)
            model.answered(pressedAt: outcome.firstPressedAt)
        }
        for command in outcome.outdated { sayDropped(command, "the session went on meanwhile") }
    }

    private mutating func sayDropped(_ command: OperatorCommand, _ why: String) {
        say("\(SessionText.name(command)): \(why): key dropped, press again")
    }

    /// - Parameter why: why the console drops it.
    private mutating func say(_ verdict: DeliberateKeys.Verdict, of command: OperatorCommand, _ why: String?) {
        switch verdict {
        case .waits: return
        case .held: say("\(SessionText.name(command)): \(SessionText.name(RefusedCommand.heldKey))")
        case .notAlone: sayDropped(command, "another key came with it or just before")
        case .afterFall: sayDropped(command, "too soon after what stops, lowers, pauses or ends a search")
        case .dropped: sayDropped(command, why ?? "")
        }
    }

    private func milliseconds(_ now: Instant = SystemClock.now()) -> Int64 { now.since(began).milliseconds }

    /// Passes on what stops or lowers, each key with the channel that was selected when it was pressed.
    private mutating func actFirst(_ action: KeyAction, _ place: inout ChannelPlace) {
        switch action {
        case .stop(let cause): stop(cause)
        case .stopChannel:
            mailbox.requestChannelStop(place)
            mailbox.press(OperatorCommand.present.bit)
        // Each press counts: a second one of another key says nothing new.
        case .command(.lower): mailbox.lower(at: place)
        case .command(let command) where command.asksForLess:
            mailbox.press(command.bit, at: command.isForOneChannel ? place : .first)
        case .selectNext: place = model.selection(place == .first ? .second : .first, after: place)
        case .selectFirst: place = .first
        case .selectSecond: place = model.selection(.second, after: place)
        case .command, .mute, .redraw, .help, .unknown: return
        }
    }

    private mutating func stop(_ asked: StopCause) {
        // With pads there is no needle that could break: the key stops all the same.
        let cause = asked == .brokenNeedle && !model.isNeedleSession ? .operatorKey : asked
        mailbox.requestStop(code: cause.code)
        // Said after another stop it still belongs in the record, whose first cause stays.
        if cause == .consentWithdrawn { hasWithdrawnConsent = true }
        if cause == .fainting || cause == .brokenNeedle || cause == .strongPain { emergency = cause }
    }

    /// What a key says, after `actFirst`.
    private mutating func press(_ action: KeyAction, dropping why: String?) {
        // To the machine a key that is held is no sign of a person: the question stays on the screen.
        let now = SystemClock.now()
        let isHeld = lastKey.map { $0.action == action && now.since($0.at).milliseconds < 250 } ?? false
        lastKey = (action, now)
        switch action {
        case .stop: deliberate.fall(at: milliseconds(now))
        case .stopChannel:
            deliberate.fall(at: milliseconds(now))
            if !isHeld { model.answered() }
        case .command(let command) where DeliberateKeys.holds(command):
            let place = command.isForOneChannel ? model.selected : .first
            let verdict = deliberate.take(
                DeliberateKeys.Press(command, at: place), in: model.situation(place), at: milliseconds(now),
                isDropped: why != nil)
            say(verdict, of: command, why)
        case .command(let command):
            if command.asksForLess {
                deliberate.fall(at: milliseconds(now))
            } else {
                // Marks and the end of a titration.
                mailbox.press(command.bit, at: command.isForOneChannel ? model.selected : .first)
            }
            if let hint = model.hint(command) { say(hint) }
            if !isHeld { model.answered() }
        case .selectNext: select(model.selected == .first ? .second : .first)
        case .selectFirst: select(.first)
        case .selectSecond: select(.second)
        case .mute:
            model.mute()
            sayLast()
        case .redraw: output.forgetScreen()
        case .help:
            if output.style == .screen {
                model.toggleHelp()
            } else {
                for row in KeyMap.help.split(separator: "\n") { show(String(row)) }
            }
        case .unknown: say("this key does nothing (h for help)")
        }
    }

    private mutating func select(_ place: ChannelPlace) {
        let before = model.log.lines.count
        model.select(place)
        if model.log.lines.count > before { sayLast() }
    }

    // MARK: - What is shown

    private mutating func say(_ text: String) {
        if model.say(text) { sayLast() }
    }

    /// On a screen the log is part of the view; elsewhere its newest line is a line.
    private mutating func sayLast() {
        if let last = model.log.lines.last { show(last.text) }
    }

    private mutating func show(_ text: String) {
        switch output.style {
        case .screen: return
        case .plain: output.line(text)
        case .json: output.line(JSONLine.text([("say", .text(text))]))
        }
    }

    private mutating func takeNews() {
        for place in [ChannelPlace.first, .second] {
            if let block = boards.board(place).newest(), let status = StatusSnapshot(block) { model.show(status) }
        }
        for (tick, event) in feed.take() {
            let text = model.take(event, tick: tick)
            switch output.style {
            case .screen: continue
            case .plain: if let last = model.log.lines.last, text != nil { output.line(last.stamped) }
            case .json: output.line(SessionConsole.json(event, tick, text ?? ""))
            }
        }
    }

    private mutating func showStatus() {
        let now = SystemClock.now()
        switch output.style {
        case .screen:
            if let window = TerminalMode.window(of: 1) {
                // Larger than any wall; a terminal may claim anything.
                capabilities.columns = min(window.columns, 400)
                capabilities.rows = min(window.rows, 150)
            }
            var row: Int?
            if now.since(lastRefreshAt).milliseconds >= SessionConsole.refreshMilliseconds {
                lastRefreshAt = now
                refreshedRow = (refreshedRow + 1) % max(1, capabilities.rows)
                row = refreshedRow
            }
            output.paint(ScreenLayout.canvas(model, capabilities), refreshing: row)
        case .plain, .json:
            guard now.since(lastStatusAt).milliseconds >= 1_000 else { return }
            lastStatusAt = now
            let lines = PlainLines(model)
            guard lines.lines != lastPlain else { return }
            lastPlain = lines.lines
            for status in model.statuses {
                guard let status, status.place.index < model.plan.channelCount else { continue }
                let text = lines.line(status, status.place)
                output.line(output.style == .plain ? text : SessionConsole.json(status, text))
            }
        }
    }

    private static func json(_ event: SessionEvent, _ tick: Int64, _ text: String) -> String {
        JSONLine.text([
            ("ms", .number(tick)), ("event", .text("\(event.kind)")),
            ("channel", .number(Int64(event.place.index + 1))),
            ("value", .number(Int64(event.value))), ("detail", .number(Int64(event.detail))), ("text", .text(text)),
        ])
    }

    private static func json(_ status: StatusSnapshot, _ text: String) -> String {
        JSONLine.text([
            ("state", .text("\(status.state)")), ("channel", .number(Int64(status.place.index + 1))),
            ("channel_state", .text("\(status.channelState)")),
            ("set_ua", .number(Int64(status.setAmplitude.microamperes))),
            ("delivered_ua", .number(Int64(status.lastDeliveredNow.microamperes))),
            ("contraction", .number(Int64(status.contraction))), ("titrating", .truth(status.isTitrating)),
            ("phase_remaining_ms", .number(Int64(status.phaseRemainingMilliseconds))),
            ("treatment_ms", .number(Int64(status.treatmentMilliseconds))),
            ("pulses", .number(Int64(status.deliveredPulses))), ("charged_nc", .number(status.chargedNanocoulombs)),
            ("sensory_threshold_ua", .number(Int64(status.sensoryThreshold.microamperes))),
            ("motor_threshold_ua", .number(Int64(status.motorThreshold.microamperes))),
            ("missed_ticks", .number(Int64(status.missedTicks))),
            ("worst_lateness_us", .number(Int64(status.worstLatenessMicroseconds))), ("text", .text(text)),
        ])
    }

    /// Sounds follow the screen and never hold it up.
    private mutating func ring() {
        let heard = model.sound()
        if let burst = heard.burst { sound.play(burst) }
        // With a player the bell only begins the burst: it reaches terminals on other computers.
        if heard.pulse, !sound.hasPlayer || heard.burst != nil { output.bell() }
    }

    /// A loop that gives no sign of life cannot stop anything: the patient's button can.
    private mutating func watchLoop(_ now: Instant) {
        let beat = mailbox.loopBeat
        if beat != lastLoopBeat {
            lastLoopBeat = beat
            lastLoopBeatAt = now
            if hasWarned { model.loop(isSilent: false) }
            hasWarned = false
        } else if !hasWarned, now.since(lastLoopBeatAt).milliseconds > 1_000 {
            hasWarned = true
            model.loop(isSilent: true)
            say("THE CONTROL LOOP DOES NOT ANSWER: PRESS THE PATIENT'S BUTTON NOW")
        }
    }

    /// The alternate screen goes with everything on it: the last events are said again where they stay.
    private mutating func leave() {
        guard output.style == .screen else { return }
        if let burst = model.alarms.active.first?.priority { sound.play(burst) }
        output.leaveScreen()
        let last = model.log.lines.suffix(12)
        if model.log.lines.count > last.count { output.line("The last events (all are in the record):") }
        for line in last { output.line(line.stamped) }
    }
}

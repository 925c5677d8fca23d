// One session, from the open record to the closed one: it starts the threads, lends the terminal to the console, waits
// for the loop, and writes down how it ended.
import ByteStreams
import CareModel
import DeviceDrivers
import Foundation
import RigControl
import SafetyKernel
import SessionEngine
import SessionRecords
import SessionScreen
import StimulusModel

struct SessionRun {
    let cleared: ClearedSession
    let store: SessionStore
    let prompter: Prompter
    let places: PlaceOptions
    /// The needles that are in, and the desk that counts them afterwards; nothing with pads.
    var needles: (desk: NeedleDesk, prepared: PreparedNeedles)?

    private var rig: Rig { cleared.order.rig.content }

    func run() throws -> ExitStatus {
        let mailbox = ControlMailbox()
        let boards = StatusBoards()
        let health = JournalHealth()
        let feed = EventFeed()
        let notes = NoteDesk()
        do {
            try StopSignals.install()
            try LastGasp.install()
        } catch {
            throw Failure(.internalError, "\(error)")
        }
        // Optionals, so that the closure below can take them out.
        var pins: PinBoard? = try openPins()
        var line: SerialLine? = try openLine()
        let listener = try StopDoor.open(
            places, stop: { mailbox.requestStop(code: StopCause.secondTerminal.code) },
            status: {
                let newest = boards.board(.first).newest()
                guard let status = newest.flatMap({ StatusSnapshot($0) }) else { return "starting" }
                return "\(status.state)"
            })
        var record: SafetyRecordWriter? = try cleared.createRecord(in: store, at: JournalPen.time())
        prompter.say("\nSession \(cleared.sessionID). Press h for the keys. Nothing is armed yet.\n")

        var result: (ending: SessionEnding, record: RecordOutcome)?
        try WordRing(capacity: 4_096).split { (producer, consumer) throws(Failure) in
            guard let line = line.take(), let record = record.take() else {
                throw Failure(.internalError, "the line was taken twice")
            }
            let pen = JournalPen(consumer: consumer, record: record, feed: feed, notes: notes, health: health)
            let control = ControlTick(
                plan: cleared.plan,
                link: cleared.order.linkPlan(expecting: cleared.expected, calibration: cleared.calibration))
            let tolerance = TimeSpan(milliseconds: Int64(rig.latenessToleranceMilliseconds))
            let loop = RealtimeLoop(
                control: control, line: line, pins: pins.take(), journal: producer, mailbox: mailbox, boards: boards,
                health: health,
                settings: LoopSettings(latenessTolerance: tolerance))
            result = try drive(loop, pen, mailbox, boards, feed, notes)
        }
        _ = consume listener
        guard let result else { throw Failure(.internalError, "the session left no result") }
        return report(result.ending, result.record)
    }

    // MARK: - Threads

    private func drive(
        _ loop: consuming sending RealtimeLoop, _ pen: consuming sending JournalPen, _ mailbox: ControlMailbox,
        _ boards: StatusBoards, _ feed: EventFeed, _ notes: NoteDesk
    ) throws(Failure) -> (SessionEnding, RecordOutcome) {
        let finished = Finished()
        let writer: OwnedThread<JournalPen>
        do {
            writer = try OwnedThread(named: "record", stackBytes: 1 << 20, owner: pen) { $0.run() }
        } catch {
            throw Failure(.internalError, "\(error)")
        }
        // The loop waits a second for the first sign of life of the console.
        mailbox.consoleAlive()
        let thread: RealtimeThread<RealtimeLoop>
        do {
            thread = try RealtimeThread(
                named: "control", asking: RealtimeProbe.request(rig), owner: loop
            ) { loop, _ in
                loop.run()
                finished.set()
            }
        } catch {
            throw Failure(.noPermission, "\(error)")
        }
        let console = runConsole(mailbox, boards, feed, finished)
        let ended = thread.join()
        let ending = SessionEnding(ended, consentWithdrawn: console.hasWithdrawnConsent)
        if ending.consentWithdrawn {
            notes.leave(
                SessionNote(
                    kind: "consent_withdrawn", text: "The patient withdrew consent; output was stopped first.",
                    by: "patient"))
        }
        if let consoleProblem = console.problem {
            notes.leave(SessionNote(kind: "console", text: consoleProblem, by: "program"))
        }
        // The loop's end of the ring goes here; the writer then empties the ring and ends.
        SessionRun.drop(ended)
        var finishedPen = writer.join()
        // Before anything is asked: whoever must act now must not wait behind a question.
        if !ending.isProvenOff { prompter.say("\n" + ending.outputWords) }
        leadThrough(console.emergency ?? ending.stopCause)
        let question = MotorPointQuestion(prompter: prompter, order: cleared.order)
        let motorPoints = question.ask(ending.motorPoints)
        var closing = ending.closing(motorPoints: motorPoints)
        // The session cannot close with a needle missing: it is found, or an incident is opened (N7, H28).
        if let needles { needles.desk.close(needles.prepared).enter(into: &closing) }
        do throws(RecordFailure) {
            return (ending, .success(try finishedPen.close(closing)))
        } catch {
            return (ending, .failure(error))
        }
    }

    /// After an emergency key, the written steps: the output is off already.
    private func leadThrough(_ cause: StopCause) {
        let steps: EmergencySteps
        switch cause {
        case .fainting: steps = .fainting
        case .brokenNeedle: steps = .brokenNeedle
        case .strongPain: steps = .strongPain
        default: return
        }
        prompter.say("\n\(steps.title). The output was stopped. What to do:")
        for (number, step) in steps.steps.enumerated() {
            guard case .typed = prompter.reply(to: "  \(number + 1). \(step) [Enter]") else { return }
        }
    }

    private static func drop(_ loop: consuming RealtimeLoop) {}

    /// - Returns: what went wrong with the console; the session has then been stopped.
    private func runConsole(
        _ mailbox: ControlMailbox, _ boards: StatusBoards, _ feed: EventFeed, _ finished: Finished
    ) -> (problem: String?, hasWithdrawnConsent: Bool, emergency: StopCause?) {
        do {
            let environment = ProcessInfo.processInfo.environment
            let capabilities = ScreenCapabilities(environment: environment)
            let model = ScreenModel(
                plan: cleared.plan, header: cleared.order.header,
                latenessToleranceMilliseconds: rig.latenessToleranceMilliseconds)
            let sound = SoundDesk()
            let player = AlarmSound(for: sound, environment: environment)
            let mode = try TerminalMode(keyByKeyOn: 0)
            var console = try SessionConsole(
                model: model, capabilities: capabilities, mailbox: mailbox, boards: boards, feed: feed,
                sound: sound, output: try ConsoleOutput(style: prompter.style, hasColour: capabilities.hasColour))
            console.run(until: finished)
            console.output.drain(atMostMilliseconds: 500)
            mode.restore()
            _ = consume player
            return (nil, console.hasWithdrawnConsent, console.emergency)
        } catch {
            mailbox.requestStop(code: StopCause.terminalGone.code)
            return ("\(error)", false, nil)
        }
    }

    private func openLine() throws -> SerialLine {
        let line: SerialLine
        do throws(SerialLineError) {
            line = try SerialLine(opening: cleared.linePath, settings: rig.needles == nil ? .p24 : .pulsePal)
        } catch {
            throw Failure(.deviceUnavailable, "\(error)")
        }
        // The lines were free while needles were asked for: it must be the one on which the buttons were tried.
        if let needles = rig.needles, line.usb?.serialNumber != needles.usbSerialNumber {
            throw Failure(
                .deviceUnavailable,
                "another device is at \(cleared.linePath) than the one on which the buttons were tried: plug that one "
                    + "in again and start anew")
        }
        return line
    }

    /// Pins before the line: whoever holds them holds the rig.
    private func openPins() throws -> PinBoard? {
        guard let needles = rig.needles else { return nil }
        do throws(PinError) {
            return try PinBoard(opening: PinPlan(needles))
        } catch {
            throw Failure(.deviceUnavailable, "\(error)")
        }
    }

    // MARK: - The end

    /// The hash at the head of the closed record, or why it could not be closed.
    private typealias RecordOutcome = Result<String?, RecordFailure>

    private func report(_ ending: SessionEnding, _ record: RecordOutcome) -> ExitStatus {
        prompter.say("\nSession \(cleared.sessionID): \(ending.reason).")
        if ending.fault != .none {
            prompter.say(FaultText.message(ending.fault))
            prompter.say(ending.outputWords)
        }
        if let words = ending.restWords { prompter.say(words) }
        for row in ending.summary { prompter.say("  " + row) }
        prompter.say("  record \(store.paths(cleared.sessionID).record)")
        var status = ending.status
        switch record {
        case .success(let head):
            if let head { prompter.say("  head hash \(head)") }
        case .failure(let error):
            prompter.say(
                "The record could not be closed: \(error). What to do: \(error.hint). The next start closes it as "
                    + "interrupted.")
            // A fault says more, and has ended the session for just this reason more often than not.
            if ending.state != .faulted { status = .cannotWrite }
        }
        prompter.say(
            "After-care: sit before standing up; no driving or machines while drowsy [CONSENT]; muscle soreness may "
                + "follow; seek care for dark urine, swelling, severe pain, fever or breathlessness (unverified list).")
        return status
    }
}

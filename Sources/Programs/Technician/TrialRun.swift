// One trial on a real rig: the loop of a treatment on its own real-time thread, a plan of the bench in it, and this
// thread as hands, eyes and console. Any key stops, and so does every signal.
import ByteStreams
import Calibration
import CareModel
import DeviceDrivers
import Foundation
import RigControl
import SafetyKernel
import SessionEngine
import SessionRecords
import StimulusModel

struct TrialRun {
    let rig: BenchRig
    let prompter: Prompter

    struct Ended {
        let outcome: TrialOutcome
        let fault: FaultCause
        let deliveredPulses: Int64
        /// What kept an instrument from being read.
        let problem: String?
    }

    /// - Parameter attestation: for what hangs at the driven output now.
    func run(
        _ trial: BenchTrial, _ attestation: BenchAttestation, _ desk: ReadingDesk
    ) throws -> Ended {
        let plan: AuthorizedBenchPlan
        do throws(Refusal) {
            plan = try trial.authorize(on: rig.capabilities, attestation)
        } catch {
            throw Failure(.refused, RefusalText.message(error))
        }
        let watch = Watch()
        var pins: PinBoard? = try openPins(trial)
        var line: SerialLine? = try openLine()
        var ended: Ended?
        // Keys are read one by one only where they are no readings.
        let mode = try keyByKey(unless: desk.isTyped)
        try WordRing(capacity: 4_096).split { (producer, consumer) throws(Failure) in
            guard let line = line.take() else { throw Failure(.internalError, "the line was taken twice") }
            let tolerance = TimeSpan(milliseconds: Int64(rig.rig.content.latenessToleranceMilliseconds))
            let loop = RealtimeLoop(
                control: ControlTick(bench: plan, link: rig.linkPlan(trial)), line: line, pins: pins.take(),
                journal: producer, mailbox: watch.mailbox, boards: watch.boards, health: watch.health,
                settings: LoopSettings(latenessTolerance: tolerance))
            ended = try drive(loop, consumer, trial, watch, desk)
        }
        if let mode { mode.restore() }
        guard let ended else { throw Failure(.internalError, "the run left no result") }
        return ended
    }

    /// What the loop and this thread share.
    private struct Watch {
        let mailbox = ControlMailbox()
        let boards = StatusBoards()
        let health = JournalHealth()
    }

    private func drive(
        _ loop: consuming sending RealtimeLoop, _ consumer: consuming WordRing.Consumer, _ trial: BenchTrial,
        _ watch: Watch, _ desk: ReadingDesk
    ) throws(Failure) -> Ended {
        let finished = Finished()
        watch.mailbox.consoleAlive()
        let thread: RealtimeThread<RealtimeLoop>
        do {
            thread = try RealtimeThread(
                named: "control", asking: RealtimeProbe.request(rig.rig.content), owner: loop
            ) { loop, _ in
                loop.run()
                finished.set()
            }
        } catch {
            throw Failure(.noPermission, "\(error)")
        }
        var keys = try? ByteStream(reopening: 0, for: .reading)
        let isTyped = desk.isTyped
        // The journal of a run on the bench is not kept: its readings are, with what they led to.
        func beat() -> Bool {
            while consumer.pop() != nil {}
            watch.health.alive()
            watch.mailbox.consoleAlive()
            if !isTyped, TrialRun.isKeyPressed(&keys) { watch.mailbox.requestStop(code: StopCause.operatorKey.code) }
            if StopSignals.first != nil { watch.mailbox.requestStop(code: StopCause.signal.code) }
            // Nobody pressed anything for too long: it is at 0 mA now, and what is read is not this level.
            if let block = watch.boards.board(.first).newest(), StatusSnapshot(block)?.state == .paused {
                watch.mailbox.requestStop(code: StopCause.presenceMissed.code)
            }
            return watch.mailbox.stopCode == 0 && !finished.isSet
        }
        var conductor = trial.conductor
        var readings: [[BenchReading]] = []
        var problem: String?
        while !finished.isSet {
            SystemClock.sleep(until: SystemClock.now().advanced(by: TimeSpan(milliseconds: 20)))
            guard beat(), let block = watch.boards.board(.first).newest(), let status = StatusSnapshot(block) else {
                continue
            }
            switch conductor.advise(status) {
            case .wait, .ended: continue
            case .press(let command): watch.mailbox.press(command.bit)
            case .stop: watch.mailbox.requestStop(code: StopCause.operatorKey.code)
            case .read(let level):
                do throws(ReadingFailure) {
                    readings.append(try read(trial, level, status, desk, beat))
                    conductor.takeRead()
                } catch {
                    if case .instrument(let failure) = error { problem = "\(failure)" }
                    watch.mailbox.requestStop(code: StopCause.operatorKey.code)
                }
            }
        }
        let done = thread.join()
        let fault = done.control.fault
        // Before any hand goes to a lead.
        guard done.control.status().isProvenOff else {
            throw Failure(
                .faultOutputUnproven,
                "the stimulator did not confirm that its output is off: cut its power before anything is touched. "
                    + FaultText.message(fault))
        }
        let isWhole = readings.count == trial.levelsMicroamperes.count
        let failure = TrialFailure(fault) ?? (isWhole ? nil : .stopped)
        return Ended(
            outcome: TrialOutcome(readings: readings, failure: failure), fault: fault,
            deliveredPulses: done.control.machine.deliveredPulses, problem: problem)
    }

    private func read(
        _ trial: BenchTrial, _ level: Int, _ status: StatusSnapshot, _ desk: ReadingDesk, _ beat: () -> Bool
    ) throws(ReadingFailure) -> [BenchReading] {
        let own = Int64(status.sampledPeak.microamperes)
        let read = try desk.read(trial, level: level, idle: beat)
        return read.map {
            trial.atSource($0.with(deviceMicroamperes: own > 0 ? own : nil), bleederOhms: rig.bleederOhms)
        }
    }

    private static func isKeyPressed(_ keys: inout ByteStream?) -> Bool {
        guard var open = keys.take() else { return false }
        var buffer = InlineArray<64, UInt8>(repeating: 0)
        var span = buffer.mutableSpan
        let outcome = open.read(into: &span)
        keys = consume open
        switch outcome {
        case .bytes: return true
        case .nothing: return false
        case .gone: return true
        }
    }

    /// A run that no key could stop is not begun.
    private func keyByKey(unless isTyped: Bool) throws -> TerminalMode? {
        guard !isTyped else { return nil }
        do {
            return try TerminalMode(keyByKeyOn: 0)
        } catch {
            throw Failure(.usage, "\(error): no key could stop this run. Nothing was driven")
        }
    }

    private func openLine() throws -> SerialLine {
        do throws(SerialLineError) {
            return try SerialLine(opening: rig.path, settings: rig.rig.content.needles == nil ? .p24 : .pulsePal)
        } catch {
            throw Failure(.deviceUnavailable, "\(error)")
        }
    }

    private func openPins(_ trial: BenchTrial) throws -> PinBoard? {
        guard let plan = rig.pins(trial) else { return nil }
        do throws(PinError) {
            return try PinBoard(opening: plan)
        } catch {
            throw Failure(.deviceUnavailable, "\(error)")
        }
    }
}

// A calibration from its first question to its signature.
import ByteStreams
import Calibration
import CareModel
import DeviceDrivers
import Foundation
import SafetyKernel
import SessionRecords
import StimulusModel

struct CalibrationDesk {
    private let command: CalibrateCommand
    private let prompter: Prompter
    private let workbench: Workbench
    private let loads: [CalibrationLoad]
    private let dataFolder: String
    private let key: SigningKey
    private let policy: ClinicPolicy

    init(_ command: CalibrateCommand) throws {
        self.command = command
        prompter = Prompter(style: command.json ? .json : .plain)
        workbench = try command.loadWorkbench()
        loads = try command.chosenLoads(of: workbench)
        dataFolder = try command.places.dataFolder()
        policy = try TrustDesk.loadPolicy(dataFolder: dataFolder).0
        let store = KeyStore(dataFolder: dataFolder)
        // At once, so that nothing is measured that nobody can sign.
        let passphrase = try PassphraseReader.given(command.passphraseFile)
        do throws(TrustFileProblem) {
            key = try store.open(command.key, passphrase: passphrase)
        } catch {
            throw Failure(.notFound, "\(error)")
        }
        let today = CalendarDay(WallClock.now())
        guard workbench.instrument.calibratedOn <= today else {
            throw Failure(
                .refused,
                "\(command.bench): instrument \(workbench.instrument.serialNumber) was calibrated on "
                    + "\(workbench.instrument.calibratedOn.text), which has not come yet: mend the file or the clock")
        }
        guard workbench.instrument.holdsUntil >= today else {
            throw Failure(
                .refused,
                "\(command.bench): the calibration of instrument \(workbench.instrument.serialNumber) ended on "
                    + "\(workbench.instrument.holdsUntil.text): have it calibrated first")
        }
    }

    func run() throws -> ExitStatus {
        do {
            try StopSignals.install()
            try LastGasp.install()
        } catch {
            throw Failure(.internalError, "\(error)")
        }
        var rig = try BenchRig(rig: try command.loadRig(), line: command.line, prompter: prompter)
        prompter.say(
            "Stimulator \(rig.device.serialNumber), firmware \(rig.device.firmware), at \(rig.path): silent, off.")
        let desk = try readingDesk()
        let order = try order(of: rig, desk.instrument)
        let plan = try plan(of: rig, order)
        for omission in plan.omissions { prompter.say("  \(omission.text)") }
        let uncovered = (1...rig.outputCount).filter { !plan.outputs.contains($0) }.map { "\($0)" }
        if !uncovered.isEmpty {
            prompter.say(
                "  Not covered by this calibration, and locked for patients after it: output "
                    + uncovered.joined(separator: ", ") + ".")
        }
        try attestNobody()
        try rig.tryStop()
        var procedure = try resumed(order, plan)
        guard try measure(&procedure, rig, desk, order) else { return .notCleared }
        return try finish(procedure, rig)
    }

    // MARK: - Before anything is driven

    private func readingDesk() throws -> ReadingDesk {
        if let evidence = command.typed {
            return ReadingDesk(typed: workbench, evidence: evidence, prompter: prompter)
        }
        guard let path = command.instrument, let id = workbench.profile else {
            throw Failure(.badFile, "\(command.bench) names no profile: its instrument is read with --typed")
        }
        return try ReadingDesk(
            workbench: workbench, profile: try command.loadProfile(id), line: path, prompter: prompter)
    }

    private func order(of rig: BenchRig, _ instrument: CalibrationInstrument) throws -> CalibrationOrder {
        let store = CalibrationStore(dataFolder: dataFolder)
        do {
            let serial = rig.device.serialNumber
            return try CalibrationOrder(
                device: rig.device, sequence: try store.nextSequence(of: serial),
                measuredOn: CalendarDay(WallClock.now()), validDays: command.validDays,
                technician: command.technician, tolerancePermille: policy.calibrationTolerancePermille,
                instruments: [instrument], previous: try store.newest(of: serial)?.document)
        } catch let problem as BenchPlanProblem {
            throw Failure(.refused, problem.text)
        } catch {
            throw Failure(.recordDamaged, "\(error)")
        }
    }

    private func plan(of rig: BenchRig, _ order: CalibrationOrder) throws -> BenchPlan {
        if rig.rig.content.needles != nil, command.compliance == nil {
            throw Failure(
                .usage, "on a needle rig name the isolator's compliance with --compliance-v, as its label says")
        }
        do throws(BenchPlanProblem) {
            return try BenchPlan(
                stimulator: rig.device.stimulator,
                outputs: command.channel.isEmpty ? (1...rig.outputCount).map { $0 } : command.channel, loads: loads,
                complianceMillivolts: (command.compliance ?? 150) * 1_000, outputsOfDevice: rig.outputCount,
                previous: order.previous)
        } catch {
            throw Failure(.refused, error.text)
        }
    }

    private func attestNobody() throws {
        let answer = try prompter.ask(
            "\nNo person may be connected to any output of this stimulator. Look, then type nobody:")
        guard answer.lowercased() == "nobody" else {
            throw Failure(.notCleared, "not confirmed that nobody is connected; nothing was driven")
        }
    }

    private func resumed(_ order: CalibrationOrder, _ plan: BenchPlan) throws -> CalibrationProcedure {
        let work = WorkFile(dataFolder: dataFolder, serial: order.device.serialNumber)
        var procedure = CalibrationProcedure(order: order, plan: plan)
        guard let outcomes = try work.outcomes(of: orderText(order, plan)) else { return procedure }
        for outcome in outcomes {
            if case .review = procedure.next { procedure.confirm() }
            if case .connect = procedure.next { procedure.confirm() }
            guard case .drive = procedure.next else { break }
            procedure.take(outcome)
        }
        // What is connected now nobody knows: the procedure asks anew.
        procedure = CalibrationProcedure(order: order, plan: plan, completed: procedure.completed)
        let progress = procedure.progress
        prompter.say("An interrupted calibration goes on: \(progress.done) of \(progress.all) points are there.")
        return procedure
    }

    private func orderText(_ order: CalibrationOrder, _ plan: BenchPlan) -> String {
        let loads = plan.loads.map { "\($0.assetNumber)/\($0.ohms)/\($0.tolerancePermille)/\($0.ratedMilliwatts)" }
            .joined(separator: ",")
        let outputs = plan.outputs.map { "\($0)" }.joined(separator: ",")
        let instrument =
            order.instrument.map {
                "\($0.serialNumber)/\($0.source.rawValue)/\($0.expandedPartsPerMillion)/\($0.expandedMicrovolts)"
            } ?? ""
        let device = "\(order.device.serialNumber) \(order.device.firmware) \(order.device.isolator ?? "")"
        let means = "\(order.technician) \(workbench.profile ?? "") \(command.typed ?? "") \(instrument)"
        let judged = "\(order.measuredOn.text) \(plan.complianceMillivolts) \(order.tolerancePermille)"
        return "\(device) \(order.sequence) \(outputs) \(loads) \(means) \(judged)"
    }

    // MARK: - Measuring

    /// - Returns: false when the technician left.
    private func measure(
        _ procedure: inout CalibrationProcedure, _ rig: BenchRig, _ desk: ReadingDesk, _ order: CalibrationOrder
    ) throws -> Bool {
        let work = WorkFile(dataFolder: dataFolder, serial: order.device.serialNumber)
        let run = TrialRun(rig: rig, prompter: prompter)
        while true {
            guard StopSignals.first == nil else { return leave() }
            switch procedure.next {
            case .connect(let connection):
                switch try connect(connection, procedure.progress) {
                case .done: procedure.confirm()
                case .back:
                    if !procedure.stepBack() { prompter.say("  this is the first step.") }
                    try work.keep(procedure.completed, of: orderText(order, procedure.plan))
                case .left: return leave()
                }
            case .drive(let trial):
                try begin(order)
                tell(trial, procedure.progress)
                let ended = try run.run(trial, attestation(rig), desk)
                if let problem = ended.problem { prompter.say("  \(problem)") }
                if ended.outcome.failure == .stopped {
                    prompter.say(
                        "  stopped" + (ended.fault == .none ? "" : ": " + FaultText.message(ended.fault))
                            + " It is driven again.")
                    guard case .typed(let answer) = prompter.reply(to: "  Enter goes on, leave leaves:"),
                        answer.lowercased() != "leave"
                    else { return leave() }
                    continue
                }
                procedure.take(ended.outcome)
                tell(ended.outcome, of: trial)
                try work.keep(procedure.completed, of: orderText(order, procedure.plan))
            case .review(let review):
                tell(review)
                procedure.confirm()
            case .finished: return true
            }
        }
    }

    /// A failure that was seen cannot be left behind: until this calibration is signed, none is in force.
    private func begin(_ order: CalibrationOrder) throws {
        do throws(TrustFileProblem) {
            try CalibrationStore(dataFolder: dataFolder).begin(order.sequence, of: order.device.serialNumber)
        } catch {
            throw Failure(.cannotWrite, "\(error). Nothing was driven")
        }
    }

    private func leave() -> Bool {
        prompter.say("Until this calibration is finished the stimulator is locked for patients.")
        prompter.say("Left. What was read is kept; the same command goes on from here, today.")
        return false
    }

    private enum Hands { case done, back, left }

    /// The asset number is typed each time: it is read off the very resistor that is in the hand.
    private func connect(_ connection: BenchConnection, _ progress: BenchProgress) throws -> Hands {
        prompter.say("\n[\(progress.done) of \(progress.all)] \(connection.text).")
        let wanted = connection.terminal.load?.assetNumber
        let question =
            wanted.map { "  Type the load's asset number (\($0)), back or leave:" }
            ?? "  Press Enter when it is done, or type back or leave:"
        while true {
            guard case .typed(let answer) = prompter.reply(to: question) else { return .left }
            switch answer.lowercased() {
            case "back": return .back
            case "leave": return .left
            case (wanted ?? "").lowercased(): return .done
            default: prompter.say("  \"\(answer)\" is not \(wanted ?? "Enter"): look again.")
            }
        }
    }

    private func attestation(_ rig: BenchRig) -> BenchAttestation {
        BenchAttestation(
            assetNumberIsRecorded: true, nobodyIsConnected: true, stopControlIsProven: rig.stopIsProven,
            deviceIsIdentified: true)
    }

    // MARK: - Telling

    private func tell(_ trial: BenchTrial, _ progress: BenchProgress) {
        let levels = trial.levelsMicroamperes
        let range =
            levels.count > 1
            ? "\(BenchWords.milliamperes(levels[0])) to \(BenchWords.milliamperes(levels[levels.count - 1])), "
                + "\(levels.count) levels"
            : levels.first.map(BenchWords.milliamperes) ?? ""
        prompter.say(
            "  [\(progress.done) of \(progress.all)] \(trial.purpose.text), output \(trial.drivenOutput): \(range). "
                + (command.typed == nil ? "Any key stops." : "Ctrl-C stops."))
    }

    private func tell(_ outcome: TrialOutcome, of trial: BenchTrial) {
        if let failure = outcome.failure { prompter.say("    the stimulator says: \(failure.text)") }
        guard trial.purpose == .asFound || trial.purpose == .asLeft, let load = trial.terminal.load else { return }
        for (level, readings) in zip(trial.levelsMicroamperes, outcome.readings) {
            let peaks = readings.compactMap(\.firstPeakMicrovolts)
            guard !peaks.isEmpty else { continue }
            // µV / Ω = µA.
            let mean = peaks.reduce(0, +) / Int64(peaks.count) * 1_000 / Int64(load.ohms)
            prompter.say(
                "    \(BenchWords.milliamperes(level)) set, \(RefusalText.decimal(mean, 1_000_000)) mA measured")
        }
    }

    private func tell(_ review: OutputReview) {
        let correction = review.fit.correction
        let found = review.asFound.filter { $0.verdict == .pass }.count
        prompter.say(
            "  Output \(review.output) as found: \(found) of \(review.asFound.count) points within tolerance, gain "
                + "\(RefusalText.decimal(Int64(correction.gainPartsPerMillion), 1_000_000)) ± "
                + "\(RefusalText.decimal(Int64(review.fit.expandedGainPartsPerMillion), 1_000_000)) (k = 2), offset "
                + "\(RefusalText.decimal(Int64(correction.offsetNanoamperes), 1_000)) µA.")
        for finding in review.findings { prompter.say("    \(finding.text)") }
        if review.goesOn { prompter.say("    Now the same points with this correction.") }
    }

    // MARK: - The end

    private func finish(_ procedure: CalibrationProcedure, _ rig: BenchRig) throws -> ExitStatus {
        let document = procedure.finish()
        let store = CalibrationStore(dataFolder: dataFolder)
        let path: String
        do throws(TrustFileProblem) {
            path = try store.save(document, signedBy: key, keyID: command.key, at: WallClock.now())
        } catch {
            throw Failure(.cannotWrite, "\(error)")
        }
        WorkFile(dataFolder: dataFolder, serial: document.device.serialNumber).remove()
        prompter.say("")
        for output in document.outputs where !output.isPassed {
            for finding in output.findings { prompter.say("  output \(output.output): \(finding)") }
        }
        try tellSessions(document, store)
        prompter.say(
            "Calibration \(document.id): "
                + (document.isPassed
                    ? "PASSED, holds for \(document.validDays) days."
                    : "FAILED. \(document.device.serialNumber) is locked for patients until it has passed one.")
                + " Signed by \(command.key), \(path)")
        let points = procedure.completed.reduce(0) { $0 + $1.outcome.readings.count }
        prompter.say(
            "calibration: \(document.outputs.count) outputs, \(points) points, "
                + "\(document.outputs.filter(\.isPassed).count) passed, "
                + "\(document.outputs.filter { !$0.isPassed }.count) failed")
        return document.isPassed ? .done : .calibrationFailed
    }

    /// Whoever was treated with an output that was out of tolerance.
    private func tellSessions(_ document: CalibrationDocument, _ store: CalibrationStore) throws {
        guard !document.outputs.allSatisfy(\.wasFoundPassed) else { return }
        do {
            let lastGood = try store.lastGood(of: document.device.serialNumber, before: document.sequence)
            let sessions = try SessionStore(folder: dataFolder)
                .sessions(onDevice: document.device.serialNumber, since: lastGood)
            prompter.say(
                "Found out of tolerance. Sessions on it since \(lastGood?.text ?? "the beginning"): "
                    + (sessions.isEmpty ? "none" : sessions.map(\.sessionID).joined(separator: ", ")) + ".")
        } catch {
            throw Failure(.recordDamaged, "\(error)")
        }
    }
}

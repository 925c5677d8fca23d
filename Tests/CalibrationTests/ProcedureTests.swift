import Calibration
import CareModel
import StimulusModel
import Testing

@Suite("The plan says what is done, and the procedure leads through it")
struct ProcedureTests {
    @Test("The P24's plan holds every point that its voltage allows, and says which are left out")
    func p24Plan() throws {
        let plan = try Bench.plan(.p24)
        let sweeps = plan.trials.filter { $0.purpose == .asFound }
        // 120 V: 12 mA into 10 kohm, 60 mA into 2 kohm.
        #expect(sweeps.map { $0.terminal.load?.ohms } == [10_000, 2_000, 1_000, 500])
        #expect(sweeps.map(\.levelsMicroamperes.count) == [2, 5, 6, 6])
        let beyond = plan.trials.filter { $0.purpose == .beyondCompliance }
        #expect(beyond.map(\.levelsMicroamperes) == [[20_000], [80_000]])
        let steps = plan.trials.filter { $0.purpose == .monotonicity }
        #expect(Set(steps.flatMap(\.levelsMicroamperes)).count == 160)
        #expect(steps.allSatisfy { $0.terminal.load?.ohms == 1_000 && $0.readingsPerLevel == 1 })
        for (before, after) in zip(steps, steps.dropFirst()) {
            #expect(before.levelsMicroamperes.last == after.levelsMicroamperes.first)
        }
        #expect(plan.trials.allSatisfy { (1...32).contains($0.levelsMicroamperes.count) })
        #expect(plan.trials.allSatisfy { $0.frequencyMillihertz == 20_000 && $0.phaseDurationMicroseconds == 200 })
        let compliance = plan.omissions.filter { $0.reason == .compliance }
        #expect(compliance.map(\.loadOhms) == [10_000, 10_000, 10_000, 10_000, 2_000])
        #expect(plan.omissions.contains { $0.text.contains("80.000 mA into 2000 ohm: left out") })
    }

    @Test("Each pair of outputs meets once; a single one meets its neighbour")
    func crossTalkPairs() throws {
        let all = try Bench.plan(.p24, outputs: [8, 7, 6, 5, 4, 3, 2, 1]).trials.filter { $0.purpose == .crossTalk }
        #expect(all.count == 28 && Set(all.map { [$0.drivenOutput, $0.probedOutput] }).count == 28)
        #expect(all.allSatisfy { $0.drivenOutput > $0.probedOutput && $0.levelsMicroamperes == [5_000] })
        let one = try Bench.plan(.p24, outputs: [8]).trials.filter { $0.purpose == .crossTalk }
        #expect(one.map(\.drivenOutput) == [7])
    }

    @Test("A load that would burn is left out, and says so")
    func ratedPower() throws {
        // 80 mA into 1 kohm for 0.8 % of the time: 51.2 mW; 60 mA: 28.8 mW.
        let load = CalibrationLoad(assetNumber: "R1", ohms: 1_000, tolerancePermille: 10, ratedMilliwatts: 50)
        let plan = try Bench.plan(.p24, loads: [load])
        #expect(plan.trials.first { $0.purpose == .asFound }?.levelsMicroamperes.last == 60_000)
        #expect(plan.omissions.contains { $0.reason == .ratedPower && $0.levelMicroamperes == 80_000 })
        #expect(plan.omissions.count { $0.reason == .loadNotAtHand } == 3)
    }

    @Test("What no plan can be made of is refused by name")
    func problems() throws {
        let load = CalibrationLoad(assetNumber: "R1", ohms: 700, tolerancePermille: 10, ratedMilliwatts: 50)
        #expect(throws: BenchPlanProblem.unfitLoad(load)) { try Bench.plan(.p24, loads: [load]) }
        #expect(throws: BenchPlanProblem.noLoads) { try Bench.plan(.p24, loads: []) }
        #expect(throws: BenchPlanProblem.noOutputs) { try Bench.plan(.p24, outputs: []) }
        #expect(throws: BenchPlanProblem.outputTwice(1)) { try Bench.plan(.p24, outputs: [1, 1]) }
        #expect(throws: BenchPlanProblem.noSuchOutput(3, ofDevice: 2)) { try Bench.plan(.pulsePal, outputs: [3]) }
        #expect(throws: BenchPlanProblem.tolerance(permille: 201)) { try Bench.order(.p24, tolerancePermille: 201) }
    }

    @Test("The needle rig is set to the points of its sheet")
    func needlePlan() throws {
        let plan = try Bench.plan(.pulsePal)
        let sweeps = plan.trials.filter { $0.purpose == .asFound }
        #expect(sweeps.last?.levelsMicroamperes == [300, 500, 1_000, 2_000, 5_000, 10_000])
        #expect(Set(plan.trials.filter { $0.purpose == .monotonicity }.flatMap(\.levelsMicroamperes)).count == 100)
        #expect(plan.trials.allSatisfy { $0.frequencyMillihertz == 10_000 })
    }

    /// Every outcome follows from its trial alone, so that a trial driven twice reads the same.
    private func outcome(_ trial: BenchTrial, gain: Double) -> TrialOutcome {
        var bench = SyntheticBench(.p24, seed: 7)
        for output in UInt8(1)...8 { bench.outputs[output] = SyntheticOutput(gain: gain) }
        return bench.drive(trial)
    }

    private func advance(_ procedure: inout CalibrationProcedure, gain: Double = 1.05) -> Bool {
        switch procedure.next {
        case .finished: return false
        case .connect, .review: procedure.confirm()
        case .drive(let trial): procedure.take(outcome(trial, gain: gain))
        }
        return true
    }

    private func start(_ completed: [TrialResult] = []) throws -> CalibrationProcedure {
        CalibrationProcedure(
            order: try Bench.order(.p24), plan: try Bench.plan(.p24, outputs: [2, 5]), completed: completed)
    }

    @Test("Interrupted anywhere and resumed, or one step back anywhere, the document is the same")
    func resumeAndStepBack() throws {
        var whole = try start()
        while advance(&whole) {}
        let document = whole.finish()
        #expect(document.isPassed && document.outputs.map(\.output) == [2, 5])
        #expect(whole.progress.done == whole.progress.all && whole.progress.all == whole.plan.pointCount)
        for cut in stride(from: 0, through: whole.completed.count, by: 5) {
            var resumed = try start(Array(whole.completed.prefix(cut)))
            #expect(resumed.completed.count == cut)
            if cut < whole.completed.count { #expect(resumed.progress.done < resumed.progress.all) }
            if resumed.stepBack() { #expect(resumed.completed.count == cut - 1) }
            while advance(&resumed) {}
            #expect(resumed.finish() == document)
        }
    }

    @Test("What was driven for another plan is not taken over")
    func foreignResults() throws {
        var whole = try start()
        while advance(&whole) {}
        let other = CalibrationProcedure(
            order: try Bench.order(.p24), plan: try Bench.plan(.p24, outputs: [1]), completed: whole.completed)
        #expect(other.completed.isEmpty)
    }

    // Proves R-CAL-05.
    @Test("A stopped trial is driven again, and an unfinished calibration fails")
    func stopped() throws {
        var procedure = try start()
        let hasGoneBack = procedure.stepBack()
        #expect(!hasGoneBack)
        guard case .connect(let connection) = procedure.next else {
            Issue.record("nothing to connect first")
            return
        }
        #expect(connection.text.contains("output 2"))
        procedure.confirm()
        let trial = procedure.next
        procedure.take(TrialOutcome(readings: [], failure: .stopped))
        #expect(procedure.next == trial && procedure.completed.isEmpty)
        #expect(!procedure.finish().isPassed)
        while advance(&procedure), procedure.completed.count < 12 {}
        #expect(!procedure.finish().isPassed)
    }

    @Test("The trials as left carry the new correction, which is reviewed first")
    func asLeft() throws {
        var procedure = try start()
        var reviews: [OutputReview] = []
        while true {
            if case .review(let review) = procedure.next { reviews.append(review) }
            guard advance(&procedure) else { break }
        }
        #expect(reviews.map(\.output) == [2, 5] && reviews.allSatisfy { $0.goesOn && !$0.asFound.isEmpty })
        for review in reviews {
            let left = procedure.completed.map(\.trial).filter {
                $0.purpose == .asLeft && $0.probedOutput == review.output
            }
            #expect(left.count == 4 && left.allSatisfy { $0.correction == review.fit.correction })
            #expect(abs(review.fit.correction.gainPartsPerMillion - 1_050_000) < 2_200)
        }
        let document = procedure.finish()
        for output in document.outputs {
            #expect(output.asLeft.count == output.asFound.count)
            #expect((1...20).contains(output.tolerancePermille))
        }
    }

    // Proves R-CAL-07.
    @Test("Nothing more is driven of a dead output, and the document says that it failed")
    func deadSkips() throws {
        var bench = SyntheticBench(.p24)
        bench.outputs[2] = SyntheticOutput(isDead: true)
        var procedure = try start()
        Bench.run(&procedure, on: &bench)
        let driven = procedure.completed.map(\.trial).filter { $0.probedOutput == 2 }
        #expect(driven.last?.purpose == .asFound && !driven.contains { $0.purpose == .monotonicity })
        let document = procedure.finish()
        #expect(!document.isPassed && !document.outputs[0].isPassed && document.outputs[1].isPassed)
        #expect(document.outputs[0].findings.contains { $0.contains("dead output") })
        #expect(procedure.progress.done == procedure.progress.all)
    }
}

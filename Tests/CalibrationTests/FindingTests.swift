import Calibration
import CareModel
import StimulusModel
import Testing

// Proves R-CAL-07.
@Suite("Each fault of the bench is found by its name")
struct FindingTests {
    /// The names of what was found on a P24 whose output 1 is so; the device passes only where nothing blocks.
    private func names(
        _ stimulator: StimulatorKind = .p24, outputs: [UInt8] = [1], tolerancePermille: Int32 = 100,
        _ change: (inout SyntheticBench) -> Void
    ) throws -> [String] {
        var bench = SyntheticBench(stimulator)
        change(&bench)
        let procedure = try Bench.calibrate(bench, outputs: outputs, tolerancePermille: tolerancePermille)
        let document = procedure.finish()
        #expect(document.isPassed == !procedure.findings.contains(where: \.isBlocking), "\(procedure.findings)")
        for finding in procedure.findings {
            #expect(finding.text.contains(finding.name) && !finding.details.isEmpty && finding.remedy.hasSuffix("."))
        }
        return procedure.findings.map(\.name)
    }

    @Test("A true device has none, and passes", arguments: [StimulatorKind.p24, .pulsePal])
    func trueDevice(stimulator: StimulatorKind) throws {
        #expect(try names(stimulator) { _ in } == [])
        #expect(try names(stimulator, outputs: [1, 2]) { $0.outputs[2] = SyntheticOutput(gain: 1.03) } == [])
    }

    @Test("A gain error that the correction mends is told and passes")
    func gainCorrected() throws {
        #expect(try names { $0.outputs[1] = SyntheticOutput(gain: 1.13) } == ["gain error"])
        #expect(try names(.pulsePal) { $0.outputs[1] = SyntheticOutput(gain: 0.87) } == ["gain error"])
    }

    @Test("A gain error of a quarter is refused, and nothing more is driven")
    func gainRefused() throws {
        var bench = SyntheticBench(.p24)
        bench.outputs[1] = SyntheticOutput(gain: 1.25)
        let procedure = try Bench.calibrate(bench, tolerancePermille: 200)
        let document = procedure.finish()
        #expect(procedure.findings.map(\.name) == ["gain error"])
        #expect(!document.isPassed && document.outputs[0].asLeft.isEmpty)
        #expect(document.outputs[0].findings.first?.contains("gain +25") == true)
        #expect(!document.outputs[0].wasFoundPassed)
        #expect(procedure.progress.done == procedure.progress.all)
    }

    @Test("An offset that the correction mends is told on a needle rig")
    func offsetCorrected() throws {
        let found = try names(.pulsePal) { $0.outputs[1] = SyntheticOutput(offset: 45, restingCurrent: 45) }
        #expect(found == ["offset"])
        let beyond = try names(.pulsePal) { $0.outputs[1] = SyntheticOutput(offset: 60, restingCurrent: 60) }
        #expect(beyond.first == "offset" && beyond.count > 1, "beyond what a needle rig corrects")
    }

    @Test("An offset that stays in the pulse leaves charge behind on a P24")
    func offsetStays() throws {
        #expect(try names { $0.outputs[1] = SyntheticOutput(offset: 100) } == ["net charge"])
        #expect(try names { $0.outputs[1] = SyntheticOutput(offset: 1_100) }.first == "offset")
    }

    @Test("A bend is not fitted away")
    func bend() throws {
        #expect(try names(tolerancePermille: 200) { $0.outputs[1] = SyntheticOutput(bend: 0.15) } == ["non-linearity"])
    }

    @Test("A missing phase is named")
    func missingPhase() throws {
        let found = try names { $0.outputs[1] = SyntheticOutput(lacksSecondPhase: true) }
        #expect(found.first == "missing second phase")
    }

    @Test("A dead output is dead, and not swapped")
    func dead() throws {
        #expect(try names(outputs: [1, 2]) { $0.outputs[1] = SyntheticOutput(isDead: true) }.contains("dead output"))
    }

    @Test("Swapped outputs are named, each with the other")
    func swapped() throws {
        var bench = SyntheticBench(.p24)
        bench.swapped = (1, 3)
        let procedure = try Bench.calibrate(bench, outputs: [1, 2, 3])
        let swaps = procedure.findings.filter { $0.name == "outputs swapped" }
        #expect(swaps == [.outputsSwapped(output: 1, with: 3), .outputsSwapped(output: 3, with: 1)])
        #expect(!procedure.findings.contains { $0.name == "dead output" })
    }

    @Test("A sticky step is named with its current", arguments: [StimulatorKind.p24, .pulsePal])
    func sticky(stimulator: StimulatorKind) throws {
        let at: Double = stimulator == .p24 ? 33_500 : 3_300
        var bench = SyntheticBench(stimulator)
        bench.outputs[1] = SyntheticOutput(stuckAt: at)
        #expect(try Bench.calibrate(bench).findings == [.stickyStep(output: 1, microamperes: Int32(at))])
    }

    @Test("Steps that drown in the scatter are not called good")
    func unresolved() throws {
        #expect(try names { $0.noiseShare = 0.003 } == ["steps not resolved"])
    }

    @Test("Drift since the calibration before is named")
    func drift() throws {
        var bench = SyntheticBench(.p24)
        let first = try Bench.calibrate(bench).finish()
        #expect(first.isPassed)
        bench.outputs[1] = SyntheticOutput(gain: 1.06)
        let second = try Bench.calibrate(bench, previous: first)
        #expect(second.findings.map(\.name) == ["drift"])
        #expect(second.finish().isPassed && second.finish().sequence == 2)
        bench.outputs[1] = SyntheticOutput(gain: 1.04)
        #expect(try Bench.calibrate(bench, previous: first).findings == [])
    }

    @Test("A device found with its old correction is judged by what it then delivers")
    func foundWithCorrection() throws {
        for stimulator in StimulatorKind.allCases {
            var bench = SyntheticBench(stimulator)
            bench.outputs[1] = SyntheticOutput(gain: stimulator == .p24 ? 1.13 : 1.09)
            let tolerance: Int32 = stimulator == .p24 ? 100 : 50
            let first = try Bench.calibrate(bench, tolerancePermille: tolerance).finish()
            #expect(!first.outputs[0].wasFoundPassed && first.isPassed)
            let second = try Bench.calibrate(bench, tolerancePermille: tolerance, previous: first)
            #expect(second.findings == [])
            #expect(second.finish().outputs[0].wasFoundPassed)
        }
    }

    // Proves R-CAL-09.
    @Test("Samples that differ from a true instrument lie")
    func lyingReadBack() throws {
        #expect(try names { $0.outputs[1] = SyntheticOutput(sampleFactor: 1) } == [])
        #expect(try names { $0.outputs[1] = SyntheticOutput(sampleFactor: 0.8) } == ["lying read-back"])
    }

    @Test("Samples that echo the setting lie where another output shows that the instrument is right")
    func echo() throws {
        let found = try names(outputs: [1, 2]) {
            $0.outputs[1] = SyntheticOutput(gain: 1.13, sampleFactor: 1, samplesEcho: true)
            $0.outputs[2] = SyntheticOutput(sampleFactor: 1, samplesEcho: true)
        }
        #expect(found.contains("lying read-back") && !found.contains("instrument wrong"))
    }

    @Test("With a single output, echo and wrong instrument cannot be told apart, until a second one is typed")
    func secondSource() throws {
        var bench = SyntheticBench(.p24)
        bench.outputs[1] = SyntheticOutput(gain: 1.13, sampleFactor: 1, samplesEcho: true)
        #expect(try Bench.calibrate(bench).findings.map(\.name).contains("instrument or read-back wrong"))
        let both = [Bench.instrument(), Bench.instrument(.typed)]
        bench.typedFactor = 1
        let confirmed = try Bench.calibrate(bench, instruments: both).findings.map(\.name)
        #expect(confirmed.contains("lying read-back"))
        bench = SyntheticBench(.p24)
        bench.instrumentFactor = 1.1
        bench.typedFactor = 1
        let differ = try Bench.calibrate(bench, instruments: both).findings
        #expect(differ.contains { if case .instrumentWrong(.sourcesDisagree) = $0 { true } else { false } })
    }

    @Test("One point above specification is named, while its neighbours hold", arguments: [5_000.0, 40_000, 80_000])
    func onePoint(level: Double) throws {
        var bench = SyntheticBench(.p24)
        bench.outputs[1] = SyntheticOutput(bump: (level, 1.3))
        let found = try Bench.calibrate(bench, tolerancePermille: 200).findings
        guard case .aboveSpecificationAtOnePoint(1, Int32(level), let permille) = found.first else {
            Issue.record("\(found)")
            return
        }
        #expect((295...305).contains(permille))
    }

    // Proves R-CAL-09.
    @Test("An instrument that all outputs and their samples contradict is wrong")
    func instrumentWrong() throws {
        let found = try names(outputs: [1, 2]) {
            $0.instrumentFactor = 1.12
            $0.outputs[1] = SyntheticOutput(sampleFactor: 1)
            $0.outputs[2] = SyntheticOutput(sampleFactor: 1)
        }
        #expect(found == ["instrument wrong"])
    }

    // Proves R-CAL-09.
    @Test("An instrument out of its own calibration, or one that reads every load wrong, certifies nothing")
    func instrumentFacts() throws {
        let bench = SyntheticBench(.p24)
        let expired = try Bench.calibrate(bench, instruments: [Bench.instrument(until: "2026-11-19")])
        #expect(expired.findings == [.instrumentWrong(.notInForce(serialNumber: "S-instrument", until: "2026-11-19"))])
        #expect(!expired.finish().isPassed)
        let last = try Bench.calibrate(bench, instruments: [Bench.instrument(until: "2026-11-20")])
        #expect(last.finish().isPassed)
        let read = Bench.loads().map { LoadReading(assetNumber: $0.assetNumber, milliohms: Int64($0.ohms) * 1_050) }
        let wrong = try Bench.calibrate(bench, loadReadings: read)
        #expect(wrong.findings == [.instrumentWrong(.loadsDisagree(permille: 50))])
        let own = try Bench.calibrate(bench, instruments: [Bench.instrument(.device)])
        #expect(own.findings.contains(.instrumentWrong(.noIndependentSource)) && !own.finish().isPassed)
    }

    @Test("One load that is not what its label says is named")
    func load() throws {
        var bench = SyntheticBench(.p24)
        bench.loadFactors["R1000"] = 1.04
        let found = try Bench.calibrate(bench).findings
        guard case .loadDisagrees("R1000", 1_000, let permille) = found.first else {
            Issue.record("\(found)")
            return
        }
        #expect((37...43).contains(permille))
        let read = [LoadReading(assetNumber: "R500", milliohms: 515_000)]
        let byItself = try Bench.calibrate(SyntheticBench(.p24), loadReadings: read).findings
        #expect(byItself == [.loadDisagrees(assetNumber: "R500", ohms: 500, permille: 30)])
    }

    @Test("A pulse that is missing at one level alone is found")
    func droppedPulse() throws {
        #expect(try names { $0.outputs[1] = SyntheticOutput(dropsPulseAt: 20_000) } == ["frequency"])
    }

    @Test("A level whose period no instrument could read is no measured one")
    func lostPeriod() throws {
        let found = try names { $0.outputs[1] = SyntheticOutput(losesPeriodAt: 20_000) }
        #expect(!found.isEmpty && found.allSatisfy { $0 == "not measured" }, "\(found)")
    }

    @Test("Cross-talk, times, charge, rest and zero are named")
    func figures() throws {
        #expect(try names { $0.outputs[1] = SyntheticOutput(crossTalk: 0.03) } == ["cross-talk"])
        let short = try names { $0.outputs[1] = SyntheticOutput(phaseNanoseconds: 150_000) }
        #expect(short == ["phase duration", "phase duration"])
        #expect(try names { $0.outputs[1] = SyntheticOutput(periodShare: 1.3) } == ["frequency"])
        #expect(try names { $0.outputs[1] = SyntheticOutput(secondPhaseShare: 0.97) } == ["net charge"])
        #expect(try names { $0.outputs[1] = SyntheticOutput(restingCurrent: 12) } == ["resting current"])
        #expect(try names { $0.outputs[1] = SyntheticOutput(restingCurrent: 60) }.contains("output not zero"))
    }

    @Test("Open, short and the end of the voltage are named where they are not as expected")
    func circuits() throws {
        #expect(
            try names { $0.outputs[1] = SyntheticOutput(seesOpen: false) }.contains("open circuit not as expected"))
        #expect(
            try names(.pulsePal) { $0.outputs[1] = SyntheticOutput(compliance: 1.2) }
                .contains("open circuit not as expected"))
        #expect(
            try names { $0.outputs[1] = SyntheticOutput(shortMicrovolts: 1e6) } == ["short circuit not as expected"])
        #expect(
            try names { $0.outputs[1] = SyntheticOutput(seesOpen: false, compliance: 4) }
                .contains("beyond compliance not as expected"))
    }
}

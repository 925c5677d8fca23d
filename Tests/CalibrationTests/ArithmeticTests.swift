import Calibration
import CareModel
import StimulusModel
import Testing

@Suite("The arithmetic of the bench is that of the GUM")
struct ArithmeticTests {
    private func isNear(_ a: Double, _ b: Double, _ share: Double = 1e-4) -> Bool { abs(a - b) <= abs(b) * share }

    @Test("Mean, standard deviation and a mean of few readings, by hand")
    func sample() throws {
        // 1, 2, 3, 4: mean 2.5; squares 2.25 + 0.25 + 0.25 + 2.25 = 5; s = sqrt(5 / 3) = 1.290994.
        let four = try #require(Sample([1, 2, 3, 4]))
        #expect(four.mean == 2.5 && isNear(four.standardDeviation, 1.290994))
        // s / 2 = 0.645497, widened by t(3, 95.45 %) / 2 = 3.31 / 2: 1.068298.
        #expect(isNear(four.standardUncertainty, 1.068298))
        // Ten readings are not widened: -1 and 1 five times: s = sqrt(10 / 9) = 1.054093, / sqrt(10) = 0.333333.
        let ten = try #require(Sample([-1, 1, -1, 1, -1, 1, -1, 1, -1, 1]))
        #expect(isNear(ten.standardUncertainty, 0.333333))
        // Nine are, by 2.37 / 2: s = sqrt(8.888889 / 8) = 1.054093, / 3 · 1.185 = 0.416367.
        let nine = try #require(Sample([-1, 1, -1, 1, -1, 1, -1, 1, -1]))
        #expect(isNear(nine.standardUncertainty, 0.416367))
        #expect(Sample([]) == nil)
        #expect(Sample([7])?.standardUncertainty == 0)
    }

    @Test("A worked budget")
    func budget() throws {
        // 10 V across a load of 1 %, read as 10.00, 10.02, 9.98, 10.00 V, last digit 10 mV, by an instrument of
        // 0.2 % and 2 mV (k = 2):
        //   scatter     s = 16.330 mV, / sqrt(4) = 8.165 mV, · 3.31 / 2 = 13.513 mV
        //   instrument  0.2 % of 10 V / 2 = 10 mV, and 2 mV / 2 = 1 mV
        //   load        1 % of 10 V / sqrt(3) = 57.735 mV
        //   last digit  5 mV / sqrt(3) = 2.887 mV
        //   combined    sqrt(182.60 + 100 + 1 + 3333.33 + 8.33) = 60.210 mV; expanded 120.42 mV
        let volts = try #require(Sample([10.00, 10.02, 9.98, 10.00]))
        var budget = UncertaintyBudget()
        budget.add(standard: volts.standardUncertainty)
        budget.add(expanded: 0.002 * volts.mean)
        budget.add(expanded: 0.002)
        budget.add(rectangularHalfWidth: 0.01 * volts.mean)
        budget.add(resolution: 0.010)
        #expect(isNear(budget.combined, 0.060210) && isNear(budget.expanded, 0.12042))
    }

    // Proves R-CAL-08.
    @Test("The guard band is as wide as the uncertainty, on both sides")
    func guardBand() {
        for sign in [-1.0, 1.0] {
            #expect(GuardBand.verdict(error: sign * 0.75, expanded: 0.25, tolerance: 1) == .pass)
            #expect(GuardBand.verdict(error: sign * 0.76, expanded: 0.25, tolerance: 1) == .guardBand)
            #expect(GuardBand.verdict(error: sign * 1.00, expanded: 0.25, tolerance: 1) == .guardBand)
            #expect(GuardBand.verdict(error: sign * 1.01, expanded: 0.00, tolerance: 1) == .fail)
        }
        #expect(GuardBand.verdict(error: .nan, expanded: 0, tolerance: 1) == .fail)
        #expect(GuardBand.verdict(error: 0, expanded: .nan, tolerance: 1) != .pass)
    }

    /// Without scatter.
    private func fit(loads: [CalibrationLoad], gain: Double = 1.02, offset: Double = 0) throws -> CalibrationFit {
        var bench = SyntheticBench(.p24)
        bench.noiseShare = 0
        bench.noiseMicrovolts = 0
        bench.outputs[1] = SyntheticOutput(gain: gain, offset: offset)
        let plan = try Bench.plan(.p24, loads: loads)
        let sweeps = plan.trials.filter { $0.purpose == .asFound }
            .map { TrialResult(trial: $0, outcome: bench.drive($0)) }
        return try #require(CalibrationFit(sweeps: sweeps, order: try Bench.order(.p24), plan: plan))
    }

    // Proves R-CAL-08.
    @Test("Gain and offset come back, and the instrument's share is not averaged away")
    func line() throws {
        let all = try fit(loads: Bench.loads(), offset: 30)
        #expect(all.correction == OutputCorrection(gainPartsPerMillion: 1_020_000, offsetNanoamperes: 30_000))
        // Instrument 2,000 ppm / 2 = 1,000; each load 1,000 ppm / sqrt(3) = 577, four equally: 289; both 1,041;
        // k = 2: 2,082; of a gain of 1.02: 2,123.4.
        #expect(all.expandedGainPartsPerMillion == 2_124)
        // One load alone: sqrt(1,000² + 577²) = 1,154.7, · 2 · 1.02 = 2,355.6, however many points.
        #expect(try fit(loads: [Bench.loads()[0]]).expandedGainPartsPerMillion == 2_356)
        // 200 µV / 2 = 100 µV in all loads at once, each weighted by R²: 100 µV · 13,500 / 105,250,000 ohm = 12.83 nA,
        // k = 2: 25.7 nA.
        #expect(try fit(loads: Bench.loads()).expandedOffsetNanoamperes == 26)
        #expect(all.largestResidualNanoamperes <= 3)
    }

    /// Of what one device is, and how it is measured.
    private func isCovered(_ numbers: inout SeededNumbers, plan: BenchPlan, order: CalibrationOrder) throws -> Bool {
        let gain = numbers.uniform(0.92, 1.08)
        var bench = SyntheticBench(plan.stimulator, seed: numbers.next())
        bench.outputs[1] = SyntheticOutput(gain: gain, offset: numbers.uniform(-20, 20))
        bench.instrumentFactor = 1 + 0.005 * numbers.normal()
        bench.instrumentZeroMicrovolts = 500 * numbers.normal()
        bench.noiseShare = 0.001
        bench.noiseMicrovolts = 200
        for load in plan.loads { bench.loadFactors[load.assetNumber] = numbers.uniform(0.99, 1.01) }
        let sweeps = plan.trials.filter { $0.purpose == .asFound }
            .map { TrialResult(trial: $0, outcome: bench.drive($0)) }
        let fit = try #require(CalibrationFit(sweeps: sweeps, order: order, plan: plan))
        let stated = Double(fit.correction.gainPartsPerMillion) / 1e6
        return abs(stated - gain) <= Double(fit.expandedGainPartsPerMillion) / 1e6
    }

    // Proves R-CAL-08.
    @Test(
        "Of 1,000 devices the true gain lies within the stated uncertainty in 930 to 975",
        arguments: [StimulatorKind.p24, .pulsePal])
    func coverage(stimulator: StimulatorKind) throws {
        let seed: UInt64 = stimulator == .p24 ? 20_261_120 : 20_261_121
        var numbers = SeededNumbers(seed: seed)
        let plan = try Bench.plan(stimulator, loads: Bench.loads(tolerancePermille: 10))
        let order = try Bench.order(
            stimulator, instruments: [Bench.instrument(partsPerMillion: 10_000, microvolts: 1_000)])
        var covered = 0
        for _ in 0..<1_000 where try isCovered(&numbers, plan: plan, order: order) { covered += 1 }
        print("\(stimulator.rawValue), seed \(seed): \(covered) of 1000 true gains within the stated uncertainty")
        #expect((930...975).contains(covered))
    }
}

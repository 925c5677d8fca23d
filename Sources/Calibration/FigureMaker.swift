import CareModel
import StimulusModel

/// The figures of an output, each with its bounds: as left where that was measured, else as found.
struct FigureMaker {
    let judgement: OutputJudgement

    private var plan: BenchPlan { judgement.plan }
    private var limits: BenchLimits { judgement.plan.limits }
    private var source: ReadingSource { judgement.source }

    var figures: [CalibrationFigure] {
        let shape = FitFaults(
            output: judgement.output, order: judgement.order, plan: plan, found: judgement.found, fit: judgement.fit)
        return [
            duration(isSecondPhase: false), duration(isSecondPhase: true), frequency, netCharge, restingCurrent,
            zeroOutput, crossTalk, stuckSteps, beyondCompliance, ReadBackFaults(judgement: judgement).figure,
            shape.nonLinearity,
        ].compactMap { $0 }
    }

    /// The sweep that counts, level by level.
    private var sweep: [(trial: BenchTrial, level: Int32, readings: [BenchReading])] {
        let left = judgement.results.filter { $0.trial.purpose == .asLeft }
        let counted = left.isEmpty ? judgement.results.filter { $0.trial.purpose == .asFound } : left
        return counted.flatMap { result in
            zip(result.trial.levelsMicroamperes, result.outcome.readings).map { (result.trial, $0, $1) }
        }
    }

    private func results(_ purpose: TrialPurpose) -> [TrialResult] {
        judgement.results.filter { $0.trial.purpose == purpose }
    }

    // MARK: Time

    private func duration(isSecondPhase: Bool) -> CalibrationFigure? {
        let samples = sweep.compactMap { point in
            Sample(
                point.readings.values(from: source) {
                    isSecondPhase ? $0.secondPhaseNanoseconds : $0.firstPhaseNanoseconds
                })
        }
        return time(
            isSecondPhase ? .secondPhaseDuration : .firstPhaseDuration, samples,
            nominal: Int64(plan.points.phaseDurationMicroseconds) * 1_000)
    }

    private var frequency: CalibrationFigure? {
        let samples = sweep.compactMap { point in
            Sample(
                point.readings.values(from: source, \.periodNanoseconds).filter { $0 > 0 }.map { 1e12 / $0 })
        }
        return time(.frequency, samples, nominal: Int64(plan.points.frequencyMillihertz))
    }

    /// The level that reaches furthest from nominal, its own scatter included.
    private func time(_ kind: FigureKind, _ samples: [Sample], nominal: Int64) -> CalibrationFigure? {
        func reach(_ sample: Sample) -> Double {
            (sample.mean - Double(nominal)).magnitude + 2 * sample.standardUncertainty
        }
        let worst = samples.max { reach($0) < reach($1) }
        guard let worst else { return nil }
        var budget = UncertaintyBudget()
        budget.add(standard: worst.standardUncertainty)
        budget.add(expanded: worst.mean * limits.timeBasePermille.asShare)
        let allowed = nominal * limits.timingPermille / 1_000
        return GuardBand.figure(
            kind, worst.mean, expanded: budget.expanded, lowest: nominal - allowed, highest: nominal + allowed)
    }

    // MARK: Charge and rest

    /// Each level at the largest load that it was measured at, where the instrument's zero error says least. The
    /// instrument's relative error and the load's drop out of a ratio.
    private var netCharge: CalibrationFigure? {
        var byLevel: [Int32: (ohms: Int32, sample: Sample, zero: Double)] = [:]
        for point in sweep {
            guard let load = point.trial.terminal.load, byLevel[point.level].map({ $0.ohms < load.ohms }) ?? true
            else { continue }
            let charges = point.readings.filter { $0.source == source }.compactMap(FigureMaker.charge)
            guard let sample = Sample(charges.map(\.permille)), let phase = Sample(charges.map(\.phase)) else {
                continue
            }
            // µV for both phases (2 × 200 µs), over the area of one in nV·s.
            let both = 2 * Double(plan.points.phaseDurationMicroseconds) / 1_000
            let zero = phase.mean > 0 ? judgement.instrument.microvolts * both / phase.mean * 1_000 : 0
            byLevel[point.level] = (load.ohms, sample, zero)
        }
        let worst = byLevel.sorted { $0.key < $1.key }.map(\.value).max { a, b in
            a.sample.mean.magnitude + a.zero < b.sample.mean.magnitude + b.zero
        }
        guard let worst else { return nil }
        var budget = UncertaintyBudget()
        budget.add(standard: worst.sample.standardUncertainty)
        budget.add(standard: worst.zero)
        return GuardBand.figure(
            .netCharge, worst.sample.mean, expanded: budget.expanded, lowest: -limits.netChargePermille,
            highest: limits.netChargePermille)
    }

    /// Net charge in thousandths of the first phase, and the first phase's area in nV·s.
    private static func charge(_ reading: BenchReading) -> (permille: Double, phase: Double)? {
        guard let first = reading.firstPeakMicrovolts, let duration = reading.firstPhaseNanoseconds, first > 0,
            duration > 0
        else { return nil }
        // µV · ns = 10^-6 nV·s.
        let phase = Double(first) * Double(duration) / 1e6
        if let area = reading.areaNanovoltSeconds { return (Double(area) / phase * 1_000, phase) }
        guard let second = reading.secondPeakMicrovolts, let secondDuration = reading.secondPhaseNanoseconds else {
            return nil
        }
        return ((phase + Double(second) * Double(secondDuration) / 1e6) / phase * 1_000, phase)
    }

    private var zero: TrialResult? { results(.asLeftZero).last ?? results(.zeroOutput).last }

    /// From the mean voltage at 0 mA, nA.
    private var restingCurrent: CalibrationFigure? {
        guard let zero, let load = zero.trial.terminal.load, let readings = zero.outcome.readings.first,
            let mean = Sample(readings.values(from: source, \.meanMicrovolts))
        else { return nil }
        let nanoamperes = 1_000 / Double(load.ohms)
        return GuardBand.figure(
            .restingCurrent, mean.mean * nanoamperes, expanded: expanded(mean) * nanoamperes,
            lowest: -limits.restingNanoamperes, highest: limits.restingNanoamperes)
    }

    /// The larger of both peaks at 0 mA, µV.
    private var zeroOutput: CalibrationFigure? {
        guard let zero, let load = zero.trial.terminal.load, let readings = zero.outcome.readings.first else {
            return nil
        }
        let peaks = [false, true].compactMap { Sample(readings.peaks(isSecondPhase: $0, from: source)) }
        guard let largest = peaks.max(by: { $0.mean.magnitude < $1.mean.magnitude }) else { return nil }
        let lowest = Int64(plan.points.levelsMicroamperes[0]) * Int64(load.ohms)
        return GuardBand.figure(
            .zeroOutput, largest.mean.magnitude, expanded: expanded(largest), lowest: 0,
            highest: lowest * limits.zeroPermille / 1_000)
    }

    private func expanded(_ volts: Sample) -> Double {
        var budget = UncertaintyBudget()
        budget.add(standard: volts.standardUncertainty)
        budget.add(standard: volts.mean * judgement.instrument.relative)
        budget.add(standard: judgement.instrument.microvolts)
        return budget.expanded
    }

    // MARK: Other outputs, steps, the end of the voltage

    private var crossTalk: CalibrationFigure? {
        let shares = results(.crossTalk).compactMap {
            CrossTalk($0, plan: plan, instrument: judgement.instrument)
        }
        guard let worst = shares.max(by: { $0.share + $0.expanded < $1.share + $1.expanded }) else { return nil }
        return GuardBand.figure(
            .crossTalk, worst.share * 1_000, expanded: worst.expanded * 1_000, lowest: 0,
            highest: limits.crossTalkPermille)
    }

    private var stuckSteps: CalibrationFigure? {
        guard let steps = StepCheck(judgement: judgement) else { return nil }
        return GuardBand.figure(.stuckSteps, Double(steps.stuck.count), expanded: 0, lowest: 0, highest: 0)
    }

    private var beyondCompliance: CalibrationFigure? {
        let shares = results(.beyondCompliance).compactMap { beyond($0)?.share }
        let worst = shares.max { $0.mean + $0.expanded < $1.mean + $1.expanded }
        guard let worst else { return nil }
        return GuardBand.figure(
            .beyondCompliance, worst.mean * 1_000, expanded: worst.expanded * 1_000, lowest: 0, highest: 999)
    }

    /// Measured over set current; nothing where the device said by itself that it cannot.
    func beyond(_ result: TrialResult) -> (ohms: Int32, share: (mean: Double, expanded: Double))? {
        guard result.outcome.failure == nil, let load = result.trial.terminal.load,
            let level = result.trial.levelsMicroamperes.first, let readings = result.outcome.readings.first,
            let volts = Sample(readings.peaks(isSecondPhase: false, from: source))
        else { return nil }
        let full = Double(level) * Double(load.ohms)
        var budget = UncertaintyBudget()
        budget.add(expanded: expanded(volts))
        budget.add(standard: volts.mean * load.relativeUncertainty)
        return (load.ohms, (volts.mean / full, budget.expanded / full))
    }
}

import CareModel

/// The stimulator's own samples against the instrument's readings.
///
/// Both may lie, and a number alone does not say which. It is told apart so:
/// 1. the instrument is nearer to what was set than the samples are: the read-back lies;
/// 2. the samples are nearer, but values typed from a second instrument agree with the first: the read-back lies (it
///    tells what was set, not what flows);
/// 3. the samples are nearer, and the outputs deviate by different factors: the read-back lies, since an instrument
///    does not change from output to output;
/// 4. the samples are nearer, and several outputs deviate by one factor: the instrument is wrong (`DeviceJudgement`);
/// 5. the samples are nearer, and there is a single output: nobody can tell, and a second instrument is asked for.
struct ReadBackFaults {
    let judgement: OutputJudgement

    enum Answer: Hashable {
        case agrees
        case lies(permille: Int64)
        /// 3 to 5: the other outputs decide.
        case undecided(permille: Int64)
    }

    /// Only what this output alone decides.
    var findings: [BenchFinding] {
        var all: [BenchFinding] = []
        if let difference = sourcesDiffer { all.append(.instrumentWrong(difference)) }
        if case .lies(let permille) = answer {
            all.append(.lyingReadBack(output: judgement.output, permille: permille))
        }
        return all
    }

    private var asFound: [TrialResult] {
        judgement.results.filter { $0.trial.purpose == .asFound && $0.outcome.failure == nil }
    }

    /// Samples over readings and samples over what was asked for, both averaged over the points as found.
    var ratios: (toInstrument: Sample, toSet: Sample)? {
        var toInstrument: [Double] = []
        var toSet: [Double] = []
        for result in asFound {
            guard let load = result.trial.terminal.load else { continue }
            for (level, readings) in zip(result.trial.levelsMicroamperes, result.outcome.readings) {
                let own = Sample(readings.compactMap { $0.deviceMicroamperes.map(Double.init) })
                let volts = Sample(readings.peaks(isSecondPhase: false, from: judgement.source))
                guard let own, let volts, volts.mean > 0 else { continue }
                let set = judgement.plan.rule.setMicroamperes(
                    level, isSecondPhase: false, correction: result.trial.correction, points: judgement.plan.points)
                guard set > 0 else { continue }
                toInstrument.append(own.mean / (volts.mean / Double(load.ohms)))
                toSet.append(own.mean / set)
            }
        }
        guard let first = Sample(toInstrument), let second = Sample(toSet) else { return nil }
        return (first, second)
    }

    /// k = 2: instrument, the least certain load, the samples themselves and their scatter.
    private func expanded(_ ratio: Sample) -> Double {
        var budget = UncertaintyBudget()
        budget.add(standard: judgement.instrument.relative)
        budget.add(standard: judgement.plan.loads.map(\.relativeUncertainty).reduce(0, max))
        budget.add(expanded: judgement.plan.limits.deviceSamplePermille.asShare)
        budget.add(standard: ratio.standardUncertainty)
        return budget.expanded
    }

    /// Within which the samples have to be, in thousandths of the instrument's reading.
    var figure: CalibrationFigure? {
        // Beside a dead output or a missing phase there is nothing to compare.
        guard judgement.broken.allSatisfy({ if case .gainError = $0 { true } else { false } }),
            let ratio = ratios?.toInstrument
        else { return nil }
        let allowed = BenchText.roundedUp(expanded(ratio) * 1_000)
        return GuardBand.figure(
            .readBack, ratio.mean * 1_000, expanded: 0, lowest: 1_000 - allowed, highest: 1_000 + allowed)
    }

    var answer: Answer {
        guard let ratios, let figure, figure.verdict != .pass else { return .agrees }
        let samples = (ratios.toSet.mean - 1).magnitude
        let instrument = (ratios.toSet.mean / ratios.toInstrument.mean - 1).magnitude
        if instrument <= samples || isConfirmed { return .lies(permille: figure.value) }
        return .undecided(permille: figure.value)
    }

    /// Typed values over the instrument's, and their expanded uncertainty.
    private var secondSource: (ratio: Double, expanded: Double)? {
        guard judgement.source == .instrument, let second = judgement.order.instrument(for: .typed) else { return nil }
        var ratios: [Double] = []
        for readings in asFound.flatMap(\.outcome.readings) {
            guard let first = Sample(readings.peaks(isSecondPhase: false, from: .instrument)),
                let typed = Sample(readings.peaks(isSecondPhase: false, from: .typed)), first.mean > 0
            else { continue }
            ratios.append(typed.mean / first.mean)
        }
        guard let ratio = Sample(ratios) else { return nil }
        var budget = UncertaintyBudget()
        budget.add(standard: judgement.instrument.relative)
        budget.add(standard: InstrumentUncertainty(second).relative)
        budget.add(standard: ratio.standardUncertainty)
        return (ratio.mean, budget.expanded)
    }

    private var isConfirmed: Bool {
        secondSource.map { ($0.ratio - 1).magnitude <= $0.expanded } ?? false
    }

    private var sourcesDiffer: InstrumentFault? {
        guard let second = secondSource, (second.ratio - 1).magnitude > second.expanded else { return nil }
        return .sourcesDisagree(
            output: judgement.output, permille: BenchText.rounded((second.ratio - 1) * 1_000))
    }
}

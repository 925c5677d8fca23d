import CareModel

/// What the figures of an output, and the trials with a single expected result, say.
struct FigureFaults {
    let judgement: OutputJudgement

    private var output: UInt8 { judgement.output }

    var findings: [BenchFinding] {
        let maker = FigureMaker(judgement: judgement)
        let figures = maker.figures
        return figures.compactMap(fault) + steps + circuits + beyond(maker)
            + (judgement.isFinished ? missing(figures) : [])
    }

    /// A figure out of its bounds, or too near to them to tell.
    private func fault(_ figure: CalibrationFigure) -> BenchFinding? {
        guard figure.verdict != .pass else { return nil }
        return switch figure.kind {
        case .firstPhaseDuration:
            .phaseDuration(output: output, isSecondPhase: false, nanoseconds: figure.value)
        case .secondPhaseDuration:
            .phaseDuration(output: output, isSecondPhase: true, nanoseconds: figure.value)
        case .frequency: .frequency(output: output, millihertz: figure.value)
        case .netCharge: .netCharge(output: output, permille: figure.value)
        case .restingCurrent: .restingCurrent(output: output, nanoamperes: figure.value)
        case .zeroOutput: .outputNotZero(output: output, microvolts: figure.value)
        case .crossTalk: .crossTalk(output: output, from: loudest, permille: figure.value)
        // Told by themselves, with where.
        case .stuckSteps, .beyondCompliance, .readBack, .nonLinearity: nil
        }
    }

    /// The driven output that shows most here.
    private var loudest: UInt8 {
        let shares = judgement.results.filter { $0.trial.purpose == .crossTalk }.map {
            ($0.trial.drivenOutput, CrossTalk($0, plan: judgement.plan)?.share ?? 0)
        }
        return shares.max { $0.1 < $1.1 }?.0 ?? output
    }

    private var steps: [BenchFinding] {
        guard let check = StepCheck(judgement: judgement) else { return [] }
        return check.stuck.map { .stickyStep(output: output, microamperes: $0) }
            + (check.unresolved > 0 ? [.stepsNotResolved(output: output)] : [])
    }

    private var circuits: [BenchFinding] {
        judgement.results.compactMap { result in
            switch result.trial.purpose {
            case .openCircuit: open(result.outcome)
            case .shortCircuit: short(result)
            default: nil
            }
        }
    }

    private func largest(_ outcome: TrialOutcome) -> Double? {
        guard let readings = outcome.readings.first else { return nil }
        return [false, true]
            .compactMap { Sample(readings.peaks(isSecondPhase: $0, from: judgement.source))?.mean.magnitude }
            .max()
    }

    /// No more than the compliance; and the P24 says that nothing is connected (electrode error, or low current).
    private func open(_ outcome: TrialOutcome) -> BenchFinding? {
        let plan = judgement.plan
        let highest = Double(plan.complianceMillivolts) * 1_000 * plan.limits.openVoltagePermille.asShare
        let volts = largest(outcome)
        if let volts, volts > highest {
            return .openNotAsExpected(output: output, microvolts: BenchText.rounded(volts))
        }
        switch outcome.failure {
        case .electrodeError, .lowCurrent: return nil
        case .deviceError: return .deviceRefused(output: output, purpose: .openCircuit, failure: .deviceError)
        case .stopped, nil: break
        }
        if plan.stimulator == .p24 { return .openNotAsExpected(output: output, microvolts: nil) }
        return volts == nil ? .notMeasured(output: output, purpose: .openCircuit) : nil
    }

    /// Driven without an error, and a tenth of what the smallest load of a bench would show at the most (proposal).
    private func short(_ result: TrialResult) -> BenchFinding? {
        guard result.outcome.failure == nil else { return .shortNotAsExpected(output: output, microvolts: nil) }
        guard let volts = largest(result.outcome) else {
            return .notMeasured(output: output, purpose: .shortCircuit)
        }
        let smallest = Double(result.trial.levelsMicroamperes[0]) * Double(BenchPoints.loadOhms[0])
        guard volts > smallest * judgement.plan.limits.nothingPermille.asShare else { return nil }
        return .shortNotAsExpected(output: output, microvolts: BenchText.rounded(volts))
    }

    /// On the P24 an error, on a needle rig less current than was set: either will do on both.
    private func beyond(_ maker: FigureMaker) -> [BenchFinding] {
        judgement.results.filter { $0.trial.purpose == .beyondCompliance }.compactMap { result in
            switch result.outcome.failure {
            case .electrodeError, .lowCurrent: return nil
            case .deviceError: return .deviceRefused(output: output, purpose: .beyondCompliance, failure: .deviceError)
            case .stopped, nil: break
            }
            guard let beyond = maker.beyond(result) else {
                return .notMeasured(output: output, purpose: .beyondCompliance)
            }
            guard beyond.share.mean + beyond.share.expanded > 0.999 else { return nil }
            return .beyondComplianceNotAsExpected(
                output: output, ohms: beyond.ohms, permille: BenchText.rounded(beyond.share.mean * 1_000))
        }
    }

    /// A certificate without one of these would say less than it seems to.
    private func missing(_ figures: [CalibrationFigure]) -> [BenchFinding] {
        let needed: [FigureKind] = [
            .firstPhaseDuration, .secondPhaseDuration, .frequency, .netCharge, .restingCurrent, .zeroOutput,
            .nonLinearity,
        ]
        var all: [BenchFinding] = needed.filter { kind in !figures.contains { $0.kind == kind } }
            .map { .figureMissing(output: output, kind: $0) }
        for purpose in [TrialPurpose.crossTalk, .asFound, .asLeft, .monotonicity] {
            let results = judgement.results.filter { $0.trial.purpose == purpose }
            if results.contains(where: { !isWhole($0) }) {
                all.append(.notMeasured(output: output, purpose: purpose))
            }
        }
        return all
    }

    /// Both phases at every level, and its period where an instrument reads it; of cross-talk and single steps, the
    /// first phase.
    private func isWhole(_ result: TrialResult) -> Bool {
        let phases = result.trial.purpose.needsTimes ? [false, true] : [false]
        if result.trial.purpose.needsTimes, judgement.source == .instrument,
            result.outcome.readings.contains(where: { $0.values(from: .instrument, \.periodNanoseconds).isEmpty })
        {
            return false
        }
        return result.outcome.readings.count >= result.trial.levelsMicroamperes.count
            && result.outcome.readings.allSatisfy { readings in
                phases.allSatisfy { !readings.peaks(isSecondPhase: $0, from: judgement.source).isEmpty }
            }
    }
}

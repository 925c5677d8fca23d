import CareModel
import StimulusModel

/// Everything that the completed trials say of one output.
struct OutputJudgement {
    let output: UInt8
    let order: CalibrationOrder
    let plan: BenchPlan
    /// Where it was probed, in the order driven.
    let results: [TrialResult]
    /// Where it was driven and another one probed.
    let driven: [TrialResult]
    let instrument: InstrumentUncertainty
    let found: [SweepPoint]
    let fit: LineFit?
    let left: [SweepPoint]
    /// What ends the trials of this output.
    let broken: [BenchFinding]

    init(output: UInt8, order: CalibrationOrder, plan: BenchPlan, completed: [TrialResult]) {
        self.output = output
        self.order = order
        self.plan = plan
        results = completed.filter { $0.trial.probedOutput == output }
        driven = completed.filter { $0.trial.probedOutput != output && $0.trial.drivenOutput == output }
        instrument = InstrumentUncertainty(order.instrument)
        let source = order.instrument?.source ?? .instrument
        let sweeps = results.filter { $0.trial.purpose == .asFound }
        found = sweeps.flatMap { SweepPoint.points(of: $0, source: source, plan: plan) }
        left = results.filter { $0.trial.purpose == .asLeft }
            .flatMap { SweepPoint.points(of: $0, source: source, plan: plan) }
        let early = EarlyFaults(output: output, sweeps: sweeps, found: found, foreign: results + driven, plan: plan)
            .findings
        let baseDone = Set(results.map(\.trial)).isSuperset(of: plan.trials(of: output))
        if early.isEmpty && baseDone {
            fit = LineFit(found, instrument: instrument)
            let shape = FitFaults(output: output, order: order, plan: plan, found: found, fit: fit)
            broken = shape.findings.filter(\.isBroken)
        } else {
            fit = nil
            broken = early
        }
    }

    var source: ReadingSource { order.instrument?.source ?? .instrument }

    /// Until the fit.
    var baseRemaining: [BenchTrial] {
        let done = Set(results.map(\.trial))
        return plan.trials(of: output).filter { !done.contains($0) }
    }

    /// What is still to be driven, as far as it is known.
    var remaining: [BenchTrial] {
        guard broken.isEmpty else { return [] }
        let base = baseRemaining
        let done = Set(results.map(\.trial))
        let asLeft = plan.asLeftTrials(of: output, correction: correction).filter { !done.contains($0) }
        return base + asLeft
    }

    /// What the fit asks for; none while there is no fit, or where it is more than a correction may mend.
    var correction: OutputCorrection { fit?.correction ?? .none }

    var certifiedFit: CalibrationFit { CalibrationFit(fit, points: found) }

    /// Once every trial as found is done, or the output is broken.
    var review: OutputReview? {
        guard !results.isEmpty, !broken.isEmpty || baseRemaining.isEmpty else { return nil }
        // As found, until it was adjusted: a later look at the trials as left is the certificate's.
        return OutputReview(
            output: output, fit: certifiedFit, asFound: certified(found), findings: findings,
            goesOn: broken.isEmpty)
    }

    func certified(_ points: [SweepPoint]) -> [CalibrationPoint] {
        points.map { $0.certified(instrument, tolerancePermille: order.tolerancePermille) }
    }

    var isFinished: Bool { broken.isEmpty && remaining.isEmpty }

    var figures: [CalibrationFigure] { FigureMaker(judgement: self).figures }

    /// All of this output, the graver first.
    var findings: [BenchFinding] {
        var all = broken
        if broken.isEmpty {
            all += FitFaults(output: output, order: order, plan: plan, found: found, fit: fit).findings
        }
        all += ReadBackFaults(judgement: self).findings
        all += FigureFaults(judgement: self).findings
        if isFinished {
            let bad = certified(left).count { $0.verdict != .pass }
            if bad > 0 { all.append(.leftOutOfTolerance(output: output, points: bad)) }
        }
        return all
    }

    /// How far what flows may be above what the correction leaves of it, in thousandths of what is meant, rounded up.
    private var overshootPermille: Int32 {
        let largest = left.reduce(0.0) { largest, point in
            let meant = Double(point.levelMicroamperes)
            let above = point.size + point.expanded(instrument) - min(meant, point.expectedMicroamperes)
            return max(largest, above / meant * 1_000)
        }
        return Int32(clamping: BenchText.roundedUp(largest))
    }

    /// - Parameter findings: all that concern it, those of the whole device included.
    func certificate(_ findings: [BenchFinding]) -> OutputCertificate {
        let figures = figures
        var findings = findings.filter(\.isBlocking)
        if broken.isEmpty && !isFinished {
            findings.append(.notMeasured(output: output, purpose: remaining.first?.purpose ?? .asLeft))
        }
        let charge = figures.first { $0.kind == .netCharge }
        let rest = figures.first { $0.kind == .restingCurrent }
        return OutputCertificate(
            output: output, fit: certifiedFit, asFound: certified(found), asLeft: certified(left), figures: figures,
            findings: findings.map(\.text), tolerancePermille: overshootPermille,
            imbalancePermille: OutputJudgement.most(charge), residualOffsetNanoamperes: OutputJudgement.most(rest))
    }

    /// The size that a figure may have at most.
    private static func most(_ figure: CalibrationFigure?) -> Int32 {
        guard let figure else { return 0 }
        return Int32(clamping: Int64(Int32(clamping: figure.value.magnitude)) + Int64(Int32(clamping: figure.expanded)))
    }
}

import CareModel

/// What is seen at once, before any fit: an output that shows nothing, that shows itself elsewhere, or that lacks a
/// phase. Nothing more is then measured of it.
struct EarlyFaults {
    let output: UInt8
    let sweeps: [TrialResult]
    let found: [SweepPoint]
    /// Cross-talk in which it takes part, among others.
    let foreign: [TrialResult]
    let plan: BenchPlan

    var findings: [BenchFinding] {
        guard !sweeps.isEmpty else { return [] }
        let nothing = plan.limits.nothingPermille.asShare
        if found.allSatisfy({ $0.size < nothing * $0.setMicroamperes.magnitude }) { return [deadOrSwapped] }
        if let missing = missingPhase { return [missing] }
        for sweep in sweeps {
            if let failure = sweep.outcome.failure {
                return [.deviceRefused(output: output, purpose: .asFound, failure: failure)]
            }
        }
        return []
    }

    /// The signal of an output that is not probed, at the one that is: the leads or the channels are swapped. Where
    /// no other one shows itself here, the output is dead.
    private var deadOrSwapped: BenchFinding {
        for result in foreign where result.trial.purpose == .crossTalk {
            guard let share = CrossTalk(result, plan: plan)?.share, share >= plan.limits.foreignPermille.asShare else {
                continue
            }
            let other = result.trial.probedOutput == output ? result.trial.drivenOutput : result.trial.probedOutput
            return .outputsSwapped(output: output, with: other)
        }
        return .deadOutput(output: output)
    }

    private var missingPhase: BenchFinding? {
        let nothing = plan.limits.nothingPermille.asShare
        for isSecond in [true, false] {
            let present = found.filter { $0.isSecondPhase != isSecond }
            let missing = found.filter { $0.isSecondPhase == isSecond }
            // Present at half of what is asked for, at least; no valid number is no signal.
            if present.allSatisfy({ $0.size >= 0.5 * $0.setMicroamperes.magnitude }) && !present.isEmpty,
                missing.allSatisfy({ $0.size < nothing * $0.setMicroamperes.magnitude })
            {
                return .missingPhase(output: output, isSecondPhase: isSecond)
            }
        }
        return nil
    }
}

/// What a probed output shows of a driven one.
struct CrossTalk {
    /// Of what the driven one's level would show in the probed load.
    let share: Double
    let expanded: Double

    /// - Returns: nothing where the instrument gave no valid number.
    init?(_ result: TrialResult, plan: BenchPlan, instrument: InstrumentUncertainty? = nil) {
        guard let load = result.trial.terminal.load, let level = result.trial.levelsMicroamperes.first,
            let readings = result.outcome.readings.first
        else { return nil }
        let source: ReadingSource = readings.contains { $0.source == .instrument } ? .instrument : .typed
        let samples = [false, true].compactMap { Sample(readings.peaks(isSecondPhase: $0, from: source)) }
        guard let largest = samples.max(by: { $0.mean.magnitude < $1.mean.magnitude }) else { return nil }
        let full = Double(level) * Double(load.ohms)
        share = largest.mean.magnitude / full
        var budget = UncertaintyBudget()
        budget.add(standard: largest.standardUncertainty)
        budget.add(standard: largest.mean * (instrument?.relative ?? 0))
        budget.add(standard: instrument?.microvolts ?? 0)
        expanded = budget.expanded / full
    }
}

extension Int64 {
    /// Thousandths as a share.
    var asShare: Double { Double(self) / 1_000 }
}

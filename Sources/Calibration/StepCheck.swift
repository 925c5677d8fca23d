/// Whether each step of the grid raised the output.
struct StepCheck {
    /// Settings that did not raise it.
    private(set) var stuck: [Int32] = []
    /// Steps that the instrument cannot tell from its scatter: a step of which half is less than three times the
    /// scatter of a difference of two readings (proposal).
    private(set) var unresolved = 0

    /// - Returns: nothing where the steps were not driven.
    init?(judgement: OutputJudgement) {
        let results = judgement.results.filter { $0.trial.purpose == .monotonicity }
        guard !results.isEmpty else { return nil }
        let gain = judgement.fit?.gain ?? 1
        for result in results {
            guard let load = result.trial.terminal.load else { continue }
            let levels = result.trial.levelsMicroamperes
            let volts = result.outcome.readings.map {
                Sample($0.peaks(isSecondPhase: false, from: judgement.source))?.mean
            }
            for index in 1..<max(1, min(levels.count, volts.count)) {
                guard let before = volts[index - 1], let after = volts[index] else { continue }
                let step = gain * Double(levels[index] - levels[index - 1]) * Double(load.ohms)
                let least = step * judgement.plan.limits.stuckStepPermille.asShare
                let scatter = StepCheck.scatter(at: levels[index], ohms: load.ohms, judgement.found)
                if 3 * 2.0.squareRoot() * scatter > least {
                    unresolved += 1
                } else if after - before < least {
                    stuck.append(levels[index])
                }
            }
        }
    }

    /// Of a single reading at the next level that was measured often, µV.
    private static func scatter(at level: Int32, ohms: Int32, _ points: [SweepPoint]) -> Double {
        let mine = points.filter { $0.load.ohms == ohms && !$0.isSecondPhase }
        let next = mine.first { $0.levelMicroamperes >= level } ?? mine.last
        return next?.voltage.standardDeviation ?? 0
    }
}

import StimulusModel

/// What the executor does next.
public enum BenchStep: Hashable, Sendable {
    /// Tell the hands, and `confirm()` when they are done.
    case connect(BenchConnection)
    /// Drive it, and `take(_:)` what came of it.
    case drive(BenchTrial)
    /// Show what was found of an output and what will be applied to it, and `confirm()`.
    case review(OutputReview)
    /// `finish()` has the document.
    case finished
}

/// An output between its trials as found and those as left, or at its end where it is broken.
public struct OutputReview: Hashable, Sendable {
    public let output: UInt8
    public let fit: CalibrationFit
    public let asFound: [CalibrationPoint]
    public let findings: [BenchFinding]
    /// Whether trials as left follow.
    public let goesOn: Bool
}

/// Points done of all; those that a broken output no longer needs count as done.
public struct BenchProgress: Hashable, Sendable {
    public let done: Int
    public let all: Int
}

/// Leads the hands through a calibration, and makes its document. It knows nothing of who executes it: it says what is
/// next and takes what came of it. It is a function of its order, its plan and the list of completed trials, so an
/// interrupted one is resumed from that list, and the document comes out the same.
public struct CalibrationProcedure: Sendable {
    public let order: CalibrationOrder
    public let plan: BenchPlan
    /// In the order in which they were driven: to be kept, and handed in again to resume.
    public private(set) var completed: [TrialResult] = []
    private var connection: BenchConnection?
    private var reviewed: Set<UInt8> = []
    /// Place in `plan.outputs` before which nothing is left to do.
    private var place = 0
    private var position: Position

    private enum Position {
        case trial(BenchTrial)
        case review(OutputReview)
        case finished
    }

    /// - Parameter completed: of an interrupted procedure of the same order and plan. What does not follow from them
    ///   is not taken: `completed` is then shorter than what was handed in.
    public init(order: CalibrationOrder, plan: BenchPlan, completed: [TrialResult] = []) {
        self.order = order
        self.plan = plan
        position = .finished
        seek()
        for result in completed {
            if case .review = position { confirm() }
            guard case .trial(let trial) = position, trial == result.trial, result.outcome.failure?.isResult != false
            else { break }
            take(result.outcome)
        }
        connection = nil
    }

    public var next: BenchStep {
        switch position {
        case .finished: .finished
        case .review(let review): .review(review)
        case .trial(let trial): connection == trial.connection ? .drive(trial) : .connect(trial.connection)
        }
    }

    /// The hands are done, or the review was seen.
    public mutating func confirm() {
        switch position {
        case .finished: break
        case .trial(let trial): connection = trial.connection
        case .review(let review):
            reviewed.insert(review.output)
            seek()
        }
    }

    /// What came of the trial that is next. One that was stopped is driven again.
    public mutating func take(_ outcome: TrialOutcome) {
        guard case .trial(let trial) = position, outcome.failure?.isResult != false else { return }
        completed.append(TrialResult(trial: trial, outcome: outcome))
        seek()
    }

    /// Forgets the last trial, which is then driven again.
    /// - Returns: false where there is none.
    @discardableResult public mutating func stepBack() -> Bool {
        guard let last = completed.popLast() else { return false }
        reviewed.remove(last.trial.probedOutput)
        place = 0
        seek()
        if case .review = position { confirm() }
        return true
    }

    public var progress: BenchProgress {
        var left = 0
        for output in plan.outputs {
            let judgement = judgement(of: output)
            left += judgement.remaining.reduce(0) { $0 + $1.levelsMicroamperes.count }
        }
        let all = plan.pointCount
        return BenchProgress(done: all - left, all: all)
    }

    /// Everything found until now, in the order of the outputs, what concerns all of them first.
    public var findings: [BenchFinding] { DeviceJudgement(order: order, plan: plan, completed: completed).findings }

    /// The document, whether passed or failed; an output that was not measured to its end fails.
    public func finish() -> CalibrationDocument {
        DeviceJudgement(order: order, plan: plan, completed: completed).document
    }

    private func judgement(of output: UInt8) -> OutputJudgement {
        OutputJudgement(output: output, order: order, plan: plan, completed: completed)
    }

    private mutating func seek() {
        while place < plan.outputs.count {
            let output = plan.outputs[place]
            let judgement = judgement(of: output)
            if !reviewed.contains(output), let review = judgement.review {
                position = .review(review)
                return
            }
            if let trial = judgement.remaining.first {
                position = .trial(trial)
                return
            }
            place += 1
        }
        position = .finished
    }
}

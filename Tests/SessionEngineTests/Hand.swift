// A session machine, answered by hand.
import SafetyKernel
import SessionEngine
import StimulusModel
import Testing

/// An armed machine whose pulses are answered by hand: nothing is acknowledged that a test did not say.
struct Hand {
    var machine: SessionMachine
    /// Every pulse is answered in the step after it, as it was asked for.
    var isAnswering = false
    private(set) var answered: Int64 = 0
    private(set) var last = StepOutputs(state: .idle, demand: .off, setAmplitude: .zero)
    private var condition = StimulatorCondition.off

    init(_ plan: AuthorizedPlan) {
        machine = SessionMachine(plan: plan)
        step()
        step(.arm)
        condition = .ready
    }

    var set: Int32 { machine.setMicroamperes }

    /// Why the last step refused its command, if it did.
    var refusal: RefusedCommand? {
        for index in 0..<last.events.count where last.events[index].kind == .commandRefused {
            return RefusedCommand(rawValue: last.events[index].detail)
        }
        return nil
    }

    /// Values of a kind of event in the last step.
    func values(_ kind: SessionEventKind) -> [Int32] {
        (0..<last.events.count).filter { last.events[$0].kind == kind }.map { last.events[$0].value }
    }

    mutating func step(
        _ command: OperatorCommand = .none, answer: Int32? = nil, as delivery: Delivery = .delivered, elapsed: Int32 = 1
    ) {
        var inputs = StepInputs()
        inputs.elapsedTicks = elapsed
        inputs.command = command
        inputs.condition = condition
        if let answer = answer ?? (isAnswering ? last.request?.amplitude.microamperes : nil) {
            inputs.first.delivery = delivery
            inputs.first.deliveredAmplitude = Current(microamperes: answer)
            answered += 1
        }
        last = machine.step(inputs)
    }

    mutating func wait(_ milliseconds: Int) { for _ in 0..<milliseconds { step() } }

    mutating func wait(for state: SessionState) { for _ in 0..<10_000 where machine.state != state { step() } }

    /// Up to the next pulse, which is not answered yet.
    /// - Returns: its amplitude; 0 when none came.
    mutating func pulse() -> Int32 {
        for _ in 0..<3_000 {
            step()
            if let request = last.request { return request.amplitude.microamperes }
        }
        return 0
    }

    /// A press every 280 ms, each pulse answered, until the target or the ceiling is reached.
    mutating func climb(to target: Int32) {
        isAnswering = true
        for _ in 0..<400 where set < target && refusal != .atCeiling {
            wait(279)
            step(.raise)
        }
    }

    /// One pulse, answered, and a raise; then the next pulse, which is not answered yet.
    mutating func raiseAfterAPulse() -> (first: Int32, second: Int32) {
        let first = pulse()
        step(answer: first)
        wait(249)
        step(.raise)
        return (first, pulse())
    }

    /// One pulse, answered or not; then the search ends, and another is raised by a step.
    /// - Returns: the pulse of the search before.
    mutating func searchAgain(isAnswered: Bool) -> Int32 {
        let before = pulse()
        if isAnswered { step(answer: before) }
        step(.endSearch)
        step(.beginSearch)
        wait(249)
        step(.raise)
        return before
    }

    /// What a command would lead to now.
    func trying(_ command: OperatorCommand) -> Hand {
        var copy = self
        copy.step(command)
        return copy
    }
}

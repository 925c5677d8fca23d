// A record replayed: the inputs of a session, fed to a new machine, give the same outputs bit for bit.
import SafetyKernel
import SessionEngine
import StimulusModel

struct Replay {
    private(set) var ticks = 0
    private(set) var mismatches: [String] = []
    private(set) var machine: SessionMachine

    init(_ journal: [WordBlock], plan: AuthorizedPlan, until lastTick: Int64) {
        machine = SessionMachine(plan: plan)
        var inputs: [Int64: StepInputs] = [:]
        var outputs: [Int64: [WordBlock]] = [:]
        for block in journal {
            let tick = JournalEntry.tick(block)
            switch JournalEntry.kind(block) {
            case .inputs: inputs[tick] = StepInputs(block)
            case .outputs, .events: outputs[tick, default: []].append(block)
            default: break
            }
        }
        var tick: Int64 = 0
        var condition = StimulatorCondition.absent
        while tick < lastTick {
            // A late step is recorded at the tick at which it ended.
            var next = tick + 1
            while inputs[next] == nil, next < lastTick, isSwallowed(next, inputs, lastTick) { next += 1 }
            var step = inputs[next] ?? StepInputs()
            if inputs[next] == nil { step.condition = condition }
            condition = step.condition
            let before = machine.state
            let out = machine.step(step)
            var made: [WordBlock] = []
            if !out.isQuiet(after: before) { made.append(out.block(tick: next)) }
            if let block = out.eventBlock(tick: next, from: 0) { made.append(block) }
            if let block = out.eventBlock(tick: next, from: 6) { made.append(block) }
            compare(made, outputs[next] ?? [], tick: next)
            ticks += 1
            tick = next
        }
    }

    /// Whether the tick lies inside a late step, whose inputs are recorded further on.
    private func isSwallowed(_ tick: Int64, _ inputs: [Int64: StepInputs], _ last: Int64) -> Bool {
        var ahead = tick + 1
        while ahead <= min(last, tick + 1_000) {
            if let step = inputs[ahead] { return step.elapsedTicks > 1 && ahead - Int64(step.elapsedTicks) < tick }
            ahead += 1
        }
        return false
    }

    private mutating func compare(_ made: [WordBlock], _ recorded: [WordBlock], tick: Int64) {
        guard made.count == recorded.count else {
            mismatches.append("tick \(tick): \(made.count) blocks, recorded \(recorded.count)")
            return
        }
        for (one, other) in zip(made, recorded) where !(one == other) {
            mismatches.append("tick \(tick): a block differs")
        }
    }
}

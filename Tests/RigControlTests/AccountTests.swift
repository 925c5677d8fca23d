// The account of a session against the truth at the far end, and its journal against a replay.
import RigControl
import SafetyKernel
import ScienceMode4
import SessionEngine
import StimulatorLinks
import StimulusModel
import Testing

@Suite struct AccountTests {
    /// A session with hands and a device driven by chance, to its end and a little beyond.
    private static func session(_ seed: UInt64, _ bench: inout RigBench) {
        var chance = SeededChance(seed: seed)
        let trouble = [1_500, 6_000, 1_000_000].randomElement(using: &chance) ?? 6_000
        for step in 0..<24_000 {
            if chance.once(in: trouble) {
                switch Int.random(in: 0...4, using: &chance) {
                case 0: bench.far.losesPulseAnswers = true
                case 1: bench.far.pulseResult = ResultCode(rawValue: UInt8.random(in: 0...28, using: &chance))
                case 2: bench.far.isSilent = true
                case 3: bench.far.delay = Int64.random(in: 1...120, using: &chance)
                default: (bench.far.level, bench.far.voltage) = (.none, .off)
                }
            }
            let elapsed: Int32 = chance.once(in: 50) ? Int32.random(in: 2...45, using: &chance) : 1
            let isPair = bench.control.machine.channelCount > 1
            let place: ChannelPlace = isPair && chance.once(in: 2) ? .second : .first
            let stops: UInt8 = isPair && chance.once(in: 12_000) ? UInt8.random(in: 1...2, using: &chance) : 0
            bench.tick(
                hands(bench, &chance), at: place, stop: step > 20_000 ? .operatorKey : .none, channelStops: stops,
                elapsed: elapsed)
            if bench.state.isFinal, bench.isAtRest { break }
        }
        bench.run(2)
    }

    private static func hands(_ bench: borrowing RigBench, _ chance: inout SeededChance) -> OperatorCommand {
        switch bench.state {
        case .cleared: return .arm
        case .armed: return bench.condition == .ready ? .beginTreatment : .none
        case .holding, .searching: return chance.once(in: 150) ? .raise : chance.once(in: 4_000) ? .pause : .none
        case .paused: return chance.once(in: 50) ? .resume : .none
        default: return .none
        }
    }

    // Proves R-FLT-04, R-FLT-28, R-REC-05.
    @Test(arguments: seeds) func `the account never falls short of the truth`(seed: UInt64) throws {
        var executed = 0
        var faults: Set<UInt8> = []
        var onSecond = 0
        var stoppedAlone = 0
        for number in UInt64(0)..<20 {
            let run = seed &* 100 &+ number
            let plan = try Self.plan(number)
            var bench = RigBench(plan)
            Self.session(run, &bench)
            let machine = bench.control.machine
            executed += bench.far.executed
            onSecond += bench.far.executedOn[1]
            faults.insert(machine.fault.code)
            #expect(bench.state.isFinal, "seed \(run)")
            // Two parts that disagree would show here.
            #expect(machine.fault != .gateRefusal && machine.fault != .internalError, "seed \(run)")
            #expect(Int64(bench.far.executed) <= machine.deliveredPulses + machine.unknownPulses, "seed \(run)")
            for place in [ChannelPlace.first, .second] {
                let status = bench.control.status(place)
                let picocoulombs = bench.far.picocoulombsOn[place.index]
                if status.channelState == .stopped { stoppedAlone += 1 }
                #expect(picocoulombs / 1_000 <= status.chargedNanocoulombs, "seed \(run)")
                #expect(
                    bench.far.highestOn[place.index] <= status.highestDelivered.microamperes, "seed \(run)")
                guard machine.fault == .none else { continue }
                #expect(bench.far.executedOn[place.index] == Int(status.deliveredPulses), "seed \(run)")
                #expect(picocoulombs / 1_000 == status.chargedNanocoulombs, "seed \(run)")
            }
            let sent = bench.written.filter(\.isPulse).count
            #expect(
                Int64(sent) <= machine.deliveredPulses + machine.unknownPulses + machine.undeliveredPulses,
                "seed \(run)")
            // One block or two in a step in which something happened, and nothing at all in a quiet one.
            #expect(bench.journal.count < 24_000, "seed \(run): \(bench.journal.count) blocks")
            try Self.replay(bench.journal, plan, machine, run)
        }
        #expect(executed > 1_000)
        #expect(onSecond > 300, "only \(onSecond) pulses on the second channel")
        #expect(stoppedAlone > 0)
        #expect(faults.count >= 4, "only \(faults.sorted())")
    }

    /// One channel or two, and every pattern.
    private static func plan(_ number: UInt64) throws -> AuthorizedPlan {
        let alternating = ContractionCycle(
            rampUpMilliseconds: 500, plateauMilliseconds: 1_500, rampDownMilliseconds: 500, restMilliseconds: 2_500)
        switch number % 8 {
        case 0: return try RigBench.plan(RigBench.contractions())
        case 1: return try RigBench.plan(RigBench.train(15_000))
        case 2: return try RigBench.pair(RigBench.contractions().pattern)
        case 3: return try RigBench.pair(.continuous(milliseconds: 15_000))
        case 4: return try RigBench.pair(.contractions(alternating, count: 2), .alternating)
        case 5:
            return try RigBench.pair(
                .burst(milliseconds: 15_000, burstMilliseconds: 200, intervalMilliseconds: 500))
        case 6:
            return try RigBench.pair(
                .denseDisperse(
                    milliseconds: 15_000, denseMilliseconds: 1_000, sparseFrequency: Frequency(millihertz: 5_000),
                    sparseMilliseconds: 1_000))
        default: return try RigBench.pair(RigBench.contractions().pattern)
        }
    }

    /// What the journal holds, played to a fresh machine: the same outputs in the same ticks.
    private static func replay(
        _ journal: [WordBlock], _ plan: AuthorizedPlan, _ original: SessionMachine, _ seed: UInt64
    ) throws {
        var machine = SessionMachine(plan: plan)
        var tick: Int64 = 0
        var condition = StimulatorCondition.absent
        var rest = journal[...]
        var outputs = 0
        while let block = rest.first {
            let time = JournalEntry.tick(block)
            var inputs = StepInputs()
            if JournalEntry.kind(block) == .inputs {
                guard let read = StepInputs(block) else {
                    Issue.record("seed \(seed): unreadable inputs")
                    return
                }
                // Quiet ticks before it are filled in.
                if tick + Int64(read.elapsedTicks) == time {
                    inputs = read
                    condition = read.condition
                    rest = rest.dropFirst()
                } else {
                    inputs.condition = condition
                }
            } else {
                inputs.condition = condition
            }
            tick += Int64(inputs.elapsedTicks)
            let before = machine.state
            let out = machine.step(inputs)
            if !out.isQuiet(after: before) {
                outputs += 1
                let written = out.block(tick: tick)
                guard let recorded = rest.first, recorded == written else {
                    Issue.record("seed \(seed): the replay differs in tick \(tick)")
                    return
                }
                rest = rest.dropFirst()
            }
            while let next = rest.first, JournalEntry.tick(next) == tick, JournalEntry.kind(next) != .inputs {
                if JournalEntry.kind(next) == .events {
                    let made = [0, 6, 12, 18].map { out.eventBlock(tick: tick, from: $0) }
                    #expect(made.contains { $0.map { $0 == next } ?? false }, "seed \(seed), tick \(tick)")
                }
                rest = rest.dropFirst()
            }
            if tick > time + 1 {
                Issue.record("seed \(seed): the replay ran past tick \(time)")
                return
            }
        }
        #expect(outputs > 3)
        #expect(machine.state == original.state)
        #expect(machine.fault == original.fault)
        #expect(machine.deliveredPulses == original.deliveredPulses)
        #expect(machine.treatmentMilliseconds == original.treatmentMilliseconds)
        for place in [ChannelPlace.first, .second] {
            let now = machine.channel(place)
            let then = original.channel(place)
            #expect(now.state == then.state && now.run == then.run)
            #expect(now.deliveredPulses == then.deliveredPulses)
            #expect(now.highestDelivered == then.highestDelivered)
        }
    }
}

// The machine's own figures: what it begins with, what it counts of whom, how long it waits for the proof of off, and
// what it says of the next pulse.
import SafetyKernel
import SessionEngine
import StimulusModel
import Testing

@Suite struct MachineEdgeTests {
    /// A pair of trains, or of trains with a search, with its pulses answered by hand.
    private struct Pair {
        var machine: SessionMachine
        private var condition = StimulatorCondition.off

        init(_ plan: AuthorizedPlan, _ command: OperatorCommand = .beginTreatment) {
            machine = SessionMachine(plan: plan)
            step()
            step(.arm)
            condition = .ready
            step(command)
        }

        @discardableResult
        mutating func step(
            _ command: OperatorCommand = .none, _ change: (inout StepInputs) -> Void = { _ in }
        ) -> StepOutputs {
            var inputs = StepInputs()
            inputs.command = command
            inputs.condition = condition
            change(&inputs)
            return machine.step(inputs)
        }

        mutating func answer(_ delivery: Delivery, _ microamperes: Int32, at place: ChannelPlace = .first) {
            step { inputs in
                let amplitude = Current(microamperes: microamperes)
                switch place {
                case .first: (inputs.first.delivery, inputs.first.deliveredAmplitude) = (delivery, amplitude)
                case .second: (inputs.second.delivery, inputs.second.deliveredAmplitude) = (delivery, amplitude)
                }
            }
        }
    }

    // Proves R-REC-05.
    @Test func `a new machine has counted nothing`() throws {
        let machine = SessionMachine(plan: try Doses.pair(Doses.train()))
        let figures = [
            machine.missedTicks, machine.droppedPulses, machine.skippedPulses, machine.deliveredPulses,
            machine.undeliveredPulses, machine.unknownPulses, machine.attendedMilliseconds,
            machine.treatmentMilliseconds,
        ]
        #expect(figures == Array(repeating: 0, count: figures.count))
        #expect(machine.state == .idle && machine.fault == .none && machine.stopCause == .none)
        #expect(machine.highestDelivered == .zero && machine.setMicroamperes == 0)
    }

    // Proves R-REC-05.
    @Test func `what became of pulses is counted by its kind, and of a channel that the plan does not have not at all`()
        throws
    {
        var pair = Pair(try Doses.pair(Doses.train()))
        pair.answer(.delivered, 1_000)
        pair.answer(.delivered, 1_000, at: .second)
        pair.answer(.notDelivered, 1_000, at: .second)
        pair.answer(.unknown, 1_000)
        pair.step { $0.second.pulseSkipped = true }
        pair.step { $0.first.pulseSkipped = true }
        #expect(pair.machine.deliveredPulses == 2 && pair.machine.undeliveredPulses == 1)
        #expect(pair.machine.unknownPulses == 1 && pair.machine.skippedPulses == 2)
        var single = Pair(try Doses.plan(treatment: Doses.train()))
        for delivery in [Delivery.delivered, .notDelivered, .unknown] {
            single.answer(delivery, 1_000, at: .second)
        }
        single.step { $0.second.pulseSkipped = true }
        #expect(single.machine.deliveredPulses == 0 && single.machine.undeliveredPulses == 0)
        #expect(single.machine.unknownPulses == 0 && single.machine.skippedPulses == 0)
        #expect(single.machine.highestDelivered == .zero)
    }

    // Proves R-REC-05.
    @Test(arguments: [[2_000, 1_000], [1_000, 2_000], [2_000, 2_000]] as [[Int32]])
    func `the highest amplitude is that of either channel`(amplitudes: [Int32]) throws {
        var pair = Pair(try Doses.pair(Doses.train()))
        pair.answer(.delivered, amplitudes[0])
        pair.answer(.delivered, amplitudes[1], at: .second)
        #expect(pair.machine.highestDelivered.microamperes == 2_000)
        #expect(pair.machine.channel(.first).highestDelivered.microamperes == amplitudes[0])
        #expect(pair.machine.channel(.second).highestDelivered.microamperes == amplitudes[1])
    }

    // Proves R-STOP-05.
    /// In ticks of one and of seven milliseconds.
    @Test(arguments: [1, 7] as [Int32])
    func `off that is not proven in three seconds is a fault, and not a millisecond earlier`(elapsed: Int32) throws {
        var probe = try Probe(reaching: .holding)
        probe.step(stop: .operatorKey, elapsed: elapsed)
        for _ in 0..<(3_000 / elapsed - 1) { probe.step(elapsed: elapsed) }
        #expect(probe.state == .stopping)
        probe.step(elapsed: elapsed)
        #expect(probe.state == .faulted && probe.machine.fault == .stopUnconfirmed)
        #expect(probe.last.demand == .off)
    }

    // Proves R-RATE-09.
    @Test func `the next pulse of a train is known before it is due, and of nothing else`() throws {
        let search = Doses.search()
        var pair = Pair(try Doses.pair(Doses.train(), searches: true, search: search), .none)
        #expect(pair.machine.state == .armed && pair.machine.upcoming(.first) == nil)
        pair.step(.beginTreatment)
        #expect(pair.machine.state == .holding)
        for place in bothPlaces { #expect(pair.machine.upcoming(place) == nil, "at 0 mA") }
        for _ in 0..<600 { pair.step() }
        pair.step(.raise) { $0.commandPlace = .second }
        let next = try #require(pair.machine.upcoming(.second))
        #expect(pair.machine.upcoming(.first) == nil)
        let amplitude = Current(microamperes: 1_000)
        let asked = PulseRequest(
            place: .second, part: .treatment, run: 1, setAmplitude: amplitude, amplitude: amplitude, isOnPlateau: true,
            contraction: 0)
        #expect(next == asked)
        pair.step { $0.stop = .operatorKey }
        #expect(pair.machine.upcoming(.second) == nil)
        var searching = Pair(try Doses.pair(Doses.train(), searches: true, search: search), .beginSearch)
        for _ in 0..<600 { searching.step() }
        searching.step(.raise)
        #expect(searching.machine.upcoming(.first)?.part == .search)
        #expect(searching.machine.upcoming(.second) == nil)
    }

    // Proves R-RATE-09.
    @Test func `of a contraction no next pulse is known`() throws {
        let bench = try Bench.reaching(.holding)
        #expect(bench.set == 2_000 && bench.machine.upcoming(.first) == nil)
    }

    // Proves R-STOP-01, R-FLT-01.
    @Test(arguments: [false, true])
    func `after a stop or a fault nothing runs on any channel, and one that was stopped alone stays stopped`(
        isFault: Bool
    ) throws {
        var bench = Bench(try Doses.pair(Doses.train()))
        bench.begin()
        #expect(bench.channelState(.first) == .holding && bench.channelState(.second) == .holding)
        bench.step(channelStops: 2)
        if isFault { bench.step(fault: .late) } else { bench.step(stop: .operatorKey) }
        #expect(bench.channelState(.first) == .off && bench.channelState(.second) == .stopped)
        #expect(!bench.channelState(.first).isRunning)
    }
}

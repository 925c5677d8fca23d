// The machine's own figures: what it begins with, what it counts of whom, how long it waits for the proof of off, and
// what it says of the next pulse.
import SafetyKernel
import SessionEngine
import StimulusModel
import Testing

extension StepOutputs {
    fileprivate var told: [SessionEvent] { (0..<events.count).map { events[$0] } }
}

@Suite struct MachineEdgeTests {
    /// A pair of trains, or of trains with a search, with its pulses answered by hand.
    private struct Pair {
        var machine: SessionMachine
        private(set) var last = StepOutputs(state: .idle, demand: .off, setAmplitude: .zero)
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
            last = machine.step(inputs)
            return last
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
        #expect(pair.machine.channel(.first).unknownPulses == 1 && pair.machine.channel(.second).unknownPulses == 0)
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
    @Test func `a pulse of which nobody knows may have been given, and one that was not was not`() throws {
        var pair = Pair(try Doses.pair(Doses.train()))
        pair.answer(.notDelivered, 3_000)
        #expect(pair.last.told == [SessionEvent(.notDelivered, value: 3_000)])
        #expect(pair.machine.highestDelivered == .zero)
        pair.answer(.unknown, 2_000, at: .second)
        #expect(pair.last.told == [SessionEvent(.deliveryUnknown, value: 2_000, at: .second)])
        #expect(pair.machine.highestDelivered.microamperes == 2_000)
        #expect(pair.machine.channel(.second).highestDelivered.microamperes == 2_000)
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
    /// In ticks of one and of seven milliseconds; one of none counts as one.
    @Test(arguments: [0, 1, 7] as [Int32])
    func `off that is not proven in three seconds is a fault, and not a millisecond earlier`(elapsed: Int32) throws {
        var probe = try Probe(reaching: .holding)
        probe.step(stop: .operatorKey, elapsed: elapsed)
        for _ in 0..<(3_000 / max(1, elapsed) - 1) { probe.step(elapsed: elapsed) }
        #expect(probe.state == .stopping)
        probe.step(elapsed: elapsed)
        #expect(probe.state == .faulted && probe.machine.fault == .stopUnconfirmed)
        #expect(probe.last.demand == .off)
        let told = probe.last.events
        #expect((0..<told.count).filter { told[$0].kind == .fault }.count == 1)
    }

    // Proves R-FLT-01.
    /// What the host found itself came first: it names the fault, whatever the line says in the same step.
    @Test func `the first cause of a fault stays, and it is told once`() throws {
        for (fault, elapsed) in [(FaultCause.suspended, 2_000), (.late, 1)] as [(FaultCause, Int32)] {
            var bench = try Bench.reaching(.holding)
            bench.step(fault: fault, elapsed: elapsed, failing: .unplugged)
            #expect(bench.state == .faulted && bench.machine.fault == fault)
            bench.step(fault: .journalFailed)
            #expect(bench.machine.fault == fault && bench.values(.fault) == [Int32(fault.code)])
        }
    }

    // Proves R-STOP-04.
    @Test func `beside a stop nothing else of its step is looked at`() throws {
        var probe = try Probe(reaching: .holding)
        probe.step(.raise, stop: .operatorKey, elapsed: 5)
        #expect(probe.state == .stopping && probe.refusal == nil)
        #expect(probe.last.request == nil && probe.last.setAmplitude == .zero)
    }

    // Proves R-STOP-13.
    @Test func `a channel that was stopped alone titrates no more, and one alone is told of the session`() throws {
        var bench = Bench(try Doses.pair(Doses.contractions()))
        bench.begin()
        bench.run(20)
        bench.step(channelStops: 2)
        bench.step(.endTitration, at: .second)
        #expect(bench.lastRefusal == .wrongState && bench.count(.titrationEnded) == 0)
        bench.step(.endTitration, at: .first)
        #expect(bench.lastRefusal == nil && bench.count(.titrationEnded) == 1)
        var single = try Bench.reaching(.holding)
        single.step(channelStops: 1)
        #expect(single.state == .stopping && single.count(.channelStopped) == 1)
        #expect(single.count(.channelStateChanged) == 0)
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

// What each key is refused, and in which words: in every state that it does not belong to, while the stimulator is not
// where it must be, and after a stop of the same step.
import SafetyKernel
import SessionEngine
import StimulusModel
import Testing

@Suite struct CommandEdgeTests {
    private static let states: [SessionState] = [
        .idle, .cleared, .armed, .searching, .rampingUp, .holding, .rampingDown, .resting, .paused,
    ]
    private static let contracting: Set<SessionState> = [.rampingUp, .holding, .rampingDown, .resting]

    /// Where a key belongs. The benches contract for the second time, in titration, on pads: nobody is asked how it is.
    private static let homes: [(command: OperatorCommand, states: Set<SessionState>)] = [
        (.arm, [.cleared]), (.beginSearch, [.armed]), (.beginTreatment, [.armed]), (.endSearch, [.searching]),
        (.endTitration, contracting), (.pause, contracting.union([.searching])), (.resume, [.paused]),
        (.raise, [.holding, .searching]), (.markSensory, [.searching]), (.markMotor, [.searching]), (.checkedIn, []),
    ]

    // Proves R-STOP-18.
    @Test(arguments: states)
    func `a key that does not belong to a state is refused in words and changes nothing`(state: SessionState) throws {
        let probe = try Probe(reaching: state)
        for (command, homes) in Self.homes where !homes.contains(state) {
            for condition in [probe.condition, .off] where !state.isDelivering || condition == .ready {
                var probe = probe
                if state != .idle { probe.condition = condition }
                let set = probe.machine.setMicroamperes
                probe.step(command)
                #expect(probe.refusal == .wrongState, "\(command) at \(condition)")
                #expect(probe.state == state && probe.machine.setMicroamperes == set, "\(command) at \(condition)")
                #expect(probe.last.demand == (state == .armed || state.isDelivering ? .energised : .off), "\(command)")
            }
        }
        for command in [OperatorCommand.lower, .zero, .present] {
            var probe = probe
            probe.step(command)
            #expect(probe.refusal == nil, "\(command)")
        }
    }

    // Proves R-STOP-18.
    @Test(arguments: [StimulatorCondition.absent, .identifying, .ready, .energising, .deenergising])
    func `nobody arms before high voltage is verified off`(condition: StimulatorCondition) throws {
        var probe = try Probe(reaching: .cleared)
        probe.condition = condition
        probe.step(.arm)
        #expect(probe.refusal == .notReady && probe.state == .cleared && probe.last.demand == .off)
    }

    // Proves R-STOP-18.
    @Test(arguments: [OperatorCommand.beginSearch, .beginTreatment], [StimulatorCondition.off, .energising])
    func `nothing begins before the stimulator is ready`(
        command: OperatorCommand, condition: StimulatorCondition
    ) throws {
        var probe = try Probe(reaching: .armed)
        probe.condition = condition
        probe.step(command)
        #expect(probe.refusal == .notReady && probe.state == .armed && probe.machine.run == 0)
    }

    // Proves R-STOP-18.
    /// Whoever was stopped in a step is past what else was pressed in it.
    @Test(arguments: allCommands.filter { $0 != .none })
    func `a key beside the stop of the last channel is refused`(command: OperatorCommand) throws {
        var probe = try Probe(reaching: .holding)
        probe.step(command, channelStops: 1)
        #expect(probe.state == .stopping && probe.refusal == .wrongState)
        #expect(probe.last.setAmplitude == .zero && probe.last.demand == .off && probe.last.request == nil)
    }

    // MARK: - Keys that came late

    // Proves R-AMP-03.
    /// 249 ms after it a raise is the same key, 250 ms after it another press.
    @Test(arguments: [248, 249, 250])
    func `a raise that came too late is refused in words, and still counts as a press`(gap: Int) throws {
        var probe = try Probe(reaching: .holding)
        let set = probe.machine.setMicroamperes
        probe.step(.raise, isStale: true)
        #expect(probe.refusal == .stale && probe.machine.setMicroamperes == set)
        for _ in 0..<gap { probe.step() }
        probe.step(.raise)
        #expect(probe.refusal == (gap < 249 ? .heldKey : nil))
        #expect(probe.machine.setMicroamperes == (gap < 249 ? set : set + 1_000))
    }

    // Proves R-AMP-03.
    @Test func `another key that came too late is no press of the raise`() throws {
        var probe = try Probe(reaching: .holding)
        let set = probe.machine.setMicroamperes
        probe.step(.pause, isStale: true)
        #expect(probe.refusal == .stale && probe.state == .holding)
        probe.step(.raise)
        #expect(probe.refusal == nil && probe.machine.setMicroamperes == set + 1_000)
    }

    // MARK: - Signs of a person

    // Proves R-PRES-01.
    @Test func `a key in an armed session is a sign of a person`() throws {
        var bench = try Bench.reaching(.armed)
        bench.coast(299_000)
        bench.step(.present)
        bench.coast(299_998)
        #expect(bench.state == .armed && bench.count(.presenceAsked) == 0)
        bench.step()
        #expect(bench.values(.presenceAsked) == [30])
    }

    // Proves R-PRES-02.
    @Test func `a check-in may be answered in its last millisecond`() throws {
        var bench = Bench(try NeedlePlans.plan())
        bench.begin()
        bench.coast(59_999)
        #expect(bench.values(.checkInAsked) == [30])
        bench.coast(29_999)
        bench.step(.checkedIn)
        #expect(bench.count(.checkInAnswered) == 1 && bench.lastRefusal == nil)
        bench.coast(1_000)
        #expect(bench.state == .holding && bench.count(.checkInMissed) == 0)
    }

    // MARK: - Thresholds

    // Proves R-AMP-08.
    @Test func `a channel that was stopped alone needs no motor threshold for the other to begin`() throws {
        let fast = NeedlePlans.dose(millihertz: 20_000)
        var bench = Bench(try NeedlePlans.plan(search: true, treatment: fast, second: fast.on(.gluteusMedius)))
        bench.arm()
        bench.step(channelStops: 1)
        bench.step(.beginTreatment)
        #expect(bench.lastRefusal == .noMotorThreshold && bench.state == .armed)
        bench.step(.beginSearch, at: .second)
        bench.raise(to: 300, at: .second)
        bench.step(.markMotor, at: .second)
        bench.step(.endSearch)
        bench.step(.beginTreatment)
        #expect(bench.lastRefusal == nil)
        #expect(bench.channelState(.first) == .stopped && bench.channelState(.second) == .holding)
    }

    // MARK: - Pauses and ends

    // Proves R-PRES-02.
    @Test func `a pause brings the next check-in forward to a minute of the resumption, and never puts it off`() throws
    {
        var bench = Bench(try NeedlePlans.plan())
        bench.begin()
        bench.coast(59_999)
        bench.step(.checkedIn)
        #expect(bench.count(.checkInAnswered) == 1)
        // Five minutes are left to the next one; after the pause it is one.
        func resume(_ bench: inout Bench) {
            bench.step(.pause)
            bench.run(20)
            bench.step(.resume)
            bench.run(to: .holding)
        }
        resume(&bench)
        bench.coast(59_998)
        #expect(bench.count(.checkInAsked) == 1)
        bench.step()
        #expect(bench.count(.checkInAsked) == 2)
        bench.step(.checkedIn)
        resume(&bench)
        bench.coast(30_000)
        resume(&bench)
        bench.coast(29_990)
        #expect(bench.count(.checkInAsked) == 2)
        bench.coast(12)
        #expect(bench.count(.checkInAsked) == 3)
    }

    // Proves R-STOP-18.
    @Test func `a pause is told of each channel that ran`() throws {
        var bench = Bench(try Doses.pair(Doses.train()))
        bench.begin()
        bench.run(20)
        bench.step(.pause)
        for place in bothPlaces {
            #expect(bench.values(.channelStateChanged, at: place).last == Int32(ChannelState.off.code))
            #expect(bench.values(.channelStateChanged, at: place).count == 2)
        }
        var single = Bench(try Doses.plan(treatment: Doses.train()))
        single.begin()
        single.step(.pause)
        #expect(single.state == .paused && single.count(.channelStateChanged) == 0)
    }

    // Proves R-STOP-18, R-GATE-13.
    @Test(arguments: bothPlaces)
    func `a search that was stopped alone in a pause leaves the session armed for the other channel`(
        place: ChannelPlace
    ) throws {
        var bench = Bench(try Doses.pair(Doses.train(), searches: true))
        bench.arm()
        bench.step(.beginSearch, at: place)
        bench.run(20)
        bench.step(.pause)
        bench.run(20)
        bench.step(channelStops: place == .first ? 1 : 2)
        #expect(bench.state == .paused)
        bench.step(.resume)
        bench.run(20)
        #expect(bench.state == .armed && bench.machine.stopCause == .none)
        bench.step(.beginTreatment)
        let other: ChannelPlace = place == .first ? .second : .first
        #expect(bench.channelState(place) == .stopped && bench.channelState(other) == .holding)
    }

    // Proves R-STOP-18.
    @Test func `the key that ends a search alone ends its session`() throws {
        var bench = Bench(try Doses.plan(search: Doses.search(), treatment: nil))
        bench.begin(.beginSearch)
        bench.raise(to: 1_000)
        bench.step(.endSearch)
        #expect(bench.state == .stopping && bench.machine.stopCause == .programmeFinished && bench.set == 0)
        #expect(bench.last.demand == .off)
    }

    // Proves R-DUR-03.
    @Test func `a contraction of titration is told apart from one that counts`() throws {
        var bench = Bench(try Doses.plan(treatment: Doses.contractions(count: 2)))
        bench.begin()
        bench.run(to: .holding)
        bench.step(.endTitration)
        bench.run(to: .resting)
        bench.run(to: .holding)
        let told = bench.events.filter { $0.event.kind == .contractionBegan }.map(\.event)
        #expect(told.map(\.value) == [1, 1] && told.map(\.detail) == [1, 0])
    }

    // MARK: - Amplitude

    // Proves R-AMP-02.
    /// The clock of the rise begins after the first pulse that carries the step.
    @Test(arguments: [500, 501])
    func `more than half a second after a step was first given another may follow`(gap: Int64) throws {
        var bench = try Bench.reaching(.holding)
        bench.run(400)
        bench.step(.raise)
        #expect(bench.set == 3_000)
        let raised = bench.milliseconds
        bench.run(60)
        let pulse = try #require(bench.times(.first).first { $0 > raised })
        bench.run(pulse + gap - 1 - bench.milliseconds)
        bench.step(.raise)
        #expect(bench.lastRefusal == (gap == 500 ? .riseLimit : nil))
        #expect(bench.set == (gap == 500 ? 3_000 : 4_000))
    }

    // Proves R-AMP-05.
    @Test func `a fall is told, and at 0 mA there is none to tell`() throws {
        var bench = try Bench.reaching(.holding)
        bench.step(.lower)
        #expect(bench.values(.lowered) == [1_000] && bench.set == 1_000)
        bench.step(.zero)
        #expect(bench.values(.lowered) == [1_000, 0] && bench.set == 0)
        for command in [OperatorCommand.lower, .zero] {
            bench.step(command)
            #expect(bench.values(.lowered) == [1_000, 0] && bench.set == 0 && bench.lastRefusal == nil)
        }
    }

    // Proves R-AMP-09.
    @Test func `nobody feels 0 mA, and it is told which threshold was marked`() throws {
        var bench = Bench(try Doses.plan(search: Doses.search(), treatment: Doses.train()))
        bench.begin(.beginSearch)
        for command in [OperatorCommand.markSensory, .markMotor] {
            bench.step(command)
            #expect(bench.lastRefusal == .notYetFelt)
        }
        #expect(bench.machine.channel(.first).motorMarks == 0 && bench.count(.thresholdMarked) == 0)
        bench.raise(to: 1_000)
        for command in [OperatorCommand.markSensory, .markMotor] { bench.step(command) }
        let told = bench.events.filter { $0.event.kind == .thresholdMarked }.map(\.event)
        #expect(told.map(\.value) == [1_000, 1_000] && told.map(\.detail) == [1, 2])
    }
}

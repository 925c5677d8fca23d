// Time to the millisecond: when a question comes and when it is missed, when a limit ends a session, what a late tick
// drops, and what the last millisecond of a plateau or a train does.
import SafetyKernel
import SessionEngine
import StimulusModel
import Testing

@Suite struct ProgressEdgeTests {
    /// A train or a contraction at 50 Hz has a pulse due in each twentieth millisecond from its beginning on.
    private static let period: Int64 = 20

    // MARK: - Clocks

    // Proves R-DUR-02.
    @Test func `attended time begins with the arming, and nobody is asked before the stimulator is known`() throws {
        var bench = try Bench.reaching(.idle)
        bench.run(100)
        bench.coast(31_000)
        #expect(bench.state == .idle)
        #expect(bench.count(.presenceAsked) == 0 && bench.count(.presenceMissed) == 0)
        #expect(bench.machine.attendedMilliseconds == 0 && bench.machine.treatmentMilliseconds == 0)
        bench.stuckIn = .off
        bench.step()
        bench.run(100)
        #expect(bench.state == .cleared && bench.machine.attendedMilliseconds == 0)
        bench.stuckIn = nil
        bench.step(.arm)
        #expect(bench.state == .armed && bench.machine.attendedMilliseconds == 1)
    }

    // Proves R-DUR-02.
    @Test(arguments: [SessionState.armed, .holding, .paused])
    func `the whole attended time may be used, and a millisecond more ends it`(state: SessionState) throws {
        var limits = LimitTable.absoluteSurface
        limits.tighten(.attendedTime, to: 30_000, by: .clinic)
        var bench = Bench(try Doses.plan(treatment: Doses.train(), limits: limits))
        bench.arm()
        if state != .armed { bench.step(.beginTreatment) }
        if state == .paused { bench.step(.pause) }
        bench.coast(30_000 - bench.machine.attendedMilliseconds)
        #expect(bench.machine.attendedMilliseconds == 30_000)
        #expect(bench.state == state && bench.machine.stopCause == .none)
        bench.step()
        #expect(bench.machine.attendedMilliseconds == 30_001)
        #expect(bench.machine.stopCause == .attendedTimeLimit)
        // Paused, the voltage is off already.
        #expect(bench.state == (state == .paused ? .closed : .stopping))
    }

    // MARK: - Questions

    // Proves R-PRES-01.
    /// The millisecond of the key, or of the clearance, is the first of the five minutes.
    @Test(arguments: [SessionState.cleared, .holding])
    func `presence is asked for in the last of five minutes, and missed thirty seconds later`(
        state: SessionState
    ) throws {
        var bench = Bench(try Doses.plan(treatment: Doses.train(milliseconds: 1_200_000)))
        if state == .holding { bench.begin() } else { bench.step() }
        let from = bench.milliseconds
        bench.coast(299_998)
        #expect(bench.state == state && bench.count(.presenceAsked) == 0)
        bench.step()
        #expect(bench.milliseconds - from == 299_999)
        #expect(bench.values(.presenceAsked) == [30])
        bench.coast(29_999)
        #expect(bench.state == state && bench.count(.presenceMissed) == 0)
        bench.step()
        #expect(bench.milliseconds - from == 329_999)
        #expect(bench.count(.presenceAsked) == 1 && bench.count(.presenceMissed) == 1)
        #expect(bench.state == (state == .holding ? .paused : .closed))
    }

    // Proves R-PRES-02.
    @Test(arguments: [false, true])
    func `a check-in is asked for in the last of its minutes, and missed thirty seconds later`(
        isAnswered: Bool
    ) throws {
        var bench = Bench(try NeedlePlans.plan())
        bench.begin()
        let begun = bench.milliseconds
        bench.coast(59_998)
        #expect(bench.state == .holding && bench.count(.checkInAsked) == 0)
        bench.step()
        #expect(bench.milliseconds - begun == 59_999)
        #expect(bench.values(.checkInAsked) == [30])
        if isAnswered {
            bench.run(100)
            bench.step(.checkedIn)
            #expect(bench.count(.checkInAnswered) == 1)
            bench.coast(299_998)
            #expect(bench.count(.checkInAsked) == 1)
            bench.step()
            #expect(bench.values(.checkInAsked) == [30, 30])
        }
        bench.coast(29_000)
        // In the second round the presence key is asked for as well: it is no answer to this question.
        bench.step(.present)
        bench.coast(998)
        #expect(bench.state == .holding && bench.count(.checkInMissed) == 0)
        bench.step()
        #expect(bench.state == .paused && bench.count(.checkInMissed) == 1)
        #expect(bench.count(.presenceMissed) == 0)
    }

    // MARK: - Late ticks

    // Proves R-RATE-03.
    @Test(arguments: [SessionState.cleared, .armed, .paused])
    func `a late tick tells how many it missed, a punctual one nothing, and no pulse is dropped where none is due`(
        state: SessionState
    ) throws {
        var bench = try Bench.reaching(state)
        #expect(bench.count(.ticksMissed) == 0 && bench.count(.pulsesDropped) == 0)
        for elapsed in [1, 2, 1, 3, 40, 1_000, 1] as [Int32] { bench.step(elapsed: elapsed) }
        #expect(bench.state == state)
        #expect(bench.values(.ticksMissed) == [1, 2, 39, 999])
        #expect(bench.machine.missedTicks == 1_041)
        #expect(bench.count(.pulsesDropped) == 0 && bench.machine.droppedPulses == 0)
    }

    // Proves R-RATE-03.
    @Test func `of two channels the pulses of both are counted that a late tick drops`() throws {
        var bench = Bench(try Doses.pair(Doses.train(millihertz: 50_000)))
        bench.begin()
        let begun = bench.milliseconds
        for place in bothPlaces { bench.raise(to: 1_000, at: place) }
        #expect(bench.set(.first) == 1_000 && bench.set(.second) == 1_000)
        while (bench.milliseconds - begun) % Self.period != 5 { bench.step() }
        #expect(bench.machine.droppedPulses == 0 && bench.count(.pulsesDropped) == 0)
        // The first's would be due after 15 and 35 ms, the second's after 5 and 25.
        bench.step(elapsed: 40)
        #expect(bench.last.request == nil)
        #expect(bench.values(.pulsesDropped) == [4])
        #expect(bench.machine.droppedPulses == 4)
        bench.run(Self.period)
        #expect(bench.machine.droppedPulses == 4)
        #expect(bench.gateRefusals.isEmpty)
    }

    // MARK: - The last millisecond

    // Proves R-RATE-03.
    /// 10,001 ms at 50 Hz: the last of them is one in which a pulse falls due. Nothing runs any more by then.
    @Test(arguments: [1, 30] as [Int32])
    func `a pulse due in the last millisecond of a train is none, neither sent nor dropped`(elapsed: Int32) throws {
        var bench = Bench(try Doses.plan(treatment: Doses.train(milliseconds: 10_001, millihertz: 50_000)))
        bench.begin()
        let begun = bench.milliseconds
        bench.raise(to: 1_000)
        bench.run(begun + 10_000 - Int64(elapsed) - bench.milliseconds)
        #expect(bench.state == .holding && bench.set == 1_000)
        #expect(bench.machine.droppedPulses == 0)
        bench.step(elapsed: elapsed)
        #expect(bench.milliseconds - begun == 10_000)
        #expect(bench.state == .stopping && bench.machine.stopCause == .programmeFinished)
        #expect(bench.last.request == nil)
        // The one 20 ms before is sent, or dropped by the late tick.
        #expect(bench.times(.first).last == begun + (elapsed == 1 ? 9_980 : 9_960))
        #expect(bench.values(.pulsesDropped) == (elapsed == 1 ? [] : [1]))
        #expect(bench.machine.droppedPulses == (elapsed == 1 ? 0 : 1))
        #expect(bench.gateRefusals.isEmpty)
    }

    // Proves R-AMP-04, R-RATE-03.
    /// The plateau ends 3,000 ms after the beginning, in a millisecond in which a pulse falls due. Without amplitude
    /// there is none: not of 0 mA, and none that was dropped.
    @Test(arguments: [1, 26] as [Int32])
    func `a first raise that is taken back in the plateau's last millisecond leaves no pulse`(elapsed: Int32) throws {
        var bench = Bench(
            try Doses.plan(treatment: Doses.contractions(plateau: 2_501, count: 1, millihertz: 50_000)))
        bench.begin()
        if elapsed == 1 {
            // After the pulse that falls due at 2,980 ms.
            bench.run(2_989)
            bench.step(.raise)
            #expect(bench.set == 1_000)
            bench.run(9)
            #expect(bench.state == .holding && bench.set == 1_000)
            bench.step()
        } else {
            // That pulse is dropped: it falls due in a missed tick.
            bench.run(2_974)
            #expect(bench.state == .holding)
            bench.step(.raise, elapsed: elapsed)
            #expect(bench.values(.raised) == [1_000])
        }
        #expect(bench.state == .rampingDown && bench.set == 0)
        #expect(bench.values(.setAmplitudeClipped) == [0])
        #expect(bench.last.request == nil && bench.requests.isEmpty)
        #expect(bench.values(.pulsesDropped) == (elapsed == 1 ? [] : [1]))
        #expect(bench.machine.droppedPulses == (elapsed == 1 ? 0 : 1))
    }

    // Proves R-AMP-04.
    @Test(arguments: [0, 1_000] as [Int32])
    func `a plateau that ends with all of its raises felt takes nothing back and tells nothing`(
        amplitude: Int32
    ) throws {
        var bench = Bench(try Doses.plan(treatment: Doses.contractions()))
        bench.begin()
        bench.run(to: .holding)
        bench.raise(to: amplitude)
        bench.run(to: .rampingDown)
        #expect(bench.state == .rampingDown && bench.set == amplitude)
        #expect(bench.count(.setAmplitudeClipped) == 0)
    }

    // Proves R-RATE-08.
    @Test func `the end of two trains is told of each, and of the whole only that it stops`() throws {
        var bench = Bench(try Doses.pair(Doses.train(milliseconds: 2_000)))
        bench.begin()
        let begun = bench.milliseconds
        bench.run(to: .stopping, atMost: 2_100)
        #expect(bench.milliseconds - begun == 1_999)
        let told = bench.events.filter { $0.at == bench.milliseconds }.map(\.event)
        let finished = Int32(ChannelState.finished.code)
        #expect(
            told == [
                SessionEvent(.channelFinished, value: 0, at: .first),
                SessionEvent(.channelStateChanged, value: finished, at: .first),
                SessionEvent(.channelFinished, value: 0, at: .second),
                SessionEvent(.channelStateChanged, value: finished, at: .second),
                SessionEvent(.stopRequested, value: Int32(StopCause.programmeFinished.code)),
                SessionEvent(
                    .stateChanged, value: Int32(SessionState.stopping.code), detail: SessionState.holding.code),
            ])
    }

    // MARK: - What a request says

    // Proves R-DUR-03.
    @Test func `a pulse says in which contraction it is, those of titration counted in, and in a search in none`()
        throws
    {
        var bench = Bench(try Doses.plan(search: Doses.search(), treatment: Doses.contractions(count: 2)))
        bench.begin(.beginSearch)
        bench.raise(to: 500)
        bench.run(20)
        bench.step(.endSearch)
        bench.step(.beginTreatment)
        bench.run(to: .holding)
        bench.raise(to: 1_000)
        bench.run(to: .resting)
        bench.run(to: .holding)
        bench.step(.endTitration)
        bench.run(to: .closed, atMost: 20_000)
        #expect(bench.values(.contractionBegan) == [1, 2, 1, 2])
        let begun = bench.events.filter { $0.event.kind == .contractionBegan }.map(\.at)
        var seen: Set<Int32> = []
        for asked in bench.requests {
            let number = Int32(begun.filter { $0 <= asked.at }.count)
            #expect(asked.request.contraction == number, "at \(asked.at) ms")
            #expect((number == 0) == (asked.request.part == .search))
            seen.insert(asked.request.contraction)
        }
        #expect(seen == [0, 1, 2, 3, 4])
        #expect(bench.gateRefusals.isEmpty)
    }
}

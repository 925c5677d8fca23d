// Two channels in one session: what each does by itself, what they share, and that neither touches the other.
import SafetyKernel
import SessionEngine
import StimulusModel
import Testing

// Proves R-RATE-08.
@Suite struct TwoChannelTests {
    private func treating(
        _ first: Dose = Doses.train(), _ second: Dose? = nil, _ arrangement: ChannelArrangement = .together
    ) throws -> Bench {
        var bench = Bench(try Doses.pair(first, second, arrangement))
        bench.begin()
        return bench
    }

    // MARK: - Each its own amplitude

    @Test(arguments: bothPlaces) func `a press moves its own channel and no other`(place: ChannelPlace) throws {
        let other: ChannelPlace = place == .first ? .second : .first
        var bench = try treating()
        bench.raise(to: 3_000, at: place)
        #expect(bench.set(place) == 3_000)
        #expect(bench.set(other) == 0)
        #expect(bench.times(other).isEmpty)
        #expect(bench.requests.allSatisfy { $0.request.place == place })
        #expect(bench.values(.raised, at: other).isEmpty)
        #expect(bench.machine.channel(other).deliveredPulses == 0)
        bench.raise(to: 2_000, at: other)
        bench.step(.lower, at: other)
        #expect(bench.set(other) == 1_000 && bench.set(place) == 3_000)
        bench.step(.zero, at: place)
        #expect(bench.set(other) == 1_000 && bench.set(place) == 0)
        #expect(bench.gateRefusals.isEmpty)
    }

    // Proves R-AMP-04.
    /// A raise is felt on the channel that it was for: the other's acknowledgements are none of its business.
    @Test func `acknowledgements of one channel do not let the other rise`() throws {
        var bench = try treating()
        bench.raise(to: 1_000, at: .first)
        bench.answerTicks = 1_000_000
        bench.step(.raise, at: .second)
        #expect(bench.set(.second) == 1_000)
        bench.run(2_000)
        bench.step(.raise, at: .second)
        #expect(bench.lastRefusal != nil)
        #expect(bench.set(.second) == 1_000)
        #expect(bench.machine.channel(.second).deliveredPulses == 0)
    }

    @Test func `a channel that the plan does not have cannot be raised, searched or stopped into being`() throws {
        var bench = Bench(try Doses.plan(treatment: Doses.train()))
        bench.begin()
        bench.run(600)
        for command in allCommands where command != .pause && command != .none {
            bench.step(command, at: .second)
            #expect(bench.set(.second) == 0)
            #expect(bench.channelState(.second) == .off)
        }
        bench.step(channelStops: 2)
        #expect(bench.state == .holding)
        bench.run(100)
        #expect(bench.times(.second).isEmpty)
    }

    // MARK: - Time together

    @Test(arguments: [35_000, 50_000, 100_000] as [Int32])
    func `the second keeps half a period from the first, for minutes`(millihertz: Int32) throws {
        var bench = try treating(Doses.train(milliseconds: 190_000, millihertz: millihertz))
        bench.raise(to: 1_000, at: .first)
        bench.raise(to: 1_000, at: .second)
        let from = bench.milliseconds
        bench.run(180_000)
        let first = bench.times(.first).filter { $0 > from }
        let second = bench.times(.second).filter { $0 > from }
        // The mean rate is exact: in 180 s no more than one pulse at either end is missing or too many.
        let exact = 180 * Int64(millihertz) / 1_000
        #expect(abs(Int64(first.count) - exact) <= 1 && abs(Int64(second.count) - exact) <= 1)
        Self.expectHalfPeriod(bench, since: from, millihertz)
        #expect(bench.gateRefusals.isEmpty)
        #expect(bench.machine.droppedPulses == 0)
    }

    /// Every pulse of the second lies half a period behind the nearest earlier one of the first, to the tick.
    static func expectHalfPeriod(_ bench: borrowing Bench, since from: Int64, _ millihertz: Int32) {
        let first = bench.times(.first).filter { $0 > from }
        var index = 0
        var compared = 0
        for time in bench.times(.second) where time > from {
            while index + 1 < first.count, first[index + 1] < time { index += 1 }
            guard index < first.count, first[index] < time else { continue }
            let behind = Double(time - first[index])
            let half = 500_000 / Double(millihertz)
            compared += 1
            #expect(abs(behind - half) <= 1, "\(behind) ms behind at \(time) ms, half a period is \(half) ms")
        }
        #expect(compared > 10)
    }

    @Test func `the offset outlasts a late tick, a pause and one channel brought to zero`() throws {
        var bench = try treating(Doses.train(milliseconds: 190_000))
        for round in 0..<4 {
            bench.raise(to: 2_000, at: .first)
            bench.raise(to: 2_000, at: .second)
            var from = bench.milliseconds
            bench.run(2_000)
            Self.expectHalfPeriod(bench, since: from, 35_000)
            bench.step(elapsed: Int32(17 + round * 9))
            from = bench.milliseconds
            bench.run(2_000)
            Self.expectHalfPeriod(bench, since: from, 35_000)
            bench.step(.zero, at: round % 2 == 0 ? .first : .second)
            bench.run(333)
            bench.step(.pause)
            bench.run(Int64(40 + round))
            bench.step(.resume)
            bench.run(20)
            #expect(bench.state == .holding)
            #expect(bench.set(.first) == 0 && bench.set(.second) == 0)
        }
        #expect(bench.gateRefusals.isEmpty)
    }

    @Test func `contractions together begin and end together, whatever titration does`() throws {
        var bench = try treating(Doses.contractions(count: 3), Doses.contractions(count: 5))
        bench.run(to: .holding)
        bench.raise(to: 2_000, at: .first)
        bench.raise(to: 1_000, at: .second)
        bench.step(.endTitration, at: .second)
        #expect(bench.machine.channel(.first).titrating && !bench.machine.channel(.second).titrating)
        bench.run(to: .closed, atMost: 60_000)
        #expect(bench.machine.channel(.first).countedContractions == 3)
        #expect(bench.machine.channel(.second).countedContractions == 5)
        #expect(bench.values(.contractionBegan, at: .first) == [1, 2, 3, 4, 5, 1, 2, 3])
        #expect(bench.values(.contractionBegan, at: .second) == [1, 1, 2, 3, 4, 5])
        #expect(bench.values(.titrationEnded, at: .first) == [5])
        #expect(bench.values(.titrationEnded, at: .second) == [1])
        let begun = bench.events.filter { $0.event.kind == .contractionBegan }
        let times = bothPlaces.map { place in begun.filter { $0.event.place == place }.map(\.at) }
        #expect(Array(times[0].prefix(6)) == times[1])
        #expect(bench.machine.stopCause == .programmeFinished)
        #expect(bench.gateRefusals.isEmpty)
    }

    // MARK: - Alternating

    /// On is as long as half a cycle: the tightest that is authorized.
    @Test(arguments: [(3_000, 3_000), (3_001, 3_002), (1_500, 4_001)] as [(Int32, Int32)])
    func `one contracts only in the other's rest`(on: Int32, rest: Int32) throws {
        let first = Doses.contractions(plateau: on - 1_000, rest: rest)
        let second = Doses.contractions(plateau: on - 1_000, rest: rest, count: 2, millihertz: 50_000)
        var bench = try treating(first, second, .alternating)
        #expect(bench.channelState(.second) == .waiting)
        var together = 0
        var seen: Set<UInt8> = []
        for _ in 0..<90_000 where bench.state != .closed {
            for place in bothPlaces where bench.channelState(place) == .holding && bench.set(place) < 3_000 {
                bench.step(.raise, at: place)
            }
            bench.step()
            let states = bothPlaces.map { bench.channelState($0) }
            if states[0].hasPulses && states[1].hasPulses { together += 1 }
            states.forEach { seen.insert($0.code) }
        }
        #expect(bench.state == .closed)
        #expect(together == 0)
        #expect(seen.count >= 6)
        #expect(bench.times(.first).count > 100 && bench.times(.second).count > 100)
        #expect(bench.gateRefusals.isEmpty)
    }

    @Test func `after a pause they alternate anew, and whoever is left alone waits for nobody`() throws {
        let dose = Doses.contractions(plateau: 1_000, rest: 2_000, count: 2)
        var bench = try treating(dose, dose, .alternating)
        bench.run(to: .holding)
        bench.step(.pause)
        bench.run(20)
        bench.step(.resume)
        bench.run(20)
        #expect(bench.channelState(.first) == .rampingUp)
        #expect(bench.channelState(.second) == .waiting)
        bench.step(.pause)
        bench.run(20)
        bench.step(channelStops: 1)
        bench.step(.resume)
        bench.run(20)
        #expect(bench.channelState(.first) == .stopped)
        #expect(bench.channelState(.second) == .rampingUp)
        bench.run(to: .closed, atMost: 60_000)
        #expect(bench.machine.stopCause == .programmeFinished)
    }

    @Test func `each state of the whole is told when it changes`() throws {
        let first = Doses.contractions(plateau: 1_000, rest: 3_000, count: 1)
        let second = Doses.contractions(plateau: 1_000, rest: 3_000, count: 3)
        var bench = try treating(first, second, .alternating)
        bench.step(.endTitration, at: .first)
        bench.step(.endTitration, at: .second)
        var told = SessionState.rampingUp
        for _ in 0..<40_000 where bench.state != .closed {
            let out = bench.step()
            for index in 0..<out.events.count where out.events[index].kind == .stateChanged {
                #expect(out.events[index].detail == told.code)
                told = SessionState(rawValue: UInt8(out.events[index].value)) ?? .idle
            }
            #expect(told == out.state, "\(out.state) was not told at \(bench.milliseconds) ms")
        }
        #expect(bench.state == .closed)
    }

    // MARK: - Stopping one

    // Proves R-STOP-13.
    @Test(arguments: bothPlaces) func `a channel stopped alone is silent at once and for good`(
        place: ChannelPlace
    ) throws {
        let other: ChannelPlace = place == .first ? .second : .first
        // At any phase of the train: also in the millisecond in which its pulse is due.
        for offset in Int64(0)..<29 {
            var bench = try treating()
            bench.raise(to: 2_000, at: place)
            bench.raise(to: 1_000, at: other)
            bench.run(offset)
            let at = bench.milliseconds
            bench.step(.raise, at: place, channelStops: 1 << place.code)
            #expect(bench.set(place) == 0 && bench.set(other) == 1_000)
            #expect(bench.state == .holding && bench.channelState(place) == .stopped)
            for command in allCommands where command != .lower && command != .zero && command != .none {
                bench.step(command, at: place)
                bench.run(20)
                #expect(bench.channelState(place) == .stopped, "\(command)")
                #expect(bench.set(place) == 0)
            }
            bench.run(300)
            #expect(!bench.times(place).contains { $0 > at })
            #expect(bench.values(.channelStopped, at: place).count == 1)
        }
    }

    // Proves R-STOP-13.
    @Test func `a stop of the last channel stops the session in its own step`() throws {
        for order in [[UInt8(1), 2], [2, 1], [3], [7]] {
            var bench = try treating()
            bench.raise(to: 1_000)
            for (index, stops) in order.enumerated() {
                let out = bench.step(channelStops: stops)
                let isLast = index == order.count - 1
                #expect(out.state == (isLast ? .stopping : .holding))
                #expect(out.demand == (isLast ? .off : .energised))
                if isLast { #expect(out.request == nil) }
            }
            bench.run(to: .closed)
            #expect(bench.machine.stopCause == .operatorKey)
        }
        // Also in a session of one channel, and where the other is finished.
        var alone = Bench(try Doses.plan(treatment: Doses.train()))
        alone.begin()
        alone.step(channelStops: 1)
        #expect(alone.state == .stopping)
        var last = try treating(Doses.contractions(count: 1), Doses.contractions(count: 9))
        last.step(.endTitration, at: .first)
        for _ in 0..<20_000 where last.channelState(.first) != .finished { last.step() }
        last.step(channelStops: 2)
        #expect(last.state == .stopping)
    }

    // Proves R-STOP-13.
    /// A stop is never lost: also not one that comes before the stimulator is known.
    @Test(arguments: [SessionState.idle, .cleared, .armed, .paused])
    func `a channel stopped before it runs never begins`(state: SessionState) throws {
        var bench = Bench(try Doses.pair(Doses.train(), searches: true))
        switch state {
        case .idle:
            bench.stuckIn = .identifying
            bench.step()
        case .cleared: bench.step()
        case .armed: bench.arm()
        default:
            bench.begin()
            bench.step(.pause)
        }
        #expect(bench.state == state)
        bench.step(channelStops: 2)
        #expect(bench.channelState(.second) == .stopped)
        if state == .idle {
            bench.stuckIn = .off
            bench.step()
        }
        bench.stuckIn = nil
        bench.run(20)
        if state == .idle || state == .cleared {
            bench.step(.arm)
            bench.run(20)
        }
        if state == .paused { bench.step(.resume) }
        bench.step(.beginSearch, at: .second)
        #expect(bench.lastRefusal != nil)
        if state != .paused { bench.step(.beginTreatment) }
        bench.run(20)
        #expect(bench.state == .holding)
        bench.raise(to: 1_000)
        #expect(bench.channelState(.second) == .stopped)
        #expect(bench.times(.second).isEmpty)
        #expect(!bench.times(.first).isEmpty)
    }

    // Proves R-STOP-13.
    @Test func `a search whose channel is stopped leaves the session armed for the other`() throws {
        var bench = Bench(try Doses.pair(Doses.train(), searches: true))
        bench.begin(.beginSearch)
        bench.raise(to: 1_000)
        bench.step(channelStops: 1)
        #expect(bench.state == .armed)
        bench.step(.beginSearch, at: .first)
        #expect(bench.lastRefusal == .notInPlan)
        bench.step(.beginSearch, at: .second)
        #expect(bench.state == .searching)
        #expect(bench.channelState(.second) == .searching)
        bench.step(.endSearch, at: .second)
        bench.step(.beginTreatment)
        bench.run(10)
        #expect(bench.channelState(.first) == .stopped && bench.channelState(.second) == .holding)
    }

    // MARK: - Searching

    // Proves R-AMP-09.
    @Test(arguments: bothPlaces) func `a search runs on one channel alone and keeps the lowest mark`(
        place: ChannelPlace
    ) throws {
        let other: ChannelPlace = place == .first ? .second : .first
        var bench = Bench(try Doses.pair(Doses.train(), searches: true))
        bench.arm()
        bench.step(.beginSearch, at: place)
        #expect(bench.channelState(other) == .off)
        bench.raise(to: 2_000, at: place)
        bench.step(.markMotor, at: other)
        #expect(bench.lastRefusal == .wrongState)
        bench.step(.markMotor, at: place)
        bench.raise(to: 3_000, at: place)
        bench.step(.markMotor, at: place)
        #expect(bench.machine.channel(place).motorThreshold.microamperes == 2_000)
        bench.step(.zero, at: place)
        bench.raise(to: 1_500, at: place)
        bench.step(.markMotor, at: place)
        bench.step(.markSensory, at: place)
        #expect(bench.machine.channel(place).motorThreshold.microamperes == 1_500)
        #expect(bench.machine.channel(place).sensoryThreshold.microamperes == 1_500)
        #expect(bench.machine.channel(place).motorMarks == 3)
        #expect(bench.machine.channel(other).motorThreshold == .zero)
        #expect(bench.requests.allSatisfy { $0.request.place == place && $0.request.part == .search })
        #expect(bench.gateRefusals.isEmpty)
    }

    // Proves R-RATE-01.
    /// A search that ends and begins anew within a period, and the quickest key after it: the two pulses around the
    /// change still keep a period, on either channel and at any rate.
    @Test(arguments: bothPlaces) func `no change of run brings two pulses closer than a period`(
        place: ChannelPlace
    ) throws {
        for wait in Int64(249)...275 {
            var bench = Bench(try Doses.pair(Doses.train(millihertz: 1_000), searches: true))
            bench.arm()
            bench.step(.beginSearch, at: place)
            bench.raise(to: 1_000, at: place)
            let before = bench.times(place).count
            for _ in 0..<1_000 where bench.times(place).count == before { bench.step() }
            let last = try #require(bench.times(place).last)
            bench.step(.endSearch)
            bench.step(.beginSearch, at: place)
            bench.run(wait)
            bench.step(.raise, at: place)
            bench.run(1_200)
            let next = try #require(bench.times(place).first { $0 > last })
            #expect(next - last >= 500, "\(next - last) ms after a wait of \(wait) ms")
            #expect(bench.gateRefusals.isEmpty, "a wait of \(wait) ms: \(bench.gateRefusals)")
        }
        for wait in stride(from: Int64(490), to: 560, by: 1) {
            var bench = try treating(Doses.train(millihertz: 1_000))
            bench.raise(to: 1_000, at: place)
            let before = bench.times(place).count
            for _ in 0..<1_100 where bench.times(place).count == before { bench.step() }
            bench.step(.pause)
            bench.run(5)
            bench.step(.resume)
            bench.run(wait)
            bench.step(.raise, at: place)
            bench.run(2_200)
            #expect(bench.gateRefusals.isEmpty, "a wait of \(wait) ms: \(bench.gateRefusals)")
        }
    }

    // MARK: - What both share

    // Proves R-STOP-01, R-FLT-01.
    @Test func `a stop, a fault and a pause silence both in their own step`() throws {
        for number in 0..<3 {
            var bench = try treating()
            bench.raise(to: 1_000, at: .first)
            bench.raise(to: 1_000, at: .second)
            let at = bench.milliseconds
            switch number {
            case 0: bench.step(stop: .consentWithdrawn)
            case 1: bench.step(fault: .consoleStalled)
            default: bench.step(.pause, at: .second)
            }
            #expect(bench.set(.first) == 0 && bench.set(.second) == 0)
            #expect(bench.last.demand == .off)
            bench.run(500)
            #expect(!bench.requests.contains { $0.at > at })
        }
    }

    @Test func `a session with one channel finished goes on with the other and then ends`() throws {
        var bench = try treating(Doses.contractions(count: 1), Doses.contractions(count: 3))
        bench.step(.endTitration, at: .first)
        bench.step(.endTitration, at: .second)
        bench.run(to: .closed, atMost: 60_000)
        #expect(bench.values(.channelFinished, at: .first) == [1])
        #expect(bench.values(.channelFinished, at: .second) == [3])
        #expect(bench.machine.stopCause == .programmeFinished)
        #expect(bench.count(.channelStopped) == 0)
    }

    @Test func `the end of a search is told of its channel`() throws {
        var bench = Bench(try Doses.pair(Doses.train(), searches: true))
        bench.arm()
        bench.step(.beginSearch, at: .second)
        bench.step(.endSearch, at: .second)
        #expect(bench.channelState(.second) == .off)
        #expect(
            bench.values(.channelStateChanged, at: .second)
                == [Int32(ChannelState.searching.code), Int32(ChannelState.off.code)])
    }
}

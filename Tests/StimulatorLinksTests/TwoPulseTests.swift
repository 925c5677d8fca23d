// Two channels on one line: a pulse of each may be under way, and each answer settles its own and no other.
import SafetyKernel
import ScienceMode4
import StimulatorLinks
import StimulusModel
import Testing

// Proves R-RATE-08, R-FLT-04.
@Suite struct TwoPulseTests {
    private static let places: [ChannelPlace] = [.first, .second]

    /// Both under way, none answered.
    private func bothOut() throws -> LinkBench {
        var bench = try LinkBench.ready { $0.delay = 1_000_000 }
        for place in Self.places {
            let taken = bench.deliver(place)
            #expect(taken)
            bench.drain()
            bench.tick()
        }
        #expect(bench.sent.filter(\.isPulse).count == 2)
        return bench
    }

    private func number(_ frame: SentFrame) -> UInt8? {
        guard case .lowLevelChannelConfig(let pulse) = frame.request else { return nil }
        return pulse.channel.number
    }

    @Test func `a pulse of each may be under way, and a second of neither`() throws {
        var bench = try bothOut()
        let sent = bench.sent.filter(\.isPulse)
        #expect(sent.map { number($0) } == [1, 2])
        #expect(sent[0].packet != sent[1].packet)
        for place in Self.places {
            let isFree = bench.isFree(place)
            #expect(!isFree)
            let again = bench.deliver(place)
            #expect(!again)
        }
        bench.drain()
        #expect(bench.sent.filter(\.isPulse).count == 2)
        #expect(bench.link.fault == .none)
    }

    @Test(arguments: [[0, 1], [1, 0]]) func `answers in any order settle each its own`(order: [Int]) throws {
        var bench = try bothOut()
        let sent = bench.sent.filter(\.isPulse)
        for (count, index) in order.enumerated() {
            let channel = Channel(number: UInt8(index + 1)) ?? .first
            bench.far.say(.lowLevelChannelConfig(.ok, channel, nil), sent[index].packet, at: bench.milliseconds + 1)
            bench.tick()
            let other = 1 - index
            let own = bench.link.takeOutcome(on: Self.places[index])
            let others = bench.link.takeOutcome(on: Self.places[other])
            #expect(own.delivery == .delivered)
            #expect(others.delivery == .none)
            bench.run(20)
            let isFree = bench.isFree(Self.places[index])
            #expect(isFree)
            let isOtherFree = bench.isFree(Self.places[other])
            #expect(isOtherFree == (count == 1))
        }
        #expect(bench.link.fault == .none)
    }

    // Proves R-FLT-09.
    /// The right number on the wrong output, or the right output under the other's number: nobody's answer.
    @Test(arguments: [(0, 1), (1, 0)]) func `an answer that fits neither settles neither`(
        packetOf: Int, channelOf: Int
    ) throws {
        var bench = try bothOut()
        let sent = bench.sent.filter(\.isPulse)
        let channel = Channel(number: UInt8(channelOf + 1)) ?? .first
        bench.far.say(.lowLevelChannelConfig(.ok, channel, nil), sent[packetOf].packet, at: bench.milliseconds + 1)
        bench.tick()
        for place in Self.places {
            let outcome = bench.link.takeOutcome(on: place)
            #expect(outcome.delivery == .none)
        }
        #expect(bench.link.fault == .secondController)
        #expect(bench.sent.last?.isStop == true)
    }

    @Test(arguments: [UInt8(1), 2]) func `the lost answer of either is unknown, and the other stays what it is`(
        lost: UInt8
    ) throws {
        var bench = try LinkBench.ready { $0.losesAnswersOf = [lost] }
        for place in Self.places {
            let taken = bench.deliver(place)
            #expect(taken)
            bench.drain()
            bench.tick()
        }
        bench.run(20)
        let answered = bench.link.takeOutcome(on: lost == 1 ? .second : .first)
        #expect(answered.delivery == .delivered)
        #expect(bench.link.fault == .none)
        bench.run(100)
        #expect(bench.link.fault == .deliveryUnknown)
        let open = bench.link.takeOutcome(on: lost == 1 ? .first : .second)
        #expect(open.delivery == .unknown)
        let again = bench.link.takeOutcome(on: lost == 1 ? .second : .first)
        #expect(again.delivery == .none)
        bench.run(1_000)
        #expect(bench.far.voltage == .off)
        #expect(bench.link.isProvenOff == true)
    }

    // Proves R-FLT-03.
    /// 100 ms after its own end; one that waited behind the other's is given that one's length more.
    @Test func `each has a deadline of its own`() throws {
        var bench = try LinkBench.ready { $0.losesPulseAnswers = true }
        let first = bench.deliver(.first)
        #expect(first)
        bench.drain()
        bench.run(5)
        let second = bench.deliver(.second)
        #expect(second)
        bench.drain()
        bench.run(95)
        bench.tick(LinkBench.pulseMicroseconds)
        #expect(bench.link.fault == .none)
        bench.tick(1)
        #expect(bench.link.fault == .deliveryUnknown)
        let unknown = bench.link.takeOutcome(on: .first)
        #expect(unknown.delivery == .unknown)
        let early = bench.link.takeOutcome(on: .second)
        #expect(early.delivery == .none)
        bench.run(120)
        let late = bench.link.takeOutcome(on: .second)
        #expect(late.delivery == .unknown)
    }

    // Proves R-STOP-05.
    @Test func `a stop with two under way is proven off only when both are accounted for`() throws {
        var bench = try bothOut()
        let sent = bench.sent.filter(\.isPulse)
        bench.energise = false
        bench.far.delay = 2
        bench.tick()
        #expect(bench.sent.last?.isStop == true)
        bench.run(20)
        #expect(bench.link.condition == .deenergising)
        #expect(bench.link.isAtRest == false)
        for index in [1, 0] {
            let channel = Channel(number: UInt8(index + 1)) ?? .first
            bench.far.say(.lowLevelChannelConfig(.ok, channel, nil), sent[index].packet, at: bench.milliseconds + 1)
            bench.run(2)
            #expect(bench.link.condition == (index == 1 ? .deenergising : .off))
            let outcome = bench.link.takeOutcome(on: Self.places[index])
            #expect(outcome.delivery == .delivered)
        }
        #expect(bench.link.isAtRest == true)
        #expect(bench.link.isProvenOff == true)
        #expect(bench.link.fault == .none)
    }

    @Test func `a line that is gone leaves both unknown`() throws {
        var bench = try bothOut()
        bench.link.lineGone(at: bench.now)
        for place in Self.places {
            let outcome = bench.link.takeOutcome(on: place)
            #expect(outcome.delivery == .unknown)
            #expect(outcome.chargePerPhase.picocoulombs == 300_000)
        }
    }

    // Proves R-STOP-14.
    @Test func `of two pulses a stop takes back only the one that was not written`() throws {
        var bench = try LinkBench.ready { $0.delay = 1_000_000 }
        let first = bench.deliver(.first)
        #expect(first)
        bench.drain()
        bench.lineIsStuck = true
        let second = bench.deliver(.second)
        #expect(second)
        bench.energise = false
        bench.tick()
        bench.lineIsStuck = false
        bench.drain()
        let taken = bench.link.takeOutcome(on: .second)
        #expect(taken.delivery == .notDelivered)
        let out = bench.link.takeOutcome(on: .first)
        #expect(out.delivery == .none)
        #expect(bench.sent.filter(\.isPulse).count == 1)
    }

    // Proves R-RATE-04.
    /// A line that holds one channel's answer back says nothing about the other's next pulse.
    @Test(arguments: [0, 1]) func `a late answer keeps its own channel away and not the other`(late: Int) throws {
        var bench = try bothOut()
        let sent = bench.sent.filter(\.isPulse)
        func answer(_ index: Int, _ bench: inout LinkBench) {
            let channel = Channel(number: UInt8(index + 1)) ?? .first
            bench.far.say(.lowLevelChannelConfig(.ok, channel, nil), sent[index].packet, at: bench.milliseconds + 1)
            bench.tick()
        }
        answer(1 - late, &bench)
        bench.run(40)
        answer(late, &bench)
        let isKept = bench.isFree(Self.places[late])
        let isFree = bench.isFree(Self.places[1 - late])
        #expect(!isKept && isFree)
        bench.run(10)
        let later = bench.isFree(Self.places[late])
        #expect(later)
    }

    // Proves R-FLT-05.
    /// Long enough for every packet number to come round many times, at the highest rate on both: no answer is taken
    /// for another's.
    @Test func `numbers that come round settle nothing twice`() throws {
        var bench = try LinkBench.ready { $0.delay = 3 }
        var delivered = [0, 0]
        var accepted = [0, 0]
        for step in 0..<4_000 {
            let place = Self.places[step / 5 % 2]
            if step % 5 == 0, bench.isFree(place) {
                let taken = bench.deliver(place)
                if taken { accepted[place.index] += 1 }
                bench.drain()
            }
            bench.tick()
            for index in 0..<2 {
                let outcome = bench.link.takeOutcome(on: Self.places[index])
                if outcome.delivery == .delivered { delivered[index] += 1 }
            }
        }
        bench.run(20)
        #expect(bench.link.fault == .none)
        #expect(accepted[0] > 350 && accepted[1] > 350)
        #expect(bench.far.executedOn[1] == accepted[0] && bench.far.executedOn[2] == accepted[1])
        #expect(delivered[0] >= accepted[0] - 1 && delivered[1] >= accepted[1] - 1)
        #expect(Set(bench.sent.filter(\.isPulse).map(\.packet)).count == 64)
    }
}

import SafetyKernel
import ScienceMode4
import StimulatorLinks
import StimulusModel
import Testing

@Suite struct P24LineTests {
    // Proves R-FLT-09.
    @Test func `an answer that nobody asked for is a second controller`() throws {
        for energised in [false, true] {
            for answer in [
                Acknowledgement.stimStatus(.ok, .lowLevel, .volts150), .lowLevelInit(.ok), .lowLevelStop(.ok),
                .midLevelUpdate(.ok), .lowLevelChannelConfig(.ok, .first, nil), .reset(.ok),
            ] {
                var bench = try LinkBench.ready()
                if !energised {
                    bench.energise = false
                    bench.run(to: .off)
                }
                let before = bench.sent.count
                bench.far.say(answer, 50, at: bench.milliseconds)
                bench.tick()
                #expect(bench.link.fault == .secondController)
                #expect(bench.frames(after: before).first?.request == .lowLevelStop)
            }
        }
    }

    // Proves R-FLT-09.
    @Test func `a pulse acknowledged for another channel or packet is a second controller`() throws {
        for (channel, shift) in [(UInt8(2), UInt8(0)), (1, 1)] {
            var bench = try LinkBench.ready { $0.losesPulseAnswers = true }
            let taken = bench.deliver()
            #expect(taken)
            bench.drain()
            let packet = try #require(bench.sent.last?.packet)
            let wrong = try #require(Channel(number: channel))
            bench.far.say(.lowLevelChannelConfig(.ok, wrong, nil), (packet + shift) % 64, at: bench.milliseconds)
            bench.tick()
            #expect(bench.link.fault == .secondController)
        }
    }

    // Proves R-FLT-09.
    @Test func `the right number on the wrong answer is a second controller`() throws {
        var bench = try LinkBench.ready()
        bench.energise = false
        bench.far.delay = 30
        bench.tick()
        let packet = try #require(bench.sent.last?.packet)
        bench.far.say(.stimStatus(.ok, .none, .off), packet, at: bench.milliseconds)
        bench.run(5)
        #expect(bench.link.fault == .secondController)
    }

    // Proves R-FLT-09.
    /// F3: a late answer is discarded by its number.
    @Test func `a late answer to an abandoned question is no riddle`() throws {
        var bench = try LinkBench.ready { $0.delay = 130 }
        // The poll is asked, given up after 100 ms and asked again; then the first answer arrives.
        bench.run(520)
        let asked = bench.sent.count
        bench.run(140)
        #expect(bench.sent.count == asked + 1)
        bench.far.delay = 2
        bench.run(600)
        #expect(bench.link.fault == .none)
        #expect(bench.link.condition == .ready)
    }

    // Proves R-FLT-09.
    @Test func `an answer that overtakes a stop is no riddle`() throws {
        var bench = try LinkBench.ready()
        bench.far.delay = 20
        while bench.sent.last?.request != .getStimStatus || bench.milliseconds < 600 { bench.tick() }
        bench.energise = false
        bench.run(to: .off)
        #expect(bench.link.condition == .off)
        #expect(bench.link.fault == .none)
    }

    // Proves R-FLT-04.
    @Test func `a pulse's answer after the stop is still counted`() throws {
        var bench = try LinkBench.ready { $0.delay = 10 }
        let taken = bench.deliver()
        #expect(taken)
        bench.drain()
        bench.energise = false
        bench.run(12)
        let outcome = bench.link.takeOutcome()
        #expect(outcome.delivery == .delivered)
        bench.run(to: .off)
        #expect(bench.link.fault == .none)
    }

    // Proves R-FLT-08.
    @Test func `five defective frames in a second are garbage, four are not`() throws {
        func cut(_ count: Int, every gap: Int64) throws -> FaultCause {
            var bench = try LinkBench.ready()
            for _ in 0..<count {
                // A start byte and a wrong header: one rejected attempt.
                bench.far.sayRaw([0xF0, 0x00], at: bench.milliseconds)
                bench.run(gap)
            }
            return bench.link.fault
        }
        #expect(try cut(4, every: 20) == .none)
        #expect(try cut(5, every: 20) == .garbage)
        #expect(try cut(20, every: 400) == .none)
    }

    // Proves R-FLT-08.
    @Test func `a babbling line is garbage even without a single start of a frame`() throws {
        var bench = try LinkBench.ready()
        bench.far.sayRaw([UInt8](repeating: 0x42, count: 2_400), at: bench.milliseconds)
        bench.tick()
        #expect(bench.link.fault == .none)
        bench.far.sayRaw([0x42], at: bench.milliseconds)
        bench.tick()
        #expect(bench.link.fault == .garbage)
        bench.run(1_000)
        #expect(bench.link.isProvenOff == true)
    }

    // Proves R-FLT-08.
    @Test(arguments: seeds) func `no bytes whatever make the link trap or energise`(seed: UInt64) throws {
        var chance = SeededChance(seed: seed)
        for _ in 0..<10 {
            var bench = try LinkBench()
            bench.far.isSilent = true
            bench.open()
            bench.energise = true
            for _ in 0..<400 {
                let count = Int.random(in: 0...40, using: &chance)
                let noise = (0..<count).map { _ in
                    chance.once(in: 3)
                        ? [0xF0, 0x0F, 0x81, 0x55].randomElement(using: &chance) ?? 0
                        : UInt8.random(in: 0...255, using: &chance)
                }
                bench.far.sayRaw(noise, at: bench.milliseconds)
                bench.tick()
            }
            #expect(bench.link.fault == .garbage)
            let others = bench.sent.filter { !$0.isStop }
            #expect(others.isEmpty == true)
        }
    }

    // Proves R-FLT-30, R-FLT-09.
    @Test func `valid frames that are no answers are another device`() throws {
        var bench = try LinkBench()
        bench.far.isSilent = true
        bench.open()
        let frame = try #require(Request.getDeviceID.encode(packetNumber: 9))
        let bytes = (0..<frame.count).map { frame[$0] }
        for _ in 0..<3 { bench.far.sayRaw(bytes, at: bench.milliseconds) }
        bench.tick()
        #expect(bench.link.fault == .wrongDevice)
        var known = try LinkBench.ready()
        for _ in 0..<3 { known.far.sayRaw(bytes, at: known.milliseconds) }
        known.tick()
        #expect(known.link.fault == .secondController)
    }

    // Proves R-FLT-06.
    @Test func `a hang-up ends everything at once`() throws {
        var bench = try LinkBench.ready()
        let taken = bench.deliver()
        #expect(taken)
        bench.drain()
        let before = bench.sent.count
        bench.link.lineGone(at: bench.now)
        #expect(bench.link.fault == .unplugged)
        #expect(bench.link.condition == .failed)
        #expect(bench.link.isAtRest == true)
        #expect(bench.link.isProvenOff == false)
        let outcome = bench.link.takeOutcome()
        #expect(outcome.delivery == .unknown)
        bench.run(2_000)
        #expect(bench.sent.count == before)
        // It is for good: the same link never opens again.
        bench.open()
        bench.run(100)
        #expect(bench.sent.count == before)
        #expect(bench.link.fault == .unplugged)
    }

    // Proves R-FLT-26, R-STOP-14.
    @Test func `a line that takes no whole frame is flushed and stopped`() throws {
        var bench = try LinkBench.ready()
        let taken = bench.deliver()
        #expect(taken)
        bench.lineIsStuck = true
        bench.link.lineBlocked(at: bench.now)
        #expect(bench.link.fault == .lineBlocked)
        bench.run(20)
        bench.link.lineBlocked(at: bench.now)
        bench.lineIsStuck = false
        let before = bench.sent.count
        bench.drain()
        let frames = bench.frames(after: before)
        #expect(frames.map(\.request) == [.lowLevelStop])
        #expect(frames.first?.flushed == true)
        bench.run(1_000)
        #expect(bench.link.isProvenOff == true)
        #expect(bench.link.fault == .lineBlocked)
        #expect(!bench.sent.contains { $0.isPulse })
    }

    // Proves R-FLT-15.
    /// F32: what was decided before the process was halted is not sent when it goes on.
    @Test func `a decision that expired is never sent, the stop goes out instead`() throws {
        var bench = try LinkBench.ready()
        let taken = bench.deliver()
        #expect(taken)
        let before = bench.sent.count
        bench.pass(10_000_000)
        bench.link.decisionExpired(at: bench.now)
        bench.drain()
        #expect(bench.frames(after: before).map(\.request) == [.lowLevelStop])
        #expect(bench.link.fault == .late)
        let outcome = bench.link.takeOutcome()
        #expect(outcome.delivery == .notDelivered)
        bench.run(1_000)
        #expect(bench.link.isProvenOff == true)
        #expect(!bench.sent.contains { $0.isPulse })
    }

    // Proves R-FLT-15.
    /// F32, before anything was energised: high voltage that was asked for long ago is not switched on.
    @Test func `an expired request for high voltage is never sent`() throws {
        var bench = try LinkBench.ready()
        bench.energise = false
        bench.run(to: .off)
        bench.lineIsStuck = true
        bench.energise = true
        bench.tick()
        let waits = bench.link.hasFrame
        #expect(waits)
        bench.link.decisionExpired(at: bench.now)
        bench.lineIsStuck = false
        let before = bench.sent.count
        bench.drain()
        #expect(bench.frames(after: before).map(\.request) == [.lowLevelStop])
        bench.run(1_000)
        #expect(bench.link.condition == .failed)
        #expect(bench.link.isProvenOff == true)
    }

    // Proves R-FLT-01.
    @Test func `the first cause stays`() throws {
        var bench = try LinkBench.ready()
        bench.far.say(.generalError(.init(rawValue: 8)), 0, at: bench.milliseconds)
        bench.tick()
        bench.far.say(.lowLevelInit(.ok), 50, at: bench.milliseconds)
        bench.tick()
        bench.link.lineBlocked(at: bench.now)
        bench.link.lineGone(at: bench.now)
        #expect(bench.link.fault == .deviceHighVoltageError)
    }

    // Proves R-FLT-02.
    @Test func `after a fault nothing energises any more`() throws {
        var bench = try LinkBench.ready()
        bench.far.say(.generalError(.init(rawValue: 4)), 0, at: bench.milliseconds)
        bench.run(3_000)
        #expect(bench.link.isProvenOff == true)
        #expect(bench.link.condition == .failed)
        let before = bench.sent.count
        for _ in 0..<2_000 {
            bench.energise.toggle()
            let taken = bench.milliseconds % 40 == 0 ? bench.deliver() : false
            #expect(taken == false)
            bench.tick()
        }
        #expect(bench.sent.count == before)
    }
}

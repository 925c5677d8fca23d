import SafetyKernel
import ScienceMode4
import StimulatorLinks
import StimulusModel
import Testing

@Suite struct P24PulseTests {
    // Proves R-GATE-13.
    @Test func `energising is asked once, verified, and only then is there room for a pulse`() throws {
        var bench = try LinkBench()
        bench.open()
        bench.run(to: .off)
        #expect(bench.isFree == false)
        let before = bench.sent.count
        bench.energise = true
        bench.tick()
        #expect(bench.link.condition == .energising)
        #expect(bench.link.isProvenOff == false)
        let early = bench.deliver()
        #expect(early == false)
        bench.run(to: .ready)
        #expect(bench.isFree == true)
        #expect(bench.link.isProvenOff == false)
        let asked = bench.frames(after: before).map(\.request)
        #expect(asked == [.lowLevelInit(measurement: .none, highVoltage: .standard), .getStimStatus])
    }

    // Proves R-FLT-05.
    @Test func `a pulse leaves as it was authorized and is reported delivered once`() throws {
        var bench = try LinkBench.ready()
        let before = bench.sent.count
        let taken = bench.deliver()
        #expect(taken)
        bench.drain()
        let frames = bench.frames(after: before)
        #expect(frames.count == 1)
        var expected = ChannelConfiguration(channel: .first)
        for (microseconds, microamperes) in [(300, 1_000), (100, 0), (300, -1_000)] as [(Int32, Int32)] {
            let point = try #require(
                PulsePoint(durationMicroseconds: microseconds, current: Current(microamperes: microamperes)))
            _ = expected.append(point)
        }
        #expect(frames.first?.request == .lowLevelChannelConfig(expected))
        #expect(frames.first?.flushed == false)
        bench.run(5)
        let outcome = bench.link.takeOutcome()
        #expect(outcome.delivery == .delivered)
        #expect(outcome.amplitude.microamperes == 1_000)
        #expect(outcome.chargePerPhase.picocoulombs == 300_000)
        let again = bench.link.takeOutcome()
        #expect(again.delivery == .none)
    }

    // Proves R-FLT-05.
    @Test func `only one pulse is ever unacknowledged`() throws {
        var bench = try LinkBench.ready { $0.delay = 50 }
        let first = bench.deliver()
        #expect(first)
        bench.run(20)
        #expect(bench.isFree == false)
        let second = bench.deliver()
        #expect(second == false)
        bench.run(40)
        #expect(bench.isFree == true)
        let third = bench.deliver()
        #expect(third)
        bench.drain()
        #expect(bench.sent.filter(\.isPulse).count == 2)
        #expect(bench.link.fault == .none)
    }

    // Proves R-FLT-03.
    /// 100 ms after the pulse's end and not a microsecond earlier (`decided.md`, P24).
    @Test func `no answer 100 ms after the end of the pulse is unknown, and ends the session`() throws {
        var bench = try LinkBench.ready { $0.losesPulseAnswers = true }
        let taken = bench.deliver()
        #expect(taken)
        bench.drain()
        let before = bench.sent.count
        bench.run(100)
        bench.tick(LinkBench.pulseMicroseconds)
        #expect(bench.link.fault == .none)
        #expect(bench.isFree == false)
        bench.tick(1)
        #expect(bench.link.fault == .deliveryUnknown)
        let outcome = bench.link.takeOutcome()
        #expect(outcome.delivery == .unknown)
        #expect(outcome.amplitude.microamperes == 1_000)
        #expect(bench.frames(after: before).first?.request == .lowLevelStop)
        #expect(bench.frames(after: before).first?.flushed == true)
    }

    // Proves R-STOP-14.
    @Test func `a pulse that waits behind a stop is never sent`() throws {
        var bench = try LinkBench.ready()
        bench.lineIsStuck = true
        let taken = bench.deliver()
        #expect(taken)
        bench.energise = false
        bench.tick()
        bench.lineIsStuck = false
        let before = bench.sent.count
        bench.drain()
        bench.run(to: .off)
        #expect(bench.frames(after: before).first?.request == .lowLevelStop)
        #expect(!bench.sent.contains { $0.isPulse })
        let outcome = bench.link.takeOutcome()
        #expect(outcome.delivery == .notDelivered)
        #expect(outcome.chargePerPhase.picocoulombs == 300_000)
    }

    // Proves R-RATE-04.
    /// The device executes in order and answers at the end: an answer later than ever before may mean a pulse later
    /// than it was sent. The next one keeps its distance from there (a train is thinned, never thickened).
    @Test func `a pulse that may have arrived late keeps the next one away`() throws {
        func waited(_ usual: Int64, _ this: Int64) throws -> Int64 {
            var bench = try LinkBench()
            bench.far.delay = usual
            bench.open()
            bench.run(to: .off)
            bench.energise = true
            bench.run(to: .ready)
            bench.far.delay = this
            let taken = bench.deliver()
            #expect(taken)
            bench.drain()
            let start = bench.milliseconds
            while !bench.isFree, bench.link.fault == .none { bench.tick() }
            return bench.milliseconds - start
        }
        // 100 Hz, 0.7 ms a pulse. Always as slow: free with the answer.
        #expect(try waited(2, 2) <= 8)
        #expect(try waited(12, 12) <= 12)
        // 10 ms later than ever: the period counts from there, less what is ordinary.
        #expect(try waited(2, 12) == 18)
        #expect(try waited(2, 40) == 46)
    }

    // Proves R-FLT-10.
    /// The device's own codes (`sciencemode4.md` 6): each a fault with a name, and none a reason to send again.
    @Test(arguments: UInt8(1)...255) func `every error code ends the session under its own name`(code: UInt8) throws {
        var bench = try LinkBench.ready { $0.pulseResult = ResultCode(rawValue: code) }
        let taken = bench.deliver()
        #expect(taken)
        let before = bench.sent.count
        bench.run(3_000)
        let named: [UInt8: FaultCause] = [
            1: .deviceTransferError, 2: .deviceParameterError, 3: .deviceProtocolError, 4: .deviceInternalTimeout,
            7: .deviceNotInitialised, 8: .deviceHighVoltageError, 10: .electrodeError, 11: .deviceInvalidCommand,
            16: .devicePulseTimeout, 28: .lowCurrent,
        ]
        #expect(bench.link.fault == named[code] ?? .deviceUnexpectedResult)
        // With these codes the device claims that it executed nothing; nobody checked, so it stays on the account.
        let refused: [UInt8] = [1, 2, 7, 11]
        let outcome = bench.link.takeOutcome()
        #expect(outcome.delivery == (refused.contains(code) ? .unknown : .delivered))
        let after = bench.frames(after: before)
        #expect(after.dropFirst().first?.isStop == true)
        #expect(after.filter(\.isPulse).count == 1)
        #expect(bench.link.isProvenOff == true)
        #expect(bench.link.isAtRest == true)
    }

    // Proves R-FLT-05.
    @Test func `an error while energising is never asked again`() throws {
        for code: UInt8 in [2, 7, 8, 99] {
            var bench = try LinkBench()
            bench.far.initialiseResult = ResultCode(rawValue: code)
            bench.open()
            bench.run(to: .off)
            bench.energise = true
            bench.run(3_000)
            #expect(bench.link.condition == .failed)
            #expect(bench.sent.filter(\.isInitialise).count == 1)
            #expect(bench.link.isProvenOff == true)
        }
    }

    // Proves R-FLT-05.
    @Test func `energising without an answer is a fault, a stop, and never a second try`() throws {
        var bench = try LinkBench()
        bench.open()
        bench.run(to: .off)
        bench.far.isSilent = true
        bench.energise = true
        let before = bench.sent.count
        bench.run(499)
        #expect(bench.link.condition == .energising)
        bench.run(3_000)
        #expect(bench.link.fault == .silent)
        let after = bench.frames(after: before)
        #expect(after.filter(\.isInitialise).count == 1)
        #expect(after.dropFirst().first?.request == .lowLevelStop)
    }

    // Proves R-FLT-10.
    @Test func `a general error or an unknown command ends a session under any packet number`() throws {
        for answer in [Acknowledgement.generalError(.transferError), .unknownCommand(.invalidCommand)] {
            for packet in [0, 17, 63] as [UInt8] {
                var bench = try LinkBench.ready()
                let before = bench.sent.count
                bench.far.say(answer, packet, at: bench.milliseconds)
                bench.run(200)
                #expect(bench.link.condition == .failed)
                #expect(bench.frames(after: before).first?.isStop == true)
            }
        }
    }

    // Proves R-FLT-07.
    @Test func `silence while nothing is delivered is found out within a second`() throws {
        var bench = try LinkBench.ready()
        bench.far.isSilent = true
        let start = bench.milliseconds
        bench.run(to: .failed, atMost: 2_000)
        #expect(bench.link.fault == .silent)
        #expect(bench.milliseconds - start <= 900)
    }

    // Proves R-FLT-12.
    @Test func `a device that restarted by itself is found out`() throws {
        for change in [
            { ($0.level, $0.voltage) = (.none, .off) }, { $0.voltage = .off }, { $0.level = .midLevel },
            { $0.voltage = .volts120 }, { $0.voltage = .standard },
        ] as [(inout FarEnd) -> Void] {
            var bench = try LinkBench.ready(change)
            bench.run(to: .failed, atMost: 1_000)
            #expect(bench.link.fault == .unexpectedDeviceState)
        }
    }

    // Proves R-FLT-12.
    @Test func `a device that restarts in mid train is found out by the next pulse`() throws {
        var bench = try LinkBench.ready()
        bench.far.level = .none
        let taken = bench.deliver()
        #expect(taken)
        bench.run(10)
        #expect(bench.link.fault == .deviceNotInitialised)
        let outcome = bench.link.takeOutcome()
        #expect(outcome.delivery == .unknown)
        #expect(bench.far.executed == 0)
    }
}

// Proves R-STOP-05.
@Suite struct P24StopTests {
    // Proves R-STOP-01.
    @Test func `a stop leaves in the tick that wants it, and off is verified`() throws {
        var bench = try LinkBench.ready()
        let before = bench.sent.count
        bench.energise = false
        bench.tick()
        #expect(bench.frames(after: before).map(\.request) == [.lowLevelStop])
        #expect(bench.frames(after: before).first?.flushed == true)
        #expect(bench.link.condition == .deenergising)
        #expect(bench.link.isProvenOff == false)
        bench.run(to: .off)
        #expect(bench.frames(after: before).map(\.request) == [.lowLevelStop, .getStimStatus])
        #expect(bench.link.isProvenOff == true)
        #expect(bench.far.voltage == .off)
    }

    @Test func `a stop is repeated until it is confirmed`() throws {
        var bench = try LinkBench.ready { $0.ignoresStops = true }
        let before = bench.sent.count
        bench.energise = false
        bench.run(600)
        #expect(bench.frames(after: before).map(\.request) == [.lowLevelStop, .lowLevelStop])
        bench.far.ignoresStops = false
        bench.run(600)
        #expect(bench.link.condition == .off)
        #expect(bench.link.fault == .none)
    }

    @Test func `three unconfirmed stops are a fault`() throws {
        var bench = try LinkBench.ready { $0.ignoresStops = true }
        let before = bench.sent.count
        bench.energise = false
        bench.run(1_400)
        #expect(bench.link.fault == .none)
        bench.run(200)
        #expect(bench.link.fault == .stopUnconfirmed)
        #expect(bench.link.isProvenOff == false)
        #expect(bench.frames(after: before).filter(\.isStop).count == 3)
        #expect(!bench.frames(after: before).contains { !$0.isStop })
        let packets = Set(bench.frames(after: before).map(\.packet))
        #expect(packets.count == 3)
    }

    @Test func `a stop answered with "not initialised" is as good, since the status proves it`() throws {
        var bench = try LinkBench.ready { $0.stopResult = .notInitialized }
        bench.energise = false
        bench.run(to: .off)
        #expect(bench.link.condition == .off)
    }

    @Test func `a stop answered with an error is a fault and is repeated`() throws {
        var bench = try LinkBench.ready { $0.stopResult = .init(rawValue: 8) }
        bench.energise = false
        bench.run(3_000)
        #expect(bench.link.fault == .deviceHighVoltageError)
        #expect(bench.sent.filter(\.isStop).count >= 3)
        #expect(bench.sent.count < 30)
        #expect(bench.link.isAtRest == true)
    }

    @Test func `a status that cannot be had after the stop is no proof`() throws {
        var bench = try LinkBench.ready { $0.statusResult = .init(rawValue: 4) }
        bench.energise = false
        bench.run(5_000)
        #expect(bench.link.fault == .deviceInternalTimeout)
        #expect(bench.link.isProvenOff == false)
        #expect(bench.link.isAtRest == true)
    }

    @Test func `a voltage that stays on at the end of a session is a fault and is told again`() throws {
        var bench = try LinkBench.ready { $0.keepsVoltage = true }
        let before = bench.sent.count
        bench.energise = false
        bench.run(5_000)
        #expect(bench.link.fault == .highVoltageStillOn)
        #expect(bench.link.isProvenOff == false)
        #expect(bench.frames(after: before).filter(\.isStop).count == 3)
    }

    // Proves R-FLT-04.
    /// A fault is not the end of the account: the pulse that was under way then is reported too.
    @Test func `a pulse under way when the stop is confirmed counts as unknown`() throws {
        for hasFault in [true, false] {
            var bench = try LinkBench.ready { $0.losesPulseAnswers = true }
            let taken = bench.deliver()
            #expect(taken)
            bench.drain()
            if hasFault { bench.far.say(.generalError(.init(rawValue: 4)), 0, at: bench.milliseconds) }
            bench.energise = false
            var seen: [Delivery] = []
            for _ in 0..<1_000 {
                bench.tick()
                let outcome = bench.link.takeOutcome()
                if outcome.delivery != .none { seen.append(outcome.delivery) }
                // "Off" is not said before the last pulse is accounted for.
                if bench.link.condition == .off { #expect(seen == [.unknown]) }
                if bench.link.isAtRest { break }
            }
            #expect(seen == [.unknown], "with a fault: \(hasFault)")
            #expect(bench.link.fault == (hasFault ? .deviceInternalTimeout : .deliveryUnknown))
            #expect(bench.far.executed == 1)
        }
    }

    // Proves R-STOP-15.
    @Test func `the last gasp is a whole stop frame with its flush`() {
        guard var frame = P24Link.lastGaspFrame() else {
            Issue.record("no last gasp")
            return
        }
        var bytes: [UInt8] = []
        for index in 0..<frame.count { bytes.append(frame.byte(at: index)) }
        #expect(bytes.prefix(2) == [0x0F, 0x0F])
        var decoder = FrameDecoder()
        var event = FrameEvent.none
        for byte in bytes.dropFirst(2) { event = decoder.receive(byte) }
        #expect(event == .frame)
        #expect(Request.decode(decoder) == .request(.lowLevelStop))
    }
}

import RigSimulator
import ScienceMode4
import StimulusModel
import Testing

/// Each fault that lasts for a while, or that is of the device, does what its name says, and is counted.
@Suite struct LastingFaultTests {
    /// A low level that is on, with a fault that begins 100 ms later; the bench stands 10 ms behind its beginning.
    private func bench(_ fault: PlannedFault, _ device: P24Configuration = P24Configuration()) -> Bench {
        var bench = Bench(VirtualRigConfiguration(device: device))
        bench.initialise()
        bench.rig.plan(fault, at: Instant(nanoseconds: bench.now + 100_000_000))
        #expect(bench.status == .stimStatus(.ok, .lowLevel, .volts150))
        bench.run(milliseconds: 105)
        return bench
    }

    @Test func aBlackHoleSwallowsBothWaysAndNobodyHangsUp() {
        var bench = bench(.lineDead(nil, milliseconds: 300))
        let read = bench.rig.device.counts.framesRead
        #expect(bench.status == nil)
        #expect(bench.ask(Bench.pulse(5, 250), milliseconds: 20) == nil)
        #expect(bench.rig.device.counts.framesRead == read)
        #expect(bench.rig.isPresent && bench.rig.appearances == 1)
        #expect(bench.rig.meter.pulseCount == 0)
        bench.run(milliseconds: 300)
        #expect(bench.status == .stimStatus(.ok, .lowLevel, .volts150))
        #expect(bench.rig.faults.count(of: .lineDead) == 2)
    }

    @Test func aHalfOpenLineObeysAndSaysNothing() {
        var bench = bench(.lineDead(.deviceToHost, milliseconds: 300))
        #expect(bench.ask(Bench.pulse(5, 250), milliseconds: 20) == nil)
        #expect(bench.rig.meter.pulseCount == 1)
        var other = self.bench(.lineDead(.hostToDevice, milliseconds: 300))
        #expect(other.ask(Bench.pulse(5, 250), milliseconds: 20) == nil)
        #expect(other.rig.meter.pulseCount == 0)
        #expect(other.rig.faults.fired.allSatisfy { $0.direction == .hostToDevice })
    }

    @Test func aSilentDeviceObeysAndSaysNothing() {
        var bench = bench(.deviceSilent(milliseconds: 300))
        #expect(bench.ask(Bench.pulse(5, 250), milliseconds: 20) == nil)
        #expect(bench.status == nil)
        #expect(bench.rig.meter.pulseCount == 1)
        #expect(bench.ask(.lowLevelStop, milliseconds: 60) == nil)
        #expect(!bench.rig.meter.isHighVoltageOn)
        bench.run(milliseconds: 300)
        #expect(bench.status == .stimStatus(.ok, .none, .off))
        #expect(bench.rig.faults.count(of: .deviceSilent) == 1)
    }

    @Test func aBlockedLineFillsAndDeliversLate() {
        var bench = bench(.lineBlocked(milliseconds: 300))
        let read = bench.rig.device.counts.framesRead
        #expect(bench.rig.roomForHost(at: Instant(nanoseconds: bench.now)) == 64)
        bench.send(Bench.pulse(5, 250))
        bench.run(milliseconds: 1)
        let room = bench.rig.roomForHost(at: Instant(nanoseconds: bench.now))
        #expect(room > 0 && room < 45, "\(room)")
        for _ in 0..<4 { bench.send(.getStimStatus) }
        #expect(bench.rig.roomForHost(at: Instant(nanoseconds: bench.now)) == 0)
        bench.run(milliseconds: 100)
        #expect(bench.rig.device.counts.framesRead == read)
        #expect(bench.rig.meter.pulseCount == 0)
        bench.run(milliseconds: 300)
        #expect(bench.rig.device.counts.framesRead == read + 5)
        #expect(bench.rig.meter.pulseCount == 1)
        #expect(bench.rig.roomForHost(at: Instant(nanoseconds: bench.now)) > 1_000)
        #expect(bench.rig.faults.count(of: .lineBlocked) == 1)
    }

    @Test func aBabblingLineIsFullOfWhatNobodySent() {
        var bench = bench(.lineBabble(milliseconds: 100, bytesPerMillisecond: 1_216))
        let before = bench.answers.count
        var bytes = 0
        for _ in 0..<50 {
            bench.now += 1_000_000
            while bench.rig.nextByteForHost(at: Instant(nanoseconds: bench.now)) != nil { bytes += 1 }
        }
        #expect(bytes >= 45 * 1_216)
        bench.run(milliseconds: 200)
        // A random byte stream holds no valid frame.
        #expect(bench.answers.count == before)
        #expect(bench.status == .stimStatus(.ok, .lowLevel, .volts150))
        #expect(bench.rig.faults.count(of: .lineBabbling) == 1)
        #expect(bench.rig.meter.pulseCount == 0)
    }

    @Test func aConstantLatencyIsOnEveryPacket() {
        func wait(_ faults: LineFaults) -> [Int64] {
            var bench = Bench()
            bench.initialise()
            bench.rig.plan(
                .line(.deviceToHost, faults, milliseconds: 3_600_000), at: Instant(nanoseconds: bench.now))
            return (0..<200).map { _ in
                let sent = bench.now
                let before = bench.answers.count
                bench.send(.getStimStatus)
                while bench.answers.count == before, bench.now < sent + 100_000_000 { bench.run(milliseconds: 1) }
                return Bench.millisecond(bench.now - sent)
            }
        }
        let usual = wait(LineFaults())
        let slow = wait(.latency())
        #expect(zip(usual, slow).allSatisfy { $1 - $0 == 16 }, "\(usual.prefix(3)) \(slow.prefix(3))")
        let spiky = wait(.latencySpikes())
        #expect(Set(zip(usual, spiky).map { $1 - $0 }) == [1, 36])
        let spikes = zip(usual, spiky).filter { $1 - $0 == 36 }.count
        #expect((2...25).contains(spikes), "\(spikes)")
    }

    @Test func aLaterOrderForALineOutlivesAnEarlierOne() {
        var bench = bench(.lineDead(nil, milliseconds: 100))
        bench.rig.plan(.lineDead(nil, milliseconds: 400), at: Instant(nanoseconds: bench.now))
        bench.run(milliseconds: 200)
        #expect(bench.status == nil)
        bench.run(milliseconds: 300)
        #expect(bench.status == .stimStatus(.ok, .lowLevel, .volts150))
    }

    @Test func bytesCanBeLostDoubledAndCorruptedForAWhileOnly() {
        for kind in [FaultKind.byteLost, .byteRepeated, .bitFlipped] {
            for direction in [LineDirection.hostToDevice, .deviceToHost] {
                var faults = LineFaults()
                let isOfTheLine = faults.setChance(of: kind, perMillion: 1_000_000)
                #expect(isOfTheLine)
                var bench = bench(.line(direction, faults, milliseconds: 100))
                // Nothing, or the device's complaint about what it read.
                #expect(bench.status != .stimStatus(.ok, .lowLevel, .volts150), "\(kind.name)")
                #expect(bench.rig.faults.fired.allSatisfy { $0.kind == kind && $0.direction == direction })
                #expect(bench.rig.faults.firedCount > 0)
                bench.run(milliseconds: 150)
                #expect(bench.status == .stimStatus(.ok, .lowLevel, .volts150))
            }
        }
    }

    @Test func aStuckOutputIgnoresItsStops() {
        for isAcknowledged in [false, true] {
            var bench = bench(.stopIgnored(milliseconds: 300, isAcknowledged: isAcknowledged))
            #expect(bench.ask(.lowLevelStop, milliseconds: 60) == (isAcknowledged ? .lowLevelStop(.ok) : nil))
            #expect(bench.rig.meter.isHighVoltageOn)
            #expect(bench.status == .stimStatus(.ok, .lowLevel, .volts150))
            bench.run(milliseconds: 300)
            #expect(bench.ask(.lowLevelStop, milliseconds: 60) == .lowLevelStop(.ok))
            #expect(!bench.rig.meter.isHighVoltageOn)
            #expect(bench.rig.faults.count(of: .stopIgnored) == 1)
        }
        // In the mid level the pulses run on, also beyond the 2 s that need a host.
        var bench = Bench()
        bench.initialiseMid()
        bench.rig.plan(
            .stopIgnored(milliseconds: 5_000, isAcknowledged: true), at: Instant(nanoseconds: bench.now))
        _ = bench.ask(Bench.update([1: Bench.Train()]), milliseconds: 10)
        #expect(bench.ask(.midLevelStop, milliseconds: 60) == .midLevelStop(.ok))
        bench.run(milliseconds: 4_000)
        #expect(bench.rig.meter.pulseCount > 195)
        bench.run(milliseconds: 2_000)
        #expect(bench.rig.device.counts.keepAlivePauses == 1)
        let pulses = bench.rig.meter.pulseCount
        bench.run(milliseconds: 500)
        #expect(bench.rig.meter.pulseCount == pulses)
        // Only the plug helps meanwhile.
        var pulled = self.bench(.stopIgnored(milliseconds: 10_000, isAcknowledged: false))
        pulled.rig.unplug(at: Instant(nanoseconds: pulled.now))
        #expect(!pulled.rig.meter.isHighVoltageOn)
    }

    @Test func anAcknowledgementCanComeTwice() {
        var bench = bench(.nextCommand(number: CommandNumber.lowLevelChannelConfig, .acknowledgementRepeated))
        let before = bench.answers.count
        bench.send(Bench.pulse(5, 250))
        bench.run(milliseconds: 20)
        let answers = bench.answers.dropFirst(before)
        #expect(
            answers.map(\.acknowledgement) == [
                .lowLevelChannelConfig(.ok, .first, nil), .lowLevelChannelConfig(.ok, .first, nil),
            ])
        #expect(Set(answers.map(\.packetNumber)).count == 1)
        #expect(bench.rig.meter.pulseCount == 1)
        #expect(bench.rig.faults.count(of: .acknowledgementRepeated) == 1)
    }

    @Test(arguments: [1, 2, 3, 4, 7, 8, 10, 11, 16, 28, 200] as [UInt8])
    func everyErrorCodeCanBeReported(_ code: UInt8) {
        // Instead of what was asked for, and after it was done.
        var refused = bench(.nextCommand(number: CommandNumber.lowLevelChannelConfig, .result(code)))
        #expect(refused.ask(Bench.pulse(5, 250), milliseconds: 20)?.result.rawValue == code)
        #expect(refused.rig.meter.pulseCount == 0)
        var done = bench(.nextCommand(number: CommandNumber.lowLevelChannelConfig, .effectWithResult(code)))
        #expect(done.ask(Bench.pulse(5, 250), milliseconds: 20)?.result.rawValue == code)
        #expect(done.rig.meter.pulseCount == 1)
        #expect(done.rig.faults.count(of: .effectWithWrongResult) == 1)
        // And out of the blue.
        var sudden = bench(.generalError(code))
        sudden.run(milliseconds: 10)
        #expect(sudden.answers.last?.acknowledgement == .generalError(ResultCode(rawValue: code)))
        #expect(sudden.rig.faults.count(of: .generalErrorSent) == 1)
    }

    @Test func whatIsPluggedInAgainCanBeAnotherDevice() {
        var bench = bench(.replaced(deviceID: "STRANGER01", milliseconds: 200))
        #expect(!bench.rig.isPresent)
        #expect(!bench.rig.meter.isHighVoltageOn)
        bench.run(milliseconds: 550)
        #expect(bench.rig.isPresent && bench.rig.appearances == 2)
        #expect(bench.ask(.getDeviceID, milliseconds: 5) == .deviceID(.ok, DeviceID(text: "STRANGER01")))
        #expect(bench.status == .stimStatus(.ok, .none, .off))
        #expect(bench.rig.faults.count(of: .deviceReplaced) == 1)
        // The one that was there comes back under its own name.
        var same = self.bench(.interruption(milliseconds: 200))
        same.run(milliseconds: 550)
        #expect(same.ask(.getDeviceID, milliseconds: 5) == .deviceID(.ok, DeviceID(text: "SIMULATED1")))
        #expect(same.rig.faults.count(of: .deviceReplaced) == 0)
    }

    @Test func contactsChangeAtTheirMomentAndAreCountedByTheirNames() {
        for (contact, kind) in [
            (Contact.lifted(heldThousandths: 100), FaultKind.electrodeLifted),
            (.resistive(addedOhms: 10_000), .electrodeResistive), (.short, .electrodesShorted),
            (.detached, .electrodeDetached),
        ] {
            let bench = bench(.contact(channel: 2, contact))
            #expect(bench.rig.body.contact(channel: 2) == contact)
            #expect(bench.rig.body.contact(channel: 1) == .attached)
            #expect(bench.rig.faults.count(of: kind) == 1)
        }
        #expect(Set(FaultKind.allCases.map(\.name)).count == FaultKind.allCases.count)
    }

    @Test func lastingFaultsAreTheSameForTheSameSeed() {
        func hash(_ seed: UInt64) -> UInt64 {
            var plan = FaultPlan(seed: seed)
            plan.add(.line(.deviceToHost, .latencySpikes(perMillion: 200_000), milliseconds: 900), atNanoseconds: 0)
            plan.add(.lineBabble(milliseconds: 50, bytesPerMillisecond: 64), atNanoseconds: 400_000_000)
            var bench = Bench(VirtualRigConfiguration(faults: plan, seed: 1))
            bench.initialise()
            for _ in 0..<150 { _ = bench.ask(.getStimStatus, milliseconds: 7) }
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for answer in bench.answers { hash = (hash ^ UInt64(answer.nanoseconds)) &* 0x100_0000_01B3 }
            return hash
        }
        #expect(hash(4) == hash(4))
        #expect(hash(4) != hash(5))
    }
}

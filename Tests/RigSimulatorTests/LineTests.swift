import RigSimulator
import ScienceMode4
import StimulusModel
import Testing

/// USB as the host meets it, and faults that really fire.
@Suite struct LineTests {
    @Test func aWriteWaitsForTheNextFrameOfOneMillisecond() throws {
        var waits: Set<Int64> = []
        for seed: UInt64 in 0..<20 {
            var configuration = VirtualRigConfiguration(seed: seed)
            configuration.device.commandMicroseconds = 0
            var rig = VirtualRig(configuration, startingAt: Instant(nanoseconds: 0))
            let start: Int64 = 5_000_000
            for byte in Bench.frame(62) { rig.hostWrote(byte, at: Instant(nanoseconds: start)) }
            // The first byte of the answer, looked for every 10 µs.
            var now = start
            while rig.nextByteForHost(at: Instant(nanoseconds: now)) == nil, now < start + 10_000_000 { now += 10_000 }
            let wait = now - start
            // Up to 1 ms to the device, then the rest of the next frame back.
            #expect(wait > 1_000_000 && wait <= 2_010_000, "seed \(seed): \(wait) ns")
            waits.insert(wait)
        }
        #expect(waits.count > 10)
    }

    @Test func whatTheHostWritesWithoutADeviceIsGone() {
        var bench = Bench()
        bench.rig.unplug(at: Instant(nanoseconds: 0))
        bench.write(Bench.frame(62))
        bench.rig.plug(at: Instant(nanoseconds: bench.now))
        bench.run(milliseconds: 500)
        #expect(bench.answers.isEmpty)
        #expect(bench.rig.device.counts.framesRead == 0)
    }

    /// A session of status questions; what came back is the trace.
    private func trace(_ plan: FaultPlan, seed: UInt64 = 3, asks: Int = 400) -> (hash: UInt64, bench: Bench) {
        var bench = Bench(VirtualRigConfiguration(faults: plan, seed: seed))
        bench.initialise()
        for _ in 0..<asks {
            bench.send(.getStimStatus)
            bench.run(milliseconds: 6)
        }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for answer in bench.answers {
            for value in [UInt64(answer.nanoseconds), UInt64(answer.packetNumber)] {
                hash = (hash ^ value) &* 0x100_0000_01B3
            }
        }
        return (hash, bench)
    }

    @Test func theSameSeedIsTheSameWorld() {
        for seed: UInt64 in 0..<12 {
            let one = trace(.swarm(seed: seed), asks: 150)
            let two = trace(.swarm(seed: seed), asks: 150)
            #expect(one.hash == two.hash, "seed \(seed)")
            #expect(one.bench.rig.faults.fired == two.bench.rig.faults.fired, "seed \(seed)")
        }
        #expect(trace(.swarm(seed: 1)).hash != trace(.swarm(seed: 2)).hash)
    }

    @Test func withoutFaultsEveryQuestionIsAnswered() {
        let run = trace(FaultPlan(seed: 9))
        #expect(run.bench.answers.count == 401)
        #expect(run.bench.rig.faults.firedCount == 0)
        #expect(run.bench.rig.device.counts.framesRejected == 0)
    }

    @Test(arguments: [
        FaultKind.byteLost, .byteRepeated, .bitFlipped, .packetLost, .packetRepeated, .packetTruncated,
        .packetDelayed, .packetsReordered,
    ]) func aFaultOfTheLineFiresAtItsRate(_ kind: FaultKind) {
        let isOfBytes = [.byteLost, .byteRepeated, .bitFlipped].contains(kind)
        let perMillion: UInt32 = isOfBytes ? 8_000 : 100_000
        var plan = FaultPlan(seed: 11)
        let isOfTheLine = plan.hostToDevice.setChance(of: kind, perMillion: perMillion)
        #expect(isOfTheLine)
        plan.hostToDevice.longestDelayMilliseconds = 3
        let asks = 2_000
        let run = trace(plan, asks: asks)
        let chances = Double(asks) * (isOfBytes ? 12 : 1) * Double(perMillion) / 1_000_000
        let count = Double(run.bench.rig.faults.count(of: kind))
        #expect(count > chances * 0.6 && count < chances * 1.4, "\(kind.name): \(count) of about \(chances)")
        #expect(run.bench.rig.faults.firedCount == Int64(count))
        #expect(run.bench.rig.faults.fired.allSatisfy { $0.direction == .hostToDevice })
        // A fault that nobody notices would be none: frames are spoilt, missing, doubled or late.
        switch kind {
        case .packetRepeated: #expect(run.bench.rig.device.counts.framesRead > asks + 1)
        case .packetLost: #expect(run.bench.rig.device.counts.framesRead < asks)
        case .packetDelayed, .packetsReordered: #expect(run.hash != trace(FaultPlan(seed: 11), asks: asks).hash)
        default: #expect(Double(run.bench.rig.device.counts.framesRejected) > count / 2)
        }
    }

    @Test func faultsOfOneDirectionLeaveTheOtherAlone() {
        var plan = FaultPlan(seed: 5)
        plan.deviceToHost.packetLostPerMillion = 200_000
        let run = trace(plan)
        #expect(run.bench.rig.device.counts.framesRead == 401)
        #expect(run.bench.answers.count < 380)
    }

    @Test func commandsMeetTheFaultThatWasPlannedForThem() throws {
        var plan = FaultPlan()
        plan.add(
            .nextCommand(number: CommandNumber.lowLevelChannelConfig, .acknowledgedWithoutEffect), atNanoseconds: 0)
        plan.add(
            .nextCommand(number: CommandNumber.lowLevelChannelConfig, .effectWithoutAcknowledgement), atNanoseconds: 0)
        plan.add(.nextCommand(number: CommandNumber.lowLevelChannelConfig, .ignored), atNanoseconds: 0)
        plan.add(.nextCommand(number: CommandNumber.lowLevelChannelConfig, .result(16)), atNanoseconds: 0)
        plan.add(.nextCommand(number: CommandNumber.lowLevelStop, .acknowledgedWithoutEffect), atNanoseconds: 0)
        var bench = Bench(VirtualRigConfiguration(faults: plan))
        bench.initialise()
        #expect(bench.ask(Bench.pulse(5, 250))?.result == .ok)
        #expect(bench.rig.meter.pulseCount == 0)
        #expect(bench.ask(Bench.pulse(5, 250)) == nil)
        #expect(bench.rig.meter.pulseCount == 1)
        #expect(bench.ask(Bench.pulse(5, 250)) == nil)
        #expect(bench.ask(Bench.pulse(5, 250))?.result == .pulseTimeout)
        #expect(bench.rig.meter.pulseCount == 1)
        // The stop that only seemed to work: high voltage is still on.
        #expect(bench.ask(.lowLevelStop) == .lowLevelStop(.ok))
        #expect(bench.status == .stimStatus(.ok, .lowLevel, .volts150))
        #expect(bench.rig.faults.firedCount == 5)
        #expect(bench.rig.faults.count(of: .acknowledgedWithoutEffect) == 2)
    }

    @Test func plannedEventsHappenAtTheirMoments() {
        var plan = FaultPlan()
        plan.add(.interruption(milliseconds: 200), atNanoseconds: 500_000_000)
        plan.add(.contact(channel: 1, .detached), atNanoseconds: 100_000_000)
        plan.add(.deviceStuck(milliseconds: 100), atNanoseconds: 200_000_000)
        plan.add(.deviceReset, atNanoseconds: 2_000_000_000)
        var bench = Bench(VirtualRigConfiguration(faults: plan))
        bench.run(milliseconds: 99)
        #expect(bench.rig.body.contact(channel: 1) == .attached)
        bench.run(milliseconds: 2)
        #expect(bench.rig.body.contact(channel: 1) == .detached)
        bench.run(milliseconds: 100)
        #expect(bench.status == nil)
        bench.run(milliseconds: 100)
        #expect(bench.status == .stimStatus(.ok, .none, .off))
        bench.run(milliseconds: 200)
        #expect(!bench.rig.isPresent)
        bench.run(milliseconds: 1_000)
        #expect(bench.rig.isPresent)
        bench.run(milliseconds: 510)
        #expect(!bench.rig.isPresent)
        let kinds = bench.rig.faults.fired.map(\.kind)
        #expect(kinds == [.electrodeDetached, .deviceStuck, .unplugged, .plugged, .deviceReset])
    }

    @Test(arguments: [
        FaultKind.commandIgnored, .acknowledgedWithoutEffect, .effectWithoutAcknowledgement, .wrongResult,
        .deviceReset, .deviceStuck,
    ]) func aFaultOfTheDeviceFiresAtItsRate(_ kind: FaultKind) {
        var plan = FaultPlan(seed: 21)
        let isOfTheDevice = plan.device.setChance(of: kind, perMillion: 100_000)
        #expect(isOfTheDevice)
        plan.device.stuckMilliseconds = 20
        let run = trace(plan, asks: 1_500)
        // A device that restarts or is stuck misses what follows, so its chance is for commands that it obeyed.
        let count = Double(run.bench.rig.faults.count(of: kind))
        let obeyed: Double
        switch kind {
        case .deviceReset: obeyed = count
        case .deviceStuck: obeyed = Double(run.bench.answers.count) + count
        default: obeyed = 1_501
        }
        #expect(count > 0)
        if kind != .deviceReset {
            #expect(count > obeyed * 0.06 && count < obeyed * 0.14, "\(kind.name): \(count) of \(obeyed)")
        }
        #expect(run.bench.rig.faults.firedCount >= Int64(count))
    }

    @Test func aSwarmSwitchesEveryKindOnSomewhereAndOffElsewhere() {
        var lines: [LineFaults] = []
        var devices: [DeviceFaults] = []
        for seed: UInt64 in 0..<60 {
            let plan = FaultPlan.swarm(seed: seed)
            lines += [plan.hostToDevice, plan.deviceToHost]
            devices.append(plan.device)
        }
        func varies<T>(_ all: [T], _ value: (T) -> UInt32) -> Bool {
            all.contains { value($0) > 0 } && all.contains { value($0) == 0 }
        }
        #expect(varies(lines) { $0.byteLostPerMillion } && varies(lines) { $0.byteRepeatedPerMillion })
        #expect(varies(lines) { $0.bitFlippedPerMillion } && varies(lines) { $0.packetLostPerMillion })
        #expect(varies(lines) { $0.packetTruncatedPerMillion } && varies(lines) { $0.packetDelayedPerMillion })
        #expect(varies(devices) { $0.commandIgnoredPerMillion } && varies(devices) { $0.wrongResultPerMillion })
        #expect(varies(devices) { $0.acknowledgedWithoutEffectPerMillion })
        #expect(varies(devices) { $0.effectWithoutAcknowledgementPerMillion })
        #expect(varies(devices) { $0.deviceResetPerMillion } && varies(devices) { $0.deviceStuckPerMillion })
    }
}

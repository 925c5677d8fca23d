import PulsePal
import RigSimulator
import StimulusModel
import Testing

/// The needle rig as a whole: what a host sees, what arrives, and what its faults do.
@Suite struct NeedleRigTests {
    /// A slow rise to an amplitude that nobody can object to.
    static func risen(to milliamperes: Double, _ bench: inout NeedleRigBench) {
        bench.prepare(milliamperes: 0.1)
        bench.train(3, every: 100)
        var amplitude = 0.1
        while amplitude < milliamperes - 0.05 {
            amplitude += 0.1
            bench.program(amplitude)
            bench.train(3, every: 100)
        }
    }

    @Test(arguments: [UInt64(0), 1, 2, 3]) func anEdgeIsOnePulseThatIsSeenAndClean(seed: UInt64) {
        var bench = NeedleRigBench(seed: seed)
        Self.risen(to: 2, &bench)
        let before = bench.rig.meter.pulseCount
        bench.train(100, every: 20)
        #expect(bench.rig.meter.pulseCount == before + 100, "seed \(seed)")
        #expect(bench.rig.meter.isClean, "seed \(seed): \(bench.rig.meter)")
        #expect(bench.rig.meter.lastPulse?.peakMicroamperes == 2_000)
        #expect(bench.rig.meter.pulseCount(channel: 2) == 0)
        bench.pulse()
        let seen = bench.rig.pinLevels(at: bench.now)
        bench.run(7)
        let later = bench.rig.pinLevels(at: bench.now)
        #expect(seen.firstPulseIsSeen && !seen.secondPulseIsSeen && !later.firstPulseIsSeen)
    }

    @Test func bothChannelsHaveTheirOwnInput() {
        var bench = NeedleRigBench()
        bench.prepare(milliamperes: 1)
        bench.pulse(channel: 2)
        let seen = bench.rig.pinLevels(at: bench.now)
        bench.run(20)
        #expect(seen.secondPulseIsSeen && !seen.firstPulseIsSeen)
        #expect(bench.rig.meter.pulseCount(channel: 2) == 1 && bench.rig.meter.pulseCount(channel: 1) == 0)
    }

    @Test func belowTwoTenthsOfAMilliampereNothingIsSeen() {
        for (milliamperes, isSeen) in [(0.1, false), (0.3, true)] {
            var bench = NeedleRigBench()
            bench.prepare(milliamperes: milliamperes)
            bench.pulse()
            let levels = bench.rig.pinLevels(at: bench.now)
            bench.run(10)
            #expect(levels.firstPulseIsSeen == isSeen && bench.rig.meter.pulseCount == 1)
        }
    }

    @Test func withAnOpenRelayNothingArrives() {
        var bench = NeedleRigBench()
        bench.program(4)
        bench.send(.softTrigger(mask: 1))
        bench.run(50)
        #expect(bench.rig.device.trainCount[0] == 1 && bench.rig.meter.pulseCount == 0 && bench.rig.meter.isClean)
    }

    @Test func theComparatorMayBeDeadOrStuck() {
        var dead = NeedleRigBench { $0.faults = [NeedleFault(.comparatorDead)] }
        dead.prepare(milliamperes: 4)
        dead.pulse()
        let nothing = dead.rig.pinLevels(at: dead.now)
        #expect(!nothing.firstPulseIsSeen)
        var stuck = NeedleRigBench { $0.faults = [NeedleFault(.comparatorStuck)] }
        let always = stuck.rig.pinLevels(at: stuck.now)
        #expect(always.firstPulseIsSeen && always.secondPulseIsSeen)
    }

    @Test func currentThroughAWeldedRelayIsFound() {
        var bench = NeedleRigBench { $0.faults = [NeedleFault(.relayWelded)] }
        bench.program(4)
        bench.send(.softTrigger(mask: 1))
        bench.run(50)
        #expect(bench.rig.meter.count(of: .relayShouldBeOpen) > 0 && bench.rig.meter.pulseCount == 1)
    }

    @Test func aSlowDropOutIsFoundByItsPulses() {
        for (milliseconds, isFound) in [(Int64(50), false), (500, true)] {
            var bench = NeedleRigBench { $0.faults = [NeedleFault(.slowDropOut, milliseconds: milliseconds)] }
            bench.prepare(milliamperes: 0.1)
            bench.beats = false
            for _ in 0..<20 {
                bench.send(.softTrigger(mask: 1))
                bench.run(10)
            }
            #expect((bench.rig.meter.count(of: .relayShouldBeOpen) > 0) == isFound)
        }
    }

    @Test func theButtonCutsAPulseAndLeavesTheUSBAlone() {
        var bench = NeedleRigBench { $0.board.openMilliseconds = 0 }
        bench.prepare(milliamperes: 4)
        bench.drive.firstTrigger = true
        bench.run(1)
        // Edge seen within 250 µs, output 50 to 100 µs later: in phase 1 or 2 by now plus 400 µs.
        let middle = Instant(nanoseconds: bench.now.nanoseconds + 400_000)
        bench.rig.pressPatientButton(at: middle, heldFor: TimeSpan(milliseconds: 300))
        bench.drive.firstTrigger = false
        bench.run(20)
        #expect(bench.rig.meter.cutCount == 1 && bench.rig.meter.count(of: .netCharge) == 0)
        #expect(bench.rig.isPresent && bench.rig.appearances == 1)
        var levels = bench.rig.pinLevels(at: bench.now)
        #expect(levels.patientButtonIsPressed && !levels.relayIsClosed)
        bench.run(300)
        levels = bench.rig.pinLevels(at: bench.now)
        #expect(!levels.patientButtonIsPressed && !levels.relayIsClosed)
    }

    @Test func pulledAndPluggedAgainItHasItsDefaults() {
        var bench = NeedleRigBench()
        bench.prepare(milliamperes: 2)
        bench.rig.unplug(at: bench.now)
        bench.send(.handshake)
        bench.run(10)
        #expect(!bench.rig.isPresent && bench.answers == [1])
        bench.rig.plug(at: bench.now)
        bench.run(1_100)
        #expect(bench.rig.isPresent && bench.rig.appearances == 2)
        bench.answers = []
        bench.send(.handshake)
        bench.run(10)
        #expect(bench.answers == [0x4B, 0x15, 0, 0, 0])
        #expect(bench.rig.device.program == PulsePalConfiguration.defaults)
        // An edge now is 5 mA in one direction for a second.
        bench.pulse()
        bench.run(50)
        #expect(bench.rig.meter.count(of: .monophasic) > 0 && bench.rig.meter.lastPulse?.peakMicroamperes == 5_000)
        bench.rig.powerCycle(at: bench.now, milliseconds: 100)
        bench.run(1_200)
        #expect(bench.rig.appearances == 3 && bench.rig.count(of: .powerInterrupted) == 1)
    }

    @Test func aCutCommandFreezesThePulseAtTheNeedles() {
        var bench = NeedleRigBench()
        bench.prepare(milliamperes: 2)
        bench.write([0xD5, 0x4A, 0x02])
        bench.run(5)
        bench.pulse()
        bench.run(100)
        #expect(bench.rig.device.isFrozen && bench.rig.meter.pulseCount == 0)
        // The byte that a command loses does the same.
        var other = NeedleRigBench()
        other.prepare(milliamperes: 2)
        other.rig.plan(NeedleFault(.commandCut), at: other.now)
        other.answers = []
        other.write([0xD5, 0x48, 0xD5, 0x49, 0x01])
        other.run(50)
        #expect(other.answers.isEmpty && other.rig.device.isFrozen)
    }

    /// A stored train is longer than the device's buffer and the line's packets.
    @Test func aTrainOfFiveThousandPulsesIsTakenWhole() {
        for firmware in [PulsePalFirmware.version21, .version22] {
            var bench = NeedleRigBench { $0.device = PulsePalConfiguration(firmware: firmware) }
            var bytes: [UInt8] = [0xD5, 75, 0x88, 0x13, 0, 0]
            for index in 0..<5_000 { bytes += [UInt8(index & 0xFF), UInt8(index >> 8), 0, 0] }
            for index in 0..<5_000 { bytes += [UInt8(index & 0xFF), UInt8(index >> 8)] }
            for start in stride(from: 0, to: bytes.count, by: 1_000) {
                bench.write(Array(bytes[start..<min(bytes.count, start + 1_000)]))
                bench.run(1)
            }
            bench.send(.handshake)
            bench.run(5)
            let train = bench.rig.device.storedTrain(1)
            #expect(bench.answers == [1, 0x4B, firmware.rawValue, 0, 0, 0])
            #expect(train.cycles == (0..<5_000).map { UInt32($0) } && train.codes == (0..<5_000).map { UInt16($0) })
        }
    }

    /// A host that writes faster than one command a cycle waits, and loses nothing.
    @Test func manyShortCommandsAreAllRead() {
        var bench = NeedleRigBench()
        for _ in 0..<1_000 { bench.send(.handshake) }
        bench.run(100)
        #expect(bench.answers.count == 5_000 && bench.rig.droppedBytes == 0)
    }

    @Test func theLineMayBeDeadBlockedOrSilent() {
        for (kind, obeys) in [(NeedleFaultKind.lineDead, false), (.deviceSilent, true)] {
            var bench = NeedleRigBench()
            bench.run(5)
            bench.rig.plan(NeedleFault(kind, milliseconds: 100), at: bench.now)
            let before = bench.rig.device.commandCount
            bench.send(.handshake)
            bench.run(50)
            #expect(bench.answers.isEmpty && (bench.rig.device.commandCount > before) == obeys, "\(kind.name)")
            bench.run(100)
            bench.send(.handshake)
            bench.run(10)
            #expect(bench.answers.count == 5)
        }
        var blocked = NeedleRigBench()
        blocked.rig.plan(NeedleFault(.lineBlocked, milliseconds: 100), at: blocked.now)
        blocked.send(.handshake)
        blocked.run(50)
        let room = blocked.rig.roomForHost(at: blocked.now)
        #expect(blocked.answers.isEmpty && room < 64)
        blocked.run(60)
        #expect(blocked.answers.count == 5)
    }

    @Test func aHandAtThePulsePalIsSeenOnlyByItsPulses() {
        var bench = NeedleRigBench()
        bench.prepare(milliamperes: 0.3)
        bench.rig.plan(NeedleFault(.strayTrain, channel: 2), at: bench.now)
        bench.run(2)
        let levels = bench.rig.pinLevels(at: bench.now)
        #expect(levels.secondPulseIsSeen && !levels.firstPulseIsSeen)
        bench.run(20)
        bench.rig.plan(NeedleFault(.parametersChanged), at: bench.now)
        bench.pulse()
        bench.run(50)
        #expect(bench.rig.meter.count(of: .monophasic) > 0)
        bench.rig.clickJoystick(at: bench.now)
        bench.run(10)
        #expect(!bench.rig.device.isActive(channel: 1))
    }

    @Test func aTrippedIsolatorGivesNothingUntilEnabled() {
        var bench = NeedleRigBench()
        bench.prepare(milliamperes: 1)
        bench.rig.tripIsolator(channel: 1, at: bench.now)
        bench.pulse()
        var levels = bench.rig.pinLevels(at: bench.now)
        #expect(!levels.firstPulseIsSeen)
        bench.run(20)
        bench.rig.enableIsolator(channel: 1, at: bench.now)
        bench.pulse()
        levels = bench.rig.pinLevels(at: bench.now)
        #expect(levels.firstPulseIsSeen)
    }

    @Test func aWrongRangeAndAnImbalanceAreFound() {
        var range = NeedleRigBench { $0.faults = [NeedleFault(.isolatorWrongRange)] }
        range.prepare(milliamperes: 5)
        range.pulse()
        range.run(20)
        #expect(range.rig.meter.count(of: .peak) == 1 && range.rig.meter.lastPulse?.peakMicroamperes == 12_500)
        var imbalance = NeedleRigBench { $0.faults = [NeedleFault(.isolatorImbalance)] }
        imbalance.prepare(milliamperes: 5)
        imbalance.pulse()
        imbalance.run(20)
        #expect(imbalance.rig.meter.count(of: .netCharge) == 1)
    }

    @Test func forbiddenPulsesAreFound() {
        var bench = NeedleRigBench()
        bench.prepare(milliamperes: 0.1)
        let now = bench.now
        bench.rig.changeMeter { $0.forbidPulses(after: now) }
        bench.run(50)
        #expect(bench.rig.meter.isClean)
        bench.pulse()
        bench.run(20)
        #expect(bench.rig.meter.count(of: .forbidden) == 1)
    }

    /// Without a closed relay nothing at all is due, however long it takes.
    @Test func idleTimeCostsNothing() {
        var bench = NeedleRigBench()
        bench.run(5)
        bench.beats = false
        bench.run(100)
        #expect(bench.rig.nextMoment == nil)
        bench.rig.advance(to: Instant(nanoseconds: 3_600_000_000_000))
        #expect(bench.rig.nextMoment == nil)
    }

    @Test func theSameSeedIsTheSameRig() {
        func run(_ seed: UInt64) -> String {
            var bench = NeedleRigBench(seed: seed)
            bench.prepare(milliamperes: 0.1)
            bench.train(20, every: 13)
            return "\(bench.rig.changes.map(\.atNanoseconds))"
        }
        #expect(run(5) == run(5) && run(5) != run(6))
    }
}

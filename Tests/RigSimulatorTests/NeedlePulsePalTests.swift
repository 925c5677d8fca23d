import PulsePal
import RigSimulator
import Testing

/// The outputs, row by row as the firmware made them (`pulsepal.md` 4). Times in µs from the reading of the command.
@Suite struct NeedlePulsePalTests {
    typealias Change = PulsePalBench.Change
    static let up = PulsePalBench.up
    static let down = PulsePalBench.down
    static let zero = PulsePalBench.zero

    static func triggered(
        _ microseconds: Int64 = 200_000, _ change: (inout PulsePalChannel) -> Void = { _ in }
    ) -> [Change] {
        var bench = PulsePalBench(PulsePalConfiguration(), change)
        bench.send(.softTrigger(mask: 1))
        bench.run(microseconds: microseconds)
        return bench.changes
    }

    static let train: [Change] = (0..<5).flatMap { index in
        let start = Int64(index) * 20_000
        return [Change(100 + start, up), Change(350 + start, down), Change(600 + start, zero)]
    }

    @Test func aSoftTriggerGivesFivePulses() { #expect(Self.triggered() == Self.train) }

    /// P04 to P22 byte by byte, as the public client sends them.
    @Test func theRecordedBytesGiveTheRecordedPulses() {
        var bench = PulsePalBench()
        bench.send(.programAll(.silent))
        bench.run(microseconds: 200)
        bench.forget()
        let values: [(UInt8, [UInt8])] = [
            (1, [1]), (2, [0x99, 0x99]), (3, [0x66, 0x66]), (4, [5, 0, 0, 0]), (5, [0, 0, 0, 0]), (6, [5, 0, 0, 0]),
            (7, [0x86, 1, 0, 0]), (8, [0, 0, 0, 0]), (9, [0, 0, 0, 0]), (10, [0xD0, 7, 0, 0]), (11, [0, 0, 0, 0]),
            (12, [0]), (13, [0]), (14, [0]), (15, [0]), (16, [0]), (17, [0, 0x80]), (128, [0]),
        ]
        for (parameter, value) in values { bench.write([0xD5, 0x4A, parameter, 1] + value) }
        bench.run(microseconds: 1_000)
        #expect(bench.answers == [UInt8](repeating: 1, count: 18) && bench.changes.isEmpty)
        bench.forget()
        bench.write([0xD5, 0x4D, 0x01])
        bench.run(microseconds: 200_000)
        #expect(bench.changes == Self.train && bench.answers.isEmpty)
    }

    @Test(arguments: [Int64(0), 1, 7, 25, 49]) func anEdgeIsAPulseFiftyToAHundredLater(after: Int64) {
        var bench = PulsePalBench(PulsePalConfiguration()) { $0.isLinkedToFirst = true }
        bench.run(microseconds: after)
        bench.forget()
        bench.input(true)
        bench.run(microseconds: 1_000)
        let first = bench.changes.first?.at ?? 0
        #expect((50...100).contains(first), "edge \(after) µs after a cycle: output \(first) µs after it")
        #expect(bench.changes.map(\.code) == [Self.up, Self.down, Self.zero])
    }

    @Test func anInputPulseBetweenTwoCyclesIsMissed() {
        var bench = PulsePalBench(PulsePalConfiguration()) { $0.isLinkedToFirst = true }
        bench.run(microseconds: 5)
        bench.input(true)
        bench.run(microseconds: 40)
        bench.input(false)
        bench.run(microseconds: 10_000)
        #expect(bench.changes.isEmpty)
    }

    @Test func theEndOfTheTrainCutsAPulse() {
        let changes = Self.triggered { $0.trainCycles = 7 }
        #expect(changes == [Change(100, Self.up), Change(350, Self.down), Change(450, Self.zero)])
    }

    @Test func theEndOfABurstCutsAPulse() {
        let changes = Self.triggered(1_000) {
            $0.burstCycles = 7
            $0.burstIntervalCycles = 400
        }
        #expect(changes == [Change(100, Self.up), Change(350, Self.down), Change(450, Self.zero)])
    }

    @Test func burstsRepeat() {
        let changes = Self.triggered(50_000) {
            $0.interpulseCycles = 10
            $0.burstCycles = 35
            $0.burstIntervalCycles = 365
            $0.trainCycles = 800
        }
        // Pulses every 20 cycles; one of 5 whose first phase would end at or behind 35 is not started.
        let pulse = { (start: Int64) in
            [Change(start, Self.up), Change(start + 250, Self.down), Change(start + 500, Self.zero)]
        }
        #expect(changes == pulse(100) + pulse(1_100) + pulse(20_100) + pulse(21_100))
    }

    @Test func anAbortInPhaseOneTakesEffectInTheSameCycle() {
        for request in [PulsePalRequest.abort, .disconnect] {
            var bench = PulsePalBench()
            bench.send(.softTrigger(mask: 1))
            bench.run(microseconds: 199)
            bench.send(request)
            bench.run(microseconds: 50_000)
            #expect(bench.changes == [Change(100, Self.up), Change(200, Self.zero)] && bench.answers.isEmpty)
        }
    }

    @Test func aTrainOfNoLengthIsNoPulse() { #expect(Self.triggered { $0.trainCycles = 0 }.isEmpty) }

    @Test func aFirstPhaseOfNoLengthLastsTheWholeTrain() {
        #expect(Self.triggered { $0.phase1Cycles = 0 } == [Change(100, Self.up), Change(100_100, Self.zero)])
    }

    @Test func aSecondPhaseOfNoLengthLastsTheRestOfTheTrain() {
        let changes = Self.triggered { $0.phase2Cycles = 0 }
        #expect(changes == [Change(100, Self.up), Change(350, Self.down), Change(100_100, Self.zero)])
    }

    @Test func withoutIntervalAMonophasicTrainIsOnePulse() {
        let changes = Self.triggered {
            $0.isBiphasic = false
            $0.interpulseCycles = 0
        }
        #expect(changes == [Change(100, Self.up), Change(350, Self.zero)])
    }

    @Test func withoutIntervalBiphasicPulsesFollowBackToBack() {
        let changes = Self.triggered {
            $0.interpulseCycles = 0
            $0.trainCycles = 20
        }
        #expect(
            changes == [
                Change(100, Self.up), Change(350, Self.down), Change(600, Self.up), Change(850, Self.down),
                Change(1_100, Self.zero),
            ])
    }

    @Test func betweenThePhasesIsRestingVoltage() {
        let changes = Self.triggered(1_000) { $0.interphaseCycles = 2 }
        #expect(
            changes == [Change(100, Self.up), Change(350, Self.zero), Change(450, Self.down), Change(700, Self.zero)])
    }

    @Test func aDelayComesBeforeTheTrain() {
        let changes = Self.triggered(2_000) { $0.delayCycles = 10 }
        #expect(changes == [Change(600, Self.up), Change(850, Self.down), Change(1_100, Self.zero)])
    }

    @Test func aLongerPhaseSentInThatPhaseAppliesFromTheNextPulse() {
        var bench = PulsePalBench()
        bench.send(.softTrigger(mask: 1))
        bench.run(microseconds: 180)
        bench.set(4, 8)
        bench.run(microseconds: 22_000)
        #expect(bench.changes.prefix(3) == [Change(100, Self.up), Change(350, Self.down), Change(600, Self.zero)])
        #expect(bench.changes.dropFirst(3).prefix(2) == [Change(20_100, Self.up), Change(20_500, Self.down)])
    }

    @Test func aStoredTrainHasItsTimesVoltagesAndMirrorImage() {
        var bench = PulsePalBench(PulsePalConfiguration()) { $0.customTrain = 1 }
        var train = PulsePalTrain()
        for (cycles, code) in [(UInt32(0), Self.up), (200, 52_428), (400, UInt16(0))] {
            _ = train.append(cycles: cycles, code: code)
        }
        bench.send(.customTrain(number: 1, train))
        bench.run(microseconds: 1_000)
        #expect(bench.answers == [1])
        bench.forget()
        bench.send(.softTrigger(mask: 1))
        bench.run(microseconds: 200_000)
        // 2 V mirrors to 26,215, which a client rounds to 26,214; code 0 mirrors to itself.
        #expect(
            bench.changes == [
                Change(100, Self.up), Change(350, 26_215), Change(600, Self.zero),
                Change(10_100, 52_428), Change(10_350, 13_108), Change(10_600, Self.zero),
                Change(20_100, 0), Change(20_600, Self.zero),
            ])
    }

    @Test func onsetsCloserThanThePulseJoinIntoAWaveform() {
        var bench = PulsePalBench(PulsePalConfiguration()) {
            $0.customTrain = 2
            $0.isBiphasic = false
        }
        var train = PulsePalTrain()
        for index in UInt32(0)..<4 { _ = train.append(cycles: index * 3, code: 33_000 + UInt16(index)) }
        bench.send(.customTrain(number: 2, train))
        bench.run(microseconds: 1_000)
        bench.forget()
        bench.send(.softTrigger(mask: 1))
        bench.run(microseconds: 10_000)
        #expect(
            bench.changes == [
                Change(100, 33_000), Change(250, 33_001), Change(400, 33_002), Change(550, 33_003),
                Change(800, Self.zero),
            ])
    }

    @Test func aLoopedStoredTrainEndsWithTheTrain() {
        var bench = PulsePalBench(PulsePalConfiguration()) {
            $0.customTrain = 1
            $0.customLoops = true
            $0.isBiphasic = false
            $0.trainCycles = 100
        }
        var train = PulsePalTrain()
        _ = train.append(cycles: 0, code: Self.up)
        _ = train.append(cycles: 20, code: 52_428)
        bench.send(.customTrain(number: 1, train))
        bench.run(microseconds: 1_000)
        bench.forget()
        bench.send(.softTrigger(mask: 1))
        bench.run(microseconds: 20_000)
        #expect(bench.changes.first == Change(100, Self.up) && bench.changes.last == Change(5_100, Self.zero))
        #expect(bench.changes.count { $0.code == Self.up } >= 3)
        #expect(!bench.device.isActive(channel: 1))
    }

    /// A command of the longest kind takes its cycle; idle time costs nothing.
    @Test func anIdleDeviceHasNoNextEvent() {
        var bench = PulsePalBench()
        #expect(bench.device.nextEvent == Int64.max)
        bench.send(.softTrigger(mask: 1))
        bench.run(microseconds: 300_000)
        #expect(bench.device.nextEvent == Int64.max && bench.device.trainCount == [1, 0, 0, 0])
    }

    @Test func fixedVoltageStaysUntilSomethingElseChangesThatChannel() {
        var bench = PulsePalBench()
        bench.send(.fixedVoltage(channel: 2, code: 40_000))
        bench.run(microseconds: 3_600_000_000)
        #expect(bench.changes == [Change(0, 40_000, channel: 2)] && bench.answers == [1])
        bench.send(.abort)
        bench.run(microseconds: 100)
        #expect(bench.device.outputs == [Self.zero, Self.zero, Self.zero, Self.zero])
    }

    /// The resting voltage of 73 and 74 does not reach the output until the next abort, train end or fixed voltage.
    @Test func aRestingVoltageWaitsForTheNextAbortOrTrainEnd() {
        var bench = PulsePalBench()
        bench.set(17, 33_000)
        bench.run(microseconds: 1_000_000)
        #expect(bench.changes.isEmpty && bench.answers == [1])
        bench.send(.abort)
        bench.run(microseconds: 100)
        #expect(bench.device.outputs[0] == 33_000)
        bench.set(17, 34_000)
        bench.send(.softTrigger(mask: 1))
        bench.run(microseconds: 200_000)
        #expect(bench.device.outputs[0] == 34_000)
        bench.set(17, 35_000)
        bench.send(.fixedVoltage(channel: 1, code: 35_000))
        bench.run(microseconds: 1_000)
        #expect(bench.device.outputs[0] == 35_000)
    }
}

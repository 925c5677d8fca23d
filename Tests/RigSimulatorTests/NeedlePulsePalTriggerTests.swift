import PulsePal
import RigSimulator
import Testing

/// Triggers, kept soft triggers and continuous mode (`pulsepal.md` 5).
@Suite struct NeedlePulsePalTriggerTests {
    typealias Change = PulsePalBench.Change
    static let up = PulsePalBench.up
    static let down = PulsePalBench.down
    static let zero = PulsePalBench.zero

    static func linked(mode: UInt8, _ change: (inout PulsePalChannel) -> Void = { _ in }) -> PulsePalBench {
        var bench = PulsePalBench(PulsePalConfiguration()) {
            $0.isLinkedToFirst = true
            change(&$0)
        }
        bench.set(128, UInt32(mode))
        bench.run(microseconds: 1_000)
        bench.forget()
        return bench
    }

    @Test func inNormalModeEdgesWhilePlayingAreIgnored() {
        var bench = Self.linked(mode: 0)
        for _ in 0..<9 {
            bench.input(true)
            bench.run(microseconds: 5_000)
            bench.input(false)
            bench.run(microseconds: 5_000)
        }
        #expect(bench.device.trainCount[0] == 1 && bench.changes.count == 15)
        // Over after 100 ms: the next edge starts another one.
        bench.run(microseconds: 20_000)
        bench.input(true)
        bench.run(microseconds: 1_000)
        #expect(bench.device.trainCount[0] == 2)
    }

    /// The needle rig's setting: 8 ms with a longer pause, so that an edge is one pulse and faster edges are none.
    @Test func anEdgeIsOnePulseInATrainOfEightMilliseconds() {
        var bench = Self.linked(mode: 0) {
            $0.trainCycles = 160
            $0.interpulseCycles = 200
        }
        for _ in 0..<100 {
            bench.input(true)
            bench.run(microseconds: 1_000)
            bench.input(false)
            bench.run(microseconds: 2_000)
        }
        // Every 3 ms an edge, every third of them behind the train before.
        #expect(bench.changes.count { $0.code == Self.up } == 34)
        #expect(bench.changes.count == 34 * 3)
    }

    @Test func inToggleModeARisingEdgeStopsAndAFallingOneDoesNot() {
        var bench = Self.linked(mode: 1)
        bench.input(true)
        bench.run(microseconds: 10_000)
        bench.input(false)
        bench.run(microseconds: 20_000)
        #expect(bench.device.isActive(channel: 1) && bench.changes.count == 6)
        bench.input(true)
        bench.run(microseconds: 1_000)
        #expect(!bench.device.isActive(channel: 1))
        bench.run(microseconds: 100_000)
        #expect(bench.changes.count == 6)
    }

    @Test func inGatedModeTheFallingEdgeCutsThePulse() {
        var bench = Self.linked(mode: 2)
        bench.input(true)
        bench.run(microseconds: 400)
        bench.input(false)
        bench.run(microseconds: 50_000)
        // Each edge falls on a cycle and is seen in it; what follows is written a cycle later.
        #expect(bench.changes == [Change(50, Self.up), Change(300, Self.down), Change(450, Self.zero)])
    }

    @Test func theOtherGatedInputHoldsTheTrain() {
        for isOtherGated in [true, false] {
            var bench = Self.linked(mode: 2) { $0.isLinkedToSecond = true }
            bench.send(.programOne(parameter: 128, channel: 2, value: isOtherGated ? 2 : 0))
            bench.run(microseconds: 1_000)
            bench.input(true)
            bench.input(true, 1)
            bench.run(microseconds: 10_000)
            bench.input(false)
            bench.run(microseconds: 1_000)
            #expect(bench.device.isActive(channel: 1) == isOtherGated)
            bench.input(false, 1)
            bench.run(microseconds: 1_000)
            #expect(!bench.device.isActive(channel: 1))
        }
    }

    @Test func aTriggerThatIsNotLinkedStartsNothing() {
        var bench = PulsePalBench()
        bench.input(true)
        bench.input(true, 1)
        bench.run(microseconds: 50_000)
        #expect(bench.changes.isEmpty)
    }

    /// The trap: `D5 4D 01 D5 50` in one write.
    @Test func triggerAndAbortInOneWriteStartATrain() {
        var bench = PulsePalBench()
        bench.write([0xD5, 0x4D, 0x01, 0xD5, 0x50])
        bench.run(microseconds: 200_000)
        #expect(bench.changes == NeedlePulsePalTests.train)
    }

    @Test func aTriggerWhilePlayingIsKeptForASecondTrain() {
        var bench = PulsePalBench()
        bench.send(.softTrigger(mask: 1))
        bench.run(microseconds: 30_000)
        bench.send(.softTrigger(mask: 1))
        bench.run(microseconds: 300_000)
        #expect(bench.device.trainCount[0] == 2 && bench.changes.count == 30)
    }

    @Test func anAbortIsUndoneByAKeptTriggerAndASecondAbortHolds() {
        var bench = PulsePalBench(PulsePalConfiguration()) { $0.phase1Cycles = 100 }
        bench.send(.softTrigger(mask: 1))
        bench.run(microseconds: 1_000)
        bench.send(.softTrigger(mask: 1))
        bench.run(microseconds: 1_000)
        bench.forget()
        bench.send(.abort)
        bench.run(microseconds: 1_000)
        // Down for one cycle, and up again.
        #expect(bench.changes == [Change(0, Self.zero), Change(50, Self.up)])
        bench.send(.abort)
        bench.run(microseconds: 300_000)
        #expect(bench.changes.count == 3 && bench.device.outputs[0] == Self.zero)
    }

    @Test func aMaskOfNothingDoesNotClearAKeptTrigger() {
        var bench = PulsePalBench()
        bench.send(.softTrigger(mask: 1))
        bench.run(microseconds: 10_000)
        bench.send(.softTrigger(mask: 1))
        bench.run(microseconds: 10_000)
        bench.send(.softTrigger(mask: 0))
        bench.run(microseconds: 300_000)
        #expect(bench.device.trainCount[0] == 2)
    }

    @Test func continuousStartsTheTrainAndStaysBehindAnAbort() {
        var bench = PulsePalBench()
        bench.send(.continuous(channel: 1, isOn: true))
        bench.run(microseconds: 10_000_000)
        #expect(bench.answers == [1] && bench.changes.count == 1_500 && bench.device.isActive(channel: 1))
        bench.send(.abort)
        bench.run(microseconds: 1_000_000)
        #expect(!bench.device.isActive(channel: 1) && bench.device.isContinuous[0])
        // The next trigger from any source plays for ever.
        bench.send(.softTrigger(mask: 1))
        bench.run(microseconds: 60_000_000)
        #expect(bench.device.isActive(channel: 1))
        bench.send(.continuous(channel: 1, isOn: false))
        bench.run(microseconds: 1_000)
        #expect(!bench.device.isActive(channel: 1) && !bench.device.isContinuous[0])
        bench.send(.softTrigger(mask: 1))
        bench.run(microseconds: 300_000)
        #expect(!bench.device.isActive(channel: 1))
    }

    @Test func aMaskStartsSeveralChannelsInOneCycle() {
        var bench = PulsePalBench()
        var program = PulsePalProgram.silent
        for number in UInt8(1)...4 { program[channel: number] = PulsePalBench.channel }
        bench.send(.programAll(program))
        bench.run(microseconds: 1_000)
        bench.forget()
        bench.send(.softTrigger(mask: 0b1010))
        bench.run(microseconds: 200)
        #expect(bench.changes == [Change(100, Self.up, channel: 2), Change(100, Self.up, channel: 4)])
    }
}

import RigSimulator
import ScienceMode4
import StimulusModel
import Testing

/// Ten pulses wait, nobody watches the host, and a stop ends what is waiting.
@Suite struct PulseQueueTests {
    /// A pulse of 8 ms.
    private let long = Bench.points([(4_000, 2), (4_000, -2)])

    @Test func theEleventhPulseAtOnceIsRefused() {
        var bench = Bench()
        bench.initialise()
        let before = bench.answers.count
        // Ten are buffered, the one in flight among them; one is too many.
        for _ in 0..<11 { bench.send(long) }
        bench.run(milliseconds: 150)
        let results = bench.answers.dropFirst(before).map(\.acknowledgement.result.rawValue)
        #expect(results.sorted() == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3])
        #expect(bench.rig.meter.pulseCount == 10)
        #expect(bench.rig.device.counts.pulsesDropped == 1)
    }

    @Test func onePulseTooManyCanBeDroppedInSilence() {
        var configuration = VirtualRigConfiguration()
        configuration.device.queueFullResult = nil
        configuration.device.queuedPulses = 2
        var bench = Bench(configuration)
        bench.initialise()
        let before = bench.answers.count
        for _ in 0..<5 { bench.send(long) }
        bench.run(milliseconds: 150)
        #expect(bench.answers.count - before == 2)
        #expect(bench.rig.meter.pulseCount == 2)
    }

    @Test func queuedPulsesRunOnWhenTheHostIsDead() {
        var bench = Bench()
        bench.initialise()
        for _ in 0..<10 { bench.send(long) }
        bench.run(milliseconds: 6)
        let atDeath = bench.rig.meter.pulseCount
        // Nobody reads or writes any more.
        bench.rig.advance(to: Instant(nanoseconds: bench.now + 10_000_000_000))
        #expect(atDeath < 10)
        #expect(bench.rig.meter.pulseCount == 10)
        #expect(bench.rig.meter.isHighVoltageOn)
        #expect(bench.rig.device.level == .low)
    }

    @Test(arguments: [(StopFate.finishesPulse, Int64(1), true), (.cutsPulse, 1, false), (.runsQueue, 5, true)])
    func whatAStopLeavesOfTheQueue(fate: StopFate, pulses: Int64, isComplete: Bool) throws {
        var configuration = VirtualRigConfiguration()
        configuration.device.stopFate = fate
        var bench = Bench(configuration)
        bench.initialise()
        for _ in 0..<5 { bench.send(long) }
        bench.run(milliseconds: 4)
        bench.send(.lowLevelStop)
        bench.run(milliseconds: 150)
        #expect(bench.answers.last?.acknowledgement == .lowLevelStop(.ok))
        #expect(bench.rig.meter.pulseCount == pulses)
        #expect(try #require(bench.rig.meter.lastPulse).isComplete == isComplete)
        #expect(!bench.rig.meter.isHighVoltageOn)
    }

    @Test func executeZeroIsNoStimulation() {
        var bench = Bench()
        bench.initialise()
        // Row 8 of the sheet's differences: with points (PY) and without (C).
        for text in [
            "F0 81 55 81 44 81 7F 81 61 30 02 00 06 44 B0 00 0F", "F0 81 55 81 58 81 F6 81 92 30 02 00 0F",
        ] {
            #expect(bench.ask(bytes: Bench.bytes(text))?.result == .ok)
        }
        #expect(bench.rig.meter.pulseCount == 0)
    }

    @Test func shortPointsCountAsTenMicroseconds() throws {
        let two = [0x81] + Bench.point(5, rawCurrent: 320) + Bench.point(0, rawCurrent: 280)
        var bench = Bench()
        bench.initialise()
        #expect(bench.ask(bytes: Bench.frame(2, two))?.result == .ok)
        #expect(try #require(bench.rig.meter.lastPulse).durationMicroseconds == 20)

        var configuration = VirtualRigConfiguration()
        configuration.device.zeroDurationIsLeftOut = true
        var other = Bench(configuration)
        other.initialise()
        #expect(other.ask(bytes: Bench.frame(2, two))?.result == .ok)
        #expect(try #require(other.rig.meter.lastPulse).durationMicroseconds == 10)
    }

    @Test func currentsAboveTheDeviceAreParameterErrors() {
        var bench = Bench()
        bench.initialise()
        let allowed = [0x81] + Bench.point(100, rawCurrent: 560) + Bench.point(100, rawCurrent: 40)
        let tooMuch = [0x81] + Bench.point(100, rawCurrent: 561) + Bench.point(100, rawCurrent: 39)
        #expect(bench.ask(bytes: Bench.frame(2, allowed))?.result == .ok)
        #expect(bench.ask(bytes: Bench.frame(2, tooMuch))?.result == .parameterError)
        #expect(bench.rig.meter.pulseCount == 1)
        var configuration = VirtualRigConfiguration()
        configuration.device.largestMicroamperes = 150_000
        var wider = Bench(configuration)
        wider.initialise()
        #expect(wider.ask(bytes: Bench.frame(2, tooMuch))?.result == .ok)
    }
}

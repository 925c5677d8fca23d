// One tick with two channels: the right output, stops that do not wait, and a journal that stays quiet.
import RigControl
import SafetyKernel
import ScienceMode4
import SessionEngine
import StimulatorLinks
import StimulusModel
import Testing

// Proves R-RATE-08.
@Suite struct TwoChannelTickTests {
    private func holding() throws -> RigBench {
        var bench = RigBench(try RigBench.pair())
        bench.begin()
        bench.raise(to: 2_000, at: .first)
        bench.raise(to: 1_000, at: .second)
        #expect(bench.set(.first) == 2_000 && bench.set(.second) == 1_000)
        return bench
    }

    @Test func `each output gets its own amplitude, half a period apart`() throws {
        var bench = try holding()
        let from = bench.milliseconds
        bench.run(5_000)
        let pulses = bench.written.filter { $0.isPulse && $0.at > from }
        for pulse in pulses {
            guard case .lowLevelChannelConfig(let configuration) = pulse.request else { continue }
            #expect(configuration[0].current.microamperes == (pulse.output == 1 ? 2_000 : 1_000))
        }
        for (before, after) in zip(pulses, pulses.dropFirst()) {
            #expect(before.output != after.output)
            #expect((13...16).contains(after.at - before.at))
        }
        #expect(abs(pulses.count - 350) <= 2)
        #expect(bench.far.highestOn == [2_000, 1_000])
        let first = bench.control.status(.first)
        let second = bench.control.status(.second)
        #expect(first.channelCount == 2 && second.place == .second)
        #expect(first.setAmplitude.microamperes == 2_000 && second.setAmplitude.microamperes == 1_000)
        #expect(first.lastDelivered.microamperes == 2_000 && second.lastDelivered.microamperes == 1_000)
        #expect(first.chargedNanocoulombs > second.chargedNanocoulombs)
        let sum = bench.control.charged.picocoulombs / 1_000
        #expect(first.chargedNanocoulombs + second.chargedNanocoulombs == sum)
    }

    // Proves R-STOP-13.
    @Test(arguments: [UInt8(1), 2]) func `a channel stopped alone writes nothing more from its own tick on`(
        number: UInt8
    ) throws {
        for offset in Int64(0)..<29 {
            var bench = try holding()
            bench.run(offset)
            let at = bench.milliseconds
            bench.tick(channelStops: number)
            bench.run(400)
            let after = bench.written.filter { $0.isPulse && $0.at > at }
            #expect(!after.contains { $0.output == number }, "offset \(offset)")
            #expect(after.count >= 13)
            #expect(bench.state == .holding)
            #expect(bench.condition == .ready)
        }
    }

    // Proves R-STOP-13.
    @Test func `a stop of the last channel leaves a stop frame in its own tick, and no pulse with it`() throws {
        for offset in Int64(0)..<29 {
            var bench = try holding()
            bench.tick(channelStops: 1)
            bench.run(offset)
            let frames = bench.tick(channelStops: 2)
            #expect(frames.map(\.request) == [.lowLevelStop], "offset \(offset)")
            #expect(bench.state == .stopping)
            bench.run(to: .closed)
            #expect(bench.control.status(.second).isProvenOff)
            #expect(bench.control.machine.stopCause == .operatorKey)
        }
    }

    // Proves R-REC-05.
    /// The shell says a channel stop in every tick from then on; the record holds it once, or the ring would fill.
    @Test func `a channel stop is journalled once`() throws {
        var bench = try holding()
        bench.tick(.zero, at: .first)
        bench.tick(.zero, at: .second)
        bench.run(50)
        let before = bench.journal.count
        bench.tick(channelStops: 1)
        let told = bench.journal.count - before
        bench.run(400)
        #expect(told > 0)
        #expect(bench.journal.count - before == told)
        let inputs = bench.journal.compactMap { StepInputs($0) }.filter { $0.channelStops != 0 }
        #expect(inputs.map(\.channelStops) == [1])
    }

    // Proves R-STOP-13.
    /// Also one that was asked for before anybody knew the stimulator.
    @Test func `a channel stop before the line is known still holds`() throws {
        var bench = RigBench(try RigBench.pair())
        bench.tick(channelStops: 2)
        bench.begin()
        bench.raise(to: 1_000)
        bench.run(100)
        #expect(bench.control.machine.channel(.second).state == .stopped)
        #expect(bench.far.executedOn[0] > 0)
        #expect(bench.far.executedOn[1] == 0)
    }

    // Proves R-FLT-04.
    @Test func `a stop while both are under way is proven off and accounted for`() throws {
        var bench = try holding()
        bench.far.delay = 20
        bench.run(29)
        bench.tick(stop: .consentWithdrawn)
        bench.run(to: .closed)
        #expect(bench.state == .closed)
        #expect(bench.control.machine.unknownPulses == 0)
        #expect(Int64(bench.far.executed) == bench.control.machine.deliveredPulses)
    }

    @Test func `a pulse that finds its own channel busy is skipped, the other's is not`() throws {
        var bench = try holding()
        bench.far.delay = 45
        let before = bench.written.count
        bench.run(2_000)
        #expect(bench.control.machine.skippedPulses > 20)
        let pulses = bench.written[before...].filter(\.isPulse)
        #expect(pulses.filter { $0.output == 1 }.count > 10)
        #expect(pulses.filter { $0.output == 2 }.count > 10)
        #expect(bench.state == .holding)
        #expect(bench.control.machine.fault == .none)
    }
}

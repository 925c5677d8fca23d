import PulsePal
import RigSimulator
import ScienceMode4
import StimulusModel
import Testing

/// Each error of an output, as a probe across its load sees it.
@Suite struct OutputErrorTests {
    /// What comes out of output 1 into 1 kΩ: both phases in milliamperes.
    private static func phases(
        _ text: String, set milliamperes: Double, probing output: Int = 1
    ) throws -> (first: Double, second: Double) {
        let error = try #require(OutputError(text: text), "\(text)")
        let loads = [1: DummyLoad.resistor(ohms: 1_000), 2: .resistor(ohms: 1_000)]
        var bench = DummyLoadTests.bench(loads, [1: error])
        _ = bench.ask(Bench.pulse(milliamperes, 300))
        let pulse = bench.rig.probe(output: output).pulses.last
        let seen = (pulse?.highestVolts ?? 0, pulse?.lowestVolts ?? 0)
        // The meter sees what the probe sees.
        if let last = bench.rig.meter.lastPulse(channel: UInt8(output)) {
            #expect(abs(Double(last.firstPhaseMicroamperes) / 1_000 - seen.0) < 0.002, "\(text)")
        } else {
            #expect(seen == (0, 0), "\(text)")
        }
        #expect(bench.rig.meter.isClean, "\(text): \(bench.rig.meter)")
        return seen
    }

    @Test(arguments: [
        ("gain=30", 20.0, 20.6, -20.6), ("gain=-200", 20, 16, -16), ("offset=50", 20, 20.05, -19.95),
        ("offset=-50", 20, 19.95, -20.05),
        // A bow of 1 % of 130 mA: 1.3 mA at 65 mA, three quarters of it at 32.5 mA.
        ("bow=10", 65, 66.3, -66.3), ("bow=-10", 32.5, 31.525, -31.525),
        ("second-phase=missing", 20, 20, 0), ("output=dead", 20, 0, 0),
        ("sticky=20/1", 20, 20, -20), ("sticky=20/1", 20.5, 20, -20), ("sticky=20/1", 21, 20, -20),
        ("sticky=20/1", 21.5, 21.5, -21.5),
        ("drift=10/730", 50, 51, -51), ("drift=10/0", 50, 50, -50),
        ("point=30/100", 30, 33, -33), ("point=30/100", 30.5, 33.55, -33.55), ("point=30/100", 31, 31, -31),
        ("point=30/100", 29, 29, -29),
        ("read-back=100", 20, 20, -20), ("gain=100,offset=10", 20, 22.01, -21.99),
    ]) func anErrorIsSeenByTheProbe(text: String, set: Double, first: Double, second: Double) throws {
        let seen = try Self.phases(text, set: set)
        #expect(abs(seen.first - first) < 0.0021 && abs(seen.second - second) < 0.0021, "\(text): \(seen)")
    }

    @Test func swappedOutputsComeOutAtEachOther() throws {
        #expect(try Self.phases("swap=2", set: 20, probing: 1) == (0, 0))
        #expect(try Self.phases("swap=2", set: 20, probing: 2) == (20, -20))
        // The other way too.
        var error = OutputError()
        error.swappedWith = 2
        var bench = DummyLoadTests.bench([1: .resistor(ohms: 1_000), 2: .resistor(ohms: 1_000)], [1: error])
        _ = bench.ask(Bench.pulse(10, 300, channel: 2))
        #expect(bench.rig.probe(output: 1).pulses.last?.highestVolts == 10)
        #expect(bench.rig.meter.lastPulse?.channel == 1)
    }

    @Test func onlyALyingReadBackIsSeenByTheSamplesAlone() throws {
        for (text, expected) in [("read-back=100", 2_200), ("gain=100", 2_200), ("read-back=-50", 1_900)] {
            let error = try #require(OutputError(text: text))
            var bench = DummyLoadTests.bench([1: .resistor(ohms: 1_000)], [1: error], measuring: .current)
            guard case .lowLevelChannelConfig(.ok, _, let samples?)? = bench.ask(Bench.pulse(20, 300)) else {
                Issue.record("no samples for \(text)")
                continue
            }
            #expect(abs(Int(samples[10]) - expected) <= 1, "\(text): \(samples[10])")
            let scope = try #require(bench.rig.body.lastWaveform(channel: 1)).samples[1]
            #expect(scope.setMicroamperes == 20_000)
            #expect(scope.flowedMicroamperes == (text == "gain=100" ? 22_000 : 20_000))
        }
    }

    @Test func anErrorMayComeLater() throws {
        var bench = DummyLoadTests.bench([1: .resistor(ohms: 1_000)])
        _ = bench.ask(Bench.pulse(20, 300))
        let error = try #require(OutputError(text: "gain=300"))
        bench.rig.setOutputError(error, output: 1, at: Instant(nanoseconds: bench.now))
        _ = bench.ask(Bench.pulse(20, 300))
        #expect(bench.rig.probe(output: 1).pulses.map(\.highestVolts) == [20, 26])
    }

    @Test(arguments: [
        "", "gain", "gain=", "gain=x", "gain=nan", "gain=-2000", "second-phase=1", "output=off", "swap=x", "sticky=20",
        "sticky=0/1", "drift=1/-5", "point=1", "colour=3", "gain=1,,offset=2",
    ]) func whatIsNoErrorIsRefused(text: String) { #expect(OutputError(text: text) == nil) }
}

/// The same on the needle rig, whose current an isolator makes.
@Suite struct NeedleBenchTests {
    static func bench(
        _ errors: [Int: String] = [:], load: DummyLoad = .resistor(ohms: 1_000),
        _ change: (inout VirtualNeedleRigConfiguration) -> Void = { _ in }
    ) -> NeedleRigBench {
        NeedleRigBench {
            $0.dummyLoads = [1: load, 2: load]
            $0.outputErrors = errors.compactMapValues { OutputError(text: $0) }
            #expect($0.outputErrors.count == errors.count)
            change(&$0)
        }
    }

    /// The bleeder of 100 kΩ takes its share.
    private static let share = 100.0 / 101

    @Test(arguments: [
        ("gain=0", 4.0, 4.0, -4.0), ("gain=50", 4, 4.2, -4.2), ("offset=40", 4, 4.04, -3.96),
        ("bow=20", 5, 5.2, -5.2), ("second-phase=missing", 4, 4, 0), ("output=dead", 4, 0, 0),
        ("sticky=2/0.2", 2.1, 2, -2), ("drift=20/365", 4, 4.08, -4.08), ("point=2/100", 2, 2.2, -2.2),
        ("point=2/100", 3, 3, -3), ("read-back=100", 4, 4, -4),
    ]) func anErrorIsSeenByTheProbe(text: String, set: Double, first: Double, second: Double) throws {
        var bench = Self.bench([1: text])
        bench.prepare(milliamperes: set)
        bench.pulse()
        bench.run(10)
        let trace = bench.rig.probe(output: 1)
        let pulse = trace.pulses.last
        let seen = ((pulse?.highestVolts ?? 0) / Self.share, (pulse?.lowestVolts ?? 0) / Self.share)
        #expect(abs(seen.0 - first) < 0.002 && abs(seen.1 - second) < 0.002, "\(text): \(seen)")
        #expect(trace.loadOhms == 1_000)
        #expect(bench.rig.meter.isClean, "\(text): \(bench.rig.meter)")
        if let pulse, second != 0 {
            #expect(pulse.width(isPositive: true) == 250 && pulse.width(isPositive: false) == 250)
        }
    }

    @Test func theOffsetIsThereAtRest() throws {
        var bench = Self.bench([1: "offset=40"])
        bench.prepare(milliamperes: 1)
        bench.run(3_000)
        #expect(abs(bench.rig.probe(output: 1).restVolts - 0.04 * Self.share) < 1e-6)
        #expect(bench.rig.probe(output: 2).restVolts == 0)
        #expect(bench.rig.meter.isClean, "\(bench.rig.meter)")
        // With the blocking capacitor in its place nothing of it is left after some seconds.
        var blocked = Self.bench([1: "offset=40"]) { $0.parts.bridgesCapacitorForLoads = false }
        blocked.prepare(milliamperes: 1)
        blocked.run(10_000)
        #expect(abs(blocked.rig.probe(output: 1).restVolts) < 1e-4)
    }

    @Test func swappedLeadsAreSeenByTheProbeAndNotByTheBoard() throws {
        var bench = Self.bench([1: "swap=2"])
        bench.prepare(milliamperes: 2)
        bench.pulse(channel: 1)
        let levels = bench.rig.pinLevels(at: bench.now)
        bench.run(10)
        #expect(levels.firstPulseIsSeen && !levels.secondPulseIsSeen)
        #expect(bench.rig.probe(output: 1).pulses.isEmpty && bench.rig.probe(output: 2).pulses.count == 1)
        #expect(bench.rig.meter.pulseCount(channel: 2) == 1 && bench.rig.meter.pulseCount(channel: 1) == 0)
    }

    @Test func theComplianceLimitsAndNothingConnectedShowsIt() throws {
        var bench = Self.bench(load: .resistor(ohms: 50_000))
        bench.prepare(milliamperes: 4)
        bench.pulse()
        bench.run(10)
        // 120 V through 50 kΩ instead of 200 V.
        #expect(try abs(#require(bench.rig.probe(output: 1).pulses.last).highestVolts - 120) < 1e-6)
        #expect(bench.rig.meter.unregulatedCount == 1)
        bench.rig.setDummyLoad(.open, output: 1, at: bench.now)
        bench.pulse()
        bench.run(10)
        #expect(bench.rig.probe(output: 1).loadOhms == .infinity)
        #expect(bench.rig.probe(output: 1).pulses.last?.highestVolts == 120)
        bench.rig.setDummyLoad(.resistor(ohms: 500), output: 1, at: bench.now)
        bench.pulse()
        bench.run(10)
        let last = try #require(bench.rig.probe(output: 1).pulses.last)
        #expect(abs(last.highestVolts - 2 * 100 / 100.5) < 1e-3)
    }

    @Test func theMeterBoundsThePeakAndJudgesBalanceOfASoundOutput() {
        var strong = Self.bench([1: "gain=310"])
        strong.prepare(milliamperes: 9.99)
        strong.pulse()
        strong.run(10)
        #expect(strong.rig.meter.count(of: .peak) == 1)
        var lopsided = Self.bench()
        lopsided.program(4) { $0.phase2Code = PulsePalCode.below(NeedleRigBench.steps(2)) ?? PulsePalCode.zero }
        lopsided.run(20)
        lopsided.drive.enable = true
        lopsided.run(10)
        lopsided.pulse()
        lopsided.run(10)
        #expect(lopsided.rig.meter.count(of: .netCharge) == 1 && lopsided.rig.meter.count(of: .rise) == 0)
    }
}

import RigSimulator
import ScienceMode4
import StimulusModel
import Testing

/// A resistor, a bridge or nothing where a person would be.
@Suite struct DummyLoadTests {
    static func bench(
        _ loads: [Int: DummyLoad], _ errors: [Int: OutputError] = [:], measuring: Measurement = .none
    ) -> Bench {
        var bench = Bench(VirtualRigConfiguration(dummyLoads: loads, outputErrors: errors))
        _ = bench.ask(.lowLevelInit(measurement: measuring, highVoltage: .standard))
        return bench
    }

    private func result(_ answer: Acknowledgement?) -> UInt8? {
        guard case .lowLevelChannelConfig(let result, _, _)? = answer else { return nil }
        return result.rawValue
    }

    @Test func aResistorObeysOhmAndHasNoDoubleLayer() throws {
        var bench = Self.bench([1: .resistor(ohms: 500)])
        #expect(result(bench.ask(Bench.pulse(20, 300))) == 0)
        let trace = bench.rig.probe(output: 1)
        #expect(trace.loadOhms == 500 && trace.pulses.count == 1 && trace.restVolts == 0)
        let pulse = try #require(trace.pulses.last)
        #expect(pulse.highestVolts == 10 && pulse.lowestVolts == -10 && pulse.durationMicroseconds == 700)
        #expect(pulse.width(isPositive: true) == 300 && pulse.width(isPositive: false) == 300)
        #expect(abs(pulse.voltSeconds) < 1e-12)
        #expect(bench.rig.meter.lastPulse?.peakMillivolts == 10_000)
        #expect(bench.rig.body.muscle(channel: 1).twitches == 0)
        #expect(bench.rig.meter.isClean, "\(bench.rig.meter)")
        #expect(bench.rig.probe(output: 2).pulses.isEmpty && bench.rig.probe(output: 9) == .nothing)
    }

    @Test func theComplianceLimitsTheCurrentIntoALargeResistor() throws {
        var bench = Self.bench([3: .resistor(ohms: 5_000)])
        #expect(result(bench.ask(Bench.pulse(29, 300, channel: 3))) == 0)
        // 150 V through 5 kΩ are 30 mA, three quarters of 40.
        #expect(result(bench.ask(Bench.pulse(40, 300, channel: 3))) == 28)
        let pulse = try #require(bench.rig.meter.lastPulse)
        #expect(pulse.flowedMicroamperes == 30_000 && pulse.firstPhaseMicroamperes == 40_000 && !pulse.isInRegulation)
        #expect(bench.rig.probe(output: 3).pulses.last?.highestVolts == 150)
        #expect(bench.rig.meter.isClean, "\(bench.rig.meter)")
    }

    @Test func nothingConnectedIsAnElectrodeErrorAndAShortIsNone() throws {
        var bench = Self.bench([1: .open, 2: .short])
        #expect(result(bench.ask(Bench.pulse(20, 300))) == 10)
        #expect(bench.rig.probe(output: 1).loadOhms == .infinity)
        #expect(result(bench.ask(Bench.pulse(20, 300, channel: 2))) == 0)
        #expect(try abs(#require(bench.rig.probe(output: 2).pulses.last).highestVolts - 0.1) < 1e-9)
    }

    @Test func theLoadIsChangedWhileTheRigRuns() throws {
        var bench = Self.bench([1: .open])
        for (load, volts) in [(DummyLoad.resistor(ohms: 100), 2.0), (.resistor(ohms: 1_000), 20)] {
            bench.rig.setDummyLoad(load, output: 1, at: Instant(nanoseconds: bench.now))
            #expect(result(bench.ask(Bench.pulse(20, 300))) == 0)
            #expect(bench.rig.probe(output: 1).pulses.last?.highestVolts == volts)
        }
        bench.rig.setDummyLoad(nil, output: 1, at: Instant(nanoseconds: bench.now))
        #expect(bench.rig.body.dummyLoad(channel: 1) == nil)
        // Where a person is, 20 mA at once are too much again.
        let before = bench.rig.meter.count(of: .rise)
        bench.run(milliseconds: 100)
        _ = bench.ask(Bench.pulse(1, 300))
        _ = bench.ask(Bench.pulse(20, 300))
        #expect(before == 0 && bench.rig.meter.count(of: .rise) == 1)
        #expect(bench.rig.body.muscle(channel: 1).twitches == 1)
    }

    @Test func theProbeForgetsAfterThreeTenthsOfASecond() {
        var bench = Self.bench([1: .resistor(ohms: 500)])
        for _ in 0..<5 { _ = bench.ask(Bench.pulse(10, 200), milliseconds: 40) }
        let starts = bench.rig.probe(output: 1).pulses.map(\.startNanoseconds)
        #expect(starts.count == 5 && starts == starts.sorted())
        bench.run(milliseconds: 301)
        #expect(bench.rig.probe(output: 1).pulses.isEmpty)
    }

    @Test func theDeviceSamplesWhatFlowsThroughTheResistor() throws {
        for (kind, value) in [(Measurement.current, 2_000), (.voltage, 1_000)] {
            var bench = Self.bench([1: .resistor(ohms: 500)], measuring: kind)
            guard case .lowLevelChannelConfig(.ok, _, let samples?)? = bench.ask(Bench.pulse(20, 300)) else {
                Issue.record("no samples of \(kind)")
                continue
            }
            // From the first sample of the first phase on: no rise by a double layer.
            #expect((0..<40).allSatisfy { Int(samples[$0]) == value }, "\(kind): \(samples[0]), \(samples[39])")
        }
    }

    @Test(arguments: [
        ("500", DummyLoad.resistor(ohms: 500)), ("open", .open), ("short", .short), ("0.5", .resistor(ohms: 0.5)),
    ])
    func aLoadIsReadFromText(text: String, load: DummyLoad) { #expect(DummyLoad(text: text) == load) }

    @Test(arguments: ["", "-5", "0", "nan", "inf", "1e9", "500ohm"]) func whatIsNoLoadIsRefused(text: String) {
        #expect(DummyLoad(text: text) == nil)
    }
}

/// What the meter asks of an output that carries a dummy load.
@Suite struct BenchMeterTests {
    private static func meter(
        errors: [Int: OutputError] = [:], rules: MeterRules = MeterRules(), _ pulses: [(Request, Int64)]
    ) -> ElectrodeMeter {
        var configuration = VirtualRigConfiguration(
            rules: rules, dummyLoads: [1: .resistor(ohms: 200)], outputErrors: errors)
        // As a device that does not hold itself to what people bear.
        configuration.device.largestMicroamperes = 150_000
        var bench = Bench(configuration)
        bench.initialise()
        for (request, milliseconds) in pulses { _ = bench.ask(request, milliseconds: milliseconds) }
        return bench.rig.meter
    }

    @Test func theRiseIsFreeAndThePeakIsBounded() {
        #expect(Self.meter([(Bench.pulse(80, 400), 30)]).isClean)
        #expect(Self.meter([(Bench.pulse(104, 400), 30)]).isClean)
        #expect(Self.meter([(Bench.pulse(104.5, 400), 30)]).count(of: .peak) == 1)
        // The run's own cap counts.
        let capped = MeterRules(peakCapMicroamperes: 20_000)
        #expect(Self.meter(rules: capped, [(Bench.pulse(26, 400), 30)]).isClean)
        #expect(Self.meter(rules: capped, [(Bench.pulse(26.5, 400), 30)]).count(of: .peak) == 1)
    }

    @Test func rateAndPhasesAreBounded() {
        #expect(Self.meter([(Bench.pulse(10, 500), 30)]).isClean)
        #expect(Self.meter([(Bench.pulse(10, 501), 30)]).count(of: .phaseTooLong) == 1)
        #expect(Self.meter([(Bench.pulse(10, 49), 30)]).count(of: .phaseTooShort) == 1)
        #expect(Self.meter((0..<200).map { _ in (Bench.pulse(10, 200), 10) }).isClean)
        let fast = Self.meter((0..<200).map { _ in (Bench.pulse(10, 200), 9) })
        #expect(fast.count(of: .rate) > 0)
    }

    @Test func balanceIsJudgedUnlessTheOutputIsKnownToBeWrong() {
        let lopsided = Bench.points([(300, 10)], channel: 1)
        #expect(Self.meter([(lopsided, 30)]).count(of: .netCharge) == 1)
        var error = OutputError()
        error.secondPhaseIsMissing = true
        #expect(Self.meter(errors: [1: error], (0..<20).map { _ in (Bench.pulse(10, 300), 20) }).isClean)
        // A read-back that lies leaves the current right.
        var lying = OutputError()
        lying.readBackThousandths = 100
        #expect(Self.meter(errors: [1: lying], [(lopsided, 30)]).count(of: .netCharge) == 1)
    }

    @Test func aForbiddenPulseIsForbiddenOnTheBenchToo() {
        var bench = DummyLoadTests.bench([1: .resistor(ohms: 500)])
        bench.rig.changeMeter { $0.forbidPulses(after: Instant(nanoseconds: bench.now)) }
        _ = bench.ask(Bench.pulse(10, 300))
        #expect(bench.rig.meter.count(of: .forbidden) == 1)
    }
}

import RigSimulator
import StimulusModel
import Testing

/// Each rule of the meter, at its limit and one step over it.
@Suite struct MeterTests {
    /// A balanced pulse as it would arrive.
    static func pulse(
        _ microamperes: Int32, _ microseconds: Int32 = 300, at nanoseconds: Int64 = 0, channel: UInt8 = 1
    ) -> DeliveredPulse {
        var trace = PulseTrace(channel: channel, startNanoseconds: nanoseconds)
        trace.add(microamperes: microamperes, microseconds: microseconds)
        trace.add(microamperes: 0, microseconds: 100)
        trace.add(microamperes: -microamperes, microseconds: microseconds)
        return trace.finish(isCut: false)
    }

    /// One pulse from points, the envelope already there so that only the shape is judged.
    static func judge(
        _ points: [(Int32, Int32)], isCut: Bool = false, rules: MeterRules = MeterRules()
    ) -> ElectrodeMeter {
        var meter = ElectrodeMeter(rules: rules)
        var trace = PulseTrace(channel: 1, startNanoseconds: 0)
        for (microamperes, microseconds) in points { trace.add(microamperes: microamperes, microseconds: microseconds) }
        meter.receive(trace.finish(isCut: isCut))
        return meter
    }

    /// A train of equal pulses, after a slow rise that nobody can object to.
    static func train(
        _ microamperes: Int32, _ microseconds: Int32, everyNanoseconds: Int64, count: Int64, rules: MeterRules
    ) -> ElectrodeMeter {
        var meter = ElectrodeMeter(rules: rules)
        var amplitude: Int32 = 0
        var now: Int64 = 0
        while amplitude < microamperes {
            amplitude = min(microamperes, amplitude + 1_000)
            now += 1_000_000_000
            meter.receive(pulse(amplitude, microseconds, at: now))
        }
        now += 2_000_000_000
        for index in 0..<count { meter.receive(pulse(microamperes, microseconds, at: now + index * everyNanoseconds)) }
        return meter
    }

    static func rules(of meter: ElectrodeMeter) -> [MeterRule] { MeterRule.allCases.filter { meter.count(of: $0) > 0 } }

    @Test func peak() {
        #expect(Self.judge([(80_000, 100), (-80_000, 100)]).count(of: .peak) == 0)
        #expect(Self.judge([(80_001, 100), (-80_001, 100)]).count(of: .peak) == 1)
        // The second phase counts as well.
        #expect(Self.judge([(40_000, 200), (-81_000, 100)]).count(of: .peak) == 1)
        let capped = MeterRules(peakCapMicroamperes: 40_000)
        #expect(Self.judge([(40_000, 100), (-40_000, 100)], rules: capped).count(of: .peak) == 0)
        #expect(Self.judge([(40_500, 100), (-40_500, 100)], rules: capped).count(of: .peak) == 1)
        // A run can ask for less, never for more.
        #expect(MeterRules(peakCapMicroamperes: 130_000).peakCapMicroamperes == 80_000)
        #expect(MeterRules(rateCapMillihertz: 500_000).rateCapMillihertz == 100_000)
        #expect(MeterRules(onTimeCapMilliseconds: Int64.max).onTimeCapMilliseconds == 1_200_000)
    }

    @Test func phaseDuration() {
        #expect(Self.rules(of: Self.judge([(1_000, 50), (-1_000, 50)])).isEmpty)
        #expect(Self.rules(of: Self.judge([(1_000, 49), (-1_000, 49)])) == [.phaseTooShort])
        #expect(Self.rules(of: Self.judge([(1_000, 500), (-1_000, 500)])).isEmpty)
        #expect(Self.rules(of: Self.judge([(1_000, 501), (-1_000, 501)])) == [.phaseTooLong])
        // A phase cut into points, or interrupted by 0 mA, is still one phase.
        let inPieces: [(Int32, Int32)] = [(1_000, 300), (0, 50), (1_000, 300), (-1_000, 300), (-1_000, 300)]
        #expect(Self.rules(of: Self.judge(inPieces)) == [.phaseTooLong])
        // A cut phase may be short: the pulse was on its way.
        #expect(Self.rules(of: Self.judge([(1_000, 20)], isCut: true)).isEmpty)
    }

    @Test func chargePerPhase() {
        #expect(Self.judge([(80_000, 400), (-80_000, 400)]).count(of: .phaseCharge) == 0)
        #expect(Self.judge([(80_000, 401), (-80_000, 401)]).count(of: .phaseCharge) == 1)
        #expect(Self.judge([(64_000, 500), (-64_000, 500)]).count(of: .phaseCharge) == 0)
        #expect(Self.judge([(64_500, 500), (-64_500, 500)]).count(of: .phaseCharge) == 1)
        #expect(Self.judge([(79_000, 250), (79_000, 160), (-79_000, 410)]).count(of: .phaseCharge) == 1)
    }

    @Test func netCharge() {
        #expect(Self.judge([(1_000, 300), (-500, 500), (-500, 100)]).count(of: .netCharge) == 0)
        #expect(Self.judge([(1_000, 300), (-1_000, 299)]).count(of: .netCharge) == 1)
        #expect(Self.judge([(1_000, 300)]).count(of: .netCharge) == 1)
        // A cut pulse may leave one phase behind and no more.
        let cut = Self.judge([(1_000, 300), (-1_000, 100)], isCut: true)
        #expect(Self.rules(of: cut).isEmpty)
        #expect(cut.cutCount == 1)
        let tooMuch: [(Int32, Int32)] = [(1_000, 300), (-500, 60), (1_000, 300)]
        #expect(Self.judge(tooMuch, isCut: true).count(of: .imbalance) == 1)
    }

    @Test func rateByInterval() {
        let rules = MeterRules(rateCapMillihertz: 50_000)
        // 20 ms less the jitter of 2 ms.
        for (interval, count) in [(20_000_000, 0), (18_000_000, 0), (17_999_999, 1)] as [(Int64, Int64)] {
            var meter = ElectrodeMeter(rules: rules)
            meter.receive(Self.pulse(500, at: 1_000_000_000))
            meter.receive(Self.pulse(500, at: 1_000_000_000 + interval))
            #expect(meter.count(of: .interval) == count, "\(interval)")
        }
        // Channels have their own time: the second is offset by half a period (decided, P24).
        var meter = ElectrodeMeter(rules: rules)
        meter.receive(Self.pulse(500, at: 1_000_000_000))
        meter.receive(Self.pulse(500, at: 1_010_000_000, channel: 2))
        #expect(meter.isClean)
    }

    @Test func rateByTheSecond() {
        let rules = MeterRules(rateCapMillihertz: 35_000)
        let exact = Self.train(500, 300, everyNanoseconds: 28_571_428, count: 200, rules: rules)
        #expect(exact.isClean, "\(exact)")
        #expect(exact.mostPulsesInASecond == 35)
        // 36 Hz: each interval is within the jitter, the second is not.
        let fast = Self.train(500, 300, everyNanoseconds: 27_777_777, count: 200, rules: rules)
        #expect(Self.rules(of: fast) == [.rate])
        #expect(fast.count(of: .rate) > 100)
        let absolute = Self.train(500, 100, everyNanoseconds: 10_000_000, count: 300, rules: MeterRules())
        #expect(absolute.isClean, "\(absolute)")
        let over = Self.train(500, 100, everyNanoseconds: 9_900_000, count: 300, rules: MeterRules())
        #expect(Self.rules(of: over) == [.rate])
    }

    @Test func aMeterThatWasHeldUpJudgesIntervalsMoreMildlyForASecond() {
        let rules = MeterRules(rateCapMillihertz: 50_000)
        var meter = ElectrodeMeter(rules: rules)
        meter.receive(Self.pulse(500, at: 1_000_000_000))
        meter.blur(by: TimeSpan(milliseconds: 10), at: Instant(nanoseconds: 1_010_000_000))
        meter.receive(Self.pulse(500, at: 1_008_000_000))
        #expect(meter.isClean, "\(meter)")
        meter.receive(Self.pulse(500, at: 1_015_999_999))
        #expect(Self.rules(of: meter) == [.interval])
        meter.receive(Self.pulse(500, at: 2_200_000_000))
        meter.receive(Self.pulse(500, at: 2_210_000_000))
        #expect(meter.count(of: .interval) == 2)
        #expect(meter.longestBlur.milliseconds == 10)
        #expect("\(meter)".contains("at worst 10 ms"))
    }

    @Test func jitterOfTheLineIsNoFault() {
        var random = SplitMix64(seed: 3)
        var meter = ElectrodeMeter(rules: MeterRules(rateCapMillihertz: 50_000))
        for index: Int64 in 0..<5_000 {
            let late = Int64(random.below(1_000_000))
            meter.receive(Self.pulse(1_000, at: 1_000_000_000 + index * 20_000_000 + late))
        }
        #expect(meter.isClean, "\(meter)")
    }

    /// Raises of one step, so far apart, at 50 Hz.
    static func rise(stepMicroamperes: Int32, everyPulses: Int64, steps: Int64) -> ElectrodeMeter {
        var meter = ElectrodeMeter(rules: MeterRules(rateCapMillihertz: 50_000))
        for index in 0..<(everyPulses * steps) {
            let amplitude = Int32(index / everyPulses + 1) * stepMicroamperes
            meter.receive(pulse(amplitude, at: 1_000_000_000 + index * 20_000_000))
        }
        return meter
    }

    @Test func riseOfTheAmplitude() {
        // 1 mA each 500 ms is 2 mA/s.
        #expect(Self.rise(stepMicroamperes: 1_000, everyPulses: 25, steps: 40).isClean)
        #expect(Self.rise(stepMicroamperes: 500, everyPulses: 13, steps: 40).isClean)
        // 1 mA each 460 ms is 2.17 mA/s: it goes well for a few steps and then no more.
        #expect(Self.rules(of: Self.rise(stepMicroamperes: 1_000, everyPulses: 23, steps: 40)) == [.rise])
        // At 2 Hz two steps of a search fall between two pulses, but not three in a row.
        func search(_ gain: Int32) -> ElectrodeMeter {
            var meter = ElectrodeMeter(rules: MeterRules(rateCapMillihertz: 2_000))
            for index: Int64 in 0..<8 {
                meter.receive(Self.pulse(Int32(index + 1) * gain, 150, at: index * 500_000_000))
            }
            return meter
        }
        #expect(search(1_000).isClean, "\(search(1_000))")
        #expect(Self.rules(of: search(1_500)) == [.rise])
        // Two steps at once.
        #expect(Self.rules(of: Self.rise(stepMicroamperes: 2_000, everyPulses: 100, steps: 1)) == [.rise])
        #expect(Self.rules(of: Self.rise(stepMicroamperes: 1_000, everyPulses: 100, steps: 1)).isEmpty)
    }

    @Test func rampsOnlyScaleWhatHasArrived() {
        var meter = Self.train(
            20_000, 300, everyNanoseconds: 20_000_000, count: 50, rules: MeterRules(rateCapMillihertz: 50_000))
        #expect(meter.isClean, "\(meter)")
        #expect(meter.envelopeMicroamperes(channel: 1) == 20_000)
        var now = (meter.lastPulse?.startNanoseconds ?? 0) + 10_000_000_000
        // A ramp of 200 ms to the old amplitude is steep and allowed.
        for step: Int32 in 1...10 {
            meter.receive(Self.pulse(step * 2_000, at: now))
            now += 20_000_000
        }
        #expect(meter.isClean, "\(meter)")
        // One step more than ever before; a second one at once is too much.
        meter.receive(Self.pulse(21_000, at: now))
        #expect(meter.isClean, "\(meter)")
        meter.receive(Self.pulse(22_000, at: now + 20_000_000))
        #expect(Self.rules(of: meter) == [.rise])
    }

    @Test func theEnvelopeStartsAgainWhenTheVoltageGoes() {
        var meter = Self.train(
            20_000, 300, everyNanoseconds: 20_000_000, count: 5, rules: MeterRules(rateCapMillihertz: 50_000))
        let now = (meter.lastPulse?.startNanoseconds ?? 0) + 10_000_000_000
        meter.highVoltage(isOn: true)
        meter.receive(Self.pulse(20_000, at: now))
        #expect(meter.isClean)
        meter.highVoltage(isOn: false)
        #expect(meter.envelopeMicroamperes == 0)
        meter.receive(Self.pulse(20_000, at: now + 1_000_000_000))
        #expect(Self.rules(of: meter) == [.rise])
        // And when the run knows that it must.
        meter.requireRestartFromZero()
        meter.receive(Self.pulse(2_000, at: now + 2_000_000_000))
        #expect(meter.count(of: .rise) == 2)
    }

    @Test func rootMeanSquareAndDensities() {
        // The sheet's own vector: 80 mA, 400 µs, 50 Hz is 16.00 mA, so 2.00 mA/cm² on 8 cm².
        func run(_ area: Int32, _ microamperes: Int32, _ microseconds: Int32 = 400) -> ElectrodeMeter {
            Self.train(
                microamperes, microseconds, everyNanoseconds: 20_000_000, count: 120,
                rules: MeterRules(rateCapMillihertz: 50_000, padSquareMillimetres: area))
        }
        let exact = run(800, 80_000)
        #expect(exact.isClean, "\(exact)")
        #expect(exact.largestMeanSquare == 256_000_000)
        #expect(Self.rules(of: run(799, 80_000)) == [.density])
        #expect(run(0, 80_000).isClean)
        #expect(!MeterRules().isDensityJudged)
        // 20 mA for 2 · 100 µs at 50 Hz is a mean square of 4,000,000 µA²: 0.002 W into 500 Ω, the limit on 2 mm².
        #expect(Self.rules(of: run(2, 20_000, 100)) == [.density])
        #expect(Self.rules(of: run(1, 20_000, 100)) == [.density, .powerDensity])
        // 50 mA r.m.s. is out of reach at 80 mA and 500 µs, so only a broken pulse gets there.
        let broken = Self.train(
            80_000, 500, everyNanoseconds: 2_000_000, count: 700, rules: MeterRules(arrivalJitterMicroseconds: 0))
        #expect(broken.count(of: .rootMeanSquare) > 0)
    }

    @Test func energyIntoFiveHundredOhms() {
        // 300 mJ = 100 mA for 60 ms into 500 Ω.
        let limit = Self.judge([(100_000, 30_000), (-100_000, 30_000)])
        #expect(limit.count(of: .energy) == 0)
        #expect(Self.judge([(100_000, 30_001), (-100_000, 30_000)]).count(of: .energy) == 1)
    }

    @Test func directCurrent() {
        // 2 % of a phase is allowed in one pulse, but 10 µA are 10 µC in a second.
        func run(_ lossPicocoulombs: Int64, _ pulses: Int64) -> ElectrodeMeter {
            var meter = ElectrodeMeter(rules: MeterRules())
            for index in 0..<pulses {
                var trace = PulseTrace(channel: 1, startNanoseconds: 1_000_000_000 + index * 10_000_000)
                trace.add(microamperes: 1_000, microseconds: 300)
                trace.add(microamperes: -1_000, microseconds: 300, lostPicocoulombs: lossPicocoulombs)
                meter.receive(trace.finish(isCut: false))
            }
            return meter
        }
        #expect(run(6_000, 1).isClean)
        #expect(Self.rules(of: run(6_001, 1)) == [.imbalance])
        #expect(run(100_000, 100).count(of: .directCurrent) == 0)
        #expect(run(100_001, 100).count(of: .directCurrent) == 1)
    }

    @Test func timeUnderTrains() {
        let rules = MeterRules(rateCapMillihertz: 10_000, onTimeCapMilliseconds: 10_000)
        #expect(Self.train(1_000, 300, everyNanoseconds: 100_000_000, count: 101, rules: rules).isClean)
        let over = Self.train(1_000, 300, everyNanoseconds: 100_000_000, count: 102, rules: rules)
        #expect(Self.rules(of: over) == [.onTime])
        #expect(over.onTimeMilliseconds == 10_100)
        // Rests do not count.
        var meter = ElectrodeMeter(rules: rules)
        for index: Int64 in 0..<300 { meter.receive(Self.pulse(1_000, at: index * 2_000_000_000)) }
        #expect(meter.isClean)
        #expect(meter.onTimeMilliseconds == 0)
    }

    @Test func contractionsAreCountedBySilence() {
        var meter = ElectrodeMeter(rules: MeterRules(contractionCap: 3))
        for contraction: Int64 in 0..<4 {
            for index: Int64 in 0..<10 {
                meter.receive(Self.pulse(1_000, at: contraction * 5_000_000_000 + index * 20_000_000))
            }
            #expect(meter.contractionCount == Int32(contraction) + 1)
            #expect(meter.count(of: .contractions) == (contraction < 3 ? 0 : 1))
        }
    }

    @Test func noPulseAfterTheNamedMoment() throws {
        var meter = ElectrodeMeter(rules: MeterRules())
        meter.forbidPulses(after: Instant(nanoseconds: 5_000_000_000))
        meter.receive(Self.pulse(1_000, at: 5_000_000_000))
        #expect(meter.isClean)
        meter.receive(Self.pulse(1_000, at: 5_100_000_000))
        #expect(Self.rules(of: meter) == [.forbidden])
        let violation = try #require(meter.violations.first)
        #expect(violation.measured == 100_000_000)
        #expect(violation.atNanoseconds == 5_100_000_000)
        #expect("\(violation)".contains("5100 ms"))
        #expect(meter.sinceLastPulse(at: Instant(nanoseconds: 6_100_000_000)) == TimeSpan(milliseconds: 1_000))
        meter.allowPulses()
        meter.receive(Self.pulse(1_000, at: 5_200_000_000))
        #expect(meter.violationCount == 1)
    }

    @Test func emptyPatternsAreNoPulses() {
        var meter = ElectrodeMeter(rules: MeterRules())
        for index: Int64 in 0..<100 { meter.receive(Self.pulse(0, at: index * 1_000_000)) }
        #expect(meter.pulseCount == 0)
        #expect(meter.emptyCount == 100)
        #expect(meter.isClean)
    }

    @Test func theRecordKeepsTheNewestAndTheStatisticsGoOn() {
        var meter = ElectrodeMeter(rules: MeterRules(recordCapacity: 10))
        for index: Int64 in 0..<25 { meter.receive(Self.pulse(1_000, at: index * 100_000_000)) }
        #expect(meter.pulseCount == 25)
        #expect(meter.pulse(number: 14) == nil)
        #expect(meter.pulse(number: 15)?.startNanoseconds == 1_500_000_000)
        #expect(meter.pulse(number: 24)?.startNanoseconds == 2_400_000_000)
        #expect(meter.pulse(number: 25) == nil)
        #expect(meter.totalChargePicocoulombs == 25 * 300_000)
        #expect(meter.pulsesInTheLastSecond(at: Instant(nanoseconds: 2_450_000_000)) == 10)
    }
}

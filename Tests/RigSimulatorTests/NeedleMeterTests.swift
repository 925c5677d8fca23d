import PulsePal
import RigSimulator
import StimulusModel
import Testing

/// Each rule of the needle meter: at its limit it is silent, one step over it speaks.
@Suite struct NeedleMeterTests {
    static let tissue = NeedleTissue(diameterMicrometres: 250, insertedMillimetres: 20)

    static func meter(_ rules: NeedleMeterRules = NeedleMeterRules()) -> NeedleMeter {
        var meter = NeedleMeter(rules: rules, tissues: [tissue, tissue])
        meter.relay(mayBeClosed: true, at: Instant(nanoseconds: 0))
        return meter
    }

    /// Segments of µA and µs from a moment on, and the silence behind them.
    static func feed(
        _ meter: inout NeedleMeter, at start: Int64, _ points: [(Double, Int64)], channel: UInt8 = 1,
        isCut: Bool = false
    ) {
        var moment = start
        for (microamperes, microseconds) in points + [(0, 2_000)] {
            let end = moment + microseconds * 1_000
            if isCut, microamperes == 0 { meter.cut(channel: channel) }
            meter.receive(
                NeedleSegment(
                    channel: channel, fromNanoseconds: moment, untilNanoseconds: end,
                    drivenMicroamperes: microamperes, flowedPicocoulombs: microamperes * Double(microseconds),
                    firstMicroamperes: microamperes))
            moment = end
        }
    }

    /// One pulse whose amplitude is not judged, as if it had risen slowly.
    static func judged(
        _ points: [(Double, Int64)], isCut: Bool = false, _ rules: NeedleMeterRules = NeedleMeterRules()
    ) -> [NeedleMeterRule] {
        var meter = meter(rules)
        feed(&meter, at: 0, points, isCut: isCut)
        return NeedleMeterRule.allCases.filter { meter.count(of: $0) > 0 && $0 != .rise }
    }

    @Test func peak() {
        #expect(Self.judged([(10_000, 200), (-10_000, 200)]) == [])
        #expect(Self.judged([(10_200, 200), (-10_200, 200)]) == [.peak])
        let capped = NeedleMeterRules(peakCapMicroamperes: 6_000)
        #expect(Self.judged([(6_000, 200), (-6_000, 200)], capped) == [])
        #expect(Self.judged([(6_100, 200), (-6_100, 200)], capped) == [.peak])
        // A run can ask for less, never for more.
        #expect(NeedleMeterRules(peakCapMicroamperes: 25_000).peakCapMicroamperes == 10_000)
        #expect(NeedleMeterRules(rateCapMillihertz: 500_000).rateCapMillihertz == 100_000)
    }

    @Test func phases() {
        #expect(Self.judged([(1_000, 50), (-1_000, 50)]) == [])
        #expect(Self.judged([(1_000, 40), (-1_000, 40)]) == [.phaseTooShort])
        #expect(Self.judged([(1_000, 500), (-1_000, 500)]) == [])
        #expect(Self.judged([(1_000, 550), (-1_000, 550)]).contains(.phaseTooLong))
    }

    /// The sheet's worked values for 0.25 × 20 mm: 10 mA for 300 µs is k = 1.76.
    @Test func chargeByTheNeedlesSize() {
        #expect(Self.judged([(7_000, 300), (-7_000, 300)]) == [])
        #expect(Self.judged([(10_000, 200), (-10_000, 200)]) == [])
        #expect(Self.judged([(10_000, 300), (-10_000, 300)]) == [.shannon])
        #expect(Self.judged([(10_000, 400), (-10_000, 400)]) == [.shannon])
        #expect(
            Self.judged([(9_906, 300), (-9_906, 300)]) == []
                && Self.judged([(9_920, 300), (-9_920, 300)]) == [.shannon])
        let capped = NeedleMeterRules(chargeCapPicocoulombs: 1_000_000)
        #expect(Self.judged([(4_000, 250), (-4_000, 250)], capped) == [])
        #expect(Self.judged([(4_100, 250), (-4_100, 250)], capped) == [.phaseCharge])
    }

    @Test func balance() {
        #expect(Self.judged([(4_000, 250), (0, 100), (-4_000, 250)]) == [])
        #expect(Self.judged([(4_000, 250), (-3_930, 250)]) == [])
        #expect(Self.judged([(4_000, 250), (-3_900, 250)]) == [.netCharge])
        #expect(Self.judged([(4_000, 250)]) == [.monophasic])
        // A cut pulse may leave what one phase has, and no more.
        #expect(Self.judged([(4_000, 250)], isCut: true) == [])
        #expect(Self.judged([(4_000, 250), (-4_000, 100)], isCut: true) == [])
    }

    @Test func directCurrent() {
        var meter = Self.meter()
        for index in 0..<30 { Self.feed(&meter, at: Int64(index) * 100_000_000, [(9, 97_000)]) }
        #expect(meter.isClean && meter.largestDirectDriven > 8_000_000)
        for index in 30..<60 { Self.feed(&meter, at: Int64(index) * 100_000_000, [(12, 97_000)]) }
        #expect(meter.count(of: .directCurrentDriven) > 0 && meter.count(of: .directCurrentFlowed) > 0)
        // 2 % of 3 µC at 100 Hz is 6 µA: too little; 5 % is 15 µA.
        for (imbalance, speaks) in [(0.02, false), (0.05, true)] {
            var meter = Self.meter()
            for index in 0..<300 {
                Self.feed(&meter, at: Int64(index) * 10_000_000, [(10_000, 300), (-10_000 * (1 - imbalance), 300)])
            }
            #expect((meter.count(of: .directCurrentDriven) > 0) == speaks)
        }
    }

    @Test func rate() {
        for (period, rules) in [(Int64(10), []), (7, [NeedleMeterRule.interval, .rate])] {
            var meter = Self.meter()
            for index in 0..<250 { Self.feed(&meter, at: Int64(index) * period * 1_000_000, [(90, 100), (-90, 100)]) }
            #expect(NeedleMeterRule.allCases.filter { meter.count(of: $0) > 0 } == rules)
        }
    }

    @Test func rise() {
        func climb(_ step: Double, every milliseconds: Int64, count: Int) -> Int64 {
            var meter = Self.meter()
            var amplitude = 0.0
            for index in 0..<count {
                amplitude = min(9_000, amplitude + step)
                Self.feed(&meter, at: Int64(index) * milliseconds * 1_000_000, [(amplitude, 100), (-amplitude, 100)])
            }
            return meter.count(of: .rise)
        }
        #expect(climb(100, every: 200, count: 60) == 0)
        #expect(climb(100, every: 100, count: 60) > 0)
        // One step may come at once, two may not.
        #expect(climb(100, every: 10_000, count: 1) == 0 && climb(200, every: 10_000, count: 1) == 1)
        // Waiting earns a second's worth and no more.
        var meter = Self.meter()
        Self.feed(&meter, at: 0, [(100, 100), (-100, 100)])
        Self.feed(&meter, at: 60_000_000_000, [(2_000, 100), (-2_000, 100)])
        #expect(meter.count(of: .rise) == 1)
        // After the relay opened it begins at 0 again.
        var again = Self.meter()
        for index in 0..<40 {
            let amplitude = Double(index) * 100
            Self.feed(&again, at: Int64(index) * 200_000_000, [(amplitude, 100), (-amplitude, 100)])
        }
        again.relay(mayBeClosed: false, at: Instant(nanoseconds: 9_000_000_000))
        again.relay(mayBeClosed: true, at: Instant(nanoseconds: 9_500_000_000))
        #expect(again.count(of: .rise) == 0)
        Self.feed(&again, at: 10_000_000_000, [(3_000, 100), (-3_000, 100)])
        #expect(again.count(of: .rise) == 1)
    }

    @Test func forbiddenPulses() {
        var meter = Self.meter()
        meter.forbidPulses(after: Instant(nanoseconds: 1_000_000))
        Self.feed(&meter, at: 1_000_000, [(90, 100), (-90, 100)])
        #expect(meter.isClean)
        Self.feed(&meter, at: 20_000_000, [(90, 100), (-90, 100)])
        #expect(meter.count(of: .forbidden) == 1 && meter.violations.first?.measured == 19_000_000)
        meter.allowPulses()
        Self.feed(&meter, at: 40_000_000, [(90, 100), (-90, 100)])
        #expect(meter.count(of: .forbidden) == 1 && meter.pulseCount == 3)
        #expect("\(meter)".contains("pulse after the last allowed moment: 19000000 ns late"))
    }

    @Test func currentWhileTheRelayShouldBeOpen() {
        var meter = Self.meter()
        meter.relay(mayBeClosed: false, at: Instant(nanoseconds: 10_000_000))
        Self.feed(&meter, at: 10_100_000, [(90, 100), (-90, 100)])
        #expect(meter.isClean)
        Self.feed(&meter, at: 20_000_000, [(90, 100), (-90, 100)])
        #expect(meter.count(of: .relayShouldBeOpen) == 2)
    }

    @Test func everyRuleHasItsName() {
        #expect(Set(NeedleMeterRule.allCases.map(\.text.name)).count == NeedleMeterRule.allCases.count)
    }
}

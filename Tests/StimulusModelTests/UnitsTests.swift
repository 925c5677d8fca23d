import StimulusModel
import Testing

// Proves R-LIM-17.
@Suite struct CurrentTests {
    @Test func `a coarse step only ever lowers what was asked for`() {
        let step = Current(microamperes: 500)
        #expect(Current(microamperes: 10_900).rounded(towardZeroInStepsOf: step).microamperes == 10_500)
        #expect(Current(microamperes: 10_500).rounded(towardZeroInStepsOf: step).microamperes == 10_500)
        #expect(Current(microamperes: 499).rounded(towardZeroInStepsOf: step).microamperes == 0)
        #expect(Current(microamperes: -10_900).rounded(towardZeroInStepsOf: step).microamperes == -10_500)
    }

    @Test(arguments: [0, -1, -500, Int32.min]) func `a step of zero or less gives no current`(step: Int32) {
        let rounded = Current(microamperes: 20_000).rounded(towardZeroInStepsOf: Current(microamperes: step))
        #expect(rounded == .zero)
    }

    @Test(arguments: seeds) func `rounding goes toward zero and onto the grid, whatever the numbers`(seed: UInt64) {
        var chance = SeededChance(seed: seed)
        for index in 0..<20_000 {
            let value = index < Edges.int32.count ? Edges.int32[index] : chance.anyInt32()
            let step = max(1, chance.anyInt32() & 0x7FFF_FFFF)
            let rounded = Int64(
                Current(microamperes: value).rounded(towardZeroInStepsOf: Current(microamperes: step)).microamperes)
            #expect(rounded.magnitude <= Int64(value).magnitude)
            #expect(rounded % Int64(step) == 0)
            #expect(Int64(value).magnitude - rounded.magnitude < Int64(step).magnitude)
            #expect(rounded == 0 || (rounded < 0) == (value < 0))
        }
    }

    @Test(arguments: seeds) func `scaling never raises, and keeps the sign`(seed: UInt64) {
        var chance = SeededChance(seed: seed)
        for index in 0..<20_000 {
            let value = index < Edges.int32.count ? Edges.int32[index] : chance.anyInt32()
            let scaled = Int64(
                Current(microamperes: value).scaled(by: chance.anyInt32(), over: chance.anyInt32()).microamperes)
            #expect(scaled.magnitude <= Int64(value).magnitude)
            #expect(scaled == 0 || (scaled < 0) == (value < 0))
        }
    }

    @Test(arguments: [(3, 2), (-1, 2), (1, 0), (0, 0), (-1, -1), (1, -2), (Int32.max, Int32.min)] as [(Int32, Int32)])
    func `a ratio outside 0 to 1 gives no current`(numerator: Int32, denominator: Int32) {
        #expect(Current(microamperes: 8_000).scaled(by: numerator, over: denominator) == .zero)
    }

    @Test func `the whole ratio is exact`() {
        #expect(Current(microamperes: 8_000).scaled(by: 7, over: 7).microamperes == 8_000)
        #expect(Current(microamperes: 8_000).scaled(by: 0, over: 7) == .zero)
        #expect(Current(microamperes: 8_000).scaled(by: 1, over: 3).microamperes == 2_666)
        #expect(Current(microamperes: Int32.min).scaled(by: Int32.max, over: Int32.max).microamperes == Int32.min)
    }
}

// Proves R-LIM-17.
@Suite struct ChargeTests {
    @Test func `one microampere for one microsecond is one picocoulomb`() {
        #expect(Charge(Current(microamperes: 1), for: PhaseDuration(microseconds: 1)).picocoulombs == 1)
        // 80 mA for 400 µs is the 32 µC of the surface limit.
        #expect(
            Charge(Current(microamperes: 80_000), for: PhaseDuration(microseconds: 400)).picocoulombs == 32_000_000)
    }

    @Test(arguments: seeds) func `charge is exact for every current and duration`(seed: UInt64) {
        var chance = SeededChance(seed: seed)
        for _ in 0..<5_000 {
            let current = chance.anyInt32()
            let duration = chance.anyInt32()
            let charge = Charge(Current(microamperes: current), for: PhaseDuration(microseconds: duration))
            let (exact, overflow) = Int64(current).multipliedReportingOverflow(by: Int64(duration))
            #expect(!overflow)
            #expect(charge.picocoulombs == exact)
        }
    }
}

// Proves R-LIM-17.
@Suite struct SaturatingTests {
    @Test func `a product too large ends at the end of its own side`() {
        #expect(Saturating.product(Int64.max, 2) == Int64.max)
        #expect(Saturating.product(Int64.min, 2) == Int64.min)
        #expect(Saturating.product(Int64.min, -1) == Int64.max)
        #expect(Saturating.product(Int64.max, -2) == Int64.min)
        #expect(Saturating.product(Int64.max, 0) == 0)
    }

    @Test(arguments: seeds) func `no sum or product traps, and what fits is exact`(seed: UInt64) {
        var chance = SeededChance(seed: seed)
        var pairs: [(Int64, Int64)] = Edges.int64.flatMap { a in Edges.int64.map { (a, $0) } }
        for _ in 0..<5_000 { pairs.append((chance.anyInt64(), chance.anyInt64())) }
        for (a, b) in pairs {
            let product = a.multipliedReportingOverflow(by: b)
            let wide = a.multipliedFullWidth(by: b)
            #expect(
                Saturating.product(a, b)
                    == (product.overflow ? (wide.high < 0 ? Int64.min : Int64.max) : product.partialValue))
            let sum = a.addingReportingOverflow(b)
            #expect(Saturating.sum(a, b) == (sum.overflow ? (a < 0 ? Int64.min : Int64.max) : sum.partialValue))
        }
    }
}

@Suite struct TimeTests {
    @Test func `spans of different units agree`() {
        #expect(TimeSpan(milliseconds: 3) == TimeSpan(microseconds: 3_000))
        #expect(TimeSpan(microseconds: 3) == TimeSpan(nanoseconds: 3_000))
        #expect(TimeSpan(nanoseconds: 1_999_999).milliseconds == 1)
        #expect(TimeSpan(nanoseconds: -1_999_999).milliseconds == -1)
        #expect(TimeSpan.zero.nanoseconds == 0)
    }

    // Proves R-FLT-27, R-LIM-17.
    @Test func `an absurd span ends at the largest number`() {
        #expect(TimeSpan(milliseconds: Int64.max).nanoseconds == Int64.max)
        #expect(TimeSpan(microseconds: Int64.min).nanoseconds == Int64.min)
        let far = Instant(nanoseconds: Int64.max - 1).advanced(by: TimeSpan(milliseconds: 1))
        #expect(far.nanoseconds == Int64.max)
    }

    @Test func `the span to an earlier instant is negative`() {
        let early = Instant(nanoseconds: 5)
        let late = early.advanced(by: TimeSpan(nanoseconds: 7))
        #expect(late.since(early).nanoseconds == 7)
        #expect(early.since(late).nanoseconds == -7)
    }
}

import SafetyKernel
import StimulusModel
import Testing

// Proves R-RATE-06.
@Suite struct PatternTests {
    private func refusal(_ pattern: Pattern) -> Refusal? {
        CaseSketch().with { $0.treatment?.pattern = pattern }.refusal
    }

    @Test func `a contraction needs its ramps, its plateau and its rest`() {
        #expect(refusal(.contractions(DoseSketch.cycle(up: 500), count: 1)) == nil)
        #expect(refusal(.contractions(DoseSketch.cycle(up: 499), count: 1)) == .malformedPattern)
        #expect(refusal(.contractions(DoseSketch.cycle(plateau: 500), count: 1)) == nil)
        #expect(refusal(.contractions(DoseSketch.cycle(plateau: 499), count: 1)) == .malformedPattern)
        #expect(refusal(.contractions(DoseSketch.cycle(down: 500), count: 1)) == nil)
        #expect(refusal(.contractions(DoseSketch.cycle(down: 499), count: 1)) == .malformedPattern)
        #expect(refusal(.contractions(DoseSketch.cycle(rest: 1_000), count: 1)) == nil)
        #expect(refusal(.contractions(DoseSketch.cycle(rest: 999), count: 1)) == .malformedPattern)
    }

    @Test func `a cycle of more than five minutes is refused`() {
        #expect(refusal(.contractions(DoseSketch.cycle(rest: 294_000), count: 1)) == nil)
        #expect(refusal(.contractions(DoseSketch.cycle(rest: 294_001), count: 1)) == .malformedPattern)
    }

    @Test(arguments: [0, -1, Int32.min]) func `a count or time of zero or less is refused`(number: Int32) {
        #expect(refusal(.contractions(DoseSketch.cycle(), count: number)) == .malformedPattern)
        #expect(refusal(.continuous(milliseconds: number)) == .malformedPattern)
    }

    // Proves R-LIM-17.
    @Test func `absurd lengths are refused without a trap`() {
        let absurd = DoseSketch.cycle(up: Int32.max, plateau: Int32.max, down: Int32.max, rest: Int32.max)
        #expect(refusal(.contractions(absurd, count: Int32.max)) == .malformedPattern)
        #expect(refusal(.continuous(milliseconds: Int32.max)) != nil)
    }
}

@Suite struct PulseLimitsTests {
    private let area = PadArea(squareMillimetres: 2_500)
    private let rate = Frequency(millihertz: 50_000)

    private func pulse(_ amplitude: Int32, _ phase: Int32) -> Pulse {
        Pulse(
            symmetric: Current(microamperes: amplitude), phaseDuration: PhaseDuration(microseconds: phase),
            interphaseGap: PhaseDuration(microseconds: 0))
    }

    private func refused(_ pulse: Pulse, _ limits: LimitTable, area: PadArea? = nil) -> Refusal? {
        refusal { () throws(Refusal) in
            try PulseLimits.check(pulse, at: rate, contact: .pad(area ?? self.area), .p24LowLevel, limits)
        }
    }

    // Proves R-LIM-05, R-LIM-08, R-LIM-12, R-LIM-13, R-LIM-14, R-LIM-15.
    /// One limit set to the figure of the pulse lets it through; a step tighter refuses it by exactly that limit.
    @Test(
        arguments: [
            // 60 mA, 300 µs, 50 Hz, 25 cm² (`clinical.md` 1.7 and 8).
            (.amplitude, 60_000), (.chargePerPhase, 18_000_000), (.rootMeanSquare, 10_393),
            (.energyPerPulse, 1_080_000), (.currentDensity, 416), (.powerDensity, 2_160), (.longestPhase, 300),
            (.shortestPhase, 300),
        ] as [(LimitKind, Int64)])
    func `each figure is held against its own limit`(kind: LimitKind, figure: Int64) {
        var limits = LimitTable.absoluteSurface
        limits.tighten(kind, to: figure, by: .clinic)
        #expect(limits[kind].value == figure)
        #expect(refused(pulse(60_000, 300), limits) == nil)
        let tighter = kind.isLowerBound ? figure + 1 : figure - 1
        limits.tighten(kind, to: tighter, by: .clinic)
        #expect(
            RefusedLimit(refused(pulse(60_000, 300), limits))
                == RefusedLimit(kind, asked: figure, limit: tighter, setBy: .clinic))
    }

    // Proves R-LIM-10.
    @Test func `one picocoulomb of net charge is refused`() {
        let uneven = Pulse(
            firstPhaseCurrent: Current(microamperes: 1_000), firstPhaseDuration: PhaseDuration(microseconds: 300),
            interphaseGap: PhaseDuration(microseconds: 0), secondPhaseCurrent: Current(microamperes: -1_000),
            secondPhaseDuration: PhaseDuration(microseconds: 301))
        #expect(
            RefusedLimit(refused(uneven, .absoluteSurface)) == RefusedLimit(.netCharge, asked: 1_000, limit: 0))
    }

    // Proves R-LIM-10.
    @Test func `a G6805-like pulse of unequal phases is refused`() {
        // +50 V for 500 µs and -35 V for 250 µs into 1 kΩ (`clinical.md` 1.6, L6).
        let old = Pulse(
            firstPhaseCurrent: Current(microamperes: 50_000), firstPhaseDuration: PhaseDuration(microseconds: 500),
            interphaseGap: PhaseDuration(microseconds: 0), secondPhaseCurrent: Current(microamperes: -35_000),
            secondPhaseDuration: PhaseDuration(microseconds: 250))
        #expect(RefusedLimit(refused(old, .absoluteSurface))?.kind == .netCharge)
    }

    // Proves R-LIM-01.
    @Test func `a negative current cannot slip under the amplitude limit`() {
        #expect(RefusedLimit(refused(pulse(-80_500, 300), .absoluteSurface))?.kind == .amplitude)
        #expect(refused(pulse(Int32.min, 300), .absoluteSurface) != nil)
    }

    // Proves R-LIM-14.
    @Test(arguments: [0, -1, Int32.min]) func `no area is no pad`(area: Int32) {
        let why = refused(pulse(1_000, 300), .absoluteSurface, area: PadArea(squareMillimetres: area))
        #expect(why == .padAreaImplausible(squareMillimetres: area))
    }

    // Proves R-LIM-01, R-LIM-06, R-LIM-07, R-LIM-08, R-LIM-12, R-LIM-13, R-LIM-14, R-LIM-15, R-DUR-01.
    /// L1: whatever is asked for, nothing that is let through is outside the envelope, computed here in floating point
    /// and by another formula.
    @Test(arguments: seeds) func `no authorized dose is outside the envelope, whatever was asked`(seed: UInt64) {
        var chance = SeededChance(seed: seed)
        var accepted = 0
        for _ in 0..<4_000 {
            var sketch = CaseSketch()
            func pick(_ usual: ClosedRange<Int32>) -> Int32 {
                chance.once(in: 40) ? Int32(truncatingIfNeeded: chance.next()) : Int32.random(in: usual, using: &chance)
            }
            var dose = DoseSketch.relieve
            dose.maximum = pick(500...90_000)
            dose.phase = pick(40...520)
            dose.millihertz = pick(500...110_000)
            dose.gap = pick(0...200)
            dose.step = pick(400...1_100)
            dose.pattern = .contractions(
                DoseSketch.cycle(up: pick(500...3_000), plateau: pick(400...9_000), rest: pick(900...50_000)),
                count: pick(1...20))
            sketch.treatment = dose
            sketch.squareMillimetres = pick(90...5_000)
            guard let plan = try? sketch.authorize(), let treated = plan.first.treatment else { continue }
            accepted += 1
            let amplitude = Double(treated.ceiling.microamperes) / 1e6
            let phase = Double(dose.phase) / 1e6
            let hertz = Double(dose.millihertz) / 1e3
            let area = Double(sketch.squareMillimetres) / 100
            let effective = amplitude * (2 * phase * hertz).squareRoot()
            let energy = amplitude * amplitude * 500 * 2 * phase
            #expect(amplitude <= 0.080 && amplitude <= Double(dose.maximum) / 1e6 && amplitude > 0)
            #expect(amplitude * phase <= 32e-6 + 1e-12)
            #expect(effective <= 0.050)
            #expect(energy <= 0.300)
            #expect(effective / area <= 0.002 + 1e-9)
            #expect(energy * hertz / area <= 0.1 + 1e-9)
            #expect(hertz >= 1 && hertz <= 100)
            #expect(dose.phase >= 50 && dose.phase <= 500)
            #expect(treated.ceiling.microamperes % 500 == 0)
            #expect(dose.dose.programmeMilliseconds <= 1_200_000)
        }
        // Chance that never gets through would prove nothing.
        #expect(accepted > 300)
    }
}

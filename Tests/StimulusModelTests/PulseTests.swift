import StimulusModel
import Testing

/// A symmetric pulse from numbers.
private func symmetric(_ microamperes: Int32, _ microseconds: Int32, gap: Int32 = 0) -> Pulse {
    Pulse(
        symmetric: Current(microamperes: microamperes), phaseDuration: PhaseDuration(microseconds: microseconds),
        interphaseGap: PhaseDuration(microseconds: gap))
}

@Suite struct PulseTests {
    // Proves R-LIM-12.
    /// `clinical.md` 8, `rms`; the third digit is given there, the round-up is ours.
    @Test(
        arguments: [
            (60_000, 300, 50_000, 10_393), (80_000, 400, 50_000, 16_000), (100_000, 400, 50_000, 20_000),
            (100_000, 500, 100_000, 31_623),
        ] as [(Int32, Int32, Int32, Int64)])
    func `root mean square agrees with the test vectors, rounded up`(
        amplitude: Int32, phase: Int32, rate: Int32, expected: Int64
    ) {
        let pulse = symmetric(amplitude, phase)
        #expect(pulse.rootMeanSquareMicroamperes(at: Frequency(millihertz: rate)) == expected)
        // The gap is at 0 mA and changes nothing.
        let withGap = symmetric(amplitude, phase, gap: 100)
        #expect(withGap.rootMeanSquareMicroamperes(at: Frequency(millihertz: rate)) == expected)
    }

    // Proves R-LIM-13.
    /// `clinical.md` 8, `energyPerPulse` into 500 Ω, both phases.
    @Test(arguments: [(100_000, 500, 5_000_000), (60_000, 300, 1_080_000)] as [(Int32, Int32, Int64)])
    func `energy agrees with the test vectors`(amplitude: Int32, phase: Int32, nanojoules: Int64) {
        #expect(symmetric(amplitude, phase).energyNanojoules(intoOhms: 500) == nanojoules)
    }

    // Proves R-LIM-13.
    @Test func `energy is rounded up and never vanishes`() {
        // 1 µA for 50 µs twice into 500 Ω is 5e-14 J: far below a nanojoule, and not nothing.
        #expect(symmetric(1, 50).energyNanojoules(intoOhms: 500) == 1)
        #expect(symmetric(0, 50).energyNanojoules(intoOhms: 500) == 0)
    }

    // Proves R-LIM-17.
    @Test func `a rate of one pulse in a thousand seconds still has a root mean square`() {
        #expect(symmetric(1, 50).rootMeanSquareMicroamperes(at: Frequency(millihertz: 1)) == 1)
    }

    // Proves R-LIM-10.
    @Test func `a symmetric pulse leaves no charge and counts one phase`() {
        let pulse = symmetric(80_000, 400, gap: 100)
        #expect(pulse.netCharge.picocoulombs == 0)
        #expect(pulse.chargePerPhase.picocoulombs == 32_000_000)
        #expect(pulse.peakCurrent.microamperes == 80_000)
        #expect(pulse.durationMicroseconds == 900)
    }

    // Proves R-LIM-10.
    @Test func `an uneven pulse is judged by its larger phase and leaves the difference`() {
        let pulse = Pulse(
            firstPhaseCurrent: Current(microamperes: 20_000), firstPhaseDuration: PhaseDuration(microseconds: 200),
            interphaseGap: PhaseDuration(microseconds: 0), secondPhaseCurrent: Current(microamperes: -30_000),
            secondPhaseDuration: PhaseDuration(microseconds: 100))
        #expect(pulse.netCharge.picocoulombs == 1_000_000)
        #expect(pulse.chargePerPhase.picocoulombs == 4_000_000)
        #expect(pulse.peakCurrent.microamperes == 30_000)
    }

    // Proves R-LIM-17.
    @Test(arguments: seeds) func `no figure of any pulse traps, and every symmetric pulse is balanced`(seed: UInt64) {
        var chance = SeededChance(seed: seed)
        for index in 0..<5_000 {
            func number() -> Int32 {
                index < 2_000 ? Edges.int32[Int.random(in: 0..<Edges.int32.count, using: &chance)] : chance.anyInt32()
            }
            let pulse = Pulse(
                firstPhaseCurrent: Current(microamperes: number()),
                firstPhaseDuration: PhaseDuration(microseconds: number()),
                interphaseGap: PhaseDuration(microseconds: number()),
                secondPhaseCurrent: Current(microamperes: number()),
                secondPhaseDuration: PhaseDuration(microseconds: number()))
            #expect(pulse.chargePerPhase.picocoulombs >= 0)
            #expect(pulse.peakCurrent.microamperes >= 0)
            _ = pulse.netCharge
            _ = pulse.durationMicroseconds
            _ = pulse.energyNanojoules(intoOhms: chance.anyInt64())
            #expect(pulse.rootMeanSquareMicroamperes(at: Frequency(millihertz: number())) >= 0)
            let amplitude = number() & Int32.max
            let balanced = symmetric(amplitude, number() & Int32.max)
            #expect(balanced.netCharge.picocoulombs == 0)
        }
    }

    // Proves R-LIM-17, R-LIM-10.
    @Test func `the one current without an opposite is never taken for balanced`() {
        // -2,147,483,648 µA has no positive twin: such a pulse must not trap, nor pass as charge-balanced.
        let pulse = symmetric(Int32.min, 300)
        #expect(pulse.netCharge.picocoulombs != 0)
    }

    // Proves R-LIM-17.
    @Test func `the net charge of two absurd phases ends at the largest number`() {
        let pulse = Pulse(
            firstPhaseCurrent: Current(microamperes: Int32.min),
            firstPhaseDuration: PhaseDuration(microseconds: Int32.min),
            interphaseGap: PhaseDuration(microseconds: 0), secondPhaseCurrent: Current(microamperes: Int32.min),
            secondPhaseDuration: PhaseDuration(microseconds: Int32.min))
        #expect(pulse.netCharge.picocoulombs == Int64.max)
    }
}

// Proves R-LIM-17.
@Suite struct IntegerMathTests {
    @Test(arguments: [(0, 0), (1, 1), (2, 2), (3, 2), (4, 2), (5, 3), (99, 10), (100, 10), (101, 11)])
    func `small roots are right`(value: Int64, root: Int64) {
        #expect(IntegerMath.squareRootRoundedUp(value) == root)
    }

    @Test func `a negative value has root zero`() {
        #expect(IntegerMath.squareRootRoundedUp(-1) == 0)
        #expect(IntegerMath.squareRootRoundedUp(Int64.min) == 0)
    }

    @Test func `the largest numbers have the right root`() {
        #expect(IntegerMath.squareRootRoundedUp(Int64.max) == 3_037_000_500)
        #expect(IntegerMath.squareRootRoundedUp(3_037_000_499 * 3_037_000_499) == 3_037_000_499)
        #expect(IntegerMath.squareRootRoundedUp(3_037_000_499 * 3_037_000_499 + 1) == 3_037_000_500)
    }

    @Test(arguments: seeds) func `the root is the smallest whole number whose square suffices`(seed: UInt64) {
        var chance = SeededChance(seed: seed)
        var values = Edges.int64.filter { $0 > 0 }
        for _ in 0..<5_000 {
            let any = chance.anyInt64() & Int64.max
            values.append(any)
            // Around squares, where an error of one shows.
            let root = any & 0x7FFF_FFFF
            values += [root * root, root * root + 1, max(0, root * root - 1)]
        }
        for value in values {
            let root = IntegerMath.squareRootRoundedUp(value)
            let square = root.multipliedReportingOverflow(by: root)
            #expect(square.overflow || square.partialValue >= value)
            if root > 0 { #expect((root - 1) * (root - 1) < value) }
        }
    }
}

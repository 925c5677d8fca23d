/// One rectangular, biphasic pulse as commanded: first phase, gap, second phase.
///
/// Figures of a whole pulse follow `I_rms = I_peak · sqrt(t · f)` with t the sum of both phases for a symmetric
/// pulse [ENRAF47].
public struct Pulse: Equatable, Hashable, Sendable {
    /// Peak of the first phase; "intensity" in every text of this house.
    public let firstPhaseCurrent: Current
    public let firstPhaseDuration: PhaseDuration
    /// Pause at 0 mA between the phases; 0 µs means none.
    public let interphaseGap: PhaseDuration
    public let secondPhaseCurrent: Current
    public let secondPhaseDuration: PhaseDuration

    @_noLocks public init(
        firstPhaseCurrent: Current, firstPhaseDuration: PhaseDuration, interphaseGap: PhaseDuration,
        secondPhaseCurrent: Current, secondPhaseDuration: PhaseDuration
    ) {
        self.firstPhaseCurrent = firstPhaseCurrent
        self.firstPhaseDuration = firstPhaseDuration
        self.interphaseGap = interphaseGap
        self.secondPhaseCurrent = secondPhaseCurrent
        self.secondPhaseDuration = secondPhaseDuration
    }

    /// A symmetric pulse: the second phase undoes the first exactly, so the commanded net charge is 0. The one current
    /// without an opposite, -2,147,483,648 µA, keeps its sign, and its net charge refuses it.
    @_noLocks public init(symmetric amplitude: Current, phaseDuration: PhaseDuration, interphaseGap: PhaseDuration) {
        self.init(
            firstPhaseCurrent: amplitude, firstPhaseDuration: phaseDuration, interphaseGap: interphaseGap,
            secondPhaseCurrent: Current(microamperes: 0 &- amplitude.microamperes), secondPhaseDuration: phaseDuration)
    }

    @_noLocks public static func == (a: Pulse, b: Pulse) -> Bool {
        a.firstPhaseCurrent == b.firstPhaseCurrent && a.firstPhaseDuration == b.firstPhaseDuration
            && a.interphaseGap == b.interphaseGap && a.secondPhaseCurrent == b.secondPhaseCurrent
            && a.secondPhaseDuration == b.secondPhaseDuration
    }

    @_noLocks public static func != (a: Pulse, b: Pulse) -> Bool { !(a == b) }

    /// The larger charge of the two phases, without sign.
    public var chargePerPhase: Charge {
        @_noLocks get {
            let first = Charge(firstPhaseCurrent, for: firstPhaseDuration).picocoulombs
            let second = Charge(secondPhaseCurrent, for: secondPhaseDuration).picocoulombs
            let largest = Int64(max(first.magnitude, second.magnitude))
            return Charge(picocoulombs: largest)
        }
    }

    /// What is left after both phases; 0 for every pulse that may be delivered (`decided.md`, Amplitude).
    public var netCharge: Charge {
        @_noLocks get {
            Charge(
                picocoulombs: Saturating.sum(
                    Charge(firstPhaseCurrent, for: firstPhaseDuration).picocoulombs,
                    Charge(secondPhaseCurrent, for: secondPhaseDuration).picocoulombs))
        }
    }

    /// The larger peak of both phases, without sign.
    public var peakCurrent: Current {
        @_noLocks get {
            let first = Int64(firstPhaseCurrent.microamperes).magnitude
            let second = Int64(secondPhaseCurrent.microamperes).magnitude
            return Current(microamperes: Int32(clamping: max(first, second)))
        }
    }

    /// From the start of the first phase to the end of the second, in microseconds.
    public var durationMicroseconds: Int64 {
        @_noLocks get {
            Int64(firstPhaseDuration.microseconds) + Int64(interphaseGap.microseconds)
                + Int64(secondPhaseDuration.microseconds)
        }
    }

    /// The integral of the squared current over the pulse, in µA²·µs; saturates.
    public var squaredCurrentTime: Int64 {
        @_noLocks get {
            let first = Int64(firstPhaseCurrent.microamperes)
            let second = Int64(secondPhaseCurrent.microamperes)
            return Saturating.sum(
                Saturating.product(first * first, Int64(firstPhaseDuration.microseconds)),
                Saturating.product(second * second, Int64(secondPhaseDuration.microseconds)))
        }
    }

    /// Energy into a resistive load, in nanojoules, rounded up; saturates.
    /// - Parameter ohms: the load, 1 to 100,000 Ω; IEC 60601-2-10 states its limit into 500 Ω [BIOPAC].
    @_noLocks public func energyNanojoules(intoOhms ohms: Int64) -> Int64 {
        // µA²·µs·Ω = 1e-18 J; one nanojoule is 1e9 of them.
        let product = Saturating.product(squaredCurrentTime, ohms)
        return product == Int64.max ? product : Saturating.sum(product, 999_999_999) / 1_000_000_000
    }

    /// Root mean square current of a continuous train of this pulse, in µA, rounded up; saturates.
    @_noLocks public func rootMeanSquareMicroamperes(at frequency: Frequency) -> Int64 {
        // µA²·µs · mHz = 1e-9 µA²
        let product = Saturating.product(squaredCurrentTime, Int64(frequency.millihertz))
        guard product != Int64.max else { return Int64.max }
        let meanSquare = Saturating.sum(product, 999_999_999) / 1_000_000_000
        return IntegerMath.squareRootRoundedUp(meanSquare)
    }
}

public enum IntegerMath {
    /// The smallest whole number whose square is at least `value`; 0 for a negative value.
    @_noLocks public static func squareRootRoundedUp(_ value: Int64) -> Int64 {
        guard value > 0 else { return 0 }
        // Bit by bit: no floating point, so the result is the same in every build.
        var root: Int64 = 0
        var bit: Int64 = 1 << 31
        while bit > 0 {
            let trial = root | bit
            // 3,037,000,499² is the largest square below 2^63.
            if trial <= 3_037_000_499, trial * trial <= value { root = trial }
            bit >>= 1
        }
        return root * root == value ? root : root + 1
    }
}

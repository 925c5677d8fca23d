// The quantities of electrical stimulation, as whole numbers with the unit in the name.
//
// Storage is `Int32` for what is multiplied and `Int64` for what comes out, so that no product of two quantities
// can overflow: |current| < 2^31 µA, duration < 2^31 µs, product < 2^62 pC. One microampere for one microsecond
// is exactly one picocoulomb, so charge has no rounding at all. There is no general `Quantity`: adding a current
// to a duration does not compile. `@_noLocks` makes the compiler prove each function free of locks and allocation.

/// A current. Intensity is the peak current of the first phase, zero to peak.
public struct Current: Equatable, Hashable, Sendable {
    /// Microamperes; signed, negative in a cathodic phase.
    public let microamperes: Int32

    @_noLocks public init(microamperes: Int32) { self.microamperes = microamperes }

    @_noLocks public static func == (a: Current, b: Current) -> Bool { a.microamperes == b.microamperes }

    @_noLocks public static func != (a: Current, b: Current) -> Bool { !(a == b) }

    /// No current.
    public static var zero: Current { @_noLocks get { Current(microamperes: 0) } }

    /// The same current rounded toward zero to a multiple of `step`. Never away from zero: a device's coarse step
    /// may only lower what a person asked for. A step of zero or less gives no current.
    @_noLocks public func rounded(towardZeroInStepsOf step: Current) -> Current {
        guard step.microamperes > 0 else { return .zero }
        return Current(microamperes: microamperes / step.microamperes * step.microamperes)
    }

    /// This current scaled by `numerator / denominator`, rounded toward zero. A denominator of zero or less, or a
    /// ratio outside 0 to 1, gives no current: scaling may only lower.
    @_noLocks public func scaled(by numerator: Int32, over denominator: Int32) -> Current {
        guard denominator > 0, numerator >= 0, numerator <= denominator else { return .zero }
        return Current(microamperes: Int32(Int64(microamperes) * Int64(numerator) / Int64(denominator)))
    }
}

/// How long one phase of a pulse lasts. "Pulse width" in this house is always one phase, never the whole pulse.
public struct PhaseDuration: Equatable, Hashable, Sendable {
    /// Microseconds, 0 or more.
    public let microseconds: Int32

    @_noLocks public init(microseconds: Int32) { self.microseconds = microseconds }

    @_noLocks public static func == (a: PhaseDuration, b: PhaseDuration) -> Bool {
        a.microseconds == b.microseconds
    }

    @_noLocks public static func != (a: PhaseDuration, b: PhaseDuration) -> Bool { !(a == b) }
}

/// Pulses per second on one channel.
public struct Frequency: Equatable, Hashable, Sendable {
    /// Millihertz, 0 or more: 35 Hz is 35,000.
    public let millihertz: Int32

    @_noLocks public init(millihertz: Int32) { self.millihertz = millihertz }

    @_noLocks public static func == (a: Frequency, b: Frequency) -> Bool { a.millihertz == b.millihertz }

    @_noLocks public static func != (a: Frequency, b: Frequency) -> Bool { !(a == b) }
}

/// Electric charge.
public struct Charge: Equatable, Hashable, Sendable {
    /// Picocoulombs: 1 µA for 1 µs is exactly 1 pC.
    public let picocoulombs: Int64

    @_noLocks public init(picocoulombs: Int64) { self.picocoulombs = picocoulombs }

    /// The charge that `current` moves in `duration`; exact, and cannot overflow by range.
    @_noLocks public init(_ current: Current, for duration: PhaseDuration) {
        picocoulombs = Int64(current.microamperes) * Int64(duration.microseconds)
    }

    @_noLocks public static func == (a: Charge, b: Charge) -> Bool { a.picocoulombs == b.picocoulombs }

    @_noLocks public static func != (a: Charge, b: Charge) -> Bool { !(a == b) }
}

/// The skin contact area of one pad.
public struct PadArea: Equatable, Hashable, Sendable {
    /// Square millimetres, above 0: 25 cm² is 2,500.
    public let squareMillimetres: Int32

    @_noLocks public init(squareMillimetres: Int32) { self.squareMillimetres = squareMillimetres }

    @_noLocks public static func == (a: PadArea, b: PadArea) -> Bool {
        a.squareMillimetres == b.squareMillimetres
    }

    @_noLocks public static func != (a: PadArea, b: PadArea) -> Bool { !(a == b) }
}

/// Arithmetic that ends at the largest number instead of trapping: a figure too large to compute is judged as
/// "over the limit", which is the safe side.
public enum Saturating {
    @_noLocks public static func product(_ a: Int64, _ b: Int64) -> Int64 {
        let (value, overflow) = a.multipliedReportingOverflow(by: b)
        guard overflow else { return value }
        return (a < 0) == (b < 0) ? Int64.max : Int64.min
    }

    @_noLocks public static func sum(_ a: Int64, _ b: Int64) -> Int64 {
        let (value, overflow) = a.addingReportingOverflow(b)
        guard overflow else { return value }
        return a > 0 ? Int64.max : Int64.min
    }
}

// Time is handed in, never read: no function below the Linux edge knows a clock.

/// A point on the one monotonic clock of a session.
public struct Instant: Equatable, Hashable, Sendable {
    /// Nanoseconds since an arbitrary start (the kernel's CLOCK_MONOTONIC in production, zero in virtual time).
    public let nanoseconds: Int64

    @_noLocks public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    @_noLocks public static func == (a: Instant, b: Instant) -> Bool { a.nanoseconds == b.nanoseconds }

    @_noLocks public static func != (a: Instant, b: Instant) -> Bool { !(a == b) }

    @_noLocks public func advanced(by span: TimeSpan) -> Instant {
        Instant(nanoseconds: Saturating.sum(nanoseconds, span.nanoseconds))
    }

    /// The span from `earlier` to this instant; negative when this one is the earlier.
    @_noLocks public func since(_ earlier: Instant) -> TimeSpan {
        TimeSpan(nanoseconds: nanoseconds &- earlier.nanoseconds)
    }
}

/// A length of time.
public struct TimeSpan: Equatable, Hashable, Sendable {
    /// Nanoseconds.
    public let nanoseconds: Int64

    @_noLocks public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
    @_noLocks public init(milliseconds: Int64) { nanoseconds = Saturating.product(milliseconds, 1_000_000) }
    @_noLocks public init(microseconds: Int64) { nanoseconds = Saturating.product(microseconds, 1_000) }

    @_noLocks public static func == (a: TimeSpan, b: TimeSpan) -> Bool { a.nanoseconds == b.nanoseconds }

    @_noLocks public static func != (a: TimeSpan, b: TimeSpan) -> Bool { !(a == b) }

    /// Whole milliseconds, rounded toward zero.
    public var milliseconds: Int64 { @_noLocks get { nanoseconds / 1_000_000 } }

    public static var zero: TimeSpan { @_noLocks get { TimeSpan(nanoseconds: 0) } }
}

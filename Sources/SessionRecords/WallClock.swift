internal import Foundation

/// A point on the calendar's clock. It labels; no duration is ever taken from it (H37).
public struct WallTime: Equatable, Sendable {
    /// Nanoseconds since 1970 UTC.
    public let nanoseconds: Int64
    /// What the local clock shows more than UTC, in seconds.
    public let utcOffsetSeconds: Int32

    public init(nanoseconds: Int64, utcOffsetSeconds: Int32) {
        self.nanoseconds = nanoseconds
        self.utcOffsetSeconds = utcOffsetSeconds
    }
}

/// The one place in the product that reads the calendar's clock.
public enum WallClock {
    public static func now() -> WallTime {
        let date = Date()
        let offset = TimeZone.current.secondsFromGMT(for: date)
        return WallTime(
            nanoseconds: Int64(date.timeIntervalSince1970 * 1e9), utcOffsetSeconds: Int32(clamping: offset))
    }
}

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

extension WallTime {
    /// That time with what the local clock shows more than UTC then.
    public init(localNanoseconds nanoseconds: Int64) {
        let date = Date(timeIntervalSince1970: Double(nanoseconds) / 1e9)
        let offset = TimeZone.current.secondsFromGMT(for: date)
        self.init(nanoseconds: nanoseconds, utcOffsetSeconds: Int32(clamping: offset))
    }
}

/// The one place in the paper that reads the calendar's clock.
public enum WallClock {
    public static func now() -> WallTime { WallTime(localNanoseconds: LinuxFile.calendarNanoseconds()) }
}

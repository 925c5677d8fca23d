public import StimulusModel

/// When the next pulse of a train is due, without drift: the share of a period that has passed, in millionths.
///
/// 35 Hz is no whole number of ticks; the share carries the remainder, so that the mean rate is exact and no two
/// pulses are closer than the period rounded down to a tick.
public struct PulseSchedule: Hashable, Sendable {
    package private(set) var millionths: Int64

    @_noLocks public init() { millionths = 0 }

    @_noLocks public static func == (a: PulseSchedule, b: PulseSchedule) -> Bool { a.millionths == b.millionths }

    @_noLocks public static func != (a: PulseSchedule, b: PulseSchedule) -> Bool { !(a == b) }

    /// Makes the first pulse due at the next tick, or half a period after it: the second of two channels keeps half a
    /// period from the first (`decided.md`, P24).
    @_noLocks public mutating func restart(_ frequency: Frequency, halfPeriodLater: Bool = false) {
        millionths = (halfPeriodLater ? 500_000 : 1_000_000) - Int64(frequency.millihertz)
    }

    /// One millisecond passes.
    /// - Returns: whether a pulse is due now.
    @_noLocks public mutating func tick(_ frequency: Frequency) -> Bool {
        millionths += Int64(frequency.millihertz)
        guard millionths >= 1_000_000 else { return false }
        millionths -= 1_000_000
        return true
    }
}

// What the loop notices of itself and of its neighbours, apart from the clocks and atomics that it reads them from, so
// that each threshold can be tried to the nanosecond (decision 0006).
internal import StimulusModel

enum LoopWatch {
    /// A wake-up later than the tolerance, or a computer that slept for longer than that: sleep says more, and is what
    /// is named.
    /// - Parameter slept: by how much boot time ran ahead of monotonic time since the loop began; it grows only while
    ///   the computer sleeps (`reliability.md` F40).
    static func wakeUp(lateness: TimeSpan, slept: TimeSpan, tolerance: TimeSpan) -> FaultCause {
        if slept.nanoseconds > tolerance.nanoseconds { return .suspended }
        return lateness.nanoseconds > tolerance.nanoseconds ? .late : .none
    }

    /// A record that failed, cannot keep up, or of which nobody knows whether it is kept.
    /// - Parameter silence: since the writer's last sign of life.
    static func record(
        hasFailed: Bool, freeSlots: Int, reserve: Int, silence: TimeSpan, patience: TimeSpan
    ) -> FaultCause {
        if hasFailed { return .journalFailed }
        if freeSlots < reserve { return .journalFull }
        return silence.nanoseconds > patience.nanoseconds ? .journalFailed : .none
    }

    /// Blocks that must be free in the ring before a step may decide anything: a fifth of it, so that the session stops
    /// before events could be lost (`reliability.md` F60), and never less than one tick writes.
    static func reserve(of slots: Int) -> Int { max(16, slots / 5) }

    /// A screen that takes no output.
    static func screen(silence: TimeSpan, patience: TimeSpan) -> FaultCause {
        silence.nanoseconds > patience.nanoseconds ? .consoleStalled : .none
    }
}

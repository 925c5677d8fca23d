// The wake-up of the loop, and a trial of it alone: how good a computer is for the work is measured on what the work
// runs on.
internal import ByteStreams
internal import StimulusModel

enum TickWake {
    /// Sleeps to the next absolute deadline, 1 ms after the last. Missed ticks are skipped and counted, so that a loop
    /// never runs after time.
    static func next(
        _ deadline: inout Instant, _ now: inout Instant, _ timing: inout LoopTiming
    ) -> (lateness: TimeSpan, missed: Int64) {
        deadline = deadline.advanced(by: TimeSpan(milliseconds: 1))
        SystemClock.sleep(until: deadline)
        now = SystemClock.now()
        let lateness = now.since(deadline)
        let missed = max(0, lateness.milliseconds)
        deadline = deadline.advanced(by: TimeSpan(milliseconds: missed))
        timing.note(lateness, missed: missed)
        return (lateness, missed)
    }
}

/// Wakes as a session's loop does, and does nothing else: what is measured is the computer, not a stimulator.
public struct LatencyTrial: Sendable {
    public private(set) var timing = LoopTiming()

    public init() {}

    /// Runs on the calling thread: start it on a `RealtimeThread`, as a session is.
    /// - Parameter seconds: at least 1.
    public mutating func run(seconds: Int32) {
        var now = SystemClock.now()
        var deadline = now
        let end = now.advanced(by: TimeSpan(milliseconds: Int64(max(1, seconds)) * 1_000))
        let faults = PageFaultMark()
        while now.since(end).nanoseconds < 0 { _ = TickWake.next(&deadline, &now, &timing) }
        timing.pageFaults = faults.since
    }
}

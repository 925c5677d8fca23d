internal import CLinuxIO
public import StimulusModel

/// The machine's clocks. One of the two places where time is read; everything below the edge is handed an `Instant`.
public enum SystemClock {
    /// CLOCK_MONOTONIC: never set, stands still while the computer sleeps.
    public static func now() -> Instant { Instant(nanoseconds: mp_clock_monotonic()) }

    /// CLOCK_BOOTTIME: as `now()`, but runs on while the computer sleeps. When the distance between the two grows, the
    /// computer slept.
    public static func bootTime() -> Instant { Instant(nanoseconds: mp_clock_boottime()) }

    /// How much more `bootTime()` shows than `now()`: read while the second stood almost still, since who is halted
    /// between two clocks finds a distance that is none, and would then take every delay for so much less.
    public static func bootOffset() -> TimeSpan {
        var narrowest = Int64.max
        var offset = TimeSpan.zero
        for _ in 0..<100 {
            let before = now()
            let boot = bootTime()
            let gap = now().since(before).nanoseconds
            guard gap < narrowest else { continue }
            narrowest = gap
            offset = boot.since(before)
            // Two calls of the kernel's page take far less; a halt takes more.
            if gap < 50_000 { break }
        }
        return offset
    }

    /// Calendar time, in nanoseconds since 1970-01-01 UTC. It can be set and can jump: for records, never for timing.
    public static func wallNanoseconds() -> Int64 { mp_clock_realtime() }

    /// Whether something keeps the calendar's clock right; nil when the kernel does not say.
    public static func isSynchronised() -> Bool? {
        let answer = mp_clock_is_synchronised()
        return answer < 0 ? nil : answer == 1
    }

    /// Sleeps until `now()` has reached that instant, whatever signals come meanwhile; returns at once if it is past.
    public static func sleep(until instant: Instant) {
        while mp_sleep_until(instant.nanoseconds) == -Int32(MP_EINTR) {}
    }
}

/// What this process uses.
public enum ProcessMemory {
    /// Resident memory in bytes; 0 when the kernel does not tell.
    public static func residentBytes() -> Int64 { max(0, mp_resident_bytes()) }
}

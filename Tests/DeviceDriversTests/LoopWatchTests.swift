import StimulusModel
import Testing

@testable import DeviceDrivers

/// Each threshold of the loop's own watch, to the nanosecond; what follows from a fault is tried elsewhere.
@Suite struct LoopWatchTests {
    private static let tolerance = TimeSpan(milliseconds: 50)

    private static func wakeUp(late: Int64, slept: Int64) -> FaultCause {
        LoopWatch.wakeUp(
            lateness: TimeSpan(nanoseconds: late), slept: TimeSpan(nanoseconds: slept), tolerance: tolerance)
    }

    private static func record(
        failed: Bool = false, free: Int = 1_000, silent: Int64 = 0
    ) -> FaultCause {
        LoopWatch.record(
            hasFailed: failed, freeSlots: free, reserve: 200, silence: TimeSpan(nanoseconds: silent),
            patience: LoopSettings(latenessTolerance: tolerance).recordPatience)
    }

    // Proves R-FLT-13.
    @Test func lateFromANanosecondBeyondTheToleranceOn() {
        #expect(Self.wakeUp(late: 0, slept: 0) == .none)
        #expect(Self.wakeUp(late: 50_000_000, slept: 0) == .none)
        #expect(Self.wakeUp(late: 50_000_001, slept: 0) == .late)
        // A clock that cannot be, and a wake-up before its time.
        #expect(Self.wakeUp(late: Int64.max, slept: 0) == .late)
        #expect(Self.wakeUp(late: -1, slept: 0) == .none)
    }

    // Proves R-FLT-14.
    @Test func sleptFromANanosecondBeyondTheToleranceOn() {
        #expect(Self.wakeUp(late: 0, slept: 50_000_000) == .none)
        #expect(Self.wakeUp(late: 0, slept: 50_000_001) == .suspended)
        #expect(Self.wakeUp(late: 0, slept: Int64.max) == .suspended)
        // Monotonic time never runs ahead of boot time; if it did, nobody slept.
        #expect(Self.wakeUp(late: 0, slept: -60_000_000_000) == .none)
    }

    // Proves R-FLT-01.
    @Test func ofSeveralThingsTheOneThatSaysMostIsNamed() {
        #expect(Self.wakeUp(late: 60_000_000, slept: 60_000_000) == .suspended)
        #expect(Self.record(failed: true, free: 0, silent: Int64.max) == .journalFailed)
        #expect(Self.record(free: 0, silent: Int64.max) == .journalFull)
    }

    // Proves R-FLT-19.
    /// 6 s without a sign of life (decision 0006).
    @Test func theRecordWriterIsGivenSixSeconds() {
        #expect(Self.record(silent: 6_000_000_000) == .none)
        #expect(Self.record(silent: 6_000_000_001) == .journalFailed)
        #expect(Self.record(failed: true) == .journalFailed)
    }

    // Proves R-FLT-19.
    @Test func aFifthOfTheRingIsKeptFree() {
        #expect(Self.record(free: 200) == .none)
        #expect(Self.record(free: 199) == .journalFull)
        #expect(LoopWatch.reserve(of: 1_000) == 200)
        #expect(LoopWatch.reserve(of: 4) == 16, "never less than one tick writes")
    }

    // Proves R-FLT-20.
    /// 1 s without output taken (`decided.md`).
    @Test func theScreenIsGivenASecond() {
        let patience = LoopSettings(latenessTolerance: Self.tolerance).consolePatience
        #expect(LoopWatch.screen(silence: TimeSpan(nanoseconds: 1_000_000_000), patience: patience) == .none)
        #expect(LoopWatch.screen(silence: TimeSpan(nanoseconds: 1_000_000_001), patience: patience) == .consoleStalled)
    }
}

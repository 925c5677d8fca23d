import MachineChecks
import Testing

@Suite struct LatencyVerdictTests {
    private func facts(_ worst: Int64, isGranted: Bool, missed: Int64 = 0) -> LatencyFacts {
        LatencyFacts(
            histogram: [9_900, 80, 10, 5, 3, 1, 1, 0], worstNanoseconds: worst, missedTicks: missed,
            isRealTimeGranted: isGranted)
    }

    @Test(arguments: [
        (Int64(0), true, LatencyVerdict.needleRig), (29_999_999, true, .needleRig), (30_000_000, true, .surface),
        (200_000, false, .surface), (49_999_999, false, .surface), (50_000_000, true, .nothing),
        (50_000_000, false, .nothing),
    ]) func aNeedleRigNeedsRealTimeAndLessThanItsTolerance(worst: Int64, isGranted: Bool, verdict: LatencyVerdict) {
        let found = LatencyVerdict(facts(worst, isGranted: isGranted))
        #expect(found == verdict)
        #expect(found.text(facts(worst, isGranted: isGranted)).hasPrefix(verdict == .nothing ? "NOT FIT" : "FIT"))
    }

    @Test func whatIsMissedIsExplained() {
        #expect(LatencyVerdict.missed(facts(0, isGranted: true)).isEmpty)
        #expect(LatencyVerdict.missed(facts(0, isGranted: true, missed: 12)).hasPrefix("12 ticks of 1 ms were missed"))
    }

    @Test func everyPartIsDrawnThatHoldsOne() {
        let lines = LatencyVerdict.picture(facts(0, isGranted: true))
        #expect(lines.count == LatencyVerdict.bounds.count + 1)
        #expect(lines[0].contains("9900  below 50 µs") && lines[0].hasSuffix(String(repeating: "#", count: 40)))
        #expect(lines[6].hasSuffix("below 50 ms   #"))
        #expect(lines[7] == "         0  later")
        #expect(facts(0, isGranted: true).wakeUps == 10_000)
    }
}

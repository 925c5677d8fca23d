import Drawings
import StimulusModel
import Testing

@Suite struct PulseTests {
    private func lines(_ current: Int32, _ phase: Int32, _ gap: Int32, isASCII: Bool = false) -> [String] {
        let pulse = Pulse(
            symmetric: Current(microamperes: current), phaseDuration: PhaseDuration(microseconds: phase),
            interphaseGap: PhaseDuration(microseconds: gap))
        return PulseDrawing.lines(pulse, DrawingStyle(columns: 80, isASCII: isASCII))
    }

    @Test func bothPhasesAreToScale() {
        let drawn = lines(40_000, 300, 0)
        #expect(drawn[0].contains("40 mA, 300 µs a phase, no gap, 12 µC a phase"))
        #expect(drawn[1].hasPrefix("  +40 mA ┤"))
        #expect(drawn[5].hasPrefix("    0 mA ┤"))
        #expect(drawn[9].hasPrefix("  −40 mA ┤"))
        // 900 µs over 69 columns: 23 for each phase, one of which is its flank.
        #expect(drawn[1].count { $0 == "─" } == 22, "\(drawn.joined(separator: "\n"))")
        #expect(drawn[9].count { $0 == "─" } == 22)
        #expect(drawn[10].split(separator: " ").map(String.init) == ["0", "300", "600"])
    }

    @Test func aGapIsDrawnAtZero() {
        let drawn = lines(40_000, 300, 300)
        // 1,350 µs over 69 columns: 15.3 for each third.
        let flat = drawn[5].split(whereSeparator: { !"─".contains($0) }).map(\.count)
        #expect(flat.count == 3 && (14...15).contains(flat[1]), "\(drawn.joined(separator: "\n"))")
        #expect(drawn[10].split(separator: " ").map(String.init) == ["0", "300", "600", "900"])
    }

    @Test func aGapTooNarrowToSeeIsSaid() {
        let drawn = lines(40_000, 300, 5)
        #expect(drawn.last?.contains("the gap of 5 µs is narrower than that") == true)
        #expect(lines(40_000, 300, 300).last?.contains("narrower") == false)
    }

    @Test func anEmptyPulseIsSaidNotDrawn() {
        #expect(lines(0, 300, 0) == ["nothing to draw: this pulse is empty"])
    }

    @Test func plainHasNoSpecialCharacters() {
        let drawn = lines(40_000, 300, 100, isASCII: true)
        for line in drawn { #expect(line.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }, "\(line)") }
        #expect(drawn[1].hasPrefix("  +40 mA +"))
    }
}

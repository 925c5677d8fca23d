import Drawings
import StimulusModel
import Testing

@Suite struct EnvelopeTests {
    static let cycle = ContractionCycle(
        rampUpMilliseconds: 2_000, plateauMilliseconds: 3_000, rampDownMilliseconds: 1_000, restMilliseconds: 18_000)
    static let relieve = TrainShape(
        .contractions(cycle, count: 10), frequency: Frequency(millihertz: 35_000), peak: Current(microamperes: 40_000))
    static let wide = DrawingStyle(columns: 80, isASCII: false)
    static let plain = DrawingStyle(columns: 80, isASCII: true)

    @Test func aContractionRampsHoldsRampsAndRests() {
        let shape = Self.relieve
        #expect(shape.cycleMilliseconds == 24_000)
        #expect(shape.programmeMilliseconds == 240_000)
        // Typed out by hand: half way up the ramp of 2 s, on the plateau, half way down that of 1 s, at rest, and so
        // on in the last cycle; nothing after the end.
        let expected: [(Int64, Int32)] = [
            (0, 0), (1_000, 500), (2_000, 1_000), (4_999, 1_000), (5_500, 500), (6_000, 0), (23_999, 0),
            (24_000 * 9 + 1_000, 500), (240_000, 0), (-1, 0),
        ]
        for (moment, level) in expected { #expect(shape.level(at: moment) == level, "at \(moment) ms") }
    }

    /// The plot of a line, without its labels.
    private func plot(_ line: String) -> [Character] { Array(line.dropFirst(10)) }

    @Test func theDrawingIsToScale() {
        let lines = EnvelopeDrawing.lines(Self.relieve, over: .cycle, Self.wide)
        // 69 columns for 24 s. The lowest row is filled while there is current: 6 s less the thin ends of the ramps.
        let lowest = plot(lines[8]).count { $0 != " " }
        #expect((15...18).contains(lowest), "\(lowest) columns for 6 s of 24 s:\n\(lines.joined(separator: "\n"))")
        // The highest row holds the plateau of 3 s: 8.6 columns, and the tops of the ramps beside it.
        let highest = plot(lines[1]).count { $0 == "█" }
        #expect((8...9).contains(highest), "\(highest) columns for 3 s of 24 s")
        #expect(lines[1].hasPrefix("   40 mA ┤"))
        #expect(lines[5].hasPrefix("   20 mA ┤"))
        #expect(lines[9].hasPrefix("    0 mA ┼"))
        // The mark of 10 s stands under its column.
        let mark = 10 + 10_000 * 69 / 24_000
        let axis = Array(lines[9])
        #expect(axis[mark] == "┬")
        #expect(String(Array(lines[10])[(mark - 1)...mark]) == "10")
    }

    @Test func theWholeProgrammeHasTenContractions() {
        let lines = EnvelopeDrawing.lines(Self.relieve, over: .programme, DrawingStyle(columns: 120, isASCII: false))
        #expect(lines[0].contains("10 times one contraction"))
        #expect(lines[0].contains("240 s"))
        let groups = String(plot(lines[1])).split(separator: " ").count
        #expect(groups == 10, "\(lines.joined(separator: "\n"))")
    }

    /// PENS of `clinical.md` 2.5: bursts of 200 ms every 1.5 s, over 15 min: far narrower than a column.
    @Test func aBurstIsDrawnToScaleAndNeverFallsBetweenTwoColumns() {
        let shape = TrainShape.bursts(
            milliseconds: 900_000, burstMilliseconds: 200, intervalMilliseconds: 1_500,
            frequency: Frequency(millihertz: 50_000), peak: Current(microamperes: 60_000))
        let one = EnvelopeDrawing.lines(shape, over: .cycle, Self.wide)
        let filled = plot(one[4]).count { $0 == "█" }
        #expect(filled == 9, "200 of 1,500 ms in 69 columns:\n\(one.joined(separator: "\n"))")
        let whole = EnvelopeDrawing.lines(shape, over: .programme, Self.wide)
        #expect(plot(whole[1]).count { $0 == "█" } == 69)
        #expect(whole.last?.contains("pauses too short to draw") == true)
        #expect(one.last?.contains("pauses") == false)
        // Columns of 0.5 s: every third one holds a burst.
        let short = TrainShape.bursts(
            milliseconds: 34_500, burstMilliseconds: 200, intervalMilliseconds: 1_500,
            frequency: Frequency(millihertz: 50_000), peak: Current(microamperes: 60_000))
        #expect(plot(EnvelopeDrawing.lines(short, over: .programme, Self.wide)[1]).count { $0 == "█" } == 23)
    }

    /// [HAN] 2/100: 3 s each.
    @Test func denseDisperseNamesBothRates() {
        let shape = TrainShape.denseDisperse(
            milliseconds: 900_000, denseMilliseconds: 3_000, denseFrequency: Frequency(millihertz: 100_000),
            sparseMilliseconds: 3_000, sparseFrequency: Frequency(millihertz: 2_000),
            peak: Current(microamperes: 4_000))
        #expect(shape.cycleMilliseconds == 6_000)
        let lines = EnvelopeDrawing.lines(shape, over: .cycle, Self.wide)
        #expect(lines[0].contains("100 and 2 pulses/s"))
        #expect(plot(lines[1]).count { $0 == "█" } == 69)
    }

    @Test func plainIsPlainAndNothingIsWiderThanTheScreen() {
        let pulse = Pulse(
            symmetric: Current(microamperes: 60_000), phaseDuration: PhaseDuration(microseconds: 300),
            interphaseGap: PhaseDuration(microseconds: 100))
        // What stands above a drawing fits on 80 columns.
        for line in [
            EnvelopeDrawing.lines(Self.relieve, over: .cycle, Self.plain)[0],
            EnvelopeDrawing.lines(Self.relieve, over: .programme, Self.plain)[0],
            PulseDrawing.lines(pulse, Self.plain)[0],
        ] {
            #expect(line.count < 80, "\(line)")
        }
        for columns in [1, 50, 80, 133, 1_000] {
            let style = DrawingStyle(columns: columns, isASCII: true)
            let drawn =
                EnvelopeDrawing.lines(Self.relieve, over: .cycle, style).dropFirst()
                + EnvelopeDrawing.lines(Self.relieve, over: .programme, style).dropFirst()
                + PulseDrawing.lines(pulse, style).dropFirst()
            for line in drawn {
                #expect(line.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }, "\(line)")
                #expect(line.count <= max(50, columns), "\(line)")
            }
        }
    }

    @Test func aPatternWithoutTimeIsSaidNotDrawn() {
        let shape = TrainShape(
            .continuous(milliseconds: 0), frequency: Frequency(millihertz: 2_000), peak: Current(microamperes: 1_000))
        #expect(EnvelopeDrawing.lines(shape, over: .cycle, Self.wide).count == 1)
        #expect(EnvelopeDrawing.lines(shape, over: .programme, Self.plain)[0].contains("nothing to draw"))
    }
}

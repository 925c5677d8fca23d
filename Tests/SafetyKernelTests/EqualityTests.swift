// What is one and the same, written out by hand in the sources (the compiler's own takes locks): one part at a time.
import SafetyKernel
import StimulusModel
import Testing

@Suite struct EqualityTests {
    // Proves R-FLT-28.
    @Test func `two requests for a pulse are one only when every part agrees`() {
        func request(
            place: ChannelPlace = .first, part: PlanPart = .search, run: Int32 = 1, set: Int32 = 2_000,
            amplitude: Int32 = 1_000, plateau: Bool = false, contraction: Int32 = 3
        ) -> PulseRequest {
            PulseRequest(
                place: place, part: part, run: run, setAmplitude: Current(microamperes: set),
                amplitude: Current(microamperes: amplitude), isOnPlateau: plateau, contraction: contraction)
        }
        let others = [
            request(place: .second), request(part: .treatment), request(run: 2), request(set: 2_001),
            request(amplitude: 1_001), request(plateau: true), request(contraction: 4),
        ]
        let same = request()
        #expect(same == request())
        #expect(!(same != request()))
        for other in others {
            #expect(!(same == other), "\(other)")
            #expect(same != other, "\(other)")
        }
    }

    // Proves R-DUR-04.
    @Test func `two histories are one only when every part agrees`() {
        func history(
            earlier: Int32 = 3, since: Int64 = 5, today: Int32 = 1, charge: Int64 = 7, proven: Int32? = 2
        ) -> TreatmentHistory {
            TreatmentHistory(
                earlierTreatments: earlier, millisecondsSinceLast: since, treatmentsToday: today,
                chargeToday: Charge(picocoulombs: charge), provenTreatments: proven)
        }
        let others = [
            history(earlier: 4), history(since: 6), history(today: 2), history(charge: 8), history(proven: 1),
        ]
        let same = history()
        #expect(same == history())
        #expect(!(same != history()))
        for other in others {
            #expect(!(same == other), "\(other)")
            #expect(same != other, "\(other)")
        }
    }

    // Proves R-DUR-05.
    @Test func `no more treatments are proven than there were, and all of them where nobody says`() {
        let more = TreatmentHistory(earlierTreatments: 2, millisecondsSinceLast: 0, provenTreatments: 5)
        #expect(more.provenTreatments == 2)
        #expect(TreatmentHistory(earlierTreatments: 2, millisecondsSinceLast: 0).provenTreatments == 2)
        let none = TreatmentHistory(earlierTreatments: 0, millisecondsSinceLast: 0)
        #expect(none.treatmentsToday == 0)
        #expect(none.chargeToday.picocoulombs == 0)
    }

    // Proves R-LIM-03.
    @Test func `two authorized doses are one only when dose, ceiling and its owner agree`() throws {
        func dose(
            _ change: (inout DoseSketch) -> Void = { _ in }, limit: Int64? = nil, by source: LimitSource = .clinic
        ) throws -> AuthorizedDose {
            var sketch = CaseSketch()
            sketch.treatment = DoseSketch.relieve.with(change)
            if let limit { sketch.limits.tighten(.amplitude, to: limit, by: source) }
            return try #require(try sketch.authorize().first.treatment)
        }
        let same = try dose(limit: 20_000)
        let again = try dose(limit: 20_000)
        #expect(same == again)
        #expect(!(same != again))
        for other in try [
            dose({ $0.gap = 50 }, limit: 20_000), dose(limit: 19_000), dose(limit: 20_000, by: .checklist),
        ] {
            #expect(!(same == other))
            #expect(same != other)
        }
    }

    // Proves R-LIM-05.
    @Test func `kinds, owners and limits are one only with themselves`() {
        let sources = (UInt8(0)...9).compactMap { LimitSource(rawValue: $0) }
        #expect(sources.count == 10)
        for (i, a) in sources.enumerated() {
            for (j, b) in sources.enumerated() {
                #expect((a == b) == (i == j))
                #expect((a != b) == (i != j))
            }
        }
        for (i, a) in allKinds.enumerated() {
            for (j, b) in allKinds.enumerated() {
                #expect((a == b) == (i == j))
                #expect((a != b) == (i != j))
            }
        }
        #expect(PlanPart.search == .search)
        #expect(!(PlanPart.search == .treatment))
        #expect(PlanPart.search != .treatment)
        #expect(!(PlanPart.search != .search))
        var table = LimitTable.absoluteSurface
        let before = table[.amplitude]
        #expect(before == LimitTable.absoluteSurface[.amplitude])
        #expect(!(before != LimitTable.absoluteSurface[.amplitude]))
        table.tighten(.amplitude, to: 79_999, by: .absolute)
        #expect(!(before == table[.amplitude]))
        #expect(before != table[.amplitude])
        // The same number by another hand: 1 mA a press and 1 Hz lowest are both 1,000.
        table.tighten(.frequency, to: 1_000, by: .clinic)
        #expect(table[.frequency] != table[.lowestFrequency])
        #expect(!(table[.frequency] == table[.lowestFrequency]))
    }
}

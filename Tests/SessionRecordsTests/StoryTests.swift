import SafetyKernel
import SessionEngine
import SessionRecords
import StimulusModel
import Testing

@Suite("A record tells one story, in pictures too")
struct StoryTests {
    static func read(_ scratch: ScratchStore, _ id: String = "1") -> (SessionStory, RecordExamination) {
        SessionStory.read(id, in: scratch.store)
    }

    private func whole() throws -> SessionStory {
        let scratch = try ScratchStore()
        try scratch.add("1", journal: Journal.whole)
        return Self.read(scratch).0
    }

    @Test("Spans, pulses, set amplitude and charge come out of the journal")
    func spans() throws {
        let story = try whole()
        let expected: [(StorySpan.Kind, Int32, Int64, Int64)] = [
            (.search, 0, 1_200, 3_000), (.titration, 1, 4_000, 9_000), (.rest, 0, 9_000, 12_000),
            (.contraction, 1, 12_000, 17_000), (.rest, 0, 17_000, 20_000), (.contraction, 2, 20_000, 25_000),
            (.rest, 0, 25_000, 27_000), (.pause, 0, 27_000, 28_001),
        ]
        #expect(story.spans.map(\.kind) == expected.map(\.0))
        #expect(story.spans.map(\.number) == expected.map(\.1))
        #expect(story.spans.map(\.startTick) == expected.map(\.2))
        #expect(story.spans.map(\.endTick) == expected.map(\.3))
        #expect(story.milliseconds(in: [.contraction]) == 10_000)
        #expect(story.pulses.count == 92)
        #expect(story.setAmplitude.map(\.microamperes) == [2_000, 4_000, 8_000])
        #expect(story.setMicroamperes(at: 2_600) == 4_000)
        #expect(story.setMicroamperes(at: 0) == 0)
        #expect(story.lastState == .closed)
        #expect(story.journalChargePicocoulombs == 90 * 2_400_000 + 2_000 * 300 + 4_000 * 300)
        // As closed: the record's own figure.
        #expect(story.chargePicocoulombs == 13_230_000_000)
        #expect(story.mostPicocoulombs == 13_230_000_000)
    }

    @Test("A session that was cut short is told as far as its journal goes")
    func cutShort() throws {
        let scratch = try ScratchStore()
        try scratch.abandon("1", journal: Array(Journal.whole.prefix(60)))
        try scratch.recover(at: aNoon + 1)
        let (story, examination) = Self.read(scratch)
        #expect(examination.isIntact)
        #expect(story.closing == nil)
        #expect(story.interruption != nil)
        #expect(story.titrationContractions == 1)
        #expect(story.contractionsDone == 0)
        #expect(story.highestMicroamperes == 8_000)
        #expect(story.thresholds.map(\.kind) == ["sensory", "motor"])
        #expect(story.thresholds.map(\.amplitudeMicroamperes) == [2_000, 4_000])
        #expect(story.mostPicocoulombs > story.journalChargePicocoulombs)
        let lines = story.plannedAgainstDelivered
        #expect(lines.first { $0.what == "contractions" }?.delivered == "0 (and 1 of titration)")
        #expect(lines.last?.delivered.hasPrefix("at most ") == true)
    }

    @Test("A picture fits 80 columns; plain is ASCII; stops and thresholds are marked")
    func pictures() throws {
        let story = try whole()
        for style in [SessionPicture.Style.unicode, .plain] {
            let lines = SessionPicture(story, style).lines
            #expect(lines.allSatisfy { $0.count <= SessionPicture.width }, "\(lines.map(\.count))")
            let marks = lines.first { $0.hasPrefix("   marks") } ?? ""
            #expect(marks.contains("s") && marks.contains("m") && marks.hasSuffix("X"), "\(marks)")
            let ran = lines.first { $0.hasPrefix("     ran") } ?? ""
            #expect(ran.contains("1") && ran.contains("2"), "\(ran)")
            #expect(lines.contains { $0.contains("8.0") })
        }
        let plain = SessionPicture(story, .plain).lines.joined(separator: "\n")
        #expect(plain.utf8.allSatisfy { $0 < 0x80 })
        #expect(plain.contains("#"))
        let nothing = SessionStory()
        #expect(SessionPicture(nothing, .unicode).lines.count == 1)
    }

    @Test("What was delivered is never drawn as nothing, however small or short")
    func small() throws {
        let scratch = try ScratchStore()
        var journal = Journal.whole
        journal.insert(contentsOf: Journal.pulse(26_500, microamperes: 100), at: journal.count - 4)
        try scratch.add("1", journal: journal)
        let bins = TimeBins(Self.read(scratch).0, count: 71)
        let column = bins.column(26_502) ?? 0
        #expect(bins.bins[column].deliveredMicroamperes == 100)
        let lines = SessionPicture(Self.read(scratch).0, .unicode).lines
        let lowest = lines.last { $0.hasPrefix("       ┤") } ?? ""
        #expect(Array(lowest).dropFirst(9)[9 + column] == "▁", "\(lowest)")
        // A whole session in one column, and a column for each millisecond and more.
        for count in [1, 2, 50_000] {
            let many = TimeBins(Self.read(scratch).0, count: count)
            #expect(many.bins.count == count)
            #expect(many.highestMicroamperes == 8_000)
        }
    }

    @Test("A fault is marked over anything else, and nothing outside the picture is lost")
    func fault() throws {
        let scratch = try ScratchStore()
        var journal = Array(Journal.whole.dropLast(3))
        journal.append(Journal.events(28_000, SessionEvent(.fault, value: 1)))
        journal.append(Journal.state(28_000, .faulted))
        try scratch.add("1", reason: "fault: Unplugged", fault: 1, journal: journal)
        let (story, _) = Self.read(scratch)
        let lines = SessionPicture(story, .plain).lines
        #expect(lines.contains { $0.hasPrefix("   marks") && $0.contains("!") })
        #expect(story.closing.map { SessionOutcome($0) } == .fault)
    }

    @Test("No journal, however senseless, breaks a picture, a report or an account", arguments: [21, 22] as [UInt64])
    func senseless(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let edges: [Int64] = [.min, .max, -1, 0, 1, 1 << 31, -(1 << 31), 0x7FFF_FFFF_7FFF_FFFF]
        let scratch = try ScratchStore()
        var drawn = 0
        for round in 0..<40 {
            let journal = (0..<60).map { _ in
                var block = WordBlock()
                for word in 0..<8 {
                    block.words[word] =
                        Bool.random(using: &random)
                        ? edges[Int.random(in: 0..<edges.count, using: &random)] : Int64(random.next() >> 40)
                }
                // Of a kind that is read; events with kinds that exist.
                block.words[0] = Int64.random(in: 0...7, using: &random)
                if block.words[0] == 3 {
                    for word in 2..<8 {
                        block.words[word] = block.words[word] & ~0xFF | Int64.random(in: 0...19, using: &random)
                    }
                }
                return block
            }
            let id = "\(100 + round)"
            try scratch.abandon(id, journal: journal)
            let (story, examination) = Self.read(scratch, id)
            drawn += SessionPicture(story, .unicode).lines.count + TimeBins(story, count: 300).bins.count
            let wording = ReportWording(event: { "\($0.value)" }, limit: { ($0.kind, "\($0.value)", $0.setBy) })
            let report = SessionReport(
                story, examination, written: WallTime(nanoseconds: .max, utcOffsetSeconds: .min),
                programVersion: "0", wording: wording)
            drawn += try report.html().count
            for table in ExportTable.all { drawn += table.rows(ExportedSession(id, in: scratch.store)).count }
        }
        let account = try scratch.store.ledger(
            personID: "P-0042", muscle: "vmo", side: "right",
            now: WallTime(nanoseconds: aNoon + 3_600_000_000_000, utcOffsetSeconds: 0))
        #expect(account.earlierTreatments == 40)
        #expect(account.chargeLastDayPicocoulombs > 0)
        #expect(drawn > 100_000)
    }

    @Test("Near ids are suggested, nearest first")
    func near() throws {
        let scratch = try ScratchStore()
        for id in ["20261122-093512-4f3a91", "20261123-093512-4f3a91", "20250101-000000-000000"] { try scratch.add(id) }
        #expect(scratch.store.near("20261124") == ["20261123-093512-4f3a91", "20261122-093512-4f3a91"])
        #expect(scratch.store.near("20261122-093512-4f3a19").first == "20261122-093512-4f3a91")
        #expect(scratch.store.near("zzzzzzzz") == [])
        #expect(scratch.store.near("") == [])
        #expect(scratch.store.near(String(repeating: "2", count: 4_000)) == [])
    }
}

import MachineChecks
import Testing

@Suite struct ReportTests {
    static let findings: [Finding] = [
        .ok(.clock, "synchronised"),
        .failure(.records, "damaged: 20261122-093512-4f3a91", type: "motorpoint sessions verify"),
        .warning(
            .realTime, "no real-time scheduling → a session can be late by some µs", type: "echo 'anna - rtprio 90'"),
    ]

    @Test func areasComeInTheirOrderAndTheLastLineCounts() {
        let style = FindingText.Style(columns: 80, hasColour: false, isASCII: false)
        #expect(
            FindingText.lines(Self.findings, style) == [
                "real time", "  warn  no real-time scheduling → a session can be late by some µs",
                "        type: echo 'anna - rtprio 90'", "clock", "  ok    synchronised", "records",
                "  FAILS damaged: 20261122-093512-4f3a91", "        type: motorpoint sessions verify", "",
                "1 ok, 1 warning, 1 fails",
            ])
    }

    @Test func plainIsPlainAndColourIsMarked() {
        let plain = FindingText.lines(Self.findings, .init(columns: 80, hasColour: false, isASCII: true))
        for line in plain { #expect(line.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }, "\(line)") }
        #expect(plain.contains { $0.contains("-> a session can be late by some us") })
        let coloured = FindingText.lines(Self.findings, .init(columns: 80, hasColour: true, isASCII: false))
        #expect(coloured.contains { $0.contains("\u{1B}[31;1mFAILS\u{1B}[0m") })
    }

    @Test func longTextIsBrokenAtSpacesOnly() {
        let words = (1...40).map { "word\($0)" }.joined(separator: " ")
        let path = "/" + String(repeating: "long", count: 40)
        let lines = FindingText.lines(
            [.ok(.data, words), .ok(.data, path)], .init(columns: 60, hasColour: false, isASCII: false))
        #expect(lines.filter { $0.contains("word") }.allSatisfy { $0.count <= 60 })
        #expect(lines.contains("  ok    " + path))
    }

    @Test func filesAndRecordsThatFailAreNamed() {
        let good = FileFacts(
            protocolFolder: "/p", goodProtocols: 7, goodRigs: 2, problems: [], unfinishedRigs: [])
        #expect(PaperChecks.findings(good).map(\.verdict) == [.ok])
        let bad = FileFacts(
            protocolFolder: "/p", goodProtocols: 0, goodRigs: 1, problems: ["x.yaml:3: bad"], unfinishedRigs: ["r.yaml"]
        )
        #expect(PaperChecks.findings(bad).map(\.verdict) == [.failure, .failure, .warning, .ok])
        #expect(PaperChecks.findings(bad).firstFailure?.text == "x.yaml:3: bad")

        let records = RecordFacts(count: 9, damaged: ["a"], cutShort: ["b", "c"], running: ["d"], problem: nil)
        let found = PaperChecks.findings(records)
        #expect(found.map(\.verdict) == [.failure, .warning, .warning, .ok, .ok])
        #expect(found.last?.text == "5 closed and intact")
        let unreadable = RecordFacts(count: 0, damaged: [], cutShort: [], running: [], problem: "no")
        #expect(PaperChecks.findings(unreadable).map(\.verdict) == [.failure])
    }

    /// What is not in order always says what to do: the types leave no other way to make one.
    @Test func everyWarningAndFailureHasARemedy() {
        for finding in Self.findings { #expect((finding.verdict == .ok) == (finding.remedy == nil)) }
    }
}

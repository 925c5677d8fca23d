import CareModel
import Foundation
import SessionRecords
import Testing

@Suite("Exports say what the dictionary says, and hurt no spreadsheet")
struct ExportTests {
    private func session(_ change: (inout SessionOpening) -> Void = { _ in }) throws -> ExportedSession {
        var opening = anOpening(id: "1")
        opening.needles = try Needles.pair().items.map { RecordedNeedle($0) }
        change(&opening)
        let scratch = try ScratchStore()
        var writer = try scratch.store.create(opening, at: aTime(0))
        for block in Journal.whole { try writer.append(journal: block, at: aTime(5)) }
        let note = SessionNote(kind: "remark", text: "@SUM(1+1)*cmd|' /C calc'!A0", by: "practitioner")
        try writer.append(.note, try note.encode(), at: aTime(6))
        var closing = aClosing()
        closing.thresholds = [
            SessionThreshold(
                kind: "motor", amplitudeMicroamperes: 4_000, phaseDurationMicroseconds: 300,
                frequencyMillihertz: 2_000, place: "", wallNanoseconds: aNoon)
        ]
        try writer.close(closing, at: aTime(100))
        return ExportedSession("1", in: scratch.store)
    }

    /// RFC 4180 read back, written apart from the writer.
    private func rows(_ text: String) -> [[String]] {
        var rows: [[String]] = [[]]
        var field = ""
        var isQuoted = false
        var scalars = Array(text.unicodeScalars)[...]
        while let scalar = scalars.popFirst() {
            if isQuoted {
                if scalar != "\"" {
                    field.unicodeScalars.append(scalar)
                } else if scalars.first == "\"" {
                    scalars.removeFirst()
                    field += "\""
                } else {
                    isQuoted = false
                }
            } else if scalar == "\"" {
                isQuoted = true
            } else if scalar == "," {
                rows[rows.count - 1].append(field)
                field = ""
            } else if scalar == "\r", scalars.first == "\n" {
                scalars.removeFirst()
                rows[rows.count - 1].append(field)
                field = ""
                rows.append([])
            } else {
                field.unicodeScalars.append(scalar)
            }
        }
        return Array(rows.dropLast())
    }

    private func text(_ table: ExportTable, _ format: ExportFormat, _ sessions: [ExportedSession]) -> String {
        var export = ExportText(table, format)
        return export.head + sessions.map { export.rows($0) }.joined() + export.tail
    }

    @Test("The data dictionary in Docs is that of the program")
    func dictionary() throws {
        let onDisk = try shipped("Docs/data-dictionary.md")
        #expect(
            onDisk == DataDictionary.markdown,
            "write it anew: motorpoint sessions export --dictionary > Docs/data-dictionary.md")
        for table in ExportTable.all {
            #expect(onDisk.contains("## `\(table.name)`"))
            #expect(Set(table.columns.map(\.name)).count == table.columns.count)
            for column in table.columns {
                #expect(!column.meaning.isEmpty)
                #expect(column.name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" }, "\(column.name)")
                // A number with a unit carries it in its name.
                if !column.unit.isEmpty { #expect(column.name.contains("_"), "\(column.name)") }
            }
        }
    }

    @Test("Every cell lies in the range that the dictionary gives")
    func ranges() throws {
        let sessions = [try session()]
        var cells = 0
        for table in ExportTable.all {
            for session in sessions {
                let rows = table.rows(session)
                #expect(!rows.isEmpty, "\(table.name) has no row to look at")
                for row in rows {
                    #expect(row.count == table.columns.count)
                    for (column, cell) in zip(table.columns, row) {
                        cells += 1
                        #expect(column.range.holds(cell), "\(table.name).\(column.name): \(cell)")
                    }
                }
            }
        }
        #expect(cells > 400)
        #expect(!ExportRange.whole(0, 5).holds(.integer(6)))
        #expect(!ExportRange.oneOf(["a"]).holds(.text("b")))
        #expect(!ExportRange.flag.holds(.text("true")))
    }

    static let hostile = [
        "=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "  =1", "\u{A0}=1", "＝1", "a\"b", "a,b", "a\r\nb", "a;b",
        " edge ", "\"", "=\"a\",b", "plain", "ünï", "", "'", "null",
    ]

    @Test("CSV comes back as it was, and no text begins as a formula", arguments: hostile)
    func csv(text hostile: String) throws {
        let session = try session { $0.practitioner = hostile }
        let read = rows(text(.init(named: "sessions")!, .csv, [session, session]))
        #expect(read.count == 3)
        #expect(read.allSatisfy { $0.count == read[0].count })
        let column = try #require(read[0].firstIndex(of: "practitioner"))
        let cell = read[1][column]
        #expect(cell == hostile || cell == "'" + hostile)
        let signs = Set<Unicode.Scalar>(["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
        if let first = cell.unicodeScalars.first(where: { !$0.properties.isWhitespace || signs.contains($0) }) {
            #expect(!signs.contains(first), "\(cell.debugDescription)")
        }
        // Numbers are numbers, without an apostrophe.
        let charge = try #require(read[0].firstIndex(of: "charge_pc"))
        #expect(read[1][charge] == "13230000000")
    }

    @Test("JSON comes back as it was, texts unchanged", arguments: hostile + ["\u{1}\u{1F}\u{7F}\\", "😀"])
    func json(text hostile: String) throws {
        let session = try session { $0.practitioner = hostile }
        let made = text(.init(named: "sessions")!, .json, [session, session])
        let object = try JSONSerialization.jsonObject(with: Data(made.utf8)) as? [String: Any]
        #expect(object?["format"] as? String == "motorpoint-export-1")
        let rows = try #require(object?["rows"] as? [[String: Any]])
        #expect(rows.count == 2)
        #expect(rows[0]["practitioner"] as? String == hostile)
        #expect(rows[0]["charge_pc"] as? Int64 == 13_230_000_000)
        #expect(rows[0]["motor_threshold_ua"] as? Int64 == 4_000)
        #expect(rows[0]["sensory_threshold_ua"] is NSNull)
        #expect(rows[0]["consent_withdrawn"] as? Bool == false)
    }

    @Test("An empty export is still a table")
    func empty() throws {
        for table in ExportTable.all {
            #expect(rows(text(table, .csv, [])).count == 1)
            let object = try JSONSerialization.jsonObject(with: Data(text(table, .json, []).utf8)) as? [String: Any]
            #expect((object?["rows"] as? [Any])?.isEmpty == true)
        }
        #expect(ExportTable(named: "nothing") == nil)
    }

    @Test("A damaged and an interrupted session say so in their rows")
    func trust() throws {
        let scratch = try ScratchStore()
        try scratch.add("1", journal: Journal.whole)
        let paths = scratch.store.paths("1")
        var bytes = try scratch.bytes(paths.record)
        bytes[bytes.count / 2] ^= 4
        try scratch.put(bytes, paths.record)
        try scratch.abandon("2", journal: Array(Journal.whole.prefix(50)))
        let read = rows(
            text(
                .init(named: "sessions")!, .csv,
                [ExportedSession("1", in: scratch.store), ExportedSession("2", in: scratch.store)]))
        func cell(_ row: Int, _ name: String) -> String { read[row][read[0].firstIndex(of: name) ?? 0] }
        #expect(cell(1, "verified") == "damaged")
        #expect(cell(2, "verified") == "not_closed")
        #expect(cell(2, "outcome") == "interrupted")
        #expect(cell(2, "charge_is_bound") == "true")
        #expect(cell(2, "fault_code") == "")
        #expect(cell(1, "ended_utc").hasPrefix("2025-11-24T16:"))
    }
}

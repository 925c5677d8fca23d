import Foundation
import Glibc
import SessionRecords
import StimulusModel
import Testing

@Suite("The index is only ever a shortcut")
struct SessionIndexTests {
    /// An hour on, so that no file is too fresh to be kept.
    private static var later: WallTime {
        WallTime(nanoseconds: WallClock.now().nanoseconds + 3_600_000_000_000, utcOffsetSeconds: 0)
    }

    /// Longer than the finest step of a file's times.
    private static func letTimePass() { _ = poll(nil, 0, 15) }

    private func read(_ scratch: ScratchStore) throws -> IndexReport {
        let indexed = try scratch.store.indexedRows(now: Self.later)
        #expect(indexed.rows == (try scratch.store.summaries().map { SessionRow($0) }))
        return indexed.report
    }

    @Test("Missing, current, added, changed and removed are told apart, and every row is right")
    func reports() throws {
        let scratch = try ScratchStore()
        let index = scratch.store.indexPath
        #expect(try read(scratch) == .rebuilt("there was none"))
        #expect(try read(scratch) == .current)
        try scratch.add("20261122-1", charge: Int64.max)
        try scratch.add("20261122-2", person: "P-0043", reason: "stopped by the practitioner")
        try scratch.abandon("20261122-3")
        // The one that was cut short has no end yet: its row is never kept.
        #expect(try read(scratch) == .refreshed(added: 2, changed: 0, removed: 0))
        #expect(try read(scratch) == .current)
        try scratch.recover(at: aNoon + 3_600_000_000_000)
        #expect(try read(scratch) == .refreshed(added: 1, changed: 0, removed: 0))
        Self.letTimePass()
        let record = scratch.store.paths("20261122-1").record
        try scratch.put(try scratch.bytes(record), record)
        #expect(try read(scratch) == .refreshed(added: 0, changed: 1, removed: 0))
        try FileManager.default.removeItem(atPath: record)
        try FileManager.default.removeItem(atPath: scratch.store.paths("20261122-1").anchor)
        #expect(try read(scratch) == .refreshed(added: 0, changed: 0, removed: 1))
        #expect(mode(index) == 0o600)
        try setMode(index, 0o644)
        #expect(try read(scratch) == .current)
        #expect(mode(index) == 0o600)
        try FileManager.default.removeItem(atPath: index)
        #expect(try read(scratch) == .rebuilt("there was none"))
        #expect(try scratch.store.indexedRows(now: Self.later, rebuild: true).report == .rebuilt("asked for"))
        #expect(try read(scratch) == .current)
        let left = try FileManager.default.contentsOfDirectory(atPath: scratch.folder).sorted()
        #expect(left == [".lock", "anchors", "index.sqlite", "sessions"])
    }

    @Test("Another layout, another program's file, rubbish, a link and a folder are no index")
    func foreign() throws {
        let scratch = try ScratchStore()
        try scratch.add("20261122-1")
        let index = scratch.store.indexPath
        #expect(try read(scratch) == .rebuilt("there was none"))
        let good = try scratch.bytes(index)

        // Where SQLite keeps `user_version` and `application_id` (file format, 1.3).
        for (place, words) in [(63, "its layout was version"), (71, "no index of this program")] {
            var other = good
            other[place] ^= 0x40
            try scratch.put(other, index)
            let report = try read(scratch)
            #expect(report.words?.contains(words) == true, "\(report)")
            #expect(try read(scratch) == .current)
        }
        for rubbish in [[], Array("SQLite format 3".utf8), [UInt8](repeating: 0x5A, count: 5_000)] {
            try scratch.put(rubbish, index)
            guard case .rebuilt = try read(scratch) else {
                Issue.record("\(rubbish.count) bytes of rubbish passed for an index")
                continue
            }
            #expect(try read(scratch) == .current)
        }
        let target = try makeFolder() + "/elsewhere"
        try write("not ours", to: target)
        try FileManager.default.removeItem(atPath: index)
        try FileManager.default.createSymbolicLink(atPath: index, withDestinationPath: target)
        guard case .rebuilt = try read(scratch) else { return #expect(Bool(false), "a link was followed") }
        #expect(try String(contentsOfFile: target, encoding: .utf8) == "not ours")
        #expect(mode(index) == 0o600)
        try FileManager.default.removeItem(atPath: index)
        try FileManager.default.createDirectory(atPath: index + "/full", withIntermediateDirectories: true)
        guard case .unusable = try read(scratch) else { return #expect(Bool(false), "a folder passed for an index") }
    }

    @Test("No flipped bit in the index makes a wrong or missing row", arguments: [1, 2, 3] as [UInt64])
    func flippedBits(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let scratch = try ScratchStore()
        for number in 1...4 { try scratch.add("2026112\(number)-1", person: "P-000\(number)") }
        let index = scratch.store.indexPath
        _ = try read(scratch)
        let good = try scratch.bytes(index)
        var noticed = 0
        for _ in 0..<150 {
            var bad = good
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bad[Int.random(in: 0..<bad.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
            try scratch.put(bad, index)
            if try read(scratch) != .current { noticed += 1 }
        }
        // Most of an SQLite file is unused or redundant; the rows themselves are what must never differ.
        print("seed \(seed): \(noticed) of 150 damaged indexes were noticed, no row was wrong")
        #expect(noticed > 10)
    }

    @Test("Whatever happens to the files, the rows are those of the records", arguments: [11, 12] as [UInt64])
    func randomWalk(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let scratch = try ScratchStore()
        var ids: [String] = []
        for step in 0..<60 {
            Self.letTimePass()
            let paths = ids.randomElement(using: &random).map { scratch.store.paths($0) }
            switch Int.random(in: 0..<8, using: &random) {
            case 0, 1: ids.append(try scratch.add("20261122-\(100 + step)", person: "P-\(step)"))
            case 2: ids.append(try scratch.abandon("20261122-\(100 + step)"))
            case 3: try? FileManager.default.removeItem(atPath: paths?.record ?? "")
            case 4: try? FileManager.default.removeItem(atPath: paths?.anchor ?? "")
            case 5:
                guard let paths, var bytes = try? scratch.bytes(paths.record), !bytes.isEmpty else { continue }
                bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 0x10
                try scratch.put(bytes, paths.record)
            case 6:
                guard let paths, let bytes = try? scratch.bytes(paths.record), bytes.count > 10 else { continue }
                try scratch.put(Array(bytes.dropLast(7)), paths.record)
            default: try? FileManager.default.removeItem(atPath: scratch.store.indexPath)
            }
            _ = try read(scratch)
        }
        #expect(ids.count > 5)
    }

    @Test("A session that runs is read each time, and a file that changed just now is not believed yet")
    func fresh() throws {
        let scratch = try ScratchStore()
        let opening = anOpening(id: "20261122-1")
        var writer = try scratch.store.create(opening, at: aTime(0))
        let running = try scratch.store.indexedRows(now: Self.later)
        #expect(running.rows.map(\.outcome) == [.running])
        try writer.close(aClosing(), at: aTime(100))
        _ = consume writer
        #expect(try read(scratch) == .refreshed(added: 1, changed: 0, removed: 0))

        let young = try ScratchStore()
        try young.add("20261122-2")
        let now = WallClock.now()
        #expect(try young.store.indexedRows(now: now).rows.count == 1)
        // Nothing was kept of it, so the next reading is the first that keeps it.
        #expect(try read(young) == .refreshed(added: 1, changed: 0, removed: 0))
    }

    // Proves R-REC-06.
    @Test("Only the list asks the index: nothing that judges a session can be misled by it")
    func onlyTheList() throws {
        let allowed = ["Sources/SessionRecords/Index/", "Sources/Programs/Practitioner/Sessions/ListSessions.swift"]
        var users: [String] = []
        let files = FileManager.default.enumerator(atPath: packageFolder + "/Sources")
        for case let name as String in files ?? .init() where name.hasSuffix(".swift") {
            let text = try shipped("Sources/" + name)
            if text.contains("indexedRows") || text.contains("IndexFile") || text.contains("index.sqlite") {
                users.append("Sources/" + name)
            }
        }
        #expect(users.count >= 3)
        for user in users { #expect(allowed.contains { user.hasPrefix($0) }, "\(user) asks the index") }
    }

    @Test("A filter holds muscle and side of one channel together, days by the practice's clock, and people by id")
    func filters() throws {
        // 23:30 UTC is half past midnight in the practice.
        let lateEvening: Int64 = 1_764_027_000_000_000_000
        let one = SessionRow(
            SessionSummary(
                sessionID: "1", opening: anOpening(wall: lateEvening), closing: aClosing(), interruption: nil,
                isRunning: false, lastWallNanoseconds: nil, problem: nil))
        #expect(one.started?.text == "2025-11-25 00:30")
        func matches(_ change: (inout SessionFilter) -> Void) -> Bool {
            var filter = SessionFilter()
            change(&filter)
            return filter.matches(one)
        }
        #expect(matches { _ in })
        #expect(matches { $0.since = CivilDate(text: "2025-11-25") })
        #expect(matches { $0.until = CivilDate(text: "2025-11-25") })
        #expect(!matches { $0.until = CivilDate(text: "2025-11-24") })
        #expect(!matches { $0.since = CivilDate(text: "2025-11-26") })
        #expect(matches { ($0.muscle, $0.side) = ("vmo", "right") })
        #expect(!matches { $0.side = "left" })
        #expect(matches { $0.personID = "P-0042" })
        #expect(!matches { $0.personID = "P-0043" })
        #expect(matches { $0.outcome = .completed })
        #expect(!matches { $0.outcome = .fault })
        #expect(matches { $0.stage = "relieve" })
        #expect(!matches { $0.protocolID = "y" })
    }

    @Test("A day is written in full and is in the calendar")
    func days() {
        for good in ["2026-02-28", "2028-02-29", "2000-02-29", "2026-12-31"] { #expect(CivilDate(text: good) != nil) }
        for bad in [
            "2026-02-29", "2100-02-29", "2026-13-01", "2026-00-10", "2026-01-00", "2026-1-1", "26-01-01", "today",
            "2026-01-01T", "", "２０２６-01-01",
        ] { #expect(CivilDate(text: bad) == nil, "\(bad)") }
    }
}

// An index over the safety records, in `index.sqlite` beside them. It saves reading the first and last record of every
// session again; nothing else. It may be deleted at any time. What it holds is believed only after three checks: the
// schema is this version's, the row's own hash fits, and the fingerprints of both files are those that the row was made
// from. Whatever fails one is read from the records again, and the answer says so.
//
// Verification, recovery, the rest between sessions and the ledger never ask it: the safety record is the one truth.
internal import GRDB
internal import Glibc

/// How the rows came about: said to the person, since an index that was silently wrong once may be again.
public enum IndexReport: Equatable, Sendable {
    /// Every row was there and fitted its files.
    case current
    /// Some rows were read from the records again.
    case refreshed(added: Int, changed: Int, removed: Int)
    /// All rows were read from the records again, for this reason.
    case rebuilt(String)
    /// The rows come from the records; an index could not be kept, for this reason.
    case unusable(String)

    /// Nothing where there is nothing to say.
    public var words: String? {
        switch self {
        case .current: return nil
        case .refreshed(let added, let changed, let removed):
            let parts = [(added, "added"), (changed, "changed"), (removed, "removed")].filter { $0.0 > 0 }
            return "index brought up to date: " + parts.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        case .rebuilt(let why): return "index rebuilt from the records: \(why)"
        case .unusable(let why): return "no index can be kept (\(why)); read from the records themselves"
        }
    }
}

/// The rows of a data folder, oldest first.
public struct IndexedRows: Equatable, Sendable {
    public let rows: [SessionRow]
    public let report: IndexReport
}

/// What both files of a session looked like when they were read.
struct SessionFingerprint: Hashable, Sendable {
    let record: FileFingerprint?
    let anchor: FileFingerprint?

    init(_ paths: RecordPaths) {
        record = LinuxFile.fingerprint(paths.record)
        anchor = LinuxFile.fingerprint(paths.anchor)
    }

    /// Both in one text, for the index.
    var text: String {
        [record, anchor].map { file in
            file.map { "\($0.bytes).\($0.inode).\($0.modifiedNanoseconds).\($0.changedNanoseconds)" } ?? "-"
        }.joined(separator: "/")
    }

    /// The latest change of either.
    var latestChange: Int64 { max(record?.changedNanoseconds ?? 0, anchor?.changedNanoseconds ?? 0) }
}

extension SessionStore {
    /// Where the index lies.
    public var indexPath: String { folder + "/index.sqlite" }

    /// Every session's row, from the index as far as it can be believed, else from the records.
    /// - Parameters:
    ///   - now: a file that changed within the last two seconds, or in the future, is read again next time: two changes
    ///     can bear one time stamp.
    ///   - rebuild: reads all records again, whatever the index says.
    public func indexedRows(now: WallTime, rebuild: Bool = false) throws(DiskError) -> IndexedRows {
        let ids = try sessionIDs()
        var prints: [String: SessionFingerprint] = [:]
        for id in ids { prints[id] = SessionFingerprint(paths(id)) }
        var reading = IndexReading(kept: [:], reason: rebuild ? "asked for" : nil)
        if !rebuild { reading = IndexFile(indexPath).read() }
        var fresh: [IndexEntry] = []
        var outdated: [String] = []
        var rows: [SessionRow] = []
        for id in ids {
            let before = prints[id] ?? SessionFingerprint(paths(id))
            if let kept = reading.kept[id] {
                if kept.fingerprint == before.text {
                    rows.append(kept.row)
                    continue
                }
                outdated.append(id)
            }
            let row = SessionRow(summary(id))
            rows.append(row)
            let isStill = before == SessionFingerprint(paths(id)) && before.latestChange < now.nanoseconds - Self.racy
            if row.isSettled, isStill { fresh.append(IndexEntry(row: row, fingerprint: before.text)) }
        }
        let gone = reading.kept.keys.filter { prints[$0] == nil }
        return IndexedRows(rows: rows, report: keep(fresh, reading, outdated: outdated, gone: gone))
    }

    /// Two seconds in nanoseconds (proposal): the coarsest time stamps of common file systems.
    private static var racy: Int64 { 2_000_000_000 }

    private func keep(
        _ fresh: [IndexEntry], _ reading: IndexReading, outdated: [String], gone: [String]
    ) -> IndexReport {
        let file = IndexFile(indexPath)
        do {
            if let reason = reading.reason {
                try file.replace(with: fresh)
                return .rebuilt(reason)
            }
            // Rows that are not settled, of a running session say, are read each time and never kept: nothing to tell.
            guard !fresh.isEmpty || !gone.isEmpty || !outdated.isEmpty else { return .current }
            try file.update(fresh, removing: gone + outdated)
            let added = fresh.count { reading.kept[$0.row.sessionID] == nil }
            return .refreshed(added: added, changed: outdated.count, removed: gone.count)
        } catch let error as DiskError {
            return .unusable(error.words)
        } catch {
            return .unusable("\(error)")
        }
    }
}

/// A row with what its files looked like.
struct IndexEntry: Equatable, Sendable {
    let row: SessionRow
    let fingerprint: String
}

/// What the index holds that can be believed by itself.
struct IndexReading {
    var kept: [String: IndexEntry]
    /// Why nothing of it can be; nothing if all is well.
    var reason: String?
}

/// The SQLite file.
struct IndexFile {
    /// Counts up whenever columns, their meaning, or how a row is made of a record change.
    static let schemaVersion = 2
    /// `mpix`: marks the file as this program's.
    static let applicationID = 0x6D70_6978

    let path: String

    init(_ path: String) { self.path = path }

    /// Everything in it, or why it cannot be used. Never makes a file.
    func read() -> IndexReading {
        guard LinuxFile.fingerprint(path) != nil else { return IndexReading(kept: [:], reason: "there was none") }
        do {
            try secure()
            let queue = try DatabaseQueue(path: path, configuration: Self.configuration)
            let entries = try queue.read { db in try Self.entries(db) }
            try queue.close()
            var kept: [String: IndexEntry] = [:]
            for entry in entries { kept[entry.row.sessionID] = entry }
            guard kept.count == entries.count else { throw IndexDefect(words: "a session stands in it twice") }
            return IndexReading(kept: kept, reason: nil)
        } catch let defect as IndexDefect {
            return IndexReading(kept: [:], reason: defect.words)
        } catch let error as DatabaseError {
            return IndexReading(kept: [:], reason: "it was damaged (\(error.message ?? "\(error.resultCode)"))")
        } catch let error as DiskError {
            return IndexReading(kept: [:], reason: "it could not be opened (\(error.words))")
        } catch {
            return IndexReading(kept: [:], reason: "it could not be read (\(error))")
        }
    }

    /// A new file with these rows, in place of whatever is there.
    func replace(with entries: [IndexEntry]) throws {
        // Built aside and moved into place: whoever reads meanwhile reads the old one or the new one.
        let aside = IndexFile("\(path).new-\(getpid())-\(UInt32.random(in: 0...UInt32.max))")
        do {
            try aside.create()
            let queue = try DatabaseQueue(path: aside.path, configuration: Self.configuration)
            try queue.write { db in
                try Self.makeTables(db)
                for entry in entries { try Self.insert(entry, db) }
            }
            try queue.close()
            try LinuxFile.rename(aside.path, to: path)
            // What an interrupted transaction on the old file left would be played back into the new one.
            for suffix in ["-journal", "-wal", "-shm"] { try? LinuxFile.remove(path + suffix) }
        } catch {
            for suffix in ["", "-journal"] { try? LinuxFile.remove(aside.path + suffix) }
            throw error
        }
    }

    /// Puts rows in and takes rows out, all or nothing.
    func update(_ entries: [IndexEntry], removing gone: [String]) throws {
        try secure()
        let queue = try DatabaseQueue(path: path, configuration: Self.configuration)
        try queue.write { db in
            for id in gone + entries.map(\.row.sessionID) {
                try db.execute(sql: "DELETE FROM sessions WHERE session_id = ?", arguments: [id])
            }
            for entry in entries { try Self.insert(entry, db) }
        }
        try queue.close()
    }

    private func create() throws(DiskError) {
        let file = try LinuxFile.open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
        try file.makePrivate()
    }

    /// Opened once without following links: SQLite itself would. A mode that lets others read is taken back.
    private func secure() throws {
        let file = try LinuxFile.open(path, O_RDWR | O_NOFOLLOW)
        guard try file.status().kind == .regular else { throw IndexDefect(words: "it was no regular file") }
        try file.makePrivate()
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA trusted_schema = OFF")
            try db.execute(sql: "PRAGMA cell_size_check = ON")
        }
        return configuration
    }
}

/// Why an index that SQLite can open is not to be believed.
struct IndexDefect: Error {
    let words: String
}

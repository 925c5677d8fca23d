internal import GRDB

/// The table: real columns, so that `sqlite3 index.sqlite` can be asked by hand, and a hash over all of them, so that
/// no flipped bit passes for a row (of random flips in an SQLite file not every one is noticed by SQLite).
extension IndexFile {
    private static let columns = [
        "session_id", "person", "places", "protocol", "stage", "practitioner", "started_ns", "utc_offset_s",
        "ended_ns", "outcome", "outcome_words", "contractions", "highest_ua", "charge_pc", "pulses", "needles", "lots",
        "incidents", "fingerprint", "hash",
    ]

    static func makeTables(_ db: Database) throws {
        try db.execute(sql: "PRAGMA application_id = \(applicationID)")
        try db.execute(sql: "PRAGMA user_version = \(schemaVersion)")
        let list = columns.map { $0 == "session_id" ? "session_id TEXT PRIMARY KEY NOT NULL" : $0 }
        try db.execute(sql: "CREATE TABLE sessions (\(list.joined(separator: ", "))) WITHOUT ROWID")
    }

    static func insert(_ entry: IndexEntry, _ db: Database) throws {
        let row = entry.row
        let places = row.places.map(\.text).joined(separator: ",")
        let marks = columns.map { _ in "?" }.joined(separator: ", ")
        try db.execute(
            sql: "INSERT INTO sessions (\(columns.joined(separator: ", "))) VALUES (\(marks))",
            arguments: [
                row.sessionID, row.personID, places, row.protocolID, row.stage, row.practitioner,
                row.startWallNanoseconds, row.utcOffsetSeconds, row.endWallNanoseconds, row.outcome.rawValue,
                row.outcomeWords, row.contractions, row.highestMicroamperes, row.chargePicocoulombs, row.pulses,
                row.needles, IndexFile.joined(row.lots), IndexFile.joined(row.incidentIDs), entry.fingerprint,
                hash(entry),
            ])
    }

    /// All rows, each checked; throws at the first that is not as it was written.
    static func entries(_ db: Database) throws -> [IndexEntry] {
        guard try Int.fetchOne(db, sql: "PRAGMA application_id") == applicationID else {
            throw IndexDefect(words: "the file there was no index of this program")
        }
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard version == schemaVersion else {
            throw IndexDefect(words: "its layout was version \(version), this program's is \(schemaVersion)")
        }
        return try Row.fetchAll(db, sql: "SELECT \(columns.joined(separator: ", ")) FROM sessions").map { row in
            guard let entry = entry(row), String.fromDatabaseValue(row[columns.count - 1]) == hash(entry) else {
                throw IndexDefect(words: "a row in it was damaged")
            }
            return entry
        }
    }

    /// A row of the table; nothing if a column holds what none can.
    private static func entry(_ row: Row) -> IndexEntry? {
        func text(_ index: Int) -> String? { String.fromDatabaseValue(row[index]) }
        func number(_ index: Int) -> Int64? { Int64.fromDatabaseValue(row[index]) }
        func small(_ index: Int) -> Int32? { Int32.fromDatabaseValue(row[index]) }
        guard let id = text(0), let placesText = text(2), let offset = small(7),
            let outcome = text(9).flatMap(SessionOutcome.init(rawValue:)), let words = text(10),
            let lots = texts(text(16)), let incidents = texts(text(17)), let fingerprint = text(18)
        else { return nil }
        var places: [MuscleAndSide] = []
        for part in placesText.split(separator: ",") {
            let words = part.split(separator: " ")
            guard words.count == 2 else { return nil }
            places.append(MuscleAndSide(muscle: String(words[0]), side: String(words[1])))
        }
        let made = SessionRow(
            sessionID: id, personID: text(1), places: places, protocolID: text(3), stage: text(4),
            practitioner: text(5), startWallNanoseconds: number(6), utcOffsetSeconds: offset,
            endWallNanoseconds: number(8), outcome: outcome, outcomeWords: words, contractions: small(11),
            highestMicroamperes: small(12), chargePicocoulombs: number(13), pulses: number(14),
            needles: small(15), lots: lots, incidentIDs: incidents)
        return IndexEntry(row: made, fingerprint: fingerprint)
    }

    /// Each text with its length, so that no lot with a separator in it becomes two.
    private static func joined(_ texts: [String]) -> String { texts.map { "\($0.utf8.count):\($0)" }.joined() }

    private static func texts(_ joined: String?) -> [String]? {
        guard let joined else { return nil }
        var texts: [String] = []
        var rest = joined.utf8[...]
        while let colon = rest.firstIndex(of: UInt8(ascii: ":")) {
            guard let count = Int(String(decoding: Array(rest[..<colon]), as: UTF8.self)), count >= 0,
                let end = rest.index(colon, offsetBy: count + 1, limitedBy: rest.endIndex)
            else { return nil }
            texts.append(String(decoding: Array(rest[rest.index(after: colon)..<end]), as: UTF8.self))
            rest = rest[end...]
        }
        return rest.isEmpty ? texts : nil
    }

    private static func hash(_ entry: IndexEntry) -> String {
        let row = entry.row
        // Each value with its length, so that no two rows make one text.
        let fields: [String?] = [
            row.sessionID, row.personID, row.places.map(\.text).joined(separator: ","), row.protocolID, row.stage,
            row.practitioner, row.startWallNanoseconds.map(String.init), String(row.utcOffsetSeconds),
            row.endWallNanoseconds.map(String.init), row.outcome.rawValue, row.outcomeWords,
            row.contractions.map { String($0) }, row.highestMicroamperes.map { String($0) },
            row.chargePicocoulombs.map { String($0) }, row.pulses.map { String($0) },
            row.needles.map { String($0) }, joined(row.lots), joined(row.incidentIDs), entry.fingerprint,
        ]
        return Digest(of: fields.map { $0.map { "\($0.utf8.count):\($0)" } ?? "-" }.joined(separator: "|")).hex
    }
}

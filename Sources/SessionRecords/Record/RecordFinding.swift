/// Something that verification has to say about one session's files.
public enum RecordFinding: Equatable, Sendable {
    /// The anchor file is not there.
    case anchorMissing
    /// The anchor is damaged, in these words.
    case anchorDamaged(String)
    /// The anchor is that of another session.
    case anchorOfOtherSession(String)
    /// The record file is not there, though its anchor is.
    case recordMissing
    /// A record that the anchor covers, or one of a closed session, cannot be read.
    case recordDamaged(sequence: UInt64, offset: Int64, RecordDefect)
    /// The file holds fewer sound records than the anchor says.
    case shorterThanAnchor(found: UInt64, anchored: UInt64)
    /// The file holds as many records as the anchor says, but not the same: it, or the anchor, was replaced.
    case differsFromAnchor(generation: UInt64)
    /// Sound records after the last anchored one.
    case unanchoredTail(records: UInt64, bytes: Int64)
    /// Bytes after the last sound record.
    case tornTail(bytes: Int64, RecordDefect)
    /// The first record is not `opened`.
    case notOpened
    /// The record says that it is of another session.
    case otherSession(String)
    /// The payload of this record is not what its kind promises.
    case unreadablePayload(sequence: UInt64)
    /// A record where the session was closed already.
    case recordAfterClosing(sequence: UInt64)
    /// Neither closed nor interrupted: running now, or cut short.
    case unfinished
    /// The session's files were made, but it was never opened; nothing was delivered.
    case neverOpened
    /// The files cannot be read.
    case unreadable(String)

    public var words: String {
        switch self {
        case .anchorMissing: return "the anchor is missing"
        case .anchorDamaged(let words): return "the anchor is damaged: \(words)"
        case .anchorOfOtherSession(let id): return "the anchor is that of session \(id)"
        case .recordMissing: return "the record file is missing, its anchor is there"
        case .recordDamaged(let sequence, let offset, let defect):
            return "record \(sequence) at byte \(offset) is damaged: \(defect.words)"
        case .shorterThanAnchor(let found, let anchored):
            return "cut short: \(found) sound records, the anchor says \(anchored)"
        case .differsFromAnchor(let generation):
            return "the records are not those that the anchor (commit \(generation)) was made for"
        case .unanchoredTail(let records, let bytes):
            return "unanchored tail: \(records) sound records (\(bytes) bytes) after the last anchored one"
        case .tornTail(let bytes, let defect):
            return "torn tail: \(bytes) bytes after the last sound record: \(defect.words)"
        case .notOpened: return "the first record does not open a session"
        case .otherSession(let id): return "the record says that it is of session \(id)"
        case .unreadablePayload(let sequence): return "the content of record \(sequence) cannot be read"
        case .recordAfterClosing(let sequence): return "record \(sequence) follows the closing of the session"
        case .unfinished: return "neither closed nor interrupted"
        case .neverOpened: return "made, but never opened; nothing was delivered"
        case .unreadable(let words): return "cannot be read: \(words)"
        }
    }

    /// Whether a crash at any moment, and nothing else, can leave this behind.
    var isCrashShaped: Bool {
        switch self {
        case .unanchoredTail, .tornTail, .unfinished, .neverOpened: return true
        default: return false
        }
    }
}

/// How a session's record ends.
public enum RecordEnding: Equatable, Sendable {
    case closed
    case interrupted
    /// No closing record: running, or cut short.
    case unfinished
    /// Never opened.
    case neverOpened
}

/// What a session's two files say, held against each other.
public struct RecordExamination: Equatable, Sendable {
    public let sessionID: String
    public let ending: RecordEnding
    /// Sound records.
    public let recordCount: UInt64
    /// Bytes up to the end of the last sound record.
    public let soundLength: Int64
    /// Bytes of the file.
    public let fileLength: Int64
    public let firstRecord: SafetyRecordEntry?
    public let lastRecord: SafetyRecordEntry?
    /// Time of the last journal record.
    public let lastJournalTime: RecordTime?
    /// The newest wall time in any record.
    public let latestWallNanoseconds: Int64?
    /// Sound records beyond the anchor.
    public let unanchoredRecords: UInt64
    public let anchor: RecordAnchor?
    /// What does not fit. For a session that is intact and closed there is nothing.
    public let findings: [RecordFinding]
    /// Whether the findings are all such that a crash leaves behind and a next start repairs.
    public let isCrashShaped: Bool

    /// Whether the session was closed, orderly or by a later start, and nothing at all is wrong with its files.
    public var isIntact: Bool { findings.isEmpty }
    /// Whether something is wrong that a crash does not explain.
    public var isDamaged: Bool { !findings.isEmpty && !isCrashShaped }
    /// Whether a next start has to write an `interrupted` record: the session has no end, or its end was not anchored.
    public var needsClosing: Bool { !findings.isEmpty && isCrashShaped }

    /// One line for a person: `intact, closed, 1204 records`, or what was found.
    public var verdict: String {
        let end: String
        switch ending {
        case .closed: end = "closed"
        case .interrupted: end = "interrupted"
        case .unfinished: end = "not closed"
        case .neverOpened: end = "never opened"
        }
        let count = recordCount == 1 ? "1 record" : "\(recordCount) records"
        if isIntact { return "intact, \(end), \(count)" }
        let lead = isDamaged ? "DAMAGED" : "not damaged, but to be closed by the next start"
        return "\(lead), \(end), \(count): " + findings.map(\.words).joined(separator: "; ")
    }
}

public import StimulusModel

/// Writes one session's safety record. For one thread, off the real-time one.
///
/// `append` only collects; `commit` writes what was collected in one piece, makes it durable, and then moves the
/// anchor. Any failure latches: nothing more is written to these files by this writer, since after a failed
/// `fdatasync` nobody knows what is on the disk, and asking again can answer wrongly.
public struct SafetyRecordWriter: ~Copyable, Sendable {
    /// Collected bytes above which `append` refuses: the writer thread has stalled (proposal).
    public static let mostPendingBytes = 64 * 1_024 * 1_024

    public let sessionID: String
    private let storage: any RecordStorage
    private var encoder: RecordEncoder
    private var pending: [UInt8] = []
    /// Where `pending` goes in the file.
    private var writtenLength: Int64
    private var committed: RecordAnchor?
    private var lastOffset: Int64 = 0
    private var lastWall: Int64 = 0
    private var isClosed = false
    /// The failure that ended it; nothing while it is sound.
    public private(set) var failure: RecordFailure?

    /// A new record in storage that holds nothing yet. The `opened` record is durable and anchored when this returns.
    public init(
        sessionID: String, storage: any RecordStorage, opening payload: [UInt8], at time: RecordTime
    ) throws(RecordFailure) {
        self.sessionID = sessionID
        self.storage = storage
        encoder = RecordEncoder()
        pending = RecordEncoder.header
        writtenLength = 0
        try append(.opened, payload, at: time)
        try commit()
    }

    /// Goes on after the last sound record of a session that was cut short.
    init(resuming examination: RecordExamination, storage: any RecordStorage) {
        sessionID = examination.sessionID
        self.storage = storage
        committed = examination.anchor
        if let last = examination.lastRecord {
            encoder = RecordEncoder(after: last)
            writtenLength = last.end
        } else {
            encoder = RecordEncoder()
            pending = RecordEncoder.header
            writtenLength = 0
        }
    }

    /// Records so far, committed or not.
    public var recordCount: UInt64 { encoder.count }
    /// Bytes that a crash now would lose.
    public var pendingBytes: Int { pending.count }

    /// Collects one record.
    public mutating func append(
        _ kind: RecordKind, _ payload: [UInt8], at time: RecordTime
    ) throws(RecordFailure) {
        if let failure { throw failure }
        guard !isClosed else { throw .alreadyClosed }
        guard payload.count <= RecordLayout.longestPayload, pending.count <= Self.mostPendingBytes else {
            throw latch(.tooLong(bytes: payload.count + pending.count))
        }
        lastOffset = encoder.length
        lastWall = time.wallNanoseconds
        pending.append(contentsOf: encoder.encode(kind, payload, at: time))
        if kind == .closed || kind == .interrupted { isClosed = true }
    }

    /// Collects one journal entry.
    public mutating func append(journal block: WordBlock, at time: RecordTime) throws(RecordFailure) {
        try append(.journal, RecordLayout.payload(block), at: time)
    }

    /// Makes everything collected durable: record first, then anchor. Without anything collected it does nothing.
    public mutating func commit() throws(RecordFailure) {
        if let failure { throw failure }
        guard !pending.isEmpty else { return }
        let anchor = RecordAnchor(
            generation: (committed?.generation ?? 0) + 1, sessionID: sessionID, recordCount: encoder.count,
            length: encoder.length, lastRecordOffset: lastOffset, lastWallNanoseconds: lastWall, head: encoder.chain)
        do {
            try storage.writeRecord(pending, at: writtenLength)
            try storage.syncRecord()
            try storage.writeAnchor(AnchorLayout.encode(anchor), at: anchor.slotOffset)
            try storage.syncAnchor()
        } catch {
            throw latch(.system(error, file: storage.path))
        }
        writtenLength = encoder.length
        committed = anchor
        pending.removeAll(keepingCapacity: true)
    }

    /// Closes an orderly session: durable when this returns.
    public mutating func close(_ closing: SessionClosing, at time: RecordTime) throws(RecordFailure) {
        try append(.closed, try closing.encode(), at: time)
        try commit()
    }

    /// The head hash at the last commit: to be printed with the report, so that a copy lies outside this machine.
    public var committedHead: Digest? { committed?.head }

    private mutating func latch(_ failure: RecordFailure) -> RecordFailure {
        self.failure = failure
        pending = []
        return failure
    }
}

// The disk and the writer thread, in the world's time: the real writer of the records on a pretend disk that can be
// full, slow, or fail to make durable; and what a later start finds there.
internal import SessionRecords
internal import StimulusModel
internal import Synchronization

/// Two files in memory. What was not made durable may be there after a crash, in part, or not.
final class PretendDisk: RecordStorage {
    struct Content {
        var record: [UInt8] = []
        var anchor = [UInt8](repeating: 0, count: AnchorLayout.fileBytes)
        var durableRecord = 0
        var isFull = false
        var isFailing = false
    }

    let path = "soak"
    let content = Mutex(Content())

    private static func put(_ bytes: [UInt8], _ offset: Int64, _ file: inout [UInt8]) {
        let end = Int(offset) + bytes.count
        if file.count < end { file += [UInt8](repeating: 0, count: end - file.count) }
        file.replaceSubrange(Int(offset)..<end, with: bytes)
    }

    func writeRecord(_ bytes: [UInt8], at offset: Int64) throws(DiskError) {
        let isFull = content.withLock { content in
            // A disk that runs full takes what it can.
            let taken = content.isFull ? Array(bytes.prefix(bytes.count / 2)) : bytes
            PretendDisk.put(taken, offset, &content.record)
            return content.isFull
        }
        if isFull { throw DiskError(number: 28, call: "write") }
    }

    func syncRecord() throws(DiskError) {
        let isFailing = content.withLock { content in
            if !content.isFailing { content.durableRecord = content.record.count }
            return content.isFailing
        }
        if isFailing { throw DiskError(number: 5, call: "fdatasync") }
    }

    func writeAnchor(_ bytes: [UInt8], at offset: Int64) throws(DiskError) {
        content.withLock { PretendDisk.put(bytes, offset, &$0.anchor) }
    }

    func syncAnchor() throws(DiskError) {}
}

/// One session's record: what the writer thread does, and what the loop is told of it.
final class SoakRecord {
    private let disk = PretendDisk()
    private var writer: SafetyRecordWriter?
    private var queue: [WordBlock] = []
    private var busyUntil: Int64?
    private var nextCommit: Int64
    private var slowMilliseconds: Int64 = 0
    private let sessionID: String
    /// What the clock on the wall is off by, in seconds.
    var wallOffset: Int64 = 0
    private(set) var hasFailed = false
    /// Commits that were made durable.
    private(set) var commits = 0

    /// The ring between loop and writer (`DeviceDrivers`), a fifth of which is kept free.
    private static let ringBlocks = 16_384
    private static let commitMilliseconds: Int64 = 100
    /// A writer that is silent for this long counts as failed (`Docs/decisions/0006`).
    private static let patienceMilliseconds: Int64 = 6_000

    init(_ opening: SessionOpening, at now: Int64) {
        sessionID = opening.sessionID
        nextCommit = now + Self.commitMilliseconds
        do {
            writer = try SafetyRecordWriter(
                sessionID: opening.sessionID, storage: disk, opening: try opening.encode(), at: time(now))
        } catch { hasFailed = true }
    }

    private func time(_ now: Int64) -> RecordTime {
        RecordTime(
            monotonicNanoseconds: now * 1_000_000, wallNanoseconds: (now + wallOffset * 1_000) * 1_000_000)
    }

    func take(_ block: WordBlock) { queue.append(block) }

    func happen(_ event: DiskEvent) {
        switch event {
        case .full: disk.content.withLock { $0.isFull = true }
        case .failing: disk.content.withLock { $0.isFailing = true }
        case .slow(let span): slowMilliseconds = span
        case .well:
            slowMilliseconds = 0
            disk.content.withLock { ($0.isFull, $0.isFailing) = (false, false) }
        }
    }

    /// The writer thread's millisecond.
    /// - Returns: what the loop learns: nothing, that the ring is full, or that the writer failed.
    func run(at now: Int64) -> FaultCause {
        if let busy = busyUntil, now >= busy {
            busyUntil = nil
            do {
                try writer?.commit()
                commits += 1
            } catch { hasFailed = true }
            nextCommit = now + Self.commitMilliseconds
        }
        if busyUntil == nil, now >= nextCommit, !hasFailed, !queue.isEmpty { beginCommit(now) }
        if hasFailed { return .journalFailed }
        if let busy = busyUntil, now - (busy - slowMilliseconds) > Self.patienceMilliseconds { return .journalFailed }
        return queue.count > Self.ringBlocks * 4 / 5 ? .journalFull : .none
    }

    private func beginCommit(_ now: Int64) {
        do {
            for block in queue { try writer?.append(journal: block, at: time(now)) }
        } catch { hasFailed = true }
        queue.removeAll(keepingCapacity: true)
        busyUntil = now + slowMilliseconds
    }

    /// What a later start finds: the files as they were made durable, with a torn tail of what was not.
    /// - Returns: what the record claims at the most, in pC, and what is wrong with it.
    func readBack(tear: UInt64) -> (claims: Int64, findings: [String]) {
        let (record, anchor) = disk.content.withLock { content in
            let loose = content.record.count - content.durableRecord
            let kept = content.durableRecord + (loose > 0 ? Int(tear % UInt64(loose + 1)) : 0)
            return (Array(content.record.prefix(kept)), content.anchor)
        }
        var examiner = RecordExaminer(sessionID: sessionID, anchorBytes: anchor)
        var story = SessionStory()
        examiner.take(record) { story.take($0) }
        let examination = examiner.finish()
        let findings = examination.isDamaged ? examination.findings.map(\.words) : []
        return (story.mostByChannel.reduce(0, +), findings)
    }
}

internal import Glibc

/// Where a record and its anchor are kept. The disk in production; in tests, a disk that fails or is cut off at will.
public protocol RecordStorage: AnyObject, Sendable {
    /// Writes into the record file. All of it, or an error.
    func writeRecord(_ bytes: [UInt8], at offset: Int64) throws(DiskError)
    /// Makes the record file durable.
    func syncRecord() throws(DiskError)
    /// Writes into the anchor file. All of it, or an error.
    func writeAnchor(_ bytes: [UInt8], at offset: Int64) throws(DiskError)
    /// Makes the anchor file durable.
    func syncAnchor() throws(DiskError)
    /// The path of the record, for messages.
    var path: String { get }
}

/// The two files of one session on disk, locked while open.
final class FileRecordStorage: RecordStorage {
    let path: String
    private let record: LinuxFile
    private let anchor: LinuxFile

    private init(path: String, record: consuming LinuxFile, anchor: consuming LinuxFile) {
        self.path = path
        self.record = record
        self.anchor = anchor
    }

    /// Makes both files, exclusively, for this user alone, and makes their names durable. The anchor comes first: a
    /// record without an anchor is then never the trace of a crash. Only under the store's lock: a recovery in another
    /// process must not take the half-made session for one that was cut short.
    static func create(_ paths: RecordPaths) throws(RecordFailure) -> FileRecordStorage {
        do {
            let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW
            let anchor = try LinuxFile.open(paths.anchor, flags, mode: 0o600)
            try anchor.write([UInt8](repeating: 0, count: AnchorLayout.fileBytes), at: 0)
            try anchor.sync()
            try LinuxFile.syncFolder(paths.anchorFolder)
            let record = try LinuxFile.open(paths.record, flags, mode: 0o600)
            guard try record.lock(waitingAtMostMilliseconds: 1_000) else {
                throw RecordFailure.inUse(file: paths.record)
            }
            try record.sync()
            try LinuxFile.syncFolder(paths.recordFolder)
            return FileRecordStorage(path: paths.record, record: record, anchor: anchor)
        } catch let error as DiskError {
            if error.number == EEXIST { throw .inUse(file: paths.record) }
            throw .system(error, file: paths.record)
        } catch let error as RecordFailure {
            throw error
        } catch {
            throw .inUse(file: paths.record)
        }
    }

    /// Opens the files of a session that was cut short, so that it can be closed. The record file is made if the crash
    /// came before it was; nothing if the session is still being written. Only under the store's lock.
    static func reopen(_ paths: RecordPaths) throws(DiskError) -> FileRecordStorage? {
        let record = try LinuxFile.open(paths.record, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
        guard try record.lock(waitingAtMostMilliseconds: 100) else { return nil }
        let anchor = try LinuxFile.open(paths.anchor, O_RDWR | O_NOFOLLOW)
        return FileRecordStorage(path: paths.record, record: record, anchor: anchor)
    }

    func writeRecord(_ bytes: [UInt8], at offset: Int64) throws(DiskError) { try record.write(bytes, at: offset) }
    func syncRecord() throws(DiskError) { try record.dataSync() }
    func writeAnchor(_ bytes: [UInt8], at offset: Int64) throws(DiskError) { try anchor.write(bytes, at: offset) }
    func syncAnchor() throws(DiskError) { try anchor.dataSync() }

    /// Takes a torn tail off the end.
    func truncateRecord(to length: Int64) throws(DiskError) { try record.truncate(to: length) }
    func recordBytes(at offset: Int64, limit: Int) throws(DiskError) -> [UInt8] {
        try record.read(at: offset, limit: limit)
    }
    func anchorBytes() throws(DiskError) -> [UInt8] { try anchor.readAll(limit: 2 * AnchorLayout.fileBytes) }
}

/// Where the files of one session lie.
public struct RecordPaths: Equatable, Sendable {
    public let recordFolder: String
    public let anchorFolder: String
    public let record: String
    public let anchor: String

    public static let recordSuffix = ".mpr"
    public static let anchorSuffix = ".anchor"

    public init(dataFolder: String, sessionID: String) {
        recordFolder = dataFolder + "/sessions"
        anchorFolder = dataFolder + "/anchors"
        record = recordFolder + "/" + sessionID + RecordPaths.recordSuffix
        anchor = anchorFolder + "/" + sessionID + RecordPaths.anchorSuffix
    }
}

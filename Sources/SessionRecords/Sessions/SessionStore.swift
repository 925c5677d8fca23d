internal import Foundation
internal import Glibc
internal import StimulusModel

/// Why a session could not be named by what was typed.
public enum SessionLookupProblem: Error, Equatable, Sendable {
    case noSuchSession(String)
    /// The beginning of several ids.
    case ambiguous(String, [String])
    /// The data folder cannot be read.
    case unreadable(DiskError)
}

/// Held while a session is made, and while others are closed, so that the one is never mistaken for the other by a
/// second process. Let go when its process ends, however it ends.
struct StoreLock: ~Copyable {
    private let file: LinuxFile

    init(_ store: SessionStore) throws(RecordFailure) {
        let path = store.folder + "/.lock"
        do {
            let file = try LinuxFile.open(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
            guard try file.lock(waitingAtMostMilliseconds: 10_000) else { throw RecordFailure.inUse(file: path) }
            self.file = file
        } catch let error as DiskError {
            throw .system(error, file: path)
        } catch {
            throw .inUse(file: path)
        }
    }

    consuming func release() {}
}

/// The sessions of one data folder. It keeps no state: every question is answered from the files.
public struct SessionStore: Sendable {
    /// Twenty minutes of a journal entry every millisecond are 155 MB (proposal).
    public static let defaultNeededBytes: Int64 = 256 * 1_024 * 1_024
    /// Files are read in pieces of this size.
    static let pieceBytes = 1_024 * 1_024

    public let folder: String

    public init(folder: String) { self.folder = folder }

    public var sessionsFolder: String { folder + "/sessions" }
    public var anchorsFolder: String { folder + "/anchors" }

    public func paths(_ sessionID: String) -> RecordPaths { RecordPaths(dataFolder: folder, sessionID: sessionID) }

    /// Makes the folders, for this user alone, and proves that a record can be kept: a file can be made, written, made
    /// durable and removed, and there is room for a session.
    public func prepare(neededBytes: Int64 = SessionStore.defaultNeededBytes) throws(RecordFailure) {
        // Without a name the folders would be made at the top of the file system.
        guard !folder.isEmpty else {
            throw .system(DiskError(number: ENOENT, call: "mkdir"), file: "the data folder without a name")
        }
        let trial = sessionsFolder + "/.trial-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        do {
            try LinuxFile.makeFolders(sessionsFolder)
            try LinuxFile.makeFolders(anchorsFolder)
            let file = try LinuxFile.open(trial, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
            let outcome: Result<Int64, DiskError>
            do {
                try file.write(Array("motorpoint".utf8), at: 0)
                try file.dataSync()
                outcome = .success(try file.freeBytes())
            } catch {
                outcome = .failure(error)
            }
            try LinuxFile.remove(trial)
            let free = try outcome.get()
            guard free >= neededBytes else {
                throw RecordFailure.tooLittleSpace(free: free, needed: neededBytes, folder: folder)
            }
        } catch let failure as RecordFailure {
            throw failure
        } catch let error as DiskError {
            throw .system(error, file: folder)
        } catch {
            throw .inUse(file: folder)
        }
    }

    /// An id that sorts as time does: `20261122-093512-4f3a91`, in UTC.
    public static func makeSessionID(at time: WallTime, random: UInt32 = .random(in: 0...0xFF_FFFF)) -> String {
        let digits = String(random & 0xFF_FFFF, radix: 16)
        return CivilTime(wallNanoseconds: time.nanoseconds, utcOffsetSeconds: 0).compact + "-"
            + String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// Makes the record of a new session. Its opening is durable, anchored and locked when this returns.
    public func create(
        _ opening: SessionOpening, at time: RecordTime
    ) throws(RecordFailure) -> SafetyRecordWriter {
        let payload = try opening.encode()
        let lock = try StoreLock(self)
        let storage = try FileRecordStorage.create(paths(opening.sessionID))
        lock.release()
        return try SafetyRecordWriter(
            sessionID: opening.sessionID, storage: storage, opening: payload, at: time)
    }

    /// All ids, oldest first: of records and of anchors, so that a record that was removed is still missed.
    public func sessionIDs() throws(DiskError) -> [String] {
        let records = try names(in: sessionsFolder, suffix: RecordPaths.recordSuffix)
        let anchors = try names(in: anchorsFolder, suffix: RecordPaths.anchorSuffix)
        return Array(Set(records + anchors)).sorted()
    }

    /// The session of this id, or the only one whose id starts so.
    public func find(_ typed: String) throws(SessionLookupProblem) -> String {
        let ids: [String]
        do { ids = try sessionIDs() } catch { throw .unreadable(error) }
        if ids.contains(typed) { return typed }
        let starts = ids.filter { !typed.isEmpty && $0.hasPrefix(typed) }
        guard let only = starts.first else { throw .noSuchSession(typed) }
        guard starts.count == 1 else { throw .ambiguous(typed, starts) }
        return only
    }

    /// Ids that may have been meant by a beginning that fits none, nearest first, at most three.
    public func near(_ typed: String) -> [String] {
        let ids = (try? sessionIDs()) ?? []
        // Held against a beginning of the same length: what was typed may be one.
        let ranked = ids.map { id in (id: id, distance: EditDistance.between(typed, String(id.prefix(typed.count)))) }
        let nearest = ranked.filter { !typed.isEmpty && $0.distance <= max(2, typed.count / 4) }
        return nearest.sorted { ($0.distance, $1.id) < ($1.distance, $0.id) }.prefix(3).map(\.id)
    }

    /// Whether a process holds the record of this session now.
    public func isRunning(_ sessionID: String) -> Bool {
        guard let file = try? LinuxFile.open(paths(sessionID).record, O_RDONLY | O_NOFOLLOW) else { return false }
        return (try? file.isLockedByAnother()) == true
    }

    /// Reads the whole record of one session and holds it against its anchor.
    /// - Parameter visit: is handed each sound record, in order.
    public func verify(
        _ sessionID: String, visit: (SafetyRecordEntry) -> Void = { _ in }
    ) -> RecordExamination {
        let paths = paths(sessionID)
        var anchorBytes: [UInt8]?
        var problem: RecordFinding?
        do {
            anchorBytes = try readAnchor(paths)
        } catch {
            problem = .unreadable(error.description)
        }
        var examiner = RecordExaminer(sessionID: sessionID, anchorBytes: anchorBytes)
        do {
            let file = try LinuxFile.open(paths.record, O_RDONLY | O_NOFOLLOW)
            var offset: Int64 = 0
            while true {
                let piece = try file.read(at: offset, limit: Self.pieceBytes)
                if piece.isEmpty { break }
                offset += Int64(piece.count)
                examiner.take(piece, visit: visit)
            }
        } catch {
            // A blank anchor without a record is what a crash between making the two leaves.
            let isBlank = anchorBytes.map { AnchorReading($0).isBlank } ?? false
            if error.number != ENOENT {
                problem = .unreadable(error.description)
            } else if !isBlank {
                problem = .recordMissing
            }
        }
        let examination = examiner.finish()
        return problem.map { examination.with($0) } ?? examination
    }

    /// Every session, oldest first.
    public func verifyAll() throws(DiskError) -> [RecordExamination] { try sessionIDs().map { verify($0) } }

    func readAnchor(_ paths: RecordPaths) throws(DiskError) -> [UInt8]? {
        do {
            let file = try LinuxFile.open(paths.anchor, O_RDONLY | O_NOFOLLOW)
            return try file.readAll(limit: 2 * AnchorLayout.fileBytes)
        } catch {
            if error.number == ENOENT { return nil }
            throw error
        }
    }

    private func names(in folder: String, suffix: String) throws(DiskError) -> [String] {
        guard LinuxFile.isFolder(folder) else { return [] }
        let all: [String]
        do {
            all = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw DiskError(number: EACCES, call: "readdir")
        }
        return all.filter { $0.hasSuffix(suffix) && !$0.hasPrefix(".") }.map { String($0.dropLast(suffix.count)) }
    }
}

extension RecordExamination {
    /// The same with one more finding, which no crash explains.
    func with(_ finding: RecordFinding) -> RecordExamination {
        RecordExamination(
            sessionID: sessionID, ending: ending, recordCount: recordCount, soundLength: soundLength,
            fileLength: fileLength, firstRecord: firstRecord, lastRecord: lastRecord,
            lastJournalTime: lastJournalTime, latestWallNanoseconds: latestWallNanoseconds,
            unanchoredRecords: unanchoredRecords, anchor: anchor, findings: [finding] + findings,
            isCrashShaped: false)
    }
}

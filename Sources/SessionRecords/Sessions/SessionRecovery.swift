internal import Foundation
internal import StimulusModel

/// A session that was cut short and is closed now.
public struct RecoveredSession: Equatable, Sendable {
    public let sessionID: String
    /// Nothing if it was never opened.
    public let opening: SessionOpening?
    public let interruption: SessionInterruption
}

/// What a start found of earlier sessions.
public struct RecoveryReport: Equatable, Sendable {
    public internal(set) var closed: [RecoveredSession] = []
    /// Sessions that another process holds now.
    public internal(set) var running: [String] = []
    /// Sessions with something wrong that no crash explains; left exactly as they are.
    public internal(set) var damaged: [RecordExamination] = []
    /// Sessions that should have been closed and could not be, with the reason.
    public internal(set) var failed: [String: RecordFailure] = [:]

    /// Nothing found.
    public init() {}
}

extension SessionStore {
    /// Finds every session without an end that no process holds, and closes it with an `interrupted` record. What a
    /// crash left beyond the anchor is kept if it is sound, and named; an unfinished record at the very end is taken
    /// off, with its hash and beginning kept. A session with any other fault is not touched.
    /// - Parameter now: becomes the time at which they were found.
    public func closeInterrupted(
        at now: WallTime, programVersion: String
    ) throws(RecordFailure) -> RecoveryReport {
        var report = RecoveryReport()
        guard LinuxFile.isFolder(folder) else { return report }
        let lock = try StoreLock(self)
        let ids: [String]
        do { ids = try sessionIDs() } catch { throw .system(error, file: folder) }
        for id in ids where !isPlainlyEnded(id) {
            close(id, at: now, programVersion: programVersion, into: &report)
        }
        lock.release()
        return report
    }

    private func close(_ id: String, at now: WallTime, programVersion: String, into report: inout RecoveryReport) {
        if isRunning(id) { return report.running.append(id) }
        let first = verify(id)
        if first.isIntact { return }
        guard first.needsClosing else { return report.damaged.append(first) }
        do {
            guard let storage = try FileRecordStorage.reopen(paths(id)) else { return report.running.append(id) }
            // Judged again under the lock: it may have gone on, or been closed, since.
            let examination = verify(id)
            guard examination.needsClosing else {
                if examination.isDamaged { report.damaged.append(examination) }
                return
            }
            let interruption = try writeInterruption(examination, storage, at: now, programVersion: programVersion)
            report.closed.append(
                RecoveredSession(
                    sessionID: id, opening: examination.firstRecord.flatMap { SessionOpening.decode($0.payload) },
                    interruption: interruption))
        } catch let error as DiskError {
            report.failed[id] = .system(error, file: paths(id).record)
        } catch let failure as RecordFailure {
            report.failed[id] = failure
        } catch {
            report.failed[id] = .inUse(file: paths(id).record)
        }
    }

    private func writeInterruption(
        _ examination: RecordExamination, _ storage: FileRecordStorage, at now: WallTime, programVersion: String
    ) throws -> SessionInterruption {
        let end = examination.lastRecord?.end ?? 0
        // No more than one commit can be unfinished.
        let torn = try storage.recordBytes(at: end, limit: 2 * SafetyRecordWriter.mostPendingBytes)
        var journalRecords: UInt64 = 0
        _ = verify(examination.sessionID) { entry in if entry.kind == .journal { journalRecords += 1 } }
        let interruption = SessionInterruption(
            foundWallNanoseconds: now.nanoseconds, programVersion: programVersion,
            lastJournalMonotonicNanoseconds: examination.lastJournalTime?.monotonicNanoseconds,
            lastRecordWallNanoseconds: examination.lastRecord?.time.wallNanoseconds,
            journalRecords: journalRecords, unanchoredRecords: examination.unanchoredRecords,
            tornBytes: examination.fileLength - end,
            tornSha256: torn.isEmpty ? nil : Digest(of: torn).hex,
            tornHexadecimal: torn.isEmpty
                ? nil : SessionInterruption.hexadecimal(Array(torn.prefix(SessionInterruption.longestTornKept))),
            findings: examination.findings.map(\.words))
        try storage.truncateRecord(to: end)
        // A crash while the anchor was made leaves it short; its second slot must exist before it is written.
        let anchor = try storage.anchorBytes()
        if anchor.count < AnchorLayout.fileBytes {
            let missing = [UInt8](repeating: 0, count: AnchorLayout.fileBytes - anchor.count)
            try storage.writeAnchor(missing, at: Int64(anchor.count))
        }
        var writer = SafetyRecordWriter(resuming: examination, storage: storage)
        let time = RecordTime(
            monotonicNanoseconds: examination.lastRecord?.time.monotonicNanoseconds ?? 0,
            wallNanoseconds: now.nanoseconds)
        try writer.append(.interrupted, try interruption.encode(), at: time)
        try writer.commit()
        return interruption
    }

    /// Whether the last anchored record ends the session and the file ends there: no need to read the rest.
    private func isPlainlyEnded(_ id: String) -> Bool {
        let summary = summary(id)
        return summary.problem == nil && (summary.closing != nil || summary.interruption != nil)
    }
}

extension SessionInterruption {
    /// Of an unfinished record at most this much is kept.
    static let longestTornKept = 4_096

    static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

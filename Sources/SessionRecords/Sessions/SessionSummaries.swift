internal import Foundation
internal import Glibc

extension SessionStore {
    /// The first and the last record of one session.
    public func summary(_ sessionID: String) -> SessionSummary {
        let paths = paths(sessionID)
        let running = isRunning(sessionID)
        var opening: SessionOpening?
        var closing: SessionClosing?
        var interruption: SessionInterruption?
        var lastWall: Int64?
        var problem: String?
        do {
            guard let anchorBytes = try readAnchor(paths) else {
                return unreadable(sessionID, running, RecordFinding.anchorMissing.words)
            }
            let anchor = AnchorReading(anchorBytes)
            let file = try LinuxFile.open(paths.record, O_RDONLY | O_NOFOLLOW)
            let first = try firstRecord(file)
            if let first, first.kind == .opened { opening = SessionOpening.decode(first.payload) }
            lastWall = anchor.current?.lastWallNanoseconds ?? first?.time.wallNanoseconds
            if let current = anchor.current, current.sessionID == sessionID, anchor.defects.isEmpty {
                let last = try lastRecord(file, current)
                if last?.kind == .closed { closing = last.flatMap { SessionClosing.decode($0.payload) } }
                if last?.kind == .interrupted {
                    interruption = last.flatMap { SessionInterruption.decode($0.payload) }
                }
                if last == nil { problem = "the last anchored record cannot be read" }
                if try file.status().bytes != current.length, !running {
                    problem = "the file does not end where its anchor says"
                }
            } else if !running {
                problem = anchor.isBlank ? nil : "the anchor is damaged"
            }
            // Only a session that was never opened is closed by an interruption alone; else its opening is damaged, and
            // nobody knows whose session it was.
            if opening == nil, first?.kind != .interrupted { problem = problem ?? "its opening cannot be read" }
        } catch {
            return unreadable(sessionID, running, error.description)
        }
        // An `interrupted` record written with a clock set back must not hide the later time that went before it.
        let walls = [
            lastWall, opening?.wallNanoseconds, closing?.wallNanoseconds, interruption?.lastRecordWallNanoseconds,
        ]
        return SessionSummary(
            sessionID: sessionID, opening: opening, closing: closing, interruption: interruption,
            isRunning: running, lastWallNanoseconds: walls.compactMap { $0 }.max(), problem: problem)
    }

    /// Every session, oldest first.
    public func summaries() throws(DiskError) -> [SessionSummary] { try sessionIDs().map { summary($0) } }

    /// The past of one person, muscle and side.
    public func history(personID: String, muscle: String, side: String) throws(DiskError) -> SessionHistory {
        SessionHistory(of: try summaries(), personID: personID, muscle: muscle, side: side)
    }

    /// Whether the computer's clock shows a time before the latest record.
    public func clockSetBack(now: WallTime) throws(DiskError) -> ClockSetBack? {
        ClockSetBack(now: now, summaries: try summaries())
    }

    private func unreadable(_ id: String, _ running: Bool, _ problem: String) -> SessionSummary {
        SessionSummary(
            sessionID: id, opening: nil, closing: nil, interruption: nil, isRunning: running,
            lastWallNanoseconds: nil, problem: problem)
    }

    private func firstRecord(_ file: borrowing LinuxFile) throws(DiskError) -> SafetyRecordEntry? {
        var decoder = RecordDecoder()
        var offset: Int64 = 0
        while decoder.defect == nil, offset <= Int64(RecordLayout.longestPayload + Self.pieceBytes) {
            let piece = try file.read(at: offset, limit: 65_536)
            if piece.isEmpty { return nil }
            offset += Int64(piece.count)
            decoder.append(piece)
            if let entry = decoder.next() { return entry }
        }
        return nil
    }

    /// The last anchored record, checked by its checksum, number and place; the chain is for `verify`.
    private func lastRecord(
        _ file: borrowing LinuxFile, _ anchor: RecordAnchor
    ) throws(DiskError) -> SafetyRecordEntry? {
        let length = anchor.length - anchor.lastRecordOffset
        let longest = RecordLayout.overheadBytes + RecordLayout.longestPayload
        guard length >= Int64(RecordLayout.overheadBytes), length <= Int64(longest), anchor.recordCount > 0 else {
            return nil
        }
        let bytes = try file.read(at: anchor.lastRecordOffset, limit: Int(length))
        return RecordDecoder.lone(bytes, at: anchor.lastRecordOffset, sequence: anchor.recordCount - 1)
    }
}

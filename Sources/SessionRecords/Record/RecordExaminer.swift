internal import Foundation

/// Verifies one session: the record file, read in pieces, against its anchor. Pure: bytes in, findings out.
///
/// It finds every changed bit of a closed session's record file, and every truncation: below the anchor by the record
/// count, of a closed session by the exact length. It finds a damaged, missing or foreign anchor. It cannot find a
/// total rewrite of the record file and of the anchor by someone who knows this layout: both are made without a
/// secret.
public struct RecordExaminer: Sendable {
    private let sessionID: String
    private let anchor: AnchorReading?
    private var decoder = RecordDecoder()
    private var fileLength: Int64 = 0
    private var first: SafetyRecordEntry?
    private var last: SafetyRecordEntry?
    private var lastJournalTime: RecordTime?
    private var latestWall: Int64?
    private var anchoredSeen = false
    private var previousSeen = false
    private var contentFindings: [RecordFinding] = []

    /// - Parameter anchorBytes: the anchor file; nothing if there is none.
    public init(sessionID: String, anchorBytes: [UInt8]?) {
        self.init(sessionID: sessionID, anchor: anchorBytes.map { AnchorReading($0) })
    }

    /// - Parameter anchor: what the anchor file says; nothing if there is none.
    public init(sessionID: String, anchor: AnchorReading?) {
        self.sessionID = sessionID
        self.anchor = anchor
    }

    /// The next piece of the record file; `visit` is handed each sound record once.
    public mutating func take(_ bytes: [UInt8], visit: (SafetyRecordEntry) -> Void = { _ in }) {
        fileLength += Int64(bytes.count)
        // Beyond a defect nothing is read, so nothing needs to be kept.
        guard decoder.defect == nil else { return }
        decoder.append(bytes)
        while let entry = decoder.next() {
            check(entry)
            visit(entry)
        }
    }

    /// The verdict, when the whole file was handed in.
    public consuming func finish() -> RecordExamination {
        var decoder = self.decoder
        decoder.finish()
        let ending = endingSoFar(decoder)
        var findings = anchorFindings(decoder)
        findings += contentFindings
        findings += tailFindings(decoder, ending)
        if ending == .unfinished { findings.append(.unfinished) }
        if ending == .neverOpened { findings = [.neverOpened] + findings.filter { $0 != .notOpened } }
        return RecordExamination(
            sessionID: sessionID, ending: ending, recordCount: decoder.count, soundLength: decoder.soundLength,
            fileLength: fileLength, firstRecord: first, lastRecord: last, lastJournalTime: lastJournalTime,
            latestWallNanoseconds: latestWall, unanchoredRecords: unanchored(decoder.count), anchor: anchor?.current,
            findings: findings, isCrashShaped: findings.allSatisfy { $0.isCrashShaped || isTornAnchor($0) })
    }

    private mutating func check(_ entry: SafetyRecordEntry) {
        checkOrder(entry)
        checkPayload(entry)
        if let current = anchor?.current, current.recordCount == entry.sequence + 1 {
            anchoredSeen = true
            compare(current, entry)
        }
        if let previous = anchor?.previous, previous.recordCount == entry.sequence + 1 {
            previousSeen = true
            compare(previous, entry)
        }
        if entry.kind == .journal { lastJournalTime = entry.time }
        latestWall = max(latestWall ?? entry.time.wallNanoseconds, entry.time.wallNanoseconds)
        if first == nil { first = entry }
        last = entry
    }

    private mutating func checkOrder(_ entry: SafetyRecordEntry) {
        guard let last else {
            // A session that was never opened is closed by an `interrupted` record alone.
            if entry.kind != .opened, entry.kind != .interrupted { contentFindings.append(.notOpened) }
            return
        }
        let ended = last.kind == .closed || last.kind == .interrupted
        let repairs = last.kind == .closed && entry.kind == .interrupted
        if entry.kind == .opened || (ended && !repairs) {
            contentFindings.append(.recordAfterClosing(sequence: entry.sequence))
        }
    }

    private mutating func checkPayload(_ entry: SafetyRecordEntry) {
        switch entry.kind {
        case .journal:
            if entry.payload.count != 64 { contentFindings.append(.unreadablePayload(sequence: entry.sequence)) }
        case .opened:
            guard let opening = SessionOpening.decode(entry.payload) else {
                return contentFindings.append(.unreadablePayload(sequence: entry.sequence))
            }
            if opening.sessionID != sessionID { contentFindings.append(.otherSession(opening.sessionID)) }
        case .closed:
            if SessionClosing.decode(entry.payload) == nil {
                contentFindings.append(.unreadablePayload(sequence: entry.sequence))
            }
        case .interrupted:
            if SessionInterruption.decode(entry.payload) == nil {
                contentFindings.append(.unreadablePayload(sequence: entry.sequence))
            }
        case .note, .threshold:
            if (try? JSONSerialization.jsonObject(with: Data(entry.payload))) == nil {
                contentFindings.append(.unreadablePayload(sequence: entry.sequence))
            }
        }
    }

    private mutating func compare(_ anchor: RecordAnchor, _ entry: SafetyRecordEntry) {
        let same =
            anchor.length == entry.end && anchor.head == entry.chain && anchor.lastRecordOffset == entry.offset
            && anchor.lastWallNanoseconds == entry.time.wallNanoseconds
        if !same { contentFindings.append(.differsFromAnchor(generation: anchor.generation)) }
    }

    private func endingSoFar(_ decoder: RecordDecoder) -> RecordEnding {
        switch last?.kind {
        case .closed: return .closed
        case .interrupted: return .interrupted
        case nil where anchor?.isBlank == true: return .neverOpened
        default: return .unfinished
        }
    }

    private func anchorFindings(_ decoder: RecordDecoder) -> [RecordFinding] {
        guard let anchor else { return [.anchorMissing] }
        // The files are made before the first commit: a crash in between leaves a blank anchor and one record at most.
        let firstCommit = anchor.isBlank || anchor.isFirstWriteTorn
        if firstCommit, decoder.count <= 1, last?.kind != .interrupted { return [] }
        var findings = anchor.defects.map { RecordFinding.anchorDamaged($0) }
        if let current = anchor.current {
            if current.sessionID != sessionID { findings.append(.anchorOfOtherSession(current.sessionID)) }
            if !anchoredSeen, decoder.defect == nil || decoder.defect == .cutOff {
                findings.append(.shorterThanAnchor(found: decoder.count, anchored: current.recordCount))
            }
        }
        if let previous = anchor.previous {
            if previous.sessionID != sessionID { findings.append(.anchorOfOtherSession(previous.sessionID)) }
            if !previousSeen, anchoredSeen {
                findings.append(.differsFromAnchor(generation: previous.generation))
            }
        }
        return findings
    }

    private func tailFindings(_ decoder: RecordDecoder, _ ending: RecordEnding) -> [RecordFinding] {
        var findings: [RecordFinding] = []
        let anchored = anchor?.current?.recordCount ?? 0
        let extra = unanchored(decoder.count)
        if extra > 0, anchor?.current != nil {
            let bytes = decoder.soundLength - (anchor?.current?.length ?? 0)
            findings.append(.unanchoredTail(records: extra, bytes: bytes))
        }
        guard let defect = decoder.defect else { return findings }
        let rest = fileLength - decoder.soundLength
        let covered =
            decoder.count < anchored || (anchored == 0 && anchor?.isBlank != true && anchor?.isFirstWriteTorn != true)
        if covered, defect != .cutOff {
            findings.append(.recordDamaged(sequence: decoder.count, offset: decoder.soundLength, defect))
        } else if !covered, rest > 0 {
            findings.append(.tornTail(bytes: rest, defect))
        }
        return findings
    }

    private func unanchored(_ count: UInt64) -> UInt64 {
        let anchored = anchor?.current?.recordCount ?? 0
        return count > anchored ? count - anchored : 0
    }

    private func isTornAnchor(_ finding: RecordFinding) -> Bool {
        guard case .anchorDamaged = finding else { return false }
        return anchor?.isTornWrite == true
    }
}

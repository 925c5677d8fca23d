internal import SessionRecords

/// A record file is read up to its first defect, the same in whatever pieces it comes; of a sound one any changed bit
/// is found.
enum RecordProperties {
    private static let id = "20261122-093512-00000a"

    /// Two bytes: how long the anchor is; the anchor; the record file.
    static func file(_ bytes: [UInt8]) -> String? {
        var reader = InputReader(bytes)
        let anchor = reader.take(reader.short())
        let record = reader.rest()
        let whole = examine(record, anchor: anchor.isEmpty ? nil : anchor, pieces: max(1, record.count))
        if whole.soundLength > whole.fileLength { return "sound beyond the end of the file" }
        if whole.fileLength != Int64(record.count) { return "\(whole.fileLength) bytes of \(record.count)" }
        if whole.isIntact, whole.soundLength != whole.fileLength { return "intact with a tail" }
        let pieces = examine(record, anchor: anchor.isEmpty ? nil : anchor, pieces: 1 + bytes.count % 61)
        if pieces != whole { return "read in pieces it is another file" }
        return slots(anchor)
    }

    /// An anchor's slot that is read is written as the same bytes.
    private static func slots(_ anchor: [UInt8]) -> String? {
        for start in [0, AnchorLayout.slotSpacing] where anchor.count >= start + AnchorLayout.slotBytes {
            let slot = Array(anchor[start..<start + AnchorLayout.slotBytes])
            guard let read = AnchorLayout.decode(slot) else { continue }
            guard let back = AnchorLayout.decode(AnchorLayout.encode(read)), back == read else {
                return "an anchor is written as another"
            }
        }
        return nil
    }

    /// Records one after the other: kind, two bytes of length, so many bytes. Then, if there is a commit over all of
    /// them, one bit of the file is turned over, and of the anchor another.
    static func content(_ bytes: [UInt8]) -> String? {
        var reader = InputReader(bytes)
        let place = reader.short()
        var encoder = RecordEncoder()
        var file = RecordEncoder.header
        var written: [(kind: RecordKind, payload: [UInt8])] = []
        var lastOffset: Int64 = 0
        while !reader.isAtEnd, written.count < 24 {
            let kind = RecordKind.allCases[Int(reader.byte()) % RecordKind.allCases.count]
            let payload = reader.take(reader.short())
            lastOffset = encoder.length
            file += encoder.encode(kind, payload, at: time(written.count))
            written.append((kind, payload))
        }
        guard !written.isEmpty else { return nil }
        if let broken = readBack(file, written) { return broken }
        let anchor = RecordAnchor(
            generation: 1, sessionID: id, recordCount: encoder.count, length: encoder.length,
            lastRecordOffset: lastOffset, lastWallNanoseconds: time(written.count - 1).wallNanoseconds,
            head: encoder.chain)
        var anchorFile = [UInt8](repeating: 0, count: AnchorLayout.fileBytes)
        let slot = AnchorLayout.encode(anchor)
        anchorFile.replaceSubrange(Int(anchor.slotOffset)..<Int(anchor.slotOffset) + slot.count, with: slot)
        return tamper(file, anchorFile, place)
    }

    private static func time(_ index: Int) -> RecordTime {
        RecordTime(monotonicNanoseconds: Int64(index), wallNanoseconds: Int64(index) * 7)
    }

    private static func readBack(_ file: [UInt8], _ written: [(kind: RecordKind, payload: [UInt8])]) -> String? {
        var decoder = RecordDecoder()
        decoder.append(file)
        for (index, wanted) in written.enumerated() {
            guard let entry = decoder.next() else { return "record \(index) is not read" }
            guard entry.kind == wanted.kind, entry.payload == wanted.payload, entry.time == time(index) else {
                return "record \(index) is read as another"
            }
            if let broken = payload(entry) { return "record \(index): \(broken)" }
        }
        decoder.finish()
        return decoder.defect == nil ? nil : "a defect at the end of a sound file"
    }

    /// What a payload says is said again in the same words.
    private static func payload(_ entry: SafetyRecordEntry) -> String? {
        do throws(RecordFailure) {
            switch entry.kind {
            case .opened:
                guard let opening = SessionOpening.decode(entry.payload) else { return nil }
                _ = try? SessionReplay.plan(of: opening)
                return SessionOpening.decode(try opening.encode()) == opening ? nil : "another opening"
            case .closed:
                guard let closing = SessionClosing.decode(entry.payload) else { return nil }
                return SessionClosing.decode(try closing.encode()) == closing ? nil : "another closing"
            case .interrupted:
                guard let one = SessionInterruption.decode(entry.payload) else { return nil }
                return SessionInterruption.decode(try one.encode()) == one ? nil : "another interruption"
            case .threshold:
                guard let one = SessionThreshold.decode(entry.payload) else { return nil }
                return SessionThreshold.decode(try one.encode()) == one ? nil : "another threshold"
            case .note:
                guard let one = SessionNote.decode(entry.payload) else { return nil }
                return SessionNote.decode(try one.encode()) == one ? nil : "another note"
            case .journal:
                guard let block = RecordLayout.wordBlock(entry.payload) else { return nil }
                return RecordLayout.payload(block) == entry.payload ? nil : "another block"
            }
        } catch {
            return "what was read cannot be written"
        }
    }

    private static func tamper(_ file: [UInt8], _ anchor: [UInt8], _ place: Int) -> String? {
        let before = examine(file, anchor: anchor, pieces: file.count)
        if before.recordCount == 0 || before.soundLength != Int64(file.count) { return "a sound file is not sound" }
        if before.findings.contains(where: isOfTheFiles) { return "a sound file has findings: \(before.findings)" }
        var changed = file
        changed[place % file.count] ^= 1 << UInt8(place >> 4 & 7)
        guard examine(changed, anchor: anchor, pieces: file.count).findings.contains(where: isOfTheFiles) else {
            return "bit \(place >> 4 & 7) of byte \(place % file.count) was turned over unseen"
        }
        let shorter = Array(file.prefix(place % file.count))
        guard examine(shorter, anchor: anchor, pieces: file.count).findings.contains(where: isOfTheFiles) else {
            return "cut to \(shorter.count) of \(file.count) bytes unseen"
        }
        return nil
    }

    /// Findings about the bytes, not about what the records say.
    private static func isOfTheFiles(_ finding: RecordFinding) -> Bool {
        switch finding {
        case .anchorMissing, .anchorDamaged, .anchorOfOtherSession, .recordMissing, .recordDamaged,
            .shorterThanAnchor, .differsFromAnchor, .unanchoredTail, .tornTail, .unreadable:
            return true
        case .notOpened, .otherSession, .unreadablePayload, .recordAfterClosing, .unfinished, .neverOpened:
            return false
        }
    }

    private static func examine(_ record: [UInt8], anchor: [UInt8]?, pieces: Int) -> RecordExamination {
        var examiner = RecordExaminer(sessionID: id, anchorBytes: anchor)
        var start = 0
        while start < record.count {
            let end = min(record.count, start + max(1, pieces))
            examiner.take(Array(record[start..<end]))
            start = end
        }
        return examiner.finish()
    }
}

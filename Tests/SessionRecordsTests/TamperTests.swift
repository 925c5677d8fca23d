import Foundation
import SessionRecords
import Synchronization
import Testing

// Proves R-REC-01.
@Suite("Tampering with a closed session")
struct TamperTests {
    @Test("A closed session that nobody touched has no findings")
    func intact() {
        let files = closedSession()
        let examination = examine(files.record, files.anchor)
        #expect(examination.findings == [])
        #expect(examination.isIntact && !examination.isDamaged && !examination.needsClosing)
        #expect(examination.ending == .closed)
        #expect(examination.recordCount == 10)
        #expect(examination.verdict == "intact, closed, 10 records")
        let cut = examine(Array(files.record.dropLast(200)), files.anchor)
        #expect(cut.verdict.hasPrefix("DAMAGED, not closed, 9 records: cut short: 9 sound records, the anchor says 10"))
    }

    @Test("Every single bit of the record is held: flipped, it is found, and no crash is blamed")
    func everyBit() {
        let files = closedSession()
        let anchor = AnchorReading(files.anchor)
        var unseen: [Int] = []
        for bit in 0..<(files.record.count * 8) {
            var record = files.record
            record[bit / 8] ^= 1 << UInt8(bit % 8)
            if !examine(record, reading: anchor).isDamaged { unseen.append(bit) }
        }
        #expect(unseen == [])
        #expect(files.record.count > 2_000)
    }

    @Test("Every truncation of the record is found")
    func everyTruncation() {
        let files = closedSession()
        var unseen: [Int] = []
        for length in 0..<files.record.count
        where !examine(Array(files.record[..<length]), files.anchor).isDamaged {
            unseen.append(length)
        }
        #expect(unseen == [])
    }

    @Test("Bytes after the end are found", arguments: [1, 64, 129, 5_000])
    func trailing(count: Int) {
        let files = closedSession()
        for byte: UInt8 in [0, 0x41, 0xFF] {
            let examination = examine(files.record + [UInt8](repeating: byte, count: count), files.anchor)
            #expect(!examination.isIntact)
            #expect(examination.findings.contains { if case .tornTail(Int64(count), _) = $0 { true } else { false } })
        }
    }

    @Test("A record left out, doubled or moved is found")
    func rearranged() {
        let files = closedSession()
        var decoder = RecordDecoder()
        decoder.append(files.record)
        var entries: [SafetyRecordEntry] = []
        while let entry = decoder.next() { entries.append(entry) }
        for entry in entries {
            let range = Int(entry.offset)..<Int(entry.end)
            var without = files.record
            without.removeSubrange(range)
            #expect(examine(without, files.anchor).isDamaged)
            var twice = files.record
            twice.insert(contentsOf: files.record[range], at: range.upperBound)
            #expect(!examine(twice, files.anchor).isIntact)
        }
    }

    @Test("A rewritten record that chains well is found by the anchor alone")
    func rewritten() throws {
        let files = closedSession()
        // The same session with one other number, complete with its own checksums and hashes.
        var encoder = RecordEncoder()
        var decoder = RecordDecoder()
        decoder.append(files.record)
        var forged = RecordEncoder.header
        while let entry = decoder.next() {
            var payload = entry.payload
            if entry.kind == .journal, entry.sequence == 2 { payload[0] ^= 1 }
            forged += encoder.encode(entry.kind, payload, at: entry.time)
        }
        #expect(forged.count == files.record.count)
        let examination = examine(forged, files.anchor)
        #expect(examination.isDamaged)
        #expect(examination.findings.contains { if case .differsFromAnchor = $0 { true } else { false } })
    }

    @Test("Every single bit of the anchor is held")
    func everyAnchorBit() {
        let files = closedSession()
        var unseen: [Int] = []
        for byte in files.anchor.indices {
            let inSlot = byte % AnchorLayout.slotSpacing < AnchorLayout.slotBytes
            // Outside the slots one bit a byte is enough: all of it must be zero.
            for bit in 0..<(inSlot ? 8 : 1) {
                var anchor = files.anchor
                anchor[byte] ^= 1 << UInt8(bit)
                let reading = AnchorReading(anchor)
                if reading.defects.isEmpty { unseen.append(byte * 8 + bit) }
                if inSlot, examine(files.record, anchor).isIntact { unseen.append(byte * 8 + bit) }
            }
        }
        #expect(unseen == [])
    }

    @Test("A missing, cut, emptied, older or foreign anchor is found")
    func replacedAnchor() {
        let files = closedSession()
        #expect(examine(files.record, nil).findings == [.anchorMissing])
        #expect(examine(files.record, nil).isDamaged)
        for length in stride(from: 0, to: files.anchor.count, by: 97) {
            #expect(examine(files.record, Array(files.anchor[..<length])).isDamaged, "cut to \(length)")
        }
        let blank = [UInt8](repeating: 0, count: AnchorLayout.fileBytes)
        #expect(examine(files.record, blank).isDamaged)

        let other = MemoryStorage()
        _ = runSession(on: other, id: "20261122-093512-00000b")
        let foreign = other.content.withLock { $0.anchor }
        let examination = examine(files.record, foreign)
        #expect(examination.isDamaged)
        #expect(examination.findings.contains(.anchorOfOtherSession("20261122-093512-00000b")))

        let unfinished = MemoryStorage()
        _ = runSession(on: unfinished, closing: false)
        let older = unfinished.content.withLock { $0.anchor }
        #expect(!examine(files.record, older).isIntact)
    }

    @Test("A session's files under another session's name are found")
    func renamed() {
        let files = closedSession()
        let examination = examine(files.record, files.anchor, id: "20261122-093512-00000c")
        #expect(examination.isDamaged)
        #expect(examination.findings.contains(.otherSession("20261122-093512-00000a")))
    }

    @Test("Both slots torn, both slots good: generations must follow one another")
    func generations() throws {
        let files = closedSession()
        let reading = AnchorReading(files.anchor)
        let current = try #require(reading.current)
        let previous = try #require(reading.previous)
        #expect(current.generation == previous.generation + 1)
        let skipped = RecordAnchor(
            generation: current.generation + 2, sessionID: current.sessionID, recordCount: current.recordCount,
            length: current.length, lastRecordOffset: current.lastRecordOffset,
            lastWallNanoseconds: current.lastWallNanoseconds, head: current.head)
        var anchor = files.anchor
        anchor.replaceSubrange(
            Int(skipped.slotOffset)..<(Int(skipped.slotOffset) + AnchorLayout.slotBytes),
            with: AnchorLayout.encode(skipped))
        #expect(!AnchorReading(anchor).defects.isEmpty)
    }
}

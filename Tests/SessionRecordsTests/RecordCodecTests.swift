import Foundation
import SessionRecords
import StimulusModel
import Testing

@Suite("The record's layout")
struct RecordCodecTests {
    @Test("Checksum and hash agree with published values")
    func publishedValues() {
        #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xE306_9283)
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(Digest(of: "abc").hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(Digest(of: "").hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    /// The bytes of a file, spelled out by hand here: whoever changes the layout must change this, and the version.
    @Test("A file of one record, byte by byte")
    func goldenBytes() {
        var encoder = RecordEncoder()
        let record = encoder.encode(
            .note, [0x7B, 0x7D], at: RecordTime(monotonicNanoseconds: 1, wallNanoseconds: -2))
        var wanted: [UInt8] = [67, 0, 0, 0, 3] + [UInt8](repeating: 0, count: 8) + [1, 0, 0, 0, 0, 0, 0, 0]
        wanted += [0xFE] + [UInt8](repeating: 0xFF, count: 7) + [0x7B, 0x7D]
        let crc = CRC32C.checksum(wanted)
        wanted += [UInt8(crc & 255), UInt8(crc >> 8 & 255), UInt8(crc >> 16 & 255), UInt8(crc >> 24)]
        let chain = Digest(of: Digest(of: RecordEncoder.header).bytes + wanted)
        #expect(record == wanted + chain.bytes)
        #expect(Array(RecordEncoder.header.prefix(12)) == Array("MPRECORD".utf8) + [1, 0, 0, 0])
        #expect(RecordEncoder.header.count == 16)
        #expect(encoder.chain == chain)
        #expect(encoder.length == 16 + 67)
        #expect(RecordLayout.journalBytes == 129)
    }

    @Test("What was written is read, however the file arrives", arguments: [1, 2, 7, 64, 129, 100_000])
    func anyPieces(size: Int) {
        let file = closedSession().record
        var decoder = RecordDecoder()
        var kinds: [RecordKind] = []
        var blocks: [WordBlock?] = []
        for start in stride(from: 0, to: file.count, by: size) {
            decoder.append(Array(file[start..<min(start + size, file.count)]))
            while let entry = decoder.next() {
                kinds.append(entry.kind)
                if entry.kind == .journal { blocks.append(RecordLayout.wordBlock(entry.payload)) }
            }
        }
        decoder.finish()
        #expect(decoder.defect == nil)
        #expect(decoder.soundLength == Int64(file.count))
        #expect(
            kinds == [
                .opened, .journal, .journal, .journal, .journal, .note, .threshold, .journal, .journal, .closed,
            ])
        let wanted: [Int64] = [10, 11, 20, 21, 30, 31]
        #expect(blocks.count == wanted.count)
        for (block, first) in zip(blocks, wanted) {
            #expect(block.map { $0 == aBlock(first) } == true)
        }
    }

    // Proves R-REC-08.
    @Test("An opening comes back as it was, with the dose in whole numbers")
    func openingRoundTrip() throws {
        let opening = anOpening()
        let back = try #require(SessionOpening.decode(try opening.encode()))
        #expect(back == opening)
        let dose = try #require(back.dose.dose)
        #expect(dose.maximumAmplitude == Current(microamperes: 40_000))
        #expect(dose.contractionCount == 10)
        #expect(SessionClosing.decode(try aClosing().encode()) == aClosing())
        #expect(SessionOpening.decode(Array("{}".utf8)) == nil)
        #expect(SessionOpening.decode([0xFF, 0x00]) == nil)
    }

    @Test("A payload longer than any record may have is refused and latches")
    func tooLong() throws {
        let storage = MemoryStorage()
        var writer = try SafetyRecordWriter(
            sessionID: "s", storage: storage, opening: try anOpening(id: "s").encode(), at: aTime(0))
        let huge = [UInt8](repeating: 0, count: RecordLayout.longestPayload + 1)
        var thrown: RecordFailure?
        do { try writer.append(.note, huge, at: aTime(1)) } catch { thrown = error }
        #expect(thrown == .tooLong(bytes: huge.count))
        #expect(writer.failure == thrown)
    }

    @Test("After closing nothing more is taken")
    func afterClosing() throws {
        let storage = MemoryStorage()
        var writer = try SafetyRecordWriter(
            sessionID: "s", storage: storage, opening: try anOpening(id: "s").encode(), at: aTime(0))
        try writer.close(aClosing(), at: aTime(1))
        var thrown: RecordFailure?
        do { try writer.append(journal: aBlock(1), at: aTime(2)) } catch { thrown = error }
        #expect(thrown == .alreadyClosed)
        #expect(writer.committedHead != nil)
    }
}

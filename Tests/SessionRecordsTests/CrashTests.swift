import Foundation
import SessionRecords
import Synchronization
import Testing

@Suite("Crashes and failing disks")
struct CrashTests {
    /// The state of both files after some operations, and how many records were acknowledged by then.
    struct Image {
        var record: [UInt8] = []
        var anchor = [UInt8](repeating: 0, count: AnchorLayout.fileBytes)
        var acknowledged: UInt64 = 0
    }

    /// Every image that a crash can leave: between any two operations, and after any number of bytes of a write.
    private func forEachImage(_ body: (Image, _ label: String) throws -> Void) rethrows -> Int {
        let storage = MemoryStorage()
        _ = runSession(on: storage)
        let operations = storage.content.withLock { $0.operations }
        var image = Image()
        var images = 0
        for (number, operation) in operations.enumerated() {
            switch operation {
            case .writeRecord(let bytes, let offset):
                for length in 0..<bytes.count {
                    var torn = image
                    MemoryStorage.apply(.writeRecord(Array(bytes[..<length]), offset), &torn.record, &torn.anchor)
                    try body(torn, "operation \(number), \(length) bytes of the record")
                    images += 1
                }
            case .writeAnchor(let bytes, let offset):
                for length in 0..<bytes.count {
                    var torn = image
                    MemoryStorage.apply(.writeAnchor(Array(bytes[..<length]), offset), &torn.record, &torn.anchor)
                    try body(torn, "operation \(number), \(length) bytes of the anchor")
                    images += 1
                }
            case .syncRecord, .syncAnchor: break
            }
            MemoryStorage.apply(operation, &image.record, &image.anchor)
            if operation == .syncAnchor { image.acknowledged = examine(image.record, image.anchor).recordCount }
            try body(image, "after operation \(number)")
            images += 1
        }
        #expect(image.acknowledged == 10)
        return images
    }

    // Proves R-REC-02.
    @Test("After a crash at any byte every acknowledged record is there, and nothing looks tampered with")
    func everyCrashImage() {
        var lost: [String] = []
        var blamed: [String] = []
        let images = forEachImage { image, label in
            let examination = examine(image.record, image.anchor)
            if examination.recordCount < image.acknowledged { lost.append(label) }
            if examination.isDamaged { blamed.append(label) }
            if examination.ending == .unfinished, !examination.needsClosing { blamed.append(label) }
        }
        #expect(lost == [])
        #expect(blamed == [])
        #expect(images > 3_000)
    }

    /// On a memory file system where there is one, since thousands of sessions are made durable here.
    private func makeFastFolder() throws -> String {
        let base = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
        let path = base + "/motorpoint-crash-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    // Proves R-REC-02.
    @Test("The next start closes every such session, keeps its records, and finds it intact afterwards")
    func everyRecovery() throws {
        let id = "20261122-093512-00000a"
        let folder = try makeFastFolder()
        defer { removeFolder(folder) }
        let store = SessionStore(folder: folder)
        try store.prepare(neededBytes: 1)
        let paths = store.paths(id)
        var count = 0
        var wrong: [String] = []
        _ = try forEachImage { image, label in
            count += 1
            // Every image is judged above; every seventh is repaired here.
            guard count % 7 == 0 else { return }
            try Data(image.record).write(to: URL(fileURLWithPath: paths.record))
            try Data(image.anchor).write(to: URL(fileURLWithPath: paths.anchor))
            let before = store.verify(id)
            let now = WallTime(nanoseconds: aNoon + 3_600_000_000_000, utcOffsetSeconds: 0)
            let report = try store.closeInterrupted(at: now, programVersion: "0")
            let after = store.verify(id)
            let ended = before.ending == .closed && before.isIntact
            if report.closed.count != (ended ? 0 : 1) || !report.damaged.isEmpty || !report.failed.isEmpty {
                wrong.append("\(label): \(report)")
            }
            if !after.isIntact || after.recordCount != before.recordCount + (ended ? 0 : 1) {
                wrong.append("\(label): \(after.findings)")
            }
            if !ended, after.ending != .interrupted { wrong.append("\(label): ends \(after.ending)") }
            let again = try store.closeInterrupted(at: now, programVersion: "0")
            if again != RecoveryReport() { wrong.append("\(label): again \(again)") }
        }
        #expect(wrong == [])
    }

    // Proves R-REC-03.
    @Test("A disk that fails at any operation latches, is not asked again, and loses nothing acknowledged")
    func everyFailure() {
        let whole = MemoryStorage()
        _ = runSession(on: whole)
        let operations = whole.content.withLock { $0.operations.count }
        #expect(operations == 20)
        for failAt in 0..<operations {
            let storage = MemoryStorage(failAt: failAt)
            let run = runSession(on: storage)
            guard case .system(let error, let file)? = run.failure else {
                Issue.record("no failure at \(failAt)")
                continue
            }
            #expect(error.number == 28)
            #expect(file == "memory")
            #expect(run.failure?.hint.contains("free space") == true)
            storage.content.withLock { content in
                #expect(content.callsAfterFailure == 0)
                let examination = examine(content.record, content.anchor)
                #expect(examination.recordCount >= run.acknowledged)
                #expect(!examination.isDamaged)
            }
        }
    }

    // Proves R-REC-03.
    @Test("A failed writer stays failed: no later append or commit reaches the disk")
    func latched() throws {
        let storage = MemoryStorage(failAt: 5)
        var writer = try SafetyRecordWriter(
            sessionID: "s", storage: storage, opening: try anOpening(id: "s").encode(), at: aTime(0))
        try writer.append(journal: aBlock(1), at: aTime(1))
        var first: RecordFailure?
        do { try writer.commit() } catch { first = error }
        #expect(first != nil)
        for _ in 0..<3 {
            var later: RecordFailure?
            do { try writer.append(journal: aBlock(2), at: aTime(2)) } catch { later = error }
            #expect(later == first)
            do { try writer.commit() } catch { later = error }
            #expect(later == first)
        }
        #expect(writer.failure == first)
        storage.content.withLock { #expect($0.callsAfterFailure == 0) }
    }

    // Proves R-REC-03.
    @Test("Nothing collected, nothing written")
    func emptyCommit() throws {
        let storage = MemoryStorage()
        var writer = try SafetyRecordWriter(
            sessionID: "s", storage: storage, opening: try anOpening(id: "s").encode(), at: aTime(0))
        let before = storage.content.withLock { $0.operations.count }
        try writer.commit()
        #expect(storage.content.withLock { $0.operations.count } == before)
        // One commit is four operations in this order: the anchor never runs ahead of the record.
        let operations = storage.content.withLock { $0.operations }
        #expect(operations.count == 4)
        #expect(operations[1] == .syncRecord)
        #expect(operations[3] == .syncAnchor)
    }
}

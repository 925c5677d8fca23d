import Foundation
import Glibc
import SessionRecords
import Testing

@Suite("The data folder", .serialized)
struct SessionStoreTests {
    private let now = WallTime(nanoseconds: aNoon + 7_200_000_000_000, utcOffsetSeconds: 3_600)

    private func makeStore(_ name: String = #function) throws -> SessionStore {
        let store = SessionStore(folder: try makeFolder(name) + "/data")
        try store.prepare(neededBytes: 1)
        return store
    }

    /// A session that was begun and then dropped, as by a killed process.
    private func cutShort(_ store: SessionStore, _ opening: SessionOpening) throws {
        var writer = try store.create(opening, at: aTime(0))
        try writer.append(journal: aBlock(1), at: aTime(5))
        try writer.commit()
        let writtenID = writer.sessionID
        _ = consume writer
        // A test beside this one that starts a program holds a copy of every lock until that program runs.
        for _ in 0..<200 where store.isRunning(writtenID) { _ = poll(nil, 0, 50) }
    }

    private func closed(_ store: SessionStore, _ opening: SessionOpening, _ closing: SessionClosing) throws {
        var writer = try store.create(
            opening, at: RecordTime(monotonicNanoseconds: 0, wallNanoseconds: opening.wallNanoseconds))
        try writer.close(
            closing, at: RecordTime(monotonicNanoseconds: 1, wallNanoseconds: closing.wallNanoseconds))
    }

    // Proves R-REC-07.
    @Test("Files and folders are for this user alone")
    func modes() throws {
        let store = try makeStore()
        defer { removeFolder(store.folder) }
        try closed(store, anOpening(), aClosing())
        let paths = store.paths("20261122-093512-00000a")
        for folder in [store.folder, store.sessionsFolder, store.anchorsFolder] { #expect(mode(folder) == 0o700) }
        #expect(mode(paths.record) == 0o600)
        #expect(mode(paths.anchor) == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.sessionsFolder).count == 1)
    }

    @Test("A closed session is intact; its summary needs no full reading")
    func closedSession() throws {
        let store = try makeStore()
        defer { removeFolder(store.folder) }
        try closed(store, anOpening(), aClosing())
        let examination = store.verify("20261122-093512-00000a")
        #expect(examination.findings == [])
        #expect(examination.ending == .closed)
        let summary = store.summary("20261122-093512-00000a")
        #expect(summary.opening == anOpening())
        #expect(summary.closing == aClosing())
        #expect(summary.problem == nil)
        #expect(!summary.isRunning)
        #expect(try store.closeInterrupted(at: now, programVersion: "0") == RecoveryReport())
    }

    @Test("A live writer is running, never interrupted, and its id cannot be taken")
    func liveWriter() throws {
        let store = try makeStore()
        defer { removeFolder(store.folder) }
        var writer = try store.create(anOpening(), at: aTime(0))
        let id = writer.sessionID
        #expect(store.isRunning(id))
        #expect(store.summary(id).isRunning)
        #expect(store.summary(id).problem == nil)
        let report = try store.closeInterrupted(at: now, programVersion: "0")
        #expect(report.running == [id])
        #expect(report.closed.isEmpty && report.damaged.isEmpty)
        var second: RecordFailure?
        do { _ = try store.create(anOpening(), at: aTime(0)) } catch { second = error }
        #expect(second == .inUse(file: store.paths(id).record))
        try writer.append(journal: aBlock(1), at: aTime(1))
        try writer.close(aClosing(), at: aTime(2))
        #expect(store.verify(id).isIntact)
    }

    // Proves R-REC-02.
    @Test("A session cut short is closed as interrupted, naming its last journal entry")
    func interrupted() throws {
        let store = try makeStore()
        defer { removeFolder(store.folder) }
        try cutShort(store, anOpening())
        let id = "20261122-093512-00000a"
        #expect(!store.isRunning(id))
        #expect(store.verify(id).findings == [.unfinished])
        let report = try store.closeInterrupted(at: now, programVersion: "0.1")
        let recovered = try #require(report.closed.first)
        #expect(recovered.sessionID == id)
        #expect(recovered.opening == anOpening())
        #expect(recovered.interruption.lastJournalMonotonicNanoseconds == 5_000_000)
        #expect(recovered.interruption.lastRecordWallNanoseconds == aNoon + 5_000_000)
        #expect(recovered.interruption.foundWallNanoseconds == now.nanoseconds)
        #expect(recovered.interruption.journalRecords == 1)
        let examination = store.verify(id)
        #expect(examination.isIntact)
        #expect(examination.ending == .interrupted)
        #expect(store.summary(id).interruption == recovered.interruption)
    }

    // Proves R-REC-09.
    @Test("A clock set back stays visible after the session before was closed with it")
    func interruptedWithClockSetBack() throws {
        let store = try makeStore()
        defer { removeFolder(store.folder) }
        try cutShort(store, anOpening())
        let early = WallTime(nanoseconds: aNoon - 3_600_000_000_000, utcOffsetSeconds: 0)
        #expect(try store.clockSetBack(now: early)?.sessionID == "20261122-093512-00000a")
        #expect(try store.closeInterrupted(at: early, programVersion: "0").closed.count == 1)
        #expect(try store.clockSetBack(now: early)?.latestRecordNanoseconds == aNoon + 5_000_000)
        #expect(try store.clockSetBack(now: now) == nil)
    }

    // Proves R-REC-02.
    @Test("A torn tail is taken off, with its hash and its bytes kept in the record")
    func tornTail() throws {
        let store = try makeStore()
        defer { removeFolder(store.folder) }
        try cutShort(store, anOpening())
        let id = "20261122-093512-00000a"
        let handle = try #require(FileHandle(forWritingAtPath: store.paths(id).record))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data([129, 0, 0, 0, 2, 9, 9]))
        try handle.close()
        let report = try store.closeInterrupted(at: now, programVersion: "0")
        let interruption = try #require(report.closed.first).interruption
        #expect(interruption.tornBytes == 7)
        #expect(interruption.tornHexadecimal == "81000000020909")
        #expect(interruption.tornSha256 == Digest(of: [129, 0, 0, 0, 2, 9, 9]).hex)
        #expect(interruption.findings.contains { $0.contains("torn tail") })
        #expect(store.verify(id).isIntact)
    }

    // Proves R-REC-01.
    @Test("One changed byte on the disk: found, and the file is left exactly as it is")
    func changedByte() throws {
        let store = try makeStore()
        defer { removeFolder(store.folder) }
        try closed(store, anOpening(), aClosing())
        let id = "20261122-093512-00000a"
        let url = URL(fileURLWithPath: store.paths(id).record)
        var bytes = try Data(contentsOf: url)
        bytes[bytes.count / 2] ^= 0x10
        try bytes.write(to: url)
        #expect(store.verify(id).isDamaged)
        let report = try store.closeInterrupted(at: now, programVersion: "0")
        #expect(report.closed.isEmpty)
        #expect(try Data(contentsOf: url) == bytes)

        try bytes.prefix(bytes.count - 1).write(to: url)
        #expect(store.verify(id).isDamaged)
        let cut = try store.closeInterrupted(at: now, programVersion: "0")
        #expect(cut.damaged.map(\.sessionID) == [id])
        #expect(store.summary(id).problem != nil)
    }

    // Proves R-REC-01, R-DUR-04.
    @Test("An interrupted session whose opening is damaged belongs to nobody known: it is no session that never began")
    func damagedOpeningOfAnInterruptedSession() throws {
        let store = try makeStore()
        defer { removeFolder(store.folder) }
        try cutShort(store, anOpening())
        #expect(try store.closeInterrupted(at: now, programVersion: "0").closed.count == 1)
        let id = "20261122-093512-00000a"
        let url = URL(fileURLWithPath: store.paths(id).record)
        let whole = try Data(contentsOf: url)
        // Somewhere in the opening's own words.
        let place = try #require(whole.firstRange(of: Data("P-0042".utf8))).lowerBound + 5
        var bytes = whole
        bytes[place] ^= 0x01
        try bytes.write(to: url)
        #expect(store.verify(id).isDamaged)
        #expect(store.summary(id).problem != nil)
        #expect(SessionOutcome(store.summary(id)) == .damaged)
        for person in ["P-0042", "P-0043"] {
            let history = try store.history(personID: person, muscle: "vmo", side: "right")
            #expect(history.unreadable == [id], "\(person)")
        }
        try whole.write(to: url)
        #expect(try store.history(personID: "P-0042", muscle: "vmo", side: "right").unreadable == [])
    }

    // Proves R-REC-01.
    @Test("A removed record and a removed anchor are both missed")
    func removed() throws {
        let store = try makeStore()
        defer { removeFolder(store.folder) }
        try closed(store, anOpening(id: "a"), aClosing())
        try closed(store, anOpening(id: "b"), aClosing())
        try FileManager.default.removeItem(atPath: store.paths("a").record)
        try FileManager.default.removeItem(atPath: store.paths("b").anchor)
        #expect(try store.sessionIDs() == ["a", "b"])
        #expect(store.verify("a").findings.contains(.recordMissing))
        #expect(store.verify("b").findings.contains(.anchorMissing))
        #expect(try store.verifyAll().allSatisfy(\.isDamaged))
    }

    // Proves R-REC-02.
    @Test("Files made and never opened: delivered nothing, and are closed as that")
    func neverOpened() throws {
        let store = try makeStore()
        defer { removeFolder(store.folder) }
        let paths = store.paths("a")
        for anchorLength in [0, 100, AnchorLayout.fileBytes] {
            for recordLength in [nil, 0, 16, 40] as [Int?] {
                try? FileManager.default.removeItem(atPath: paths.record)
                try Data(count: anchorLength).write(to: URL(fileURLWithPath: paths.anchor))
                if let recordLength {
                    let whole = RecordEncoder.header + [UInt8](repeating: 7, count: 100)
                    try Data(whole.prefix(recordLength)).write(to: URL(fileURLWithPath: paths.record))
                }
                #expect(store.verify("a").ending == .neverOpened)
                let report = try store.closeInterrupted(at: now, programVersion: "0")
                #expect(report.closed.map(\.sessionID) == ["a"])
                #expect(report.closed.first?.opening == nil)
                #expect(
                    store.verify("a").findings == [],
                    "anchor \(anchorLength), record \(String(describing: recordLength))")
                #expect(try store.history(personID: "P-1", muscle: "vmo", side: "left").unreadable == [])
            }
        }
    }

    // Proves R-REC-04.
    @Test("A data folder that is a file, or cannot be made, or is too small")
    func unusable() throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        try write("x", to: folder + "/file")
        func failure(_ path: String, _ needed: Int64 = 1) -> RecordFailure? {
            do {
                try SessionStore(folder: path).prepare(neededBytes: needed)
                return nil
            } catch { return error }
        }
        guard case .system(let error, _)? = failure(folder + "/file/data") else {
            Issue.record("a file was taken for a folder")
            return
        }
        #expect(error.number == ENOTDIR)
        #expect(failure("/proc/motorpoint/data") != nil)
        #expect(failure("") != nil)
        guard case .tooLittleSpace(let free, Int64.max, _)? = failure(folder + "/data", Int64.max) else {
            Issue.record("there is no disk of that size")
            return
        }
        #expect(free > 0)
        // The trial file is gone.
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/data/sessions") == [])
    }

    // Proves R-REC-04.
    @Test("A read-only folder is refused before a session")
    func readOnly() throws {
        let store = try makeStore()
        defer {
            try? setMode(store.sessionsFolder, 0o700)
            removeFolder(store.folder)
        }
        try setMode(store.sessionsFolder, 0o500)
        var failure: RecordFailure?
        do { try store.prepare(neededBytes: 1) } catch { failure = error }
        // Permissions do not bind the superuser; a kernel file system binds him, too.
        if geteuid() == 0 {
            do { try SessionStore(folder: "/sys/motorpoint").prepare(neededBytes: 1) } catch { failure = error }
        }
        guard case .system(let error, _)? = failure else {
            Issue.record("accepted")
            return
        }
        #expect([EACCES, EROFS, EPERM].contains(error.number))
        #expect(failure?.hint.contains("may write to") == true)
    }

    // Proves R-REC-03.
    @Test("A disk that fills up in mid-session latches; what was acknowledged is there")
    func fileSizeLimit() throws {
        let store = try makeStore()
        defer { removeFolder(store.folder) }
        // Above what any other test writes at the same time; without the signal, the write fails as on a full disk.
        let oldHandler = signal(SIGXFSZ, SIG_IGN)
        let me = String(getpid())
        #expect(try run("prlimit", "--pid", me, "--fsize=\(12 * 1_024 * 1_024):") == 0)
        defer {
            _ = try? run("prlimit", "--pid", me, "--fsize=unlimited:")
            _ = signal(SIGXFSZ, oldHandler)
        }
        var writer = try store.create(anOpening(), at: aTime(0))
        var acknowledged = writer.recordCount
        let note = try SessionNote(kind: "filler", text: String(repeating: "x", count: 2_000_000), by: "test").encode()
        var failure: RecordFailure?
        for step in 1...10 where failure == nil {
            do {
                try writer.append(.note, note, at: aTime(Int64(step)))
                try writer.commit()
                acknowledged = writer.recordCount
            } catch { failure = error }
        }
        guard case .system(let error, _)? = failure else {
            Issue.record("the limit did not bite")
            return
        }
        #expect(error.number == EFBIG)
        #expect(failure?.hint.contains("free space") == true)
        let examination = store.verify(writer.sessionID)
        #expect(examination.recordCount == acknowledged)
        // The opening, and six of the seven notes of 2 MB that 12 MiB would need to hold.
        #expect(acknowledged == 7)
        #expect(!examination.isDamaged)
    }
}

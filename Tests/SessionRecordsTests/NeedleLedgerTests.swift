import CareModel
import Foundation
import SessionRecords
import StimulusModel
import Testing

@Suite("The ledger of needles outlives the program")
struct NeedleLedgerTests {
    private func prepare(_ scratch: ScratchStore, person: String = "P-0042") throws -> PreparedNeedles {
        try Needles.session(scratch, person: person).prepare(
            asker: ScriptedAsker(Needles.two), clock: SteppingClock().now)
    }

    private func opening(_ id: String, _ prepared: PreparedNeedles, person: String = "P-0042") -> SessionOpening {
        var opening = anOpening(id: id, person: person)
        opening.needles = prepared.recorded
        opening.trayID = prepared.trayID
        return opening
    }

    /// The program died with needles in: nothing but files is left.
    private func die(_ scratch: ScratchStore, session: String?) throws {
        var prepared = try prepare(scratch)
        guard let session else { return }
        prepared = try Needles.session(scratch).enter(prepared, sessionID: session)
        var writer = try scratch.store.create(opening(session, prepared), at: aTime(0))
        try writer.commit()
    }

    private func recover(_ scratch: ScratchStore) throws -> [NeedleIncident] {
        let now = SteppingClock(aNoon + 600_000_000_000).now()
        let report = try scratch.store.closeInterrupted(at: now, programVersion: "0")
        return try NeedleStore(scratch.store).recover(interrupted: report.closed, at: now)
    }

    // Proves R-NDL-04.
    @Test("A death between insertion and count is one incident at the next start, and none at the one after it")
    func death() throws {
        for session in [nil, "20261122-093512-00000a"] {
            let scratch = try ScratchStore()
            try die(scratch, session: session)
            let opened = try recover(scratch)
            #expect(opened.map(\.kind) == ["uncounted"], "\(String(describing: session))")
            #expect(opened.first?.openedBy == "program" && opened.first?.sessionID == session)
            #expect(opened.first?.text.contains("2 had been put in") == true)
            #expect(try recover(scratch) == [])
            #expect(try NeedleStore(scratch.store).openIncidents().count == 1)
        }
    }

    // Proves R-NDL-04, R-NDL-02.
    @Test("Where the tray is lost the record itself brings the incident")
    func lostTray() throws {
        let scratch = try ScratchStore()
        try die(scratch, session: "20261122-093512-00000a")
        removeFolder(scratch.folder + "/needles")
        let opened = try recover(scratch)
        #expect(opened.map(\.sessionID) == ["20261122-093512-00000a"])
        #expect(opened.first?.lots == ["L2231"] && opened.first?.places == ["vmo right"])
        // Its packages stay used.
        #expect(try NeedleStore(scratch.store).used().count == 2)
    }

    // Proves R-NDL-04.
    @Test("While somebody holds the needles nothing is taken for left, and nobody else prepares any")
    func held() throws {
        let scratch = try ScratchStore()
        let prepared = try prepare(scratch)
        #expect(try recover(scratch) == [])
        #expect(throws: NeedleSessionProblem.store(.inUse)) { try prepare(scratch, person: "P-0077") }
        withExtendedLifetime(prepared) {}
    }

    // Proves R-NDL-04.
    @Test("A tray of which nothing went in is no incident")
    func nothingWentIn() throws {
        let scratch = try ScratchStore()
        let unused = Needles.onePackage().dropLast(2) + [("dropped (or touched)", "unused")]
        // The terminal goes at the next question, and comes back for nobody: counting opens an incident of its own.
        #expect(throws: NeedleSessionProblem.gone) {
            try Needles.session(scratch).prepare(asker: ScriptedAsker(Array(unused)), clock: SteppingClock().now)
        }
        #expect(try NeedleStore(scratch.store).openIncidents().map(\.kind) == ["uncounted"])
        // A death at the same place leaves an answered tray.
        var tray = RecordedTray(
            id: "tray-x", personID: "P-0077", practitioner: "AB", wallNanoseconds: aNoon, utcOffsetSeconds: 0)
        var contents = NeedleTray()
        contents.packages = [try Needles.package(9)]
        contents.items = [
            NeedleItem(package: contents.packages[0], place: 1, isStraightBefore: true, fate: .unused)
        ]
        tray.take(contents)
        #expect(!tray.mayBeIn)
        try NeedleStore(scratch.store).write(tray)
        #expect(try recover(scratch) == [])
        #expect(try NeedleStore(scratch.store).trays().allSatisfy { $0.settledWallNanoseconds != nil })
    }

    // Proves R-NDL-04.
    /// Found by the soak: numbers of processes come again, after a restart of the computer above all.
    @Test("Half a file that a dead process of the same number left keeps no later start from its work")
    func halfAFile() throws {
        let scratch = try ScratchStore()
        try die(scratch, session: nil)
        let tray = try #require(try NeedleStore(scratch.store).trays().first)
        let number = ProcessInfo.processInfo.processIdentifier
        let half = "\(scratch.folder)/needles/trays/\(tray.id).json.part-\(number)"
        try write("{\"format\":\"motorpo", to: half)
        #expect(try recover(scratch).map(\.kind) == ["uncounted"])
        #expect(try NeedleStore(scratch.store).trays().count == 1)
    }

    // Proves R-NDL-04.
    @Test("An open incident keeps its person from needles, not others; closing it with a note lets them again")
    func blocks() throws {
        let scratch = try ScratchStore()
        let ledger = NeedleStore(scratch.store)
        try die(scratch, session: nil)
        let incident = try #require(try recover(scratch).first)
        let problem = #expect(throws: NeedleSessionProblem.self) { try prepare(scratch) }
        #expect(problem == .openIncidents([incident]))
        #expect(throws: NeedleSessionProblem.openIncidents([incident])) {
            try Needles.session(scratch).checkIncidents()
        }
        // Others are not kept from theirs; package numbers go on.
        #expect(try prepare(scratch, person: "P-0077").recorded.map(\.package.number) == [3, 4])
        let now = SteppingClock().now()
        #expect(throws: NeedleStoreProblem.noSuchIncident("i-9")) {
            try ledger.close("i-9", by: "CD", note: "x", at: now)
        }
        let closed = try ledger.close(String(incident.id.dropLast(2)), by: "CD", note: "both in the bin", at: now)
        #expect(
            closed.end == NeedleIncidentEnd?.some(try #require(closed.end)) && closed.end?.note == "both in the bin")
        #expect(closed.end?.by == "CD" && closed.text == incident.text)
        #expect(throws: NeedleStoreProblem.alreadyClosed(incident.id)) {
            try ledger.close(incident.id, by: "EF", note: "again", at: now)
        }
        #expect(try ledger.incidents().map(\.isOpen) == [false] && ledger.openIncidents().isEmpty)
        #expect(try prepare(scratch).gates.contains(.noOpenIncident))
    }

    // Proves R-NDL-08.
    @Test(
        "A file of the ledger that cannot be believed stops everything that would rest on it",
        arguments: ["", "{}", "{\"format\":\"motorpoint-incident-9\"}", "not json", "\u{0}"])
    func damaged(content: String) throws {
        for folder in ["incidents", "trays"] {
            let scratch = try ScratchStore()
            try die(scratch, session: nil)
            _ = try recover(scratch)
            let path = "\(scratch.folder)/needles/\(folder)/i-1.json"
            try write(content, to: path)
            let ledger = NeedleStore(scratch.store)
            #expect(throws: NeedleStoreProblem.unreadable([path])) {
                _ = folder == "trays" ? try ledger.trays().count : try ledger.incidents().count
            }
            #expect(throws: NeedleSessionProblem.store(.unreadable([path]))) { try prepare(scratch, person: "P-0077") }
        }
        // A copy under another name is a stranger too: it would come back to life when the first is closed.
        let scratch = try ScratchStore()
        try die(scratch, session: nil)
        let incident = try #require(try recover(scratch).first)
        let folder = "\(scratch.folder)/needles/incidents"
        try FileManager.default.copyItem(atPath: "\(folder)/\(incident.id).json", toPath: "\(folder)/copy.json")
        #expect(throws: NeedleStoreProblem.unreadable(["\(folder)/copy.json"])) {
            try NeedleStore(scratch.store).incidents()
        }
    }

    // Proves R-NDL-08.
    @Test("A disk that takes nothing stops before the package is opened")
    func fullDisk() throws {
        let scratch = try ScratchStore()
        try FileManager.default.createDirectory(
            atPath: scratch.folder + "/needles", withIntermediateDirectories: true)
        try write("in the way", to: scratch.folder + "/needles/trays")
        let asker = ScriptedAsker(Needles.two)
        #expect(throws: NeedleSessionProblem.self) {
            try Needles.session(scratch).prepare(asker: asker, clock: SteppingClock().now)
        }
        #expect(asker.asked == [])
    }

    // MARK: - Record, index, recall, report, export

    private func closedNeedleSession(_ scratch: ScratchStore, _ id: String, person: String = "P-0042") throws {
        let session = Needles.session(scratch, person: person)
        var prepared = try prepare(scratch, person: person)
        prepared = try session.enter(prepared, sessionID: id)
        var writer = try scratch.store.create(opening(id, prepared, person: person), at: aTime(0))
        var closing = aClosing()
        session.close(prepared, asker: ScriptedAsker(Needles.counted), clock: SteppingClock().now).enter(into: &closing)
        try writer.close(closing, at: aTime(100))
    }

    @Test("Records of before needles are read as they were, and are written as they were")
    func oldRecords() throws {
        let opening = try anOpening().encode()
        let closing = try aClosing().encode()
        let text = String(decoding: opening + closing, as: UTF8.self)
        for key in ["needle", "trayID", "incident"] { #expect(!text.contains(key), "\(key)") }
        #expect(SessionOpening.decode(opening)?.needles == nil && SessionOpening.decode(opening) != nil)
        #expect(SessionClosing.decode(closing)?.needleCount == nil && SessionClosing.decode(closing) != nil)
    }

    @Test("The row of a session names its lots, from the index as from the record")
    func index() throws {
        let scratch = try ScratchStore()
        try closedNeedleSession(scratch, "20261122-093512-00000a")
        try scratch.add("20261123-093512-00000b")
        let later = WallTime(nanoseconds: WallClock.now().nanoseconds + 3_600_000_000_000, utcOffsetSeconds: 0)
        let first = try scratch.store.indexedRows(now: later)
        let second = try scratch.store.indexedRows(now: later)
        #expect(second.report == .current && first.rows == second.rows)
        #expect(second.rows.map(\.lots) == [["L2231"], []] && second.rows.map(\.needles) == [2, nil])
        #expect(second.rows.map(\.incidentIDs) == [[], []])
    }

    @Test("Lots with any sign in them come back from the index as they were")
    func indexOfOddLots() throws {
        let scratch = try ScratchStore()
        let lots = ["", "12:ab", "A,B", "L:1|2", "ünï + 3"]
        var opening = anOpening(id: "20261122-093512-00000a")
        opening.needles = try lots.enumerated().map { number, lot in
            RecordedNeedle(Needles.item(try Needles.package(Int32(number), make: Needles.make(lot: lot))))
        }
        var closing = aClosing()
        closing.incidentIDs = ["i-1", "i-2"]
        var writer = try scratch.store.create(opening, at: aTime(0))
        try writer.close(closing, at: aTime(100))
        let later = WallTime(nanoseconds: WallClock.now().nanoseconds + 3_600_000_000_000, utcOffsetSeconds: 0)
        _ = try scratch.store.indexedRows(now: later)
        let kept = try scratch.store.indexedRows(now: later)
        #expect(kept.report == .current)
        #expect(kept.rows.map(\.lots) == [lots] && kept.rows.map(\.incidentIDs) == [["i-1", "i-2"]])
    }

    // Proves R-NDL-08.
    /// The disk fails when the second package is to be kept: that one is not opened, and the first is still counted.
    @Test("A disk that fails between two packages opens no second one, and the first is not forgotten")
    func diskFailsInBetween() throws {
        let scratch = try ScratchStore()
        let trays = scratch.folder + "/needles/trays"
        let asker = FailingAsker(Needles.two, before: "Same as the last") {
            try FileManager.default.moveItem(atPath: trays, toPath: trays + "-away")
            try write("in the way", to: trays)
        }
        let problem = #expect(throws: NeedleSessionProblem.self) {
            try Needles.session(scratch).prepare(asker: asker, clock: SteppingClock().now)
        }
        guard case .notKept? = problem else {
            Issue.record("\(String(describing: problem))")
            return
        }
        #expect(asker.asked.count { $0.contains("Opened?") } == 1)
        #expect(asker.asked.contains { $0.contains("How did it come out") })
        // The disk is back: what was kept of the first needle becomes an incident, since no count could be written.
        try FileManager.default.removeItem(atPath: trays)
        try FileManager.default.moveItem(atPath: trays + "-away", toPath: trays)
        #expect(try recover(scratch).map(\.kind) == ["uncounted"])
    }

    // Proves R-NDL-06.
    @Test("A recall finds every person of a lot once, from records and trays, and names what it cannot read")
    func recall() throws {
        let scratch = try ScratchStore()
        try closedNeedleSession(scratch, "20261122-093512-00000a")
        try closedNeedleSession(scratch, "20261122-103512-00000b", person: "P-0077")
        // Opened and never used in a session.
        #expect(throws: NeedleSessionProblem.left) {
            try Needles.session(scratch, person: "P-0099").prepare(
                asker: ScriptedAsker(
                    Needles.onePackage() + [
                        ("Same as the last", "quit"), ("How did it come out", "straight"), ("came out", "1"),
                        ("dropped or touched", "0"), ("not used", "0"), ("sharps bin", "1"),
                    ]), clock: SteppingClock().now)
        }
        let ledger = NeedleStore(scratch.store)
        let found = try ledger.recall(lot: "l 2231")
        #expect(found.uses.map(\.personID).sorted() == ["P-0042", "P-0077", "P-0099"])
        #expect(found.uses.map(\.inserted).reduce(0, +) == 5 && found.unreadable.isEmpty)
        #expect(found.uses.allSatisfy { $0.places == ["vmo right"] })
        #expect(try ledger.recall(lot: "L22").uses.isEmpty)
        // Without the trays the records still know.
        removeFolder(scratch.folder + "/needles")
        #expect(
            try ledger.recall(lot: "L2231").uses.map(\.sessionID) == [
                "20261122-093512-00000a", "20261122-103512-00000b",
            ])
        try scratch.put([1, 2, 3], scratch.store.paths("20261122-093512-00000a").record)
        #expect(try ledger.recall(lot: "L2231").unreadable == ["20261122-093512-00000a"])
    }

    @Test("Report and export say what went in and what came out")
    func reportAndExport() throws {
        let scratch = try ScratchStore()
        let id = "20261122-093512-00000a"
        try closedNeedleSession(scratch, id)
        let (story, examination) = SessionStory.read(id, in: scratch.store)
        let wording = ReportWording(event: { _ in nil }, limit: { ($0.kind, "\($0.value)", $0.setBy) })
        let html = try SessionReport(
            story, examination, written: WallTime(nanoseconds: aNoon, utcOffsetSeconds: 0), programVersion: "9",
            wording: wording
        ).html()
        for needed in [
            "<h2>Needles</h2>", "ACME/L2231/1", "lot L2231, expiry 2099-03", "after straight", "20 mm as stated",
            "opened and unused", "disposed of",
        ] { #expect(html.contains(needed), "\(needed)") }
        #expect(!html.contains("pad area") && !html.contains("not counted"))
        let table = try #require(ExportTable(named: "needles"))
        let rows = table.rows(ExportedSession(id, in: scratch.store))
        #expect(rows.count == 2)
        for row in rows {
            for (column, cell) in zip(table.columns, row) {
                #expect(column.range.holds(cell), "\(column.name): \(cell)")
            }
        }
        let sessions = try #require(ExportTable(named: "sessions"))
        let row = sessions.rows(ExportedSession(id, in: scratch.store))[0]
        func cell(_ name: String) -> ExportCell? {
            sessions.columns.firstIndex { $0.name == name }.map { row[$0] }
        }
        #expect(cell("needles_opened") == .integer(2) && cell("needles_removed") == .integer(2))
        #expect(cell("needle_lots") == .text("L2231") && cell("needle_incidents") == .missing)
    }
}

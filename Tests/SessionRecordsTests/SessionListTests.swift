import Foundation
import SafetyKernel
import SessionRecords
import Testing

@Suite("Lists, history, clock and ids")
struct SessionListTests {
    private func summary(
        _ id: String, _ opening: SessionOpening?, _ closing: SessionClosing?, interruption: SessionInterruption? = nil,
        running: Bool = false, last: Int64? = nil, problem: String? = nil
    ) -> SessionSummary {
        SessionSummary(
            sessionID: id, opening: opening, closing: closing, interruption: interruption, isRunning: running,
            lastWallNanoseconds: last, problem: problem)
    }

    // Proves R-DUR-04, R-DUR-05.
    @Test("History holds one person, muscle and side; searches are flagged; what is unknown counts")
    func history() {
        let hour: Int64 = 3_600_000_000_000
        let all = [
            summary("4", anOpening(id: "4", wall: aNoon + 30 * hour), nil, last: aNoon + 31 * hour),
            summary("1", anOpening(id: "1"), aClosing()),
            summary("2", anOpening(id: "2", stage: "search", wall: aNoon + hour), aClosing(contractions: 0)),
            summary("3", anOpening(id: "3", side: "left"), aClosing()),
            summary("5", anOpening(id: "5", person: "P-0043"), aClosing()),
            summary("6", anOpening(id: "6", muscle: "gmed"), aClosing()),
            summary("7", nil, nil, problem: "?"),
        ]
        let history = SessionHistory(of: all, personID: "P-0042", muscle: "vmo", side: "right")
        #expect(history.sessions.map(\.sessionID) == ["1", "2", "4"])
        #expect(history.sessions.map(\.isSearch) == [false, true, false])
        #expect(history.sessions.map(\.countsAsTreatment) == [true, false, true])
        #expect(history.sessions[0].contractionsDone == 10)
        #expect(history.sessions[0].endWallNanoseconds == aNoon + 600_000_000_000)
        #expect(history.sessions[2].wasCutShort)
        #expect(history.sessions[2].contractionsDone == nil)
        #expect(history.sessions[2].endWallNanoseconds == aNoon + 31 * hour)
        #expect(history.unreadable == ["7"])
        // Two treatments, the search not counted; rest is counted from the end of the last, rounded down.
        let now = WallTime(nanoseconds: aNoon + 33 * hour + 999_999, utcOffsetSeconds: 0)
        let forKernel = history.treatmentHistory(now: now)
        // The one that was cut short counts for rest; nothing proves that it treated anybody.
        #expect(history.sessions.map(\.isProven) == [true, false, false])
        #expect(
            forKernel
                == TreatmentHistory(
                    earlierTreatments: 2, millisecondsSinceLast: 2 * 3_600_000, provenTreatments: 1))
        let before = history.treatmentHistory(now: WallTime(nanoseconds: aNoon, utcOffsetSeconds: 0))
        #expect(before.millisecondsSinceLast < 0)
        // A session that ended after its search, or in which this channel was never raised, proves nothing either.
        var searched = aClosing(contractions: 0)
        searched.channelTreatmentPulses = [0]
        let naive = SessionHistory(
            of: [summary("1", anOpening(id: "1"), searched)], personID: "P-0042", muscle: "vmo", side: "right")
        #expect(naive.sessions.map(\.countsAsTreatment) == [true])
        #expect(naive.provenTreatments == 0)
        searched.channelTreatmentPulses = [12]
        let treated = SessionHistory(
            of: [summary("1", anOpening(id: "1"), searched)], personID: "P-0042", muscle: "vmo", side: "right")
        #expect(treated.provenTreatments == 1)
        let none = SessionHistory(of: [], personID: "P-1", muscle: "vmo", side: "left").treatmentHistory(now: now)
        #expect(none.earlierTreatments == 0)
    }

    // Proves R-DUR-08.
    @Test("A session that ended before any pulse does not count for rest")
    func nothingDelivered() {
        var closing = aClosing(reason: "stopped by practitioner", contractions: 0)
        closing.pulsesDelivered = 0
        let none = SessionHistory(
            of: [summary("1", anOpening(), closing)], personID: "P-0042", muscle: "vmo", side: "right")
        #expect(none.sessions.map(\.countsAsTreatment) == [false])
        closing.pulsesUnknown = 1
        let unknown = SessionHistory(
            of: [summary("1", anOpening(), closing)], personID: "P-0042", muscle: "vmo", side: "right")
        #expect(unknown.sessions.map(\.countsAsTreatment) == [true])
    }

    // Proves R-REC-09.
    @Test("A clock before the latest record is named with the session that shows it")
    func clock() {
        let all = [
            summary("1", nil, nil, last: aNoon), summary("2", nil, nil, last: aNoon + 5), summary("3", nil, nil),
        ]
        let back = ClockSetBack(now: WallTime(nanoseconds: aNoon + 4, utcOffsetSeconds: 0), summaries: all)
        #expect(back?.sessionID == "2")
        #expect(back?.latestRecordNanoseconds == aNoon + 5)
        #expect(ClockSetBack(now: WallTime(nanoseconds: aNoon + 5, utcOffsetSeconds: 0), summaries: all) == nil)
        #expect(ClockSetBack(now: WallTime(nanoseconds: 0, utcOffsetSeconds: 0), summaries: []) == nil)
    }

    @Test("Rows say how it ended, and line up")
    func listing() {
        let interruption = SessionInterruption.decode(
            Array(
                #"{"foundWallNanoseconds":1,"programVersion":"0","journalRecords":0,"unanchoredRecords":0,"#.utf8)
                + Array(#""tornBytes":0,"findings":[]}"#.utf8))
        #expect(interruption != nil)
        let rows = [
            summary("1", anOpening(), aClosing()), summary("2", anOpening(), nil, running: true),
            summary("3", anOpening(), nil, interruption: interruption), summary("4", nil, nil, problem: "gone"),
            summary("5", nil, nil, interruption: interruption), summary("6", anOpening(), nil),
        ].map { SessionListing($0) }
        #expect(
            rows.map(\.outcome) == [
                "completed", "running now", "interrupted", "damaged: gone", "never opened", "cut short",
            ])
        #expect(rows[0].highestAmplitude == "21 mA")
        #expect(rows[0].contractions == "10")
        #expect(rows[3].started == "?")
        let table = SessionListing.table(rows)
        // Two lines a session, titles first; outcomes below their title.
        #expect(table.count == 14)
        let column = table[1].range(of: "outcome")?.lowerBound
        #expect(column.map { table[3][$0...] } == "completed")
        #expect(table[2].hasPrefix("1 "))
        #expect(SessionListing.table([]).isEmpty)
        #expect(rows[0].started == "2025-11-24 17:00")
    }

    @Test("The longest person, id and outcome still fit 80 columns, and nothing is cut")
    func widest() throws {
        let person = "P-" + String(repeating: "9", count: 22)
        let reason = "fault: " + String(repeating: "Stimulator in an unexpected state, ", count: 4) + "end"
        let opening = anOpening(id: "20261122-093512-00000a", person: person, muscle: "gmed")
        let row = SessionListing(
            SessionRow(summary("20261122-093512-00000a", opening, aClosing(reason: reason))))
        let table = SessionListing.table([row])
        #expect(table.allSatisfy { $0.count <= SessionListing.width }, "\(table)")
        let words = table.joined(separator: " ").split(separator: " ").joined(separator: " ")
        #expect(words.contains(reason))
        #expect(words.contains(person))
    }

    @Test("Civil time agrees with Foundation's Gregorian calendar", arguments: [1, 2] as [UInt64])
    func civil(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: 0) ?? .gmt
        let edges: [Int64] = [0, -1, 951_782_399, 951_782_400, 951_868_800, 4_107_542_399, 4_107_542_400]
        let times = edges + (0..<500).map { _ in Int64.random(in: -2_000_000_000...8_000_000_000, using: &random) }
        for seconds in times {
            let civil = CivilTime(wallNanoseconds: seconds * 1_000_000_000, utcOffsetSeconds: 0)
            let parts = calendar.dateComponents(
                [.year, .month, .day, .hour, .minute, .second], from: Date(timeIntervalSince1970: Double(seconds)))
            let same =
                civil.year == parts.year && civil.month == parts.month && civil.day == parts.day
                && civil.hour == parts.hour && civil.minute == parts.minute && civil.second == parts.second
            #expect(same, "\(seconds), seed \(seed)")
        }
    }

    @Test("Ids sort as time does and fit the anchor")
    func ids() {
        let a = SessionStore.makeSessionID(at: WallTime(nanoseconds: aNoon, utcOffsetSeconds: 7_200), random: 0xA)
        let b = SessionStore.makeSessionID(
            at: WallTime(nanoseconds: aNoon + 1_000_000_000, utcOffsetSeconds: 0), random: 0)
        #expect(a == "20251124-160000-00000a")
        #expect(a < b)
        #expect(a.utf8.count <= AnchorLayout.longestSessionID)
        let now = WallClock.now()
        #expect(now.nanoseconds > aNoon)
        #expect(SessionStore.makeSessionID(at: now) != SessionStore.makeSessionID(at: now))
    }

    @Test("A session is found by its id, or by a beginning that only it has")
    func lookup() throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let store = SessionStore(folder: folder)
        #expect(throws: SessionLookupProblem.noSuchSession("2026")) { try store.find("2026") }
        try store.prepare(neededBytes: 1)
        for id in ["20261122-1", "20261122-2", "20261123-1"] {
            _ = try store.create(anOpening(id: id), at: aTime(0))
        }
        #expect(try store.find("20261122-1") == "20261122-1")
        #expect(try store.find("20261123") == "20261123-1")
        #expect(throws: SessionLookupProblem.ambiguous("20261122", ["20261122-1", "20261122-2"])) {
            try store.find("20261122")
        }
        #expect(throws: SessionLookupProblem.noSuchSession("")) { try store.find("") }
    }
}

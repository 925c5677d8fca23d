// The needles around every session of a world, through the real conversation and the real ledger, and what the judge
// holds against them. It looks on: what happens here changes nothing in the rest of the world.
internal import CareModel
internal import RigSimulator
internal import SessionRecords
internal import StimulusModel
internal import VirtualHost

final class NeedleDesk {
    private let seed: UInt64
    private let folder: LedgerFolder
    private let shelf = NeedleShelf()
    private let sites: [NeedleSite]
    private let needsSecondPerson: Bool
    private var random: SplitMix64
    private(set) var books = NeedleBooks()
    private var begun: UInt64 = 0
    private var sessions = 0
    /// Needles that are in while a session runs.
    private var inUse: (needles: PreparedNeedles, by: PretendPractitioner)?
    private(set) var trace = TraceHash()
    private var notes: [String] = []
    private var findings: [String] = []
    /// After the first finding its books agree with nothing any more.
    private var isOver = false

    init(seed: UInt64, channels: Int) throws {
        self.seed = seed
        folder = try LedgerFolder()
        random = SplitMix64(seed: seed)
        sites = Array(
            [NeedleSite(muscle: .vmo, side: .right), NeedleSite(muscle: .gluteusMedius, side: .right)]
                .prefix(channels))
        needsSecondPerson = random.below(3) == 0
    }

    private var ledger: NeedleStore { NeedleStore(SessionStore(folder: folder.path)) }

    /// What was found and what happened since it was last asked.
    func take() -> (findings: [String], notes: [String]) {
        if !findings.isEmpty { isOver = true }
        defer { (findings, notes) = ([], []) }
        return (findings, notes)
    }

    private func note(_ name: String) { notes.append("needles: \(name)") }
    private func find(_ text: String) { findings.append(text) }

    // MARK: - What the world calls

    /// A program starts, and goes on until needles are in and a session may begin.
    func begin() {
        guard !isOver else { return }
        for attempt in 0..<12 {
            begun += 1
            // Of each start its own draws, so that a shorter script keeps those of the starts that are left.
            random = SplitMix64(seed: seed ^ begun &* 0xA24B_AED4_963E_E407)
            guard start(), findings.isEmpty else { return }
            if prepare(isCalm: attempt >= 6) { return }
            guard findings.isEmpty else { return }
        }
        find("nobody can be prepared any more")
    }

    /// The output is off: the needles are counted.
    func count() {
        guard let (needles, hands) = inUse else { return }
        inUse = nil
        hands.beginCount()
        let session = session(of: hands.tray.person)
        let outcome = session.close(needles, asker: hands, clock: hands.now)
        collect(hands)
        guard !hands.isDead else { return goOn() }
        if let problem = outcome.problem { find("the count could not be written: \(problem)") }
        judgeCount(hands.tray)
        guard findings.isEmpty else { return }
        var closing = Self.blank
        outcome.enter(into: &closing)
        let tray = hands.tray
        if outcome.isBalanced != (tray.end == .balanced) {
            find("the outcome says balanced: \(outcome.isBalanced), the figures \(tray.end)")
        }
        if Set(closing.incidentIDs ?? []) != tray.openIncidents {
            find("the record would name \(closing.incidentIDs?.count ?? 0) incidents of \(tray.openIncidents.count)")
        }
    }

    private static let blank = SessionClosing(
        reason: "completed", faultCode: 0, pulsesDelivered: 0, pulsesUnknown: 0, pulsesSkipped: 0,
        contractionsDone: 0, titrationContractions: 0, maximumAmplitudeMicroamperes: 0, chargePicocoulombs: 0,
        thresholds: [], missedTicks: 0, latestWakeupNanoseconds: 0, consentWithdrawn: false, wallNanoseconds: 0)

    /// The process dies. With needles in, nobody counted them.
    func die() {
        if inUse != nil { note("death in the session") }
        inUse = nil
    }

    /// The world ends: one more start, which must account for everything.
    func finish() {
        inUse = nil
        guard !isOver else { return }
        begun += 1
        random = SplitMix64(seed: seed ^ begun &* 0xA24B_AED4_963E_E407)
        _ = start()
        trace.take(Int64(books.trays.count))
    }

    // MARK: - A start of the program

    /// `recover`, as the program calls it first of all, and what must stand there afterwards.
    private func start() -> Bool {
        let dead = books.trays.filter { $0.end == .open && !$0.kept.isEmpty }
        do throws(NeedleStoreProblem) {
            look("before the start")
            guard findings.isEmpty else { return false }
            if !dead.isEmpty, random.below(6) == 0 { try dieWhileRecovering(dead) }
            let opened = try ledger.recover(at: now())
            findings += books.recovered(opened, dead, try ledger.trays(), try ledger.incidents())
            if random.below(8) == 0, try !ledger.recover(at: now()).isEmpty {
                find("a second start makes incidents of what the first has settled")
            }
        } catch {
            find("no start any more: \(error)")
        }
        for tray in dead {
            trace.take(Int64(tray.openIncidents.count))
            if tray.end == .nothingIn, tray.unaccounted > 0 { note("hidden by what was typed") }
        }
        look("after the start")
        return findings.isEmpty
    }

    /// The incidents are durable, and the trays are not settled yet: the next start does it again.
    private func dieWhileRecovering(_ dead: [TrueTray]) throws(NeedleStoreProblem) {
        note("death while recovering")
        do { try folder.keep() } catch { find("the ledger's folder cannot be copied: \(error)") }
        let opened = try ledger.recover(at: now())
        findings += books.recovered(opened, dead, try ledger.trays(), try ledger.incidents())
        do { try folder.keepNewIncidents() } catch { find("the ledger's folder cannot be copied: \(error)") }
        goOn()
        for tray in dead { tray.end = .open }
    }

    private func now() -> WallTime {
        shelf.second += 60
        while !shelf.seconds.insert(shelf.second).inserted { shelf.second += 1 }
        return WallTime(nanoseconds: shelf.second * 1_000_000_000, utcOffsetSeconds: 3_600)
    }

    private func goOn() {
        do { try folder.goOn() } catch { find("the ledger's folder cannot be left: \(error)") }
    }

    // MARK: - Before a session

    private func session(of person: String) -> NeedleSession {
        NeedleSession(
            ledger: ledger, personID: person, practitioner: PretendPractitioner.initials, sites: sites,
            needsSecondPerson: needsSecondPerson)
    }

    /// - Returns: whether needles are in and a session begins.
    private func prepare(isCalm: Bool) -> Bool {
        let person = "P-000\(1 + random.below(3))"
        let isFree = books.unsettled(person).isEmpty
        let session = session(of: person)
        do throws(NeedleSessionProblem) {
            try session.checkIncidents()
            if !isFree { find("\(person) has needles that nobody accounted for, and is not refused") }
        } catch {
            refused(error, isFree, person, isCalm)
            // Whoever calls the next step without having looked is refused as well.
            if isCalm || random.below(3) != 0 { return false }
        }
        guard findings.isEmpty else { return false }
        let mayBegin = books.unsettled(person).isEmpty
        let tray = TrueTray(person: person)
        let hands = PretendPractitioner(
            tray, places: sites.map { "\($0.muscle.name)-\($0.side.name)" }, shelf: shelf, folder: folder,
            seed: random.next(), isCalm: isCalm)
        let problem = prepare(session, hands)
        collect(hands)
        if hands.isDead { goOn() }
        books.trays.append(tray)
        guard findings.isEmpty else { return false }
        guard let problem else {
            begins(tray, mayBegin)
            return findings.isEmpty && inUse != nil
        }
        if hands.isDead { return false }
        if case .store(let error) = problem { find("the ledger cannot be kept: \(error)") }
        if case .notKept(let words) = problem { find("the ledger cannot be kept: \(words)") }
        judgeCount(tray)
        return false
    }

    /// - Returns: why no session begins; nothing where needles are in.
    private func prepare(_ session: NeedleSession, _ hands: PretendPractitioner) -> NeedleSessionProblem? {
        do throws(NeedleSessionProblem) {
            let needles = try session.prepare(asker: hands, clock: hands.now)
            guard !hands.isDead else { return .gone }
            let id = "20261122-093512-" + String(1_000_000 + sessions).dropFirst()
            sessions += 1
            let entered = try session.enter(needles, sessionID: id)
            hands.tray.sessionID = id
            inUse = (entered, hands)
            if entered.recorded.map({ ToldNeedle(id: $0.id, fate: $0.fate) }) != hands.tray.told {
                find("the session has other needles than were told of")
            }
            return nil
        } catch {
            return error
        }
    }

    private func begins(_ tray: TrueTray, _ mayBegin: Bool) {
        note("session")
        if !mayBegin { find("a session begins for \(tray.person), whose needles are not accounted for") }
        look("after the needles went in")
    }

    /// Refused: by right, and then somebody looks for the needles and closes the incidents, or it waits.
    private func refused(_ problem: NeedleSessionProblem, _ isFree: Bool, _ person: String, _ isCalm: Bool) {
        guard case .openIncidents(let open) = problem else { return find("no look at the incidents: \(problem)") }
        note("person refused")
        if isFree { find("\(person) is refused, and no needle is unaccounted for") }
        let known = Set(books.unsettled(person).flatMap(\.openIncidents))
        if Set(open.map(\.id)) != known { find("\(open.count) incidents are named, \(known.count) are open") }
        guard isCalm || random.below(4) != 0 else { return }
        // Now and then one of several is forgotten.
        let closed = !isCalm && open.count > 1 && random.below(3) == 0 ? Array(open.dropLast()) : open
        do throws(NeedleStoreProblem) {
            for incident in closed {
                try ledger.close(incident.id, by: "EF", note: "looked for and found", at: now())
                books.closed(incident.id)
                note("incident closed")
            }
        } catch {
            find("an incident cannot be closed: \(error)")
        }
    }

    // MARK: - What is on the disk

    private func collect(_ hands: PretendPractitioner) {
        notes += hands.takeNotes()
        findings += hands.takeFindings()
        trace.take(Int64(bitPattern: hands.trace.value))
    }

    private func look(_ when: String) {
        do throws(NeedleStoreProblem) {
            findings += books.compare(try ledger.trays(), try ledger.incidents()).map { "\(when): \($0)" }
        } catch {
            find("\(when) the ledger cannot be read: \(error)")
        }
    }

    private func judgeCount(_ tray: TrueTray) {
        do throws(NeedleStoreProblem) {
            let incidents = try ledger.incidents()
            findings += books.judgeCount(tray, try ledger.trays(), incidents)
        } catch {
            find("after the count the ledger cannot be read: \(error)")
        }
        if tray.end == .balanced, tray.unaccounted > 0 { note("hidden by what was typed") }
        for kind in tray.reports { note("incident \(kind)") }
        if tray.end == .balanced { note("count that agrees") }
        look("after the count")
    }
}

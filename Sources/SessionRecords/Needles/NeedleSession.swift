// Needles around one session: asked for before it, kept while they are in, counted after it.
public import CareModel
public import StimulusModel

/// Why no session with needles may follow. Whatever had been opened was counted, or stands in an incident.
public enum NeedleSessionProblem: Error, Equatable, Sendable {
    case store(NeedleStoreProblem)
    /// Needles of this person are not accounted for.
    case openIncidents([NeedleIncident])
    case refused(NeedleProblem)
    /// The practitioner left, or the terminal went away.
    case left
    case gone
    case notKept(String)
}

/// Needles that are in, with everything that the session needs of them.
public struct PreparedNeedles: Sendable {
    public let trayID: String
    public let sites: [NeedleSite]
    /// `needlePackage`, `needleShown`, `needleSingleUse` and `noOpenIncident`, each as far as the ledger proves it.
    public let gates: GateSet
    let tray: NeedleTray
    var file: RecordedTray
    let needsSecondPerson: Bool
    /// While this lives no other process takes the tray for left.
    let hold: NeedleHold

    /// For `SessionOpening.needles`.
    public var recorded: [RecordedNeedle] { file.needles }

    /// Of the needles at one place, or of all, the part in tissue with the smallest surface.
    public func geometry(at site: NeedleSite? = nil) -> NeedleGeometry? { tray.items.smallestGeometry(at: site) }
}

/// How the needles ended.
public struct NeedleOutcome: Equatable, Sendable {
    /// With time out and condition, for `SessionClosing.needles`.
    public let recorded: [RecordedNeedle]
    /// Nothing where nobody counted.
    public let count: RecordedNeedleCount?
    public let incidents: [NeedleIncident]
    /// What could not be written; the tray then stays open, and the next start makes an incident of it.
    public let problem: NeedleStoreProblem?

    public var isBalanced: Bool {
        count?.count.mismatches.isEmpty == true && incidents.isEmpty && problem == nil
    }

    /// Puts it into the record's last entry.
    public func enter(into closing: inout SessionClosing) {
        closing.needles = recorded
        closing.needleCount = count
        closing.incidentIDs = incidents.map(\.id)
    }
}

public struct NeedleSession: Sendable {
    public let ledger: NeedleStore
    public let personID: String
    public let practitioner: String
    public let sites: [NeedleSite]
    public let needsSecondPerson: Bool

    public init(
        ledger: NeedleStore, personID: String, practitioner: String, sites: [NeedleSite], needsSecondPerson: Bool
    ) {
        self.ledger = ledger
        self.personID = personID
        self.practitioner = practitioner
        self.sites = sites
        self.needsSecondPerson = needsSecondPerson
    }

    /// Refuses while needles of this person are not accounted for: said before anybody is asked anything.
    public func checkIncidents() throws(NeedleSessionProblem) {
        let open: [NeedleIncident]
        do { open = try ledger.openIncidents(personID: personID) } catch { throw .store(error) }
        guard open.isEmpty else { throw .openIncidents(open) }
    }

    /// Asks for packages and needles.
    /// - Throws: when no session may follow; whatever was opened by then has been counted with the same asker.
    public func prepare<Asker: Questioner>(
        asker: Asker, clock: @escaping () -> WallTime
    ) throws(NeedleSessionProblem) -> PreparedNeedles {
        try checkIncidents()
        let hold: NeedleHold
        let used: Set<NeedlePackageKey>
        do {
            hold = try ledger.hold()
            used = try ledger.used()
        } catch {
            throw .store(error)
        }
        let start = clock()
        let today = CalendarDay(start)
        var file = RecordedTray(
            id: "tray-" + SessionStore.makeSessionID(at: start), personID: personID, practitioner: practitioner,
            wallNanoseconds: start.nanoseconds, utcOffsetSeconds: start.utcOffsetSeconds)
        let blank = file
        var conversation = NeedleConversation(
            NeedleSetting(
                sites: sites, practitioner: practitioner, needsSecondPerson: needsSecondPerson, used: used, today: today
            ),
            asker: asker, now: { clock().nanoseconds },
            keep: { tray in
                var kept = blank
                kept.take(tray)
                try ledger.write(kept)
            })
        do throws(NeedleStop) {
            try conversation.run()
        } catch {
            let tray = conversation.tray
            file.take(tray)
            let left = PreparedNeedles(
                trayID: file.id, sites: sites, gates: .none, tray: tray, file: file,
                needsSecondPerson: needsSecondPerson, hold: hold)
            if tray.opened > 0 { _ = close(left, asker: asker, clock: clock) }
            throw NeedleSessionProblem(error)
        }
        file.take(conversation.tray)
        return PreparedNeedles(
            trayID: file.id, sites: sites,
            gates: conversation.tray.gates(for: sites, on: today, usedBefore: used).union(.noOpenIncident),
            tray: conversation.tray, file: file, needsSecondPerson: needsSecondPerson, hold: hold)
    }

    /// Ties the needles to the session whose record is about to be made.
    public func enter(_ prepared: PreparedNeedles, sessionID: String) throws(NeedleSessionProblem) -> PreparedNeedles {
        var entered = prepared
        entered.file.sessionID = sessionID
        do {
            try ledger.write(entered.file)
        } catch {
            throw .store(error)
        }
        return entered
    }

    /// Counts, after the output is off. It always comes back: with a count that agrees, or with an incident.
    public func close<Asker: Questioner>(
        _ prepared: PreparedNeedles, asker: Asker, clock: @escaping () -> WallTime
    ) -> NeedleOutcome {
        var closing = NeedleClosing(
            prepared.tray, practitioner: practitioner, needsSecondPerson: prepared.needsSecondPerson, asker: asker,
            now: { clock().nanoseconds })
        let result = closing.run()
        var file = prepared.file
        file.needles = result.items.map { RecordedNeedle($0) }
        file.count = result.count.map { RecordedNeedleCount($0, confirmedBy: result.confirmedBy) }
        var incidents: [NeedleIncident] = []
        var problem: NeedleStoreProblem?
        do throws(NeedleStoreProblem) {
            for report in result.reports {
                let by = report.kind == .uncounted ? "program" : practitioner
                incidents.append(try ledger.open(report, about: file, by: by, at: clock()))
            }
            file.incidentIDs = incidents.map(\.id)
            file.settledWallNanoseconds = clock().nanoseconds
            try ledger.write(file)
        } catch {
            problem = error
        }
        withExtendedLifetime(prepared.hold) {}
        return NeedleOutcome(recorded: file.needles, count: file.count, incidents: incidents, problem: problem)
    }
}

extension NeedleSessionProblem {
    fileprivate init(_ stop: NeedleStop) {
        switch stop {
        case .left: self = .left
        case .gone: self = .gone
        case .refused(let problem): self = .refused(problem)
        case .notKept(let words): self = .notKept(words)
        }
    }
}

extension CalendarDay {
    /// The day that the practice's own calendar showed.
    public init(_ time: WallTime) {
        let civil = CivilTime(wallNanoseconds: time.nanoseconds, utcOffsetSeconds: time.utcOffsetSeconds)
        // A clock beyond every calendar is a day on which everything has expired: what is not known must not pass.
        self = CalendarDay(year: civil.year, month: civil.month, day: civil.day) ?? .latest
    }
}

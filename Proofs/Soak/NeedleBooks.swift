// The desk's own books of all trays, and the comparison with what stands on the disk.
internal import CareModel
internal import SessionRecords

struct NeedleBooks {
    var trays: [TrueTray] = []

    /// Trays of a person that keep another session from beginning.
    func unsettled(_ person: String) -> [TrueTray] { trays.filter { $0.person == person && !$0.isSettled } }

    /// Where the ledger keeps a tray: by the numbers of its packages, which no other has.
    private func recorded(_ tray: TrueTray, _ all: [RecordedTray]) -> [RecordedTray] {
        let numbers = Set(tray.kept.map(\.number))
        return all.filter { one in one.packages.contains { numbers.contains($0.number) } }
    }

    private func owner(of one: RecordedTray) -> TrueTray? {
        let numbers = Set(one.packages.map(\.number))
        return trays.first { $0.kept.contains { numbers.contains($0.number) } }
    }

    /// A person looked for the needles of the incident's tray.
    func closed(_ id: String) {
        for tray in trays where tray.openIncidents.remove(id) != nil {
            tray.closedIncidents.insert(id)
            if tray.openIncidents.isEmpty { tray.recoverAll() }
        }
    }

    // MARK: - The disk, at any time

    /// What does not agree.
    func compare(_ kept: [RecordedTray], _ incidents: [NeedleIncident]) -> [String] {
        var found: [String] = []
        for one in kept where owner(of: one) == nil { found.append("a tray that nobody opened: \(one.packages.count)") }
        for tray in trays where !tray.kept.isEmpty { found += compare(tray, recorded(tray, kept)) }
        for incident in incidents {
            let tray = kept.first { $0.id == incident.trayID }.flatMap(owner)
            guard let tray else {
                found.append("an incident (\(incident.kind)) of a tray that nobody opened")
                continue
            }
            if incident.personID != tray.person { found.append("an incident of \(tray.person) on another's name") }
            if tray.openIncidents.contains(incident.id) != incident.isOpen, tray.end != .open {
                found.append("an incident (\(incident.kind)) of \(tray.person) is open: \(incident.isOpen)")
            }
            if incident.end.map({ $0.by != "EF" }) ?? false { found.append("an incident that nobody closed is closed") }
        }
        let there = Set(incidents.map(\.id))
        for tray in trays where !tray.openIncidents.union(tray.closedIncidents).isSubset(of: there) {
            found.append("an incident of \(tray.person) is gone")
        }
        return found
    }

    /// Every needle that the program was told of once, as it was told.
    private func compare(_ tray: TrueTray, _ kept: [RecordedTray]) -> [String] {
        guard let one = kept.first, kept.count == 1 else {
            return ["\(tray.toldOpened) opened needles of \(tray.person) stand in \(kept.count) trays"]
        }
        var found: [String] = []
        if one.personID != tray.person { found.append("needles of \(tray.person) stand under \(one.personID)") }
        if one.packages.map({ "\($0.number) \($0.needles)" }) != tray.kept.map({ "\($0.number) \($0.typedNeedles)" }) {
            found.append("\(tray.kept.count) packages were opened for \(tray.person), kept are \(one.packages.count)")
        }
        if one.needles.map({ ToldNeedle(id: $0.id, fate: $0.fate) }) != tray.told {
            found.append("told of \(tray.told.count) needles of \(tray.person), kept are others: \(one.needles.count)")
        }
        if let id = tray.sessionID, one.sessionID != id { found.append("needles of a session are not tied to it") }
        if (one.settledWallNanoseconds != nil) != (tray.end != .open) {
            found.append("a tray is settled: \(one.settledWallNanoseconds != nil), and it ended \(tray.end)")
        }
        return found
    }

    // MARK: - After a count

    /// What the figures come to, by arithmetic of the judge's own, and what the ledger makes of them.
    func judgeCount(_ tray: TrueTray, _ kept: [RecordedTray], _ incidents: [NeedleIncident]) -> [String] {
        // Nothing was opened: nothing is to be counted.
        guard !tray.kept.isEmpty else { return [] }
        guard let one = recorded(tray, kept).first else { return ["a counted tray stands nowhere"] }
        var found: [String] = []
        let about = incidents.filter { $0.trayID == one.id }
        let expected = tray.reports + (tray.terminalWentAway ? ["uncounted"] : [])
        if about.map(\.kind).sorted() != expected.sorted() {
            found.append("reported \(expected), the ledger has \(about.map (\.kind))")
        }
        tray.openIncidents = Set(about.map(\.id))
        if tray.terminalWentAway {
            if one.count != nil { found.append("nobody counted to the end, and a count is kept") }
        } else if let figures = tray.figures {
            found += judge(figures, tray, one)
        } else {
            found.append("nobody typed figures, and it ended")
        }
        let isBalanced = expected.isEmpty && found.isEmpty
        tray.end = isBalanced ? .balanced : .reported
        if Set(one.incidentIDs) != tray.openIncidents { found.append("the tray does not name its incidents") }
        if isBalanced, tray.unaccounted > 0, tray.figuresWereTrue, !tray.hidACondition {
            found.append(
                "balanced, and \(tray.inPerson) needles are in \(tray.person), \(tray.lost) are lost")
        }
        return found
    }

    private func judge(_ figures: NeedleFigures, _ tray: TrueTray, _ one: RecordedTray) -> [String] {
        guard let count = one.count else { return ["figures were typed, and no count is kept"] }
        var found: [String] = []
        if count.removed != figures.removed || count.contaminated != figures.contaminated
            || count.unusedOpen != figures.unused || count.disposed != figures.disposed
            || count.opened != tray.toldOpened
        {
            found.append("the count that is kept is not the one that was typed")
        }
        let isExplained = tray.reports.contains { $0 == "missing" || $0 == "retained" }
        if !tray.agree(figures), !isExplained {
            found.append("a count that does not agree passes: \(tray.toldOpened) opened, \(figures)")
        }
        return found
    }

    // MARK: - After a start

    /// What `recover` made of the trays that a death left.
    func recovered(
        _ opened: [NeedleIncident], _ dead: [TrueTray], _ kept: [RecordedTray], _ incidents: [NeedleIncident]
    ) -> [String] {
        var found: [String] = []
        var theirs = 0
        for tray in dead {
            guard let one = recorded(tray, kept).first else {
                found.append("a tray of \(tray.person) that was left open is gone")
                continue
            }
            let about = opened.filter { $0.trayID == one.id }
            theirs += about.count
            if tray.mustBeReported, about.count != 1 {
                found.append(
                    "\(tray.toldOpened) opened needles of \(tray.person), left by a death: \(about.count) incidents")
            }
            if !tray.mustBeReported, !about.isEmpty { found.append("nothing was in, and an incident is made of it") }
            // Those too that were written before the death came.
            tray.openIncidents.formUnion(incidents.filter { $0.trayID == one.id && $0.isOpen }.map(\.id))
            tray.end = tray.openIncidents.isEmpty ? .nothingIn : .reported
            if tray.end == .nothingIn, tray.inPerson > 0, !tray.wasToldWrong {
                found.append("\(tray.inPerson) needles are in \(tray.person), and a start settled their tray")
            }
        }
        if theirs != opened.count { found.append("\(opened.count - theirs) incidents of what was settled") }
        return found
    }
}

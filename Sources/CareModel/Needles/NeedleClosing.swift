/// An incident as it is reported at the end of a session.
public struct NeedleReport: Equatable, Sendable {
    public let kind: NeedleIncidentKind
    public let text: String
    /// Of the needle, where it is known.
    public let itemID: String?

    public init(kind: NeedleIncidentKind, text: String, itemID: String?) {
        self.kind = kind
        self.text = text
        self.itemID = itemID
    }
}

/// How the needles of a session ended.
public struct NeedleResult: Equatable, Sendable {
    /// With time out and condition.
    public let items: [NeedleItem]
    /// Nothing where nobody counted.
    public let count: NeedleCount?
    public let reports: [NeedleReport]
    /// Initials of the second person who counted, where the clinic wants one.
    public let confirmedBy: String?

    public init(items: [NeedleItem], count: NeedleCount?, reports: [NeedleReport], confirmedBy: String?) {
        self.items = items
        self.count = count
        self.reports = reports
        self.confirmedBy = confirmedBy
    }

    /// Whether every needle is accounted for.
    public var isBalanced: Bool { count?.mismatches.isEmpty == true && reports.isEmpty }
}

/// The count after the output is off: `clinical.md` 3.2, N7, N8, N10. It cannot be left while the figures do not agree,
/// except by reporting an incident; a terminal that goes away reports one by itself (H28).
public struct NeedleClosing<Asker: Questioner> {
    private let practitioner: String
    private let needsSecondPerson: Bool
    private let questions: FormedQuestions<Asker>
    private let asker: Asker
    private let now: () -> Int64
    private var items: [NeedleItem]
    private let tray: NeedleTray
    private var reports: [NeedleReport] = []

    /// - Parameter now: nanoseconds since 1970 UTC.
    public init(
        _ tray: NeedleTray, practitioner: String, needsSecondPerson: Bool, asker: Asker, now: @escaping () -> Int64
    ) {
        self.tray = tray
        self.practitioner = practitioner
        self.needsSecondPerson = needsSecondPerson
        self.asker = asker
        self.now = now
        items = tray.items
        questions = FormedQuestions(asker: asker)
    }

    /// Asks until every needle is accounted for or an incident is reported.
    public mutating func run() -> NeedleResult {
        guard tray.opened > 0 else {
            let none = NeedleCount(
                opened: 0, inserted: 0, contaminated: 0, unusedOpen: 0, removed: 0, disposed: 0)
            return NeedleResult(items: [], count: none, reports: [], confirmedBy: nil)
        }
        asker.say(
            "\nNEEDLES. Clips off first; then every needle, opened or used, straight into the "
                + "sharps bin. If one is broken, missing or still in, type incident at any question.")
        while true {
            do throws(NeedleStop) {
                try askConditions()
                return try askCount()
            } catch {
                // Needles are in somebody: leaving is no answer.
                guard error == .left else { return givenUp() }
                asker.say(
                    "  It cannot be left before the needles are counted; `incident` reports what is wrong.")
            }
        }
    }

    private func givenUp() -> NeedleResult {
        let text = "The terminal went away before the needles were counted: \(items.inserted.count) were in."
        let report = NeedleReport(kind: .uncounted, text: text, itemID: nil)
        return NeedleResult(items: items, count: nil, reports: reports + [report], confirmedBy: nil)
    }

    // MARK: - Each needle

    private mutating func askConditions() throws(NeedleStop) {
        for index in items.indices where items[index].fate == .inserted {
            while items[index].conditionAfter == nil, !reports.contains(where: { $0.itemID == items[index].id }) {
                try askCondition(index)
            }
        }
    }

    private mutating func askCondition(_ index: Int) throws(NeedleStop) {
        let item = items[index]
        let place = item.site.map { ", \($0.title)" } ?? ""
        let word = try questions.word(
            "Out: \(item.id) (\(item.package.make.size)\(place)). How did it come out?",
            NeedleCondition.allCases.map(\.rawValue) + ["incident"])
        guard var condition = NeedleCondition(rawValue: word) else { return try askIncident(about: item.id) }
        // A short one may pass for a bent one (`clinical.md` 3.2, N8).
        if condition == .bent, try !questions.yes("Bent: laid beside a new one, is it whole?") { condition = .broken }
        var text = ""
        if condition == .broken {
            asker.say("  \(NeedleAdvice.breakage)")
            text = try questions.text("What was seen, and what was done:", longest: ChecklistItem.longestText)
        }
        items[index].outWallNanoseconds = now()
        items[index].conditionAfter = condition
        if condition == .broken { report(.broken, text, item.id) }
    }

    // MARK: - The count

    private mutating func askCount() throws(NeedleStop) -> NeedleResult {
        while true {
            if let count = try askFigures() {
                let mismatches = count.mismatches
                // One needle that broke explains no other that is gone.
                let isExplained = reports.contains { $0.kind == .missing || $0.kind == .retained }
                if !mismatches.isEmpty, !isExplained {
                    asker.say("  THE COUNT DOES NOT AGREE: " + mismatches.map(\.words).joined(separator: "; ") + ".")
                    asker.say("  Look again and count again, or type incident.")
                    continue
                }
                return NeedleResult(
                    items: items, count: count, reports: reports, confirmedBy: try askSecondPerson())
            }
            try askIncident(about: nil)
        }
    }

    private func askSecondPerson() throws(NeedleStop) -> String? {
        guard needsSecondPerson else { return nil }
        return try questions.secondPerson("A second person has counted too. Initials:", notBeing: practitioner)
    }

    /// - Returns: nothing when an incident is to be reported.
    private func askFigures() throws(NeedleStop) -> NeedleCount? {
        let most = Int64(tray.opened) + 100
        func figure(_ question: String) throws(NeedleStop) -> Int32? {
            try questions.number(question, in: 0...most, or: "incident").map { Int32(clamping: $0) }
        }
        var inserted = Int32(items.inserted.count)
        // Left in the middle: of these nobody has said whether they went in.
        if tray.unanswered > 0 {
            guard let more = try figure("Of \(tray.unanswered) opened needles nobody said more. How many went in?")
            else { return nil }
            inserted += more
        }
        guard let removed = try figure("COUNT: how many needles came out of the person?"),
            let contaminated = try figure("How many were dropped or touched before use?"),
            let unused = try figure("How many were opened and not used?"),
            let disposed = try figure("How many are in the sharps bin now?")
        else { return nil }
        return NeedleCount(
            opened: tray.opened, inserted: inserted, contaminated: contaminated, unusedOpen: unused, removed: removed,
            disposed: disposed)
    }

    // MARK: - An incident

    private mutating func askIncident(about itemID: String?) throws(NeedleStop) {
        let kinds = NeedleIncidentKind.allCases.filter { $0 != .uncounted }.map(\.rawValue)
        let word = try questions.word("What happened to the needle?", kinds + ["none"])
        guard let kind = NeedleIncidentKind(rawValue: word) else { return }
        asker.say("  \(kind.advice)")
        let text = try questions.text("What was seen, and what was done:", longest: ChecklistItem.longestText)
        report(kind, text, itemID)
        guard let itemID, let index = items.firstIndex(where: { $0.id == itemID }) else { return }
        // One that is still in has no time out.
        if kind == .broken {
            items[index].conditionAfter = .broken
            items[index].outWallNanoseconds = now()
        }
    }

    private mutating func report(_ kind: NeedleIncidentKind, _ text: String, _ itemID: String?) {
        reports.append(NeedleReport(kind: kind, text: text, itemID: itemID))
        asker.say("  The incident is kept. No new needle session of this person starts until it is closed.")
    }
}

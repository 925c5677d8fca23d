// What truly became of the needles of one tray, and what the program was told of them: two books, kept apart. The
// arithmetic is the judge's own.

/// One needle as it is, whatever anybody typed.
struct TrueNeedle {
    enum Place { case tray, person, bin, lost }
    enum Condition: String { case straight, bent, broken }

    /// As the ledger will call it; nothing for one that the program was not told of.
    let id: String?
    var place = Place.tray
    var wasIn = false
    var wasDropped = false
    /// How it came out; nothing while it is in, and for one that never was.
    var cameOut: Condition?
    /// A part of it is in the person.
    var hasLeftAPart = false
}

/// A package in the practitioner's hands.
struct TruePackage {
    let number: Int32
    let typedNeedles: Int32
    let needles: Int32
    /// The program has asked whether it was opened: from then on it must be on the disk.
    var isKept = false
}

/// What the program was told of one needle.
struct ToldNeedle: Equatable {
    let id: String
    let fate: String
}

/// Figures as they were typed, or as they truly are.
struct NeedleFigures: Equatable {
    /// Of needles of which nobody had said anything.
    var more: Int32 = 0
    var removed: Int32 = 0
    var contaminated: Int32 = 0
    var unused: Int32 = 0
    var disposed: Int32 = 0
}

/// The needles of one preparation: of one person, at one time.
final class TrueTray {
    enum End {
        /// Nobody counted yet; a process that died leaves it so.
        case open
        case balanced
        /// It stands in incidents.
        case reported
        /// Died, and nothing was in anybody.
        case nothingIn
    }

    let person: String
    var packages: [TruePackage] = []
    var needles: [TrueNeedle] = []
    /// What the program was told and has acknowledged by asking on.
    var told: [ToldNeedle] = []
    /// The last figures that were typed to the end.
    var figures: NeedleFigures?
    var figuresWereTrue = false
    /// A needle that broke or stayed in was called whole and out.
    var hidACondition = false
    /// One that is in was called unused.
    var wasToldWrong = false
    /// Kinds of the incidents that the practitioner reported, in order.
    var reports: [String] = []
    var terminalWentAway = false
    var end = End.open
    /// Known to the desk, by id.
    var openIncidents: Set<String> = []
    var closedIncidents: Set<String> = []
    var sessionID: String?

    init(person: String) { self.person = person }

    // MARK: - As they are

    var inPerson: Int { needles.count { $0.place == .person || $0.hasLeftAPart } }
    var lost: Int { needles.count { $0.place == .lost } }
    var unaccounted: Int { inPerson + lost }

    var trueFigures: NeedleFigures {
        let wereIn = Int32(needles.count(where: \.wasIn))
        return NeedleFigures(
            more: max(0, wereIn - toldInserted),
            removed: Int32(needles.count { $0.wasIn && $0.place != .person }),
            contaminated: Int32(needles.count { !$0.wasIn && $0.wasDropped }),
            unused: Int32(needles.count { !$0.wasIn && !$0.wasDropped }),
            disposed: Int32(needles.count { $0.place == .bin }))
    }

    /// Somebody looked for every needle, and has them all.
    func recoverAll() {
        for index in needles.indices {
            needles[index].place = .bin
            needles[index].hasLeftAPart = false
        }
    }

    // MARK: - As the program was told

    var kept: [TruePackage] { packages.filter(\.isKept) }
    var toldOpened: Int32 { kept.reduce(0) { $0 + $1.typedNeedles } }
    var toldInserted: Int32 { Int32(told.count { $0.fate == "inserted" }) }

    /// Whether these figures account for every needle that the program knows to be opened.
    func agree(_ figures: NeedleFigures) -> Bool {
        let unanswered = toldOpened - Int32(told.count)
        let inserted = toldInserted + (unanswered > 0 ? figures.more : 0)
        return figures.removed == inserted && figures.disposed == toldOpened
            && inserted + figures.contaminated + figures.unused == toldOpened
    }

    /// What somebody would type who only wants to be done.
    var pleasingFigures: NeedleFigures {
        let dropped = Int32(told.count { $0.fate == "contaminated" })
        return NeedleFigures(
            more: 0, removed: toldInserted, contaminated: dropped, unused: toldOpened - toldInserted - dropped,
            disposed: toldOpened)
    }

    /// Whether a start after a death has to report it: not every needle was answered for, or one went in.
    var mustBeReported: Bool { Int(toldOpened) != told.count || toldInserted > 0 }

    /// Whether another session of this person may follow.
    var isSettled: Bool {
        switch end {
        case .open: return kept.isEmpty
        case .balanced, .nothingIn: return true
        case .reported: return openIncidents.isEmpty
        }
    }
}

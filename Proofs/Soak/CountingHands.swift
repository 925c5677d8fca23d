// The hands that take needles out and count them, and what is typed about it.
internal import CareModel
internal import RigSimulator

struct CountingHands {
    private let tray: TrueTray
    private var manner: PretendPractitioner.Manner
    private var random: SplitMix64
    private var figures = NeedleFigures()
    private var pendingKind = ""
    private var nextKind = ""
    /// Needles that do not come out, as the practitioner knows.
    private var stuck: Set<String> = []
    private var slip: UInt32
    private var round = 0
    private var isTidy = false
    /// More than one thing goes wrong at a time.
    private let isClumsy: Bool
    private var notes: [String] = []

    init(_ tray: TrueTray, _ manner: PretendPractitioner.Manner, seed: UInt64) {
        self.tray = tray
        self.manner = manner
        random = SplitMix64(seed: seed)
        slip = random.below(8)
        isClumsy = random.below(8) == 0
    }

    mutating func takeNotes() -> [String] {
        defer { notes = [] }
        return notes
    }

    mutating func answer(_ question: String) -> String? {
        if question.contains("How did it come out?") { return takeOut(question) }
        if question.contains("laid beside a new one") { return laidBeside() }
        if question.contains("What was seen") {
            tray.reports.append(pendingKind)
            return "seen and noted"
        }
        if question.contains("What happened to the needle?") {
            pendingKind = nextKind
            return nextKind
        }
        return count(question)
    }

    // MARK: - Out

    private var beingAsked: Int?

    private mutating func takeOut(_ question: String) -> String {
        let id = question.split(separator: " ").dropFirst().first.map(String.init) ?? ""
        beingAsked = tray.needles.firstIndex { $0.id == id }
        guard let index = beingAsked else {
            nextKind = "missing"
            return "incident"
        }
        if tray.needles[index].place == .person, !stuck.contains(id) { draw(index, id) }
        if stuck.contains(id), manner != .pleases {
            nextKind = "retained"
            // It gives way after all.
            if random.below(6) == 0 {
                (tray.needles[index].place, tray.needles[index].cameOut) = (.tray, .straight)
                stuck.remove(id)
                nextKind = "none"
            }
            return "incident"
        }
        let condition = tray.needles[index].cameOut ?? .straight
        if condition == .broken, manner != .pleases {
            pendingKind = "broken"
            return random.below(2) == 0 ? "broken" : "bent"
        }
        if condition == .broken || tray.needles[index].place == .person { tray.hidACondition = true }
        return condition == .bent ? "bent" : "straight"
    }

    /// What the hands meet when they pull.
    private mutating func draw(_ index: Int, _ id: String) {
        let drawn = isClumsy ? 800 + random.below(200) : random.below(1_000)
        if drawn < 910 {
            (tray.needles[index].place, tray.needles[index].cameOut) = (.tray, .straight)
        } else if drawn < 935 {
            (tray.needles[index].place, tray.needles[index].cameOut) = (.tray, .bent)
            notes.append("bent")
        } else if drawn < 960 {
            (tray.needles[index].place, tray.needles[index].cameOut) = (.tray, .broken)
            tray.needles[index].hasLeftAPart = true
            notes.append("broken")
        } else if drawn < 985 {
            stuck.insert(id)
            notes.append("stuck")
        } else {
            // Overlooked: it is still in, and called out.
            notes.append("overlooked")
        }
    }

    private mutating func laidBeside() -> String {
        guard let index = beingAsked, tray.needles[index].cameOut == .broken else { return "yes" }
        pendingKind = "broken"
        return "no"
    }

    // MARK: - The count

    private mutating func count(_ question: String) -> String? {
        if question.contains("nobody said more") {
            figures.more = figure(\.more)
            return "\(figures.more)"
        }
        if question.contains("came out of the person") {
            tidy()
            if mustReport {
                nextKind = tray.inPerson > 0 ? "retained" : "missing"
                return "incident"
            }
            figures.removed = figure(\.removed)
            return "\(figures.removed)"
        }
        if question.contains("dropped or touched before use") {
            figures.contaminated = figure(\.contaminated)
            return "\(figures.contaminated)"
        }
        if question.contains("opened and not used") {
            figures.unused = figure(\.unused)
            return "\(figures.unused)"
        }
        guard question.contains("in the sharps bin now") else { return nil }
        figures.disposed = figure(\.disposed)
        tray.figures = figures
        tray.figuresWereTrue = figures == trueFigures
        return "\(figures.disposed)"
    }

    /// Of needles of which the program was told nothing it asks only where there are some.
    private var trueFigures: NeedleFigures {
        var figures = tray.trueFigures
        if Int(tray.toldOpened) <= tray.told.count { figures.more = 0 }
        return figures
    }

    /// The honest one who has looked twice says what is wrong.
    private var mustReport: Bool {
        let isReported = tray.reports.contains { $0 == "missing" || $0 == "retained" }
        return manner == .asThingsAre && round >= 2 && !isReported && !tray.agree(trueFigures)
    }

    private mutating func figure(_ which: WritableKeyPath<NeedleFigures, Int32>) -> Int32 {
        switch manner {
        case .pleases: return tray.pleasingFigures[keyPath: which]
        case .asThingsAre: return trueFigures[keyPath: which]
        case .slips:
            let value = trueFigures[keyPath: which]
            let fields: [WritableKeyPath<NeedleFigures, Int32>] = [\.removed, \.contaminated, \.unused, \.disposed]
            guard fields[Int(slip % 4)] == which else { return value }
            return slip >= 4 ? value + 1 : max(0, value - 1)
        }
    }

    /// Everything into the sharps bin; one may roll away.
    private mutating func tidy() {
        let first = !isTidy
        isTidy = true
        for index in tray.needles.indices where tray.needles[index].place == .tray {
            let rollsAway = first && random.below(isClumsy ? 8 : 60) == 0
            tray.needles[index].place = rollsAway ? .lost : .bin
            if rollsAway { notes.append("rolled away") }
        }
    }

    /// The count did not agree: whoever slipped counts again, and what lies about is found, mostly.
    mutating func lookAgain() {
        round += 1
        manner = .asThingsAre
        for index in tray.needles.indices where random.below(3) != 0 {
            let isForgotten = tray.needles[index].place == .person && !stuck.contains(tray.needles[index].id ?? "")
            guard tray.needles[index].place == .lost || isForgotten else { continue }
            if isForgotten { tray.needles[index].cameOut = .straight }
            tray.needles[index].place = .bin
        }
    }
}

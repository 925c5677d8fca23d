/// What the conversation about needles has to know.
public struct NeedleSetting: Sendable {
    /// Where needles go; each place gets a pair at least.
    public let sites: [NeedleSite]
    public let practitioner: String
    /// Whether a second person confirms packages and count.
    public let needsSecondPerson: Bool
    /// Every package that was opened in this installation before, and the highest number of each lot follows from it.
    public let used: Set<NeedlePackageKey>
    /// By the practice's own calendar.
    public let today: CalendarDay

    public init(
        sites: [NeedleSite], practitioner: String, needsSecondPerson: Bool, used: Set<NeedlePackageKey>,
        today: CalendarDay
    ) {
        self.sites = sites
        self.practitioner = practitioner
        self.needsSecondPerson = needsSecondPerson
        self.used = used
        self.today = today
    }
}

/// What has been opened so far: kept durable before the next question, so that no needle is in a body that no file
/// knows of.
public struct NeedleTray: Equatable, Sendable {
    public var packages: [NeedlePackage] = []
    /// Of the opened packages, as far as it was answered what became of them.
    public var items: [NeedleItem] = []

    public init() {}

    public var opened: Int32 { packages.reduce(0) { $0 + $1.needles } }
    /// Opened needles of which nobody said what became of them.
    public var unanswered: Int32 { opened - Int32(items.count) }

    public func inserted(at site: NeedleSite) -> Int { items.inserted.count { $0.site == site } }
}

/// Asks for every package and every needle before a session: `clinical.md` 3.2, N1 to N5, N8, N9. A package that may
/// not be used ends the conversation, and with it the session that was to come.
public struct NeedleConversation<Asker: Questioner> {
    private let setting: NeedleSetting
    private let questions: FormedQuestions<Asker>
    private let asker: Asker
    private let now: () -> Int64
    private let keep: (NeedleTray) throws -> Void
    public private(set) var tray = NeedleTray()

    /// - Parameters:
    ///   - now: nanoseconds since 1970 UTC.
    ///   - keep: makes the tray durable; called before a package is opened and after every needle.
    public init(
        _ setting: NeedleSetting, asker: Asker, now: @escaping () -> Int64,
        keep: @escaping (NeedleTray) throws -> Void
    ) {
        self.setting = setting
        self.asker = asker
        self.now = now
        self.keep = keep
        questions = FormedQuestions(asker: asker)
    }

    /// Runs to a pair in every place. What was opened up to a throw stands in `tray`.
    public mutating func run() throws(NeedleStop) {
        let places = setting.sites.map(\.title).joined(separator: "; ")
        asker.say(
            "\nNeedles for: \(places). Two at least in each place. Every package is shown to the person sealed. "
                + "Type quit to leave.")
        while true {
            try takePackage()
            let missing = setting.sites.filter { tray.inserted(at: $0) < NeedleRules.fewestPerSite }
            if let site = missing.first {
                asker.say("  \(tray.inserted(at: site)) of 2 needles are in (\(site.title)): another package.")
                continue
            }
            if try !questions.yes("Another package?") { return }
        }
    }

    // MARK: - A package

    private mutating func takePackage() throws(NeedleStop) {
        let make = try askMake()
        if let problem = make.problem(on: setting.today) { throw .refused(problem) }
        let needles = Int32(
            try questions.number("Needles in this package:", in: NeedleRules.typedNeedles) ?? 1)
        let number = try askNumber(make)
        let isMarked = try questions.yes("Is the sterilisation mark on it?")
        if !isMarked { throw .refused(.notMarkedSterile) }
        if try !questions.yes("Is the package whole, dry and not torn?") { throw .refused(.notIntact) }
        let isSingleUse = try questions.yes("Is it for this person alone, for one use?")
        if !isSingleUse { throw .refused(.notSingleUse) }
        var confirmedBy: String?
        if setting.needsSecondPerson {
            confirmedBy = try questions.secondPerson(
                "A second person has looked at the package. Initials:", notBeing: setting.practitioner)
        }
        let shownBy = try questions.text(
            "SHOW the sealed package to the person now. Shown by (initials, or no):", longest: 12)
        if ["no", "n"].contains(shownBy.lowercased()) { throw .refused(.notShown) }
        var package = NeedlePackage(
            make: make, number: number, needles: needles, isMarkedSterile: isMarked, isIntact: true,
            shownWallNanoseconds: now(), shownBy: shownBy, isSingleUse: isSingleUse, confirmedBy: confirmedBy)
        package.openedWallNanoseconds = now()
        if let problem = package.problem(on: setting.today, used: used) { throw .refused(problem) }
        // From here on the package counts as opened, whether the answer comes or not.
        tray.packages.append(package)
        try save()
        if try !questions.yes("Open it now, in front of the person. Opened?") { throw .left }
        for place in 1...needles { try takeNeedle(place, of: package) }
    }

    private func askMake() throws(NeedleStop) -> NeedleMake {
        if let last = tray.packages.last?.make {
            let words = "\(last.maker) \(last.productCode), \(last.size), lot \(last.lot), expiry \(last.expiry.text)"
            if try questions.yes("Same as the last (\(words))? Compare the print.") { return last }
        }
        let maker = try questions.text("Package \(tray.packages.count + 1): maker, as printed:")
        let code = try questions.text("Product code:")
        let diameter = try questions.number(
            "Diameter in mm:", decimals: 3, in: NeedleRules.typedMicrometres)
        let length = try questions.number("Length of the shaft in mm:", in: NeedleRules.typedMillimetres)
        let lot = try questions.text("Lot:")
        return NeedleMake(
            maker: maker, productCode: code, diameterMicrometres: Int32(diameter ?? 0),
            lengthMillimetres: Int32(length ?? 0), lot: lot, expiry: try askExpiry())
    }

    private func askExpiry() throws(NeedleStop) -> ExpiryDate {
        while true {
            let typed = try questions.text("Expiry (2027-03 or 2027-03-15):")
            do throws(ExpiryProblem) {
                return try ExpiryDate(typed)
            } catch {
                asker.say("  \(error.words)")
            }
        }
    }

    private var used: Set<NeedlePackageKey> { setting.used.union(tray.packages.map(\.key)) }

    /// The clinic's number of the package in its lot: what tells it from the one that was used before.
    private func askNumber(_ make: NeedleMake) throws(NeedleStop) -> Int32 {
        let ofLot = NeedlePackageKey(make: make, number: 0)
        let highest = used.filter { $0.maker == ofLot.maker && $0.lot == ofLot.lot }.map(\.number).max() ?? 0
        let next = highest < Int32.max ? highest + 1 : highest
        while true {
            let typed = try questions.number(
                "Number of this package in its lot, on the clinic's label, or `next` for \(next):",
                in: 1...Int64(Int32.max), or: "next")
            let number = Int32(typed ?? Int64(next))
            let key = NeedlePackageKey(make: make, number: number)
            if !used.contains(key) { return number }
            asker.say("  \(NeedleProblem.usedBefore(key).words)")
        }
    }

    // MARK: - A needle

    private mutating func takeNeedle(_ place: Int32, of package: NeedlePackage) throws(NeedleStop) {
        let name = "Needle \(place) of \(package.needles)"
        let isStraight = try questions.yes(
            "\(name): straight, and no corrosion where shaft and handle join?")
        guard isStraight else {
            asker.say("  It is not used: into the sharps bin.")
            return try put(NeedleItem(package: package, place: place, isStraightBefore: false, fate: .unused))
        }
        let fate = try questions.word(
            "\(name): in, dropped (or touched), or left unused?", ["in", "dropped", "unused"])
        guard fate == "in" else {
            return try put(
                NeedleItem(
                    package: package, place: place, isStraightBefore: true,
                    fate: fate == "dropped" ? .contaminated : .unused))
        }
        let time = now()
        let site = try askSite()
        try put(
            NeedleItem(
                package: package, place: place, isStraightBefore: true, fate: .inserted, site: site,
                insertedMillimetres: try askDepth(package.make), inWallNanoseconds: time))
    }

    private func askSite() throws(NeedleStop) -> NeedleSite? {
        guard setting.sites.count > 1 else { return setting.sites.first }
        let words = setting.sites.map { "\($0.muscle.name)-\($0.side.name)" }
        let word = try questions.word("In which place?", words)
        return words.firstIndex(of: word).map { setting.sites[$0] }
    }

    /// As the clinician states it: the program never names a depth as instruction, only the two bounds.
    private func askDepth(_ make: NeedleMake) throws(NeedleStop) -> Int32 {
        while true {
            let typed = try questions.number(
                "Inserted length in mm, as you judge it:", in: 1...NeedleRules.typedMillimetres.upperBound)
            let inserted = Int32(typed ?? 0)
            guard
                let problem = NeedleRules.problem(
                    insertedMillimetres: inserted, lengthMillimetres: make.lengthMillimetres)
            else { return inserted }
            asker.say("  \(problem.words)")
        }
    }

    private mutating func put(_ item: NeedleItem) throws(NeedleStop) {
        tray.items.append(item)
        try save()
    }

    private func save() throws(NeedleStop) {
        do { try keep(tray) } catch { throw .notKept("\(error)") }
    }
}

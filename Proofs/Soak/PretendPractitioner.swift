// Who opens packages, puts needles in, takes them out and counts them: mostly as things are, sometimes not. The hands
// and the answers are two things: what the hands do stands in `TrueTray`, whatever is typed. At any question, and at
// any look at the clock, the process may die.
internal import CareModel
internal import Foundation
internal import RigSimulator
internal import SessionRecords
internal import VirtualHost

/// Numbers of packages in this practice's one lot.
final class NeedleShelf {
    /// The highest that the ledger must know.
    var highest: Int32 = 0
    var seconds: Set<Int64> = []
    /// Of the clock on the wall.
    var second: Int64 = 1_795_340_112
}

final class PretendPractitioner: Questioner {
    enum Manner { case asThingsAre, slips, pleases }

    static let initials = "AB"
    static let maker = "ACME"
    static let lot = "L1"

    let tray: TrueTray
    private let places: [String]
    private let shelf: NeedleShelf
    private let folder: LedgerFolder
    private var random: SplitMix64
    /// Nothing goes wrong any more: so that a session begins at last.
    private let isCalm: Bool
    private var notes: [String] = []
    private var findings: [String] = []
    private(set) var trace = TraceHash()

    private var looksToDeath: UInt32?
    private(set) var isDead = false
    private var isGone = false
    private(set) var isCounting = false
    private var hands: CountingHands
    private var asked = 0
    private var pending: ToldNeedle?
    private var triedUsed = false
    private var placeInPackage: Int32 = 0
    private var insertedByPlace: [Int]

    init(
        _ tray: TrueTray, places: [String], shelf: NeedleShelf, folder: LedgerFolder, seed: UInt64, isCalm: Bool
    ) {
        self.tray = tray
        self.places = places
        self.shelf = shelf
        self.folder = folder
        self.isCalm = isCalm
        random = SplitMix64(seed: seed)
        insertedByPlace = places.map { _ in 0 }
        hands = CountingHands(tray, .asThingsAre, seed: random.next())
        if !isCalm, random.below(5) == 0 { looksToDeath = random.below(80) }
    }

    func note(_ name: String) { notes.append("needles: \(name)") }
    private func find(_ text: String) { if findings.count < 4 { findings.append(text) } }

    func takeNotes() -> [String] {
        defer { notes = [] }
        return notes + hands.takeNotes().map { "needles: \($0)" }
    }

    func takeFindings() -> [String] {
        defer { findings = [] }
        return findings
    }

    // MARK: - Clock and death

    /// The clock on the wall, which somebody sets back now and then; never the same second twice, so that no two ids
    /// could be the same.
    func now() -> WallTime {
        if looks() { die() }
        shelf.second += 1 + Int64(random.below(40))
        if !isCalm, random.below(150) == 0 { shelf.second -= Int64(random.below(7_200)) }
        while !shelf.seconds.insert(shelf.second).inserted { shelf.second += 1 }
        return WallTime(nanoseconds: shelf.second * 1_000_000_000, utcOffsetSeconds: 3_600)
    }

    private func looks() -> Bool {
        guard !isDead, let left = looksToDeath else { return false }
        looksToDeath = left == 0 ? nil : left - 1
        return left == 0
    }

    private func die() {
        isDead = true
        do {
            try folder.keep()
            if random.below(3) == 0 {
                try folder.tear()
                note("torn file")
            }
        } catch { find("the ledger's folder cannot be copied: \(error)") }
        note(isCounting ? "death while counting" : "death while preparing")
    }

    /// From here on needles are taken out and counted; it is another moment at which a process may die.
    func beginCount() {
        guard !isCounting else { return }
        isCounting = true
        guard !isCalm else { return }
        let drawn = random.below(100)
        hands = CountingHands(tray, drawn < 72 ? .asThingsAre : drawn < 88 ? .slips : .pleases, seed: random.next())
        if looksToDeath != nil || random.below(8) == 0 { looksToDeath = random.below(14) }
    }

    // MARK: - Questions

    func say(_ text: String) {
        if text.contains("THE COUNT DOES NOT AGREE"), !isDead {
            note("count asked again")
            hands.lookAgain()
        }
        if text.contains("NEEDLES. Clips off"), !isDead { beginCount() }
    }

    func ask(_ question: String) -> Reply {
        guard !isDead, !isGone else { return .gone }
        asked += 1
        guard asked < 800 else {
            find("it asks without end: \(question)")
            isGone = true
            return .gone
        }
        acknowledge(question)
        if looks() {
            // Half of the time the hands have done already what the program never hears of.
            if random.below(2) == 0 { _ = answer(question) }
            die()
            return .gone
        }
        if !isCalm, random.below(isCounting ? 90 : 450) == 0 {
            isGone = true
            tray.terminalWentAway = true
            note("terminal gone")
            return .gone
        }
        if !isCalm, random.below(isCounting ? 60 : 300) == 0 {
            note("left")
            return .left
        }
        guard let reply = answer(question) else {
            find("nobody knows this question: \(question)")
            isGone = true
            return .gone
        }
        for byte in question.utf8 { trace.take(byte) }
        for byte in reply.utf8 { trace.take(byte) }
        return .typed(reply)
    }

    /// What was answered before this question has been kept by now.
    private func acknowledge(_ question: String) {
        if let one = pending { tray.told.append(one) }
        pending = nil
        if question.contains("Opened?"), let last = tray.packages.indices.last {
            tray.packages[last].isKept = true
            shelf.highest = max(shelf.highest, tray.packages[last].number)
        }
        if triedUsed, !question.contains("Number of this package") { find("a package that was used before passes") }
        triedUsed = false
    }

    private func answer(_ question: String) -> String? {
        if isCounting { return hands.answer(question) ?? packageAnswer(question) }
        return needleAnswer(question) ?? openingAnswer(question) ?? packageAnswer(question)
    }

    private static let printed: [(words: String, reply: String)] = [
        ("maker, as printed", maker), ("Product code", "AC-3040"), ("Length of the shaft", "40"), ("Lot:", lot),
        ("A second person has", "CD"),
    ]

    /// What may speak against a package: the right answer, and the other.
    private static let proofs: [(words: String, good: String, bad: String)] = [
        ("Diameter in mm", "0.3", "0.2"), ("Expiry (", "2099-03", "2025-01"), ("sterilisation mark", "yes", "no"),
        ("whole, dry", "yes", "no"), ("for one use", "yes", "no"), ("Shown by", "PP", "no"),
    ]

    private func packageAnswer(_ question: String) -> String? {
        if let one = Self.printed.first(where: { question.contains($0.words) }) { return one.reply }
        if let one = Self.proofs.first(where: { question.contains($0.words) }) {
            guard !isCalm, random.below(200) == 0 else { return one.good }
            note("package refused")
            return one.bad
        }
        if question.contains("Same as the last") { return random.below(10) == 0 ? "no" : "yes" }
        return nil
    }

    private func openingAnswer(_ question: String) -> String? {
        if question.contains("Needles in this package") {
            let needles = Int32([1, 1, 1, 2, 2, 3][Int(random.below(6))])
            var typed = needles
            if !isCalm, random.below(60) == 0 {
                typed = max(1, needles + (random.below(2) == 0 ? 1 : -1))
                if typed != needles { note("wrong number of needles typed") }
            }
            tray.packages.append(TruePackage(number: 0, typedNeedles: typed, needles: needles))
            return "\(typed)"
        }
        if question.contains("Number of this package") { return number() }
        if question.contains("Opened?") {
            open()
            // A death while a seal is being broken is worth more than one of forty moments.
            if !isCalm, looksToDeath == nil, random.below(80) == 0 { looksToDeath = random.below(3) }
            return !isCalm && random.below(60) == 0 ? "no" : "yes"
        }
        if question.contains("Another package?") { return random.below(12) == 0 ? "yes" : "no" }
        return nil
    }

    private func number() -> String {
        guard let last = tray.packages.popLast() else { return "1" }
        func take(_ number: Int32) {
            tray.packages.append(
                TruePackage(number: number, typedNeedles: last.typedNeedles, needles: last.needles))
        }
        if shelf.highest > 0, !isCalm, random.below(30) == 0 {
            take(shelf.highest)
            triedUsed = true
            note("used package typed")
            return "\(shelf.highest)"
        }
        let isNext = random.below(4) != 0
        let number = shelf.highest + (isNext || random.below(3) != 0 ? 1 : 1 + Int32(random.below(5)))
        take(number)
        return isNext ? "next" : "\(number)"
    }

    /// The seal is broken: the needles are there. (One that is not opened after all is thrown away with the others.)
    private func open() {
        guard let package = tray.packages.last else { return }
        placeInPackage = 0
        for place in 1...package.needles {
            tray.needles.append(TrueNeedle(id: place <= package.typedNeedles ? id(package, place) : nil))
        }
    }

    private func id(_ package: TruePackage, _ place: Int32) -> String {
        "\(Self.maker)/\(Self.lot)/\(package.number)" + (package.typedNeedles > 1 ? ".\(place)" : "")
    }

    // MARK: - One needle

    private func needleAnswer(_ question: String) -> String? {
        if question.contains("no corrosion where") {
            placeInPackage += 1
            guard let index = needle, random.below(30) != 0 else {
                tell("unused")
                return "no"
            }
            return tray.needles[index].place == .tray ? "yes" : "no"
        }
        if question.contains("in, dropped (or touched)") { return put() }
        if question.contains("In which place?") {
            let fewest = insertedByPlace.min() ?? 0
            let index = insertedByPlace.firstIndex(of: fewest) ?? 0
            insertedByPlace[index] += 1
            return places[index]
        }
        if question.contains("Inserted length") {
            tell("inserted")
            return "20"
        }
        return nil
    }

    /// The needle that the program asks about; nothing where it was told of more than there are.
    private var needle: Int? {
        guard let package = tray.packages.last else { return nil }
        let asked = id(package, placeInPackage)
        return tray.needles.firstIndex { $0.id == asked }
    }

    private func tell(_ fate: String) {
        guard let package = tray.packages.last else { return }
        pending = ToldNeedle(id: id(package, placeInPackage), fate: fate)
    }

    private func put() -> String {
        guard let index = needle else { return "unused" }
        let drawn = isCalm || tray.packages.count > 12 ? 0 : random.below(100)
        switch drawn {
        case 0..<86:
            tray.needles[index].place = .person
            tray.needles[index].wasIn = true
            return "in"
        case 86:
            // It is in, and the wrong word is typed.
            tray.needles[index].place = .person
            tray.needles[index].wasIn = true
            tray.wasToldWrong = true
            note("wrong fate typed")
            tell("unused")
            return "unused"
        case 87..<94:
            tray.needles[index].wasDropped = true
            note("contaminated")
            tell("contaminated")
            return "dropped"
        default:
            tell("unused")
            return "unused"
        }
    }
}

import CareModel
import Foundation
import SessionRecords
import StimulusModel
import Testing

/// Answers in order, each to a question that must hold these words. After the last the terminal is gone.
final class ScriptedAsker: Questioner {
    private var script: [(words: String, reply: Reply)]
    private(set) var said: [String] = []
    private(set) var asked: [String] = []
    /// Questions that were not the ones of the script.
    private(set) var wrong: [String] = []

    init(_ script: [(String, String)]) {
        self.script = script.map { ($0.0, $0.1 == "quit" ? .left : .typed($0.1)) }
    }

    /// The questions and answers of an operator's script.
    convenience init(file: String) throws {
        self.init(try ScriptedAsker.steps(file))
    }

    static func steps(_ file: String) throws -> [(String, String)] {
        let text = try shipped("scripts/operator/\(file)")
        return text.matches(of: /expect "([^"]*)" within \d+s\ntype "([^"]*)\\n"/).map {
            (String($0.output.1), String($0.output.2))
        }
    }

    func say(_ text: String) { said.append(text) }

    func ask(_ question: String) -> Reply {
        asked.append(question)
        guard !script.isEmpty else { return .gone }
        let step = script.removeFirst()
        if !question.contains(step.words) { wrong.append("\(question) <- \(step.words)") }
        return step.reply
    }

    var left: Int { script.count }
    var everything: String { (said + asked).joined(separator: "\n") }
}

/// A scripted asker at whose question something happens to the disk.
struct FailingAsker: Questioner {
    private let asker: ScriptedAsker
    private let words: String
    private let deed: () throws -> Void

    init(_ script: [(String, String)], before words: String, _ deed: @escaping () throws -> Void) {
        asker = ScriptedAsker(script)
        self.words = words
        self.deed = deed
    }

    var asked: [String] { asker.asked }

    func say(_ text: String) { asker.say(text) }

    func ask(_ question: String) -> Reply {
        if question.contains(words) {
            do { try deed() } catch { Issue.record("\(error)") }
        }
        return asker.ask(question)
    }
}

/// A clock that goes on by a second with every look.
final class SteppingClock {
    private var nanoseconds: Int64

    init(_ start: Int64 = aNoon) { nanoseconds = start }

    func now() -> WallTime {
        nanoseconds += 1_000_000_000
        return WallTime(nanoseconds: nanoseconds, utcOffsetSeconds: 3_600)
    }
}

enum Needles {
    static let site = NeedleSite(muscle: .vmo, side: .right)
    static let today = CalendarDay(year: 2025, month: 11, day: 24) ?? .latest

    static func make(
        diameter: Int32 = 300, length: Int32 = 40, lot: String = "L2231", expiry: String = "2099-03"
    ) throws -> NeedleMake {
        NeedleMake(
            maker: "ACME", productCode: "AC-3040", diameterMicrometres: diameter, lengthMillimetres: length, lot: lot,
            expiry: try ExpiryDate(expiry))
    }

    static func package(
        _ number: Int32 = 1, make: NeedleMake? = nil, needles: Int32 = 1, sterile: Bool = true, intact: Bool = true,
        shown: Int64? = 10, opened: Int64? = 20, singleUse: Bool = true
    ) throws -> NeedlePackage {
        NeedlePackage(
            make: try make ?? Needles.make(), number: number, needles: needles, isMarkedSterile: sterile,
            isIntact: intact, shownWallNanoseconds: shown, shownBy: "PP", isSingleUse: singleUse,
            openedWallNanoseconds: opened)
    }

    static func item(_ package: NeedlePackage, inserted: Int32 = 20, site: NeedleSite = Needles.site) -> NeedleItem {
        NeedleItem(
            package: package, place: 1, isStraightBefore: true, fate: .inserted, site: site,
            insertedMillimetres: inserted, inWallNanoseconds: 30)
    }

    /// Two needles, in.
    static func pair() throws -> NeedleTray {
        var tray = NeedleTray()
        for number in Int32(1)...2 {
            let package = try package(number)
            tray.packages.append(package)
            tray.items.append(item(package))
        }
        return tray
    }

    static func session(
        _ scratch: ScratchStore, person: String = "P-0042", second: Bool = false, sites: [NeedleSite] = [Needles.site]
    ) -> NeedleSession {
        NeedleSession(
            ledger: NeedleStore(scratch.store), personID: person, practitioner: "AB", sites: sites,
            needsSecondPerson: second)
    }

    /// The questions of one package with one needle, from the maker to the needle's depth.
    static func onePackage(
        lot: String = "L2231", expiry: String = "2099-03", number: String = "next", depth: String = "20"
    ) -> [(String, String)] {
        [
            ("maker", "ACME"), ("Product code", "AC-3040"), ("Diameter", "0.3"), ("Length of the shaft", "40"),
            ("Lot", lot), ("Expiry", expiry),
        ] + rest(number: number, depth: depth)
    }

    /// The next package of the same box.
    static func same(number: String = "next", depth: String = "20") -> [(String, String)] {
        [("Same as the last", "yes")] + rest(number: number, depth: depth)
    }

    static func rest(number: String = "next", depth: String = "20") -> [(String, String)] {
        [
            ("Needles in this package", "1"), ("Number of this package", number), ("sterilisation mark", "yes"),
            ("whole, dry", "yes"), ("one use", "yes"), ("Shown by", "PP"), ("Opened?", "yes"),
            ("no corrosion", "yes"), ("dropped (or touched)", "in"), ("Inserted length", depth),
        ]
    }

    static let two = onePackage() + same() + [("Another package?", "no")]
    static let counted: [(String, String)] = [
        ("How did it come out", "straight"), ("How did it come out", "straight"), ("came out", "2"),
        ("dropped or touched", "0"), ("not used", "0"), ("sharps bin", "2"),
    ]
}

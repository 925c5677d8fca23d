import CareModel
import Foundation
import SessionRecords
import StimulusModel
import Testing

@Suite("The checklist for surface pads")
struct ChecklistTests {
    static let path = packageFolder + "/Protocols/checklists/surface.yaml"

    private func load() throws -> Checklist { try ChecklistLoader.load(path: Self.path).content }

    /// Answers that pass everywhere, for the right side and pads of 25 cm².
    private func passing(_ list: Checklist) -> [ChecklistAnswer] {
        list.items(for: .surface).map { item in
            let value: AnswerValue
            switch item.kind {
            case .confirm: value = .confirmed(true)
            case .yesNo, .choice:
                let word = item.binding == .side ? "right" : item.options.first { $0.effect == .pass }?.word
                value = .option(word ?? "")
            case .number: value = .number(2_500)
            case .text: value = .text("P.Q.")
            }
            return ChecklistAnswer(code: item.code, value: value, reason: nil, wallNanoseconds: 0)
        }
    }

    private func outcome(
        _ list: Checklist, _ answers: [ChecklistAnswer], side: BodySide = .right
    ) -> ChecklistOutcome { list.outcome(of: answers, electrodeKind: .surface, side: side) }

    private func with(_ answers: [ChecklistAnswer], _ code: String, _ value: AnswerValue?, reason: String? = nil)
        -> [ChecklistAnswer]
    {
        answers.filter { $0.code != code }
            + (value.map { [ChecklistAnswer(code: code, value: $0, reason: reason, wallNanoseconds: 0)] } ?? [])
    }

    // Proves R-GATE-04, R-GATE-05, R-GATE-06.
    @Test("Every row of the table that applies to pads is asked, and no row for needles alone")
    func allRows() throws {
        let list = try load()
        let rows = Set(list.items.map(\.code).filter { $0.hasPrefix("C") }.map { String($0.prefix(3)) })
            .union(list.items.flatMap(\.options).compactMap(\.rule))
        let wanted = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 17, 18, 19, 20, 22, 24, 26, 28, 29]
            .map { $0 < 10 ? "C0\($0)" : "C\($0)" }
        #expect(rows == Set(wanted))
        #expect(list.items.allSatisfy { !$0.source.isEmpty })
        // Two identifiers come first, and feed the gate of identity alone.
        #expect(list.items.prefix(2).map(\.code) == ["I01", "I02"])
        #expect(list.items.filter { $0.gate == .identity }.map(\.code) == ["I01", "I02"])
        #expect(list.consentItems.map(\.code) == ["K01", "K02", "K03", "K04", "K06", "K08", "C12", "K09"])
    }

    // Proves R-GATE-04.
    /// The Default column of `clinical.md` 3.1, typed here a second time.
    @Test(
        "Blocks block, overrides want a reason, notes go on",
        arguments: [
            ("C01", "yes", AnswerEffect.block), ("C01", "unsure", .block), ("C04", "active", .block),
            ("C04", "history", .override), ("C05", "yes", .block), ("C06", "area", .block),
            ("C06", "elsewhere", .override), ("C07", "uncontrolled", .block), ("C07", "controlled", .override),
            ("C08", "yes", .block), ("C09", "yes", .block), ("C10", "yes", .block), ("C11", "no", .block),
            ("C12", "yes", .block), ("C13", "no-guardian-consent", .block), ("C13", "guardian-consents", .note),
            ("C16", "yes", .override), ("C17", "yes", .block), ("C18", "yes", .override), ("C19", "unstable", .block),
            ("C19", "stable-heart-failure", .override), ("C20", "yes", .block), ("C22", "yes", .override),
            ("C24", "yes", .note), ("C26", "yes", .override), ("C28", "yes", .block), ("C29a", "yes", .override),
            ("C29b", "yes", .override), ("C29c", "yes", .override), ("C29d", "yes", .override),
        ])
    func effects(code: String, word: String, effect: AnswerEffect) throws {
        let list = try load()
        let item = try #require(list.item(code: code))
        let bare = outcome(list, with(passing(list), code, .option(word)))
        let reasoned = outcome(list, with(passing(list), code, .option(word), reason: "dr. x, today"))
        switch effect {
        case .pass: Issue.record("not in this table")
        case .note:
            #expect(bare.isClear && bare.notes.map(\.code) == [code])
        case .override:
            #expect(!bare.isClear && !bare.gates.contains(item.gate))
            #expect(bare.reasonsMissing.map(\.code) == [code])
            #expect(reasoned.isClear && reasoned.gates.contains(item.gate))
            #expect(reasoned.overrides.map(\.text) == ["dr. x, today"])
        case .block:
            // No reason opens a block.
            for result in [bare, reasoned] {
                #expect(!result.isClear && !result.gates.contains(item.gate))
                #expect(result.blocks.map(\.code) == [code])
            }
        }
        let rule = word == "unsure" ? "C02" : code
        #expect((bare.blocks + bare.reasonsMissing + bare.notes).map(\.rule) == [rule])
        #expect(reasoned.contractionCap == (code.hasPrefix("C29") ? 10 : nil))
    }

    // Proves R-GATE-01.
    @Test("All answered and passing: every gate that answers may open is open, and no other")
    func clear() throws {
        let list = try load()
        let result = outcome(list, passing(list))
        #expect(result.isClear)
        #expect(result.gates == GateSet.answerable(for: .surface))
        #expect(!result.gates.contains(.stopControlProven) && !result.gates.contains(.deviceIdentified))
        #expect(result.padArea == PadArea(squareMillimetres: 2_500))
        #expect(result.contractionCap == nil)
    }

    // Proves R-GATE-03.
    @Test("Without answers nothing is open and everything is asked: there are no defaults")
    func empty() throws {
        let list = try load()
        let result = outcome(list, [])
        #expect(result.gates == .none)
        #expect(result.padArea == nil)
        #expect(result.unanswered == list.items(for: .surface).map(\.code))
    }

    // Proves R-GATE-03, R-GATE-05.
    @Test("Each single answer left out, or not confirmed, keeps its own gate shut and no other")
    func eachAnswerMatters() throws {
        let list = try load()
        for item in list.items(for: .surface) {
            let without = outcome(list, with(passing(list), item.code, nil))
            #expect(without.unanswered == [item.code])
            #expect(without.gates == GateSet.answerable(for: .surface).subtracting(item.gate), "\(item.code)")
            if item.kind == .confirm {
                let refused = outcome(list, with(passing(list), item.code, .confirmed(false)))
                #expect(refused.gates == GateSet.answerable(for: .surface).subtracting(item.gate))
            }
            // A value of another kind answers something else.
            let other: AnswerValue = item.kind == .text ? .confirmed(true) : .text("yes")
            #expect(!outcome(list, with(passing(list), item.code, other)).isClear)
        }
    }

    // Proves R-GATE-05.
    @Test("The side must be said again, and be the same")
    func side() throws {
        let list = try load()
        #expect(!outcome(list, passing(list), side: .left).gates.contains(.side))
        #expect(outcome(list, with(passing(list), "D01", .option("left")), side: .left).gates.contains(.side))
        #expect(outcome(list, passing(list), side: .left).blocks.map(\.code) == ["D01"])
    }

    // Proves R-GATE-06.
    @Test("A later answer to the same question replaces the earlier one; consent can be taken back")
    func lastCounts() throws {
        let list = try load()
        let back = ChecklistAnswer(code: "C12", value: .option("yes"), reason: nil, wallNanoseconds: 9)
        #expect(!outcome(list, passing(list) + [back]).gates.contains(.consent))
    }

    // Proves R-GATE-07.
    @Test("Answers hold for an hour from the first of them, to the nanosecond, and none is of the future")
    func answersOfThisHour() {
        let hour: Int64 = 3_600_000_000_000
        func isClear(_ given: [Int64], at now: Int64) -> Bool {
            given.map { ChecklistAnswer(code: "C01", value: .confirmed(true), reason: nil, wallNanoseconds: $0) }
                .areOfThisHour(at: now)
        }
        #expect(isClear([1_000, 2_000], at: 1_000 + hour))
        #expect(!isClear([1_000, 2_000], at: 1_001 + hour))
        #expect(!isClear([2_000, 1_000], at: 1_001 + hour), "the first given, wherever it stands")
        #expect(isClear([1_000], at: 1_000))
        #expect(!isClear([1_000], at: 999), "a clock that was set back")
        #expect(!isClear([], at: 0))
        #expect(!isClear([Int64.min], at: Int64.max) && !isClear([Int64.max], at: Int64.min))
    }

    // Proves R-GATE-03.
    @Test("Typed answers: no default, no guessing, words as short as they stay unique")
    func typed() throws {
        let list = try load()
        let implant = try #require(list.item(code: "C01"))
        #expect(throws: AnswerProblem.empty) { try implant.read("") }
        #expect(throws: AnswerProblem.empty) { try implant.read("  ") }
        #expect(try implant.read("U") == .option("unsure"))
        #expect(try implant.read(" No ") == .option("no"))
        #expect(throws: AnswerProblem.notAnOption(["no", "yes", "unsure"])) { try implant.read("maybe") }
        let area = try #require(list.item(code: "P04"))
        #expect(try area.read("25") == .number(2_500))
        #expect(try area.read("12.5") == .number(1_250))
        #expect(throws: AnswerProblem.notANumber(.comma)) { try area.read("12,5") }
        #expect(throws: AnswerProblem.notANumber(.unitInValue)) { try area.read("25 cm2") }
        #expect(throws: AnswerProblem.below(lowest: 100, unit: .squareCentimetres)) { try area.read("0.5") }
        #expect(throws: AnswerProblem.above(highest: 20_000, unit: .squareCentimetres)) { try area.read("2500") }
        let side = try #require(list.item(code: "D01"))
        #expect(try side.read("r") == .option("right"))
        let cancer = try #require(list.item(code: "C13"))
        #expect(throws: AnswerProblem.notAnOption(cancer.answerWords)) { try cancer.read("under") }
        let initials = try #require(list.item(code: "K09"))
        #expect(try initials.read(" P.Q. ") == .text("P.Q."))
        #expect(throws: AnswerProblem.tooLong(500)) { try initials.read(String(repeating: "x", count: 501)) }
    }

    static let spoilt: [Spoilt] = [
        Spoilt(
            "code twice", replace: "code: I02", with: "code: I01",
            line:
                "code: I01\n    gate: identity\n    for: surface\n    kind: confirm\n    text: >-\n"
                + "      The person has said a second",
            key: "items[1].code", says: "stands already in line", hint: "its own"),
        Spoilt(
            "default answer", replace: "    means: side\n", with: "    means: side\n    default: right\n",
            line: "    default: right", key: "items[2].default", says: "unknown key", hint: "remove it"),
        Spoilt(
            "unknown effect", replace: "effect: block", with: "effect: ignore", line: "effect: ignore",
            key: "items[3].answers[1].effect", says: "not one of the known words", hint: "pass, note, override, block"),
        Spoilt(
            "a gate that only the program may open", replace: "gate: stop_control_in_hand",
            with: "gate: stop_control_proven", line: "gate: stop_control_proven", key: "items[40].gate",
            says: "not one of the known words", hint: "identity, side"),
        Spoilt(
            "a gate without a question", replace: "gate: questions", with: "gate: skin", line: "  - code: I01",
            key: "items", says: "feeds the gate `questions`", hint: "could not open"),
        Spoilt(
            "no pad area", replace: "    means: pad_area\n", with: "", line: "  - code: I01", key: "items",
            says: "no question asks for the pad area", hint: "pad_area"),
        Spoilt(
            "bounds the wrong way round", replace: "lowest_cm2: 1\n", with: "lowest_cm2: 500\n",
            line: "lowest_cm2: 500", key: "items[39].lowest_cm2", says: "above `highest_cm2`", hint: "swap"),
        Spoilt(
            "bound in another unit", replace: "lowest_cm2: 1\n", with: "lowest_mm2: 100\n", line: "lowest_mm2: 100",
            key: "items[39].lowest_mm2", says: "this unit is not read here", hint: "square centimetres"),
        Spoilt(
            "an effect without words", replace: "        message: >-\n          No stimulation during pregnancy.\n",
            with: "",
            line:
                "      - word: \"no\"\n        effect: pass\n      - word: \"yes\"\n        effect: block\n"
                + "    source: ENRAF25, GOLDFIELDS",
            key: "items[6].answers", says: "has an effect and no message", hint: "reason must state"),
    ]

    // Proves R-FILE-01, R-GATE-03.
    @Test("Spoilt checklists are refused by name", arguments: spoilt)
    func spoiltFiles(_ spoilt: Spoilt) throws {
        let good = try shipped("Protocols/checklists/surface.yaml")
        let range = try #require(good.range(of: spoilt.replace))
        let text = good.replacingCharacters(in: range, with: spoilt.with)
        let problems = #expect(throws: FileProblems.self) { try ChecklistLoader.parse(text, file: "surface.yaml") }
        let found = try #require(
            problems?.problems.first { $0.message.contains(spoilt.message) }, "\(String(describing: problems))")
        let line = try #require(text.range(of: spoilt.line))
        #expect(found.line == text[..<line.lowerBound].utf8.filter { $0 == 10 }.count + 1, "\(found)")
        #expect(found.key == spoilt.key, "\(found)")
        #expect(found.hint?.contains(spoilt.hint) == true, "\(found)")
    }
}

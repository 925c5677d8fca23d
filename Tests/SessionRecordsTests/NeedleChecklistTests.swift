import CareModel
import Foundation
import SafetyKernel
import SessionRecords
import StimulusModel
import Testing

@Suite("The checklist for needles")
struct NeedleChecklistTests {
    static let path = packageFolder + "/Protocols/checklists/needle.yaml"

    private func load() throws -> Checklist { try ChecklistLoader.load(path: Self.path).content }

    /// Answers that pass everywhere, for the right side.
    private func passing(_ list: Checklist) -> [ChecklistAnswer] {
        list.items(for: .needle).map { item in
            let value: AnswerValue
            switch item.kind {
            case .confirm: value = .confirmed(true)
            case .yesNo, .choice:
                let word = item.binding == .side ? "right" : item.options.first { $0.effect == .pass }?.word
                value = .option(word ?? "")
            case .number: value = .number(0)
            case .text: value = .text("P.Q.")
            }
            return ChecklistAnswer(code: item.code, value: value, reason: nil, wallNanoseconds: 0)
        }
    }

    private func outcome(_ list: Checklist, _ answers: [ChecklistAnswer]) -> ChecklistOutcome {
        list.outcome(of: answers, electrodeKind: .needle, side: .right)
    }

    private func with(_ answers: [ChecklistAnswer], _ code: String, _ value: AnswerValue?, reason: String? = nil)
        -> [ChecklistAnswer]
    {
        answers.filter { $0.code != code }
            + (value.map { [ChecklistAnswer(code: code, value: $0, reason: reason, wallNanoseconds: 0)] } ?? [])
    }

    // Proves R-GATE-04, R-GATE-05, R-GATE-06.
    @Test("Every row of the table that applies to needles is asked, and no row for pads alone")
    func allRows() throws {
        let list = try load()
        let rows = Set(list.items.map(\.code).filter { $0.hasPrefix("C") }.map { String($0.prefix(3)) })
            .union(list.items.flatMap(\.options).compactMap(\.rule))
        // C26 and C29 are for pads alone (`clinical.md` 3.1).
        let wanted = ((1...25).map { $0 } + [27, 28]).map { $0 < 10 ? "C0\($0)" : "C\($0)" }
        #expect(rows == Set(wanted))
        #expect(list.items.allSatisfy { !$0.source.isEmpty && $0.electrodeKinds == [.needle] })
        // Two identifiers come first, and feed the gate of identity alone.
        #expect(list.items.prefix(2).map(\.code) == ["I01", "I02"])
        #expect(list.items.filter { $0.gate == .identity }.map(\.code) == ["I01", "I02"])
        #expect(list.consentItems.map(\.code) == ["K01", "K02", "K03", "K04", "K05", "K06", "K08", "C12", "K09"])
        // The steps of the needle checklist that are confirmed here; N1 to N5 and N7 are the ledger's.
        let steps = list.items.map(\.code).filter { $0.hasPrefix("N") }
        #expect(steps == ["N6", "N8", "N9", "N10", "N11", "N12"])
        #expect(list.items.allSatisfy { $0.binding != .padArea && $0.kind != .number })
    }

    // Proves R-GATE-01.
    @Test("All passing: the gates that a needle checklist may open are open, and none of the ledger's")
    func clear() throws {
        let list = try load()
        let result = outcome(list, passing(list))
        #expect(result.isClear)
        #expect(
            result.gates.names == [
                "identity", "side", "contraindications", "consent", "questions", "skin", "stop_control_in_hand",
                "isolator_attested",
            ])
        #expect(result.padArea == nil)
        for gate in [
            GateSet.needlePackage, .needleShown, .needleSingleUse, .noOpenIncident, .stopControlProven,
            .deviceIdentified,
        ] { #expect(!result.gates.contains(gate)) }
    }

    // Proves R-GATE-03, R-GATE-05.
    @Test("Each single answer left out, or not confirmed, keeps its own gate shut and no other")
    func eachAnswerMatters() throws {
        let list = try load()
        for item in list.items(for: .needle) {
            let without = outcome(list, with(passing(list), item.code, nil))
            #expect(without.unanswered == [item.code])
            #expect(without.gates == GateSet.answerable(for: .needle).subtracting(item.gate), "\(item.code)")
            guard item.kind == .confirm else { continue }
            let refused = outcome(list, with(passing(list), item.code, .confirmed(false)))
            #expect(refused.gates == GateSet.answerable(for: .needle).subtracting(item.gate), "\(item.code)")
        }
    }

    // Proves R-GATE-04.
    /// The Default column of `clinical.md` 3.1 for the rows that are for needles alone, typed here a second time.
    @Test(
        "Blocks block, overrides want a reason, notes go on",
        arguments: [
            ("C14", "yes", AnswerEffect.block), ("C15", "yes", .block), ("C21", "yes", .override),
            ("C23", "yes", .override), ("C25", "kept-away-from", .note), ("C25", "at-the-point", .block),
            ("C27", "yes", .override), ("C05", "yes", .block), ("C01", "unsure", .block),
        ])
    func effects(code: String, word: String, effect: AnswerEffect) throws {
        let list = try load()
        let bare = outcome(list, with(passing(list), code, .option(word)))
        let reasoned = outcome(list, with(passing(list), code, .option(word), reason: "dr. x, today"))
        #expect(bare.isClear == (effect == .note))
        #expect(reasoned.isClear == (effect != .block))
        #expect(bare.blocks.map(\.code) == (effect == .block ? [code] : []))
        #expect(bare.reasonsMissing.map(\.code) == (effect == .override ? [code] : []))
    }

    // Proves R-NDL-07.
    @Test("The range of the isolator is a confirmation of its own")
    func isolator() throws {
        let item = try #require(try load().item(code: "X01"))
        #expect(item.gate == .isolatorAttested && item.kind == .confirm)
        #expect(item.text.contains("±10 V in = ±10 mA out") && item.text.contains("display"))
    }

    // Proves R-GATE-11.
    @Test("Both checklists together open nothing that the other kind's session needs")
    func kindsStayApart() throws {
        let surface = try ChecklistLoader.load(path: packageFolder + "/Protocols/checklists/surface.yaml").content
        #expect(surface.items(for: .needle).isEmpty)
        #expect(try load().items(for: .surface).isEmpty)
        #expect(GateSet.answerable(for: .surface).contains(.isolatorAttested) == false)
        #expect(outcome(surface, passing(try load())).gates == .none)
    }

    // Proves R-GATE-01.
    @Test(
        "A gate of needles has no place in questions about pads, nor one of the ledger anywhere",
        arguments: ["isolator_attested", "needle_package", "needle_shown", "needle_single_use", "no_open_incident"])
    func foreignGates(gate: String) throws {
        let good = try shipped("Protocols/checklists/surface.yaml")
        let text = good.replacingOccurrences(
            of: "code: P01\n    gate: skin", with: "code: P01\n    gate: \(gate)")
        let problems = #expect(throws: FileProblems.self) { try ChecklistLoader.parse(text, file: "surface.yaml") }
        let found = try #require(problems?.problems.first)
        #expect(found.line ?? 0 > 400)
        #expect(found.value == gate, "\(found)")
    }
}

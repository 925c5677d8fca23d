import CareModel
import SessionRecords
import StimulusModel
import Testing

@Suite("Words and numbers of care")
struct CareWordsTests {
    @Test("Decimal text is exact, both ways", arguments: [1, 2, 3] as [UInt64])
    func decimals(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let decimals = Int.random(in: 0...6, using: &random)
            let value = Int64.random(in: 0...999_999_999_999, using: &random)
            let text = DecimalText.format(value, decimals: decimals)
            #expect(try DecimalText.parse(text, decimals: decimals, highest: Int64.max) == value, "seed \(seed)")
        }
        #expect(try DecimalText.parse("0.1", decimals: 3, highest: 1_000) == 100)
        #expect(DecimalText.format(-1_500, decimals: 3) == "-1.5")
        #expect(DecimalText.format(0, decimals: 3) == "0")
        #expect(throws: DecimalProblem.tooLarge) { try DecimalText.parse("1.001", decimals: 3, highest: 1_000) }
        #expect(throws: DecimalProblem.tooLarge) {
            try DecimalText.parse("9223372036854775808", decimals: 0, highest: Int64.max)
        }
    }

    @Test("Ids of persons", arguments: ["P-0042", "p-0042", "A1", "X-1-2-3"])
    func goodIDs(text: String) throws {
        #expect(try PersonID(text).text == text.uppercased())
    }

    // Proves R-REC-07.
    @Test(
        "What looks like a name, or could reach a path or a terminal, is no id",
        arguments: [
            ("", PersonIDProblem.empty), ("Anna Muster", .forbiddenCharacter), ("anna", .mustEndWithDigit),
            ("0042", .mustStartWithLetter), ("../../etc/1", .forbiddenCharacter), ("P\u{1B}1", .forbiddenCharacter),
            ("Pé1", .forbiddenCharacter), ("P_1", .forbiddenCharacter), ("-P1", .mustStartWithLetter),
            (String(repeating: "P", count: 24) + "1", .tooLong),
        ])
    func badIDs(text: String, problem: PersonIDProblem) {
        #expect(throws: problem) { try PersonID(text) }
        #expect(!problem.words.isEmpty)
    }

    @Test("Upper and lower case are one person")
    func oneCase() throws {
        #expect(try PersonID("p-0042") == PersonID("P-0042"))
    }

    // Proves R-INF-04.
    @Test("Every fault has a title, what happened and what to do, each in its own words")
    func faultGuide() throws {
        var titles: Set<String> = []
        var causes = 0
        for code in UInt8.min...UInt8.max {
            guard let cause = FaultCause(rawValue: code) else { continue }
            causes += 1
            let guide = FaultGuide.entry(for: cause)
            #expect(titles.insert(guide.title).inserted, "\(guide.title) stands for two faults")
            for text in [guide.whatHappened, guide.whatToDo] {
                #expect(text.hasSuffix("."))
                #expect(!text.lowercased().contains("resume"), "every restart is from 0 mA by hand")
            }
            // Only the machine's own impossible state may go without words of its own.
            if cause != .internalError { #expect(!guide.whatHappened.contains("(code")) }
        }
        #expect(causes == 41)
    }

    @Test("Names and choices are one to one")
    func names() {
        for muscle in TargetMuscle.all { #expect(TargetMuscle(name: muscle.name) == muscle) }
        for stage in CareStage.all { #expect(CareStage(name: stage.name) == stage) }
        for kind in ElectrodeKind.all { #expect(ElectrodeKind(name: kind.name) == kind) }
        for side in BodySide.all { #expect(BodySide(name: side.name) == side) }
        for (name, gate) in GateSet.named { #expect(GateSet(name: name) == gate && gate.names == [name]) }
        #expect(TargetMuscle(name: "heart") == nil)
        #expect(DeviceVersion(text: "1.2.3")?.text == "1.2.3")
        for text in ["1.2", "1.2.3.4", "1.2.256", "01.2.3", "1.2.-3", "", "a.b.c"] {
            #expect(DeviceVersion(text: text) == nil)
        }
    }
}

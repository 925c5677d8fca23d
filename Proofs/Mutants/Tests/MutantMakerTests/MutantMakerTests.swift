import MutantMaker
import Testing

/// A few lines of source, what they become, and what a reader is told.
@Suite struct MutantMakerTests {
    private static let path = "Sources/SafetyKernel/Some.swift"

    private func made(_ source: String, without left: Set<Int32> = []) -> (text: String, mutants: [Mutant]) {
        let maker = MutantMaker([(Self.path, source)])
        let text = maker.mutated(Self.path, without: left)?.text ?? ""
        return (String(text.dropFirst("public import MutantSwitch; ".count)), maker.mutants)
    }

    @Test func `a comparison in a guard has its neighbour, its opposite and a guard that is gone`() {
        let (text, mutants) = made("func f(a: Int) { guard a < 3 else { return } }")
        #expect(
            text
                == "func f(a: Int) { guard mutantAlways(1, mutantLess(2, a , mutantNumber(4, 3))) else { return } }")
        #expect(mutants.map(\.after) == ["always", "a <= 3", "a >= 3", "3 + 1", "3 - 1"])
        #expect(mutants.allSatisfy { $0.function == "f(a:)" && $0.line == 1 })
    }

    @Test func `lines stay where they are`() {
        let source = "struct S {\n    // why\n    var on: Bool {\n        a\n            && b\n    }\n}\n"
        let text = made(source).text
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count == 8)
        #expect(text.contains("mutantAlways(1, mutantNever(2, mutantAnd(3, a\n            , b)))"))
    }

    @Test func `what is left out stands as it was, inside of what is not`() {
        let text = made("func f() { x += 2 }", without: [3]).text
        #expect(text == "func f() { mutantPlusAssign(1, &x , 2) }")
        #expect(made("func f() { x += 2 }", without: [1]).text == "func f() { x += mutantNumber(3, 2) }")
    }

    @Test func `a call, an assignment and a returned call may be gone, a value may not`() {
        let text = made("func f() { g(); x = y; return g() }\nfunc h() -> Int { g() }\ninit() { x = y }").text
        #expect(
            text
                == "func f() { if mutantKeeps(1) { g() }; if mutantKeeps(2) { x = y }; "
                + "if mutantKeeps(3) { return g() } else { return } }\nfunc h() -> Int { g() }\ninit() { x = y }")
    }

    @Test func `the least becomes the most, and either of both`() {
        let (text, mutants) = made("let a = min(b, c)")
        #expect(text == "let a = mutantLeast(1, b, c)")
        #expect(mutants.map(\.after) == ["max(b, c)", "b", "c"])
    }

    @Test func `codes, patterns and promises to the compiler have no mutants`() {
        let source = "enum E: Int { case a = 1 }\n@_noLocks func f() { switch x { case 3: break default: break } }"
        let (text, mutants) = made(source)
        #expect(mutants.isEmpty)
        #expect(text == source.replacing("@_noLocks", with: ""))
    }

    @Test func `an error of the compiler points at the innermost place`() {
        let maker = MutantMaker([(Self.path, "\nlet a = b < 3")])
        let file = maker.mutated(Self.path, without: [])
        // let a = mutantLess(1, b , mutantNumber(3, 3))
        #expect(file?.place(line: 2, column: 9) == 1)
        #expect(file?.place(line: 2, column: 41) == 3)
        #expect(file?.place(line: 2, column: 1) == 1)
        #expect(file?.place(line: 1, column: 1) == nil)
    }

    @Test func `two that read alike have two names, and no name has a line in it`() {
        let one = made("func f() {\n    g()\n    g()\n}").mutants.map(\.key)
        #expect(one == ["Some.swift f() · statement: g() → nothing", "Some.swift f() · statement: g() → nothing #2"])
        #expect(made("\n\nfunc f() {\n    g()\n    g()\n}").mutants.map(\.key) == one)
    }
}

// Changes SafetyKernel and SessionEngine in one small place at a time and asks the suites whether they notice.
import Foundation
import MutantMaker

@main enum Mutants {
    static let usage =
        "usage: mutants.sh [SafetyKernel | SessionEngine | NUMBER] [--every N] [--again FILE [--from NUMBER]] "
        + "[--draft FILE] [--own] [--everywhere]"
    /// Percent of the mutants that compile.
    static let leastScore = ["SafetyKernel": 95.0]

    static func main() {
        do {
            let status = try run(Array(CommandLine.arguments.dropFirst()))
            exit(status)
        } catch {
            say("mutants: \(error)")
            exit(70)
        }
    }

    /// Each module's own tests first, then what drives it from further away.
    private static let tests = [
        "SafetyKernel": [
            "SafetyKernelTests", "SessionEngineTests", "RigControlTests", "ExplorerTests", "ScenarioTests",
        ],
        "SessionEngine": ["SessionEngineTests", "RigControlTests", "ExplorerTests", "ScenarioTests"],
    ]

    private static func run(_ words: [String]) throws -> Int32 {
        var every = 1
        var draft: String?
        var again: String?
        var from = Int32.max
        var own = false
        var everywhere = false
        var chosen: String?
        var rest = words[...]
        while let word = rest.popFirst() {
            switch word {
            case "--every":
                guard let number = rest.popFirst().flatMap({ Int($0) }), number > 0 else { throw Trouble(usage) }
                every = number
            case "--draft": draft = rest.popFirst()
            case "--own": own = true
            case "--everywhere": everywhere = true
            case "--from": from = rest.popFirst().flatMap { Int32($0) } ?? from
            case "--again": again = rest.popFirst()
            default: chosen = word
            }
        }
        if let chosen, Int32(chosen) == nil, !ScratchCopy.modules.contains(chosen) { throw Trouble(usage) }
        var copy = try ScratchCopy()
        say("\(copy.maker.mutants.count) mutants in \(ScratchCopy.modules.joined(separator: " and "))")
        try copy.make()
        let modules = chosen.flatMap { ScratchCopy.modules.contains($0) ? [$0] : nil } ?? ScratchCopy.modules
        var trial = try Trial(modules: (tests["SafetyKernel"] ?? []) + ["BlindTests"])
        if let number = chosen.flatMap({ Int32($0) }) { return try one(number, copy, &trial) }
        try checkItself(copy, &trial)
        var mutants = copy.maker.mutants.enumerated().filter { index, mutant in
            index % every == 0 && modules.contains(mutant.module)
        }.map(\.element)
        if let again {
            let names = Set(try Arguments.names(in: again))
            mutants = mutants.filter { names.contains($0.name) || $0.number >= from }
        }
        let began = seconds()
        let compilable = mutants.filter { !copy.left.contains($0.place) }
        let arguments = try Arguments.read()
        trial.tells = true
        let known = arguments.argued
        // Whoever is known to live must live under the tests of its own module; the others get every chance.
        let fates = try trial.run(compilable) { mutant in
            let all = tests[mutant.module] ?? []
            return own || (!everywhere && known.contains(mutant.name)) ? Array(all.prefix(1)) : all
        }
        var report = Report(modules: modules, isWhole: every == 1 && again == nil)
        for mutant in mutants where copy.left.contains(mutant.place) { report.add(mutant, .notCompilable) }
        for (mutant, fate) in zip(compilable, fates) { report.add(mutant, fate) }
        report.seconds = Int(seconds() - began)
        if let draft { try report.draft.write(toFile: draft, atomically: true, encoding: .utf8) }
        return report.tell(arguments)
    }

    private static func one(_ number: Int32, _ copy: ScratchCopy, _ trial: inout Trial) throws -> Int32 {
        guard let mutant = copy.maker.mutants.first(where: { $0.number == number }) else {
            throw Trouble("there is no mutant \(number): 1 to \(copy.maker.mutants.count)")
        }
        say("\(mutant.file):\(mutant.line), \(mutant.function)")
        say("  in:     \(mutant.around)")
        say("  before: \(mutant.before)")
        say("  after:  \(mutant.after)")
        say("  name:   \(mutant.key)")
        if copy.left.contains(mutant.place) {
            say("mutant \(number): not compilable")
            return 0
        }
        let fate = try trial.run([mutant]) { tests[$0.module] ?? [] }[0]
        say("mutant \(number): \(fate)")
        return fate.isKilled ? 0 : 1
    }

    /// The tester must be able to see and to be blind: a limit that lets everything through is killed, and a suite that
    /// asserts nothing kills nothing.
    private static func checkItself(_ copy: ScratchCopy, _ trial: inout Trial) throws {
        let isLimit = { (mutant: Mutant) in
            mutant.function.hasPrefix("LimitTable.allows") && mutant.kind == "comparison"
                && !copy.left.contains(mutant.place)
        }
        let planted = copy.maker.mutants.filter(isLimit)
        let killed = try trial.run(planted) { _ in ["SafetyKernelTests"] }
        guard planted.count >= 4, killed.allSatisfy(\.isKilled) else {
            throw Trouble("the tester is blind: a limit that refuses nothing was not noticed")
        }
        try trial.measure("BlindTests")
        let reached = trial.suites.first { $0.module == "BlindTests" }?.reached ?? []
        let come = copy.maker.mutants.filter { reached.contains($0.place) && !copy.left.contains($0.place) }
        let fates = try trial.run(come) { _ in ["BlindTests"] }
        // A mutant that crashes or hangs dies without a test; of the rest none may.
        let dead = zip(come, fates).filter { $1.isKilled && !$0.canCrash }
        guard come.count >= 50, dead.isEmpty, fates.contains(.survived) else {
            throw Trouble("a suite that asserts nothing killed \(dead.map(\.0.key))")
        }
        say(
            "the tester sees \(planted.count) planted mutants, and "
                + "\(come.count) live under a suite that asserts nothing"
        )
    }
}

extension Mutant {
    var module: String { String(file.split(separator: "/")[1]) }

    /// Whether it may end a process by itself: an index or an arithmetic that the language checks.
    var canCrash: Bool { ["literal", "arithmetic", "while", "comparison", "assignment"].contains(kind) }
}

// `soak SEEDS [FIRST]`: that many worlds, each from its own seed; what was found, how much of what was met, how fast.
// `soak --seed N`: one of them again, with everything that happened in it. `soak --script FILE`: one that was kept.
import Foundation
import Soak
import Synchronization

/// What the threads share.
final class SoakWork: Sendable {
    let next: Atomic<UInt64>
    let tally: Mutex<Tally>

    init(first: UInt64) {
        next = Atomic(first)
        tally = Mutex(Tally(first: first))
    }
}

@main struct SoakMain {
    static func main() async throws {
        var words = Array(CommandLine.arguments.dropFirst())
        let isQuiet = words.contains("--quiet")
        let shrinks = words.contains("--shrink")
        words.removeAll { $0 == "--quiet" || $0 == "--shrink" }
        var threads = 2
        if let place = words.firstIndex(of: "--threads"), place + 1 < words.count {
            threads = max(1, Int(words[place + 1]) ?? 2)
            words.removeSubrange(place...(place + 1))
        }
        switch (words.first, words.count > 1 ? words[1] : nil) {
        case ("--seed", let number?): try one(seed: UInt64(number) ?? 1, shrinks: shrinks)
        case ("--script", let path?): try play(path)
        case ("--first", let number?): try firstFinding(upTo: UInt64(number) ?? 100)
        case ("--traces", _): try traces()
        case ("--rows", _): Rows.show()
        case (let seeds?, let first) where UInt64(seeds) != nil:
            try await soak(
                seeds: UInt64(seeds) ?? 1, first: first.flatMap { UInt64($0) } ?? 1, threads: threads,
                isQuiet: isQuiet, shrinks: shrinks)
        default:
            print(
                "usage: soak SEEDS [FIRST] [--threads N] [--quiet] | --seed N [--shrink] | --script FILE | "
                    + "--first SEEDS | --traces | --rows"
            )
            exit(64)
        }
    }

    // MARK: - One world

    private static func one(seed: UInt64, shrinks: Bool) throws {
        let outcome = try SoakRun.run(seed: seed, keepsLog: true)
        for line in outcome.log { print(line) }
        tell(outcome, "seed \(seed)")
        if shrinks, !outcome.findings.isEmpty { try shrink(outcome) }
        exit(outcome.findings.isEmpty ? 0 : 1)
    }

    private static func play(_ path: String) throws {
        let script = try SoakScript(text: String(contentsOfFile: path, encoding: .utf8))
        let outcome = try SoakRun.run(script, keepsLog: true)
        for line in outcome.log { print(line) }
        tell(outcome, path)
        exit(outcome.findings.isEmpty ? 0 : 1)
    }

    private static func tell(_ outcome: SoakOutcome, _ name: String) {
        print(
            "\(name): \(outcome.script.rig) plan \(outcome.script.plan), \(outcome.temper), "
                + "\(outcome.sessions) sessions, "
                + "\(outcome.milliseconds / 1_000) s, \(outcome.pulses) pulses, \(outcome.closed) closed, "
                + "\(outcome.faulted) faulted, trace \(hex(outcome.hash))")
        for finding in outcome.findings { print("FINDING \(name): \(finding)") }
    }

    private static func shrink(_ outcome: SoakOutcome) throws {
        guard let first = outcome.findings.first else { return }
        let short = try Shrinker.shrink(outcome.script, rule: first.rule)
        print(
            "shrunk from \(outcome.script.events.count) events to \(short.script.events.count), \(short.tries) tries:")
        print(short.script.text, terminator: "")
        for finding in short.findings { print("# \(finding)") }
    }

    /// The traces of a few short worlds: debug and release must print the same.
    private static func traces() throws {
        for seed: UInt64 in 1...8 {
            let outcome = try SoakRun.run(seed: seed, length: 30_000)
            print("seed \(seed): \(hex(outcome.hash)), \(outcome.pulses) pulses, \(outcome.findings.count) findings")
        }
    }

    /// For seeded defects: stops at the first seed whose judge finds something.
    private static func firstFinding(upTo seeds: UInt64) throws {
        var refused = 0
        for seed in 1...seeds {
            let outcome: SoakOutcome
            do { outcome = try SoakRun.run(seed: seed, stopsAtFinding: true) } catch {
                // A defect may make the host refuse what is sound; that is no find.
                refused += 1
                continue
            }
            guard let finding = outcome.findings.first else { continue }
            print("FOUND\t\(seed)\t\(finding.rule)\t\(finding.text)\t\(finding.milliseconds)")
            return
        }
        print("MISSED\t\(seeds)\t\(refused) refused")
        exit(1)
    }

    // MARK: - Many

    private static func soak(seeds: UInt64, first: UInt64, threads: Int, isQuiet: Bool, shrinks: Bool) async throws {
        let work = SoakWork(first: first)
        let begin = Date.timeIntervalSinceReferenceDate
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<threads {
                group.addTask {
                    while true {
                        let seed = work.next.add(1, ordering: .relaxed).oldValue
                        guard seed < first + seeds else { return }
                        let outcome = try SoakRun.run(seed: seed)
                        work.tally.withLock { $0.take(outcome, seed) }
                    }
                }
            }
            try await group.waitForAll()
        }
        let taken = Date.timeIntervalSinceReferenceDate - begin
        let failed = work.tally.withLock { tally in
            tally.show(seconds: taken, isQuiet: isQuiet)
            return tally.firstFailure
        }
        guard let failed else { return }
        guard shrinks else { exit(1) }
        print("the first seed with a finding, made shorter:")
        let outcome = try SoakRun.run(seed: failed)
        try shrink(outcome)
        exit(1)
    }

    static func hex(_ value: UInt64) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
}

import Foundation
import Glibc
import MutantMaker

/// The tests of one type, and what their run without a mutant was like.
struct Suite {
    /// The module of the tests, such as "SafetyKernelTests".
    let module: String
    /// The type in it, or a function that stands alone.
    let type: String
    /// Seconds.
    var time = 0.0
    var tests = 0
    /// First numbers of the places that it comes by.
    var reached: Set<Int32> = []

    var name: String { "\(module).\(type)" }
}

/// What became of a mutant.
enum Fate: Equatable {
    /// A test said no, or the process ended of itself.
    case killed(by: String)
    case killedByTime(by: String)
    case survived
    /// No suite comes by.
    case notReached
    case notCompilable

    var isKilled: Bool {
        switch self {
        case .killed, .killedByTime: return true
        case .survived, .notReached, .notCompilable: return false
        }
    }
}

/// Runs suites with one mutant each, two processes at a time.
struct Trial {
    /// A mutant may take so many times as long as none, and no less than the second figure, in seconds.
    static let patience = 10.0
    static let leastPatience = 5.0
    static let workers = 2
    /// Seconds: what takes longer is a process of its own.
    private static let quick = 0.7
    /// Whether each survivor is told as it is found.
    var tells = false
    private(set) var suites: [Suite]
    private var measured: Set<String> = []

    /// - Parameter suites: of one module.
    static func arguments(_ suites: [Suite]) -> [String] {
        let types = suites.map(\.type).joined(separator: "|")
        return [
            "--testing-library", "swift-testing", "--no-parallel", "--filter",
            "^\(suites.first?.module ?? "")\\.(\(types))(/|$)",
        ]
    }

    /// The suites of some modules of tests, in the order of the modules.
    init(modules: [String]) throws {
        let list = try Child.run(ScratchCopy.bundle, ["--testing-library", "swift-testing", "--list-tests"])
        var found: [String: [String]] = [:]
        for line in list.output.split(separator: "\n") {
            let parts = line.split(separator: ".", maxSplits: 1)
            guard parts.count == 2, let type = parts[1].split(separator: "/").first else { continue }
            let module = String(parts[0])
            if !(found[module] ?? []).contains(String(type)) { found[module, default: []].append(String(type)) }
        }
        for module in modules where found[module] == nil { throw Trouble("no tests of \(module) in the copy") }
        suites = modules.flatMap { module in
            (found[module] ?? []).sorted().map { Suite(module: module, type: $0) }
        }
    }

    /// How many tests ran, by the last line; nothing when it does not say that all passed.
    static func passed(_ output: String) -> Int? {
        guard let line = output.split(separator: "\n").last(where: { $0.contains("Test run with ") }),
            line.contains(" passed after "), let start = line.range(of: "Test run with ")?.upperBound
        else { return nil }
        return Int(line[start...].prefix { $0.isNumber })
    }

    /// Without a mutant every suite of a module must pass; then again, writing down what it comes by. Once a run, when
    /// it is first needed.
    mutating func measure(_ module: String) throws {
        guard measured.insert(module).inserted else { return }
        for index in suites.indices where suites[index].module == module {
            let name = suites[index].name
            let began = seconds()
            let plain = try Child.run(ScratchCopy.bundle, Self.arguments([suites[index]]), set: ["MUTANT": "0"])
            suites[index].time = seconds() - began
            guard plain.status == 0, let tests = Self.passed(plain.output), tests > 0 else {
                throw Trouble("\(name) does not pass without a mutant:\n\(plain.output.suffix(3_000))")
            }
            suites[index].tests = tests
            let list = ".build-mutants/reached"
            try? FileManager.default.removeItem(atPath: list)
            let marked = try Child.run(
                ScratchCopy.bundle, Self.arguments([suites[index]]), set: ["MUTANT": "-1", "MUTANT_REACHED": list])
            guard marked.status == 0 else { throw Trouble("\(name) does not pass while it is watched") }
            let text = try String(contentsOfFile: list, encoding: .utf8)
            suites[index].reached = Set(text.split(separator: "\n").compactMap { Int32($0) })
        }
        let own = suites.filter { $0.module == module }
        let reached = own.reduce(into: Set<Int32>()) { $0.formUnion($1.reached) }
        let time = own.reduce(0) { $0 + $1.time }
        say(
            "\(module): \(own.reduce(0) { $0 + $1.tests }) tests in \(own.count) suites, "
                + "\(String(format: "%.1f", time)) s, they come by \(reached.count) places")
    }

    /// Through one module of tests after the other, as long as it is not killed.
    /// - Parameter modules: for a mutant the modules of tests in the order in which they are tried.
    mutating func run(_ mutants: [Mutant], through modules: (Mutant) -> [String]) throws -> [Fate] {
        var fates = [Fate](repeating: .notReached, count: mutants.count)
        for step in 0..<(mutants.map { modules($0).count }.max() ?? 0) {
            let left = mutants.indices.filter { !fates[$0].isKilled && modules(mutants[$0]).count > step }
            for module in Set(left.map { modules(mutants[$0])[step] }).sorted() {
                let asked = left.filter { modules(mutants[$0])[step] == module }
                try measure(module)
                if tells { say("\(module) is asked about \(asked.count) mutants") }
                for (index, fate) in zip(asked, try ask(module, about: asked.map { mutants[$0] })) {
                    // One that was come by and lives stays a survivor where nobody else comes by.
                    if fate != .notReached { fates[index] = fate }
                }
            }
        }
        return fates
    }

    /// The suites of a module that come by a mutant: the quick ones in one process, then one after the other, the
    /// quickest first.
    private func way(of mutant: Mutant, through module: String) -> [[Int]] {
        let coming = suites.indices
            .filter { suites[$0].module == module && suites[$0].reached.contains(mutant.place) }
            .sorted { (suites[$0].time, $0) < (suites[$1].time, $1) }
        let quick = coming.filter { suites[$0].time < Self.quick }.sorted()
        return (quick.isEmpty ? [] : [quick]) + coming.filter { suites[$0].time >= Self.quick }.map { [$0] }
    }

    private struct Running {
        let child: Child
        let item: Int
        let suites: [Int]
        let deadline: Double
        var output: [UInt8] = []
    }

    private func ask(_ module: String, about mutants: [Mutant]) throws -> [Fate] {
        var fates = [Fate?](repeating: nil, count: mutants.count)
        let ways = mutants.map { way(of: $0, through: module) }
        for index in mutants.indices where ways[index].isEmpty { fates[index] = .notReached }
        // An item and the position in its way.
        var waiting = mutants.indices.filter { !ways[$0].isEmpty }.map { (item: $0, step: 0) }[...]
        var steps = [Int](repeating: 0, count: mutants.count)
        var running: [Running] = []
        var done = mutants.count - waiting.count
        while !waiting.isEmpty || !running.isEmpty {
            while running.count < Self.workers, let (item, step) = waiting.popFirst() {
                let chosen = ways[item][step].map { suites[$0] }
                steps[item] = step
                let child = try Child(
                    ScratchCopy.bundle, Self.arguments(chosen), set: ["MUTANT": "\(mutants[item].number)"])
                let limit = max(Self.leastPatience, chosen.reduce(0) { $0 + $1.time } * Self.patience)
                running.append(
                    Running(child: child, item: item, suites: ways[item][step], deadline: seconds() + limit))
            }
            for (index, fate) in try look(&running).reversed() {
                let finished = running.remove(at: index)
                let step = steps[finished.item] + 1
                if !fate.isKilled, step < ways[finished.item].count {
                    waiting = [(item: finished.item, step: step)] + waiting
                    continue
                }
                fates[finished.item] = fate
                done += 1
                if tells, !fate.isKilled {
                    say("  lives: \(mutants[finished.item].number) \(mutants[finished.item].key)")
                }
                if done % 200 == 0 { say("  \(done) of \(mutants.count)") }
            }
        }
        return fates.map { $0 ?? .notReached }
    }

    /// Waits until one of them says something or its time is over.
    /// - Returns: those that came to an end, in order.
    private func look(_ running: inout [Running]) throws -> [(Int, Fate)] {
        var polls = running.map { pollfd(fd: $0.child.pipe, events: Int16(POLLIN), revents: 0) }
        let soonest = (running.map(\.deadline).min() ?? 0) - seconds()
        _ = unsafe poll(&polls, nfds_t(polls.count), Int32(max(1, min(1_000, soonest * 1_000))))
        var ended: [(Int, Fate)] = []
        for index in running.indices {
            let asked = running[index].suites.map { suites[$0] }
            let module = asked.first?.module ?? ""
            if polls[index].revents != 0 {
                if let more = running[index].child.read() {
                    running[index].output += more
                    // The first complaint of a test is enough.
                    guard Self.complains(running[index].output.suffix(more.count + 2)) else { continue }
                    running[index].child.kill()
                    _ = running[index].child.wait()
                    ended.append((index, .killed(by: module)))
                } else {
                    let status = running[index].child.wait()
                    let tests = Self.passed(String(decoding: running[index].output.suffix(4_000), as: UTF8.self))
                    let isWell = status == 0 && tests == asked.reduce(0) { $0 + $1.tests }
                    ended.append((index, isWell ? .survived : .killed(by: module)))
                }
            } else if seconds() > running[index].deadline {
                running[index].child.kill()
                _ = running[index].child.wait()
                ended.append((index, .killedByTime(by: module)))
            }
        }
        return ended
    }

    /// Whether there is a ✘ in it.
    private static func complains(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.indices.dropLast(2).contains { bytes[$0] == 0xE2 && bytes[$0 + 1] == 0x9C && bytes[$0 + 2] == 0x98 }
    }
}

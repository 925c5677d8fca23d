import Foundation
import Glibc
import MutantMaker

/// A suite of tests, and what its run without a mutant was like.
struct Suite {
    let name: String
    /// Seconds.
    var time = 0.0
    var tests = 0
    /// First numbers of the places that it comes by.
    var reached: Set<Int32> = []
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
    var suites: [Suite]

    static func arguments(_ suite: String) -> [String] {
        ["--testing-library", "swift-testing", "--no-parallel", "--filter", "^\(suite)\\."]
    }

    /// How many tests ran, by the last line; nothing when it does not say that all passed.
    static func passed(_ output: String) -> Int? {
        guard let line = output.split(separator: "\n").last(where: { $0.contains("Test run with ") }),
            line.contains(" passed after "), let start = line.range(of: "Test run with ")?.upperBound
        else { return nil }
        return Int(line[start...].prefix { $0.isNumber })
    }

    /// Without a mutant every suite must pass; then again, writing down what it comes by.
    mutating func measure() throws {
        for index in suites.indices {
            let name = suites[index].name
            let began = seconds()
            let plain = try Child.run(ScratchCopy.bundle, Self.arguments(name), set: ["MUTANT": "0"])
            suites[index].time = seconds() - began
            guard plain.status == 0, let tests = Self.passed(plain.output), tests > 0 else {
                throw Trouble("\(name) does not pass without a mutant:\n\(plain.output.suffix(3_000))")
            }
            suites[index].tests = tests
            let list = ".build-mutants/reached"
            try? FileManager.default.removeItem(atPath: list)
            let marked = try Child.run(
                ScratchCopy.bundle, Self.arguments(name), set: ["MUTANT": "-1", "MUTANT_REACHED": list])
            guard marked.status == 0 else { throw Trouble("\(name) does not pass while it is watched") }
            let text = try String(contentsOfFile: list, encoding: .utf8)
            suites[index].reached = Set(text.split(separator: "\n").compactMap { Int32($0) })
            say(
                "\(name): \(tests) tests, \(String(format: "%.1f", suites[index].time)) s, "
                    + "comes by \(suites[index].reached.count) places")
        }
    }

    private struct Running {
        let child: Child
        let item: Int
        let suite: Int
        let deadline: Double
        var output: [UInt8] = []
    }

    /// - Parameter order: for a mutant the suites in the order in which they are tried, by their index.
    func run(_ mutants: [Mutant], order: (Mutant) -> [Int]) throws -> [Fate] {
        var fates = [Fate?](repeating: nil, count: mutants.count)
        let ways = mutants.map { mutant in order(mutant).filter { suites[$0].reached.contains(mutant.place) } }
        for index in mutants.indices where ways[index].isEmpty { fates[index] = .notReached }
        // An item and the position in its way.
        var waiting = mutants.indices.filter { !ways[$0].isEmpty }.map { (item: $0, step: 0) }[...]
        var steps = [Int](repeating: 0, count: mutants.count)
        var running: [Running] = []
        var done = mutants.count - waiting.count
        while !waiting.isEmpty || !running.isEmpty {
            while running.count < Self.workers, let (item, step) = waiting.popFirst() {
                let suite = ways[item][step]
                steps[item] = step
                let child = try Child(
                    ScratchCopy.bundle, Self.arguments(suites[suite].name), set: ["MUTANT": "\(mutants[item].number)"])
                let limit = max(Self.leastPatience, suites[suite].time * Self.patience)
                running.append(Running(child: child, item: item, suite: suite, deadline: seconds() + limit))
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
            let suite = suites[running[index].suite]
            if polls[index].revents != 0 {
                if let more = running[index].child.read() {
                    running[index].output += more
                    // The first complaint of a test is enough.
                    guard Self.complains(running[index].output.suffix(more.count + 2)) else { continue }
                    running[index].child.kill()
                    _ = running[index].child.wait()
                    ended.append((index, .killed(by: suite.name)))
                } else {
                    let status = running[index].child.wait()
                    let tests = Self.passed(String(decoding: running[index].output.suffix(4_000), as: UTF8.self))
                    let isWell = status == 0 && tests == suite.tests
                    ended.append((index, isWell ? .survived : .killed(by: suite.name)))
                }
            } else if seconds() > running[index].deadline {
                running[index].child.kill()
                _ = running[index].child.wait()
                ended.append((index, .killedByTime(by: suite.name)))
            }
        }
        return ended
    }

    /// Whether there is a ✘ in it.
    private static func complains(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.indices.dropLast(2).contains { bytes[$0] == 0xE2 && bytes[$0 + 1] == 0x9C && bytes[$0 + 2] == 0x98 }
    }
}

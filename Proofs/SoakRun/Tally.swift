// What many worlds came to, merged in the order of their seeds, so that it does not matter which thread ran which.
import Foundation
import Soak

struct Tally {
    private var next: UInt64
    private let first: UInt64
    private var waiting: [UInt64: SoakOutcome] = [:]

    private var seeds = 0
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    private var milliseconds: Int64 = 0
    private var treatment: Int64 = 0
    private var delivering: Int64 = 0
    private var pulses: Int64 = 0
    private var sessions = 0
    private var closed = 0
    private var faulted = 0
    private var kills = 0
    private var records = 0
    private var causes: Set<UInt8> = []
    private var draws: [String: Int] = [:]
    private var coverage: [String: [Int64]] = [:]
    /// Each seed with findings, and how many it has.
    private var found: [String] = []
    private var findings: [String] = []
    private(set) var firstFailure: UInt64?

    init(first: UInt64) {
        self.first = first
        next = first
    }

    mutating func take(_ outcome: SoakOutcome, _ seed: UInt64) {
        waiting[seed] = outcome
        while let outcome = waiting.removeValue(forKey: next) {
            add(outcome, next)
            next += 1
            if seeds % Tally.told == 0 { tell() }
        }
    }

    /// Whoever waits for hours sees that it goes on, and what it has found so far.
    private static let told = 1_000

    private func tell() {
        let text = "soak: \(seeds) seeds so far, \(pulses) pulses, \(findings.count) findings\n"
        FileHandle.standardError.write(Data(text.utf8))
        if let last = findings.last { FileHandle.standardError.write(Data("soak: the latest: \(last)\n".utf8)) }
    }

    private mutating func add(_ outcome: SoakOutcome, _ seed: UInt64) {
        seeds += 1
        hash = (hash ^ outcome.hash) &* 0x0000_0100_0000_01B3
        hash ^= hash >> 31
        milliseconds += outcome.milliseconds
        treatment += outcome.treatmentMilliseconds
        delivering += outcome.deliveringMilliseconds
        pulses += outcome.pulses
        sessions += outcome.sessions
        closed += outcome.closed
        faulted += outcome.faulted
        kills += outcome.kills
        records += outcome.recordsRead
        causes.formUnion(outcome.causes)
        draws["\(outcome.script.rig.rawValue) plan \(outcome.script.plan)", default: 0] += 1
        draws["hands: \(outcome.temper)", default: 0] += 1
        if outcome.script.needleLedger != nil { draws["with the needle ledger", default: 0] += 1 }
        if outcome.script.hasDisk { draws["with a disk", default: 0] += 1 }
        if outcome.script.chances.isEmpty { draws["without chances on the line", default: 0] += 1 }
        for (fault, counts) in outcome.coverage {
            var sum = coverage[fault] ?? [Int64](repeating: 0, count: counts.count)
            for index in counts.indices { sum[index] += counts[index] }
            coverage[fault] = sum
        }
        if !outcome.findings.isEmpty { found.append("\(seed) (\(outcome.findings.count))") }
        for finding in outcome.findings {
            if firstFailure == nil { firstFailure = seed }
            findings.append("FINDING seed \(seed): \(finding)")
        }
    }

    private static let states = [
        "idle", "cleared", "armed", "search", "up", "hold", "down", "rest", "paused", "stopping", "closed", "faulted",
    ]

    func show(seconds: Double, isQuiet: Bool) {
        if !isQuiet {
            print("draws: " + draws.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
            print("fault\t" + Tally.states.joined(separator: "\t"))
            for (fault, counts) in coverage.sorted(by: { $0.key < $1.key }) {
                print(fault + "\t" + counts.map { "\($0)" }.joined(separator: "\t"))
            }
            print("causes of faults: \(causes.sorted().map { "\($0)" }.joined(separator: " "))")
        }
        let never = SoakCatalogue.names.filter { coverage[$0] == nil }
        print("kinds that never fired: \(never.isEmpty ? "none" : never.joined(separator: ", "))")
        for finding in findings.prefix(40) { print(finding) }
        if !found.isEmpty { print("seeds with findings, and how many: \(found.joined(separator: ", "))") }
        // For whoever adds up the steps; the last line is that of the figures.
        print("soak: \(findings.isEmpty ? 1 : 0) passed, \(findings.isEmpty ? 0 : 1) failed")
        let hours = Double(milliseconds) / 3_600_000
        print(
            "soak: seeds \(first)...\(next - 1), \(sessions) sessions (\(closed) closed, \(faulted) faulted, \(kills) "
                + "starts after a death or an end), \(pulses) pulses, \(records) records read back, trace "
                + SoakMain.hex(hash))
        print(
            "soak: \(seeds) seeds, \(one(hours)) hours, \(one(Double(treatment) / 3_600_000)) of treatment "
                + "(\(one(Double(delivering) / 3_600_000)) delivering), "
                + "\(one(hours / max(0.001, seconds) * 3_600)) hours an hour, "
                + "\(findings.count) findings in \(Int(seconds)) s"
        )
    }

    private func one(_ value: Double) -> String {
        let tenths = Int64(value * 10 + 0.5)
        return "\(tenths / 10).\(tenths % 10)"
    }
}

enum Rows {
    static func show() {
        for rig in RigKind.allCases {
            for row in Loosening.table(rig) {
                print(
                    "| \(rig.rawValue) | \(row.fault) | \(row.rules.sorted().joined(separator: ", ")) | \(row.reason) |"
                )
            }
        }
    }
}

import ArgumentParser
import DeviceDrivers
import Glibc
import MachineChecks
import StimulusModel

struct LatencyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency",
        abstract: "Say how good this computer is for the work: how late it wakes, and what to change.",
        discussion: """
            Wakes every millisecond as a session does, on a thread that asks the computer for the same, and does \
            nothing else. No device is opened. Measure while whatever usually runs on this computer runs.

            Exit status: 0 fit for pads, or for what was asked for · 30 not fit · 64 command line · 70 internal error \
            · 73 cannot write
            """)

    @Option(help: "For how many seconds, 1 to 3600.") var seconds: Int32 = 10
    @Flag(help: "End with 30 unless it is fit for a needle rig, too.") var needle = false
    @Flag(help: "One JSON object.") var json = false
    @Flag(help: "ASCII characters only: for logs and screen readers.") var plain = false

    func validate() throws {
        guard (1...3_600).contains(seconds) else { throw ValidationError("--seconds is 1 to 3600, not \(seconds)") }
    }

    func run() throws {
        try reporting {
            let (timing, report) = try measure()
            let facts = LatencyFacts(
                histogram: (0..<8).map { timing.histogram[$0] }, worstNanoseconds: timing.worstLateness.nanoseconds,
                missedTicks: timing.missedTicks, isRealTimeGranted: report.meetsRequirement)
            let verdict = LatencyVerdict(facts)
            let machine = RealTimeChecks.findings(
                MachineReader.realTime(report, isRequired: needle), user: MachineReader.user())
            if json {
                print(object(facts, verdict, timing, report, machine))
            } else {
                for line in words(facts, verdict, timing, report, machine) { print(line) }
            }
            guard needle ? verdict == .needleRig : verdict != .nothing else {
                throw Failure(
                    .notCleared, "this computer is not fit for \(needle ? "a needle rig" : "the work") as it is now")
            }
        }
    }

    private func measure() throws -> (LoopTiming, RealtimeReport) {
        do {
            let seconds = seconds
            let thread = try RealtimeThread(
                named: "latency", asking: RealtimeRequest(.bestEffort), owner: LatencyTrial(),
                body: { trial, _ in trial.run(seconds: seconds) })
            let report = thread.report
            return (thread.join().timing, report)
        } catch {
            throw Failure(.internalError, "the trial could not be started: \(error)")
        }
    }

    private func words(
        _ facts: LatencyFacts, _ verdict: LatencyVerdict, _ timing: LoopTiming, _ report: RealtimeReport,
        _ machine: [Finding]
    ) -> [String] {
        var lines = ["\(facts.wakeUps) wake-ups in \(seconds) s, 1 ms apart, by how late each was:"]
        lines += LatencyVerdict.picture(facts)
        lines.append(
            "worst \(facts.worstNanoseconds / 1_000) µs late, \(facts.missedTicks) ticks missed, "
                + "\(timing.pageFaults) page faults")
        lines.append("granted: \(report)")
        lines.append("")
        lines += FindingText.wrapped(verdict.text(facts), columns: 80)
        let missed = LatencyVerdict.missed(facts)
        if !missed.isEmpty { lines += FindingText.wrapped(missed, columns: 80) }
        let changes = machine.compactMap { finding in finding.remedy.map { (finding.text, $0) } }
        if verdict != .needleRig, !changes.isEmpty {
            lines.append("What to change:")
            for (text, remedy) in changes {
                lines += FindingText.wrapped(text, columns: 78).map { "  " + $0 }
                lines += FindingText.wrapped("type: " + remedy, columns: 74).map { "      " + $0 }
            }
        }
        if verdict == .nothing || facts.missedTicks > 0 {
            lines += FindingText.wrapped("If it stays so: " + LatencyVerdict.advice + ".", columns: 80)
        }
        return plain ? lines.map { $0.replacing("µ", with: "u") } : lines
    }

    private func object(
        _ facts: LatencyFacts, _ verdict: LatencyVerdict, _ timing: LoopTiming, _ report: RealtimeReport,
        _ machine: [Finding]
    ) -> String {
        var pairs: [(String, JSONLine.Value)] = [
            ("seconds", .number(Int64(seconds))), ("wake_ups", .number(facts.wakeUps)),
            ("missed_ticks", .number(facts.missedTicks)), ("worst_us", .number(facts.worstNanoseconds / 1_000)),
            ("page_faults", .number(timing.pageFaults)),
        ]
        for (bound, count) in zip(LatencyVerdict.bounds, facts.histogram) {
            pairs.append(("below_\(bound)_us", .number(count)))
        }
        pairs += [
            ("later", .number(facts.histogram.last ?? 0)), ("real_time_granted", .truth(report.meetsRequirement)),
            ("granted", .text("\(report)")), ("fit_for", .text(verdict.rawValue)), ("text", .text(verdict.text(facts))),
            ("change", .text(machine.compactMap(\.remedy).joined(separator: "; "))),
        ]
        return JSONLine.text(pairs)
    }
}

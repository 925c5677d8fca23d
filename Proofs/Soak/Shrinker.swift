// Makes a world that breaks a rule smaller, as long as it still breaks the same rule: a shorter length, fewer chances,
// fewer events. What is left is what matters.
internal import StimulusModel

public enum Shrinker {
    public struct Short: Sendable {
        public let script: SoakScript
        public let findings: [Finding]
        public let tries: Int
    }

    /// At most so many worlds are tried.
    private static let mostTries = 600

    public static func shrink(_ script: SoakScript, rule: String) throws -> Short {
        var tries = 0
        var best = script
        var findings: [Finding] = []
        func stillBreaks(_ other: SoakScript) throws -> Bool {
            guard tries < mostTries else { return false }
            tries += 1
            let outcome = try SoakRun.run(other, stopsAtFinding: true)
            guard let finding = outcome.findings.first, finding.rule == rule else { return false }
            findings = outcome.findings
            best = other
            // Nothing after the finding matters.
            best.milliseconds = min(other.milliseconds, finding.milliseconds + 20)
            best.events.removeAll { $0.at > best.milliseconds }
            return true
        }
        guard try stillBreaks(script) else { return Short(script: script, findings: [], tries: tries) }
        for index in best.chances.indices.reversed() where index < best.chances.count {
            var other = best
            other.chances.remove(at: index)
            _ = try stillBreaks(other)
        }
        if best.hasDisk {
            var other = best
            other.hasDisk = false
            _ = try stillBreaks(other)
        }
        if best.needleLedger != nil {
            var other = best
            other.needleLedger = nil
            _ = try stillBreaks(other)
        }
        // Pieces of half the events, then of a quarter, and so on down to single ones.
        var size = max(1, best.events.count / 2)
        while size >= 1 {
            var from = 0
            while from < best.events.count {
                var other = best
                other.events.removeSubrange(from..<min(from + size, other.events.count))
                if try !stillBreaks(other) { from += size }
            }
            if size == 1 { break }
            size = size / 2
        }
        return Short(script: best, findings: findings, tries: tries)
    }
}

import Foundation
import Soak
import Testing

/// A release build runs thousands of these at their full length: `make soak`, part of `make test`.
// Proves R-FLT-29.
@Suite struct SoakScenarios {
    private static let folder: String = {
        "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Scenarios"
    }()

    static let kept: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".txt") }.sorted()
    }()

    @Test func `the first half minute of some seeds gives the judge nothing to find`() throws {
        var pulses: Int64 = 0
        var faults: Set<String> = []
        for seed: UInt64 in 1...12 {
            let outcome = try SoakRun.run(seed: seed, length: 30_000)
            #expect(outcome.findings.isEmpty, "seed \(seed): \(outcome.findings)")
            pulses += outcome.pulses
            faults.formUnion(outcome.coverage.keys)
        }
        print("soak: seeds 1 to 12, 30 s each: \(pulses) pulses, faults \(faults.sorted())")
        // A world in which nothing is delivered or nothing goes wrong proves nothing.
        #expect(pulses > 100)
        #expect(faults.count > 3)
    }

    @Test(arguments: [UInt64(3), 4, 9]) func `a seed's script plays the same world again`(seed: UInt64) throws {
        let drawn = try SoakRun.run(seed: seed, length: 25_000)
        let read = try SoakScript(text: drawn.script.text)
        #expect(read == drawn.script)
        let played = try SoakRun.run(read)
        #expect(played.hash == drawn.hash)
        #expect(played.pulses == drawn.pulses)
    }

    @Test func `a line that is none is told with its number`() {
        var message = ""
        do throws(SoakScript.Unreadable) { _ = try SoakScript(text: "soak-script 1\nat 5 key fly\n") } catch {
            message = "\(error)"
        }
        #expect(message == "line 2 is no line of a soak script: at 5 key fly")
    }

    @Test func `there are kept scripts`() { #expect(!Self.kept.isEmpty) }

    /// Each was the shortest way to a finding once, of the host or of a host with a planted defect.
    @Test(arguments: kept) func `what was found once is not found again`(name: String) throws {
        let text = try String(contentsOfFile: "\(Self.folder)/\(name)", encoding: .utf8)
        let outcome = try SoakRun.run(SoakScript(text: text))
        #expect(outcome.findings.isEmpty, "\(name): \(outcome.findings)")
    }
}

import Foundation
import Testing

extension ProcessTests {
    /// The plan before the current: said without a device, a terminal or a trace.
    @Suite(.serialized) struct DryRuns {
        private func dryRun(_ words: String...) throws -> (ended: Ended, sandbox: Sandbox) {
            let sandbox = try Sandbox()
            let command = [
                House.host, "start", "--patient", "P-0001", "--side", "right", "--rig", House.demoRig, "--data",
                sandbox.file("data"), "--dry-run",
            ]
            return (try sandbox.run(command + words), sandbox)
        }

        // Proves R-INF-03, R-FLT-11.
        @Test func everyLimitIsSaidWithItsOwnerAndNothingIsTouched() throws {
            let (ended, sandbox) = try dryRun("vmo-relieve-surface", "--limit-ma", "20", "--pad-area-cm2", "30")
            #expect(ended.status == 0, "\(ended.everything)")
            for words in [
                "Dry run: nothing is opened", "20 mA, set by the practitioner", "contraction 10 of 10",
                "contractions: at most 10, the rule for first sessions", "charge through this muscle in 24 h",
                "treatments of this person in 24 h: at most 4", "a lost electrode below 15 mA",
                "not a medical device", "Charge of this session at the most",
            ] {
                #expect(ended.output.contains(words), "\(words) is not in:\n\(ended.everything)")
            }
            #expect(!FileManager.default.fileExists(atPath: sandbox.file("data") + "/sessions"))
        }

        @Test func twoMusclesArePlannedTogether() throws {
            let (ended, _) = try dryRun(
                "vmo-relieve-surface", "--with", "gmed-relieve-surface", "--arrangement", "together")
            #expect(ended.status == 0, "\(ended.everything)")
            #expect(ended.output.contains("Output 1: vmo-relieve-surface"))
            #expect(ended.output.contains("Output 2: gmed-relieve-surface"))
            #expect(ended.output.contains("Pad area assumed: 25 cm²"))
        }

        // Proves R-INF-03.
        @Test func whatAStartWouldRefuseIsRefusedHereWithTheSameWords() throws {
            let first = try dryRun("vmo-elevate-surface").ended
            #expect(first.status == 31)
            #expect(first.errors.contains("a first session on this muscle and side takes a Relieve protocol"))
            // A small pad: the density under it is over its limit before anybody is asked.
            let small = try dryRun("vmo-relieve-surface", "--pad-area-cm2", "1").ended
            #expect(small.status == 31)
            #expect(small.errors.contains("r.m.s. current density under the pad: asked "), "\(small.errors)")
            #expect(small.errors.contains("limit at most 2 mA/cm²"), "\(small.errors)")
        }

        @Test func wordsThatDoNotFitAreNamed() throws {
            for (words, says) in [
                (["vmo-relieve-surface", "--arrangement", "together"], "--arrangement goes with --with"),
                (["vmo-relieve-surface", "--with", "vmo-relieve-surface"], "are for the same muscle"),
                (
                    ["vmo-relieve-surface", "--with", "gmed-relieve-surface", "--arrangement", "sideways"],
                    "together or alternating"
                ),
                (["vmo-relieve-surface", "--pad-area-cm2", "much"], "no number of cm²"),
            ] {
                let sandbox = try Sandbox()
                let ended = try sandbox.run(
                    [
                        House.host, "start", "--patient", "P-0001", "--side", "right", "--rig", House.demoRig,
                        "--data", sandbox.file("data"), "--dry-run",
                    ] + words)
                #expect(ended.status == 64 || ended.status == 31, "\(words): \(ended.everything)")
                #expect(ended.errors.contains(says), "\(words): \(ended.everything)")
            }
        }
    }
}

import Foundation
import Testing

extension ProcessTests {
    /// Before anybody is asked forty questions: whose calibration is it, and who signed it?
    @Suite(.serialized) struct Trust {
        private let quits = "expect \"I01\" within 30s\ntype \"quit\\n\"\nexpect-exit 30 within 10s"
        private let refused = "expect-exit 31 within 30s"

        // Proves R-CAL-01.
        @Test func withoutPapersNobodyIsAskedAnythingAndItIsSaidWhoCanMendIt() throws {
            let bench = try Bench()
            var bare = bench.command
            bare.hasPapers = false
            let screen = try Seat(in: bench.sandbox, bare, script: refused).end("no papers")
            for words in [
                "the calibration of SIMULATED1 is refused (missing)", "motorpoint-bench calibrate",
                "Nothing was armed",
            ] {
                #expect(flat(screen).contains(words), "\(words) is not in:\n\(screen)")
            }
            #expect(!screen.contains("I01"), "the checklist was begun")
            try bench.rig.expectQuiet("after it")
        }

        // Proves R-CAL-03, R-CAL-04, R-CAL-10.
        @Test func aChangedCalibrationAndAChangedProtocolAreRefusedAndGoodOnesAreNot() throws {
            let bench = try Bench()
            let good = try Seat(in: bench.sandbox, bench.command, script: quits).end("good papers")
            #expect(flat(good).contains("Calibration SIMULATED1-1 of "), "\(good)")
            #expect(flat(good).contains("signed by demo-technician"), "\(good)")
            let calibration = bench.data + "/calibrations/SIMULATED1/1.yaml"
            let signature = bench.data + "/signatures/demo-relieve-surface.sig"
            for (file, from, to, words) in [
                (calibration, "gain_ppm: 1000000", "gain_ppm: 1000001", "SIMULATED1 is refused (altered)"),
                (signature, "version: 1", "version: 2", "demo-relieve-surface is refused (altered)"),
                (bench.data + "/policy.yaml", "role: clinic", "role: technician", "refused (wrong role)"),
                (bench.data + "/policy.yaml", "id: demo-technician", "id: another", "refused (untrusted key)"),
            ] {
                let text = try String(contentsOfFile: file, encoding: .utf8)
                let changed = text.replacingOccurrences(of: from, with: to)
                try #require(changed != text)
                try changed.write(toFile: file, atomically: false, encoding: .utf8)
                let screen = try Seat(in: bench.sandbox, bench.command, script: refused).end(words)
                #expect(flat(screen).contains(words), "\(words) is not in:\n\(screen)")
                #expect(!screen.contains("I01"), "\(words): the checklist was begun")
                try text.write(toFile: file, atomically: false, encoding: .utf8)
            }
            try Seat(in: bench.sandbox, bench.command, script: quits).end("good papers again")
        }

        @Test func aDryRunSaysWhatASessionWouldSay() throws {
            let sandbox = try Sandbox()
            try Papers.place(in: sandbox.file("data"))
            // The demo's rig file, with the name of a stimulator.
            let rig = try String(contentsOfFile: House.demoRig, encoding: .utf8)
            func dryRun(_ id: String?) throws -> String {
                let named = id.map {
                    rig.replacing("\nallowed_firmware:", with: "\ndevice_id: \($0)\nallowed_firmware:")
                }
                let file = try sandbox.write("demo-p24.yaml", named ?? rig)
                let ended = try sandbox.run([
                    House.host, "start", "vmo-relieve-surface", "--patient", "P-0001", "--side", "right", "--rig",
                    file, "--data", sandbox.file("data"), "--dry-run",
                ])
                #expect(ended.status == 0, "\(ended.everything)")
                return flat(ended.output)
            }
            #expect(try dryRun("SIMULATED1").contains("Calibration: SIMULATED1-1 of "))
            let other = try dryRun("SIMULATED2")
            #expect(other.contains("a session would not begin") && other.contains("refused (missing)"), "\(other)")
            #expect(try dryRun(nil).contains("the rig file names no stimulator"))
        }

        /// Lines as one: the screen breaks long ones.
        private func flat(_ text: String) -> String {
            text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
    }
}

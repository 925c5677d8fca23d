import Foundation
import Testing

extension ProcessTests {
    /// The technician's commands that need no dummy load.
    @Suite(.serialized) struct BenchCommands {
        static let commands = [[], ["devices"], ["identify"], ["latency"]]

        @Test func everyCommandHasHelp() throws {
            let sandbox = try Sandbox()
            for command in Self.commands {
                let help = try sandbox.run([House.bench] + command + ["--help"])
                #expect(help.status == 0, "\(command)")
                #expect(help.output.contains("USAGE: motorpoint-bench"), "\(command)")
                let wrong = try sandbox.run([House.bench] + command + ["--no-such-option"])
                #expect(wrong.status == 64, "\(command): \(wrong.everything)")
                #expect(!wrong.isCrash)
            }
            #expect(try sandbox.run([House.bench, "devices"]).status == 0)
        }

        /// Every wake-up stands in one part of the histogram, and what a session would be granted is said.
        @Test func latencyCountsEveryWakeUp() throws {
            let sandbox = try Sandbox()
            let ended = try sandbox.run([House.bench, "latency", "--seconds", "1", "--json"])
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any], "\(ended.everything)"
            )
            func number(_ key: String) throws -> Int64 { try #require(object[key] as? NSNumber, "\(key)").int64Value }
            let parts = object.keys.filter { $0.hasPrefix("below_") } + ["later"]
            #expect(parts.count == 8)
            let wakeUps = try number("wake_ups")
            #expect(try parts.reduce(0) { $0 + (try number($1)) } == wakeUps)
            #expect(wakeUps > 0)
            // A second has a thousand ticks: each was woken in or missed, and the last may lie beyond.
            let missed = try number("missed_ticks")
            #expect(wakeUps + missed >= 1_000, "\(wakeUps) and \(missed)")
            #expect(try number("seconds") == 1)
            #expect(try number("worst_us") >= 0)
            let fit = try #require(object["fit_for"] as? String)
            #expect(["needle_rig", "surface", "nothing"].contains(fit))
            #expect(ended.status == (fit == "nothing" ? 30 : 0), "\(ended.everything)")
            let isGranted = try #require(object["real_time_granted"] as? Bool)
            #expect(isGranted || fit != "needle_rig")
        }

        /// What is refused is said with what to type.
        @Test func latencyWithoutRealTimeIsNotFitForNeedles() throws {
            let sandbox = try Sandbox()
            let words = [House.bench, "latency", "--seconds", "1", "--needle", "--plain"]
            let ended = try sandbox.run(
                ["/usr/bin/prlimit", "--rtprio=0", "--memlock=65536"] + House.unprivileged + words)
            #expect(ended.status == 30, "\(ended.everything)")
            #expect(ended.output.contains("What to change:"))
            #expect(ended.output.contains("no real-time scheduling"))
            #expect(ended.output.utf8.allSatisfy { $0 < 0x7F })
            let wrong = try sandbox.run([House.bench, "latency", "--seconds", "0"])
            #expect(wrong.status == 64 && wrong.errors.contains("1 to 3600"))
        }

        @Test func aP24IsIdentified() throws {
            let sandbox = try Sandbox()
            let rig = try Rig(in: sandbox, ["--left-running", "low"])
            let ended = try sandbox.run([House.bench, "identify", "--line", rig.link])
            #expect(ended.status == 0, "\(ended.everything)")
            #expect(ended.output.hasPrefix("\(rig.link): P24 SIMULATED1, firmware "))
            #expect(ended.output.contains("high voltage off"))
            #expect(ended.output.contains("\n  calibration none, locked for patients"))
            #expect(try rig.state().level == 0)
            let json = try sandbox.run([House.bench, "identify", "--line", rig.link, "--json"])
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: String])
            #expect(object["stimulator"] == "p24" && object["serial_number"] == "SIMULATED1")
            #expect(object["firmware"]?.contains(/^[0-9]+\.[0-9]+\.[0-9]+$/) == true)
            #expect(object["calibration"] == "none, locked for patients")
            let data = sandbox.file("calibrated")
            try Papers.place(in: data)
            let calibrated = try sandbox.run(
                [House.bench, "identify", "--line", rig.link, "--data", data])
            #expect(
                calibrated.output.contains(/calibration SIMULATED1-1: holds for 36[0-9] more days, until 20[0-9-]+/),
                "\(calibrated.everything)")
            try rig.expectQuiet("after identify")
        }

        @Test func aPulsePalIsIdentified() throws {
            let sandbox = try Sandbox()
            for firmware in ["21", "22"] {
                let link = sandbox.file("pulse-pal-\(firmware)")
                let device = try sandbox.start(
                    House.simulator, ["pulse-pal", "--link", link, "--firmware", firmware, "--quiet"],
                    output: .file(sandbox.file("pulse-pal.out")))
                #expect(Wait.until(atMostSeconds: 20) { FileManager.default.fileExists(atPath: link) })
                let ended = try sandbox.run(
                    [House.bench, "identify", "--line", link, "--stimulator", "pulse-pal"])
                #expect(ended.status == 0, "\(ended.everything)")
                #expect(ended.output.contains("Pulse Pal no USB serial number, firmware \(firmware), silent"))
                // Asked as a P24 it is foreign or silent, and said to be so.
                let wrong = try sandbox.run([House.bench, "identify", "--line", link])
                #expect(wrong.status == 69, "\(wrong.everything)")
                device.terminate()
            }
        }

        @Test func aLineThatIsMissingIsNamed() throws {
            let sandbox = try Sandbox()
            let none = try sandbox.run([House.bench, "identify"])
            #expect(none.status == 64)
            let missing = try sandbox.run([House.bench, "identify", "--line", sandbox.file("missing")])
            #expect(missing.status == 69)
            #expect(missing.errors.hasPrefix("motorpoint-bench: no device at"), "\(missing.everything)")
        }
    }
}

import Foundation
import Testing

extension ProcessTests {
    /// A technician's calibration on a real pseudo-terminal, with a pretend instrument at the far end of another.
    @Suite(.serialized) struct Calibrations {
        /// One load of 500 Ω, from the first question to the verdict.
        private static let script = """
            expect "locked for patients after it: output 2, 3, 4, 5, 6, 7, 8." within 20s
            expect "type nobody" within 20s
            type "nobody\\n"
            expect "press the stop button now" within 10s
            wait 500ms
            patient-button
            expect "the same stimulator is back" within 20s
            expect "output 1: connect nothing" within 20s
            type "back\\n"
            expect "this is the first step" within 5s
            type "\\n"
            expect "output 1: connect a short circuit" within 60s
            ask "load 1 short"
            type "\\n"
            expect "output 1: connect load LOAD-0500" within 60s
            ask "load 1 500"
            type "LOAD-1000\\n"
            expect "is not LOAD-0500" within 5s
            type "LOAD-0500\\n"
            expect "output 2, which is driven" within 60s
            type "load-0500\\n"
            expect "output 1: connect load LOAD-0500" within 60s
            type "leave\\n"
            expect "What was read is kept" within 10s
            expect-exit 30 within 10s

            """
        private static let resumed = """
            expect "type nobody" within 20s
            type "nobody\\n"
            expect "press the stop button now" within 10s
            wait 500ms
            patient-button
            expect "An interrupted calibration goes on" within 20s
            expect "output 1: connect load LOAD-0500" within 60s
            type "LOAD-0500\\n"
            expect "gain error" within 240s
            expect "FAILED" within 60s
            expect-exit 32 within 10s

            """

        // Proves R-CAL-05, R-CAL-07.
        @Test func anOutputThatGivesAQuarterTooMuchFailsAndLocksTheStimulator() throws {
            let sandbox = try Sandbox()
            let data = sandbox.file("data")
            try Papers.place(in: data)
            let link = sandbox.file("instrument")
            let rig = try Rig(
                in: sandbox,
                [
                    "--dummy-load", "1=open", "--dummy-load", "2=open", "--output-error", "1:gain=250", "--instrument",
                    link, "--cap-milliamperes", "80", "--cap-hertz", "100",
                ])
            let command = [
                House.builds + "/motorpoint-bench", "calibrate", "--rig", House.demoRig, "--line", rig.link, "--bench",
                House.root + "/Hardware/benches/demo.yaml", "--instrument", link, "--channel", "1", "--load", "500ohm",
                "--technician", "TEST", "--key", "demo-technician", "--data", data,
            ]
            for (name, text) in [("first", Self.script), ("second", Self.resumed)] {
                let script = try sandbox.write("\(name).txt", text)
                let screen = sandbox.file(name + ".screen")
                let technician = try sandbox.start(
                    House.simulator,
                    ["operator", "--script", script, "--patient-button", rig.control, "--log", screen, "--"] + command,
                    output: .file(sandbox.file(name + ".out")))
                _ = Wait.until(atMostSeconds: 240) { technician.poll() != nil }
                let shown = Program.text(of: sandbox.file(name + ".out"))
                #expect(technician.poll() == 0, "\(name): \(shown.suffix(3_000))")
            }
            #expect(try rig.end().status == 0)

            let due = try sandbox.run([House.builds + "/motorpoint-bench", "due", "--data", data])
            #expect(due.status == 30 && due.output.contains("FAILED, locked for patients"), "\(due.everything)")
            let certificate = try sandbox.run([
                House.builds + "/motorpoint-bench", "certificate", "SIMULATED1", "--plain", "--data", data,
            ])
            #expect(certificate.status == 0 && certificate.output.contains("FAILED"), "\(certificate.everything)")
        }

        // Proves R-BCH-05.
        @Test func aSelfTestProvesTheStopControlAndThatZeroIsZero() throws {
            let sandbox = try Sandbox()
            let data = sandbox.file("data")
            try Papers.place(in: data)
            let rig = try Rig(in: sandbox, [])
            let script = try sandbox.write(
                "selftest.txt",
                """
                expect "calibration SIMULATED1-1: holds for" within 20s
                expect "type nobody" within 20s
                type "nobody\\n"
                expect "press the stop button now" within 10s
                wait 500ms
                patient-button
                expect "no pulse was delivered, and it is proven off again" within 60s
                expect "self-test passed" within 10s
                expect-exit 0 within 10s

                """)
            let technician = try sandbox.start(
                House.simulator,
                [
                    "operator", "--script", script, "--patient-button", rig.control, "--", House.bench, "selftest",
                    "--rig", House.demoRig, "--line", rig.link, "--data", data,
                ], output: .file(sandbox.file("selftest.out")))
            _ = Wait.until(atMostSeconds: 120) { technician.poll() != nil }
            #expect(technician.poll() == 0, "\(Program.text(of: sandbox.file("selftest.out")).suffix(3_000))")
            #expect(try rig.state().level == 0)
            #expect(try rig.end().status == 0)
        }

        @Test func aCalibrationWithoutAKeyOrALoadOrATerminalMeasuresNothing() throws {
            let sandbox = try Sandbox()
            let data = sandbox.file("data")
            try Papers.place(in: data)
            let bench = House.root + "/Hardware/benches/demo.yaml"
            let start = [House.builds + "/motorpoint-bench", "calibrate", "--bench", bench, "--technician", "T"]
            let cases: [([String], Int32, String)] = [
                (["--key", "demo-technician"], 64, "--instrument"),
                (["--key", "demo-technician", "--typed", "x.png", "--data", data], 64, "keyboard"),
                (["--key", "demo-technician", "--typed", "x.png", "--valid-days", "366"], 64, "365"),
            ]
            for (words, status, says) in cases {
                let ended = try sandbox.run(start + words)
                #expect(ended.status == status && ended.errors.contains(says), "\(words): \(ended.everything)")
            }
        }

        @Test func keysAreMadeListedBackedUpAndRevoked() throws {
            let sandbox = try Sandbox()
            let data = sandbox.file("data")
            try Papers.place(in: data)
            let seal = try sandbox.write("seal", "a long passphrase\n")
            func bench(_ words: String...) throws -> Ended {
                try sandbox.run([House.builds + "/motorpoint-bench"] + words + ["--data", data])
            }
            let made = try bench("keys", "create", "new-one", "--holder", "N.O.", "--role", "technician")
            #expect(made.status == 0 && made.output.contains("public_key:"), "\(made.everything)")
            #expect(try bench("keys", "create", "new-one", "--holder", "N", "--role", "technician").status == 73)
            #expect(try bench("keys", "create", "other", "--holder", "N", "--role", "owner").status == 64)
            let list = try bench("keys", "list")
            #expect(list.output.contains("new-one: secret half here, not in the policy"), "\(list.everything)")
            let copy = sandbox.file("copy")
            #expect(try bench("keys", "backup", "new-one", "--to", copy, "--sealed-with", seal).status == 0)
            #expect(try bench("keys", "restore", "again", "--from", copy, "--sealed-with", seal).status == 0)
            let gone = try bench(
                "keys", "revoke", "demo-clinic", "--reason", "compromised", "--by", "N.O.", "--note", "lost")
            #expect(gone.status == 0, "\(gone.everything)")
            let refused = try sandbox.run([
                House.host, "start", "demo-relieve-surface", "--patient", "P-1", "--side", "left", "--rig",
                House.demoRig, "--line", "x", "--data", data, "--protocols", House.protocols, "--dry-run",
            ])
            #expect(refused.status == 0)
            let signed = try bench("sign", "demo-relieve-surface", "--key", "nobody", "--protocols", House.protocols)
            #expect(signed.status == 66, "\(signed.everything)")
        }
    }
}

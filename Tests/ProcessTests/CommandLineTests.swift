import Foundation
import Testing

extension ProcessTests {
    /// What the command line promises: help, exit statuses, and the forms of output for readers and machines.
    @Suite(.serialized) struct Commands {
        /// The statuses in the source: `case stopped = 10`.
        static func enumerated() throws -> [Int] {
            let source = try String(
                contentsOfFile: "\(House.root)/Sources/Programs/Shell/ExitStatus.swift", encoding: .utf8)
            return source.matches(of: /case \w+ = ([0-9]+)/).compactMap { Int($0.output.1) }.sorted()
        }

        @Test func helpAndReadmeNameEveryExitStatus() throws {
            let statuses = try Self.enumerated()
            #expect(statuses.count >= 15)
            let help = try Sandbox().host("--help")
            #expect(help.status == 0)
            let text = help.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            let list = try #require(text.firstMatch(of: /Exit status: (.*?) USAGE/)?.output.1)
            let named = list.split(separator: "·").compactMap { part in
                part.split(separator: " ").first.flatMap { Int($0) }
            }
            #expect(named.sorted() == statuses, "`motorpoint --help` and ExitStatus differ")

            let readme = try String(contentsOfFile: House.root + "/README.md", encoding: .utf8)
            let table = try #require(readme.components(separatedBy: "## Exit status").last)
            let rows = table.components(separatedBy: "\n## ")[0].split(separator: "|").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            let inTable = rows.flatMap { cell in
                cell.contains(/^[0-9 \/]+$/) ? cell.split(separator: "/").compactMap { Int($0.trimmed) } : []
            }
            #expect(inTable.sorted() == statuses, "the README and ExitStatus differ")
        }

        static let commands = [
            [], ["doctor"], ["protocols"], ["protocols", "list"], ["protocols", "show"], ["protocols", "check"],
            ["protocols", "new"], ["devices"],
            ["start"], ["stop"], ["sessions"], ["sessions", "list"], ["sessions", "show"], ["sessions", "verify"],
            ["sessions", "replay"], ["sessions", "report"], ["sessions", "export"],
            ["sessions", "replay"], ["sessions", "export"], ["sessions", "report"], ["sessions", "reindex"],
        ]

        @Test func everyCommandHasHelp() throws {
            let sandbox = try Sandbox()
            for command in Self.commands {
                let help = try sandbox.run([House.host] + command + ["--help"])
                #expect(help.status == 0, "\(command)")
                #expect(help.output.contains("USAGE: motorpoint"), "\(command)")
                #expect(help.errors.isEmpty, "\(command)")
                let wrong = try sandbox.run([House.host] + command + ["--no-such-option"])
                #expect(wrong.status == 64, "\(command): \(wrong.everything)")
                #expect(!wrong.isCrash)
            }
            let version = try sandbox.host("--version")
            #expect(version.status == 0)
            #expect(version.output.contains(/^[0-9]+\.[0-9]+\.[0-9]+\n$/))
            let listed = try sandbox.host("devices")
            #expect(listed.status == 0, "\(listed.everything)")
        }

        /// A mistyped folder must not pass for one in which everything is in order.
        @Test func aDataFolderThatIsNotThereIsNotVerified() throws {
            let sandbox = try Sandbox()
            let file = try sandbox.write("a-file", "in the way\n")
            for folder in [sandbox.file("missing"), file] {
                let verified = try sandbox.host("sessions", "verify", "--data", folder)
                #expect(verified.status == 66, "\(verified.everything)")
                #expect(verified.errors.contains(folder))
            }
            let list = try sandbox.host("sessions", "list", "--data", file)
            #expect(list.status == 66, "\(list.everything)")
            let none = try sandbox.host("sessions", "list", "--data", sandbox.file("missing"))
            #expect(none.status == 0)
            #expect(none.output.contains("no sessions in"))
        }

        @Test func outputThatIsLostIsNoSuccess() throws {
            let sandbox = try Sandbox()
            for command in ["protocols list", "sessions list", "devices"] {
                let shell = "\"$0\" \(command) > /dev/full"
                let ended = try sandbox.run(["/bin/sh", "-c", shell, House.host])
                #expect(ended.status == 73, "\(command): \(ended.everything)")
                #expect(ended.errors.contains("could not be written"), "\(command): \(ended.everything)")
            }
        }

        // Proves R-STOP-08.
        /// What `motorpoint stop` needs is found out before anybody answers forty questions.
        @Test func aSessionThatNobodyCouldStopFromAfarIsNotBegun() throws {
            let bench = try Bench()
            let closed = try bench.sandbox.makeFolder("closed-runtime", mode: 0o500)
            var command = bench.command
            command.before = House.unprivileged
            let refused = try Seat(
                in: bench.sandbox, command, script: "expect-exit 77 within 30s", adding: ["XDG_RUNTIME_DIR": closed])
            let screen = try refused.end("a closed runtime folder")
            #expect(screen.contains("motorpoint stop"), "\(screen)")
            #expect(screen.contains("XDG_RUNTIME_DIR"), "\(screen)")
            #expect(!screen.contains("I01"), "the checklist was begun")

            // One that is not there at all, or too long for a socket, is passed over.
            let script = "expect \"I01\" within 30s\ntype \"quit\\n\"\nexpect-exit 30 within 10s"
            for folder in ["/nonexistent/runtime", try bench.sandbox.makeFolder(String(repeating: "l", count: 100))] {
                try Seat(in: bench.sandbox, bench.command, script: script, adding: ["XDG_RUNTIME_DIR": folder])
                    .end(folder)
            }
        }

        /// Lines for logs and screen readers: not one byte that moves a cursor.
        @Test func plainOutputHasNoEscapes() throws {
            try MachineStall.told("--plain") {
                let bench = try Bench()
                let seat = try bench.contraction("wait 1500ms\ntype \" \"\nexpect-exit 10 within 30s") {
                    $0.more = ["--plain"]
                }
                let screen = try seat.end("--plain")
                // \r comes from the terminal, in front of each \n.
                let controls = seat.screenBytes.filter { $0 < 32 && $0 != 10 && $0 != 13 }
                #expect(controls.isEmpty, "control bytes \(Set(controls))")
                #expect(screen.contains("HOLD titration 1/5"), "no status line:\n\(screen)")
                #expect(screen.contains("STOP: stopped by the practitioner"))
            }
        }

        /// A terminal that cannot move its cursor gets the same lines without being asked.
        @Test func aDumbTerminalGetsLines() throws {
            try MachineStall.told("TERM=dumb") {
                let bench = try Bench()
                let armed = try House.script("checklist-surface") + House.script("armed")
                let script = armed + "type \" \"\nexpect-exit 10"
                let seat = try Seat(
                    in: bench.sandbox, bench.command, script: script, button: bench.rig.control,
                    adding: ["TERM": "dumb"])
                let screen = try seat.end("TERM=dumb")
                let controls = seat.screenBytes.filter { $0 < 32 && $0 != 10 && $0 != 13 }
                #expect(controls.isEmpty, "control bytes \(Set(controls))")
                #expect(screen.contains("STOP: stopped by the practitioner"))
            }
        }

        /// The view goes with its screen; what happened stays.
        @Test func theScreenIsLeftWithTheLastEventsSaidAgain() throws {
            try MachineStall.told("the way out") {
                let bench = try Bench()
                let script = "type \"m\"\nwait 300ms\ntype \" \"\nexpect-exit 10 within 30s"
                let screen = try bench.contraction(script).end()
                #expect(screen.contains("no alarm: nothing to mute"))
                let last = screen.components(separatedBy: "The last events").last ?? ""
                #expect(last.contains("STOP: stopped by the practitioner"), "\(last)")
                #expect(last.contains(": stopped by the practitioner."), "no summary after the view")
            }
        }

        /// One JSON object a line, into a file while keys are typed on the terminal.
        @Test func jsonIsOneObjectALine() throws {
            try MachineStall.told("--json") {
                let bench = try Bench()
                let file = bench.sandbox.file("out.json")
                let seat = try bench.contraction("wait 1500ms\ntype \" \"\nexpect-exit 10 within 30s") {
                    $0.more = ["--json"]
                    // The operator reads what grows in the file.
                    $0.shell = """
                        : > \(file); tail -n +1 -f \(file) & "$@" > \(file); s=$?; sleep 0.3; kill $!; exit $s
                        """
                }
                try seat.end("--json")
                let lines = Program.text(of: file).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                #expect(lines.count > 60)
                var keys: Set<String> = []
                for line in lines {
                    let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                    guard let object else {
                        Issue.record("no JSON object: \(line)")
                        continue
                    }
                    keys.formUnion(object.keys)
                }
                for key in ["ask", "say", "event", "state", "set_ua", "delivered_ua", "worst_lateness_us"] {
                    #expect(keys.contains(key), "\(key) is missing: \(keys.sorted())")
                }
            }
        }

        // Proves R-FLT-20.
        /// A screen that nobody reads any more is a session that nobody watches. The one who reads it is frozen, and
        /// the view goes on drawing until the terminal takes no more: some ten seconds.
        @Test func aScreenThatTakesNothingStopsTheSession() throws {
            try MachineStall.told("a screen that takes nothing") {
                let bench = try Bench()
                let seat = try bench.contraction("expect-exit 20 within 120s")
                try seat.wait(for: "raised to 2 mA")
                try seat.freeze(true)
                let isOff = Wait.until(atMostSeconds: 60) { (try? bench.rig.state().highVoltage) == false }
                try seat.freeze(false)
                #expect(isOff, "the session goes on in front of a screen that nobody sees")
                let shown = try seat.end("a screen that takes nothing")
                #expect(shown.contains("fault: Screen stalled"), "\(shown.suffix(2_000))")
                try bench.rig.expectQuiet("after it")
                try bench.expectRecord("fault: Screen stalled")
            }
        }
    }
}

extension Substring {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespaces) }
}

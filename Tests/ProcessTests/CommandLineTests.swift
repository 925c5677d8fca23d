import Foundation
import Testing

extension ProcessTests {
    /// What the command line promises: help, exit statuses, and the forms of output for readers and machines.
    @Suite(.serialized) struct Commands {
        /// The statuses in the source: `case stopped = 10`.
        static func enumerated() throws -> [Int] {
            let source = try String(
                contentsOfFile: "\(House.root)/Sources/motorpoint/ExitStatus.swift", encoding: .utf8)
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
            [], ["protocols"], ["protocols", "list"], ["protocols", "show"], ["protocols", "check"], ["devices"],
            ["start"], ["stop"], ["sessions"], ["sessions", "list"], ["sessions", "show"], ["sessions", "verify"],
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

        /// A screen that nobody reads any more is a session that nobody watches.
        @Test func aScreenThatTakesNothingStopsTheSession() throws {
            let bench = try Bench()
            let pipe = Pipe()
            // Each h asks for help: far more text than the operator's pipe and the terminal can hold.
            let typed =
                try House.script("checklist-surface") + House.script("armed") + House.script("first-contraction")
            let script = typed + "type \"\(String(repeating: "h", count: 600))\"\nexpect-exit 20 within 60s"
            let seat = try Seat(in: bench.sandbox, bench.command, script: script, button: bench.rig.control, onto: pipe)
            // Nobody reads the pipe, so the operator stops reading the terminal.
            let wasOn = Wait.until(atMostSeconds: 60) { (try? bench.rig.state().pulses > 10) == true || seat.hasEnded }
            #expect(wasOn && !seat.hasEnded)
            let isOff = Wait.until(atMostSeconds: 30) { (try? bench.rig.state().highVoltage) == false }
            #expect(isOff, "the session goes on in front of a screen that nobody sees")
            let shown = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            if let stall = MachineStall(screen: shown) {
                return tell("STALLED: a screen that takes nothing: this machine was first: \(stall)")
            }
            try seat.end("a screen that takes nothing")
            #expect(shown.contains("fault: Screen stalled"), "\(shown.suffix(2_000))")
            try bench.rig.expectQuiet("after it")
            try bench.expectRecord("fault: Screen stalled")
        }
    }
}

extension Substring {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespaces) }
}

import Foundation
import Testing

extension ProcessTests {
    /// A no before anything is armed: by the checklist, by the person, by the absence of a keyboard.
    @Suite(.serialized) struct Refusals {
        // Proves R-GATE-04.
        @Test func theChecklistTheWordQuitAndAnEndOfInputEndIt() throws {
            let bench = try Bench()
            // Up to the question on implants, which blocks.
            let parts = try House.script("checklist-surface").components(separatedBy: "expect \"C03\" within 5s\n")
            try #require(parts.count == 2)
            let blocked = parts[0].replacingOccurrences(
                of: "expect \"C01\" within 5s\ntype \"no\\n\"", with: "expect \"C01\" within 5s\ntype \"yes\\n\"")
            try #require(blocked != parts[0])
            let cases = [
                ("a pacemaker", blocked + "expect-exit 30 within 10s", "C01 blocks this session"),
                ("quit", "expect \"I01\" within 30s\ntype \"quit\\n\"\nexpect-exit 30 within 10s", "left by the pract"),
                ("end of input", "expect \"I01\" within 30s\ntype \"^D\"\nexpect-exit 30 within 10s", "terminal went"),
            ]
            for (name, script, words) in cases {
                let screen = try Seat(in: bench.sandbox, bench.command, script: script).end(name)
                #expect(screen.contains(words), "\(name):\n\(screen)")
                #expect(screen.contains("othing was armed"), "\(name):\n\(screen)")
            }
            // Ctrl-C is the terminal's own here: it ends the program and with it nothing but questions.
            let interrupt = "expect \"I01\" within 30s\ntype \"^C\"\nexpect-exit 130 within 10s"
            try Seat(in: bench.sandbox, bench.command, script: interrupt).end("Ctrl-C")
            try bench.rig.expectQuiet("after all")
            #expect(try bench.rig.state().pulses == 0)
            #expect(try bench.sessions("list").output.contains("no sessions"))
        }

        // Proves R-GATE-14.
        @Test func aSessionNeedsAScreenAndAKeyboard() throws {
            let bench = try Bench()
            let cases = [
                ([], "standard output is no terminal"), (["--plain"], "needs a keyboard that can stop it"),
                (["--json"], "needs a keyboard that can stop it"),
            ]
            for (more, words) in cases {
                let ended = try bench.sandbox.run(bench.command.words + more)
                #expect(ended.status == 64, "\(ended.everything)")
                #expect(ended.errors.contains(words), "\(ended.everything)")
                #expect(ended.errors.contains("othing was armed"))
                #expect(!ended.isCrash)
            }
            try bench.rig.expectQuiet("after all")
        }

        struct Line: CustomStringConvertible {
            let description: String
            let words: [String]
            let status: Int32
            let says: String
        }

        /// What is wrong with the command line itself; no device is asked.
        static let lines = [
            Line(
                description: "a name for an id", words: ["--patient", "Anna Muster"], status: 64,
                says: "never a name"),
            Line(description: "no side", words: ["--side", "both"], status: 64, says: "left or right"),
            Line(description: "a limit in words", words: ["--limit-ma", "much"], status: 64, says: "--limit-ma"),
            Line(description: "a limit above 80 mA", words: ["--limit-ma", "81"], status: 64, says: "0 to 80"),
            Line(description: "no such option", words: ["--force"], status: 64, says: "--force"),
            Line(description: "--for with a treatment", words: ["--for", "x"], status: 64, says: "goes with a search"),
            Line(
                description: "no such rig file", words: ["--rig", "/nonexistent.yaml"], status: 66,
                says: "/nonexistent.yaml"),
            Line(
                description: "no such folder of protocols", words: ["--protocols", "/nonexistent"], status: 66,
                says: "/nonexistent"),
        ]

        @Test(arguments: lines) func anOrderThatCannotBeIsRefused(line: Line) throws {
            let sandbox = try Sandbox()
            let command = SessionCommand(line: sandbox.file("p24"), data: sandbox.file("data"))
            // An option that is given twice counts as given last.
            let ended = try sandbox.run(command.words + line.words)
            #expect(ended.status == line.status, "\(ended.everything)")
            #expect(ended.errors.contains(line.says), "\(ended.everything)")
            #expect(!ended.isCrash)
        }
    }
}

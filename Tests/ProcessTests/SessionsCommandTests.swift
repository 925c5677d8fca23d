import Foundation
import Glibc
import Testing

extension ProcessTests {
    /// `motorpoint sessions …` on the record of a demonstration that really ran.
    @Suite(.serialized) struct SessionsCommands {
        /// The record of the demonstration, and one of a session that its host's death cut short.
        private func copy() throws -> RecordCopy { try WholeSession.demo.get().copy() }

        private func lines(_ text: String) -> [Substring] {
            text.split(separator: "\n", omittingEmptySubsequences: true)
        }

        static let commands = ["list", "show", "report", "export", "verify", "replay", "reindex"]

        @Test func everyCommandHasHelpWithAnExample() throws {
            let sandbox = try Sandbox()
            for command in Self.commands {
                let help = try sandbox.host("sessions", command, "--help")
                #expect(help.status == 0)
                #expect(help.output.contains(/Examples?:\s+motorpoint sessions \w+/), "\(help.output)")
                let wrong = try sandbox.host("sessions", command, "--no-such-option")
                #expect(wrong.status == 64)
            }
        }

        @Test func listFiltersAndFitsTheScreen() throws {
            let copy = try copy()
            let list = try copy.sessions("list")
            #expect(list.status == 0, "\(list.everything)")
            #expect(lines(list.output).allSatisfy { $0.count <= 80 }, "\(list.output)")
            let day = "\(copy.sessionID.prefix(4))-\(copy.sessionID.dropFirst(4).prefix(2))-01"
            for fitting in [
                ["--patient", "p-0001"], ["--muscle", "vmo"], ["--side", "right"], ["--stage", "relieve"],
                ["--protocol", "demo-relieve-surface"], ["--outcome", "completed"], ["--since", day],
                ["--until", "2999-12-31"], ["--limit", "1"], ["--muscle", "vmo", "--side", "right"],
            ] {
                let found = try copy.run(["list"] + fitting)
                #expect(found.status == 0 && found.output.contains(copy.sessionID), "\(fitting): \(found.everything)")
            }
            for other in [
                ["--patient", "P-0002"], ["--muscle", "gmed"], ["--side", "left"], ["--stage", "restore"],
                ["--protocol", "demo"], ["--outcome", "fault"], ["--since", "2999-01-01"], ["--until", "1999-12-31"],
                ["--muscle", "vmo", "--side", "left"],
            ] {
                let found = try copy.run(["list"] + other)
                #expect(found.status == 0 && !found.output.contains(copy.sessionID), "\(other): \(found.everything)")
                #expect(found.output.contains("none of 1 sessions"), "\(other): \(found.everything)")
            }
            for (wrong, words) in [
                (["--side", "up"], "left, right"), (["--outcome", "fine"], "completed, stopped, fault, interrupted"),
                (["--since", "yesterday"], "2026-11-22"), (["--since", "2026-02-30"], "no day of the calendar"),
                (["--patient", "Ann"], "must end with a digit"), (["--limit", "0"], "at least 1"),
                (["--since", "2026-02-02", "--until", "2026-02-01"], "lies before"),
            ] {
                let refused = try copy.run(["list"] + wrong)
                #expect(refused.status == 64, "\(wrong): \(refused.everything)")
                #expect(refused.errors.contains(words), "\(wrong): \(refused.errors)")
            }
        }

        @Test func listForMachinesIsOneObjectALine() throws {
            let copy = try copy()
            let list = try copy.sessions("list", "--json")
            #expect(list.status == 0)
            #expect(lines(list.output).count == 1)
            let object = try JSONSerialization.jsonObject(with: Data(list.output.utf8)) as? [String: Any]
            #expect(object?["session_id"] as? String == copy.sessionID)
            #expect(object?["outcome"] as? String == "completed")
            #expect(object?["muscles"] as? [String] == ["vmo"])
            #expect(object?["contractions"] as? Int == 3)
            #expect((object?["charge_pc"] as? Int ?? 0) > 1_000_000)
            // Nothing is no object, and no text either.
            let none = try copy.sessions("list", "--json", "--side", "left")
            #expect(none.output.isEmpty && none.status == 0)
            let sandbox = try Sandbox()
            let empty = try sandbox.host("sessions", "list", "--json", "--data", sandbox.file("missing"))
            #expect(empty.output.isEmpty && empty.status == 0)
        }

        @Test func theIndexIsMadeAnewWhateverHappensToIt() throws {
            let copy = try copy()
            let index = copy.data + "/index.sqlite"
            let expected = try copy.sessions("list").output
            let made = try copy.sessions("reindex")
            #expect(made.status == 0, "\(made.everything)")
            #expect(made.output.contains("1 sessions read from the records; index \(index)"))
            let mode = try FileManager.default.attributesOfItem(atPath: index)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            for spoilt in [Data(), Data("rubbish".utf8), Data(repeating: 0x41, count: 9_000)] {
                try spoilt.write(to: URL(fileURLWithPath: index))
                let list = try copy.sessions("list")
                #expect(list.status == 0)
                #expect(list.output == expected)
                #expect(list.errors.contains("index rebuilt from the records"), "\(list.errors)")
                #expect(try copy.sessions("list").errors.isEmpty)
            }
            try FileManager.default.removeItem(atPath: index)
            #expect(try copy.sessions("list").output == expected)
            // One that cannot be kept is no reason to know less.
            try FileManager.default.removeItem(atPath: index)
            try FileManager.default.createDirectory(atPath: index + "/full", withIntermediateDirectories: true)
            let without = try copy.sessions("list")
            #expect(without.status == 0 && without.output == expected)
            #expect(without.errors.contains("no index can be kept"), "\(without.errors)")
            #expect(try copy.sessions("reindex").status == 73)
        }

        /// The index says "completed" still; the record is the truth.
        @Test func damageIsSeenInSpiteOfTheIndex() throws {
            let copy = try copy()
            _ = try copy.sessions("reindex")
            var bytes = try copy.recordBytes()
            bytes[bytes.count - 100] ^= 1
            try Data(bytes).write(to: URL(fileURLWithPath: copy.record))
            let list = try copy.sessions("list")
            #expect(list.output.contains("damaged:"), "\(list.everything)")
            let filtered = try copy.sessions("list", "--side", "left")
            #expect(filtered.errors.contains("damaged records are not in this list"), "\(filtered.everything)")
            for command in [["show", "last"], ["report", "last"], ["export", "last", "--format", "csv"]] {
                let shown = try copy.run(command)
                #expect(shown.status == 40, "\(command): \(shown.errors)")
                #expect(!shown.output.isEmpty, "\(command)")
            }
            #expect(try copy.sessions("report", "last").output.contains("THE RECORD IS DAMAGED"))
        }

        @Test func showDrawsWhatHappened() throws {
            let copy = try copy()
            let shown = try copy.sessions("show", "last")
            #expect(shown.status == 0, "\(shown.everything)")
            for words in [
                "Amplitude in mA over time", "█", "ran ░", "marks", "planned", "delivered", "3 (and 2 of titration)",
                "cap 15 mA", "8 mA",
            ] { #expect(shown.output.contains(words), "\(words) is not in:\n\(shown.output)") }
            let plain = try copy.sessions("show", "last", "--plain")
            let start = try #require(plain.output.range(of: "Amplitude in mA"))
            let end = try #require(plain.output.range(of: "Checklist "))
            let picture = plain.output[start.lowerBound..<end.lowerBound]
            #expect(picture.utf8.allSatisfy { $0 < 0x80 }, "\(picture)")
            #expect(picture.split(separator: "\n").allSatisfy { $0.count <= 80 })
            #expect(picture.contains("#") && picture.contains("sss"))
        }

        @Test func anUnknownIdSuggestsNearOnes() throws {
            let copy = try copy()
            var typed = Array(copy.sessionID)
            typed[typed.count - 1] = typed.last == "0" ? "1" : "0"
            for command in [["show"], ["report"], ["verify"], ["replay"], ["export", "--format", "csv"]] {
                let unknown = try copy.run(command + [String(typed)])
                #expect(unknown.status == 66, "\(command): \(unknown.everything)")
                #expect(unknown.errors.contains("is it \(copy.sessionID)?"), "\(command): \(unknown.errors)")
            }
            let sandbox = try Sandbox()
            let folder = try sandbox.makeFolder("empty")
            let none = try sandbox.host("sessions", "show", "last", "--data", folder)
            #expect(none.status == 66 && none.errors.contains("there is no last session"), "\(none.everything)")
        }

        @Test func exportAgreesWithTheRecord() throws {
            let copy = try copy()
            let demo = try WholeSession.demo.get()
            let json = try copy.sessions("export", "last", "--format", "json")
            #expect(json.status == 0, "\(json.everything)")
            let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
            let row = try #require((object?["rows"] as? [[String: Any]])?.first)
            #expect(row["pulses_delivered"] as? Int == demo.pulses)
            #expect(row["contractions_done"] as? Int == 3)
            #expect(row["verified"] as? String == "intact")
            #expect(demo.screen.contains(row["head_sha256"] as? String ?? "no hash"))
            // The journal, added up by itself, is the gate's account to the nanocoulomb.
            let charge = try #require(row["charge_pc"] as? Int64)
            let journal = try #require(row["journal_charge_pc"] as? Int64)
            #expect(journal - charge >= 0 && journal - charge < 1_000, "\(journal) against \(charge)")

            let csv = try copy.sessions("export", "--all", "--format", "csv", "--table", "pulses")
            #expect(csv.output.components(separatedBy: "\r\n").count == demo.pulses + 2)
            for table in ["events", "answers", "notes"] {
                let one = try copy.sessions("export", "last", "--format", "csv", "--table", table)
                #expect(one.status == 0 && one.output.hasPrefix("session_id,"), "\(table): \(one.everything)")
            }
            let none = try copy.sessions("export", "--all", "--side", "left", "--format", "csv")
            #expect(none.output.components(separatedBy: "\r\n").count == 2)
            let dictionary = try copy.sessions("export", "--dictionary")
            let docs = try String(contentsOfFile: House.root + "/Docs/data-dictionary.md", encoding: .utf8)
            #expect(dictionary.output == docs)
        }

        // Proves R-FLT-04, R-DUR-08.
        /// The host dies with part of its journal: what counts is never less than what the meter at the electrode saw.
        @Test func aKilledSessionCountsAtLeastWhatWasDelivered() throws {
            try MachineStall.told("kill -9, and the account of it") {
                let bench = try Bench()
                let seat = try bench.contraction(#"expect-exit 137 within 30s"#)
                try seat.wait(for: "raised to 2 mA")
                #expect(kill(try seat.host(), SIGKILL) == 0)
                try seat.end("the operator")
                try bench.rig.expectNoMorePulses("after SIGKILL")
                let seen = bench.rig.chargePicocoulombs()
                #expect(seen > 0)
                let export = try bench.sessions("export", "last", "--format", "json")
                #expect(export.status == 0, "\(export.everything)")
                let object = try JSONSerialization.jsonObject(with: Data(export.output.utf8)) as? [String: Any]
                let row = try #require((object?["rows"] as? [[String: Any]])?.first)
                #expect(row["outcome"] as? String == "interrupted")
                #expect(row["charge_is_bound"] as? Bool == true)
                #expect(row["verified"] as? String == "not_closed")
                let counted = try #require(row["charge_pc"] as? Int64)
                #expect(counted >= seen, "counted \(counted) pC, the meter saw \(seen)")
                let journal = try #require(row["journal_charge_pc"] as? Int64)
                // Without the allowance for what never reached the disk it would be less than 100 ms short.
                #expect(journal > 0 && journal <= counted)
                #expect(try bench.sessions("show", "last").output.contains("at most "))
                #expect(try bench.sessions("report", "last").output.contains("No end yet"))
                #expect(try bench.sessions("list").output.contains("cut short"))
                #expect(try bench.sessions("list", "--outcome", "interrupted").output.contains("cut short"))
            }
        }

        @Test func filesAreWrittenWholeForTheUserAloneAndNeverOverByChance() throws {
            let copy = try copy()
            for command in [["report", "last"], ["export", "last", "--format", "json"]] {
                let file = copy.sandbox.file("out-\(command[0])")
                let written = try copy.run(command + ["--output", file])
                #expect(written.status == 0, "\(written.everything)")
                #expect(written.output.isEmpty)
                let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
                #expect(mode == 0o600)
                let content = Program.text(of: file)
                let again = try copy.run(command + ["--output", file])
                #expect(again.status == 73 && again.errors.contains("--force"), "\(again.everything)")
                #expect(Program.text(of: file) == content)
                #expect(try copy.run(command + ["--output", file, "--force"]).status == 0)
                let nowhere = try copy.run(command + ["--output", copy.sandbox.file("no/such/folder")])
                #expect(nowhere.status == 73, "\(nowhere.everything)")
                let full = "ulimit -f 0; \"$0\" \"$@\""
                let cut = try copy.sandbox.run(
                    ["/bin/bash", "-c", full, House.host, "sessions"] + command
                        + ["--output", file + "-full", "--data", copy.data])
                #expect(cut.status == 73, "\(cut.everything)")
                #expect(!FileManager.default.fileExists(atPath: file + "-full"))
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: copy.sandbox.path)
            #expect(!left.contains { $0.contains(".part-") }, "\(left)")
            for wrong in [
                ["export"], ["export", "last"], ["export", "last", "--all", "--format", "csv"],
                ["export", "last", "--format", "xml"], ["export", "last", "--format", "csv", "--table", "x"],
                ["export", "last", "--format", "csv", "--side", "left"],
            ] {
                let refused = try copy.run(wrong)
                #expect(refused.status == 64, "\(wrong): \(refused.everything)")
            }
        }

        @Test func theReportIsAPageOfItsOwn() throws {
            let copy = try copy()
            let page = try copy.sessions("report", "last")
            #expect(page.status == 0, "\(page.errors)")
            for words in [
                "<!DOCTYPE html>", "Not a medical device.", "claims no benefit", "Record intact.", "<svg",
                "set by", "the absolute limit of this program", "motor", "because: pretended person",
            ] { #expect(page.output.contains(words), "\(words)") }
            for banned in ["<script", "http://", "https://", "{{", "src="] {
                #expect(!page.output.contains(banned), "\(banned)")
            }
        }
    }
}

extension RecordCopy {
    func run(_ words: [String]) throws -> Ended {
        try sandbox.run([House.host, "sessions"] + words + ["--data", data])
    }
}

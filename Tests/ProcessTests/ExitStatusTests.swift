import Foundation
import Testing

extension ProcessTests {
    /// Every exit status that is promised, provoked where that takes no stimulator. The others end sessions, and are
    /// provoked by the suites that run some.
    @Suite(.serialized) struct ExitStatuses {
        /// What a session on the pretend rig ends with; see `StopTests`, `DeathTests`, `RefusalTests`.
        static let ofSessions = [10, 11, 20, 21, 30]
        /// What a calibration on the pretend bench ends with; see `CalibrationTests`.
        static let ofBench = [32]
        /// A contradiction within the program: nothing from outside provokes it.
        static let ofNothing = [70]

        struct Case: CustomStringConvertible {
            let status: Int
            let description: String
            let words: @Sendable (Sandbox) throws -> [String]
            let says: String

            init(
                _ status: Int, _ description: String, saying says: String,
                _ words: @escaping @Sendable (Sandbox) throws -> [String]
            ) {
                self.status = status
                self.description = description
                self.says = says
                self.words = words
            }
        }

        static let cases: [Case] = [
            Case(0, "a list", saying: "vmo-relieve-surface") { _ in [House.host, "protocols", "list"] },
            Case(31, "needles on a stimulator for pads", saying: "rated for its own surface electrodes") { sandbox in
                [
                    House.host, "start", "demo-relieve-needle", "--patient", "P-0001", "--side", "left", "--rig",
                    House.demoRig, "--line", sandbox.file("p24"), "--protocols", House.protocols,
                ]
            },
            Case(40, "a record that is none", saying: "damaged or changed") { sandbox in
                for folder in ["data/sessions", "data/anchors"] { _ = try sandbox.makeFolder(folder) }
                try sandbox.write("data/sessions/20261122-093512-4f3a91.mpr", "somebody wrote here\n")
                return [House.host, "sessions", "verify", "--data", sandbox.file("data")]
            },
            Case(64, "an option that there is not", saying: "--force") { _ in [House.host, "stop", "--force"] },
            Case(65, "a file that is no protocol", saying: "bad.yaml") { sandbox in
                [House.host, "protocols", "check", try sandbox.write("bad.yaml", "nonsense: true\n")]
            },
            Case(66, "a protocol that there is not", saying: "no protocol nothing") { _ in
                [House.host, "protocols", "show", "nothing"]
            },
            Case(66, "a session that there is not", saying: "no data folder") { sandbox in
                [House.host, "sessions", "show", "2026", "--data", sandbox.file("missing")]
            },
            Case(69, "a line that there is not", saying: "no device at") { sandbox in
                [House.host, "devices", "--line", sandbox.file("p24")]
            },
            Case(73, "a file in the way", saying: "is not overwritten") { sandbox in
                try sandbox.write("mine.yaml", "precious\n")
                return [
                    House.host, "protocols", "new", "mine", "--template", "search", "--output", sandbox.path,
                ]
            },
            Case(73, "a full disk", saying: "could not be written") { _ in
                ["/bin/sh", "-c", "\"$0\" protocols list > /dev/full", House.host]
            },
            Case(77, "real time that is demanded and not granted", saying: "no real-time scheduling") { sandbox in
                let text = try String(contentsOfFile: House.demoRig, encoding: .utf8)
                    .replacingOccurrences(of: "real_time: best_effort", with: "real_time: required")
                    .replacingOccurrences(of: "id: demo-p24", with: "id: strict")
                return ["/usr/bin/prlimit", "--rtprio=0", "--memlock=65536"] + House.unprivileged + [
                    House.host, "doctor", "--rig", try sandbox.write("strict.yaml", text), "--data",
                    sandbox.file("data"),
                ]
            },
        ]

        @Test(arguments: cases) func aStatusMeansWhatItSays(one: Case) throws {
            let sandbox = try Sandbox()
            let ended = try sandbox.run(one.words(sandbox))
            #expect(Int(ended.status) == one.status, "\(ended.everything)")
            #expect(ended.everything.contains(one.says), "\(ended.everything)")
            #expect(!ended.isCrash)
            // A failure is told once, on standard error; doctor's report is its output.
            let told = ended.errors.components(separatedBy: "motorpoint: ").count - 1
            #expect(told <= 1, "\(ended.errors)")
        }

        @Test func everyStatusIsProvokedOrNamedAsOneThatCannotBe() throws {
            let covered = Set(Self.cases.map(\.status) + Self.ofSessions + Self.ofBench + Self.ofNothing)
            #expect(covered.sorted() == (try Commands.enumerated()), "the table of this suite and ExitStatus differ")
        }

        /// One table in three places: the source, `--help`, the README. Their numbers are held together elsewhere;
        /// here, what each number is called.
        @Test func readmeAndHelpCallEachStatusBySimilarWords() throws {
            let help = try Sandbox().host("--help").output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            let list = try #require(help.firstMatch(of: /Exit status: (.*?) USAGE/)?.output.1)
            let readme = try String(contentsOfFile: House.root + "/README.md", encoding: .utf8)
            let section = try #require(readme.components(separatedBy: "## Exit status\n").last)
                .components(separatedBy: "\n## ")[0]
            let cells = section.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            var inTable: [String: String] = [:]
            for (cell, next) in zip(cells, cells.dropFirst()) where cell.contains(/^[0-9][0-9 \/]*$/) {
                let numbers = cell.components(separatedBy: " / ")
                let meanings = next.components(separatedBy: " / ")
                try #require(numbers.count == meanings.count, "\(cell): \(next)")
                for (number, meaning) in zip(numbers, meanings) { inTable[number] = meaning }
            }
            var compared = 0
            for part in list.split(separator: "·") {
                let words = part.split(separator: " ").map(String.init)
                let meaning = try #require(inTable[words[0]], "\(words[0]) is not in the README")
                // Each word of weight in the short form stands in the long one.
                for word in words.dropFirst() where word.count > 4 {
                    #expect(
                        meaning.contains(word.trimmingCharacters(in: .punctuationCharacters)), "\(part): \(meaning)")
                }
                compared += 1
            }
            #expect(compared == (try Commands.enumerated()).count)
        }
    }
}

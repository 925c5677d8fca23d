import Foundation
import Testing

extension ProcessTests {
    /// Protocol files through the command line: the shipped ones, and those that somebody broke or wrote with bad
    /// intent.
    @Suite(.serialized) struct ProtocolFiles {
        static let shipped: [String] = {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: House.protocols)) ?? []
            return names.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
        }()

        @Test func everyShippedFileIsListedShownAndGood() throws {
            #expect(Self.shipped.count >= 19)
            let sandbox = try Sandbox()
            let list = try sandbox.host("protocols", "list")
            #expect(list.status == 0, "\(list.everything)")
            for id in Self.shipped {
                #expect(list.output.contains(id + " "))
                let shown = try sandbox.host("protocols", "show", id)
                #expect(shown.status == 0, "\(shown.everything)")
                #expect(shown.output.contains("Evidence for the parameters:"), "\(id)")
            }
            let files = Self.shipped.map { "\(House.protocols)/\($0).yaml" }
            let checked = try sandbox.run([House.host, "protocols", "check"] + files)
            #expect(checked.status == 0, "\(checked.everything)")
            #expect(checked.output.components(separatedBy: ": good, ").count - 1 == files.count)
        }

        /// A way to break the demo's protocol, or another file under its name.
        struct Broken: CustomStringConvertible {
            let description: String
            let bytes: @Sendable (String) -> [UInt8]
            let says: [String]

            init(_ description: String, saying says: String..., text: @escaping @Sendable (String) -> String) {
                self.init(description, saying: says) { Array(text($0).utf8) }
            }

            init(_ description: String, saying says: [String], bytes: @escaping @Sendable (String) -> [UInt8]) {
                self.description = description
                self.bytes = bytes
                self.says = says
            }
        }

        /// One number of the file, as everybody finds it in it.
        static func changed(_ text: String, _ key: String, to value: String) -> String {
            text.replacingOccurrences(
                of: "\(key):\n    value: [0-9]+", with: "\(key):\n    value: \(value)", options: .regularExpression)
        }

        static let broken: [Broken] = [
            Broken("90 mA", saying: "at most 80 mA", "absolute limit", "maximum_amplitude_ma") {
                changed($0, "maximum_amplitude_ma", to: "90")
            },
            Broken("200 Hz", saying: "at most 100 Hz", "absolute limit", "frequency_hz") {
                changed($0, "frequency_hz", to: "200")
            },
            Broken("2 ms", saying: "absolute limit", "phase_duration_us") {
                changed($0, "phase_duration_us", to: "2000")
            },
            Broken("no number", saying: "not a finite number", "frequency_hz") {
                changed($0, "frequency_hz", to: ".nan")
            },
            Broken("infinite", saying: "frequency_hz") { changed($0, "frequency_hz", to: ".inf") },
            Broken("an exponent", saying: "frequency_hz") { changed($0, "frequency_hz", to: "1e400") },
            Broken("400 digits", saying: "too large", "frequency_hz") {
                changed($0, "frequency_hz", to: String(repeating: "9", count: 400))
            },
            Broken("negative", saying: "frequency_hz") { changed($0, "frequency_hz", to: "-35") },
            Broken("a list for a number", saying: "a list") { changed($0, "frequency_hz", to: "[35]") },
            Broken("a word for a number", saying: "not a number") { changed($0, "frequency_hz", to: "many") },
            Broken("another unit", saying: "unit", "hertz") {
                $0.replacingOccurrences(of: "frequency_hz", with: "frequency_khz")
            },
            Broken("an unknown key", saying: "unknown key", "frobnicate") { $0 + "\nfrobnicate: 1\n" },
            Broken("a key twice", saying: "stands already") { $0 + "\ntitle: another\n" },
            Broken("a missing part", saying: "pulse") {
                $0.replacingOccurrences(of: "\npulse:", with: "\npattern_of_old:")
            },
            Broken("another id", saying: "the id is not the file's name") {
                $0.replacingOccurrences(of: "id: demo-relieve-surface", with: "id: other")
            },
            Broken("an alias", saying: "anchors and aliases") { "a: &a [1, 2]\nb: *a\n" + $0 },
            Broken("nested deeply", saying: "line too long") { _ in
                String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
            },
            Broken("nested deeply over lines", saying: "demo-relieve-surface.yaml:") { _ in
                (0..<400).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
            },
            Broken("empty", saying: "empty") { _ in "" },
            Broken("10 MB", saying: ["file too long", "bytes"]) { _ in [UInt8](repeating: 97, count: 10_000_000) },
            Broken("no text", saying: ["not UTF-8"]) { _ in (0..<4_096).map { UInt8(truncatingIfNeeded: $0) } },
            Broken("a control character", saying: ["demo-relieve-surface.yaml:"]) { text in
                Array(text.replacingOccurrences(of: "title: D", with: "title: \u{1B}[2J").utf8)
            },
        ]

        @Test(arguments: broken) func aBadFileIsOneClearMessage(file: Broken) throws {
            let sandbox = try Sandbox()
            let good = try String(contentsOfFile: "\(House.protocols)/demo-relieve-surface.yaml", encoding: .utf8)
            let folder = try sandbox.makeFolder("protocols")
            let path = try sandbox.write("protocols/demo-relieve-surface.yaml", file.bytes(good))
            let checked = try sandbox.host("protocols", "check", path)
            try expect(checked, file)
            #expect(checked.output.isEmpty)
            // A place in the file, wherever the file as such is readable.
            if !["empty", "10 MB"].contains(file.description) {
                #expect(checked.errors.contains(/demo-relieve-surface\.yaml:[0-9]+/), "\(checked.errors)")
            }

            // And nobody starts it.
            let command = SessionCommand(
                line: sandbox.file("p24"), data: sandbox.file("data"), more: ["--protocols", folder])
            let started = try sandbox.run(command.words)
            try expect(started, file)
            #expect(!FileManager.default.fileExists(atPath: sandbox.file("data")))
        }

        private func expect(
            _ ended: Ended, _ file: Broken, sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            #expect(ended.status == 65, "\(ended.everything.prefix(2_000))", sourceLocation: sourceLocation)
            #expect(!ended.isCrash, sourceLocation: sourceLocation)
            for words in file.says {
                #expect(
                    ended.errors.contains(words), "\(words) is not in:\n\(ended.errors)", sourceLocation: sourceLocation
                )
            }
            #expect(ended.errors.contains("What to do"), "\(ended.errors)", sourceLocation: sourceLocation)
            #expect(ended.errors.utf8.count < 4_000, "not one clear message", sourceLocation: sourceLocation)
            let controls = ended.errors.utf8.filter { $0 < 32 && $0 != 10 }
            #expect(controls.isEmpty, "control characters reach the terminal", sourceLocation: sourceLocation)
        }

        @Test func aFileThatCannotBeReadIsNamed() throws {
            let sandbox = try Sandbox()
            let closed = try sandbox.write("closed.yaml", "format: motorpoint-protocol-1\n")
            try FileManager.default.setAttributes([.posixPermissions: 0o000], ofItemAtPath: closed)
            let cases: [(String, Int32, String)] = [
                (sandbox.file("missing.yaml"), 66, "there is no such file"),
                (sandbox.path, 65, "is a folder"), ("/dev/zero", 65, "is a character device"),
                (closed, 65, "may not be read by this user"),
            ]
            for (path, status, words) in cases {
                let ended = try sandbox.run(House.unprivileged + [House.host, "protocols", "check", path])
                #expect(ended.status == status, "\(path): \(ended.everything)")
                #expect(ended.errors.contains(words), "\(path): \(ended.everything)")
                #expect(ended.errors.contains("What to do"), "\(path): \(ended.everything)")
                #expect(!ended.isCrash)
            }
            let unknown = try sandbox.host("protocols", "show", "no-such-protocol")
            #expect(unknown.status == 66)
            #expect(unknown.errors.contains("there are: demo-relieve-needle, demo-relieve-surface"))
        }

        /// One bad file does not hide the good ones.
        @Test func aBadNeighbourIsNamedBesideTheGoodOnes() throws {
            let sandbox = try Sandbox()
            let folder = try sandbox.makeFolder("protocols")
            for name in ["demo-relieve-surface", "vmo-relieve-surface"] {
                try FileManager.default.copyItem(
                    atPath: "\(House.protocols)/\(name).yaml", toPath: "\(folder)/\(name).yaml")
            }
            try sandbox.write("protocols/bad.yaml", "nonsense: true\n")
            let list = try sandbox.host("protocols", "list", "--protocols", folder)
            #expect(list.status == 65)
            #expect(list.output.contains("vmo-relieve-surface"))
            #expect(list.errors.contains("bad.yaml"))
        }
    }
}

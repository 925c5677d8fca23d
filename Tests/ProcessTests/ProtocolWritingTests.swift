import Foundation
import Testing

extension ProcessTests {
    /// `protocols show` draws, `protocols new` begins a file.
    @Suite(.serialized) struct ProtocolWriting {
        private func new(_ sandbox: Sandbox, _ words: String...) throws -> Ended {
            try sandbox.run([House.host, "protocols", "new"] + words)
        }

        @Test func everyShippedProtocolIsDrawn() throws {
            let sandbox = try Sandbox()
            for id in ProtocolFiles.shipped {
                let shown = try sandbox.host("protocols", "show", id)
                #expect(shown.output.contains("█"), "\(id)")
                #expect(shown.output.contains("time in s; one column is"), "\(id)")
                let isSearch = id.contains("-search-")
                #expect(shown.output.contains("A search has no pulse of its own") == isSearch, "\(id)")
                #expect(shown.output.contains("time in µs; one column is") == !isSearch, "\(id)")
                let plain = try sandbox.host("protocols", "show", id, "--plain")
                #expect(plain.status == 0)
                let drawing = plain.output.split(separator: "\n").filter { $0.contains(" mA +") || $0.contains("##") }
                #expect(drawing.count > 5 && drawing.allSatisfy { $0.utf8.allSatisfy { $0 < 0x7F } }, "\(id)")
            }
        }

        /// A copy has the numbers, certainties and sources of its original, its own id, and passes at once.
        @Test func aCopyOfEachShippedProtocolIsGood() throws {
            let sandbox = try Sandbox()
            let folder = try sandbox.makeFolder("clinic")
            for id in ProtocolFiles.shipped {
                let ended = try new(sandbox, "my-\(id)", "--from", id, "--output", folder)
                #expect(ended.status == 0, "\(ended.everything)")
                #expect(ended.output.contains("motorpoint protocols check \(folder)/my-\(id).yaml"))
                let checked = try sandbox.host("protocols", "check", "\(folder)/my-\(id).yaml")
                #expect(checked.status == 0, "\(checked.everything)")
                let shown = try sandbox.host("protocols", "show", id).output
                let copy = try sandbox.host("protocols", "show", "my-\(id)", "--protocols", folder).output
                #expect(
                    copy.replacingOccurrences(of: "[my-\(id), version 1]", with: "")
                        == shown.replacing(/\[[a-z-]+, version \d+\]/, with: ""), "\(id)")
            }
            let text = Program.text(of: folder + "/my-vmo-restore-surface.yaml")
            #expect(text.hasPrefix("# yaml-language-server: $schema=/"))
            #expect(text.contains("from vmo-restore-surface, version 1 (sha256 "))
            #expect(text.contains("  # Microseconds of one phase, never of the whole pulse."))
            #expect(!text.contains("FILL-IN"))
        }

        @Test func aTemplateIsGoodOrNamesWhatIsToFillIn() throws {
            let sandbox = try Sandbox()
            let folder = try sandbox.makeFolder("clinic")
            for template in ["contraction", "search", "needle", "dense-disperse"] {
                #expect(try new(sandbox, template, "--template", template, "--output", folder).status == 0)
                #expect(try sandbox.host("protocols", "check", "\(folder)/\(template).yaml").status == 0)
                // A template for pads never begins with a needle's numbers, nor the other way round.
                let isForNeedles = template == "needle" || template == "dense-disperse"
                let text = Program.text(of: "\(folder)/\(template).yaml")
                #expect(text.contains("\nelectrode: \(isForNeedles ? "needle" : "surface")\n"))
            }
            let ended = try new(sandbox, "train", "--template", "continuous", "--output", folder)
            #expect(ended.status == 0, "\(ended.everything)")
            let path = folder + "/train.yaml"
            let lines = Program.text(of: path).split(separator: "\n", omittingEmptySubsequences: false)
            let toFill = lines.indices.filter { !lines[$0].contains("#") && lines[$0].contains("FILL-IN") }
            #expect(toFill.count == 15)
            for index in toFill { #expect(ended.output.contains("\(path):\(index + 1): "), "line \(index + 1)") }
            let checked = try sandbox.host("protocols", "check", path)
            #expect(checked.status == 65)
            #expect(checked.errors.contains("found: FILL-IN"))

            // With every number written, what is still open in words is refused as well, at its line.
            let numbers = Program.text(of: path)
                .replacingOccurrences(
                    of: "phase_duration_us:\n    value: FILL-IN", with: "phase_duration_us:\n    value: 300"
                )
                .replacingOccurrences(of: "value: FILL-IN", with: "value: 20")
            try numbers.write(toFile: path, atomically: false, encoding: .utf8)
            let words = try sandbox.host("protocols", "check", path)
            #expect(words.status == 65)
            #expect(
                words.errors.contains("\(path):\(toFill[0] + 1): this place is not filled in yet"), "\(words.errors)")
            let done = numbers.replacingOccurrences(of: "FILL-IN", with: "(proposal) a test")
            try done.write(toFile: path, atomically: false, encoding: .utf8)
            let good = try sandbox.host("protocols", "check", path)
            #expect(good.status == 0, "\(good.everything)")
        }

        /// The burst template is the shipped protocol with bursts, where there is one.
        @Test func aBurstTemplateIsTheShippedProtocolWithBursts() throws {
            let sandbox = try Sandbox()
            let ended = try new(sandbox, "pens", "--template", "burst", "--output", sandbox.path)
            let hasBursts = ProtocolFiles.shipped.contains {
                Program.text(of: "\(House.protocols)/\($0).yaml").contains("\n  kind: burst")
            }
            #expect(ended.status == (hasBursts ? 0 : 66), "\(ended.everything)")
            if hasBursts { #expect(try sandbox.host("protocols", "check", sandbox.file("pens.yaml")).status == 0) }
        }

        @Test func nothingIsOverwrittenAndNothingLeadsElsewhere() throws {
            let sandbox = try Sandbox()
            let path = try sandbox.write("mine.yaml", "precious\n")
            let again = try new(sandbox, "mine", "--template", "search", "--output", sandbox.path)
            #expect(again.status == 73, "\(again.everything)")
            #expect(again.errors.contains("is not overwritten"))
            #expect(Program.text(of: path) == "precious\n")
            try FileManager.default.createSymbolicLink(
                atPath: sandbox.file("link.yaml"), withDestinationPath: sandbox.file("target"))
            #expect(try new(sandbox, "link", "--template", "search", "--output", sandbox.path).status == 73)
            #expect(!FileManager.default.fileExists(atPath: sandbox.file("target")))
            for id in ["../up", "a/b", "Upper", "", "-dash", "dash-", String(repeating: "l", count: 65)] {
                let ended = try sandbox.run(
                    [House.host, "protocols", "new", "--template", "search", "--output", sandbox.path, "--", id])
                #expect(ended.status == 64, "\(id): \(ended.everything)")
            }
            #expect(try new(sandbox, "x", "--output", sandbox.path).status == 64)
            #expect(try new(sandbox, "x", "--from", "nothing", "--output", sandbox.path).status == 66)
            #expect(try new(sandbox, "x", "--template", "search", "--output", sandbox.file("missing")).status == 66)
            #expect(
                try new(sandbox, "x", "--template", "search", "--from", "vmo-search-surface").status == 64)
            let left = try FileManager.default.contentsOfDirectory(atPath: sandbox.path).sorted()
            #expect(left == ["link.yaml", "mine.yaml", "runtime"])
        }
    }
}

import ByteStreams
import Foundation
import Testing

extension ProcessTests {
    /// `motorpoint doctor` on this computer as it is, and on things that a test breaks.
    @Suite(.serialized) struct Doctor {
        struct Line: Decodable {
            let area: String
            let verdict: String
            let text: String
            let type: String?
        }

        /// Without a clock that this machine may not have set right: that is not what the test is about.
        private func lines(_ ended: Ended) throws -> [Line] {
            try ended.output.split(separator: "\n").map { line in
                try JSONDecoder().decode(Line.self, from: Data(line.utf8))
            }
        }

        private func doctor(_ sandbox: Sandbox, _ more: [String] = [], before: [String] = []) throws -> Ended {
            try sandbox.run(
                before + [House.host, "doctor", "--rig", House.demoRig, "--data", sandbox.file("data")] + more)
        }

        @Test func anOrdinaryComputerHasNothingThatFails() throws {
            let sandbox = try Sandbox()
            let ended = try doctor(sandbox)
            #expect(ended.status == 0, "\(ended.everything)")
            #expect(ended.errors.isEmpty)
            #expect(ended.output.contains(/\d+ ok, \d+ warnings?, 0 fail\n/))
            let found = try lines(try doctor(sandbox, ["--json"]))
            let areas = [
                "serial lines", "real time", "libraries", "data folder", "clock", "terminal", "protocol and rig files",
                "records",
            ]
            var seen: [String] = []
            for line in found where seen.last != line.area { seen.append(line.area) }
            #expect(seen == areas)
            for line in found {
                #expect(["ok", "warning"].contains(line.verdict), "\(line)")
                #expect((line.type == nil) == (line.verdict == "ok"), "\(line)")
            }
            #expect(found.contains { $0.area == "libraries" && $0.text.contains(/libsodium 1\.\d+/) })
            #expect(found.contains { $0.area == "libraries" && $0.text.contains(/SQLite 3\.\d+/) })
            // It left nothing behind, and made nothing.
            #expect(!FileManager.default.fileExists(atPath: sandbox.file("data")))
            let left = try FileManager.default.contentsOfDirectory(atPath: sandbox.path)
            #expect(left.filter { $0.contains("doctor") }.isEmpty)
        }

        @Test func plainHasOnlyPlainCharacters() throws {
            let ended = try doctor(try Sandbox(), ["--plain"])
            #expect(ended.output.utf8.allSatisfy { ($0 >= 0x20 && $0 < 0x7F) || $0 == 10 }, "\(ended.output)")
        }

        /// A stimulator that runs keeps running, and hears nothing: the pretend one counts what it is sent.
        @Test func itOpensNoStimulator() throws {
            let sandbox = try Sandbox()
            var line = try PseudoTerminal(.raw)
            let found = try lines(try doctor(sandbox, ["--json", "--line", line.slavePath]))
            #expect(found.contains { $0.verdict == "ok" && $0.text.contains(line.slavePath) })
            var block = InlineArray<64, UInt8>(repeating: 0)
            var span = block.mutableSpan
            if case .bytes(let count) = line.master.read(into: &span) {
                Issue.record("\(count) bytes came over the line")
            }
            // What is no line, and what is not there, fail.
            let file = try sandbox.write("notes.txt", "no line\n")
            for path in [file, sandbox.file("missing")] {
                let ended = try doctor(sandbox, ["--json", "--line", path])
                #expect(ended.status == 69, "\(ended.everything)")
                #expect(try lines(ended).contains { $0.verdict == "failure" && $0.text.contains(path) })
            }
        }

        @Test func aLineThatThisUserMayNotOpenFailsWithWhatToType() throws {
            let sandbox = try Sandbox()
            let line = try PseudoTerminal(.raw)
            try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: line.slavePath)
            let ended = try doctor(sandbox, ["--json", "--line", line.slavePath], before: House.unprivileged)
            #expect(ended.status == 69, "\(ended.everything)")
            let failure = try #require(try lines(ended).first { $0.verdict == "failure" })
            #expect(failure.text.contains(line.slavePath))
            #expect(failure.type?.contains("usermod --append --groups") == true)
        }

        @Test func aDataFolderThatTakesNothingFails() throws {
            let sandbox = try Sandbox()
            _ = try sandbox.makeFolder("data", mode: 0o500)
            let closed = try doctor(sandbox, before: House.unprivileged)
            #expect(closed.status == 73, "\(closed.everything)")
            #expect(closed.output.contains("FAILS \(sandbox.file("data"))"), "\(closed.output)")
            #expect(closed.output.contains("ermission denied"), "\(closed.output)")
            let file = try sandbox.write("a-file", "in the way\n")
            let inTheWay = try sandbox.host("doctor", "--rig", House.demoRig, "--data", file)
            #expect(inTheWay.status == 73, "\(inTheWay.everything)")
            #expect(inTheWay.output.contains("is no folder"))
        }

        @Test func filesThatDoNotLoadFail() throws {
            let sandbox = try Sandbox()
            let folder = try sandbox.makeFolder("protocols")
            try FileManager.default.copyItem(atPath: House.protocols + "/checklists", toPath: folder + "/checklists")
            try FileManager.default.copyItem(
                atPath: House.protocols + "/demo-relieve-surface.yaml", toPath: folder + "/demo-relieve-surface.yaml")
            #expect(try doctor(sandbox, ["--protocols", folder]).status == 0)
            try sandbox.write("protocols/bad.yaml", "nonsense: true\n")
            let bad = try doctor(sandbox, ["--protocols", folder])
            #expect(bad.status == 65, "\(bad.everything)")
            #expect(bad.output.contains("bad.yaml"))
            let rig = try sandbox.write("my-rig.yaml", "format: motorpoint-rig-1\n")
            let wrong = try sandbox.host("doctor", "--rig", rig, "--data", sandbox.file("data"))
            #expect(wrong.status == 65, "\(wrong.everything)")
            #expect(wrong.output.contains("my-rig.yaml"))
        }

        /// A rig that demands what this process may not have.
        @Test func realTimeThatIsDemandedAndNotGrantedFails() throws {
            let sandbox = try Sandbox()
            let text = try String(contentsOfFile: House.demoRig, encoding: .utf8)
                .replacingOccurrences(of: "real_time: best_effort", with: "real_time: required")
                .replacingOccurrences(of: "id: demo-p24", with: "id: strict")
            let rig = try sandbox.write("strict.yaml", text)
            let words = [House.host, "doctor", "--rig", rig, "--data", sandbox.file("data")]
            let ended = try sandbox.run(
                ["/usr/bin/prlimit", "--rtprio=0", "--memlock=65536"] + House.unprivileged + words)
            #expect(ended.status == 77, "\(ended.everything)")
            #expect(ended.output.contains("FAILS no real-time scheduling"), "\(ended.output)")
            #expect(ended.output.contains("RLIMIT_RTPRIO 0"), "\(ended.output)")
        }

        @Test func aRecordThatIsNoRecordFails() throws {
            let sandbox = try Sandbox()
            for folder in ["data/sessions", "data/anchors"] { _ = try sandbox.makeFolder(folder) }
            #expect(try doctor(sandbox).status == 0)
            try sandbox.write("data/sessions/20261122-093512-4f3a91.mpr", "somebody wrote here\n")
            let ended = try doctor(sandbox)
            #expect(ended.status == 40, "\(ended.everything)")
            #expect(ended.output.contains("20261122-093512-4f3a91"))
            #expect(ended.output.contains("type: motorpoint sessions verify"))
        }
    }
}

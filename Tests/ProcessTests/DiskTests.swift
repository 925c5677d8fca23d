import Foundation
import Testing

extension ProcessTests {
    /// No record, no session: a disk that is full, closed or gives out on the way.
    @Suite(.serialized) struct Disk {
        // Proves R-REC-04.
        @Test func aDataFolderThatCannotBeWrittenIsNamed() throws {
            let bench = try Bench()
            let sandbox = bench.sandbox
            let closed = try sandbox.makeFolder("closed", mode: 0o500)
            _ = try sandbox.makeFolder("half/sessions")
            _ = try sandbox.makeFolder("half/anchors", mode: 0o500)
            let file = try sandbox.write("a-file", "in the way\n")
            let cases = [
                ("a closed folder", closed, "choose a data folder that this user may write to"),
                ("under a closed folder", closed + "/data", "choose a data folder that this user may write to"),
                ("a file in the way", file, "choose another"), ("under a file", file + "/data", "choose another"),
            ]
            for (name, data, words) in cases {
                var command = bench.command
                command.data = data
                command.hasPapers = false
                command.before = House.unprivileged
                let screen = try Seat(in: sandbox, command, script: "expect-exit 73 within 30s").end(name)
                #expect(screen.contains(words), "\(name):\n\(screen)")
                #expect(screen.contains("the record cannot be kept"), "\(name):\n\(screen)")
                #expect(!screen.contains("I01"), "\(name): the checklist was begun")
            }
            // Closed in one place only: found when the record is made, still before anything is armed.
            var half = bench.command
            half.data = sandbox.file("half")
            half.before = House.unprivileged
            let script = try House.script("checklist-surface") + "expect-exit 73 within 30s"
            let screen = try Seat(in: sandbox, half, script: script, button: bench.rig.control).end("half closed")
            #expect(!screen.contains("CLEARED"))
            #expect(screen.contains("choose a data folder that this user may write to"), "\(screen)")
            #expect(try bench.rig.state().pulses == 0)
            try bench.rig.expectQuiet("after all")
        }

        // Proves R-REC-04.
        @Test func aFullDiskIsNamedBeforeAnythingIsArmed() throws {
            let bench = try Bench()
            let small = try bench.sandbox.makeFolder("small")
            let mount = ["/usr/bin/unshare", "--mount", "/bin/sh", "-c"]
            let words = ["mount -t tmpfs -o size=16m small \"$0\" && exec \"$@\"", small]
            guard try bench.sandbox.run(mount + words + ["/bin/true"]).status == 0 else {
                return tell("SKIPPED: a full disk: this user may not mount a small one (the file-size limit is tried)")
            }
            var command = bench.command
            command.data = small + "/data"
            command.before = mount + words
            let screen = try Seat(in: bench.sandbox, command, script: "expect-exit 73 within 30s").end("16 MB")
            #expect(screen.contains("bytes free, a session needs"), "\(screen)")
            #expect(screen.contains("free some space"), "\(screen)")
            #expect(!screen.contains("I01"), "the checklist was begun")
            try bench.rig.expectQuiet("after a full disk")
        }

        // Proves R-REC-04.
        /// A limit on the size of files fails a write as a full disk does, and would kill a program that is not ready.
        @Test func aRecordThatCannotBeBegunArmsNothing() throws {
            let bench = try Bench()
            var command = bench.command
            command.before = ["/usr/bin/prlimit", "--fsize=600"]
            let script = try House.script("checklist-surface") + "expect-exit 73 within 30s"
            let seat = try Seat(in: bench.sandbox, command, script: script, button: bench.rig.control)
            let screen = try seat.end("600 bytes")
            #expect(screen.contains("the record cannot be kept"), "\(screen)")
            #expect(screen.contains("Nothing was armed"), "\(screen)")
            #expect(!screen.contains("CLEARED"))
            try bench.rig.expectQuiet("after it")

            // What was begun is closed by the next start, which goes as far as its first question.
            let next = "expect \"I01\" within 30s\ntype \"quit\\n\"\nexpect-exit 30"
            try Seat(in: bench.sandbox, bench.command, script: next).end("the next start")
            #expect(try bench.sessions("verify").status == 0)
        }

        // Proves R-REC-04, R-FLT-19.
        @Test func aDiskThatFillsInMidSessionStopsIt() throws {
            try MachineStall.told("a disk that fills") {
                let bench = try Bench()
                let seat = try bench.contraction(#"expect-exit 20 within 60s"#)
                try seat.wait(for: "raised to 2 mA")
                let folder = bench.data + "/sessions"
                let record = try #require(
                    try FileManager.default.contentsOfDirectory(atPath: folder).first { $0.hasSuffix(".mpr") })
                let size = try #require(
                    FileManager.default.attributesOfItem(atPath: "\(folder)/\(record)")[.size] as? Int)
                let host = try seat.host()
                let limited = try bench.sandbox.run(
                    ["/usr/bin/prlimit", "--pid", "\(host)", "--fsize=\(size + 100)"])
                #expect(limited.status == 0, "\(limited.everything)")

                let screen = try seat.end("a full disk in mid-session")
                #expect(screen.contains("Record could not be written"), "\(screen)")
                #expect(screen.contains("The stimulator confirmed that its high voltage is off."), "\(screen)")
                #expect(screen.contains("could not be closed"), "\(screen)")
                try bench.rig.expectQuiet("after it")

                // The disk has room again: the next start closes the record.
                let next = try Seat(in: bench.sandbox, bench.command, script: "expect-exit 31 within 30s").end()
                #expect(next.contains("closed as interrupted"))
                try bench.expectRecord("interrupted")
            }
        }
    }
}

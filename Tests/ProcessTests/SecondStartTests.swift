import Foundation
import Testing

extension ProcessTests {
    /// One stimulator, one data folder, one session.
    @Suite(.serialized) struct SecondStart {
        // Proves R-GATE-10.
        @Test func isRefusedAndTheFirstSessionGoesOn() throws {
            try MachineStall.told("a second start") {
                let bench = try Bench()
                let first = try bench.contraction(
                    """
                    expect "GO ON" within 90s
                    expect "contraction" within 20s
                    expect "HOLD" within 20s
                    type " "
                    expect-exit 10 within 30s
                    """)
                try first.wait(for: "raised to 2 mA")
                let holder = try first.host()

                let otherRig = try Rig(in: bench.sandbox, named: "other")
                var sameFolder = bench.command
                sameFolder.side = "left"
                var sameFolderOtherLine = sameFolder
                sameFolderOtherLine.line = otherRig.link
                var sameLine = bench.command
                sameLine.data = bench.sandbox.file("other-data")
                let refused = [sameFolder, sameFolderOtherLine, sameLine].map { command in
                    Result { try Seat(in: bench.sandbox, command, script: "expect-exit 69 within 30s") }
                }
                for seat in refused.prefix(2) {
                    let screen = try seat.get().end("same data folder")
                    #expect(screen.contains("is running with this data folder"), "\(screen)")
                    #expect(screen.contains("motorpoint stop"), "\(screen)")
                }
                let screen = try refused[2].get().end("same line")
                #expect(screen.contains("in use by motorpoint (process \(holder))"), "\(screen)")
                #expect(screen.contains("end that one first"), "\(screen)")

                let asked = try bench.sandbox.host("devices", "--line", bench.rig.link)
                #expect(asked.status == 69)
                #expect(asked.output.contains("in use by motorpoint (process \(holder))"), "\(asked.everything)")

                let before = try bench.rig.state().pulses
                try first.show("GO ON")
                try first.end("the first session")
                #expect(try bench.rig.state().pulses > before, "the first session gave nothing after the second start")
                try bench.rig.expectQuiet("after the first session")
                try otherRig.expectQuiet("the other rig")
                try bench.expectRecord("stopped by the practitioner")
            }
        }

        // Proves R-GATE-08.
        /// Rest is judged when the checklist is over, too: a session may have been held meanwhile.
        @Test func aChecklistThatWaitedOutAnotherSessionArmsNothing() throws {
            try MachineStall.told("a checklist beside a session") {
                let bench = try Bench()
                // The last question comes before the line is held for the trial of the button.
                let last = "expect \"T01\" within 5s\n"
                let parts = try House.script("checklist-surface").components(separatedBy: last)
                try #require(parts.count == 2)
                let script = parts[0] + last + "expect \"GO ON\" within 120s\n" + parts[1] + "expect-exit 31 within 20s"
                let waiting = try Seat(in: bench.sandbox, bench.command, script: script, button: bench.rig.control)
                try waiting.wait(for: "T01")

                try bench.contraction("type \" \"\nexpect-exit 10 within 30s").end("the session meanwhile")
                let before = try bench.rig.state().pulses
                #expect(before > 10)

                try waiting.show("GO ON")
                let screen = try waiting.end("the checklist that waited")
                #expect(screen.contains("rest since the last session on this muscle"))
                #expect(!screen.contains("CLEARED"))
                #expect(try bench.rig.state().pulses == before)
                try bench.rig.expectQuiet("after both")
                #expect(try bench.sessions("verify").output.contains("1 records, 0 damaged"))
            }
        }
    }
}

import ByteStreams
import Foundation
import Glibc
import Testing

extension ProcessTests {
    /// A stimulator that is not there, not the right one, not understood or not permitted: each says so in its own
    /// words, says what to do, and nothing is armed.
    @Suite(.serialized) struct Devices {
        // Proves R-GATE-09.
        @Test func aWrongStimulatorIsNamed() throws {
            let sandbox = try Sandbox()
            let pinned = try String(contentsOfFile: House.demoRig, encoding: .utf8)
                .replacingOccurrences(of: "allowed_firmware:", with: "device_id: NOT-THIS-1\nallowed_firmware:")
                .replacingOccurrences(of: "id: demo-p24", with: "id: pinned")
            let rigFile = try sandbox.write("pinned.yaml", pinned)
            let rigs = [
                try Rig(in: sandbox, named: "a"), try Rig(in: sandbox, named: "b", ["--firmware", "9.9.9"]),
                try Rig(in: sandbox, named: "c", ["--science-mode", "3.0.0"]),
            ]
            let wanted = [
                ["Not the stimulator of this rig", "SIMULATED1", "Connect the right one"],
                ["Firmware not allowed", "firmware 9.9.9", "technician"],
                ["Firmware not allowed", "ScienceMode 3.0.0", "technician"],
            ]
            let seats = try rigs.enumerated().map { index, rig in
                try refusal(at: rig.link, in: sandbox) { if index == 0 { $0.rigFile = rigFile } }
            }
            for (index, seat) in seats.enumerated() {
                try expect(seat, wanted[index])
                let state = try rigs[index].state()
                #expect(!state.highVoltage && state.pulses == 0)
            }
        }

        // Proves R-FLT-30.
        @Test func aLineThatAnswersNonsenseOrNothingIsNamed() throws {
            let sandbox = try Sandbox()
            var silent = try PseudoTerminal(.raw)
            var babbling = try PseudoTerminal(.raw)
            var echoing = try PseudoTerminal(.raw)
            let seats = [
                try refusal(at: silent.slavePath, in: sandbox), try refusal(at: babbling.slavePath, in: sandbox),
                try refusal(at: echoing.slavePath, in: sandbox),
            ]
            var generator = SystemRandomNumberGenerator()
            var babble: [UInt8] = []
            var heard = 0
            // Every byte that the host sends to nobody is read, so that nothing blocks; the echo goes back at once.
            let ended = Wait.until(atMostSeconds: 60) {
                var block = InlineArray<1024, UInt8>(repeating: 0)
                var span = block.mutableSpan
                if case .bytes(let count) = silent.master.read(into: &span) { heard += count }
                span = block.mutableSpan
                _ = babbling.master.read(into: &span)
                babble = (0..<200).map { _ in UInt8.random(in: 0...255, using: &generator) }
                _ = babbling.master.write(babble.span)
                span = block.mutableSpan
                if case .bytes(let count) = echoing.master.read(into: &span) {
                    _ = echoing.master.write(block.span.extracting(first: count))
                }
                return seats.allSatisfy(\.hasEnded)
            }
            #expect(ended, "a start hangs on a line that talks nonsense")
            #expect(heard > 0, "nobody was asked on the silent line")
            try expect(seats[0], ["Stimulator does not answer", "Switch it off and on"])
            try expect(seats[1], ["Disturbed line", "Change the cable"])
            try expect(seats[2], ["Not the stimulator of this rig", "Connect the right one"])
        }

        // Proves R-GATE-15.
        @Test func aPathThatIsNoLineIsNamed() throws {
            let sandbox = try Sandbox()
            let file = try sandbox.write("notes.txt", "no line\n")
            let seats = [
                (try refusal(at: sandbox.file("missing"), in: sandbox), ["no device at", "motorpoint devices"]),
                (try refusal(at: file, in: sandbox), ["is not a serial line", "rig file"]),
                (try refusal(at: "/dev/null", in: sandbox), ["is not a serial line", "rig file"]),
                (try refusal(at: sandbox.path, in: sandbox), ["is not a serial line", "rig file"]),
            ]
            for (seat, words) in seats { try expect(seat, words) }
        }

        // Proves R-GATE-15.
        @Test func aLineThatThisUserMayNotOpenIsNamed() throws {
            let sandbox = try Sandbox()
            let rig = try Rig(in: sandbox)
            let device = try FileManager.default.destinationOfSymbolicLink(atPath: rig.link)
            #expect(chmodded(device, 0o000))
            let seat = try refusal(at: rig.link, in: sandbox) { $0.before = House.unprivileged }
            try expect(seat, ["this user may not open", "dialout"])
            let listed = try sandbox.run(House.unprivileged + [House.host, "devices", "--line", rig.link])
            #expect(listed.status == 69)
            #expect(listed.output.contains("not permitted for this user"), "\(listed.everything)")
            #expect(try rig.state().pulses == 0)
        }

        // Proves R-FLT-17.
        /// Another program left it running: it is turned off before anything is asked.
        @Test func aStimulatorThatWasLeftRunningIsTurnedOffFirst() throws {
            let sandbox = try Sandbox()
            for level in ["low", "mid"] {
                let rig = try Rig(in: sandbox, named: level, ["--left-running", level])
                #expect(try rig.state().level != 0)
                let asked = try sandbox.host("devices", "--line", rig.link)
                #expect(asked.status == 0, "\(asked.everything)")
                #expect(asked.output.contains("SIMULATED1"))
                #expect(asked.output.contains("high voltage off"))
                #expect(asked.output.contains("simulated"))
                #expect(try rig.state().level == 0)
                try rig.expectNoMorePulses("left running \(level)")
                #expect(try !rig.state().highVoltage)
            }
        }

        private func refusal(
            at line: String, in sandbox: Sandbox, _ change: (inout SessionCommand) -> Void = { _ in }
        ) throws -> Seat {
            var command = SessionCommand(line: line, data: sandbox.file("data-" + UUID().uuidString.prefix(6)))
            change(&command)
            return try Seat(in: sandbox, command, script: "expect-exit 69 within 60s")
        }

        private func expect(
            _ seat: Seat, _ words: [String], sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            let screen = try seat.end(sourceLocation: sourceLocation)
            for part in words {
                #expect(screen.contains(part), "\(part) is not in:\n\(screen)", sourceLocation: sourceLocation)
            }
            #expect(!screen.contains("I01"), "the checklist was begun", sourceLocation: sourceLocation)
            let said = screen.components(separatedBy: "motorpoint: ").count - 1
            #expect(said == 1, "one message, not \(said):\n\(screen)", sourceLocation: sourceLocation)
        }

        private func chmodded(_ path: String, _ mode: Int) -> Bool {
            (try? FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)) != nil
        }
    }
}

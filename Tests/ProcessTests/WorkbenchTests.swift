import ByteStreams
import Foundation
import StimulusModel
import Testing

extension ProcessTests {
    /// The technician's part of the pretend rig: its instrument's line, and a hand that moves load and probe.
    @Suite(.serialized) struct Workbench {
        private static func ask(_ question: String, _ line: inout ByteStream) -> String {
            guard case .wrote = line.write(Array((question + "\r\n").utf8).span) else { return "cannot write" }
            var answer: [UInt8] = []
            _ = Wait.until(atMostSeconds: 10) {
                var block = InlineArray<256, UInt8>(repeating: 0)
                var span = block.mutableSpan
                if case .bytes(let count) = line.read(into: &span) {
                    for index in 0..<count { answer.append(block[index]) }
                }
                return answer.last == 10
            }
            return String(decoding: answer.dropLast(), as: UTF8.self)
        }

        @Test func theInstrumentAnswersOnItsOwnLine() throws {
            let sandbox = try Sandbox()
            let link = sandbox.file("instrument")
            let rig = try Rig(
                in: sandbox,
                [
                    "--dummy-load", "1=500", "--dummy-load", "2=open", "--instrument", link, "--instrument-family",
                    "keysight-34461a", "--instrument-error", "noise=0,gain=2",
                ])
            var line = try ByteStream(path: link, for: .both)
            #expect(Self.ask("*IDN?", &line).hasPrefix("Keysight Technologies,34461A,"))
            #expect(Self.ask("MEASure:RESistance?", &line) == "+5.01000000E+02")
            #expect(try rig.ask("load 1 1000") == "ok")
            #expect(Self.ask("MEAS:RES?", &line) == "+1.00200000E+03")
            #expect(try rig.ask("probe 2") == "ok")
            #expect(Self.ask("MEAS:RES?", &line) == "+9.9E+37")
            for wrong in ["probe 9", "load 1", "load 1 -5", "load 0 500"] {
                #expect(try rig.ask(wrong).hasPrefix("error: "), "\(wrong)")
            }
            #expect(try rig.end().status == 0)
            #expect((try? FileManager.default.destinationOfSymbolicLink(atPath: link)) == nil)
        }

        @Test func aProbeWithoutAnInstrumentIsRefused() throws {
            let sandbox = try Sandbox()
            let rig = try Rig(in: sandbox)
            #expect(try rig.ask("probe 1").contains("--instrument"))
            #expect(try rig.ask("load 1 500") == "ok")
        }

        @Test func whatTheWorkbenchDoesNotKnowIsSaid() throws {
            let sandbox = try Sandbox()
            let commands = [
                (["p24", "--link", "x", "--dummy-load", "9=500"], "output 1 to 8"),
                (["p24", "--link", "x", "--output-error", "1:colour=3"], "gain=THOUSANDTHS"),
                (["p24", "--link", "x", "--output-error", "1:swap=1"], "swap=OUTPUT"),
                (["p24", "--link", "x", "--instrument-family", "other"], "rigol-ds1000z"),
                (["p24", "--link", "x", "--instrument-error", "noise=1"], "needs --instrument"),
                (["p24", "--link", "x", "--dummy-load", "1=5", "--dummy-load", "1=6"], "each output once"),
                (["bench", "needle", "--output-error", "1:read-back=5"], "no samples of its own"),
                (["bench", "needle", "--dummy-load", "3=500"], "output 1 to 2"),
            ]
            for (words, reason) in commands {
                let refused = try sandbox.run([House.simulator] + words)
                #expect(refused.status == 64 && refused.errors.contains(reason), "\(words): \(refused.everything)")
            }
        }
    }
}

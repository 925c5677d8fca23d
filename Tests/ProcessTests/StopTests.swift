import Foundation
import Testing

extension ProcessTests {
    /// Every way to stop, tried in mid-contraction.
    @Suite(.serialized) struct Stops {
        struct Way: CustomStringConvertible {
            let description: String
            let script: String
            let status: Int
            let outcome: String
        }

        static let keys: [Way] = [
            ("space", #"type " ""#), ("an arrow key", #"type "\e[A""#), ("escape", #"type "\e""#),
            ("Ctrl-C", #"type "^C""#), ("Ctrl-Z", #"type "^Z""#), ("Ctrl-\\", "type \"^\\\""),
            ("Ctrl-D", #"type "^D""#), ("a stop among raises", #"type "+++ +++""#),
            // As a terminal sends it once the screen has asked for marks: the first byte is ESC.
            ("pasted text", #"type "\e[200~+++\e[201~""#), ("the stop of the one channel there is", #"type "x""#),
        ].map { Way(description: $0.0, script: $0.1, status: 10, outcome: "stopped by the practitioner") }

        static let signals: [Way] = ["TERM", "INT", "TSTP"].map {
            Way(description: "SIG" + $0, script: "signal " + $0, status: 10, outcome: "stopped by a signal")
        }

        static let others: [Way] = [
            Way(description: "hang-up", script: "hangup", status: 10, outcome: "the terminal went away"),
            Way(description: "SIGHUP", script: "signal HUP", status: 10, outcome: "the terminal went away"),
            Way(description: "consent withdrawn", script: #"type "w""#, status: 11, outcome: "consent withdrawn"),
        ]

        // Proves R-STOP-06.
        @Test func eachKeyStopsAndTheRecordSaysWho() throws { try expectStops(Self.keys) }

        // Proves R-STOP-07, R-STOP-12.
        @Test func signalsHangUpAndWithdrawalStop() throws { try expectStops(Self.signals + Self.others) }

        private func expectStops(_ ways: [Way]) throws {
            try MachineStall.told(ways, atOnce: 4) { way in
                let bench = try Bench()
                return (bench, try bench.contraction("\(way.script)\nexpect-exit \(way.status) within 30s"))
            } check: { way, running in
                let (bench, seat) = running
                try seat.end("\(way)")
                #expect(try bench.rig.state().pulses > 10, "\(way): no pulses before the stop")
                try bench.rig.expectQuiet("\(way)")
                try bench.expectRecord(way.outcome)
                if way.status == 11 {
                    let shown = try bench.sessions("show", "2")
                    #expect(shown.output.contains("note (patient): The patient withdrew consent"), "\(shown.output)")
                }
                let verdict = try bench.rig.end()
                #expect(verdict.status == 0, "\(way): \(verdict.output)")
            }
        }

        // Proves R-STOP-08.
        @Test func aSecondTerminalStops() throws {
            try MachineStall.told("motorpoint stop") {
                let bench = try Bench()
                let seat = try bench.contraction(#"expect-exit 10 within 60s"#)
                try seat.wait(for: "raised to 2 mA")
                let stop = try bench.sandbox.host("stop", "--data", bench.data)
                #expect(stop.status == 0, "\(stop.everything)")
                #expect(stop.output == "stopping\n")
                try seat.end()
                try bench.rig.expectQuiet("after motorpoint stop")
                try bench.expectRecord("stopped from a second terminal")
                let again = try bench.sandbox.host("stop", "--data", bench.data)
                #expect(again.status == 66)
                #expect(again.errors.contains("no session is running"))
            }
        }

        // Proves R-AMP-05, R-AMP-03.
        /// A terminal that hung hands over in one piece what was typed: of presses that lower each counts, of raises
        /// none, and none of text that was pasted.
        @Test func whatLowersCountsEachTimeAndAHeldRaiseNever() throws {
            try MachineStall.told("lowers in one piece") {
                let bench = try Bench()
                let seat = try bench.contraction(
                    """
                    type "--"
                    see "set 0 mA" within 2s
                    type "++"
                    expect "key held or pressed too soon" within 5s
                    see "set 0 mA" within 1s
                    wait 300ms
                    type "-+"
                    wait 300ms
                    type "1+2"
                    wait 300ms
                    see "set 0 mA" within 1s
                    type " "
                    expect-exit 10 within 30s
                    """)
                try seat.end("lowers in one piece")
                try bench.rig.expectQuiet("after the stop")
                try bench.expectRecord("stopped by the practitioner")
            }
        }

        // Proves R-STOP-18.
        /// A pause is no stop: high voltage off, the session goes on from 0 mA when a person says so.
        @Test func aPauseTurnsItOffAndGoesOnFromZero() throws {
            try MachineStall.told("a pause") {
                let bench = try Bench()
                let seat = try bench.contraction(
                    """
                    type "p"
                    expect "PAUSED" within 10s
                    expect "GO ON" within 60s
                    type "r"
                    expect "RAMP UP" within 10s
                    see "set 0 mA" within 1s
                    expect "HOLD" within 20s
                    see "set 0 mA" within 1s
                    type "+"
                    expect "raised to 1 mA" within 5s
                    type " "
                    expect-exit 10 within 30s
                    """)
                try seat.wait(for: "PAUSED")
                let isOff = Wait.until(atMostSeconds: 10) { (try? bench.rig.state().highVoltage) == false }
                #expect(isOff)
                try bench.rig.expectQuiet("paused")
                let before = try bench.rig.state().pulses
                try seat.show("GO ON")
                try seat.end("a pause")
                #expect(try bench.rig.state().pulses >= before)
                try bench.rig.expectQuiet("after the pause and the stop")
                try bench.expectRecord("stopped by the practitioner")
            }
        }

        // Proves R-DUR-04.
        /// A search alone, at the phase duration of a treatment: it counts for no rest.
        @Test func aSearchAloneIsASessionOfItsOwnAndNoTreatment() throws {
            try MachineStall.told("a search alone") {
                let bench = try Bench()
                let script =
                    try House.script("armed") + """
                        type "f"
                        expect "SEARCH" within 10s
                        wait 600ms
                        repeat 3 every 900ms type "+"
                        expect "raised to 1 mA" within 10s
                        type "1"
                        expect "sensory threshold" within 10s
                        wait 300ms
                        type " "
                        expect-exit 10 within 30s
                        """
                try bench.session(script) {
                    $0.protocolID = "vmo-search-surface"
                    $0.more = ["--for", "vmo-relieve-surface"]
                }.end("a search")
                #expect(try bench.rig.state().pulses > 0)
                try bench.rig.expectQuiet("after the search")
                try bench.expectRecord("vmo-search-surface")

                var treatment = bench.command
                treatment.protocolID = "vmo-relieve-surface"
                let next = "expect \"I01\" within 30s\ntype \"quit\\n\"\nexpect-exit 30 within 10s"
                let screen = try Seat(in: bench.sandbox, treatment, script: next).end("the treatment")
                #expect(screen.contains("First session on this muscle and side"))
            }
        }

        // Proves R-STOP-09, R-FLT-06, R-STOP-05.
        /// The patient's button and a pulled plug end in the same way, and what comes back gives nothing.
        @Test func thePatientsButtonAndAPulledPlugEndIt() throws {
            let ways = [
                Way(description: "the patient's button", script: "patient-button", status: 20, outcome: "gone"),
                Way(description: "a pulled plug", script: "", status: 20, outcome: "gone"),
            ]
            try MachineStall.told(ways, atOnce: 2) { way in
                let bench = try Bench()
                let seat = try bench.contraction("\(way.script)\nexpect \"gone\" within 60s\nexpect-exit 20 within 30s")
                return (bench, seat)
            } check: { way, running in
                let (bench, seat) = running
                if way.script.isEmpty {
                    try seat.wait(for: "raised to 2 mA")
                    try bench.rig.ask("unplug")
                }
                let screen = try seat.end("\(way)")
                #expect(screen.contains("Stimulator gone"))
                #expect(screen.contains("cannot give a pulse"), "\(way): nothing is said about the output")
                #expect(screen.contains("Treatment pulses were given: this session counts for rest"), "\(way)")
                #expect(
                    !screen.contains("The stimulator confirmed"), "\(way): a device that is gone has confirmed nothing")
                if way.script.isEmpty { try bench.rig.ask("plug") }
                let isBack = Wait.until(atMostSeconds: 10) { (try? bench.rig.state().present) == true }
                #expect(isBack)
                try bench.rig.expectQuiet("\(way)")
                try bench.expectRecord("fault: Stimulator gone")
            }
        }
    }
}

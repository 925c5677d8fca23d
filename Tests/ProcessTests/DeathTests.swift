import ByteStreams
import Foundation
import Glibc
import StimulusModel
import Testing

extension ProcessTests {
    /// A host that dies in mid-contraction: what reaches the patient, and what the next start does about it.
    @Suite(.serialized) struct Death {
        // Proves R-FLT-16, R-FLT-17.
        @Test func afterSIGKILLNothingFollowsThePulseInFlight() throws {
            try MachineStall.told("kill -9 in mid-contraction") {
                let bench = try Bench()
                let seat = try bench.contraction(#"expect-exit 137 within 30s"#)
                try seat.wait(for: "raised to 2 mA")
                let host = try seat.host()
                #expect(try bench.rig.state().ratePerS > 0, "no pulses before the kill: the test would show nothing")
                #expect(kill(host, SIGKILL) == 0)
                guard Wait.until(atMostSeconds: 10, { ProcessTable.isGone(host) }) else {
                    throw Trouble("the host outlived SIGKILL")
                }
                let deadAt = SystemClock.now().nanoseconds
                try seat.end("the operator")
                try bench.rig.expectNoMorePulses("after SIGKILL")
                let late = bench.rig.pulseNanoseconds().filter { $0 > deadAt }
                #expect(late.count <= 1, "\(late.count) pulses began after the host's death")

                try expectInterrupted(bench)
            }
        }

        // Proves R-STOP-15.
        /// The last act of a host that dies of a fault of its own is the stop command.
        @Test func aFaultOfItsOwnStillStopsTheStimulator() throws {
            try MachineStall.told("SIGSEGV in mid-contraction") {
                let bench = try Bench()
                try bench.contraction("signal SEGV\nexpect-exit 139 within 30s").end()
                let isOff = Wait.until(atMostSeconds: 10) { (try? bench.rig.state().highVoltage) == false }
                #expect(isOff, "the last stop did not arrive")
                try bench.rig.expectQuiet("after SIGSEGV")
                try expectInterrupted(bench)
            }
        }

        // Proves R-FLT-18.
        /// A host that was frozen and thawed gives no burst and does not go on.
        @Test func aFrozenHostStopsWhenItThaws() throws {
            let bench = try Bench()
            let seat = try bench.contraction("signal STOP\nwait 700ms\nsignal CONT\nexpect-exit 20 within 30s")
            let screen: String
            do {
                screen = try seat.end()
            } catch let stall as MachineStall {
                // Late before it was frozen: the same ending, for another reason.
                return tell("STALLED: a frozen host: this machine was first: \(stall)")
            }
            #expect(screen.contains("Computer too late"))
            try bench.rig.expectQuiet("after the thaw")
            try bench.expectRecord("fault: Computer too late")
        }

        /// Says so, turns the stimulator off, closes the record; the muscle then rests, the other side does not.
        private func expectInterrupted(_ bench: Bench) throws {
            let command = bench.command
            let same = try Seat(in: bench.sandbox, command, script: "expect-exit 31 within 30s").end("next start")
            #expect(same.contains("was cut short"))
            #expect(same.contains("closed as interrupted"))
            #expect(same.contains("high voltage off"), "the next start did not turn the stimulator off:\n\(same)")
            #expect(same.contains("rest since the last session"))
            try bench.rig.expectQuiet("after the next start")

            var other = command
            other.side = "left"
            let script = "expect \"high voltage off\" within 30s\nexpect \"I01\"\ntype \"quit\\n\"\nexpect-exit 30"
            let second = try Seat(in: bench.sandbox, other, script: script).end("the start after that")
            #expect(!second.contains("was cut short"), "said twice")
            try bench.expectRecord("interrupted")
        }
    }
}

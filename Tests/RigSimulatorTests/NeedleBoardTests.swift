import RigSimulator
import StimulusModel
import Testing

/// The interlock board: its truth table, its latch, and each of its faults.
@Suite struct NeedleBoardTests {
    /// A rig whose host beats and drives as asked, in ticks of 1 ms.
    struct Host {
        var rig: VirtualNeedleRig
        var drive = PinDrive()
        var beats = true
        var tick: Int64 = 0
        var now: Instant { Instant(nanoseconds: tick * 1_000_000) }

        init(_ faults: [NeedleFault] = [], board: InterlockConfiguration = InterlockConfiguration()) {
            var configuration = VirtualNeedleRigConfiguration(faults: faults)
            configuration.board = board
            rig = VirtualNeedleRig(configuration, startingAt: Instant(nanoseconds: 0))
        }

        mutating func run(_ milliseconds: Int64) {
            for _ in 0..<milliseconds {
                tick += 1
                if beats { drive.heartbeat.toggle() }
                rig.setPins(drive, at: now)
            }
        }

        mutating func enable(_ isOn: Bool) {
            drive.enable = isOn
            rig.setPins(drive, at: now)
        }

        var levels: PinLevels { mutating get { rig.pinLevels(at: now) } }
        var isClosed: Bool { mutating get { levels.relayIsClosed } }

        /// Beats, enables, and waits for the relay.
        mutating func close() {
            run(20)
            enable(true)
            run(10)
        }
    }

    @Test func theRelayClosesOnlyWithEverythingThere() {
        for row in 0..<16 {
            var host = Host()
            host.beats = row & 1 == 1
            if row & 2 == 2 { host.rig.pressEmergencyStop(at: host.now) }
            if row & 4 == 4 { host.rig.pressPatientButton(at: host.now, heldFor: TimeSpan(milliseconds: 60_000)) }
            host.run(20)
            if row & 8 == 8 { host.enable(true) }
            host.run(10)
            let levels = host.levels
            #expect(levels.relayIsClosed == (row == 9), "row \(row)")
            #expect(levels.emergencyStopIsPressed == (row & 2 == 2) && levels.patientButtonIsPressed == (row & 4 == 4))
        }
    }

    @Test func aboutTenEdgesFillThePump() {
        for (edges, isEnough) in [(Int64(9), false), (10, true)] {
            var host = Host()
            host.run(edges)
            host.beats = false
            host.run(1)
            host.enable(true)
            host.run(10)
            let isClosed = host.isClosed
            #expect(isClosed == isEnough, "\(edges) edges")
        }
        // A heartbeat slower than the drop-out never fills it.
        var slow = Host()
        for _ in 0..<40 {
            slow.beats = false
            slow.run(50)
            slow.beats = true
            slow.run(1)
        }
        slow.enable(true)
        slow.run(10)
        let isClosed = slow.isClosed
        #expect(!isClosed)
    }

    @Test func withoutAHeartbeatTheRelayOpensAfterTheDropOut() {
        for dropOut in [Int64(50), 20] {
            var board = InterlockConfiguration()
            board.dropOutMilliseconds = dropOut
            var host = Host(board: board)
            host.close()
            let before = host.isClosed
            host.beats = false
            host.run(dropOut + 5 - 1)
            let stillClosed = host.isClosed
            host.run(2)
            let after = host.isClosed
            // Drop-out, 5 ms of the contacts, and at most 250 µs of sampling.
            #expect(before && stillClosed && !after, "\(dropOut) ms")
        }
    }

    @Test func enableLowOpensInFiveMilliseconds() {
        var host = Host()
        host.close()
        host.enable(false)
        host.run(5)
        let during = host.isClosed
        host.run(1)
        let after = host.isClosed
        #expect(during && !after)
    }

    /// Nothing that comes back closes the relay: only a new rising edge of enable does.
    @Test func onlyARisingEdgeOfEnableClosesAgain() {
        for cause in 0..<3 {
            var host = Host()
            host.close()
            switch cause {
            case 0:
                host.beats = false
                host.run(100)
                host.beats = true
            case 1:
                host.rig.pressEmergencyStop(at: host.now)
                host.run(20)
                host.rig.releaseEmergencyStop(at: host.now)
            default:
                host.rig.pressPatientButton(at: host.now, heldFor: TimeSpan(milliseconds: 20))
                host.run(50)
            }
            host.run(1_000)
            let stays = host.isClosed
            let levels = host.levels
            #expect(!stays && !levels.emergencyStopIsPressed && !levels.patientButtonIsPressed, "cause \(cause)")
            host.enable(false)
            host.run(2)
            host.enable(true)
            host.run(10)
            let again = host.isClosed
            #expect(again, "cause \(cause)")
        }
    }

    /// The heartbeat comes while enable is already high: no edge, no relay.
    @Test func enableBeforeTheHeartbeatDoesNotClose() {
        var host = Host()
        host.beats = false
        host.enable(true)
        host.run(10)
        host.beats = true
        host.run(100)
        let isClosed = host.isClosed
        #expect(!isClosed)
    }

    @Test func triggersPassOnlyWhileEnableIsHigh() {
        var host = Host()
        host.drive.firstTrigger = true
        host.drive.secondTrigger = true
        host.run(5)
        #expect(host.rig.board.triggers == [false, false])
        host.drive.enable = true
        host.drive.secondTrigger = false
        host.run(1)
        host.rig.advance(to: Instant(nanoseconds: host.now.nanoseconds + 250_000))
        #expect(host.rig.board.triggers == [true, false])
        host.drive.enable = false
        host.run(2)
        #expect(host.rig.board.triggers == [false, false])
    }

    @Test func pinsAreSeenWithinAQuarterOfAMillisecond() {
        var host = Host()
        host.drive.enable = true
        host.drive.firstTrigger = true
        host.run(1)
        let early = host.rig.board.triggers[0]
        host.rig.advance(to: Instant(nanoseconds: host.now.nanoseconds + 250_000))
        #expect(!early && host.rig.board.triggers[0])
    }

    // Its faults.

    @Test func aWeldedRelayIsClosedWhateverIsAsked() {
        var host = Host([NeedleFault(.relayWelded)])
        let atOnce = host.isClosed
        host.run(20)
        host.rig.pressEmergencyStop(at: host.now)
        host.run(100)
        let after = host.isClosed
        #expect(atOnce && after)
    }

    @Test func aRelayThatNeverClosesStaysOpen() {
        var host = Host([NeedleFault(.relayNeverCloses)])
        host.close()
        host.run(100)
        let isClosed = host.isClosed
        #expect(!isClosed)
    }

    @Test func aStuckEnableKeepsAClosedRelayClosed() {
        var host = Host()
        host.close()
        host.rig.plan(NeedleFault(.enableStuck), at: host.now)
        host.enable(false)
        host.run(100)
        let isClosed = host.isClosed
        #expect(isClosed)
        // The loops still open it.
        host.rig.pressEmergencyStop(at: host.now)
        host.run(10)
        let after = host.isClosed
        #expect(!after)
        // Stuck from the start there is no edge, and the relay never closes.
        var other = Host([NeedleFault(.enableStuck)])
        other.close()
        let never = other.isClosed
        #expect(!never)
    }

    @Test func aStuckHeartbeatKeepsTheRelayClosed() {
        var host = Host([NeedleFault(.heartbeatStuck)])
        host.close()
        host.beats = false
        host.run(1_000)
        let isClosed = host.isClosed
        host.enable(false)
        host.run(10)
        let after = host.isClosed
        #expect(isClosed && !after)
    }

    @Test func aSlowDropOutTakesItsTime() {
        var host = Host([NeedleFault(.slowDropOut, milliseconds: 400)])
        host.close()
        host.beats = false
        host.run(400)
        let during = host.isClosed
        host.run(10)
        let after = host.isClosed
        #expect(during && !after)
    }

    @Test func aReadBackMaySayWhatIsNotSo() {
        var open = Host([NeedleFault(.readBackStuckOpen)])
        open.close()
        let saysOpen = open.isClosed
        #expect(!saysOpen && open.rig.board.isClosed)
        var closed = Host([NeedleFault(.readBackStuckClosed)])
        let saysClosed = closed.isClosed
        #expect(saysClosed && !closed.rig.board.isClosed)
    }

    @Test func aBrokenWireReadsAsPressedAndOpensTheRelay() {
        for kind in [NeedleFaultKind.emergencyStopWireBroken, .buttonWireBroken] {
            var host = Host()
            host.close()
            host.rig.plan(NeedleFault(kind), at: host.now)
            host.run(6)
            let levels = host.levels
            #expect(!levels.relayIsClosed)
            #expect(levels.emergencyStopIsPressed == (kind == .emergencyStopWireBroken))
            #expect(levels.patientButtonIsPressed == (kind == .buttonWireBroken))
            host.rig.plan(NeedleFault(.boardRepaired), at: host.now)
            host.run(20)
            let after = host.levels
            #expect(!after.relayIsClosed && !after.emergencyStopIsPressed && !after.patientButtonIsPressed)
        }
    }

    @Test func aBouncingStopOpensTheRelayOnceAndForAll() {
        var host = Host()
        host.close()
        host.rig.plan(NeedleFault(.emergencyStopBounces), at: host.now)
        var seen: [Bool] = []
        for _ in 0..<10 {
            host.rig.advance(to: Instant(nanoseconds: host.now.nanoseconds + 500_000))
            seen.append(host.rig.board.levels(at: host.now.nanoseconds + 500_000).emergencyStopIsPressed)
            host.run(1)
        }
        let isClosed = host.isClosed
        #expect(seen.contains(true) && seen.contains(false) && seen.last == false && !isClosed)
        // And whenever it is used.
        host.rig.pressEmergencyStop(at: host.now)
        host.run(10)
        let pressed = host.levels
        host.rig.releaseEmergencyStop(at: host.now)
        host.run(10)
        let released = host.levels
        #expect(pressed.emergencyStopIsPressed && !released.emergencyStopIsPressed)
    }

    @Test func everyFaultHasANameOfItsOwn() {
        #expect(Set(NeedleFaultKind.allCases.map(\.name)).count == NeedleFaultKind.allCases.count)
        #expect(NeedleFaultKind.emergencyStopWireBroken.name == "emergency stop wire broken")
        var host = Host(NeedleFaultKind.allCases.map { NeedleFault($0) })
        host.run(10)
        for kind in NeedleFaultKind.allCases { #expect(host.rig.count(of: kind) == 1, "\(kind.name)") }
    }
}

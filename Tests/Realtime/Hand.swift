internal import RigControl
internal import RigSimulator
internal import SafetyKernel
internal import SessionEngine
internal import StimulusModel

/// What reaches the loop from outside in one tick, beside bytes and pins.
struct WalkHands {
    var command = OperatorCommand.none
    var place = ChannelPlace.first
    var isStale = false
    var channelStops: UInt8 = 0
    var stop = StopCause.none
    var hostFault = FaultCause.none
    /// Milliseconds that the computer overslept.
    var late: Int32 = 0
    /// The pins cannot be read.
    var isBlind = false
    /// Halted between decision and writing: longer than the tolerance, or than an edge can wait.
    var isLateToDecide = false
    var isLateForEdges = false
    /// The system takes no byte for the line.
    var lineIsFull = false
}

enum Hand {
    /// The faults that only the shell can notice (`DeviceDrivers/RealtimeLoop`), and what it must not: a refusal of the
    /// gate, which is said here once more from outside, since no machine of this program makes the gate refuse.
    private static let shellFaults: [FaultCause] = [
        .late, .suspended, .journalFull, .journalFailed, .consoleStalled, .internalError, .gateRefusal,
    ]
    private static let stops: [StopCause] = [
        .operatorKey, .consentWithdrawn, .secondTerminal, .signal, .terminalGone, .fainting, .brokenNeedle, .strongPain,
        .emergencyStop, .patientButton,
    ]

    static func hands(
        _ script: Script, _ control: borrowing ControlTick, at milliseconds: Int64, inState: Int64,
        _ random: inout SplitMix64
    ) -> WalkHands {
        var hands = WalkHands()
        switch script.temper {
        case .sensible: sensible(&hands, control, script)
        case .wild:
            sensible(&hands, control, script)
            if random.below(60) == 0 {
                hands.command = OperatorCommand(rawValue: UInt8(random.below(15))) ?? .none
                hands.place = random.below(3) == 0 ? .second : .first
                hands.isStale = random.below(10) == 0
            }
            if random.below(12_000) == 0 { hands.channelStops = UInt8(1 + random.below(3)) }
        case .absent:
            // One begins and goes, the other goes before it began.
            if milliseconds < 4_000 { sensible(&hands, control, script, treats: script.isNeedle) }
            if milliseconds > 4_000 { hands.late = 44 }
        case .hurried:
            sensible(&hands, control, script)
            // Titration to its last contraction, so that the treatment outlasts its limit.
            if hands.command == .endTitration { hands.command = .none }
            hands.late = 44
        case .hesitant:
            sensible(&hands, control, script, treats: false)
            hands.late = 44
        }
        // Too late to be felt on this plateau of 1,500 ms.
        if control.state == .holding, inState == 1_490 { hands.command = .raise }
        if script.shellFaults {
            if random.below(2_500) == 0 { hands.hostFault = shellFaults[Int(random.below(7))] }
            if random.below(2_500) == 0 { hands.stop = stops[Int(random.below(10))] }
            if random.below(900) == 0 { hands.late = Int32(random.below(80)) }
            if random.below(2_500) == 0 { hands.isBlind = true }
            if random.below(2_500) == 0 { hands.isLateToDecide = true }
            if random.below(20) == 0 { hands.isLateForEdges = true }
            if random.below(1_500) == 0 { hands.lineIsFull = true }
        }
        return hands
    }

    /// What a session needs next.
    private static func sensible(
        _ hands: inout WalkHands, _ control: borrowing ControlTick, _ script: Script, treats: Bool = true
    ) {
        let period: Int64 = script.seed % 2 == 0 ? 310 : 263
        let machine = control.machine
        let tick = control.tickCount
        // Both questions are answered before anybody goes: within 30 s.
        if tick % 20_000 < 45 {
            hands.command = .present
            return
        }
        if tick % 20_000 < 90 {
            hands.command = .checkedIn
            return
        }
        switch machine.state {
        case .cleared: hands.command = .arm
        case .paused: hands.command = .resume
        case .armed where control.condition == .ready && treats:
            let isSearched = machine.channel(.first).motorThreshold.microamperes > 0
            hands.command = isSearched || tick % 2 == 0 ? .beginTreatment : .beginSearch
        case .searching:
            if machine.channel(.first).motorThreshold.microamperes > 0 {
                hands.command = .endSearch
            } else if tick % 310 == 0 {
                let isBelow = machine.channel(.first).setMicroamperes < 300
                hands.command = isBelow ? .raise : tick % 620 == 0 ? .markMotor : .markSensory
            }
        // A key that is pressed more often is a held one, and nothing rises.
        case .holding where tick % period == 0:
            hands.command = .raise
            hands.place = tick / period % 2 == 0 ? .first : .second
        case .resting where tick % 19 == 0:
            hands.command = .endTitration
            hands.place = tick % 2 == 0 ? .first : .second
        default: break
        }
    }
}

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
    /// The decision came too late for its edge or frame.
    var isLateToDecide = false
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
        _ script: Script, _ control: borrowing ControlTick, at milliseconds: Int64, _ random: inout SplitMix64
    ) -> WalkHands {
        var hands = WalkHands()
        switch script.temper {
        case .sensible: sensible(&hands, control, at: milliseconds, treats: true)
        case .wild:
            sensible(&hands, control, at: milliseconds, treats: true)
            if random.below(60) == 0 {
                hands.command = OperatorCommand(rawValue: UInt8(random.below(15))) ?? .none
                hands.place = random.below(3) == 0 ? .second : .first
                hands.isStale = random.below(10) == 0
            }
            if random.below(12_000) == 0 { hands.channelStops = UInt8(1 + random.below(3)) }
        case .absent:
            if milliseconds < 4_000 { sensible(&hands, control, at: milliseconds, treats: script.seed % 2 == 0) }
            if milliseconds > 4_000 { hands.late = 30 }
        case .hurried:
            sensible(&hands, control, at: milliseconds, treats: true)
            hands.late = 44
        case .hesitant:
            sensible(&hands, control, at: milliseconds, treats: false)
            hands.late = 44
        }
        if script.shellFaults {
            if random.below(9_000) == 0 { hands.hostFault = shellFaults[Int(random.below(7))] }
            if random.below(9_000) == 0 { hands.stop = stops[Int(random.below(10))] }
            if random.below(900) == 0 { hands.late = Int32(random.below(80)) }
            if random.below(9_000) == 0 { hands.isBlind = true }
            if random.below(900) == 0 { hands.isLateToDecide = true }
        }
        return hands
    }

    /// What a session needs next.
    private static func sensible(
        _ hands: inout WalkHands, _ control: borrowing ControlTick, at milliseconds: Int64, treats: Bool
    ) {
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
            } else if tick % 13 == 0 {
                let isBelow = machine.channel(.first).setMicroamperes < 800
                hands.command = isBelow ? .raise : tick % 2 == 0 ? .markMotor : .markSensory
            }
        case .holding where tick % 17 == 0:
            hands.command = .raise
            hands.place = tick % 2 == 0 ? .first : .second
        case .resting where tick % 19 == 0:
            hands.command = .endTitration
            hands.place = tick % 2 == 0 ? .first : .second
        default: break
        }
    }
}

internal import SafetyKernel
public import SessionEngine

/// What a key asks for.
public enum KeyAction: Equatable, Sendable {
    case command(OperatorCommand)
    case stop(StopCause)
    /// Stops the selected channel alone, at once.
    case stopChannel
    case selectNext
    case selectFirst
    case selectSecond
    case mute
    case redraw
    case help
    case unknown
}

extension OperatorCommand {
    /// Whether it is for the selected channel; the others are for the session.
    public var isForOneChannel: Bool {
        switch self {
        case .beginSearch, .endTitration, .raise, .lower, .zero, .markSensory, .markMotor: return true
        case .none, .arm, .beginTreatment, .endSearch, .pause, .resume, .present, .checkedIn: return false
        }
    }

    /// Whether it leads to less output, or to none: it goes to the loop before a word is written, and takes back what
    /// asks for more.
    public var asksForLess: Bool { self == .lower || self == .zero || self == .pause || self == .endSearch }
}

/// The keys of a running session. Any ESC byte (so every arrow and function key, and the mark in front of pasted text),
/// space, Ctrl-C, Ctrl-Z, Ctrl-\ and Ctrl-D stop (`decided.md`, Software): a hand that hits the keyboard stops the
/// session.
public enum KeyMap {
    public static func action(_ byte: UInt8) -> KeyAction {
        switch byte {
        case 0x1B, 0x20, 0x03, 0x1A, 0x1C, 0x04: return .stop(.operatorKey)
        case UInt8(ascii: "w"), UInt8(ascii: "W"): return .stop(.consentWithdrawn)
        case UInt8(ascii: "d"), UInt8(ascii: "D"): return .stop(.fainting)
        case UInt8(ascii: "n"), UInt8(ascii: "N"): return .stop(.brokenNeedle)
        case UInt8(ascii: "s"), UInt8(ascii: "S"): return .stop(.strongPain)
        case UInt8(ascii: "x"), UInt8(ascii: "X"): return .stopChannel
        case 0x09: return .selectNext
        case UInt8(ascii: "["): return .selectFirst
        case UInt8(ascii: "]"): return .selectSecond
        case UInt8(ascii: "m"), UInt8(ascii: "M"): return .mute
        case 0x0C: return .redraw
        case UInt8(ascii: "h"), UInt8(ascii: "?"): return .help
        default: return command(byte).map { .command($0) } ?? .unknown
        }
    }

    private static func command(_ byte: UInt8) -> OperatorCommand? {
        switch byte {
        case UInt8(ascii: "+"): return .raise
        // What lowers also works with shift and caps lock.
        case UInt8(ascii: "-"), UInt8(ascii: "_"): return .lower
        case UInt8(ascii: "z"), UInt8(ascii: "Z"), UInt8(ascii: "0"): return .zero
        case UInt8(ascii: "a"): return .arm
        case UInt8(ascii: "f"): return .beginSearch
        case UInt8(ascii: "b"): return .beginTreatment
        case UInt8(ascii: "e"): return .endSearch
        case UInt8(ascii: "t"): return .endTitration
        case UInt8(ascii: "p"), UInt8(ascii: "P"): return .pause
        case UInt8(ascii: "r"): return .resume
        case UInt8(ascii: "1"): return .markSensory
        case UInt8(ascii: "2"): return .markMotor
        case UInt8(ascii: "y"): return .present
        case UInt8(ascii: "c"), UInt8(ascii: "C"): return .checkedIn
        default: return nil
        }
    }

    /// The keys that mean something now, stop first.
    static func legend(_ model: ScreenModel) -> [(key: String, meaning: String)] {
        guard let status = model.selectedStatus ?? model.statuses[0] else { return [("SPACE", "stop")] }
        if status.state.isFinal { return [] }
        if status.state == .stopping { return [("", "stopping: waiting until \(OutputWords(model).verifiedOff)")] }
        let isDouble = model.plan.channelCount > 1
        var keys = [("SPACE", isDouble ? "stop all" : "stop"), ("w", "consent withdrawn")]
        if isDouble, status.channelState != .stopped, status.channelState != .finished, status.state != .idle {
            keys.append(("x", "stop \(model.name(model.selected)) alone"))
        }
        keys += stateKeys(status, model)
        if isDouble { keys.append(("TAB", "other channel")) }
        if !model.alarms.active.isEmpty, !model.alarms.isMuted(at: model.now) { keys.append(("m", "mute")) }
        return keys + [("h", "help")]
    }

    private static func stateKeys(_ status: StatusSnapshot, _ model: ScreenModel) -> [(String, String)] {
        let channel = model.plan.channel(at: model.selected)
        switch status.state {
        case .idle, .stopping, .closed, .faulted: return []
        case .cleared: return [("a", "arm: \(OutputWords(model).on), 0 mA")]
        case .armed:
            var keys: [(String, String)] = []
            if channel?.search != nil, status.channelState != .stopped { keys.append(("f", "find the motor point")) }
            if model.canTreat { keys.append(("b", "begin treatment")) }
            return keys
        case .searching:
            guard status.channelState == .searching else { return [("e", "end search"), ("p", "pause")] }
            return [
                ("+/-", "raise/lower"), ("z", "zero"), ("1", "felt"), ("2", "twitch"), ("e", "end search"),
                ("p", "pause"),
            ]
        case .rampingUp, .rampingDown, .resting, .holding:
            guard status.channelState.isRunning else { return [("p", "pause")] }
            let raise = status.channelState == .holding ? "raise/lower" : "raise (plateau only)/lower"
            let titration = status.isTitrating ? [("t", "end titration")] : []
            return [("+/-", raise), ("z", "zero")] + titration + [("p", "pause")]
        case .paused: return [("r", "resume from 0 mA")]
        }
    }

    public static let help = """
        SPACE, ESC, Ctrl-C, -Z, -\\, arrow and function keys, pasted text: stop all
        d fainting, n broken or bent needle, s strong pain: stop all, then show what to do; c answers a check-in
        w consent withdrawn: stops, then records it; x stop the selected channel alone
        a arm: output on, 0 mA; b begin treatment
        f find the motor point on the selected channel; e end the search
        + raise one step, only on a plateau or in a search; - lower one step
        z or 0 to 0 mA at once, go on; t end titration: the next contraction counts
        1 the patient feels it; 2 the muscle twitches
        p pause: 0 mA, output off; r resume from 0 mA; y "I am here"
        TAB the other channel; [ and ] the first and the second
        m mute the sound for two minutes, not the screen; Ctrl-L draw anew; h help
        """
}

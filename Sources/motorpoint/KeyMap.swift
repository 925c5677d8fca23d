import SessionEngine

/// What a key asks for.
enum KeyAction: Equatable {
    case command(OperatorCommand)
    case stop(StopCause)
    case help
    case unknown

    /// Whether it can lead to more output; pressed while the console was held up, it is dropped.
    var asksForMore: Bool {
        guard case .command(let command) = self else { return false }
        return command.asksForMore
    }
}

/// The keys of a running session. Any ESC byte (so every arrow and function key), space, Ctrl-C, Ctrl-Z, Ctrl-\ and
/// Ctrl-D stop (`decided.md`, Software): a hand that hits the keyboard stops the session.
enum KeyMap {
    static func action(_ byte: UInt8) -> KeyAction {
        switch byte {
        case 0x1B, 0x20, 0x03, 0x1A, 0x1C, 0x04: return .stop(.operatorKey)
        case UInt8(ascii: "w"), UInt8(ascii: "W"): return .stop(.consentWithdrawn)
        case UInt8(ascii: "+"): return .command(.raise)
        case UInt8(ascii: "-"): return .command(.lower)
        case UInt8(ascii: "z"), UInt8(ascii: "0"): return .command(.zero)
        case UInt8(ascii: "a"): return .command(.arm)
        case UInt8(ascii: "f"): return .command(.beginSearch)
        case UInt8(ascii: "b"): return .command(.beginTreatment)
        case UInt8(ascii: "e"): return .command(.endSearch)
        case UInt8(ascii: "t"): return .command(.endTitration)
        case UInt8(ascii: "p"): return .command(.pause)
        case UInt8(ascii: "r"): return .command(.resume)
        case UInt8(ascii: "1"): return .command(.markSensory)
        case UInt8(ascii: "2"): return .command(.markMotor)
        case UInt8(ascii: "y"): return .command(.present)
        case UInt8(ascii: "h"), UInt8(ascii: "?"): return .help
        default: return .unknown
        }
    }

    /// The keys that mean something in a state, for the status line.
    static func legend(_ state: SessionState, hasSearch: Bool, hasTreatment: Bool, isTitrating: Bool) -> String {
        let stop = "SPACE stop  w consent withdrawn"
        switch state {
        case .idle: return stop
        case .cleared: return "a arm (high voltage on, 0 mA)  \(stop)"
        case .armed:
            var keys: [String] = []
            if hasSearch { keys.append("f find the motor point") }
            if hasTreatment { keys.append("b begin treatment") }
            return (keys + [stop]).joined(separator: "  ")
        case .searching:
            return "+/- raise/lower  z zero  1 felt  2 twitch  e end search  p pause  \(stop)"
        case .rampingUp, .rampingDown, .resting, .holding:
            let titration = isTitrating ? "t end titration  " : ""
            return "+/- raise/lower  \(titration)p pause  \(stop)"
        case .paused: return "r resume from 0 mA  \(stop)"
        case .stopping: return "stopping"
        case .closed, .faulted: return ""
        }
    }

    static let help = """
        Keys
          SPACE, ESC, Ctrl-C, Ctrl-Z, Ctrl-\\, any arrow or function key    stop
          w   consent withdrawn: stops first, then records it
          a   arm: high voltage on, 0 mA            b   begin treatment
          f   find the motor point (search)         e   end the search
          +   raise one step (only while current runs on a plateau or in a search)
          -   lower one step                        z   to 0 mA at once, go on
          1   the patient feels it                  2   the muscle twitches
          t   end titration: the next contraction counts
          p   pause (0 mA, high voltage off)        r   resume from 0 mA
          y   "I am here"                           h   this help
        """
}

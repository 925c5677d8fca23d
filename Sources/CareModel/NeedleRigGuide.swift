internal import StimulusModel

/// The faults of a needle rig: its interlock board, its Pulse Pal, the pulse that was or was not seen.
extension FaultGuide {
    static func needleRig(_ cause: FaultCause) -> FaultGuide {
        switch cause {
        case .enablePathFailed, .heartbeatPathFailed, .relayStillClosed: return relayClosed(cause)
        case .relayWouldNotClose:
            return FaultGuide(
                "Output relay did not close",
                "At the test before energy the interlock board did not close its relay when it was asked to.",
                "Look at both stop buttons, their wires and the board's supply, then start again. "
                    + "If it stays open, take the board out of use.")
        case .relayOpened:
            return FaultGuide(
                "Output relay opened by itself",
                "The interlock board cut the output although it was asked to keep it: a stop button, a wire or "
                    + "its supply.",
                "Ask the patient how they feel, then look at buttons, wires and supply. "
                    + "Start again from 0 mA only when you know which it was.")
        case .pulseNotSeen:
            return FaultGuide(
                "No pulse at the output",
                "Two pulses in a row were released and none was seen behind the relay.",
                "Look at the isolator: has it tripped, is it switched on, do the leads hold? It is re-enabled by hand. "
                    + "Start again from 0 mA.")
        case .pulseWithoutEdge:
            return FaultGuide(
                "Pulse that nobody released",
                "A pulse was seen behind the relay that this program had not released.",
                "Take the leads off the needles. Look for another trigger source, another program or a hand at "
                    + "the Pulse "
                    + "Pal. Do not use the rig until it is known.")
        case .pinsLost:
            return FaultGuide(
                "Interlock lines lost",
                "The lines to the interlock board can no longer be read or driven. Its relay opens without a "
                    + "heartbeat.",
                "Check the board's cable and what else uses the lines, then start again from 0 mA.")
        case .settingUnconfirmed:
            return FaultGuide(
                "Setting not confirmed",
                "The Pulse Pal did not confirm a setting in time. The output was cut at the relay.",
                "Look at the Pulse Pal: does it ask for a click of its joystick? Switch it off and on, check "
                    + "the cable, "
                    + "start again from 0 mA.")
        case .settingRefused:
            return FaultGuide(
                "Setting not taken",
                "The Pulse Pal refused a setting, or reads back another one than was sent. The output was cut "
                    + "at the relay.",
                "Switch the Pulse Pal off and on and start again from 0 mA. If it happens again, take it out of use.")
        default:
            return FaultGuide(
                "Fault of the needle rig", "The needle rig does not do what it should.",
                "Take the leads off the needles and start again from 0 mA only when you know what it was.")
        }
    }

    private static func relayClosed(_ cause: FaultCause) -> FaultGuide {
        switch cause {
        case .enablePathFailed:
            return FaultGuide(
                "Stop path broken: enable",
                "At the test before energy the relay stayed closed with the enable line off.",
                "Do not use this rig. Take the leads off and have the interlock board repaired.")
        case .heartbeatPathFailed:
            return FaultGuide(
                "Stop path broken: heartbeat",
                "At the test before energy the relay stayed closed although the heartbeat had stopped.",
                "Do not use this rig. Take the leads off and have the interlock board repaired.")
        default:
            return FaultGuide(
                "Relay still closed",
                "After the stop the interlock board still reports a closed relay.",
                "Press the emergency stop and take the leads off the needles now. Do not use this rig until "
                    + "the board was "
                    + "examined.")
        }
    }
}

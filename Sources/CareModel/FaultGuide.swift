public import StimulusModel

/// A fault in the practitioner's language: what it is called, what happened, what to do.
///
/// Every fault has ended the session already and latched; each restart is from 0 mA by hand. So no text here says
/// "resume".
public struct FaultGuide: Equatable, Sendable {
    public let title: String
    public let whatHappened: String
    public let whatToDo: String

    init(_ title: String, _ whatHappened: String, _ whatToDo: String) {
        self.title = title
        self.whatHappened = whatHappened
        self.whatToDo = whatToDo
    }

    /// The entry of a fault. `none` has one, too, so that no screen is ever left without words.
    public static func entry(for cause: FaultCause) -> FaultGuide {
        switch cause {
        case .none:
            return FaultGuide("No fault", "Nothing is wrong.", "There is nothing to do.")
        case .unplugged, .silent, .garbage, .wrongDevice, .wrongFirmware, .secondController, .deliveryUnknown,
            .unexpectedDeviceState, .stopUnconfirmed, .highVoltageStillOn, .lineBlocked:
            return line(cause)
        case .deviceTransferError, .deviceParameterError, .deviceProtocolError, .deviceInternalTimeout,
            .deviceNotInitialised, .deviceHighVoltageError, .electrodeError, .deviceInvalidCommand,
            .devicePulseTimeout, .lowCurrent, .deviceUnexpectedResult, .outputDeviates:
            return device(cause)
        case .late, .suspended, .journalFull, .journalFailed, .consoleStalled, .gateRefusal, .internalError:
            return host(cause)
        case .relayWouldNotClose, .enablePathFailed, .heartbeatPathFailed, .relayOpened, .relayStillClosed,
            .pulseNotSeen, .pulseWithoutEdge, .pinsLost, .settingUnconfirmed, .settingRefused:
            return needleRig(cause)
        }
    }

    private static func line(_ cause: FaultCause) -> FaultGuide {
        switch cause {
        case .unplugged:
            return FaultGuide(
                "Stimulator gone",
                "The stimulator vanished from its line: the patient's stop button, a cable or its power. "
                    + "Output ends with the pulse that was under way.",
                "Ask the patient how they feel, then look at button, cable and power. "
                    + "Start a new session from 0 mA only when you know which it was.")
        case .silent:
            return FaultGuide(
                "Stimulator does not answer",
                "The stimulator did not answer in time.",
                "Switch it off and on, check the cable, and start again. "
                    + "If it stays silent, take it out of use.")
        case .garbage:
            return FaultGuide(
                "Disturbed line",
                "More damaged messages came from the stimulator than a sound cable gives.",
                "Change the cable or the USB socket and keep it away from short-wave and surgical equipment. "
                    + "Do not go on over a disturbed line.")
        case .wrongDevice:
            return FaultGuide(
                "Not the stimulator of this rig",
                "What answered is no P24, or not the one whose id stands in the rig file.",
                "Connect the right one or name its line with the rig file. "
                    + "Change the pinned id only after reading it from the case.")
        case .wrongFirmware:
            return FaultGuide(
                "Firmware not allowed",
                "The stimulator states a firmware or protocol version that the rig file does not allow.",
                "Do not use it until the technician has tested this version and added it to the rig file.")
        default:
            return conversation(cause)
        }
    }

    private static func conversation(_ cause: FaultCause) -> FaultGuide {
        switch cause {
        case .secondController:
            return FaultGuide(
                "Someone else talks to the stimulator",
                "An answer came to a question that this program did not ask.",
                "Close every other program that uses the stimulator and start again. "
                    + "Treat no one while two programs command one device.")
        case .deliveryUnknown:
            return FaultGuide(
                "Pulse not confirmed",
                "A pulse was sent and the stimulator did not say what became of it. "
                    + "It is counted as delivered.",
                "Ask the patient what they felt and note it. Check cable and power before the next session.")
        case .unexpectedDeviceState:
            return FaultGuide(
                "Stimulator in an unexpected state",
                "The stimulator is in a state that was not commanded, as after a restart.",
                "Check its power supply and battery. Start again from 0 mA.")
        case .stopUnconfirmed:
            return FaultGuide(
                "Stop not confirmed",
                "The stop command was sent and not confirmed.",
                "Press the patient's stop button or pull the stimulator's USB plug now, then remove the pads. "
                    + "Use the stimulator again only after its next start shows that the high voltage is off.")
        case .highVoltageStillOn:
            return FaultGuide(
                "High voltage still on",
                "The stimulator confirmed the stop and still reports high voltage.",
                "Press the patient's stop button or pull the stimulator's USB plug now, then remove the pads. "
                    + "Take the stimulator out of use until it was examined.")
        case .lineBlocked:
            return FaultGuide(
                "Line blocked",
                "The line to the stimulator did not take a whole message.",
                "Unplug and replug the stimulator and start again. If it happens again, change cable and socket.")
        default:
            return unnamed(cause)
        }
    }

    private static func device(_ cause: FaultCause) -> FaultGuide {
        switch cause {
        case .electrodeError:
            return FaultGuide(
                "Electrode not connected",
                "The stimulator reports a poor contact at an electrode; it can tell only from 15 mA up.",
                "Look at both pads and leads, clean the skin, use fresh pads. Start again from 0 mA.")
        case .lowCurrent:
            return FaultGuide(
                "Current not reached",
                "The current that flowed was below the set one: pads or skin resist too much.",
                "Check that the pads lie flat and are moist, and use larger or fresh ones. Start again from 0 mA.")
        case .outputDeviates:
            return FaultGuide(
                "Output deviates",
                "The stimulator measures another current than the one that was set, by more than 20 %, or none.",
                "Look at pads and leads: one that came off below 15 mA shows like this. If they are well, take the "
                    + "stimulator out of use until a technician has calibrated it.")
        case .deviceHighVoltageError:
            return FaultGuide(
                "High voltage supply failed",
                "The stimulator reports a fault of its high voltage supply.",
                "Switch it off and on once. If it comes again, take it out of use.")
        case .devicePulseTimeout:
            return FaultGuide(
                "Pulse too late in the stimulator",
                "The stimulator could not give a pulse within its time.",
                "Start again from 0 mA. If it comes again, report the session to the technician.")
        case .deviceTransferError:
            return FaultGuide(
                "Transmission error reported by the stimulator",
                "A message reached the stimulator damaged.",
                "Change cable or USB socket. Start again from 0 mA.")
        default:
            return deviceProgram(cause)
        }
    }

    private static func deviceProgram(_ cause: FaultCause) -> FaultGuide {
        switch cause {
        case .deviceParameterError:
            return FaultGuide(
                "Stimulator refused a number",
                "The stimulator refused a parameter that this program had let pass.",
                "Do not repeat the session. Report it with its record to the maintainers of this program.")
        case .deviceProtocolError:
            return FaultGuide(
                "Stimulator did not understand",
                "The stimulator reports a breach of its language.",
                "Do not repeat the session. Report it with its record, and check the firmware version.")
        case .deviceInternalTimeout:
            return FaultGuide(
                "Stimulator timed out inside",
                "A part of the stimulator did not answer its own controller.",
                "Switch it off and on once. If it comes again, take it out of use.")
        case .deviceNotInitialised:
            return FaultGuide(
                "Stimulator was not ready",
                "The stimulator says that stimulation was not initialised, as after a restart of its own.",
                "Check its power supply and battery. Start again from 0 mA.")
        case .deviceInvalidCommand:
            return FaultGuide(
                "Stimulator does not know a command",
                "The stimulator does not know a command that this program uses.",
                "Check that the firmware is the one in the rig file. Do not repeat the session.")
        case .deviceUnexpectedResult:
            return FaultGuide(
                "Unknown error from the stimulator",
                "The stimulator reported an error code that this program does not know.",
                "Do not repeat the session. Report it with its record to the technician.")
        default:
            return unnamed(cause)
        }
    }

    private static func host(_ cause: FaultCause) -> FaultGuide {
        switch cause {
        case .late:
            return FaultGuide(
                "Computer too late",
                "The computer woke up later than the rig file allows; lateness thins a train, never thickens it.",
                "Close other programs and start again from 0 mA. If it comes again, use another computer.")
        case .suspended:
            return FaultGuide(
                "Computer slept",
                "The computer was suspended during the session.",
                "Switch off sleep and keep the lid open. Start again from 0 mA.")
        case .journalFull:
            return FaultGuide(
                "Record could not keep up",
                "Events came faster than they could be written.",
                "Check that the disk is not busy or failing. Start again from 0 mA.")
        case .journalFailed:
            return FaultGuide(
                "Record could not be written",
                "Writing the session's record failed: disk full, read-only or broken.",
                "Free space or repair the disk first. No session starts without a record.")
        case .consoleStalled:
            return FaultGuide(
                "Screen stalled",
                "The screen could not be written for a second, so nobody could see what was delivered.",
                "Use a local terminal that stays open. Start again from 0 mA.")
        case .gateRefusal:
            return FaultGuide(
                "Safety check disagreed",
                "The last check before the stimulator refused a pulse that another part had planned.",
                "Do not repeat the session. Report it with its record to the maintainers of this program.")
        default:
            return unnamed(cause)
        }
    }

    private static func unnamed(_ cause: FaultCause) -> FaultGuide {
        FaultGuide(
            "Fault inside the program",
            "The program met a state that it must never meet (code \(cause.code)).",
            "Do not repeat the session. Report it with its record to the maintainers of this program.")
    }
}

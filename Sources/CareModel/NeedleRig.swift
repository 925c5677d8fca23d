/// What holds an input at a level when its wire is broken.
public enum WireBias: String, Sendable, CaseIterable {
    case pullUp = "pull_up"
    case pullDown = "pull_down"
    /// Held outside the computer; not for buttons, whose broken wire must read as pressed.
    case external
}

public enum PinLevelWord: String, Sendable, CaseIterable {
    case low
    case high
}

/// One line that the program reads.
public struct RigInputLine: Hashable, Sendable {
    public let name: String
    public let bias: WireBias
    /// The electrical level at which it means "pressed", "closed" or "seen".
    public let assertedLevel: PinLevelWord

    public init(name: String, bias: WireBias, assertedLevel: PinLevelWord) {
        self.name = name
        self.bias = bias
        self.assertedLevel = assertedLevel
    }
}

/// The interlock board's lines on one GPIO chip.
public struct InterlockLines: Hashable, Sendable {
    /// Path, name or label of the chip.
    public let chip: String
    /// Lines that the program drives; active high, since the board pulls them down.
    public let heartbeat: String
    public let enable: String
    public let emergencyStop: RigInputLine
    public let patientButton: RigInputLine
    public let relayReadback: RigInputLine

    public init(
        chip: String, heartbeat: String, enable: String, emergencyStop: RigInputLine, patientButton: RigInputLine,
        relayReadback: RigInputLine
    ) {
        self.chip = chip
        self.heartbeat = heartbeat
        self.enable = enable
        self.emergencyStop = emergencyStop
        self.patientButton = patientButton
        self.relayReadback = relayReadback
    }
}

/// One output of a needle rig: its trigger line and the comparator behind the relay. What it truly gives is for its
/// calibration to say.
public struct NeedleOutput: Hashable, Sendable {
    public let trigger: String
    public let pulseSeen: RigInputLine

    public init(trigger: String, pulseSeen: RigInputLine) {
        self.trigger = trigger
        self.pulseSeen = pulseSeen
    }
}

/// What a needle rig has besides its serial line.
public struct NeedleRigParts: Hashable, Sendable {
    /// What the Pulse Pal's USB socket must say of itself: the only thing that tells one from another.
    public let usbSerialNumber: String
    /// As the practitioner reads it on the isolator.
    public let isolator: String
    public let interlock: InterlockLines
    public let first: NeedleOutput
    public let second: NeedleOutput?

    public init(
        usbSerialNumber: String, isolator: String, interlock: InterlockLines, first: NeedleOutput, second: NeedleOutput?
    ) {
        self.usbSerialNumber = usbSerialNumber
        self.isolator = isolator
        self.interlock = interlock
        self.first = first
        self.second = second
    }

    /// Every line with the key that names it, to find one that has two roles.
    public var lines: [(key: String, name: String)] {
        var lines = [
            ("interlock.heartbeat", interlock.heartbeat), ("interlock.enable", interlock.enable),
            ("interlock.emergency_stop.line", interlock.emergencyStop.name),
            ("interlock.patient_button.line", interlock.patientButton.name),
            ("interlock.relay_readback.line", interlock.relayReadback.name),
            ("first_output.trigger", first.trigger), ("first_output.pulse_seen.line", first.pulseSeen.name),
        ]
        if let second {
            lines += [
                ("second_output.trigger", second.trigger), ("second_output.pulse_seen.line", second.pulseSeen.name),
            ]
        }
        return lines
    }
}

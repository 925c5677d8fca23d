public import StimulusModel

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

/// What was measured of an output, when, and for how long it holds.
public struct RigCalibration: Hashable, Sendable {
    public let figures: ChannelCalibration
    /// Direct current at rest with the correction applied, in nA.
    public let residualOffsetNanoamperes: Int32
    /// Difference of both phases, in thousandths of a phase.
    public let imbalancePermille: Int32
    /// How far the true current may be from the set one, in thousandths.
    public let tolerancePermille: Int32
    public let measuredOn: CalendarDay
    public let validDays: Int32

    public init(
        figures: ChannelCalibration, residualOffsetNanoamperes: Int32, imbalancePermille: Int32,
        tolerancePermille: Int32, measuredOn: CalendarDay, validDays: Int32
    ) {
        self.figures = figures
        self.residualOffsetNanoamperes = residualOffsetNanoamperes
        self.imbalancePermille = imbalancePermille
        self.tolerancePermille = tolerancePermille
        self.measuredOn = measuredOn
        self.validDays = validDays
    }

    /// A calibration of the future is as useless as one of long ago (H45).
    public func isInDate(on today: CalendarDay) -> Bool {
        let age = today.daysSince1970 - measuredOn.daysSince1970
        return age >= 0 && age < Int64(validDays)
    }
}

/// One output of a needle rig: its trigger line, the comparator behind the relay, and what was measured of it.
public struct NeedleOutput: Hashable, Sendable {
    public let trigger: String
    public let pulseSeen: RigInputLine
    public let calibration: RigCalibration

    public init(trigger: String, pulseSeen: RigInputLine, calibration: RigCalibration) {
        self.trigger = trigger
        self.pulseSeen = pulseSeen
        self.calibration = calibration
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

    public var outputs: [NeedleOutput] { [first] + (second.map { [$0] } ?? []) }

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

    /// What the stimulator as a whole is capable of: the worse of its outputs.
    public var capabilities: DeviceCapabilities {
        .needleRig(
            maximumAmplitude: Current(microamperes: outputs.map(\.calibration.figures.highestMicroamperes).min() ?? 0),
            residualOffsetNanoamperes: outputs.map(\.calibration.residualOffsetNanoamperes).max() ?? 0,
            imbalancePermille: outputs.map(\.calibration.imbalancePermille).max() ?? 0,
            tolerancePermille: outputs.map(\.calibration.tolerancePermille).max() ?? 0)
    }
}

// Which line of which chip does what: the interlock board as a rig file describes it.

/// What a pin is for (`decided.md`, Needle rig).
public enum PinRole: String, CaseIterable, Hashable, Sendable {
    case heartbeat
    case enable
    case firstTrigger
    case secondTrigger
    case emergencyStop
    case patientButton
    case relayReadback
    case firstPulseSeen
    case secondPulseSeen

    /// Driven by the host; the others are read.
    public var isOutput: Bool {
        switch self {
        case .heartbeat, .enable, .firstTrigger, .secondTrigger: true
        case .emergencyStop, .patientButton, .relayReadback, .firstPulseSeen, .secondPulseSeen: false
        }
    }
}

/// The resistor inside the chip. A board has its own; this one only decides what a broken wire reads as.
public enum PinBias: String, CaseIterable, Hashable, Sendable {
    /// Whatever the chip does by itself.
    case asIs
    case disabled
    case pullUp
    case pullDown
}

/// One line of a GPIO chip.
public struct PinLine: Hashable, Sendable {
    /// The line's name on its chip, as `gpioinfo` shows it.
    public var name: String
    /// For an input: it means "pressed", "closed" or "seen" when its electrical level is low. An output is always
    /// active high: low is what a dead or disconnected host leaves behind.
    public var isActiveLow: Bool
    /// For an input.
    public var bias: PinBias

    public init(name: String, isActiveLow: Bool = false, bias: PinBias = .asIs) {
        self.name = name
        self.isActiveLow = isActiveLow
        self.bias = bias
    }
}

/// All pins of an interlock board. The second channel's are left out where there is none.
public struct PinPlan: Hashable, Sendable {
    /// The chip by its path ("/dev/gpiochip0"), its name ("gpiochip0") or its label.
    public var chip: String
    public var heartbeat: PinLine
    public var enable: PinLine
    public var firstTrigger: PinLine
    public var secondTrigger: PinLine?
    public var emergencyStop: PinLine
    public var patientButton: PinLine
    public var relayReadback: PinLine
    public var firstPulseSeen: PinLine
    public var secondPulseSeen: PinLine?

    public init(
        chip: String, heartbeat: PinLine, enable: PinLine, firstTrigger: PinLine, secondTrigger: PinLine? = nil,
        emergencyStop: PinLine, patientButton: PinLine, relayReadback: PinLine, firstPulseSeen: PinLine,
        secondPulseSeen: PinLine? = nil
    ) {
        self.chip = chip
        self.heartbeat = heartbeat
        self.enable = enable
        self.firstTrigger = firstTrigger
        self.secondTrigger = secondTrigger
        self.emergencyStop = emergencyStop
        self.patientButton = patientButton
        self.relayReadback = relayReadback
        self.firstPulseSeen = firstPulseSeen
        self.secondPulseSeen = secondPulseSeen
    }

    public func line(for role: PinRole) -> PinLine? {
        switch role {
        case .heartbeat: heartbeat
        case .enable: enable
        case .firstTrigger: firstTrigger
        case .secondTrigger: secondTrigger
        case .emergencyStop: emergencyStop
        case .patientButton: patientButton
        case .relayReadback: relayReadback
        case .firstPulseSeen: firstPulseSeen
        case .secondPulseSeen: secondPulseSeen
        }
    }

    /// The first two roles that share a line, nil when none do.
    public var sharedLine: (PinRole, PinRole)? {
        var taken: [String: PinRole] = [:]
        for role in PinRole.allCases {
            guard let name = line(for: role)?.name else { continue }
            if let other = taken[name] { return (other, role) }
            taken[name] = role
        }
        return nil
    }
}

public import StimulusModel

/// What the bench does next in a run.
public enum BenchAdvice: Equatable, Sendable {
    case wait
    /// A key of the practitioner's, pressed by the program: the bench has no shorter way to an amplitude.
    case press(OperatorCommand)
    /// The train has settled at this level, counted from 0; for 0 mA the output is armed and silent.
    case read(level: Int)
    /// Every level was read, or what is set is none that this run wants: stop.
    case stop
    /// Nothing more comes of this run.
    case ended(FaultCause)
}

/// Leads one run on the bench from level to level: arm, begin, raise, let it settle, have it read. It decides nothing
/// that the machine and the gate do not decide again.
public struct BenchConductor: Sendable {
    private let levels: BenchLevels
    /// Whether 0 mA is a level as well, before the first.
    private let readsZero: Bool
    private var level = 0
    private var pulsesAtRaise: Int32 = 0
    private var isRaised = false
    private var sincePress = 0

    /// Pulses at a level before it is read: what an instrument shows is then of this level alone (proposal).
    private static let settlingPulses: Int32 = 4
    /// Looks between two presses of the same key: at one look every 20 ms longer than a held key's 250 ms.
    private static let patience = 15
    /// Looks at an armed, silent output before it is read (proposal).
    private static let silentLooks = 10

    public init(levels: BenchLevels, readsZero: Bool) {
        self.levels = levels
        self.readsZero = readsZero
    }

    /// All levels, 0 mA included where it is one.
    public var count: Int { levels.count + (readsZero ? 1 : 0) }

    /// The level that was to be read was read.
    public mutating func takeRead() {
        level += 1
        isRaised = false
        sincePress = BenchConductor.patience
    }

    /// - Parameter status: the newest of the run, looked at every 20 ms or so.
    public mutating func advise(_ status: StatusSnapshot) -> BenchAdvice {
        sincePress += 1
        if status.state == .faulted || status.fault != .none { return .ended(status.fault) }
        switch status.state {
        case .closed, .stopping: return .ended(.none)
        // Nobody answered for too long: it has come to 0 mA, and what would be read now is not this level.
        case .paused: return .stop
        case .cleared: return status.condition == .off ? press(.arm) : .wait
        case .armed: return status.condition == .ready ? press(.beginSearch) : .wait
        case .searching: return inTrain(status)
        default: return .wait
        }
    }

    private mutating func inTrain(_ status: StatusSnapshot) -> BenchAdvice {
        if level >= count { return .stop }
        let isZero = readsZero && level == 0
        let wanted = isZero ? .zero : levels[readsZero ? level - 1 : level]
        // Somebody else raised it: no key of this program leads back down to the level.
        if status.setAmplitude.microamperes > wanted.microamperes { return .stop }
        if isZero {
            guard sincePress >= BenchConductor.silentLooks else { return .wait }
            return .read(level: 0)
        }
        guard status.setAmplitude == wanted else {
            // Dropped presses are pressed again, never faster than a hand.
            guard sincePress >= BenchConductor.patience else { return .wait }
            return press(.raise)
        }
        guard status.lastDelivered == wanted else { return .wait }
        if !isRaised {
            isRaised = true
            pulsesAtRaise = status.deliveredPulses
        }
        guard status.deliveredPulses - pulsesAtRaise >= BenchConductor.settlingPulses else { return .wait }
        return .read(level: level)
    }

    private mutating func press(_ command: OperatorCommand) -> BenchAdvice {
        guard sincePress >= BenchConductor.patience || command != .raise else { return .wait }
        sincePress = 0
        return .press(command)
    }
}

// The words of a session. Raw values are stored in records: never renumber.

/// Where a session stands. While it delivers, its state is that of its most active channel: searching before holding,
/// ramping up, ramping down, resting.
public enum SessionState: UInt8, Sendable {
    /// Waiting for the stimulator to be known and verified off.
    case idle = 0
    /// Checklist passed and device known; nothing armed.
    case cleared = 1
    /// High voltage on, 0 mA, no pulses.
    case armed = 2
    /// A search train runs; amplitude is raised by a person from 0 mA.
    case searching = 3
    /// The rising ramp of a contraction.
    case rampingUp = 4
    /// The plateau of a contraction, or a continuous train.
    case holding = 5
    /// The falling ramp of a contraction.
    case rampingDown = 6
    /// Between two contractions.
    case resting = 7
    /// High voltage off, treatment clock held, 0 mA.
    case paused = 8
    /// A stop was asked for; waiting until high voltage is verified off.
    case stopping = 9
    /// Over, in order.
    case closed = 10
    /// Something is wrong; latched until a person starts anew.
    case faulted = 11

    public var code: UInt8 { @_noLocks get { rawValue } }

    @_noLocks public static func == (a: SessionState, b: SessionState) -> Bool { a.rawValue == b.rawValue }

    @_noLocks public static func != (a: SessionState, b: SessionState) -> Bool { !(a == b) }

    /// Whether pulses may be due in this state.
    public var isDelivering: Bool {
        @_noLocks get {
            switch self {
            case .searching, .rampingUp, .holding, .rampingDown, .resting: return true
            case .idle, .cleared, .armed, .paused, .stopping, .closed, .faulted: return false
            }
        }
    }

    /// Whether the session is over; nothing leaves these states.
    public var isFinal: Bool { @_noLocks get { self == .closed || self == .faulted } }
}

/// What one channel does.
public enum ChannelState: UInt8, Sendable {
    /// Nothing runs.
    case off = 0
    case searching = 1
    /// Alternating: it begins half a cycle after the other.
    case waiting = 2
    case rampingUp = 3
    /// The plateau of a contraction, or a train.
    case holding = 4
    case rampingDown = 5
    case resting = 6
    /// Its dose was given.
    case finished = 7
    /// Stopped alone, for the rest of the session.
    case stopped = 8

    public var code: UInt8 { @_noLocks get { rawValue } }

    @_noLocks public static func == (a: ChannelState, b: ChannelState) -> Bool { a.rawValue == b.rawValue }

    @_noLocks public static func != (a: ChannelState, b: ChannelState) -> Bool { !(a == b) }

    /// Whether time passes in it.
    public var isRunning: Bool {
        @_noLocks get {
            switch self {
            case .searching, .waiting, .rampingUp, .holding, .rampingDown, .resting: return true
            case .off, .finished, .stopped: return false
            }
        }
    }

    /// Whether pulses may be due in it.
    public var hasPulses: Bool {
        @_noLocks get { isRunning && self != .resting && self != .waiting }
    }
}

/// Why an orderly stop was asked for.
public enum StopCause: UInt8, Sendable {
    case none = 0
    /// The programme came to its end.
    case programmeFinished = 1
    /// The practitioner's stop key.
    case operatorKey = 2
    /// The patient withdrew consent: output stops first, then it is recorded.
    case consentWithdrawn = 3
    /// `motorpoint stop` from a second terminal.
    case secondTerminal = 4
    /// A signal asked the process to end.
    case signal = 5
    /// The terminal went away.
    case terminalGone = 6
    /// The longest treatment time was reached.
    case sessionTimeLimit = 7
    /// The longest time from arming to the end was reached.
    case attendedTimeLimit = 8
    /// The practitioner did not answer while armed.
    case presenceMissed = 9
    /// The emergency stop, or a wire of it that broke.
    case emergencyStop = 10
    /// The patient's button of a needle rig, or a wire of it that broke.
    case patientButton = 11
    /// The patient faints or feels faint.
    case fainting = 12
    /// A needle broke or is bent.
    case brokenNeedle = 13
    /// Strong pain.
    case strongPain = 14

    public var code: UInt8 { @_noLocks get { rawValue } }

    @_noLocks public static func == (a: StopCause, b: StopCause) -> Bool { a.rawValue == b.rawValue }

    @_noLocks public static func != (a: StopCause, b: StopCause) -> Bool { !(a == b) }
}

/// What the practitioner can ask for, other than a stop (a stop never queues with these).
public enum OperatorCommand: UInt8, Sendable {
    case none = 0
    case arm = 1
    case beginSearch = 2
    case beginTreatment = 3
    case endSearch = 4
    case endTitration = 5
    case raise = 6
    case lower = 7
    /// To 0 mA at once, the train goes on: before the electrode is moved.
    case zero = 8
    case pause = 9
    case resume = 10
    case markSensory = 11
    case markMotor = 12
    /// "I am here": answers the presence question.
    case present = 13
    /// Pain, dizziness and skin were asked for, and all is well: answers a check-in on needles.
    case checkedIn = 14

    public var code: UInt8 { @_noLocks get { rawValue } }

    @_noLocks public static func == (a: OperatorCommand, b: OperatorCommand) -> Bool { a.rawValue == b.rawValue }

    @_noLocks public static func != (a: OperatorCommand, b: OperatorCommand) -> Bool { !(a == b) }

    /// Whether it can lead to more output; such a command is dropped when it comes late.
    public var asksForMore: Bool {
        @_noLocks get {
            switch self {
            case .arm, .beginSearch, .beginTreatment, .raise, .resume: return true
            default: return false
            }
        }
    }
}

/// What the session wants of the stimulator's high voltage, said anew every tick.
public enum OutputDemand: UInt8, Sendable {
    case off = 0
    case energised = 1

    public var code: UInt8 { @_noLocks get { rawValue } }

    @_noLocks public static func == (a: OutputDemand, b: OutputDemand) -> Bool { a.rawValue == b.rawValue }

    @_noLocks public static func != (a: OutputDemand, b: OutputDemand) -> Bool { !(a == b) }
}

/// Why a raise or another command was not followed.
public enum RefusedCommand: UInt8, Sendable {
    /// Not possible in this state.
    case wrongState = 1
    /// Less than 250 ms after the last press: a held key (`decided.md`).
    case heldKey = 2
    /// Faster than the rise limit.
    case riseLimit = 3
    /// At the ceiling.
    case atCeiling = 4
    /// The amplitude set last has not been delivered yet: each step is felt before the next.
    case notYetFelt = 5
    /// The stimulator is not ready.
    case notReady = 6
    /// The plan holds no such part.
    case notInPlan = 7
    /// It waited too long between the key and the loop.
    case stale = 8
    /// Needles above 15 Hz: no motor threshold was marked in this session (`clinical.md` H27).
    case noMotorThreshold = 9

    public var code: UInt8 { @_noLocks get { rawValue } }

    @_noLocks public static func == (a: RefusedCommand, b: RefusedCommand) -> Bool { a.rawValue == b.rawValue }

    @_noLocks public static func != (a: RefusedCommand, b: RefusedCommand) -> Bool { !(a == b) }
}

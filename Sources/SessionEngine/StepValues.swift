public import SafetyKernel
public import StimulusModel

/// What became of the pulses of one channel since the last step.
public struct ChannelNews: Sendable {
    /// What became of the last pulse, reported once.
    public var delivery: Delivery
    public var deliveredAmplitude: Current
    /// The pulse requested in the step before found the channel busy.
    public var pulseSkipped: Bool

    /// Nothing to report.
    @_noLocks public init() {
        delivery = .none
        deliveredAmplitude = .zero
        pulseSkipped = false
    }

    /// Whether there is nothing to report.
    public var isQuiet: Bool { @_noLocks get { delivery == .none && !pulseSkipped } }
}

/// Everything that the machine may know in one step.
public struct StepInputs: Sendable {
    /// Milliseconds since the last step: 1, or more after a late wake-up.
    public var elapsedTicks: Int32
    public var command: OperatorCommand
    /// The channel that the command is for, where it is for one.
    public var commandPlace: ChannelPlace
    /// The command asked for more and waited too long between the key and the loop: it is refused.
    public var commandIsStale: Bool
    public var stop: StopCause
    /// Channels to be stopped alone: bit 0 the first, bit 1 the second. Like a stop it never waits with the commands.
    public var channelStops: UInt8
    /// A fault found by the host itself.
    public var hostFault: FaultCause
    public var condition: StimulatorCondition
    /// Why the condition is `failed`.
    public var linkFault: FaultCause
    public var first: ChannelNews
    public var second: ChannelNews

    @_noLocks public init() {
        elapsedTicks = 1
        command = .none
        commandPlace = .first
        commandIsStale = false
        stop = .none
        channelStops = 0
        hostFault = .none
        condition = .absent
        linkFault = .none
        first = ChannelNews()
        second = ChannelNews()
    }

    // The first channel's news by the names that a session of one channel knows them by.
    public var delivery: Delivery {
        @_noLocks get { first.delivery }
        @_noLocks set { first.delivery = newValue }
    }
    public var deliveredAmplitude: Current {
        @_noLocks get { first.deliveredAmplitude }
        @_noLocks set { first.deliveredAmplitude = newValue }
    }
    public var pulseSkipped: Bool {
        @_noLocks get { first.pulseSkipped }
        @_noLocks set { first.pulseSkipped = newValue }
    }
}

/// What the machine wants done after one step.
public struct StepOutputs: Sendable {
    public var state: SessionState
    public var demand: OutputDemand
    /// At most one pulse: a step is a millisecond, and the channels keep half a period apart.
    public var request: PulseRequest?
    public var setAmplitude: Current
    public var secondSetAmplitude: Current
    public var events: SessionEvents

    @_noLocks public init(state: SessionState, demand: OutputDemand, setAmplitude: Current) {
        self.state = state
        self.demand = demand
        request = nil
        self.setAmplitude = setAmplitude
        secondSetAmplitude = .zero
        events = SessionEvents()
    }
}

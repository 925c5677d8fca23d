public import SafetyKernel
public import StimulusModel

/// Everything that the machine may know in one step.
public struct StepInputs: Sendable {
    /// Milliseconds since the last step: 1, or more after a late wake-up.
    public var elapsedTicks: Int32
    public var command: OperatorCommand
    /// The command asked for more and waited too long between the key and the loop: it is refused.
    public var commandIsStale: Bool
    public var stop: StopCause
    /// A fault found by the host itself.
    public var hostFault: FaultCause
    public var condition: StimulatorCondition
    /// Why the condition is `failed`.
    public var linkFault: FaultCause
    /// What became of the last pulse, reported once.
    public var delivery: Delivery
    public var deliveredAmplitude: Current
    /// The pulse requested in the step before found the channel busy.
    public var pulseSkipped: Bool

    @_noLocks public init() {
        elapsedTicks = 1
        command = .none
        commandIsStale = false
        stop = .none
        hostFault = .none
        condition = .absent
        linkFault = .none
        delivery = .none
        deliveredAmplitude = .zero
        pulseSkipped = false
    }
}

/// What the machine wants done after one step.
public struct StepOutputs: Sendable {
    public var state: SessionState
    public var demand: OutputDemand
    /// At most one pulse: a step is a millisecond.
    public var request: PulseRequest?
    public var setAmplitude: Current
    public var events: SessionEvents

    @_noLocks public init(state: SessionState, demand: OutputDemand, setAmplitude: Current) {
        self.state = state
        self.demand = demand
        request = nil
        self.setAmplitude = setAmplitude
        events = SessionEvents()
    }
}

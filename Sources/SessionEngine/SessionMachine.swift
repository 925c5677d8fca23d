// The conduct of a session: pure, of fixed size, one step a millisecond. It holds remaining times, not instants, and
// neither arming nor the charge account, which are the gate's: so its states can be compared and searched.
//
// Words: *run* = uninterrupted delivery from 0 mA; *titration* = up to five contractions in which the amplitude is
// found, counted in time and charge but not in the dose; *set amplitude* = what the practitioner raised to; *felt* =
// a pulse at the set amplitude was acknowledged. All from `decided.md`, Amplitude.
public import SafetyKernel
public import StimulusModel

public struct SessionMachine: Sendable {
    let plan: AuthorizedPlan

    public internal(set) var state: SessionState = .idle
    public internal(set) var stopCause: StopCause = .none
    public internal(set) var fault: FaultCause = .none
    public internal(set) var part: PlanPart
    public internal(set) var setMicroamperes: Int32 = 0
    /// Highest acknowledged amplitude of this run.
    var feltMicroamperes: Int32 = 0
    /// Amplitude of the last acknowledged pulse of this run.
    var lastFeltMicroamperes: Int32 = 0
    public internal(set) var run: Int32 = 0
    var resuming = false

    /// Milliseconds left of the ramp, plateau, rest or train that is running.
    public internal(set) var phaseRemaining: Int32 = 0
    /// A train that a pause interrupted goes on with what was left.
    var trainRemaining: Int32 = 0
    public internal(set) var titrating = false
    public internal(set) var titrationContractions: Int32 = 0
    public internal(set) var countedContractions: Int32 = 0
    var schedule = PulseSchedule()

    /// The treatment clock: runs while pulses may be due, held by a pause.
    public internal(set) var treatmentMilliseconds: Int64 = 0
    /// From the first arming on, pauses included.
    public internal(set) var attendedMilliseconds: Int64 = 0
    /// Since the run began, since the last raise, and since the last pulse was asked for that carried it: the gate
    /// counts from pulse to pulse.
    var sinceRaise: Int32 = 0
    var sincePress: Int32 = 0
    var untilPresenceAsked: Int32 = 0
    var untilPresenceMissed: Int32 = 0
    var stoppingMilliseconds: Int32 = 0

    public internal(set) var sensoryThreshold = Current.zero
    public internal(set) var motorThreshold = Current.zero
    public internal(set) var missedTicks: Int64 = 0
    public internal(set) var droppedPulses: Int64 = 0
    public internal(set) var skippedPulses: Int64 = 0
    public internal(set) var deliveredPulses: Int64 = 0
    public internal(set) var undeliveredPulses: Int64 = 0
    public internal(set) var unknownPulses: Int64 = 0
    public internal(set) var highestDelivered = Current.zero

    /// A presence key is asked for every 5 minutes (`decided.md`; H35).
    static var presenceIntervalMilliseconds: Int32 { @_noLocks get { 5 * 60_000 } }
    /// 30 s to answer (proposal, as for needle check-ins).
    static var presenceGraceMilliseconds: Int32 { @_noLocks get { 30_000 } }
    /// A raise less than 250 ms after the last press is a held key (`decided.md`).
    static var heldKeyMilliseconds: Int32 { @_noLocks get { 250 } }
    /// A step later than this is a fault of its own, whatever tolerance the loop was given (proposal): time that long
    /// without a decision cannot be made up for.
    static var longestStepMilliseconds: Int32 { @_noLocks get { 1_000 } }
    /// Three tries of half a second to switch high voltage off, and the look at it (`sciencemode4.md` 8, proposal).
    static var stoppingLimitMilliseconds: Int32 { @_noLocks get { 3_000 } }

    /// A session at its beginning: idle, 0 mA.
    @_noLocks public init(plan: AuthorizedPlan) {
        self.plan = plan
        part = plan.search == nil ? .treatment : .search
    }

    /// One step. A stop or a fault is followed within the same step, in every state, before anything else.
    @_noLocks public mutating func step(_ inputs: StepInputs) -> StepOutputs {
        var out = StepOutputs(state: state, demand: .off, setAmplitude: .zero)
        takeDelivery(inputs, &out.events)
        if !takeFault(inputs, &out.events), !takeStop(inputs.stop, &out.events) {
            takeCondition(inputs.condition, &out.events)
            takeCommand(inputs, &out.events)
            advance(inputs, &out)
        }
        finishStopping(inputs, &out.events)
        out.state = state
        out.demand = demand
        out.setAmplitude = Current(microamperes: setMicroamperes)
        return out
    }

    /// What high voltage should be, recomputed from the state every step.
    var demand: OutputDemand {
        @_noLocks get {
            switch state {
            case .armed, .searching, .rampingUp, .holding, .rampingDown, .resting: return .energised
            case .paused: return resuming ? .energised : .off
            case .idle, .cleared, .stopping, .closed, .faulted: return .off
            }
        }
    }

    /// The dose of the search, if there is one: what marked thresholds belong to.
    public var searchDose: Dose? { @_noLocks get { plan.search?.dose } }

    /// The dose that is running, or would run.
    public var dose: AuthorizedDose? {
        @_noLocks get {
            switch part {
            case .search: return plan.search
            case .treatment: return plan.treatment
            }
        }
    }

    // MARK: - Stop and fault

    @_noLocks mutating func enter(_ next: SessionState, _ events: inout SessionEvents) {
        guard next != state else { return }
        events.append(SessionEvent(.stateChanged, value: Int32(next.code), detail: state.code))
        state = next
    }

    @_noLocks mutating func zeroAmplitude() {
        setMicroamperes = 0
        feltMicroamperes = 0
        lastFeltMicroamperes = 0
        resuming = false
    }

    /// - Returns: whether the session is, or now became, faulted.
    @_noLocks private mutating func takeFault(_ inputs: StepInputs, _ events: inout SessionEvents) -> Bool {
        if state == .faulted { return true }
        if state == .closed { return false }
        var cause = inputs.hostFault
        if cause == .none, inputs.condition == .failed {
            cause = inputs.linkFault == .none ? .internalError : inputs.linkFault
        }
        if cause == .none, inputs.elapsedTicks > SessionMachine.longestStepMilliseconds { cause = .late }
        // The device fell out of a state that was commanded.
        if cause == .none, state.isDelivering, inputs.condition != .ready { cause = .unexpectedDeviceState }
        guard cause != .none else { return false }
        fault = cause
        zeroAmplitude()
        events.append(SessionEvent(.fault, value: Int32(cause.code)))
        enter(.faulted, &events)
        return true
    }

    /// - Returns: whether the session is, or now went, on its way out.
    @_noLocks private mutating func takeStop(_ cause: StopCause, _ events: inout SessionEvents) -> Bool {
        if state == .stopping || state == .closed { return true }
        guard cause != .none else { return false }
        beginStopping(cause, &events)
        return true
    }

    @_noLocks mutating func beginStopping(_ cause: StopCause, _ events: inout SessionEvents) {
        stopCause = cause
        stoppingMilliseconds = 0
        zeroAmplitude()
        events.append(SessionEvent(.stopRequested, value: Int32(cause.code)))
        enter(.stopping, &events)
    }

    /// Closed only when high voltage is verified off; not verified in time is a fault.
    @_noLocks private mutating func finishStopping(_ inputs: StepInputs, _ events: inout SessionEvents) {
        guard state == .stopping else { return }
        if inputs.condition == .off {
            enter(.closed, &events)
            return
        }
        stoppingMilliseconds = Int32(clamping: Int64(stoppingMilliseconds) + Int64(max(1, inputs.elapsedTicks)))
        if stoppingMilliseconds > SessionMachine.stoppingLimitMilliseconds {
            fault = .stopUnconfirmed
            events.append(SessionEvent(.fault, value: Int32(FaultCause.stopUnconfirmed.code)))
            enter(.faulted, &events)
        }
    }

    // MARK: - What became of pulses

    @_noLocks private mutating func takeDelivery(_ inputs: StepInputs, _ events: inout SessionEvents) {
        if inputs.pulseSkipped {
            skippedPulses += 1
            events.append(SessionEvent(.pulseSkipped))
        }
        switch inputs.delivery {
        case .none, .skipped:
            return
        case .delivered:
            deliveredPulses += 1
            noteHighest(inputs.deliveredAmplitude)
            lastFeltMicroamperes = inputs.deliveredAmplitude.microamperes
            if inputs.deliveredAmplitude.microamperes > feltMicroamperes {
                feltMicroamperes = min(inputs.deliveredAmplitude.microamperes, setMicroamperes)
            }
        case .notDelivered:
            undeliveredPulses += 1
            events.append(SessionEvent(.notDelivered, value: inputs.deliveredAmplitude.microamperes))
        case .unknown:
            // Counted as delivered (decided.md, P24); the link's fault ends the session.
            unknownPulses += 1
            noteHighest(inputs.deliveredAmplitude)
            events.append(SessionEvent(.deliveryUnknown, value: inputs.deliveredAmplitude.microamperes))
        }
    }

    @_noLocks private mutating func noteHighest(_ amplitude: Current) {
        if amplitude.microamperes > highestDelivered.microamperes { highestDelivered = amplitude }
    }
}

// The conduct of a session: pure, of fixed size, one step a millisecond. It holds remaining times, not instants, and
// neither arming nor the charge account, which are the gate's: so its states can be compared and searched.
//
// Here is what the channels of a session share: stop, fault, the clocks, presence. What each does by itself is
// `ChannelConduct`.
public import SafetyKernel
public import StimulusModel

public struct SessionMachine: Sendable {
    let plan: AuthorizedPlan
    public let channelCount: Int
    /// Whether the patient is asked at set times for pain, dizziness and skin: on needles.
    package let asksCheckIns: Bool

    /// Where the session as a whole stands; which ramp or plateau it is in is its channels' affair.
    package enum Course: UInt8 {
        case idle, cleared, armed, delivering, paused, stopping, closed, faulted

        package var code: UInt8 { @_noLocks get { rawValue } }
        @_noLocks package static func == (a: Course, b: Course) -> Bool { a.rawValue == b.rawValue }
        @_noLocks package static func != (a: Course, b: Course) -> Bool { a.rawValue != b.rawValue }
    }

    // What the exhaustive search (Tests/Explorer) must see of a state is `package` to read, and this module's to write.
    package internal(set) var course = Course.idle
    package internal(set) var channels: InlineArray<2, ChannelConduct>
    /// The state that was told last: a change is told once.
    package internal(set) var toldState = SessionState.idle
    public internal(set) var stopCause: StopCause = .none
    public internal(set) var fault: FaultCause = .none
    package internal(set) var resuming = false
    /// The last command, whatever became of it, and how long ago it came, in ms.
    package internal(set) var lastCommand = OperatorCommand.none
    package internal(set) var sinceCommand: Int32 = 0

    /// The treatment clock: runs while pulses may be due, held by a pause.
    public internal(set) var treatmentMilliseconds: Int64 = 0
    /// From the first arming on, pauses included.
    public internal(set) var attendedMilliseconds: Int64 = 0
    package internal(set) var untilPresenceAsked: Int32 = 0
    package internal(set) var untilPresenceMissed: Int32 = 0
    package internal(set) var untilCheckInAsked: Int32 = 0
    package internal(set) var untilCheckInMissed: Int32 = 0
    package internal(set) var stoppingMilliseconds: Int32 = 0

    public internal(set) var missedTicks: Int64 = 0
    public internal(set) var droppedPulses: Int64 = 0
    public internal(set) var skippedPulses: Int64 = 0
    public internal(set) var deliveredPulses: Int64 = 0
    public internal(set) var undeliveredPulses: Int64 = 0
    public internal(set) var unknownPulses: Int64 = 0

    /// A presence key is asked for every 5 minutes (`decided.md`; H35).
    static var presenceIntervalMilliseconds: Int32 { @_noLocks get { 5 * 60_000 } }
    /// The first check-in of a treatment on needles, when the current is felt for the first time; later ones as often
    /// as the presence key (proposal).
    static var firstCheckInMilliseconds: Int32 { @_noLocks get { 60_000 } }
    /// 30 s to answer a check-in as well (proposal).
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
        channelCount = plan.channelCount
        asksCheckIns = plan.capabilities.electrodeKind == .needle
        channels = InlineArray(repeating: ChannelConduct(plan.first))
        channels[1] = ChannelConduct(plan.second)
    }

    /// One step. A stop or a fault is followed within the same step, in every state, before anything else.
    @_noLocks public mutating func step(_ inputs: StepInputs) -> StepOutputs {
        var out = StepOutputs(state: .idle, demand: .off, setAmplitude: .zero)
        takeDelivery(inputs.first, at: .first, &out.events)
        if channelCount > 1 { takeDelivery(inputs.second, at: .second, &out.events) }
        if !takeFault(inputs, &out.events), !takeStop(inputs.stop, &out.events) {
            takeChannelStops(inputs.channelStops, &out.events)
            takeCondition(inputs.condition, &out.events)
            takeCommand(inputs, &out.events)
            advance(inputs, &out)
        }
        finishStopping(inputs, &out.events)
        out.state = state
        out.demand = demand
        out.setAmplitude = Current(microamperes: channels[0].setMicroamperes)
        out.secondSetAmplitude = Current(microamperes: channels[1].setMicroamperes)
        return out
    }

    /// Where the session stands, as a whole.
    public var state: SessionState {
        @inline(__always) @_noLocks get {
            switch course {
            case .idle: return .idle
            case .cleared: return .cleared
            case .armed: return .armed
            case .delivering:
                let first = SessionMachine.activity(channels[0].state)
                let second = SessionMachine.activity(channels[1].state)
                return SessionMachine.state(ofActivity: max(first, second))
            case .paused: return .paused
            case .stopping: return .stopping
            case .closed: return .closed
            case .faulted: return .faulted
            }
        }
    }

    /// How active a channel is, for the state of the whole.
    @_noLocks private static func activity(_ state: ChannelState) -> Int {
        switch state {
        case .searching: return 4
        case .holding: return 3
        case .rampingUp: return 2
        case .rampingDown: return 1
        case .off, .waiting, .resting, .finished, .stopped: return 0
        }
    }

    @_noLocks private static func state(ofActivity activity: Int) -> SessionState {
        switch activity {
        case 4: return .searching
        case 3: return .holding
        case 2: return .rampingUp
        case 1: return .rampingDown
        default: return .resting
        }
    }

    /// What high voltage should be, recomputed from the state every step.
    var demand: OutputDemand {
        @_noLocks get {
            switch course {
            case .armed, .delivering: return .energised
            case .paused: return resuming ? .energised : .off
            case .idle, .cleared, .stopping, .closed, .faulted: return .off
            }
        }
    }

    /// What one channel does.
    @_noLocks public func channel(_ place: ChannelPlace) -> ChannelConduct { channels[place.index] }

    /// What the next pulse of a running train would be, for a stimulator that is set before its pulses; nothing at 0
    /// mA, or where nothing runs. Needles have no contractions: every pulse has the set amplitude.
    /// - Note: an `inout` that changes nothing: to hand over the machine otherwise copies some kilobytes in each tick.
    @_noLocks public static func upcoming(_ place: ChannelPlace, of machine: inout SessionMachine) -> PulseRequest? {
        let index = place.index
        guard machine.course == .delivering,
            machine.channels[index].state == .searching || machine.channels[index].state == .holding,
            machine.channels[index].setMicroamperes > 0, !machine.channels[index].trainIsContractions
        else { return nil }
        let set = Current(microamperes: machine.channels[index].setMicroamperes)
        return PulseRequest(
            place: place, part: machine.channels[index].part, run: machine.channels[index].run, setAmplitude: set,
            amplitude: set, isOnPlateau: true, contraction: 0)
    }

    /// The same of a machine that may be copied.
    @_noLocks public func upcoming(_ place: ChannelPlace) -> PulseRequest? {
        var copy = self
        return SessionMachine.upcoming(place, of: &copy)
    }

    // Single figures, so that nobody copies a whole channel to look at one: the first channel's.
    public var part: PlanPart { @_noLocks get { channels[0].part } }
    public var setMicroamperes: Int32 { @_noLocks get { channels[0].setMicroamperes } }
    public var run: Int32 { @_noLocks get { channels[0].run } }
    public var phaseRemaining: Int32 { @_noLocks get { channels[0].phaseRemaining } }
    public var titrating: Bool { @_noLocks get { channels[0].titrating } }
    public var titrationContractions: Int32 { @_noLocks get { channels[0].titrationContractions } }
    public var countedContractions: Int32 { @_noLocks get { channels[0].countedContractions } }
    public var sensoryThreshold: Current { @_noLocks get { channels[0].sensoryThreshold } }
    public var motorThreshold: Current { @_noLocks get { channels[0].motorThreshold } }

    /// The highest amplitude that was delivered on any channel.
    public var highestDelivered: Current {
        @_noLocks get {
            let first = channels[0].highestDelivered
            let second = channels[1].highestDelivered
            return second.microamperes > first.microamperes ? second : first
        }
    }

    // MARK: - Stop and fault

    @_noLocks mutating func enter(_ next: Course, _ events: inout SessionEvents) {
        course = next
        tellState(&events)
    }

    @_noLocks mutating func enter(_ next: ChannelState, at place: ChannelPlace, _ events: inout SessionEvents) {
        guard channels[place.index].state != next else { return }
        channels[place.index].state = next
        if channelCount > 1 {
            events.append(SessionEvent(.channelStateChanged, value: Int32(next.code), at: place))
        }
        tellState(&events)
    }

    @_noLocks mutating func tellState(_ events: inout SessionEvents) {
        let now = state
        guard now != toldState else { return }
        events.append(SessionEvent(.stateChanged, value: Int32(now.code), detail: toldState.code))
        toldState = now
    }

    /// Every channel to 0 mA, and nothing runs on any: a channel that had ended stays ended.
    @_noLocks mutating func silenceChannels() {
        resuming = false
        var index = 0
        while index < 2 {
            channels[index].zeroAmplitude()
            if channels[index].state.isRunning { channels[index].state = .off }
            index += 1
        }
    }

    /// - Returns: whether the session is, or now became, faulted.
    @_noLocks private mutating func takeFault(_ inputs: StepInputs, _ events: inout SessionEvents) -> Bool {
        if course == .faulted { return true }
        if course == .closed { return false }
        var cause = inputs.hostFault
        if cause == .none, inputs.condition == .failed {
            cause = inputs.linkFault == .none ? .internalError : inputs.linkFault
        }
        if cause == .none, inputs.elapsedTicks > SessionMachine.longestStepMilliseconds { cause = .late }
        // The device fell out of a state that was commanded.
        if cause == .none, course == .delivering, inputs.condition != .ready { cause = .unexpectedDeviceState }
        guard cause != .none else { return false }
        fault = cause
        silenceChannels()
        events.append(SessionEvent(.fault, value: Int32(cause.code)))
        enter(.faulted, &events)
        return true
    }

    /// - Returns: whether the session is, or now went, on its way out.
    @_noLocks private mutating func takeStop(_ cause: StopCause, _ events: inout SessionEvents) -> Bool {
        if course == .stopping || course == .closed { return true }
        guard cause != .none else { return false }
        beginStopping(cause, &events)
        return true
    }

    @_noLocks mutating func beginStopping(_ cause: StopCause, _ events: inout SessionEvents) {
        stopCause = cause
        stoppingMilliseconds = 0
        silenceChannels()
        events.append(SessionEvent(.stopRequested, value: Int32(cause.code)))
        enter(.stopping, &events)
    }

    /// Stops channels alone, for the rest of the session. When none is left that could deliver, the session stops.
    @_noLocks private mutating func takeChannelStops(_ stops: UInt8, _ events: inout SessionEvents) {
        guard stops & 3 != 0, course != .stopping, course != .closed else { return }
        var index: UInt8 = 0
        while index < 2 {
            if stops & (1 << index) != 0, let place = ChannelPlace(rawValue: index) { stopChannel(place, &events) }
            index += 1
        }
        guard !channels[0].canDeliver, !channels[1].canDeliver else { return settleSearch(&events) }
        beginStopping(.operatorKey, &events)
    }

    @_noLocks private mutating func stopChannel(_ place: ChannelPlace, _ events: inout SessionEvents) {
        let index = place.index
        guard channels[index].canDeliver else { return }
        channels[index].zeroAmplitude()
        channels[index].resumes = false
        channels[index].titrating = false
        events.append(SessionEvent(.channelStopped, at: place))
        // Told without the state of the whole, which a stop of the last channel changes at once.
        channels[index].state = .stopped
        if channelCount > 1 {
            events.append(SessionEvent(.channelStateChanged, value: Int32(ChannelState.stopped.code), at: place))
        }
    }

    /// After a channel was stopped alone: a session in which nothing runs any more is armed or over.
    @_noLocks private mutating func settleSearch(_ events: inout SessionEvents) {
        guard course == .delivering || course == .paused else { return tellState(&events) }
        guard course == .delivering, !channels[0].state.isRunning, !channels[1].state.isRunning else {
            return tellState(&events)
        }
        enter(.armed, &events)
    }

    /// Closed only when high voltage is verified off; not verified in time is a fault.
    @_noLocks private mutating func finishStopping(_ inputs: StepInputs, _ events: inout SessionEvents) {
        guard course == .stopping else { return }
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

    @_noLocks private mutating func takeDelivery(
        _ news: ChannelNews, at place: ChannelPlace, _ events: inout SessionEvents
    ) {
        if news.pulseSkipped {
            skippedPulses += 1
            events.append(SessionEvent(.pulseSkipped, at: place))
        }
        switch news.delivery {
        case .none, .skipped:
            return
        case .delivered:
            deliveredPulses += 1
            channels[place.index].noteDelivered(news.deliveredAmplitude)
        case .notDelivered:
            undeliveredPulses += 1
            channels[place.index].takeAnswer()
            events.append(SessionEvent(.notDelivered, value: news.deliveredAmplitude.microamperes, at: place))
        case .unknown:
            // Counted as delivered (decided.md, P24); the link's fault ends the session.
            unknownPulses += 1
            channels[place.index].takeAnswer()
            channels[place.index].unknownPulses += 1
            channels[place.index].noteHighest(news.deliveredAmplitude)
            events.append(SessionEvent(.deliveryUnknown, value: news.deliveredAmplitude.microamperes, at: place))
        }
    }
}

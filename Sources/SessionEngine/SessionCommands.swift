// What the practitioner's keys do. A stop is not here: it never waits in line with these.
import SafetyKernel
import StimulusModel

extension SessionMachine {
    @_noLocks mutating func takeCondition(_ condition: StimulatorCondition, _ events: inout SessionEvents) {
        if course == .idle, condition == .off {
            // A clearance does not keep: nobody arms on a checklist of yesterday (H44).
            restartPresence()
            enter(.cleared, &events)
        }
        if course == .paused, resuming, condition == .ready { resumeChannels(&events) }
    }

    @_noLocks mutating func takeCommand(_ inputs: StepInputs, _ events: inout SessionEvents) {
        let command = inputs.command
        let place = inputs.commandPlace
        let condition = inputs.condition
        guard command != .none else { return }
        let isHeld = command == lastCommand && sinceCommand < SessionMachine.heldKeyMilliseconds
        lastCommand = command
        sinceCommand = 0
        guard !inputs.commandIsStale else {
            // A key that is held through a stall is held all the same: what follows it at once raises nothing.
            if command == .raise { channels[place.index].sincePress = 0 }
            return refuse(command, .stale, at: place, &events)
        }
        // Also whoever was stopped in this very step is past commands.
        guard course != .stopping, course != .closed else { return refuse(command, .wrongState, at: place, &events) }
        // A key that is held, or that something lies on, is no sign of a person (H35).
        if !isHeld, course == .cleared || course == .armed || course == .delivering { restartPresence() }
        let index = place.index
        switch command {
        case .none, .present: return
        case .checkedIn:
            guard !isHeld else { return refuse(command, .heldKey, at: place, &events) }
            guard untilCheckInMissed > 0 else { return refuse(command, .wrongState, at: place, &events) }
            untilCheckInMissed = 0
            untilCheckInAsked = SessionMachine.presenceIntervalMilliseconds
            events.append(SessionEvent(.checkInAnswered))
        case .arm: takeArm(condition, &events)
        case .beginSearch: beginSearch(at: place, condition, &events)
        case .beginTreatment: beginTreatment(condition, &events)
        case .endSearch:
            guard state == .searching else { return refuse(command, .wrongState, at: place, &events) }
            endSearch(&events)
        case .endTitration:
            guard channels[index].titrating, course == .delivering else {
                return refuse(command, .wrongState, at: place, &events)
            }
            endTitration(at: place, &events)
        case .raise: takeRaise(at: place, &events)
        case .lower:
            // Down from a level of the bench leads to 0 mA: what is measured is measured rising.
            let step =
                channels[index].levels == nil
                ? channels[index].stepMicroamperes(on: grid) : channels[index].setMicroamperes
            lower(by: step, at: place, &events)
        case .zero: lower(by: channels[index].setMicroamperes, at: place, &events)
        case .pause:
            // The last word counts: a resumption that is under way is taken back.
            if course == .paused, resuming {
                resuming = false
                return
            }
            guard course == .delivering else { return refuse(command, .wrongState, at: place, &events) }
            pause(&events)
        case .resume:
            guard course == .paused, !resuming else { return refuse(command, .wrongState, at: place, &events) }
            guard condition == .off else { return refuse(command, .notReady, at: place, &events) }
            resuming = true
        case .markSensory, .markMotor: mark(command, at: place, &events)
        }
    }

    private var grid: Current { @_noLocks get { plan.capabilities.amplitudeStep } }

    @_noLocks func refuse(
        _ command: OperatorCommand, _ why: RefusedCommand, at place: ChannelPlace, _ events: inout SessionEvents
    ) {
        events.append(SessionEvent(.commandRefused, value: Int32(command.code), detail: why.code, at: place))
    }

    @_noLocks mutating func restartPresence() {
        untilPresenceAsked = SessionMachine.presenceIntervalMilliseconds
        untilPresenceMissed = 0
    }

    @_noLocks private mutating func takeArm(_ condition: StimulatorCondition, _ events: inout SessionEvents) {
        guard course == .cleared else { return refuse(.arm, .wrongState, at: .first, &events) }
        guard condition == .off else { return refuse(.arm, .notReady, at: .first, &events) }
        silenceChannels()
        restartPresence()
        enter(.armed, &events)
    }

    // MARK: - Beginning

    /// A search runs on one channel alone, the other at 0 mA.
    @_noLocks private mutating func beginSearch(
        at place: ChannelPlace, _ condition: StimulatorCondition, _ events: inout SessionEvents
    ) {
        let index = place.index
        guard course == .armed else { return refuse(.beginSearch, .wrongState, at: place, &events) }
        guard condition == .ready else { return refuse(.beginSearch, .notReady, at: place, &events) }
        guard let search = channels[index].search, channels[index].state != .stopped else {
            return refuse(.beginSearch, .notInPlan, at: place, &events)
        }
        channels[index].part = .search
        channels[index].trainRemaining = search.dose.pattern.trainMilliseconds
        course = .delivering
        beginRun(at: place, &events)
    }

    @_noLocks private mutating func beginTreatment(
        _ condition: StimulatorCondition, _ events: inout SessionEvents
    ) {
        guard course == .armed else { return refuse(.beginTreatment, .wrongState, at: .first, &events) }
        guard condition == .ready else { return refuse(.beginTreatment, .notReady, at: .first, &events) }
        guard canTreat(.first) || canTreat(.second) else {
            return refuse(.beginTreatment, .notInPlan, at: .first, &events)
        }
        guard !(canTreat(.first) && channels[0].lacksMotorThreshold) else {
            return refuse(.beginTreatment, .noMotorThreshold, at: .first, &events)
        }
        guard !(canTreat(.second) && channels[1].lacksMotorThreshold) else {
            return refuse(.beginTreatment, .noMotorThreshold, at: .second, &events)
        }
        course = .delivering
        untilCheckInAsked = SessionMachine.firstCheckInMilliseconds
        untilCheckInMissed = 0
        if canTreat(.first) { beginTreatment(at: .first, &events) }
        if canTreat(.second) { beginTreatment(at: .second, &events) }
    }

    @_noLocks private func canTreat(_ place: ChannelPlace) -> Bool {
        channels[place.index].treatment != nil && channels[place.index].canDeliver
    }

    @_noLocks private mutating func beginTreatment(at place: ChannelPlace, _ events: inout SessionEvents) {
        let index = place.index
        channels[index].part = .treatment
        channels[index].titrating =
            channels[index].trainIsContractions
            && channels[index].titrationContractions + channels[index].countedContractions == 0
        channels[index].trainRemaining = channels[index].dose?.dose.pattern.trainMilliseconds ?? 0
        beginRun(at: place, &events)
    }

    /// Every run begins at 0 mA, whoever ran before (H21).
    @_noLocks private mutating func beginRun(at place: ChannelPlace, _ events: inout SessionEvents) {
        let index = place.index
        channels[index].zeroAmplitude()
        channels[index].resumes = false
        channels[index].runHasPulse = false
        channels[index].run += 1
        channels[index].sinceRaise = 0
        channels[index].sincePress = 0
        restartPresence()
        events.append(
            SessionEvent(.runBegan, value: channels[index].run, detail: channels[index].part.code, at: place))
        guard let dose = channels[index].dose?.dose else { return }
        guard case .contractions(let cycle, _) = dose.pattern else {
            channels[index].restartPattern(dose, at: place)
            channels[index].phaseRemaining = channels[index].trainRemaining
            return enter(channels[index].part == .search ? .searching : .holding, at: place, &events)
        }
        // Alternating: the second contracts in the first's rest. Without a first it need not wait.
        if plan.arrangement == .alternating, place == .second, channels[0].state.isRunning {
            channels[index].phaseRemaining = Int32(clamping: cycle.cycleMilliseconds / 2)
            return enter(.waiting, at: place, &events)
        }
        beginContraction(at: place, &events)
    }

    /// The next contraction, if the dose has one left.
    @_noLocks mutating func beginContraction(at place: ChannelPlace, _ events: inout SessionEvents) {
        let index = place.index
        guard let dose = channels[index].dose?.dose, case .contractions(let cycle, let count) = dose.pattern else {
            return
        }
        if channels[index].titrating,
            Int64(channels[index].titrationContractions) >= channels[index].titrationLimit
        {
            endTitration(at: place, &events)
        }
        if channels[index].titrating {
            channels[index].titrationContractions += 1
            events.append(
                SessionEvent(
                    .contractionBegan, value: channels[index].titrationContractions, detail: 1, at: place))
        } else {
            guard channels[index].countedContractions < count else { return finish(place, &events) }
            channels[index].countedContractions += 1
            events.append(
                SessionEvent(.contractionBegan, value: channels[index].countedContractions, detail: 0, at: place))
        }
        channels[index].restartPattern(dose, at: place)
        channels[index].phaseRemaining = cycle.rampUpMilliseconds
        enter(.rampingUp, at: place, &events)
    }

    // MARK: - Interrupting

    @_noLocks private mutating func endTitration(at place: ChannelPlace, _ events: inout SessionEvents) {
        let index = place.index
        channels[index].titrating = false
        events.append(
            SessionEvent(.titrationEnded, value: channels[index].titrationContractions, at: place))
    }

    /// Zero output, high voltage off, clock held. A contraction that was cut counts: it was felt.
    @_noLocks mutating func pause(_ events: inout SessionEvents) {
        pauseChannel(.first, &events)
        pauseChannel(.second, &events)
        resuming = false
        // A question that a pause cut off is asked anew soon after the resumption.
        untilCheckInAsked = min(untilCheckInAsked, SessionMachine.firstCheckInMilliseconds)
        untilCheckInMissed = 0
        enter(.paused, &events)
    }

    @_noLocks private mutating func pauseChannel(_ place: ChannelPlace, _ events: inout SessionEvents) {
        let index = place.index
        guard channels[index].state.isRunning else { return }
        channels[index].trainRemaining = channels[index].trainIsContractions ? 0 : channels[index].phaseRemaining
        // Contractions after a pause count in the dose (decided.md).
        if channels[index].titrating { endTitration(at: place, &events) }
        channels[index].zeroAmplitude()
        channels[index].resumes = true
        channels[index].state = .off
        if channelCount > 1 {
            events.append(SessionEvent(.channelStateChanged, value: Int32(ChannelState.off.code), at: place))
        }
    }

    @_noLocks private mutating func resumeChannels(_ events: inout SessionEvents) {
        resuming = false
        course = .delivering
        if channels[0].resumes { beginRun(at: .first, &events) }
        if channels[1].resumes { beginRun(at: .second, &events) }
        // What was interrupted may have been in its last contraction, or was stopped alone meanwhile.
        guard !channels[0].state.isRunning, !channels[1].state.isRunning else { return }
        if canTreat(.first) || canTreat(.second) {
            enter(.armed, &events)
        } else {
            beginStopping(.programmeFinished, &events)
        }
    }

    /// Back to 0 mA, still armed, so that the treatment can follow; a search alone ends the session.
    @_noLocks mutating func endSearch(_ events: inout SessionEvents) {
        endSearch(at: .first, &events)
        endSearch(at: .second, &events)
        guard canTreat(.first) || canTreat(.second) else { return beginStopping(.programmeFinished, &events) }
        enter(.armed, &events)
    }

    @_noLocks private mutating func endSearch(at place: ChannelPlace, _ events: inout SessionEvents) {
        let index = place.index
        guard channels[index].state == .searching else { return }
        channels[index].zeroAmplitude()
        channels[index].state = .off
        if channelCount > 1 {
            events.append(SessionEvent(.channelStateChanged, value: Int32(ChannelState.off.code), at: place))
        }
    }

    // MARK: - Amplitude

    /// One press, one step; only on a running plateau or train; never queued (`decided.md`, Amplitude).
    @_noLocks private mutating func takeRaise(at place: ChannelPlace, _ events: inout SessionEvents) {
        let index = place.index
        let sinceLastPress = channels[index].sincePress
        channels[index].sincePress = 0
        guard channels[index].state == .holding || channels[index].state == .searching,
            channels[index].dose != nil
        else { return refuse(.raise, .wrongState, at: place, &events) }
        guard sinceLastPress >= SessionMachine.heldKeyMilliseconds else {
            return refuse(.raise, .heldKey, at: place, &events)
        }
        // First of the two: the clock of the rise stands still until the last step was felt.
        guard channels[index].feltMicroamperes >= channels[index].setMicroamperes else {
            return refuse(.raise, .notYetFelt, at: place, &events)
        }
        guard channels[index].sinceRaise >= channels[index].raiseGap(on: grid) else {
            return refuse(.raise, .riseLimit, at: place, &events)
        }
        let step = channels[index].stepMicroamperes(on: grid)
        guard step > 0 else { return refuse(.raise, .wrongState, at: place, &events) }
        guard channels[index].setMicroamperes <= channels[index].ceilingMicroamperes(on: grid) - step else {
            return refuse(.raise, .atCeiling, at: place, &events)
        }
        channels[index].setMicroamperes += step
        channels[index].sinceRaise = 0
        events.append(SessionEvent(.raised, value: channels[index].setMicroamperes, at: place))
    }

    /// Falls are never limited, in no state.
    @_noLocks private mutating func lower(by step: Int32, at place: ChannelPlace, _ events: inout SessionEvents) {
        let index = place.index
        guard channels[index].setMicroamperes > 0, step > 0 else { return }
        channels[index].setMicroamperes = max(0, channels[index].setMicroamperes - step)
        channels[index].feltMicroamperes = min(channels[index].feltMicroamperes, channels[index].setMicroamperes)
        channels[index].answerIsOfBefore = channels[index].isAnswerDue
        events.append(SessionEvent(.lowered, value: channels[index].setMicroamperes, at: place))
    }

    /// A mark belongs to the amplitude that was felt, in a search: also one that was lowered to is felt first. Of
    /// several the lowest is kept: the place that twitches at the lowest current is the point (`clinical.md` 2.3).
    @_noLocks private mutating func mark(
        _ command: OperatorCommand, at place: ChannelPlace, _ events: inout SessionEvents
    ) {
        let index = place.index
        guard channels[index].state == .searching else { return refuse(command, .wrongState, at: place, &events) }
        let set = channels[index].setMicroamperes
        guard set > 0, channels[index].lastFeltMicroamperes == set else {
            return refuse(command, .notYetFelt, at: place, &events)
        }
        if command == .markSensory {
            channels[index].sensoryThreshold = SessionMachine.lowest(channels[index].sensoryThreshold, set)
        } else {
            channels[index].motorThreshold = SessionMachine.lowest(channels[index].motorThreshold, set)
            channels[index].motorMarks += 1
        }
        events.append(
            SessionEvent(.thresholdMarked, value: set, detail: command == .markSensory ? 1 : 2, at: place))
    }

    @_noLocks private static func lowest(_ before: Current, _ now: Int32) -> Current {
        Current(microamperes: before.microamperes > 0 ? min(before.microamperes, now) : now)
    }
}

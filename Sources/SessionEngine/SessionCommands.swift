// What the practitioner's keys do. A stop is not here: it never waits in line with these.
import SafetyKernel
import StimulusModel

extension SessionMachine {
    @_noLocks mutating func takeCondition(_ condition: StimulatorCondition, _ events: inout SessionEvents) {
        if state == .idle, condition == .off {
            // A clearance does not keep: nobody arms on a checklist of yesterday (H44).
            restartPresence()
            enter(.cleared, &events)
        }
        if state == .paused, resuming, condition == .ready { beginRun(&events) }
    }

    @_noLocks mutating func takeCommand(_ inputs: StepInputs, _ events: inout SessionEvents) {
        let command = inputs.command
        let condition = inputs.condition
        guard command != .none else { return }
        guard !inputs.commandIsStale else { return refuse(command, .stale, &events) }
        if state == .cleared || state == .armed || state.isDelivering { restartPresence() }
        switch command {
        case .none, .present: return
        case .arm: takeArm(condition, &events)
        case .beginSearch: takeBegin(.search, condition, &events)
        case .beginTreatment: takeBegin(.treatment, condition, &events)
        case .endSearch:
            guard state == .searching else { return refuse(command, .wrongState, &events) }
            endSearch(&events)
        case .endTitration:
            guard titrating, state.isDelivering else { return refuse(command, .wrongState, &events) }
            titrating = false
            events.append(SessionEvent(.titrationEnded, value: titrationContractions))
        case .raise: takeRaise(&events)
        case .lower: lower(by: stepMicroamperes, &events)
        case .zero: lower(by: setMicroamperes, &events)
        case .pause:
            guard state.isDelivering else { return refuse(command, .wrongState, &events) }
            pause(&events)
        case .resume:
            guard state == .paused, !resuming else { return refuse(command, .wrongState, &events) }
            guard condition == .off else { return refuse(command, .notReady, &events) }
            resuming = true
        case .markSensory: mark(command, &events)
        case .markMotor: mark(command, &events)
        }
    }

    @_noLocks func refuse(_ command: OperatorCommand, _ why: RefusedCommand, _ events: inout SessionEvents) {
        events.append(SessionEvent(.commandRefused, value: Int32(command.code), detail: why.code))
    }

    @_noLocks mutating func restartPresence() {
        untilPresenceAsked = SessionMachine.presenceIntervalMilliseconds
        untilPresenceMissed = 0
    }

    @_noLocks private mutating func takeArm(_ condition: StimulatorCondition, _ events: inout SessionEvents) {
        guard state == .cleared else { return refuse(.arm, .wrongState, &events) }
        guard condition == .off else { return refuse(.arm, .notReady, &events) }
        zeroAmplitude()
        restartPresence()
        enter(.armed, &events)
    }

    @_noLocks private mutating func takeBegin(
        _ wanted: PlanPart, _ condition: StimulatorCondition, _ events: inout SessionEvents
    ) {
        let command: OperatorCommand = wanted == .search ? .beginSearch : .beginTreatment
        guard state == .armed else { return refuse(command, .wrongState, &events) }
        guard condition == .ready else { return refuse(command, .notReady, &events) }
        let present = wanted == .search ? plan.search != nil : plan.treatment != nil
        guard present else { return refuse(command, .notInPlan, &events) }
        part = wanted
        titrating = wanted == .treatment && trainIsContractions && titrationContractions + countedContractions == 0
        switch dose?.dose.pattern {
        case .continuous(let milliseconds): trainRemaining = milliseconds
        case .contractions, .none: trainRemaining = 0
        }
        beginRun(&events)
    }

    /// Every run begins at 0 mA, whoever ran before (H21).
    @_noLocks mutating func beginRun(_ events: inout SessionEvents) {
        zeroAmplitude()
        run += 1
        sinceRaise = 0
        sincePress = 0
        restartPresence()
        events.append(SessionEvent(.runBegan, value: run, detail: part.code))
        guard let dose = dose?.dose else { return }
        switch dose.pattern {
        case .continuous:
            schedule.restart(dose.frequency)
            phaseRemaining = trainRemaining
            enter(part == .search ? .searching : .holding, &events)
        case .contractions:
            beginContraction(&events)
        }
    }

    /// The next contraction, if the dose has one left.
    @_noLocks mutating func beginContraction(_ events: inout SessionEvents) {
        guard let dose = dose?.dose, case .contractions(let cycle, let count) = dose.pattern else { return }
        if titrating, Int64(titrationContractions) >= plan.limits[.titrationContractions].value {
            titrating = false
            events.append(SessionEvent(.titrationEnded, value: titrationContractions))
        }
        if titrating {
            titrationContractions += 1
            events.append(SessionEvent(.contractionBegan, value: titrationContractions, detail: 1))
        } else {
            guard countedContractions < count else { return beginStopping(.programmeFinished, &events) }
            countedContractions += 1
            events.append(SessionEvent(.contractionBegan, value: countedContractions, detail: 0))
        }
        schedule.restart(dose.frequency)
        phaseRemaining = cycle.rampUpMilliseconds
        enter(.rampingUp, &events)
    }

    /// Zero output, high voltage off, clock held. A contraction that was cut counts: it was felt.
    @_noLocks mutating func pause(_ events: inout SessionEvents) {
        switch dose?.dose.pattern {
        case .continuous: trainRemaining = phaseRemaining
        case .contractions, .none: trainRemaining = 0
        }
        if titrating {
            // Contractions after a pause count in the dose (decided.md).
            titrating = false
            events.append(SessionEvent(.titrationEnded, value: titrationContractions))
        }
        zeroAmplitude()
        enter(.paused, &events)
    }

    /// Back to 0 mA, still armed, so that the treatment can follow; a search alone ends the session.
    @_noLocks mutating func endSearch(_ events: inout SessionEvents) {
        zeroAmplitude()
        guard plan.treatment != nil else { return beginStopping(.programmeFinished, &events) }
        enter(.armed, &events)
    }

    /// One press, one step; only on a running plateau or continuous train; never queued (`decided.md`, Amplitude).
    @_noLocks private mutating func takeRaise(_ events: inout SessionEvents) {
        let sinceLastPress = sincePress
        sincePress = 0
        guard state == .holding || state == .searching, let authorized = dose else {
            return refuse(.raise, .wrongState, &events)
        }
        guard sinceLastPress >= SessionMachine.heldKeyMilliseconds else {
            return refuse(.raise, .heldKey, &events)
        }
        guard sinceRaise >= raiseGap else { return refuse(.raise, .riseLimit, &events) }
        guard feltMicroamperes >= setMicroamperes else { return refuse(.raise, .notYetFelt, &events) }
        let step = stepMicroamperes
        guard step > 0 else { return refuse(.raise, .wrongState, &events) }
        guard setMicroamperes <= authorized.ceiling.microamperes - step else {
            return refuse(.raise, .atCeiling, &events)
        }
        setMicroamperes += step
        sinceRaise = 0
        events.append(SessionEvent(.raised, value: setMicroamperes))
    }

    /// One press, on the device's grid.
    private var stepMicroamperes: Int32 {
        @_noLocks get {
            dose?.dose.amplitudeStep.rounded(towardZeroInStepsOf: plan.capabilities.amplitudeStep).microamperes ?? 0
        }
    }

    /// How long the set amplitude stands before it may rise by one step, also before the first step of a run; rounded
    /// up.
    private var raiseGap: Int32 {
        @_noLocks get {
            let perSecond = max(1, plan.limits[.amplitudeRise].value)
            return Int32(clamping: max(250, (Int64(stepMicroamperes) * 1_000 + perSecond - 1) / perSecond))
        }
    }

    /// Falls are never limited, in no state.
    @_noLocks private mutating func lower(by step: Int32, _ events: inout SessionEvents) {
        guard setMicroamperes > 0, step > 0 else { return }
        setMicroamperes = max(0, setMicroamperes - step)
        feltMicroamperes = min(feltMicroamperes, setMicroamperes)
        events.append(SessionEvent(.lowered, value: setMicroamperes))
    }

    /// A mark belongs to the amplitude that was felt, in a search: also one that was lowered to is felt first.
    @_noLocks private mutating func mark(_ command: OperatorCommand, _ events: inout SessionEvents) {
        guard state == .searching else { return refuse(command, .wrongState, &events) }
        guard setMicroamperes > 0, lastFeltMicroamperes == setMicroamperes else {
            return refuse(command, .notYetFelt, &events)
        }
        let amplitude = Current(microamperes: setMicroamperes)
        if command == .markSensory { sensoryThreshold = amplitude } else { motorThreshold = amplitude }
        events.append(
            SessionEvent(.thresholdMarked, value: setMicroamperes, detail: command == .markSensory ? 1 : 2))
    }
}

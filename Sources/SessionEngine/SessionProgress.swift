// How time carries a session on: ramps, plateaus, rests, trains, the clocks, and which pulse is due.
import SafetyKernel
import StimulusModel

extension SessionMachine {
    /// Lets the elapsed milliseconds pass, one by one. Only a pulse that is due in the last of them is asked for: what
    /// fell due in a missed tick is dropped and counted, never delayed and never sent in a burst (`decided.md`, Loop).
    @_noLocks mutating func advance(_ inputs: StepInputs, _ out: inout StepOutputs) {
        // At most a second: a longer gap was a fault before it came here.
        let elapsed = max(1, inputs.elapsedTicks)
        if elapsed > 1 {
            missedTicks += Int64(elapsed - 1)
            out.events.append(SessionEvent(.ticksMissed, value: elapsed - 1))
        }
        var dropped: Int32 = 0
        var remaining = elapsed
        while remaining > 0 {
            remaining -= 1
            let amplitude = tick(&out.events)
            guard amplitude > 0 else { continue }
            if remaining > 0 {
                dropped += 1
            } else if state.isDelivering {
                // The plateau's last millisecond may have taken back a raise that this pulse was to carry.
                let kept = min(amplitude, setMicroamperes)
                guard kept > 0 else { continue }
                out.request = request(kept)
                if setMicroamperes > feltMicroamperes { sinceRaise = 0 }
            }
        }
        if dropped > 0 {
            droppedPulses += Int64(dropped)
            out.events.append(SessionEvent(.pulsesDropped, value: dropped))
        }
    }

    @_noLocks private func request(_ amplitude: Int32) -> PulseRequest {
        PulseRequest(
            part: part, run: run, setAmplitude: Current(microamperes: setMicroamperes),
            amplitude: Current(microamperes: amplitude), isOnPlateau: state == .holding || state == .searching,
            contraction: trainIsContractions ? titrationContractions + countedContractions : 0)
    }

    var trainIsContractions: Bool {
        @_noLocks get { (dose?.dose.contractionCount ?? 0) > 0 }
    }

    /// One millisecond.
    /// - Returns: the amplitude in µA of a pulse that is due, 0 for none.
    @_noLocks private mutating func tick(_ events: inout SessionEvents) -> Int32 {
        sinceRaise = sinceRaise < 1_000_000 ? sinceRaise + 1 : sinceRaise
        sincePress = sincePress < 1_000_000 ? sincePress + 1 : sincePress
        runClocks(&events)
        guard state.isDelivering, let authorized = dose else { return 0 }
        var due: Int32 = 0
        if state != .resting, schedule.tick(authorized.dose.frequency) {
            due = dueAmplitude(authorized.dose)
        }
        phaseRemaining -= 1
        if phaseRemaining <= 0 { endPhase(authorized.dose, &events) }
        return due
    }

    @_noLocks private mutating func runClocks(_ events: inout SessionEvents) {
        if state == .cleared { return runPresence(&events) }
        guard state == .armed || state == .paused || state.isDelivering else { return }
        attendedMilliseconds += 1
        if attendedMilliseconds > plan.limits[.attendedTime].value {
            return beginStopping(.attendedTimeLimit, &events)
        }
        guard state != .paused else { return }
        if state.isDelivering {
            treatmentMilliseconds += 1
            if treatmentMilliseconds > plan.limits[.sessionTime].value {
                return beginStopping(.sessionTimeLimit, &events)
            }
        }
        runPresence(&events)
    }

    /// Asks whether the practitioner is there; no answer pauses, and ends a session that is only armed (H35).
    @_noLocks private mutating func runPresence(_ events: inout SessionEvents) {
        if untilPresenceMissed > 0 {
            untilPresenceMissed -= 1
            if untilPresenceMissed == 0 {
                events.append(SessionEvent(.presenceMissed))
                if state.isDelivering { pause(&events) } else { beginStopping(.presenceMissed, &events) }
            }
            return
        }
        untilPresenceAsked -= 1
        if untilPresenceAsked <= 0 {
            untilPresenceMissed = SessionMachine.presenceGraceMilliseconds
            events.append(
                SessionEvent(.presenceAsked, value: SessionMachine.presenceGraceMilliseconds / 1_000))
        }
    }

    /// The amplitude of a pulse that is due now, on the device's grid, rounded down.
    @_noLocks private func dueAmplitude(_ dose: Dose) -> Int32 {
        let set = Current(microamperes: setMicroamperes)
        let grid = plan.capabilities.amplitudeStep
        guard case .contractions(let cycle, _) = dose.pattern else {
            return set.rounded(towardZeroInStepsOf: grid).microamperes
        }
        switch state {
        case .rampingUp:
            let elapsed = cycle.rampUpMilliseconds - phaseRemaining
            return set.scaled(by: elapsed, over: cycle.rampUpMilliseconds)
                .rounded(towardZeroInStepsOf: grid).microamperes
        case .rampingDown:
            return set.scaled(by: phaseRemaining, over: cycle.rampDownMilliseconds)
                .rounded(towardZeroInStepsOf: grid).microamperes
        default:
            return set.rounded(towardZeroInStepsOf: grid).microamperes
        }
    }

    @_noLocks private mutating func endPhase(_ dose: Dose, _ events: inout SessionEvents) {
        guard case .contractions(let cycle, let count) = dose.pattern else {
            return state == .searching ? endSearch(&events) : beginStopping(.programmeFinished, &events)
        }
        switch state {
        case .rampingUp:
            phaseRemaining = cycle.plateauMilliseconds
            enter(.holding, &events)
        case .holding:
            // A raise that was never felt is taken back: a ramp scales only what was delivered.
            if setMicroamperes > feltMicroamperes {
                setMicroamperes = feltMicroamperes
                events.append(SessionEvent(.setAmplitudeClipped, value: setMicroamperes))
            }
            phaseRemaining = cycle.rampDownMilliseconds
            enter(.rampingDown, &events)
        case .rampingDown:
            if !titrating, countedContractions >= count { return beginStopping(.programmeFinished, &events) }
            phaseRemaining = cycle.restMilliseconds
            enter(.resting, &events)
        case .resting:
            beginContraction(&events)
        default:
            return
        }
    }
}

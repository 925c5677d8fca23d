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
            runClocks(&out.events)
            let first = tick(.first, &out.events)
            let second = channelCount > 1 ? tick(.second, &out.events) : 0
            finishProgramme(&out.events)
            if first > 0 { dropped += take(first, at: .first, isLast: remaining == 0, &out) }
            if second > 0 { dropped += take(second, at: .second, isLast: remaining == 0, &out) }
        }
        if dropped > 0 {
            droppedPulses += Int64(dropped)
            out.events.append(SessionEvent(.pulsesDropped, value: dropped))
        }
    }

    /// Asks for a pulse that is due.
    /// - Returns: 1 when it was dropped instead: it fell due in a missed tick, in the tick of the other channel's, or
    /// too soon after the last of the run before.
    @_noLocks private mutating func take(
        _ amplitude: Int32, at place: ChannelPlace, isLast: Bool, _ out: inout StepOutputs
    ) -> Int32 {
        guard isLast, out.request == nil else { return 1 }
        let index = place.index
        guard channels[index].state.isRunning else { return 0 }
        // The plateau's last millisecond may have taken back a raise that this pulse was to carry.
        let kept = min(amplitude, channels[index].setMicroamperes)
        guard kept > 0 else { return 0 }
        guard channels[index].keepsDistance else { return 1 }
        channels[index].notePulse()
        let isContractions = channels[index].trainIsContractions
        out.request = PulseRequest(
            place: place, part: channels[index].part, run: channels[index].run,
            setAmplitude: Current(microamperes: channels[index].setMicroamperes),
            amplitude: Current(microamperes: kept),
            isOnPlateau: channels[index].state == .holding || channels[index].state == .searching,
            contraction: isContractions
                ? channels[index].titrationContractions + channels[index].countedContractions : 0)
        if channels[index].setMicroamperes > channels[index].feltMicroamperes { channels[index].sinceRaise = 0 }
        return 0
    }

    /// One millisecond of one channel.
    /// - Returns: the amplitude in µA of a pulse that is due, 0 for none.
    @_noLocks private mutating func tick(_ place: ChannelPlace, _ events: inout SessionEvents) -> Int32 {
        let index = place.index
        channels[index].countTime()
        guard course == .delivering, channels[index].state.isRunning, let authorized = channels[index].dose else {
            return 0
        }
        var due: Int32 = 0
        if channels[index].state.hasPulses, channels[index].patternTick(authorized.dose, at: place) {
            due = channels[index].dueAmplitude(authorized.dose, on: plan.capabilities.amplitudeStep)
        }
        channels[index].phaseRemaining -= 1
        if channels[index].phaseRemaining <= 0 { endPhase(authorized.dose, at: place, &events) }
        return due
    }

    @_noLocks private mutating func runClocks(_ events: inout SessionEvents) {
        if sinceCommand < SessionMachine.heldKeyMilliseconds { sinceCommand += 1 }
        if course == .cleared { return runPresence(&events) }
        guard course == .armed || course == .paused || course == .delivering else { return }
        attendedMilliseconds += 1
        if attendedMilliseconds > plan.limits[.attendedTime].value {
            return beginStopping(.attendedTimeLimit, &events)
        }
        guard course != .paused else { return }
        if course == .delivering {
            treatmentMilliseconds += 1
            if treatmentMilliseconds > plan.limits[.sessionTime].value {
                return beginStopping(.sessionTimeLimit, &events)
            }
        }
        runPresence(&events)
        if course == .delivering { runCheckIns(&events) }
    }

    /// On needles the patient is asked at set times for pain, dizziness and skin; no answer within 30 s pauses
    /// (proposal; H33, H35).
    @_noLocks private mutating func runCheckIns(_ events: inout SessionEvents) {
        guard asksCheckIns, state != .searching else { return }
        if untilCheckInMissed > 0 {
            untilCheckInMissed -= 1
            if untilCheckInMissed == 0 {
                events.append(SessionEvent(.checkInMissed))
                pause(&events)
            }
            return
        }
        untilCheckInAsked -= 1
        if untilCheckInAsked <= 0 {
            untilCheckInMissed = SessionMachine.presenceGraceMilliseconds
            events.append(SessionEvent(.checkInAsked, value: SessionMachine.presenceGraceMilliseconds / 1_000))
        }
    }

    /// Asks whether the practitioner is there; no answer pauses, and ends a session that is only armed (H35).
    @_noLocks private mutating func runPresence(_ events: inout SessionEvents) {
        if untilPresenceMissed > 0 {
            untilPresenceMissed -= 1
            if untilPresenceMissed == 0 {
                events.append(SessionEvent(.presenceMissed))
                if course == .delivering { pause(&events) } else { beginStopping(.presenceMissed, &events) }
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

    @_noLocks private mutating func endPhase(_ dose: Dose, at place: ChannelPlace, _ events: inout SessionEvents) {
        let index = place.index
        guard case .contractions(let cycle, let count) = dose.pattern else {
            return channels[index].state == .searching ? endSearch(&events) : finish(place, &events)
        }
        switch channels[index].state {
        case .rampingUp:
            channels[index].phaseRemaining = cycle.plateauMilliseconds
            enter(.holding, at: place, &events)
        case .holding:
            // A raise that was never felt is taken back: a ramp scales only what was delivered.
            if channels[index].setMicroamperes > channels[index].feltMicroamperes {
                channels[index].setMicroamperes = channels[index].feltMicroamperes
                events.append(
                    SessionEvent(.setAmplitudeClipped, value: channels[index].setMicroamperes, at: place))
            }
            channels[index].phaseRemaining = cycle.rampDownMilliseconds
            enter(.rampingDown, at: place, &events)
        case .rampingDown:
            if !channels[index].titrating, channels[index].countedContractions >= count {
                return finish(place, &events)
            }
            channels[index].phaseRemaining = cycle.restMilliseconds
            enter(.resting, at: place, &events)
        case .resting, .waiting:
            beginContraction(at: place, &events)
        default:
            return
        }
    }

    /// The dose of one channel was given.
    @_noLocks mutating func finish(_ place: ChannelPlace, _ events: inout SessionEvents) {
        let index = place.index
        channels[index].zeroAmplitude()
        // Told only where another channel may go on: the end of a session says it all.
        channels[index].state = .finished
        guard channelCount > 1 else { return }
        events.append(SessionEvent(.channelFinished, value: channels[index].countedContractions, at: place))
        events.append(
            SessionEvent(.channelStateChanged, value: Int32(ChannelState.finished.code), at: place))
        if channels[place == .first ? 1 : 0].state.isRunning { tellState(&events) }
    }

    /// The session is over when no channel runs any more.
    @_noLocks private mutating func finishProgramme(_ events: inout SessionEvents) {
        guard course == .delivering, !channels[0].state.isRunning, !channels[1].state.isRunning else { return }
        beginStopping(.programmeFinished, &events)
    }
}

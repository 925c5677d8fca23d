// The invariants, on every transition, with arithmetic of their own: nothing here asks the gate or the machine what is
// allowed. Written from `decided.md`.
import SafetyKernel
import SessionEngine
import StimulusModel

extension Host {
    /// Holds one step against the rules, and brings what they remember up to date.
    func judge(
        _ inputs: StepInputs, _ out: StepOutputs, _ before: World, _ explored: ExploredPlan, _ outcome: inout Outcome
    ) {
        world.state = out.state
        followPerson(inputs, out, before)
        var broken = judgeEnergy(inputs, out, before, explored.rig)
        for place in [ChannelPlace.first, .second] {
            if broken == nil { broken = judgeAmplitude(inputs, out, before, place, explored.bounds) }
        }
        if broken == nil { broken = judgePulse(out, before, outcome, explored) }
        if broken == nil { broken = followEvents(out, explored.bounds) }
        if broken == nil { broken = judgeClock(inputs, out, before, explored) }
        if broken == nil, outcome.verdict > 2 || world.gateRefused { broken = "the gate agrees with the machine" }
        for place in [ChannelPlace.first, .second] {
            if inputs.command == .raise, inputs.commandPlace == place {
                world.channels[place.index].sincePress = outcome.elapsed
            }
            world.channels[place.index].state = machine.channels[place.index].state
            let set = place == .first ? out.setAmplitude : out.secondSetAmplitude
            world.channels[place.index].set = set.microamperes
        }
        outcome.violation = broken
    }

    /// A fault or a stop of this step, by what went in.
    private func isTrouble(_ inputs: StepInputs) -> Bool {
        inputs.stop != .none || inputs.hostFault != .none || inputs.condition == .failed || inputs.elapsedTicks > 1_000
    }

    private func followPerson(_ inputs: StepInputs, _ out: StepOutputs, _ before: World) {
        let asks =
            (inputs.command == .arm && (before.state == .cleared || before.state == .idle))
            || (inputs.command == .resume && before.state == .paused)
        if asks, !inputs.commandIsStale, !isTrouble(inputs) { world.isAllowed = true }
        if out.state == .paused, before.state != .paused { world.isAllowed = false }
        // A pause takes back a resumption that is under way.
        if inputs.command == .pause, before.state == .paused { world.isAllowed = false }
        if isTrouble(inputs) || out.state == .stopping || out.state.isFinal {
            world.isAllowed = false
            world.isOver = true
        }
        if out.state == .faulted { world.hasFaulted = true }
        for index in 0..<2 where inputs.channelStops & (1 << UInt8(index)) != 0 && !isTrouble(inputs) {
            world.channels[index].isStopped = true
        }
        guard world.isOver, !before.state.isFinal else { return }
        if before.isOver {
            world.stepsSinceStop += 1
            world.millisecondsSinceStop += inputs.elapsedTicks
        }
    }

    private func judgeEnergy(
        _ inputs: StepInputs, _ out: StepOutputs, _ before: World, _ rig: ExploredRig
    ) -> StaticString? {
        if out.demand == .energised, !world.isAllowed { return "no energy without a person who asked for it" }
        if out.request != nil, !world.isAllowed || world.isOver { return "no pulse without a person who armed" }
        if world.isOver {
            guard out.state == .stopping || out.state.isFinal else { return "a stop or fault is followed at once" }
            if out.request != nil { return "no pulse after a stop or fault" }
            if out.setAmplitude.microamperes != 0 || out.secondSetAmplitude.microamperes != 0 {
                return "0 mA after a stop or fault"
            }
        }
        if before.hasFaulted, out.state != .faulted { return "a fault is latched" }
        if before.state == .closed, out.state != .closed { return "what is closed stays closed" }
        let isFault = inputs.hostFault != .none || inputs.condition == .failed || inputs.elapsedTicks > 1_000
        if isFault, !before.state.isFinal, out.state != .faulted { return "a fault is followed at once" }
        if world.isArmed, out.demand == .off { return "arming does not outlive the demand" }
        guard rig == .triggers else { return nil }
        if world.isOver, world.board.enable { return "enable falls in the step of a stop or fault" }
        if !world.board.enable, inputs.elapsedTicks > 62, world.board.isClosed, !world.board.isWelded {
            return "the relay opens"
        }
        return nil
    }

    private func judgeAmplitude(
        _ inputs: StepInputs, _ out: StepOutputs, _ before: World, _ place: ChannelPlace, _ bounds: OwnBounds
    ) -> StaticString? {
        let was = before.channels[place.index]
        let next = (place == .first ? out.setAmplitude : out.secondSetAmplitude).microamperes
        let isSearch = was.state == .searching
        if next < 0 { return "never below 0 mA" }
        if !out.state.isDelivering || world.channels[place.index].isStopped, next != 0 {
            return "0 mA wherever no pulse may be due"
        }
        if !before.state.isDelivering, next != 0 { return "every run begins at 0 mA" }
        guard next > was.set else { return nil }
        guard inputs.command == .raise, inputs.commandPlace == place, !inputs.commandIsStale else {
            return "nothing but a person's raise raises"
        }
        guard was.state == .holding || isSearch else { return "raises belong on a plateau or a train" }
        let step = isSearch ? bounds.searchStep : bounds.treatmentStep
        if next - was.set != step { return "one press, one step" }
        if next > (isSearch ? bounds.searchCap : bounds.treatmentCap) { return "never above the ceiling" }
        if was.sincePress < 250 { return "no held key raises" }
        if Int64(was.sinceRaise) * bounds.rise < Int64(step) * 1_000 { return "never faster than the rise limit" }
        world.channels[place.index].sinceRaise = inputs.elapsedTicks
        return nil
    }

    private func judgePulse(
        _ out: StepOutputs, _ before: World, _ outcome: Outcome, _ explored: ExploredPlan
    ) -> StaticString? {
        guard let request = out.request else { return outcome.authorized > 0 ? "no pulse that nobody asked for" : nil }
        let index = request.place.index
        let bounds = explored.bounds
        let set = (index == 0 ? out.setAmplitude : out.secondSetAmplitude).microamperes
        let amplitude = request.amplitude.microamperes
        let isSearch = request.part == .search
        let state = machine.channels[index].state
        if !out.state.isDelivering { return "pulses only where they may be due" }
        if world.channels[index].isStopped || index >= explored.channelCount {
            return "no pulse on a channel that is off"
        }
        if amplitude <= 0 || amplitude > set || request.setAmplitude.microamperes != set {
            return "no pulse above what is set"
        }
        if amplitude > (isSearch ? bounds.searchCap : bounds.treatmentCap) { return "no pulse above the ceiling" }
        // A pulse of a plateau's last millisecond leaves in the next phase.
        if state == .waiting || state == .off { return "no pulse in a silence" }
        guard outcome.authorized > 0 else { return nil }
        if outcome.authorized != amplitude { return "the pulse that was asked for" }
        if !world.isArmed || !before.isArmed { return "no pulse without arming" }
        if before.channels[index].flying > 0, world.channels[index].flyingSteps > 0 { return "one pulse under way" }
        let period = isSearch ? bounds.searchPeriod : bounds.treatmentPeriod
        if world.channels[index].sincePulse < period { return "no two pulses closer than a period" }
        world.channels[index].sincePulse = 0
        if !isSearch, bounds.needsThreshold {
            let marked = world.channels[index].marked
            if marked == 0 || set * 100 >= marked * 80 { return "below 80 % of a motor threshold" }
        }
        guard explored.rig == .triggers else { return nil }
        if !before.board.isClosed || !world.board.enable { return "no edge without relay and enable" }
        if world.board.emergencyStopIsPressed || world.board.buttonIsPressed {
            return "no edge while a button is pressed"
        }
        return nil
    }

    private func followEvents(_ out: StepOutputs, _ bounds: OwnBounds) -> StaticString? {
        for number in 0..<out.events.count {
            let event = out.events[number]
            let index = event.place.index
            switch event.kind {
            case .contractionBegan:
                if event.detail == 1 {
                    world.channels[index].titrated += 1
                } else {
                    world.channels[index].counted += 1
                }
                if world.channels[index].titrated > bounds.titration { return "no more titration than allowed" }
                if world.channels[index].counted > bounds.contractions { return "no more contractions than the dose" }
            case .thresholdMarked where event.detail == 2:
                let known = world.channels[index].marked
                world.channels[index].marked = known == 0 ? event.value : min(known, event.value)
            default: break
            }
        }
        return out.events.count < SessionEvents.capacity ? nil : "room for the events of a step"
    }

    private func judgeClock(
        _ inputs: StepInputs, _ out: StepOutputs, _ before: World, _ explored: ExploredPlan
    ) -> StaticString? {
        guard explored.options.keepsSessionClock else { return nil }
        if before.state.isDelivering, out.state.isDelivering { world.treated += Int64(inputs.elapsedTicks) }
        guard out.request != nil, world.treated > explored.bounds.sessionTime else { return nil }
        return "no pulse after the session's time"
    }
}

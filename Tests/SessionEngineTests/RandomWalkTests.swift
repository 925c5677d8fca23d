// Sessions driven by chance: commands, lateness, slow answers, lost answers, stops and faults, in any order. A shadow
// that was written apart, from `decided.md` alone, follows what goes in and out and names what may not be.
import SafetyKernel
import SessionEngine
import StimulusModel
import Testing

/// What is known of a session from its commands, its steps and the rules.
private struct Shadow {
    let dose: Dose
    let search: Dose
    var state = SessionState.idle
    var set: Int32 = 0
    var now: Int64 = 0
    var lastPress: Int64 = -1_000_000
    var lastRise: Int64 = -1_000_000
    var lastPulse: Int64?
    var treated: Int64 = 0
    var counted: Int32 = 0
    var titrated: Int32 = 0
    var resuming = false
    var complaints: [String] = []

    init(dose: Dose, search: Dose) {
        self.dose = dose
        self.search = search
    }

    private static let ways: [SessionState: [SessionState]] = [
        .idle: [.cleared, .stopping, .faulted], .cleared: [.armed, .stopping, .faulted],
        .armed: [.searching, .rampingUp, .holding, .stopping, .faulted],
        .searching: [.armed, .paused, .stopping, .faulted],
        .rampingUp: [.holding, .paused, .stopping, .faulted],
        .holding: [.rampingDown, .paused, .stopping, .faulted],
        .rampingDown: [.resting, .paused, .stopping, .faulted],
        .resting: [.rampingUp, .paused, .stopping, .faulted],
        .paused: [.searching, .rampingUp, .holding, .stopping, .faulted],
        .stopping: [.closed, .faulted], .closed: [], .faulted: [],
    ]

    private mutating func expect(_ holds: Bool, _ rule: StaticString, _ figure: Int64 = 0) {
        if !holds { complaints.append("\(now) ms, \(state): \(rule) (\(figure))") }
    }

    mutating func follow(_ inputs: StepInputs, _ out: StepOutputs, _ machine: SessionMachine) {
        let before = state
        now += Int64(inputs.elapsedTicks)
        followEvents(out)
        expect(out.state == state, "events and step agree on the state", Int64(out.state.code))
        followAmplitude(inputs, out, before)
        followStop(inputs, out, before)
        followRequest(out)
        followClock(inputs, out, machine, before)
        if out.state == .paused {
            if inputs.command == .resume, inputs.condition == .off { resuming = true }
            if before != .paused { resuming = false }
        } else {
            resuming = false
        }
        let energised = out.state == .armed || out.state.isDelivering || resuming
        expect(
            (out.demand == .energised) == energised, "voltage is on exactly where it is wanted", Int64(out.demand.code))
        expect(out.events.count < SessionEvents.capacity, "room for the events of a step", Int64(out.events.count))
    }

    private mutating func followEvents(_ out: StepOutputs) {
        for index in 0..<out.events.count {
            let event = out.events[index]
            switch event.kind {
            case .stateChanged:
                let next = SessionState(rawValue: UInt8(event.value)) ?? .idle
                expect(event.detail == state.code, "a change leaves the state that was", Int64(event.detail))
                expect(Shadow.ways[state]?.contains(next) ?? false, "there is such a way", Int64(next.code))
                state = next
            case .runBegan:
                expect(out.setAmplitude.microamperes == 0, "a run begins at zero")
            case .contractionBegan:
                if event.detail == 1 { titrated += 1 } else { counted += 1 }
                expect(
                    event.value == (event.detail == 1 ? titrated : counted), "contractions are counted one by one",
                    Int64(event.value))
            default: break
            }
        }
        expect(titrated <= 5 && counted <= dose.contractionCount, "no more contractions than allowed", Int64(counted))
    }

    private mutating func followAmplitude(_ inputs: StepInputs, _ out: StepOutputs, _ before: SessionState) {
        let next = out.setAmplitude.microamperes
        let isSearch = before == .searching
        // A key of a late step was pressed before the ticks that it missed.
        let pressed = now - Int64(inputs.elapsedTicks)
        if next > set {
            expect(inputs.command == .raise, "only a raise raises", Int64(next))
            expect(before == .holding || before == .searching, "raises belong on a plateau or train", Int64(next))
            expect(next - set == (isSearch ? 500 : 1_000), "one press, one step", Int64(next - set))
            expect(pressed - lastPress >= 250, "no held key raises", pressed - lastPress)
            expect((pressed - lastRise) * 2 >= Int64(next - set), "2 mA a second at most", pressed - lastRise)
            expect(
                next <= (isSearch ? search : dose).maximumAmplitude.microamperes, "nothing above the cap", Int64(next))
            lastRise = pressed
        }
        expect(next >= 0, "never below zero", Int64(next))
        if inputs.command == .raise { lastPress = pressed }
        set = next
        if !out.state.isDelivering { expect(set == 0, "zero wherever no pulse may be due", Int64(next)) }
    }

    private mutating func followStop(_ inputs: StepInputs, _ out: StepOutputs, _ before: SessionState) {
        if before == .closed || before == .faulted { expect(out.state == before, "nothing leaves the end") }
        guard before != .closed, before != .faulted else { return }
        if inputs.hostFault != .none || inputs.condition == .failed {
            expect(out.state == .faulted, "a fault is followed at once")
        } else if inputs.stop != .none {
            expect([.stopping, .closed, .faulted].contains(out.state), "a stop is followed at once")
        }
    }

    private mutating func followRequest(_ out: StepOutputs) {
        guard let asked = out.request else { return }
        expect(out.state.isDelivering, "pulses only where they may be due")
        let amplitude = asked.amplitude.microamperes
        expect(
            amplitude > 0 && amplitude <= out.setAmplitude.microamperes, "no pulse above the set amplitude",
            Int64(amplitude))
        expect(asked.setAmplitude == out.setAmplitude, "one set amplitude")
        let running = asked.part == .search ? search : dose
        expect(amplitude % 500 == 0, "on the grid", Int64(amplitude))
        let shortest = 1_000_000 / Int64(running.frequency.millihertz)
        if let last = lastPulse { expect(now - last >= shortest, "no two pulses closer than a period", now - last) }
        lastPulse = now
    }

    private mutating func followClock(
        _ inputs: StepInputs, _ out: StepOutputs, _ machine: SessionMachine, _ before: SessionState
    ) {
        let passed = machine.treatmentMilliseconds - treated
        expect(passed >= 0 && passed <= Int64(inputs.elapsedTicks), "the treatment clock keeps time", passed)
        if before == .paused, out.state == .paused { expect(passed == 0, "a pause holds the clock", passed) }
        if before.isDelivering, out.state.isDelivering, inputs.command != .pause {
            expect(passed == Int64(inputs.elapsedTicks), "the treatment clock loses nothing", passed)
        }
        treated = machine.treatmentMilliseconds
    }
}

/// A stimulator that answers when it likes, and the hands of a practitioner in a hurry.
private struct World: ~Copyable {
    var chance: SeededChance
    var gate: PulseGate
    var arming: Arming?
    var condition = StimulatorCondition.identifying
    var fault = FaultCause.none
    var switchesAt: Int64 = 40
    var pulse: (amplitude: Current, answeredAt: Int64)?
    var skipped = false
    var refusals: [Refusal] = []
    /// Chance of trouble differs from session to session, so that some run long.
    let trouble: Int

    init(plan: AuthorizedPlan, seed: UInt64) {
        chance = SeededChance(seed: seed)
        gate = PulseGate(plan: plan)
        trouble = [2_000, 20_000, 1_000_000].randomElement(using: &chance) ?? 20_000
    }

    mutating func inputs(_ state: SessionState, now: Int64, elapsed: Int32) -> StepInputs {
        var inputs = StepInputs()
        inputs.elapsedTicks = elapsed
        if now >= switchesAt {
            if condition == .identifying || condition == .deenergising { condition = .off }
            if condition == .energising { condition = .ready }
        }
        if chance.once(in: trouble), fault == .none {
            fault = allFaults.randomElement(using: &chance) ?? .silent
        }
        inputs.condition = fault == .none ? condition : .failed
        inputs.linkFault = fault
        inputs.pulseSkipped = skipped
        skipped = false
        if let flying = pulse, now >= flying.answeredAt {
            inputs.delivery = chance.once(in: trouble) ? .notDelivered : .delivered
            inputs.deliveredAmplitude = flying.amplitude
            pulse = nil
        }
        inputs.command = command(state)
        if chance.once(in: trouble) { inputs.stop = allStopCauses.randomElement(using: &chance) ?? .operatorKey }
        if chance.once(in: trouble) { inputs.hostFault = allFaults.randomElement(using: &chance) ?? .late }
        return inputs
    }

    private mutating func command(_ state: SessionState) -> OperatorCommand {
        if chance.once(in: 400) { return allCommands.randomElement(using: &chance) ?? .none }
        switch state {
        case .cleared: return chance.once(in: 20) ? .arm : .none
        case .armed:
            guard condition == .ready, chance.once(in: 20) else { return .none }
            return chance.once(in: 3) ? .beginSearch : .beginTreatment
        case .searching, .holding:
            if chance.once(in: 120) { return .raise }
            if chance.once(in: 3_000) { return .lower }
            return chance.once(in: 6_000) ? .pause : .none
        case .paused: return chance.once(in: 100) ? .resume : .none
        default: return chance.once(in: 8_000) ? .zero : .none
        }
    }

    mutating func obey(_ out: StepOutputs, now: Int64) {
        let instant = Instant(nanoseconds: now * 1_000_000)
        gate.follow(setAmplitude: out.setAmplitude)
        if out.demand == .off {
            if let given = arming.take() { given.disarm() }
            if condition == .ready || condition == .energising {
                condition = .deenergising
                switchesAt = now + Int64.random(in: 1...80, using: &chance)
            }
        } else if arming == nil {
            do throws(Refusal) {
                arming = try gate.arm(condition: condition, at: instant)
                condition = .energising
                switchesAt = now + Int64.random(in: 1...80, using: &chance)
            } catch {
                refusals.append(error)
            }
        }
        guard let asked = out.request else { return }
        guard pulse == nil, condition == .ready else {
            skipped = true
            return
        }
        guard let armed = arming.take() else {
            refusals.append(.stimulatorNotReady)
            return
        }
        do throws(Refusal) {
            let passed = try gate.authorize(asked, under: armed, condition: condition, at: instant)
            // Mostly at once, sometimes after several periods.
            let wait = chance.once(in: 50) ? Int64.random(in: 1...90, using: &chance) : 2
            pulse = (passed.pulse.peakCurrent, now + wait)
        } catch {
            refusals.append(error)
        }
        arming = .some(consume armed)
    }
}

@Suite struct RandomWalkTests {
    private static func dose(_ chance: inout SeededChance) -> Dose {
        if chance.once(in: 4) {
            return Doses.train(milliseconds: Int32.random(in: 5_000...40_000, using: &chance), maximum: 9_000)
        }
        return Doses.contractions(
            up: Int32.random(in: 500...900, using: &chance), plateau: Int32.random(in: 800...4_000, using: &chance),
            down: Int32.random(in: 500...900, using: &chance), rest: Int32.random(in: 1_000...2_000, using: &chance),
            count: Int32.random(in: 1...4, using: &chance),
            millihertz: Int32.random(in: 1_000...100_000, using: &chance), maximum: 9_000)
    }

    /// One session to its end, or 40,000 steps.
    private static func walk(_ seed: UInt64, _ coverage: inout Coverage) throws {
        var chance = SeededChance(seed: seed)
        let dose = Self.dose(&chance)
        let search = Doses.search(milliseconds: Int32.random(in: 2_000...9_000, using: &chance))
        let plan = try Doses.plan(search: search, treatment: dose)
        var machine = SessionMachine(plan: plan)
        var twin = SessionMachine(plan: plan)
        var shadow = Shadow(dose: dose, search: search)
        var world = World(plan: plan, seed: seed ^ 0x5555)
        // Some walks oversleep up to the longest step there is: then most events fall into one step.
        let latest: Int32 = chance.once(in: 4) ? 1_000 : 60
        for _ in 0..<40_000 {
            let elapsed: Int32 = chance.once(in: 30) ? Int32.random(in: 2...latest, using: &chance) : 1
            let inputs = world.inputs(machine.state, now: shadow.now + Int64(elapsed), elapsed: elapsed)
            let out = machine.step(inputs)
            shadow.follow(inputs, out, machine)
            // The record replays: what is read from the block leads to the same step, bit for bit.
            let read = StepInputs(inputs.block(tick: shadow.now)) ?? StepInputs()
            let again = twin.step(read)
            if out.block(tick: 0) != again.block(tick: 0) { Issue.record("seed \(seed): the twin went another way") }
            world.obey(out, now: shadow.now)
            coverage.note(out)
            if out.state.isFinal { break }
        }
        #expect(shadow.complaints.isEmpty, "seed \(seed): \(shadow.complaints.prefix(5))")
        let refusals = world.refusals
        #expect(refusals.isEmpty, "seed \(seed): the gate refused \(refusals.prefix(3))")
        coverage.highest = max(coverage.highest, machine.highestDelivered.microamperes)
    }

    /// What the walks have seen: a walk that goes nowhere proves nothing.
    private struct Coverage {
        var states: Set<UInt8> = []
        var events: Set<UInt8> = []
        var pulses = 0
        var highest: Int32 = 0

        mutating func note(_ out: StepOutputs) {
            states.insert(out.state.code)
            for index in 0..<out.events.count { events.insert(out.events[index].kind.code) }
            if out.request != nil { pulses += 1 }
        }
    }

    @Test(arguments: seeds) func `no walk breaks a rule, and gate and twin agree with every step`(seed: UInt64) throws {
        var coverage = Coverage()
        for number in UInt64(0)..<14 { try Self.walk(seed &* 1_000 &+ number, &coverage) }
        #expect(coverage.states.count == 12, "only \(coverage.states.sorted())")
        #expect(coverage.pulses > 400)
        #expect(coverage.highest >= 3_000)
        // Most of the eighteen: presence takes minutes, and trouble is rare in some walks.
        #expect(coverage.events.count >= 12, "only \(coverage.events.sorted())")
    }
}

// Sessions driven by chance: commands, lateness, slow answers, lost answers, stops and faults, in any order. A shadow
// that was written apart, from `decided.md` alone, follows what goes in and out and names what may not be.
import SafetyKernel
import SessionEngine
import StimulusModel
import Testing

/// What is known of one channel.
private struct ChannelShadow {
    let dose: Dose
    let search: Dose
    /// Followed from its events where there are two channels, from the state of the whole where there is one.
    var state = ChannelState.off
    var set: Int32 = 0
    var lastPress: Int64 = -1_000_000
    var lastRise: Int64 = -1_000_000
    var lastPulse: Int64?
    var lastPart = PlanPart.search
    var counted: Int32 = 0
    var titrated: Int32 = 0
    var runs: Int32 = 0
    var isStopped = false

    init(dose: Dose, search: Dose) {
        self.dose = dose
        self.search = search
    }
}

/// What is known of a session from its commands, its steps and the rules.
private struct Shadow {
    let arrangement: ChannelArrangement
    var channels: [ChannelShadow]
    var state = SessionState.idle
    var now: Int64 = 0
    var treated: Int64 = 0
    var resuming = false
    var complaints: [String] = []

    init(arrangement: ChannelArrangement, channels: [ChannelShadow]) {
        self.arrangement = arrangement
        self.channels = channels
    }

    private var isPair: Bool { channels.count > 1 }
    private var places: [ChannelPlace] { isPair ? bothPlaces : [.first] }

    /// With two channels the state of the whole is that of the more active: any may follow any while a treatment runs.
    private static let treating: [SessionState] = [.rampingUp, .holding, .rampingDown, .resting]

    private func isWay(to next: SessionState) -> Bool {
        if Shadow.ways[state]?.contains(next) ?? false { return true }
        guard isPair else { return false }
        let mayTreat = state == .armed || state == .paused || Shadow.treating.contains(state)
        return (mayTreat && Shadow.treating.contains(next)) || (state == .paused && next == .armed)
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
        followChannelStops(inputs, before)
        followEvents(out)
        expect(out.state == state, "events and step agree on the state", Int64(out.state.code))
        for place in places { followAmplitude(inputs, out, before, place) }
        expect(isPair || out.secondSetAmplitude == .zero, "no amplitude where there is no channel")
        expect(
            arrangement != .alternating || !channels.allSatisfy { $0.state.hasPulses },
            "alternating channels never contract together")
        followStop(inputs, out, before)
        followRequest(out)
        followClock(inputs, out, machine, before)
        if out.state == .paused {
            if inputs.command == .resume, inputs.condition == .off { resuming = true }
            // The last word counts: a pause takes back a resumption that is under way.
            if before != .paused || inputs.command == .pause { resuming = false }
        } else {
            resuming = false
        }
        let energised = out.state == .armed || out.state.isDelivering || resuming
        expect(
            (out.demand == .energised) == energised, "voltage is on exactly where it is wanted", Int64(out.demand.code))
        expect(out.events.count < SessionEvents.capacity, "room for the events of a step", Int64(out.events.count))
    }

    private mutating func followChannelStops(_ inputs: StepInputs, _ before: SessionState) {
        for place in places where inputs.channelStops & (1 << place.code) != 0 {
            channels[place.index].isStopped = true
        }
    }

    private mutating func followEvents(_ out: StepOutputs) {
        for index in 0..<out.events.count {
            let event = out.events[index]
            let place = event.place.index
            guard place < channels.count else {
                expect(false, "no event of a channel that is not there", Int64(event.kind.code))
                continue
            }
            switch event.kind {
            case .stateChanged:
                let next = SessionState(rawValue: UInt8(event.value)) ?? .idle
                expect(event.detail == state.code, "a change leaves the state that was", Int64(event.detail))
                expect(isWay(to: next), "there is such a way", Int64(next.code))
                state = next
                followWhole(next)
            case .channelStateChanged:
                let next = ChannelState(rawValue: UInt8(event.value)) ?? .off
                expect(isPair, "a session of one channel tells only of the whole")
                expect(
                    channels[place].state != .stopped && channels[place].state != .finished, "nothing leaves its end",
                    Int64(next.code))
                channels[place].state = next
            case .runBegan:
                channels[place].runs += 1
                expect(event.value == channels[place].runs, "runs are counted one by one", Int64(event.value))
                expect(set(out, event.place) == 0, "a run begins at zero")
                expect(!channels[place].isStopped, "a stopped channel never runs again")
            case .contractionBegan:
                if event.detail == 1 { channels[place].titrated += 1 } else { channels[place].counted += 1 }
                let count = event.detail == 1 ? channels[place].titrated : channels[place].counted
                expect(event.value == count, "contractions are counted one by one", Int64(event.value))
            default: break
            }
        }
        for channel in channels {
            expect(
                channel.titrated <= 5 && channel.counted <= channel.dose.contractionCount,
                "no more contractions than allowed", Int64(channel.counted))
        }
    }

    /// What the state of the whole says of the channels: all of it where there is one.
    private mutating func followWhole(_ next: SessionState) {
        let of: [SessionState: ChannelState] = [
            .searching: .searching, .rampingUp: .rampingUp, .holding: .holding, .rampingDown: .rampingDown,
            .resting: .resting,
        ]
        if !isPair { channels[0].state = of[next] ?? .off }
        guard next.isFinal || next == .stopping else { return }
        for place in places where channels[place.index].state.isRunning { channels[place.index].state = .off }
    }

    private func set(_ out: StepOutputs, _ place: ChannelPlace) -> Int32 {
        (place == .first ? out.setAmplitude : out.secondSetAmplitude).microamperes
    }

    private mutating func followAmplitude(
        _ inputs: StepInputs, _ out: StepOutputs, _ before: SessionState, _ place: ChannelPlace
    ) {
        let next = set(out, place)
        var channel = channels[place.index]
        let isSearch = before == .searching
        let isAsked = inputs.command == .raise && inputs.commandPlace == place
        // A key of a late step was pressed before the ticks that it missed.
        let pressed = now - Int64(inputs.elapsedTicks)
        if next > channel.set {
            expect(isAsked, "only a raise of its own raises a channel", Int64(next))
            expect(before == .holding || before == .searching, "raises belong on a plateau or train", Int64(next))
            let rise = next - channel.set
            expect(rise == (isSearch ? 500 : 1_000), "one press, one step", Int64(rise))
            expect(pressed - channel.lastPress >= 250, "no held key raises", pressed - channel.lastPress)
            expect(
                (pressed - channel.lastRise) * 2 >= Int64(rise), "2 mA a second at most", pressed - channel.lastRise)
            expect(
                next <= (isSearch ? channel.search : channel.dose).maximumAmplitude.microamperes,
                "nothing above the cap", Int64(next))
            channel.lastRise = pressed
        }
        expect(next >= 0, "never below zero", Int64(next))
        if isAsked { channel.lastPress = pressed }
        channel.set = next
        channels[place.index] = channel
        let isSilent = !out.state.isDelivering || channel.isStopped
        expect(!isSilent || next == 0, "zero wherever no pulse may be due", Int64(next))
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
        let index = asked.place.index
        guard index < channels.count else { return expect(false, "no pulse where there is no channel") }
        let amplitude = asked.amplitude.microamperes
        expect(
            amplitude > 0 && amplitude <= set(out, asked.place), "no pulse above the set amplitude", Int64(amplitude))
        expect(asked.setAmplitude.microamperes == set(out, asked.place), "one set amplitude")
        expect(!channels[index].isStopped, "no pulse of a stopped channel")
        expect(asked.run == channels[index].runs, "a pulse belongs to the run that is", Int64(asked.run))
        let running = asked.part == .search ? channels[index].search : channels[index].dose
        expect(amplitude % 500 == 0, "on the grid", Int64(amplitude))
        let period = 1_000_000 / Int64(running.frequency.millihertz)
        if let last = channels[index].lastPulse {
            expect(now - last >= period, "no two pulses closer than a period", now - last)
        }
        channels[index].lastPulse = now
        channels[index].lastPart = asked.part
        guard isPair, arrangement == .together, asked.part == .treatment else { return }
        let other = channels[1 - index]
        if let last = other.lastPulse, other.lastPart == .treatment {
            expect(now - last >= period / 2 - 1, "half a period between the channels", now - last)
        }
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
    var pulses: [(amplitude: Current, answeredAt: Int64)?] = [nil, nil]
    var skipped = [false, false]
    let channelCount: Int
    var refusals: [Refusal] = []
    /// Chance of trouble differs from session to session, so that some run long.
    let trouble: Int

    init(plan: AuthorizedPlan, seed: UInt64) {
        chance = SeededChance(seed: seed)
        gate = PulseGate(plan: plan)
        channelCount = plan.channelCount
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
        inputs.first = news(.first, now)
        inputs.second = news(.second, now)
        inputs.command = command(state)
        if channelCount > 1, chance.once(in: 2) { inputs.commandPlace = .second }
        if channelCount > 1, chance.once(in: 25_000) {
            inputs.channelStops = UInt8.random(in: 1...3, using: &chance)
        }
        if chance.once(in: trouble) { inputs.stop = allStopCauses.randomElement(using: &chance) ?? .operatorKey }
        if chance.once(in: trouble) { inputs.hostFault = allFaults.randomElement(using: &chance) ?? .late }
        return inputs
    }

    private mutating func news(_ place: ChannelPlace, _ now: Int64) -> ChannelNews {
        var news = ChannelNews()
        news.pulseSkipped = skipped[place.index]
        skipped[place.index] = false
        if let flying = pulses[place.index], now >= flying.answeredAt {
            news.delivery = chance.once(in: trouble) ? .notDelivered : .delivered
            news.deliveredAmplitude = flying.amplitude
            pulses[place.index] = nil
        }
        return news
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
        gate.follow(setAmplitude: out.secondSetAmplitude, at: .second)
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
        guard pulses[asked.place.index] == nil, condition == .ready else {
            skipped[asked.place.index] = true
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
            pulses[asked.place.index] = (passed.pulse.peakCurrent, now + wait)
        } catch {
            refusals.append(error)
        }
        arming = .some(consume armed)
    }
}

@Suite struct RandomWalkTests {
    private static func dose(_ kind: UInt64, _ chance: inout SeededChance, alternating: Bool) -> Dose {
        let length = Int32.random(in: 5_000...40_000, using: &chance)
        // Trains with silences at no less than 10 Hz, or most walks would see none of their pulses.
        let rate = Int32.random(in: (kind == 2 || kind == 3 ? 10_000 : 1_000)...100_000, using: &chance)
        switch alternating ? 0 : kind {
        case 1: return Doses.train(milliseconds: length, millihertz: rate, maximum: 9_000)
        case 2:
            let period = 1_000_000 / rate + 1
            let burst = Int32.random(in: max(50, period)...max(50, period) + 400, using: &chance)
            let interval = Int32.random(in: 2 * burst...2 * burst + 1_000, using: &chance)
            return Doses.bursts(milliseconds: length, burst: burst, interval: interval, millihertz: rate)
        case 3:
            return Doses.denseDisperse(
                milliseconds: length, dense: Int32.random(in: 500...3_000, using: &chance),
                sparse: Int32.random(in: 500...3_000, using: &chance), millihertz: rate,
                sparseMillihertz: Int32.random(in: 1_000...rate, using: &chance))
        default:
            let plateau = Int32.random(in: 800...4_000, using: &chance)
            return Doses.contractions(
                up: Int32.random(in: 500...900, using: &chance), plateau: plateau,
                down: Int32.random(in: 500...900, using: &chance),
                rest: Int32.random(in: 1_000...2_000, using: &chance) + (alternating ? plateau + 1_800 : 0),
                count: Int32.random(in: 1...4, using: &chance), millihertz: rate, maximum: 9_000)
        }
    }

    /// One channel, two together, two alternating.
    private static func plan(
        _ arrangement: ChannelArrangement, _ dose: Dose, _ search: Dose
    ) throws -> AuthorizedPlan {
        guard arrangement != .single else { return try Doses.plan(search: search, treatment: dose) }
        return try Doses.pair(dose, nil, arrangement, search: search)
    }

    /// One session to its end, or 40,000 steps.
    private static func walk(_ seed: UInt64, _ coverage: inout Coverage) throws {
        var chance = SeededChance(seed: seed)
        let arrangement = ChannelArrangement(rawValue: UInt8.random(in: 0...2, using: &chance)) ?? .single
        let dose = Self.dose(seed % 5, &chance, alternating: arrangement == .alternating)
        let search = Doses.search(milliseconds: Int32.random(in: 2_000...9_000, using: &chance))
        let plan = try Self.plan(arrangement, dose, search)
        var machine = SessionMachine(plan: plan)
        var twin = SessionMachine(plan: plan)
        let channel = ChannelShadow(dose: dose, search: search)
        var shadow = Shadow(
            arrangement: arrangement, channels: Array(repeating: channel, count: arrangement == .single ? 1 : 2))
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
            coverage.note(out, dose, arrangement)
            coverage.channelStops += inputs.channelStops == 0 ? 0 : 1
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
        var channelStops = 0
        /// Treatment pulses of each pattern, and of the second channel in each arrangement.
        var patterns: [String: Int] = [:]
        var second: [UInt8: Int] = [:]

        mutating func note(_ out: StepOutputs, _ dose: Dose, _ arrangement: ChannelArrangement) {
            states.insert(out.state.code)
            for index in 0..<out.events.count { events.insert(out.events[index].kind.code) }
            guard let request = out.request else { return }
            pulses += 1
            if request.place == .second { second[arrangement.code, default: 0] += 1 }
            if request.part == .treatment { patterns[Self.name(dose.pattern), default: 0] += 1 }
        }

        private static func name(_ pattern: Pattern) -> String {
            switch pattern {
            case .continuous: return "continuous"
            case .contractions: return "contractions"
            case .burst: return "burst"
            case .denseDisperse: return "denseDisperse"
            }
        }
    }

    // Proves R-FLT-28, R-AMP-01, R-AMP-02, R-AMP-03, R-AMP-07, R-RATE-01, R-RATE-08, R-STOP-01, R-REC-05.
    // Two seeds: the walks take half of the suites' time, and the soak walks further.
    @Test(arguments: seeds.prefix(2))
    func `no walk breaks a rule, and gate and twin agree with every step`(seed: UInt64) throws {
        var coverage = Coverage()
        for number in UInt64(0)..<48 { try Self.walk(seed &* 1_000 &+ number, &coverage) }
        #expect(coverage.states.count == 12, "only \(coverage.states.sorted())")
        #expect(coverage.pulses > 400)
        #expect(coverage.highest >= 3_000)
        // Most of the twenty-one: presence takes minutes, and trouble is rare in some walks.
        #expect(coverage.events.count >= 15, "only \(coverage.events.sorted())")
        #expect(coverage.patterns.count == 4, "only \(coverage.patterns)")
        #expect(coverage.patterns.values.allSatisfy { $0 > 20 }, "\(coverage.patterns)")
        #expect(coverage.channelStops > 2)
        let second = coverage.second
        #expect((second[1] ?? 0) > 100 && (second[2] ?? 0) > 100, "\(second)")
    }
}

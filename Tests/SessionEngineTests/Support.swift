// A bench for the session machine: the true gate beside it, and a stimulator of few words that switches its voltage in
// a few milliseconds and acknowledges a pulse after some more.
import SafetyKernel
import SessionEngine
import StimulusModel
import Testing

struct SeededChance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func once(in odds: Int) -> Bool { Int.random(in: 0..<odds, using: &self) == 0 }
}

let seeds: [UInt64] = [5, 19, 2_026, 0xFEED]

let allStates: [SessionState] = (0...11).compactMap { SessionState(rawValue: $0) }
let allCommands: [OperatorCommand] = (0...14).compactMap { OperatorCommand(rawValue: $0) }
let allStopCauses: [StopCause] = (1...14).compactMap { StopCause(rawValue: $0) }
let allFaults: [FaultCause] = (1...255).compactMap { FaultCause(rawValue: $0) }
let allConditions: [StimulatorCondition] = (0...6).compactMap { StimulatorCondition(rawValue: $0) }

enum Doses {
    static func treatment(
        _ pattern: Pattern, stage: CareStage = .relieve, millihertz: Int32 = 35_000, maximum: Int32 = 20_000,
        step: Int32 = 1_000, muscle: TargetMuscle = .vmo
    ) -> Dose {
        Dose(
            electrodeKind: .surface, muscle: muscle, stage: stage, pattern: pattern,
            frequency: Frequency(millihertz: millihertz), phaseDuration: PhaseDuration(microseconds: 300),
            interphaseGap: PhaseDuration(microseconds: 100), maximumAmplitude: Current(microamperes: maximum),
            amplitudeStep: Current(microamperes: step))
    }

    static func contractions(
        up: Int32 = 500, plateau: Int32 = 2_500, down: Int32 = 500, rest: Int32 = 1_000, count: Int32 = 3,
        millihertz: Int32 = 35_000, maximum: Int32 = 20_000, step: Int32 = 1_000
    ) -> Dose {
        let cycle = ContractionCycle(
            rampUpMilliseconds: up, plateauMilliseconds: plateau, rampDownMilliseconds: down, restMilliseconds: rest)
        return treatment(
            .contractions(cycle, count: count), millihertz: millihertz, maximum: maximum, step: step)
    }

    static func bursts(
        milliseconds: Int32 = 60_000, burst: Int32 = 200, interval: Int32 = 1_500, millihertz: Int32 = 50_000
    ) -> Dose {
        treatment(
            .burst(milliseconds: milliseconds, burstMilliseconds: burst, intervalMilliseconds: interval),
            millihertz: millihertz)
    }

    static func denseDisperse(
        milliseconds: Int32 = 60_000, dense: Int32 = 3_000, sparse: Int32 = 3_000, millihertz: Int32 = 100_000,
        sparseMillihertz: Int32 = 2_000
    ) -> Dose {
        treatment(
            .denseDisperse(
                milliseconds: milliseconds, denseMilliseconds: dense,
                sparseFrequency: Frequency(millihertz: sparseMillihertz), sparseMilliseconds: sparse),
            millihertz: millihertz)
    }

    static func train(milliseconds: Int32 = 60_000, millihertz: Int32 = 35_000, maximum: Int32 = 20_000) -> Dose {
        treatment(.continuous(milliseconds: milliseconds), millihertz: millihertz, maximum: maximum)
    }

    static func search(milliseconds: Int32 = 60_000) -> Dose {
        treatment(
            .continuous(milliseconds: milliseconds), stage: .search, millihertz: 2_000, maximum: 15_000, step: 500)
    }

    static func plan(
        search: Dose? = nil, treatment: Dose?, limits: LimitTable = .absoluteSurface
    ) throws -> AuthorizedPlan {
        let clearance = try Clearance.grant(passed: Clearance.required(for: .surface), for: .surface)
        return try Authorization.authorize(
            Prescription(
                search: search, treatment: treatment, channel: .first, contact: .pad(PadArea(squareMillimetres: 2_500)),
                capabilities: .p24LowLevel,
                history: TreatmentHistory(earlierTreatments: 2, millisecondsSinceLast: 30 * 86_400_000),
                limits: limits), clearance: clearance)
    }
}

extension Dose {
    /// The same for the other muscle: what the second channel of a session needs.
    func on(_ muscle: TargetMuscle) -> Dose {
        Dose(
            electrodeKind: electrodeKind, muscle: muscle, stage: stage, pattern: pattern, frequency: frequency,
            phaseDuration: phaseDuration, interphaseGap: interphaseGap, maximumAmplitude: maximumAmplitude,
            amplitudeStep: amplitudeStep)
    }
}

extension Doses {
    /// Two channels: the first for VMO, the second for gluteus medius on output 3.
    static func pair(
        _ first: Dose, _ second: Dose? = nil, _ arrangement: ChannelArrangement = .together, searches: Bool = false,
        search: Dose? = nil, limits: LimitTable = .absoluteSurface
    ) throws -> AuthorizedPlan {
        let other = (second ?? first).on(.gluteusMedius)
        let search = search ?? (searches ? self.search() : nil)
        let clearance = try Clearance.grant(passed: Clearance.required(for: .surface), for: .surface)
        let history = TreatmentHistory(earlierTreatments: 2, millisecondsSinceLast: 30 * 86_400_000)
        let area = PadArea(squareMillimetres: 2_500)
        return try Authorization.authorize(
            Prescription(
                first: ChannelPrescription(
                    search: search, treatment: first, channel: .first, contact: .pad(area),
                    history: history),
                second: ChannelPrescription(
                    search: search?.on(.gluteusMedius), treatment: other,
                    channel: Channel(number: 3) ?? .first, contact: .pad(area), history: history),
                arrangement: arrangement, capabilities: .p24LowLevel, limits: limits), clearance: clearance)
    }
}

let bothPlaces: [ChannelPlace] = [.first, .second]

/// A request with the millisecond in which it was made.
struct TimedRequest {
    var at: Int64
    var request: PulseRequest
    var state: SessionState
}

struct Bench: ~Copyable {
    var machine: SessionMachine
    private var gate: PulseGate
    private var arming: Arming?

    private(set) var milliseconds: Int64 = 0
    private(set) var condition = StimulatorCondition.off
    private(set) var requests: [TimedRequest] = []
    private(set) var events: [(at: Int64, event: SessionEvent)] = []
    private(set) var gateRefusals: [Refusal] = []
    private(set) var last: StepOutputs

    /// How long switching the voltage takes, and how long after a pulse its acknowledgement comes.
    var switchingTicks: Int64 = 3
    var answerTicks: Int64 = 2
    /// The stimulator no longer does what it is told.
    var stuckIn: StimulatorCondition?
    var loseAnswers = false
    private var switchedAt: Int64 = 0
    private var pulses: [(amplitude: Current, answeredAt: Int64)?] = [nil, nil]
    private var skipped = [false, false]

    init(_ plan: AuthorizedPlan) {
        machine = SessionMachine(plan: plan)
        gate = PulseGate(plan: plan)
        last = StepOutputs(state: .idle, demand: .off, setAmplitude: .zero)
    }

    var state: SessionState { machine.state }
    var set: Int32 { machine.setMicroamperes }

    /// One step; the stimulator follows what it demands.
    @discardableResult
    mutating func step(
        _ command: OperatorCommand = .none, at place: ChannelPlace = .first, stop: StopCause = .none,
        channelStops: UInt8 = 0, fault: FaultCause = .none, elapsed: Int32 = 1, failing linkFault: FaultCause? = nil
    ) -> StepOutputs {
        milliseconds += Int64(elapsed)
        settleVoltage()
        var inputs = StepInputs()
        inputs.elapsedTicks = elapsed
        inputs.command = command
        inputs.commandPlace = place
        inputs.stop = stop
        inputs.channelStops = channelStops
        inputs.hostFault = fault
        inputs.condition = linkFault == nil ? condition : .failed
        inputs.linkFault = linkFault ?? .none
        inputs.first = news(.first)
        inputs.second = news(.second)
        return take(machine.step(inputs))
    }

    private mutating func news(_ place: ChannelPlace) -> ChannelNews {
        var news = ChannelNews()
        news.pulseSkipped = skipped[place.index]
        skipped[place.index] = false
        if let flying = pulses[place.index], flying.answeredAt <= milliseconds, !loseAnswers {
            news.delivery = .delivered
            news.deliveredAmplitude = flying.amplitude
            pulses[place.index] = nil
        }
        return news
    }

    private mutating func take(_ out: StepOutputs) -> StepOutputs {
        last = out
        for index in 0..<out.events.count { events.append((milliseconds, out.events[index])) }
        if out.events.count >= SessionEvents.capacity { Issue.record("a step with \(out.events.count) events") }
        gate.follow(setAmplitude: out.setAmplitude)
        gate.follow(setAmplitude: out.secondSetAmplitude, at: .second)
        follow(out.demand)
        if let request = out.request {
            requests.append(TimedRequest(at: milliseconds, request: request, state: out.state))
            deliver(request)
        }
        return out
    }

    private mutating func settleVoltage() {
        if let stuck = stuckIn {
            condition = stuck
            return
        }
        guard milliseconds - switchedAt >= switchingTicks else { return }
        if condition == .energising { condition = .ready }
        if condition == .deenergising { condition = .off }
    }

    private mutating func follow(_ demand: OutputDemand) {
        let now = Instant(nanoseconds: milliseconds * 1_000_000)
        switch demand {
        case .off:
            if let given = arming.take() { given.disarm() }
            if condition == .ready || condition == .energising {
                (condition, switchedAt) = (.deenergising, milliseconds)
            }
        case .energised:
            guard arming == nil else { return }
            do throws(Refusal) {
                arming = try gate.arm(condition: condition, at: now)
                (condition, switchedAt) = (.energising, milliseconds)
            } catch {
                gateRefusals.append(error)
            }
        }
    }

    private mutating func deliver(_ request: PulseRequest) {
        let index = request.place.index
        guard pulses[index] == nil, condition == .ready else {
            skipped[index] = true
            return
        }
        guard let armed = arming.take() else {
            gateRefusals.append(.stimulatorNotReady)
            return
        }
        do throws(Refusal) {
            let passed = try gate.authorize(
                request, under: armed, condition: condition, at: Instant(nanoseconds: milliseconds * 1_000_000))
            #expect(passed.place == request.place)
            pulses[index] = (passed.pulse.peakCurrent, milliseconds + answerTicks)
        } catch {
            gateRefusals.append(error)
        }
        arming = .some(consume armed)
    }

    // MARK: - Longer stretches

    /// So many milliseconds, one by one.
    mutating func run(_ count: Int64) { for _ in 0..<max(0, count) { step() } }

    /// So many milliseconds in late steps: for clocks, where no pulse matters.
    mutating func coast(_ count: Int64) {
        var left = count
        while left > 0 {
            step(elapsed: Int32(min(50, left)))
            left -= 50
        }
    }

    /// A key that is held for so many milliseconds, as a terminal repeats it: in late steps of 33 ms.
    mutating func hold(_ key: OperatorCommand, _ count: Int64) {
        for _ in 0..<(count / 33) { step(key, elapsed: 33) }
    }

    /// Until a state is reached; whether it was, in time.
    @discardableResult
    mutating func run(to wanted: SessionState, atMost limit: Int64 = 20_000) -> Bool {
        for _ in 0..<limit {
            if state == wanted { return true }
            step()
        }
        return state == wanted
    }

    /// Armed, with the voltage verified on.
    mutating func arm() {
        step()
        step(.arm)
        run(switchingTicks + 2)
    }

    /// Raises on the plateau or train that runs until `target` was felt.
    mutating func raise(to target: Int32, at place: ChannelPlace = .first) {
        for _ in 0..<20_000 where set(place) < target {
            guard canRaise(place) else { return }
            run(520)
            if canRaise(place) { step(.raise, at: place) }
        }
        // In a search at 2 Hz it takes half a second to be felt.
        run(state == .searching ? 520 : 60)
    }

    private func canRaise(_ place: ChannelPlace) -> Bool {
        let state = machine.channel(place).state
        return state == .holding || state == .searching
    }

    func set(_ place: ChannelPlace) -> Int32 { machine.channel(place).setMicroamperes }

    func channelState(_ place: ChannelPlace) -> ChannelState { machine.channel(place).state }

    /// When pulses were asked for on a channel.
    func times(_ place: ChannelPlace) -> [Int64] { requests.filter { $0.request.place == place }.map(\.at) }

    /// Events of a kind on a channel since the beginning.
    func values(_ kind: SessionEventKind, at place: ChannelPlace) -> [Int32] {
        events.filter { $0.event.kind == kind && $0.event.place == place }.map(\.event.value)
    }

    /// Events of a kind since the beginning, with their value and detail.
    func values(_ kind: SessionEventKind) -> [Int32] { events.filter { $0.event.kind == kind }.map(\.event.value) }

    func count(_ kind: SessionEventKind) -> Int { values(kind).count }

    /// Why the last command was refused, if the last step refused one.
    var lastRefusal: RefusedCommand? { last.events.refusal }

    /// A bench brought into a state by the shortest honest way.
    static func reaching(_ wanted: SessionState) throws -> Bench {
        let hasSearch = wanted == .searching
        var bench = Bench(
            try Doses.plan(search: hasSearch ? Doses.search() : nil, treatment: Doses.contractions()))
        switch wanted {
        case .idle:
            bench.stuckIn = .identifying
            bench.step()
        case .cleared: bench.step()
        case .armed: bench.arm()
        case .searching:
            bench.arm()
            bench.step(.beginSearch)
            bench.raise(to: 2_000)
        case .rampingUp, .holding, .rampingDown, .resting:
            // In the second contraction, at 2 mA.
            bench.begin()
            bench.run(to: .holding)
            bench.raise(to: 2_000)
            bench.run(to: .resting)
            if wanted != .resting { bench.run(to: wanted) }
            bench.run(200)
        case .paused:
            bench.begin()
            bench.run(to: .holding)
            bench.raise(to: 2_000)
            bench.step(.pause)
            bench.run(20)
        case .stopping:
            bench.begin()
            bench.step(stop: .operatorKey)
        case .closed:
            bench.begin()
            bench.step(stop: .operatorKey)
            bench.run(20)
        case .faulted:
            bench.begin()
            bench.step(fault: .late)
        }
        #expect(bench.state == wanted)
        #expect(bench.gateRefusals.isEmpty)
        return bench
    }

    /// Armed and begun.
    mutating func begin(_ command: OperatorCommand = .beginTreatment) {
        arm()
        step(command)
    }
}

extension SessionEvents {
    /// Why a command was refused, if one was.
    var refusal: RefusedCommand? {
        (0..<count).first { self[$0].kind == .commandRefused }.flatMap { RefusedCommand(rawValue: self[$0].detail) }
    }
}

/// A copy of a machine in some state, to be asked "what if" without its bench: cheap enough for every combination.
struct Probe {
    var machine: SessionMachine
    var condition: StimulatorCondition
    private(set) var last = StepOutputs(state: .idle, demand: .off, setAmplitude: .zero)

    init(reaching state: SessionState) throws {
        let bench = try Bench.reaching(state)
        machine = bench.machine
        condition = bench.condition
    }

    var state: SessionState { machine.state }

    /// Why the last step refused its command, if it did.
    var refusal: RefusedCommand? { last.events.refusal }

    @discardableResult
    mutating func step(
        _ command: OperatorCommand = .none, stop: StopCause = .none, fault: FaultCause = .none, elapsed: Int32 = 1,
        linkFault: FaultCause = .none, channelStops: UInt8 = 0, isStale: Bool = false
    ) -> StepOutputs {
        var inputs = StepInputs()
        inputs.elapsedTicks = elapsed
        inputs.command = command
        inputs.commandIsStale = isStale
        inputs.channelStops = channelStops
        inputs.stop = stop
        inputs.hostFault = fault
        inputs.condition = condition
        inputs.linkFault = linkFault
        last = machine.step(inputs)
        return last
    }
}

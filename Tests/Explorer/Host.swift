// The real machine and the real gate, put together as `ControlTick` puts them, over an abstract link.
import SafetyKernel
import SessionEngine
import StimulusModel

/// What a step came to, as far as anybody outside could see it.
struct Outcome {
    var violation: StaticString?
    var verdict: UInt8 = 0
    /// Of everything that came out.
    var digest: UInt64 = 0
    var elapsed: Int32 = 0
    var authorized: Int32 = 0
}

/// A class: as a struct that cannot be copied, of seven hundred figures, it takes the compiler a minute.
final class Host {
    var machine: SessionMachine
    var gate: PulseGate
    var world = World()

    init(_ plan: AuthorizedPlan) {
        machine = SessionMachine(plan: plan)
        gate = PulseGate(plan: plan)
    }

    var isFinal: Bool { world.state.isFinal }

    /// Lengths of the steps of one tick in ms. Pulses of the first channel fall due in the first; those of the second,
    /// half a period later, in the last millisecond of the second.
    static func elapsed(_ turn: Int32, _ explored: ExploredPlan) -> Int32 {
        if explored.channelCount == 1 { return turn == 0 ? 1 : 249 }
        return turn == 0 ? 1 : turn == 1 ? 125 : 124
    }

    static func turns(_ explored: ExploredPlan) -> Int32 { explored.channelCount == 1 ? 2 : 3 }

    /// One step of the host.
    /// - Parameter wait: a late step of so many ms, by which no tick gets on.
    func step(
        _ act: Act, _ explored: ExploredPlan, _ mutation: Mutation, _ arms: borrowing Armoury, wait: Int32 = 0
    ) -> Outcome {
        var outcome = Outcome()
        let before = world
        let elapsed = wait > 0 ? wait : act.oversleeps ? 1_001 : Host.elapsed(world.turn, explored)
        outcome.elapsed = elapsed
        world.now += Int64(elapsed)
        if wait == 0 { world.turn = act.oversleeps ? 0 : (world.turn + 1) % Host.turns(explored) }
        moveWorld(act, explored.rig)
        var inputs = collect(act, elapsed, explored)
        let real = inputs
        mutation.tamper(&inputs, &world)
        var out = machine.step(inputs)
        mutation.tamper(&out, real, &world)
        for index in 0..<2 { world.channels[index].pass(elapsed) }
        gate.follow(setAmplitude: out.setAmplitude)
        gate.follow(setAmplitude: out.secondSetAmplitude, at: .second)
        followDemand(out.demand)
        if explored.rig == .triggers { prepare(arms) }
        deliver(out, explored, arms, &outcome)
        mutation.tamper(&world, act)
        switchOutput(elapsed, explored.rig)
        judge(real, out, before, explored, &outcome)
        outcome.digest = Host.digest(out, outcome.verdict)
        return outcome
    }

    // MARK: - What happens outside

    private func moveWorld(_ act: Act, _ rig: ExploredRig) {
        switch act.board {
        case .none: break
        case .emergencyStop: world.board.emergencyStopIsPressed.toggle()
        case .button: world.board.buttonIsPressed.toggle()
        case .weld: world.board.isWelded = true
        }
        switch act.device {
        case .stay: break
        case .fail:
            world.condition = .failed
            forgetSettings()
        case .fallOut:
            world.condition = .absent
            forgetSettings()
        case .progress: progress()
        }
        for index in 0..<2 where world.channels[index].flying > 0 {
            world.channels[index].flyingSteps = min(7, world.channels[index].flyingSteps + 1)
        }
    }

    /// Who comes back is set anew from zero.
    private func forgetSettings() {
        for index in 0..<2 {
            world.channels[index].confirmed = 0
            world.channels[index].wanted = 0
            world.channels[index].settingSteps = 0
        }
    }

    private func progress() {
        switch world.condition {
        case .absent: world.condition = .identifying
        case .identifying, .deenergising: world.condition = .off
        case .energising: world.condition = .ready
        case .ready:
            for index in 0..<2 { world.channels[index].confirmed = world.channels[index].wanted }
        case .off, .failed: break
        }
    }

    private func collect(_ act: Act, _ elapsed: Int32, _ explored: ExploredPlan) -> StepInputs {
        var inputs = StepInputs()
        inputs.elapsedTicks = elapsed
        inputs.command = act.command
        inputs.commandPlace = act.place
        inputs.commandIsStale = act.isStale
        inputs.channelStops = act.channelStops
        inputs.stop = act.stops ? .operatorKey : .none
        if inputs.stop == .none, explored.rig == .triggers {
            if world.board.emergencyStopIsPressed {
                inputs.stop = .emergencyStop
            } else if world.board.buttonIsPressed {
                inputs.stop = .patientButton
            }
        }
        inputs.hostFault = act.hostFails ? .journalFailed : world.gateRefused ? .gateRefusal : .none
        world.gateRefused = false
        inputs.condition = world.condition
        inputs.linkFault = world.condition == .failed ? .silent : .none
        inputs.first = news(act.first, .first, explored)
        inputs.second = news(act.second, .second, explored)
        return inputs
    }

    private func news(_ told: News, _ place: ChannelPlace, _ explored: ExploredPlan) -> ChannelNews {
        let index = place.index
        var news = ChannelNews()
        news.pulseSkipped = world.channels[index].skipped
        world.channels[index].skipped = false
        guard told != .nothing else { return news }
        news.deliveredAmplitude = Current(microamperes: world.channels[index].flying)
        news.delivery = told == .delivered ? .delivered : told == .notDelivered ? .notDelivered : .unknown
        if told == .notDelivered {
            gate.refund(
                chargePerPhase: Charge(news.deliveredAmplitude, for: PhaseDuration(microseconds: 200)), at: place)
        }
        world.channels[index].flying = 0
        world.channels[index].flyingSteps = 0
        return news
    }

    // MARK: - As in ControlTick

    private func followDemand(_ demand: OutputDemand) {
        guard demand == .energised else {
            world.isArmed = false
            return
        }
        guard !world.isArmed else { return }
        do throws(Refusal) {
            let arming = try gate.arm(condition: world.condition, at: instant(world.now))
            arming.disarm()
            world.isArmed = true
            world.armedAt = world.now
        } catch {
            world.gateRefused = true
        }
    }

    private func prepare(_ arms: borrowing Armoury) {
        for place in [ChannelPlace.first, .second] {
            gate.follow(motorThreshold: machine.channels[place.index].motorThreshold, at: place)
        }
        for place in [ChannelPlace.first, .second] {
            let index = place.index
            guard let request = machine.upcoming(place) else {
                world.channels[index].wanted = 0
                continue
            }
            guard world.condition == .ready, world.channels[index].wanted != request.amplitude.microamperes,
                world.isArmed
            else { continue }
            do throws(Refusal) {
                let arming = try arms.arming(at: instant(world.armedAt))
                _ = try gate.allowSetting(
                    request, under: arming, condition: world.condition, at: instant(world.now))
                arming.disarm()
                world.channels[index].wanted = request.amplitude.microamperes
            } catch {
                world.gateRefused = true
            }
        }
        for index in 0..<2 {
            let isSet = world.channels[index].wanted == world.channels[index].confirmed
            world.channels[index].settingSteps = isSet ? 0 : min(3, world.channels[index].settingSteps + 1)
        }
    }

    private func deliver(
        _ out: StepOutputs, _ explored: ExploredPlan, _ arms: borrowing Armoury, _ outcome: inout Outcome
    ) {
        guard let request = out.request else { return }
        let index = request.place.index
        let isSet = explored.rig == .p24 || world.channels[index].confirmed == request.amplitude.microamperes
        guard world.channels[index].flying == 0, isSet else {
            world.channels[index].skipped = true
            outcome.verdict = 2
            return
        }
        guard world.isArmed else {
            world.gateRefused = true
            outcome.verdict = 3
            return
        }
        do throws(Refusal) {
            let arming = try arms.arming(at: instant(world.armedAt))
            let pulse = try gate.authorize(
                request, under: arming, condition: world.condition, at: instant(world.now))
            arming.disarm()
            outcome.authorized = pulse.pulse.peakCurrent.microamperes
            outcome.verdict = 1
            world.channels[index].flying = outcome.authorized
            world.channels[index].flyingSteps = 0
        } catch {
            world.gateRefused = true
            outcome.verdict = 4
        }
    }

    /// What the link and the board make of this step's demand, in the same step.
    func switchOutput(_ elapsed: Int32, _ rig: ExploredRig) {
        if world.isArmed {
            if world.condition == .off { world.condition = .energising }
        } else if world.condition == .energising || world.condition == .ready {
            world.condition = .deenergising
            forgetSettings()
        }
        guard rig == .triggers else { return }
        let isWanted = world.isArmed && (world.condition == .energising || world.condition == .ready)
        world.board.follow(enable: isWanted, heartbeat: world.condition != .failed, for: elapsed)
    }

    /// The session after one that ended, or after a host that was killed: nothing is carried over but the rig itself.
    func restart(_ explored: ExploredPlan) {
        machine = SessionMachine(plan: explored.plan)
        gate = PulseGate(plan: explored.plan)
        let board = world.board
        world = World()
        world.board = board
        world.board.follow(enable: false, heartbeat: false, for: 249)
        world.board.heartbeatRuns = true
    }

    func instant(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    // MARK: - What came out

    /// Of all that two states of one key must have in common: not the run's number, which only counts.
    private static func digest(_ out: StepOutputs, _ verdict: UInt8) -> UInt64 {
        var sink = Fingerprint()
        sink.add(Int64(out.state.code))
        sink.add(Int64(out.demand.code))
        sink.add(Int64(verdict))
        sink.add(Int64(out.setAmplitude.microamperes))
        sink.add(Int64(out.secondSetAmplitude.microamperes))
        if let request = out.request {
            sink.add(Int64(request.place.code))
            sink.add(Int64(request.part.code))
            sink.add(request.isOnPlateau ? 1 : 0)
            sink.add(Int64(request.setAmplitude.microamperes))
            sink.add(Int64(request.amplitude.microamperes))
            sink.add(Int64(request.contraction))
        }
        for index in 0..<out.events.count {
            let event = out.events[index]
            sink.add(event.kind == .runBegan ? Int64(event.kind.code) : event.word)
        }
        return sink.low
    }
}

/// Armings like the one that the gate gave, made by another gate: the search needs no forged proof.
struct Armoury: ~Copyable {
    private let plan: AuthorizedPlan

    init(_ plan: AuthorizedPlan) { self.plan = plan }

    func arming(at moment: Instant) throws(Refusal) -> Arming {
        var gate = PulseGate(plan: plan)
        return try gate.arm(condition: .off, at: moment)
    }
}

/// 128 bits of a state: two lanes mixed apart.
struct Fingerprint: Hashable {
    private(set) var low: UInt64 = 0x9E37_79B9_7F4A_7C15
    private(set) var high: UInt64 = 0xC2B2_AE3D_27D4_EB4F

    init() {}

    mutating func add(_ value: Int64) {
        let bits = UInt64(bitPattern: value)
        low = (low ^ bits) &* 0xFF51_AFD7_ED55_8CCD
        low ^= low >> 32
        high = (high &+ bits ^ 0x5851_F42D_4C95_7F2D) &* 0xC4CE_B9FE_1A85_EC53
        high ^= high >> 29
        high &+= low << 1
    }
}

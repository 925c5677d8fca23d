// The people of a seed: a practitioner who is calm, eager, forgetful or mad, and whoever else is in the room.
internal import RigSimulator
internal import SafetyKernel
internal import SessionEngine
internal import StimulusModel

struct SoakOperator {
    enum Temper: String, CaseIterable {
        /// Raises as one should, marks, ends titration, answers.
        case calm
        /// Raises as fast as the keys allow, and beyond the ceiling.
        case eager
        /// Holds keys down.
        case holding
        /// Presses whatever there is.
        case everything
        /// Pauses and resumes a lot.
        case restless
        /// Leaves the room after a while.
        case absent
    }

    let temper: Temper
    let target: [Int32]
    private var random: SplitMix64
    private var nextThought: Int64 = 50
    private let spec: PlanSpec
    private let endsTitrationAfter: Int32
    private var heldUntil: Int64 = 0
    private let leavesAt: Int64
    private var titrations: [Int32] = [0, 0]
    private var wasRamping = [false, false]

    init(_ temper: Temper, _ spec: PlanSpec, seed: UInt64) {
        self.temper = temper
        self.spec = spec
        random = SplitMix64(seed: seed ^ 0x4841_4E44)
        let draw = Int64(random.below(100))
        target = (0..<2).map { place in
            let law = spec.law(place, isSearch: false) ?? spec.law(place, isSearch: true)
            guard let law else { return 0 }
            // A third goes on pressing at the ceiling.
            return draw < 33 ? law.cap + 10 * law.step : Int32(Int64(law.cap) * (40 + draw / 2) / 100)
        }
        endsTitrationAfter = Int32(1 + random.below(7))
        leavesAt = 20_000 + Int64(random.below(200_000))
    }

    /// What the hands do now: at most one key.
    mutating func think(_ world: any SoakWorld, at now: Int64) -> SoakEvent? {
        guard now >= nextThought else { return nil }
        let state = world.state
        if now < heldUntil {
            nextThought = now + 33
            return .key(.raise, .first)
        }
        nextThought = now + pace()
        switch temper {
        case .everything:
            if random.below(3) != 0 { return anything() }
        case .holding:
            if random.below(20) == 0 { heldUntil = now + Int64(random.below(2_000)) }
        case .restless:
            if random.below(60) == 0 { return .key(state == .paused ? .resume : .pause, .first) }
        case .absent:
            if now > leavesAt { return state == .cleared ? .key(.arm, .first) : nil }
        case .calm, .eager: break
        }
        if random.below(40) == 0 { return slip(state) }
        return sensible(world, state, now)
    }

    private mutating func pace() -> Int64 {
        switch temper {
        case .calm, .absent, .holding: return 310 + Int64(random.below(40))
        case .eager: return 20 + Int64(random.below(260))
        case .everything: return 40 + Int64(random.below(300))
        case .restless: return 150 + Int64(random.below(200))
        }
    }

    private mutating func anything() -> SoakEvent {
        let place: ChannelPlace = random.below(3) == 0 ? .second : .first
        var command = OperatorCommand(rawValue: UInt8(random.below(15))) ?? .none
        // One that is paused or at zero most of the time finds nothing.
        if command == .pause, random.below(5) != 0 { command = .resume }
        if command == .zero, random.below(4) != 0 { command = .raise }
        return .key(command, place)
    }

    /// A key that does not belong there, now and then.
    private mutating func slip(_ state: SessionState) -> SoakEvent? {
        switch random.below(8) {
        case 0: return .key(.raise, .first)
        case 1: return .key(.lower, .first)
        case 2: return .key(.raise, .second)
        case 3: return random.below(6) == 0 ? .key(.zero, .first) : nil
        case 4: return random.below(6) == 0 ? .key(.pause, .first) : .key(.lower, .second)
        case 5: return .key(.markSensory, .first)
        case 6: return .key(.beginTreatment, .first)
        default: return .key(.present, .first)
        }
    }

    private mutating func sensible(_ world: any SoakWorld, _ state: SessionState, _ now: Int64) -> SoakEvent? {
        switch state {
        case .cleared: return .key(.arm, .first)
        case .armed where world.condition == .ready:
            let search = spec.search != nil && !wasSearched
            return .key(search || spec.treatment == nil ? .beginSearch : .beginTreatment, .first)
        case .paused: return random.below(4) == 0 ? .key(.resume, .first) : nil
        case .searching: return searching(world)
        case .rampingUp, .holding, .rampingDown, .resting: return delivering(world, state, now)
        default: return nil
        }
    }

    private var wasSearched = false

    /// A new session is searched anew.
    mutating func sessionBegan() {
        wasSearched = false
        titrations = [0, 0]
    }

    private mutating func searching(_ world: any SoakWorld) -> SoakEvent? {
        let shown = world.shown(.first)
        let goal = (spec.search?.capMicroamperes ?? 0) / 2
        if wasSearched, random.below(6) == 0 { return .key(.endSearch, .first) }
        if shown >= goal, random.below(3) == 0 {
            wasSearched = true
            return .key(.markMotor, .first)
        }
        return shown < goal ? .key(.raise, .first) : nil
    }

    private mutating func delivering(_ world: any SoakWorld, _ state: SessionState, _ now: Int64) -> SoakEvent? {
        let place: ChannelPlace = spec.channelCount == 2 && random.below(2) == 0 ? .second : .first
        if spec.kind == .needle, random.below(60) == 0 { return .key(.checkedIn, .first) }
        let channel = world.channelState(place)
        if channel == .rampingUp {
            if !wasRamping[place.index] { titrations[place.index] += 1 }
            wasRamping[place.index] = true
        } else {
            wasRamping[place.index] = false
        }
        if channel == .resting, titrations[place.index] == endsTitrationAfter {
            titrations[place.index] += 1
            return .key(.endTitration, place)
        }
        guard channel == .holding || channel == .searching else { return nil }
        let shown = world.shown(place)
        if random.below(50) == 0 { return .key(.lower, place) }
        return shown < target[place.index] ? .key(.raise, place) : nil
    }
}

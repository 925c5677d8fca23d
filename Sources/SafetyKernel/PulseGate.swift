// The last judgement before the wire. The session machine decides what to deliver; the gate, written apart and with
// an account of its own, decides whether that may be. It alone makes an `AuthorizedPulse`.
//
// Words: *run* = uninterrupted delivery from 0 mA; a pause, fault or stop ends it. *Set amplitude* = what the
// practitioner raised to; ramps scale it down. *Credit* = the share of one period that has passed since the last pulse.
// *Allowance* = how many pulses the pattern still has room for: it fills up with time and holds one cycle's worth.
public import StimulusModel

/// Which of the two authorized doses is running.
public enum PlanPart: UInt8, Sendable {
    case search = 1
    case treatment = 2

    public var code: UInt8 { @_noLocks get { rawValue } }

    @_noLocks public static func == (a: PlanPart, b: PlanPart) -> Bool { a.rawValue == b.rawValue }

    @_noLocks public static func != (a: PlanPart, b: PlanPart) -> Bool { !(a == b) }
}

/// What the session machine asks the gate for.
public struct PulseRequest: Hashable, Sendable {
    public let place: ChannelPlace
    public let part: PlanPart
    /// Grows by one with each uninterrupted run; a new run starts from 0 mA.
    public let run: Int32
    /// What the practitioner has set.
    public let setAmplitude: Current
    /// What this pulse shall have: the set amplitude, or less on a ramp.
    public let amplitude: Current
    /// A plateau or a continuous train, where a raise may take effect; false on ramps.
    public let isOnPlateau: Bool
    /// Titration and counted contractions begun in this session, this one included; 0 for a continuous train.
    public let contraction: Int32

    @_noLocks public init(
        place: ChannelPlace = .first, part: PlanPart, run: Int32, setAmplitude: Current, amplitude: Current,
        isOnPlateau: Bool, contraction: Int32
    ) {
        self.place = place
        self.part = part
        self.run = run
        self.setAmplitude = setAmplitude
        self.amplitude = amplitude
        self.isOnPlateau = isOnPlateau
        self.contraction = contraction
    }

    @_noLocks public static func == (a: PulseRequest, b: PulseRequest) -> Bool {
        a.place == b.place && a.part == b.part && a.run == b.run
            && a.setAmplitude == b.setAmplitude && a.amplitude == b.amplitude
            && a.isOnPlateau == b.isOnPlateau && a.contraction == b.contraction
    }

    @_noLocks public static func != (a: PulseRequest, b: PulseRequest) -> Bool { !(a == b) }
}

/// Proof that output is armed. Made only by a gate; given back by `disarm`. While none exists no pulse can be made.
public struct Arming: ~Copyable, Sendable {
    public let since: Instant

    @_noLocks fileprivate init(since: Instant) { self.since = since }

    /// Gives the arming back.
    @_noLocks public consuming func disarm() {}
}

/// One pulse that passed every check. It can be neither forged nor copied, and a link consumes it: it cannot be sent
/// twice.
public struct AuthorizedPulse: ~Copyable, Sendable {
    public let place: ChannelPlace
    public let channel: Channel
    public let pulse: Pulse
    /// The period of the train that it belongs to, in microseconds, rounded up: a link that learns that it arrived late
    /// keeps the next one away for as long.
    public let periodMicroseconds: Int64
    /// Counts up from 1 within a session.
    public let serial: Int64

    @_noLocks fileprivate init(
        place: ChannelPlace, channel: Channel, pulse: Pulse, periodMicroseconds: Int64, serial: Int64
    ) {
        self.place = place
        self.channel = channel
        self.pulse = pulse
        self.periodMicroseconds = periodMicroseconds
        self.serial = serial
    }
}

/// Leave to set the stimulator for the next pulses of a channel. It can be neither forged nor copied; the pulses are
/// judged again, each for itself.
public struct AuthorizedSetting: ~Copyable, Sendable {
    public let place: ChannelPlace
    public let channel: Channel
    public let pulse: Pulse

    @_noLocks fileprivate init(place: ChannelPlace, channel: Channel, pulse: Pulse) {
        self.place = place
        self.channel = channel
        self.pulse = pulse
    }
}

/// What the gate remembers of one channel.
package struct ChannelAccount: Sendable {
    package internal(set) var run: Int32 = 0
    package internal(set) var setMicroamperes: Int32 = 0
    package internal(set) var deliveredMicroamperes: Int32 = 0
    package internal(set) var lastRise = Instant(nanoseconds: 0)
    package internal(set) var lastPulse = Instant(nanoseconds: 0)
    package internal(set) var pulses: Int64 = 0
    package internal(set) var searchPulses: Int64 = 0
    package internal(set) var treatmentPulses: Int64 = 0
    /// What was left over of the credit when the last pulse was authorized, in millionths of a period.
    package internal(set) var credit: Int64 = 0
    /// What was left of the allowance then, in millionths of a pulse.
    package internal(set) var allowance: Int64 = 0
    package internal(set) var chargedPicocoulombs: Int64 = 0
    /// The highest amplitude authorized in a search, and the lowest motor threshold marked at or below it.
    package internal(set) var searchedMicroamperes: Int32 = 0
    package internal(set) var motorThresholdMicroamperes: Int32 = 0

    @_noLocks init() {}
}

/// The gate with its accounts, one for each channel.
public struct PulseGate: ~Copyable, Sendable {
    private let plan: AuthorizedPlan
    // To be read by the exhaustive search (Tests/Explorer); only the gate writes.
    package private(set) var accounts: InlineArray<2, ChannelAccount>
    package private(set) var firstArmed = Instant(nanoseconds: 0)
    package private(set) var wasArmed = false
    private var authorizedPulses: Int64 = 0

    /// Charge handed to the wire in this session, one phase of each pulse, less what the device surely did not
    /// execute: an upper bound of what was delivered, over both channels.
    public var chargedPicocoulombs: Int64 {
        @_noLocks get { Saturating.sum(charged(.first).picocoulombs, charged(.second).picocoulombs) }
    }

    /// The same for one channel.
    @_noLocks public func charged(_ place: ChannelPlace) -> Charge {
        Charge(picocoulombs: accounts[place.index].chargedPicocoulombs)
    }

    @_noLocks public init(plan: AuthorizedPlan) {
        self.plan = plan
        accounts = InlineArray(repeating: ChannelAccount())
    }

    /// Arms, if the stimulator is known and its high voltage verified off: every session begins at zero.
    /// - Throws: `Refusal.stimulatorNotReady`.
    @_noLocks public mutating func arm(condition: StimulatorCondition, at now: Instant) throws(Refusal) -> Arming {
        guard condition == .off else { throw Refusal.stimulatorNotReady }
        if !wasArmed {
            wasArmed = true
            firstArmed = now
        }
        var index = 0
        while index < 2 {
            accounts[index].setMicroamperes = 0
            accounts[index].deliveredMicroamperes = 0
            accounts[index].lastRise = now
            index += 1
        }
        return Arming(since: now)
    }

    /// Judges one pulse.
    /// - Parameters:
    ///   - arming: proof that output is armed; only borrowed.
    ///   - condition: must be `ready`.
    ///   - now: nominal time of the tick, so that jitter of a wake-up changes no verdict.
    /// - Throws: the first `Refusal` found; nothing was authorized then.
    @_noLocks public mutating func authorize(
        _ request: PulseRequest, under arming: borrowing Arming, condition: StimulatorCondition, at now: Instant
    ) throws(Refusal) -> AuthorizedPulse {
        guard condition == .ready else { throw Refusal.stimulatorNotReady }
        guard let allowed = plan.channel(at: request.place), let authorized = allowed.dose(request.part) else {
            throw Refusal.partNotAuthorized
        }
        let dose = authorized.dose
        let index = request.place.index
        beginRunIfNew(request, dose)
        try checkTime(allowed, dose, request, at: now)
        try checkAmplitude(allowed, authorized, request, accounts[index], at: now)
        let earned = try checkRate(dose.frequency, accounts[index], at: now)
        let allowance = try checkPattern(dose, accounts[index], at: now)
        let pulse = Pulse(
            symmetric: request.amplitude, phaseDuration: dose.phaseDuration, interphaseGap: dose.interphaseGap)
        try PulseLimits.check(pulse, at: dose.frequency, contact: allowed.contact, plan.capabilities, allowed.limits)
        let charged = Saturating.sum(accounts[index].chargedPicocoulombs, pulse.chargePerPhase.picocoulombs)
        try allowed.limits.check(.chargePerDay, Saturating.sum(charged, max(0, allowed.chargeBefore.picocoulombs)))

        // Every check passed: only now does the account move.
        accounts[index].credit = earned - 1_000_000
        accounts[index].allowance = allowance - 1_000_000
        accounts[index].lastPulse = now
        if request.setAmplitude.microamperes > accounts[index].setMicroamperes { accounts[index].lastRise = now }
        accounts[index].setMicroamperes = request.setAmplitude.microamperes
        if request.amplitude.microamperes > accounts[index].deliveredMicroamperes {
            accounts[index].deliveredMicroamperes = request.amplitude.microamperes
        }
        accounts[index].pulses += 1
        if request.part == .search {
            accounts[index].searchPulses += 1
            accounts[index].searchedMicroamperes = max(
                accounts[index].searchedMicroamperes, request.amplitude.microamperes)
        } else {
            accounts[index].treatmentPulses += 1
        }
        accounts[index].chargedPicocoulombs = charged
        authorizedPulses += 1
        let rate = Int64(max(1, dose.frequency.millihertz))
        return AuthorizedPulse(
            place: request.place, channel: allowed.channel, pulse: pulse,
            periodMicroseconds: (1_000_000_000 + rate - 1) / rate, serial: authorizedPulses)
    }

    /// Takes a pulse off the account that the device surely did not execute. Unknown stays counted.
    @_noLocks public mutating func refund(chargePerPhase: Charge, at place: ChannelPlace = .first) {
        let charged = accounts[place.index].chargedPicocoulombs
        accounts[place.index].chargedPicocoulombs = charged - min(charged, max(0, chargePerPhase.picocoulombs))
    }

    /// A new run starts from 0 mA. The time of the last rise stays: also the first step of a run keeps its distance
    /// from it and from the arming.
    @_noLocks private mutating func beginRunIfNew(_ request: PulseRequest, _ dose: Dose) {
        let index = request.place.index
        guard request.run != accounts[index].run else { return }
        accounts[index].run = request.run
        accounts[index].setMicroamperes = 0
        accounts[index].deliveredMicroamperes = 0
        accounts[index].allowance = PatternAllowance(dose).capacity
    }

    /// Leave to set a stimulator that is set apart from its pulses: everything is judged but time and rate, which
    /// belong to the pulse. No account moves, and nothing is released.
    /// - Throws: the first `Refusal` found.
    @_noLocks public func allowSetting(
        _ request: PulseRequest, under arming: borrowing Arming, condition: StimulatorCondition, at now: Instant
    ) throws(Refusal) -> AuthorizedSetting {
        guard condition == .ready else { throw Refusal.stimulatorNotReady }
        guard let allowed = plan.channel(at: request.place), let authorized = allowed.dose(request.part) else {
            throw Refusal.partNotAuthorized
        }
        var account = accounts[request.place.index]
        if request.run != account.run {
            account.setMicroamperes = 0
            account.deliveredMicroamperes = 0
        }
        try checkAmplitude(allowed, authorized, request, account, at: now)
        let dose = authorized.dose
        let pulse = Pulse(
            symmetric: request.amplitude, phaseDuration: dose.phaseDuration, interphaseGap: dose.interphaseGap)
        try PulseLimits.check(pulse, at: dose.frequency, contact: allowed.contact, plan.capabilities, allowed.limits)
        return AuthorizedSetting(place: request.place, channel: allowed.channel, pulse: pulse)
    }

    /// Learns of a motor threshold that was marked in a search; one above everything that this gate let through in a
    /// search is not believed. Of several the lowest counts.
    @_noLocks public mutating func follow(motorThreshold: Current, at place: ChannelPlace) {
        let marked = motorThreshold.microamperes
        let known = accounts[place.index].motorThresholdMicroamperes
        guard marked > 0, marked <= accounts[place.index].searchedMicroamperes else { return }
        accounts[place.index].motorThresholdMicroamperes = known > 0 ? min(known, marked) : marked
    }

    /// Follows the set amplitude downward, also when it falls while no pulse is due: what was lowered must be raised
    /// again step by step.
    @_noLocks public mutating func follow(setAmplitude: Current, at place: ChannelPlace = .first) {
        let set = accounts[place.index].setMicroamperes
        accounts[place.index].setMicroamperes = min(set, max(0, setAmplitude.microamperes))
    }

    @_noLocks private func checkTime(
        _ allowed: AuthorizedChannel, _ dose: Dose, _ request: PulseRequest, at now: Instant
    ) throws(Refusal) {
        try allowed.limits.check(.attendedTime, now.since(firstArmed).milliseconds)
        // A second, independent bound on time: no more pulses than the longest session holds.
        let limit = allowed.limits[.sessionTime]
        let most = Saturating.product(limit.value, Int64(dose.frequency.millihertz)) / 1_000_000 + 1
        let account = accounts[request.place.index]
        let used = request.part == .search ? account.searchPulses : account.treatmentPulses
        guard used < most else {
            throw Refusal.limit(.sessionTime, asked: limit.value + 1, limit: limit.value, setBy: limit.setBy)
        }
        if dose.contractionCount > 0 {
            let contractions = Int64(dose.contractionCount) + allowed.limits[.titrationContractions].value
            guard Int64(request.contraction) <= contractions else {
                throw Refusal.limit(
                    .contractions, asked: Int64(request.contraction), limit: contractions,
                    setBy: allowed.limits[.contractions].setBy)
            }
        }
    }

    /// The rise of the *set* amplitude is bound; a ramp may only scale what was already delivered in this run
    /// (`decided.md`, Amplitude; H02, H21).
    @_noLocks private func checkAmplitude(
        _ allowed: AuthorizedChannel, _ authorized: AuthorizedDose, _ request: PulseRequest,
        _ account: ChannelAccount, at now: Instant
    ) throws(Refusal) {
        let set = request.setAmplitude.microamperes
        let amplitude = request.amplitude.microamperes
        let ceiling = authorized.ceiling.microamperes
        guard set <= ceiling else {
            throw Refusal.limit(
                .amplitude, asked: Int64(set), limit: Int64(ceiling), setBy: authorized.ceilingSetBy)
        }
        if authorized.dose.needsMotorThreshold {
            // Strictly below 80 % (proposal) of what was marked in this session (clinical.md 1.8, H27).
            let marked = Int64(account.motorThresholdMicroamperes)
            guard marked > 0 else { throw Refusal.motorThresholdMissing }
            guard Int64(set) * 100 < marked * 80 else {
                throw Refusal.limit(
                    .amplitude, asked: Int64(set), limit: (marked * 80 - 1) / 100, setBy: .motorThreshold)
            }
        }
        guard amplitude > 0, amplitude <= set else {
            throw Refusal.limit(.amplitude, asked: Int64(amplitude), limit: Int64(set), setBy: .practitioner)
        }
        let grid = plan.capabilities.amplitudeStep.microamperes
        guard grid > 0, amplitude % grid == 0 else { throw Refusal.amplitudeOffGrid(microamperes: amplitude) }
        if let levels = allowed.levels {
            return try checkLevel(levels, request, account, at: now)
        }
        if set > account.setMicroamperes {
            guard request.isOnPlateau, amplitude == set else { throw Refusal.raiseOutsidePlateau }
            let rise = Int64(set) - Int64(account.setMicroamperes)
            try allowed.limits.check(.amplitudeStep, rise)
            // One press, one step of this dose: half as much in a search on pads.
            let step = Int64(authorized.dose.amplitudeStep.microamperes)
            guard rise <= step else {
                throw Refusal.limit(.amplitudeStep, asked: rise, limit: step, setBy: .protocolFile)
            }
            let limit = allowed.limits[.amplitudeRise]
            let sinceRise = now.since(account.lastRise).milliseconds
            // rise / limit seconds must have passed since the last rise, or since the run began.
            guard Saturating.product(sinceRise, limit.value) >= rise * 1_000 else {
                let asked = Saturating.product(rise, 1_000) / max(1, sinceRise)
                throw Refusal.limit(.amplitudeRise, asked: asked, limit: limit.value, setBy: limit.setBy)
            }
        }
        if amplitude < set, account.deliveredMicroamperes < set { throw Refusal.rampBeforePlateau }
    }

    /// On the bench nobody feels a rise; but it goes on level by level, one press each, and never past one unmeasured.
    @_noLocks private func checkLevel(
        _ levels: BenchLevels, _ request: PulseRequest, _ account: ChannelAccount, at now: Instant
    ) throws(Refusal) {
        let set = request.setAmplitude
        guard request.amplitude == set else { throw Refusal.raiseOutsidePlateau }
        guard set.microamperes > account.setMicroamperes else { return }
        guard let next = levels.next(after: Current(microamperes: account.setMicroamperes)), next == set else {
            throw Refusal.notTheNextLevel
        }
        // A held key raises nothing here either (decided.md: 250 ms).
        guard now.since(account.lastRise).milliseconds >= 250 else { throw Refusal.notTheNextLevel }
    }

    /// Credit grows with the time since the last authorized pulse, at the rate of this dose, whatever the run: no
    /// change of run or part and no refused request brings two pulses closer together than one period.
    /// - Returns: the credit, in millionths of a period, of which the pulse takes one whole period.
    @_noLocks private func checkRate(
        _ frequency: Frequency, _ account: ChannelAccount, at now: Instant
    ) throws(Refusal) -> Int64 {
        let rate = Int64(frequency.millihertz)
        // One period and one tick at most, as after any long silence: a rest never saves up a burst, and a schedule may
        // run one tick ahead.
        var earned = 1_000_000 + rate
        if account.pulses > 0 {
            // µs · mHz = 1e-9 periods; kept as millionths of a period. A clock that runs backward earns nothing.
            let elapsed = max(0, now.since(account.lastPulse).nanoseconds / 1_000)
            let gained = Saturating.product(elapsed, rate) / 1_000
            earned = min(Saturating.sum(min(account.credit, rate), gained), earned)
        }
        guard earned >= 1_000_000 else {
            // What the rate would have been, had this pulse been let through.
            let asked = rate * 1_000_000 / max(1, earned)
            throw Refusal.limit(.frequency, asked: asked, limit: rate, setBy: .protocolFile)
        }
        return earned
    }

    /// Within one run no more pulses than the pattern has room for: a burst ends, a contraction is followed by its
    /// rest, whatever the machine believes.
    /// - Returns: the allowance, in millionths of a pulse, of which this one takes a whole.
    @_noLocks private func checkPattern(
        _ dose: Dose, _ account: ChannelAccount, at now: Instant
    ) throws(Refusal) -> Int64 {
        let pattern = PatternAllowance(dose)
        let elapsed = account.pulses > 0 ? max(0, now.since(account.lastPulse).milliseconds) : 0
        let allowance = min(Saturating.sum(account.allowance, pattern.gained(in: elapsed)), pattern.capacity)
        guard allowance >= 1_000_000 else { throw Refusal.patternOverrun }
        return allowance
    }
}

/// How many pulses a pattern has room for: one cycle's worth at once, filled up again over the time of a cycle.
struct PatternAllowance {
    /// Millionths of a pulse.
    let capacity: Int64
    private let cycleMilliseconds: Int64

    @_noLocks init(_ dose: Dose) {
        let pulses: Int64
        switch dose.pattern {
        case .continuous:
            // The rate alone bounds a train without silences.
            pulses = Dose.pulses(at: dose.frequency, in: 1_000)
            cycleMilliseconds = 1_000
        case .contractions(let cycle, _):
            pulses = Dose.pulses(at: dose.frequency, in: cycle.onMilliseconds)
            cycleMilliseconds = max(1, cycle.cycleMilliseconds)
        case .burst(_, let burst, let interval):
            pulses = Dose.pulses(at: dose.frequency, in: Int64(burst))
            cycleMilliseconds = max(1, Int64(interval))
        case .denseDisperse(_, let dense, let sparseFrequency, let sparse):
            pulses =
                Dose.pulses(at: dose.frequency, in: Int64(dense)) + Dose.pulses(at: sparseFrequency, in: Int64(sparse))
            cycleMilliseconds = max(1, Int64(dense) + Int64(sparse))
        }
        // Two more: one for a schedule that runs a tick ahead, one for what rounding keeps back.
        capacity = Saturating.product(Saturating.sum(pulses, 2), 1_000_000)
    }

    /// What the time since the last pulse gives back, in millionths of a pulse; rounded up.
    @_noLocks func gained(in milliseconds: Int64) -> Int64 {
        Saturating.sum(Saturating.product(milliseconds, capacity), cycleMilliseconds - 1) / cycleMilliseconds
    }
}

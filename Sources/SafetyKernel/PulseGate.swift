// The last judgement before the wire. The session machine decides what to deliver; the gate, written apart and with
// an account of its own, decides whether that may be. It alone makes an `AuthorizedPulse`.
//
// Words: *run* = uninterrupted delivery from 0 mA; a pause, fault or stop ends it. *Set amplitude* = what the
// practitioner raised to; ramps scale it down. *Credit* = the share of one period that has passed since the last pulse.
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
        part: PlanPart, run: Int32, setAmplitude: Current, amplitude: Current, isOnPlateau: Bool, contraction: Int32
    ) {
        self.part = part
        self.run = run
        self.setAmplitude = setAmplitude
        self.amplitude = amplitude
        self.isOnPlateau = isOnPlateau
        self.contraction = contraction
    }

    @_noLocks public static func == (a: PulseRequest, b: PulseRequest) -> Bool {
        a.part == b.part && a.run == b.run && a.setAmplitude == b.setAmplitude && a.amplitude == b.amplitude
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
    public let channel: Channel
    public let pulse: Pulse
    /// The period of the train that it belongs to, in microseconds, rounded up: a link that learns that it arrived late
    /// keeps the next one away for as long.
    public let periodMicroseconds: Int64
    /// Counts up from 1 within a session.
    public let serial: Int64

    @_noLocks fileprivate init(channel: Channel, pulse: Pulse, periodMicroseconds: Int64, serial: Int64) {
        self.channel = channel
        self.pulse = pulse
        self.periodMicroseconds = periodMicroseconds
        self.serial = serial
    }
}

/// The gate with its account.
public struct PulseGate: ~Copyable, Sendable {
    private let plan: AuthorizedPlan
    private var run: Int32 = 0
    private var setMicroamperes: Int32 = 0
    private var deliveredMicroamperes: Int32 = 0
    private var lastRise = Instant(nanoseconds: 0)
    private var lastPulse = Instant(nanoseconds: 0)
    /// What was left over of the credit when the last pulse was authorized, in millionths of a period.
    private var credit: Int64 = 0
    private var firstArmed = Instant(nanoseconds: 0)
    private var wasArmed = false
    private var authorizedPulses: Int64 = 0
    private var activePulsesSearch: Int64 = 0
    private var activePulsesTreatment: Int64 = 0

    /// Charge handed to the wire in this session, one phase of each pulse, less what the device surely did not
    /// execute: an upper bound of what was delivered.
    public private(set) var chargedPicocoulombs: Int64 = 0

    @_noLocks public init(plan: AuthorizedPlan) { self.plan = plan }

    /// Arms, if the stimulator is known and its high voltage verified off: every session begins at zero.
    /// - Throws: `Refusal.stimulatorNotReady`.
    @_noLocks public mutating func arm(condition: StimulatorCondition, at now: Instant) throws(Refusal) -> Arming {
        guard condition == .off else { throw Refusal.stimulatorNotReady }
        if !wasArmed {
            wasArmed = true
            firstArmed = now
        }
        setMicroamperes = 0
        deliveredMicroamperes = 0
        lastRise = now
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
        let authorized = try part(request.part)
        let dose = authorized.dose
        beginRunIfNew(request.run)
        try checkTime(dose, request, at: now)
        try checkAmplitude(request, authorized, at: now)
        let earned = try checkRate(dose.frequency, at: now)
        let pulse = Pulse(
            symmetric: request.amplitude, phaseDuration: dose.phaseDuration, interphaseGap: dose.interphaseGap)
        try PulseLimits.check(pulse, at: dose.frequency, padArea: plan.padArea, plan.limits)

        // Every check passed: only now does the account move.
        credit = earned - 1_000_000
        lastPulse = now
        if request.setAmplitude.microamperes > setMicroamperes { lastRise = now }
        setMicroamperes = request.setAmplitude.microamperes
        if request.amplitude.microamperes > deliveredMicroamperes {
            deliveredMicroamperes = request.amplitude.microamperes
        }
        authorizedPulses += 1
        if request.part == .search { activePulsesSearch += 1 } else { activePulsesTreatment += 1 }
        chargedPicocoulombs = Saturating.sum(chargedPicocoulombs, pulse.chargePerPhase.picocoulombs)
        let rate = Int64(max(1, dose.frequency.millihertz))
        return AuthorizedPulse(
            channel: plan.channel, pulse: pulse, periodMicroseconds: (1_000_000_000 + rate - 1) / rate,
            serial: authorizedPulses)
    }

    /// Takes a pulse off the account that the device surely did not execute. Unknown stays counted.
    @_noLocks public mutating func refund(chargePerPhase: Charge) {
        chargedPicocoulombs -= min(chargedPicocoulombs, max(0, chargePerPhase.picocoulombs))
    }

    @_noLocks private func part(_ part: PlanPart) throws(Refusal) -> AuthorizedDose {
        switch part {
        case .search: if let search = plan.search { return search }
        case .treatment: if let treatment = plan.treatment { return treatment }
        }
        throw Refusal.partNotAuthorized
    }

    /// A new run starts from 0 mA. The time of the last rise stays: also the first step of a run keeps its distance
    /// from it and from the arming.
    @_noLocks private mutating func beginRunIfNew(_ number: Int32) {
        guard number != run else { return }
        run = number
        setMicroamperes = 0
        deliveredMicroamperes = 0
    }

    /// Follows the set amplitude downward, also when it falls while no pulse is due: what was lowered must be raised
    /// again step by step.
    @_noLocks public mutating func follow(setAmplitude: Current) {
        setMicroamperes = min(setMicroamperes, max(0, setAmplitude.microamperes))
    }

    @_noLocks private func checkTime(
        _ dose: Dose, _ request: PulseRequest, at now: Instant
    ) throws(Refusal) {
        try plan.limits.check(.attendedTime, now.since(firstArmed).milliseconds)
        // A second, independent bound on time: no more pulses than the longest session holds.
        let limit = plan.limits[.sessionTime]
        let most = Saturating.product(limit.value, Int64(dose.frequency.millihertz)) / 1_000_000 + 1
        let used = request.part == .search ? activePulsesSearch : activePulsesTreatment
        guard used < most else {
            throw Refusal.limit(.sessionTime, asked: limit.value + 1, limit: limit.value, setBy: limit.setBy)
        }
        if dose.contractionCount > 0 {
            let allowed = Int64(dose.contractionCount) + plan.limits[.titrationContractions].value
            guard Int64(request.contraction) <= allowed else {
                throw Refusal.limit(
                    .contractions, asked: Int64(request.contraction), limit: allowed,
                    setBy: plan.limits[.contractions].setBy)
            }
        }
    }

    /// The rise of the *set* amplitude is bound; a ramp may only scale what was already delivered in this run
    /// (`decided.md`, Amplitude; H02, H21).
    @_noLocks private func checkAmplitude(
        _ request: PulseRequest, _ authorized: AuthorizedDose, at now: Instant
    ) throws(Refusal) {
        let set = request.setAmplitude.microamperes
        let amplitude = request.amplitude.microamperes
        let ceiling = authorized.ceiling.microamperes
        guard set <= ceiling else {
            throw Refusal.limit(
                .amplitude, asked: Int64(set), limit: Int64(ceiling), setBy: authorized.ceilingSetBy)
        }
        guard amplitude > 0, amplitude <= set else {
            throw Refusal.limit(.amplitude, asked: Int64(amplitude), limit: Int64(set), setBy: .practitioner)
        }
        let grid = plan.capabilities.amplitudeStep.microamperes
        guard grid > 0, amplitude % grid == 0 else { throw Refusal.amplitudeOffGrid(microamperes: amplitude) }
        if set > setMicroamperes {
            guard request.isOnPlateau, amplitude == set else { throw Refusal.raiseOutsidePlateau }
            let rise = Int64(set) - Int64(setMicroamperes)
            try plan.limits.check(.amplitudeStep, rise)
            // One press, one step of this dose: half as much in a search on pads.
            let step = Int64(authorized.dose.amplitudeStep.microamperes)
            guard rise <= step else {
                throw Refusal.limit(.amplitudeStep, asked: rise, limit: step, setBy: .protocolFile)
            }
            let limit = plan.limits[.amplitudeRise]
            let sinceRise = now.since(lastRise).milliseconds
            // rise / limit seconds must have passed since the last rise, or since the run began.
            guard Saturating.product(sinceRise, limit.value) >= rise * 1_000 else {
                let asked = Saturating.product(rise, 1_000) / max(1, sinceRise)
                throw Refusal.limit(.amplitudeRise, asked: asked, limit: limit.value, setBy: limit.setBy)
            }
        }
        if amplitude < set, deliveredMicroamperes < set { throw Refusal.rampBeforePlateau }
    }

    /// Credit grows with the time since the last authorized pulse, at the rate of this dose, whatever the run: no
    /// change of run or part and no refused request brings two pulses closer together than one period.
    /// - Returns: the credit, in millionths of a period, of which the pulse takes one whole period.
    @_noLocks private func checkRate(_ frequency: Frequency, at now: Instant) throws(Refusal) -> Int64 {
        let rate = Int64(frequency.millihertz)
        // One period and one tick at most, as after any long silence: a rest never saves up a burst, and a schedule may
        // run one tick ahead.
        var earned = 1_000_000 + rate
        if authorizedPulses > 0 {
            // µs · mHz = 1e-9 periods; kept as millionths of a period. A clock that runs backward earns nothing.
            let elapsed = max(0, now.since(lastPulse).nanoseconds / 1_000)
            let gained = Saturating.product(elapsed, rate) / 1_000
            earned = min(Saturating.sum(min(credit, rate), gained), earned)
        }
        guard earned >= 1_000_000 else {
            // What the rate would have been, had this pulse been let through.
            let asked = rate * 1_000_000 / max(1, earned)
            throw Refusal.limit(.frequency, asked: asked, limit: rate, setBy: .protocolFile)
        }
        return earned
    }
}

// What one channel of a session is doing: its own contraction, its own amplitude, its own thresholds. Two of these are
// all that a session has; what both share (stop, fault, clocks, presence) is the machine's.
//
// Words: *run* = uninterrupted delivery from 0 mA; *titration* = up to five contractions in which the amplitude is
// found, counted in time and charge but not in the dose; *set amplitude* = what the practitioner raised to; *felt* =
// a pulse at the set amplitude was acknowledged. All from `decided.md`, Amplitude.
public import SafetyKernel
public import StimulusModel

public struct ChannelConduct: Sendable {
    // What the channel may do: copied out of the plan, so that no tick copies a whole table of limits.
    let search: AuthorizedDose?
    package let treatment: AuthorizedDose?
    let riseLimitMicroamperesPerSecond: Int64
    let titrationLimit: Int64
    /// On the bench: what a press of the raise key leads to.
    let levels: BenchLevels?
    let searchIsContractions: Bool
    let treatmentIsContractions: Bool

    public internal(set) var state = ChannelState.off
    public internal(set) var part: PlanPart
    public internal(set) var setMicroamperes: Int32 = 0
    /// Highest acknowledged amplitude of this run.
    package internal(set) var feltMicroamperes: Int32 = 0
    /// Amplitude of the last acknowledged pulse of this run.
    package internal(set) var lastFeltMicroamperes: Int32 = 0
    public internal(set) var run: Int32 = 0
    /// Whether a pause interrupted it, so that a resume starts it again.
    package internal(set) var resumes = false

    /// Milliseconds left of the ramp, plateau, rest or train that is running.
    public internal(set) var phaseRemaining: Int32 = 0
    /// A train that a pause interrupted goes on with what was left.
    package internal(set) var trainRemaining: Int32 = 0
    /// Milliseconds into the burst interval, or into the dense-disperse cycle.
    package internal(set) var patternElapsed: Int32 = 0
    public internal(set) var titrating = false
    public internal(set) var titrationContractions: Int32 = 0
    public internal(set) var countedContractions: Int32 = 0
    package internal(set) var schedule = PulseSchedule()

    /// Since the run began, since the last raise, and since the last pulse was asked for that carried it: the gate
    /// counts from pulse to pulse.
    package internal(set) var sinceRaise: Int32 = 0
    package internal(set) var sincePress: Int32 = 0
    /// Since a pulse was asked for, and whether this run has had one.
    package internal(set) var sincePulse: Int32 = 1_000_000
    package internal(set) var runHasPulse = false
    /// A pulse was asked for and not yet answered; and the set amplitude fell since, so that its answer says nothing of
    /// what was raised to after that.
    package internal(set) var isAnswerDue = false
    /// The part to which the last pulse belonged: a treatment may begin before the search's last answer is there.
    package internal(set) var askedPart = PlanPart.search
    package internal(set) var answerIsOfBefore = false

    /// The lowest that was marked in this session (`clinical.md` 2.3, step 5).
    public internal(set) var sensoryThreshold = Current.zero
    public internal(set) var motorThreshold = Current.zero
    public internal(set) var motorMarks: Int32 = 0
    public internal(set) var deliveredPulses: Int64 = 0
    /// Those of them that belonged to the treatment, not to a search.
    public internal(set) var treatmentPulses: Int64 = 0
    public internal(set) var unknownPulses: Int64 = 0
    public internal(set) var highestDelivered = Current.zero

    /// A channel that the plan does not have does nothing, for good.
    @_noLocks init(_ authorized: AuthorizedChannel?) {
        search = authorized?.search
        treatment = authorized?.treatment
        riseLimitMicroamperesPerSecond = authorized?.limits[.amplitudeRise].value ?? 0
        titrationLimit = authorized?.limits[.titrationContractions].value ?? 0
        levels = authorized?.levels
        searchIsContractions = (authorized?.search?.dose.contractionCount ?? 0) > 0
        treatmentIsContractions = (authorized?.treatment?.dose.contractionCount ?? 0) > 0
        part = authorized?.search == nil ? .treatment : .search
    }

    /// The dose that is running, or would run.
    public var dose: AuthorizedDose? {
        @_noLocks get {
            switch part {
            case .search: return search
            case .treatment: return treatment
            }
        }
    }

    /// The dose of the search, if there is one: what marked thresholds belong to.
    public var searchDose: Dose? { @_noLocks get { search?.dose } }

    /// The dose of the treatment, if there is one.
    public var treatmentDose: AuthorizedDose? { @_noLocks get { treatment } }

    /// Whether there is anything left that it might deliver in this session.
    var canDeliver: Bool {
        @_noLocks get { (search != nil || treatment != nil) && state != .stopped && state != .finished }
    }

    /// The most that may be set now: the ceiling of the dose, and on needles above 15 Hz strictly below 80 % (proposal)
    /// of the motor threshold marked in this session (`clinical.md` 1.8, H27).
    @_noLocks func ceilingMicroamperes(on grid: Current) -> Int32 {
        guard let authorized = dose else { return 0 }
        let ceiling = authorized.ceiling.microamperes
        guard authorized.dose.needsMotorThreshold, part == .treatment else { return ceiling }
        let below = Current(microamperes: Int32((Int64(motorThreshold.microamperes) * 80 - 1) / 100))
        return min(ceiling, below.rounded(towardZeroInStepsOf: grid).microamperes)
    }

    /// Whether its treatment still waits for a motor threshold.
    var lacksMotorThreshold: Bool {
        @_noLocks get { (treatment?.dose.needsMotorThreshold ?? false) && motorThreshold.microamperes <= 0 }
    }

    package var trainIsContractions: Bool {
        @inline(__always) @_noLocks get {
            switch part {
            case .search: return searchIsContractions
            case .treatment: return treatmentIsContractions
            }
        }
    }

    @_noLocks mutating func zeroAmplitude() {
        setMicroamperes = 0
        feltMicroamperes = 0
        lastFeltMicroamperes = 0
        answerIsOfBefore = isAnswerDue
    }

    /// One press, on the device's grid; on the bench as far as the next level, and nothing after the last.
    @_noLocks func stepMicroamperes(on grid: Current) -> Int32 {
        if let levels {
            guard let next = levels.next(after: Current(microamperes: setMicroamperes)) else { return 0 }
            return next.microamperes - setMicroamperes
        }
        return dose?.dose.amplitudeStep.rounded(towardZeroInStepsOf: grid).microamperes ?? 0
    }

    /// How long the set amplitude stands before it may rise by one step, also before the first step of a run; rounded
    /// up.
    @_noLocks func raiseGap(on grid: Current) -> Int32 {
        // Nobody feels it there: the rise limit is a person's.
        guard levels == nil else { return SessionMachine.heldKeyMilliseconds }
        let perSecond = max(1, riseLimitMicroamperesPerSecond)
        return Int32(clamping: max(250, (Int64(stepMicroamperes(on: grid)) * 1_000 + perSecond - 1) / perSecond))
    }

    // MARK: - Which pulse is due

    @_noLocks mutating func countTime() {
        sinceRaise = sinceRaise < 1_000_000 ? sinceRaise + 1 : sinceRaise
        sincePress = sincePress < 1_000_000 ? sincePress + 1 : sincePress
        sincePulse = sincePulse < 1_000_000 ? sincePulse + 1 : sincePulse
    }

    /// Whether a pulse now would be a whole period and a tick behind the last of the run before: within a run the
    /// schedule sees to that. A new run begins a schedule of its own, on the second channel half a period in.
    var keepsDistance: Bool {
        @_noLocks get {
            guard !runHasPulse else { return true }
            let rate = Int64(dose?.dose.frequency.millihertz ?? 0)
            return Int64(sincePulse) * rate >= 1_000_000 + rate
        }
    }

    @_noLocks mutating func notePulse() {
        sincePulse = 0
        runHasPulse = true
        isAnswerDue = true
        askedPart = part
    }

    /// Begins a train or a contraction: its first pulse is due in the next tick, or half a period later.
    @_noLocks mutating func restartPattern(_ dose: Dose, at place: ChannelPlace) {
        patternElapsed = 0
        schedule.restart(dose.frequency, halfPeriodLater: place == .second)
    }

    /// One millisecond of the pattern.
    /// - Returns: whether a pulse is due now.
    @_noLocks mutating func patternTick(_ dose: Dose, at place: ChannelPlace) -> Bool {
        switch dose.pattern {
        case .continuous, .contractions:
            return schedule.tick(dose.frequency)
        case .burst(_, let burst, let interval):
            if patternElapsed == 0 { restartPattern(dose, at: place) }
            let isInside = patternElapsed < burst
            patternElapsed = patternElapsed + 1 < interval ? patternElapsed + 1 : 0
            return isInside && schedule.tick(dose.frequency)
        case .denseDisperse(_, let dense, let sparseFrequency, let sparse):
            let isDense = patternElapsed < dense
            patternElapsed = patternElapsed + 1 < dense + sparse ? patternElapsed + 1 : 0
            return schedule.tick(isDense ? dose.frequency : sparseFrequency)
        }
    }

    /// The amplitude of a pulse that is due now, in µA, on the device's grid, rounded down.
    @_noLocks func dueAmplitude(_ dose: Dose, on grid: Current) -> Int32 {
        let set = Current(microamperes: setMicroamperes)
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

    // MARK: - What became of pulses

    @_noLocks mutating func noteDelivered(_ amplitude: Current) {
        deliveredPulses += 1
        if askedPart == .treatment { treatmentPulses += 1 }
        noteHighest(amplitude)
        guard !takeAnswer() else {
            // What was asked for before a fall, or in another run, says nothing of what is set now.
            lastFeltMicroamperes = 0
            return
        }
        lastFeltMicroamperes = amplitude.microamperes
        if amplitude.microamperes > feltMicroamperes { feltMicroamperes = min(amplitude.microamperes, setMicroamperes) }
    }

    /// A pulse was answered.
    /// - Returns: whether it was asked for before the set amplitude fell.
    @_noLocks @discardableResult mutating func takeAnswer() -> Bool {
        let isOfBefore = answerIsOfBefore
        isAnswerDue = false
        answerIsOfBefore = false
        return isOfBefore
    }

    @_noLocks mutating func noteHighest(_ amplitude: Current) {
        if amplitude.microamperes > highestDelivered.microamperes { highestDelivered = amplitude }
    }
}

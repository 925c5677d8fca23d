// Everything that a screen shows, gathered from snapshots and events; pure, so that a whole screen can be compared in a
// test. What is not known is shown as not known.
internal import CareModel
public import SafetyKernel
public import SessionEngine
public import StimulusModel

/// Who is treated by whom, with what.
public struct SessionHeader: Sendable {
    public let personID: String
    public let practitioner: String
    /// One for each channel.
    public let sides: [BodySide]
    /// One for each channel: the id of the treatment, or of a search alone.
    public let protocols: [String]

    public init(personID: String, practitioner: String, sides: [BodySide], protocols: [String]) {
        self.personID = personID
        self.practitioner = practitioner
        self.sides = sides
        self.protocols = protocols
    }
}

/// How often a threshold was marked on one channel.
struct MarkCount: Equatable, Sendable {
    var sensory = 0
    var motor = 0
}

public struct ScreenModel: Sendable {
    public let plan: AuthorizedPlan
    public let header: SessionHeader
    /// The rig's tolerance of late wake-ups, in ms: health is shown against it.
    let latenessToleranceMilliseconds: Int32

    /// Of each channel, the newest; the second stays empty in a session of one.
    public private(set) var statuses: [StatusSnapshot?] = [nil, nil]
    public private(set) var selected = ChannelPlace.first
    public private(set) var log = EventLog()
    public private(set) var alarms = AlarmBoard()
    public private(set) var isHelpShown = false
    /// In ms, of whoever shows the screen; only differences matter.
    public private(set) var now: Int64 = 0
    private(set) var marks = [MarkCount(), MarkCount()]
    private(set) var histories = [AmplitudeHistory(), AmplitudeHistory()]
    /// When the presence question must be answered, in the clock of `now`.
    private var presenceEnds: Int64?
    private var wasDelivering = false
    /// When pulses were not given, in the clock of `now`.
    private var lost: [Int64] = []
    private var ticksAhead: Int64 = 0

    public init(plan: AuthorizedPlan, header: SessionHeader, latenessToleranceMilliseconds: Int32) {
        self.plan = plan
        self.header = header
        self.latenessToleranceMilliseconds = latenessToleranceMilliseconds
    }

    // MARK: - What the screen asks

    public func status(_ place: ChannelPlace) -> StatusSnapshot? { statuses[place.index] }

    var selectedStatus: StatusSnapshot? { statuses[selected.index] }

    /// Whether needles are in the person.
    public var isNeedleSession: Bool { plan.capabilities.electrodeKind == .needle }

    /// What to say to a command before it is passed on; nothing for most.
    public func hint(_ command: OperatorCommand) -> String? {
        switch command {
        case .lower, .zero: return nothingToLower
        case .pause where statuses[0]?.state == .paused:
            return "already paused: stays paused, also when r was pressed just now"
        default: return nil
        }
    }

    /// When the selected channel has nothing that could be lowered while the other one delivers: a hand in haste took
    /// the wrong one.
    private var nothingToLower: String? {
        guard plan.channelCount > 1, let here = statuses[selected.index], here.setAmplitude == .zero else { return nil }
        let other: ChannelPlace = selected == .first ? .second : .first
        guard let there = statuses[other.index],
            there.setAmplitude.microamperes > 0
        else { return nil }
        return "\(name(selected)) is at 0 mA already; TAB selects \(name(other)), SPACE stops all"
    }

    /// `1 vmo`, as the practitioner calls a channel; with its side where both are of one muscle.
    func name(_ place: ChannelPlace) -> String {
        var name = "\(place.index + 1) \(muscle(place)?.name ?? "?")"
        if let first = muscle(.first), let second = muscle(.second), first == second { name += " \(side(place))" }
        return name
    }

    func muscle(_ place: ChannelPlace) -> TargetMuscle? {
        let channel = plan.channel(at: place)
        return (channel?.treatment ?? channel?.search)?.dose.muscle
    }

    func side(_ place: ChannelPlace) -> String {
        place.index < header.sides.count ? header.sides[place.index].name : ""
    }

    /// What a press that asks for more now is about.
    public func situation(_ place: ChannelPlace) -> DeliberateKeys.Situation? {
        statuses[place.index].map { DeliberateKeys.Situation($0.state, $0.channelState) }
    }

    /// The channel that a key selects; the one before where this session has no such channel.
    public func selection(_ place: ChannelPlace, after before: ChannelPlace) -> ChannelPlace {
        plan.channel(at: place) == nil ? before : place
    }

    /// The dose that a channel runs, or would run.
    public func dose(_ place: ChannelPlace) -> AuthorizedDose? {
        guard let channel = plan.channel(at: place) else { return nil }
        guard let part = statuses[place.index]?.part else { return channel.search ?? channel.treatment }
        return channel.dose(part)
    }

    /// Whether a treatment can still begin on some channel.
    var canTreat: Bool {
        [ChannelPlace.first, .second].contains { place in
            guard plan.channel(at: place)?.treatment != nil, let status = statuses[place.index] else { return false }
            return status.channelState != .stopped && status.channelState != .finished
        }
    }

    /// Milliseconds left to answer the presence question; nothing when it is not asked.
    var presenceLeft: Int64? { presenceEnds.map { max(0, $0 - now) } }

    // MARK: - What it is told

    /// Time goes on.
    public mutating func clock(_ milliseconds: Int64) {
        now = milliseconds
        guard !lost.isEmpty else { return }
        lost.removeAll { now - $0 > 10_000 }
        // Far fewer than raised it: no alarm that comes and goes.
        guard lost.count >= ScreenModel.lostPulses / 2 else { return alarms.clear(.pulsesLost) }
        if alarms.active(.pulsesLost) != nil { tellLost() }
    }

    public mutating func show(_ status: StatusSnapshot) {
        statuses[status.place.index] = status
        histories[status.place.index].add(set: status.setAmplitude, delivered: status.lastDeliveredNow, at: now)
        guard status.place == .first else { return }
        if status.fault == .none { wasDelivering = status.state.isDelivering }
        if status.fault != .none { raiseFault(status.fault) }
        // Half of what the rig tolerates is worth a look.
        if Int64(status.worstLatenessMicroseconds) > Int64(latenessToleranceMilliseconds) * 500 {
            alarms.raise(
                .timingPoor, .low,
                "this computer was \(status.worstLatenessMicroseconds / 1_000) ms late: close other programs", at: now)
        }
        let timeLeft = plan.limits[.sessionTime].value - Int64(status.treatmentMilliseconds)
        if status.state.isDelivering, timeLeft <= 60_000 {
            alarms.raise(
                .timeNearlyOver, .low,
                "the session ends in a minute: longest treatment time, set by "
                    + LimitText.owner(plan.limits[.sessionTime].setBy), at: now)
        }
        if status.state.isFinal || status.state == .stopping { withdrawPresence() }
    }

    /// - Returns: the event's line, where it has one and it was not just said.
    @discardableResult public mutating func take(_ event: SessionEvent, tick: Int64) -> String? {
        ticksAhead = tick - now
        note(event, tick: tick)
        let dose = self.dose(event.place)
        let text = SessionText.line(
            event, ceiling: dose?.ceiling ?? .zero, ceilingSetBy: dose?.ceilingSetBy ?? .absolute,
            isSearch: statuses[event.place.index]?.part == .search)
        guard let text else { return nil }
        let said = plan.channelCount > 1 && event.kind.isOfOneChannel ? "\(name(event.place)): \(text)" : text
        return log.add(said, at: tick, ScreenModel.style(event.kind)) ? said : nil
    }

    private mutating func note(_ event: SessionEvent, tick: Int64) {
        switch event.kind {
        case .thresholdMarked:
            if event.detail == 1 { marks[event.place.index].sensory += 1 } else { marks[event.place.index].motor += 1 }
        case .presenceAsked:
            presenceEnds = now + Int64(event.value) * 1_000
            alarms.raise(.presenceAsked, .medium, "ARE YOU THERE?", at: now)
        case .presenceMissed:
            withdrawPresence()
            alarms.raise(.presenceMissed, .medium, "nobody answered the presence question", at: now)
        case .checkInAsked:
            alarms.raise(
                .checkInAsked, .medium, "CHECK-IN: pain? dizzy? skin? press c when all is well",
                advice: ["d fainting, n broken or bent needle, s strong pain: each stops first."], at: now)
        case .checkInAnswered: alarms.clear(.checkInAsked)
        case .stateChanged:
            // A question that a pause or an end cut off needs no answer.
            if SessionState(rawValue: UInt8(clamping: event.value)) == .paused { alarms.clear(.checkInAsked) }
        case .checkInMissed:
            alarms.clear(.checkInAsked)
            alarms.raise(.presenceMissed, .medium, "nobody answered the check-in", at: now)
        case .fault:
            if let cause = FaultCause(rawValue: UInt8(clamping: event.value)) { raiseFault(cause) }
        case .notDelivered, .pulseSkipped: notGiven(1)
        case .pulsesDropped: notGiven(event.value)
        default: break
        }
    }

    /// One pulse that is not given happens; ten in ten seconds are a train that starves (proposal).
    private static let lostPulses = 10

    private mutating func notGiven(_ pulses: Int32) {
        // More say no more than a thousand.
        for _ in 0..<max(0, min(Int(pulses), 1_000 - lost.count)) { lost.append(now) }
        guard lost.count >= ScreenModel.lostPulses else { return }
        tellLost()
    }

    private mutating func tellLost() {
        let count = lost.count < 1_000 ? "\(lost.count)" : "1000 and more"
        alarms.raise(
            .pulsesLost, .low, "\(count) pulses of the last 10 s were not given",
            advice: [
                "This computer was late, or the stimulator refused them: close other programs, look at its screen."
            ],
            at: now)
    }

    private mutating func raiseFault(_ cause: FaultCause) {
        let guide = FaultGuide.entry(for: cause)
        alarms.raise(
            .fault, AlarmRule.priority(cause, wasDelivering: wasDelivering), guide.title,
            advice: ["What happened: \(guide.whatHappened)", "What to do: \(guide.whatToDo)"], at: now)
    }

    private mutating func withdrawPresence() {
        presenceEnds = nil
        alarms.clear(.presenceAsked)
    }

    /// The console's own words.
    @discardableResult public mutating func say(_ text: String) -> Bool {
        log.add(text, at: max(0, now + ticksAhead), .bold)
    }

    /// A key that went to the loop: whoever presses one is there.
    /// - Parameter moment: when it was pressed, in the clock of `now`, where it waited since: it is no answer to what
    ///   was missed meanwhile.
    public mutating func answered(pressedAt moment: Int64? = nil) {
        withdrawPresence()
        if let missed = alarms.active(.presenceMissed), missed.since <= moment ?? now { alarms.clear(.presenceMissed) }
        isHelpShown = false
    }

    public mutating func loop(isSilent: Bool) {
        guard isSilent else { return alarms.clear(.loopSilent) }
        alarms.raise(
            .loopSilent, .high, "THE CONTROL LOOP DOES NOT ANSWER: PRESS THE PATIENT'S BUTTON NOW",
            advice: ["Nothing that is typed here can be relied on. The button cuts the stimulator's power."], at: now)
    }

    /// The other channel, where there is one.
    public mutating func selectNext() { select(selected == .first ? .second : .first) }

    public mutating func select(_ place: ChannelPlace) {
        guard plan.channel(at: place) != nil else {
            say("this session has one channel")
            return
        }
        guard place != selected else { return }
        selected = place
        say("keys now act on \(name(place))")
    }

    public mutating func toggleHelp() { isHelpShown.toggle() }

    public mutating func mute() {
        alarms.mute(at: now)
        say(alarms.isMuted(at: now) ? "sound muted for two minutes; a new alarm sounds" : "no alarm: nothing to mute")
    }

    /// What is to be heard now.
    public mutating func sound() -> (pulse: Bool, burst: AlarmPriority?) { alarms.sound(at: now) }

    private static func style(_ kind: SessionEventKind) -> Style {
        switch kind {
        case .fault: return Style(.red, isBold: true)
        case .stopRequested, .presenceAsked, .presenceMissed, .checkInAsked, .checkInMissed, .deliveryUnknown,
            .channelStopped, .notDelivered:
            return Style(.yellow, isBold: true)
        case .commandRefused: return Style(.yellow)
        case .thresholdMarked: return Style(.green)
        default: return .plain
        }
    }
}

extension SessionEventKind {
    /// Whether its place says anything: the others are about the session.
    var isOfOneChannel: Bool {
        switch self {
        case .raised, .lowered, .commandRefused, .thresholdMarked, .contractionBegan, .titrationEnded, .runBegan,
            .pulseSkipped, .deliveryUnknown, .setAmplitudeClipped, .notDelivered, .channelStopped,
            .channelStateChanged, .channelFinished:
            return true
        case .none, .stateChanged, .stopRequested, .fault, .ticksMissed, .pulsesDropped, .presenceAsked,
            .presenceMissed, .checkInAsked, .checkInAnswered, .checkInMissed:
            return false
        }
    }
}

extension StatusSnapshot {
    /// What reaches the patient through this channel at this moment: nothing, outside the states in which pulses run.
    public var lastDeliveredNow: Current {
        guard state.isDelivering, channelState.hasPulses, setAmplitude.microamperes > 0 else { return .zero }
        return lastDelivered
    }
}

// The judge: what must hold at the electrode, on the screen and in the records, whatever anybody does. Its arithmetic
// is its own: it counts presses, contractions, pulses and charge by itself, from what a person did and what the meter
// saw. Strength, charge, rise, rate, r.m.s. and balance of each pulse are the meter's law (`RigSimulator`); here is
// what follows from who pressed what, and when.
//
// Words: *open* = a person has asked for delivery, nobody has stopped it; *bound* = what may still arrive after a stop.
internal import RigSimulator
internal import SessionEngine
internal import StimulusModel
internal import VirtualHost

/// A rule that was broken.
public struct Finding: Equatable, Sendable, CustomStringConvertible {
    public let rule: String
    public let milliseconds: Int64
    public let text: String

    public var description: String { "\(rule) at \(milliseconds) ms: \(text)" }
}

struct Judge {
    let spec: PlanSpec
    let isNeedle: Bool
    /// What may still arrive after a stop, in ms.
    let bound: Int64
    var channels: [ChannelCase]
    /// The same of the process before this one, as long as this one has delivered nothing: what was on its way when
    /// that one died is judged by what that one was about.
    var before: (channels: [ChannelCase], isSearch: Bool)?
    private(set) var findings: [Finding] = []

    private var isArmed = false
    private var isAsked = false
    private var isOpen = false
    var isSearch = false
    var wasOpened = false
    private var baseCharge: Int64 = 0
    private var basePulses: Int64 = 0
    private var seenPulses: Int64 = 0
    private var seenViolations: Int64 = 0
    private var seenByRule: [String: Int64] = [:]
    /// By then the session must be on its way out, and why.
    private var mustStopBy = Int64.max
    private var mustStopWhy = ""
    private var finalSince: Int64?
    private var wasBalanced = false
    private var absentTicks = 0
    /// Line or device hold back: since when, without a gap, and until when; in ms.
    var heldFrom: Int64 = 0
    var heldUntil: Int64 = 0
    /// The line has doubled packets, so what may come after a stop may come twice.
    var lineDoubles = false
    private var emergencyStopIsPressed = false
    private var pinsWork = true
    /// Stop paths of the board that are broken, and those that were when it was armed.
    private var brokenPaths: Set<NeedleFaultKind> = []
    private var brokenAtArming: Set<NeedleFaultKind> = []
    /// The last sign of a person, and the last command of all: a key that is held is no such sign.
    private var lastKey: Int64 = 0
    private var lastCommand: (OperatorCommand, Int64) = (.none, 0)
    /// When the key to arm was pressed while the screen still showed nothing to arm.
    private var armedFromIdleAt = Int64.min
    /// Of this session's treatment, in ms, as far as the patient has not been asked since.
    private var treated: Int64 = 0
    private var lastLook: Int64 = 0
    private var liveWasFound = false

    static let findingsKept = 8

    init(_ spec: PlanSpec, holding: Int64) {
        self.spec = spec
        isNeedle = spec.kind == .needle
        // P24: USB's frame wait, the device's own time and jitter (decided, P24: 1 ms each), and two ticks. Needles: an
        // edge of the tick before, the board's look and the Pulse Pal's cycle.
        bound = (isNeedle ? 2 : 5) + holding
        channels = (0..<2).map { place in
            var channel = ChannelCase()
            channel.search = spec.law(place, isSearch: true)
            channel.treatment = spec.law(place, isSearch: false)
            return channel
        }
    }

    mutating func find(_ rule: String, _ now: Int64, _ text: String) {
        // Of each rule apart: what the world explains must not hide what it does not.
        guard findings.count(where: { $0.rule == rule }) < Judge.findingsKept else { return }
        findings.append(Finding(rule: rule, milliseconds: now, text: text))
    }

    /// Findings that the world's own faults explain are taken out again.
    mutating func keep(_ isKept: (Finding) -> Bool) { findings.removeAll { !isKept($0) } }

    // MARK: - What people and the world do

    /// The line or the device holds things back for so long, from now on.
    mutating func worldHoldsBack(from now: Int64, until moment: Int64) {
        if now > heldUntil { heldFrom = now }
        heldUntil = max(heldUntil, moment)
        for index in 0..<2 {
            channels[index].holdBack(from: now, until: moment)
            before?.channels[index].holdBack(from: now, until: moment)
        }
    }

    mutating func pins(work: Bool, at now: Int64) {
        pinsWork = work
        if !work { mustStop(now + 3, "the pins can be neither read nor written") }
    }

    /// What happens to the board.
    mutating func board(_ kind: NeedleFaultKind) {
        switch kind {
        case .relayWelded, .enableStuck, .relayDriverShorted, .heartbeatStuck: brokenPaths.insert(kind)
        case .boardRepaired: brokenPaths = []
        default: return
        }
    }

    /// A plan that the law does not allow was authorized.
    mutating func authorized(_ what: String) { find("refusal", 0, "authorized: \(what)") }

    mutating func emergencyStop(isPressed: Bool, at now: Int64) {
        emergencyStopIsPressed = isPressed
        if isPressed { mustStop(now + 20, "the emergency stop is pressed") }
    }

    mutating func button(held span: Int64, at now: Int64) {
        if span >= 100 { mustStop(now + 25, "the patient's button is pressed") }
    }

    mutating func mustStop(_ by: Int64, _ why: String) {
        guard by < mustStopBy else { return }
        mustStopBy = by
        mustStopWhy = why
    }

    /// What the hands do in the tick that ends at `now`, and what the screen showed before it.
    mutating func hands(_ hands: Hands, _ world: any SoakWorld, at now: Int64) {
        let state = world.state
        if hands.stop != .none {
            close(at: now)
            mustStop(now + 1, "a stop was asked for (\(hands.stop))")
        }
        if hands.hostFault != .none {
            close(at: now)
            mustStop(now + 1, "the host found \(hands.hostFault)")
        }
        for index in 0..<2 where hands.channelStops >> UInt8(index) & 1 == 1 {
            channels[index].isStoppedAlone = true
            channels[index].close(at: now, quiet: quiet(now))
        }
        key(hands.command, hands.place, world, state, at: now, lateBy: Int64(hands.late))
    }

    /// - Parameter late: the host overslept so long before it saw the key, which was pressed since the tick before. For
    ///   the distance to the next press the earliest of these moments counts.
    private mutating func key(
        _ command: OperatorCommand, _ place: ChannelPlace, _ world: any SoakWorld, _ state: SessionState, at now: Int64,
        lateBy late: Int64
    ) {
        let index = place.index
        let isHeld = command == lastCommand.0 && now - lastCommand.1 < 250
        if command != .none {
            lastCommand = (command, now - late)
            if !isHeld { lastKey = now }
        }
        switch command {
        case .arm:
            // Shown as idle, cleared in this very tick, and then armed by this key: the look that follows tells.
            if state == .idle { armedFromIdleAt = now }
            guard state == .cleared else { return }
            arm()
        case .beginSearch, .beginTreatment:
            guard state == .armed else { return }
            isAsked = true
            isSearch = command == .beginSearch
            treated = 0
        case .resume: if state == .paused { isAsked = true }
        case .pause:
            if state.isDelivering { close(at: now) }
            // The last word: a resumption that is under way is over.
            if state == .paused { isAsked = false }
        case .endTitration:
            guard world.isTitrating(place), !channels[index].titrationIsOver else { return }
            channels[index].titrationIsOver = true
            channels[index].isSpared = !isInGroup(index, now * 1_000_000) && world.channelState(place).isContraction
        case .raise: press(index, world.channelState(place), at: now, lateBy: late)
        case .lower: fall(index, to: max(0, world.shown(place) - step(index)), at: now)
        case .zero: fall(index, to: 0, at: now)
        case .markMotor:
            if state == .searching { channels[index].marked = max(channels[index].marked, world.shown(place)) }
        // The next question comes five minutes later.
        case .checkedIn: if treated >= 59_990, !isHeld { treated = -240_000 }
        case .endSearch, .markSensory, .present, .none: return
        }
    }

    private mutating func arm() {
        isArmed = true
        brokenAtArming = brokenPaths
    }

    private mutating func endTitration() {
        for index in 0..<2 { channels[index].titrationIsOver = true }
    }

    func law(_ index: Int) -> TrainLaw? { isSearch ? channels[index].search : channels[index].treatment }

    private func step(_ index: Int) -> Int32 { law(index)?.step ?? 0 }

    /// One press is one step, on a running plateau or train, and a held key is none.
    private mutating func press(_ index: Int, _ state: ChannelState, at now: Int64, lateBy late: Int64) {
        let since = now - channels[index].pressedAt
        channels[index].lastPress = now
        channels[index].pressedAt = now - late
        channels[index].pressedFrom = channels[index].allowed
        guard state == .holding || state == .searching, since >= 250 else { return }
        channels[index].allowed += step(index)
    }

    private mutating func fall(_ index: Int, to most: Int32, at now: Int64) {
        guard most < channels[index].allowed else { return }
        channels[index].allowedBefore =
            isOnItsWay(index, now)
            ? max(channels[index].allowedBefore, channels[index].allowed) : channels[index].allowed
        channels[index].fellAt = now
        channels[index].allowed = most
    }

    /// Whether what was sent before the last fall may still arrive at `moment`, in ms: what line or device hold back
    /// was on its way when they began to, or came later.
    func isOnItsWay(_ index: Int, _ moment: Int64) -> Bool {
        let fellAt = channels[index].fellAt
        return moment - fellAt <= bound || fellAt + bound >= heldFrom && moment <= heldUntil
    }

    private func quiet(_ now: Int64) -> Int64 { max(now + bound, heldUntil) * 1_000_000 }

    private mutating func close(at now: Int64) {
        guard isOpen else { return }
        isOpen = false
        for index in 0..<2 { channels[index].close(at: now, quiet: quiet(now)) }
    }

    private mutating func open(_ world: any SoakWorld) {
        isOpen = true
        isAsked = false
        for index in 0..<2 {
            channels[index].open(at: world.milliseconds)
            fall(index, to: 0, at: world.milliseconds)
            if !isSearch { channels[index].runs += 1 }
        }
        if !brokenAtArming.isEmpty {
            find(
                "proof", world.milliseconds,
                "it delivers, armed with \(brokenAtArming.map(\.name).sorted()) on the board")
        }
        guard !wasOpened else { return }
        wasOpened = true
        before = nil
        baseCharge = world.meterCharge
        basePulses = world.pulseCount
    }

    // MARK: - The process ends and another begins

    /// The host does nothing any more, killed or halted, until it is started anew.
    mutating func killed(at now: Int64) {
        close(at: now)
        for index in 0..<2 { channels[index].close(at: now, quiet: quiet(now)) }
    }

    /// What the record that a later start reads claims at the most.
    mutating func recordClaims(_ claims: Int64, _ world: any SoakWorld) {
        guard wasOpened else { return }
        let delivered = world.meterCharge - baseCharge
        if claims + 1_000 < delivered {
            find("record", world.milliseconds, "the file claims \(claims) pC at the most, \(delivered) pC arrived")
        }
    }

    mutating func restarted(_ world: any SoakWorld) {
        // A process that delivered nothing has left nothing on its way.
        if wasOpened { before = (channels, isSearch) }
        isArmed = false
        isAsked = false
        isOpen = false
        wasOpened = false
        isSearch = false
        finalSince = nil
        liveWasFound = false
        wasBalanced = false
        absentTicks = 0
        mustStopBy = Int64.max
        lastLook = world.milliseconds
        for index in 0..<2 {
            var fresh = ChannelCase()
            fresh.search = channels[index].search
            fresh.treatment = channels[index].treatment
            channels[index] = fresh
        }
        if emergencyStopIsPressed { mustStop(world.milliseconds + 30, "the emergency stop is pressed") }
    }

    // MARK: - After each tick

    mutating func look(_ world: any SoakWorld) {
        let now = world.milliseconds
        let state = world.state
        lookAtState(world, state, now)
        lookAtScreen(world, now)
        lookAtMeter(world)
    }

    /// What arrived since the last look; all that there is to see while the host is dead.
    mutating func lookAtMeter(_ world: any SoakWorld) {
        let now = world.milliseconds
        if world.pulseCount != seenPulses {
            let before = seenPulses
            seenPulses = world.pulseCount
            var fresh: [SeenPulse] = []
            world.forEachPulse(after: before) { fresh.append($0) }
            for pulse in fresh { judge(pulse, now) }
            lookAtAccounts(world, now)
        }
        for index in 0..<2 where channels[index].isSpared {
            channels[index].isSpared = world.channelState(index == 0 ? .first : .second).isContraction
        }
        if world.violationCount != seenViolations {
            let fresh = world.violations().dropFirst(Int(seenViolations))
            seenViolations = world.violationCount
            for violation in fresh { find(violation.rule, violation.at / 1_000_000, violation.text) }
            // The meter keeps the first of them and counts all.
            world.forEachBrokenRule { rule, count in
                if count > seenByRule[rule] ?? 0, !fresh.contains(where: { $0.rule == rule }) {
                    find(rule, now, "for the \(count). time")
                }
                seenByRule[rule] = count
            }
        }
    }

    private mutating func lookAtState(_ world: any SoakWorld, _ state: SessionState, _ now: Int64) {
        let isLeaving = state == .stopping || state.isFinal
        if state == .armed, !isArmed, armedFromIdleAt == now { arm() }
        if state == .armed, !isArmed { find("arming", now, "armed without a person's key") }
        if state.isDelivering, !isOpen {
            if isAsked, isArmed, !isLeaving { open(world) } else { find("clearance", now, "it delivers unasked") }
        } else if isOpen, !state.isDelivering {
            close(at: now)
        }
        // In a search there is no titration that a pause could end.
        if state == .paused, !isSearch { endTitration() }
        if state != .paused { isAsked = false }
        // Unasked, it pauses; a question that a pause cut off comes back with the treatment, and has its half minute.
        if state == .paused { treated = min(max(treated, 0), 60_000) }
        if isLeaving {
            mustStopBy = Int64.max
        } else if now > mustStopBy {
            find("stop", now, "\(mustStopWhy), and the session is \(state)")
            mustStopBy = Int64.max
        }
        absentTicks = world.isPresent ? 0 : absentTicks + 1
        if absentTicks == 20, !isLeaving { find("stop", now, "the device is gone, and the session is \(state)") }
        guard state.isFinal else {
            finalSince = nil
            if state.isDelivering { lookAtPresence(state, now) }
            lastLook = now
            return
        }
        isArmed = false
        lookAtEnd(world, state, now)
    }

    /// Nobody there for five minutes and half a minute more, or a patient on needles whom nobody asks: it pauses.
    private mutating func lookAtPresence(_ state: SessionState, _ now: Int64) {
        if now - lastKey >= 331_000 {
            find("presence", now, "nobody pressed a key for 331 s, and it delivers")
            lastKey = now
        }
        guard isNeedle, !isSearch else { return }
        treated += now - lastLook
        guard treated >= 92_000 else { return }
        find("presence", now, "92 s on needles, and nobody asked the patient")
        treated = -240_000
    }

    private mutating func lookAtEnd(_ world: any SoakWorld, _ state: SessionState, _ now: Int64) {
        guard let since = finalSince else {
            finalSince = now
            // Closed means verified off, whatever the world does.
            if state == .closed, world.isLive { find("closed", now, "closed, and the output is live") }
            return
        }
        if world.enables, now - since >= 2 { find("enable", now, "the session is over and enable is high") }
        if world.isLive, world.isPresent || isNeedle, now - since >= (isNeedle ? 70 : 1_500), !liveWasFound {
            liveWasFound = true
            find("live", now, isNeedle ? "the relay is closed after the end" : "high voltage is on after the end")
        }
        guard now - since >= 700, !wasBalanced else { return }
        wasBalanced = true
        balance(world, now)
    }

    /// Everything that is under way has been accounted for.
    private mutating func balance(_ world: any SoakWorld, _ now: Int64) {
        guard wasOpened else { return }
        let arrived = world.pulseCount - basePulses
        if world.accounted < arrived {
            find("record", now, "\(arrived) pulses arrived, \(world.accounted) are counted")
        }
    }

    /// The host was dead or halted for so long: what hangs on its heartbeat must have opened.
    mutating func lookAfterSilence(_ world: any SoakWorld, of span: Int64) {
        guard isNeedle, span >= 70, world.isLive else { return }
        find("live", world.milliseconds, "the relay is closed \(span) ms after the host fell silent")
    }

    /// The screen shows no more than the presses allow; what it shows less of must not come any more.
    private mutating func lookAtScreen(_ world: any SoakWorld, _ now: Int64) {
        for index in 0..<spec.channelCount {
            let shown = world.shown(index == 0 ? .first : .second)
            if shown > channels[index].allowed {
                find("set", now, "\(shown) µA are set, the presses allow \(channels[index].allowed)")
                channels[index].allowed = shown
            } else if channels[index].lastPress == now, shown == channels[index].pressedFrom {
                // The press was refused: what it would have allowed was never set.
                channels[index].allowed = shown
            } else if shown < channels[index].allowed {
                fall(index, to: shown, at: now)
            }
        }
    }

    private mutating func lookAtAccounts(_ world: any SoakWorld, _ now: Int64) {
        guard wasOpened else { return }
        let delivered = world.meterCharge - baseCharge
        if world.charged + 1_000 < delivered {
            find("record", now, "\(delivered) pC arrived, the host counts \(world.charged)")
        }
        let arrived = world.pulseCount - basePulses
        if world.accounted + Int64(spec.channelCount) < arrived {
            find("record", now, "\(arrived) pulses arrived, the host counts \(world.accounted)")
        }
    }
}

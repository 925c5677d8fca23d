// One world from its first millisecond to its last: drawn from a seed, or played from a script.
internal import RigControl
internal import RigSimulator
internal import SafetyKernel
internal import SessionEngine
internal import SessionRecords
internal import StimulusModel
internal import VirtualHost

/// What became of one world.
public struct SoakOutcome: Sendable {
    public internal(set) var script: SoakScript
    public internal(set) var temper = "script"
    public internal(set) var findings: [Finding] = []
    /// The trace of everything that left the host, and of what arrived.
    public internal(set) var hash: UInt64 = 0
    public internal(set) var milliseconds: Int64 = 0
    /// Of them, in a session between arming and its end.
    public internal(set) var treatmentMilliseconds: Int64 = 0
    public internal(set) var deliveringMilliseconds: Int64 = 0
    public internal(set) var pulses: Int64 = 0
    public internal(set) var sessions = 1
    public internal(set) var closed = 0
    public internal(set) var faulted = 0
    public internal(set) var kills = 0
    public internal(set) var recordsRead = 0
    public internal(set) var causes: Set<UInt8> = []
    /// How often each fault fired in which state of the session.
    public internal(set) var coverage: [String: [Int64]] = [:]
    /// Moments, as a person reads them; only when asked for.
    public internal(set) var log: [String] = []
}

public final class SoakRun {
    private let spec: PlanSpec
    private let world: any SoakWorld
    private var judge: Judge
    private var outcome: SoakOutcome
    private var draws: SoakDraws?
    private var player: ScriptPlayer
    private var record: SoakRecord?
    private var desk: NeedleDesk?
    private var claimed: JournalCharge
    private let opening: SessionOpening
    private var wallOffset: Int64 = 0
    private var late: Int32 = 0
    /// When each fault fired first, and last; and those that were over once.
    private var fired: [String: Int64] = [:]
    private var latest: [String: Int64] = [:]
    private var forgotten: Set<String> = []
    private var counts: [String: Int64] = [:]
    private var firedBefore: Int64 = 0
    private var stateBefore = SessionState.idle
    private var hostFault = FaultCause.none
    private let keepsLog: Bool
    private let stopsAtFinding: Bool
    /// In a swarm the events are kept, so that a finding can be made shorter.
    private var kept: [TimedEvent] = []

    private init(_ script: SoakScript, _ draws: SoakDraws?, keepsLog: Bool, stopsAtFinding: Bool) throws {
        spec = PlanTable.plan(script.rig, script.plan)
        let plan = try spec.authorize()
        world = script.rig == .p24 ? try PadWorld(script, spec) : try NeedleSoakWorld(script, spec)
        judge = Judge(spec, holding: SoakRun.holding(script))
        outcome = SoakOutcome(script: script)
        self.draws = draws
        player = ScriptPlayer(script)
        opening = spec.opening(sessionID: "20261122-093512-00000a", limits: RecordedLimit.all(plan))
        claimed = JournalCharge(opening)
        self.keepsLog = keepsLog
        self.stopsAtFinding = stopsAtFinding
        if script.hasDisk { record = SoakRecord(opening, at: 0) }
        if script.rig == .needle, let seed = script.needleLedger {
            desk = try NeedleDesk(seed: seed, channels: spec.channelCount)
        }
        if let draws { outcome.temper = draws.temper.rawValue }
        for what in RefusedPlans.authorized(Int(script.rigSeed % 1_000)) { judge.authorized(what) }
    }

    /// How long line and device may hold a pulse back that was on its way when a stop came.
    private static func holding(_ script: SoakScript) -> Int64 {
        // Needles are triggered by pins, which no line holds back.
        guard script.rig == .p24 else { return 0 }
        var most: Int64 = 0
        for chance in script.chances {
            switch (chance.place, chance.kind) {
            case (.toDevice, .packetDelayed): most = max(most, script.longestDelay)
            case (.toDevice, .latencySpike): most = max(most, 36)
            case (.toDevice, .packetsReordered): most = max(most, 2_000)
            case (.device, .deviceStuck): most = max(most, script.stuckMilliseconds)
            default: continue
            }
        }
        return most
    }

    /// Draws the world of a seed and runs it.
    /// - Parameter length: instead of the seed's own length, in ms.
    public static func run(
        seed: UInt64, length: Int64? = nil, keepsLog: Bool = false, stopsAtFinding: Bool = false
    ) throws -> SoakOutcome {
        let draws = SoakDraws(seed: seed, length: length)
        let run = try SoakRun(draws.script, draws, keepsLog: keepsLog, stopsAtFinding: stopsAtFinding)
        return try run.run()
    }

    /// Plays a script.
    public static func run(
        _ script: SoakScript, keepsLog: Bool = false, stopsAtFinding: Bool = false
    ) throws -> SoakOutcome {
        try SoakRun(script, nil, keepsLog: keepsLog, stopsAtFinding: stopsAtFinding).run()
    }

    private func run() throws -> SoakOutcome {
        let length = outcome.script.milliseconds
        desk?.begin()
        takeNeedles()
        while world.milliseconds < length {
            try tick()
            if stopsAtFinding, !judge.findings.isEmpty { break }
        }
        desk?.finish()
        takeNeedles()
        explain()
        outcome.findings = judge.findings
        if !world.state.isFinal, outcome.findings.isEmpty, draws != nil {
            outcome.findings.append(Finding(rule: "end", milliseconds: length, text: "not over: \(world.state)"))
        }
        readBack()
        explain()
        outcome.findings = outcome.findings.isEmpty ? judge.findings : outcome.findings
        noteEnd()
        outcome.milliseconds = world.milliseconds
        outcome.pulses = world.pulseCount
        var trace = world.trace
        trace.take(world.pulseCount)
        trace.take(world.meterCharge)
        if let desk { trace.take(Int64(bitPattern: desk.trace.value)) }
        outcome.hash = trace.value
        if draws != nil { outcome.script.events = kept }
        return outcome
    }

    // MARK: - One millisecond

    private func tick() throws {
        let now = world.milliseconds + 1
        let events = draws?.events(world, at: now) ?? player.events(at: now)
        var hands = Hands()
        for event in events {
            if draws != nil { kept.append(TimedEvent(at: now, event)) }
            say(now, event)
            try apply(event, &hands, at: now)
        }
        if hostFault != .none, hands.hostFault == .none { hands.hostFault = hostFault }
        let moment = world.milliseconds + 1 + Int64(hands.late)
        judge.hands(hands, world, at: moment)
        world.tick(hands)
        world.drain { block in
            claimed.take(block)
            record?.take(block)
        }
        if let record { hostFault = record.run(at: world.milliseconds) }
        judge.look(world)
        follow()
        if !judge.findings.isEmpty { explain() }
    }

    private func follow() {
        let state = world.state
        switch state {
        case .searching, .rampingUp, .holding, .rampingDown, .resting:
            outcome.treatmentMilliseconds += 1
            outcome.deliveringMilliseconds += 1
        case .armed, .paused, .stopping: outcome.treatmentMilliseconds += 1
        default: break
        }
        noteFaults()
        guard state != stateBefore else { return }
        if keepsLog {
            let why = world.fault == .none ? "" : " (\(world.fault))"
            outcome.log.append("\(world.milliseconds)\t  \(stateBefore) → \(state)\(why)")
        }
        stateBefore = state
        guard state.isFinal else { return }
        checkClaims()
        desk?.count()
        takeNeedles()
    }

    private func takeNeedles() {
        guard let (findings, notes) = desk?.take() else { return }
        for finding in findings { judge.find("needles", world.milliseconds, finding) }
        for name in notes { note(name, 1) }
        guard keepsLog else { return }
        for name in notes { outcome.log.append("\(world.milliseconds)\t\(name)") }
    }

    /// What was written down up to the end claims no less than what arrived.
    private func checkClaims() { judge.recordClaims(claimed.picocoulombs, world) }

    private func explain() {
        noteFaults()
        let (fired, rig) = (fired, outcome.script.rig)
        judge.keep { !Loosening.isExplained($0, fired: fired, on: rig) }
    }

    private func say(_ now: Int64, _ event: SoakEvent) {
        guard keepsLog else { return }
        outcome.log.append("\(now)\t\(event.text)")
    }

    // MARK: - What happens

    private func apply(_ event: SoakEvent, _ hands: inout Hands, at now: Int64) throws {
        switch event {
        case .key(let command, let place):
            hands.command = command
            hands.place = place
        case .stop(let cause): hands.stop = cause
        case .stopChannel(let place): hands.channelStops |= place == .first ? 1 : 2
        case .late(let span):
            note("late", 1)
            hands.late = span
            if span >= 50 { hands.hostFault = .late }
        case .suspend(let span):
            note("suspend", 1)
            judge.killed(at: now)
            world.suspend(span)
            judge.lookAfterSilence(world, of: span)
            hands.hostFault = .suspended
        case .kill(let span): try kill(span, at: now)
        case .wallClock(let seconds):
            note("wall clock set", 1)
            wallOffset += seconds
            record?.wallOffset = wallOffset
        case .disk(let disk):
            note("disk \(disk)".split(separator: "(").first.map(String.init) ?? "disk", 1)
            record?.happen(disk)
        default: happen(event, at: now)
        }
    }

    private func happen(_ event: SoakEvent, at now: Int64) {
        switch event {
        case .fault(let name):
            if name == "line-blocked" || name == "device-stuck" {
                judge.worldHoldsBack(from: now, until: now + FaultCatalogue.lastsMilliseconds + 20)
            }
            if name == "packet-delayed-to-device" || name == "packets-reordered-to-device" {
                judge.worldHoldsBack(from: now, until: now + FaultCatalogue.lastsMilliseconds + 230)
            }
        case .emergencyStop(let isPressed):
            note("emergency stop", isPressed ? 1 : 0)
            judge.emergencyStop(isPressed: isPressed, at: now)
        case .button(let span):
            note("patient button", 1)
            if spec.kind == .needle { judge.button(held: span, at: now) }
        case .pins(let work):
            note("pins lost", work ? 0 : 1)
            judge.pins(work: work, at: now)
        case .needleFault(let kind, _, _):
            judge.board(kind)
            guard kind == .boardRepaired else { break }
            explain()
            forget(Loosening.endWithRepair)
        default: break
        }
        world.happen(event)
    }

    /// The process dies; the world goes on; somebody starts another, on the records that are there.
    private func kill(_ span: Int64, at now: Int64) throws {
        note("kill", 1)
        noteEnd()
        judge.killed(at: now)
        desk?.die()
        checkClaims()
        readBack()
        world.freeze(max(1, span))
        judge.lookAfterSilence(world, of: span)
        judge.lookAtMeter(world)
        var waited: Int64 = 0
        while !world.isPresent, waited < 3_000 {
            world.freeze(50)
            waited += 50
        }
        // What arrived meanwhile had been asked for, and that stands in the journal.
        checkClaims()
        judge.restarted(world)
        explain()
        forget(Loosening.endWithProcess, ifOlderThan: 4_000)
        world.restart(try spec.authorize())
        outcome.sessions += 1
        outcome.kills += 1
        claimed = JournalCharge(opening)
        hostFault = .none
        if record != nil {
            record = SoakRecord(opening, at: world.milliseconds)
            record?.wallOffset = wallOffset
        }
        stateBefore = .idle
        desk?.begin()
        takeNeedles()
    }

    private func noteEnd() {
        if world.state == .closed { outcome.closed += 1 }
        if world.state == .faulted {
            outcome.faulted += 1
            outcome.causes.insert(world.fault.code)
        }
    }

    private func readBack() {
        guard let record else { return }
        outcome.recordsRead += 1
        let (claims, findings) = record.readBack(tear: UInt64(world.milliseconds) &* 0x9E37_79B9)
        for finding in findings { judge.find("file", world.milliseconds, finding) }
        judge.recordClaims(claims, world)
    }

    // MARK: - Coverage

    private func note(_ name: String, _ times: Int64, first: Int64? = nil) {
        guard times > 0 else { return }
        latest[name] = world.milliseconds
        if fired[name] == nil {
            // One that was forgotten and fires again counts from now on.
            fired[name] = forgotten.contains(name) ? world.milliseconds : first ?? world.milliseconds
        }
        outcome.coverage[name, default: [Int64](repeating: 0, count: 12)][Int(world.state.code)] += times
    }

    /// What a fault explained is over: a later finding needs one that fires anew.
    private func forget(_ faults: Set<String>, ifOlderThan span: Int64 = 0) {
        for name in faults where world.milliseconds - (latest[name] ?? world.milliseconds) >= span {
            guard fired.removeValue(forKey: name) != nil else { continue }
            forgotten.insert(name)
        }
    }

    private func noteFaults() {
        let count = world.firedCount
        guard count != firedBefore else { return }
        firedBefore = count
        world.forEachFired { name, count, first in
            let before = counts[name] ?? 0
            guard count > before else { return }
            counts[name] = count
            note(name, count - before, first: first)
            if name == "packet repeated" { judge.lineDoubles = true }
        }
    }
}

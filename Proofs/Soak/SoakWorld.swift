// One host with one rig, whichever it is: what the run does to it and what the judge may look at. The judge sees the
// meter, the screen (what the host says of itself) and the records; never the host's own reasons.
internal import RigControl
internal import RigSimulator
internal import SafetyKernel
internal import SessionEngine
internal import StimulusModel
internal import VirtualHost

/// A pulse at the electrode, as far as the judge asks.
struct SeenPulse {
    let place: Int
    let start: Int64
    let peak: Int64
}

protocol SoakWorld: AnyObject {
    var milliseconds: Int64 { get }
    var state: SessionState { get }
    var condition: StimulatorCondition { get }
    var fault: FaultCause { get }
    var charged: Int64 { get }
    /// Pulses that the host counts as delivered or unknown.
    var accounted: Int64 { get }
    var trace: TraceHash { get }
    var isPresent: Bool { get }
    var pulseCount: Int64 { get }
    var meterCharge: Int64 { get }
    /// Broken rules of the meter so far.
    var violationCount: Int64 { get }
    /// Whether the output can reach the patient: the relay's contacts, or high voltage.
    var isLive: Bool { get }
    /// Whether the host asks for the relay; always false where there is none.
    var enables: Bool { get }
    func shown(_ place: ChannelPlace) -> Int32
    func channelState(_ place: ChannelPlace) -> ChannelState
    func isTitrating(_ place: ChannelPlace) -> Bool
    func forEachPulse(after count: Int64, _ look: (SeenPulse) -> Void)
    func violations() -> [SeenViolation]
    /// How often each rule of the meter was broken.
    func forEachBrokenRule(_ look: (String, Int64) -> Void)
    func tick(_ hands: Hands)
    func freeze(_ span: Int64)
    func suspend(_ span: Int64)
    func restart(_ plan: AuthorizedPlan)
    func drain(_ take: (WordBlock) -> Void)
    func happen(_ event: SoakEvent)
    /// How many faults fired.
    var firedCount: Int64 { get }
    /// How often each fault fired, by its name, and when for the first time, in ms.
    func forEachFired(_ look: (String, Int64, Int64) -> Void)
}

/// A broken rule of the meter.
struct SeenViolation {
    let rule: String
    let at: Int64
    let text: String
}

final class PadWorld: SoakWorld {
    private let session: VirtualSession
    // What the screen showed after the last tick: asked for many times in each.
    private(set) var state = SessionState.idle
    private var firstShown: Int32 = 0
    private var secondShown: Int32 = 0

    init(_ script: SoakScript, _ spec: PlanSpec) throws {
        var plan = FaultPlan(seed: script.rigSeed)
        for chance in script.chances {
            switch chance.place {
            case .toDevice: _ = plan.hostToDevice.setChance(of: chance.kind, perMillion: chance.perMillion)
            case .toHost: _ = plan.deviceToHost.setChance(of: chance.kind, perMillion: chance.perMillion)
            case .device: _ = plan.device.setChance(of: chance.kind, perMillion: chance.perMillion)
            }
        }
        plan.hostToDevice.longestDelayMilliseconds = max(1, script.longestDelay)
        plan.deviceToHost.longestDelayMilliseconds = max(1, script.longestDelay)
        plan.device.stuckMilliseconds = script.stuckMilliseconds
        var device = P24Configuration()
        if script.isNewDevice { device.stopFate = .cutsPulse }
        session = VirtualSession(
            plan: try spec.authorize(),
            rig: VirtualRigConfiguration(
                device: device, person: VirtualPerson(seed: script.rigSeed),
                rules: PadWorld.rules(spec, isHeldBack: script.holdsBack), faults: plan, seed: script.rigSeed))
    }

    /// The meter's law, from the same numbers as the judge's.
    private static func rules(_ spec: PlanSpec, isHeldBack: Bool) -> MeterRules {
        let cap = max(spec.law(0, isSearch: false)?.cap ?? 0, spec.law(0, isSearch: true)?.cap ?? 0)
        var rules = MeterRules(
            peakCapMicroamperes: max(cap, spec.law(1, isSearch: false)?.cap ?? 0),
            rateCapMillihertz: spec.fastestMillihertz, padSquareMillimetres: 2_500,
            // A line that holds packets back moves pulses against each other by as much as the host takes for ordinary.
            arrivalJitterMicroseconds: isHeldBack ? 6_000 : 2_000, recordCapacity: 64)
        let law = spec.law(0, isSearch: false)
        if let law, law.restMilliseconds > 0 {
            rules.contractionGapMilliseconds = max(1_500, law.restMilliseconds - 700)
        }
        if let second = spec.law(1, isSearch: false) {
            rules.setRules(
                ChannelRules(
                    peakCapMicroamperes: second.cap, rateCapMillihertz: spec.second?.millihertz ?? 0,
                    padSquareMillimetres: 2_500), channel: 2)
        }
        return rules
    }

    var milliseconds: Int64 { session.milliseconds }
    var condition: StimulatorCondition { session.control.condition }
    var fault: FaultCause { session.control.fault }
    var charged: Int64 { session.control.charged.picocoulombs }
    var accounted: Int64 { session.control.machine.deliveredPulses + session.control.machine.unknownPulses }
    var trace: TraceHash { session.trace }
    var isPresent: Bool { session.rig.isPresent }
    var pulseCount: Int64 { session.rig.body.meter.pulseCount }
    var meterCharge: Int64 { session.rig.body.meter.totalChargePicocoulombs }
    var violationCount: Int64 { session.rig.body.meter.violationCount }
    var isLive: Bool { session.rig.device.isHighVoltageOn }
    var enables: Bool { false }

    func shown(_ place: ChannelPlace) -> Int32 { place == .first ? firstShown : secondShown }

    private func readScreen() {
        let decision = session.lastDecision
        state = decision.state
        firstShown = decision.first.microamperes
        secondShown = decision.second.microamperes
    }

    func channelState(_ place: ChannelPlace) -> ChannelState { session.control.machine.channel(place).state }

    func isTitrating(_ place: ChannelPlace) -> Bool { session.control.machine.channel(place).titrating }

    func forEachPulse(after count: Int64, _ look: (SeenPulse) -> Void) {
        for number in max(count, pulseCount - 64)..<pulseCount {
            guard let pulse = session.rig.body.meter.pulse(number: number) else { continue }
            look(
                SeenPulse(
                    place: pulse.channel == 1 ? 0 : pulse.channel == 2 ? 1 : 2, start: pulse.startNanoseconds,
                    peak: Int64(pulse.peakMicroamperes)))
        }
    }

    func violations() -> [SeenViolation] {
        session.rig.body.meter.violations.map {
            SeenViolation(rule: "\($0.rule)", at: $0.atNanoseconds, text: "\($0)")
        }
    }

    func forEachBrokenRule(_ look: (String, Int64) -> Void) {
        for rule in MeterRule.allCases { look("\(rule)", session.rig.body.meter.count(of: rule)) }
    }

    func tick(_ hands: Hands) {
        session.tick(hands)
        readScreen()
    }

    func freeze(_ span: Int64) { session.freeze(milliseconds: span) }
    func suspend(_ span: Int64) { session.suspend(milliseconds: span) }

    func restart(_ plan: AuthorizedPlan) {
        session.rig.changeMeter { $0.beginSession() }
        session.restartHost(plan: plan)
        readScreen()
    }

    func drain(_ take: (WordBlock) -> Void) { session.drainJournal(take) }

    func happen(_ event: SoakEvent) {
        switch event {
        case .fault("pad-on"): session.rig.plan(.contact(channel: 1, .attached), at: session.now)
        case .fault("plugged"): session.rig.plug(at: session.now)
        case .fault(let name):
            guard let fault = FaultCatalogue.named(name) else { return }
            session.rig.plan(fault.planned(atNanoseconds: session.now.nanoseconds), at: session.now)
        case .button(let span):
            session.rig.pressPatientButton(at: session.now, heldFor: TimeSpan(milliseconds: span))
        default: return
        }
    }

    var firedCount: Int64 { session.rig.faults.firedCount }

    func forEachFired(_ look: (String, Int64, Int64) -> Void) {
        for kind in FaultKind.allCases {
            guard let first = session.rig.faults.first(of: kind) else { continue }
            look(kind.name, session.rig.faults.count(of: kind), first / 1_000_000)
        }
    }
}

final class NeedleSoakWorld: SoakWorld {
    private let session: VirtualNeedleSession
    // What the screen showed after the last tick: asked for many times in each.
    private(set) var state = SessionState.idle
    private var firstShown: Int32 = 0
    private var secondShown: Int32 = 0

    init(_ script: SoakScript, _ spec: PlanSpec) throws {
        let cap = max(spec.law(0, isSearch: false)?.cap ?? 0, spec.law(0, isSearch: true)?.cap ?? 0)
        var rig = VirtualNeedleRigConfiguration(
            device: script.isNewDevice ? .firmware22 : PulsePalConfiguration(),
            rules: NeedleMeterRules(
                peakCapMicroamperes: max(cap, spec.law(1, isSearch: false)?.cap ?? 0),
                rateCapMillihertz: spec.fastestMillihertz), seed: script.rigSeed)
        rig.line = FaultPlan(seed: script.rigSeed)
        for chance in script.chances {
            switch chance.place {
            case .toDevice: _ = rig.line.hostToDevice.setChance(of: chance.kind, perMillion: chance.perMillion)
            case .toHost: _ = rig.line.deviceToHost.setChance(of: chance.kind, perMillion: chance.perMillion)
            case .device: continue
            }
        }
        rig.line.hostToDevice.longestDelayMilliseconds = max(1, script.longestDelay)
        rig.line.deviceToHost.longestDelayMilliseconds = max(1, script.longestDelay)
        session = VirtualNeedleSession(plan: try spec.authorize(), rig: rig)
        session.keepsEdges = false
    }

    var milliseconds: Int64 { session.milliseconds }
    var condition: StimulatorCondition { session.control.condition }
    var fault: FaultCause { session.control.fault }
    var charged: Int64 { session.control.charged.picocoulombs }
    var accounted: Int64 { session.control.machine.deliveredPulses + session.control.machine.unknownPulses }
    var trace: TraceHash { session.trace }
    var isPresent: Bool { session.rig.isPresent }
    var pulseCount: Int64 { session.rig.meter.pulseCount }
    var meterCharge: Int64 { session.rig.meter.totalChargePicocoulombs }
    var violationCount: Int64 { session.rig.meter.violationCount }
    var isLive: Bool { session.rig.board.isClosed }
    var enables: Bool { session.lastDrive.enable }

    func shown(_ place: ChannelPlace) -> Int32 { place == .first ? firstShown : secondShown }

    private func readScreen() {
        let decision = session.lastDecision
        state = decision.state
        firstShown = decision.first.microamperes
        secondShown = decision.second.microamperes
    }

    func channelState(_ place: ChannelPlace) -> ChannelState { session.control.machine.channel(place).state }

    func isTitrating(_ place: ChannelPlace) -> Bool { session.control.machine.channel(place).titrating }

    func forEachPulse(after count: Int64, _ look: (SeenPulse) -> Void) {
        let fresh = Int(min(64, session.rig.meter.pulseCount - count))
        for pulse in session.rig.meter.recentPulses.suffix(fresh) {
            look(
                SeenPulse(
                    place: pulse.channel == 1 ? 0 : 1, start: pulse.startNanoseconds,
                    peak: Int64(pulse.peakMicroamperes)))
        }
    }

    func violations() -> [SeenViolation] {
        session.rig.meter.violations.map { SeenViolation(rule: "\($0.rule)", at: $0.atNanoseconds, text: "\($0)") }
    }

    func forEachBrokenRule(_ look: (String, Int64) -> Void) {
        for rule in NeedleMeterRule.allCases { look("\(rule)", session.rig.meter.count(of: rule)) }
    }

    func tick(_ hands: Hands) {
        session.tick(hands)
        readScreen()
    }

    func freeze(_ span: Int64) { session.freeze(milliseconds: span) }
    func suspend(_ span: Int64) { session.suspend(milliseconds: span) }

    func restart(_ plan: AuthorizedPlan) {
        session.restartHost(plan: plan)
        readScreen()
    }

    func drain(_ take: (WordBlock) -> Void) { session.drainJournal(take) }

    func happen(_ event: SoakEvent) {
        switch event {
        case .needleFault(let kind, let channel, let span):
            session.rig.plan(NeedleFault(kind, channel: channel, milliseconds: span), at: session.now)
        case .emergencyStop(true): session.rig.pressEmergencyStop(at: session.now)
        case .emergencyStop(false): session.rig.releaseEmergencyStop(at: session.now)
        case .button(let span):
            session.rig.pressPatientButton(at: session.now, heldFor: TimeSpan(milliseconds: span))
        case .pins(let work): session.pinsWork = work
        default: return
        }
    }

    var firedCount: Int64 { session.rig.firedCount + session.rig.line.firedCount }

    func forEachFired(_ look: (String, Int64, Int64) -> Void) {
        for kind in NeedleFaultKind.allCases {
            guard let first = session.rig.first(of: kind) else { continue }
            look(kind.name, Int64(session.rig.count(of: kind)), first / 1_000_000)
        }
        for kind in FaultKind.allCases {
            guard let first = session.rig.line.first(of: kind) else { continue }
            look("line: " + kind.name, session.rig.line.count(of: kind), first / 1_000_000)
        }
    }
}

extension SoakScript {
    /// Whether this line may hold packets back.
    var holdsBack: Bool {
        chances.contains { $0.kind == .packetDelayed || $0.kind == .latencySpike }
            || events.contains { $0.event.holdsBack }
    }
}

extension SoakEvent {
    fileprivate var holdsBack: Bool {
        guard case .fault(let name) = self else { return false }
        return name.hasPrefix("latency") || name.hasPrefix("packet-delayed") || name == "line-blocked"
    }
}

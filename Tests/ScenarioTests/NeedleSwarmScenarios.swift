// Random hands on a rig at which random things break. The judge is the needle meter.
import RigControl
import RigSimulator
import SafetyKernel
import SessionEngine
import StimulusModel
import Testing
import VirtualHost

@Suite struct NeedleSwarmScenarios {
    /// What a part of the rig that is broken, or a hand at the Pulse Pal or the isolator, may break by itself: no host
    /// can keep a current from being 2.5 times as strong behind an isolator that was turned to another range.
    static func explained(by fired: Set<NeedleFaultKind>) -> Set<NeedleMeterRule> {
        var rules: Set<NeedleMeterRule> = []
        if fired.contains(.isolatorWrongRange) {
            rules.formUnion([.peak, .rise, .shannon, .directCurrentDriven, .directCurrentFlowed])
        }
        if fired.contains(.isolatorOffset) || fired.contains(.isolatorImbalance) {
            // 60 µA at rest are what the meter takes for a pulse, and this one ends only with the relay.
            rules.formUnion([
                .netCharge, .monophasic, .phaseTooLong, .directCurrentDriven, .directCurrentFlowed, .peak, .rise,
                .interval, .rate, .shannon, .relayShouldBeOpen, .forbidden,
            ])
        }
        // A train that a person starts or sets at the Pulse Pal's menu runs until the host sees it.
        if fired.contains(.strayTrain) || fired.contains(.parametersChanged) {
            rules.formUnion([
                .peak, .rise, .interval, .rate, .monophasic, .netCharge, .directCurrentDriven, .directCurrentFlowed,
                .forbidden, .shannon,
            ])
        }
        // Contacts that a broken board holds: what is in flight ends by itself, two phases of 0.25 ms later.
        let holding: [NeedleFaultKind] = [.relayWelded, .enableStuck, .heartbeatStuck, .slowDropOut]
        if holding.contains(where: fired.contains) { rules.insert(.relayShouldBeOpen) }
        return rules
    }

    /// Hands at the rig, not faults of a part: every second world is without them, so that the host's own rules stay
    /// sharp there.
    static let byHand: Set<NeedleFaultKind> = [
        .isolatorWrongRange, .isolatorOffset, .isolatorImbalance, .strayTrain, .parametersChanged,
    ]

    struct Tally {
        var seeds = 0
        var milliseconds: Int64 = 0
        var pulses: Int64 = 0
        var faults = 0
        var closed = 0
        var faulted = 0
        var causes: Set<FaultCause> = []
    }

    private static func rate(_ seed: UInt64) -> Int32 {
        seed % 3 == 0 ? 100_000 : seed % 2 == 0 ? 15_000 : 2_000
    }

    private static func plan(_ seed: UInt64) throws -> AuthorizedPlan {
        if seed % 3 == 1 { return try NeedleTrainScenarios.pair(millihertz: rate(seed), milliseconds: 120_000) }
        return try NeedleDoses.plan(
            search: NeedleDoses.search(),
            treatment: seed % 3 == 0 ? NeedleDoses.dense() : NeedleDoses.treatment(millihertz: rate(seed)))
    }

    static func world(_ seed: UInt64) throws -> VirtualNeedleSession {
        VirtualNeedleSession(
            plan: try plan(seed), rig: NeedleWorld.rig(millihertz: rate(seed), isNew: seed % 5 < 2, seed: seed))
    }

    static func hands(_ session: VirtualNeedleSession, _ random: inout SplitMix64, _ seed: UInt64) -> Hands {
        var hands = Hands()
        if random.below(400) == 0 { hands.late = Int32(random.below(70)) }
        if hands.late > 49 { hands.hostFault = .late }
        if random.below(20_000) == 0 { hands.stop = .operatorKey }
        if random.below(400) == 0 {
            hands.command = OperatorCommand(rawValue: UInt8(random.below(15))) ?? .none
            hands.place = random.below(4) == 0 ? .second : .first
            // A swarm that is paused most of the time finds nothing.
            if hands.command == .pause, random.below(4) != 0 { hands.command = .resume }
            if hands.command == .zero, random.below(3) != 0 { hands.command = .raise }
        } else if hands.command == .none, session.milliseconds % 31 == 0 {
            let sensible =
                seed % 3 == 1
                ? NeedleTrainScenarios.raisingBoth(to: 1_500, and: 1_000)(session)
                : NeedleHands.searchingAndTreating(to: 800, then: 2_000, every: 31)(session)
            (hands.command, hands.place) = (sensible.command, sensible.place)
        }
        return hands
    }

    static func run(_ seed: UInt64, _ tally: inout Tally) throws {
        let session = try world(seed)
        session.keepsJournal = false
        var random = SplitMix64(seed: seed &* 0x9E37_79B9)
        let kinds = NeedleFaultKind.allCases.filter { seed % 2 == 0 || !byHand.contains($0) }
        var nextFault = Int64(5_000 + random.below(15_000))
        while session.milliseconds < 60_000 {
            session.tick(hands(session, &random, seed))
            if session.milliseconds >= nextFault {
                nextFault += Int64(1_500 + random.below(18_000))
                let kind = kinds[Int(random.below(UInt32(kinds.count)))]
                session.rig.plan(
                    NeedleFault(
                        kind, channel: UInt8(1 + random.below(2)), milliseconds: Int64(1 + random.below(1_500))),
                    at: session.now)
            }
            if random.below(30_000) == 0 { session.rig.pressEmergencyStop(at: session.now) }
            if random.below(30_000) == 0 {
                session.rig.pressPatientButton(at: session.now, heldFor: TimeSpan(milliseconds: 50))
            }
            guard session.state.isFinal, random.below(400) == 0 else { continue }
            // After an end: killed or halted for a while, somebody mends the board, and a new session begins.
            tally.causes.insert(session.control.fault)
            session.rig.releaseEmergencyStop(at: session.now)
            if random.below(4) != 0 {
                session.rig.plan(NeedleFault(.boardRepaired), at: session.now)
                session.rig.plan(NeedleFault(.plugged), at: session.now)
                session.rig.plan(NeedleFault(.isolatorEnabled), at: session.now)
                session.rig.plan(NeedleFault(.needlesIn), at: session.now)
            }
            session.freeze(milliseconds: Int64(random.below(200)))
            session.restartHost(plan: try plan(seed))
        }
        try finish(session, seed, &tally)
    }

    private static func finish(_ session: VirtualNeedleSession, _ seed: UInt64, _ tally: inout Tally) throws {
        if !session.state.isFinal { session.tick(Hands(stop: .operatorKey)) }
        NeedleWorld.forbid(session, after: NeedleWorld.open)
        session.run(atMost: 5_000, until: { $0.state.isFinal })
        #expect(session.state.isFinal, "seed \(seed)")
        session.run(atMost: 1_000, until: { _ in false }, hands: NeedleWorld.everything)
        let fired = Set(session.rig.fired.map(\.kind))
        let found = NeedleWorld.unexplained(session, explained(by: fired))
        #expect(found.isEmpty, "seed \(seed), \(fired.map(\.name).sorted()): \(found.prefix(4))")
        #expect(!session.lastDrive.enable && !session.lastDrive.firstTrigger, "seed \(seed)")
        tally.seeds += 1
        tally.milliseconds += session.milliseconds
        tally.pulses += session.rig.meter.pulseCount
        tally.faults += session.rig.fired.count
        tally.causes.insert(session.control.fault)
        if session.state == .closed { tally.closed += 1 } else { tally.faulted += 1 }
    }

    // Proves R-FLT-29.
    @Test func `a swarm of needle worlds gives nothing that a whole board would not, and nothing after the end`()
        throws
    {
        var tally = Tally()
        for seed in 1...16 as ClosedRange<UInt64> { try Self.run(seed, &tally) }
        print(
            "needle swarm, seeds 1 to 16: \(tally.milliseconds / 1_000) simulated seconds, \(tally.pulses) pulses, "
                + "\(tally.faults) faults, \(tally.closed) closed, \(tally.faulted) faulted, "
                + "causes \(tally.causes.map(\.code).sorted())")
        #expect(tally.pulses > 300 && tally.faults > 60 && tally.faulted > 5)
        #expect(tally.causes.count >= 8)
    }
}

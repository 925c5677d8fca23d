import RigControl
import RigSimulator
import SafetyKernel
import SessionEngine
import StimulatorLinks
import StimulusModel
import Testing
import VirtualHost

/// Many seeds, each with its own mixture of faults on the line and in the device, its own person and its own
/// practitioner. The judge is the meter.
@Suite struct SwarmScenarios {
    struct Tally {
        var seeds = 0
        var milliseconds: Int64 = 0
        var closed = 0
        var faulted = 0
        var pulses: Int64 = 0
        var faultsFired: Int64 = 0
    }

    /// Seeds in a debug build; a release build runs ten times as many.
    static var seeds: UInt64 {
        #if DEBUG
            return 40
        #else
            return 400
        #endif
    }

    @Test func `no mixture of faults makes the meter find anything`() throws {
        var tally = Tally()
        for seed in 1...Self.seeds {
            try Self.run(seed: seed, &tally)
        }
        print(
            "swarm: seeds 1...\(Self.seeds), \(tally.milliseconds / 1_000) simulated seconds, \(tally.pulses) pulses, "
                + "\(tally.faultsFired) faults fired, \(tally.closed) closed, \(tally.faulted) faulted")
        // A world in which nothing goes wrong, or nothing goes right, proves nothing.
        #expect(tally.faultsFired > Int64(Self.seeds))
        #expect(tally.closed > 0)
        #expect(tally.faulted > 0)
        #expect(tally.pulses > 1_000)
    }

    /// A line that holds packets back moves pulses against each other by as much as the host takes for ordinary.
    private static var rules: MeterRules {
        var rules = MeterRules(
            peakCapMicroamperes: 15_000, rateCapMillihertz: 36_000, padSquareMillimetres: 2_500,
            arrivalJitterMicroseconds: 6_000)
        rules.contractionCap = 8
        return rules
    }

    private static func run(seed: UInt64, _ tally: inout Tally) throws {
        let plan = try Doses.plan(search: nil, treatment: Doses.relieve())
        let session = VirtualSession(
            plan: plan,
            rig: VirtualRigConfiguration(
                person: VirtualPerson(seed: seed), rules: rules, faults: FaultPlan.swarm(seed: seed),
                seed: seed))
        session.keepsJournal = false
        let target = Int32(4_000 + (seed % 12) * 1_000)
        session.run(
            atMost: 90_000, until: { $0.state.isFinal },
            hands: { session in
                seed % 5 == 0 ? Practitioner.everything(session) : Practitioner.raising(to: target)(session)
            })
        if !session.state.isFinal { session.tick(Hands(stop: .operatorKey)) }
        session.run(atMost: 5_000, until: { $0.state.isFinal })
        // After the end nothing more arrives, whatever keys are pressed.
        // The line of these worlds holds a packet back for up to 400 ms; one pulse may be in it.
        let quiet = session.now.advanced(by: TimeSpan(milliseconds: 410))
        session.rig.changeMeter { $0.forbidPulses(after: quiet) }
        session.run(atMost: 3_000, until: { _ in false }, hands: Practitioner.everything)

        let meter = session.rig.meter
        let machine = session.control.machine
        let context = "seed \(seed): \(session.state), \(machine.fault), stop \(machine.stopCause)"
        #expect(session.state.isFinal, "\(context)")
        #expect(meter.violations.isEmpty, "\(context): \(meter.violations)")
        // The host's account never claims less than was delivered.
        #expect(machine.deliveredPulses + machine.unknownPulses >= meter.pulseCount, "\(context)")
        let charged = session.control.status.chargedNanocoulombs * 1_000 + 1_000
        let delivered = meter.totalChargePicocoulombs
        #expect(charged >= delivered, "\(context): charged \(charged) pC, delivered \(delivered) pC")
        tally.seeds += 1
        tally.milliseconds += session.milliseconds
        tally.pulses += meter.pulseCount
        tally.faultsFired += session.rig.faults.firedCount
        if session.state == .closed { tally.closed += 1 } else { tally.faulted += 1 }
    }
}

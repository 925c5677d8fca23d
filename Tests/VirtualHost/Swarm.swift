// Many seeds, each with its own mixture of faults on the line and in the device, its own person and its own
// practitioner. The judge is the meter; what it finds is returned in words, with the seed.
internal import RigControl
internal import RigSimulator
internal import SafetyKernel
internal import SessionEngine
internal import StimulatorLinks
internal import StimulusModel

public struct Swarm: Sendable {
    public private(set) var seeds = 0
    public private(set) var simulatedMilliseconds: Int64 = 0
    public private(set) var closed = 0
    public private(set) var faulted = 0
    public private(set) var pulses: Int64 = 0
    public private(set) var faultsFired: Int64 = 0
    /// What was found, one line each; empty is what is hoped for.
    public private(set) var findings: [String] = []

    public init() {}

    public var summary: String {
        "\(seeds) seeds, \(simulatedMilliseconds / 1_000) simulated seconds, \(pulses) pulses, \(faultsFired) faults "
            + "fired, \(closed) closed, \(faulted) faulted, \(findings.count) findings"
    }

    /// Runs one seed: a session, its end, and a while after it in which every key is pressed.
    public mutating func run(seed: UInt64) throws {
        let plan = try Doses.plan(search: nil, treatment: Doses.relieve())
        let session = VirtualSession(
            plan: plan,
            rig: VirtualRigConfiguration(
                person: VirtualPerson(seed: seed), rules: Swarm.rules, faults: FaultPlan.swarm(seed: seed),
                seed: seed))
        session.keepsJournal = false
        // One in five presses whatever there is; one in five raises as fast as the keys allow, past the ceiling; one in
        // seven goes on pressing calmly at the ceiling. A world of calm hands would never see a missing rise limit.
        let isEager = seed % 5 == 1
        let target = isEager || seed % 7 == 3 ? 40_000 : Int32(4_000 + (seed % 12) * 1_000)
        let every: Int64 = isEager ? 20 + Int64(seed % 3) * 130 : 600
        session.run(
            atMost: 90_000, until: { $0.state.isFinal },
            hands: { session in
                seed % 5 == 0
                    ? Practitioner.everything(session) : Practitioner.raising(to: target, every: every)(session)
            })
        if !session.state.isFinal { session.tick(Hands(stop: .operatorKey)) }
        session.run(atMost: 5_000, until: { $0.state.isFinal })
        // The line of these worlds holds a packet back for up to 400 ms; one pulse may be in it. After that nothing
        // more arrives, whatever keys are pressed.
        let quiet = session.now.advanced(by: TimeSpan(milliseconds: 410))
        session.rig.changeMeter { $0.forbidPulses(after: quiet) }
        session.run(atMost: 3_000, until: { _ in false }, hands: Practitioner.everything)
        judge(session, seed: seed)
    }

    private mutating func judge(_ session: VirtualSession, seed: UInt64) {
        let meter = session.rig.meter
        let machine = session.control.machine
        let context = "seed \(seed): \(session.state), \(machine.fault), stop \(machine.stopCause)"
        if !session.state.isFinal { findings.append("\(context): not over") }
        for violation in meter.violations { findings.append("\(context): \(violation)") }
        // The host's account never claims less than was delivered.
        if machine.deliveredPulses + machine.unknownPulses < meter.pulseCount {
            findings.append("\(context): \(meter.pulseCount) pulses arrived, fewer are on record")
        }
        let charged = session.control.charged.picocoulombs + 1_000
        if charged < meter.totalChargePicocoulombs {
            findings.append("\(context): charged \(charged) pC, delivered \(meter.totalChargePicocoulombs) pC")
        }
        seeds += 1
        simulatedMilliseconds += session.milliseconds
        pulses += meter.pulseCount
        faultsFired += session.rig.faults.firedCount
        if session.state == .closed { closed += 1 } else { faulted += 1 }
    }

    /// A line that holds packets back moves pulses against each other by as much as the host takes for ordinary.
    private static var rules: MeterRules {
        var rules = MeterRules(
            peakCapMicroamperes: 15_000, rateCapMillihertz: 36_000, padSquareMillimetres: 2_500,
            arrivalJitterMicroseconds: 6_000)
        rules.contractionCap = 8
        return rules
    }
}

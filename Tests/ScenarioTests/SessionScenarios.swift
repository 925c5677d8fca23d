import RigControl
import RigSimulator
import SafetyKernel
import SessionEngine
import StimulatorLinks
import StimulusModel
import Testing
import VirtualHost

@Suite struct SessionScenarios {
    /// The meter's rules for `Doses.relieve()`: written here as numbers, not taken from the host's limits.
    static var rules: MeterRules {
        var rules = MeterRules(peakCapMicroamperes: 15_000, rateCapMillihertz: 35_000, padSquareMillimetres: 2_500)
        rules.contractionCap = 8
        return rules
    }

    static func session(
        search: Dose? = nil, treatment: Dose? = Doses.relieve(), person: VirtualPerson = .typical,
        rules: MeterRules = SessionScenarios.rules, faults: FaultPlan = FaultPlan(), seed: UInt64 = 1
    ) throws -> VirtualSession {
        let plan = try Doses.plan(search: search, treatment: treatment)
        let configuration = VirtualRigConfiguration(person: person, rules: rules, faults: faults, seed: seed)
        return VirtualSession(plan: plan, rig: configuration)
    }

    // Proves R-FLT-29, R-FLT-04.
    @Test func `a whole treatment ends closed and the meter finds nothing`() throws {
        let session = try Self.session()
        session.run(atMost: 200_000, until: { $0.state.isFinal }, hands: Practitioner.raising(to: 10_000))
        #expect(session.state == .closed)
        let machine = session.control.machine
        #expect(machine.stopCause == .programmeFinished)
        #expect(machine.fault == .none)
        #expect(machine.countedContractions == 3)
        #expect(machine.titrationContractions == 5)
        #expect(machine.highestDelivered.microamperes == 10_000)
        let meter = session.rig.meter
        #expect(meter.violations.isEmpty)
        #expect(meter.pulseCount == machine.deliveredPulses)
        #expect(meter.contractionCount == 8)
        #expect(!meter.isHighVoltageOn)
        #expect(meter.totalChargePicocoulombs > 0)
    }

    // Proves R-AMP-09, R-AMP-06.
    @Test func `a search finds the twitch, marks it, and the treatment starts again from zero`() throws {
        // The search and the treatment share one meter: its rate cap is the treatment's.
        let session = try Self.session(search: Doses.search())
        let twitched = session.run(
            atMost: 60_000, until: { $0.rig.force(channel: 1, at: $0.now) > 0.02 },
            hands: Practitioner.searching(to: 15_000))
        #expect(twitched)
        let threshold = session.control.machine.setMicroamperes
        session.run(atMost: 2, until: { _ in false }, hands: { _ in Hands(command: .markMotor) })
        #expect(session.control.machine.motorThreshold.microamperes == threshold)
        #expect(threshold > 2_000 && threshold < 8_000)
        session.tick(Hands(command: .endSearch))
        #expect(session.state == .armed)
        #expect(session.control.machine.setMicroamperes == 0)
        session.run(atMost: 200_000, until: { $0.state.isFinal }, hands: Practitioner.raising(to: 6_000))
        #expect(session.state == .closed)
        #expect(session.control.machine.countedContractions == 3)
        #expect(session.rig.meter.violations.isEmpty)
    }

    // Proves R-STOP-02.
    @Test func `a stop in any state ends output within the pulse in flight`() throws {
        // Milliseconds after the first armed state at which the stop comes: ramps, plateaus, rests, and odd moments.
        for moment: Int64 in [0, 1, 50, 700, 1_300, 2_500, 4_100, 5_500, 9_000, 13_777, 30_001, 47_123] {
            let session = try Self.session(seed: UInt64(moment))
            session.run(atMost: 1_000, until: { $0.state == .armed }, hands: Practitioner.raising(to: 9_000))
            session.run(atMost: moment, until: { _ in false }, hands: Practitioner.raising(to: 9_000))
            let before = session.state
            session.tick(Hands(stop: .operatorKey))
            // One pulse may be in flight: 700 µs, at most 1 ms of USB frame, 2 ms of device latency.
            let bound = session.now.advanced(by: TimeSpan(milliseconds: 5))
            session.rig.changeMeter { $0.forbidPulses(after: bound) }
            session.run(atMost: 3_000, until: { $0.state.isFinal })
            #expect(session.state == .closed, "stopped at \(moment) ms in \(before)")
            #expect(session.rig.meter.violations.isEmpty, "stopped at \(moment) ms in \(before)")
            #expect(!session.rig.meter.isHighVoltageOn)
        }
    }

    // Proves R-STOP-18, R-DUR-07.
    @Test func `a pause switches high voltage off, holds the clock, and resuming starts from zero`() throws {
        let session = try Self.session()
        session.run(
            atMost: 20_000, until: { $0.control.machine.setMicroamperes == 6_000 },
            hands: Practitioner.raising(to: 6_000))
        session.tick(Hands(command: .pause))
        #expect(session.state == .paused)
        #expect(session.control.machine.setMicroamperes == 0)
        let clock = session.control.machine.treatmentMilliseconds
        session.run(atMost: 500, until: { !$0.rig.meter.isHighVoltageOn })
        #expect(!session.rig.meter.isHighVoltageOn)
        session.run(atMost: 10_000, until: { _ in false })
        #expect(session.control.machine.treatmentMilliseconds == clock)
        session.tick(Hands(command: .resume))
        session.run(atMost: 1_000, until: { $0.state.isDelivering })
        #expect(session.control.machine.setMicroamperes == 0)
        #expect(!session.control.machine.titrating)
        session.run(atMost: 200_000, until: { $0.state.isFinal }, hands: Practitioner.raising(to: 6_000))
        #expect(session.state == .closed)
        #expect(session.rig.meter.violations.isEmpty)
    }

    // Proves R-STOP-09.
    @Test func `the patient's button ends the session as a fault and nothing comes back by itself`() throws {
        let session = try Self.session()
        session.run(
            atMost: 20_000, until: { $0.control.machine.setMicroamperes == 8_000 },
            hands: Practitioner.raising(to: 8_000))
        let pressed = session.now
        session.rig.pressPatientButton(at: pressed, heldFor: TimeSpan(milliseconds: 800))
        session.rig.changeMeter { $0.forbidPulses(after: pressed) }
        session.run(atMost: 10, until: { $0.state.isFinal })
        #expect(session.state == .faulted)
        #expect(session.control.machine.fault == .unplugged)
        session.run(atMost: 20_000, until: { _ in false }, hands: Practitioner.everything)
        #expect(session.state == .faulted)
        #expect(session.rig.meter.violations.isEmpty)
    }

    // Proves R-FLT-16.
    @Test func `a host that dies leaves one pulse at most`() throws {
        for moment: Int64 in [1_500, 2_000, 2_013, 3_333, 9_500] {
            let session = try Self.session()
            session.run(atMost: 1_000, until: { $0.state == .armed }, hands: Practitioner.raising(to: 9_000))
            session.run(atMost: moment, until: { _ in false }, hands: Practitioner.raising(to: 9_000))
            let before = session.rig.meter.pulseCount
            // The process is gone: the world goes on without it.
            session.rig.advance(to: session.now.advanced(by: TimeSpan(milliseconds: 10_000)))
            #expect(session.rig.meter.pulseCount - before <= 1)
            #expect(session.rig.meter.violations.isEmpty)
        }
    }

    // Proves R-FLT-17.
    @Test func `a host that was killed is cleaned up by the next start before anything is armed`() throws {
        let session = try Self.session()
        session.run(
            atMost: 20_000, until: { $0.control.machine.setMicroamperes == 8_000 },
            hands: Practitioner.raising(to: 8_000))
        #expect(session.rig.meter.isHighVoltageOn)
        session.restartHost(plan: try Doses.plan(search: nil, treatment: Doses.relieve()))
        session.run(atMost: 2_000, until: { $0.state == .cleared })
        #expect(session.state == .cleared)
        #expect(!session.rig.meter.isHighVoltageOn)
        #expect(session.rig.meter.violations.isEmpty)
    }

    // Proves R-FLT-11.
    @Test func `a lost pad is reported from 15 mA up and latches`() throws {
        var rules = Self.rules
        rules.peakCapMicroamperes = 25_000
        let dose = Doses.relieve(plateau: 20_000, maximum: 25_000)
        let session = try Self.session(treatment: dose, rules: rules)
        session.run(
            atMost: 60_000, until: { $0.control.machine.setMicroamperes == 20_000 },
            hands: Practitioner.raising(to: 20_000))
        session.rig.setContact(.detached, channel: 1, at: session.now)
        let detached = session.now
        session.run(atMost: 1_000, until: { $0.state.isFinal })
        #expect(session.state == .faulted)
        let fault = session.control.machine.fault
        #expect(fault == .electrodeError || fault == .lowCurrent)
        #expect(session.now.since(detached).milliseconds <= 100)
        session.run(atMost: 5_000, until: { _ in false }, hands: Practitioner.everything)
        #expect(session.state == .faulted)
        #expect(!session.rig.meter.isHighVoltageOn)
    }

    // Proves R-FLT-11.
    @Test func `dry skin runs out of voltage, and the session says low current`() throws {
        var rules = Self.rules
        rules.peakCapMicroamperes = 60_000
        let session = try Self.session(
            treatment: Doses.relieve(plateau: 40_000, maximum: 60_000), person: .drySkin, rules: rules)
        session.run(atMost: 200_000, until: { $0.state.isFinal }, hands: Practitioner.raising(to: 60_000))
        #expect(session.state == .faulted)
        let fault = session.control.machine.fault
        #expect(fault == .lowCurrent || fault == .electrodeError)
        #expect(session.rig.meter.violations.isEmpty)
    }

    // Proves R-AMP-02, R-AMP-03.
    @Test func `held keys and mad presses raise no faster than the limit`() throws {
        let session = try Self.session()
        session.run(atMost: 200_000, until: { $0.state.isFinal }, hands: Practitioner.everything)
        #expect(session.rig.meter.violations.isEmpty)
        let held = try Self.session()
        held.run(
            atMost: 20_000, until: { _ in false },
            hands: { session in
                var hands = Practitioner.raising(to: 0)(session)
                if session.state == .holding { hands.command = .raise }
                return hands
            })
        // One press that is held is at most one step in each plateau.
        #expect(held.control.machine.setMicroamperes <= 3_000)
        #expect(held.rig.meter.violations.isEmpty)
    }

    // Proves R-RATE-03.
    @Test func `a computer that is late drops pulses, never sends them late or in a burst`() throws {
        let session = try Self.session()
        session.run(
            atMost: 200_000, until: { $0.state.isFinal },
            hands: { session in
                var hands = Practitioner.raising(to: 8_000)(session)
                hands.late = session.milliseconds % 501 == 0 ? 37 : 0
                return hands
            })
        #expect(session.state == .closed)
        #expect(session.control.machine.droppedPulses > 10)
        #expect(session.control.machine.missedTicks > 1_000)
        #expect(session.rig.meter.violations.isEmpty)
    }
}

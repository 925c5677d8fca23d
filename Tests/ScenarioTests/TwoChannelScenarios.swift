import RigControl
import RigSimulator
import SessionEngine
import StimulusModel
import Testing
import VirtualHost

// Proves R-RATE-08.
@Suite struct TwoChannelScenarios {
    private static func session(
        _ arrangement: ChannelArrangement, seed: UInt64 = 5, rest: Int32 = 6_000, faults: FaultPlan = FaultPlan()
    ) throws -> VirtualSession {
        let plan = try Doses.pair(
            Doses.relieve(plateau: 3_000, rest: rest), Doses.relieveGluteus(plateau: 3_000, rest: rest), arrangement)
        var rules = MeterRules(peakCapMicroamperes: 15_000, rateCapMillihertz: 35_000, padSquareMillimetres: 2_500)
        rules.contractionCap = 8
        return VirtualSession(plan: plan, rig: VirtualRigConfiguration(rules: rules, faults: faults, seed: seed))
    }

    @Test(arguments: [ChannelArrangement.together, .alternating])
    func `two muscles are treated to the end, each at its own amplitude`(arrangement: ChannelArrangement) throws {
        let session = try Self.session(arrangement)
        session.run(
            atMost: 300_000, until: { $0.state.isFinal }, hands: Practitioner.raisingBoth(to: 9_000, and: 6_000))
        let machine = session.control.machine
        #expect(session.state == .closed, "\(machine.fault)")
        #expect(machine.stopCause == .programmeFinished)
        for (place, target) in [(ChannelPlace.first, Int32(9_000)), (.second, 6_000)] {
            let channel = machine.channel(place)
            #expect(channel.countedContractions == 3)
            #expect(channel.state == .finished)
            #expect(channel.highestDelivered.microamperes == target)
            let number = place.code + 1
            #expect(session.rig.meter.pulseCount(channel: number) == channel.deliveredPulses)
            #expect(
                session.rig.meter.totalChargePicocoulombs(channel: number)
                    <= session.control.charged(place).picocoulombs)
        }
        #expect(session.rig.meter.violations.isEmpty)
        #expect(machine.droppedPulses == 0)
    }

    @Test func `alternating channels never contract at the same time`() throws {
        let session = try Self.session(.alternating)
        var both = 0
        var one = 0
        session.run(
            atMost: 200_000,
            until: { session in
                let machine = session.control.machine
                let first = machine.channel(.first).state.hasPulses
                let second = machine.channel(.second).state.hasPulses
                if first && second { both += 1 }
                if first != second { one += 1 }
                return session.state.isFinal
            }, hands: Practitioner.raisingBoth(to: 5_000, and: 5_000))
        #expect(session.state == .closed)
        #expect(both == 0)
        #expect(one > 10_000)
    }

    // Proves R-STOP-13.
    @Test func `one channel stops alone and at once, the other goes on`() throws {
        let session = try Self.session(.together)
        session.run(
            atMost: 60_000, until: { $0.control.machine.channel(.second).setMicroamperes == 6_000 },
            hands: Practitioner.raisingBoth(to: 9_000, and: 6_000))
        let pulses = session.rig.meter.pulseCount(channel: 1)
        var stop = Hands()
        stop.channelStops = 1
        session.tick(stop)
        #expect(session.control.machine.channel(.first).state == .stopped)
        session.run(atMost: 5, until: { _ in false })
        let after = session.rig.meter.pulseCount(channel: 1)
        #expect(after <= pulses + 1)
        session.run(
            atMost: 200_000, until: { $0.state.isFinal }, hands: Practitioner.raisingBoth(to: 9_000, and: 6_000))
        #expect(session.state == .closed)
        #expect(session.control.machine.stopCause == .programmeFinished)
        #expect(session.rig.meter.pulseCount(channel: 1) == after)
        #expect(session.control.machine.channel(.second).countedContractions == 3)
        #expect(session.rig.meter.violations.isEmpty)
    }

    // Proves R-STOP-13.
    @Test func `the last channel that is stopped alone ends the session`() throws {
        let session = try Self.session(.alternating)
        session.run(
            atMost: 60_000, until: { $0.control.machine.channel(.second).setMicroamperes == 3_000 },
            hands: Practitioner.raisingBoth(to: 4_000, and: 3_000))
        var stop = Hands()
        stop.channelStops = 2
        session.tick(stop)
        #expect(session.state.isDelivering)
        stop.channelStops = 3
        session.tick(stop)
        #expect(session.state == .stopping)
        session.run(atMost: 2_000, until: { $0.state.isFinal })
        #expect(session.state == .closed)
        #expect(session.control.machine.stopCause == .operatorKey)
        #expect(session.rig.meter.violations.isEmpty)
    }

    // Proves R-FLT-02, R-FLT-03.
    @Test func `a fault on one channel ends both`() throws {
        for number: UInt8 in [1, 2] {
            let session = try Self.session(.together)
            session.run(
                atMost: 90_000,
                until: {
                    $0.control.machine.channel(.second).setMicroamperes == 6_000 && $0.state == .holding
                }, hands: Practitioner.raisingBoth(to: 9_000, and: 6_000))
            session.rig.plan(.nextCommand(number: 2, .effectWithoutAcknowledgement), at: session.now)
            let quiet = session.now.advanced(by: TimeSpan(milliseconds: 66 + 100))
            session.rig.changeMeter { $0.forbidPulses(after: quiet) }
            session.run(atMost: 300, until: { $0.state.isFinal })
            #expect(session.state == .faulted)
            #expect(session.control.machine.fault == .deliveryUnknown)
            session.run(atMost: 5_000, until: { _ in false }, hands: Practitioner.everything)
            #expect(session.rig.meter.violations.isEmpty, "channel \(number)")
            #expect(session.rig.meter.totalChargePicocoulombs <= session.control.charged.picocoulombs)
        }
    }

    // Proves R-STOP-18.
    @Test func `a pause and a resume begin both anew from zero, half a cycle apart`() throws {
        let session = try Self.session(.alternating)
        let hands = Practitioner.raisingBoth(to: 5_000, and: 4_000)
        session.run(
            atMost: 60_000, until: { $0.control.machine.channel(.second).setMicroamperes == 4_000 }, hands: hands)
        session.tick(Hands(command: .pause))
        #expect(session.state == .paused)
        #expect(session.control.machine.channel(.first).setMicroamperes == 0)
        #expect(session.control.machine.channel(.second).setMicroamperes == 0)
        session.run(atMost: 1_000, until: { $0.control.condition == .off })
        session.tick(Hands(command: .resume))
        session.run(atMost: 1_000, until: { $0.state.isDelivering })
        #expect(session.control.machine.channel(.second).state == .waiting)
        session.run(atMost: 200_000, until: { $0.state.isFinal }, hands: hands)
        #expect(session.state == .closed, "\(session.control.machine.fault)")
        #expect(session.rig.meter.violations.isEmpty)
    }
}

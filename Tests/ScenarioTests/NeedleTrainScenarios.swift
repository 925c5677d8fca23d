// Trains on the needle rig: lateness, quick hands, two channels, dense-disperse.
import RigControl
import RigSimulator
import SafetyKernel
import SessionEngine
import StimulusModel
import Testing
import VirtualHost

@Suite struct NeedleTrainScenarios {
    // MARK: - Lateness

    // Proves R-RATE-03.
    @Test(arguments: [(2_000, 1), (2_000, 30), (15_000, 9), (15_000, 40)] as [(Int32, Int32)])
    func `F27 F28 late wake-ups thin a train and stop nothing`(millihertz: Int32, late: Int32) throws {
        let session = try NeedleWorld.delivering(at: 500, millihertz: millihertz)
        let missed = session.control.machine.missedTicks
        for index in 0..<40 {
            session.tick(Hands(late: late))
            // 73 is prime: each phase of the train is met.
            session.run(atMost: 73 + Int64(index), until: { _ in false })
        }
        #expect(session.state == .holding, "\(session.control.fault)")
        #expect(session.control.machine.missedTicks == missed + 40 * Int64(late))
        #expect(session.rig.meter.isClean, "\(session.rig.meter)")
        NeedleWorld.expectAccounts(session, "late")
    }

    // Proves R-FLT-21.
    @Test func `a wake-up of which every second one is late never lets an unseen pulse count as a fault of the rig`()
        throws
    {
        let session = try NeedleWorld.delivering(at: 1_000)
        session.run(
            atMost: 4_000, until: { _ in false }, hands: { $0.milliseconds % 2 == 0 ? Hands(late: 4) : Hands() })
        #expect(session.state == .holding, "\(session.control.fault)")
        #expect(session.rig.meter.isClean, "\(session.rig.meter)")
    }

    // Proves R-FLT-21.
    /// What never blinks cannot be missed: a rig of which each pulse stays unseen is found under lateness too.
    @Test func `an isolator that tripped is found although wake-ups are late now and then`() throws {
        let session = try NeedleWorld.delivering(at: 1_000)
        session.rig.tripIsolator(channel: 1, at: session.now)
        let from = session.milliseconds
        session.run(
            atMost: 4_000, until: { $0.state.isFinal }, hands: { $0.milliseconds % 40 == 0 ? Hands(late: 2) : Hands() })
        #expect(session.state == .faulted && session.control.fault == .pulseNotSeen)
        #expect(session.milliseconds - from <= 1_000, "\(session.milliseconds - from) ms")
    }

    // MARK: - Quick hands

    /// Each pulse at the meter, against what was set when its edge was driven.
    static func expectEachAsSet(_ session: VirtualNeedleSession, _ set: [Int32], from first: Int) {
        let pulses = Array(session.rig.meter.recentPulses.suffix(Int(session.rig.meter.pulseCount) - first))
        #expect(pulses.count == set.count, "\(pulses.count) pulses, \(set.count) edges")
        for (pulse, amplitude) in zip(pulses, set) {
            let off = Int64(pulse.peakMicroamperes) - Int64(amplitude)
            #expect(abs(off) <= 1, "\(pulse.peakMicroamperes) µA where \(amplitude) was set")
        }
    }

    // Proves R-RATE-09, R-FLT-23.
    @Test(arguments: [2_000, 15_000] as [Int32], [1, 2, 3, 4, 5] as [UInt64])
    func `no pulse has another amplitude than the one that was set when its edge was driven`(
        millihertz: Int32, seed: UInt64
    ) throws {
        let session = try NeedleWorld.delivering(at: 700, millihertz: millihertz, isNew: seed % 2 == 0, seed: seed)
        let first = Int(session.rig.meter.pulseCount)
        var set: [Int32] = []
        var random = SplitMix64(seed: seed)
        for _ in 0..<30_000 {
            let edges = session.edges.count
            var hands = Hands()
            switch random.below(6_000) {
            case 0...9: hands.command = .raise
            case 10...13: hands.command = .lower
            case 14: hands.command = .zero
            default: break
            }
            if session.control.setAmplitude.microamperes < 900, session.milliseconds % 260 == 0 {
                hands.command = .raise
            }
            if session.milliseconds % 25_000 < 2 { hands.command = .checkedIn }
            session.tick(hands)
            if session.edges.count > edges { set.append(session.control.setAmplitude.microamperes) }
        }
        session.tick(Hands(stop: .operatorKey))
        session.run(atMost: 100, until: { _ in false })
        #expect(session.state == .closed, "seed \(seed): \(session.control.fault)")
        #expect(set.count > 20, "seed \(seed)")
        Self.expectEachAsSet(session, set, from: first)
        #expect(session.rig.meter.isClean, "seed \(seed): \(session.rig.meter)")
        NeedleWorld.expectAccounts(session, "seed \(seed)")
    }

    // MARK: - Dense-disperse

    private static func dense(isNew: Bool, milliseconds: Int32 = 60_000) throws -> VirtualNeedleSession {
        let plan = try NeedleDoses.plan(
            search: NeedleDoses.search(), treatment: NeedleDoses.dense(milliseconds: milliseconds))
        return VirtualNeedleSession(plan: plan, rig: NeedleWorld.rig(millihertz: 100_000, isNew: isNew))
    }

    // Proves R-AMP-08, R-RATE-02.
    @Test(arguments: [false, true])
    func `dense-disperse below 80 % of a marked threshold runs to its end with every edge seen`(isNew: Bool) throws {
        let session = try Self.dense(isNew: isNew)
        // 80 % of 1.0 mA is 0.8: strictly below is 0.7.
        let ended = session.run(
            atMost: 200_000, until: { $0.state.isFinal },
            hands: NeedleHands.searchingAndTreating(to: 1_000, then: 4_000))
        #expect(ended && session.state == .closed, "\(session.control.fault)")
        #expect(session.control.machine.stopCause == .programmeFinished)
        let channel = session.control.machine.channel(.first)
        #expect(channel.motorThreshold.microamperes == 1_000)
        #expect(session.control.machine.unknownPulses == 0)
        #expect(Int64(session.edges.count) == session.rig.meter.pulseCount)
        #expect(session.control.machine.deliveredPulses == session.rig.meter.pulseCount)
        // Half of 60 s at 100 Hz and half at 2 Hz, less the first seconds.
        #expect(channel.treatmentPulses > 2_300, "\(channel.treatmentPulses)")
        let treated = session.rig.meter.recentPulses.suffix(Int(channel.treatmentPulses))
        #expect(treated.allSatisfy { $0.peakMicroamperes <= 701 }, "strictly below 80 %")
        #expect(treated.last.map { $0.peakMicroamperes >= 699 } == true)
        #expect(session.rig.meter.isClean, "\(session.rig.meter)")
        NeedleWorld.expectAccounts(session, "dense")
    }

    // Proves R-RATE-03.
    @Test(arguments: [1, 7, 9, 19, 25, 45] as [Int32]) func `late wake-ups at 100 Hz`(late: Int32) throws {
        let session = try Self.dense(isNew: false)
        session.run(
            atMost: 200_000,
            until: { $0.state.isFinal || ($0.state == .holding && $0.control.setAmplitude.microamperes >= 700) },
            hands: NeedleHands.searchingAndTreating(to: 1_000, then: 4_000))
        #expect(session.state == .holding, "\(session.control.fault)")
        for index in 0..<60 {
            // Right behind an edge every second time: the trigger line then stays high for the whole period.
            if index % 2 == 0 { NeedleWorld.afterAnEdge(session, by: 0) }
            session.tick(Hands(late: late))
            session.run(atMost: 103, until: { _ in false })
        }
        #expect(session.state == .holding, "\(session.control.fault)")
        #expect(session.rig.meter.isClean, "\(session.rig.meter)")
        NeedleWorld.expectAccounts(session, "late at 100 Hz")
    }

    // Proves R-AMP-08.
    @Test func `the same is not begun without a mark`() throws {
        let session = try Self.dense(isNew: false)
        session.run(
            atMost: 4_000, until: { _ in false },
            hands: { session in
                switch session.state {
                case .cleared: return Hands(command: .arm)
                case .armed where session.control.condition == .ready: return Hands(command: .beginTreatment)
                default: return Hands()
                }
            })
        #expect(session.state == .armed, "\(session.state) \(session.control.fault)")
        #expect(session.rig.meter.pulseCount == 0)
    }

    // MARK: - Two channels

    static func pair(millihertz: Int32, milliseconds: Int32 = 30_000) throws -> AuthorizedPlan {
        let history = TreatmentHistory(earlierTreatments: 2, millisecondsSinceLast: 30 * 86_400_000)
        let second = try #require(Channel(number: 2))
        func asked(_ muscle: TargetMuscle, _ channel: Channel) -> ChannelPrescription {
            ChannelPrescription(
                search: nil,
                treatment: NeedleDoses.dose(
                    muscle: muscle, pattern: .continuous(milliseconds: milliseconds), millihertz: millihertz),
                channel: channel, contact: .needle(NeedleDoses.needle), history: history)
        }
        let prescription = Prescription(
            first: asked(.vmo, .first), second: asked(.gluteusMedius, second), arrangement: .together,
            capabilities: NeedleDoses.capabilities, limits: .absoluteNeedle)
        let clearance = try Clearance.grant(passed: Clearance.required(for: .needle), for: .needle)
        return try Authorization.authorize(prescription, clearance: clearance)
    }

    static func raisingBoth(to first: Int32, and second: Int32) -> (VirtualNeedleSession) -> Hands {
        { session in
            switch session.state {
            case .cleared: return Hands(command: .arm)
            case .armed where session.control.condition == .ready: return Hands(command: .beginTreatment)
            case .holding:
                if session.milliseconds % 25_000 == 0 { return Hands(command: .checkedIn) }
                if session.milliseconds % 620 == 0, session.control.machine.channel(.first).setMicroamperes < first {
                    return Hands(command: .raise)
                }
                if session.milliseconds % 620 == 310,
                    session.control.machine.channel(.second).setMicroamperes < second
                {
                    return Hands(command: .raise, at: .second)
                }
                return Hands()
            default: return Hands()
            }
        }
    }

    // Proves R-RATE-08.
    @Test(arguments: [2_000, 15_000] as [Int32]) func `two channels at once, each at its own amplitude`(
        millihertz: Int32
    ) throws {
        for isNew in [false, true] {
            let session = VirtualNeedleSession(
                plan: try Self.pair(millihertz: millihertz), rig: NeedleWorld.rig(millihertz: millihertz, isNew: isNew))
            let ended = session.run(
                atMost: 60_000, until: { $0.state.isFinal }, hands: Self.raisingBoth(to: 1_000, and: 600))
            #expect(ended && session.state == .closed, "\(session.control.fault)")
            #expect(session.control.machine.stopCause == .programmeFinished)
            #expect(session.rig.meter.isClean, "\(session.rig.meter)")
            #expect(session.control.machine.channel(.first).highestDelivered.microamperes == 1_000)
            #expect(session.control.machine.channel(.second).highestDelivered.microamperes == 600)
            #expect(session.rig.meter.lastPulse(channel: 1).map { abs($0.peakMicroamperes - 1_000) <= 1 } == true)
            #expect(session.rig.meter.lastPulse(channel: 2).map { abs($0.peakMicroamperes - 600) <= 1 } == true)
            // 30 s less the first raise, and what a setting of the other channel held back.
            let most = 30 * Int64(millihertz) / 1_000
            for channel in [1, 2] as [UInt8] {
                #expect(session.rig.meter.pulseCount(channel: channel) >= most * 85 / 100, "channel \(channel)")
            }
            #expect(session.control.machine.unknownPulses == 0)
            NeedleWorld.expectAccounts(session, "two channels")
        }
    }

    // Proves R-FLT-21.
    @Test func `one of two isolators trips: both channels end`() throws {
        let session = VirtualNeedleSession(
            plan: try Self.pair(millihertz: 15_000), rig: NeedleWorld.rig(millihertz: 15_000))
        session.run(
            atMost: 20_000, until: { $0.control.machine.channel(.second).highestDelivered.microamperes >= 500 },
            hands: Self.raisingBoth(to: 500, and: 500))
        session.rig.tripIsolator(channel: 2, at: session.now)
        NeedleWorld.forbid(session, after: 150)
        session.run(atMost: 150, until: { $0.state.isFinal })
        #expect(session.state == .faulted && session.control.fault == .pulseNotSeen, "\(session.control.fault)")
        NeedleWorld.expectNothingComesBack(session, "second isolator")
    }

    // Proves R-STOP-13.
    @Test func `one channel stopped alone is silent, and the other goes on as it was`() throws {
        let session = VirtualNeedleSession(
            plan: try Self.pair(millihertz: 15_000), rig: NeedleWorld.rig(millihertz: 15_000))
        session.run(
            atMost: 20_000, until: { $0.control.machine.channel(.second).highestDelivered.microamperes >= 500 },
            hands: Self.raisingBoth(to: 500, and: 500))
        var hands = Hands()
        hands.channelStops = 2
        session.tick(hands)
        session.run(atMost: 5, until: { _ in false })
        let before = (session.rig.meter.pulseCount(channel: 1), session.rig.meter.pulseCount(channel: 2))
        session.run(atMost: 3_000, until: { _ in false }, hands: { _ in Hands(command: .raise, at: .second) })
        #expect(session.rig.meter.pulseCount(channel: 2) == before.1)
        #expect(session.rig.meter.pulseCount(channel: 1) >= before.0 + 40)
        #expect(session.state == .holding, "\(session.control.fault)")
        #expect(session.rig.meter.isClean, "\(session.rig.meter)")
    }
}

import RigControl
import SafetyKernel
import ScienceMode4
import SessionEngine
import StimulatorLinks
import StimulusModel
import Testing

@Suite struct ControlTickTests {
    private func holding(_ target: Int32 = 2_000) throws -> RigBench {
        var bench = RigBench(try RigBench.plan())
        bench.begin()
        bench.raise(to: target)
        #expect(bench.state == .holding)
        #expect(bench.set == target)
        return bench
    }

    // Proves R-STOP-02.
    @Test func `a session delivers, and ends closed with the voltage proven off`() throws {
        var bench = RigBench(try RigBench.plan(RigBench.train(6_000)))
        bench.begin()
        bench.raise(to: 3_000)
        bench.run(to: .closed)
        #expect(bench.state == .closed)
        #expect(bench.control.machine.stopCause == .programmeFinished)
        let status = bench.control.status()
        #expect(status.isProvenOff)
        #expect(bench.far.voltage == .off)
        #expect(status.highestDelivered.microamperes == 3_000)
        #expect(bench.far.highestMicroamperes == 3_000)
        #expect(Int(status.deliveredPulses) == bench.far.executed)
        #expect(status.unsurePulses == 0)
        #expect(status.chargedNanocoulombs == bench.far.executedPicocoulombs / 1_000)
    }

    // Proves R-STOP-01.
    @Test func `a stop leaves a stop frame in its own tick, and no pulse with it`() throws {
        var bench = try holding()
        // At any phase of the train: also in the millisecond in which a pulse is due.
        for offset in Int64(0)..<29 {
            bench = try holding(1_000)
            bench.run(offset)
            let frames = bench.tick(stop: .operatorKey)
            #expect(frames.map(\.request) == [.lowLevelStop], "offset \(offset)")
            #expect(bench.state == .stopping)
        }
    }

    // Proves R-FLT-01, R-FLT-13, R-FLT-14, R-FLT-19, R-FLT-20.
    @Test func `a fault of the host leaves a stop frame in its own tick`() throws {
        for fault in [FaultCause.late, .journalFull, .consoleStalled, .suspended] {
            var bench = try holding(1_000)
            let frames = bench.tick(fault: fault)
            #expect(frames.map(\.request) == [.lowLevelStop])
            #expect(bench.state == .faulted)
            #expect(bench.control.machine.fault == fault)
            let before = bench.written.count
            bench.run(2_000)
            #expect(!bench.written[before...].contains { $0.isPulse || $0.isInitialise })
            #expect(bench.control.status().isProvenOff)
            #expect(bench.isAtRest == true)
        }
    }

    // Proves R-STOP-01, R-STOP-12.
    @Test func `a stop while the voltage is being switched on leaves a stop frame in its own tick`() throws {
        var bench = RigBench(try RigBench.plan())
        bench.far.delay = 30
        bench.run(to: .cleared)
        bench.tick(.arm)
        bench.run(3)
        #expect(bench.condition == .energising)
        let frames = bench.tick(stop: .consentWithdrawn)
        #expect(frames.map(\.request) == [.lowLevelStop])
        bench.run(to: .closed)
        #expect(bench.far.voltage == .off)
    }

    // Proves R-STOP-01.
    @Test func `a stop in the tick of the arm key arms nothing`() throws {
        var bench = RigBench(try RigBench.plan())
        bench.run(to: .cleared)
        let frames = bench.tick(.arm, stop: .operatorKey)
        #expect(frames.isEmpty)
        #expect(bench.state == .closed)
        bench.run(1_000)
        #expect(!bench.written.contains { $0.isInitialise })
    }

    // Proves R-AMP-10.
    @Test func `a key that asks for more and waited too long is dropped`() throws {
        var bench = try holding()
        bench.run(600)
        bench.tick(.raise, age: 251)
        #expect(bench.set == 2_000)
        bench.run(600)
        bench.tick(.raise, age: 250)
        #expect(bench.set == 3_000)
        bench.run(60)
        for command in [OperatorCommand.arm, .beginSearch, .beginTreatment, .resume] {
            bench.tick(command, age: 10_000)
            #expect(bench.state == .holding)
        }
    }

    // Proves R-AMP-10.
    @Test func `a dropped key is named as stale in the record`() throws {
        var bench = try holding()
        bench.run(600)
        let before = bench.journal.count
        bench.tick(.raise, age: 251)
        var refused: [SessionEvent] = []
        for block in bench.journal[before...] where JournalEntry.kind(block) == .events {
            for index in 2..<8 {
                if let event = SessionEvent(word: block.words[index]), event.kind == .commandRefused {
                    refused.append(event)
                }
            }
        }
        #expect(refused.map(\.value) == [Int32(OperatorCommand.raise.code)])
        #expect(refused.map(\.detail) == [RefusedCommand.stale.code])
    }

    // Proves R-AMP-10, R-AMP-05.
    @Test func `a key that asks for less is obeyed however late`() throws {
        var bench = try holding(3_000)
        bench.tick(.lower, age: 60_000)
        #expect(bench.set == 2_000)
        bench.tick(.zero, age: 60_000)
        #expect(bench.set == 0)
        bench.tick(.pause, age: 60_000)
        #expect(bench.state == .paused)
    }

    // Proves R-FLT-28.
    /// A device that can do 0.1 mA is authorized in such steps; a P24 cannot say them. Two parts of the program
    /// disagree.
    @Test func `a pulse that does not get through is a fault in the next tick, and is never sent`() throws {
        let finer = DeviceCapabilities(
            electrodeKind: .surface, channelCount: 1, maximumAmplitude: Current(microamperes: 20_000),
            amplitudeStep: Current(microamperes: 100), shortestPhase: PhaseDuration(microseconds: 10),
            longestPhase: PhaseDuration(microseconds: 4_095), electrodeLossDetectedFrom: .zero,
            outputAfterHostDeathMicroseconds: 0)
        let fine = Dose(
            electrodeKind: .surface, muscle: .vmo, stage: .relieve, pattern: .continuous(milliseconds: 60_000),
            frequency: Frequency(millihertz: 35_000), phaseDuration: PhaseDuration(microseconds: 300),
            interphaseGap: PhaseDuration(microseconds: 100), maximumAmplitude: Current(microamperes: 20_000),
            amplitudeStep: Current(microamperes: 100))
        var bench = RigBench(try RigBench.plan(fine, device: finer))
        bench.begin()
        bench.run(600)
        bench.tick(.raise)
        #expect(bench.set == 100)
        bench.run(40)
        #expect(bench.state == .faulted)
        #expect(bench.control.machine.fault == .gateRefusal)
        #expect(!bench.written.contains { $0.isPulse })
        #expect(bench.far.voltage == .off)
        let changed = bench.journal.filter { JournalEntry.kind($0) == .events }.map { JournalEntry.tick($0) }
        let asked = bench.journal.filter { JournalEntry.kind($0) == .outputs && $0.words[2] >> 16 & 0xFF == 1 }
        let askedAt = try #require(asked.first.map { JournalEntry.tick($0) })
        #expect(asked.count == 1)
        #expect(changed.last == askedAt + 1)
    }

    // Proves R-STOP-18, R-AMP-06.
    @Test func `an arming never outlives the voltage that it was for`() throws {
        var bench = try holding(3_000)
        let frames = bench.tick(.pause)
        #expect(frames.map(\.request) == [.lowLevelStop])
        bench.run(200)
        #expect(bench.condition == .off)
        #expect(bench.far.voltage == .off)
        let before = bench.written.count
        bench.run(10_000)
        #expect(bench.written.count == before)
        bench.tick(.resume)
        bench.run(100)
        #expect(bench.state == .holding)
        #expect(bench.set == 0)
        bench.run(1_000)
        // Voltage, its verification, polls: but no pulse before a person raises again.
        #expect(!bench.written[before...].contains { $0.isPulse })
        bench.raise(to: 1_000)
        #expect(bench.state == .holding)
        #expect(bench.far.highestMicroamperes == 3_000)
        let pulses = bench.written[before...].filter(\.isPulse)
        #expect(!pulses.isEmpty)
        for pulse in pulses {
            guard case .lowLevelChannelConfig(let configuration) = pulse.request else { continue }
            #expect(configuration[0].current.microamperes == 1_000)
        }
    }

    // Proves R-FLT-06.
    @Test func `a device that vanishes ends the session in the next tick`() throws {
        var bench = try holding()
        bench.unplug()
        let frames = bench.tick()
        #expect(frames.isEmpty)
        #expect(bench.state == .faulted)
        #expect(bench.control.machine.fault == .unplugged)
        #expect(!bench.control.status().isProvenOff)
        bench.run(1_000)
    }

    // Proves R-FLT-07, R-FLT-03.
    @Test func `a device that falls silent in mid train ends the session as unknown`() throws {
        var bench = try holding()
        bench.far.isSilent = true
        let start = bench.milliseconds
        bench.run(to: .faulted, atMost: 500)
        #expect(bench.control.machine.fault == .deliveryUnknown)
        #expect(bench.control.machine.unknownPulses == 1)
        #expect(bench.milliseconds - start <= 29 + 103)
        bench.run(3_000)
        #expect(bench.isAtRest == true)
        #expect(!bench.control.status().isProvenOff)
    }

    // Proves R-RATE-03, R-FLT-04.
    @Test func `a pulse that could not leave in time is dropped, not charged, and the session goes on`() throws {
        var bench = try holding(2_000)
        var hasPulse = false
        for _ in 0..<40 where !hasPulse { hasPulse = bench.tick().contains(where: \.isPulse) }
        #expect(hasPulse)
        // Long enough for its answer: nothing is under way.
        bench.run(5)
        let charged = bench.control.charged.picocoulombs
        let executed = bench.far.executed
        #expect(Int(bench.control.machine.deliveredPulses) == executed)
        var frames: [Written] = []
        for _ in 0..<40 where bench.control.charged.picocoulombs == charged { frames += bench.tick(expiring: true) }
        // 2 mA for 300 µs: the gate had let it through.
        #expect(bench.control.charged.picocoulombs == charged + 600_000)
        #expect(frames.isEmpty)
        let before = bench.journal.count
        bench.tick()
        let news = bench.journal[before...].compactMap { StepInputs($0) }
        #expect(news.map(\.first.delivery) == [.notDelivered])
        #expect(news.map(\.first.deliveredAmplitude.microamperes) == [2_000])
        #expect(bench.control.charged.picocoulombs == charged)
        #expect(bench.control.machine.undeliveredPulses == 1)
        #expect(bench.control.machine.unknownPulses == 0)
        #expect(bench.far.executed == executed)
        #expect(bench.state == .holding && bench.set == 2_000)
        bench.run(1_000)
        #expect(bench.state == .holding)
        #expect(bench.control.machine.fault == .none)
        #expect((34...36).contains(bench.far.executed - executed))
        #expect(bench.control.machine.undeliveredPulses == 1)
    }

    // Proves R-STOP-01.
    @Test func `a stop leaves however late its own step is written`() throws {
        for offset in [0, 7, 14, 28] as [Int64] {
            var bench = try holding(1_000)
            bench.run(offset)
            let frames = bench.tick(stop: .operatorKey, expiring: true)
            #expect(frames.map(\.request) == [.lowLevelStop], "offset \(offset)")
            bench.run(to: .closed)
            #expect(bench.state == .closed)
            #expect(bench.far.voltage == .off)
        }
    }

    // Proves R-RATE-03.
    @Test func `late ticks thin the train and never bunch it`() throws {
        var bench = try holding()
        let executed = bench.far.executed
        let before = bench.written.count
        for _ in 0..<100 { bench.tick(elapsed: 40) }
        let pulses = bench.written[before...].filter(\.isPulse)
        #expect(bench.state == .holding)
        #expect(pulses.count < 100)
        #expect(pulses.count > 10)
        for (earlier, later) in zip(pulses, pulses.dropFirst()) { #expect(later.at - earlier.at >= 28) }
        #expect(bench.far.executed - executed == pulses.count)
        #expect(bench.control.machine.droppedPulses > 0)
    }

    // Proves R-RATE-03.
    @Test func `a slow device is given fewer pulses, not queued ones`() throws {
        var bench = try holding()
        bench.far.delay = 45
        let executed = bench.far.executed
        bench.run(4_000)
        #expect(bench.state == .holding)
        let pulses = bench.far.executed - executed
        // Every second or third one.
        #expect(pulses >= 44 && pulses <= 74, "\(pulses)")
        #expect(bench.control.machine.skippedPulses >= 60)
    }

    // Proves R-RATE-04.
    /// Clients of real devices saw 5 to 15 ms for a command and its answer (`sciencemode4.md` 8). As long as that is
    /// always so, nothing bunches, and nothing may be left out.
    @Test(arguments: [1, 2, 5, 8, 12, 15] as [Int64])
    func `a device that is always as slow keeps its rate`(delay: Int64) throws {
        var bench = RigBench(try RigBench.plan())
        bench.far.delay = delay
        bench.begin()
        bench.raise(to: 1_000)
        let executed = bench.far.executed
        bench.run(4_000)
        #expect(bench.state == .holding)
        let pulses = bench.far.executed - executed
        #expect(pulses >= 138 && pulses <= 141, "\(pulses) pulses in 4 s at 35 Hz, answered after \(delay) ms")
    }
}

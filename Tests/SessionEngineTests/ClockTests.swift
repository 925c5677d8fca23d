import SafetyKernel
import SessionEngine
import StimulusModel
import Testing

@Suite struct LimitClockTests {
    private func tightened(_ kind: LimitKind, to value: Int64) -> LimitTable {
        var limits = LimitTable.absoluteSurface
        limits.tighten(kind, to: value, by: .clinic)
        return limits
    }

    // Proves R-DUR-01.
    @Test func `the longest treatment time stops the session`() throws {
        // 13.5 s of dose fit; the five contractions of titration do not.
        var bench = Bench(
            try Doses.plan(treatment: Doses.contractions(), limits: tightened(.sessionTime, to: 20_000)))
        bench.begin()
        bench.run(19_990)
        #expect(bench.state.isDelivering)
        bench.run(20)
        #expect(bench.state == .closed)
        #expect(bench.machine.stopCause == .sessionTimeLimit)
        #expect(bench.machine.treatmentMilliseconds == 20_001)
    }

    // Proves R-DUR-02.
    @Test func `the longest attended time stops the session, armed, paused or delivering`() throws {
        for pausing in [false, true] {
            var bench = Bench(
                try Doses.plan(treatment: Doses.train(), limits: tightened(.attendedTime, to: 30_000)))
            bench.begin()
            if pausing { bench.step(.pause) }
            bench.coast(29_900)
            #expect(bench.state == (pausing ? .paused : .holding))
            bench.coast(150)
            #expect(bench.machine.stopCause == .attendedTimeLimit)
            #expect(bench.state == .closed || bench.state == .stopping)
        }
        var armed = Bench(try Doses.plan(treatment: Doses.train(), limits: tightened(.attendedTime, to: 30_000)))
        armed.arm()
        armed.coast(30_100)
        #expect(armed.machine.stopCause == .attendedTimeLimit)
    }

    // Proves R-DUR-01.
    @Test func `twenty minutes of treatment are the end whatever the programme`() throws {
        var bench = Bench(try Doses.plan(treatment: Doses.train(milliseconds: 1_200_000)))
        bench.begin()
        while bench.state.isDelivering {
            bench.coast(50)
            if bench.milliseconds % 60_000 < 50 { bench.step(.present) }
        }
        #expect(bench.machine.treatmentMilliseconds <= 1_200_001)
        #expect(bench.machine.treatmentMilliseconds >= 1_199_999)
    }
}

// Proves R-PRES-01.
@Suite struct PresenceTests {
    @Test func `presence is asked for every five minutes, and no answer pauses after thirty seconds`() throws {
        var bench = Bench(try Doses.plan(treatment: Doses.train(milliseconds: 1_200_000)))
        bench.begin()
        let begun = bench.milliseconds
        bench.coast(299_950)
        #expect(bench.count(.presenceAsked) == 0)
        bench.coast(100)
        #expect(bench.values(.presenceAsked) == [30])
        bench.coast(29_850)
        #expect(bench.state == .holding)
        bench.coast(200)
        #expect(bench.state == .paused)
        #expect(bench.set == 0)
        #expect(bench.count(.presenceMissed) == 1)
        let missed = bench.events.first { $0.event.kind == .presenceMissed }?.at ?? 0
        #expect(missed - begun >= 330_000 - 50 && missed - begun <= 330_050)
    }

    @Test func `any key answers and starts the five minutes anew`() throws {
        for key in [OperatorCommand.present, .lower, .raise] {
            var bench = Bench(try Doses.plan(treatment: Doses.train(milliseconds: 1_200_000)))
            bench.begin()
            bench.coast(310_000)
            #expect(bench.count(.presenceAsked) == 1)
            bench.step(key)
            bench.coast(299_000)
            #expect(bench.state == .holding)
            #expect(bench.count(.presenceAsked) == 1)
            bench.coast(2_000)
            #expect(bench.count(.presenceAsked) == 2)
        }
    }

    @Test func `an armed session without anyone there is stopped`() throws {
        var bench = try Bench.reaching(.armed)
        bench.coast(330_200)
        #expect(bench.machine.stopCause == .presenceMissed)
        #expect(bench.state == .closed || bench.state == .stopping)
    }

    @Test func `a cleared session that nobody arms is asked and ends`() throws {
        var bench = try Bench.reaching(.cleared)
        bench.coast(299_000)
        #expect(bench.state == .cleared)
        #expect(bench.count(.presenceAsked) == 0)
        bench.coast(2_000)
        #expect(bench.count(.presenceAsked) == 1)
        bench.step(.present)
        bench.coast(299_000)
        #expect(bench.state == .cleared)
        bench.coast(31_200)
        #expect(bench.machine.stopCause == .presenceMissed)
        #expect(bench.state == .closed || bench.state == .stopping)
    }

    @Test func `a resumed session is asked anew`() throws {
        var bench = Bench(try Doses.plan(treatment: Doses.train(milliseconds: 1_200_000)))
        bench.begin()
        bench.coast(331_000)
        #expect(bench.state == .paused)
        bench.coast(100_000)
        bench.step(.resume)
        bench.run(10)
        #expect(bench.state == .holding)
        bench.coast(299_000)
        #expect(bench.state == .holding)
        #expect(bench.count(.presenceAsked) == 1)
    }

    private static func train() throws -> Bench {
        var bench = Bench(try Doses.plan(treatment: Doses.train(milliseconds: 1_200_000)))
        bench.begin()
        bench.run(600)
        #expect(bench.state == .holding)
        return bench
    }

    // Proves R-AMP-03.
    /// Of a key that something lies on, the first press is one, and nothing after it.
    @Test(arguments: [OperatorCommand.raise, .present])
    func `a key that is held is no sign of a person`(key: OperatorCommand) throws {
        var bench = try Self.train()
        let pressed = bench.milliseconds
        bench.hold(key, 299_000)
        #expect(bench.state == .holding)
        #expect(bench.count(.presenceAsked) == 0)
        bench.hold(key, 1_100)
        #expect(bench.values(.presenceAsked) == [30])
        bench.hold(key, 29_000)
        #expect(bench.state == .holding)
        bench.hold(key, 2_000)
        #expect(bench.state == .paused)
        #expect(bench.set == 0)
        #expect(bench.count(.presenceAsked) == 1)
        #expect(bench.count(.presenceMissed) == 1)
        let missed = bench.events.first { $0.event.kind == .presenceMissed }?.at ?? 0
        #expect((330_000...330_033).contains(missed - pressed))
        #expect(bench.values(.raised) == (key == .raise ? [1_000] : []))
        #expect(bench.gateRefusals.isEmpty)
    }

    @Test func `two keys by turns, and one key every 300 ms, are signs of a person`() throws {
        var turns = try Self.train()
        for _ in 0..<5_100 {
            turns.step(.present, elapsed: 33)
            turns.step(.lower, elapsed: 33)
        }
        #expect(turns.state == .holding)
        #expect(turns.count(.presenceAsked) == 0)
        var again = try Self.train()
        for _ in 0..<1_120 {
            again.step(.present)
            again.coast(299)
        }
        #expect(again.state == .holding)
        #expect(again.count(.presenceAsked) == 0)
    }

    @Test(arguments: [249, 250] as [Int64])
    func `the same key counts again 250 ms after its last press, and not sooner`(gap: Int64) throws {
        var bench = try Self.train()
        bench.step(.present)
        let first = bench.milliseconds
        bench.run(gap - 1)
        bench.step(.present)
        #expect(bench.milliseconds - first == gap)
        bench.coast(300_200)
        #expect(bench.count(.presenceAsked) == 1)
        let asked = bench.events.first { $0.event.kind == .presenceAsked }?.at ?? 0
        let counted = gap == 250 ? first + gap : first
        // In the steps of 50 ms of `coast`.
        #expect((299_999...300_048).contains(asked - counted))
    }

    @Test(arguments: [OperatorCommand.present, .raise])
    func `a key that is held keeps no clearance`(key: OperatorCommand) throws {
        var bench = try Bench.reaching(.cleared)
        bench.hold(key, 299_000)
        #expect(bench.state == .cleared)
        #expect(bench.count(.presenceAsked) == 0)
        bench.hold(key, 32_000)
        #expect(bench.count(.presenceAsked) == 1)
        #expect(bench.count(.presenceMissed) == 1)
        #expect(bench.machine.stopCause == .presenceMissed)
        #expect(bench.state == .closed)
    }
}

// Proves R-RATE-03.
@Suite struct MissedTickTests {
    @Test func `missed ticks are counted and their pulses dropped, never sent late`() throws {
        var bench = Bench(try Doses.plan(treatment: Doses.train(milliseconds: 60_000)))
        bench.begin()
        bench.raise(to: 2_000)
        let asked = bench.requests.count
        let missed = bench.machine.missedTicks
        let start = bench.milliseconds
        // 40 ms late a hundred times: more than one pulse falls due in each.
        for _ in 0..<100 { bench.step(elapsed: 40) }
        let sent = bench.requests.count - asked
        let dropped = Int(bench.machine.droppedPulses)
        #expect(bench.machine.missedTicks - missed == 3_900)
        #expect(bench.milliseconds - start == 4_000)
        // 4 s at 35 Hz in all, and most of them were due in a missed tick.
        #expect(sent + dropped >= 139 && sent + dropped <= 141)
        #expect(sent < dropped)
        #expect(bench.values(.pulsesDropped).map(Int.init).reduce(0, +) == dropped)
        #expect(bench.gateRefusals.isEmpty)
        let times = bench.requests[asked...].map(\.at)
        for (earlier, later) in zip(times, times.dropFirst()) { #expect(later - earlier >= 28) }
    }

    @Test func `lateness thins a train and does not lengthen it`() throws {
        var punctual = Bench(try Doses.plan(treatment: Doses.contractions(count: 2)))
        var late = Bench(try Doses.plan(treatment: Doses.contractions(count: 2)))
        punctual.begin()
        late.begin()
        while !punctual.state.isFinal { punctual.step() }
        while !late.state.isFinal { late.step(elapsed: 13) }
        #expect(abs(late.milliseconds - punctual.milliseconds) <= 40)
        #expect(late.machine.treatmentMilliseconds == punctual.machine.treatmentMilliseconds)
        #expect(late.machine.countedContractions == 2)
    }

    @Test(arguments: [Int32.min, -1, 0]) func `a step of no time is a step of one tick`(elapsed: Int32) throws {
        let bench = try Bench.reaching(.holding)
        var machine = bench.machine
        var inputs = StepInputs()
        inputs.condition = .ready
        inputs.elapsedTicks = elapsed
        let before = machine.treatmentMilliseconds
        _ = machine.step(inputs)
        #expect(machine.treatmentMilliseconds == before + 1)
        #expect(machine.missedTicks == bench.machine.missedTicks)
    }
}

@Suite struct PulseScheduleTests {
    // Proves R-RATE-01.
    @Test func `35 Hz over ten minutes is 21,000 pulses`() {
        var schedule = PulseSchedule()
        let rate = Frequency(millihertz: 35_000)
        schedule.restart(rate)
        var count = 0
        for _ in 0..<600_000 where schedule.tick(rate) { count += 1 }
        #expect(count >= 20_999 && count <= 21_001)
    }

    // Proves R-RATE-01.
    @Test(arguments: seeds) func `every rate is exact, and no interval shorter than a period rounded down`(seed: UInt64)
    {
        var chance = SeededChance(seed: seed)
        var rates: [Int32] = [1_000, 2_000, 35_000, 50_000, 99_999, 100_000]
        for _ in 0..<6 { rates.append(Int32.random(in: 1_000...100_000, using: &chance)) }
        for millihertz in rates {
            let rate = Frequency(millihertz: millihertz)
            var schedule = PulseSchedule()
            schedule.restart(rate)
            var due: [Int] = []
            for tick in 0..<20_000 where schedule.tick(rate) { due.append(tick) }
            #expect(due.first == 0)
            let expected = 20_000 * Double(millihertz) / 1e6
            #expect(abs(Double(due.count) - expected) <= 1, "\(millihertz) mHz")
            let shortest = 1_000_000 / Int(millihertz)
            let intervals = zip(due, due.dropFirst()).map { $1 - $0 }
            #expect(intervals.allSatisfy { $0 == shortest || $0 == shortest + 1 }, "\(millihertz) mHz")
        }
    }

    // Proves R-RATE-01.
    @Test func `a train of the machine keeps the rate of the schedule`() throws {
        var bench = Bench(try Doses.plan(treatment: Doses.train(milliseconds: 60_000)))
        bench.begin()
        bench.raise(to: 1_000)
        let from = bench.requests.count
        bench.run(20_000)
        #expect(abs(bench.requests.count - from - 700) <= 1)
        #expect(bench.machine.skippedPulses == 0)
        #expect(bench.gateRefusals.isEmpty)
    }

    // Proves R-RATE-03.
    @Test func `a pulse that finds the channel busy is skipped and counted`() throws {
        var bench = Bench(try Doses.plan(treatment: Doses.train(milliseconds: 60_000)))
        bench.begin()
        bench.raise(to: 1_000)
        bench.answerTicks = 45
        let delivered = bench.machine.deliveredPulses
        bench.run(10_000)
        // Every second one finds the one before still under way.
        #expect(bench.machine.skippedPulses >= 170 && bench.machine.skippedPulses <= 180)
        #expect(bench.machine.deliveredPulses - delivered >= 170)
        #expect(bench.count(.pulseSkipped) == Int(bench.machine.skippedPulses))
        #expect(bench.gateRefusals.isEmpty)
    }
}

// Figures of one channel, each at its boundary: what it begins with, what is felt, how long a raise waits, how high it
// may go, and how far apart two runs keep their pulses.
import SafetyKernel
import SessionEngine
import StimulusModel
import Testing

@Suite struct ConductFigureTests {
    /// In a search at 2 Hz, raised to 0.5 mA as soon as may be.
    private static func searching() throws -> Hand {
        var hand = Hand(try Doses.plan(search: Doses.search(), treatment: Doses.train()))
        hand.step(.beginSearch)
        hand.wait(249)
        hand.step(.raise)
        #expect(hand.set == 500)
        return hand
    }

    private static func treating(_ dose: Dose = Doses.train(), limits: LimitTable = .absoluteSurface) throws -> Hand {
        var hand = Hand(try Doses.plan(treatment: dose, limits: limits))
        hand.step(.beginTreatment)
        return hand
    }

    // MARK: - The beginning

    // Proves R-AMP-06.
    @Test func `a session that has not begun shows no time left, no titration and no pulses`() throws {
        let machine = SessionMachine(plan: try Doses.pair(Doses.contractions(), searches: true))
        for place in bothPlaces {
            let status = StatusSnapshot(machine, at: place)
            #expect(status.phaseRemainingMilliseconds == 0 && machine.channel(place).phaseRemaining == 0)
            #expect(!status.isTitrating && !machine.channel(place).titrating)
            #expect(status.deliveredPulses == 0 && machine.channel(place).deliveredPulses == 0)
            #expect(status.unsurePulses == 0 && machine.channel(place).unknownPulses == 0)
            #expect(status.contraction == 0 && status.setAmplitude == .zero && status.highestDelivered == .zero)
        }
    }

    // Proves R-AMP-06.
    @Test func `a channel stands before its search, or without one before its treatment`() throws {
        let both = SessionMachine(plan: try Doses.plan(search: Doses.search(), treatment: Doses.train()))
        #expect(both.part == .search && StatusSnapshot(both).part == .search)
        #expect(both.channel(.first).dose?.dose.stage == .search)
        // The plan has no second channel: nothing could be searched there.
        #expect(both.channel(.second).part == .treatment && both.channel(.second).dose == nil)
        let treated = SessionMachine(plan: try Doses.plan(treatment: Doses.train()))
        #expect(treated.part == .treatment && treated.channel(.first).dose?.dose.stage == .relieve)
        let searched = SessionMachine(plan: try Doses.plan(search: Doses.search(), treatment: nil))
        #expect(searched.part == .search && searched.channel(.first).dose?.dose.stage == .search)
    }

    // Proves R-STOP-13.
    @Test func `a session of a search alone ends by the stop of its own channel, not of one it does not have`() throws {
        var bench = Bench(try Doses.plan(search: Doses.search(), treatment: nil))
        bench.begin(.beginSearch)
        bench.step(channelStops: 2)
        #expect(bench.state == .searching && bench.channelState(.first) == .searching)
        #expect(bench.machine.stopCause == .none && bench.count(.channelStopped) == 0)
        bench.step(channelStops: 1)
        #expect(bench.state == .stopping && bench.channelState(.first) == .stopped)
        #expect(bench.machine.stopCause == .operatorKey && bench.count(.channelStopped) == 1)
    }

    // Proves R-RATE-02.
    @Test func `a train that a pause cut in its sparse part begins anew with the dense one`() throws {
        var bench = Bench(try Doses.plan(treatment: Doses.denseDisperse()))
        bench.begin()
        bench.raise(to: 1_000)
        bench.run(3_500)
        bench.step(.pause)
        bench.run(20)
        bench.step(.resume)
        bench.run(20)
        #expect(bench.state == .holding)
        let begun = try #require(bench.events.last { $0.event.kind == .runBegan }).at
        bench.run(520)
        bench.step(.raise)
        #expect(bench.set == 1_000)
        let raised = bench.milliseconds
        bench.run(3_000)
        let exact = stride(from: begun, to: begun + 3_000, by: 10).filter { $0 >= raised }
        #expect(exact.count > 200)
        #expect(bench.times(.first).filter { $0 >= raised && $0 < begun + 3_000 } == exact)
        #expect(bench.gateRefusals.isEmpty)
    }

    // MARK: - How long a raise waits

    // Proves R-AMP-02.
    /// Rounded up: 1,443 divides a million with 1 left over.
    @Test(arguments: [(1_000, 2_000, 500), (1_000, 1_443, 694), (500, 2_000, 250)] as [(Int32, Int64, Int)])
    func `the first raise of a run waits as long as the rise limit asks, to the millisecond`(
        step: Int32, limit: Int64, gap: Int
    ) throws {
        var limits = LimitTable.absoluteSurface
        limits.tighten(.amplitudeRise, to: limit, by: .clinic)
        var hand = try Self.treating(Doses.treatment(.continuous(milliseconds: 60_000), step: step), limits: limits)
        hand.wait(gap - 2)
        let early = hand.trying(.raise)
        #expect(early.set == 0 && early.refusal == (gap > 250 ? .riseLimit : .heldKey))
        hand.wait(1)
        hand.step(.raise)
        #expect(hand.set == step && hand.refusal == nil)
    }

    // Proves R-AMP-02.
    @Test func `under a rise limit of nothing a press is refused like any that is too fast`() throws {
        var limits = LimitTable.absoluteNeedle
        limits.tighten(.amplitudeRise, to: 0, by: .clinic)
        let clearance = try Clearance.grant(passed: Clearance.required(for: .needle), for: .needle)
        let plan = try Authorization.authorize(
            Prescription(
                search: nil, treatment: NeedlePlans.dose(), channel: .first,
                contact: .needle(NeedleGeometry(diameterMicrometres: 250, insertedMillimetres: 20)),
                capabilities: .needleRig(residualOffsetNanoamperes: 0, imbalancePermille: 0, tolerancePermille: 0),
                history: TreatmentHistory(earlierTreatments: 2, millisecondsSinceLast: 30 * 86_400_000),
                limits: limits), clearance: clearance)
        var hand = Hand(plan)
        hand.step(.beginTreatment)
        // 100 µA at 2 µA/s would be 50 s.
        for _ in 0..<51 { hand.step(elapsed: 1_000) }
        hand.step(.raise)
        #expect(hand.machine.state == .holding)
        #expect(hand.set == 0 && hand.refusal == .riseLimit)
    }

    // Proves R-AMP-02, R-AMP-03.
    /// 0.1 mA at 0.5 mA/s would be 200 ms: the 250 ms of a press hold between the pulse and the next raise as well.
    @Test func `on needles a step stands for 250 ms from the pulse that carried it`() throws {
        var hand = Hand(try NeedlePlans.plan())
        hand.step(.beginTreatment)
        hand.wait(249)
        hand.step(.raise)
        #expect(hand.set == 100)
        let carried = hand.pulse()
        #expect(carried == 100)
        hand.step(answer: carried)
        hand.wait(248)
        // The tick of the pulse itself does not count.
        let early = hand.trying(.raise)
        #expect(early.set == 100 && early.refusal == .riseLimit)
        hand.wait(1)
        hand.step(.raise)
        #expect(hand.set == 200 && hand.refusal == nil)
    }

    // Proves R-BCH-04.
    @Test func `on the bench a press leads to the next level after 250 ms, and down to 0 mA`() throws {
        var list = BenchLevels()
        for level in [5_000, 10_000, 80_000] as [Int32] { _ = list.append(Current(microamperes: level)) }
        let attested = BenchAttestation(
            assetNumberIsRecorded: true, nobodyIsConnected: true, stopControlIsProven: true, deviceIsIdentified: true)
        let order = BenchOrder(
            channel: .first, levels: list, frequency: Frequency(millihertz: 20_000),
            phaseDuration: PhaseDuration(microseconds: 200), capabilities: .p24LowLevel)
        var hand = Hand(
            try Authorization.authorize(order, clearance: BenchClearance.attest(.open, attested, for: .surface)).plan)
        hand.isAnswering = true
        hand.step(.beginSearch)
        hand.wait(248)
        let early = hand.trying(.raise)
        #expect(early.set == 0 && early.refusal == .heldKey)
        hand.wait(1)
        for level in [5_000, 10_000, 80_000] as [Int32] {
            hand.step(.raise)
            #expect(hand.set == level && hand.refusal == nil)
            // At 20 Hz it is carried within 50 ms, and stands for 250 ms from there.
            hand.wait(301)
        }
        hand.step(.raise)
        #expect(hand.set == 80_000 && hand.refusal == .wrongState)
        hand.step(.lower)
        #expect(hand.set == 0)
    }

    // MARK: - How high

    // Proves R-AMP-08, R-LIM-03.
    /// 80 % of 2.9 mA are 2.32 mA; of 0.6 mA 0.48 mA, above what the dose allows.
    @Test(arguments: [(2_900, 4_000, 2_300), (600, 300, 300)] as [(Int32, Int32, Int32)])
    func `above 15 Hz the ceiling is below 80 % of the motor threshold, and never above that of the dose`(
        marked: Int32, maximum: Int32, ceiling: Int32
    ) throws {
        let dose = Dose(
            electrodeKind: .needle, muscle: .vmo, stage: .relieve, pattern: .continuous(milliseconds: 900_000),
            frequency: Frequency(millihertz: 50_000), phaseDuration: PhaseDuration(microseconds: 250),
            interphaseGap: PhaseDuration(microseconds: 0), maximumAmplitude: Current(microamperes: maximum),
            amplitudeStep: Current(microamperes: 100))
        var hand = Hand(try NeedlePlans.plan(search: true, treatment: dose))
        hand.step(.beginSearch)
        hand.climb(to: marked)
        hand.wait(600)
        hand.step(.markMotor)
        #expect(hand.machine.motorThreshold.microamperes == marked)
        hand.step(.endSearch)
        hand.step(.beginTreatment)
        #expect(hand.machine.state == .holding)
        hand.climb(to: marked)
        #expect(hand.set == ceiling && hand.refusal == .atCeiling)
    }

    // MARK: - What was felt

    // Proves R-REC-05.
    @Test func `every answered pulse is counted once, and the highest is kept when it falls`() throws {
        var hand = try Self.treating()
        hand.climb(to: 2_000)
        hand.wait(100)
        hand.step(.lower)
        hand.wait(300)
        #expect(hand.set == 1_000 && hand.answered > 20)
        let channel = hand.machine.channel(.first)
        #expect(channel.deliveredPulses == hand.answered && hand.machine.deliveredPulses == hand.answered)
        #expect(channel.treatmentPulses == hand.answered)
        #expect(channel.highestDelivered.microamperes == 2_000)
    }

    // Proves R-AMP-04.
    @Test func `a pulse that was answered with less than what is set was not felt`() throws {
        var hand = try Self.treating()
        hand.wait(499)
        hand.step(.raise)
        #expect(hand.set == 1_000)
        for _ in 0..<600 {
            let isAsked = hand.last.request != nil
            hand.step(answer: isAsked ? 500 : nil)
        }
        #expect(hand.answered > 15)
        hand.step(.raise)
        #expect(hand.set == 1_000 && hand.refusal == .notYetFelt)
    }

    // Proves R-AMP-04.
    @Test func `a pulse that was answered with more than what is set lets nothing rise ahead of it`() throws {
        var hand = try Self.treating()
        hand.wait(499)
        hand.step(.raise)
        let carried = hand.pulse()
        #expect(carried == 1_000)
        hand.step(answer: 2_000)
        hand.wait(499)
        hand.step(.raise)
        #expect(hand.set == 2_000)
        hand.wait(600)
        hand.step(.raise)
        #expect(hand.set == 2_000 && hand.refusal == .notYetFelt)
    }

    // Proves R-AMP-03, R-AMP-04.
    /// The weaker pulses of the ramps between take nothing back of what was felt on the plateau before.
    @Test func `a raise is taken in the first millisecond of a plateau when the last one was felt`() throws {
        var hand = try Self.treating(Doses.contractions())
        hand.isAnswering = true
        hand.wait(for: .holding)
        hand.step(.raise)
        #expect(hand.set == 1_000)
        hand.wait(for: .rampingUp)
        hand.wait(for: .holding)
        #expect(hand.machine.titrationContractions == 2 && hand.set == 1_000)
        hand.step(.raise)
        #expect(hand.set == 2_000 && hand.refusal == nil)
    }

    // Proves R-AMP-04.
    @Test func `a raise that nobody felt in the first contraction is taken back to nothing`() throws {
        var hand = try Self.treating(Doses.contractions(count: 1))
        hand.wait(for: .holding)
        hand.wait(2_400)
        hand.step(.raise)
        #expect(hand.machine.state == .holding && hand.set == 1_000)
        hand.wait(for: .rampingDown)
        #expect(hand.values(.setAmplitudeClipped) == [0])
        #expect(hand.last.setAmplitude == .zero && hand.set == 0)
    }

    // Proves R-AMP-04.
    /// Whether the last pulse before a fall is answered before or after it: the pulse after the next raise counts.
    @Test(arguments: [false, true])
    func `after a fall the next pulse of what was raised is felt`(isUnderWay: Bool) throws {
        var hand = try Self.searching()
        let (first, second) = hand.raiseAfterAPulse()
        #expect(first == 500 && second == 1_000)
        if isUnderWay { hand.step(.lower) }
        hand.step(answer: second)
        if !isUnderWay { hand.step(.lower) }
        #expect(hand.set == 500)
        hand.wait(248)
        hand.step(.raise)
        #expect(hand.set == 1_000)
        let third = hand.pulse()
        #expect(third == 1_000)
        hand.step(answer: third)
        hand.wait(249)
        // At 2 Hz no other pulse came since.
        hand.step(.raise)
        #expect(hand.set == 1_500 && hand.refusal == nil)
    }

    // Proves R-AMP-04.
    /// A pulse that was not given, or of which nobody knows, is answered: a fall after it takes nothing from the next.
    @Test(arguments: [Delivery.notDelivered, .unknown])
    func `after a pulse that was not felt and a fall the next one that is felt counts`(delivery: Delivery) throws {
        var hand = try Self.searching()
        let (first, second) = hand.raiseAfterAPulse()
        hand.step(answer: second, as: delivery)
        hand.step(.lower)
        hand.wait(249)
        hand.step(.raise)
        let third = hand.pulse()
        hand.step(answer: third)
        #expect([first, second, third] == [500, 1_000, 1_000])
        hand.wait(249)
        hand.step(.raise)
        #expect(hand.set == 1_500 && hand.refusal == nil)
    }

    // Proves R-AMP-04.
    @Test func `the answer to a pulse of the run before lets nothing rise in the new one`() throws {
        var hand = try Self.searching()
        let before = hand.searchAgain(isAnswered: false)
        #expect(before == 500 && hand.set == 500)
        hand.step(answer: before)
        hand.wait(248)
        hand.step(.raise)
        #expect(hand.set == 500 && hand.refusal == .notYetFelt)
        // The new run's own first pulse fell due in that step.
        let own = try #require(hand.last.request)
        hand.step(answer: own.amplitude.microamperes)
        hand.wait(249)
        hand.step(.raise)
        #expect(hand.set == 1_000 && hand.refusal == nil)
    }

    // Proves R-AMP-09.
    @Test func `the answer to a pulse of the search before is no mark of the new one`() throws {
        var hand = try Self.searching()
        let before = hand.searchAgain(isAnswered: false)
        hand.step(answer: before)
        #expect(before == 500 && hand.set == 500)
        hand.step(.markMotor)
        #expect(hand.refusal == .notYetFelt)
        #expect(hand.machine.motorThreshold == .zero)
    }

    // Proves R-AMP-09.
    /// 0.5 mA was felt, then 1 mA, and set is 0.5 mA again: the last that was felt is another.
    @Test func `what was felt before a stronger pulse is no mark until it was felt again`() throws {
        var hand = try Self.searching()
        let (first, second) = hand.raiseAfterAPulse()
        hand.step(.lower)
        hand.step(answer: second)
        #expect(first == 500 && second == 1_000 && hand.set == 500)
        hand.step(.markMotor)
        #expect(hand.refusal == .notYetFelt)
        let third = hand.pulse()
        hand.step(answer: third)
        hand.step(.markMotor)
        #expect(hand.machine.motorThreshold.microamperes == 500)
    }

    // Proves R-AMP-09.
    @Test func `what the search before felt is no mark of the new one`() throws {
        var hand = try Self.searching()
        let before = hand.searchAgain(isAnswered: true)
        #expect(before == 500 && hand.set == 500)
        for command in [OperatorCommand.markMotor, .markSensory] {
            hand.step(command)
            #expect(hand.refusal == .notYetFelt)
        }
        #expect(hand.machine.motorThreshold == .zero && hand.machine.sensoryThreshold == .zero)
        let own = hand.pulse()
        hand.step(answer: own)
        hand.step(.markMotor)
        #expect(hand.machine.motorThreshold.microamperes == 500)
    }

    // MARK: - How far apart

    // Proves R-RATE-01.
    /// The second channel begins half a period late: only there a new run could come too close to the one before.
    @Test(arguments: [(2_000, 250, 501), (1_001, 500, 1_001)] as [(Int32, Int64, Int64)])
    func `a new run's pulse waits a whole period and a tick from the last one, to the millisecond`(
        millihertz: Int32, half: Int64, least: Int64
    ) throws {
        let search = Doses.treatment(
            .continuous(milliseconds: 60_000), stage: .search, millihertz: millihertz, maximum: 15_000, step: 500)
        for distance in [least - 1, least] {
            var bench = Bench(try Doses.pair(Doses.train(), search: search))
            bench.arm()
            bench.step(.beginSearch, at: .second)
            bench.raise(to: 500, at: .second)
            let before = bench.times(.second).count
            for _ in 0..<2_000 where bench.times(.second).count == before { bench.step() }
            let last = try #require(bench.times(.second).last)
            #expect(last == bench.milliseconds)
            bench.step(.endSearch)
            bench.run(distance - half - 2)
            // Begun so that the pulse half a period later falls due at this distance.
            bench.step(.beginSearch, at: .second)
            bench.run(249)
            bench.step(.raise, at: .second)
            #expect(bench.set(.second) == 500)
            bench.run(300)
            #expect(bench.times(.second).contains(last + distance) == (distance == least), "\(distance) ms")
            #expect(bench.machine.droppedPulses == (distance == least ? 0 : 1))
            #expect(bench.gateRefusals.isEmpty, "\(bench.gateRefusals)")
        }
    }
}

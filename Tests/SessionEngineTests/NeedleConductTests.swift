// What a session on needles does that one on pads does not: check-ins, thresholds above 15 Hz, causes of a stop.
import SafetyKernel
import SessionEngine
import StimulusModel
import Testing

enum NeedlePlans {
    static func dose(
        _ pattern: Pattern = .continuous(milliseconds: 900_000), stage: CareStage = .relieve, millihertz: Int32 = 2_000,
        muscle: TargetMuscle = .vmo
    ) -> Dose {
        Dose(
            electrodeKind: .needle, muscle: muscle, stage: stage, pattern: pattern,
            frequency: Frequency(millihertz: millihertz), phaseDuration: PhaseDuration(microseconds: 250),
            interphaseGap: PhaseDuration(microseconds: 0), maximumAmplitude: Current(microamperes: 4_000),
            amplitudeStep: Current(microamperes: 100))
    }

    static func plan(
        search: Bool = false, treatment: Dose? = dose(), second: Dose? = nil
    ) throws -> AuthorizedPlan {
        let history = TreatmentHistory(earlierTreatments: 2, millisecondsSinceLast: 30 * 86_400_000)
        let contact = ElectrodeContact.needle(NeedleGeometry(diameterMicrometres: 250, insertedMillimetres: 20))
        let searching = dose(.continuous(milliseconds: 120_000), stage: .search)
        let clearance = try Clearance.grant(passed: Clearance.required(for: .needle), for: .needle)
        let other = second.map {
            ChannelPrescription(
                search: search ? searching.on(.gluteusMedius) : nil, treatment: $0,
                channel: Channel(number: 2) ?? .first, contact: contact, history: history)
        }
        return try Authorization.authorize(
            Prescription(
                first: ChannelPrescription(
                    search: search ? searching : nil, treatment: treatment, channel: .first, contact: contact,
                    history: history),
                second: other, arrangement: other == nil ? .single : .together,
                capabilities: .needleRig(residualOffsetNanoamperes: 0, imbalancePermille: 0, tolerancePermille: 0),
                limits: .absoluteNeedle), clearance: clearance)
    }
}

// Proves R-PRES-02.
@Suite struct CheckInTests {
    private static func treated() throws -> Bench {
        var bench = Bench(try NeedlePlans.plan())
        bench.begin()
        #expect(bench.state == .holding)
        return bench
    }

    /// In late steps, the presence key pressed every 20 s: a key that answers no check-in.
    private static func attend(_ bench: inout Bench, _ milliseconds: Int64) {
        var left = milliseconds
        while left > 0 {
            let span = min(20_000, left)
            bench.coast(span - 1)
            bench.step(.present)
            left -= span
        }
    }

    @Test func `the first check-in comes after a minute, later ones every five`() throws {
        var bench = try Self.treated()
        let begun = bench.milliseconds
        bench.run(59_990)
        #expect(bench.count(.checkInAsked) == 0)
        bench.run(12)
        #expect(bench.values(.checkInAsked) == [30])
        #expect((59_990...60_002).contains(bench.milliseconds - begun))
        bench.step(.checkedIn)
        #expect(bench.count(.checkInAnswered) == 1)
        Self.attend(&bench, 299_900)
        #expect(bench.count(.checkInAsked) == 1)
        Self.attend(&bench, 150)
        #expect(bench.count(.checkInAsked) == 2)
        bench.step(.checkedIn)
        #expect(bench.state == .holding && bench.count(.checkInAnswered) == 2)
    }

    @Test func `no other key answers a check-in, and after thirty seconds it pauses`() throws {
        for command in allCommands where command != .checkedIn && command != .pause && command != .none {
            var bench = try Self.treated()
            Self.attend(&bench, 60_050)
            #expect(bench.count(.checkInAsked) == 1)
            for _ in 0..<55 {
                bench.step(command)
                bench.run(499)
            }
            #expect(bench.state == .holding, "\(command) after 27.5 s")
            bench.run(2_600)
            #expect(bench.state == .paused, "\(command)")
            #expect(bench.count(.checkInMissed) == 1 && bench.set == 0)
            #expect(bench.gateRefusals.isEmpty)
        }
    }

    @Test func `a question that a pause cut off is asked anew within a minute of the resumption`() throws {
        var bench = try Self.treated()
        Self.attend(&bench, 60_050)
        bench.step(.pause)
        bench.run(20)
        bench.step(.checkedIn)
        #expect(bench.lastRefusal == .wrongState)
        bench.step(.resume)
        bench.run(20)
        #expect(bench.state == .holding)
        Self.attend(&bench, 60_050)
        #expect(bench.count(.checkInAsked) == 2)
    }

    @Test func `pausing again and again puts no check-in off`() throws {
        var bench = try Self.treated()
        var delivered: Int64 = 0
        while bench.count(.checkInAsked) == 0, delivered < 200_000 {
            bench.coast(20_000)
            delivered += 20_000
            bench.step(.pause)
            bench.run(20)
            bench.step(.resume)
            bench.run(20)
        }
        #expect(delivered <= 80_000, "\(delivered) ms of treatment without a question")
    }

    @Test func `unasked it is refused, and never keeps a question from coming`() throws {
        var bench = try Self.treated()
        for _ in 0..<59 {
            bench.step(.checkedIn)
            #expect(bench.lastRefusal == .wrongState)
            bench.run(999)
        }
        bench.run(1_100)
        #expect(bench.count(.checkInAsked) == 1)
    }

    @Test func `a key that is held answers no check-in, and a fresh press does`() throws {
        var bench = try Self.treated()
        bench.coast(50_000)
        // Pressed before there was a question, and held into it.
        bench.hold(.checkedIn, 20_000)
        #expect(bench.count(.checkInAsked) == 1)
        #expect(bench.lastRefusal == .heldKey)
        #expect(bench.count(.checkInAnswered) == 0)
        bench.run(250)
        bench.step(.checkedIn)
        #expect(bench.lastRefusal == nil)
        #expect(bench.count(.checkInAnswered) == 1)
        #expect(bench.state == .holding)
    }

    @Test func `a check-in that a held key alone answers is missed, and pauses`() throws {
        var bench = try Self.treated()
        bench.coast(50_000)
        bench.hold(.checkedIn, 42_000)
        #expect(bench.count(.checkInAsked) == 1)
        #expect(bench.count(.checkInAnswered) == 0)
        #expect(bench.count(.checkInMissed) == 1)
        #expect(bench.state == .paused && bench.set == 0)
    }

    @Test func `not in a search, not on pads`() throws {
        var search = Bench(try NeedlePlans.plan(search: true))
        search.begin(.beginSearch)
        search.coast(110_000)
        #expect(search.state == .searching && search.count(.checkInAsked) == 0)
        var pads = Bench(try Doses.plan(treatment: Doses.train(milliseconds: 600_000)))
        pads.begin()
        for _ in 0..<500 {
            pads.coast(1_000)
            pads.step(.present)
        }
        #expect(pads.count(.checkInAsked) == 0 && pads.state == .holding)
        pads.step(.checkedIn)
        #expect(pads.lastRefusal == .wrongState)
    }
}

@Suite struct NeedleThresholdTests {
    private static func fast() -> Dose { NeedlePlans.dose(millihertz: 50_000) }

    // Proves R-AMP-08.
    @Test func `above 15 Hz a treatment does not begin before a motor threshold is marked`() throws {
        var bench = Bench(try NeedlePlans.plan(search: true, treatment: Self.fast()))
        bench.begin()
        #expect(bench.state == .armed && bench.lastRefusal == .noMotorThreshold)
        bench.step(.beginSearch)
        bench.raise(to: 500)
        bench.step(.markSensory)
        bench.step(.endSearch)
        bench.step(.beginTreatment)
        #expect(bench.state == .armed && bench.lastRefusal == .noMotorThreshold, "a sensory mark is none")
        #expect(bench.gateRefusals.isEmpty)
    }

    // Proves R-AMP-08.
    @Test func `with a mark it begins, and no raise reaches 80 % of it`() throws {
        // The bench has no gate that follows thresholds: only the machine is asked here.
        for (marked, ceiling) in [(500, 300), (600, 400), (1_000, 700), (100, 0)] as [(Int32, Int32)] {
            var bench = Bench(try NeedlePlans.plan(search: true, treatment: Self.fast()))
            bench.begin(.beginSearch)
            bench.raise(to: marked)
            bench.step(.markMotor)
            #expect(bench.machine.motorThreshold.microamperes == marked)
            bench.step(.endSearch)
            bench.run(20)
            let machine = bench.machine
            var probe = machine
            var inputs = StepInputs()
            inputs.condition = .ready
            inputs.command = .beginTreatment
            _ = probe.step(inputs)
            #expect(probe.state == .holding, "\(marked)")
            for index in 0..<20_000 {
                inputs.command = index % 300 == 299 ? .raise : .none
                inputs.first = ChannelNews()
                if probe.setMicroamperes > 0 {
                    inputs.first.delivery = .delivered
                    inputs.first.deliveredAmplitude = Current(microamperes: probe.setMicroamperes)
                }
                _ = probe.step(inputs)
            }
            #expect(probe.setMicroamperes == ceiling, "marked \(marked)")
        }
    }

    // Proves R-AMP-08.
    @Test func `each channel needs a mark of its own, and a channel stopped alone needs none`() throws {
        var bench = Bench(
            try NeedlePlans.plan(search: true, treatment: Self.fast(), second: Self.fast().on(.gluteusMedius)))
        bench.begin(.beginSearch)
        bench.raise(to: 500)
        bench.step(.markMotor)
        bench.step(.endSearch)
        bench.step(.beginTreatment)
        #expect(bench.state == .armed && bench.lastRefusal == .noMotorThreshold)
        bench.step(channelStops: 2)
        bench.step(.beginTreatment)
        #expect(bench.state == .holding)
    }

    // Proves R-RATE-09.
    @Test func `what comes next is told only for a train that runs above 0 mA`() throws {
        var bench = Bench(try NeedlePlans.plan(search: true))
        #expect(bench.machine.upcoming(.first) == nil)
        bench.begin(.beginSearch)
        #expect(bench.machine.upcoming(.first) == nil, "at 0 mA")
        bench.raise(to: 300)
        let next = bench.machine.upcoming(.first)
        #expect(next?.amplitude.microamperes == 300 && next?.part == .search && next?.isOnPlateau == true)
        #expect(bench.machine.upcoming(.second) == nil)
        bench.step(.zero)
        #expect(bench.machine.upcoming(.first) == nil)
        bench.raise(to: 200)
        bench.step(.pause)
        #expect(bench.machine.upcoming(.first) == nil)
        bench.step(stop: .operatorKey)
        #expect(bench.machine.upcoming(.first) == nil)
        var pads = Bench(try Doses.plan(treatment: Doses.contractions()))
        pads.begin()
        pads.run(to: .holding)
        pads.raise(to: 1_000)
        #expect(pads.machine.upcoming(.first) == nil, "contractions are scaled: no pulse is told beforehand")
    }

    // Proves R-NDL-09, R-STOP-01.
    @Test(arguments: [StopCause.emergencyStop, .patientButton, .fainting, .brokenNeedle, .strongPain])
    func `each cause of needles stops in the same step and is kept`(cause: StopCause) throws {
        var bench = Bench(try NeedlePlans.plan())
        bench.begin()
        bench.raise(to: 300)
        let out = bench.step(.raise, stop: cause)
        #expect(out.demand == .off && out.setAmplitude == .zero && out.request == nil)
        #expect(bench.machine.stopCause == cause)
        bench.run(20)
        #expect(bench.state == .closed && bench.machine.stopCause == cause)
        bench.step(stop: .operatorKey)
        #expect(bench.machine.stopCause == cause, "the first cause stays")
    }

    // Proves R-REC-05.
    @Test func `lines in the journal keep levels, drive and time, and what could not be read`() {
        var levels = PinLevels()
        levels.emergencyStopIsPressed = true
        levels.relayIsClosed = true
        levels.secondPulseIsSeen = true
        var drive = PinDrive()
        drive.heartbeat = true
        drive.enable = true
        drive.secondTrigger = true
        let block = JournalEntry.pins(levels, drive, at: Instant(nanoseconds: 123_456_789), tick: 42)
        #expect(JournalEntry.kind(block) == .pins && JournalEntry.tick(block) == 42)
        #expect(block.words[2] == 1 + 4 + 16)
        // The heartbeat moves in every tick and is no news.
        #expect(block.words[3] == 2 + 8)
        #expect(block.words[4] == 123_456_789)
        #expect(JournalEntry.pins(nil, PinDrive(), at: Instant(nanoseconds: 0), tick: 1).words[2] == 255)
        #expect(JournalEntry.kind(block) != .inputs && StepInputs(block) == nil)
    }
}

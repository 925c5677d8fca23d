import SafetyKernel
import SessionEngine
import StimulusModel
import Testing

@Suite struct ContractionTests {
    private func treating(_ dose: Dose = Doses.contractions(), limits: LimitTable = .absoluteSurface) throws -> Bench {
        var bench = Bench(try Doses.plan(treatment: dose, limits: limits))
        bench.begin()
        return bench
    }

    // Proves R-DUR-07.
    @Test func `phases last exactly as long as prescribed`() throws {
        var bench = try treating(Doses.contractions(up: 700, plateau: 2_500, down: 900, rest: 1_300, count: 1))
        bench.run(to: .closed, atMost: 60_000)
        let changes = bench.events.filter { $0.event.kind == .stateChanged }
        let lengths: [SessionState: Int64] = [.rampingUp: 700, .holding: 2_500, .rampingDown: 900, .resting: 1_300]
        var seen = 0
        for (entered, left) in zip(changes, changes.dropFirst()) {
            guard let state = SessionState(rawValue: UInt8(entered.event.value)), let length = lengths[state] else {
                continue
            }
            // The first begins with the key and has that millisecond to itself already.
            let isFirst = seen == 0
            #expect(left.at - entered.at == length - (isFirst ? 1 : 0), "\(state)")
            seen += 1
        }
        // Five of titration and one counted: four phases each, and no rest after the last.
        #expect(seen == 6 * 4 - 1)
    }

    // Proves R-DUR-03.
    @Test func `the fifth contraction ends the titration, and the dose follows`() throws {
        var bench = try treating()
        #expect(bench.machine.titrating)
        bench.run(to: .closed, atMost: 60_000)
        #expect(bench.machine.titrationContractions == 5)
        #expect(bench.machine.countedContractions == 3)
        #expect(bench.values(.contractionBegan) == [1, 2, 3, 4, 5, 1, 2, 3])
        #expect(bench.values(.titrationEnded) == [5])
        #expect(bench.machine.stopCause == .programmeFinished)
    }

    // Proves R-DUR-03.
    @Test func `a key ends the titration`() throws {
        var bench = try treating()
        bench.run(to: .holding)
        bench.step(.endTitration)
        #expect(!bench.machine.titrating)
        bench.step(.endTitration)
        #expect(bench.lastRefusal == .wrongState)
        bench.run(to: .closed, atMost: 60_000)
        #expect(bench.values(.contractionBegan) == [1, 1, 2, 3])
        #expect(bench.values(.titrationEnded) == [1])
    }

    // Proves R-DUR-03.
    @Test func `a clinic may shorten the titration, down to none`() throws {
        var limits = LimitTable.absoluteSurface
        limits.tighten(.titrationContractions, to: 0, by: .clinic)
        var bench = try treating(limits: limits)
        #expect(!bench.machine.titrating)
        bench.run(to: .closed, atMost: 60_000)
        #expect(bench.values(.contractionBegan) == [1, 2, 3])
    }

    // Proves R-DUR-03.
    @Test func `contractions after a pause count in the dose`() throws {
        var bench = try treating()
        bench.run(to: .holding)
        bench.step(.pause)
        #expect(!bench.machine.titrating)
        bench.run(20)
        bench.step(.resume)
        bench.run(20)
        #expect(bench.state == .rampingUp)
        #expect(bench.machine.countedContractions == 1)
        bench.run(to: .closed, atMost: 60_000)
        #expect(bench.values(.contractionBegan) == [1, 1, 2, 3])
    }

    // Proves R-DUR-03.
    @Test func `a contraction cut by a pause was felt and stays counted`() throws {
        var bench = try treating()
        bench.run(to: .holding)
        bench.step(.endTitration)
        bench.run(to: .resting)
        bench.run(to: .holding)
        #expect(bench.machine.countedContractions == 1)
        bench.step(.pause)
        bench.run(20)
        bench.step(.resume)
        bench.run(to: .closed, atMost: 60_000)
        #expect(bench.values(.contractionBegan) == [1, 1, 2, 3])
    }

    // Proves R-DUR-03.
    @Test func `a pause in the last contraction leaves nothing to resume`() throws {
        var bench = try treating(Doses.contractions(count: 1))
        bench.run(to: .holding)
        bench.step(.endTitration)
        bench.run(to: .resting)
        bench.run(to: .holding)
        bench.step(.pause)
        bench.run(20)
        bench.step(.resume)
        bench.run(40)
        #expect(bench.state == .closed)
        #expect(bench.machine.stopCause == .programmeFinished)
    }

    // Proves R-DUR-03.
    @Test func `a train has no titration`() throws {
        var bench = Bench(try Doses.plan(treatment: Doses.train()))
        bench.begin()
        #expect(!bench.machine.titrating)
        bench.step(.endTitration)
        #expect(bench.lastRefusal == .wrongState)
        bench.step(.pause)
        #expect(bench.count(.titrationEnded) == 0)
    }

    // Proves R-AMP-07.
    @Test func `ramps rise and fall between nothing and the set amplitude, and never exceed it`() throws {
        var bench = try treating(
            Doses.contractions(up: 2_000, plateau: 9_000, down: 1_000, rest: 1_000, count: 1, millihertz: 50_000))
        bench.run(to: .holding)
        bench.raise(to: 12_000)
        bench.run(to: .resting)
        let from = bench.requests.count
        bench.run(to: .resting, atMost: 1)
        bench.run(to: .rampingUp)
        bench.run(to: .resting)
        var highest: Int32 = 0
        var plateaus = 0
        for asked in bench.requests[from...] {
            let amplitude = asked.request.amplitude.microamperes
            #expect(amplitude > 0 && amplitude <= 12_000)
            #expect(amplitude % 500 == 0)
            #expect(asked.request.setAmplitude.microamperes == 12_000)
            if asked.request.isOnPlateau && amplitude == 12_000 { plateaus += 1 }
            if asked.state == .rampingUp {
                #expect(amplitude >= highest && amplitude < 12_000)
                highest = amplitude
            } else if asked.state == .rampingDown {
                #expect(amplitude <= highest)
                highest = amplitude
            } else {
                highest = 12_000
            }
        }
        // 9 s at 50 Hz, the edges aside.
        #expect(plateaus >= 448)
        #expect(bench.gateRefusals.isEmpty)
    }

    // Proves R-AMP-04.
    @Test func `a raise that was not felt before the ramp is taken back`() throws {
        var bench = try treating(Doses.contractions(plateau: 2_500, millihertz: 2_000))
        bench.run(to: .holding)
        bench.raise(to: 1_000)
        #expect(bench.machine.phaseRemaining > 0)
        bench.run(Int64(bench.machine.phaseRemaining) - 2)
        #expect(bench.state == .holding)
        bench.step(.raise)
        #expect(bench.set == 2_000)
        bench.run(to: .rampingDown)
        #expect(bench.set == 1_000)
        #expect(bench.values(.setAmplitudeClipped) == [1_000])
        bench.run(to: .resting)
        #expect(bench.gateRefusals.isEmpty)
    }

    // Proves R-AMP-04, R-AMP-07.
    /// The pulse that falls due in the plateau's last millisecond carries what is set after the raise was taken back.
    @Test func `a raise taken back never leaves a pulse above the set amplitude`() throws {
        for plateau in Int32(1_500)...1_530 {
            var bench = try treating(Doses.contractions(plateau: plateau, count: 1))
            bench.answerTicks = 20
            bench.run(to: .holding)
            bench.raise(to: 1_000)
            bench.run(Int64(bench.machine.phaseRemaining) - 10)
            #expect(bench.state == .holding)
            bench.step(.raise)
            bench.run(to: .resting)
            for asked in bench.requests {
                #expect(asked.request.amplitude.microamperes <= asked.request.setAmplitude.microamperes)
            }
            #expect(bench.gateRefusals.isEmpty, "plateau \(plateau): \(bench.gateRefusals)")
        }
    }
}

// Proves R-DUR-07.
@Suite struct PauseTests {
    @Test func `a pause holds the treatment clock and not the attended one`() throws {
        var bench = try Bench.reaching(.paused)
        let treated = bench.machine.treatmentMilliseconds
        let attended = bench.machine.attendedMilliseconds
        bench.coast(60_000)
        #expect(bench.machine.treatmentMilliseconds == treated)
        #expect(bench.machine.attendedMilliseconds == attended + 60_000)
    }

    @Test func `a train resumes with the time that was left`() throws {
        var bench = Bench(try Doses.plan(treatment: Doses.train(milliseconds: 10_000)))
        bench.begin()
        bench.run(4_000)
        let left = bench.machine.phaseRemaining
        #expect(left > 5_900 && left < 6_010)
        bench.step(.pause)
        bench.run(5_000)
        bench.step(.resume)
        bench.run(10)
        #expect(bench.state == .holding)
        #expect(bench.machine.phaseRemaining <= left && bench.machine.phaseRemaining > left - 20)
        bench.run(to: .closed, atMost: 7_000)
        #expect(bench.machine.treatmentMilliseconds <= 10_001)
        #expect(bench.machine.treatmentMilliseconds >= 9_999)
    }
}

// Proves R-STOP-18.
@Suite struct ResumptionTests {
    @Test func `a pause takes back a resumption that is under way, and a later one works`() throws {
        var bench = try Bench.reaching(.paused)
        let run = bench.machine.run
        bench.step(.resume)
        #expect(bench.state == .paused && bench.last.demand == .energised)
        bench.step(.pause)
        #expect(bench.lastRefusal == nil)
        #expect(bench.state == .paused && bench.last.demand == .off)
        // The stimulator becomes ready all the same.
        var other = bench.machine
        var inputs = StepInputs()
        inputs.condition = .ready
        var silent = 0
        for _ in 0..<1_000 {
            let out = other.step(inputs)
            if out.state == .paused, out.demand == .off, out.request == nil { silent += 1 }
        }
        #expect(silent == 1_000)
        #expect(other.run == run)
        bench.run(20)
        #expect(bench.condition == .off)
        bench.step(.pause)
        #expect(bench.lastRefusal == .wrongState, "nothing is left to take back")
        bench.step(.resume)
        bench.run(10)
        #expect(bench.state == .rampingUp)
        #expect(bench.machine.run == run + 1)
        #expect(bench.set == 0)
        #expect(bench.gateRefusals.isEmpty)
    }

    /// Also in the step in which the stimulator becomes ready.
    @Test(arguments: Int64(0)...6) func `a pause is the last word at each moment of a resumption`(wait: Int64) throws {
        var bench = try Bench.reaching(.paused)
        let asked = bench.requests.count
        bench.step(.resume)
        bench.run(wait)
        bench.step(.pause)
        #expect(bench.state == .paused && bench.last.demand == .off)
        bench.run(1_000)
        #expect(bench.state == .paused && bench.last.demand == .off)
        #expect(bench.condition == .off)
        #expect(bench.requests.count == asked)
        bench.step(.resume)
        bench.run(10)
        #expect(bench.state == .rampingUp)
        #expect(bench.gateRefusals.isEmpty)
    }
}

@Suite struct SearchTests {
    // Proves R-AMP-06.
    @Test func `a search leads back to armed, and the treatment starts at zero`() throws {
        var bench = try Bench.reaching(.searching)
        bench.step(.endSearch)
        #expect(bench.state == .armed)
        #expect(bench.set == 0)
        #expect(bench.last.demand == .energised)
        let run = bench.machine.run
        bench.step(.beginTreatment)
        #expect(bench.state == .rampingUp)
        #expect(bench.machine.run == run + 1)
        #expect(bench.machine.titrating)
        let from = bench.requests.count
        bench.run(to: .holding)
        bench.raise(to: 2_000)
        for asked in bench.requests[from...] { #expect(asked.request.part == .treatment) }
        #expect(bench.requests.count > from)
        #expect(bench.gateRefusals.isEmpty)
    }

    // Proves R-DUR-05.
    @Test func `the last answer of a search is none of the treatment's, though it comes in it`() throws {
        var bench = Bench(try Doses.plan(search: Doses.search(), treatment: Doses.train()))
        bench.answerTicks = 20
        bench.begin(.beginSearch)
        bench.raise(to: 500)
        let asked = bench.requests.count
        for _ in 0..<600 where bench.requests.count == asked { bench.step() }
        #expect(bench.requests.count == asked + 1)
        let delivered = bench.machine.deliveredPulses
        bench.step(.endSearch)
        bench.step(.beginTreatment)
        #expect(bench.state == .holding)
        #expect(bench.machine.deliveredPulses == delivered, "the answer is still to come")
        bench.run(30)
        #expect(bench.machine.deliveredPulses == delivered + 1)
        #expect(bench.machine.channel(.first).treatmentPulses == 0)
        bench.run(600)
        bench.step(.raise)
        #expect(bench.set == 1_000)
        for _ in 0..<60 where bench.requests.count == asked + 1 { bench.step() }
        #expect(bench.requests.count == asked + 2)
        #expect(bench.requests.last?.request.part == .treatment)
        bench.run(20)
        #expect(bench.machine.deliveredPulses == delivered + 2)
        #expect(bench.machine.channel(.first).treatmentPulses == 1)
        #expect(bench.gateRefusals.isEmpty)
    }

    // Proves R-GATE-12.
    @Test func `a search that ran out leads back to armed and may be begun again`() throws {
        var bench = Bench(
            try Doses.plan(search: Doses.search(milliseconds: 2_000), treatment: Doses.contractions()))
        bench.begin(.beginSearch)
        bench.run(2_100)
        #expect(bench.state == .armed)
        #expect(bench.set == 0)
        bench.step(.beginSearch)
        #expect(bench.state == .searching)
        #expect(bench.machine.countedContractions == 0)
    }

    // Proves R-GATE-12.
    @Test func `a search alone ends the session`() throws {
        var bench = Bench(try Doses.plan(search: Doses.search(), treatment: nil))
        bench.begin(.beginSearch)
        bench.run(1_000)
        bench.step(.endSearch)
        #expect(bench.machine.stopCause == .programmeFinished)
        bench.run(10)
        #expect(bench.state == .closed)
    }

    // Proves R-GATE-12.
    @Test func `what is not in the plan cannot be begun`() throws {
        var bench = Bench(try Doses.plan(treatment: Doses.contractions()))
        bench.begin(.beginSearch)
        #expect(bench.lastRefusal == .notInPlan)
        #expect(bench.state == .armed)
        var search = Bench(try Doses.plan(search: Doses.search(), treatment: nil))
        search.begin(.beginTreatment)
        #expect(search.lastRefusal == .notInPlan)
    }

    // Proves R-GATE-13.
    @Test func `nothing begins before the voltage is verified on`() throws {
        var bench = Bench(try Doses.plan(treatment: Doses.contractions()))
        bench.step()
        bench.step(.arm)
        #expect(bench.state == .armed)
        bench.step(.beginTreatment)
        #expect(bench.lastRefusal == .notReady)
        #expect(bench.state == .armed)
    }
}

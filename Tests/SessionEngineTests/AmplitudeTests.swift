import SafetyKernel
import SessionEngine
import StimulusModel
import Testing

@Suite struct ZeroStartTests {
    // Proves R-AMP-06.
    @Test func `arming starts at zero`() throws {
        let bench = try Bench.reaching(.armed)
        #expect(bench.set == 0)
        #expect(bench.last.demand == .energised)
    }

    // Proves R-AMP-06, R-STOP-18.
    @Test func `a pause goes to zero, and resuming starts there in a new run`() throws {
        var bench = try Bench.reaching(.paused)
        #expect(bench.set == 0)
        #expect(bench.last.demand == .off)
        let run = bench.machine.run
        let asked = bench.requests.count
        bench.step(.resume)
        #expect(bench.last.demand == .energised)
        bench.run(10)
        #expect(bench.machine.run == run + 1)
        bench.run(2_000)
        #expect(bench.set == 0)
        // Nothing is delivered before a person raises.
        #expect(bench.requests.count == asked)
        bench.raise(to: 1_000)
        #expect(bench.requests[asked].request.setAmplitude.microamperes == 1_000)
        #expect(bench.requests[asked].request.run == run + 1)
        #expect(bench.gateRefusals.isEmpty)
    }

    // Proves R-STOP-18.
    @Test(arguments: [SessionState.searching, .rampingUp, .holding, .rampingDown, .resting])
    func `a pause is taken wherever pulses may be due`(state: SessionState) throws {
        var bench = try Bench.reaching(state)
        #expect(bench.set == 2_000)
        let out = bench.step(.pause)
        #expect(out.state == .paused)
        #expect(out.setAmplitude == .zero)
        #expect(out.demand == .off)
        #expect(out.request == nil)
    }

    // Proves R-STOP-18, R-GATE-13.
    @Test func `resuming waits for a stimulator that is verified off`() throws {
        var bench = try Bench.reaching(.holding)
        bench.switchingTicks = 50
        bench.step(.pause)
        bench.step(.resume)
        #expect(bench.lastRefusal == .notReady)
        #expect(bench.last.demand == .off)
        bench.run(60)
        bench.step(.resume)
        #expect(bench.lastRefusal == nil)
        #expect(bench.last.demand == .energised)
        bench.step(.resume)
        #expect(bench.lastRefusal == .wrongState)
    }
}

@Suite struct RaiseTests {
    private func train(maximum: Int32 = 20_000) throws -> Bench {
        var bench = Bench(try Doses.plan(treatment: Doses.train(maximum: maximum)))
        bench.begin()
        return bench
    }

    // Proves R-AMP-03.
    @Test(arguments: allStates) func `a raise is taken only on a plateau or a train`(state: SessionState) throws {
        var bench = try Bench.reaching(state)
        let before = bench.set
        bench.run(state.isFinal ? 1 : 0)
        // Long enough after the last press for any state that lasts.
        if state == .holding || state == .searching { bench.run(520) }
        bench.step(.raise)
        if state == .holding || state == .searching {
            #expect(bench.set == before + (state == .searching ? 500 : 1_000))
        } else {
            #expect(bench.set == (state.isDelivering ? before : 0))
            let isOver = state.isFinal || state == .stopping
            #expect(bench.lastRefusal == (isOver ? nil : .wrongState))
        }
    }

    // Proves R-AMP-03.
    @Test func `a stale press counts for a held key like any other`() throws {
        var bench = try Bench.reaching(.searching)
        bench.run(1_000)
        let before = bench.set
        var inputs = StepInputs()
        inputs.condition = .ready
        inputs.command = .raise
        inputs.commandIsStale = true
        _ = bench.machine.step(inputs)
        bench.step(.raise)
        #expect(bench.lastRefusal == .heldKey)
        #expect(bench.set == before)
        bench.run(250)
        bench.step(.raise)
        #expect(bench.set > before)
    }

    // Proves R-AMP-04.
    /// Found by `make explore`: the ramp that follows was refused by the gate, and the session ended with a fault.
    @Test func `the answer to a pulse of before a fall says nothing of the raise after it`() throws {
        let dose = Doses.contractions(plateau: 2_500, count: 1, millihertz: 4_000)
        var machine = SessionMachine(plan: try Doses.plan(treatment: dose))
        var inputs = StepInputs()
        func step(_ command: OperatorCommand = .none, _ delivered: Int32 = 0) -> StepOutputs {
            inputs.command = command
            inputs.first.delivery = delivered > 0 ? .delivered : .none
            inputs.first.deliveredAmplitude = Current(microamperes: delivered)
            return machine.step(inputs)
        }
        inputs.condition = .off
        _ = step()
        _ = step(.arm)
        inputs.condition = .ready
        var out = step(.beginTreatment)
        while out.state != .holding { out = step() }
        _ = step(.raise)
        while out.request == nil { out = step() }
        out = step(.none, 1_000)
        var left = machine.phaseRemaining
        // The last pulse but one of the plateau, unanswered when the amplitude falls and rises again.
        while out.request == nil || left > 300 {
            out = step(.none, out.request?.amplitude.microamperes ?? 0)
            left = machine.phaseRemaining
        }
        _ = step(.lower)
        out = step(.raise)
        #expect(out.setAmplitude.microamperes == 1_000)
        _ = step(.none, 1_000)
        while out.state == .holding { out = step() }
        // Nothing was delivered since: what was raised is taken back.
        #expect(out.setAmplitude == .zero)
    }

    // Proves R-AMP-03.
    @Test func `a held key raises nothing`() throws {
        var bench = try train()
        bench.run(600)
        bench.step(.raise)
        #expect(bench.set == 1_000)
        for _ in 0..<200 {
            // A keyboard repeats a held key about every 30 ms.
            bench.run(30)
            bench.step(.raise)
            #expect(bench.lastRefusal == .heldKey)
        }
        #expect(bench.set == 1_000)
        bench.run(249)
        bench.step(.raise)
        #expect(bench.set == 2_000)
    }

    // Proves R-AMP-03.
    @Test func `a press within 250 ms of the last is dropped, not queued`() throws {
        var bench = try train()
        bench.run(600)
        bench.step(.raise)
        bench.run(600)
        bench.step(.raise)
        bench.run(248)
        bench.step(.raise)
        #expect(bench.lastRefusal == .heldKey)
        bench.run(2_000)
        #expect(bench.set == 2_000)
    }

    // Proves R-AMP-02, R-AMP-03.
    @Test func `the set amplitude never rises faster than two milliamperes a second`() throws {
        var bench = try train()
        var raised: [Int64] = []
        for _ in 0..<9_000 {
            // A press every 251 ms or so: no held key, and far above the rise limit.
            let before = bench.set
            bench.step(bench.milliseconds % 251 == 0 ? .raise : .none)
            if bench.set > before { raised.append(bench.milliseconds) }
        }
        #expect(raised.count > 10)
        for (earlier, later) in zip(raised, raised.dropFirst()) { #expect(later - earlier >= 500) }
        #expect(bench.gateRefusals.isEmpty, "\(bench.gateRefusals)")
        #expect(bench.events.contains { $0.event.detail == RefusedCommand.riseLimit.code })
    }

    // Proves R-FLT-28, R-AMP-02.
    /// The gate counts from pulse to pulse, the hand from press to press: both must agree at every phase between them.
    @Test func `whatever the moment of the press, the gate never has to refuse it`() throws {
        for offset in Int64(0)..<29 {
            var bench = try train()
            bench.run(510 + offset)
            bench.step(.raise)
            for _ in 0..<2 {
                // From just before the earliest moment on, a press in every millisecond but the held ones.
                bench.run(498)
                let before = bench.set
                for _ in 0..<40 where bench.set == before {
                    var machine = bench.machine
                    var inputs = StepInputs()
                    inputs.condition = .ready
                    inputs.command = .raise
                    _ = machine.step(inputs)
                    bench.step(machine.setMicroamperes > before ? .raise : .none)
                }
                #expect(bench.set == before + 1_000)
            }
            bench.run(30)
            #expect(bench.gateRefusals.isEmpty, "offset \(offset): \(bench.gateRefusals)")
        }
    }

    // Proves R-AMP-02.
    @Test func `the first raise of a run keeps its distance from the start`() throws {
        for wait in Int64(0)...600 where wait % 20 == 0 {
            var bench = try train()
            bench.run(wait)
            bench.step(.raise)
            bench.run(60)
            #expect(bench.gateRefusals.isEmpty, "\(wait) ms after the start: \(bench.gateRefusals)")
            #expect(bench.set == (wait >= 500 ? 1_000 : 0))
        }
    }

    // Proves R-AMP-04.
    @Test func `a step must be felt before the next`() throws {
        var bench = try train()
        bench.answerTicks = 30
        bench.run(600)
        bench.step(.raise)
        bench.loseAnswers = true
        bench.run(1_000)
        bench.step(.raise)
        #expect(bench.lastRefusal == .notYetFelt || bench.lastRefusal == .riseLimit)
        #expect(bench.set == 1_000)
        bench.loseAnswers = false
        bench.run(600)
        bench.step(.raise)
        #expect(bench.set == 2_000)
    }

    // Proves R-LIM-03.
    @Test func `nothing rises above the ceiling`() throws {
        var bench = try train(maximum: 3_000)
        bench.raise(to: 3_000)
        #expect(bench.set == 3_000)
        bench.run(600)
        bench.step(.raise)
        #expect(bench.lastRefusal == .atCeiling)
        #expect(bench.set == 3_000)
    }

    // Proves R-LIM-03.
    @Test func `a ceiling between two steps is not reached by the step across it`() throws {
        var bench = try train(maximum: 2_500)
        bench.raise(to: 2_000)
        bench.run(600)
        bench.step(.raise)
        #expect(bench.lastRefusal == .atCeiling)
        #expect(bench.set == 2_000)
    }
}

@Suite struct LowerTests {
    // Proves R-AMP-05.
    @Test(arguments: [SessionState.searching, .rampingUp, .holding, .rampingDown, .resting])
    func `a fall is taken at once wherever there is something to lower`(state: SessionState) throws {
        var bench = try Bench.reaching(state)
        let step: Int32 = state == .searching ? 500 : 1_000
        bench.step(.lower)
        #expect(bench.set == 2_000 - step)
        bench.step(.lower)
        #expect(bench.set == 2_000 - 2 * step)
        bench = try Bench.reaching(state)
        let out = bench.step(.zero)
        #expect(bench.set == 0)
        #expect(out.request == nil)
        #expect(out.state == state)
        bench.step(.lower)
        #expect(bench.set == 0)
        #expect(bench.gateRefusals.isEmpty)
    }

    // Proves R-AMP-05.
    @Test func `what was lowered is climbed again step by step`() throws {
        var bench = try Bench.reaching(.holding)
        bench.step(.zero)
        bench.run(30)
        bench.step(.raise)
        #expect(bench.set <= 1_000)
        bench.run(60)
        #expect(bench.gateRefusals.isEmpty)
    }

    // Proves R-AMP-01.
    /// A press of 0.7 mA on a grid of 0.5 mA raises by 0.5 mA, and must lower by as much.
    @Test func `up and down keep to the device's grid`() throws {
        var bench = Bench(
            try Doses.plan(treatment: Doses.treatment(.continuous(milliseconds: 60_000), step: 700)))
        bench.begin()
        bench.raise(to: 2_000)
        #expect(bench.set == 2_000)
        for _ in 0..<3 {
            bench.step(.lower)
            bench.run(30)
        }
        #expect(bench.set == 500)
        bench.raise(to: 1_000)
        #expect(bench.set == 1_000)
        #expect(bench.gateRefusals.isEmpty, "\(bench.gateRefusals)")
    }
}

// Proves R-AMP-09.
@Suite struct MarkTests {
    @Test func `an amplitude that was lowered to is felt before it is marked`() throws {
        var bench = try Bench.reaching(.searching)
        bench.step(.lower)
        #expect(bench.set == 1_500)
        // What was felt last was 2 mA.
        bench.step(.markMotor)
        #expect(bench.lastRefusal == .notYetFelt)
        #expect(bench.machine.motorThreshold == .zero)
        bench.run(520)
        bench.step(.markMotor)
        #expect(bench.machine.motorThreshold.microamperes == 1_500)
    }

    @Test func `a threshold is marked at the amplitude that was felt, and only in a search`() throws {
        var bench = try Bench.reaching(.searching)
        bench.step(.markSensory)
        #expect(bench.machine.sensoryThreshold.microamperes == 2_000)
        bench.raise(to: 3_000)
        bench.step(.markMotor)
        #expect(bench.machine.motorThreshold.microamperes == 3_000)
        #expect(bench.values(.thresholdMarked) == [2_000, 3_000])
        bench.run(600)
        bench.step(.raise)
        // Not delivered yet: at 2 Hz the next pulse is far.
        bench.step(.markMotor)
        #expect(bench.lastRefusal == .notYetFelt)
        bench.step(.zero)
        bench.step(.markMotor)
        #expect(bench.lastRefusal == .notYetFelt)
        var treating = try Bench.reaching(.holding)
        treating.step(.markMotor)
        #expect(treating.lastRefusal == .wrongState)
        #expect(treating.machine.motorThreshold == .zero)
    }
}

import SafetyKernel
import SessionEngine
import StimulusModel
import Testing

@Suite struct StopTests {
    // Proves R-STOP-01, R-STOP-12.
    @Test(arguments: allStates)
    func `a stop is followed within the same step, whatever its cause`(state: SessionState) throws {
        let reached = try Probe(reaching: state)
        for cause in allStopCauses {
            var probe = reached
            // A raise in the same step is lost; a stop never waits in line.
            let out = probe.step(.raise, stop: cause)
            #expect(out.request == nil)
            #expect(out.demand == .off)
            #expect(out.setAmplitude == .zero)
            switch state {
            case .closed, .faulted:
                #expect(out.state == state)
                #expect(probe.machine.stopCause == reached.machine.stopCause)
            case .stopping:
                // The first cause stays.
                #expect(probe.machine.stopCause == .operatorKey)
            default:
                #expect(out.state == .stopping || out.state == .closed)
                #expect(probe.machine.stopCause == cause)
                let stops = (0..<out.events.count).map { out.events[$0] }.filter { $0.kind == .stopRequested }
                #expect(stops.map(\.value) == [Int32(cause.code)])
            }
        }
    }

    // Proves R-STOP-04.
    @Test(arguments: allStates) func `after a stop no pulse is ever asked for again`(state: SessionState) throws {
        var bench = try Bench.reaching(state)
        bench.step(stop: .operatorKey)
        let asked = bench.requests.count
        for command in allCommands {
            bench.step(command)
            bench.run(30)
        }
        #expect(bench.requests.count == asked)
        // A stimulator that was never found off cannot be closed upon.
        #expect(bench.state == (state == .idle ? .stopping : state == .faulted ? .faulted : .closed))
        #expect(bench.set == 0)
    }

    // Proves R-STOP-05.
    @Test func `a session closes only when the voltage is verified off`() throws {
        var bench = try Bench.reaching(.holding)
        bench.switchingTicks = 1_000
        bench.step(stop: .operatorKey)
        bench.run(900)
        #expect(bench.state == .stopping)
        bench.run(200)
        #expect(bench.state == .closed)
        #expect(bench.machine.fault == .none)
    }

    // Proves R-STOP-05.
    @Test func `a stop that is not verified within three seconds is a fault`() throws {
        var bench = try Bench.reaching(.holding)
        bench.switchingTicks = 1_000_000
        bench.step(stop: .operatorKey)
        bench.run(2_990)
        #expect(bench.state == .stopping)
        bench.run(20)
        #expect(bench.state == .faulted)
        #expect(bench.machine.fault == .stopUnconfirmed)
        #expect(bench.machine.stopCause == .operatorKey)
    }

    // Proves R-STOP-01.
    @Test func `the end of the programme is a stop like any other`() throws {
        var bench = Bench(try Doses.plan(treatment: Doses.train(milliseconds: 1_000)))
        bench.begin()
        bench.run(1_100)
        #expect(bench.state == .closed)
        #expect(bench.machine.stopCause == .programmeFinished)
    }
}

@Suite struct FaultTests {
    // Proves R-FLT-01.
    @Test(arguments: allStates) func `a fault is followed within the same step and latches`(state: SessionState) throws
    {
        let reached = try Probe(reaching: state)
        for cause in allFaults {
            var probe = reached
            let out = probe.step(.raise, fault: cause)
            #expect(out.request == nil)
            #expect(out.demand == .off)
            #expect(out.setAmplitude == .zero)
            guard !state.isFinal else {
                #expect(out.state == state)
                #expect(probe.machine.fault == reached.machine.fault)
                continue
            }
            #expect(out.state == .faulted)
            #expect(probe.machine.fault == cause)
            probe.step(fault: .journalFull)
            probe.step(.resume, stop: .operatorKey)
            #expect(probe.state == .faulted)
            #expect(probe.machine.fault == cause)
        }
    }

    // Proves R-FLT-01.
    @Test(arguments: allStates) func `a failed link is a fault in every state, by its own name`(state: SessionState)
        throws
    {
        var reached = try Probe(reaching: state)
        guard !state.isFinal else {
            reached.condition = .failed
            reached.step(linkFault: .unplugged)
            #expect(reached.state == state)
            return
        }
        reached.condition = .failed
        for cause in allFaults {
            var probe = reached
            probe.step(linkFault: cause)
            #expect(probe.state == .faulted)
            #expect(probe.machine.fault == cause)
        }
        reached.step(linkFault: .none)
        #expect(reached.machine.fault == .internalError)
    }

    // Proves R-FLT-12.
    @Test(arguments: [SessionState.searching, .rampingUp, .holding, .rampingDown, .resting])
    func `a stimulator that falls out of its state is a fault while pulses may be due`(state: SessionState) throws {
        let reached = try Probe(reaching: state)
        for condition in allConditions where condition != .ready && condition != .failed {
            var probe = reached
            probe.condition = condition
            probe.step()
            #expect(probe.state == .faulted)
            #expect(probe.machine.fault == .unexpectedDeviceState)
        }
    }

    // Proves R-FLT-01.
    @Test func `a fault and a stop in one step are a fault`() throws {
        var bench = try Bench.reaching(.holding)
        bench.step(stop: .operatorKey, fault: .late)
        #expect(bench.state == .faulted)
        #expect(bench.machine.fault == .late)
    }

    // Proves R-FLT-01, R-STOP-04.
    @Test(arguments: [SessionState.closed, .faulted]) func `nothing leaves the end`(state: SessionState) throws {
        var probe = try Probe(reaching: state)
        let fault = probe.machine.fault
        for condition in allConditions {
            probe.condition = condition
            for command in allCommands {
                let out = probe.step(command, elapsed: 7)
                #expect(out.state == state)
                #expect(out.demand == .off)
                #expect(out.request == nil)
                #expect(out.setAmplitude == .zero)
                #expect(out.events.count == 0)
            }
        }
        #expect(probe.machine.fault == fault)
    }

    // Proves R-FLT-13.
    @Test(arguments: allStates) func `a second without a step is a fault of its own`(state: SessionState) throws {
        guard !state.isFinal else { return }
        let reached = try Probe(reaching: state)
        var probe = reached
        probe.step(elapsed: 1_000)
        #expect(probe.machine.fault == .none)
        for elapsed: Int32 in [1_001, 10_001, Int32.max] {
            probe = reached
            probe.step(elapsed: elapsed)
            #expect(probe.state == .faulted)
            #expect(probe.machine.fault == .late)
        }
    }
}

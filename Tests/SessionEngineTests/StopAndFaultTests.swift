import SafetyKernel
import SessionEngine
import StimulusModel
import Testing

@Suite struct StopTests {
    @Test(arguments: allStates)
    func `a stop is followed within the same step, whatever its cause`(state: SessionState) throws {
        for cause in allStopCauses {
            var bench = try Bench.reaching(state)
            let machine = bench.machine
            // A raise in the same step is lost; a stop never waits in line.
            let out = bench.step(.raise, stop: cause)
            #expect(out.request == nil)
            #expect(out.demand == .off)
            #expect(out.setAmplitude == .zero)
            switch state {
            case .closed, .faulted:
                #expect(out.state == state)
                #expect(bench.machine.stopCause == machine.stopCause)
            case .stopping:
                // The first cause stays.
                #expect(bench.machine.stopCause == .operatorKey)
            default:
                #expect(out.state == .stopping || out.state == .closed)
                #expect(bench.machine.stopCause == cause)
                #expect(bench.values(.stopRequested).last == Int32(cause.code))
            }
        }
    }

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

    @Test func `the end of the programme is a stop like any other`() throws {
        var bench = Bench(try Doses.plan(treatment: Doses.train(milliseconds: 1_000)))
        bench.begin()
        bench.run(1_100)
        #expect(bench.state == .closed)
        #expect(bench.machine.stopCause == .programmeFinished)
    }
}

@Suite struct FaultTests {
    @Test(arguments: allStates) func `a fault is followed within the same step and latches`(state: SessionState) throws
    {
        for cause in allFaults {
            var bench = try Bench.reaching(state)
            let out = bench.step(.raise, fault: cause)
            #expect(out.request == nil)
            #expect(out.demand == .off)
            #expect(out.setAmplitude == .zero)
            guard state != .closed, state != .faulted else {
                #expect(out.state == state)
                continue
            }
            #expect(out.state == .faulted)
            #expect(bench.machine.fault == cause)
            bench.step(fault: .journalFull)
            bench.step(.resume, stop: .operatorKey)
            #expect(bench.state == .faulted)
            #expect(bench.machine.fault == cause)
        }
    }

    @Test(arguments: allStates) func `a failed link is a fault in every state, by its own name`(state: SessionState)
        throws
    {
        guard !state.isFinal else { return }
        for cause in allFaults {
            var bench = try Bench.reaching(state)
            bench.step(failing: cause)
            #expect(bench.state == .faulted)
            #expect(bench.machine.fault == cause)
        }
        var unnamed = try Bench.reaching(state)
        unnamed.step(failing: FaultCause.none)
        #expect(unnamed.machine.fault == .internalError)
    }

    @Test(arguments: [SessionState.searching, .rampingUp, .holding, .rampingDown, .resting])
    func `a stimulator that falls out of its state is a fault while pulses may be due`(state: SessionState) throws {
        for condition in allConditions where condition != .ready && condition != .failed {
            var bench = try Bench.reaching(state)
            bench.stuckIn = condition
            bench.step()
            #expect(bench.state == .faulted)
            #expect(bench.machine.fault == .unexpectedDeviceState)
        }
    }

    @Test func `a fault and a stop in one step are a fault`() throws {
        var bench = try Bench.reaching(.holding)
        bench.step(stop: .operatorKey, fault: .late)
        #expect(bench.state == .faulted)
        #expect(bench.machine.fault == .late)
    }

    @Test(arguments: [SessionState.closed, .faulted]) func `nothing leaves the end`(state: SessionState) throws {
        var bench = try Bench.reaching(state)
        let fault = bench.machine.fault
        for condition in allConditions {
            bench.stuckIn = condition
            for command in allCommands {
                let out = bench.step(command, elapsed: 7)
                #expect(out.state == state)
                #expect(out.demand == .off)
                #expect(out.request == nil)
                #expect(out.setAmplitude == .zero)
            }
        }
        #expect(bench.machine.fault == fault)
        #expect(bench.values(.stateChanged).last == Int32(state.code))
    }

    @Test func `a second without a step is a fault of its own`() throws {
        for state in allStates where !state.isFinal && state != .stopping {
            var bench = try Bench.reaching(state)
            bench.step(elapsed: 1_000)
            #expect(bench.machine.fault == .none)
            bench = try Bench.reaching(state)
            bench.step(elapsed: 1_001)
            #expect(bench.state == .faulted)
            #expect(bench.machine.fault == .late)
        }
        var bench = try Bench.reaching(.holding)
        bench.step(elapsed: Int32.max)
        #expect(bench.state == .faulted)
    }
}

// What the conductor of a bench run answers to each status, look by look.
import SafetyKernel
import SessionEngine
import StimulusModel
import Testing

// Proves R-BCH-04.
@Suite struct BenchConductTests {
    /// What was advised, and at which look from now.
    private struct Answer: Equatable {
        var look: Int
        var advice: BenchAdvice
    }

    /// A conductor and the status that it is shown: of a session that has not begun, until a test says otherwise.
    private struct Conducted {
        private var conductor: BenchConductor
        private var status: StatusSnapshot

        init(_ levels: [Int32], readsZero: Bool = false) throws {
            var list = BenchLevels()
            for level in levels { _ = list.append(Current(microamperes: level)) }
            conductor = BenchConductor(levels: list, readsZero: readsZero)
            status = StatusSnapshot(SessionMachine(plan: try Doses.plan(treatment: Doses.train())))
        }

        mutating func show(_ state: SessionState, _ condition: StimulatorCondition, _ fault: FaultCause = .none) {
            status.state = state
            status.condition = condition
            status.fault = fault
        }

        /// A train in which `set` was raised to.
        mutating func showTrain(set: Int32, delivered: Int32 = 0, pulses: Int32 = 0) {
            show(.searching, .ready)
            status.setAmplitude = Current(microamperes: set)
            status.lastDelivered = Current(microamperes: delivered)
            status.deliveredPulses = pulses
        }

        mutating func look() -> BenchAdvice { conductor.advise(status) }

        /// - Returns: the first answer that is not to wait; nothing when there is none in a hundred looks.
        mutating func lookOn() -> Answer? {
            for look in 1...100 {
                let advice = conductor.advise(status)
                if advice != .wait { return Answer(look: look, advice: advice) }
            }
            return nil
        }

        mutating func takeRead() -> BenchAdvice {
            conductor.takeRead()
            return conductor.advise(status)
        }

        /// What each of these numbers of delivered pulses leads to, one look each.
        mutating func look(set: Int32, delivered: Int32, pulses: ClosedRange<Int32>) -> [BenchAdvice] {
            pulses.map { count in
                showTrain(set: set, delivered: delivered, pulses: count)
                return look()
            }
        }
    }

    @Test(arguments: allStates) func `a fault ends the run in each state, and the state alone does`(
        state: SessionState
    ) throws {
        let fresh = try Conducted([5_000])
        let unheard = allFaults.filter { fault in
            var run = fresh
            run.show(state, .ready, fault)
            return run.look() != .ended(fault)
        }
        #expect(unheard.isEmpty)
        var run = fresh
        run.show(state, .ready)
        let advice = run.look()
        #expect((advice == .ended(.none)) == [.faulted, .stopping, .closed].contains(state))
    }

    @Test(arguments: allConditions) func `arming and beginning wait for their condition, and for nothing else`(
        condition: StimulatorCondition
    ) throws {
        let fresh = try Conducted([5_000])
        var cleared = fresh
        cleared.show(.cleared, condition)
        let arming = cleared.look()
        #expect(arming == (condition == .off ? .press(.arm) : .wait))
        var armed = fresh
        armed.show(.armed, condition)
        let beginning = armed.look()
        #expect(beginning == (condition == .ready ? .press(.beginSearch) : .wait))
    }

    @Test func `a raise is pressed at the fifteenth look, and dropped ones each fifteenth again`() throws {
        var run = try Conducted([5_000, 10_000])
        run.showTrain(set: 0)
        for _ in 0..<3 {
            let raise = run.lookOn()
            #expect(raise == Answer(look: 15, advice: .press(.raise)))
        }
        // As long after the key that began the train.
        var begun = try Conducted([5_000, 10_000])
        begun.show(.armed, .ready)
        let beginning = begun.look()
        #expect(beginning == .press(.beginSearch))
        begun.showTrain(set: 0)
        let raise = begun.lookOn()
        #expect(raise == Answer(look: 15, advice: .press(.raise)))
    }

    @Test func `a level is read with the fourth pulse after the first that was seen of it`() throws {
        var run = try Conducted([5_000, 10_000])
        // Raised, but what flows is still the level below: these pulses count for nothing.
        let before = run.look(set: 5_000, delivered: 0, pulses: 0...20)
        #expect(before.allSatisfy { $0 == .wait })
        let first = run.look(set: 5_000, delivered: 5_000, pulses: 21...26)
        #expect(first == [.wait, .wait, .wait, .wait, .read(level: 0), .read(level: 0)])
        // A reading takes longer than a key is held: the next level is asked for at once.
        let next = run.takeRead()
        #expect(next == .press(.raise))
        let between = run.look(set: 10_000, delivered: 5_000, pulses: 27...39)
        #expect(between.allSatisfy { $0 == .wait })
        let second = run.look(set: 10_000, delivered: 10_000, pulses: 40...44)
        #expect(second == [.wait, .wait, .wait, .wait, .read(level: 1)])
        let last = run.takeRead()
        #expect(last == .stop)
    }

    @Test func `0 mA is read at the tenth look in silence, and the levels above it after it`() throws {
        var run = try Conducted([5_000, 10_000], readsZero: true)
        run.showTrain(set: 0)
        let silent = run.lookOn()
        #expect(silent == Answer(look: 10, advice: .read(level: 0)))
        let again = run.look()
        #expect(again == .read(level: 0))
        let next = run.takeRead()
        #expect(next == .press(.raise))
        let first = run.look(set: 5_000, delivered: 5_000, pulses: 1...5)
        #expect(first == [.wait, .wait, .wait, .wait, .read(level: 1)])
        let raise = run.takeRead()
        #expect(raise == .press(.raise))
        let second = run.look(set: 10_000, delivered: 10_000, pulses: 6...10)
        #expect(second == [.wait, .wait, .wait, .wait, .read(level: 2)])
        let last = run.takeRead()
        #expect(last == .stop)
    }
}

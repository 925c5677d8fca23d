import SafetyKernel
import SessionEngine
import StimulusModel
import Testing

// Proves R-BCH-04.
@Suite struct BenchConductorTests {
    /// A machine on the bench and a device that does what it is told at once.
    private struct Bench {
        var machine: SessionMachine
        var conductor: BenchConductor
        var read: [Int32] = []
        var presses: [OperatorCommand] = []

        init(_ levels: [Int32], readsZero: Bool) throws {
            var list = BenchLevels()
            for level in levels { _ = list.append(Current(microamperes: level)) }
            let attested = BenchAttestation(
                assetNumberIsRecorded: true, nobodyIsConnected: true, stopControlIsProven: true,
                deviceIsIdentified: true)
            let order = BenchOrder(
                channel: .first, levels: list, frequency: Frequency(millihertz: 20_000),
                phaseDuration: PhaseDuration(microseconds: 200), capabilities: .p24LowLevel)
            let plan = try Authorization.authorize(
                order, clearance: BenchClearance.attest(.open, attested, for: .surface))
            machine = SessionMachine(plan: plan.plan)
            conductor = BenchConductor(levels: list, readsZero: readsZero)
        }

        /// - Returns: how the run ended.
        mutating func run(pausingAt pause: Int = .max) -> FaultCause? {
            var delivered = Current.zero
            var condition = StimulatorCondition.off
            for look in 0..<3_000 {
                var status = StatusSnapshot(machine)
                status.condition = condition
                status.lastDelivered = delivered
                var inputs = StepInputs()
                switch conductor.advise(status) {
                case .wait: break
                case .press(let command):
                    presses.append(command)
                    inputs.command = command
                case .read:
                    read.append(machine.setMicroamperes)
                    conductor.takeRead()
                case .stop: inputs.stop = .operatorKey
                case .ended(let fault): return fault
                }
                if look == pause { inputs.command = .pause }
                for _ in 0..<20 {
                    inputs.elapsedTicks = 1
                    inputs.condition = condition
                    let outputs = machine.step(inputs)
                    condition = outputs.demand == .energised ? .ready : .off
                    inputs = StepInputs()
                    if let request = outputs.request {
                        delivered = request.amplitude
                        inputs.first.delivery = .delivered
                        inputs.first.deliveredAmplitude = request.amplitude
                    }
                }
            }
            return nil
        }
    }

    @Test func `every level is read once, in order, and then it stops`() throws {
        var bench = try Bench([5_000, 10_000, 80_000], readsZero: false)
        #expect(bench.run() == FaultCause.none)
        #expect(bench.read == [5_000, 10_000, 80_000])
        // Presses that came too early were dropped, and are pressed again.
        #expect(bench.presses.prefix(2) == [.arm, .beginSearch])
        #expect(bench.presses.dropFirst(2).allSatisfy { $0 == .raise } && bench.presses.count >= 5)
        #expect(bench.machine.state == .closed)
    }

    @Test func `0 mA counts as a level where it is one`() throws {
        for readsZero in [false, true] {
            let bench = try Bench([5_000, 10_000], readsZero: readsZero)
            #expect(bench.conductor.count == (readsZero ? 3 : 2))
        }
    }

    @Test func `0 mA is read without any raise`() throws {
        var bench = try Bench([], readsZero: true)
        #expect(bench.run() == FaultCause.none)
        #expect(bench.read == [0])
        #expect(!bench.presses.contains(.raise))
    }

    @Test func `an output that somebody raised above the level is stopped, and raised no further`() throws {
        var bench = try Bench([5_000], readsZero: false)
        var status = StatusSnapshot(bench.machine)
        status.state = .searching
        status.setAmplitude = Current(microamperes: 6_000)
        for _ in 0..<40 {
            let advice = bench.conductor.advise(status)
            #expect(advice == .stop)
        }
    }

    @Test func `a run that was paused is stopped, not read at another level`() throws {
        var bench = try Bench([5_000, 10_000], readsZero: false)
        #expect(bench.run(pausingAt: 30) == FaultCause.none)
        #expect(bench.read.count < 2)
    }
}

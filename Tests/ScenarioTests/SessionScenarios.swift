import RigControl
import RigSimulator
import SafetyKernel
import SessionEngine
import StimulatorLinks
import StimulusModel
import Testing

@Suite struct SessionScenarios {
    /// A practitioner who arms, begins, and raises on each plateau until the muscle is at `target`.
    static func raising(to target: Int32, every milliseconds: Int64 = 600) -> (borrowing VirtualSession) -> Hands {
        { session in
            var hands = Hands()
            switch session.state {
            case .cleared: hands.command = .arm
            case .armed where session.control.link.condition == .ready: hands.command = .beginTreatment
            case .holding, .searching:
                if session.milliseconds % milliseconds == 0, session.control.machine.setMicroamperes < target {
                    hands.command = .raise
                }
            default: break
            }
            return hands
        }
    }

    @Test func `a whole treatment ends closed and the meter finds nothing`() throws {
        let plan = try Doses.plan(search: nil, treatment: Doses.relieve())
        var rules = MeterRules(peakCapMicroamperes: 15_000, rateCapMillihertz: 35_000, padSquareMillimetres: 2_500)
        rules.contractionCap = 8
        var session = VirtualSession(plan: plan, rig: VirtualRigConfiguration(rules: rules, seed: 1))
        let ended = session.run(atMost: 200_000, until: { $0.state.isFinal }, hands: Self.raising(to: 10_000))
        #expect(ended)
        #expect(session.state == .closed)
        let machine = session.control.machine
        #expect(machine.stopCause == .programmeFinished)
        #expect(machine.fault == .none)
        #expect(machine.countedContractions == 3)
        #expect(machine.titrationContractions == 5)
        #expect(machine.highestDelivered.microamperes == 10_000)
        let meter = session.rig.meter
        #expect(meter.violationCount == 0)
        #expect(Int64(meter.pulseCount) == machine.deliveredPulses)
        print("delivered \(machine.deliveredPulses), skipped \(machine.skippedPulses), ms \(session.milliseconds)")
    }
}

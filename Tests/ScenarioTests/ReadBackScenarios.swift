// Sessions of a stimulator whose own samples calibration compared with an instrument: a pulse that it measures
// otherwise than was set ends the session.
import RigControl
import RigSimulator
import SafetyKernel
import SessionEngine
import StimulatorLinks
import StimulusModel
import Testing
import VirtualHost

// Proves R-FLT-32.
@Suite struct ReadBackScenarios {
    /// - Parameter permille: the device's samples over the instrument's readings, as calibration found them.
    private static func session(
        _ configuration: (inout P24Configuration) -> Void = { _ in }, errors: [Int: OutputError] = [:],
        permille: Int32 = 1_000, gain: Int32 = 1_000_000, maximum: Int32 = 15_000
    ) throws -> VirtualSession {
        let plan = try Doses.plan(search: nil, treatment: Doses.relieve(maximum: maximum))
        var p24 = P24Configuration()
        configuration(&p24)
        let correction = try #require(OutputCorrection(gainPartsPerMillion: gain, offsetNanoamperes: 0))
        return VirtualSession(
            plan: plan,
            outputs: P24Outputs(first: correction, second: .none, firstReadBackPermille: permille),
            rig: VirtualRigConfiguration(device: p24, outputErrors: errors))
    }

    private static func hold(_ session: VirtualSession, at target: Int32) -> Bool {
        session.run(
            atMost: 120_000,
            until: { $0.state == .holding && $0.control.machine.setMicroamperes >= target || $0.state.isFinal },
            hands: Practitioner.raising(to: target))
    }

    @Test(arguments: [1_000, 2_500, 15_000] as [Int32])
    func `a stimulator that measures what it gives is never stopped for it`(target: Int32) throws {
        let session = try Self.session()
        session.run(atMost: 120_000, until: { $0.state.isFinal }, hands: Practitioner.raising(to: target, every: 300))
        #expect(session.state == .closed, "\(session.control.fault)")
        #expect(session.rig.meter.pulseCount > 200)
        #expect(session.rig.meter.violations.isEmpty)
    }

    @Test func `an output that gives a quarter more than was set is stopped at its first pulse`() throws {
        var error = OutputError.none
        error.gainThousandths = 250
        let session = try Self.session(errors: [1: error])
        session.run(atMost: 60_000, until: { $0.state.isFinal }, hands: Practitioner.raising(to: 10_000))
        #expect(session.control.fault == .outputDeviates)
        // 250 µA of allowance hide a quarter up to 5 mA: no more than the first pulse beyond was given.
        #expect(session.rig.meter.largestPeakMicroamperes <= 7_500)
        // The meter itself finds the quarter too much; what matters here is that nothing follows.
        let given = session.rig.meter.pulseCount
        session.run(atMost: 5_000, until: { _ in false }, hands: Practitioner.everything)
        #expect(session.state == .faulted)
        #expect(session.rig.meter.pulseCount == given)
    }

    // Proves R-FLT-11.
    @Test func `a lead that comes off below 15 mA is seen at the next pulse, which the device itself does not report`()
        throws
    {
        let session = try Self.session()
        #expect(Self.hold(session, at: 8_000))
        session.rig.plan(.contact(channel: 1, .detached), at: session.now)
        let lost = session.milliseconds
        session.run(atMost: 1_000, until: { $0.state.isFinal })
        #expect(session.control.fault == .outputDeviates)
        // One period of the train at 35 Hz, the pulse, and its answer.
        #expect(session.milliseconds - lost <= 40)
        FaultScenarios.expectNothingComesBack(session, "lead")
    }

    @Test func `samples count as calibration found them, and with the correction`() throws {
        var error = OutputError.none
        error.gainThousandths = 100
        error.readBackThousandths = -250
        // The device gives 10 % more than set, and measures a quarter less than it gives.
        let known = try Self.session(errors: [1: error], permille: 750, gain: 1_100_000)
        #expect(Self.hold(known, at: 12_000))
        #expect(known.state == .holding, "\(known.control.fault)")
        let unknown = try Self.session(errors: [1: error], gain: 1_100_000)
        _ = Self.hold(unknown, at: 12_000)
        #expect(unknown.control.fault == .outputDeviates)
    }

    @Test func `a stimulator that measured on the bench and refuses to in a session gives no pulse`() throws {
        let session = try Self.session { $0.measurementIsBuiltIn = false }
        session.run(atMost: 20_000, until: { $0.state.isFinal }, hands: Practitioner.raising(to: 5_000))
        #expect(session.state == .faulted)
        #expect(session.control.fault == .deviceParameterError, "\(session.control.fault)")
        #expect(session.rig.meter.pulseCount == 0)
    }

    @Test func `samples that calibration compared with nothing stop nobody`() throws {
        var error = OutputError.none
        error.readBackThousandths = -900
        let session = try Self.session(errors: [1: error], permille: 0)
        #expect(Self.hold(session, at: 8_000))
        #expect(session.state == .holding, "\(session.control.fault)")
    }
}

// A whole calibration in virtual time: the real procedure, the real kernel, machine and link, and a pretend rig with a
// pretend instrument at its output. Hands and eyes are this file.
public import Calibration
internal import RigControl
public import RigSimulator
internal import SafetyKernel
internal import SessionEngine
internal import StimulatorLinks
internal import StimulusModel

/// A run that ended in a fault of host or line, which says nothing of the output.
public struct RunEnded: Error, CustomStringConvertible {
    let trial: BenchTrial
    let fault: FaultCause

    public var description: String { "\(trial.purpose.text) of output \(trial.drivenOutput) ended: \(fault)" }
}

public final class VirtualBench {
    private enum Rig {
        case p24(VirtualRig)
        case needles(VirtualNeedleRig)
    }

    private var rig: Rig
    private var instrument: SimulatedInstrument
    private let profile: InstrumentProfile
    /// What the loads really are, by their nominal ohms.
    public var trueOhms: [Int32: Double] = [:]
    /// Since the rig was made.
    public private(set) var milliseconds: Int64 = 0
    public private(set) var pulses: Int64 = 0
    /// How many readings are still to be made by a computer that oversleeps just before them; of a P24 only, since a
    /// needle rig's relay opens then.
    public var lateReadings = 0
    /// Pulses that the host left out because of that.
    public private(set) var missedPulses: Int64 = 0
    private var connected: [UInt8] = []
    private let bleederOhms: Int32?

    public init(p24: VirtualRigConfiguration, instrument: SimulatedInstrument, profile: InstrumentProfile) {
        rig = .p24(VirtualRig(p24, startingAt: Instant(nanoseconds: 0)))
        bleederOhms = nil
        self.instrument = instrument
        self.profile = profile
    }

    public init(needles: VirtualNeedleRigConfiguration, instrument: SimulatedInstrument, profile: InstrumentProfile) {
        rig = .needles(VirtualNeedleRig(needles, startingAt: Instant(nanoseconds: 0)))
        bleederOhms = 100_000
        self.instrument = instrument
        self.profile = profile
    }

    /// The procedure from its first step to its document.
    public func calibrate(_ order: CalibrationOrder, _ plan: BenchPlan) throws -> CalibrationDocument {
        var procedure = CalibrationProcedure(order: order, plan: plan)
        while true {
            switch procedure.next {
            case .connect(let connection):
                connect(connection)
                procedure.confirm()
            case .drive(let trial):
                let (outcome, fault) = try drive(trial)
                guard outcome.failure != .stopped else { throw RunEnded(trial: trial, fault: fault) }
                procedure.take(outcome)
            case .review: procedure.confirm()
            case .finished: return procedure.finish()
            }
        }
    }

    // MARK: - Hands

    private func connect(_ connection: BenchConnection) {
        for output in connected { hang(.open, at: output) }
        hang(connection.drivenTerminal, at: connection.drivenOutput)
        hang(connection.terminal, at: connection.probedOutput)
        connected = [connection.drivenOutput, connection.probedOutput]
    }

    private func hang(_ terminal: BenchTerminal, at output: UInt8) {
        let load: DummyLoad
        switch terminal {
        case .load(let nominal): load = .resistor(ohms: trueOhms[nominal.ohms] ?? Double(nominal.ohms))
        case .open: load = .open
        case .short: load = .short
        }
        let now = Instant(nanoseconds: milliseconds * 1_000_000)
        switch rig {
        case .p24(var p24):
            p24.setDummyLoad(load, output: Int(output), at: now)
            rig = .p24(p24)
        case .needles(var needles):
            needles.setDummyLoad(load, output: Int(output), at: now)
            rig = .needles(needles)
        }
    }

    // MARK: - One trial

    private func drive(_ trial: BenchTrial) throws -> (TrialOutcome, FaultCause) {
        switch rig {
        case .p24(let p24): return try drive(trial, p24)
        case .needles(let needles): return try drive(trial, needles)
        }
    }

    private func drive(_ trial: BenchTrial, _ p24: VirtualRig) throws -> (TrialOutcome, FaultCause) {
        let outputs = P24Outputs(first: trial.correction, second: .none, measuresCurrent: true)
        let session = VirtualSession(
            bench: try trial.authorize(on: .p24LowLevel, .everything), outputs: outputs, rig: p24,
            startingAt: milliseconds)
        let outcome = conduct(
            trial, status: { session.control.status() }, tick: { session.tick($0) },
            probe: { session.rig.probe(output: Int(trial.probedOutput)) })
        milliseconds = session.milliseconds
        rig = .p24(session.rig)
        missedPulses += session.control.machine.droppedPulses + session.control.machine.skippedPulses
        return outcome
    }

    private func drive(_ trial: BenchTrial, _ needles: VirtualNeedleRig) throws -> (TrialOutcome, FaultCause) {
        let link = LinkPlan.needleRig(
            NeedleDoses.expected,
            first: TriggerChannel(
                channel: Channel(number: trial.drivenOutput) ?? .first, calibration: trial.channelCalibration),
            second: nil)
        let device = DeviceCapabilities.needleRig(
            residualOffsetNanoamperes: 0, imbalancePermille: 0, tolerancePermille: 0)
        let session = VirtualNeedleSession(
            bench: try trial.authorize(on: device, .everything), link: link, rig: needles,
            onSecondOutput: trial.drivenOutput == 2, startingAt: milliseconds)
        let outcome = conduct(
            trial, status: { session.control.status() }, tick: { session.tick($0) },
            probe: { session.rig.probe(output: Int(trial.probedOutput)) })
        milliseconds = session.milliseconds
        rig = .needles(session.rig)
        return outcome
    }

    /// Looks every 20 ms, as the program does; between looks the world runs on.
    private func conduct(
        _ trial: BenchTrial, status: () -> StatusSnapshot, tick: (Hands) -> Void, probe: () -> ProbeTrace
    ) -> (TrialOutcome, FaultCause) {
        var conductor = trial.conductor
        var readings: [[BenchReading]] = []
        while true {
            var hands = Hands()
            var isOver = false
            var fault = FaultCause.none
            switch conductor.advise(status()) {
            case .wait: break
            case .press(let command): hands.command = command
            case .read(let level):
                readings.append(read(trial, level, status(), tick, probe))
                conductor.takeRead()
            case .stop: hands.stop = .operatorKey
            case .ended(let cause):
                isOver = true
                fault = cause
            }
            tick(hands)
            for _ in 1..<20 { tick(Hands()) }
            guard isOver else { continue }
            // The link proves the output off before the next run begins.
            for _ in 0..<600 { tick(Hands()) }
            return (TrialOutcome(readings: readings, failure: TrialFailure(fault)), fault)
        }
    }

    private func read(
        _ trial: BenchTrial, _ level: Int, _ status: StatusSnapshot, _ tick: (Hands) -> Void, _ probe: () -> ProbeTrace
    ) -> [BenchReading] {
        let sampled = Int64(status.sampledPeak.microamperes)
        if lateReadings > 0, trial.purpose == .asLeft {
            lateReadings -= 1
            // Until the first pulse behind the gap is there.
            tick(Hands(late: 60))
            for _ in 0..<55 { tick(Hands()) }
        }
        return profile.read(
            trial, level: level, tell: { _ = instrument.answer($0, trace: probe()) },
            ask: { instrument.answer($0, trace: probe()) ?? "" },
            settle: { for _ in 0..<$0 { tick(Hands()) } }
        ).map {
            trial.atSource($0.with(deviceMicroamperes: sampled > 0 ? sampled : nil), bleederOhms: bleederOhms)
        }
    }
}

extension BenchAttestation {
    fileprivate static let everything = BenchAttestation(
        assetNumberIsRecorded: true, nobodyIsConnected: true, stopControlIsProven: true, deviceIsIdentified: true)
}

// The host and the pretend rig in one process and in virtual time: every 1 ms tick is executed, none is skipped unless
// a scenario says that the computer was late.
import RigControl
import RigSimulator
import SafetyKernel
import SessionEngine
import StimulatorLinks
import StimulusModel

/// The doses that scenarios use.
enum Doses {
    static let phase = PhaseDuration(microseconds: 300)
    static let gap = PhaseDuration(microseconds: 100)

    static func relieve(
        count: Int32 = 3, rampUp: Int32 = 1_000, plateau: Int32 = 3_000, rampDown: Int32 = 1_000, rest: Int32 = 3_000,
        maximum: Int32 = 15_000, frequency: Int32 = 35_000
    ) -> Dose {
        Dose(
            electrodeKind: .surface, muscle: .vmo, stage: .relieve,
            pattern: .contractions(
                ContractionCycle(
                    rampUpMilliseconds: rampUp, plateauMilliseconds: plateau, rampDownMilliseconds: rampDown,
                    restMilliseconds: rest), count: count),
            frequency: Frequency(millihertz: frequency), phaseDuration: phase, interphaseGap: gap,
            maximumAmplitude: Current(microamperes: maximum), amplitudeStep: Current(microamperes: 1_000))
    }

    static func search(maximum: Int32 = 15_000, milliseconds: Int32 = 120_000) -> Dose {
        Dose(
            electrodeKind: .surface, muscle: .vmo, stage: .search, pattern: .continuous(milliseconds: milliseconds),
            frequency: Frequency(millihertz: 2_000), phaseDuration: phase, interphaseGap: gap,
            maximumAmplitude: Current(microamperes: maximum), amplitudeStep: Current(microamperes: 500))
    }

    static func plan(search: Dose?, treatment: Dose?) throws -> AuthorizedPlan {
        let prescription = Prescription(
            search: search, treatment: treatment, channel: .first, padArea: PadArea(squareMillimetres: 2_500),
            capabilities: .p24LowLevel, history: TreatmentHistory(earlierTreatments: 0, millisecondsSinceLast: 0),
            limits: .absoluteSurface)
        let clearance = try Clearance.grant(passed: Clearance.required(for: .surface), for: .surface)
        return try Authorization.authorize(prescription, clearance: clearance)
    }

    static var expected: ExpectedStimulator {
        var expected = ExpectedStimulator(serial: nil, languageMajor: 4)
        _ = expected.accept(FirmwareVersion(major: 1, minor: 2, revision: 3))
        return expected
    }
}

/// What a scenario's practitioner sees and does in one millisecond.
struct Hands {
    var command = OperatorCommand.none
    var stop = StopCause.none
    var hostFault = FaultCause.none
    /// Milliseconds that the computer oversleeps before this tick.
    var late: Int32 = 0
}

struct VirtualSession: ~Copyable {
    private(set) var control: ControlTick
    var rig: VirtualRig
    private(set) var milliseconds: Int64 = 0
    private(set) var journal: [WordBlock] = []
    var keepsJournal = true
    private var appearances: Int

    init(plan: AuthorizedPlan, rig configuration: VirtualRigConfiguration) {
        control = ControlTick(plan: plan, expected: Doses.expected)
        rig = VirtualRig(configuration, startingAt: Instant(nanoseconds: 0))
        appearances = rig.appearances
        control.lineOpened(at: now)
    }

    var now: Instant { Instant(nanoseconds: milliseconds * 1_000_000) }
    var state: SessionState { control.machine.state }

    /// One tick of the host, with the world moved on to it.
    mutating func tick(_ hands: Hands = Hands()) {
        milliseconds += 1 + Int64(hands.late)
        while let byte = rig.nextByteForHost(at: now) { control.receive(byte, at: now) }
        if !rig.isPresent || rig.appearances != appearances { control.lineGone(at: now) }
        var shell = ShellInputs()
        shell.elapsedTicks = 1 + hands.late
        shell.command = hands.command
        shell.stop = hands.stop
        shell.hostFault = hands.hostFault
        let record = control.step(shell, at: now)
        if keepsJournal { for index in 0..<record.count { journal.append(record.blocks[index]) } }
        while let frame = control.takeFrame() {
            for index in 0..<frame.count { rig.hostWrote(frame[index], at: now) }
        }
    }

    /// Runs until a condition holds; false when it did not within the limit.
    @discardableResult
    mutating func run(
        atMost limit: Int64, until done: (borrowing VirtualSession) -> Bool,
        hands: (borrowing VirtualSession) -> Hands = { _ in Hands() }
    ) -> Bool {
        for _ in 0..<limit {
            if done(self) { return true }
            tick(hands(self))
        }
        return done(self)
    }
}

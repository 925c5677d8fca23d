// The host and the pretend rig in one process and in virtual time: every 1 ms tick is executed, none is skipped unless
// a scenario says that the computer was late.
public import RigControl
public import RigSimulator
public import SafetyKernel
public import SessionEngine
public import StimulatorLinks
public import StimulusModel

/// The doses that scenarios use.
public enum Doses {
    public static let phase = PhaseDuration(microseconds: 300)
    public static let gap = PhaseDuration(microseconds: 100)

    public static func relieve(
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

    public static func search(maximum: Int32 = 15_000, milliseconds: Int32 = 120_000) -> Dose {
        Dose(
            electrodeKind: .surface, muscle: .vmo, stage: .search, pattern: .continuous(milliseconds: milliseconds),
            frequency: Frequency(millihertz: 2_000), phaseDuration: phase, interphaseGap: gap,
            maximumAmplitude: Current(microamperes: maximum), amplitudeStep: Current(microamperes: 500))
    }

    /// The same rhythm over the other muscle.
    public static func relieveGluteus(
        count: Int32 = 3, plateau: Int32 = 3_000, rest: Int32 = 3_000, maximum: Int32 = 15_000,
        frequency: Int32 = 35_000
    ) -> Dose {
        let dose = relieve(count: count, plateau: plateau, rest: rest, maximum: maximum, frequency: frequency)
        return Dose(
            electrodeKind: dose.electrodeKind, muscle: .gluteusMedius, stage: dose.stage, pattern: dose.pattern,
            frequency: dose.frequency, phaseDuration: dose.phaseDuration, interphaseGap: dose.interphaseGap,
            maximumAmplitude: dose.maximumAmplitude, amplitudeStep: dose.amplitudeStep)
    }

    /// Two muscles in one session, on outputs 1 and 2.
    public static func pair(
        _ first: Dose, _ second: Dose, _ arrangement: ChannelArrangement
    ) throws -> AuthorizedPlan {
        func channel(_ dose: Dose, _ number: UInt8) -> ChannelPrescription {
            ChannelPrescription(
                search: nil, treatment: dose, channel: Channel(number: number) ?? .first,
                contact: .pad(PadArea(squareMillimetres: 2_500)),
                history: TreatmentHistory(earlierTreatments: 2, millisecondsSinceLast: 30 * 86_400_000))
        }
        let prescription = Prescription(
            first: channel(first, 1), second: channel(second, 2), arrangement: arrangement,
            capabilities: .p24LowLevel, limits: .absoluteSurface)
        let clearance = try Clearance.grant(passed: Clearance.required(for: .surface), for: .surface)
        return try Authorization.authorize(prescription, clearance: clearance)
    }

    /// - Parameter earlierTreatments: 0 for a first session, which takes Relieve alone.
    public static func plan(
        search: Dose?, treatment: Dose?, earlierTreatments: Int32 = 0
    ) throws -> AuthorizedPlan {
        let prescription = Prescription(
            search: search, treatment: treatment, channel: .first, contact: .pad(PadArea(squareMillimetres: 2_500)),
            capabilities: .p24LowLevel,
            history: TreatmentHistory(
                earlierTreatments: earlierTreatments, millisecondsSinceLast: 30 * 86_400_000),
            limits: .absoluteSurface)
        let clearance = try Clearance.grant(passed: Clearance.required(for: .surface), for: .surface)
        return try Authorization.authorize(prescription, clearance: clearance)
    }

    public static var expected: ExpectedStimulator {
        var expected = ExpectedStimulator(serial: nil, languageMajor: 4)
        _ = expected.accept(FirmwareVersion(major: 1, minor: 2, revision: 3))
        return expected
    }
}

/// What a scenario's practitioner sees and does in one millisecond.
public struct Hands: Sendable {
    public var command = OperatorCommand.none
    /// The channel that the command is for.
    public var place = ChannelPlace.first
    /// Channels to stop alone: bit 0 the first, bit 1 the second.
    public var channelStops: UInt8 = 0
    public var stop = StopCause.none
    public var hostFault = FaultCause.none
    /// Milliseconds that the computer oversleeps before this tick.
    public var late: Int32 = 0

    public init(
        command: OperatorCommand = .none, at place: ChannelPlace = .first, stop: StopCause = .none,
        hostFault: FaultCause = .none, late: Int32 = 0
    ) {
        self.command = command
        self.place = place
        self.stop = stop
        self.hostFault = hostFault
        self.late = late
    }
}

public final class VirtualSession {
    public private(set) var control: ControlTick
    public var rig: VirtualRig
    private var record = TickRecord()
    public private(set) var milliseconds: Int64 = 0
    public private(set) var journal: [WordBlock] = []
    public var keepsJournal = true
    private var appearances: Int
    /// Changes the bytes of a frame on their way to the device, or drops it.
    public var tamperWithFrame: ((inout [UInt8]) -> Void)?
    /// Whether a byte from the device reaches the host.
    public var passesByte: ((UInt8) -> Bool)?
    /// Everything that left the host: the same seed leaves the same trace.
    public private(set) var trace = TraceHash()
    /// How long the computer slept so far: its monotonic clock stood still meanwhile.
    private var suspendedMilliseconds: Int64 = 0

    /// - Parameters:
    ///   - outputs: what calibration is said to have found.
    ///   - start: what the monotonic clock shows when the host begins, in ms.
    public init(
        plan: AuthorizedPlan, outputs: P24Outputs = .uncorrected, rig configuration: VirtualRigConfiguration,
        startingAt start: Int64 = 0
    ) {
        milliseconds = start
        control = ControlTick(plan: plan, link: .p24(Doses.expected, outputs: outputs))
        rig = VirtualRig(configuration, startingAt: Instant(nanoseconds: start * 1_000_000))
        appearances = rig.appearances
        control.lineOpened(at: now)
    }

    /// A run on the bench, on a rig that goes on as it is.
    public init(bench plan: AuthorizedBenchPlan, outputs: P24Outputs, rig: VirtualRig, startingAt start: Int64) {
        milliseconds = start
        control = ControlTick(bench: plan, link: .p24(Doses.expected, outputs: outputs))
        self.rig = rig
        appearances = rig.appearances
        keepsJournal = false
        control.lineOpened(at: now)
    }

    /// The host process is killed and started anew on the same rig; the world knows nothing of it.
    public func restartHost(plan: AuthorizedPlan) {
        control = ControlTick(plan: plan, expected: Doses.expected)
        record = TickRecord()
        appearances = rig.appearances
        control.lineOpened(at: hostNow)
    }

    /// What the host's own clock shows.
    private var hostNow: Instant { Instant(nanoseconds: (milliseconds - suspendedMilliseconds) * 1_000_000) }

    /// Hands over what was written down since the last time.
    public func drainJournal(_ take: (WordBlock) -> Void) {
        guard !journal.isEmpty else { return }
        for block in journal { take(block) }
        journal.removeAll(keepingCapacity: true)
    }

    /// The computer sleeps: the world goes on, the host's clock does not.
    public func suspend(milliseconds span: Int64) {
        freeze(milliseconds: span)
        suspendedMilliseconds += span
    }

    public var now: Instant { Instant(nanoseconds: milliseconds * 1_000_000) }
    public var state: SessionState { control.state }
    /// What the last tick decided: the same figures as `control`'s, at less cost to who looks in every tick.
    public var lastDecision: (state: SessionState, first: Current, second: Current) {
        (record.state, record.setAmplitude, record.secondSetAmplitude)
    }

    /// One tick of the host, with the world moved on to it.
    public func tick(_ hands: Hands = Hands()) {
        milliseconds += 1 + Int64(hands.late)
        while let byte = rig.nextByteForHost(at: now) {
            if passesByte?(byte) ?? true { control.receive(byte, at: hostNow) }
        }
        if !rig.isPresent || rig.appearances != appearances { control.lineGone(at: hostNow) }
        var shell = ShellInputs()
        shell.elapsedTicks = 1 + hands.late
        shell.command = hands.command
        shell.commandPlace = hands.place
        shell.channelStops = hands.channelStops
        shell.stop = hands.stop
        shell.hostFault = hands.hostFault
        control.step(shell, at: hostNow, &record)
        for index in 0..<record.count {
            trace.take(record.blocks[index])
            if keepsJournal { journal.append(record.blocks[index]) }
        }
        write()
    }

    /// As the real loop does: what the line does not take whole is a fault, and the stop is tried anew each tick.
    private func write() {
        while control.hasFrame, var frame = control.takeFrame() {
            var bytes: [UInt8] = []
            for index in 0..<frame.count { bytes.append(frame.byte(at: index)) }
            let room = rig.roomForHost(at: now)
            let taken = min(room, bytes.count)
            let isWhole = taken == bytes.count
            bytes = Array(bytes.prefix(taken))
            tamperWithFrame?(&bytes)
            for byte in bytes {
                trace.take(byte)
                rig.hostWrote(byte, at: now)
            }
            if !isWhole { control.lineBlocked(at: hostNow) }
            if taken == 0, !isWhole { return }
        }
    }

    /// The host is dead or halted; the world goes on.
    public func freeze(milliseconds span: Int64) {
        for _ in 0..<span {
            milliseconds += 1
            rig.advance(to: now)
        }
    }

    /// Runs until a condition holds; false when it did not within the limit.
    @discardableResult
    public func run(
        atMost limit: Int64, until done: (VirtualSession) -> Bool,
        hands: (VirtualSession) -> Hands = { _ in Hands() }
    ) -> Bool {
        for _ in 0..<limit {
            if done(self) { return true }
            tick(hands(self))
        }
        return done(self)
    }
}

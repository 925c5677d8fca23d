// The host and the pretend needle rig in one process and in virtual time.
public import RigControl
public import RigSimulator
public import SafetyKernel
public import SessionEngine
public import StimulatorLinks
public import StimulusModel

/// The needle doses that scenarios use.
public enum NeedleDoses {
    public static let phase = PhaseDuration(microseconds: 250)

    public static func dose(
        stage: CareStage = .relieve, muscle: TargetMuscle = .vmo, pattern: Pattern, millihertz: Int32,
        maximum: Int32 = 4_000
    ) -> Dose {
        Dose(
            electrodeKind: .needle, muscle: muscle, stage: stage, pattern: pattern,
            frequency: Frequency(millihertz: millihertz), phaseDuration: phase,
            interphaseGap: PhaseDuration(microseconds: 0), maximumAmplitude: Current(microamperes: maximum),
            amplitudeStep: Current(microamperes: 100))
    }

    public static func search(maximum: Int32 = 3_000) -> Dose {
        dose(stage: .search, pattern: .continuous(milliseconds: 120_000), millihertz: 2_000, maximum: maximum)
    }

    public static func treatment(
        milliseconds: Int32 = 120_000, millihertz: Int32 = 2_000, maximum: Int32 = 4_000
    ) -> Dose {
        dose(pattern: .continuous(milliseconds: milliseconds), millihertz: millihertz, maximum: maximum)
    }

    /// 2 and 100 Hz, 3 s each.
    public static func dense(milliseconds: Int32 = 120_000, maximum: Int32 = 4_000) -> Dose {
        dose(
            pattern: .denseDisperse(
                milliseconds: milliseconds, denseMilliseconds: 3_000, sparseFrequency: Frequency(millihertz: 2_000),
                sparseMilliseconds: 3_000), millihertz: 100_000, maximum: maximum)
    }

    public static let needle = NeedleGeometry(diameterMicrometres: 250, insertedMillimetres: 20)

    public static var capabilities: DeviceCapabilities {
        .needleRig(residualOffsetNanoamperes: 500, imbalancePermille: 5, tolerancePermille: 20)
    }

    public static func prescription(
        search: Dose?, treatment: Dose?, needle: NeedleGeometry = needle, earlierTreatments: Int32 = 2
    ) -> Prescription {
        Prescription(
            search: search, treatment: treatment, channel: .first, contact: .needle(needle),
            capabilities: capabilities,
            history: TreatmentHistory(earlierTreatments: earlierTreatments, millisecondsSinceLast: 30 * 86_400_000),
            limits: .absoluteNeedle)
    }

    public static func plan(
        search: Dose?, treatment: Dose?, needle: NeedleGeometry = needle
    ) throws -> AuthorizedPlan {
        let clearance = try Clearance.grant(passed: Clearance.required(for: .needle), for: .needle)
        return try Authorization.authorize(
            prescription(search: search, treatment: treatment, needle: needle), clearance: clearance)
    }

    public static var expected: ExpectedStimulator {
        var expected = ExpectedStimulator(serial: nil, languageMajor: 2)
        _ = expected.accept(FirmwareVersion(major: 21, minor: 0, revision: 0))
        _ = expected.accept(FirmwareVersion(major: 22, minor: 0, revision: 0))
        return expected
    }

    public static var link: LinkPlan {
        .needleRig(
            expected, first: TriggerChannel(channel: .first, calibration: .nominal),
            second: Channel(number: 2).map { TriggerChannel(channel: $0, calibration: .nominal) })
    }
}

public final class VirtualNeedleSession {
    public private(set) var control: ControlTick
    public var rig: VirtualNeedleRig
    private var record = TickRecord()
    public private(set) var milliseconds: Int64 = 0
    public private(set) var journal: [WordBlock] = []
    public var keepsJournal = true
    private var appearances: Int
    /// Whether the host can read and write its pins.
    public var pinsWork = true
    /// Rising edges that the host drove, in ms.
    public private(set) var edges: [Int64] = []
    public private(set) var lastDrive = PinDrive()
    /// Whether the comparator that the host looks at is that of the second output: the first trigger starts any output.
    private var isSwapped = false
    /// Everything that left the host: the same seed leaves the same trace.
    public private(set) var trace = TraceHash()
    /// Whether the moments of edges are kept; a long run need not.
    public var keepsEdges = true
    /// How long the computer slept so far: its monotonic clock stood still meanwhile.
    private var suspendedMilliseconds: Int64 = 0

    public init(plan: AuthorizedPlan, rig configuration: VirtualNeedleRigConfiguration) {
        control = ControlTick(plan: plan, link: NeedleDoses.link)
        rig = VirtualNeedleRig(configuration, startingAt: Instant(nanoseconds: 0))
        appearances = rig.appearances
        control.lineOpened(at: now)
    }

    /// A run on the bench, on a rig that goes on as it is.
    /// - Parameter onSecondOutput: the run's one channel is wired to the second output.
    public init(
        bench plan: AuthorizedBenchPlan, link: LinkPlan, rig: VirtualNeedleRig, onSecondOutput: Bool,
        startingAt start: Int64
    ) {
        isSwapped = onSecondOutput
        milliseconds = start
        control = ControlTick(bench: plan, link: link)
        self.rig = rig
        appearances = rig.appearances
        keepsJournal = false
        control.lineOpened(at: now)
    }

    /// The host process is killed and started anew on the same rig; the world knows nothing of it.
    public func restartHost(plan: AuthorizedPlan) {
        control = ControlTick(plan: plan, link: NeedleDoses.link)
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
        while let byte = rig.nextByteForHost(at: now) { control.receive(byte, at: hostNow) }
        if !rig.isPresent || rig.appearances != appearances { control.lineGone(at: hostNow) }
        var shell = ShellInputs()
        shell.elapsedTicks = 1 + hands.late
        shell.command = hands.command
        shell.commandPlace = hands.place
        shell.channelStops = hands.channelStops
        shell.stop = hands.stop
        shell.hostFault = hands.hostFault
        shell.pins = pinsWork ? levels : nil
        control.step(shell, at: hostNow, &record)
        writePins(shell.pins)
        for index in 0..<record.count {
            trace.take(record.blocks[index])
            if keepsJournal { journal.append(record.blocks[index]) }
        }
        write()
    }

    private var levels: PinLevels {
        var levels = rig.pinLevels(at: now)
        if isSwapped { swap(&levels.firstPulseIsSeen, &levels.secondPulseIsSeen) }
        return levels
    }

    private func writePins(_ levels: PinLevels?) {
        let pins = control.takePins()
        guard pinsWork else { return }
        let drive = pins.drive
        if keepsEdges, drive.firstTrigger, !lastDrive.firstTrigger { edges.append(milliseconds) }
        trace.take(drive.bits)
        if drive.bits & 0xFE != lastDrive.bits & 0xFE, keepsJournal {
            journal.append(JournalEntry.pins(levels, drive, at: now, tick: control.tickCount))
        }
        lastDrive = drive
        rig.setPins(drive, at: now)
    }

    private func write() {
        while control.hasFrame, var frame = control.takeFrame() {
            let room = rig.roomForHost(at: now)
            let taken = min(room, frame.count)
            for index in 0..<taken {
                trace.take(frame.byte(at: index))
                rig.hostWrote(frame.byte(at: index), at: now)
            }
            if taken < frame.count {
                control.lineBlocked(at: hostNow)
                if taken == 0 { return }
            }
        }
    }

    /// The host is dead or halted: its pins keep their levels, and the world goes on.
    public func freeze(milliseconds span: Int64) {
        for _ in 0..<span {
            milliseconds += 1
            rig.advance(to: now)
        }
    }

    /// Runs until a condition holds; false when it did not within the limit.
    @discardableResult
    public func run(
        atMost limit: Int64, until done: (VirtualNeedleSession) -> Bool,
        hands: (VirtualNeedleSession) -> Hands = { _ in Hands() }
    ) -> Bool {
        for _ in 0..<limit {
            if done(self) { return true }
            tick(hands(self))
        }
        return done(self)
    }
}

/// What a stimulator can set, in what steps, for which electrodes, what it cannot detect, and how long it goes on
/// after its host has died. `SafetyKernel/Authorization` refuses what the device cannot promise.
public struct DeviceCapabilities: Equatable, Hashable, Sendable {
    public let electrodeKind: ElectrodeKind
    public let channelCount: UInt8
    public let maximumAmplitude: Current
    public let amplitudeStep: Current
    public let shortestPhase: PhaseDuration
    public let longestPhase: PhaseDuration
    /// Below this amplitude a lost electrode is not reported by the device.
    public let electrodeLossDetectedFrom: Current
    /// The longest output after the host's last byte: the end of the one pulse pattern in flight.
    public let outputAfterHostDeathMicroseconds: Int32
    /// Phases and gaps are whole multiples of this.
    public let phaseStep: PhaseDuration
    /// What calibration measured of direct current at rest, with any correction applied; 0 where nobody measured.
    public let residualOffsetNanoamperes: Int32
    /// What calibration measured of the difference between both phases, in thousandths of a phase; 0 likewise.
    public let imbalancePermille: Int32
    /// How far the true current may be above the set one, in thousandths; 0 where nobody measured.
    public let tolerancePermille: Int32
    /// Whether the amplitude is set apart from the pulse, in the silence before it.
    public let setsBetweenPulses: Bool

    @_noLocks public init(
        electrodeKind: ElectrodeKind, channelCount: UInt8, maximumAmplitude: Current, amplitudeStep: Current,
        shortestPhase: PhaseDuration, longestPhase: PhaseDuration, electrodeLossDetectedFrom: Current,
        outputAfterHostDeathMicroseconds: Int32, phaseStep: PhaseDuration = PhaseDuration(microseconds: 1),
        residualOffsetNanoamperes: Int32 = 0, imbalancePermille: Int32 = 0, tolerancePermille: Int32 = 0,
        setsBetweenPulses: Bool = false
    ) {
        self.electrodeKind = electrodeKind
        self.channelCount = channelCount
        self.maximumAmplitude = maximumAmplitude
        self.amplitudeStep = amplitudeStep
        self.shortestPhase = shortestPhase
        self.longestPhase = longestPhase
        self.electrodeLossDetectedFrom = electrodeLossDetectedFrom
        self.outputAfterHostDeathMicroseconds = outputAfterHostDeathMicroseconds
        self.phaseStep = phaseStep
        self.residualOffsetNanoamperes = residualOffsetNanoamperes
        self.imbalancePermille = imbalancePermille
        self.tolerancePermille = tolerancePermille
        self.setsBetweenPulses = setsBetweenPulses
    }

    @_noLocks public static func == (a: DeviceCapabilities, b: DeviceCapabilities) -> Bool {
        a.electrodeKind == b.electrodeKind && a.channelCount == b.channelCount
            && a.maximumAmplitude == b.maximumAmplitude && a.amplitudeStep == b.amplitudeStep
            && a.shortestPhase == b.shortestPhase && a.longestPhase == b.longestPhase
            && a.electrodeLossDetectedFrom == b.electrodeLossDetectedFrom
            && a.outputAfterHostDeathMicroseconds == b.outputAfterHostDeathMicroseconds
            && a.phaseStep == b.phaseStep && a.residualOffsetNanoamperes == b.residualOffsetNanoamperes
            && a.imbalancePermille == b.imbalancePermille && a.tolerancePermille == b.tolerancePermille
            && a.setsBetweenPulses == b.setsBetweenPulses
    }

    @_noLocks public static func != (a: DeviceCapabilities, b: DeviceCapabilities) -> Bool { !(a == b) }

    /// HASOMED P24 in low level: 0.5 mA steps, 10 to 4,095 µs a point, 130 mA into 1 kΩ (`sciencemode4.md` 4.2, 8);
    /// electrode errors only from 15 mA up (6); one pulse pattern of at most 65,520 µs in flight (`decided.md`).
    /// Rated for its own surface electrodes only (IFU).
    public static var p24LowLevel: DeviceCapabilities { @_noLocks get { p24LowLevel(tolerancePermille: 0) } }

    /// The same as calibrated.
    /// - Parameter tolerancePermille: from the calibration; the larger of two channels.
    @_noLocks public static func p24LowLevel(tolerancePermille: Int32) -> DeviceCapabilities {
        DeviceCapabilities(
            electrodeKind: .surface, channelCount: 8, maximumAmplitude: Current(microamperes: 130_000),
            amplitudeStep: Current(microamperes: 500), shortestPhase: PhaseDuration(microseconds: 10),
            longestPhase: PhaseDuration(microseconds: 4_095),
            electrodeLossDetectedFrom: Current(microamperes: 15_000), outputAfterHostDeathMicroseconds: 65_520,
            tolerancePermille: tolerancePermille)
    }

    /// A Pulse Pal 2 with a DS5-class isolator at ±10 V in = ±10 mA out (`decided.md`, Needle rig): steps of 0.1 mA,
    /// phases in cycles of 50 µs (`pulsepal.md` 3.3), two channels. Nothing in this chain measures contact. After the
    /// host's death the one pulse in flight ends, at most 2 ms long; the relay opens after that.
    /// - Parameters:
    ///   - maximumAmplitude: less than 10 mA where a channel's gain leaves less.
    ///   - residualOffsetNanoamperes: from the channel's calibration; the larger of two channels.
    ///   - imbalancePermille: likewise.
    @_noLocks public static func needleRig(
        maximumAmplitude: Current = Current(microamperes: 10_000),
        residualOffsetNanoamperes: Int32, imbalancePermille: Int32, tolerancePermille: Int32
    ) -> DeviceCapabilities {
        DeviceCapabilities(
            electrodeKind: .needle, channelCount: 2, maximumAmplitude: maximumAmplitude,
            amplitudeStep: Current(microamperes: 100), shortestPhase: PhaseDuration(microseconds: 50),
            longestPhase: PhaseDuration(microseconds: 500),
            electrodeLossDetectedFrom: Current(microamperes: Int32.max), outputAfterHostDeathMicroseconds: 2_000,
            phaseStep: PhaseDuration(microseconds: 50), residualOffsetNanoamperes: residualOffsetNanoamperes,
            imbalancePermille: imbalancePermille, tolerancePermille: tolerancePermille, setsBetweenPulses: true)
    }
}

// What a calibration says, as it is signed and kept. Whole numbers throughout, so that the same document has the same
// bytes on every machine.
//
// Words: *output* = a channel of the stimulator, counted from 1; *as found* = with the correction of the calibration
// before this one, or none; *as left* = with the correction of this one; *first phase*, *second phase* = of a biphasic
// pulse, the one positive and the other negative; *expanded uncertainty* = twice the combined standard uncertainty
// (k = 2, JCGM 100, "GUM").
public import CareModel
public import StimulusModel

/// The stimulator that was calibrated: a calibration is worth nothing on another one (`clinical.md` 5, H45).
public struct CalibratedDevice: Hashable, Sendable {
    public let stimulator: StimulatorKind
    /// The P24's device id, or what the Pulse Pal's USB socket says of itself.
    public let serialNumber: String
    /// As the device tells it.
    public let firmware: String
    /// The isolator behind a Pulse Pal, as its label says; nothing on a P24.
    public let isolator: String?

    public init(stimulator: StimulatorKind, serialNumber: String, firmware: String, isolator: String?) {
        self.stimulator = stimulator
        self.serialNumber = serialNumber
        self.firmware = firmware
        self.isolator = isolator
    }
}

/// Where a reading came from.
public enum ReadingSource: String, Hashable, Sendable, CaseIterable {
    /// A bench instrument on its own serial line.
    case instrument
    /// Typed by hand; the file name of the evidence stands with it.
    case typed
    /// The stimulator's own samples: a cross-check, never the only source (issue 5).
    case device
}

/// With what was measured.
public struct CalibrationInstrument: Hashable, Sendable {
    public let source: ReadingSource
    /// Maker and model, as it tells them or as its label says.
    public let model: String
    public let serialNumber: String
    /// The instrument's own calibration: its day, and the last day on which it holds.
    public let calibratedOn: CalendarDay
    public let holdsUntil: CalendarDay
    /// Expanded uncertainty (k = 2) of a reading, in millionths of it, and in microvolts beside that.
    public let expandedPartsPerMillion: Int32
    public let expandedMicrovolts: Int32
    /// File name of the evidence of typed values; empty otherwise.
    public let evidence: String

    public init(
        source: ReadingSource, model: String, serialNumber: String, calibratedOn: CalendarDay, holdsUntil: CalendarDay,
        expandedPartsPerMillion: Int32, expandedMicrovolts: Int32, evidence: String = ""
    ) {
        self.source = source
        self.model = model
        self.serialNumber = serialNumber
        self.calibratedOn = calibratedOn
        self.holdsUntil = holdsUntil
        self.expandedPartsPerMillion = expandedPartsPerMillion
        self.expandedMicrovolts = expandedMicrovolts
        self.evidence = evidence
    }
}

/// The resistor that stood in place of a person, as the technician attested it.
public struct CalibrationLoad: Hashable, Sendable {
    public let assetNumber: String
    public let ohms: Int32
    /// Half width of what its label or certificate allows, in thousandths.
    public let tolerancePermille: Int32
    public let ratedMilliwatts: Int32

    public init(assetNumber: String, ohms: Int32, tolerancePermille: Int32, ratedMilliwatts: Int32) {
        self.assetNumber = assetNumber
        self.ohms = ohms
        self.tolerancePermille = tolerancePermille
        self.ratedMilliwatts = ratedMilliwatts
    }
}

/// A decision with a guard band: the error and its expanded uncertainty together against the tolerance.
public enum PointVerdict: String, Hashable, Sendable, CaseIterable {
    /// Within tolerance, uncertainty included.
    case pass
    /// Within tolerance, but not by more than the uncertainty: refused (the guard band is as wide as it).
    case guardBand = "guard_band"
    case fail
}

/// One test point: what was set and what was measured of one phase into one load.
public struct CalibrationPoint: Hashable, Sendable {
    public let setMicroamperes: Int32
    public let isSecondPhase: Bool
    public let loadOhms: Int32
    public let readings: Int32
    /// Without sign, in nanoamperes.
    public let meanNanoamperes: Int64
    public let standardDeviationNanoamperes: Int64
    /// k = 2.
    public let expandedNanoamperes: Int64
    public let verdict: PointVerdict

    public init(
        setMicroamperes: Int32, isSecondPhase: Bool, loadOhms: Int32, readings: Int32, meanNanoamperes: Int64,
        standardDeviationNanoamperes: Int64, expandedNanoamperes: Int64, verdict: PointVerdict
    ) {
        self.setMicroamperes = setMicroamperes
        self.isSecondPhase = isSecondPhase
        self.loadOhms = loadOhms
        self.readings = readings
        self.meanNanoamperes = meanNanoamperes
        self.standardDeviationNanoamperes = standardDeviationNanoamperes
        self.expandedNanoamperes = expandedNanoamperes
        self.verdict = verdict
    }
}

/// What else was measured of an output, each with its limit.
public enum FigureKind: String, Hashable, Sendable, CaseIterable {
    /// ns, of the first and of the second phase.
    case firstPhaseDuration = "first_phase_ns"
    case secondPhaseDuration = "second_phase_ns"
    /// mHz.
    case frequency = "frequency_mhz"
    /// Net charge of a pulse in thousandths of a phase.
    case netCharge = "net_charge_permille"
    /// Current at rest, nA.
    case restingCurrent = "resting_current_na"
    /// Largest signal with the output at zero, µV.
    case zeroOutput = "zero_output_uv"
    /// Signal on this output while another one is driven, in thousandths of the driven one.
    case crossTalk = "cross_talk_permille"
    /// Steps of the amplitude that did not raise the output.
    case stuckSteps = "stuck_steps"
    /// Beyond 80 % of the compliance: measured over set current, in thousandths.
    case beyondCompliance = "beyond_compliance_permille"
    /// The stimulator's own samples over the instrument's reading, in thousandths.
    case readBack = "read_back_permille"
    /// Distance of a point from the fitted line at the most, in thousandths of full scale.
    case nonLinearity = "non_linearity_permille"
}

public struct CalibrationFigure: Hashable, Sendable {
    public let kind: FigureKind
    public let value: Int64
    public let expanded: Int64
    /// Bounds of what is accepted, both included.
    public let lowest: Int64
    public let highest: Int64
    public let verdict: PointVerdict

    public init(
        kind: FigureKind, value: Int64, expanded: Int64, lowest: Int64, highest: Int64, verdict: PointVerdict
    ) {
        self.kind = kind
        self.value = value
        self.expanded = expanded
        self.lowest = lowest
        self.highest = highest
        self.verdict = verdict
    }
}

/// The line through the points of an output: measured = gain × set + offset.
public struct CalibrationFit: Hashable, Sendable {
    public let correction: OutputCorrection
    /// k = 2, instrument and load included.
    public let expandedGainPartsPerMillion: Int32
    public let expandedOffsetNanoamperes: Int32
    /// Distance of a point from the line at the most.
    public let largestResidualNanoamperes: Int64

    public init(
        correction: OutputCorrection, expandedGainPartsPerMillion: Int32, expandedOffsetNanoamperes: Int32,
        largestResidualNanoamperes: Int64
    ) {
        self.correction = correction
        self.expandedGainPartsPerMillion = expandedGainPartsPerMillion
        self.expandedOffsetNanoamperes = expandedOffsetNanoamperes
        self.largestResidualNanoamperes = largestResidualNanoamperes
    }
}

/// What a calibration says of one output.
public struct OutputCertificate: Hashable, Sendable {
    /// From 1.
    public let output: UInt8
    public let fit: CalibrationFit
    public let asFound: [CalibrationPoint]
    public let asLeft: [CalibrationPoint]
    public let figures: [CalibrationFigure]
    /// What is wrong with it, in words that name the fault; empty when it passed.
    public let findings: [String]
    /// How far the true current may be above the corrected one, in thousandths, rounded up: largest as-left error with
    /// its expanded uncertainty.
    public let tolerancePermille: Int32
    /// Difference of both phases in thousandths of a phase, and current at rest with the correction applied.
    public let imbalancePermille: Int32
    public let residualOffsetNanoamperes: Int32

    public init(
        output: UInt8, fit: CalibrationFit, asFound: [CalibrationPoint], asLeft: [CalibrationPoint],
        figures: [CalibrationFigure], findings: [String], tolerancePermille: Int32, imbalancePermille: Int32,
        residualOffsetNanoamperes: Int32
    ) {
        self.output = output
        self.fit = fit
        self.asFound = asFound
        self.asLeft = asLeft
        self.figures = figures
        self.findings = findings
        self.tolerancePermille = tolerancePermille
        self.imbalancePermille = imbalancePermille
        self.residualOffsetNanoamperes = residualOffsetNanoamperes
    }

    /// Whether every figure and point as left passed, and nothing was found.
    public var isPassed: Bool {
        findings.isEmpty && asLeft.allSatisfy { $0.verdict == .pass } && figures.allSatisfy { $0.verdict == .pass }
            && !asLeft.isEmpty
    }

    /// Whether it was within tolerance before anything was adjusted.
    public var wasFoundPassed: Bool { asFound.allSatisfy { $0.verdict == .pass } }
}

/// A calibration of one stimulator: what is signed.
public struct CalibrationDocument: Hashable, Sendable {
    /// 12 months (issue 5; `clinical.md` 5, H45).
    public static let longestValidityDays: Int32 = 365
    /// ±20 % of amplitude, the widest that any policy may set (`clinical.md` 1.2, 2012 edition, unverified there).
    public static let widestTolerancePermille: Int32 = 200
    /// A notice this many days before it ends (`clinical.md` 1.4).
    public static let noticeDays: Int64 = 30

    public let device: CalibratedDevice
    /// 1 for the first of this device, then one more each time: an older one is never taken for a newer.
    public let sequence: Int32
    public let measuredOn: CalendarDay
    public let validDays: Int32
    /// Initials.
    public let technician: String
    /// The tolerance that it was judged by.
    public let tolerancePermille: Int32
    public let instruments: [CalibrationInstrument]
    public let loads: [CalibrationLoad]
    /// In the order of their numbers.
    public let outputs: [OutputCertificate]

    public init(
        device: CalibratedDevice, sequence: Int32, measuredOn: CalendarDay, validDays: Int32, technician: String,
        tolerancePermille: Int32, instruments: [CalibrationInstrument], loads: [CalibrationLoad],
        outputs: [OutputCertificate]
    ) {
        self.device = device
        self.sequence = sequence
        self.measuredOn = measuredOn
        self.validDays = validDays
        self.technician = technician
        self.tolerancePermille = tolerancePermille
        self.instruments = instruments
        self.loads = loads
        self.outputs = outputs
    }

    /// Such as `P24-0001-3`: what records name.
    public var id: String { "\(device.serialNumber)-\(sequence)" }

    public func output(_ channel: Channel) -> OutputCertificate? { outputs.first { $0.output == channel.number } }

    public var isPassed: Bool { !outputs.isEmpty && outputs.allSatisfy(\.isPassed) }

    /// A calibration of the future is as useless as one of long ago.
    public func isInDate(on today: CalendarDay) -> Bool {
        let age = today.daysSince1970 - measuredOn.daysSince1970
        return age >= 0 && age < Int64(min(validDays, CalibrationDocument.longestValidityDays))
    }

    /// Days until it ends: 0 on the last one, negative after it.
    public func daysLeft(on today: CalendarDay) -> Int64 {
        measuredOn.daysSince1970 + Int64(min(validDays, CalibrationDocument.longestValidityDays)) - 1
            - today.daysSince1970
    }
}

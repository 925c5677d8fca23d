public import CareModel

/// What is known of a calibration before its first trial.
public struct CalibrationOrder: Hashable, Sendable {
    public let device: CalibratedDevice
    /// One more than that of the calibration before.
    public let sequence: Int32
    public let measuredOn: CalendarDay
    /// 1 to 365.
    public let validDays: Int32
    /// Initials.
    public let technician: String
    /// ± thousandths of amplitude, 1 to 200.
    public let tolerancePermille: Int32
    /// The first that is no `.device` measures; a second one cross-checks.
    public let instruments: [CalibrationInstrument]
    /// The calibration before, for drift.
    public let previous: CalibrationDocument?
    /// Loads as the instrument itself reads them, where it can.
    public let loadReadings: [LoadReading]

    public init(
        device: CalibratedDevice, sequence: Int32, measuredOn: CalendarDay,
        validDays: Int32 = CalibrationDocument.longestValidityDays, technician: String, tolerancePermille: Int32,
        instruments: [CalibrationInstrument], previous: CalibrationDocument? = nil, loadReadings: [LoadReading] = []
    ) throws(BenchPlanProblem) {
        guard (1...CalibrationDocument.widestTolerancePermille).contains(tolerancePermille) else {
            throw .tolerance(permille: tolerancePermille)
        }
        self.device = device
        self.sequence = sequence
        self.measuredOn = measuredOn
        self.validDays = validDays
        self.technician = technician
        self.tolerancePermille = tolerancePermille
        self.instruments = instruments
        self.previous = previous
        self.loadReadings = loadReadings
    }

    /// Whose readings make the points.
    public var instrument: CalibrationInstrument? {
        instruments.first { $0.source == .instrument } ?? instruments.first { $0.source == .typed }
    }

    func instrument(for source: ReadingSource) -> CalibrationInstrument? { instruments.first { $0.source == source } }
}

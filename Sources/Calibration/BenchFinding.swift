/// Why the instrument is not believed.
public enum InstrumentFault: Hashable, Sendable {
    /// Its own calibration has ended, or begins after the day of this one.
    case notInForce(serialNumber: String, until: String)
    /// Every output deviates by one factor, while the stimulator's own samples agree with what was set.
    case commonFactor(partsPerMillion: Int64)
    /// As an ohmmeter it reads every load wrong by one factor.
    case loadsDisagree(permille: Int64)
    /// Values that were typed from a second instrument say something else.
    case sourcesDisagree(output: UInt8, permille: Int64)
    /// Only the stimulator's own samples: no certificate is made of them (issue 5).
    case noIndependentSource
}

/// What is wrong, by name. Outputs count from 1.
public enum BenchFinding: Hashable, Sendable {
    case gainError(output: UInt8, gainPartsPerMillion: Int64, isCorrectable: Bool)
    case offset(output: UInt8, nanoamperes: Int64, isCorrectable: Bool)
    /// Distance from the line, in thousandths of full scale, at `microamperes`.
    case nonLinearity(output: UInt8, microamperes: Int32, permille: Int64)
    /// The other phase flows: direct current.
    case missingPhase(output: UInt8, isSecondPhase: Bool)
    case deadOutput(output: UInt8)
    case outputsSwapped(output: UInt8, with: UInt8)
    /// The setting that did not raise the output.
    case stickyStep(output: UInt8, microamperes: Int32)
    /// The instrument scatters by more than the device's step.
    case stepsNotResolved(output: UInt8)
    case drift(output: UInt8, fromPartsPerMillion: Int64, toPartsPerMillion: Int64, since: String)
    /// The stimulator's samples over the instrument's readings, in thousandths.
    case lyingReadBack(output: UInt8, permille: Int64)
    /// One of them is wrong, and nothing at hand tells which.
    case instrumentOrReadBack(output: UInt8, permille: Int64)
    /// Error of one point in thousandths, while all others hold.
    case aboveSpecificationAtOnePoint(output: UInt8, microamperes: Int32, permille: Int64)
    case instrumentWrong(InstrumentFault)
    /// How far the load is from what all others say, in thousandths.
    case loadDisagrees(assetNumber: String, ohms: Int32, permille: Int64)
    case crossTalk(output: UInt8, from: UInt8, permille: Int64)
    case phaseDuration(output: UInt8, isSecondPhase: Bool, nanoseconds: Int64)
    case frequency(output: UInt8, millihertz: Int64)
    case netCharge(output: UInt8, permille: Int64)
    case restingCurrent(output: UInt8, nanoamperes: Int64)
    case outputNotZero(output: UInt8, microvolts: Int64)
    /// Voltage across the short, or nothing where the device refused to drive it.
    case shortNotAsExpected(output: UInt8, microvolts: Int64?)
    /// Voltage at the open output, or nothing where the device did not notice it.
    case openNotAsExpected(output: UInt8, microvolts: Int64?)
    /// Measured over set current in thousandths.
    case beyondComplianceNotAsExpected(output: UInt8, ohms: Int32, permille: Int64)
    case deviceRefused(output: UInt8, purpose: TrialPurpose, failure: TrialFailure)
    case notMeasured(output: UInt8, purpose: TrialPurpose)
    /// The readings held no valid number for it.
    case figureMissing(output: UInt8, kind: FigureKind)
    /// Points that are out of tolerance with the correction applied, or too near to its edge to tell.
    case leftOutOfTolerance(output: UInt8, points: Int)

    /// The output that it concerns; nothing where it concerns all of them.
    public var output: UInt8? {
        switch self {
        case .gainError(let output, _, _), .offset(let output, _, _), .nonLinearity(let output, _, _),
            .missingPhase(let output, _), .deadOutput(let output), .outputsSwapped(let output, _),
            .stickyStep(let output, _), .stepsNotResolved(let output), .drift(let output, _, _, _),
            .lyingReadBack(let output, _), .instrumentOrReadBack(let output, _),
            .aboveSpecificationAtOnePoint(let output, _, _), .crossTalk(let output, _, _),
            .phaseDuration(let output, _, _), .frequency(let output, _), .netCharge(let output, _),
            .restingCurrent(let output, _), .outputNotZero(let output, _), .shortNotAsExpected(let output, _),
            .openNotAsExpected(let output, _), .beyondComplianceNotAsExpected(let output, _, _),
            .deviceRefused(let output, _, _), .notMeasured(let output, _), .figureMissing(let output, _),
            .leftOutOfTolerance(let output, _):
            output
        case .instrumentWrong, .loadDisagrees: nil
        }
    }

    /// Whether the output fails by it. What the correction mends, and drift that it mends, is told and does not fail.
    public var isBlocking: Bool {
        switch self {
        case .gainError(_, _, let isCorrectable), .offset(_, _, let isCorrectable): !isCorrectable
        case .drift: false
        default: true
        }
    }

    /// Whether nothing more is measured of the output.
    public var isBroken: Bool {
        switch self {
        case .gainError(_, _, let isCorrectable), .offset(_, _, let isCorrectable): !isCorrectable
        case .nonLinearity, .missingPhase, .deadOutput, .outputsSwapped, .aboveSpecificationAtOnePoint,
            .deviceRefused:
            true
        default: false
        }
    }
}

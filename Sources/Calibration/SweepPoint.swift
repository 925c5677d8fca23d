import CareModel
import StimulusModel

/// Standard uncertainties of an instrument, from what its own calibration states with k = 2.
struct InstrumentUncertainty: Hashable, Sendable {
    /// Of a reading, as a share of it.
    let relative: Double
    let microvolts: Double

    init(_ instrument: CalibrationInstrument?) {
        relative = Double(instrument?.expandedPartsPerMillion ?? 0) / 2e6
        microvolts = Double(instrument?.expandedMicrovolts ?? 0) / 2
    }
}

extension CalibrationLoad {
    /// Standard uncertainty as a share: any value within its tolerance is as likely.
    var relativeUncertainty: Double {
        var budget = UncertaintyBudget()
        budget.add(rectangularHalfWidth: Double(tolerancePermille) / 1_000)
        return budget.combined
    }
}

extension CorrectionRule {
    /// The current that is really asked of the device, in µA with the sign of the phase.
    func setMicroamperes(_ level: Int32, isSecondPhase: Bool, correction: OutputCorrection, points: BenchPoints)
        -> Double
    {
        let sign = isSecondPhase ? -1.0 : 1.0
        switch self {
        case .roundedDown(let step):
            if correction == .none { return sign * Double(level) }
            let set = correction.setting(
                for: Current(microamperes: level), inStepsOf: Current(microamperes: step),
                ceiling: Current(microamperes: points.highestMicroamperes))
            return sign * Double(set.microamperes)
        case .shifted:
            let offset = Double(correction.offsetNanoamperes) / 1_000
            return (sign * Double(level) - offset) * 1e6 / Double(correction.gainPartsPerMillion)
        }
    }

    /// What then flows, if the correction is true: its size in µA.
    func expectedMicroamperes(_ level: Int32, isSecondPhase: Bool, correction: OutputCorrection, points: BenchPoints)
        -> Double
    {
        let set = setMicroamperes(level, isSecondPhase: isSecondPhase, correction: correction, points: points)
        let flowing =
            set * Double(correction.gainPartsPerMillion) / 1e6 + Double(correction.offsetNanoamperes) / 1_000
        return isSecondPhase ? -flowing : flowing
    }
}

/// One phase at one level into one load, as it was read.
struct SweepPoint: Hashable, Sendable {
    let levelMicroamperes: Int32
    let isSecondPhase: Bool
    let load: CalibrationLoad
    /// What was really asked for, signed, µA.
    let setMicroamperes: Double
    /// What should flow: between what was meant and what a rounded correction leaves of it, µA, no sign.
    let expectedMicroamperes: Double
    /// µV, signed.
    let voltage: Sample

    /// Signed µA.
    var current: Double { voltage.mean / Double(load.ohms) }

    /// Without sign; negative where the phase has the wrong one.
    var size: Double { isSecondPhase ? -current : current }

    /// Of the readings alone, µA.
    var typeA: Double { voltage.standardUncertainty / Double(load.ohms) }

    func expanded(_ instrument: InstrumentUncertainty) -> Double {
        var budget = UncertaintyBudget()
        budget.add(standard: typeA)
        budget.add(standard: current * instrument.relative)
        budget.add(standard: current * load.relativeUncertainty)
        budget.add(standard: instrument.microvolts / Double(load.ohms))
        return budget.expanded
    }

    /// Distance from what should flow, µA; 0 between what the correction leaves and what was meant.
    var error: Double {
        let highest = Double(levelMicroamperes)
        let lowest = min(highest, expectedMicroamperes)
        if size > highest { return size - highest }
        return size < lowest ? size - lowest : 0
    }

    func verdict(_ instrument: InstrumentUncertainty, tolerancePermille: Int32) -> PointVerdict {
        GuardBand.verdict(
            error: error, expanded: expanded(instrument),
            tolerance: Double(levelMicroamperes) * Double(tolerancePermille) / 1_000)
    }

    func certified(_ instrument: InstrumentUncertainty, tolerancePermille: Int32) -> CalibrationPoint {
        CalibrationPoint(
            setMicroamperes: levelMicroamperes, isSecondPhase: isSecondPhase, loadOhms: load.ohms,
            readings: Int32(clamping: voltage.count), meanNanoamperes: BenchText.rounded(size * 1_000),
            standardDeviationNanoamperes: BenchText.roundedUp(
                voltage.standardDeviation / Double(load.ohms) * 1_000),
            expandedNanoamperes: BenchText.roundedUp(expanded(instrument) * 1_000),
            verdict: verdict(instrument, tolerancePermille: tolerancePermille))
    }

    /// All points of a trial into a load that the source read.
    static func points(of result: TrialResult, source: ReadingSource, plan: BenchPlan) -> [SweepPoint] {
        guard let load = result.trial.terminal.load else { return [] }
        var made: [SweepPoint] = []
        for (level, readings) in zip(result.trial.levelsMicroamperes, result.outcome.readings) {
            for isSecond in [false, true] {
                guard let voltage = Sample(readings.peaks(isSecondPhase: isSecond, from: source)) else { continue }
                let correction = result.trial.correction
                made.append(
                    SweepPoint(
                        levelMicroamperes: level, isSecondPhase: isSecond, load: load,
                        setMicroamperes: plan.rule.setMicroamperes(
                            level, isSecondPhase: isSecond, correction: correction, points: plan.points),
                        expectedMicroamperes: plan.rule.expectedMicroamperes(
                            level, isSecondPhase: isSecond, correction: correction, points: plan.points),
                        voltage: voltage))
            }
        }
        return made
    }
}

extension [BenchReading] {
    /// µV, signed as read; without what was no number.
    func peaks(isSecondPhase: Bool, from source: ReadingSource) -> [Double] {
        values(from: source) { isSecondPhase ? $0.secondPeakMicrovolts : $0.firstPeakMicrovolts }
    }

    func values(from source: ReadingSource, _ value: (BenchReading) -> Int64?) -> [Double] {
        compactMap { $0.source == source ? value($0).map(Double.init) : nil }
    }
}

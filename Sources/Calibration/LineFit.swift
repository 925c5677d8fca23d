import CareModel
import StimulusModel

/// The line through the points of an output, current = gain × set + offset, and how far it may be wrong.
///
/// Model (JCGM 100, 4.1): current = V · (1 + a) / (R · (1 + b)) + c / R. The instrument's relative error a and its zero
/// error c are the same in every point, a load's relative error b in every point into that load. So a line is fitted
/// into each load by weighted least squares, on both phases with their signs, where only the scatter of the readings
/// is independent from point to point; then the lines are averaged, each weighted by what is its own (scatter and
/// load). The instrument's share enters the result undiminished, a load's by its weight.
struct LineFit: Hashable, Sendable {
    struct LoadLine: Hashable, Sendable {
        let load: CalibrationLoad
        let gain: Double
        /// µA.
        let offset: Double
        /// Of the scatter alone.
        let gainTypeA: Double
        let offsetTypeA: Double
    }

    let lines: [LoadLine]
    let gain: Double
    /// µA.
    let offset: Double
    /// k = 2.
    let expandedGain: Double
    let expandedOffset: Double

    /// - Returns: nothing where the points determine no line.
    init?(_ points: [SweepPoint], instrument: InstrumentUncertainty) {
        var byLoad: [CalibrationLoad: [SweepPoint]] = [:]
        for point in points { byLoad[point.load, default: []].append(point) }
        let fullScale = points.reduce(0) { max($0, $1.setMicroamperes.magnitude) }
        let lines = byLoad.sorted { $0.key.ohms < $1.key.ohms }.compactMap { load, points in
            LineFit.line(load, points, fullScale: fullScale)
        }
        guard !lines.isEmpty else { return nil }
        self.lines = lines
        // A scatter of nothing and a load without tolerance would weigh infinitely.
        let smallest = 1e-24
        let gainWeights = LineFit.shares(
            lines.map { 1 / ($0.gainTypeA.squared + ($0.gain * $0.load.relativeUncertainty).squared + smallest) })
        let offsetWeights = LineFit.shares(
            lines.map {
                1 / ($0.offsetTypeA.squared + (instrument.microvolts / Double($0.load.ohms)).squared + smallest)
            })
        let gain = zip(lines, gainWeights).reduce(0) { $0 + $1.0.gain * $1.1 }
        let offset = zip(lines, offsetWeights).reduce(0) { $0 + $1.0.offset * $1.1 }
        self.gain = gain
        self.offset = offset
        var gainBudget = UncertaintyBudget()
        var offsetBudget = UncertaintyBudget()
        gainBudget.add(standard: gain * instrument.relative)
        offsetBudget.add(standard: offset * instrument.relative)
        for (line, weight) in zip(lines, gainWeights) {
            gainBudget.add(standard: weight * line.gainTypeA)
            gainBudget.add(standard: weight * line.gain * line.load.relativeUncertainty)
        }
        var zero = 0.0
        for (line, weight) in zip(lines, offsetWeights) {
            offsetBudget.add(standard: weight * line.offsetTypeA)
            offsetBudget.add(standard: weight * line.offset * line.load.relativeUncertainty)
            // One zero error of the instrument for all of them: added up before it is squared.
            zero += weight * instrument.microvolts / Double(line.load.ohms)
        }
        offsetBudget.add(standard: zero)
        expandedGain = gainBudget.expanded
        expandedOffset = offsetBudget.expanded
    }

    /// Distance of a point from the line of its own load, µA, signed: a load's error is no bend.
    func residual(_ point: SweepPoint) -> Double {
        let line = lines.first { $0.load == point.load }
        return point.current - (line?.gain ?? gain) * point.setMicroamperes - (line?.offset ?? offset)
    }

    private static func shares(_ weights: [Double]) -> [Double] {
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    private static func line(_ load: CalibrationLoad, _ points: [SweepPoint], fullScale: Double) -> LoadLine? {
        // Readings scatter partly by a share of the current and partly by a share of the range (proposal: 5 % of full
        // scale weighs as much). Weights taken from the drawn scatter itself would make the result look better than
        // it is.
        let weights = points.map { 1 / ($0.setMicroamperes.magnitude + 0.05 * fullScale).squared }
        let sum = weights.reduce(0, +)
        let centre = zip(weights, points).reduce(0) { $0 + $1.0 * $1.1.setMicroamperes } / sum
        let spread = zip(weights, points).reduce(0) { $0 + $1.0 * ($1.1.setMicroamperes - centre).squared }
        guard spread > 0 else { return nil }
        let gainParts = zip(weights, points).map { $0 * ($1.setMicroamperes - centre) / spread }
        let offsetParts = zip(weights, gainParts).map { $0 / sum - centre * $1 }
        let gain = zip(gainParts, points).reduce(0) { $0 + $1.0 * $1.1.current }
        let offset = zip(offsetParts, points).reduce(0) { $0 + $1.0 * $1.1.current }
        // Where the points lie further from the line than their readings scatter, that distance counts.
        let squares = zip(weights, points).reduce(0) {
            $0 + $1.0 * ($1.1.current - gain * $1.1.setMicroamperes - offset).squared
        }
        let ofUnitWeight = points.count > 2 ? squares / Double(points.count - 2) : 0
        var gainVariance = 0.0
        var offsetVariance = 0.0
        for (index, point) in points.enumerated() {
            let variance = max(point.typeA.squared, ofUnitWeight / weights[index])
            gainVariance += gainParts[index].squared * variance
            offsetVariance += offsetParts[index].squared * variance
        }
        return LoadLine(
            load: load, gain: gain, offset: offset, gainTypeA: gainVariance.squareRoot(),
            offsetTypeA: offsetVariance.squareRoot())
    }
}

extension LineFit {
    /// None where it is more than a correction may mend.
    var correction: OutputCorrection {
        guard let gain = Int32(exactly: BenchText.rounded(gain * 1e6)),
            let offset = Int32(exactly: BenchText.rounded(offset * 1_000))
        else { return .none }
        return OutputCorrection(gainPartsPerMillion: gain, offsetNanoamperes: offset) ?? .none
    }
}

extension CalibrationFit {
    init(_ fit: LineFit?, points: [SweepPoint]) {
        let largest = fit.map { fit in points.map { fit.residual($0).magnitude }.max() ?? 0 } ?? 0
        self.init(
            correction: fit?.correction ?? .none,
            expandedGainPartsPerMillion: Int32(clamping: BenchText.roundedUp((fit?.expandedGain ?? 0) * 1e6)),
            expandedOffsetNanoamperes: Int32(clamping: BenchText.roundedUp((fit?.expandedOffset ?? 0) * 1_000)),
            largestResidualNanoamperes: BenchText.roundedUp(largest * 1_000))
    }

    /// The line through the points of some sweeps alone, without any judgement of them.
    /// - Returns: nothing where they determine no line, or one that no correction mends.
    public init?(sweeps: [TrialResult], order: CalibrationOrder, plan: BenchPlan) {
        let source = order.instrument?.source ?? .instrument
        let points = sweeps.flatMap { SweepPoint.points(of: $0, source: source, plan: plan) }
        guard let fit = LineFit(points, instrument: InstrumentUncertainty(order.instrument)),
            (0.8...1.2).contains(fit.gain), fit.offset.magnitude <= 1_000
        else { return nil }
        self.init(fit, points: points)
    }
}

extension Double {
    var squared: Double { self * self }
}

/// Readings of one quantity, as type A of JCGM 100 (GUM) takes them.
public struct Sample: Hashable, Sendable {
    public let count: Int
    public let mean: Double
    /// Of a single reading; 0 for one reading.
    public let standardDeviation: Double

    /// - Returns: nothing for no reading.
    public init?(_ values: [Double]) {
        guard !values.isEmpty else { return nil }
        count = values.count
        let mean = values.reduce(0, +) / Double(values.count)
        self.mean = mean
        guard values.count > 1 else {
            standardDeviation = 0
            return
        }
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        standardDeviation = (squares / Double(values.count - 1)).squareRoot()
    }

    /// Standard uncertainty of the mean (JCGM 100, 4.2.3), widened for fewer than 10 readings so that twice of it
    /// still covers 95.45 % (JCGM 100, G.3; the limit of 10 as in EA-4/02). 0 for one reading: its scatter is unknown.
    public var standardUncertainty: Double {
        guard count > 1 else { return 0 }
        return standardDeviation / Double(count).squareRoot() * Sample.widening(count)
    }

    /// Half of Student's t for 95.45 %, by readings less one (JCGM 100, table G.2).
    static func widening(_ count: Int) -> Double {
        guard count > 1, count < 10 else { return 1 }
        return [13.97, 4.53, 3.31, 2.87, 2.65, 2.52, 2.43, 2.37][count - 2] / 2
    }
}

/// Contributions to the uncertainty of one result, none of which depends on another.
public struct UncertaintyBudget: Hashable, Sendable {
    private var variance = 0.0

    public init() {}

    public mutating func add(standard: Double) { variance += standard * standard }

    /// Half width of bounds within which any value is as likely (JCGM 100, 4.3.7).
    public mutating func add(rectangularHalfWidth: Double) { add(standard: rectangularHalfWidth / 3.0.squareRoot()) }

    /// Stated with k = 2.
    public mutating func add(expanded: Double) { add(standard: expanded / 2) }

    /// The last digit of a reading: anywhere within half of it.
    public mutating func add(resolution: Double) { add(rectangularHalfWidth: resolution / 2) }

    /// JCGM 100, 5.1.2.
    public var combined: Double { variance.squareRoot() }

    /// k = 2.
    public var expanded: Double { 2 * combined }
}

/// The guard band is as wide as the expanded uncertainty (issue 5).
public enum GuardBand {
    /// - Parameters:
    ///   - error: signed.
    ///   - expanded: k = 2.
    ///   - tolerance: of the error's size.
    public static func verdict(error: Double, expanded: Double, tolerance: Double) -> PointVerdict {
        // A comparison with no number is never true, so that no number never passes.
        if error.magnitude + expanded <= tolerance { return .pass }
        return error.magnitude <= tolerance ? .guardBand : .fail
    }

    /// A figure between two bounds. A lower bound of 0 belongs to a size, which cannot be below it.
    static func figure(_ kind: FigureKind, _ value: Double, expanded: Double, lowest: Int64, highest: Int64)
        -> CalibrationFigure
    {
        let low = lowest == 0 ? -Double.infinity : Double(lowest)
        let high = Double(highest)
        let verdict: PointVerdict =
            if value - expanded >= low && value + expanded <= high {
                .pass
            } else if value >= low && value <= high {
                .guardBand
            } else {
                .fail
            }
        return CalibrationFigure(
            kind: kind, value: BenchText.rounded(value), expanded: BenchText.roundedUp(expanded), lowest: lowest,
            highest: highest, verdict: verdict)
    }
}

/// How punctually a computer woke in a trial of the loop.
public struct LatencyFacts: Equatable, Sendable {
    /// In the order of `LatencyVerdict.bounds`, the last one what was later than all of them.
    public var histogram: [Int64]
    public var worstNanoseconds: Int64
    /// Milliseconds in which nothing could be done; a pulse that fell due in one would have been dropped.
    public var missedTicks: Int64
    /// SCHED_FIFO and locked memory, both.
    public var isRealTimeGranted: Bool

    public init(histogram: [Int64], worstNanoseconds: Int64, missedTicks: Int64, isRealTimeGranted: Bool) {
        self.histogram = histogram
        self.worstNanoseconds = worstNanoseconds
        self.missedTicks = missedTicks
        self.isRealTimeGranted = isRealTimeGranted
    }

    public var wakeUps: Int64 { histogram.reduce(0, +) }
}

/// What a computer is good for, by its wake-ups.
public enum LatencyVerdict: String, Equatable, Sendable, CaseIterable {
    case needleRig = "needle_rig"
    case surface
    case nothing

    /// Upper bounds of the parts of the histogram in microseconds; those of the loop's own.
    public static let bounds: [Int64] = [50, 100, 500, 1_000, 5_000, 10_000, 50_000]
    /// `lateness_tolerance_ms` of the shipped rig files for needles (proposal) and for pads (`decided.md`, proposal).
    public static let needleToleranceMilliseconds: Int64 = 30
    public static let surfaceToleranceMilliseconds: Int64 = 50

    public init(_ facts: LatencyFacts) {
        if facts.isRealTimeGranted, facts.worstNanoseconds < LatencyVerdict.needleToleranceMilliseconds * 1_000_000 {
            self = .needleRig
        } else if facts.worstNanoseconds < LatencyVerdict.surfaceToleranceMilliseconds * 1_000_000 {
            self = .surface
        } else {
            self = .nothing
        }
    }

    /// What it is good for, in a sentence or two.
    public func text(_ facts: LatencyFacts) -> String {
        let worst = LatencyVerdict.milliseconds(facts.worstNanoseconds)
        switch self {
        case .needleRig:
            return "FIT for a needle rig and for pads: real time is granted, and the worst wake-up was \(worst) late "
                + "(a needle rig takes less than \(LatencyVerdict.needleToleranceMilliseconds) ms)."
        case .surface where facts.isRealTimeGranted:
            return "FIT for pads only: the worst wake-up was \(worst) late. A needle rig would stop: it takes less "
                + "than \(LatencyVerdict.needleToleranceMilliseconds) ms."
        case .surface:
            return "FIT for pads only, as best effort: the worst wake-up was \(worst) late, but real time is not "
                + "granted, so another program may make a session later than this trial was. A needle rig would "
                + "refuse to arm."
        case .nothing:
            return "NOT FIT: the worst wake-up was \(worst) late. A session stops at "
                + "\(LatencyVerdict.surfaceToleranceMilliseconds) ms."
        }
    }

    /// What the missed ticks mean; empty where there are none.
    public static func missed(_ facts: LatencyFacts) -> String {
        guard facts.missedTicks > 0 else { return "" }
        return "\(facts.missedTicks) ticks of 1 ms were missed: a pulse due in one is dropped, never sent late, so a "
            + "train is thinner than it was set."
    }

    /// Where the load comes from that no setting of this computer mends.
    public static let advice =
        "measure while nothing else runs, then while what usually runs does; a virtual machine or container may be "
        + "late whatever is set here: use a computer of its own"

    static func milliseconds(_ nanoseconds: Int64) -> String {
        let hundredths = (max(0, nanoseconds) + 9_999) / 10_000
        let rest = hundredths % 100
        return "\(hundredths / 100)." + (rest < 10 ? "0" : "") + "\(rest) ms"
    }

    /// `     9876  below 50 µs   ########`, one line for each part.
    public static func picture(_ facts: LatencyFacts) -> [String] {
        let most = max(1, facts.histogram.max() ?? 1)
        let names = bounds.map { "below " + ($0 < 1_000 ? "\($0) µs" : "\($0 / 1_000) ms") } + ["later"]
        return zip(names, facts.histogram).map { name, count in
            // Even one of a million is drawn.
            let length = count == 0 ? 0 : max(1, count * 40 / most)
            let number = String(count)
            return String(repeating: " ", count: max(0, 10 - number.count)) + number + "  " + name
                + (length == 0
                    ? ""
                    : String(repeating: " ", count: max(1, 14 - name.count))
                        + String(repeating: "#", count: Int(length)))
        }
    }
}

internal import StimulusModel

/// Set and delivered amplitude of one channel, second by second, for the chart.
struct AmplitudeHistory: Sendable {
    /// The highest of each second, in µA.
    private(set) var delivered: [Int32] = []
    private(set) var set: [Int32] = []
    private var second: Int64?

    /// A quarter of an hour.
    private static let most = 900

    mutating func add(set setNow: Current, delivered deliveredNow: Current, at now: Int64) {
        let current = now / 1_000
        let begun = second ?? current - 1
        // Seconds in which nobody looked are shown as nothing, not left out.
        for _ in 0..<min(max(0, current - begun), Int64(AmplitudeHistory.most)) {
            delivered.append(0)
            set.append(0)
        }
        second = max(begun, current)
        delivered[delivered.count - 1] = max(delivered[delivered.count - 1], deliveredNow.microamperes)
        set[set.count - 1] = max(set[set.count - 1], setNow.microamperes)
        if delivered.count > AmplitudeHistory.most {
            delivered.removeFirst(delivered.count - AmplitudeHistory.most)
            set.removeFirst(set.count - AmplitudeHistory.most)
        }
    }

    /// The highest delivered in each of `columns` slots of `seconds`, the newest last.
    func slots(_ columns: Int, seconds: Int) -> [Int32] {
        (0..<columns).map { column in
            let end = delivered.count - (columns - 1 - column) * seconds
            guard end > 0 else { return 0 }
            return delivered[max(0, end - seconds)..<end].max() ?? 0
        }
    }
}

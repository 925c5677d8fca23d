/// How often each kind of fault fired, and when for the first time: without an end, unlike the lists of the first ones.
struct FaultTally: Sendable {
    private(set) var counts: [Int64]
    private var firsts: [Int64]

    init(kinds: Int) {
        counts = [Int64](repeating: 0, count: kinds)
        firsts = [Int64](repeating: Int64.max, count: kinds)
    }

    mutating func note(_ kind: Int, at nanoseconds: Int64) {
        counts[kind] += 1
        firsts[kind] = min(firsts[kind], nanoseconds)
    }

    /// When it fired first, in ns.
    func first(_ kind: Int) -> Int64? { counts[kind] > 0 ? firsts[kind] : nil }
}

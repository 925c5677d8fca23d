// Seeded chance for the property tests of this module: the same seed gives the same run on every machine.

/// SplitMix64 (Steele, Lea, Flood 2014): small, and good enough to pick test values.
struct SeededChance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number of any size: as often small as large, so that both ends of a range are met.
    mutating func anyInt64() -> Int64 {
        let value = Int64(bitPattern: next())
        return value >> Int64.random(in: 0...63, using: &self)
    }

    mutating func anyInt32() -> Int32 { Int32(truncatingIfNeeded: anyInt64()) }
}

/// The numbers at which arithmetic goes wrong first.
enum Edges {
    static let int64: [Int64] = [
        0, 1, -1, 2, -2, 3, 999_999_999, 1_000_000_000, 1_000_000_001, Int64(Int32.max), Int64(Int32.min),
        3_037_000_499, 3_037_000_500, 1 << 62, -(1 << 62), Int64.max - 1, Int64.max, Int64.min, Int64.min + 1,
    ]
    static let int32: [Int32] = [0, 1, -1, 499, 500, 501, -499, -500, -501, Int32.max, Int32.min, Int32.min + 1]
}

/// Seeds that the property tests run with; a failure names the one that found it.
let seeds: [UInt64] = [1, 7, 2_026, 0xDEAD_BEEF]

/// The only source of chance in the pretend world: SplitMix64 (Steele, Lea, Flood 2014). Same seed, same world.
public struct SplitMix64: Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A whole number from 0 to `bound` - 1; 0 for a bound of zero. The bias of the multiply-shift is below 2^-32.
    public mutating func below(_ bound: UInt32) -> UInt32 {
        UInt32(truncatingIfNeeded: ((next() >> 32) &* UInt64(bound)) >> 32)
    }

    /// True with the given probability in parts per million. A probability of zero draws nothing, so that switching
    /// a fault off does not shift the chances of the others within one call.
    public mutating func happens(perMillion: UInt32) -> Bool {
        perMillion > 0 && below(1_000_000) < perMillion
    }

    /// A number from `low` to `high`, both included.
    public mutating func between(_ low: Int64, _ high: Int64) -> Int64 {
        guard high > low else { return low }
        return low + Int64(next() % UInt64(high - low + 1))
    }

    /// A number from `low` up to but not including `high`, in 53-bit steps.
    public mutating func between(_ low: Double, _ high: Double) -> Double {
        low + (high - low) * (Double(next() >> 11) / 9_007_199_254_740_992.0)
    }
}

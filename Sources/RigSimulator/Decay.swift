/// Exponential decay from the four basic operations alone, so that every machine computes the same bits.
enum Decay {
    /// e to the power of -`x`; 1 for `x` of zero or less, 0 beyond 40.
    static func factor(_ x: Double) -> Double {
        guard x > 0 else { return 1 }
        guard x < 40 else { return 0 }
        var reduced = x
        var squarings = 0
        while reduced > 0.0625 {
            reduced *= 0.5
            squarings += 1
        }
        let y = reduced
        // Taylor to the sixth power: below 1/16 the rest is under 1e-12.
        var value = 1 - y * (1 - y / 2 * (1 - y / 3 * (1 - y / 4 * (1 - y / 5 * (1 - y / 6)))))
        while squarings > 0 {
            value *= value
            squarings -= 1
        }
        return value
    }
}

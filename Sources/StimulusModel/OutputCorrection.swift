/// What calibration found of one output: measured = gain × set + offset. It turns the current that is meant into the
/// one that has to be set for it.
public struct OutputCorrection: Hashable, Sendable {
    /// Millionths: 1,000,000 is a true output. 800,000 to 1,200,000, the ±20 % within which an output is corrected
    /// instead of refused (`clinical.md` 1.2, 2012 edition, unverified there).
    public let gainPartsPerMillion: Int32
    /// What flows beside the set current while a phase lasts, in nanoamperes; ±1 mA at the most (proposal).
    public let offsetNanoamperes: Int32

    /// - Returns: nothing outside these bounds: such an output is not corrected, it is broken.
    @_noLocks public init?(gainPartsPerMillion: Int32, offsetNanoamperes: Int32) {
        guard gainPartsPerMillion >= 800_000, gainPartsPerMillion <= 1_200_000, offsetNanoamperes >= -1_000_000,
            offsetNanoamperes <= 1_000_000
        else { return nil }
        self.gainPartsPerMillion = gainPartsPerMillion
        self.offsetNanoamperes = offsetNanoamperes
    }

    private init(trueGain: Int32) {
        gainPartsPerMillion = trueGain
        offsetNanoamperes = 0
    }

    /// Gain 1, no offset.
    public static var none: OutputCorrection { @_noLocks get { OutputCorrection(trueGain: 1_000_000) } }

    @_noLocks public static func == (a: OutputCorrection, b: OutputCorrection) -> Bool {
        a.gainPartsPerMillion == b.gainPartsPerMillion && a.offsetNanoamperes == b.offsetNanoamperes
    }

    @_noLocks public static func != (a: OutputCorrection, b: OutputCorrection) -> Bool { !(a == b) }

    /// What to set so that no more than `meant` flows: rounded down to the device's grid, 0 for less than a step. It
    /// may only lower: an output that gives too little goes on giving too little, since every limit was held against
    /// what is meant, and a calibration that is wrong must not raise a current. Never above `ceiling` either.
    /// - Parameters:
    ///   - step: of the device's grid; positive.
    ///   - ceiling: the absolute limit of the electrode kind.
    @_noLocks public func setting(for meant: Current, inStepsOf step: Current, ceiling: Current) -> Current {
        guard meant.microamperes > 0, step.microamperes > 0 else { return .zero }
        // nA, then µA. One phase has the offset added and the other taken off: neither may flow above what is meant.
        let wanted = Int64(meant.microamperes) * 1_000 - Int64(offsetNanoamperes.magnitude)
        guard wanted > 0 else { return .zero }
        let exact = wanted * 1_000 / Int64(gainPartsPerMillion)
        let bounded = min(exact, min(Int64(meant.microamperes), Int64(max(0, ceiling.microamperes))))
        return Current(microamperes: Int32(clamping: bounded)).rounded(towardZeroInStepsOf: step)
    }

    /// What flows when `set` is commanded, in nanoamperes.
    @_noLocks public func flowingNanoamperes(at set: Current) -> Int64 {
        Int64(set.microamperes) * Int64(gainPartsPerMillion) / 1_000 + Int64(offsetNanoamperes)
    }
}

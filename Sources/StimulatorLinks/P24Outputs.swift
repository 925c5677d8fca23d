public import StimulusModel

/// What calibration says of the outputs that a session uses, and whether the stimulator is to measure its own current.
public struct P24Outputs: Sendable {
    public var first: OutputCorrection
    public var second: OutputCorrection
    /// Asks for the current's samples with each pulse. Where nothing relies on them, a device that cannot measure goes
    /// on without (a comment of the vendor's C library says "not yet implemented", `sciencemode4.md` 9, row 10).
    public let measuresCurrent: Bool
    /// What calibration found of the device's own samples: measured by the device over measured by the instrument, in
    /// thousandths. 0 where calibration compared none: such samples are worth nothing, and nothing is judged by them.
    public let firstReadBackPermille: Int32
    public let secondReadBackPermille: Int32
    /// Thousandths by which a pulse's samples may differ from what calibration lets expect of it before the session
    /// faults (`clinical.md` 1.4: "amplitude readback deviates > 20 %", proposal).
    public static let readBackTolerancePermille: Int32 = 200

    @_noLocks public init(
        first: OutputCorrection, second: OutputCorrection, measuresCurrent: Bool = false,
        firstReadBackPermille: Int32 = 0, secondReadBackPermille: Int32 = 0
    ) {
        self.first = first
        self.second = second
        self.measuresCurrent = measuresCurrent || firstReadBackPermille > 0 || secondReadBackPermille > 0
        self.firstReadBackPermille = firstReadBackPermille
        self.secondReadBackPermille = secondReadBackPermille
    }

    /// As the device does it by itself.
    public static var uncorrected: P24Outputs {
        @_noLocks get { P24Outputs(first: .none, second: .none) }
    }

    @_noLocks func correction(at place: ChannelPlace) -> OutputCorrection {
        switch place {
        case .first: return first
        case .second: return second
        }
    }

    /// Whether any output is judged by the device's own samples. Then a device that does not measure is not used.
    var judgesReadBack: Bool { @_noLocks get { firstReadBackPermille > 0 || secondReadBackPermille > 0 } }

    /// Whether the device's own samples of a delivered pulse agree with what was set: within the tolerance, and half a
    /// step of the device beside it, since a sample has no sign and little resolution (proposal). No samples, where
    /// calibration had some, agree with nothing.
    @_noLocks func agrees(sampled: Current?, set: Current, at place: ChannelPlace) -> Bool {
        let ratio = place == .first ? firstReadBackPermille : secondReadBackPermille
        guard ratio > 0 else { return true }
        guard let sampled else { return false }
        guard set.microamperes > 0 else { return true }
        let flowing = correction(at: place).flowingNanoamperes(at: set) / 1_000
        let expected = flowing * Int64(ratio) / 1_000
        let most = expected * Int64(P24Outputs.readBackTolerancePermille) / 1_000 + 250
        return (Int64(sampled.microamperes) - expected).magnitude <= UInt64(max(0, most))
    }
}

extension Pulse {
    /// The pulse that has to be set so that no more than this one flows. It stays balanced: both phases get the smaller
    /// setting, and a current below one step of the device becomes none.
    @_noLocks func corrected(by correction: OutputCorrection) -> Pulse {
        guard correction != .none else { return self }
        let capabilities = DeviceCapabilities.p24LowLevel
        // 80 mA, the absolute limit on pads (decided.md, Amplitude): no calibration sets more.
        let ceiling = Current(microamperes: 80_000)
        let set = correction.setting(for: peakCurrent, inStepsOf: capabilities.amplitudeStep, ceiling: ceiling)
        return Pulse(symmetric: set, phaseDuration: firstPhaseDuration, interphaseGap: interphaseGap)
    }
}

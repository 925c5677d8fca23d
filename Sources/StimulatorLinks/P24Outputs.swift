public import StimulusModel

/// What calibration says of the outputs that a session uses, and whether the stimulator is to measure its own current.
public struct P24Outputs: Sendable {
    public var first: OutputCorrection
    public var second: OutputCorrection
    /// Asks for the current's samples with each pulse. A device that cannot measure goes on without (a comment of the
    /// vendor's C library says "not yet implemented", `sciencemode4.md` 9, row 10).
    public var measuresCurrent: Bool
    /// Thousandths by which the samples may differ from what calibration lets expect before the session faults; 0 where
    /// they are only looked at. 0 in sessions: no real
    /// device was seen yet that measures (`clinical.md` 1.4 asks for 20 %).
    public var readBackTolerancePermille: Int32
    /// What calibration found of the samples: measured by the device over measured by the instrument, in thousandths.
    public var readBackPermille: Int32

    @_noLocks public init(
        first: OutputCorrection, second: OutputCorrection, measuresCurrent: Bool = false,
        readBackTolerancePermille: Int32 = 0, readBackPermille: Int32 = 1_000
    ) {
        self.first = first
        self.second = second
        self.measuresCurrent = measuresCurrent
        self.readBackTolerancePermille = readBackTolerancePermille
        self.readBackPermille = readBackPermille
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

    /// Whether the device's own samples agree with what was set: within the tolerance, and half a step of the device
    /// beside it, since a sample has no sign and little resolution (proposal).
    @_noLocks func agrees(sampled: Current, set: Current, at place: ChannelPlace) -> Bool {
        guard readBackTolerancePermille > 0, set.microamperes > 0 else { return true }
        let flowing = correction(at: place).flowingNanoamperes(at: set) / 1_000
        let expected = flowing * Int64(max(1, readBackPermille)) / 1_000
        let most = expected * Int64(readBackTolerancePermille) / 1_000 + 250
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

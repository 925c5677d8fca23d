public import StimulusModel

/// The limits of one pulse in a train, checked at authorization and again at the gate.
public enum PulseLimits {
    /// - Parameters:
    ///   - frequency: the rate of the train, for the figures that depend on it.
    ///   - contact: the smaller pad, or the needle with the smaller surface.
    ///   - capabilities: of the stimulator, for the direct current that it is known to leave.
    @_noLocks public static func check(
        _ pulse: Pulse, at frequency: Frequency, contact: ElectrodeContact, _ capabilities: DeviceCapabilities,
        _ limits: LimitTable
    ) throws(Refusal) {
        try limits.check(.amplitude, Int64(pulse.peakCurrent.microamperes))
        try limits.check(.longestPhase, Int64(pulse.firstPhaseDuration.microseconds))
        try limits.check(.longestPhase, Int64(pulse.secondPhaseDuration.microseconds))
        try limits.check(.shortestPhase, Int64(pulse.firstPhaseDuration.microseconds))
        try limits.check(.shortestPhase, Int64(pulse.secondPhaseDuration.microseconds))
        // What really flows may be more than what is set, by what calibration allows.
        let most = Saturating.product(
            pulse.chargePerPhase.picocoulombs, 1_000 + Int64(max(0, capabilities.tolerancePermille)))
        try limits.check(.chargePerPhase, Saturating.sum(most, 999) / 1_000)
        try limits.check(.netCharge, Int64(clamping: pulse.netCharge.picocoulombs.magnitude))
        let rootMeanSquare = pulse.rootMeanSquareMicroamperes(at: frequency)
        try limits.check(.rootMeanSquare, rootMeanSquare)
        let energy = pulse.energyNanojoules(intoOhms: 500)
        try limits.check(.energyPerPulse, energy)
        try limits.check(.directCurrent, directCurrentNanoamperes(pulse, at: frequency, capabilities))
        if case .bench(.load(let load)) = contact {
            // µA² · Ω = pW; rounded up.
            let heat = Saturating.product(Saturating.product(rootMeanSquare, rootMeanSquare), Int64(load.ohms))
            let milliwatts = Saturating.sum(heat, 999_999_999) / 1_000_000_000
            guard milliwatts <= Int64(load.ratedMilliwatts) else {
                throw Refusal.dummyLoadTooWeak(milliwatts: milliwatts)
            }
        }
        // On needles the charge limit of the table came from the geometry; densities are shown, not limited
        // (clinical.md 1.7).
        guard case .pad(let padArea) = contact else { return }
        let area = Int64(padArea.squareMillimetres)
        guard area > 0 else { throw Refusal.padAreaImplausible(squareMillimetres: padArea.squareMillimetres) }
        // Rounded up: a density is never understated. 1 cm² is 100 mm².
        try limits.check(.currentDensity, Saturating.sum(Saturating.product(rootMeanSquare, 100), area - 1) / area)
        // nJ · mHz = pW; µW per cm² = pW · 100 / (1,000,000 · mm²).
        let power = Saturating.product(energy, Int64(frequency.millihertz))
        let perArea = Saturating.product(area, 10_000)
        try limits.check(.powerDensity, Saturating.sum(power, perArea - 1) / perArea)
    }

    /// D.c. = measured baseline offset + imbalance × rate (`decided.md`, Needle rig), in nA, rounded up; saturates.
    @_noLocks public static func directCurrentNanoamperes(
        _ pulse: Pulse, at frequency: Frequency, _ capabilities: DeviceCapabilities
    ) -> Int64 {
        // pC · ‰ · mHz = 1e-9 nA.
        let share = Saturating.product(
            Saturating.product(pulse.chargePerPhase.picocoulombs, Int64(capabilities.imbalancePermille)),
            Int64(frequency.millihertz))
        let imbalance = Saturating.sum(share, 999_999_999) / 1_000_000_000
        return Saturating.sum(Int64(capabilities.residualOffsetNanoamperes.magnitude), imbalance)
    }
}

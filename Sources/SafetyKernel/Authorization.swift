// Prescription → (limits, clearance) → AuthorizedPlan. Nothing is lowered silently except the amplitude cap, whose
// owner is remembered; everything else that is out of bounds is refused.
public import StimulusModel

/// What the records know about earlier treatments of the same muscle and side.
public struct TreatmentHistory: Hashable, Sendable {
    /// Completed or broken-off treatments; searches do not count (`decided.md`).
    public let earlierTreatments: Int32
    /// Since the end of the last one, in ms; negative when the clock was set back. Ignored with no earlier treatment.
    public let millisecondsSinceLast: Int64

    @_noLocks public init(earlierTreatments: Int32, millisecondsSinceLast: Int64) {
        self.earlierTreatments = earlierTreatments
        self.millisecondsSinceLast = millisecondsSinceLast
    }

    @_noLocks public static func == (a: TreatmentHistory, b: TreatmentHistory) -> Bool {
        a.earlierTreatments == b.earlierTreatments && a.millisecondsSinceLast == b.millisecondsSinceLast
    }

    @_noLocks public static func != (a: TreatmentHistory, b: TreatmentHistory) -> Bool { !(a == b) }
}

/// What a session asks for: doses, where, on what device, under which limits.
public struct Prescription: Sendable {
    public var search: Dose?
    public var treatment: Dose?
    public var channel: Channel
    public var padArea: PadArea
    public var capabilities: DeviceCapabilities
    public var history: TreatmentHistory
    /// Absolute, then tightened by whoever has a say.
    public var limits: LimitTable

    @_noLocks public init(
        search: Dose?, treatment: Dose?, channel: Channel, padArea: PadArea, capabilities: DeviceCapabilities,
        history: TreatmentHistory, limits: LimitTable
    ) {
        self.search = search
        self.treatment = treatment
        self.channel = channel
        self.padArea = padArea
        self.capabilities = capabilities
        self.history = history
        self.limits = limits
    }
}

/// One dose that passed every check, with the amplitude that may be set at most.
public struct AuthorizedDose: Hashable, Sendable {
    public let dose: Dose
    /// The lowest of protocol, clinic, practitioner, device and absolute limit, on the device's grid.
    public let ceiling: Current
    public let ceilingSetBy: LimitSource

    @_noLocks fileprivate init(dose: Dose, ceiling: Current, ceilingSetBy: LimitSource) {
        self.dose = dose
        self.ceiling = ceiling
        self.ceilingSetBy = ceilingSetBy
    }

    @_noLocks public static func == (a: AuthorizedDose, b: AuthorizedDose) -> Bool {
        a.dose == b.dose && a.ceiling == b.ceiling && a.ceilingSetBy == b.ceilingSetBy
    }

    @_noLocks public static func != (a: AuthorizedDose, b: AuthorizedDose) -> Bool { !(a == b) }
}

/// A plan that may be armed. Never `Codable`: decoding one would be forging one.
public struct AuthorizedPlan: Sendable {
    public let search: AuthorizedDose?
    public let treatment: AuthorizedDose?
    public let channel: Channel
    public let padArea: PadArea
    public let capabilities: DeviceCapabilities
    public let limits: LimitTable

    @_noLocks fileprivate init(
        search: AuthorizedDose?, treatment: AuthorizedDose?, prescription: borrowing Prescription, limits: LimitTable
    ) {
        self.search = search
        self.treatment = treatment
        channel = prescription.channel
        padArea = prescription.padArea
        capabilities = prescription.capabilities
        self.limits = limits
    }
}

public enum Authorization {
    /// Holds a prescription against every limit.
    /// - Parameter clearance: proof of the gates; consumed.
    /// - Throws: the first `Refusal` found; the order is fixed, so the same prescription gives the same refusal.
    @_noLocks public static func authorize(
        _ prescription: Prescription, clearance: consuming Clearance
    ) throws(Refusal) -> AuthorizedPlan {
        var limits = prescription.limits
        if prescription.search == nil && prescription.treatment == nil { throw Refusal.nothingToDo }
        let area = prescription.padArea.squareMillimetres
        guard area >= 100, area <= 20_000 else { throw Refusal.padAreaImplausible(squareMillimetres: area) }
        guard prescription.channel.number <= prescription.capabilities.channelCount else {
            throw Refusal.noSuchChannel
        }
        var search: AuthorizedDose?
        var treatment: AuthorizedDose?
        if let dose = prescription.treatment {
            try checkHistory(dose, prescription.history, &limits)
            treatment = try check(dose, prescription, limits, clearance.electrodeKind)
        }
        if let dose = prescription.search {
            search = try check(dose, prescription, limits, clearance.electrodeKind)
            // One train: contractions of a search would be taken from the dose of the treatment.
            guard dose.stage == .search, dose.contractionCount == 0 else { throw Refusal.searchMismatch }
            if let treated = prescription.treatment {
                // Thresholds at different durations are never compared (decided.md).
                guard treated.muscle == dose.muscle, treated.phaseDuration == dose.phaseDuration else {
                    throw Refusal.searchMismatch
                }
            }
        }
        return AuthorizedPlan(search: search, treatment: treatment, prescription: prescription, limits: limits)
    }

    /// The rules on rest and first use alone, so that a refusal is told before anybody is asked forty questions.
    @_noLocks public static func checkHistory(_ dose: Dose, _ history: TreatmentHistory) throws(Refusal) {
        var limits = LimitTable.absolute(for: dose)
        try checkHistory(dose, history, &limits)
        try limits.check(.contractions, Int64(dose.contractionCount))
    }

    /// Rest between sessions and the rules of a first session (`decided.md`; `clinical.md` 1.8, H40).
    @_noLocks private static func checkHistory(
        _ dose: Dose, _ history: TreatmentHistory, _ limits: inout LimitTable
    ) throws(Refusal) {
        guard dose.stage != .search else { throw Refusal.searchMismatch }
        if history.earlierTreatments <= 0 {
            guard dose.stage == .relieve else { throw Refusal.firstSessionStage }
            // ≤ 10 contractions, titration not counted (decided.md; rhabdomyolysis reports [RHABDO]).
            limits.tighten(.contractions, to: 10, by: .firstSession)
            return
        }
        guard history.millisecondsSinceLast >= 0 else { throw Refusal.clockSetBack }
        if history.earlierTreatments == 1 {
            // 48 h after a first surface session (clinical.md 1.8, proposal).
            limits.tighten(.restBetweenSessions, to: 48 * 3_600_000, by: .firstSession)
        }
        try limits.check(.restBetweenSessions, history.millisecondsSinceLast)
    }

    @_noLocks private static func check(
        _ dose: Dose, _ prescription: Prescription, _ limits: LimitTable, _ cleared: ElectrodeKind
    ) throws(Refusal) -> AuthorizedDose {
        let device = prescription.capabilities
        guard dose.electrodeKind == device.electrodeKind else {
            throw Refusal.electrodeKind(asked: dose.electrodeKind, rated: device.electrodeKind)
        }
        guard dose.electrodeKind == cleared else {
            throw Refusal.electrodeKind(asked: dose.electrodeKind, rated: cleared)
        }
        // The other kind's table rises faster and has no densities.
        guard dose.electrodeKind == limits.electrodeKind else {
            throw Refusal.electrodeKind(asked: dose.electrodeKind, rated: limits.electrodeKind)
        }
        try checkProtocol(dose)
        let phase = dose.phaseDuration.microseconds
        guard phase >= device.shortestPhase.microseconds, phase <= device.longestPhase.microseconds else {
            throw Refusal.phaseNotSupported(microseconds: phase)
        }
        // A gap is a point of the pulse like a phase: none at all, or one that the device can keep.
        let gap = dose.interphaseGap.microseconds
        guard gap == 0 || (gap >= device.shortestPhase.microseconds && gap <= device.longestPhase.microseconds) else {
            throw Refusal.phaseNotSupported(microseconds: gap)
        }
        // A press that the device's grid swallows would be a raise key that does nothing.
        guard dose.amplitudeStep.rounded(towardZeroInStepsOf: device.amplitudeStep).microamperes > 0 else {
            throw Refusal.amplitudeOffGrid(microamperes: dose.amplitudeStep.microamperes)
        }
        try limits.check(.longestPhase, Int64(phase))
        try limits.check(.shortestPhase, Int64(phase))
        try limits.check(.frequency, Int64(dose.frequency.millihertz))
        try limits.check(.lowestFrequency, Int64(dose.frequency.millihertz))
        try limits.check(.contractions, Int64(dose.contractionCount))
        try limits.check(.sessionTime, dose.programmeMilliseconds)
        try limits.check(.amplitudeStep, Int64(dose.amplitudeStep.microamperes))

        // The one number that is lowered instead of refused: a cap is meant to be lowered.
        var ceilings = limits
        ceilings.tighten(.amplitude, to: Int64(device.maximumAmplitude.microamperes), by: .device)
        ceilings.tighten(.amplitude, to: Int64(dose.maximumAmplitude.microamperes), by: .protocolFile)
        let ceiling = ceilings.maximumAmplitude.rounded(towardZeroInStepsOf: device.amplitudeStep)
        guard ceiling.microamperes > 0 else {
            throw Refusal.limit(.amplitude, asked: 0, limit: 0, setBy: ceilings[.amplitude].setBy)
        }
        let strongest = Pulse(
            symmetric: ceiling, phaseDuration: dose.phaseDuration, interphaseGap: dose.interphaseGap)
        try PulseLimits.check(strongest, at: dose.frequency, padArea: prescription.padArea, limits)
        return AuthorizedDose(dose: dose, ceiling: ceiling, ceilingSetBy: ceilings[.amplitude].setBy)
    }

    /// Holds the numbers of a protocol alone against the absolute limits of its electrode kind: what `protocols check`
    /// can say before there is a person, a device or a pad.
    /// - Throws: the first `Refusal`; the amplitude cap itself is held against the absolute limit here.
    @_noLocks public static func checkProtocol(_ dose: Dose) throws(Refusal) {
        let limits = LimitTable.absolute(for: dose)
        try checkPattern(dose.pattern)
        try limits.check(.amplitude, Int64(dose.maximumAmplitude.microamperes))
        guard dose.maximumAmplitude.microamperes > 0, dose.amplitudeStep.microamperes > 0,
            dose.interphaseGap.microseconds >= 0
        else { throw Refusal.malformedPattern }
        try limits.check(.amplitudeStep, Int64(dose.amplitudeStep.microamperes))
        try limits.check(.longestPhase, Int64(dose.phaseDuration.microseconds))
        try limits.check(.shortestPhase, Int64(dose.phaseDuration.microseconds))
        // The gap counts as part of the pulse; 1 ms keeps the whole pulse far below one period at 100 Hz (proposal).
        guard dose.interphaseGap.microseconds <= 1_000 else {
            throw Refusal.phaseNotSupported(microseconds: dose.interphaseGap.microseconds)
        }
        try limits.check(.frequency, Int64(dose.frequency.millihertz))
        try limits.check(.lowestFrequency, Int64(dose.frequency.millihertz))
        try limits.check(.contractions, Int64(dose.contractionCount))
        try limits.check(.sessionTime, dose.programmeMilliseconds)
        let strongest = dose.strongestPulse
        try limits.check(.chargePerPhase, strongest.chargePerPhase.picocoulombs)
        try limits.check(.rootMeanSquare, strongest.rootMeanSquareMicroamperes(at: dose.frequency))
        try limits.check(.energyPerPulse, strongest.energyNanojoules(intoOhms: 500))
    }

    @_noLocks private static func checkPattern(_ pattern: Pattern) throws(Refusal) {
        switch pattern {
        case .continuous(let milliseconds):
            guard milliseconds > 0 else { throw Refusal.malformedPattern }
        case .contractions(let cycle, let count):
            // Ramps of 0.5 to 3.5 s were used [PMC8167342]; a contraction without ramps is refused (proposal).
            guard count > 0, cycle.rampUpMilliseconds >= 500, cycle.plateauMilliseconds >= 500,
                cycle.rampDownMilliseconds >= 500, cycle.restMilliseconds >= 1_000,
                cycle.cycleMilliseconds <= 300_000
            else { throw Refusal.malformedPattern }
        }
    }
}

/// The limits of one pulse in a train, checked at authorization and again at the gate.
public enum PulseLimits {
    /// - Parameters:
    ///   - frequency: the rate of the train, for the figures that depend on it.
    ///   - padArea: the smaller pad's area, from the checklist.
    @_noLocks public static func check(
        _ pulse: Pulse, at frequency: Frequency, padArea: PadArea, _ limits: LimitTable
    ) throws(Refusal) {
        try limits.check(.amplitude, Int64(pulse.peakCurrent.microamperes))
        try limits.check(.longestPhase, Int64(pulse.firstPhaseDuration.microseconds))
        try limits.check(.longestPhase, Int64(pulse.secondPhaseDuration.microseconds))
        try limits.check(.shortestPhase, Int64(pulse.firstPhaseDuration.microseconds))
        try limits.check(.shortestPhase, Int64(pulse.secondPhaseDuration.microseconds))
        try limits.check(.chargePerPhase, pulse.chargePerPhase.picocoulombs)
        try limits.check(.netCharge, Int64(clamping: pulse.netCharge.picocoulombs.magnitude))
        let rootMeanSquare = pulse.rootMeanSquareMicroamperes(at: frequency)
        try limits.check(.rootMeanSquare, rootMeanSquare)
        let energy = pulse.energyNanojoules(intoOhms: 500)
        try limits.check(.energyPerPulse, energy)
        let area = Int64(padArea.squareMillimetres)
        guard area > 0 else { throw Refusal.padAreaImplausible(squareMillimetres: padArea.squareMillimetres) }
        // Rounded up: a density is never understated. 1 cm² is 100 mm².
        try limits.check(.currentDensity, Saturating.sum(Saturating.product(rootMeanSquare, 100), area - 1) / area)
        // nJ · mHz = pW; µW per cm² = pW · 100 / (1,000,000 · mm²).
        let power = Saturating.product(energy, Int64(frequency.millihertz))
        let perArea = Saturating.product(area, 10_000)
        try limits.check(.powerDensity, Saturating.sum(power, perArea - 1) / perArea)
    }
}

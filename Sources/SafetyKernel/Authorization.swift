// Prescription → (limits, clearance) → AuthorizedPlan. Nothing is lowered silently except the amplitude cap, whose
// owner is remembered; everything else that is out of bounds is refused.
public import StimulusModel

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

/// What one channel may do.
public struct AuthorizedChannel: Sendable {
    public let search: AuthorizedDose?
    public let treatment: AuthorizedDose?
    public let channel: Channel
    /// What touches the patient.
    public let contact: ElectrodeContact
    /// The session's limits, tightened further by what this muscle has behind it.
    public let limits: LimitTable
    /// What had gone through this muscle and side in the 24 h before the session.
    public let chargeBefore: Charge
    /// On the bench: what is measured, one press after the other; nothing for a person.
    public let levels: BenchLevels?

    @_noLocks fileprivate init(
        search: AuthorizedDose?, treatment: AuthorizedDose?, prescription: borrowing ChannelPrescription,
        limits: LimitTable, levels: BenchLevels? = nil
    ) {
        self.search = search
        self.treatment = treatment
        self.levels = levels
        channel = prescription.channel
        contact = prescription.contact
        self.limits = limits
        chargeBefore = prescription.history.chargeToday
    }

    /// The most that this session can move: everything at its ceiling, every titration contraction used, one phase of
    /// each pulse; saturates.
    public var mostCharge: Charge {
        @_noLocks get {
            Charge(
                picocoulombs: Saturating.sum(mostCharge(search).picocoulombs, mostCharge(treatment).picocoulombs))
        }
    }

    @_noLocks private func mostCharge(_ authorized: AuthorizedDose?) -> Charge {
        guard let authorized else { return Charge(picocoulombs: 0) }
        let dose = authorized.dose
        var pulses = dose.programmePulses
        if dose.stage == .search {
            // A search may begin again and again until the time of the session is over.
            pulses = max(pulses, Dose.pulses(at: dose.frequency, in: limits[.sessionTime].value))
        }
        if case .contractions(let cycle, _) = dose.pattern {
            let one = Dose.pulses(at: dose.frequency, in: cycle.onMilliseconds)
            pulses = Saturating.sum(pulses, Saturating.product(one, limits[.titrationContractions].value))
        }
        let phase = Charge(authorized.ceiling, for: dose.phaseDuration).picocoulombs
        return Charge(picocoulombs: Saturating.product(phase, pulses))
    }

    /// The authorized dose of a part, if there is one.
    @_noLocks public func dose(_ part: PlanPart) -> AuthorizedDose? {
        switch part {
        case .search: return search
        case .treatment: return treatment
        }
    }
}

/// A plan that may be armed. Never `Codable`: decoding one would be forging one.
public struct AuthorizedPlan: Sendable {
    public let first: AuthorizedChannel
    public let second: AuthorizedChannel?
    public let arrangement: ChannelArrangement
    public let capabilities: DeviceCapabilities

    @_noLocks fileprivate init(
        first: AuthorizedChannel, second: AuthorizedChannel?, arrangement: ChannelArrangement,
        capabilities: DeviceCapabilities
    ) {
        self.first = first
        self.second = second
        self.arrangement = arrangement
        self.capabilities = capabilities
    }

    /// 1 or 2.
    public var channelCount: Int { @_noLocks get { second == nil ? 1 : 2 } }

    /// What the channel at a place may do; nothing where this session has none.
    @_noLocks public func channel(at place: ChannelPlace) -> AuthorizedChannel? {
        switch place {
        case .first: return first
        case .second: return second
        }
    }

    /// The limits on the session as a whole; those of one channel stand with it.
    public var limits: LimitTable { @_noLocks get { first.limits } }
}

/// A plan for the bench. It is no `AuthorizedPlan`: whatever takes one for a person takes none of these.
public struct AuthorizedBenchPlan: Sendable {
    /// For the machine and the gate, which conduct both alike.
    package let plan: AuthorizedPlan

    @_noLocks fileprivate init(_ plan: AuthorizedPlan) { self.plan = plan }
}

/// What was found in a prescription: no plan, and no step toward one.
public struct PlanExamination: Sendable {
    public let first: AuthorizedChannel
    public let second: AuthorizedChannel?

    @_noLocks fileprivate init(first: AuthorizedChannel, second: AuthorizedChannel?) {
        self.first = first
        self.second = second
    }
}

public enum Authorization {
    /// Holds a prescription against every limit.
    /// - Parameter clearance: proof of the gates; consumed.
    /// - Throws: the first `Refusal` found; the order is fixed, so the same prescription gives the same refusal.
    @_noLocks public static func authorize(
        _ prescription: Prescription, clearance: consuming Clearance
    ) throws(Refusal) -> AuthorizedPlan {
        let checked = try examine(prescription, for: clearance.electrodeKind)
        return AuthorizedPlan(
            first: checked.first, second: checked.second, arrangement: prescription.arrangement,
            capabilities: prescription.capabilities)
    }

    /// What an authorization would say, without a clearance: ceilings and limits to be read before a session. Nothing
    /// can be armed with it.
    /// - Throws: the refusal that an authorization would throw.
    @_noLocks public static func examine(
        _ prescription: Prescription, for kind: ElectrodeKind
    ) throws(Refusal) -> PlanExamination {
        let first = try authorize(prescription.first, prescription, kind)
        guard let asked = prescription.second else {
            guard prescription.arrangement == .single else { throw Refusal.channelsMismatch }
            return PlanExamination(first: first, second: nil)
        }
        let second = try authorize(asked, prescription, kind)
        try checkTogether(first, second, prescription)
        return PlanExamination(first: first, second: second)
    }

    /// One channel, as if it were alone.
    @_noLocks private static func authorize(
        _ asked: ChannelPrescription, _ prescription: Prescription, _ cleared: ElectrodeKind
    ) throws(Refusal) -> AuthorizedChannel {
        var limits = prescription.limits
        if asked.search == nil && asked.treatment == nil { throw Refusal.nothingToDo }
        try checkContact(asked.contact, &limits)
        guard asked.channel.number <= prescription.capabilities.channelCount else { throw Refusal.noSuchChannel }
        var search: AuthorizedDose?
        var treatment: AuthorizedDose?
        if let dose = asked.treatment {
            try checkHistory(dose, asked.history, &limits)
            treatment = try check(dose, asked, prescription, limits, cleared)
        }
        if let dose = asked.search {
            search = try check(dose, asked, prescription, limits, cleared)
            // One train: contractions of a search would be taken from the dose of the treatment.
            guard dose.stage == .search, dose.contractionCount == 0 else { throw Refusal.searchMismatch }
            // At a higher rate every threshold would be one of a fused contraction (clinical.md 2.3, H27).
            try LimitTable.absolute(for: dose).check(.frequency, Int64(dose.frequency.millihertz))
            if let treated = asked.treatment {
                // Thresholds at different durations are never compared (decided.md).
                guard treated.muscle == dose.muscle, treated.phaseDuration == dose.phaseDuration else {
                    throw Refusal.searchMismatch
                }
            }
        }
        guard asked.contact.kind == cleared else { throw Refusal.contactMismatch }
        // Without a search nobody could mark what such a dose is held to.
        if let dose = asked.treatment, dose.needsMotorThreshold, asked.search == nil {
            throw Refusal.motorThresholdMissing
        }
        let channel = AuthorizedChannel(search: search, treatment: treatment, prescription: asked, limits: limits)
        let before = max(0, channel.chargeBefore.picocoulombs)
        try limits.check(.chargePerDay, Saturating.sum(before, channel.mostCharge.picocoulombs))
        return channel
    }

    /// Pads within plausible areas; needles no smaller than decided, and their charge limit from their own surface
    /// (`clinical.md` 1.7, 1.8: refuse at k = 1.75).
    @_noLocks private static func checkContact(
        _ contact: ElectrodeContact, _ limits: inout LimitTable
    ) throws(Refusal) {
        switch contact {
        case .pad(let padArea):
            let area = padArea.squareMillimetres
            guard area >= 100, area <= 20_000 else { throw Refusal.padAreaImplausible(squareMillimetres: area) }
        case .needle(let needle):
            guard needle.diameterMicrometres >= 250, needle.insertedMillimetres >= 15 else {
                throw Refusal.needleTooSmall(
                    diameterMicrometres: needle.diameterMicrometres, insertedMillimetres: needle.insertedMillimetres)
            }
            limits.tighten(.chargePerPhase, to: needle.mostCharge(at: .refuse).picocoulombs, by: .needleGeometry)
        // A bench is no place for a person, and its loads none for a prescription.
        case .bench: throw Refusal.contactMismatch
        }
    }

    /// Holds a run on the bench against the limits of a person and of the dummy load.
    /// - Parameter clearance: proof that a dummy load is attested; consumed, so that each load needs a new one.
    @_noLocks public static func authorize(
        _ order: BenchOrder, clearance: consuming BenchClearance
    ) throws(Refusal) -> AuthorizedBenchPlan {
        let device = order.capabilities
        guard device.electrodeKind == clearance.electrodeKind else {
            throw Refusal.electrodeKind(asked: clearance.electrodeKind, rated: device.electrodeKind)
        }
        guard order.channel.number <= device.channelCount else { throw Refusal.noSuchChannel }
        let limits = device.electrodeKind == .needle ? LimitTable.absoluteNeedle : LimitTable.absoluteSurface
        try limits.check(.frequency, Int64(order.frequency.millihertz))
        try limits.check(.lowestFrequency, Int64(order.frequency.millihertz))
        let dose = Dose(
            electrodeKind: device.electrodeKind, muscle: .vmo, stage: .search,
            pattern: .continuous(milliseconds: BenchOrder.longestRunMilliseconds), frequency: order.frequency,
            phaseDuration: order.phaseDuration, interphaseGap: PhaseDuration(microseconds: 0),
            maximumAmplitude: limits.maximumAmplitude, amplitudeStep: device.amplitudeStep)
        let contact = ElectrodeContact.bench(clearance.terminal)
        let asked = ChannelPrescription(
            search: dose, treatment: nil, channel: order.channel, contact: contact,
            history: TreatmentHistory(earlierTreatments: 0, millisecondsSinceLast: 0))
        var ceilings = limits
        ceilings.tighten(.amplitude, to: Int64(device.maximumAmplitude.microamperes), by: .device)
        var index = 0
        while index < order.levels.count {
            let level = order.levels[index]
            guard level.microamperes % max(1, device.amplitudeStep.microamperes) == 0 else {
                throw Refusal.amplitudeOffGrid(microamperes: level.microamperes)
            }
            try ceilings.check(.amplitude, Int64(level.microamperes))
            let pulse = Pulse(
                symmetric: level, phaseDuration: order.phaseDuration, interphaseGap: PhaseDuration(microseconds: 0))
            try PulseLimits.check(pulse, at: order.frequency, contact: contact, device, limits)
            index += 1
        }
        let ceiling = ceilings.maximumAmplitude.rounded(towardZeroInStepsOf: device.amplitudeStep)
        let authorized = AuthorizedDose(dose: dose, ceiling: ceiling, ceilingSetBy: ceilings[.amplitude].setBy)
        let channel = AuthorizedChannel(
            search: authorized, treatment: nil, prescription: asked, limits: limits, levels: order.levels)
        return AuthorizedBenchPlan(
            AuthorizedPlan(first: channel, second: nil, arrangement: .single, capabilities: device))
    }

    /// What two channels must have in common, and the sums that hold for the patient (`decided.md`, P24;
    /// `clinical.md` 1.8: two at most, sum limits per patient).
    @_noLocks private static func checkTogether(
        _ first: AuthorizedChannel, _ second: AuthorizedChannel, _ prescription: Prescription
    ) throws(Refusal) {
        guard first.channel != second.channel, let a = first.treatment, let b = second.treatment,
            a.dose.muscle != b.dose.muscle
        else { throw Refusal.channelsMismatch }
        var delay: Int64 = 0
        switch prescription.arrangement {
        case .single: throw Refusal.channelsMismatch
        case .together:
            // Half a period between the pulses of both means something only at one rate and in one rhythm.
            guard a.dose.frequency == b.dose.frequency, sameRhythm(a.dose.pattern, b.dose.pattern) else {
                throw Refusal.channelsMismatch
            }
        case .alternating:
            guard case .contractions(let x, _) = a.dose.pattern, case .contractions(let y, _) = b.dose.pattern,
                x.cycleMilliseconds == y.cycleMilliseconds
            else { throw Refusal.channelsMismatch }
            delay = x.cycleMilliseconds / 2
            guard x.onMilliseconds <= delay, y.onMilliseconds <= delay else { throw Refusal.channelsMismatch }
        }
        let limits = prescription.limits
        let today = max(prescription.first.history.treatmentsToday, prescription.second?.history.treatmentsToday ?? 0)
        try limits.check(.sessionsPerDay, Saturating.sum(Int64(max(0, today)), 2))
        let longest = max(a.dose.programmeMilliseconds, Saturating.sum(b.dose.programmeMilliseconds, delay))
        try limits.check(.sessionTime, longest)
        let sum = Saturating.sum(strongestRootMeanSquare(a), strongestRootMeanSquare(b))
        try limits.check(.rootMeanSquare, sum)
    }

    @_noLocks private static func sameRhythm(_ a: Pattern, _ b: Pattern) -> Bool {
        if case .contractions(let x, _) = a, case .contractions(let y, _) = b { return x == y }
        return a == b
    }

    @_noLocks private static func strongestRootMeanSquare(_ dose: AuthorizedDose) -> Int64 {
        Pulse(
            symmetric: dose.ceiling, phaseDuration: dose.dose.phaseDuration, interphaseGap: dose.dose.interphaseGap
        ).rootMeanSquareMicroamperes(at: dose.dose.frequency)
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
        try limits.check(.sessionsPerDay, Saturating.sum(Int64(max(0, history.treatmentsToday)), 1))
        if history.provenTreatments <= 0 {
            guard dose.stage == .relieve else { throw Refusal.firstSessionStage }
            // ≤ 10 contractions, titration not counted (decided.md; rhabdomyolysis reports [RHABDO]).
            limits.tighten(.contractions, to: 10, by: .firstSession)
        }
        guard history.earlierTreatments > 0 else { return }
        guard history.millisecondsSinceLast >= 0 else { throw Refusal.clockSetBack }
        if history.provenTreatments <= 1, dose.electrodeKind == .surface {
            // 48 h after a first surface session (clinical.md 1.8, proposal).
            limits.tighten(.restBetweenSessions, to: 48 * 3_600_000, by: .firstSession)
        }
        try limits.check(.restBetweenSessions, history.millisecondsSinceLast)
    }

    @_noLocks private static func check(
        _ dose: Dose, _ asked: ChannelPrescription, _ prescription: Prescription, _ limits: LimitTable,
        _ cleared: ElectrodeKind
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
        let grid = max(1, device.phaseStep.microseconds)
        guard phase % grid == 0, dose.interphaseGap.microseconds % grid == 0 else {
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
        try PulseLimits.check(strongest, at: dose.frequency, contact: asked.contact, device, limits)
        return AuthorizedDose(dose: dose, ceiling: ceiling, ceilingSetBy: ceilings[.amplitude].setBy)
    }

    /// Holds the numbers of a protocol alone against the absolute limits of its electrode kind: what `protocols check`
    /// can say before there is a person, a device or a pad.
    /// - Throws: the first `Refusal`; the amplitude cap itself is held against the absolute limit here.
    @_noLocks public static func checkProtocol(_ dose: Dose) throws(Refusal) {
        let limits = LimitTable.absolute(for: dose)
        try checkPattern(dose.pattern)
        if dose.electrodeKind == .needle, dose.contractionCount > 0 { throw Refusal.patternNotForNeedles }
        if case .denseDisperse(_, _, let sparse, _) = dose.pattern {
            // The sparse rate is the lower of the two: every figure of the dose is taken at the dense one.
            try limits.check(.lowestFrequency, Int64(sparse.millihertz))
            guard sparse.millihertz <= dose.frequency.millihertz else { throw Refusal.malformedPattern }
        }
        if case .burst(_, let burst, _) = dose.pattern {
            // Each group begins with a pulse: one shorter than a period would have a rate above the dose's, at which
            // no figure was taken, and on the second channel, half a period later, no pulse at all.
            let periods = Saturating.product(Int64(burst), Int64(dose.frequency.millihertz))
            guard periods >= 1_000_000 else { throw Refusal.malformedPattern }
        }
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
        case .burst(let milliseconds, let burst, let interval):
            // A group of 50 ms holds at least one pulse at 20 Hz; the silence is at least as long as the group, or it
            // would be a train with gaps (proposal; 200 ms every 1,500 ms in [GLAVIANO]).
            guard milliseconds > 0, burst >= 50, Int64(interval) >= 2 * Int64(burst), interval <= 10_000 else {
                throw Refusal.malformedPattern
            }
        case .denseDisperse(let milliseconds, let dense, let sparseFrequency, let sparse):
            // 0.5 to 30 s of each (proposal; 3 s and 3 s in [HAN]).
            guard milliseconds > 0, dense >= 500, dense <= 30_000, sparse >= 500, sparse <= 30_000,
                sparseFrequency.millihertz > 0
            else { throw Refusal.malformedPattern }
        }
    }
}

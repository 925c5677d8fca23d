internal import SafetyKernel
internal import SessionEngine
internal import StimulusModel

/// How much of one limit is used, and who set it.
struct LimitUse: Equatable {
    let used: Int64
    let limit: Int64
    let owner: LimitSource
    /// `amplitude 4 mA of 15 mA`.
    let figures: String

    /// Of a thousand.
    var share: Int64 { limit > 0 ? Saturating.product(used, 1_000) / limit : 1_000 }

    var full: String { "\(figures), set by \(LimitText.owner(owner))" }
    var short: String { "\(figures) (\(LimitText.shortOwner(owner)))" }

    /// All that one channel can run into, the nearest first.
    static func all(_ model: ScreenModel, _ place: ChannelPlace) -> [LimitUse] {
        guard let channel = model.plan.channel(at: place), let status = model.status(place) else { return [] }
        var uses: [LimitUse] = []
        if let dose = model.dose(place) {
            let set = SessionText.milliamperes(status.setAmplitude)
            uses.append(
                LimitUse(
                    used: Int64(status.setAmplitude.microamperes), limit: Int64(dose.ceiling.microamperes),
                    owner: dose.ceilingSetBy,
                    figures: "amplitude \(set) of \(SessionText.milliamperes(dose.ceiling))"))
        }
        uses += needleUses(model, place, channel, status)
        let time = model.plan.limits[.sessionTime]
        let clock = SessionText.clock(Int64(status.treatmentMilliseconds))
        uses.append(
            LimitUse(
                used: Int64(status.treatmentMilliseconds), limit: time.value, owner: time.setBy,
                figures: "treatment time \(clock) of \(SessionText.clock(time.value))"))
        if let dose = channel.treatment?.dose, dose.contractionCount > 0 {
            let contractions = channel.limits[.contractions]
            let done = status.isTitrating || status.part == .search ? 0 : Int64(status.contraction)
            uses.append(
                LimitUse(
                    used: done, limit: contractions.value, owner: contractions.setBy,
                    figures: "contractions \(done) of \(contractions.value)"))
        }
        let charge = channel.limits[.chargePerDay]
        let used = Saturating.sum(
            channel.chargeBefore.picocoulombs, Saturating.product(status.chargedNanocoulombs, 1_000))
        uses.append(
            LimitUse(
                used: used, limit: charge.value, owner: charge.setBy,
                figures: "charge in 24 h \(millicoulombs(used)) of \(millicoulombs(charge.value)) mC"))
        return uses.sorted { $0.share > $1.share }
    }

    /// On needles the charge of one phase has a limit from the needle's own surface, and above 15 Hz the amplitude one
    /// from the marked motor threshold.
    private static func needleUses(
        _ model: ScreenModel, _ place: ChannelPlace, _ channel: AuthorizedChannel, _ status: StatusSnapshot
    ) -> [LimitUse] {
        guard channel.contact.kind == .needle, let dose = model.dose(place) else { return [] }
        let phase = Charge(status.setAmplitude, for: dose.dose.phaseDuration).picocoulombs
        let limit = channel.limits[.chargePerPhase]
        var uses = [
            LimitUse(
                used: phase, limit: limit.value, owner: limit.setBy,
                figures: "charge a phase \(LimitText.decimal(phase, 1_000_000)) of "
                    + "\(LimitText.decimal(limit.value, 1_000_000)) µC")
        ]
        if dose.dose.needsMotorThreshold {
            let below = (Int64(status.motorThreshold.microamperes) * 80 - 1) / 100
            uses.append(
                LimitUse(
                    used: Int64(status.setAmplitude.microamperes), limit: below, owner: .motorThreshold,
                    figures: "amplitude \(SessionText.milliamperes(status.setAmplitude)) below "
                        + "\(LimitText.decimal(below, 1_000)) mA"))
        }
        return uses
    }

    /// Hundredths of mC, cut.
    private static func millicoulombs(_ picocoulombs: Int64) -> String {
        LimitText.decimal(picocoulombs / 10_000_000, 100)
    }
}

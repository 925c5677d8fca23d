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

    /// Hundredths of mC, cut.
    private static func millicoulombs(_ picocoulombs: Int64) -> String {
        LimitText.decimal(picocoulombs / 10_000_000, 100)
    }
}

internal import CareModel
public import StimulusModel

/// A muscle on one side of one person.
public struct MuscleAndSide: Hashable, Sendable {
    /// `vmo`, `gmed`.
    public let muscle: String
    /// `left`, `right`: the person's own.
    public let side: String

    public init(muscle: String, side: String) {
        self.muscle = muscle
        self.side = side
    }

    /// `vmo right`
    public var text: String { muscle + " " + side }

    /// `VMO`, `gluteus medius`: short, for one line among many.
    public var muscleTitle: String {
        guard let target = TargetMuscle(name: muscle) else { return muscle }
        return target == .vmo ? "VMO" : target.title
    }
}

/// What one session did to one muscle.
public struct TreatedMuscle: Equatable, Sendable {
    public let place: MuscleAndSide
    /// A search alone: it counts in charge, not as a treatment (`decided.md`, Amplitude).
    public let isSearch: Bool
    /// Sum of the charge of the first phases, in pC, search and titration included; never below what was delivered.
    public let chargePicocoulombs: Int64

    public init(place: MuscleAndSide, isSearch: Bool, chargePicocoulombs: Int64) {
        self.place = place
        self.isSearch = isSearch
        self.chargePicocoulombs = chargePicocoulombs
    }
}

extension SessionOpening {
    /// Where this session's current went: one entry a channel. The one place that says so, for lists, exports, reports
    /// and the ledger alike.
    public var places: [MuscleAndSide] {
        [MuscleAndSide(muscle: muscle, side: side)]
            + (second.map { [MuscleAndSide(muscle: $0.muscle, side: side)] } ?? [])
    }

    /// What was planned for one channel; nothing for a channel that the session does not have.
    public func dose(at place: ChannelPlace) -> RecordedDose? { place == .first ? dose : second?.dose }

    /// The search before the treatment of one channel.
    public func searchDose(at place: ChannelPlace) -> RecordedDose? {
        place == .first ? searchDose : second?.searchDose
    }

    /// `vmo`, `gmed`.
    public func muscle(at place: ChannelPlace) -> String { place == .first ? muscle : second?.muscle ?? muscle }

    /// The muscle of one channel as a title; nothing in a session of one channel, where it goes without saying.
    public func muscleTitle(at place: ChannelPlace) -> String? {
        guard second != nil else { return nil }
        return MuscleAndSide(muscle: muscle(at: place), side: side).muscleTitle
    }

    /// The same with what each place was given.
    /// - Parameter charge: by channel, in the order of `places`; a channel without a figure is given the sum of all,
    ///   since what is unknown counts as delivered.
    public func treated(_ charge: [Int64]) -> [TreatedMuscle] {
        let whole = charge.reduce(0, Saturating.sum)
        return places.enumerated().map { index, place in
            TreatedMuscle(
                place: place, isSearch: isSearch,
                chargePicocoulombs: charge.count == places.count ? charge[index] : whole)
        }
    }
}

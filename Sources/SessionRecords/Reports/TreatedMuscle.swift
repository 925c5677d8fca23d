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

    /// The same with what each place was given.
    /// - Parameter charge: by channel, in the order of `places`; a channel without a figure is given the sum of all,
    ///   since what is unknown counts as delivered.
    public func treated(_ charge: [Int64]) -> [TreatedMuscle] {
        let whole = charge.reduce(0) { $0.addingReportingOverflow($1).overflow ? Int64.max : $0 + $1 }
        return places.enumerated().map { index, place in
            TreatedMuscle(
                place: place, isSearch: isSearch,
                chargePicocoulombs: charge.count == places.count ? charge[index] : whole)
        }
    }
}

/// The count at the end: `clinical.md` 3.2, N7.
public struct NeedleCount: Equatable, Sendable {
    public var opened: Int32
    public var inserted: Int32
    /// Dropped, or touched where it must not be.
    public var contaminated: Int32
    public var unusedOpen: Int32
    public var removed: Int32
    /// In the sharps bin.
    public var disposed: Int32

    public init(
        opened: Int32, inserted: Int32, contaminated: Int32, unusedOpen: Int32, removed: Int32, disposed: Int32
    ) {
        self.opened = opened
        self.inserted = inserted
        self.contaminated = contaminated
        self.unusedOpen = unusedOpen
        self.removed = removed
        self.disposed = disposed
    }

    /// What does not agree; empty when every needle is accounted for. Pure.
    public var mismatches: [NeedleMismatch] {
        var found: [NeedleMismatch] = []
        if removed != inserted { found.append(.removed(removed, inserted: inserted)) }
        let known = Int64(inserted) + Int64(contaminated) + Int64(unusedOpen)
        if known != Int64(opened) { found.append(.opened(opened, accountedFor: Int32(clamping: known))) }
        if disposed != opened { found.append(.disposed(disposed, opened: opened)) }
        if [opened, inserted, contaminated, unusedOpen, removed, disposed].contains(where: { $0 < 0 }) {
            found.append(.negative)
        }
        return found
    }
}

/// What does not agree in a count.
public enum NeedleMismatch: Equatable, Sendable {
    case removed(Int32, inserted: Int32)
    case opened(Int32, accountedFor: Int32)
    case disposed(Int32, opened: Int32)
    case negative

    public var words: String {
        switch self {
        case .removed(let removed, let inserted): return "\(inserted) needles went in and \(removed) came out"
        case .opened(let opened, let known):
            return "\(opened) needles were opened, and inserted, contaminated and unused ones make \(known)"
        case .disposed(let disposed, let opened): return "\(opened) needles were opened and \(disposed) are in the bin"
        case .negative: return "a count cannot be below zero"
        }
    }
}

/// What an open incident is about (H28).
public enum NeedleIncidentKind: String, Sendable, CaseIterable {
    /// Still in the body.
    case retained
    case broken
    /// Neither in the body nor in the bin, as far as anybody knows.
    case missing
    /// Nobody counted: the program or the terminal went away with needles in.
    case uncounted

    /// What to do, as usually taught (`clinical.md` 3.2; unverified).
    public var advice: String {
        switch self {
        case .broken, .retained:
            return NeedleAdvice.breakage
        case .missing:
            return "Look for it before anybody moves: on the person, the couch, the floor, in the packages. If it may "
                + "be in the body, refer for imaging (unverified: usual teaching)."
        case .uncounted:
            return "Count the needles now, on the person and in the bin. Then close the incident with what was found."
        }
    }
}

public enum NeedleAdvice {
    /// Paraphrase of usual teaching (`clinical.md` 3.2; unverified).
    public static let breakage =
        "BROKEN NEEDLE: output off; the person keeps still; mark the spot; take it out with forceps if its end can be "
        + "seen, otherwise refer for imaging; do not massage (unverified: usual teaching)."
}

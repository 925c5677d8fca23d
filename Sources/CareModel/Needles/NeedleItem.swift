public import StimulusModel

/// Where needles go: muscle and side.
public struct NeedleSite: Hashable, Sendable {
    public let muscle: TargetMuscle
    public let side: BodySide

    public init(muscle: TargetMuscle, side: BodySide) {
        self.muscle = muscle
        self.side = side
    }

    public var title: String { "\(muscle.title), \(side.name)" }
}

/// What became of an opened needle before the current.
public enum NeedleFate: String, Sendable, CaseIterable {
    case inserted
    /// Dropped, or touched where it must not be.
    case contaminated
    /// Opened and left out: one too many, or bent before use.
    case unused
}

/// One needle, from its package to the bin.
public struct NeedleItem: Equatable, Sendable {
    public let package: NeedlePackage
    /// Its place in the package, from 1.
    public let place: Int32
    /// Straight, and no corrosion where shaft and handle join (`clinical.md` 3.2, N8).
    public let isStraightBefore: Bool
    public let fate: NeedleFate
    /// For an inserted one.
    public let site: NeedleSite?
    /// As the clinician states it.
    public let insertedMillimetres: Int32?
    /// Nanoseconds since 1970 UTC.
    public let inWallNanoseconds: Int64?
    public var outWallNanoseconds: Int64?
    public var conditionAfter: NeedleCondition?

    public init(
        package: NeedlePackage, place: Int32, isStraightBefore: Bool, fate: NeedleFate, site: NeedleSite? = nil,
        insertedMillimetres: Int32? = nil, inWallNanoseconds: Int64? = nil
    ) {
        self.package = package
        self.place = place
        self.isStraightBefore = isStraightBefore
        self.fate = fate
        self.site = site
        self.insertedMillimetres = insertedMillimetres
        self.inWallNanoseconds = inWallNanoseconds
    }

    /// Used once in an installation (H30): `ACME/L123/7`, of several in one package `ACME/L123/7.2`.
    public var id: String { package.key.text + (package.needles > 1 ? ".\(place)" : "") }

    /// What is in tissue; nothing for a needle that did not go in.
    public var geometry: NeedleGeometry? {
        insertedMillimetres.map {
            NeedleGeometry(diameterMicrometres: package.make.diameterMicrometres, insertedMillimetres: $0)
        }
    }
}

/// How a needle came out.
public enum NeedleCondition: String, Sendable, CaseIterable {
    case straight
    case bent
    /// A part is missing.
    case broken
}

extension Collection where Element == NeedleItem {
    public var inserted: [NeedleItem] { filter { $0.fate == .inserted } }

    /// Of the needles in one place, or of all, the one with the smallest surface in tissue: its charge limits hold.
    public func smallestGeometry(at site: NeedleSite? = nil) -> NeedleGeometry? {
        inserted.filter { site == nil || $0.site == site }.compactMap(\.geometry)
            .min { $0.surfaceSquareMicrometres < $1.surfaceSquareMicrometres }
    }
}

extension NeedleTray {
    /// The needle gates that what was opened proves; no answer of a checklist opens them. Pure.
    /// - Parameters:
    ///   - sites: each wants a pair.
    ///   - day: of the session, by the practice's own calendar.
    ///   - usedBefore: packages that were opened in this installation before this tray.
    public func gates(for sites: [NeedleSite], on day: CalendarDay, usedBefore: Set<NeedlePackageKey>) -> GateSet {
        let pairs = !sites.isEmpty && sites.allSatisfy { inserted(at: $0) >= NeedleRules.fewestPerSite }
        guard pairs, unanswered == 0 else { return .none }
        let isSound = items.inserted.allSatisfy { item in
            item.isStraightBefore
                && NeedleRules.problem(
                    insertedMillimetres: item.insertedMillimetres ?? 0,
                    lengthMillimetres: item.package.make.lengthMillimetres) == nil
        }
        var gates = GateSet.none
        let packagesAreGood = packages.allSatisfy {
            $0.make.problem(on: day) == nil && $0.isMarkedSterile && $0.isIntact
        }
        if packagesAreGood, isSound { gates = gates.union(.needlePackage) }
        let wereShown = packages.allSatisfy { package in
            guard let shown = package.shownWallNanoseconds, let opened = package.openedWallNanoseconds else {
                return false
            }
            return shown <= opened && !package.shownBy.isEmpty
        }
        if wereShown { gates = gates.union(.needleShown) }
        let keys = packages.map(\.key)
        let areNew = Set(keys).count == keys.count && usedBefore.isDisjoint(with: keys)
        if areNew, packages.allSatisfy(\.isSingleUse) { gates = gates.union(.needleSingleUse) }
        return gates
    }
}

public import CareModel
internal import StimulusModel

/// A package of needles as records keep it.
public struct RecordedNeedlePackage: Codable, Equatable, Sendable {
    public var maker: String
    public var productCode: String
    public var diameterMicrometres: Int32
    public var lengthMillimetres: Int32
    public var lot: String
    /// As printed: `2027-03`, `2027-03-15`.
    public var expiry: String
    /// Of the package in its lot, on the clinic's label.
    public var number: Int32
    public var needles: Int32
    public var isMarkedSterile: Bool
    public var isIntact: Bool
    /// Nanoseconds since 1970 UTC, as all times here.
    public var shownSealedWallNanoseconds: Int64?
    public var shownBy: String
    public var openedWallNanoseconds: Int64?
    public var isSingleUse: Bool
    /// The second person who looked at it, where the clinic wants one.
    public var confirmedBy: String?

    public init(_ package: NeedlePackage) {
        maker = package.make.maker
        productCode = package.make.productCode
        diameterMicrometres = package.make.diameterMicrometres
        lengthMillimetres = package.make.lengthMillimetres
        lot = package.make.lot
        expiry = package.make.expiry.text
        number = package.number
        needles = package.needles
        isMarkedSterile = package.isMarkedSterile
        isIntact = package.isIntact
        shownSealedWallNanoseconds = package.shownWallNanoseconds
        shownBy = package.shownBy
        openedWallNanoseconds = package.openedWallNanoseconds
        isSingleUse = package.isSingleUse
        confirmedBy = package.confirmedBy
    }

    public var key: NeedlePackageKey { NeedlePackageKey(maker: maker, lot: lot, number: number) }
}

/// One needle as records keep it, with its package.
public struct RecordedNeedle: Codable, Equatable, Sendable {
    /// `ACME/L123/7`: used once in an installation (H30).
    public var id: String
    public var package: RecordedNeedlePackage
    /// `inserted`, `contaminated`, `unused`.
    public var fate: String
    public var isStraightBefore: Bool
    /// `vmo`, `gmed`, and `left`, `right`; nothing where it did not go in.
    public var muscle: String?
    public var side: String?
    /// As the clinician stated it.
    public var insertedMillimetres: Int32?
    public var inWallNanoseconds: Int64?
    /// `straight`, `bent`, `broken`; nothing while it is in, and where it never came out.
    public var conditionAfter: String?
    public var outWallNanoseconds: Int64?

    public init(_ item: NeedleItem) {
        id = item.id
        package = RecordedNeedlePackage(item.package)
        fate = item.fate.rawValue
        isStraightBefore = item.isStraightBefore
        muscle = item.site?.muscle.name
        side = item.site?.side.name
        insertedMillimetres = item.insertedMillimetres
        inWallNanoseconds = item.inWallNanoseconds
        conditionAfter = item.conditionAfter?.rawValue
        outWallNanoseconds = item.outWallNanoseconds
    }

    public var isInserted: Bool { fate == NeedleFate.inserted.rawValue }
}

/// The count at the end as records keep it.
public struct RecordedNeedleCount: Codable, Equatable, Sendable {
    public var opened: Int32
    public var inserted: Int32
    public var contaminated: Int32
    public var unusedOpen: Int32
    public var removed: Int32
    public var disposed: Int32
    /// The second person who counted, where the clinic wants one.
    public var confirmedBy: String?

    public init(_ count: NeedleCount, confirmedBy: String?) {
        opened = count.opened
        inserted = count.inserted
        contaminated = count.contaminated
        unusedOpen = count.unusedOpen
        removed = count.removed
        disposed = count.disposed
        self.confirmedBy = confirmedBy
    }

    public var count: NeedleCount {
        NeedleCount(
            opened: opened, inserted: inserted, contaminated: contaminated, unusedOpen: unusedOpen, removed: removed,
            disposed: disposed)
    }
}

/// How an incident was settled.
public struct NeedleIncidentEnd: Codable, Equatable, Sendable {
    /// Initials.
    public var by: String
    public var note: String
    public var wallNanoseconds: Int64
}

/// A needle that is not accounted for. It stands in a file of its own, so that it outlives the session, the program and
/// the index, and it is never removed: closing adds who, when and what was found.
public struct NeedleIncident: Codable, Equatable, Sendable {
    public static let format = "motorpoint-incident-1"

    public var format: String
    public var id: String
    /// `retained`, `broken`, `missing`, `uncounted`.
    public var kind: String
    public var personID: String
    /// Nothing where the needles went in before a session was opened.
    public var sessionID: String?
    public var trayID: String
    /// What was seen, in the practitioner's words, or what the program found.
    public var text: String
    /// Nothing where nobody knows which.
    public var needleID: String?
    /// Every lot that was opened.
    public var lots: [String]
    /// `vmo right`
    public var places: [String]
    /// The practitioner, or `program`.
    public var openedBy: String
    public var openedWallNanoseconds: Int64
    public var end: NeedleIncidentEnd?

    public var isOpen: Bool { end == nil }
}

/// What was opened for one person at one time: written before each package is opened, and after each needle.
public struct RecordedTray: Codable, Equatable, Sendable {
    public static let format = "motorpoint-tray-1"

    public var format = RecordedTray.format
    public var id: String
    public var personID: String
    public var practitioner: String
    public var wallNanoseconds: Int64
    public var utcOffsetSeconds: Int32
    public var packages: [RecordedNeedlePackage] = []
    public var needles: [RecordedNeedle] = []
    /// Of the session that they were for; nothing where it was never opened.
    public var sessionID: String?
    public var count: RecordedNeedleCount?
    public var incidentIDs: [String] = []
    /// When the needles were counted, or an incident took the place of the count.
    public var settledWallNanoseconds: Int64?

    public init(id: String, personID: String, practitioner: String, wallNanoseconds: Int64, utcOffsetSeconds: Int32) {
        self.id = id
        self.personID = personID
        self.practitioner = practitioner
        self.wallNanoseconds = wallNanoseconds
        self.utcOffsetSeconds = utcOffsetSeconds
    }

    public mutating func take(_ tray: NeedleTray) {
        packages = tray.packages.map { RecordedNeedlePackage($0) }
        needles = tray.items.map { RecordedNeedle($0) }
    }

    /// Whether a needle is, or may be, in somebody.
    public var mayBeIn: Bool {
        packages.reduce(0) { $0 + Int64($1.needles) } != Int64(needles.count) || needles.contains(where: \.isInserted)
    }

    public var lots: [String] { Array(Set(packages.map(\.lot))).sorted() }
    public var places: [String] {
        Array(Set(needles.compactMap { needle in needle.muscle.map { "\($0) \(needle.side ?? "?")" } })).sorted()
    }
}

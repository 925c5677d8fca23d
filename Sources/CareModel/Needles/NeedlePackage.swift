/// What is printed on a package of needles. The package after it is often of the same box, so that this much may be
/// taken over; whether it is whole and was shown is asked of each.
public struct NeedleMake: Hashable, Sendable {
    public let maker: String
    public let productCode: String
    /// Of the shaft, in micrometres.
    public let diameterMicrometres: Int32
    /// Of the shaft, in millimetres.
    public let lengthMillimetres: Int32
    public let lot: String
    public let expiry: ExpiryDate

    public init(
        maker: String, productCode: String, diameterMicrometres: Int32, lengthMillimetres: Int32, lot: String,
        expiry: ExpiryDate
    ) {
        self.maker = maker
        self.productCode = productCode
        self.diameterMicrometres = diameterMicrometres
        self.lengthMillimetres = lengthMillimetres
        self.lot = lot
        self.expiry = expiry
    }

    /// `0.3 × 40 mm`
    public var size: String {
        "\(DecimalText.format(Int64(diameterMicrometres), decimals: 3)) × \(lengthMillimetres) mm"
    }

    /// Why no needle of this make may be opened, whatever its package looks like; nothing if one may.
    public func problem(on day: CalendarDay) -> NeedleProblem? {
        if expiry.isPassed(on: day) { return .expired(expiry, on: day) }
        if diameterMicrometres < NeedleRules.thinnestMicrometres { return .tooThin(diameterMicrometres) }
        if NeedleRules.deepest(lengthMillimetres) < NeedleRules.shallowestMillimetres {
            return .tooShort(lengthMillimetres)
        }
        return nil
    }
}

/// One sealed package: `clinical.md` 3.2, N1 to N5.
public struct NeedlePackage: Equatable, Sendable {
    public let make: NeedleMake
    /// The number of the package in its lot, on the clinic's label.
    public let number: Int32
    /// Needles in it: opening it opens them all.
    public let needles: Int32
    /// The sterilisation mark is on it (N1).
    public let isMarkedSterile: Bool
    /// Whole, dry, not torn (N2).
    public let isIntact: Bool
    /// When it was shown sealed to the person, nanoseconds since 1970 UTC, and the initials of who showed it (N3);
    /// nothing if it was not.
    public let shownWallNanoseconds: Int64?
    public let shownBy: String
    /// Used for this person alone and once (N5).
    public let isSingleUse: Bool
    /// When it was opened (N4); nothing while it is sealed.
    public var openedWallNanoseconds: Int64?
    /// Initials of the second person who looked at it, where the clinic wants one.
    public let confirmedBy: String?

    public init(
        make: NeedleMake, number: Int32, needles: Int32, isMarkedSterile: Bool, isIntact: Bool,
        shownWallNanoseconds: Int64?, shownBy: String, isSingleUse: Bool, openedWallNanoseconds: Int64? = nil,
        confirmedBy: String? = nil
    ) {
        self.make = make
        self.number = number
        self.needles = needles
        self.isMarkedSterile = isMarkedSterile
        self.isIntact = isIntact
        self.shownWallNanoseconds = shownWallNanoseconds
        self.shownBy = shownBy
        self.isSingleUse = isSingleUse
        self.openedWallNanoseconds = openedWallNanoseconds
        self.confirmedBy = confirmedBy
    }

    public var key: NeedlePackageKey { NeedlePackageKey(make: make, number: number) }

    /// The first reason why nothing of this package may be used; nothing if all is well. Pure.
    /// - Parameters:
    ///   - day: the day of the session by the practice's own calendar.
    ///   - used: every package that was opened in this installation before.
    public func problem(on day: CalendarDay, used: Set<NeedlePackageKey>) -> NeedleProblem? {
        if let problem = make.problem(on: day) { return problem }
        if !isMarkedSterile { return .notMarkedSterile }
        if !isIntact { return .notIntact }
        guard let shown = shownWallNanoseconds else { return .notShown }
        if !isSingleUse { return .notSingleUse }
        if used.contains(key) { return .usedBefore(key) }
        if let opened = openedWallNanoseconds, opened < shown { return .openedBeforeShown }
        return nil
    }
}

/// A package among all of an installation: maker, lot and number. Upper and lower case, and blanks, make no other
/// package, so that a slip of the shift key does not make a used needle a new one (H30).
public struct NeedlePackageKey: Hashable, Sendable {
    public let maker: String
    public let lot: String
    public let number: Int32

    public init(maker: String, lot: String, number: Int32) {
        self.maker = NeedleRules.normalized(maker)
        self.lot = NeedleRules.normalized(lot)
        self.number = number
    }

    public init(make: NeedleMake, number: Int32) { self.init(maker: make.maker, lot: make.lot, number: number) }

    public var text: String { "\(maker)/\(lot)/\(number)" }
}

/// Why a package or a needle may not be used.
public enum NeedleProblem: Error, Equatable, Sendable {
    case expired(ExpiryDate, on: CalendarDay)
    case tooThin(Int32)
    case tooShort(Int32)
    case notMarkedSterile
    case notIntact
    case notShown
    case notSingleUse
    case usedBefore(NeedlePackageKey)
    case openedBeforeShown
    case insertedTooLittle(Int32)
    case insertedTooDeep(Int32, length: Int32)

    public var words: String {
        let thinnest = DecimalText.format(Int64(NeedleRules.thinnestMicrometres), decimals: 3)
        switch self {
        case .expired(let date, let day):
            return "the needle expired on \(date.lastDay.text), today is \(day.text): discard it, take a new package"
        case .tooThin(let micrometres):
            return "a diameter of \(DecimalText.format(Int64(micrometres), decimals: 3)) mm is below the minimum of "
                + "\(thinnest) mm for a needle that carries current (proposal)"
        case .tooShort(let millimetres):
            return "a shaft of \(millimetres) mm cannot be inserted \(NeedleRules.shallowestMillimetres) mm with a "
                + "quarter of it above the skin"
        case .notMarkedSterile: return "the package has no sterilisation mark: discard it"
        case .notIntact: return "wet, torn or damaged is not sterile: discard it, take a new package"
        case .notShown: return "the package has to be shown to the person while it is sealed"
        case .notSingleUse: return "a needle is used once, for one person"
        case .usedBefore(let key):
            return "package \(key.text) was opened before: a needle is used once. Discard it"
        case .openedBeforeShown: return "the package was opened before it was shown"
        case .insertedTooLittle(let millimetres):
            return "\(millimetres) mm inserted is below the minimum of \(NeedleRules.shallowestMillimetres) mm "
                + "(proposal): too little surface for the current"
        case .insertedTooDeep(let millimetres, let length):
            return "\(millimetres) mm of a shaft of \(length) mm leaves less than a quarter of it above the skin: at "
                + "most \(NeedleRules.deepest(length)) mm"
        }
    }
}

/// The house's rules for needles that carry current.
public enum NeedleRules {
    /// 0.25 mm (`decided.md`, Amplitude; proposal).
    public static let thinnestMicrometres: Int32 = 250
    /// 15 mm inserted (`decided.md`, Amplitude; proposal).
    public static let shallowestMillimetres: Int32 = 15
    /// A pair: the current goes in at one needle and out at the other.
    public static let fewestPerSite = 2
    /// Diameters and lengths that a person may type (proposal): acupuncture needles are 0.10 to 0.60 mm thick.
    public static let typedMicrometres: ClosedRange<Int64> = 100...600
    public static let typedMillimetres: ClosedRange<Int64> = 5...150
    /// Needles in one package (proposal).
    public static let typedNeedles: ClosedRange<Int64> = 1...10

    /// The most that may be inserted: a quarter of the shaft stays above the skin (`clinical.md` 3.2, N9 [WHO99]).
    public static func deepest(_ lengthMillimetres: Int32) -> Int32 {
        lengthMillimetres / 4 * 3 + lengthMillimetres % 4 * 3 / 4
    }

    /// Why a needle of that shaft cannot be used so; nothing if it can.
    public static func problem(insertedMillimetres: Int32, lengthMillimetres: Int32) -> NeedleProblem? {
        if insertedMillimetres < shallowestMillimetres { return .insertedTooLittle(insertedMillimetres) }
        if insertedMillimetres > deepest(lengthMillimetres) {
            return .insertedTooDeep(insertedMillimetres, length: lengthMillimetres)
        }
        return nil
    }

    /// A maker or lot as it is compared: upper case, blanks left out.
    public static func normalized(_ text: String) -> String {
        String(text.filter { !$0.isWhitespace }).uppercased()
    }
}

/// What a key may sign.
public enum KeyRole: String, Hashable, Sendable, CaseIterable {
    /// Calibrations.
    case technician
    /// Calibrations and treatment protocols.
    case clinic
}

/// A key whose signatures this clinic believes.
public struct TrustedKey: Hashable, Sendable {
    public let id: String
    /// Whose it is: initials, or the name of an office.
    public let holder: String
    public let role: KeyRole
    /// Ed25519, 32 bytes.
    public let publicKey: [UInt8]
    /// Both days included: what was signed on another day is not believed.
    public let validFrom: CalendarDay
    public let validUntil: CalendarDay
    /// From this day on nothing that it signed is believed, except what was signed before.
    public let revokedOn: CalendarDay?

    public init(
        id: String, holder: String, role: KeyRole, publicKey: [UInt8], validFrom: CalendarDay, validUntil: CalendarDay,
        revokedOn: CalendarDay? = nil
    ) {
        self.id = id
        self.holder = holder
        self.role = role
        self.publicKey = publicKey
        self.validFrom = validFrom
        self.validUntil = validUntil
        self.revokedOn = revokedOn
    }
}

/// What a clinic asks for beyond what the program always asks for, and whose signatures it believes.
public struct ClinicPolicy: Equatable, Sendable {
    /// ±20 % of amplitude (`clinical.md` 1.2, 2012 edition, unverified there); a policy can only be tighter.
    public static let widestTolerancePermille: Int32 = 200

    /// Whether a second person confirms packages and count of every session with needles.
    public let needsSecondPersonForNeedles: Bool
    /// What a calibration must have been judged by, in thousandths of amplitude; a wider one is refused.
    public let calibrationTolerancePermille: Int32
    /// Empty until the clinic has made its keys: then nothing is believed.
    public let keys: [TrustedKey]

    public init(
        needsSecondPersonForNeedles: Bool,
        calibrationTolerancePermille: Int32 = ClinicPolicy.widestTolerancePermille, keys: [TrustedKey] = []
    ) {
        self.needsSecondPersonForNeedles = needsSecondPersonForNeedles
        self.calibrationTolerancePermille = calibrationTolerancePermille
        self.keys = keys
    }
}

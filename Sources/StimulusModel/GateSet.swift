/// The gates that a session must pass before anything is armed, as a set of flags.
///
/// The kernel holds the minimum (`SafetyKernel/Clearance`); checklist data say which question opens which gate.
/// Sources: `clinical.md` 3.1 to 3.5 and hazards H16 to H18, H31, H34, H43.
public struct GateSet: Equatable, Hashable, Sendable {
    public let rawValue: UInt32

    @_noLocks public init(rawValue: UInt32) { self.rawValue = rawValue }

    @_noLocks public static func == (a: GateSet, b: GateSet) -> Bool { a.rawValue == b.rawValue }

    @_noLocks public static func != (a: GateSet, b: GateSet) -> Bool { !(a == b) }

    @_noLocks public func union(_ other: GateSet) -> GateSet { GateSet(rawValue: rawValue | other.rawValue) }
    @_noLocks public func subtracting(_ other: GateSet) -> GateSet { GateSet(rawValue: rawValue & ~other.rawValue) }
    @_noLocks public func contains(_ other: GateSet) -> Bool { rawValue & other.rawValue == other.rawValue }

    public static var none: GateSet { @_noLocks get { GateSet(rawValue: 0) } }
    /// Two identifiers of the person were confirmed.
    public static var identity: GateSet { @_noLocks get { GateSet(rawValue: 1 << 0) } }
    /// The side was stated a second time and agrees with the command line.
    public static var side: GateSet { @_noLocks get { GateSet(rawValue: 1 << 1) } }
    /// Every contraindication was asked; no hard block; overrides carry a reason.
    public static var contraindications: GateSet { @_noLocks get { GateSet(rawValue: 1 << 2) } }
    /// Consent to each item was given and not withdrawn.
    public static var consent: GateSet { @_noLocks get { GateSet(rawValue: 1 << 3) } }
    /// Questions were invited and answered.
    public static var questions: GateSet { @_noLocks get { GateSet(rawValue: 1 << 4) } }
    /// Skin and pads were checked and the pad area was stated.
    public static var skin: GateSet { @_noLocks get { GateSet(rawValue: 1 << 5) } }
    /// The stop control is in the patient's hand.
    public static var stopControlInHand: GateSet { @_noLocks get { GateSet(rawValue: 1 << 6) } }
    /// The stop control was pressed and the device was seen to vanish and come back: set by the program, never by an
    /// answer.
    public static var stopControlProven: GateSet { @_noLocks get { GateSet(rawValue: 1 << 7) } }
    /// The stimulator answered with identity, firmware and "high voltage off": set by the program.
    public static var deviceIdentified: GateSet { @_noLocks get { GateSet(rawValue: 1 << 8) } }
    /// Of each needle: lot, expiry not passed, package intact (`clinical.md` 3.2, N1, N2).
    public static var needlePackage: GateSet { @_noLocks get { GateSet(rawValue: 1 << 9) } }
    /// Each package was shown to the patient while still sealed, before it was opened (N3, N4).
    public static var needleShown: GateSet { @_noLocks get { GateSet(rawValue: 1 << 10) } }
    /// Each needle is used once, and was not used in this installation before (N5, H30).
    public static var needleSingleUse: GateSet { @_noLocks get { GateSet(rawValue: 1 << 11) } }
    /// The isolator's range was attested for this session, and its calibration is in date (`decided.md`; H45).
    public static var isolatorAttested: GateSet { @_noLocks get { GateSet(rawValue: 1 << 12) } }
    /// Needles opened in an earlier session are all accounted for: no open incident (N7, H28).
    public static var noOpenIncident: GateSet { @_noLocks get { GateSet(rawValue: 1 << 13) } }
    /// A signed calibration of this very stimulator and its used outputs holds today (H45): set by the program.
    public static var calibrationValid: GateSet { @_noLocks get { GateSet(rawValue: 1 << 14) } }
}

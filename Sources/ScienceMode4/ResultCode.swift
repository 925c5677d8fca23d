/// The device's verdict in an acknowledgement. The raw number is always kept: a number without a name here belongs to
/// another device of the family, and is reported as unexpected rather than dropped.
public struct ResultCode: Equatable, Hashable, Sendable {
    public let rawValue: UInt8

    @_noLocks public init(rawValue: UInt8) { self.rawValue = rawValue }

    @_noLocks public static func == (a: ResultCode, b: ResultCode) -> Bool { a.rawValue == b.rawValue }

    /// Executed, or execution has started.
    public static var ok: ResultCode { @_noLocks get { ResultCode(rawValue: 0) } }
    /// Checksum or length does not match.
    public static var transferError: ResultCode { @_noLocks get { ResultCode(rawValue: 1) } }
    /// A value is out of range, or there are too few bytes.
    public static var parameterError: ResultCode { @_noLocks get { ResultCode(rawValue: 2) } }
    /// C and the MIT client; one table of the IFU says "timeout stimulation". A fault either way.
    public static var protocolError: ResultCode { @_noLocks get { ResultCode(rawValue: 3) } }
    /// Internal timeout of the stimulation controller (C).
    public static var controllerTimeout: ResultCode { @_noLocks get { ResultCode(rawValue: 4) } }
    /// This level is not initialised, or another level is.
    public static var notInitialized: ResultCode { @_noLocks get { ResultCode(rawValue: 7) } }
    /// The high voltage could not be set up (C).
    public static var highVoltageError: ResultCode { @_noLocks get { ResultCode(rawValue: 8) } }
    /// Electrodes not well connected; detected only from 15 mA up, and pulse generation stops (C).
    public static var electrodeError: ResultCode { @_noLocks get { ResultCode(rawValue: 10) } }
    /// In an unknown-command acknowledgement.
    public static var invalidCommand: ResultCode { @_noLocks get { ResultCode(rawValue: 11) } }
    /// The pulse did not fit into its time frame.
    public static var pulseTimeout: ResultCode { @_noLocks get { ResultCode(rawValue: 16) } }
    /// The measured current is below the set one: the 150 V do not suffice.
    public static var lowCurrent: ResultCode { @_noLocks get { ResultCode(rawValue: 28) } }

    /// Whether this number is one that a P24 is documented to give.
    public var isNamed: Bool {
        @_noLocks get {
            switch rawValue {
            case 0, 1, 2, 3, 4, 7, 8, 10, 11, 16, 28: return true
            default: return false
            }
        }
    }
}

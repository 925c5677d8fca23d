// What the device can be told to do, and what it says of itself. What the device says keeps its raw number: a number
// without a name equals no named one, so it can never pass for "off".

/// What the device measures during each pulse of the low level.
public enum Measurement: UInt8, Sendable {
    case none = 0
    case current = 1
    case voltage = 2
    case highVoltageSource = 3
    /// The raw value, readable on the lock-free path.
    public var code: UInt8 { @_noLocks get { rawValue } }

    @_noLocks public static func == (a: Measurement, b: Measurement) -> Bool { a.rawValue == b.rawValue }

    /// By number; nothing above 3.
    @_noLocks public init?(code: UInt8) {
        switch code {
        case 0: self = .none
        case 1: self = .current
        case 2: self = .voltage
        case 3: self = .highVoltageSource
        default: return nil
        }
    }
}

/// The high voltage: asked for when the low level is initialised, and as the device reports it.
public struct HighVoltage: Equatable, Hashable, Sendable {
    /// 0 to 6 can be asked for; a report keeps whatever number came.
    public let rawValue: UInt8

    @_noLocks public init(rawValue: UInt8) { self.rawValue = rawValue }

    @_noLocks public static func == (a: HighVoltage, b: HighVoltage) -> Bool { a.rawValue == b.rawValue }

    /// 150 V, the device's standard; only ever asked for, the report of it is `.volts150`.
    public static var standard: HighVoltage { @_noLocks get { HighVoltage(rawValue: 0) } }
    public static var off: HighVoltage { @_noLocks get { HighVoltage(rawValue: 1) } }
    /// 30 to 120 V: in the C library only.
    public static var volts30: HighVoltage { @_noLocks get { HighVoltage(rawValue: 2) } }
    public static var volts60: HighVoltage { @_noLocks get { HighVoltage(rawValue: 3) } }
    public static var volts90: HighVoltage { @_noLocks get { HighVoltage(rawValue: 4) } }
    public static var volts120: HighVoltage { @_noLocks get { HighVoltage(rawValue: 5) } }
    public static var volts150: HighVoltage { @_noLocks get { HighVoltage(rawValue: 6) } }

    /// Whether it can be asked for: 7 and more are refused, since the field has 3 bits and 8 would wrap to "on".
    public var isRequestable: Bool { @_noLocks get { rawValue <= 6 } }
}

/// Which level of the language is initialised.
public struct StimulationLevel: Equatable, Hashable, Sendable {
    public let rawValue: UInt8

    @_noLocks public init(rawValue: UInt8) { self.rawValue = rawValue }

    @_noLocks public static func == (a: StimulationLevel, b: StimulationLevel) -> Bool { a.rawValue == b.rawValue }

    public static var none: StimulationLevel { @_noLocks get { StimulationLevel(rawValue: 0) } }
    public static var lowLevel: StimulationLevel { @_noLocks get { StimulationLevel(rawValue: 1) } }
    public static var midLevel: StimulationLevel { @_noLocks get { StimulationLevel(rawValue: 2) } }
    public static var midLevelRunning: StimulationLevel { @_noLocks get { StimulationLevel(rawValue: 3) } }
}

/// The ten characters by which one device is told from another.
public struct DeviceID: Equatable, Sendable {
    private var characters: InlineArray<10, UInt8>

    /// All ten the same character, to be set one by one.
    @_noLocks public init(repeating character: UInt8) { characters = InlineArray(repeating: character) }

    /// Character `index`, 0 to 9, as the byte that the device sent; outside it a 0, and setting does nothing.
    public subscript(_ index: Int) -> UInt8 {
        @_noLocks get { index >= 0 && index < 10 ? characters[index] : 0 }
        @_noLocks set { if index >= 0, index < 10 { characters[index] = newValue } }
    }

    /// How many characters there are.
    public static var length: Int { @_noLocks get { 10 } }

    @_noLocks public static func == (a: DeviceID, b: DeviceID) -> Bool {
        var index = 0
        while index < 10 {
            if a.characters[index] != b.characters[index] { return false }
            index += 1
        }
        return true
    }
}

/// A version as the device counts it.
public struct VersionNumber: Equatable, Hashable, Sendable {
    public let major: UInt8
    public let minor: UInt8
    public let revision: UInt8

    @_noLocks public init(major: UInt8, minor: UInt8, revision: UInt8) {
        self.major = major
        self.minor = minor
        self.revision = revision
    }

    @_noLocks public static func == (a: VersionNumber, b: VersionNumber) -> Bool {
        a.major == b.major && a.minor == b.minor && a.revision == b.revision
    }
}

/// Which firmware runs in the device, and which ScienceMode it speaks.
public struct ExtendedVersion: Equatable, Hashable, Sendable {
    public let firmware: VersionNumber
    public let scienceMode: VersionNumber
    /// The first four bytes of the firmware's hash, high byte first.
    public let hash: UInt32
    /// 1 git, 2 MD5 of the program, 3 SHA-256 of it; C also has 0, none.
    public let hashKind: UInt8
    /// 1 when the device calls its hash valid, 0 when not.
    public let hashValidity: UInt8

    @_noLocks public init(
        firmware: VersionNumber, scienceMode: VersionNumber, hash: UInt32, hashKind: UInt8, hashValidity: UInt8
    ) {
        self.firmware = firmware
        self.scienceMode = scienceMode
        self.hash = hash
        self.hashKind = hashKind
        self.hashValidity = hashValidity
    }

    @_noLocks public static func == (a: ExtendedVersion, b: ExtendedVersion) -> Bool {
        a.firmware == b.firmware && a.scienceMode == b.scienceMode && a.hash == b.hash && a.hashKind == b.hashKind
            && a.hashValidity == b.hashValidity
    }
}

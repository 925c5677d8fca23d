/// A version as a stimulator reports it.
public struct FirmwareVersion: Hashable, Sendable {
    public let major: UInt8
    public let minor: UInt8
    public let revision: UInt8

    @_noLocks public init(major: UInt8, minor: UInt8, revision: UInt8) {
        self.major = major
        self.minor = minor
        self.revision = revision
    }

    @_noLocks public static func == (a: FirmwareVersion, b: FirmwareVersion) -> Bool {
        a.major == b.major && a.minor == b.minor && a.revision == b.revision
    }
}

/// Ten characters by which one stimulator is told from another.
public struct DeviceSerial: Sendable {
    public var characters: InlineArray<10, UInt8>

    @_noLocks public init() { characters = InlineArray(repeating: 0) }

    @_noLocks public static func == (a: DeviceSerial, b: DeviceSerial) -> Bool {
        var index = 0
        while index < 10 {
            if a.characters[index] != b.characters[index] { return false }
            index += 1
        }
        return true
    }
}

/// Who answered at the far end of the serial line.
public struct StimulatorIdentity: Sendable {
    public var serial: DeviceSerial
    public var firmware: FirmwareVersion
    /// The version of the wire's language, 4.x for ScienceMode4.
    public var language: FirmwareVersion

    @_noLocks public init(serial: DeviceSerial, firmware: FirmwareVersion, language: FirmwareVersion) {
        self.serial = serial
        self.firmware = firmware
        self.language = language
    }
}

/// Whom a rig file accepts at the far end. An unknown version is refused (L11, H46).
public struct ExpectedStimulator: Sendable {
    /// Only this device, if one is named.
    public var serial: DeviceSerial?
    public var languageMajor: UInt8
    private var versions: InlineArray<8, FirmwareVersion>
    public private(set) var versionCount: Int

    /// Accepts no firmware yet.
    @_noLocks public init(serial: DeviceSerial?, languageMajor: UInt8) {
        self.serial = serial
        self.languageMajor = languageMajor
        versions = InlineArray(repeating: FirmwareVersion(major: 0, minor: 0, revision: 0))
        versionCount = 0
    }

    /// Adds a firmware version; false, and nothing added, when there are eight.
    @_noLocks public mutating func accept(_ version: FirmwareVersion) -> Bool {
        guard versionCount < 8 else { return false }
        versions[versionCount] = version
        versionCount += 1
        return true
    }

    @_noLocks public func accepts(firmware: FirmwareVersion) -> Bool {
        var index = 0
        while index < versionCount {
            if versions[index] == firmware { return true }
            index += 1
        }
        return false
    }
}

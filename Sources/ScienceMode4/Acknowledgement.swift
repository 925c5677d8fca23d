public import StimulusModel

/// What was measured while a pulse ran.
public struct MeasuredSamples: Equatable, Sendable {
    /// Never `.none`.
    public let measurement: Measurement
    /// Time between samples, chosen by the device; its values are documented nowhere.
    public let samplingTimeMicroseconds: UInt16
    private var values: InlineArray<128, UInt16>

    /// 128 samples of 0; nothing when nothing was measured.
    @_noLocks public init?(measurement: Measurement, samplingTimeMicroseconds: UInt16) {
        guard measurement.code != 0 else { return nil }
        self.measurement = measurement
        self.samplingTimeMicroseconds = samplingTimeMicroseconds
        values = InlineArray(repeating: 0)
    }

    /// How many samples there always are.
    public static var count: Int { @_noLocks get { 128 } }

    /// Sample `index`, 0 to 127, in hundredths of 1 mA or 1 V as the MIT client reads it; not proven against a
    /// resistor. Negative values are measured as positive. Outside it 0, and setting does nothing.
    public subscript(_ index: Int) -> UInt16 {
        @_noLocks get { index >= 0 && index < 128 ? values[index] : 0 }
        @_noLocks set { if index >= 0, index < 128 { values[index] = newValue } }
    }

    @_noLocks public static func == (a: MeasuredSamples, b: MeasuredSamples) -> Bool {
        guard a.measurement == b.measurement, a.samplingTimeMicroseconds == b.samplingTimeMicroseconds else {
            return false
        }
        var index = 0
        while index < 128 {
            if a.values[index] != b.values[index] { return false }
            index += 1
        }
        return true
    }
}

/// What the device answers; the result comes first, with its raw number.
public enum Acknowledgement: Equatable, Sendable {
    case deviceID(ResultCode, DeviceID)
    case stimStatus(ResultCode, StimulationLevel, HighVoltage)
    case extendedVersion(ResultCode, ExtendedVersion)
    case reset(ResultCode)
    case lowLevelInit(ResultCode)
    /// Sent after the pulse has been executed (IFU); samples only when a measurement was asked for.
    case lowLevelChannelConfig(ResultCode, Channel, MeasuredSamples?)
    case lowLevelStop(ResultCode)
    case midLevelInit(ResultCode)
    case midLevelUpdate(ResultCode)
    case midLevelStop(ResultCode)
    case midLevelCurrentData(ResultCode, MidLevelCurrentData)
    /// Something is wrong that belongs to no command; its packet number may be any.
    case generalError(ResultCode)
    /// The device does not know the command; its packet number may be any.
    case unknownCommand(ResultCode)

    @_noLocks public static func == (a: Acknowledgement, b: Acknowledgement) -> Bool {
        switch (a, b) {
        case (.deviceID(let x, let y), .deviceID(let p, let q)): return x == p && y == q
        case (.stimStatus(let x, let y, let z), .stimStatus(let p, let q, let r)): return x == p && y == q && z == r
        case (.extendedVersion(let x, let y), .extendedVersion(let p, let q)): return x == p && y == q
        case (.lowLevelChannelConfig(let x, let y, let z), .lowLevelChannelConfig(let p, let q, let r)):
            guard x == p, y == q else { return false }
            switch (z, r) {
            case (nil, nil): return true
            case (let one?, let other?): return one == other
            default: return false
            }
        case (.midLevelCurrentData(let x, let y), .midLevelCurrentData(let p, let q)): return x == p && y == q
        case (.reset, .reset), (.lowLevelInit, .lowLevelInit), (.lowLevelStop, .lowLevelStop),
            (.midLevelInit, .midLevelInit), (.midLevelUpdate, .midLevelUpdate), (.midLevelStop, .midLevelStop),
            (.generalError, .generalError), (.unknownCommand, .unknownCommand):
            return a.result == b.result
        default: return false
        }
    }

    /// The device's verdict.
    public var result: ResultCode {
        @_noLocks get {
            switch self {
            case .deviceID(let result, _), .stimStatus(let result, _, _), .extendedVersion(let result, _),
                .reset(let result), .lowLevelInit(let result), .lowLevelChannelConfig(let result, _, _),
                .lowLevelStop(let result), .midLevelInit(let result), .midLevelUpdate(let result),
                .midLevelStop(let result), .midLevelCurrentData(let result, _), .generalError(let result),
                .unknownCommand(let result):
                return result
            }
        }
    }

    /// The number under which it is sent: that of the request plus 1, except the last two.
    public var commandNumber: UInt16 {
        @_noLocks get {
            switch self {
            case .deviceID: return CommandNumber.acknowledgement(of: CommandNumber.getDeviceID)
            case .stimStatus: return CommandNumber.acknowledgement(of: CommandNumber.getStimStatus)
            case .extendedVersion: return CommandNumber.acknowledgement(of: CommandNumber.getExtendedVersion)
            case .reset: return CommandNumber.acknowledgement(of: CommandNumber.reset)
            case .lowLevelInit: return CommandNumber.acknowledgement(of: CommandNumber.lowLevelInit)
            case .lowLevelChannelConfig:
                return CommandNumber.acknowledgement(of: CommandNumber.lowLevelChannelConfig)
            case .lowLevelStop: return CommandNumber.acknowledgement(of: CommandNumber.lowLevelStop)
            case .midLevelInit: return CommandNumber.acknowledgement(of: CommandNumber.midLevelInit)
            case .midLevelUpdate: return CommandNumber.acknowledgement(of: CommandNumber.midLevelUpdate)
            case .midLevelStop: return CommandNumber.acknowledgement(of: CommandNumber.midLevelStop)
            case .midLevelCurrentData:
                return CommandNumber.acknowledgement(of: CommandNumber.midLevelGetCurrentData)
            case .generalError: return CommandNumber.generalError
            case .unknownCommand: return CommandNumber.unknownCommand
            }
        }
    }
}

/// Why a valid frame is no acknowledgement that can be relied on.
public enum AcknowledgementDefect: UInt8, Sendable {
    /// Its number is no acknowledgement of this wire.
    case commandNumber = 1
    /// Too few or too many bytes for its number.
    case length = 2
    /// A channel or a kind of measurement that does not exist.
    case value = 3
    /// The raw value, readable on the lock-free path.
    public var code: UInt8 { @_noLocks get { rawValue } }

    @_noLocks public static func == (a: AcknowledgementDefect, b: AcknowledgementDefect) -> Bool {
        a.rawValue == b.rawValue
    }
}

/// What a frame from a device turned out to be.
public enum AcknowledgementReading: Equatable, Sendable {
    case acknowledgement(Acknowledgement)
    case unreadable(AcknowledgementDefect)

    @_noLocks public static func == (a: AcknowledgementReading, b: AcknowledgementReading) -> Bool {
        switch (a, b) {
        case (.acknowledgement(let x), .acknowledgement(let p)): return x == p
        case (.unreadable(let x), .unreadable(let p)): return x == p
        case (.acknowledgement, .unreadable), (.unreadable, .acknowledgement): return false
        }
    }
}

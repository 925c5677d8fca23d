/// What the host asks of the device. A value is checked where it is made or when it is encoded; nothing wraps.
public enum Request: Equatable, Sendable {
    case getDeviceID
    case getStimStatus
    case getExtendedVersion
    /// The device restarts; its acknowledgement may be missing.
    case reset
    /// Turns the high voltage on, unless `.off` is asked for. Takes the device about 40 ms (C).
    case lowLevelInit(measurement: Measurement, highVoltage: HighVoltage)
    /// One pulse, executed at once; acknowledged when it has ended.
    case lowLevelChannelConfig(ChannelConfiguration)
    /// Turns the high voltage off.
    case lowLevelStop
    /// Turns the high voltage on. On an error stop all channels, or only the channel concerned.
    case midLevelInit(stopAllOnError: Bool)
    /// Starts or replaces the pattern that the device repeats by itself.
    case midLevelUpdate(MidLevelUpdate)
    /// Turns the high voltage off.
    case midLevelStop
    /// Status and keep-alive; `selection` is 4 (IFU), or 2 or 3 (C only).
    case midLevelGetCurrentData(selection: UInt8)

    @_noLocks public static func == (a: Request, b: Request) -> Bool {
        switch (a, b) {
        case (.getDeviceID, .getDeviceID), (.getStimStatus, .getStimStatus),
            (.getExtendedVersion, .getExtendedVersion), (.reset, .reset), (.lowLevelStop, .lowLevelStop),
            (.midLevelStop, .midLevelStop):
            return true
        case (.lowLevelInit(let x, let y), .lowLevelInit(let p, let q)): return x == p && y == q
        case (.lowLevelChannelConfig(let x), .lowLevelChannelConfig(let p)): return x == p
        case (.midLevelInit(let x), .midLevelInit(let p)): return x == p
        case (.midLevelUpdate(let x), .midLevelUpdate(let p)): return x == p
        case (.midLevelGetCurrentData(let x), .midLevelGetCurrentData(let p)): return x == p
        default: return false
        }
    }

    /// See `CommandNumber`.
    public var commandNumber: UInt16 {
        @_noLocks get {
            switch self {
            case .getDeviceID: return CommandNumber.getDeviceID
            case .getStimStatus: return CommandNumber.getStimStatus
            case .getExtendedVersion: return CommandNumber.getExtendedVersion
            case .reset: return CommandNumber.reset
            case .lowLevelInit: return CommandNumber.lowLevelInit
            case .lowLevelChannelConfig: return CommandNumber.lowLevelChannelConfig
            case .lowLevelStop: return CommandNumber.lowLevelStop
            case .midLevelInit: return CommandNumber.midLevelInit
            case .midLevelUpdate: return CommandNumber.midLevelUpdate
            case .midLevelStop: return CommandNumber.midLevelStop
            case .midLevelGetCurrentData: return CommandNumber.midLevelGetCurrentData
            }
        }
    }
}

/// What a frame from a host turned out to be.
public enum RequestReading: Equatable, Sendable {
    case request(Request)
    /// The result that a strict device would answer with; nothing was done.
    case refused(ResultCode)

    @_noLocks public static func == (a: RequestReading, b: RequestReading) -> Bool {
        switch (a, b) {
        case (.request(let x), .request(let p)): return x == p
        case (.refused(let x), .refused(let p)): return x == p
        case (.request, .refused), (.refused, .request): return false
        }
    }
}

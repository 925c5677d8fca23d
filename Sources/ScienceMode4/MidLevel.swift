public import StimulusModel

/// The time from pulse to pulse of a pattern that the device repeats by itself. Two units exist on the wire, and which
/// one was used is kept, so that what was read is written again bit for bit.
public struct MidLevelPeriod: Equatable, Sendable {
    /// Bits 15-1 value, bit 0 unit: 0 for 0.5 ms, 1 for 0.25 ms.
    let wireValue: UInt16

    /// A period; nothing when the wire cannot say exactly this.
    /// - Parameter microseconds: 500 to 16,383,000 in steps of 500, or 250 to 8,191,750 in steps of 250 (IFU).
    @_noLocks public init?(microseconds: Int32) {
        guard microseconds >= 250, microseconds <= 16_383_000 else { return nil }
        if microseconds % 500 == 0 {
            wireValue = UInt16(microseconds / 500) << 1
        } else {
            guard microseconds % 250 == 0, microseconds <= 8_191_750 else { return nil }
            wireValue = UInt16(microseconds / 250) << 1 | 1
        }
    }

    /// Nothing when the period is 0 or longer than documented.
    @_noLocks init?(wireValue: UInt16) {
        self.wireValue = wireValue
        guard wireValue >> 1 != 0, microseconds <= 16_383_000 else { return nil }
    }

    public var microseconds: Int32 {
        @_noLocks get { Int32(wireValue >> 1) * (wireValue & 1 == 0 ? 500 : 250) }
    }

    @_noLocks public static func == (a: MidLevelPeriod, b: MidLevelPeriod) -> Bool { a.wireValue == b.wireValue }
}

/// What the device repeats on one channel.
public struct MidLevelTrain: Equatable, Sendable {
    /// How many weaker pulses come before the full current when the channel is enabled, 0 to 15: pulses, not
    /// milliseconds.
    public let ramp: UInt8
    public let period: MidLevelPeriod
    public private(set) var points: PointList

    /// A train without points, to be appended; nothing when the ramp is above 15, which would be sent as none.
    @_noLocks public init?(ramp: UInt8, period: MidLevelPeriod) {
        guard ramp <= 15 else { return nil }
        self.ramp = ramp
        self.period = period
        points = PointList()
    }

    /// Adds a point at the end; false, and nothing added, when there are 16 already.
    @_noLocks public mutating func append(_ point: PulsePoint) -> Bool { points.append(point) }

    @_noLocks public static func == (a: MidLevelTrain, b: MidLevelTrain) -> Bool {
        a.ramp == b.ramp && a.period == b.period && a.points == b.points
    }
}

/// The pattern of all eight channels; a channel without a train is off after the update.
public struct MidLevelUpdate: Equatable, Sendable {
    private var trains: InlineArray<8, MidLevelTrain?>

    /// No channel.
    @_noLocks public init() { trains = InlineArray(repeating: nil) }

    public subscript(_ channel: Channel) -> MidLevelTrain? {
        @_noLocks get { trains[Int(channel.number) - 1] }
        @_noLocks set { trains[Int(channel.number) - 1] = newValue }
    }

    /// Bit 0 is channel 1, bit 7 channel 8 (C and the MIT client; the IFU's table reads the other way round).
    var mask: UInt8 {
        @_noLocks get {
            var bits: UInt8 = 0
            var index = 0
            while index < 8 {
                if trains[index] != nil { bits |= 1 << UInt8(index) }
                index += 1
            }
            return bits
        }
    }

    @_noLocks public static func == (a: MidLevelUpdate, b: MidLevelUpdate) -> Bool {
        var index = 0
        while index < 8 {
            switch (a.trains[index], b.trains[index]) {
            case (nil, nil): break
            case (let one?, let other?): if !(one == other) { return false }
            default: return false
            }
            index += 1
        }
        return true
    }
}

/// What the device tells of its running pattern, in the three forms that it can be asked for.
public enum MidLevelCurrentData: Equatable, Sendable {
    /// Selection 4 (IFU): a bit for each active channel (bit 0 is channel 1), and an error number of four bits for
    /// each (bits 3-0 are channel 1).
    case channels(active: UInt8, errors: UInt32)
    /// Selection 2 (C only): bit 4 running, bits 3-0 electrode error of channels 1 to 4.
    case firstConnector(UInt8)
    /// Selection 3 (C only): the same for channels 1 to 4, then 5 to 8.
    case bothConnectors(UInt8, UInt8)

    @_noLocks public static func == (a: MidLevelCurrentData, b: MidLevelCurrentData) -> Bool {
        switch (a, b) {
        case (.channels(let x, let y), .channels(let p, let q)): return x == p && y == q
        case (.firstConnector(let x), .firstConnector(let p)): return x == p
        case (.bothConnectors(let x, let y), .bothConnectors(let p, let q)): return x == p && y == q
        case (.channels, _), (.firstConnector, _), (.bothConnectors, _): return false
        }
    }

    /// The number by which this form is asked for.
    public var selection: UInt8 {
        @_noLocks get {
            switch self {
            case .channels: return 4
            case .firstConnector: return 2
            case .bothConnectors: return 3
            }
        }
    }

    /// Whether the device says that a channel is active; nothing when this form does not tell.
    @_noLocks public func isActive(_ channel: Channel) -> Bool? {
        let index = channel.number - 1
        switch self {
        case .channels(let active, _): return active >> index & 1 == 1
        case .firstConnector, .bothConnectors: return nil
        }
    }

    /// A channel's error number: 0 none, 1 electrode, 2 pulse timeout, 3 low current; nothing when not told.
    @_noLocks public func errorNumber(_ channel: Channel) -> UInt8? {
        let index = channel.number - 1
        switch self {
        case .channels(_, let errors): return UInt8(truncatingIfNeeded: errors >> (UInt32(index) * 4) & 0xF)
        case .firstConnector(let first): return index < 4 ? first >> index & 1 : nil
        case .bothConnectors(let first, let second): return (index < 4 ? first >> index : second >> (index - 4)) & 1
        }
    }
}

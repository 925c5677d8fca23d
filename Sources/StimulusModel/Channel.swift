/// An output channel of the stimulator, counted from 1 as on its case.
public struct Channel: Equatable, Hashable, Sendable {
    /// 1 to 8 on the P24.
    public let number: UInt8

    /// A channel by the number on the case; nothing outside 1 to 8.
    @_noLocks public init?(number: UInt8) {
        guard number >= 1, number <= 8 else { return nil }
        self.number = number
    }

    private init(checked number: UInt8) { self.number = number }

    @_noLocks public static func == (a: Channel, b: Channel) -> Bool { a.number == b.number }

    @_noLocks public static func != (a: Channel, b: Channel) -> Bool { !(a == b) }

    public static var first: Channel { @_noLocks get { Channel(checked: 1) } }
}

/// How the two channels of one session share time (`decided.md`, P24: two channels at most).
public enum ChannelArrangement: UInt8, Sendable {
    /// One channel.
    case single = 0
    /// Both contract at the same time; the second channel's pulses fall half a period after the first's.
    case together = 1
    /// One contracts in the other's rest: the second begins half a cycle later.
    case alternating = 2

    public var code: UInt8 { @_noLocks get { rawValue } }

    @_noLocks public static func == (a: ChannelArrangement, b: ChannelArrangement) -> Bool { a.rawValue == b.rawValue }

    @_noLocks public static func != (a: ChannelArrangement, b: ChannelArrangement) -> Bool { !(a == b) }
}

/// One of the two places that a session has for a channel. Place 0 is the first muscle, place 1 the second; which
/// output of the case serves it is a `Channel`.
public enum ChannelPlace: UInt8, Sendable {
    case first = 0
    case second = 1

    public var code: UInt8 { @_noLocks get { rawValue } }

    /// For fixed-size arrays of both.
    public var index: Int { @_noLocks get { Int(rawValue) } }

    @_noLocks public static func == (a: ChannelPlace, b: ChannelPlace) -> Bool { a.rawValue == b.rawValue }

    @_noLocks public static func != (a: ChannelPlace, b: ChannelPlace) -> Bool { !(a == b) }
}

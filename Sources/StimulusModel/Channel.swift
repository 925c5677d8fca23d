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

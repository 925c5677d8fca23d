public import StimulusModel

/// One pulse of the low level on one channel; executed as soon as the device has read it.
public struct ChannelConfiguration: Equatable, Sendable {
    public let channel: Channel
    /// False: no stimulation (IFU). The vendor's two clients disagree on whether points then follow, so both forms are
    /// read, and a driver has no use for either.
    public let execute: Bool
    public private(set) var points: PointList

    /// A pulse without points, to be appended; not encodable before the first one, unless nothing is executed.
    @_noLocks public init(channel: Channel, execute: Bool = true) {
        self.channel = channel
        self.execute = execute
        points = PointList()
    }

    /// 0 to 16.
    public var pointCount: Int { @_noLocks get { points.count } }

    /// Point `index`, from 0; outside the list 10 µs at 0 mA.
    public subscript(_ index: Int) -> PulsePoint { @_noLocks get { points[index] } }

    /// Adds a point at the end; false, and nothing added, when there are 16 already.
    @_noLocks public mutating func append(_ point: PulsePoint) -> Bool { points.append(point) }

    @_noLocks public static func == (a: ChannelConfiguration, b: ChannelConfiguration) -> Bool {
        a.channel == b.channel && a.execute == b.execute && a.points == b.points
    }
}

/// How the wire names a channel: one of two connectors, then one of four colours on it.
extension Channel {
    /// 0 yellow: channels 1 to 4; 1 green: 5 to 8.
    var wireConnector: UInt8 { @_noLocks get { (number - 1) / 4 } }

    /// 0 red, 1 blue, 2 black, 3 white.
    var wireColour: UInt8 { @_noLocks get { (number - 1) % 4 } }

    /// Nothing when there is no such channel.
    @_noLocks init?(wireConnector: UInt8, wireColour: UInt8) {
        guard wireConnector <= 1, wireColour <= 3 else { return nil }
        self.init(number: wireConnector * 4 + wireColour + 1)
    }
}

internal import SafetyKernel
public import StimulusModel

/// The only thing that raises a trigger line. It is made from an `AuthorizedPulse`, which it consumes, and can be
/// neither forged nor copied: what was authorized once is released at most once.
public struct TriggerEdge: ~Copyable, Sendable {
    public let place: ChannelPlace

    @_noLocks init(_ pulse: consuming AuthorizedPulse) { place = pulse.place }
}

/// What the pins are to be set to after one completed step. Only a link makes one with anything high; the shell may
/// make the one with everything low at any time.
public struct BoardPins: ~Copyable, Sendable {
    public let drive: PinDrive

    @_noLocks init(_ drive: PinDrive) { self.drive = drive }

    /// Enable off, no trigger, and a heartbeat that does not move: the relay opens.
    public static var allLow: BoardPins { @_noLocks get { BoardPins(PinDrive()) } }

    /// A heartbeat alone, for trials of the driver: without enable no relay closes.
    @_noLocks public static func heartbeatAlone(_ level: Bool) -> BoardPins {
        var drive = PinDrive()
        drive.heartbeat = level
        return BoardPins(drive)
    }
}

// The pins of a needle rig as the program thinks of them: "pressed", "closed", "seen". Which electrical level means
// what is the rig file's affair and is undone by the driver. Roles: `decided.md`, Needle rig.

/// What the interlock board tells, read as levels in every tick.
public struct PinLevels: Hashable, Sendable {
    /// A broken wire reads as pressed: both buttons are normally closed.
    public var emergencyStopIsPressed: Bool
    public var patientButtonIsPressed: Bool
    /// The read-back of the output relay: its contacts are closed.
    public var relayIsClosed: Bool
    /// The comparator behind the relay saw at least 0.2 mA within the last 5 ms, one for each channel.
    public var firstPulseIsSeen: Bool
    public var secondPulseIsSeen: Bool

    /// Nobody presses anything, the relay is open, nothing flows.
    @_noLocks public init() {
        emergencyStopIsPressed = false
        patientButtonIsPressed = false
        relayIsClosed = false
        firstPulseIsSeen = false
        secondPulseIsSeen = false
    }

    @_noLocks public func pulseIsSeen(on place: ChannelPlace) -> Bool {
        switch place {
        case .first: return firstPulseIsSeen
        case .second: return secondPulseIsSeen
        }
    }

    /// Bit 0 emergency stop, 1 patient's button, 2 relay closed, 3 and 4 pulse seen.
    public var bits: UInt8 {
        @_noLocks get {
            var bits: UInt8 = emergencyStopIsPressed ? 1 : 0
            bits |= patientButtonIsPressed ? 2 : 0
            bits |= relayIsClosed ? 4 : 0
            bits |= firstPulseIsSeen ? 8 : 0
            bits |= secondPulseIsSeen ? 16 : 0
            return bits
        }
    }

    @_noLocks public static func == (a: PinLevels, b: PinLevels) -> Bool { a.bits == b.bits }

    @_noLocks public static func != (a: PinLevels, b: PinLevels) -> Bool { a.bits != b.bits }
}

/// What the host drives. A level that a dead host leaves behind proves nothing: only a heartbeat that goes on toggling
/// keeps the relay closed.
public struct PinDrive: Hashable, Sendable {
    /// Toggled once by each completed step, never by anything else.
    public var heartbeat: Bool
    /// Asks the board to close the relay; its rising edge sets the board's latch, a low level resets it.
    public var enable: Bool
    /// A rising edge releases one pulse on the Pulse Pal's input for that channel.
    public var firstTrigger: Bool
    public var secondTrigger: Bool

    /// Everything low.
    @_noLocks public init() {
        heartbeat = false
        enable = false
        firstTrigger = false
        secondTrigger = false
    }

    /// Bit 0 heartbeat, 1 enable, 2 and 3 the triggers.
    public var bits: UInt8 {
        @_noLocks get {
            var bits: UInt8 = heartbeat ? 1 : 0
            bits |= enable ? 2 : 0
            bits |= firstTrigger ? 4 : 0
            bits |= secondTrigger ? 8 : 0
            return bits
        }
    }

    @_noLocks public static func == (a: PinDrive, b: PinDrive) -> Bool { a.bits == b.bits }

    @_noLocks public static func != (a: PinDrive, b: PinDrive) -> Bool { a.bits != b.bits }
}

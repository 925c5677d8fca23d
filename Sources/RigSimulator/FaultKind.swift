// What can go wrong in the pretend world, by name.

/// Which way bytes travel.
public enum LineDirection: UInt8, Sendable {
    case hostToDevice = 0
    case deviceToHost = 1
}

/// Every fault that a plan can let happen.
public enum FaultKind: UInt8, CaseIterable, Sendable {
    // On the line, to bytes.
    case byteLost = 0
    case byteRepeated
    case bitFlipped
    // On the line, to packets.
    case packetLost
    case packetRepeated
    case packetTruncated
    case packetDelayed
    case packetsReordered
    // In the device.
    /// The device restarts by itself, as one with too little current does: it vanishes and comes back.
    case deviceReset
    /// A command is read and nothing follows.
    case commandIgnored
    /// A command is acknowledged and nothing is done.
    case acknowledgedWithoutEffect
    /// A command is carried out and its acknowledgement is lost in the device.
    case effectWithoutAcknowledgement
    /// A command is answered with a result of the plan's choice, and not carried out.
    case wrongResult
    /// The device neither reads nor answers for a while; pulses already taken run on.
    case deviceStuck
    // At the electrodes.
    case electrodeDetached
    case electrodeAttached
    case electrodesShorted
    case electrodeDrying
    // At the plug.
    case unplugged
    case plugged

    /// The name as a person reads it.
    public var name: String {
        switch self {
        case .byteLost: return "byte lost"
        case .byteRepeated: return "byte repeated"
        case .bitFlipped: return "bit flipped"
        case .packetLost: return "packet lost"
        case .packetRepeated: return "packet repeated"
        case .packetTruncated: return "packet truncated"
        case .packetDelayed: return "packet delayed"
        case .packetsReordered: return "packets reordered"
        case .deviceReset: return "device reset"
        case .commandIgnored: return "command ignored"
        case .acknowledgedWithoutEffect: return "acknowledged without effect"
        case .effectWithoutAcknowledgement: return "effect without acknowledgement"
        case .wrongResult: return "wrong result"
        case .deviceStuck: return "device stuck"
        case .electrodeDetached: return "electrode detached"
        case .electrodeAttached: return "electrode attached"
        case .electrodesShorted: return "electrodes shorted"
        case .electrodeDrying: return "electrode drying"
        case .unplugged: return "unplugged"
        case .plugged: return "plugged"
        }
    }
}

/// One fault that happened.
public struct FiredFault: Equatable, Sendable {
    public let kind: FaultKind
    public let atNanoseconds: Int64
    /// Nothing for a fault that is not on the line.
    public let direction: LineDirection?
}

/// Faults of one direction of the line, each with its chance in parts per million.
public struct LineFaults: Equatable, Sendable {
    /// For each byte.
    public var byteLostPerMillion: UInt32 = 0
    public var byteRepeatedPerMillion: UInt32 = 0
    public var bitFlippedPerMillion: UInt32 = 0
    /// For each packet of up to 64 bytes.
    public var packetLostPerMillion: UInt32 = 0
    public var packetRepeatedPerMillion: UInt32 = 0
    public var packetTruncatedPerMillion: UInt32 = 0
    public var packetDelayedPerMillion: UInt32 = 0
    public var packetsReorderedPerMillion: UInt32 = 0
    /// The longest delay, in milliseconds; delays are drawn from 1 ms up to it.
    public var longestDelayMilliseconds: Int64 = 200

    public init() {}

    /// Sets one chance by the fault's name; false for a fault that is not of the line.
    public mutating func setChance(of kind: FaultKind, perMillion: UInt32) -> Bool {
        switch kind {
        case .byteLost: byteLostPerMillion = perMillion
        case .byteRepeated: byteRepeatedPerMillion = perMillion
        case .bitFlipped: bitFlippedPerMillion = perMillion
        case .packetLost: packetLostPerMillion = perMillion
        case .packetRepeated: packetRepeatedPerMillion = perMillion
        case .packetTruncated: packetTruncatedPerMillion = perMillion
        case .packetDelayed: packetDelayedPerMillion = perMillion
        case .packetsReordered: packetsReorderedPerMillion = perMillion
        default: return false
        }
        return true
    }

    var touchesBytes: Bool { byteLostPerMillion | byteRepeatedPerMillion | bitFlippedPerMillion != 0 }

    var touchesPackets: Bool {
        packetLostPerMillion | packetRepeatedPerMillion | packetTruncatedPerMillion | packetsReorderedPerMillion != 0
    }
}

/// Faults of the device, each with its chance for one command, in parts per million.
public struct DeviceFaults: Equatable, Sendable {
    public var commandIgnoredPerMillion: UInt32 = 0
    public var acknowledgedWithoutEffectPerMillion: UInt32 = 0
    public var effectWithoutAcknowledgementPerMillion: UInt32 = 0
    public var wrongResultPerMillion: UInt32 = 0
    public var deviceResetPerMillion: UInt32 = 0
    public var deviceStuckPerMillion: UInt32 = 0
    /// How long a stuck device stays so, in milliseconds.
    public var stuckMilliseconds: Int64 = 2_000

    public init() {}

    /// Sets one chance by the fault's name; false for a fault that has no chance in the device.
    public mutating func setChance(of kind: FaultKind, perMillion: UInt32) -> Bool {
        switch kind {
        case .commandIgnored: commandIgnoredPerMillion = perMillion
        case .acknowledgedWithoutEffect: acknowledgedWithoutEffectPerMillion = perMillion
        case .effectWithoutAcknowledgement: effectWithoutAcknowledgementPerMillion = perMillion
        case .wrongResult: wrongResultPerMillion = perMillion
        case .deviceReset: deviceResetPerMillion = perMillion
        case .deviceStuck: deviceStuckPerMillion = perMillion
        default: return false
        }
        return true
    }
}

/// What happens at a moment that was chosen beforehand.
public enum PlannedFault: Equatable, Sendable {
    /// The contact of one channel's pads changes; the channel is 1 to 8.
    case contact(channel: UInt8, Contact)
    case unplug
    case plug
    /// Unplugged now, plugged again after that many milliseconds: the patient's button, or a bad cable.
    case interruption(milliseconds: Int64)
    case deviceReset
    case deviceStuck(milliseconds: Int64)
    /// The next command of that number (any, if `nil`) meets this fault of the device.
    case nextCommand(number: UInt16?, DeviceFault)
}

/// A fault that happens to one command.
public enum DeviceFault: Equatable, Sendable {
    case ignored
    case acknowledgedWithoutEffect
    case effectWithoutAcknowledgement
    /// Answered with this result instead of being carried out.
    case result(UInt8)
}

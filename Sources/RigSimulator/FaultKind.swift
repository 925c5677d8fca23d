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
    // On the line, for a while.
    /// A packet that a dead direction of the line swallowed; nobody hangs up.
    case lineDead
    /// The device stops reading: what the host writes waits, and then finds no room.
    case lineBlocked
    /// The line is full of bytes that nobody sent.
    case lineBabbling
    /// A packet held back by the adapter's constant latency.
    case packetLatency
    /// A packet held back by a spike of the latency.
    case latencySpike
    // In the device.
    /// A command is carried out and acknowledged twice.
    case acknowledgementRepeated
    /// A command is carried out and answered with a result of the plan's choice.
    case effectWithWrongResult
    /// The device reads and obeys but says nothing for a while.
    case deviceSilent
    /// A stop has no effect: the output is stuck on.
    case stopIgnored
    /// The device reports an error that belongs to no command.
    case generalErrorSent
    // At the electrodes.
    case electrodeLifted
    case electrodeResistive
    // At the plug.
    /// What was plugged in again is another device.
    case deviceReplaced

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
        case .lineDead: return "line dead"
        case .lineBlocked: return "line blocked"
        case .lineBabbling: return "line babbling"
        case .packetLatency: return "packet latency"
        case .latencySpike: return "latency spike"
        case .acknowledgementRepeated: return "acknowledgement repeated"
        case .effectWithWrongResult: return "effect with wrong result"
        case .deviceSilent: return "device silent"
        case .stopIgnored: return "stop ignored"
        case .generalErrorSent: return "general error sent"
        case .electrodeLifted: return "electrode lifted"
        case .electrodeResistive: return "electrode resistive"
        case .deviceReplaced: return "device replaced"
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
    /// What every packet waits, in milliseconds: 16 is the default timer of a common serial adapter (reliability 2.3).
    public var latencyMilliseconds: Int64 = 0
    /// For each packet, a spike of exactly `spikeMilliseconds` on top of the latency.
    public var latencySpikePerMillion: UInt32 = 0
    public var spikeMilliseconds: Int64 = 35
    /// Nothing passes, and nobody hangs up: a black hole.
    public var isDead = false

    public init() {}

    /// Nothing passes.
    public static var dead: LineFaults {
        var faults = LineFaults()
        faults.isDead = true
        return faults
    }

    /// Every packet waits for so long, by default the 16 ms of F16.
    public static func latency(milliseconds: Int64 = 16) -> LineFaults {
        var faults = LineFaults()
        faults.latencyMilliseconds = milliseconds
        return faults
    }

    /// 1 ms for every packet and 35 ms more for one in twenty: the second half of F16.
    public static func latencySpikes(
        perMillion: UInt32 = 50_000, milliseconds: Int64 = 35, besides latency: Int64 = 1
    ) -> LineFaults {
        var faults = LineFaults()
        faults.latencyMilliseconds = latency
        faults.latencySpikePerMillion = perMillion
        faults.spikeMilliseconds = milliseconds
        return faults
    }

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
        case .latencySpike: latencySpikePerMillion = perMillion
        default: return false
        }
        return true
    }

    var touchesBytes: Bool { byteLostPerMillion | byteRepeatedPerMillion | bitFlippedPerMillion != 0 }

    var touchesPackets: Bool {
        isDead
            || packetLostPerMillion | packetRepeatedPerMillion | packetTruncatedPerMillion | packetsReorderedPerMillion
                != 0
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
    public var acknowledgementRepeatedPerMillion: UInt32 = 0
    public var effectWithWrongResultPerMillion: UInt32 = 0
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
        case .acknowledgementRepeated: acknowledgementRepeatedPerMillion = perMillion
        case .effectWithWrongResult: effectWithWrongResultPerMillion = perMillion
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
    /// For so long these faults hold on one direction of the line, in place of the plan's own; the plan's come back by
    /// themselves. A later one replaces an earlier one.
    case line(LineDirection, LineFaults, milliseconds: Int64)
    /// The plan's own faults hold again on a direction.
    case lineRestored(LineDirection)
    /// Nothing passes for so long and nobody hangs up; without a direction on both. Only `.deviceToHost`: half open.
    case lineDead(LineDirection?, milliseconds: Int64)
    /// The device does not read for so long: what the host writes waits (`VirtualRig.roomForHost`) and arrives late.
    case lineBlocked(milliseconds: Int64)
    /// Random bytes flood the host for so long; full speed carries 1,216 bytes each millisecond.
    case lineBabble(milliseconds: Int64, bytesPerMillisecond: Int32)
    /// The device obeys and says nothing for so long.
    case deviceSilent(milliseconds: Int64)
    /// For so long no stop has an effect, and the mid level runs on without the host: stuck on.
    case stopIgnored(milliseconds: Int64, isAcknowledged: Bool)
    /// The device sends General_error with this result, though nobody asked.
    case generalError(UInt8)
    /// Unplugged now; after so many milliseconds a device of another name is plugged in.
    case replaced(deviceID: String, milliseconds: Int64)
}

/// A fault that happens to one command.
public enum DeviceFault: Equatable, Sendable {
    case ignored
    case acknowledgedWithoutEffect
    case effectWithoutAcknowledgement
    /// Answered with this result instead of being carried out.
    case result(UInt8)
    /// Carried out, and answered with this result.
    case effectWithResult(UInt8)
    /// Carried out and acknowledged twice.
    case acknowledgementRepeated
}

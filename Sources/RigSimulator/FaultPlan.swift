/// What goes wrong, and when: chances on the line and in the device, and faults at chosen moments. Every fault that
/// fires is counted, the first 256 with their moment, since a plan that never fires proves nothing.
public struct FaultPlan: Sendable {
    public var hostToDevice = LineFaults()
    public var deviceToHost = LineFaults()
    public var device = DeviceFaults()
    /// The seed from which all chances come.
    public let seed: UInt64

    /// Faults that fired, the first of them.
    public private(set) var fired: [FiredFault] = []
    /// All faults that have fired. Kept, since worlds ask for it in each tick.
    public private(set) var firedCount: Int64 = 0
    private var tally = FaultTally(kinds: FaultKind.allCases.count)
    private var random: SplitMix64
    private var planned: [(atNanoseconds: Int64, fault: PlannedFault)] = []
    private var nextPlanned = 0
    private var awaited: [(number: UInt16?, fault: DeviceFault)] = []
    /// What holds for a while in place of the line's own faults.
    private var overrides: (toDevice: LineFaults?, toHost: LineFaults?)
    private var overridesEnd: (toDevice: Int64, toHost: Int64) = (Int64.min, Int64.min)

    static let firedKept = 256

    /// Nothing goes wrong until it is asked for.
    public init(seed: UInt64 = 0) {
        self.seed = seed
        random = SplitMix64(seed: seed ^ 0x4641_554C_5453)
        fired.reserveCapacity(Self.firedKept)
    }

    /// A plan drawn by seed: about half of the kinds are on, each with a chance between rare and frequent, so that a
    /// thousand seeds meet combinations that nobody thought of.
    public static func swarm(seed: UInt64) -> FaultPlan {
        var plan = FaultPlan(seed: seed)
        var draw = SplitMix64(seed: seed ^ 0x5357_4152_4D)
        func chance(_ rarest: Int64, _ commonest: Int64) -> UInt32 {
            let isOn = draw.below(2) == 0
            let rate = draw.between(rarest, commonest)
            return isOn ? UInt32(rate) : 0
        }
        func line() -> LineFaults {
            var faults = LineFaults()
            faults.byteLostPerMillion = chance(1, 60)
            faults.byteRepeatedPerMillion = chance(1, 60)
            faults.bitFlippedPerMillion = chance(1, 60)
            faults.packetLostPerMillion = chance(10, 1_000)
            faults.packetTruncatedPerMillion = chance(10, 1_000)
            faults.packetDelayedPerMillion = chance(10, 3_000)
            faults.longestDelayMilliseconds = draw.between(2, 400)
            return faults
        }
        plan.hostToDevice = line()
        plan.deviceToHost = line()
        plan.device.commandIgnoredPerMillion = chance(10, 600)
        plan.device.acknowledgedWithoutEffectPerMillion = chance(10, 300)
        plan.device.effectWithoutAcknowledgementPerMillion = chance(10, 600)
        plan.device.wrongResultPerMillion = chance(10, 300)
        plan.device.deviceResetPerMillion = chance(10, 200)
        plan.device.deviceStuckPerMillion = chance(10, 200)
        plan.device.stuckMilliseconds = draw.between(20, 4_000)
        plan.device.acknowledgementRepeatedPerMillion = chance(10, 600)
        return plan
    }

    /// Adds a fault at a moment; faults of the same moment happen in the order in which they were added.
    public mutating func add(_ fault: PlannedFault, atNanoseconds moment: Int64) {
        var index = planned.count
        while index > nextPlanned, planned[index - 1].atNanoseconds > moment { index -= 1 }
        planned.insert((moment, fault), at: index)
    }

    /// How often a fault has fired.
    public func count(of kind: FaultKind) -> Int64 { tally.counts[Int(kind.rawValue)] }

    /// When a fault fired first, in ns; nothing before it did.
    public func first(of kind: FaultKind) -> Int64? { tally.first(Int(kind.rawValue)) }

    /// The moment of the next chosen fault; the far end of time when there is none.
    var nextMoment: Int64 { nextPlanned < planned.count ? planned[nextPlanned].atNanoseconds : Int64.max }

    /// The next chosen fault that is due.
    mutating func takeDue(at now: Int64) -> PlannedFault? {
        guard nextPlanned < planned.count, planned[nextPlanned].atNanoseconds <= now else { return nil }
        nextPlanned += 1
        return planned[nextPlanned - 1].fault
    }

    /// From now on these faults hold on a direction.
    mutating func override(_ direction: LineDirection, by faults: LineFaults, until end: Int64) {
        switch direction {
        case .hostToDevice: (overrides.toDevice, overridesEnd.toDevice) = (faults, end)
        case .deviceToHost: (overrides.toHost, overridesEnd.toHost) = (faults, end)
        }
        add(.lineRestored(direction), atNanoseconds: end)
    }

    /// The plan's own faults hold again, unless a later order is still in force.
    mutating func restore(_ direction: LineDirection, at now: Int64) {
        switch direction {
        case .hostToDevice: if overridesEnd.toDevice <= now { overrides.toDevice = nil }
        case .deviceToHost: if overridesEnd.toHost <= now { overrides.toHost = nil }
        }
    }

    /// Random bytes for a line that babbles.
    mutating func drawNoise() -> UInt8 { UInt8(truncatingIfNeeded: random.next() >> 40) }

    /// From now on the next command of that number meets this fault.
    mutating func await(_ number: UInt16?, _ fault: DeviceFault) { awaited.append((number, fault)) }

    /// A fault happened.
    mutating func note(_ kind: FaultKind, at now: Int64, _ direction: LineDirection? = nil) {
        tally.note(Int(kind.rawValue), at: now)
        firedCount += 1
        if fired.count < Self.firedKept {
            fired.append(FiredFault(kind: kind, atNanoseconds: now, direction: direction))
        }
    }
}

/// What becomes of a packet.
struct PacketFate {
    var keptBytes: Int32
    /// 0, 1 or 2.
    var copies: Int
    var isOvertaken: Bool
}

/// The chances of the line.
extension FaultPlan {
    private func line(_ direction: LineDirection) -> LineFaults {
        direction == .hostToDevice ? overrides.toDevice ?? hostToDevice : overrides.toHost ?? deviceToHost
    }

    func touchesBytes(_ direction: LineDirection) -> Bool { line(direction).touchesBytes }

    /// Nanoseconds by which a packet is late, usually 0.
    mutating func drawDelay(_ direction: LineDirection, at now: Int64) -> Int64 {
        let faults = line(direction)
        var milliseconds = faults.latencyMilliseconds
        if milliseconds > 0 { note(.packetLatency, at: now, direction) }
        if random.happens(perMillion: faults.latencySpikePerMillion) {
            note(.latencySpike, at: now, direction)
            milliseconds += faults.spikeMilliseconds
        }
        if random.happens(perMillion: faults.packetDelayedPerMillion) {
            note(.packetDelayed, at: now, direction)
            milliseconds += random.between(1, max(1, faults.longestDelayMilliseconds))
        }
        return milliseconds * 1_000_000
    }

    mutating func drawFate(_ direction: LineDirection, packetCount: Int32, at now: Int64) -> PacketFate {
        let faults = line(direction)
        var fate = PacketFate(keptBytes: packetCount, copies: 1, isOvertaken: false)
        guard faults.touchesPackets else { return fate }
        if faults.isDead {
            note(.lineDead, at: now, direction)
            fate.keptBytes = 0
        } else if random.happens(perMillion: faults.packetLostPerMillion) {
            note(.packetLost, at: now, direction)
            fate.keptBytes = 0
        } else if packetCount > 1, random.happens(perMillion: faults.packetTruncatedPerMillion) {
            note(.packetTruncated, at: now, direction)
            fate.keptBytes = Int32(random.between(1, Int64(packetCount) - 1))
        } else if random.happens(perMillion: faults.packetRepeatedPerMillion) {
            note(.packetRepeated, at: now, direction)
            fate.copies = 2
        } else if random.happens(perMillion: faults.packetsReorderedPerMillion) {
            note(.packetsReordered, at: now, direction)
            fate.isOvertaken = true
        }
        return fate
    }

    mutating func drawByte(_ direction: LineDirection, _ byte: UInt8, at now: Int64) -> (byte: UInt8, copies: Int) {
        let faults = line(direction)
        if random.happens(perMillion: faults.byteLostPerMillion) {
            note(.byteLost, at: now, direction)
            return (byte, 0)
        }
        if random.happens(perMillion: faults.byteRepeatedPerMillion) {
            note(.byteRepeated, at: now, direction)
            return (byte, 2)
        }
        if random.happens(perMillion: faults.bitFlippedPerMillion) {
            note(.bitFlipped, at: now, direction)
            return (byte ^ (1 << UInt8(random.below(8))), 1)
        }
        return (byte, 1)
    }
}

/// What may befall the device as a whole when it reads a command.
enum DeviceMishap: Equatable {
    case reset
    case stuck(nanoseconds: Int64)
}

/// The chances of the device.
extension FaultPlan {
    /// A fault that this command meets.
    mutating func drawDeviceFault(command: UInt16, at now: Int64) -> DeviceFault? {
        if let index = awaited.firstIndex(where: { $0.number == nil || $0.number == command }) {
            let fault = awaited[index].fault
            awaited.remove(at: index)
            note(kind(of: fault), at: now)
            return fault
        }
        let fault: DeviceFault
        if random.happens(perMillion: device.commandIgnoredPerMillion) {
            fault = .ignored
        } else if random.happens(perMillion: device.acknowledgedWithoutEffectPerMillion) {
            fault = .acknowledgedWithoutEffect
        } else if random.happens(perMillion: device.effectWithoutAcknowledgementPerMillion) {
            fault = .effectWithoutAcknowledgement
        } else if random.happens(perMillion: device.wrongResultPerMillion) {
            fault = .result(UInt8(random.between(1, 30)))
        } else if random.happens(perMillion: device.acknowledgementRepeatedPerMillion) {
            fault = .acknowledgementRepeated
        } else if random.happens(perMillion: device.effectWithWrongResultPerMillion) {
            fault = .effectWithResult(UInt8(random.between(1, 30)))
        } else {
            return nil
        }
        note(kind(of: fault), at: now)
        return fault
    }

    /// What befalls the device instead of reading on.
    mutating func drawMishap(at now: Int64) -> DeviceMishap? {
        if random.happens(perMillion: device.deviceResetPerMillion) {
            note(.deviceReset, at: now)
            return .reset
        }
        if random.happens(perMillion: device.deviceStuckPerMillion) {
            note(.deviceStuck, at: now)
            return .stuck(nanoseconds: device.stuckMilliseconds * 1_000_000)
        }
        return nil
    }

    private func kind(of fault: DeviceFault) -> FaultKind {
        switch fault {
        case .ignored: return .commandIgnored
        case .acknowledgedWithoutEffect: return .acknowledgedWithoutEffect
        case .effectWithoutAcknowledgement: return .effectWithoutAcknowledgement
        case .result: return .wrongResult
        case .effectWithResult: return .effectWithWrongResult
        case .acknowledgementRepeated: return .acknowledgementRepeated
        }
    }
}

/// What has fired, by kind.
extension FaultPlan: CustomStringConvertible {
    public var description: String {
        let seen = FaultKind.allCases.filter { count(of: $0) > 0 }.map { "\($0.name) \(count(of: $0))" }
        return seen.isEmpty ? "no fault fired (seed \(seed))" : seen.joined(separator: ", ") + " (seed \(seed))"
    }
}

// One channel behind the Pulse Pal: isolator, blocking capacitor with its bleeder, relay contacts, needles, tissue.
//
//     isolator ─┬─ blocking capacitor ── relay ── needle, tissue, needle ─┐
//               └─ bleeder ───────────────────────────────────────────────┤
//
// Direct current has only the bleeder to go through; a pulse goes through the needles but for the share of the bleeder.

internal import PulsePal

/// The passive parts of one channel of the interlock board. All (proposal).
public struct NeedleOutputConfiguration: Equatable, Sendable {
    public var blockingMicrofarads: Double = 10
    public var bleederOhms: Double = 100_000
    /// Of needles that touch each other.
    public var touchingOhms: Double = 5

    public init() {}
}

/// One channel's current, steady from one change to the next.
public struct NeedleOutput: Sendable {
    public let channel: UInt8
    public var isolator: Isolator
    public private(set) var tissue: NeedleTissue
    public private(set) var contact = NeedleContact.inTissue
    public private(set) var parts: NeedleOutputConfiguration
    /// Contacts of the relay.
    public private(set) var isClosed = false
    /// Volts across the blocking capacitor and across the double layers.
    public private(set) var blockingVolts = 0.0
    public private(set) var doubleLayerVolts = 0.0
    private(set) var code = PulsePalCode.zero
    private(set) var since: Int64

    init(
        channel: UInt8, isolator: IsolatorConfiguration, tissue: NeedleTissue, parts: NeedleOutputConfiguration,
        at now: Int64
    ) {
        self.channel = channel
        self.isolator = Isolator(isolator)
        self.tissue = tissue
        self.parts = parts
        since = now
    }

    private var volts: Double { Double(PulsePalCode.steps(of: code)) * 10 / 32_768 }

    /// What the isolator wants to drive, in microamperes.
    var drivenMicroamperes: Double { isolator.microamperes(atVolts: volts) }

    private var hasPath: Bool { isClosed && contact != .out }

    private var loadOhms: Double { contact == .touching ? parts.touchingOhms : tissue.seriesOhms }

    private var loadVolts: Double { blockingVolts + (contact == .touching ? 0 : doubleLayerVolts) }

    /// What flows behind the relay at this moment, in microamperes.
    public var microamperes: Double {
        guard hasPath else { return 0 }
        let (current, _) = current()
        return current
    }

    /// The current behind the relay, and whether the isolator has voltage enough for it.
    private func current() -> (microamperes: Double, isLimited: Bool) {
        let source = drivenMicroamperes * 1e-6 * parts.bleederOhms
        let free = (source - loadVolts) / (parts.bleederOhms + loadOhms)
        let needed = free * loadOhms + loadVolts
        let most = isolator.configuration.complianceVolts
        guard abs(needed) > most else { return (free * 1e6, false) }
        return (((needed > 0 ? most : -most) - loadVolts) / loadOhms * 1e6, true)
    }

    /// What the isolator sees as load, for its energy limit.
    private var seenOhms: Double {
        guard hasPath else { return min(parts.bleederOhms, compliantOhms) }
        return min(parts.bleederOhms * loadOhms / (parts.bleederOhms + loadOhms), compliantOhms)
    }

    /// The load at which its voltage is just enough.
    private var compliantOhms: Double {
        isolator.configuration.complianceVolts / max(1e-9, abs(drivenMicroamperes) * 1e-6)
    }

    /// When the isolator will trip if nothing changes.
    var tripMoment: Int64 {
        isolator.tripMoment(microamperes: drivenMicroamperes, ohms: seenOhms, since: since)
    }

    /// While something flows the segments are kept short, so that the meter sees it.
    var nextLook: Int64 {
        guard isClosed, abs(drivenMicroamperes) > 0.5 || abs(microamperes) > 0.5 else { return Int64.max }
        return since + 100_000_000
    }

    /// What has flowed since the last change; called before each change.
    mutating func settle(until now: Int64) -> NeedleSegment? {
        guard now > since else { return nil }
        let start = since
        since = now
        let driven = drivenMicroamperes
        isolator.lasted(microamperes: driven, ohms: seenOhms, since: start, until: now)
        let seconds = Double(now - start) * 1e-9
        guard isClosed else {
            leak(seconds)
            return nil
        }
        var flowed = 0.0
        var isLimited = false
        var peak = 0.0
        if hasPath {
            let (first, limited) = current()
            isLimited = limited
            peak = first
            flowed = charge(first, limited, seconds)
        }
        leak(seconds)
        return NeedleSegment(
            channel: channel, fromNanoseconds: start, untilNanoseconds: now,
            drivenMicroamperes: driven, flowedPicocoulombs: flowed, firstMicroamperes: peak, isLimited: isLimited,
            isTouching: contact == .touching)
    }

    /// The charge that flows in a time, in picocoulombs: a current that decays as the capacitors fill.
    private mutating func charge(_ first: Double, _ isLimited: Bool, _ seconds: Double) -> Double {
        let blocking = parts.blockingMicrofarads * 1e-6
        let layer = tissue.doubleLayerFarads
        let series = contact == .touching ? blocking : blocking * layer / (blocking + layer)
        let ohms = isLimited ? loadOhms : parts.bleederOhms + loadOhms
        let constant = ohms * series
        let coulombs = first * 1e-6 * constant * (1 - Decay.factor(seconds / constant))
        blockingVolts += coulombs / blocking
        if contact != .touching { doubleLayerVolts += coulombs / layer }
        return coulombs * 1e12
    }

    private mutating func leak(_ seconds: Double) {
        doubleLayerVolts *= Decay.factor(seconds / (tissue.leakOhms * tissue.doubleLayerFarads))
    }

    mutating func setCode(_ code: UInt16) { self.code = code }
    mutating func setClosed(_ isClosed: Bool) { self.isClosed = isClosed }
    mutating func setContact(_ contact: NeedleContact) { self.contact = contact }
}

/// What happened at one channel from one change to the next, while the contacts were closed.
public struct NeedleSegment: Equatable, Sendable {
    public let channel: UInt8
    public let fromNanoseconds: Int64
    public let untilNanoseconds: Int64
    /// Before the blocking capacitor: what the isolator drove.
    public let drivenMicroamperes: Double
    /// Behind it: what went through the needles.
    public let flowedPicocoulombs: Double
    public let firstMicroamperes: Double
    public let isLimited: Bool
    public let isTouching: Bool

    public init(
        channel: UInt8, fromNanoseconds: Int64, untilNanoseconds: Int64, drivenMicroamperes: Double,
        flowedPicocoulombs: Double, firstMicroamperes: Double, isLimited: Bool = false, isTouching: Bool = false
    ) {
        self.channel = channel
        self.fromNanoseconds = fromNanoseconds
        self.untilNanoseconds = untilNanoseconds
        self.drivenMicroamperes = drivenMicroamperes
        self.flowedPicocoulombs = flowedPicocoulombs
        self.firstMicroamperes = firstMicroamperes
        self.isLimited = isLimited
        self.isTouching = isTouching
    }
}

// One channel behind the Pulse Pal: isolator, blocking capacitor with its bleeder, relay contacts, needles, tissue.
//
//     isolator ─┬─ blocking capacitor ── relay ── needle, tissue, needle ─┐
//               └─ bleeder ───────────────────────────────────────────────┤
//
// Direct current has only the bleeder to go through; a pulse goes through the needles but for the share of the bleeder.

internal import PulsePal
internal import StimulusModel

/// The passive parts of one channel of the interlock board. All (proposal).
public struct NeedleOutputConfiguration: Equatable, Sendable {
    public var blockingMicrofarads: Double = 10
    public var bleederOhms: Double = 100_000
    /// Of needles that touch each other.
    public var touchingOhms: Double = 5
    /// Whether the blocking capacitor is bridged while a dummy load hangs on the output: only so can the isolator's
    /// direct current be measured there (proposal). The bleeder stays and takes its share: 1 % into 1 kΩ.
    public var bridgesCapacitorForLoads = true

    public init() {}
}

/// One channel's current, steady from one change to the next.
public struct NeedleOutput: Sendable {
    /// The leads at which it comes out, 1 or 2.
    public private(set) var channel: UInt8
    public var isolator: Isolator
    public private(set) var tissue: NeedleTissue
    public private(set) var contact = NeedleContact.inTissue
    /// Hangs on the leads in place of needles, when there is one.
    public private(set) var load: DummyLoad?
    /// What is wrong with the isolator's current.
    public internal(set) var error = OutputError.none
    public private(set) var parts: NeedleOutputConfiguration
    /// Contacts of the relay.
    public private(set) var isClosed = false
    /// Volts across the blocking capacitor and across the double layers.
    public private(set) var blockingVolts = 0.0
    public private(set) var doubleLayerVolts = 0.0
    private(set) var code = PulsePalCode.zero
    private(set) var since: Int64
    private var firstSign = 0.0
    private var activeUntil = Int64.min

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
    var drivenMicroamperes: Double {
        let asked = isolator.microamperes(atVolts: volts)
        guard !error.isNone, !isolator.isTripped, !error.isDead else { return error.isDead ? 0 : asked }
        guard !(error.secondPhaseIsMissing && isPhase && volts * firstSign < 0) else { return error.offsetMicroamperes }
        let full = Double(isolator.configuration.rangeMilliamperes) * 1_000
        return error.shaped(asked, fullScaleMicroamperes: full) + error.offsetMicroamperes
    }

    /// Across the leads between pulses, in volts.
    var restVolts: Double { isPhase ? 0 : leadVolts }

    /// Whether the code asks for more than a correction of the level at rest: 60 µA and more is a pulse.
    var isPhase: Bool {
        abs(volts) / 10 * Double(isolator.configuration.rangeMilliamperes) * 1_000 >= NeedleMeterRules.pulseMicroamperes
    }

    private var hasPath: Bool { isClosed && load.map { $0 != .open } ?? (contact != .out) }

    private var isTouching: Bool { load == nil && contact == .touching }

    /// The same as a probe sees it: infinite when there is no path.
    var leadOhms: Double { load == nil && contact == .out ? .infinity : loadOhms }

    private var loadOhms: Double {
        if let load { return load.ohms }
        return contact == .touching ? parts.touchingOhms : tissue.seriesOhms
    }

    private var isBridged: Bool { load != nil && parts.bridgesCapacitorForLoads }

    private var loadVolts: Double {
        isBridged ? 0 : blockingVolts + (load != nil || contact == .touching ? 0 : doubleLayerVolts)
    }

    /// Across what hangs on the leads, in volts: without a path what the bleeder leaves the isolator.
    var leadVolts: Double {
        guard isClosed else { return 0 }
        guard hasPath else {
            let most = isolator.configuration.complianceVolts
            return min(most, max(-most, drivenMicroamperes * 1e-6 * parts.bleederOhms))
        }
        return microamperes * 1e-6 * loadOhms + (load == nil && contact != .touching ? doubleLayerVolts : 0)
    }

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
            isTouching: isTouching)
    }

    /// The charge that flows in a time, in picocoulombs: a current that decays as the capacitors fill.
    private mutating func charge(_ first: Double, _ isLimited: Bool, _ seconds: Double) -> Double {
        guard !isBridged else { return first * seconds * 1e6 }
        let blocking = parts.blockingMicrofarads * 1e-6
        let layer = tissue.doubleLayerFarads
        let hasNoLayer = load != nil || contact == .touching
        let series = hasNoLayer ? blocking : blocking * layer / (blocking + layer)
        let ohms = isLimited ? loadOhms : parts.bleederOhms + loadOhms
        let constant = ohms * series
        let coulombs = first * 1e-6 * constant * (1 - Decay.factor(seconds / constant))
        blockingVolts += coulombs / blocking
        if !hasNoLayer { doubleLayerVolts += coulombs / layer }
        return coulombs * 1e12
    }

    private mutating func leak(_ seconds: Double) {
        doubleLayerVolts *= Decay.factor(seconds / (tissue.leakOhms * tissue.doubleLayerFarads))
    }

    mutating func setCode(_ code: UInt16, at now: Int64) {
        let wasPhase = isPhase
        self.code = code
        if wasPhase { activeUntil = now }
        guard isPhase else { return }
        // After a silence a phase is the first of a new pulse.
        let isNew = !wasPhase && now >= Saturating.sum(activeUntil, NeedleMeterRules.endOfPulseNanoseconds)
        if isNew || firstSign == 0 { firstSign = volts < 0 ? -1 : 1 }
    }

    mutating func setLoad(_ load: DummyLoad?) {
        self.load = load
        if isBridged { blockingVolts = 0 }
    }

    /// Two outputs whose leads are exchanged: what hangs on them changes places, and what has gathered there.
    static func exchangeLeads(_ outputs: inout [NeedleOutput]) {
        let first = outputs[0]
        outputs[0].takeLeads(of: outputs[1])
        outputs[1].takeLeads(of: first)
    }

    private mutating func takeLeads(of other: NeedleOutput) {
        channel = other.channel
        tissue = other.tissue
        contact = other.contact
        load = other.load
        doubleLayerVolts = other.doubleLayerVolts
    }

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

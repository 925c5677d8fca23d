// The output relay of the interlock board, as its host drives and watches it. At every arming each stop path is proven
// alone, before there is any energy: with enable off the relay opens; with the heartbeat stopped it opens; the
// read-back agrees at each turn. The board is `Hardware/interlock/`; its figures are `decided.md`, Needle rig.
import StimulusModel

struct RelayControl: Sendable {
    enum Phase: UInt8 {
        /// Enable low, read back open.
        case open
        /// Enable low, the charge pump fills.
        case charging
        case closingFirst
        /// First proof: enable off, the heartbeat goes on.
        case openingByEnable
        case rechargingFirst
        case closingSecond
        /// Second proof: enable stays on, the heartbeat is stopped.
        case openingByHeartbeat
        case rechargingSecond
        case closingThird
        /// Both paths proven; energy may follow.
        case closed
        /// Asked to open, not yet read back.
        case opening
        /// A path is broken: enable off, heartbeat stopped, for good.
        case failed

        @_noLocks static func == (a: Phase, b: Phase) -> Bool { a.rawValue == b.rawValue }
        @_noLocks static func != (a: Phase, b: Phase) -> Bool { a.rawValue != b.rawValue }
    }

    private(set) var phase = Phase.open
    private(set) var fault = FaultCause.none
    private var since = Instant(nanoseconds: 0)
    /// The last moment at which the read-back agreed with what is asked for.
    private var agreedAt = Instant(nanoseconds: 0)
    private var isClosedNow = false
    private var hasBegun = false
    /// Since when a relay that is asked to be closed reads open.
    private var isOpenByItself = false
    /// Toggles of the heartbeat in this phase: what the charge pump lives on.
    private var heartbeats = 0
    private var lastLook = Instant(nanoseconds: 0)

    @_noLocks init() {}

    /// The level of the enable line.
    var enable: Bool {
        @_noLocks get {
            switch phase {
            case .closingFirst, .closingSecond, .openingByHeartbeat, .closingThird, .closed: return true
            case .open, .charging, .openingByEnable, .rechargingFirst, .rechargingSecond, .opening, .failed:
                return false
            }
        }
    }

    /// Whether a completed step toggles the heartbeat.
    var heartbeatRuns: Bool { @_noLocks get { phase != .openingByHeartbeat && phase != .failed } }

    /// Enable off has not opened it within the time that contacts take: the other path is used as well, and the time
    /// that a relay may take runs on, so that the broken path is named.
    var needsBothPaths: Bool {
        @_noLocks get {
            phase == .opening && lastLook.since(since).milliseconds > RelayTiming.contactMilliseconds
        }
    }

    /// Both paths proven in this arming, and the contacts read back closed.
    var isClosed: Bool { @_noLocks get { phase == .closed } }

    /// Asked to be open, and read back so.
    var isProvenOpen: Bool { @_noLocks get { !enable && !isClosedNow } }

    /// Whether nothing is under way any more toward an open relay.
    var isSettled: Bool { @_noLocks get { phase == .open || phase == .failed } }

    /// Time passes. A relay that is not wanted is asked to open at once, in every phase.
    /// - Parameter isReadClosed: the read-back.
    @_noLocks mutating func advance(to now: Instant, isReadClosed: Bool, isWanted: Bool) {
        isClosedNow = isReadClosed
        if !hasBegun {
            // The relay of a host that was killed a moment ago is still opening.
            hasBegun = true
            enter(.open, now)
        }
        let gap = now.since(lastLook).milliseconds
        lastLook = now
        guard phase != .failed else { return }
        guard isWanted else { return release(now) }
        if gap > RelayTiming.proofGapMilliseconds, phase != .open, phase != .opening, phase != .closed {
            // The pump may have run empty meanwhile, and nobody saw what the relay did: the proof begins anew.
            return release(now)
        }
        switch phase {
        case .open: if !isReadClosed { enter(.charging, now) } else { watchOpen(now) }
        case .charging: charge(now, then: .closingFirst)
        case .closingFirst: close(now, then: .openingByEnable)
        case .openingByEnable: open(now, then: .rechargingFirst, orFail: .enablePathFailed)
        case .rechargingFirst: charge(now, then: .closingSecond)
        case .closingSecond: close(now, then: .openingByHeartbeat)
        case .openingByHeartbeat: open(now, then: .rechargingSecond, orFail: .heartbeatPathFailed)
        case .rechargingSecond: charge(now, then: .closingThird)
        case .closingThird: close(now, then: .closed)
        case .closed: watchClosed(now)
        case .opening: open(now, then: .open, orFail: .relayStillClosed)
        case .failed: return
        }
    }

    /// Opens for good: a fault stops both paths, enable and heartbeat.
    @_noLocks mutating func fail(_ cause: FaultCause) {
        if fault == .none { fault = cause }
        phase = .failed
    }

    /// A completed step moved the heartbeat.
    @_noLocks mutating func noteHeartbeat() { heartbeats = heartbeats < 1_000 ? heartbeats + 1 : heartbeats }

    @_noLocks private mutating func enter(_ next: Phase, _ now: Instant) {
        phase = next
        since = now
        agreedAt = now
        heartbeats = 0
        isOpenByItself = false
    }

    @_noLocks private func elapsed(_ now: Instant) -> Int64 { now.since(since).milliseconds }

    @_noLocks private mutating func release(_ now: Instant) {
        switch phase {
        case .open: watchOpen(now)
        case .opening: open(now, then: .open, orFail: .relayStillClosed)
        default:
            enter(.opening, now)
            if !isClosedNow { enter(.open, now) }
        }
    }

    @_noLocks private mutating func charge(_ now: Instant, then next: Phase) {
        // It closed with enable off.
        guard !isClosedNow else { return fail(.enablePathFailed) }
        if elapsed(now) >= RelayTiming.chargeMilliseconds, heartbeats >= RelayTiming.chargeHeartbeats {
            enter(next, now)
        }
    }

    @_noLocks private mutating func close(_ now: Instant, then next: Phase) {
        if isClosedNow { return enter(next, now) }
        if elapsed(now) > RelayTiming.closeMilliseconds { fail(.relayWouldNotClose) }
    }

    @_noLocks private mutating func open(_ now: Instant, then next: Phase, orFail cause: FaultCause) {
        if !isClosedNow { return enter(next, now) }
        if elapsed(now) > RelayTiming.openMilliseconds { fail(cause) }
    }

    @_noLocks private mutating func watchOpen(_ now: Instant) {
        guard isClosedNow else {
            agreedAt = now
            return
        }
        if now.since(agreedAt).milliseconds > RelayTiming.openMilliseconds { fail(.relayStillClosed) }
    }

    @_noLocks private mutating func watchClosed(_ now: Instant) {
        guard !isClosedNow else {
            isOpenByItself = false
            return
        }
        // From the first look on: a late wake-up learns of the button and of the relay at once.
        if !isOpenByItself {
            isOpenByItself = true
            agreedAt = now
        }
        // Opening is the safe side: a moment is left to learn which button it was.
        if now.since(agreedAt).milliseconds >= RelayTiming.openedByItselfMilliseconds { fail(.relayOpened) }
    }
}

enum RelayTiming {
    /// The charge pump fills within ten edges of the heartbeat; six times that is given (proposal).
    static var chargeMilliseconds: Int64 { @_noLocks get { 60 } }
    /// And at least this many toggles: the pump fills within ten edges (proposal).
    static var chargeHeartbeats: Int { @_noLocks get { 20 } }
    /// A gap between two looks that spoils a proof: well below the pump's C (proposal).
    static var proofGapMilliseconds: Int64 { @_noLocks get { 20 } }
    /// Contacts open within 10 ms of an enable that went off (proposal), and a margin.
    static var contactMilliseconds: Int64 { @_noLocks get { 15 } }
    /// A small relay closes within 10 ms; ten times that is given (proposal).
    static var closeMilliseconds: Int64 { @_noLocks get { 100 } }
    /// The charge pump drops out after C = 50 ms (`decided.md`), the contacts within 10 ms more, and two ticks to see
    /// it.
    static var openMilliseconds: Int64 { @_noLocks get { 62 } }
    /// A relay that opened by itself is a fault after this; until then a button may explain it (proposal).
    static var openedByItselfMilliseconds: Int64 { @_noLocks get { 5 } }
}

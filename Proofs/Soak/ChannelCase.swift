// What the judge keeps of one channel, from one start of the process to the next.
internal import SessionEngine
internal import StimulusModel

/// What the judge keeps of one channel.
struct ChannelCase {
    var search: TrainLaw?
    var treatment: TrainLaw?
    /// What the presses allow, in µA, and what they allowed before it last fell.
    var allowed: Int32 = 0
    var allowedBefore: Int32 = 0
    var fellAt = Int64.min / 2
    /// When the host saw the last press, and when it may have been made: a host that oversleeps sees it later.
    var lastPress = Int64.min / 2
    var pressedAt = Int64.min / 2
    /// What was allowed before that press.
    var pressedFrom: Int32 = 0
    /// Pulses that begin after this, in ns, are forbidden: in a process that has delivered nothing, all.
    var quietFrom: Int64 = 0
    var isStoppedAlone = false
    /// The highest amplitude at which somebody marked the motor threshold.
    var marked: Int32 = 0
    /// The strongest pulse of this run, when it was opened (in ns), and the strongest of the run before it.
    var felt: Int64 = 0
    var openedAt = Int64.min
    var feltBefore: Int64 = 0
    var quietBefore: Int64 = 0
    /// When delivery ended, in ns, and the pulses that began after it: one may have been on its way.
    var closedAt: Int64 = 0
    var late = 0
    // Since the session began.
    var pulses: Int64 = 0
    /// Runs of the treatment.
    var runs: Int64 = 0
    var groups: Int64 = 0
    var groupsSinceTitration: Int64 = 0
    var titrationIsOver = false
    /// Somebody ended titration in a contraction that had not yet given a pulse: that one is titration's own.
    var isSpared = false
    /// Of this run, in ns.
    var lastPulse = Int64.min / 2
    /// The moments of the latest pulses of this run, a ring.
    var ring: [Int64] = []
    var ringNext = 0

    /// A run from 0 mA begins.
    mutating func open(at milliseconds: Int64) {
        ring.removeAll(keepingCapacity: true)
        ringNext = 0
        feltBefore = felt
        felt = 0
        lastPulse = Int64.min / 2
        openedAt = milliseconds * 1_000_000
        quietBefore = quietFrom
        if isStoppedAlone { return }
        quietFrom = Int64.max
        closedAt = Int64.max
        late = 0
    }

    /// Delivery ends: from `quiet` on, in ns, nothing may begin, and before that only what was on its way.
    mutating func close(at milliseconds: Int64, quiet: Int64) {
        quietFrom = min(quietFrom, quiet)
        closedAt = min(closedAt, milliseconds * 1_000_000)
    }

    /// Line or device hold back from `now` on what may still be on its way then, and give it out later; in ms.
    mutating func holdBack(from now: Int64, until milliseconds: Int64) {
        if quietFrom < Int64.max, now * 1_000_000 <= quietFrom { quietFrom = max(quietFrom, milliseconds * 1_000_000) }
    }

    /// The pulse that lies `count` pulses back; nothing while there are fewer.
    mutating func note(_ start: Int64, count: Int) -> Int64? {
        guard ring.count >= count else {
            ring.append(start)
            return nil
        }
        let old = ring[ringNext]
        ring[ringNext] = start
        ringNext = ringNext + 1 < count ? ringNext + 1 : 0
        return old
    }
}

extension ChannelState {
    /// Whether a contraction is under way, at 0 mA or above.
    var isContraction: Bool { self == .rampingUp || self == .holding || self == .rampingDown }
}

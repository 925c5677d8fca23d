import SafetyKernel
import StimulusModel

/// The last edge of one channel: waiting for the pulse to be seen behind the relay, or accounted for.
struct EdgeUnderWay: Sendable {
    private(set) var isOut = false
    private(set) var releasedAt = Instant(nanoseconds: Int64.min / 2)
    /// A tick was missed since: what was not seen may have gone by unseen.
    private var wasLate = false
    private var amplitude = Current.zero
    private var charge = Charge(picocoulombs: 0)
    private var outcome = Delivery.none
    private var excused = 0
    private var signIsUp = false
    private var signSince = Instant(nanoseconds: 0)
    /// Edges in a row that ought to have been seen and were not.
    private(set) var unseen = 0

    @_noLocks init() {}

    @_noLocks mutating func begin(_ pulse: Pulse, at now: Instant) {
        isOut = true
        wasLate = false
        releasedAt = now
        amplitude = pulse.peakCurrent
        charge = pulse.chargePerPhase
    }

    @_noLocks mutating func settle(_ delivery: Delivery) {
        guard isOut else { return }
        isOut = false
        outcome = delivery
    }

    /// What happened in missed ticks nobody saw: a sign that is up now may be another one than before.
    @_noLocks mutating func noteLateness() {
        wasLate = true
        signIsUp = false
    }

    /// The pins left later than the step that decided on them.
    @_noLocks mutating func noteRelease(at moment: Instant) {
        if moment.nanoseconds > releasedAt.nanoseconds { releasedAt = moment }
    }

    /// Whether the comparator's sign, as it is now, belongs to this edge. One that stands longer than a pulse and its
    /// stretching belongs to more than one, however many edges came meanwhile.
    @_noLocks mutating func explainsSign(_ isSeen: Bool, at now: Instant) -> Bool {
        guard isSeen else {
            signIsUp = false
            return true
        }
        if !signIsUp {
            signIsUp = true
            signSince = now
        }
        let most = TimeSpan(milliseconds: TriggerTiming.signMilliseconds).nanoseconds
        return now.since(releasedAt).nanoseconds <= most && now.since(signSince).nanoseconds <= most
    }

    /// Edge and seen is delivered; below the comparator's sight an edge counts as delivered; unseen stays unknown.
    @_noLocks mutating func advance(to now: Instant, isSeen: Bool) {
        guard isOut else { return }
        if isSeen {
            unseen = 0
            excused = 0
            return settle(.delivered)
        }
        guard now.since(releasedAt).milliseconds >= TriggerTiming.seenMilliseconds else { return }
        if amplitude.microamperes < TriggerTiming.surelySeenMicroamperes { return settle(.delivered) }
        // A late tick may have missed the sign; a computer that is always late may not hide a dead output.
        excused = wasLate ? excused + 1 : 0
        if !wasLate || excused >= TriggerTiming.excuseLimit { unseen += 1 }
        settle(.unknown)
    }

    @_noLocks mutating func takeOutcome() -> PulseOutcome {
        let result = PulseOutcome(delivery: outcome, amplitude: amplitude, chargePerPhase: charge)
        outcome = .none
        return result
    }
}

/// How long the needle rig's link waits, and what it takes for granted. Sources: `decided.md`, Needle rig.
enum TriggerTiming {
    /// No edge from 5 ms before a setting.
    static var quietBeforeSettingMilliseconds: Int64 { @_noLocks get { 5 } }
    /// No confirmation of a setting in 50 ms opens the relay.
    static var settingMilliseconds: Int64 { @_noLocks get { 50 } }
    /// Questions while the relay is open (proposal).
    static var answerMilliseconds: Int64 { @_noLocks get { 200 } }
    /// An answer that was awaited when the stop began comes within this, or not at all: as long as a setting may take.
    static var staleReplyMilliseconds: Int64 { @_noLocks get { 50 } }
    /// Between the two aborts: 1 ms or more (`pulsepal.md` 5); the second ends what a kept trigger began again.
    static var betweenAbortsMilliseconds: Int64 { @_noLocks get { 3 } }
    /// An energised device that was not spoken to for this long is asked whether it is still there (proposal).
    static var idlePollMilliseconds: Int64 { @_noLocks get { 500 } }
    /// A pulse is seen within this, or not at all: it begins at most 0.1 ms after the edge, lasts 2 ms, and its sign is
    /// stretched to 5 ms.
    static var seenMilliseconds: Int64 { @_noLocks get { 6 } }
    /// A sign later than this after the last edge belongs to no edge: 0.1 + 2 + 5 ms, and two ticks.
    static var signMilliseconds: Int64 { @_noLocks get { 9 } }
    /// The comparator sees from 0.2 mA up; with what comparator and calibration may be off, from here on it surely does
    /// (proposal; `decided.md` says 0.2 mA).
    static var surelySeenMicroamperes: Int32 { @_noLocks get { 250 } }
    /// Two edges in a row unseen are a fault.
    static var unseenLimit: Int { @_noLocks get { 2 } }
    /// So many unseen edges in a row may be put down to late ticks (proposal).
    static var excuseLimit: Int { @_noLocks get { 20 } }
    /// The whole script that stops and proves may be begun three times.
    static var attempts: Int { @_noLocks get { 3 } }
    /// Train of 8 ms, in cycles of 50 µs, with a longer pause between pulses: one edge is one pulse, and faster edges
    /// are ignored.
    static var trainCycles: UInt32 { @_noLocks get { 160 } }
    static var interpulseCycles: UInt32 { @_noLocks get { 400 } }
}

import SafetyKernel
public import StimulusModel

/// What became of one pulse.
public struct PulseOutcome: Sendable {
    public let delivery: Delivery
    public let amplitude: Current
    public let chargePerPhase: Charge

    @_noLocks init(delivery: Delivery, amplitude: Current, chargePerPhase: Charge) {
        self.delivery = delivery
        self.amplitude = amplitude
        self.chargePerPhase = chargePerPhase
    }
}

/// The last pulse of one channel: under way, or answered.
struct PulseUnderWay: Sendable {
    /// Whether it has no answer yet.
    private(set) var isOut = false
    private(set) var packet: UInt8 = 0
    private(set) var channel = Channel.first
    private var amplitude = Current.zero
    private var charge = Charge(picocoulombs: 0)
    private(set) var deadline = Instant(nanoseconds: 0)
    private(set) var duration = TimeSpan.zero
    private(set) var period = TimeSpan.zero
    private(set) var sentAt = Instant(nanoseconds: 0)
    /// Before this the next one might follow too closely.
    var earliestNext = Instant(nanoseconds: Int64.min / 2)
    private var outcome = Delivery.none
    /// Whether the device answered the last pulse, and that answer came once so far.
    private var wasAnswered = false

    @_noLocks init() {}

    /// - Parameter queuedBehind: how long the other channel's pulse may hold the device before this one begins.
    @_noLocks mutating func begin(
        _ pulse: borrowing AuthorizedPulse, packet: UInt8, at now: Instant, queuedBehind: TimeSpan
    ) {
        isOut = true
        wasAnswered = false
        sentAt = now
        self.packet = packet
        channel = pulse.channel
        amplitude = pulse.pulse.peakCurrent
        charge = pulse.pulse.chargePerPhase
        duration = TimeSpan(microseconds: pulse.pulse.durationMicroseconds)
        period = TimeSpan(microseconds: pulse.periodMicroseconds)
        let span = pulse.pulse.durationMicroseconds + P24Timing.pulseGraceMilliseconds * 1_000
        deadline = now.advanced(by: TimeSpan(microseconds: span)).advanced(by: queuedBehind)
    }

    @_noLocks mutating func settle(_ delivery: Delivery) {
        guard isOut else { return }
        isOut = false
        wasAnswered = delivery == .delivered
        outcome = delivery
    }

    /// Whether this is the answer of the last pulse once more: a doubled acknowledgement says nothing new
    /// (`reliability.md` F4). Once for each pulse, so that a second controller is not taken for an echo.
    @_noLocks mutating func forgivesRepeat(packet: UInt8, channel: Channel) -> Bool {
        guard wasAnswered, self.packet == packet, self.channel == channel else { return false }
        wasAnswered = false
        return true
    }

    @_noLocks mutating func takeOutcome() -> PulseOutcome {
        let result = PulseOutcome(delivery: outcome, amplitude: amplitude, chargePerPhase: charge)
        outcome = .none
        return result
    }
}

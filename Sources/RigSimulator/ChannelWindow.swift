// The last second of one channel, and how far its amplitude has come.

/// What the judged second holds.
struct WindowSums {
    var count: Int64
    var squaredCurrentTime: Int64
    var net: Int64
}

/// One channel's memory: pulses of the last second in a ring of fixed size, the amplitude envelope, and the rise that
/// has been earned.
///
/// The rise rule is a bucket. A raise takes from it what the amplitude gains over the envelope; it refills with time at
/// 2 mA/s and gives no more than one step at once. A ramp below the envelope takes nothing, however steep.
struct ChannelWindow: Sendable {
    private struct Entry {
        var start: Int64
        var squaredCurrentTime: Int64
        var net: Int64
    }

    /// Pulses remembered; more than this within a second is over every rate anyway.
    private static let capacity = 512

    private var ring: [Entry]
    private var head = 0
    private var sums = WindowSums(count: 0, squaredCurrentTime: 0, net: 0)
    private var lastStart: Int64?
    private var lastStartOfEnvelope: Int64?
    private var lastEnd = Int64.min

    /// Pulses with current, and the charge of their first phases in picocoulombs, since the start.
    private(set) var pulseCount: Int64 = 0
    private(set) var totalCharge: Int64 = 0
    /// Groups of pulses between silences.
    private(set) var contractionCount: Int32 = 0
    private(set) var lastPulse: DeliveredPulse?

    /// What this channel is held to while it carries a dummy load.
    var benchLaw: BenchLaw?

    private(set) var envelope: Int64 = 0
    private var bucketNanoamperes: Int64?
    private var bucketAtNanoseconds: Int64 = 0

    init() {
        ring = [Entry](repeating: Entry(start: 0, squaredCurrentTime: 0, net: 0), count: Self.capacity)
    }

    /// Nanoseconds from the last pulse to `start`; nothing before the first.
    func sinceLast(_ start: Int64) -> Int64? { lastStart.map { start - $0 } }

    /// The same within this envelope; nothing before its first pulse.
    func sinceLastOfEnvelope(_ start: Int64) -> Int64? { lastStartOfEnvelope.map { start - $0 } }

    /// Pulses that began after a moment, among those remembered.
    func count(after moment: Int64) -> Int64 {
        var found: Int64 = 0
        var index = 0
        while index < Int(sums.count) {
            if ring[(head + index) % Self.capacity].start > moment { found += 1 }
            index += 1
        }
        return found
    }

    /// Nanoseconds by which a pulse begins before the last one has ended; 0 when it does not.
    func overlap(_ start: Int64) -> Int64 { lastEnd > start ? lastEnd - start : 0 }

    /// Whether a pulse begins a new contraction: the first, or one after a silence.
    mutating func followContraction(_ pulse: DeliveredPulse, gapNanoseconds: Int64) -> Bool {
        let isNew = sinceLast(pulse.startNanoseconds).map { $0 > gapNanoseconds } ?? true
        if isNew { contractionCount += 1 }
        return isNew
    }

    /// Another session begins.
    mutating func beginSession() { contractionCount = 0 }

    /// Keeps what the whole run is asked for.
    mutating func keep(_ pulse: DeliveredPulse, charge: Int64) {
        pulseCount += 1
        totalCharge += charge
        lastPulse = pulse
        lastEnd = max(lastEnd, pulse.startNanoseconds + Int64(pulse.durationMicroseconds) * 1_000)
    }

    /// The squared current over time within the window that ends at a moment.
    mutating func squaredCurrentTime(atNanoseconds now: Int64, windowNanoseconds: Int64) -> Int64 {
        while sums.count > 0, ring[head].start <= now - windowNanoseconds { dropOldest() }
        return sums.squaredCurrentTime
    }

    private mutating func dropOldest() {
        sums.count -= 1
        sums.squaredCurrentTime -= ring[head].squaredCurrentTime
        sums.net -= ring[head].net
        head = (head + 1) % Self.capacity
    }

    /// Takes in a pulse and returns the sums over the window that ends with it.
    mutating func add(
        atNanoseconds start: Int64, squaredCurrentTime: Int64, net: Int64, windowNanoseconds: Int64
    ) -> WindowSums {
        while sums.count > 0, ring[head].start <= start - windowNanoseconds || Int(sums.count) == Self.capacity {
            dropOldest()
        }
        ring[(head + Int(sums.count)) % Self.capacity] = Entry(
            start: start, squaredCurrentTime: squaredCurrentTime, net: net)
        sums.count += 1
        sums.squaredCurrentTime += squaredCurrentTime
        sums.net += net
        lastStart = start
        lastStartOfEnvelope = start
        return sums
    }

    /// The amplitude that may arrive at a moment, in µA.
    /// - Parameter atOnce: what one raise may gain, in µA.
    func allowedAmplitude(atNanoseconds now: Int64, atOnce: Int64) -> Int64 {
        envelope + min(atOnce * 1_000, bucket(atNanoseconds: now)) / 1_000
    }

    /// An amplitude arrived; the envelope follows it upward.
    mutating func reached(_ amplitude: Int64, atNanoseconds now: Int64, atOnce: Int64) {
        guard amplitude > envelope else { return }
        let held = min(atOnce * 1_000, bucket(atNanoseconds: now))
        bucketNanoamperes = max(0, held - (amplitude - envelope) * 1_000)
        bucketAtNanoseconds = now
        envelope = amplitude
    }

    /// The same where the rise is free.
    mutating func reachedOnBench(_ amplitude: Int64) { envelope = max(envelope, amplitude) }

    mutating func restartFromZero() {
        envelope = 0
        bucketNanoamperes = nil
        lastStartOfEnvelope = nil
    }

    /// What the bucket holds at a moment, in nanoamperes; as good as bottomless before the first raise.
    private func bucket(atNanoseconds now: Int64) -> Int64 {
        guard let held = bucketNanoamperes else { return 1_000_000_000_000 }
        // 2 mA/s is 2 nA for each microsecond.
        return held + max(0, now - bucketAtNanoseconds) / 1_000 * (MeterRules.riseMicroamperesPerSecond / 1_000)
    }
}

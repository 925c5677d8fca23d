/// What the needle meter remembers of one channel.
struct NeedleWindow: Sendable {
    let tissue: NeedleTissue
    /// What this channel is held to while it carries a dummy load.
    var benchLaw: BenchLaw?
    private(set) var pulseCount: Int64 = 0
    private(set) var lastPulse: DeliveredPulse?
    private(set) var envelope: Int64 = 0
    var driven = DirectCurrent()
    var flowed = DirectCurrent()

    // The pulse at hand.
    private var trace = PulseTrace(channel: 0, startNanoseconds: 0)
    private(set) var isOpen = false
    private(set) var startNanoseconds: Int64 = 0
    private(set) var lastActive: Int64 = 0
    private(set) var phaseSince: Int64 = 0
    private(set) var isShorted = false
    private var isPositive = false
    var isBegun = false
    var isCut = false
    var isOverlong = false

    // What may come: tokens in millionths of a µA.
    private var tokens = NeedleMeterRules.riseGraceMicroamperes * 1_000_000
    private var tokensAt: Int64?
    private var starts: [Int64] = []

    init(tissue: NeedleTissue) { self.tissue = tissue }

    /// The largest charge at k = 1.75, in pC: found by halving, since it is only for a text.
    var mostCharge: Int64 {
        var low: Int64 = 0
        var high: Int64 = 1_000_000_000
        while low < high {
            let middle = (low + high + 1) / 2
            if tissue.shannonPower(picocoulombs: middle) <= NeedleMeterRules.shannonPower {
                low = middle
            } else {
                high = middle - 1
            }
        }
        return low
    }

    mutating func add(_ segment: NeedleSegment) {
        let isUp = segment.drivenMicroamperes > 0
        if !isOpen {
            isOpen = true
            isBegun = false
            isCut = false
            isOverlong = false
            isShorted = false
            startNanoseconds = segment.fromNanoseconds
            phaseSince = segment.fromNanoseconds
            trace = PulseTrace(channel: segment.channel, startNanoseconds: segment.fromNanoseconds)
        } else {
            let pause = segment.fromNanoseconds - lastActive
            if pause > 0 { trace.add(microamperes: 0, microseconds: Int32((pause + 500) / 1_000)) }
            if isUp != isPositive || pause > 0 { phaseSince = segment.fromNanoseconds }
        }
        isPositive = isUp
        isShorted = isShorted || segment.isTouching
        let microseconds = Int32((segment.untilNanoseconds - segment.fromNanoseconds + 500) / 1_000)
        trace.add(
            microamperes: Int32(clamping: Nearest.whole(segment.drivenMicroamperes)), microseconds: microseconds,
            flowed: DrivenPoint(
                chargePicocoulombs: Nearest.whole(segment.flowedPicocoulombs),
                peakMicroamperes: Int32(clamping: Nearest.whole(abs(segment.firstMicroamperes))), peakVolts: 0,
                isLimited: segment.isLimited || segment.firstMicroamperes == 0))
        lastActive = segment.untilNanoseconds
    }

    mutating func close() -> DeliveredPulse {
        isOpen = false
        return trace.finish(isCut: isCut)
    }

    mutating func keep(_ pulse: DeliveredPulse) {
        pulseCount += 1
        lastPulse = pulse
        starts.append(pulse.startNanoseconds)
        if starts.count > 512 { starts.removeFirst(256) }
    }

    func count(after moment: Int64) -> Int64 {
        var count: Int64 = 0
        for start in starts.reversed() {
            if start <= moment { break }
            count += 1
        }
        return count
    }

    /// The amplitude that a pulse may have: the largest so far, and what was earned since.
    mutating func allowedAmplitude(at moment: Int64) -> Int64 {
        let since = max(0, moment - (tokensAt ?? moment))
        let rate = NeedleMeterRules.riseMicroamperesPerSecond
        // Between two pulses the set amplitude rises unseen, a second at most; then one step may come at once.
        let most =
            (NeedleMeterRules.riseGraceMicroamperes + rate * min(since, 1_000_000_000) / 1_000_000_000) * 1_000_000
        tokens = min(most, tokens + since / 1_000 * rate)
        tokensAt = moment
        return envelope + tokens / 1_000_000
    }

    mutating func reached(_ amplitude: Int64, at moment: Int64) {
        guard amplitude > envelope else { return }
        tokens = max(0, tokens - (amplitude - envelope) * 1_000_000)
        envelope = amplitude
    }

    /// The same where the rise is free.
    mutating func reachedOnBench(_ amplitude: Int64) { envelope = max(envelope, amplitude) }

    mutating func restartFromZero() {
        envelope = 0
        tokens = NeedleMeterRules.riseGraceMicroamperes * 1_000_000
        tokensAt = nil
    }
}

/// A running mean over a second, in bins of 100 ms. A pulse's phases are counted together when it is over, so that the
/// edge of a bin never parts them.
struct DirectCurrent: Sendable {
    private static let binNanoseconds: Int64 = 100_000_000
    private var bins = [Double](repeating: 0, count: 11)
    private var bin = Int64.min
    private var pending = 0.0

    /// A steady current for a while; `isPhase`: of a pulse that is not over.
    mutating func add(_ microamperes: Double, _ from: Int64, _ until: Int64, isPhase: Bool) {
        // 1 µA for 1 ns is a thousandth of a picocoulomb.
        guard !isPhase else {
            pending += microamperes * Double(until - from) * 1e-3
            return
        }
        var start = max(from, until - 1_100_000_000)
        moveOn(to: start / Self.binNanoseconds)
        bins[Int(max(bin, 0) % 11)] += pending
        pending = 0
        while start < until {
            let place = start / Self.binNanoseconds
            let end = min(until, (place + 1) * Self.binNanoseconds)
            moveOn(to: place)
            bins[Int(place % 11)] += microamperes * Double(end - start) * 1e-3
            start = end
        }
    }

    private mutating func moveOn(to place: Int64) {
        guard place > bin else { return }
        var next = max(bin == Int64.min ? place : bin + 1, place - 10)
        while next <= place {
            bins[Int(next % 11)] = 0
            next += 1
        }
        bin = place
    }

    /// The net charge of the last ten whole bins, without sign.
    var picocoulombsInASecond: Int64 {
        guard bin != Int64.min else { return 0 }
        var sum = 0.0
        for index in 0..<11 where index != Int(bin % 11) { sum += bins[index] }
        return Nearest.whole(abs(sum))
    }
}

/// Rounding without the mathematics library, which a release build does not link by itself.
enum Nearest {
    /// The nearest whole number, halves away from 0.
    static func whole(_ value: Double) -> Int64 { Int64(value < 0 ? value - 0.5 : value + 0.5) }
}

// What a probe across an output's load shows: the last few pulses, as lines between corners.

/// One corner of a curve. A step has two at the same moment.
public struct ProbeCorner: Equatable, Sendable {
    /// From the pulse's start.
    public let microseconds: Double
    public let volts: Double

    public init(microseconds: Double, volts: Double) {
        self.microseconds = microseconds
        self.volts = volts
    }
}

/// One pulse across a load: straight lines from corner to corner, the level at rest before and behind them.
public struct ProbePulse: Equatable, Sendable {
    public let startNanoseconds: Int64
    public internal(set) var corners: [ProbeCorner]

    public init(startNanoseconds: Int64, corners: [ProbeCorner]) {
        self.startNanoseconds = startNanoseconds
        self.corners = corners
    }

    /// From the first corner to the last, in microseconds.
    public var durationMicroseconds: Double {
        guard let first = corners.first, let last = corners.last else { return 0 }
        return last.microseconds - first.microseconds
    }

    public var highestVolts: Double { corners.reduce(0) { max($0, $1.volts) } }
    public var lowestVolts: Double { corners.reduce(0) { min($0, $1.volts) } }

    /// The signed area under the pulse, in volt-seconds: 0 when both phases carry the same charge.
    public var voltSeconds: Double {
        var sum = 0.0
        for (from, until) in zip(corners, corners.dropFirst()) {
            sum += (from.volts + until.volts) / 2 * (until.microseconds - from.microseconds)
        }
        return sum * 1e-6
    }

    /// Time spent beyond half of the largest voltage of one sign, in microseconds; nothing when there is none.
    public func width(isPositive: Bool) -> Double? {
        let sign = isPositive ? 1.0 : -1.0
        let half = (isPositive ? highestVolts : -lowestVolts) / 2
        guard half > 0 else { return nil }
        var width = 0.0
        for (from, until) in zip(corners, corners.dropFirst()) {
            let (low, high) = (min(from.volts * sign, until.volts * sign), max(from.volts * sign, until.volts * sign))
            let time = until.microseconds - from.microseconds
            if low >= half { width += time } else if high > half { width += time * (high - half) / (high - low) }
        }
        return width
    }
}

/// What a probe across an output's load shows at a moment.
public struct ProbeTrace: Equatable, Sendable {
    /// From 1.
    public let output: Int
    public let atNanoseconds: Int64
    /// Of what hangs on the output, without a double layer; infinite when nothing does.
    public let loadOhms: Double
    /// The level between pulses, in volts.
    public let restVolts: Double
    /// The last few that began within the last 300 ms, oldest first.
    public let pulses: [ProbePulse]

    /// What a probe remembers (the "last few pulses", and as long as a pulse each 250 ms needs).
    public static let windowNanoseconds: Int64 = 300_000_000
    public static let mostPulses = 32

    public init(output: Int, atNanoseconds: Int64, loadOhms: Double, restVolts: Double, pulses: [ProbePulse]) {
        self.output = output
        self.atNanoseconds = atNanoseconds
        self.loadOhms = loadOhms
        self.restVolts = restVolts
        self.pulses = pulses
    }

    /// A probe that touches nothing.
    public static let nothing = ProbeTrace(output: 0, atNanoseconds: 0, loadOhms: .infinity, restVolts: 0, pulses: [])

    /// The mean over the time before now, in volts.
    public func meanVolts(overNanoseconds window: Int64) -> Double {
        let from = atNanoseconds - window
        let area = pulses.reduce(0) { $1.startNanoseconds >= from ? $0 + $1.voltSeconds : $0 }
        return restVolts + area / (Double(window) * 1e-9)
    }
}

/// On the P24: what its oscilloscope has kept.
extension ProbePulse {
    init(_ wave: PulseWaveform) {
        self.init(
            startNanoseconds: wave.startNanoseconds,
            corners: wave.samples.map {
                ProbeCorner(microseconds: Double($0.microseconds), volts: Double($0.millivolts) / 1_000)
            })
    }
}

/// On the needle rig: gathers stretches of steady current into pulses.
struct ProbeRecorder: Sendable {
    private(set) var pulses: [ProbePulse] = []
    /// The level when it was last at rest, in volts.
    private(set) var restVolts = 0.0
    private var endNanoseconds = Int64.min
    /// A current that does not end fills no memory.
    private static let mostCorners = 64

    /// A stretch during which a phase ran.
    private mutating func add(from: Int64, until: Int64, firstVolts: Double, lastVolts: Double) {
        if pulses.isEmpty || from - endNanoseconds > NeedleMeterRules.endOfPulseNanoseconds {
            if pulses.count == ProbeTrace.mostPulses { pulses.removeFirst() }
            pulses.append(ProbePulse(startNanoseconds: from, corners: []))
        }
        let index = pulses.count - 1
        let start = pulses[index].startNanoseconds
        if from > endNanoseconds, !pulses[index].corners.isEmpty {
            pulses[index].corners.append(Self.corner(endNanoseconds - start, restVolts))
            pulses[index].corners.append(Self.corner(from - start, restVolts))
        }
        if pulses[index].corners.count >= Self.mostCorners { pulses[index].corners.removeLast(2) }
        pulses[index].corners.append(Self.corner(from - start, firstVolts))
        pulses[index].corners.append(Self.corner(until - start, lastVolts))
        endNanoseconds = until
    }

    private static func corner(_ nanoseconds: Int64, _ volts: Double) -> ProbeCorner {
        ProbeCorner(microseconds: Double(nanoseconds) / 1_000, volts: volts)
    }
}

extension ProbeRecorder {
    /// A stretch of an output's current; one at rest is only a level.
    mutating func add(_ segment: NeedleSegment, isPhase: Bool, firstVolts: Double, lastVolts: Double) {
        guard isPhase else {
            restVolts = lastVolts
            return
        }
        add(
            from: segment.fromNanoseconds, until: segment.untilNanoseconds, firstVolts: firstVolts, lastVolts: lastVolts
        )
    }
}

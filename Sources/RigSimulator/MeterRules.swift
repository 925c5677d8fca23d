// The meter's own law, written from the clinical sheet and from what was decided, not from the host's limits: two
// pieces of code that share only the units must agree before a pulse counts as harmless.

/// What one channel may carry, where a run has other figures for it than for the rest.
public struct ChannelRules: Equatable, Sendable {
    /// Cap on the peak, in microamperes.
    public let peakCapMicroamperes: Int32
    /// The channel's own rate, in millihertz.
    public let rateCapMillihertz: Int32
    /// The area of one of its pads in mm²; 0 leaves both densities unjudged.
    public let padSquareMillimetres: Int32

    /// Figures above the absolute ones count as those.
    public init(
        peakCapMicroamperes: Int32 = MeterRules.absolutePeakMicroamperes,
        rateCapMillihertz: Int32 = MeterRules.absoluteRateMillihertz, padSquareMillimetres: Int32 = 0
    ) {
        self.peakCapMicroamperes = min(peakCapMicroamperes, MeterRules.absolutePeakMicroamperes)
        self.rateCapMillihertz = min(max(rateCapMillihertz, 1), MeterRules.absoluteRateMillihertz)
        self.padSquareMillimetres = max(0, padSquareMillimetres)
    }
}

/// What a pulse at the electrode may be. The figures without a parameter are absolute; a run may only ask for less.
public struct MeterRules: Equatable, Sendable {
    /// Surface, absolute: 80 mA (decided, Amplitude).
    public static let absolutePeakMicroamperes: Int32 = 80_000
    /// One phase: 50 to 500 µs, the hard bounds of both kinds of electrode (clinical 1.8).
    public static let shortestPhaseMicroseconds: Int32 = 50
    public static let longestPhaseMicroseconds: Int32 = 500
    /// Charge of one phase: 32 µC, which is 80 mA for 400 µs (proposal).
    public static let phaseChargePicocoulombs: Int64 = 32_000_000
    /// What may be left of a phase as measured: 2 % (decided, Amplitude).
    public static let imbalancePercent: Int64 = 2
    /// Direct current: 10 µA, so 10 µC in a second (decided, Amplitude; 60601-1 normal condition [BLT]).
    public static let directCurrentPicocoulombsPerSecond: Int64 = 10_000_000
    /// Pulses in a second on one channel (decided: absolute rate 100 Hz).
    public static let absoluteRateMillihertz: Int32 = 100_000
    /// Rise of the amplitude that a person sets, surface: 2 mA/s (decided, Amplitude; clinical 1.8).
    public static let riseMicroamperesPerSecond: Int64 = 2_000
    /// One step of a surface treatment may come at once (decided, Amplitude).
    public static let riseGraceMicroamperes: Int64 = 1_000
    /// Root mean square current: 50 mA [ENRAF47], on one channel and of the patient: mean squares of all channels add
    /// up (clinical 1.8: sum limits per patient).
    public static let rootMeanSquareMicroamperes: Int64 = 50_000
    /// Root mean square density: 2 mA/cm², that is 20 µA for each mm² [AS-2-10] (decided, Amplitude).
    public static let densityMicroamperesPerSquareMillimetre: Int64 = 20
    /// Power density: 0.1 W/cm² (decided, Amplitude; device data sheet). At 500 Ω that is a mean square of
    /// 2,000,000 µA² for each mm²: 0.001 W/mm² / 500 Ω = 2e-6 A².
    public static let meanSquarePerSquareMillimetre: Int64 = 2_000_000
    /// Energy of one pulse into 500 Ω: 300 mJ [BIOPAC] [ASTUTE], as µA²·µs: 0.3 J / 500 Ω = 6e-4 A²s.
    public static let squaredCurrentTime: Int64 = 600_000_000_000_000
    /// Current-on programme of a session: 20 min (clinical 1.8).
    public static let onTimeMilliseconds: Int64 = 20 * 60 * 1_000

    /// The run's cap on the peak, in microamperes: the tightest of what protocol, rig and person allow.
    public var peakCapMicroamperes: Int32
    /// The run's own rate, in millihertz.
    public var rateCapMillihertz: Int32
    /// The area of one pad in mm²; 0 leaves both densities unjudged, and `isDensityJudged` says so.
    public var padSquareMillimetres: Int32
    /// The run's cap on the time under trains, in milliseconds.
    public var onTimeCapMilliseconds: Int64
    /// Contractions that may arrive on a channel, titration included; `nil` when the run is no series of contractions.
    public var contractionCap: Int32?
    /// How much a pulse may come before its time: 1 ms frame wait of USB and 1 ms tick of the host (decided, P24).
    public var arrivalJitterMicroseconds: Int64
    /// A silence longer than this lies between two contractions, in milliseconds (the slowest search runs at 1 Hz).
    public var contractionGapMilliseconds: Int64
    /// Pulses kept as a record; older ones are overwritten, the statistics go on.
    public var recordCapacity: Int

    public init(
        peakCapMicroamperes: Int32 = MeterRules.absolutePeakMicroamperes,
        rateCapMillihertz: Int32 = MeterRules.absoluteRateMillihertz, padSquareMillimetres: Int32 = 0,
        onTimeCapMilliseconds: Int64 = MeterRules.onTimeMilliseconds, contractionCap: Int32? = nil,
        arrivalJitterMicroseconds: Int64 = 2_000, contractionGapMilliseconds: Int64 = 1_500,
        recordCapacity: Int = 16_384
    ) {
        self.peakCapMicroamperes = min(peakCapMicroamperes, Self.absolutePeakMicroamperes)
        self.rateCapMillihertz = min(max(rateCapMillihertz, 1), Self.absoluteRateMillihertz)
        self.padSquareMillimetres = max(0, padSquareMillimetres)
        self.onTimeCapMilliseconds = min(onTimeCapMilliseconds, Self.onTimeMilliseconds)
        self.contractionCap = contractionCap
        self.arrivalJitterMicroseconds = arrivalJitterMicroseconds
        self.contractionGapMilliseconds = contractionGapMilliseconds
        self.recordCapacity = max(1, recordCapacity)
    }

    public var isDensityJudged: Bool { padSquareMillimetres > 0 }

    /// Channels with figures of their own.
    private var ownRules: [ChannelRules?] = []

    /// Gives a channel, 1 to 8, figures of its own; `nil` takes them away.
    public mutating func setRules(_ rules: ChannelRules?, channel: UInt8) {
        guard (1...8).contains(channel) else { return }
        if ownRules.isEmpty { ownRules = [ChannelRules?](repeating: nil, count: 8) }
        ownRules[Int(channel) - 1] = rules
    }

    /// What a channel may carry: its own figures, or those of the run.
    public func rules(channel: UInt8) -> ChannelRules {
        if !ownRules.isEmpty, (1...8).contains(channel), let own = ownRules[Int(channel) - 1] { return own }
        return ChannelRules(
            peakCapMicroamperes: peakCapMicroamperes, rateCapMillihertz: rateCapMillihertz,
            padSquareMillimetres: padSquareMillimetres)
    }

    /// The shortest time from one pulse to the next on a channel, in nanoseconds, jitter taken off.
    func shortestIntervalNanoseconds(_ channel: ChannelRules) -> Int64 {
        max(0, 1_000_000_000_000 / Int64(channel.rateCapMillihertz) - arrivalJitterMicroseconds * 1_000)
    }

    /// Pulses that a second may hold on a channel, longer by what the meter was held up.
    func pulsesInASecond(_ channel: ChannelRules, blurNanoseconds: Int64) -> Int64 {
        let microseconds = 1_000_000 + min(1_000_000_000, blurNanoseconds / 1_000)
        return (Int64(channel.rateCapMillihertz) * microseconds + 999_999_999) / 1_000_000_000
    }

    /// The judged second, in nanoseconds: shorter by the jitter, so that a pulse come early is not counted twice.
    var windowNanoseconds: Int64 { 1_000_000_000 - arrivalJitterMicroseconds * 1_000 }
}

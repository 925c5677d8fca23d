// An oscilloscope at the pads: what each of the last pulses looked like, computed only when somebody asks.

/// One moment of a pulse at the pads.
public struct WaveformSample: Equatable, Sendable {
    /// From the pulse's start.
    public let microseconds: Int32
    /// What was set, and what flowed.
    public let setMicroamperes: Int32
    public let flowedMicroamperes: Int32
    /// At the source, with its sign.
    public let millivolts: Int32
}

/// One pulse as an oscilloscope shows it.
public struct PulseWaveform: Equatable, Sendable {
    /// 1 to 8.
    public let channel: UInt8
    public let startNanoseconds: Int64
    /// To its end or its cut.
    public let durationMicroseconds: Int32
    /// In order of time; a step of the current has two samples at the same microsecond.
    public let samples: [WaveformSample]
}

/// What is needed to drive a pulse once more on a copy of the pads as they were.
struct ScopeEntry: Sendable {
    /// As set, and as made.
    var pattern = PulsePattern()
    var made = PulsePattern()
    var electrodes: ElectrodePair
    var startNanoseconds: Int64 = 0
    var limitMicroseconds: Int64 = 0
    var complianceVolts: Double = 0

    /// Samples of one point of the pulse, its two ends included.
    private static let samplesInPoint: Int32 = 8

    var waveform: PulseWaveform {
        var pads = electrodes
        var samples: [WaveformSample] = []
        var elapsed: Int64 = 0
        for point in 0..<pattern.count where elapsed < limitMicroseconds {
            let duration = Int32(min(Int64(pattern.microseconds(point)), limitMicroseconds - elapsed))
            let set = pattern.microamperes(point)
            let current = made.microamperes(point)
            let parts = max(1, min(duration, Self.samplesInPoint))
            var done: Int32 = 0
            for part in 1...parts {
                let now = startNanoseconds + (elapsed + Int64(done)) * 1_000
                let step = duration * part / parts - done
                let before = pads.layerVolts
                let driven = pads.drive(
                    microamperes: current, forMicroseconds: step, complianceVolts: complianceVolts,
                    atNanoseconds: now)
                let flowed = step > 0 ? Int32(clamping: driven.chargePicocoulombs / Int64(step)) : 0
                if part == 1 { samples.append(sample(elapsed, 0, set, current, flowed, before, pads, now)) }
                done += step
                samples.append(sample(elapsed, done, set, current, flowed, pads.layerVolts, pads, now))
            }
            elapsed += Int64(duration)
        }
        return PulseWaveform(
            channel: made.channel, startNanoseconds: startNanoseconds,
            durationMicroseconds: Int32(clamping: elapsed), samples: samples)
    }

    private func sample(
        _ elapsed: Int64, _ done: Int32, _ set: Int32, _ current: Int32, _ flowed: Int32, _ layerVolts: Double,
        _ pads: ElectrodePair, _ now: Int64
    ) -> WaveformSample {
        let volts = pads.sourceVolts(
            setMicroamperes: current, flowedMicroamperes: flowed, layerVolts: layerVolts,
            complianceVolts: complianceVolts, atNanoseconds: now)
        return WaveformSample(
            microseconds: Int32(clamping: elapsed) + done, setMicroamperes: set, flowedMicroamperes: flowed,
            millivolts: Int32(volts * 1_000))
    }
}

/// The last pulses of all channels, in memory that is taken once.
struct Scope: Sendable {
    private var ring: [ScopeEntry] = []
    private(set) var count: Int64 = 0

    static let capacity = 64

    init() { ring.reserveCapacity(Self.capacity) }

    mutating func keep(_ entry: ScopeEntry) {
        if ring.count < Self.capacity {
            ring.append(entry)
        } else {
            ring[Int(count % Int64(Self.capacity))] = entry
        }
        count += 1
    }

    func waveform(number: Int64) -> PulseWaveform? {
        guard number >= 0, number < count, number >= count - Int64(Self.capacity) else { return nil }
        return ring[Int(number % Int64(Self.capacity))].waveform
    }

    func lastWaveform(channel: UInt8) -> PulseWaveform? {
        var number = count - 1
        while number >= 0, number >= count - Int64(Self.capacity) {
            let entry = ring[Int(number % Int64(Self.capacity))]
            if entry.made.channel == channel { return entry.waveform }
            number -= 1
        }
        return nil
    }

    /// What arrived at a channel since a moment, oldest first: pulses with current, so many at most.
    func waveforms(channel: UInt8, sinceNanoseconds moment: Int64, atMost most: Int) -> [PulseWaveform] {
        var found: [PulseWaveform] = []
        var number = count - 1
        while number >= 0, number >= count - Int64(Self.capacity), found.count < most {
            let entry = ring[Int(number % Int64(Self.capacity))]
            number -= 1
            guard entry.made.channel == channel, entry.startNanoseconds >= moment else { continue }
            if entry.made.peakMicroamperes > 0 { found.append(entry.waveform) }
        }
        return found.reversed()
    }
}

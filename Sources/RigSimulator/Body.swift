// Where a pulse ends: pads, tissue, muscle, and the meter that sees all of it.

import ScienceMode4

/// What stands behind a pulse: the source's voltage, and what the device notices and measures.
struct PulseSource {
    var complianceVolts: Double
    /// Below this share of the set charge the current counts as low, in per cent.
    var lowCurrentPercent: Int64
    var measuring: Measurement
    /// What 1 mA or 1 V is in a sample.
    var sampleScale: Int32
    /// The most that it can be set to.
    var fullScaleMicroamperes: Int32
}

/// What the stimulator notices of a pulse that it has driven.
struct PulseOutcome {
    var isOpenCircuit = false
    var isLowCurrent = false
    var samples: MeasuredSamples?
}

/// A pair of pads: the channel that it hangs on, 1 to 8, and the muscle under it.
public struct PadPair: Equatable, Sendable {
    public var channel: UInt8
    public var site: PadSite

    public init(channel: UInt8, site: PadSite) {
        self.channel = channel
        self.site = site
    }
}

/// The pads of all eight channels on one person, the muscle under each, and the meter between.
public struct Body: Sendable {
    public internal(set) var meter: ElectrodeMeter
    public let person: VirtualPerson
    /// The channels that carry pads, and what lies under them.
    public let pads: [PadPair]
    private var electrodes: [ElectrodePair]
    private var muscles: [Muscle]
    private var scope = Scope()
    private var errors: OutputErrors

    /// - Parameters:
    ///   - pads: the channels that carry pads; the others are open.
    ///   - dummyLoads: what hangs on a channel in place of pads, by its number.
    ///   - errors: what is wrong with a channel, by its number.
    public init(
        person: VirtualPerson, pads: [PadPair], rules: MeterRules, dummyLoads: [Int: DummyLoad] = [:],
        errors: [Int: OutputError] = [:]
    ) {
        self.errors = OutputErrors(count: 8, errors)
        self.person = person
        self.pads = pads.filter { (1...8).contains($0.channel) }
        meter = ElectrodeMeter(rules: rules)
        electrodes = [ElectrodePair](repeating: ElectrodePair(skin: person.skin, contact: .detached), count: 8)
        muscles = [Muscle](repeating: Muscle(figures: person.muscle), count: 8)
        for pair in self.pads {
            electrodes[Int(pair.channel) - 1] = ElectrodePair(skin: person.skin(at: pair.site), contact: .attached)
            muscles[Int(pair.channel) - 1] = Muscle(figures: person.muscle(at: pair.site))
        }
        for (output, load) in dummyLoads where (1...8).contains(output) { electrodes[output - 1].load = load }
        applyBenchLaw()
    }

    /// What hangs on a channel, 1 to 8, in place of pads; nothing when pads may.
    public func dummyLoad(channel: UInt8) -> DummyLoad? { electrodes[min(7, max(1, Int(channel)) - 1)].load }

    mutating func setDummyLoad(_ load: DummyLoad?, channel: UInt8) {
        guard (1...8).contains(channel) else { return }
        electrodes[Int(channel) - 1].load = load
        applyBenchLaw()
    }

    mutating func setError(_ error: OutputError, channel: UInt8) {
        errors.set(error, output: Int(channel))
        applyBenchLaw()
    }

    private mutating func applyBenchLaw() {
        for index in 0..<8 {
            let isWrong = errors.touches(leads: index + 1)
            let law = electrodes[index].load.map { _ in BenchLaw(judgesBalance: !isWrong) }
            meter.setBenchLaw(law, channel: UInt8(index + 1))
        }
    }

    /// What a probe at a channel shows at a moment; a channel outside 1 to 8 is no channel.
    func probe(channel: Int, atNanoseconds now: Int64) -> ProbeTrace {
        guard (1...8).contains(channel) else { return .nothing }
        let seen = scope.waveforms(
            channel: UInt8(channel), sinceNanoseconds: now - ProbeTrace.windowNanoseconds,
            atMost: ProbeTrace.mostPulses)
        return ProbeTrace(
            output: channel, atNanoseconds: now, loadOhms: electrodes[channel - 1].seriesOhms(atNanoseconds: now),
            restVolts: 0, pulses: seen.map { ProbePulse($0) })
    }

    /// The muscle under a channel's pads, 1 to 8.
    public func muscle(channel: UInt8) -> Muscle { muscles[min(7, max(1, Int(channel)) - 1)] }

    /// What holds a channel's pads, 1 to 8.
    public func contact(channel: UInt8) -> Contact { electrodes[min(7, max(1, Int(channel)) - 1)].contact }

    /// Where a channel's pads stick; nothing when it has none.
    public func site(channel: UInt8) -> PadSite? { pads.first { $0.channel == channel }?.site }

    /// Pulses driven on all channels, those without current included.
    public var drivenCount: Int64 { scope.count }

    /// Pulse `number`, counted from 0, as an oscilloscope at the pads shows it; nothing when not yet driven or already
    /// overwritten (the last 64 are kept).
    public func waveform(number: Int64) -> PulseWaveform? { scope.waveform(number: number) }

    /// The last pulse of a channel as an oscilloscope shows it.
    public func lastWaveform(channel: UInt8) -> PulseWaveform? { scope.lastWaveform(channel: channel) }

    mutating func setContact(_ contact: Contact, channel: UInt8) {
        guard (1...8).contains(channel) else { return }
        electrodes[Int(channel) - 1].contact = contact
    }

    /// True when nothing would flow on a channel.
    func isOpen(channel: UInt8) -> Bool { electrodes[errors.leads(of: Int(channel)) - 1].isOpen }

    /// Drives one pulse from its first point on, for no longer than `limitMicroseconds`.
    mutating func drive(
        _ pattern: PulsePattern, startNanoseconds: Int64, limitMicroseconds: Int64, from source: PulseSource
    ) -> PulseOutcome {
        let made = errors.made(pattern, fullScaleMicroamperes: source.fullScaleMicroamperes)
        let index = Int(made.channel) - 1
        var outcome = PulseOutcome()
        let reading = 1 + errors.error(of: Int(pattern.channel)).readBackThousandths / 1_000
        outcome.samples = sample(made, startNanoseconds: startNanoseconds, source, scaledBy: reading)
        let before = electrodes[index]
        var trace = PulseTrace(channel: made.channel, startNanoseconds: startNanoseconds)
        var elapsed: Int64 = 0
        for point in 0..<pattern.count where elapsed < limitMicroseconds {
            let duration = Int32(min(Int64(pattern.microseconds(point)), limitMicroseconds - elapsed))
            let current = made.microamperes(point)
            let driven = electrodes[index].drive(
                microamperes: current, forMicroseconds: duration, complianceVolts: source.complianceVolts,
                atNanoseconds: startNanoseconds + elapsed * 1_000)
            trace.add(microamperes: current, microseconds: duration, flowed: driven)
            let asked = Int64(current.magnitude) * Int64(duration)
            if Int64(driven.chargePicocoulombs.magnitude) * 100 < asked * source.lowCurrentPercent {
                outcome.isLowCurrent = true
            }
            elapsed += Int64(duration)
        }
        let pulse = trace.finish(isCut: elapsed < pattern.totalMicroseconds)
        outcome.isOpenCircuit = electrodes[index].isOpen && !pulse.isEmpty
        let throughMuscle = electrodes[index].isBesideThePerson ? 0 : pulse.firstPhaseFlowedPicocoulombs
        if throughMuscle != 0 {
            muscles[index].receive(
                chargePicocoulombs: throughMuscle, phaseMicroseconds: pulse.firstPhaseMicroseconds,
                atNanoseconds: startNanoseconds)
        }
        scope.keep(
            ScopeEntry(
                pattern: pattern, made: made, electrodes: before, startNanoseconds: startNanoseconds,
                limitMicroseconds: elapsed, complianceVolts: source.complianceVolts))
        meter.receive(pulse)
        return outcome
    }

    /// What the device measures during a pulse: 128 samples in hundredths of 1 mA or 1 V, without sign, so far apart
    /// that they cover the pulse. Both are guesses of the documents' readers (sheet 4.3).
    private func sample(
        _ pattern: PulsePattern, startNanoseconds: Int64, _ source: PulseSource, scaledBy reading: Double
    ) -> MeasuredSamples? {
        let step = max(1, (pattern.totalMicroseconds + 127) / 128)
        guard
            var samples = MeasuredSamples(
                measurement: source.measuring, samplingTimeMicroseconds: UInt16(clamping: step))
        else { return nil }
        var pads = electrodes[Int(pattern.channel) - 1]
        var point = 0
        var pointEnd = pattern.count > 0 ? Int64(pattern.microseconds(0)) : 0
        for index in 0..<MeasuredSamples.count {
            let moment = Int64(index) * step
            while point < pattern.count, moment >= pointEnd {
                point += 1
                if point < pattern.count { pointEnd += Int64(pattern.microseconds(point)) }
            }
            guard point < pattern.count else { break }
            let driven = pads.drive(
                microamperes: pattern.microamperes(point), forMicroseconds: Int32(step),
                complianceVolts: source.complianceVolts, atNanoseconds: startNanoseconds + moment * 1_000)
            let value: Double
            switch source.measuring {
            case .none: value = 0
            case .current: value = Double(driven.chargePicocoulombs.magnitude) / Double(step) / 1_000
            case .voltage: value = driven.peakVolts
            case .highVoltageSource: value = source.complianceVolts
            }
            samples[index] = UInt16(min(65_535, value * reading * Double(source.sampleScale)))
        }
        return samples
    }
}

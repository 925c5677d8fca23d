// Where a pulse ends: pads, tissue, muscle, and the meter that sees all of it.

import ScienceMode4

/// What the stimulator notices of a pulse that it has driven.
struct PulseOutcome {
    var isOpenCircuit = false
    var isLowCurrent = false
    var samples: MeasuredSamples?
}

/// The pads of all eight channels on one person, the muscle under each, and the meter between.
public struct Body: Sendable {
    public internal(set) var meter: ElectrodeMeter
    public let person: VirtualPerson
    private var electrodes: [ElectrodePair]
    private var muscles: [Muscle]

    /// - Parameter channels: those that carry pads; the others are open.
    public init(person: VirtualPerson, channels: [UInt8], rules: MeterRules) {
        self.person = person
        meter = ElectrodeMeter(rules: rules)
        electrodes = (1...8).map {
            ElectrodePair(skin: person.skin, contact: channels.contains($0) ? .attached : .detached)
        }
        muscles = [Muscle](repeating: Muscle(figures: person.muscle), count: 8)
    }

    /// The muscle under a channel's pads, 1 to 8.
    public func muscle(channel: UInt8) -> Muscle { muscles[min(7, max(1, Int(channel)) - 1)] }

    /// What holds a channel's pads, 1 to 8.
    public func contact(channel: UInt8) -> Contact { electrodes[min(7, max(1, Int(channel)) - 1)].contact }

    mutating func setContact(_ contact: Contact, channel: UInt8) {
        guard (1...8).contains(channel) else { return }
        electrodes[Int(channel) - 1].contact = contact
    }

    /// True when nothing would flow on a channel.
    func isOpen(channel: UInt8) -> Bool { electrodes[Int(channel) - 1].contact == .detached }

    /// Drives one pulse from its first point on, for no longer than `limitMicroseconds`.
    mutating func drive(
        _ pattern: PulsePattern, startNanoseconds: Int64, limitMicroseconds: Int64, compliance: Double,
        lowCurrentPercent: Int64, measuring: Measurement
    ) -> PulseOutcome {
        let index = Int(pattern.channel) - 1
        var outcome = PulseOutcome()
        outcome.samples = sample(pattern, startNanoseconds: startNanoseconds, compliance, measuring)
        var trace = PulseTrace(channel: pattern.channel, startNanoseconds: startNanoseconds)
        var elapsed: Int64 = 0
        for point in 0..<pattern.count where elapsed < limitMicroseconds {
            let duration = Int32(min(Int64(pattern.microseconds(point)), limitMicroseconds - elapsed))
            let current = pattern.microamperes(point)
            let driven = electrodes[index].drive(
                microamperes: current, forMicroseconds: duration, complianceVolts: compliance,
                atNanoseconds: startNanoseconds + elapsed * 1_000)
            trace.add(microamperes: current, microseconds: duration, flowed: driven)
            let asked = Int64(current.magnitude) * Int64(duration)
            if Int64(driven.chargePicocoulombs.magnitude) * 100 < asked * lowCurrentPercent {
                outcome.isLowCurrent = true
            }
            elapsed += Int64(duration)
        }
        let pulse = trace.finish(isCut: elapsed < pattern.totalMicroseconds)
        outcome.isOpenCircuit = electrodes[index].contact == .detached && !pulse.isEmpty
        if electrodes[index].contact != .short, pulse.flowedMicroamperes != 0 {
            muscles[index].receive(
                microamperes: pulse.flowedMicroamperes, phaseMicroseconds: pulse.firstPhaseMicroseconds,
                atNanoseconds: startNanoseconds)
        }
        meter.receive(pulse)
        return outcome
    }

    /// What the device measures during a pulse: 128 samples in hundredths of 1 mA or 1 V, without sign, so far apart
    /// that they cover the pulse. Both are guesses of the documents' readers (sheet 4.3).
    private func sample(
        _ pattern: PulsePattern, startNanoseconds: Int64, _ compliance: Double, _ measuring: Measurement
    ) -> MeasuredSamples? {
        let step = max(1, (pattern.totalMicroseconds + 127) / 128)
        guard
            var samples = MeasuredSamples(
                measurement: measuring, samplingTimeMicroseconds: UInt16(clamping: step))
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
                microamperes: pattern.microamperes(point), forMicroseconds: Int32(step), complianceVolts: compliance,
                atNanoseconds: startNanoseconds + moment * 1_000)
            let value: Double
            switch measuring {
            case .none: value = 0
            case .current: value = Double(driven.chargePicocoulombs.magnitude) / Double(step) / 10
            case .voltage: value = driven.peakVolts * 100
            case .highVoltageSource: value = compliance * 100
            }
            samples[index] = UInt16(min(65_535, value))
        }
        return samples
    }
}

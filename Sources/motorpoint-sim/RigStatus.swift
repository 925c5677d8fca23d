import Foundation
import RigSimulator
import StimulusModel

/// The rig's state as one line of JSON, for scripts; every key carries its unit.
struct RigStatus: Encodable {
    let present: Bool
    let highVoltage: Bool
    let level: UInt8
    let pulses: Int64
    let cutPulses: Int64
    let lastPulseNs: Int64?
    let sinceLastPulseMs: Int64?
    let lastPulseUa: Int32?
    let lastPhaseUs: Int32?
    let envelopeMa: Double
    let largestPeakMa: Double
    let ratePerS: Int64
    let chargeUc: Double
    let onTimeMs: Int64
    let contractions: Int32
    let motorTwitches: Int
    let forcePercent: Int
    let violations: Int64
    let firstViolation: String?
    let faults: Int64
    let appearances: Int
    let framesRead: Int64
    let framesRejected: Int64
    let nowNs: Int64
    /// Each channel that carries pads.
    let channels: [ChannelStatus]

    init(_ rig: borrowing VirtualRig, at now: Instant) {
        let meter = rig.meter
        let channel = meter.lastPulse?.channel ?? 1
        present = rig.isPresent
        highVoltage = rig.device.isHighVoltageOn
        level = rig.device.reportedLevel
        pulses = meter.pulseCount
        cutPulses = meter.cutCount
        lastPulseNs = meter.lastPulse?.startNanoseconds
        sinceLastPulseMs = meter.sinceLastPulse(at: now)?.milliseconds
        lastPulseUa = meter.lastPulse?.firstPhaseMicroamperes
        lastPhaseUs = meter.lastPulse?.firstPhaseMicroseconds
        envelopeMa = Double(meter.envelopeMicroamperes) / 1_000
        largestPeakMa = Double(meter.largestPeakMicroamperes) / 1_000
        ratePerS = meter.pulsesInTheLastSecond(at: now)
        chargeUc = Double(meter.totalChargePicocoulombs) / 1_000_000
        onTimeMs = meter.onTimeMilliseconds
        contractions = meter.contractionCount
        motorTwitches = rig.body.muscle(channel: channel).twitches
        forcePercent = Int(rig.force(channel: channel, at: now) * 100)
        violations = meter.violationCount
        firstViolation = meter.violations.first?.description
        faults = rig.faults.firedCount
        appearances = rig.appearances
        framesRead = rig.device.counts.framesRead
        framesRejected = rig.device.counts.framesRejected
        nowNs = now.nanoseconds
        var found: [ChannelStatus] = []
        for pair in rig.body.pads { found.append(ChannelStatus(pair, rig, at: now)) }
        channels = found
    }

    /// One line, keys sorted.
    var line: String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}

/// One channel as it is at the moment.
struct ChannelStatus: Encodable {
    let channel: UInt8
    let muscle: String
    let pulses: Int64
    let lastPulseUa: Int32?
    let flowedUa: Int32?
    let lastPulseMv: Int32?
    let envelopeMa: Double
    let ratePerS: Int64
    let chargeUc: Double
    let contractions: Int32
    let motorTwitches: Int
    let forcePercent: Int
    let freshPercent: Int

    init(_ pair: PadPair, _ rig: borrowing VirtualRig, at now: Instant) {
        let last = rig.meter.lastPulse(channel: pair.channel)
        let below = rig.body.muscle(channel: pair.channel)
        channel = pair.channel
        muscle = pair.site.rawValue
        pulses = rig.meter.pulseCount(channel: pair.channel)
        lastPulseUa = last?.firstPhaseMicroamperes
        flowedUa = last?.flowedMicroamperes
        lastPulseMv = last?.peakMillivolts
        envelopeMa = Double(rig.meter.envelopeMicroamperes(channel: pair.channel)) / 1_000
        ratePerS = rig.meter.pulsesInTheLastSecond(channel: pair.channel, at: now)
        chargeUc = Double(rig.meter.totalChargePicocoulombs(channel: pair.channel)) / 1_000_000
        contractions = rig.meter.contractionCount(channel: pair.channel)
        motorTwitches = below.twitches
        forcePercent = Int(rig.force(channel: pair.channel, at: now) * 100)
        freshPercent = Int(below.freshness(atNanoseconds: now.nanoseconds) * 100)
    }
}

// The question that every scenario ends with: did anything reach the electrode that should not have?

public import StimulusModel

/// A meter between the stimulator and the pads: records each pulse that arrived and judges it by `MeterRules`.
///
/// It knows nothing of the host. What it judges is what the stimulator drove, which is never less than what flowed;
/// what flowed is judged for balance. Memory is taken once, at the start.
public struct ElectrodeMeter: Sendable {
    public let rules: MeterRules

    /// Pulses with current, cut ones included.
    public private(set) var pulseCount: Int64 = 0
    /// Patterns without any current.
    public private(set) var emptyCount: Int64 = 0
    /// Pulses that power, reset or an electrode error cut short.
    public private(set) var cutCount: Int64 = 0
    /// Pulses for which the voltage did not suffice.
    public private(set) var unregulatedCount: Int64 = 0
    /// Charge driven in first phases, in picocoulombs, without sign.
    public private(set) var totalChargePicocoulombs: Int64 = 0
    /// The largest driven current, in microamperes.
    public private(set) var largestPeakMicroamperes: Int32 = 0
    /// The largest charge of one phase, in picocoulombs.
    public private(set) var largestPhaseChargePicocoulombs: Int64 = 0
    /// The most pulses seen within a second on a channel.
    public private(set) var mostPulsesInASecond: Int64 = 0
    /// The largest mean square over a second on a channel, in µA².
    public private(set) var largestMeanSquare: Int64 = 0
    /// The largest sum of the mean squares of all channels over a second, in µA².
    public private(set) var largestPatientMeanSquare: Int64 = 0
    /// The patient's time under trains, in milliseconds: the sum of all intervals that are no gap, on any channel.
    public var onTimeMilliseconds: Int64 { onTimeNanoseconds / 1_000_000 }
    private var onTimeNanoseconds: Int64 = 0
    /// Groups of pulses between silences, on the channel that has most of them.
    public private(set) var contractionCount: Int32 = 0
    /// The last pulse with current.
    public private(set) var lastPulse: DeliveredPulse?
    /// The first pulse with current, in nanoseconds.
    public private(set) var firstPulseNanoseconds: Int64?
    /// Whether the stimulator's high voltage is on.
    public private(set) var isHighVoltageOn = false

    /// Broken rules, all of them counted, the first 64 with figures.
    public private(set) var violations: [MeterViolation] = []
    public private(set) var violationCount: Int64 = 0
    private var countByRule: [Int64]

    private var channels: [ChannelWindow]
    /// Bit 0 is channel 1: channels that ever carried a pulse.
    private var usedChannels: UInt8 = 0
    private var record: [DeliveredPulse] = []
    private var forbiddenFromNanoseconds = Int64.max

    /// Moments at which the meter itself was held up, and the longest of them.
    public private(set) var blurCount: Int64 = 0
    public private(set) var longestBlur = TimeSpan.zero
    private var blurNanoseconds: Int64 = 0
    private var blurUntilNanoseconds = Int64.min

    static let violationsKept = 64

    public init(rules: MeterRules) {
        self.rules = rules
        countByRule = [Int64](repeating: 0, count: MeterRule.allCases.count)
        channels = [ChannelWindow](repeating: ChannelWindow(), count: 8)
        violations.reserveCapacity(Self.violationsKept)
    }

    /// True while nothing was found.
    public var isClean: Bool { violationCount == 0 }

    /// How often a rule was broken.
    public func count(of rule: MeterRule) -> Int64 { countByRule[Int(rule.rawValue)] }

    /// The amplitude envelope of a channel: the largest amplitude that arrived since the voltage came on, in µA.
    public func envelopeMicroamperes(channel: UInt8) -> Int64 {
        (1...8).contains(channel) ? channels[Int(channel) - 1].envelope : 0
    }

    /// Pulses with current on a channel, 1 to 8.
    public func pulseCount(channel: UInt8) -> Int64 { window(channel)?.pulseCount ?? 0 }

    /// Charge driven in first phases on a channel, in picocoulombs, without sign.
    public func totalChargePicocoulombs(channel: UInt8) -> Int64 { window(channel)?.totalCharge ?? 0 }

    /// Groups of pulses between silences on a channel.
    public func contractionCount(channel: UInt8) -> Int32 { window(channel)?.contractionCount ?? 0 }

    /// The last pulse with current on a channel.
    public func lastPulse(channel: UInt8) -> DeliveredPulse? { window(channel)?.lastPulse }

    /// The rate on a channel over the second before a moment, in pulses.
    public func pulsesInTheLastSecond(channel: UInt8, at now: Instant) -> Int64 {
        window(channel)?.count(after: now.nanoseconds - 1_000_000_000) ?? 0
    }

    private func window(_ channel: UInt8) -> ChannelWindow? {
        (1...8).contains(channel) ? channels[Int(channel) - 1] : nil
    }

    /// The largest envelope of all channels, in µA.
    public var envelopeMicroamperes: Int64 {
        var largest: Int64 = 0
        for channel in channels { largest = max(largest, channel.envelope) }
        return largest
    }

    /// Time from the last pulse's start to a moment; nothing if there was none.
    public func sinceLastPulse(at now: Instant) -> TimeSpan? {
        lastPulse.map { now.since(Instant(nanoseconds: $0.startNanoseconds)) }
    }

    /// The rate on the busiest channel over the second before a moment, in pulses.
    public func pulsesInTheLastSecond(at now: Instant) -> Int64 {
        var most: Int64 = 0
        for index in 0..<8 {
            most = max(most, channels[index].count(after: now.nanoseconds - 1_000_000_000))
        }
        return most
    }

    /// Pulse number `number`, counted from 0 over the whole run; nothing if not yet seen or already overwritten.
    public func pulse(number: Int64) -> DeliveredPulse? {
        let kept = Int64(rules.recordCapacity)
        guard number >= 0, number < pulseCount, number >= pulseCount - kept else { return nil }
        return record[Int(number % kept)]
    }

    /// From this moment on no pulse may begin. A later call replaces an earlier one.
    public mutating func forbidPulses(after moment: Instant) { forbiddenFromNanoseconds = moment.nanoseconds }

    /// Pulses are allowed again.
    public mutating func allowPulses() { forbiddenFromNanoseconds = Int64.max }

    /// The run knows that the host must restart from 0 mA now, for example after a pause.
    public mutating func requireRestartFromZero() {
        for index in 0..<8 { channels[index].restartFromZero() }
    }

    /// The machine on which the meter runs held it up for that long: what arrived meanwhile was seen late. For a second
    /// intervals are judged that much more mildly, since a late pulse and a punctual one after it look too close. In
    /// virtual time this never happens.
    public mutating func blur(by span: TimeSpan, at now: Instant) {
        guard span.nanoseconds > 0 else { return }
        blurCount += 1
        if span.nanoseconds > longestBlur.nanoseconds { longestBlur = span }
        let held = now.nanoseconds < blurUntilNanoseconds ? blurNanoseconds : 0
        blurNanoseconds = max(held, span.nanoseconds)
        blurUntilNanoseconds = now.nanoseconds + 1_100_000_000
    }

    /// The blur that counts for a pulse, in nanoseconds.
    private func blur(at moment: Int64) -> Int64 { moment < blurUntilNanoseconds ? blurNanoseconds : 0 }

    /// The stimulator's high voltage went on or off; off also when the device lost power.
    public mutating func highVoltage(isOn: Bool) {
        isHighVoltageOn = isOn
        if !isOn { requireRestartFromZero() }
    }

    /// Another session begins: its time and its contractions are counted from here.
    public mutating func beginSession() {
        onTimeNanoseconds = 0
        contractionCount = 0
        for index in 0..<8 { channels[index].beginSession() }
    }

    /// One pulse arrived.
    public mutating func receive(_ pulse: DeliveredPulse) {
        guard !pulse.isEmpty, (1...8).contains(pulse.channel) else {
            emptyCount += 1
            return
        }
        let own = rules.rules(channel: pulse.channel)
        keep(pulse)
        if let law = channels[Int(pulse.channel) - 1].benchLaw {
            judgeOnBench(pulse, own, law)
            return channels[Int(pulse.channel) - 1].keep(pulse, charge: firstPhaseCharge(pulse))
        }
        judgeShape(pulse, own)
        judgeBalance(pulse)
        judgeTime(pulse)
        judgeTrain(pulse, own)
        channels[Int(pulse.channel) - 1].keep(pulse, charge: firstPhaseCharge(pulse))
    }

    private func firstPhaseCharge(_ pulse: DeliveredPulse) -> Int64 {
        Int64(pulse.firstPhaseMicroamperes.magnitude) * Int64(pulse.firstPhaseMicroseconds)
    }

    private mutating func keep(_ pulse: DeliveredPulse) {
        if record.count < rules.recordCapacity {
            record.append(pulse)
        } else {
            record[Int(pulseCount % Int64(rules.recordCapacity))] = pulse
        }
        pulseCount += 1
        if !pulse.isComplete { cutCount += 1 }
        if !pulse.isInRegulation { unregulatedCount += 1 }
        totalChargePicocoulombs += firstPhaseCharge(pulse)
        usedChannels |= 1 << (pulse.channel - 1)
        largestPeakMicroamperes = max(largestPeakMicroamperes, pulse.peakMicroamperes)
        largestPhaseChargePicocoulombs = max(largestPhaseChargePicocoulombs, pulse.phaseChargePicocoulombs)
    }

    private mutating func judgeShape(_ pulse: DeliveredPulse, _ own: ChannelRules) {
        if pulse.peakMicroamperes > own.peakCapMicroamperes {
            note(.peak, pulse, Int64(pulse.peakMicroamperes), Int64(own.peakCapMicroamperes))
        }
        judgePhases(pulse)
        if pulse.phaseChargePicocoulombs > MeterRules.phaseChargePicocoulombs {
            note(.phaseCharge, pulse, pulse.phaseChargePicocoulombs, MeterRules.phaseChargePicocoulombs)
        }
        if pulse.squaredCurrentTime > MeterRules.squaredCurrentTime {
            // 500 Ω · 1e-18 J for each µA²·µs, in nanojoules.
            note(.energy, pulse, pulse.squaredCurrentTime / 2_000_000, MeterRules.squaredCurrentTime / 2_000_000)
        }
    }

    private mutating func judgePhases(_ pulse: DeliveredPulse) {
        if pulse.shortestPhaseMicroseconds > 0, pulse.shortestPhaseMicroseconds < MeterRules.shortestPhaseMicroseconds {
            note(
                .phaseTooShort, pulse, Int64(pulse.shortestPhaseMicroseconds),
                Int64(MeterRules.shortestPhaseMicroseconds))
        }
        if pulse.longestPhaseMicroseconds > MeterRules.longestPhaseMicroseconds {
            note(
                .phaseTooLong, pulse, Int64(pulse.longestPhaseMicroseconds), Int64(MeterRules.longestPhaseMicroseconds))
        }
    }

    private mutating func judgeBalance(_ pulse: DeliveredPulse) {
        let isWhole = pulse.isComplete
        if isWhole, pulse.netDrivenPicocoulombs != 0 {
            note(.netCharge, pulse, Int64(pulse.netDrivenPicocoulombs.magnitude), 0)
        }
        // A cut pulse, and one for which the voltage did not suffice, may leave one phase behind: nobody can undo it.
        let allowed =
            isWhole && pulse.isInRegulation
            ? pulse.phaseChargePicocoulombs * MeterRules.imbalancePercent / 100 : pulse.phaseChargePicocoulombs
        let left = Int64(pulse.netFlowedPicocoulombs.magnitude)
        if left > allowed { note(.imbalance, pulse, left, allowed) }
    }

    private mutating func judgeTrain(_ pulse: DeliveredPulse, _ own: ChannelRules) {
        let index = Int(pulse.channel) - 1
        let sampled = channels[index].sinceLastOfEnvelope(pulse.startNanoseconds)
        let blur = blur(at: pulse.startNanoseconds)
        let window = judgeRate(pulse, own, judgesDirectCurrent: true)
        let meanSquare = window.squaredCurrentTime / 1_000_000
        largestMeanSquare = max(largestMeanSquare, meanSquare)
        judgeMeanSquare(pulse, meanSquare, own)
        judgePatient(pulse, meanSquare)
        let atOnce = riseAtOnce(sampled, own) + MeterRules.riseMicroamperesPerSecond * blur / 1_000_000_000
        let allowed = channels[index].allowedAmplitude(atNanoseconds: pulse.startNanoseconds, atOnce: atOnce)
        let amplitude = Int64(pulse.peakMicroamperes)
        if amplitude > allowed { note(.rise, pulse, amplitude, allowed) }
        channels[index].reached(amplitude, atNanoseconds: pulse.startNanoseconds, atOnce: atOnce)
    }

    /// Intervals and the second that ends with a pulse.
    private mutating func judgeRate(
        _ pulse: DeliveredPulse, _ own: ChannelRules, judgesDirectCurrent: Bool
    ) -> WindowSums {
        let index = Int(pulse.channel) - 1
        let interval = channels[index].sinceLast(pulse.startNanoseconds)
        let blur = blur(at: pulse.startNanoseconds)
        let shortest = rules.shortestIntervalNanoseconds(own) - blur
        if let interval, interval < shortest { note(.interval, pulse, interval, shortest) }
        let overlap = channels[index].overlap(pulse.startNanoseconds)
        if overlap > 0 { note(.overlap, pulse, overlap, 0) }
        let counted = pulse.isComplete && pulse.isInRegulation ? pulse.netFlowedPicocoulombs : 0
        let window = channels[index].add(
            atNanoseconds: pulse.startNanoseconds, squaredCurrentTime: pulse.squaredCurrentTime, net: counted,
            windowNanoseconds: rules.windowNanoseconds)
        mostPulsesInASecond = max(mostPulsesInASecond, window.count)
        let allowedPulses = rules.pulsesInASecond(own, blurNanoseconds: blur)
        if window.count > allowedPulses { note(.rate, pulse, window.count, allowedPulses) }
        let direct = Int64(window.net.magnitude)
        if judgesDirectCurrent, direct > MeterRules.directCurrentPicocoulombsPerSecond {
            note(.directCurrent, pulse, direct, MeterRules.directCurrentPicocoulombsPerSecond)
        }
        return window
    }

    /// By the law of a technician's bench: see `BenchLaw`.
    private mutating func judgeOnBench(_ pulse: DeliveredPulse, _ own: ChannelRules, _ law: BenchLaw) {
        let cap = BenchLaw.peakCap(own.peakCapMicroamperes)
        if Int64(pulse.peakMicroamperes) > cap { note(.peak, pulse, Int64(pulse.peakMicroamperes), cap) }
        judgePhases(pulse)
        if law.judgesBalance { judgeBalance(pulse) }
        judgeMoment(pulse)
        _ = judgeRate(pulse, own, judgesDirectCurrent: law.judgesBalance)
        channels[Int(pulse.channel) - 1].reachedOnBench(Int64(pulse.peakMicroamperes))
    }

    /// What hangs on a channel, 1 to 8, is a dummy load or nothing of the kind. Whoever comes next starts from 0.
    mutating func setBenchLaw(_ law: BenchLaw?, channel: UInt8) {
        guard (1...8).contains(channel), channels[Int(channel) - 1].benchLaw != law else { return }
        channels[Int(channel) - 1].benchLaw = law
        channels[Int(channel) - 1].restartFromZero()
    }

    /// What may come at once, in µA: one step, and what was earned since the pulse before. The set amplitude rises
    /// while nothing is delivered between two pulses; during a rest it does not.
    private func riseAtOnce(_ interval: Int64?, _ own: ChannelRules) -> Int64 {
        let shortest = 1_000_000_000_000 / Int64(own.rateCapMillihertz)
        let isInTrain = (interval ?? .max) <= rules.contractionGapMilliseconds * 1_000_000
        let sampled = isInTrain ? max(shortest, interval ?? 0) : shortest
        let milliseconds = sampled / 1_000_000 + rules.arrivalJitterMicroseconds / 1_000
        return MeterRules.riseGraceMicroamperes + MeterRules.riseMicroamperesPerSecond * milliseconds / 1_000
    }

    /// What the channels do to the patient together: currents at different places, or at different times, add up as
    /// mean squares.
    private mutating func judgePatient(_ pulse: DeliveredPulse, _ ownMeanSquare: Int64) {
        var sum = ownMeanSquare
        for index in 0..<8 where usedChannels >> UInt8(index) & 1 == 1 && index != Int(pulse.channel) - 1 {
            let squared = channels[index].squaredCurrentTime(
                atNanoseconds: pulse.startNanoseconds, windowNanoseconds: rules.windowNanoseconds)
            sum += squared / 1_000_000
        }
        largestPatientMeanSquare = max(largestPatientMeanSquare, sum)
        let root = MeterRules.rootMeanSquareMicroamperes
        if sum > root * root { note(.patientRootMeanSquare, pulse, sum, root * root) }
    }

    private mutating func judgeMeanSquare(_ pulse: DeliveredPulse, _ meanSquare: Int64, _ own: ChannelRules) {
        let root = MeterRules.rootMeanSquareMicroamperes
        if meanSquare > root * root { note(.rootMeanSquare, pulse, meanSquare, root * root) }
        guard own.padSquareMillimetres > 0 else { return }
        let area = Int64(own.padSquareMillimetres)
        let density = MeterRules.densityMicroamperesPerSquareMillimetre * area
        if meanSquare > density * density { note(.density, pulse, meanSquare, density * density) }
        let power = MeterRules.meanSquarePerSquareMillimetre * area
        if meanSquare > power { note(.powerDensity, pulse, meanSquare, power) }
    }

    private mutating func judgeTime(_ pulse: DeliveredPulse) {
        let start = pulse.startNanoseconds
        let gap = rules.contractionGapMilliseconds * 1_000_000
        if let last = lastPulse, start - last.startNanoseconds <= gap {
            onTimeNanoseconds += max(0, start - last.startNanoseconds)
        }
        let index = Int(pulse.channel) - 1
        if channels[index].followContraction(pulse, gapNanoseconds: gap) {
            let count = channels[index].contractionCount
            contractionCount = max(contractionCount, count)
            if let cap = rules.contractionCap, count > cap { note(.contractions, pulse, Int64(count), Int64(cap)) }
        }
        if onTimeMilliseconds > rules.onTimeCapMilliseconds {
            note(.onTime, pulse, onTimeMilliseconds, rules.onTimeCapMilliseconds)
        }
        judgeMoment(pulse)
    }

    private mutating func judgeMoment(_ pulse: DeliveredPulse) {
        let start = pulse.startNanoseconds
        if start > forbiddenFromNanoseconds { note(.forbidden, pulse, start - forbiddenFromNanoseconds, 0) }
        if firstPulseNanoseconds == nil { firstPulseNanoseconds = start }
        lastPulse = pulse
    }

    private mutating func note(_ rule: MeterRule, _ pulse: DeliveredPulse, _ measured: Int64, _ limit: Int64) {
        violationCount += 1
        countByRule[Int(rule.rawValue)] += 1
        guard violations.count < Self.violationsKept else { return }
        violations.append(
            MeterViolation(
                rule: rule, atNanoseconds: pulse.startNanoseconds, channel: pulse.channel, measured: measured,
                limit: limit))
    }
}

/// The verdict in a line or more, as a person reads it.
extension ElectrodeMeter: CustomStringConvertible {
    public var description: String {
        let pulses =
            "\(pulseCount) pulses (\(cutCount) cut short), largest \(Figure.milli(Int64(largestPeakMicroamperes))) mA"
        let held =
            blurCount > 0
            ? "; the meter's machine held it up \(blurCount) times, at worst \(longestBlur.milliseconds) ms" : ""
        guard !isClean else { return "meter: nothing above its limits in \(pulses)\(held)" }
        var text = "meter: \(violationCount) broken rules in \(pulses)\(held)"
        for violation in violations.prefix(8) { text += "\n  \(violation)" }
        if violationCount > 8 { text += "\n  and \(violationCount - 8) more" }
        return text
    }
}

/// Numbers for people.
enum Figure {
    /// A thousandth of a whole number with one decimal, cut: 12,340 is "12.3".
    static func milli(_ value: Int64) -> String {
        let tenths = value.magnitude / 100
        return "\(value < 0 ? "-" : "")\(tenths / 10).\(tenths % 10)"
    }
}

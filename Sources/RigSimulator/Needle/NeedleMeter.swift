// The question that every needle scenario ends with: did anything reach the needles that should not have?

public import StimulusModel

/// A meter at the needles' leads: gathers what flowed into pulses and judges each, and the direct current of both sides
/// of the blocking capacitor. It knows nothing of the host. Strength and charge are judged as driven, which is never
/// less than what flowed.
public struct NeedleMeter: Sendable {
    public let rules: NeedleMeterRules

    /// Pulses with current, cut ones included.
    public private(set) var pulseCount: Int64 = 0
    /// Pulses that the relay, an abort or a loss of power cut short.
    public private(set) var cutCount: Int64 = 0
    /// Pulses that went through needles which touch, none of it through the person.
    public private(set) var shortedCount: Int64 = 0
    /// Pulses for which the isolator's voltage did not suffice, or whose path was missing.
    public private(set) var unregulatedCount: Int64 = 0
    public private(set) var totalChargePicocoulombs: Int64 = 0
    public private(set) var largestPeakMicroamperes: Int32 = 0
    public private(set) var largestPhaseChargePicocoulombs: Int64 = 0
    /// The largest mean over a second, in pC/s: driven, and behind the capacitor.
    public private(set) var largestDirectDriven: Int64 = 0
    public private(set) var largestDirectFlowed: Int64 = 0
    public private(set) var lastPulse: DeliveredPulse?
    public private(set) var violations: [NeedleViolation] = []
    public private(set) var violationCount: Int64 = 0

    private var countByRule = [Int64](repeating: 0, count: NeedleMeterRule.allCases.count)
    private var channels: [NeedleWindow]
    private var forbiddenFrom = Int64.max
    /// Since when a whole board's contacts would be open; the far end of time while they may be closed.
    private var openSince = Int64.min
    private var recent: [DeliveredPulse] = []

    static let violationsKept = 64
    /// Pulses kept as a record, the latest.
    public static let pulsesKept = 4_096

    public init(rules: NeedleMeterRules, tissues: [NeedleTissue]) {
        self.rules = rules
        channels = tissues.map { NeedleWindow(tissue: $0) }
        violations.reserveCapacity(Self.violationsKept)
    }

    public var isClean: Bool { violationCount == 0 }

    public func count(of rule: NeedleMeterRule) -> Int64 { countByRule[Int(rule.rawValue)] }

    /// Pulses on a channel, 1 or 2.
    public func pulseCount(channel: UInt8) -> Int64 { window(channel)?.pulseCount ?? 0 }

    public func lastPulse(channel: UInt8) -> DeliveredPulse? { window(channel)?.lastPulse }

    /// The largest amplitude since the relay last closed, in µA.
    public func envelopeMicroamperes(channel: UInt8) -> Int64 { window(channel)?.envelope ?? 0 }

    /// Pulses on a channel in the second before a moment.
    public func pulsesInTheLastSecond(channel: UInt8, at now: Instant) -> Int64 {
        window(channel)?.count(after: now.nanoseconds - 1_000_000_000) ?? 0
    }

    /// The pulses that are still kept, oldest first.
    public var recentPulses: [DeliveredPulse] { recent }

    private func window(_ channel: UInt8) -> NeedleWindow? {
        channels.indices.contains(Int(channel) - 1) ? channels[Int(channel) - 1] : nil
    }

    /// From this moment on no pulse may begin. A later call replaces an earlier one.
    public mutating func forbidPulses(after moment: Instant) { forbiddenFrom = moment.nanoseconds }

    /// Pulses are allowed again.
    public mutating func allowPulses() { forbiddenFrom = Int64.max }

    /// A whole board's contacts would be open from this moment on, or may be closed.
    public mutating func relay(mayBeClosed: Bool, at now: Instant) {
        if mayBeClosed {
            if openSince != Int64.max { for index in channels.indices { channels[index].restartFromZero() } }
            openSince = Int64.max
        } else if openSince == Int64.max {
            openSince = now.nanoseconds
        }
    }

    /// The pulse at hand on a channel is being cut from outside.
    public mutating func cut(channel: UInt8) {
        guard channels.indices.contains(Int(channel) - 1) else { return }
        channels[Int(channel) - 1].isCut = true
    }

    /// A stretch of steady current.
    public mutating func receive(_ segment: NeedleSegment) {
        let index = Int(segment.channel) - 1
        guard channels.indices.contains(index), segment.untilNanoseconds > segment.fromNanoseconds else { return }
        let isPulse = abs(segment.drivenMicroamperes) >= NeedleMeterRules.pulseMicroamperes
        if isPulse {
            channels[index].add(segment)
            judgeRunning(index, segment)
        } else {
            finish(index, at: segment.untilNanoseconds)
        }
        judgeDirect(index, segment)
        let flows = abs(segment.firstMicroamperes) >= NeedleMeterRules.pulseMicroamperes
        let from = Saturating.sum(openSince, rules.openingGraceMicroseconds * 1_000)
        if flows, openSince != Int64.max, segment.untilNanoseconds > from {
            note(.relayShouldBeOpen, index, segment.fromNanoseconds, Int64(abs(segment.firstMicroamperes)), 0)
        }
    }

    /// Nothing came for a while, or the contacts opened: a pulse that is over is judged.
    public mutating func rest(channel: UInt8, isOpen: Bool, at now: Instant) {
        let index = Int(channel) - 1
        guard channels.indices.contains(index) else { return }
        if isOpen, channels[index].isOpen, channels[index].lastActive >= now.nanoseconds {
            channels[index].isCut = true
        }
        finish(index, at: isOpen ? Int64.max : now.nanoseconds)
    }

    /// When a pulse at hand will be over; the far end of time when there is none.
    var nextEnd: Int64 {
        var next = Int64.max
        for channel in channels where channel.isOpen {
            next = min(next, channel.lastActive + NeedleMeterRules.endOfPulseNanoseconds)
        }
        return next
    }

    private mutating func finish(_ index: Int, at now: Int64) {
        guard channels[index].isOpen else { return }
        guard now >= channels[index].lastActive + NeedleMeterRules.endOfPulseNanoseconds else { return }
        let isShorted = channels[index].isShorted
        let pulse = channels[index].close()
        guard !pulse.isEmpty else { return }
        pulseCount += 1
        if !pulse.isComplete { cutCount += 1 }
        if isShorted { shortedCount += 1 }
        if !pulse.isInRegulation { unregulatedCount += 1 }
        totalChargePicocoulombs += pulse.phaseChargePicocoulombs
        largestPeakMicroamperes = max(largestPeakMicroamperes, pulse.peakMicroamperes)
        largestPhaseChargePicocoulombs = max(largestPhaseChargePicocoulombs, pulse.phaseChargePicocoulombs)
        if let law = channels[index].benchLaw { judgeOnBench(index, pulse, law) } else { judge(index, pulse) }
        channels[index].keep(pulse)
        lastPulse = pulse
        if recent.count == Self.pulsesKept { recent.removeFirst(Self.pulsesKept / 2) }
        recent.append(pulse)
    }

    /// A phase that does not end is found while it lasts.
    private mutating func judgeRunning(_ index: Int, _ segment: NeedleSegment) {
        let start = channels[index].startNanoseconds
        if !channels[index].isBegun {
            channels[index].isBegun = true
            if start > forbiddenFrom { note(.forbidden, index, start, start - forbiddenFrom, 0) }
        }
        let most = Int64(NeedleMeterRules.longestPhaseMicroseconds)
        let lasted = (segment.untilNanoseconds - channels[index].phaseSince) / 1_000
        if lasted > most, !channels[index].isOverlong {
            channels[index].isOverlong = true
            note(.phaseTooLong, index, segment.fromNanoseconds, lasted, most)
        }
        // A current that never ends is judged piece by piece.
        if segment.untilNanoseconds - start > 10_000_000_000 {
            channels[index].isCut = true
            finish(index, at: Int64.max)
        }
    }

    private mutating func judge(_ index: Int, _ pulse: DeliveredPulse) {
        judgeShape(index, pulse)
        judgeBalance(index, pulse)
        judgeRate(index, pulse)
        judgeRise(index, pulse)
    }

    /// By the law of a technician's bench: see `BenchLaw`.
    private mutating func judgeOnBench(_ index: Int, _ pulse: DeliveredPulse, _ law: BenchLaw) {
        let cap = BenchLaw.peakCap(rules.peakCapMicroamperes)
        let peak = Int64(pulse.peakMicroamperes)
        if peak > cap { note(.peak, index, pulse.startNanoseconds, peak, cap) }
        judgeShortest(index, pulse)
        if law.judgesBalance { judgeBalance(index, pulse) }
        judgeRate(index, pulse)
        channels[index].reachedOnBench(peak)
    }

    /// What hangs on a channel, 1 or 2, is a dummy load or nothing of the kind. Whoever comes next starts from 0.
    mutating func setBenchLaw(_ law: BenchLaw?, channel: UInt8) {
        guard channels.indices.contains(Int(channel) - 1), channels[Int(channel) - 1].benchLaw != law else { return }
        channels[Int(channel) - 1].benchLaw = law
        channels[Int(channel) - 1].restartFromZero()
    }

    private mutating func judgeShortest(_ index: Int, _ pulse: DeliveredPulse) {
        let shortest = NeedleMeterRules.shortestPhaseMicroseconds
        guard pulse.shortestPhaseMicroseconds > 0, pulse.shortestPhaseMicroseconds < shortest else { return }
        note(
            .phaseTooShort, index, pulse.startNanoseconds, Int64(pulse.shortestPhaseMicroseconds), Int64(shortest))
    }

    private mutating func judgeShape(_ index: Int, _ pulse: DeliveredPulse) {
        let start = pulse.startNanoseconds
        let margin = Int64(rules.peakCapMicroamperes) * rules.gainThousandths / 1_000
        let cap = Int64(rules.peakCapMicroamperes)
        if Int64(pulse.peakMicroamperes) > cap + margin {
            note(.peak, index, start, Int64(pulse.peakMicroamperes), cap)
        }
        judgeShortest(index, pulse)
        let charge = pulse.phaseChargePicocoulombs
        if let most = rules.chargeCapPicocoulombs, charge > most + most * rules.gainThousandths / 1_000 {
            note(.phaseCharge, index, start, charge, most)
        }
        if channels[index].tissue.shannonPower(picocoulombs: charge) > NeedleMeterRules.shannonPower {
            note(.shannon, index, start, charge, channels[index].mostCharge)
        }
    }

    private mutating func judgeBalance(_ index: Int, _ pulse: DeliveredPulse) {
        let start = pulse.startNanoseconds
        let charge = pulse.phaseChargePicocoulombs
        let left = Int64(pulse.netDrivenPicocoulombs.magnitude)
        if pulse.isComplete {
            if pulse.phaseCount == 1 {
                note(.monophasic, index, start, charge, 0)
            } else {
                let most = charge * NeedleMeterRules.imbalancePercent / 100
                if left > most + NeedleMeterRules.imbalanceGracePicocoulombs {
                    note(.netCharge, index, start, left, most)
                }
            }
        } else if left > charge {
            note(.netCharge, index, start, left, charge)
        }
    }

    private mutating func judgeRate(_ index: Int, _ pulse: DeliveredPulse) {
        let start = pulse.startNanoseconds
        if let last = channels[index].lastPulse {
            let interval = start - last.startNanoseconds
            let shortest = 1_000_000_000_000 / Int64(rules.rateCapMillihertz) - rules.arrivalJitterMicroseconds * 1_000
            if interval < shortest { note(.interval, index, start, interval, shortest) }
        }
        let window = 1_000_000_000 - rules.arrivalJitterMicroseconds * 1_000
        let inSecond = channels[index].count(after: start - window) + 1
        let most = (Int64(rules.rateCapMillihertz) + 999) / 1_000
        if inSecond > most { note(.rate, index, start, inSecond, most) }
    }

    private mutating func judgeRise(_ index: Int, _ pulse: DeliveredPulse) {
        let start = pulse.startNanoseconds
        let allowed = channels[index].allowedAmplitude(at: start)
        let amplitude = Int64(pulse.peakMicroamperes)
        if amplitude > allowed + allowed * rules.gainThousandths / 1_000 + 1 {
            note(.rise, index, start, amplitude, allowed)
        }
        channels[index].reached(amplitude, at: start)
    }

    private mutating func judgeDirect(_ index: Int, _ segment: NeedleSegment) {
        let (from, until) = (segment.fromNanoseconds, segment.untilNanoseconds)
        // A phase at hand is not yet undone by the next; a current that stays is no phase.
        let isPhase = channels[index].isOpen && until - channels[index].startNanoseconds < 10_000_000
        channels[index].driven.add(segment.drivenMicroamperes, from, until, isPhase: isPhase)
        let mean = segment.flowedPicocoulombs * 1e-6 / (Double(until - from) * 1e-9)
        channels[index].flowed.add(mean, from, until, isPhase: isPhase)
        guard !isPhase, channels[index].benchLaw?.judgesBalance ?? true else { return }
        let driven = channels[index].driven.picocoulombsInASecond
        let flowed = channels[index].flowed.picocoulombsInASecond
        largestDirectDriven = max(largestDirectDriven, driven)
        largestDirectFlowed = max(largestDirectFlowed, flowed)
        let most = NeedleMeterRules.directPicocoulombsPerSecond
        if driven > most { note(.directCurrentDriven, index, segment.untilNanoseconds, driven, most) }
        if flowed > most { note(.directCurrentFlowed, index, segment.untilNanoseconds, flowed, most) }
    }

    private mutating func note(
        _ rule: NeedleMeterRule, _ index: Int, _ moment: Int64, _ measured: Int64, _ limit: Int64
    ) {
        violationCount += 1
        countByRule[Int(rule.rawValue)] += 1
        guard violations.count < Self.violationsKept else { return }
        violations.append(
            NeedleViolation(
                rule: rule, atNanoseconds: moment, channel: UInt8(index + 1), measured: measured, limit: limit))
    }
}

extension NeedleMeter: CustomStringConvertible {
    public var description: String {
        let pulses =
            "\(pulseCount) pulses (\(cutCount) cut short), largest \(Figure.milli(Int64(largestPeakMicroamperes))) mA"
        guard !isClean else { return "meter: nothing above its limits in \(pulses)" }
        var text = "meter: \(violationCount) broken rules in \(pulses)"
        for violation in violations.prefix(8) { text += "\n  \(violation)" }
        if violationCount > 8 { text += "\n  and \(violationCount - 8) more" }
        return text
    }
}

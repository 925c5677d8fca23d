// The link against chance: bytes lost, doubled, delayed and corrupted in both directions, a device that dies, falls
// silent or errs, and a host that asks for voltage and pulses whenever it likes. What left the link is judged
// afterwards.
import SafetyKernel
import ScienceMode4
import StimulatorLinks
import StimulusModel
import Testing

/// A line that mistreats bytes, one roll of the dice a byte or a message.
private struct BadLine {
    var chance: SeededChance
    /// One byte in so many is lost, doubled or flipped; 0 for a sound line.
    var odds: Int

    mutating func carry(_ bytes: [UInt8]) -> [UInt8] {
        guard odds > 0 else { return bytes }
        var out: [UInt8] = []
        for byte in bytes {
            switch chance.once(in: odds) ? Int.random(in: 0...3, using: &chance) : 4 {
            case 0: continue
            case 1: out += [byte, byte]
            case 2: out.append(byte ^ (1 << UInt8.random(in: 0...7, using: &chance)))
            case 3: out += [byte, UInt8.random(in: 0...255, using: &chance)]
            default: out.append(byte)
            }
        }
        return out
    }
}

/// What came of one run.
private struct Outcome {
    var fault = FaultCause.none
    var sent: [SentFrame] = []
    var accepted = 0
    var delivered = 0
    var unknown = 0
    var notDelivered = 0
    var executed = 0
    /// Pulses of both places under way at the same time were seen so often.
    var bothOut = 0
    var faultAt: Int64?
    var lineGone = false
    var provenOff = false
    var atRest = false
    var voltageIsOff = true

    mutating func take(_ report: PulseOutcome) {
        switch report.delivery {
        case .delivered: delivered += 1
        case .unknown: unknown += 1
        case .notDelivered: notDelivered += 1
        case .none, .skipped: break
        }
    }
}

@Suite struct P24LinkProperties {
    /// One run of three virtual seconds and the settling after it.
    private static func run(_ seed: UInt64) throws -> Outcome {
        var chance = SeededChance(seed: seed)
        let odds = [0, 40, 400, 2_000].randomElement(using: &chance) ?? 0
        var there = BadLine(chance: SeededChance(seed: seed ^ 1), odds: odds)
        var back = BadLine(chance: SeededChance(seed: seed ^ 2), odds: odds)
        var outcome = Outcome()
        var bench = try LinkBench()
        bench.link.lineOpened(at: bench.now)
        let trouble = [200, 2_000, 1_000_000].randomElement(using: &chance) ?? 2_000
        for step in 0..<9_000 {
            let settling = step > 3_000
            if !settling { upset(&bench, &chance, trouble) }
            if !outcome.lineGone, !settling, chance.once(in: 40_000) {
                bench.link.lineGone(at: bench.now)
                outcome.lineGone = true
            }
            bench.energise = settling ? false : step % 400 < 380
            let place: ChannelPlace = chance.once(in: 2) ? .first : .second
            if bench.isFree(place), chance.once(in: 6) {
                let isOther = bench.isFree(place == .first ? .second : .first)
                let taken = bench.deliver(place)
                if taken { outcome.accepted += 1 }
                if taken, !isOther { outcome.bothOut += 1 }
            }
            bench.pass(1_000)
            for byte in back.carry(bench.far.arrived(by: bench.milliseconds)) {
                bench.link.receive(byte, at: bench.now)
            }
            bench.link.advance(to: bench.now, energise: bench.energise)
            while var frame = bench.link.takeFrame() {
                var bytes: [UInt8] = []
                for index in 0..<frame.count { bytes.append(frame.byte(at: index)) }
                guard !outcome.lineGone else {
                    Issue.record("seed \(seed): a frame after the line was gone")
                    continue
                }
                bench.note(bytes)
                for byte in there.carry(bytes) { bench.far.take(byte, at: bench.milliseconds) }
            }
            outcome.take(bench.link.takeOutcome(on: .first))
            outcome.take(bench.link.takeOutcome(on: .second))
            if bench.link.fault != .none, outcome.faultAt == nil { outcome.faultAt = bench.milliseconds }
            if settling, bench.link.isAtRest { break }
        }
        outcome.fault = bench.link.fault
        outcome.sent = bench.sent
        outcome.executed = bench.far.executed
        outcome.provenOff = bench.link.isProvenOff
        outcome.atRest = bench.link.isAtRest
        outcome.voltageIsOff = bench.far.voltage == .off
        return outcome
    }

    private static func upset(_ bench: inout LinkBench, _ chance: inout SeededChance, _ trouble: Int) {
        guard chance.once(in: trouble) else { return }
        switch Int.random(in: 0...9, using: &chance) {
        case 0: bench.far.isSilent.toggle()
        case 1: bench.far.delay = Int64.random(in: 1...180, using: &chance)
        case 2: bench.far.losesPulseAnswers.toggle()
        case 3: bench.far.pulseResult = ResultCode(rawValue: UInt8.random(in: 1...30, using: &chance))
        case 4: (bench.far.level, bench.far.voltage) = (.none, .off)
        case 5: bench.far.ignoresStops.toggle()
        case 6: bench.far.keepsVoltage.toggle()
        case 7: bench.far.stopResult = ResultCode(rawValue: UInt8.random(in: 0...30, using: &chance))
        case 8: bench.link.lineBlocked(at: bench.now)
        default:
            let answers: [Acknowledgement] = [
                .lowLevelStop(.ok), .stimStatus(.ok, .none, .off), .generalError(.transferError), .lowLevelInit(.ok),
            ]
            let packet = UInt8.random(in: 0...63, using: &chance)
            bench.far.say(answers.randomElement(using: &chance) ?? .reset(.ok), packet, at: bench.milliseconds)
        }
    }

    // Proves R-FLT-05, R-FLT-04, R-FLT-02, R-STOP-05.
    @Test(arguments: seeds) func `whatever the line does, nothing stimulating is sent twice`(seed: UInt64) throws {
        var faults: Set<UInt8> = []
        var pulses = 0
        var bothOut = 0
        for number in UInt64(0)..<40 {
            let run = seed &* 100 &+ number
            let outcome = try Self.run(run)
            faults.insert(outcome.fault.code)
            pulses += outcome.executed
            bothOut += outcome.bothOut
            Self.judgePulses(outcome, run)
            Self.judgeEnergising(outcome, run)
            Self.judgeFault(outcome, run)
            Self.judgeAccount(outcome, run)
        }
        // A line on which nothing happens would prove nothing.
        #expect(faults.count >= 6, "only \(faults.sorted())")
        #expect(pulses > 500, "only \(pulses) pulses")
        #expect(bothOut > 50, "two under way only \(bothOut) times")
    }

    private static func judgePulses(_ outcome: Outcome, _ seed: UInt64) {
        let pulses = outcome.sent.filter(\.isPulse)
        // Each authorized pulse leaves at most once, and none is ever written in the same millisecond as another.
        #expect(pulses.count <= outcome.accepted, "seed \(seed)")
        #expect(Set(pulses.map(\.at)).count == pulses.count, "seed \(seed)")
        #expect(outcome.executed <= pulses.count, "seed \(seed): a pulse was executed twice")
    }

    /// Between two energising frames lies a stop, and a question after it whose answer proved the voltage off.
    private static func judgeEnergising(_ outcome: Outcome, _ seed: UInt64) {
        var stopped = false
        var asked = false
        for frame in outcome.sent {
            if frame.isStop { (stopped, asked) = (true, false) }
            if stopped, frame.request == .getStimStatus { asked = true }
            if frame.isInitialise {
                #expect(stopped && asked, "seed \(seed): energised at \(frame.at) without a verified stop")
                (stopped, asked) = (false, false)
            }
            if frame.isPulse { #expect(!stopped, "seed \(seed): a pulse at \(frame.at) after a stop") }
        }
    }

    private static func judgeFault(_ outcome: Outcome, _ seed: UInt64) {
        guard let faultAt = outcome.faultAt else { return }
        let after = outcome.sent.filter { $0.at > faultAt }
        #expect(!after.contains { $0.isPulse || $0.isInitialise }, "seed \(seed)")
        guard !outcome.lineGone else { return }
        // The tick of the fault ends with a stop, unless three stops had just gone unanswered.
        let upTo = outcome.sent.filter { $0.at <= faultAt }
        let isGivenUp = outcome.fault == .stopUnconfirmed || outcome.fault == .silent
        let lastQuestions = upTo.suffix(3)
        let next = after.first.map { "\($0.request)" } ?? "nothing"
        #expect(
            upTo.last?.isStop == true || (isGivenUp && lastQuestions.contains { $0.request == .getStimStatus }),
            "seed \(seed): fault \(outcome.fault) at \(faultAt), then \(next)")
        #expect(outcome.atRest, "seed \(seed): never came to rest")
    }

    private static func judgeAccount(_ outcome: Outcome, _ seed: UInt64) {
        // Every pulse that was taken is reported once, and what the device executed was never reported as refused.
        #expect(
            outcome.delivered + outcome.unknown + outcome.notDelivered == outcome.accepted,
            "seed \(seed): \(outcome.accepted) taken")
        #expect(outcome.executed <= outcome.delivered + outcome.unknown, "seed \(seed)")
        if outcome.provenOff, !outcome.lineGone { #expect(outcome.voltageIsOff, "seed \(seed): proven off and yet on") }
    }
}

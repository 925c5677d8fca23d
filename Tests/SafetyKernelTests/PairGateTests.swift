// The gate with two channels: an account each, and none of them pays for the other.
import SafetyKernel
import StimulusModel
import Testing

@Suite struct PairGateTests {
    private func asked(
        _ place: ChannelPlace, set: Int32, run: Int32 = 1, plateau: Bool = true, contraction: Int32 = 1
    ) -> PulseRequest {
        PulseRequest(
            place: place, part: .treatment, run: run, setAmplitude: Current(microamperes: set),
            amplitude: Current(microamperes: set), isOnPlateau: plateau, contraction: contraction)
    }

    // Proves R-RATE-08.
    @Test func `a pulse goes to the output of its own place`() throws {
        var gate = PulseGate(plan: try PairSketch().authorize())
        let arming = try arm(&gate, at: 0)
        for (place, number) in [(ChannelPlace.first, UInt8(1)), (.second, 2)] {
            guard case .pulse(_, _, let channel) = judge(&gate, asked(place, set: 1_000), under: arming, at: 1_000)
            else {
                Issue.record("refused")
                continue
            }
            #expect(channel.number == number)
        }
    }

    // Proves R-RATE-08.
    @Test func `a second place that was not authorized gets no pulse`() throws {
        var gate = PulseGate(plan: try CaseSketch().authorize())
        let arming = try arm(&gate, at: 0)
        #expect(judge(&gate, asked(.second, set: 1_000), under: arming, at: 1_000).refusal == .partNotAuthorized)
    }

    // Proves R-RATE-08.
    @Test func `neither rise nor ceiling nor rate of one is spent by the other`() throws {
        let plan = try PairSketch().with { $0.second?.treatment?.maximum = 2_000 }.authorize()
        var gate = PulseGate(plan: plan)
        let arming = try arm(&gate, at: 0)
        #expect(judge(&gate, asked(.first, set: 1_000), under: arming, at: 600).isPulse)
        #expect(judge(&gate, asked(.second, set: 1_000), under: arming, at: 614).isPulse)
        // What the first may be raised to now, the second may not: it has risen later.
        #expect(judge(&gate, asked(.first, set: 2_000), under: arming, at: 1_100).isPulse)
        #expect(
            RefusedLimit(judge(&gate, asked(.second, set: 2_000), under: arming, at: 1_101).refusal)?.kind
                == .amplitudeRise)
        #expect(judge(&gate, asked(.second, set: 2_000), under: arming, at: 1_114).isPulse)
        #expect(judge(&gate, asked(.first, set: 3_000), under: arming, at: 1_700).isPulse)
        #expect(
            RefusedLimit(judge(&gate, asked(.second, set: 3_000), under: arming, at: 1_714).refusal)
                == RefusedLimit(.amplitude, asked: 3_000, limit: 2_000, setBy: .protocolFile))
        #expect(
            RefusedLimit(judge(&gate, asked(.first, set: 3_000), under: arming, at: 1_727).refusal)?.kind == .frequency)
        #expect(judge(&gate, asked(.second, set: 2_000), under: arming, at: 1_728).isPulse)
    }

    // Proves R-RATE-08, R-FLT-04.
    @Test func `following a fall, a new run and a refund are each channel's own`() throws {
        var gate = PulseGate(plan: try PairSketch().authorize())
        let arming = try arm(&gate, at: 0)
        #expect(judge(&gate, asked(.first, set: 1_000), under: arming, at: 600).isPulse)
        #expect(judge(&gate, asked(.second, set: 1_000), under: arming, at: 614).isPulse)
        gate.follow(setAmplitude: .zero, at: .second)
        #expect(judge(&gate, asked(.first, set: 2_000), under: arming, at: 1_200).isPulse)
        #expect(
            RefusedLimit(judge(&gate, asked(.second, set: 2_000), under: arming, at: 1_214).refusal)?.kind
                == .amplitudeStep)
        #expect(judge(&gate, asked(.second, set: 1_000, run: 2), under: arming, at: 1_214).isPulse)
        #expect(judge(&gate, asked(.first, set: 2_000), under: arming, at: 1_229).isPulse)
        #expect(gate.charged(.first).picocoulombs == 1_500_000)
        #expect(gate.charged(.second).picocoulombs == 600_000)
        gate.refund(chargePerPhase: Charge(picocoulombs: 400_000), at: .second)
        #expect(gate.charged(.first).picocoulombs == 1_500_000)
        #expect(gate.charged(.second).picocoulombs == 200_000)
        #expect(gate.chargedPicocoulombs == 1_700_000)
    }

    // Proves R-AMP-06.
    @Test func `a new arming brings both to zero`() throws {
        var gate = PulseGate(plan: try PairSketch().authorize())
        let first = try arm(&gate, at: 0)
        for place in [ChannelPlace.first, .second] {
            #expect(judge(&gate, asked(place, set: 1_000), under: first, at: 600).isPulse)
        }
        first.disarm()
        let second = try arm(&gate, at: 1_000)
        for place in [ChannelPlace.first, .second] {
            #expect(
                RefusedLimit(judge(&gate, asked(place, set: 2_000), under: second, at: 3_000).refusal)?.kind
                    == .amplitudeStep)
        }
    }

    // Proves R-LIM-16.
    /// A machine that never ends its one contraction, of 1 mA: the day's charge ends it.
    @Test(arguments: [ChannelPlace.first, .second]) func `the charge of the day ends at the gate as well`(
        place: ChannelPlace
    ) throws {
        let cycle = DoseSketch.cycle(up: 500, plateau: 500, down: 500, rest: 1_000)
        let limit = LimitTable.absoluteSurface[.chargePerDay].value
        // 53 pulses in 1.5 s, one contraction and five of titration, 0.3 µC each.
        let most: Int64 = 53 * 6
        let plan = try PairSketch().both {
            $0.treatment?.pattern = .contractions(cycle, count: 1)
            $0.treatment?.maximum = 1_000
            $0.chargeToday = limit - most * 300_000
        }.authorize()
        var gate = PulseGate(plan: plan)
        let arming = try arm(&gate, at: 0)
        var passed: Int64 = 0
        var last: Refusal?
        for time in Int64(600)...40_000 {
            let verdict = judge(&gate, asked(place, set: 1_000), under: arming, at: time)
            if verdict.isPulse { passed += 1 }
            last = verdict.refusal ?? last
        }
        #expect(passed == most)
        #expect(RefusedLimit(last) == RefusedLimit(.chargePerDay, asked: limit + 300_000, limit: limit))
        // The other channel has its own.
        let other: ChannelPlace = place == .first ? .second : .first
        #expect(judge(&gate, asked(other, set: 1_000), under: arming, at: 40_000).isPulse)
    }

    /// Patterns with their time of a cycle and the most pulses that one may have.
    static let patterns: [(pattern: Pattern, cycle: Int64, most: Int64)] = [
        (.contractions(DoseSketch.cycle(rest: 6_000), count: 10), 12_000, 210),
        (.burst(milliseconds: 600_000, burstMilliseconds: 200, intervalMilliseconds: 1_500), 1_500, 7),
        (
            .denseDisperse(
                milliseconds: 600_000, denseMilliseconds: 3_000, sparseFrequency: Frequency(millihertz: 2_000),
                sparseMilliseconds: 3_000), 6_000, 105 + 6
        ),
    ]

    // Proves R-RATE-02.
    /// Whatever a machine believes: a burst ends, a contraction is followed by its rest. It asks every millisecond, and
    /// over minutes gets no more than two pulses a cycle above what the pattern holds.
    @Test(arguments: [0, 1, 2]) func `a pattern that does not end is ended`(number: Int) throws {
        let (pattern, cycle, most) = Self.patterns[number]
        let plan = try PairSketch().both {
            $0.treatment?.pattern = pattern
            $0.treatment?.maximum = 1_000
        }.authorize()
        var gate = PulseGate(plan: plan)
        let arming = try arm(&gate, at: 0)
        var passed: [Int64] = []
        var overruns = 0
        for time in Int64(600)...120_000 {
            let verdict = judge(&gate, asked(.second, set: 1_000), under: arming, at: time)
            if verdict.isPulse { passed.append(time) }
            if verdict.refusal == .patternOverrun { overruns += 1 }
        }
        #expect(overruns > 0)
        let cycles = 120_000 / cycle + 2
        #expect(Int64(passed.count) <= cycles * (most + 2))
        // From any pulse on: what one cycle holds at once, and what grows with time.
        for start in stride(from: 0, to: passed.count, by: 7) {
            for end in start..<min(passed.count, start + 400) {
                let count = Int64(end - start + 1)
                let span = passed[end] - passed[start]
                #expect(count * cycle <= (most + 2) * (cycle + span) + cycle, "\(count) pulses in \(span) ms")
            }
        }
    }

    // Proves R-RATE-02.
    /// The honest course of each pattern passes, over minutes, also when each cycle but the first begins a tick early.
    @Test(arguments: [0, 1, 2], [Int64(-1), 0]) func `a pattern as prescribed is never refused`(
        number: Int, early: Int64
    ) throws {
        let (pattern, cycle, _) = Self.patterns[number]
        let plan = try PairSketch().both {
            $0.treatment?.pattern = pattern
            $0.treatment?.maximum = 1_000
        }.authorize()
        var gate = PulseGate(plan: plan)
        let arming = try arm(&gate, at: 0)
        var asked = 0
        for begin in stride(from: Int64(1_000), to: 200_000, by: Int(cycle)) {
            var groups: [(from: Int64, to: Int64, millihertz: Int64)] = []
            switch number {
            case 0: groups = [(0, 6_000, 35_000)]
            case 1: groups = [(0, 200, 35_000)]
            default: groups = [(0, 3_000, 35_000), (3_010, 6_000, 2_000)]
            }
            for group in groups {
                var count: Int64 = 0
                while group.from + count * 1_000_000 / group.millihertz < group.to {
                    let shift = count == 0 && group.from == 0 && begin > 1_000 ? early : 0
                    let since = (count * 1_000_000 + group.millihertz - 1) / group.millihertz
                    let time = begin + group.from + since + shift
                    count += 1
                    asked += 1
                    let verdict = judge(&gate, self.asked(.second, set: 1_000), under: arming, at: time)
                    #expect(verdict.isPulse, "at \(time) ms: \(String(describing: verdict.refusal))")
                }
            }
        }
        #expect(asked > 500)
    }
}

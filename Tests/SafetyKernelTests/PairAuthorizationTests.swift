// Two channels in one session, and what a person may have in one day: each refusal at its bound.
import SafetyKernel
import StimulusModel
import Testing

// Proves R-RATE-08.
@Suite struct PairAuthorizationTests {
    private func alternating(_ cycle: ContractionCycle, other: ContractionCycle? = nil) -> PairSketch {
        PairSketch().with {
            $0.arrangement = .alternating
            $0.first.treatment?.pattern = .contractions(cycle, count: 5)
            $0.second?.treatment?.pattern = .contractions(other ?? cycle, count: 7)
        }
    }

    @Test func `two channels that fit are authorized, each with its own`() throws {
        let plan = try PairSketch().with {
            $0.second?.treatment?.maximum = 30_000
            $0.second?.squareMillimetres = 4_000
            $0.second?.chargeToday = 5
        }.authorize()
        #expect(plan.channelCount == 2)
        #expect(plan.first.channel.number == 1)
        #expect(plan.first.treatment?.ceiling.microamperes == 40_000)
        #expect(plan.second?.channel.number == 2)
        #expect(plan.second?.treatment?.ceiling.microamperes == 30_000)
        #expect(plan.second?.contact == .pad(PadArea(squareMillimetres: 4_000)))
        #expect(plan.second?.chargeBefore.picocoulombs == 5 && plan.first.chargeBefore.picocoulombs == 0)
        #expect(plan.channel(at: .second)?.channel.number == 2)
    }

    @Test func `one output or one muscle cannot serve both`() {
        #expect(PairSketch().with { $0.second?.channel = .first }.refusal == .channelsMismatch)
        #expect(PairSketch().with { $0.second?.treatment?.muscle = .vmo }.refusal == .channelsMismatch)
        #expect(PairSketch().with { $0.second?.channel = Channel(number: 8) ?? .first }.refusal == nil)
    }

    @Test func `the number of channels and their arrangement say the same`() {
        #expect(PairSketch().with { $0.arrangement = .single }.refusal == .channelsMismatch)
        for arrangement in [ChannelArrangement.together, .alternating] {
            let alone = PairSketch().with { ($0.second, $0.arrangement) = (nil, arrangement) }
            #expect(alone.refusal == .channelsMismatch)
        }
        #expect(PairSketch().with { ($0.second, $0.arrangement) = (nil, .single) }.refusal == nil)
    }

    @Test func `both must have something to treat`() {
        let search = PairSketch().with {
            $0.second?.treatment = nil
            $0.second?.search = DoseSketch.search.with { $0.muscle = .gluteusMedius }
        }
        #expect(search.refusal == .channelsMismatch)
    }

    @Test func `together is one rate and one rhythm, the count is each one's own`() {
        #expect(PairSketch().with { $0.second?.treatment?.millihertz = 35_001 }.refusal == .channelsMismatch)
        #expect(
            PairSketch().with { $0.second?.treatment?.pattern = .contractions(DoseSketch.cycle(), count: 3) }.refusal
                == nil)
        let slower = DoseSketch.cycle(rest: 18_001)
        #expect(
            PairSketch().with { $0.second?.treatment?.pattern = .contractions(slower, count: 10) }.refusal
                == .channelsMismatch)
        let train = PairSketch().both { $0.treatment?.pattern = .continuous(milliseconds: 60_000) }
        #expect(train.refusal == nil)
        #expect(
            train.with { $0.second?.treatment?.pattern = .continuous(milliseconds: 60_001) }.refusal
                == .channelsMismatch)
        let burst = Pattern.burst(milliseconds: 60_000, burstMilliseconds: 200, intervalMilliseconds: 1_500)
        #expect(train.both { $0.treatment?.pattern = burst }.refusal == nil)
        #expect(train.with { $0.second?.treatment?.pattern = burst }.refusal == .channelsMismatch)
    }

    @Test func `alternating wants equal cycles and a contraction no longer than half of one`() {
        #expect(alternating(DoseSketch.cycle(rest: 6_000)).refusal == nil)
        #expect(alternating(DoseSketch.cycle(rest: 5_999)).refusal == .channelsMismatch)
        // An odd cycle: half of it is rounded down.
        #expect(alternating(DoseSketch.cycle(rest: 6_001)).refusal == nil)
        let short = DoseSketch.cycle(plateau: 1_000, rest: 8_000)
        let long = DoseSketch.cycle(plateau: 3_001, rest: 5_999)
        #expect(alternating(short, other: DoseSketch.cycle(rest: 6_000)).refusal == nil)
        #expect(alternating(short, other: long).refusal == .channelsMismatch)
        #expect(alternating(long, other: short).refusal == .channelsMismatch)
        #expect(alternating(short, other: DoseSketch.cycle(plateau: 1_000, rest: 8_001)).refusal == .channelsMismatch)
        let trains = PairSketch().both { $0.treatment?.pattern = .continuous(milliseconds: 60_000) }
        #expect(trains.with { $0.arrangement = .alternating }.refusal == .channelsMismatch)
        // Rates may differ: they never run at the same time.
        #expect(alternating(short).with { $0.second?.treatment?.millihertz = 50_000 }.refusal == nil)
    }

    // Proves R-DUR-01.
    @Test func `the wait of the second counts in the time of the session`() {
        // 10 cycles of 24 s, and the second begins 12 s later.
        var pair = PairSketch().with { $0.arrangement = .alternating }
        pair.limits.tighten(.sessionTime, to: 252_000, by: .clinic)
        #expect(pair.refusal == nil)
        pair.limits.tighten(.sessionTime, to: 251_999, by: .clinic)
        #expect(
            RefusedLimit(pair.refusal)
                == RefusedLimit(.sessionTime, asked: 252_000, limit: 251_999, setBy: .clinic))
    }

    // Proves R-LIM-12.
    @Test func `effective currents add up for the patient`() throws {
        func effective(_ maximum: Int32) -> Int64 {
            DoseSketch.relieve.with { $0.maximum = maximum }.dose.strongestPulse
                .rootMeanSquareMicroamperes(at: Frequency(millihertz: 35_000))
        }
        let sum = effective(40_000) + effective(25_000)
        var pair = PairSketch().with { $0.second?.treatment?.maximum = 25_000 }
        pair.limits.tighten(.rootMeanSquare, to: sum, by: .clinic)
        #expect(pair.refusal == nil)
        pair.limits.tighten(.rootMeanSquare, to: sum - 1, by: .clinic)
        #expect(
            RefusedLimit(pair.refusal)
                == RefusedLimit(.rootMeanSquare, asked: sum, limit: sum - 1, setBy: .clinic))
        // Each alone is far below.
        #expect(pair.with { ($0.second, $0.arrangement) = (nil, .single) }.refusal == nil)
    }

    // MARK: - What a day may hold

    // Proves R-DUR-06.
    @Test func `treatments of a day, this one included`() {
        #expect(CaseSketch().with { $0.treatmentsToday = 3 }.refusal == nil)
        let over = RefusedLimit(.sessionsPerDay, asked: 5, limit: 4)
        #expect(RefusedLimit(CaseSketch().with { $0.treatmentsToday = 4 }.refusal) == over)
        // Two channels are two treatments; whichever channel's history knows of more counts.
        for changesFirst in [true, false] {
            func pair(_ today: Int32) -> PairSketch {
                PairSketch().with {
                    if changesFirst { $0.first.treatmentsToday = today } else { $0.second?.treatmentsToday = today }
                }
            }
            #expect(pair(2).refusal == nil)
            #expect(RefusedLimit(pair(3).refusal) == over)
        }
        #expect(CaseSketch().with { $0.treatmentsToday = Int32.max }.refusal != nil)
        #expect(CaseSketch().with { $0.treatmentsToday = Int32.min }.refusal == nil)
    }

    /// 40 mA for 300 µs, 210 pulses in 6 s at 35 Hz, ten contractions and five of titration.
    private let worst: Int64 = 12_000_000 * 210 * 15

    // Proves R-LIM-16.
    @Test func `charge of a day through one muscle, the session at its most included`() {
        let limit = LimitTable.absoluteSurface[.chargePerDay].value
        #expect(limit == 360_000_000_000)
        #expect(CaseSketch().with { $0.chargeToday = limit - worst }.refusal == nil)
        let over = RefusedLimit(.chargePerDay, asked: limit + 1, limit: limit)
        #expect(RefusedLimit(CaseSketch().with { $0.chargeToday = limit - worst + 1 }.refusal) == over)
        #expect(RefusedLimit(CaseSketch().with { $0.chargeToday = Int64.max }.refusal)?.asked == Int64.max)
        // A debt is no room.
        #expect(CaseSketch().with { $0.chargeToday = Int64.min }.refusal == nil)
        // Each muscle has its own.
        let full = limit - worst
        #expect(PairSketch().both { $0.chargeToday = full }.refusal == nil)
        #expect(RefusedLimit(PairSketch().with { $0.first.chargeToday = full + 1 }.refusal) == over)
        #expect(RefusedLimit(PairSketch().with { $0.second?.chargeToday = full + 1 }.refusal) == over)
    }

    // Proves R-LIM-16.
    /// A search may begin again and again until the time of the session is over: 20 min at 2 Hz, 15 mA and 300 µs.
    @Test func `a search counts for as long as it could go on`() {
        let limit = LimitTable.absoluteSurface[.chargePerDay].value
        let search = CaseSketch().with { ($0.search, $0.treatment) = (.search, nil) }
        let most: Int64 = 4_500_000 * 2_400
        #expect(search.with { $0.chargeToday = limit - most }.refusal == nil)
        #expect(
            RefusedLimit(search.with { $0.chargeToday = limit - most + 1 }.refusal)
                == RefusedLimit(.chargePerDay, asked: limit + 1, limit: limit))
    }

    // Proves R-DUR-04, R-DUR-05.
    @Test func `each muscle has a history of its own`() {
        let first = PairSketch().with { $0.second?.earlierTreatments = 0 }
        #expect(first.refusal == nil)
        // Ten contractions on the new muscle, whatever the other may have.
        let eleven = first.with { $0.first.treatment?.pattern = .contractions(DoseSketch.cycle(), count: 11) }
        #expect(eleven.refusal == nil)
        let newOne = first.with { $0.second?.treatment?.pattern = .contractions(DoseSketch.cycle(), count: 11) }
        #expect(
            RefusedLimit(newOne.refusal)
                == RefusedLimit(.contractions, asked: 11, limit: 10, setBy: .firstSession))
        #expect(first.with { $0.second?.treatment?.stage = .restore }.refusal == .firstSessionStage)
        #expect(first.with { $0.first.treatment?.stage = .restore }.refusal == nil)
        #expect(
            RefusedLimit(PairSketch().with { $0.second?.millisecondsSinceLast = 1_000 }.refusal)?.kind
                == .restBetweenSessions)
    }
}

// Proves R-RATE-06.
@Suite struct TrainPatternTests {
    private func refusal(_ pattern: Pattern, millihertz: Int32 = 50_000) -> Refusal? {
        CaseSketch().with {
            $0.treatment?.pattern = pattern
            $0.treatment?.millihertz = millihertz
            $0.treatment?.maximum = 10_000
        }.refusal
    }

    private func burst(
        _ burst: Int32, every interval: Int32, for milliseconds: Int32 = 60_000, millihertz: Int32 = 50_000
    ) -> Refusal? {
        refusal(
            .burst(milliseconds: milliseconds, burstMilliseconds: burst, intervalMilliseconds: interval),
            millihertz: millihertz)
    }

    @Test func `a burst has its length, its silence and its interval`() {
        #expect(burst(200, every: 1_500) == nil)
        #expect(burst(50, every: 100) == nil)
        #expect(burst(49, every: 100) == .malformedPattern)
        #expect(burst(50, every: 99) == .malformedPattern)
        #expect(burst(200, every: 10_000) == nil)
        #expect(burst(200, every: 10_001) == .malformedPattern)
        for number: Int32 in [0, -1, Int32.min] {
            #expect(burst(200, every: 1_500, for: number) == .malformedPattern)
            #expect(burst(number, every: 1_500) == .malformedPattern)
            #expect(burst(200, every: number) == .malformedPattern)
        }
        #expect(burst(Int32.max, every: Int32.max) == .malformedPattern)
        #expect(burst(200, every: 1_500, for: Int32.max) != nil)
    }

    /// Each group begins with a pulse: shorter than a period it would have a rate above the dose's own, at which no
    /// density was judged, and the second of two channels would have none.
    @Test func `a burst is no shorter than a period`() {
        #expect(burst(50, every: 100, millihertz: 20_000) == nil)
        #expect(burst(50, every: 100, millihertz: 19_999) == .malformedPattern)
        #expect(burst(999, every: 2_000, millihertz: 1_000) == .malformedPattern)
        #expect(burst(1_000, every: 2_000, millihertz: 1_000) == nil)
    }

    private func dispersed(
        _ dense: Int32, _ sparse: Int32, for milliseconds: Int32 = 60_000, at sparseRate: Int32 = 2_000,
        dense rate: Int32 = 100_000
    ) -> Refusal? {
        refusal(
            .denseDisperse(
                milliseconds: milliseconds, denseMilliseconds: dense,
                sparseFrequency: Frequency(millihertz: sparseRate), sparseMilliseconds: sparse), millihertz: rate)
    }

    // Proves R-LIM-07.
    @Test func `dense and disperse have their lengths and rates`() {
        #expect(dispersed(3_000, 3_000) == nil)
        #expect(dispersed(500, 500) == nil)
        #expect(dispersed(499, 500) == .malformedPattern)
        #expect(dispersed(500, 499) == .malformedPattern)
        #expect(dispersed(30_000, 30_000) == nil)
        #expect(dispersed(30_001, 30_000) == .malformedPattern)
        #expect(dispersed(30_000, 30_001) == .malformedPattern)
        #expect(dispersed(Int32.max, Int32.max) == .malformedPattern)
        #expect(dispersed(3_000, 3_000, for: 0) == .malformedPattern)
        #expect(dispersed(3_000, 3_000, at: 1_000) == nil)
        #expect(
            RefusedLimit(dispersed(3_000, 3_000, at: 999))
                == RefusedLimit(.lowestFrequency, asked: 999, limit: 1_000))
        #expect(dispersed(3_000, 3_000, at: 0) == .malformedPattern)
        // The dense rate is the higher: every figure is taken at it.
        #expect(dispersed(3_000, 3_000, at: 50_000, dense: 50_000) == nil)
        #expect(dispersed(3_000, 3_000, at: 50_001, dense: 50_000) == .malformedPattern)
    }

    // Proves R-DUR-01.
    @Test func `trains last no longer than a session`() {
        let minutes: Int32 = 20 * 60_000
        #expect(burst(200, every: 1_500, for: minutes) == nil)
        #expect(RefusedLimit(burst(200, every: 1_500, for: minutes + 1))?.kind == .sessionTime)
        #expect(dispersed(3_000, 3_000, for: minutes, dense: 20_000) == nil)
        #expect(RefusedLimit(dispersed(3_000, 3_000, for: minutes + 1, dense: 20_000))?.kind == .sessionTime)
    }
}

// The exact figures that the gate tells and keeps, each computed here by hand.
import SafetyKernel
import StimulusModel
import Testing

@Suite struct GateFigureTests {
    private func gate(_ change: (inout CaseSketch) -> Void = { _ in }) throws -> PulseGate {
        PulseGate(plan: try CaseSketch().with(change).authorize())
    }

    /// The period that an authorized pulse carries.
    private func period(_ millihertz: Int32) throws -> Int64 {
        var gate = try gate {
            $0.treatment?.millihertz = millihertz
            $0.treatment?.maximum = 10_000
        }
        let arming = try arm(&gate, at: 0)
        let pulse = try gate.authorize(
            request(set: 1_000), under: arming, condition: .ready, at: Instant(nanoseconds: 1_000_000_000))
        return pulse.periodMicroseconds
    }

    // Proves R-RATE-04.
    @Test func `a pulse carries its period, rounded up`() throws {
        // 28,571.43, 14,285.71 and 333,667.0003 µs; the others are whole.
        for (millihertz, microseconds) in [
            (35_000, 28_572), (70_000, 14_286), (100_000, 10_000), (1_000, 1_000_000), (2_997, 333_668),
        ]
            as [(Int32, Int64)]
        {
            let carried = try period(millihertz)
            #expect(carried == microseconds)
        }
    }

    // Proves R-RATE-01, R-LIM-05.
    @Test func `a pulse that comes too soon is told the rate that it would have had`() throws {
        var gate = try gate()
        let arming = try arm(&gate, at: 0)
        #expect(judge(&gate, request(set: 1_000), under: arming, at: 1_000).isPulse)
        // The tick that was saved up, and 14 ms: 35,000 + 14 · 35,000 millionths of a period.
        for (time, asked) in [(1_014, 66_666), (1_000, 1_000_000), (900, 1_000_000), (1_027, 35_714)]
            as [(Int64, Int64)]
        {
            #expect(
                RefusedLimit(judge(&gate, request(set: 1_000), under: arming, at: time).refusal)
                    == RefusedLimit(.frequency, asked: asked, limit: 35_000, setBy: .protocolFile), "\(time)")
        }
    }

    // Proves R-RATE-01.
    /// 28 ms earn 980,000 millionths; the saved tick's 35,000 pay for it once, and what is over goes on.
    @Test func `what is left of the credit goes on to the next pulse`() throws {
        var gate = try gate()
        let arming = try arm(&gate, at: 0)
        var passed: [Int64] = []
        for time in Int64(1_000)...1_400 where judge(&gate, request(set: 1_000), under: arming, at: time).isPulse {
            passed.append(time)
        }
        // Credit 35,000, then 15,000, 30,000, 10,000, 25,000 and so on: 28 or 29 ms, 28.57 in the mean.
        #expect(
            passed == [
                1_000, 1_028, 1_057, 1_085, 1_114, 1_142, 1_171, 1_199, 1_228, 1_257, 1_285, 1_314, 1_342, 1_371, 1_399,
            ])
    }

    // Proves R-AMP-02, R-LIM-05.
    @Test func `a rise that comes too soon is told how fast it would have been`() throws {
        var gate = try gate()
        let arming = try arm(&gate, at: 1_000)
        for (time, asked) in [(1_499, 2_004), (1_250, 4_000), (1_001, 1_000_000), (1_000, 1_000_000)]
            as [(Int64, Int64)]
        {
            #expect(
                RefusedLimit(judge(&gate, request(set: 1_000), under: arming, at: time).refusal)
                    == RefusedLimit(.amplitudeRise, asked: asked, limit: 2_000), "\(time)")
        }
    }

    // Proves R-RATE-02.
    /// A pulse asked for in every millisecond: what one cycle holds and two more pass at the rate of the dose, and then
    /// only what time gives back. By an account of its own, in pulses times the cycle's milliseconds.
    @Test(arguments: [0, 1, 2, 3]) func `a pattern has room for so many pulses and not one more`(number: Int) throws {
        let patterns: [(pattern: Pattern, cycle: Int64, most: Int64)] =
            PairGateTests.patterns + [(.continuous(milliseconds: 600_000), 1_000, 35)]
        let (pattern, cycle, most) = patterns[number]
        var gate = try gate {
            $0.treatment?.pattern = pattern
            $0.treatment?.maximum = 1_000
        }
        let arming = try arm(&gate, at: 0)
        // Both in millionths: of a period, and of a pulse.
        let full = (most + 2) * 1_000_000
        var credit: Int64 = 1_035_000
        var room = full
        var last: Int64?
        var wrong: [Int64] = []
        var overruns = 0
        for time in Int64(1_000)...40_000 {
            var earned: Int64 = 1_035_000
            var left = full
            if let last {
                earned = min(min(credit, 35_000) + (time - last) * 35_000, 1_035_000)
                left = min(room + ((time - last) * full + cycle - 1) / cycle, full)
            }
            let verdict = judge(&gate, request(set: 1_000, contraction: 0), under: arming, at: time)
            if verdict.isPulse != (earned >= 1_000_000 && left >= 1_000_000) { wrong.append(time) }
            if earned >= 1_000_000, left < 1_000_000 {
                overruns += 1
                if verdict.refusal != .patternOverrun { wrong.append(time) }
            }
            guard verdict.isPulse else { continue }
            credit = earned - 1_000_000
            room = left - 1_000_000
            last = time
        }
        #expect(wrong.isEmpty, "at \(wrong.prefix(5)) ms")
        // The rate alone bounds a train without silences.
        #expect((overruns > 0) == (number < 3))
    }

    // Proves R-DUR-01.
    @Test func `pulses of a search are not counted as those of the treatment`() throws {
        var limits = LimitTable.absoluteSurface
        limits.tighten(.sessionTime, to: 5_000, by: .clinic)
        var gate = try gate {
            $0.limits = limits
            $0.search = DoseSketch.search.with {
                ($0.pattern, $0.millihertz) = (.continuous(milliseconds: 5_000), 1_000)
            }
            $0.treatment?.pattern = .continuous(milliseconds: 5_000)
            $0.treatment?.millihertz = 1_000
        }
        let arming = try arm(&gate, at: 0)
        // Five pulses and one of each, in turns.
        for second in 1...12 as ClosedRange<Int64> {
            let part: PlanPart = second % 2 == 0 ? .search : .treatment
            let asked = request(part: part, run: Int32(second), set: 500, contraction: 0)
            #expect(judge(&gate, asked, under: arming, at: second * 1_001).isPulse, "\(second)")
        }
        for part in [PlanPart.search, .treatment] {
            let over = judge(&gate, request(part: part, run: 20, set: 500, contraction: 0), under: arming, at: 20_000)
            #expect(RefusedLimit(over.refusal)?.kind == .sessionTime)
        }
    }

    // Proves R-RATE-01.
    @Test func `the first pulse of all waits for the rise and not for a period`() throws {
        var gate = try gate {
            $0.treatment?.pattern = .continuous(milliseconds: 60_000)
            $0.treatment?.millihertz = 1_000
        }
        let arming = try arm(&gate, at: 0)
        #expect(judge(&gate, request(set: 1_000, contraction: 0), under: arming, at: 600).isPulse)
        #expect(
            RefusedLimit(judge(&gate, request(set: 1_000, contraction: 0), under: arming, at: 1_598).refusal)?.kind
                == .frequency)
        #expect(judge(&gate, request(set: 1_000, contraction: 0), under: arming, at: 1_599).isPulse)
    }

    // Proves R-RATE-02, R-AMP-06.
    @Test func `a run that never began has room for no pulse`() throws {
        var gate = try gate()
        let arming = try arm(&gate, at: 0)
        #expect(judge(&gate, request(run: 0, set: 1_000), under: arming, at: 1_000).refusal == .patternOverrun)
        #expect(judge(&gate, request(run: 1, set: 1_000), under: arming, at: 1_000).isPulse)
    }

    // Proves R-AMP-06.
    @Test func `leave to set begins a new run at zero as well`() throws {
        var gate = try gate()
        let arming = try arm(&gate, at: 0)
        for (index, set) in [1_000, 2_000].enumerated() as EnumeratedSequence<[Int32]> {
            #expect(judge(&gate, request(set: set), under: arming, at: 1_000 + Int64(index) * 600).isPulse)
        }
        func setting(_ asked: PulseRequest, _ condition: StimulatorCondition = .ready) -> Refusal? {
            do throws(Refusal) {
                _ = try gate.allowSetting(
                    asked, under: arming, condition: condition, at: Instant(nanoseconds: 9_000_000_000))
                return nil
            } catch {
                return error
            }
        }
        #expect(setting(request(set: 2_000)) == nil)
        #expect(setting(request(set: 2_000, amplitude: 1_000, plateau: false)) == nil)
        #expect(
            RefusedLimit(setting(request(run: 2, set: 2_000)))
                == RefusedLimit(.amplitudeStep, asked: 2_000, limit: 1_000))
        #expect(setting(request(run: 2, set: 1_000)) == nil)
        #expect(setting(request(part: .search, set: 500)) == .partNotAuthorized)
        for condition in [StimulatorCondition.absent, .identifying, .off, .energising, .deenergising, .failed] {
            #expect(setting(request(set: 2_000), condition) == .stimulatorNotReady)
        }
        // A fall is followed; what was delivered in the run stays known.
        gate.follow(setAmplitude: Current(microamperes: 1_000))
        #expect(setting(request(set: 1_000, amplitude: 500, plateau: false)) == nil)
    }

    // Proves R-LIM-16.
    @Test(arguments: [0, -1, -1_000_000, Int64.min])
    func `a debt of charge is no room at the gate either`(debt: Int64) throws {
        // One contraction and five of titration of 53 pulses, 0.3 µC each.
        let most: Int64 = 53 * 6
        var gate = try gate {
            $0.limits.tighten(.chargePerDay, to: most * 300_000, by: .clinic)
            $0.treatment?.pattern = .contractions(
                DoseSketch.cycle(up: 500, plateau: 500, down: 500, rest: 1_000), count: 1)
            $0.treatment?.maximum = 1_000
            $0.chargeToday = debt
        }
        let arming = try arm(&gate, at: 0)
        var passed: Int64 = 0
        var last: Refusal?
        for time in Int64(600)...40_000 {
            let verdict = judge(&gate, request(set: 1_000), under: arming, at: time)
            passed += verdict.isPulse ? 1 : 0
            last = verdict.refusal ?? last
        }
        #expect(passed == most)
        #expect(
            RefusedLimit(last)
                == RefusedLimit(
                    .chargePerDay, asked: (most + 1) * 300_000, limit: most * 300_000, setBy: .clinic))
    }

    // MARK: - What the gate remembers, as the exhaustive search reads it

    // Proves R-AMP-06, R-FLT-28.
    @Test func `a new gate remembers nothing`() throws {
        let gate = try gate()
        #expect(gate.firstArmed == Instant(nanoseconds: 0))
        let isArmed = gate.wasArmed
        #expect(!isArmed)
        for place in 0..<2 {
            let account = gate.accounts[place]
            #expect(account.run == 0)
            #expect(account.setMicroamperes == 0)
            #expect(account.deliveredMicroamperes == 0)
            #expect(account.lastRise == Instant(nanoseconds: 0))
            #expect(account.lastPulse == Instant(nanoseconds: 0))
            #expect(account.pulses == 0 && account.searchPulses == 0 && account.treatmentPulses == 0)
            #expect(account.credit == 0 && account.allowance == 0)
            #expect(account.chargedPicocoulombs == 0)
            #expect(account.searchedMicroamperes == 0 && account.motorThresholdMicroamperes == 0)
        }
    }

    // Proves R-DUR-03.
    @Test func `a train has no contractions to count, and a dose of one has six`() throws {
        var train = try gate { $0.treatment?.pattern = .continuous(milliseconds: 60_000) }
        let arming = try arm(&train, at: 0)
        #expect(judge(&train, request(set: 1_000, contraction: 99), under: arming, at: 1_000).isPulse)
        var one = try gate { $0.treatment?.pattern = .contractions(DoseSketch.cycle(), count: 1) }
        let other = try arm(&one, at: 0)
        #expect(judge(&one, request(set: 1_000, contraction: 6), under: other, at: 1_000).isPulse)
        #expect(
            RefusedLimit(judge(&one, request(set: 1_000, contraction: 7), under: other, at: 2_000).refusal)
                == RefusedLimit(.contractions, asked: 7, limit: 6))
    }

    // Proves R-DUR-01.
    @Test func `a session a millionth shorter than a period has one pulse, and one of a period two`() throws {
        for (milliseconds, millihertz, most) in [(999, 1_001, 1), (1_000, 1_000, 2)] as [(Int32, Int32, Int)] {
            var gate = try gate {
                $0.limits.tighten(.sessionTime, to: Int64(milliseconds), by: .clinic)
                $0.treatment?.pattern = .continuous(milliseconds: milliseconds)
                $0.treatment?.millihertz = millihertz
            }
            let arming = try arm(&gate, at: 0)
            var passed = 0
            for second in Int64(1)...5 {
                let verdict = judge(&gate, request(set: 1_000, contraction: 0), under: arming, at: second * 1_500)
                passed += verdict.isPulse ? 1 : 0
            }
            #expect(passed == most, "\(milliseconds) ms at \(millihertz) mHz")
        }
    }

    // Proves R-AMP-02.
    @Test func `a rise limit that no whole millisecond meets is kept, not met`() throws {
        // 1 mA at 1.999 mA/s is 500.25 ms.
        var gate = try gate { $0.limits.tighten(.amplitudeRise, to: 1_999, by: .clinic) }
        let arming = try arm(&gate, at: 0)
        #expect(
            RefusedLimit(judge(&gate, request(set: 1_000), under: arming, at: 500).refusal)
                == RefusedLimit(.amplitudeRise, asked: 2_000, limit: 1_999, setBy: .clinic))
        #expect(judge(&gate, request(set: 1_000), under: arming, at: 501).isPulse)
    }

    // Proves R-RATE-01.
    @Test func `a millionth of a period too soon is too soon, and at once is told as what it is`() throws {
        // 27 ticks at 37,037 mHz are 999,999 millionths: the saved one and 26 more.
        var gate = try gate { $0.treatment?.millihertz = 37_037 }
        let arming = try arm(&gate, at: 0)
        #expect(judge(&gate, request(set: 1_000), under: arming, at: 1_000).isPulse)
        #expect(
            RefusedLimit(judge(&gate, request(set: 1_000), under: arming, at: 1_026).refusal)
                == RefusedLimit(.frequency, asked: 37_037, limit: 37_037, setBy: .protocolFile))
        #expect(judge(&gate, request(set: 1_000), under: arming, at: 1_027).isPulse)
        // At 40 Hz the saved tick and 24 more are used up to nothing.
        var other = try self.gate { $0.treatment?.millihertz = 40_000 }
        let second = try arm(&other, at: 0)
        for time in [1_000, 1_024] as [Int64] {
            #expect(judge(&other, request(set: 1_000), under: second, at: time).isPulse)
        }
        #expect(
            RefusedLimit(judge(&other, request(set: 1_000), under: second, at: 1_024).refusal)
                == RefusedLimit(.frequency, asked: 40_000_000_000, limit: 40_000, setBy: .protocolFile))
    }

    // Proves R-RATE-02.
    @Test func `silence within a run saves up one cycle and no more`() throws {
        var gate = try gate()
        let arming = try arm(&gate, at: 0)
        for time in [1_000, 60_000] as [Int64] {
            #expect(judge(&gate, request(set: 1_000), under: arming, at: time).isPulse)
            let left = gate.accounts[0].allowance
            #expect(left == 211_000_000)
        }
        // A train has room for its pulses of a second, begun ones too, and two more.
        for (millihertz, room) in [(35_000, 37), (10_005, 13)] as [(Int32, Int64)] {
            var train = try self.gate {
                $0.treatment?.pattern = .continuous(milliseconds: 60_000)
                $0.treatment?.millihertz = millihertz
            }
            let armed = try arm(&train, at: 0)
            #expect(judge(&train, request(set: 1_000, contraction: 0), under: armed, at: 1_000).isPulse)
            let left = train.accounts[0].allowance
            #expect(left == (room - 1) * 1_000_000)
        }
    }

    // Proves R-AMP-08.
    @Test func `the highest of a search is remembered when it falls again`() throws {
        var gate = try gate { $0.search = .search }
        let arming = try arm(&gate, at: 0)
        for (index, set) in [500, 1_000, 500].enumerated() as EnumeratedSequence<[Int32]> {
            let asked = request(part: .search, set: set, contraction: 0)
            #expect(judge(&gate, asked, under: arming, at: 1_000 + Int64(index) * 1_000).isPulse)
        }
        let searched = gate.accounts[0].searchedMicroamperes
        #expect(searched == 1_000)
    }

    // Proves R-AMP-06, R-FLT-28.
    @Test func `what was delivered is remembered for one run and one arming`() throws {
        var gate = try gate { $0.search = .search }
        let first = try arm(&gate, at: 100)
        let since = gate.firstArmed
        #expect(since == Instant(nanoseconds: 100_000_000))
        #expect(judge(&gate, request(part: .search, set: 500, contraction: 0), under: first, at: 1_000).isPulse)
        #expect(judge(&gate, request(run: 2, set: 1_000), under: first, at: 3_000).isPulse)
        var account = gate.accounts[0]
        #expect(account.run == 2 && account.setMicroamperes == 1_000 && account.deliveredMicroamperes == 1_000)
        #expect(account.pulses == 2 && account.searchPulses == 1 && account.treatmentPulses == 1)
        #expect(account.searchedMicroamperes == 500)
        // One period and a tick less one period; 210 pulses in 6 s and two more less this one.
        #expect(account.credit == 35_000)
        #expect(account.allowance == 211_000_000)
        #expect(account.lastPulse == Instant(nanoseconds: 3_000_000_000))
        // A pulse of a ramp is less than what was delivered before, and changes nothing of it.
        let ramp = request(run: 2, set: 1_000, amplitude: 500, plateau: false)
        #expect(judge(&gate, ramp, under: first, at: 3_100).isPulse)
        account = gate.accounts[0]
        #expect(account.deliveredMicroamperes == 1_000 && account.setMicroamperes == 1_000)
        // A refused request of a new run has begun it all the same.
        #expect(!judge(&gate, request(run: 3, set: 9_000), under: first, at: 4_000).isPulse)
        account = gate.accounts[0]
        #expect(account.run == 3 && account.setMicroamperes == 0 && account.deliveredMicroamperes == 0)
        #expect(judge(&gate, request(run: 3, set: 1_000), under: first, at: 5_000).isPulse)
        first.disarm()
        let second = try arm(&gate, at: 6_000)
        account = gate.accounts[0]
        #expect(account.setMicroamperes == 0 && account.deliveredMicroamperes == 0)
        #expect(account.lastRise == Instant(nanoseconds: 6_000_000_000))
        #expect(account.searchedMicroamperes == 500)
        let again = gate.firstArmed
        #expect(again == since)
        second.disarm()
        let other = gate.accounts[1]
        #expect(other.run == 0 && other.pulses == 0)
    }
}

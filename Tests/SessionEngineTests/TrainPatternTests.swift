// Bursts and dense-disperse on both channels: as many pulses as prescribed, in their time, half a period apart.
import SafetyKernel
import SessionEngine
import StimulusModel
import Testing

// Proves R-RATE-02.
@Suite struct TrainPatternTests {
    private func treating(_ dose: Dose) throws -> (begun: Int64, bench: BenchBox) {
        var bench = Bench(try Doses.pair(dose))
        bench.begin()
        let begun = bench.milliseconds
        bench.raise(to: 2_000, at: .first)
        bench.raise(to: 1_000, at: .second)
        #expect(bench.set(.first) == 2_000 && bench.set(.second) == 1_000)
        return (begun, BenchBox(bench))
    }

    /// A bench that can stand in a tuple.
    private final class BenchBox {
        var bench: Bench
        init(_ bench: consuming Bench) { self.bench = bench }
    }

    /// 200 ms every 1,500 ms [GLAVIANO], and the shortest burst there is, at rates that are no whole number of ticks.
    @Test(
        arguments: [(200, 1_500, 50_000), (200, 1_500, 35_000), (50, 100, 100_000), (301, 700, 35_000)]
            as [(Int32, Int32, Int32)])
    func `a burst has its pulses and then its silence`(burst: Int32, interval: Int32, millihertz: Int32) throws {
        let dose = Doses.bursts(milliseconds: 190_000, burst: burst, interval: interval, millihertz: millihertz)
        let (begun, box) = try treating(dose)
        box.bench.run(150_000)
        let from = begun + 10 * Int64(interval) * (1 + 10_000 / (10 * Int64(interval)))
        let last = box.bench.milliseconds - Int64(interval)
        let half = 500_000 / Double(millihertz)
        for place in bothPlaces {
            var groups: [Int64: [Int64]] = [:]
            for time in box.bench.times(place) where time >= from && time < last {
                groups[(time - begun) / Int64(interval), default: []].append((time - begun) % Int64(interval))
            }
            #expect(groups.count > 60)
            let offset = place == .first ? 0 : half
            // Pulses at offset, offset + period and so on, before the end of the burst.
            let exact = Int(((Double(burst) - offset) * Double(millihertz) / 1_000_000).rounded(.up))
            for (number, times) in groups {
                #expect(abs(times.count - exact) <= 1, "\(times.count) pulses in burst \(number), not \(exact)")
                #expect(times.allSatisfy { $0 < burst }, "burst \(number) does not end: \(times)")
                #expect(abs(Double(times[0]) - offset) <= 1)
            }
            // The same in each group.
            #expect(Set(groups.values.map(\.count)).count == 1)
        }
        TwoChannelTests.expectHalfPeriod(box.bench, since: from, millihertz)
        #expect(box.bench.gateRefusals.isEmpty)
        #expect(box.bench.machine.droppedPulses == 0)
    }

    /// 2/100 Hz, 3 s each [HAN]: the mean of both is exact over minutes, and the switch brings no two closer.
    @Test func `dense and disperse keep their mean, their switch and their offset`() throws {
        let (begun, box) = try treating(Doses.denseDisperse(milliseconds: 400_000))
        box.bench.run(192_000)
        let cycle: Int64 = 6_000
        for place in bothPlaces {
            let times = box.bench.times(place).filter { $0 >= begun + 2 * cycle }
            var groups: [Int64: (dense: Int, sparse: Int)] = [:]
            for time in times where time < begun + 30 * cycle {
                let phase = (time - begun) % cycle
                let number = (time - begun) / cycle
                if phase < 3_000 { groups[number, default: (0, 0)].dense += 1 }
                if phase >= 3_000 { groups[number, default: (0, 0)].sparse += 1 }
            }
            #expect(groups.count == 28)
            for (_, count) in groups { #expect(abs(count.dense - 300) <= 1 && abs(count.sparse - 6) <= 1) }
            let sum = groups.values.reduce(0) { $0 + $1.dense + $1.sparse }
            #expect(abs(sum - 28 * 306) <= 1)
            for (before, after) in zip(times, times.dropFirst()) {
                #expect(after - before >= 10 && after - before <= 501)
            }
        }
        let first = box.bench.times(.first)
        var gaps: [Int64: Int] = [:]
        for time in box.bench.times(.second) where time > begun + 2 * cycle {
            if let nearest = first.last(where: { $0 < time }) { gaps[time - nearest, default: 0] += 1 }
        }
        // Half of 10 ms or half of 500 ms; between them only where the rate changes.
        #expect((gaps[5] ?? 0) > 8_000)
        #expect((gaps[250] ?? 0) > 100)
        #expect(gaps.keys.allSatisfy { $0 >= 5 && $0 <= 251 })
        #expect(gaps.filter { $0.key > 6 && $0.key < 249 }.values.reduce(0, +) <= 2 * 31)
        #expect(box.bench.gateRefusals.isEmpty)
    }

    // Proves R-FLT-28.
    /// A pause in any part of the pattern, a late tick and a resume: the gate agrees with all of it.
    @Test(arguments: [0, 1]) func `a pause, a resume and late ticks are honest in every pattern`(number: Int) throws {
        let dose =
            number == 0 ? Doses.bursts(milliseconds: 600_000) : Doses.denseDisperse(milliseconds: 600_000)
        let (_, box) = try treating(dose)
        for round in Int64(0)..<40 {
            box.bench.run(round * 97 % 1_500)
            box.bench.step(elapsed: Int32(2 + round))
            box.bench.step(.pause)
            box.bench.run(5 + round)
            box.bench.step(.resume)
            box.bench.run(20)
            #expect(box.bench.set(.first) == 0 && box.bench.set(.second) == 0)
            for place in bothPlaces {
                for _ in 0..<2 {
                    box.bench.run(505)
                    box.bench.step(.raise, at: place)
                }
            }
        }
        #expect(box.bench.gateRefusals.isEmpty, "\(box.bench.gateRefusals.prefix(3))")
        #expect(box.bench.state == .holding)
        #expect(box.bench.machine.channel(.second).deliveredPulses > 100)
    }
}

import RigSimulator
import ScienceMode4
import StimulusModel
import Testing

/// Two channels on one person: each judged by itself, and both together.
@Suite struct TwoChannelTests {
    /// Trains on two channels, the second offset, after a slow rise on both.
    private func trains(
        _ first: (microamperes: Int32, everyNanoseconds: Int64),
        _ second: (microamperes: Int32, everyNanoseconds: Int64),
        offsetNanoseconds: Int64, seconds: Int64 = 3, rules: MeterRules
    ) -> ElectrodeMeter {
        var meter = ElectrodeMeter(rules: rules)
        var now: Int64 = 0
        var amplitude: Int32 = 0
        while amplitude < max(first.microamperes, second.microamperes) {
            amplitude += 1_000
            now += 1_000_000_000
            meter.receive(MeterTests.pulse(min(amplitude, first.microamperes), at: now))
            meter.receive(MeterTests.pulse(min(amplitude, second.microamperes), at: now + 500_000_000, channel: 2))
        }
        now += 2_000_000_000
        var pulses: [DeliveredPulse] = []
        for (channel, train, offset) in [(1, first, 0), (2, second, offsetNanoseconds)]
            as [(UInt8, (Int32, Int64), Int64)]
        {
            var start = now + offset
            while start < now + seconds * 1_000_000_000 {
                pulses.append(MeterTests.pulse(train.0, at: start, channel: channel))
                start += train.1
            }
        }
        for pulse in pulses.sorted(by: { $0.startNanoseconds < $1.startNanoseconds }) { meter.receive(pulse) }
        return meter
    }

    @Test func halfAPeriodBetweenTwoChannelsIsNoDoubledRate() {
        let rules = MeterRules(rateCapMillihertz: 50_000)
        let meter = trains((2_000, 20_000_000), (2_000, 20_000_000), offsetNanoseconds: 10_000_000, rules: rules)
        #expect(meter.isClean, "\(meter)")
        #expect(meter.mostPulsesInASecond == 50)
        // 100 Hz on each of two channels is the absolute rate, not twice it.
        let fast = trains((2_000, 10_000_000), (2_000, 10_000_000), offsetNanoseconds: 5_000_000, rules: MeterRules())
        #expect(fast.isClean, "\(fast)")
        #expect(fast.mostPulsesInASecond == 100)
        // One channel at twice its rate is found, whatever the other does.
        let doubled = trains((2_000, 10_000_000), (2_000, 20_000_000), offsetNanoseconds: 5_000_000, rules: rules)
        #expect(doubled.count(of: .rate) > 0 && doubled.count(of: .interval) > 0)
        #expect(doubled.violations.allSatisfy { $0.channel == 1 })
    }

    @Test func eachChannelHasItsOwnRise() {
        var meter = ElectrodeMeter(rules: MeterRules(rateCapMillihertz: 50_000))
        for index: Int64 in 0..<50 {
            let now = 1_000_000_000 + index * 20_000_000
            // Channel 1 rises by a step each 500 ms, channel 2 by three steps at once.
            meter.receive(MeterTests.pulse(1_000 * Int32(1 + index / 25), at: now))
            if index == 30 { meter.receive(MeterTests.pulse(3_000, at: now + 10_000_000, channel: 2)) }
        }
        #expect(MeterTests.rules(of: meter) == [.rise])
        #expect(meter.violations.map(\.channel) == [2])
        #expect(meter.envelopeMicroamperes(channel: 1) == 2_000)
        #expect(meter.envelopeMicroamperes(channel: 2) == 3_000)
    }

    @Test func eachChannelCanHaveItsOwnCapAndRate() {
        var rules = MeterRules(peakCapMicroamperes: 20_000, rateCapMillihertz: 50_000)
        rules.setRules(ChannelRules(peakCapMicroamperes: 10_000, rateCapMillihertz: 20_000), channel: 2)
        #expect(rules.rules(channel: 1).peakCapMicroamperes == 20_000)
        #expect(rules.rules(channel: 2).rateCapMillihertz == 20_000)
        let fits = trains((15_000, 20_000_000), (10_000, 50_000_000), offsetNanoseconds: 5_000_000, rules: rules)
        #expect(fits.isClean, "\(fits)")
        let strong = trains((15_000, 20_000_000), (10_500, 50_000_000), offsetNanoseconds: 5_000_000, rules: rules)
        #expect(MeterTests.rules(of: strong) == [.peak])
        let fast = trains((15_000, 20_000_000), (10_000, 40_000_000), offsetNanoseconds: 5_000_000, rules: rules)
        #expect(fast.violations.allSatisfy { $0.channel == 2 } && fast.count(of: .rate) > 0)
        // No run can ask for more than the absolute figures.
        #expect(ChannelRules(peakCapMicroamperes: 200_000).peakCapMicroamperes == 80_000)
        #expect(ChannelRules(rateCapMillihertz: 200_000).rateCapMillihertz == 100_000)
    }

    @Test func thePatientsRootMeanSquareIsTheSumOfAllChannels() {
        // 12 mA for 2 · 300 µs at 50 Hz: a mean square of 4,320,000 µA² on each channel.
        let meter = trains(
            (12_000, 20_000_000), (12_000, 20_000_000), offsetNanoseconds: 10_000_000,
            rules: MeterRules(rateCapMillihertz: 50_000))
        #expect(meter.isClean, "\(meter)")
        #expect(meter.largestMeanSquare == 4_320_000)
        #expect(meter.largestPatientMeanSquare == 8_640_000)
        // 36 mA r.m.s. on each of two channels is 51 mA on the patient, though neither is above 50 mA.
        var rules = MeterRules(arrivalJitterMicroseconds: 0)
        rules.contractionCap = nil
        var broken = ElectrodeMeter(rules: rules)
        for index: Int64 in 0..<410 {
            let now = 1_000_000_000 + index * 2_500_000
            broken.receive(MeterTests.pulse(57_000, 500, at: now))
            broken.receive(MeterTests.pulse(57_000, 500, at: now + 1_200_000, channel: 2))
        }
        #expect(broken.count(of: .rootMeanSquare) == 0)
        #expect(broken.count(of: .patientRootMeanSquare) > 0)
        #expect(broken.largestMeanSquare == 1_299_600_000)
        // What was more than a second ago does not count.
        var later = ElectrodeMeter(rules: MeterRules())
        later.receive(MeterTests.pulse(1_000, at: 1_000_000_000))
        later.receive(MeterTests.pulse(1_000, at: 2_100_000_000, channel: 2))
        #expect(later.largestPatientMeanSquare == later.largestMeanSquare)
    }

    @Test func onePulseAtATimeOnAChannel() {
        var meter = ElectrodeMeter(rules: MeterRules(arrivalJitterMicroseconds: 20_000))
        meter.receive(MeterTests.pulse(500, at: 1_000_000_000))
        // 700 µs long: on another channel something may run meanwhile, on its own not.
        meter.receive(MeterTests.pulse(500, at: 1_000_300_000, channel: 2))
        #expect(meter.isClean, "\(meter)")
        meter.receive(MeterTests.pulse(500, at: 1_000_700_000))
        #expect(meter.isClean, "\(meter)")
        meter.receive(MeterTests.pulse(500, at: 1_001_399_999))
        #expect(MeterTests.rules(of: meter) == [.overlap])
        #expect(meter.violations.first?.measured == 1)
    }

    @Test func contractionsAndTimeAreCountedForEachChannelAndForThePatient() {
        var meter = ElectrodeMeter(rules: MeterRules(rateCapMillihertz: 50_000, contractionCap: 3))
        // In turn: while one channel works the other rests, so that the patient is never without.
        for contraction: Int64 in 0..<6 {
            for index: Int64 in 0..<100 {
                let now = 1_000_000_000 + contraction * 2_000_000_000 + index * 20_000_000
                meter.receive(MeterTests.pulse(500, at: now, channel: contraction % 2 == 0 ? 1 : 2))
            }
        }
        #expect(meter.isClean, "\(meter)")
        #expect(meter.contractionCount(channel: 1) == 3 && meter.contractionCount(channel: 2) == 3)
        #expect(meter.contractionCount == 3)
        #expect(meter.pulseCount(channel: 1) == 300 && meter.pulseCount(channel: 2) == 300)
        #expect(meter.onTimeMilliseconds == 11_980)
        #expect(meter.totalChargePicocoulombs(channel: 2) == 300 * 500 * 300)
        #expect(meter.totalChargePicocoulombs == 2 * meter.totalChargePicocoulombs(channel: 2))
        meter.receive(MeterTests.pulse(500, at: 20_000_000_000, channel: 2))
        #expect(MeterTests.rules(of: meter) == [.contractions])
    }

    @Test func theRigSaysWhichChannelCarriesWhichMuscle() throws {
        for (channel, site) in [(1, PadSite.vmo), (2, .gluteusMedius), (5, .gluteusMedius)] as [(UInt8, PadSite)] {
            var bench = Bench(VirtualRigConfiguration(pads: [PadPair(channel: channel, site: site)]))
            bench.initialise()
            #expect(bench.rig.body.site(channel: channel) == site)
            let person = VirtualPerson.typical
            let threshold = person.muscle(at: site).motorThresholdMicroamperes(phaseMicroseconds: 300) / 1_000
            let below = (threshold * 2).rounded(.down) / 2
            _ = bench.ask(Bench.pulse(below, 300, channel: channel), milliseconds: 100)
            #expect(bench.rig.body.muscle(channel: channel).twitches == 0)
            _ = bench.ask(Bench.pulse(below + 0.5, 300, channel: channel), milliseconds: 100)
            #expect(bench.rig.body.muscle(channel: channel).twitches == 1)
            #expect(bench.rig.force(channel: channel, at: Instant(nanoseconds: bench.now)) > 0)
            // The other channels are open.
            #expect(bench.rig.body.contact(channel: 3) == .detached)
        }
    }

    @Test func bothMusclesPullAtOnceInTheMidLevel() {
        var bench = Bench()
        bench.initialiseMid()
        let train = Bench.Train(milliamperes: 20, microseconds: 300)
        _ = bench.ask(Bench.update([1: train, 2: train]), milliseconds: 1_500)
        let now = Instant(nanoseconds: bench.now)
        let first = bench.rig.force(channel: 1, at: now)
        let second = bench.rig.force(channel: 2, at: now)
        #expect(first > second && second > 0.1, "\(first) and \(second)")
        #expect(bench.rig.meter.pulsesInTheLastSecond(channel: 2, at: now) == 50)
        #expect(bench.rig.body.lastWaveform(channel: 2)?.channel == 2)
    }
}

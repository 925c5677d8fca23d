import RigSimulator
import ScienceMode4
import StimulusModel
import Testing

/// Pads that half hold, the shape of a pulse at the pads, muscles that tire, and persons by name and seed.
@Suite struct TissueTests {
    private func strong(_ contact: Contact, _ milliamperes: Double = 18) throws -> (
        result: UInt8, pulse: DeliveredPulse
    ) {
        var bench = Bench()
        bench.initialise()
        bench.rig.setContact(contact, channel: 1, at: Instant(nanoseconds: bench.now))
        let answer = bench.ask(Bench.pulse(milliamperes, 300), milliseconds: 20)
        return (try #require(answer).result.rawValue, try #require(bench.rig.meter.lastPulse))
    }

    @Test func aLiftedPadNeedsMoreVoltageAndThenDeliversLess() throws {
        let whole = try strong(.attached)
        let half = try strong(.lifted(heldThousandths: 500))
        let tenth = try strong(.lifted(heldThousandths: 100))
        let hair = try strong(.lifted(heldThousandths: 5))
        #expect(whole.result == 0 && half.result == 0 && tenth.result == 0)
        #expect(whole.pulse.peakMillivolts < half.pulse.peakMillivolts)
        #expect(half.pulse.peakMillivolts < tenth.pulse.peakMillivolts)
        // 350 Ω of depth and 350 Ω / 0.1 of skin are 3,850 Ω: 69 V at 18 mA, and the double layer's 6.7 V / 0.1.
        #expect((133_000...138_000).contains(tenth.pulse.peakMillivolts), "\(tenth.pulse.peakMillivolts)")
        #expect(tenth.pulse.flowedMicroamperes == 18_000)
        // What holds by a hair is low current, not an electrode error: some of it still flows.
        #expect(hair.result == 28)
        #expect(hair.pulse.flowedMicroamperes > 0 && hair.pulse.flowedMicroamperes < 4_000)
        #expect(!hair.pulse.isInRegulation)
    }

    @Test func aJumpOfTheResistanceIsLowCurrentOnlyWhenTheVoltageDoesNotSuffice() throws {
        // 10 kΩ more: 10 mA need 107 V and pass, 20 mA would need 214 V.
        let weak = try strong(.resistive(addedOhms: 10_000), 10)
        #expect(weak.result == 0 && weak.pulse.isInRegulation)
        #expect((107_000...112_000).contains(weak.pulse.peakMillivolts), "\(weak.pulse.peakMillivolts)")
        let more = try strong(.resistive(addedOhms: 10_000), 20)
        #expect(more.result == 28)
        #expect((13_000...14_100).contains(more.pulse.flowedMicroamperes), "\(more.pulse.flowedMicroamperes)")
        #expect(more.pulse.peakMillivolts == 150_000)
    }

    @Test func theOscilloscopeShowsThePulseThatTheMeterJudged() throws {
        for (person, milliamperes) in [(VirtualPerson.typical, 20.0), (.drySkin, 45)] {
            var bench = Bench(VirtualRigConfiguration(person: person))
            bench.initialise()
            _ = bench.ask(Bench.pulse(milliamperes, 300), milliseconds: 20)
            let pulse = try #require(bench.rig.meter.lastPulse)
            let last = bench.rig.body.lastWaveform(channel: 1)
            let wave = try #require(last)
            #expect(wave.startNanoseconds == pulse.startNanoseconds)
            #expect(wave.durationMicroseconds == pulse.durationMicroseconds)
            #expect(wave.samples.map(\.setMicroamperes).max() == pulse.firstPhaseMicroamperes)
            let highest = wave.samples.map(\.millivolts.magnitude).max() ?? 0
            #expect(Int64(highest) - Int64(pulse.peakMillivolts) <= 1)
            #expect(Int64(highest) * 100 >= Int64(pulse.peakMillivolts) * 98)
            // Its area is the charge that the meter saw, within what eight straight lines cost.
            var charge: Int64 = 0
            for (a, b) in zip(wave.samples, wave.samples.dropFirst()) where b.flowedMicroamperes > 0 {
                charge += Int64(b.flowedMicroamperes) * Int64(b.microseconds - a.microseconds)
            }
            let difference = (charge - pulse.firstPhaseFlowedPicocoulombs).magnitude
            #expect(difference * 100 <= pulse.firstPhaseFlowedPicocoulombs.magnitude, "\(charge)")
            #expect(zip(wave.samples, wave.samples.dropFirst()).allSatisfy { $0.microseconds <= $1.microseconds })
            #expect(bench.rig.body.waveform(number: 0) == wave)
            #expect(bench.rig.body.waveform(number: 1) == nil)
        }
    }

    @Test func anOpenOrShortedPairLooksLikeOne() throws {
        for (contact, millivolts) in [(Contact.detached, 150_000...150_000), (.short, 0...60)]
            as [(Contact, ClosedRange<UInt32>)]
        {
            var bench = Bench()
            bench.initialise()
            bench.rig.setContact(contact, channel: 1, at: Instant(nanoseconds: bench.now))
            _ = bench.ask(Bench.pulse(10, 300), milliseconds: 20)
            let last = bench.rig.body.lastWaveform(channel: 1)
            let wave = try #require(last)
            #expect(millivolts.contains(wave.samples.map(\.millivolts.magnitude).max() ?? 0))
            let isOpen = contact == .detached
            #expect(wave.samples.contains { $0.flowedMicroamperes != 0 } == !isOpen)
        }
    }

    @Test func whatExcitesIsCharge() {
        // Above a tenth of a millisecond the same charge does nearly the same, whatever the current.
        let figures = VirtualPerson.typical.muscle
        for microseconds: Int32 in [50, 100, 200, 300, 400, 500] {
            let charge = figures.motorThresholdPicocoulombs(phaseMicroseconds: microseconds)
            let current = figures.motorThresholdMicroamperes(phaseMicroseconds: microseconds)
            #expect((charge / Double(microseconds) - current).magnitude < 1e-6)
        }
        // At the chronaxie twice the rheobase is needed: the definition.
        #expect(figures.motorThresholdMicroamperes(phaseMicroseconds: 250) == 2 * figures.rheobaseMicroamperes)
        #expect(figures.motorThresholdPicocoulombs(phaseMicroseconds: 0) == .infinity)
    }

    /// A train of so many seconds at 50 Hz, then what is left of the force and of the freshness.
    private func tire(_ bench: inout Bench, seconds: Int) -> Double {
        _ = bench.ask(Bench.update([1: Bench.Train(milliamperes: 30, microseconds: 300)]), milliseconds: 500)
        for _ in 0..<seconds {
            _ = bench.currentData()
            bench.run(milliseconds: 995)
        }
        let force = bench.rig.force(channel: 1, at: Instant(nanoseconds: bench.now))
        _ = bench.ask(Bench.update([:]), milliseconds: 5)
        return force
    }

    @Test func aMuscleTiresUnderATrainAndRecoversInRest() {
        var bench = Bench()
        bench.initialiseMid()
        let first = tire(&bench, seconds: 1)
        let tired = tire(&bench, seconds: 20)
        #expect(tired < first * 0.9, "\(first) then \(tired)")
        #expect(tired > first * Muscle.tiredFloor)
        let atEnd = bench.rig.body.muscle(channel: 1).freshness(atNanoseconds: bench.now)
        let rested = bench.rig.body.muscle(channel: 1).freshness(atNanoseconds: bench.now + 240_000_000_000)
        // Two time constants leave e^-2 of the loss.
        #expect(((1 - rested) / (1 - atEnd) - 0.1353).magnitude < 0.001)
        // A search below the threshold tires nobody.
        var still = Bench()
        still.initialise()
        for _ in 0..<100 { _ = still.ask(Bench.pulse(3, 300), milliseconds: 20) }
        #expect(still.rig.body.muscle(channel: 1).freshness(atNanoseconds: still.now) == 1)
    }

    @Test func namedPersonsDifferAsTheirNamesSay() {
        func threshold(_ person: VirtualPerson) -> Double {
            person.muscle.motorThresholdMicroamperes(phaseMicroseconds: 300)
        }
        #expect(threshold(.thin) < threshold(.typical))
        #expect(threshold(.typical) < threshold(.wellPadded))
        #expect(threshold(.wellPadded) < threshold(.highThreshold))
        #expect(VirtualPerson.thin.skin.seriesOhms < VirtualPerson.wellPadded.skin.seriesOhms)
        #expect(threshold(.highThreshold) < 20_000)
        #expect(Set(VirtualPerson.all.map(\.name)).count == VirtualPerson.all.count)
        for person in VirtualPerson.all {
            #expect(VirtualPerson.named(person.name) == person)
            let one = person.variation(seed: 5)
            #expect(one == person.variation(seed: 5) && one != person.variation(seed: 6) && one != person)
            #expect((threshold(one) / threshold(person) - 1).magnitude < 0.21)
            // More current is needed over the hip.
            #expect(person.gluteusMedius.rheobaseMicroamperes > person.muscle.rheobaseMicroamperes)
        }
    }
}

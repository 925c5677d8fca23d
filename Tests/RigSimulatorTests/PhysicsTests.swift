import RigSimulator
import ScienceMode4
import StimulusModel
import Testing

/// Errors of the device have physical reasons, and a search has something to find.
@Suite struct PhysicsTests {
    /// Sends one pulse at a time, far enough apart for everything to settle.
    private func result(_ milliamperes: Double, _ microseconds: Int32 = 300, in bench: inout Bench) -> UInt8? {
        bench.ask(Bench.pulse(milliamperes, microseconds), milliseconds: 20)?.result.rawValue
    }

    @Test func aLostElectrodeIsNoticedFromFifteenMilliamperesUp() throws {
        var bench = Bench()
        bench.initialise()
        bench.rig.setContact(.detached, channel: 1, at: Instant(nanoseconds: bench.now))
        #expect(result(5, in: &bench) == 0)
        #expect(result(14.5, in: &bench) == 0)
        #expect(bench.rig.meter.lastPulse?.flowedMicroamperes == 0)
        #expect(result(15, in: &bench) == 10)
        // Generation stopped: the pulse was cut after a moment.
        let pulse = try #require(bench.rig.meter.lastPulse)
        #expect(!pulse.isComplete)
        #expect(pulse.durationMicroseconds == 50)
        #expect(pulse.netFlowedPicocoulombs == 0)
        #expect(bench.status == .stimStatus(.ok, .lowLevel, .volts150))
        bench.rig.setContact(.attached, channel: 1, at: Instant(nanoseconds: bench.now))
        #expect(result(15, in: &bench) == 0)
        #expect(bench.rig.meter.lastPulse?.flowedMicroamperes == 15_000)
    }

    @Test func aLostElectrodeBelowFifteenCanShowAsLowCurrent() {
        var configuration = VirtualRigConfiguration(pads: [])
        configuration.device.openCircuitShowsAsLowCurrent = true
        configuration.device.electrodeErrorEndsLevel = true
        var bench = Bench(configuration)
        bench.initialise()
        #expect(result(5, in: &bench) == 28)
        #expect(result(20, in: &bench) == 10)
        #expect(bench.status == .stimStatus(.ok, .none, .off))
        #expect(!bench.rig.meter.isHighVoltageOn)
    }

    @Test func dryingPadsEndInLowCurrent() throws {
        var bench = Bench()
        bench.initialise()
        #expect(result(30, in: &bench) == 0)
        bench.rig.setContact(
            .drying(sinceNanoseconds: bench.now, ohmsPerSecond: 400), channel: 1, at: Instant(nanoseconds: bench.now))
        var seconds = 0
        while result(30, in: &bench) == 0, seconds < 60 {
            bench.run(milliseconds: 980)
            seconds += 1
        }
        // 150 V / 30 mA is 5 kΩ, of which 700 Ω and the double layer are there from the start.
        #expect((5...15).contains(seconds), "\(seconds) s")
        let pulse = try #require(bench.rig.meter.lastPulse)
        #expect(!pulse.isInRegulation)
        #expect(pulse.flowedMicroamperes < 27_000)
        #expect(pulse.peakMillivolts == 150_000)
        // What is weak enough still passes.
        #expect(result(10, in: &bench) == 0)
    }

    @Test func theVoltageNeedRisesThroughAPhaseAndWithTheCurrent() throws {
        func need(_ milliamperes: Double, _ microseconds: Int32) throws -> Int32 {
            var bench = Bench()
            bench.initialise()
            #expect(result(milliamperes, microseconds, in: &bench) == 0)
            return try #require(bench.rig.meter.lastPulse).peakMillivolts
        }
        let short = try need(20, 50)
        let long = try need(20, 500)
        // 20 mA · 700 Ω = 14 V, plus 20 mA · 50 µs / 800 nF = 1.25 V.
        #expect((14_000...15_300).contains(short), "\(short)")
        #expect((24_000...27_000).contains(long), "\(long)")
        #expect(try need(40, 500) > long)
    }

    @Test func theDoubleLayerIsEmptyAgainBeforeTheNextPulse() throws {
        var bench = Bench()
        bench.initialise()
        var needs: [Int32] = []
        for _ in 0..<20 {
            #expect(result(20, in: &bench) == 0)
            needs.append(try #require(bench.rig.meter.lastPulse).peakMillivolts)
        }
        // Balanced pulses leave next to nothing behind, so the need does not climb.
        let first = try #require(needs.first)
        let last = try #require(needs.last)
        #expect((last - first).magnitude < 200, "\(needs)")
    }

    @Test func aShortTakesTheCurrentAndTheMuscleGetsNone() throws {
        var bench = Bench()
        bench.initialise()
        bench.rig.setContact(.short, channel: 1, at: Instant(nanoseconds: bench.now))
        #expect(result(40, in: &bench) == 0)
        #expect(try #require(bench.rig.meter.lastPulse).peakMillivolts < 1_000)
        #expect(bench.rig.body.muscle(channel: 1).twitches == 0)
        bench.rig.setContact(.attached, channel: 1, at: Instant(nanoseconds: bench.now))
        #expect(result(40, in: &bench) == 0)
        #expect(bench.rig.body.muscle(channel: 1).twitches == 1)
    }

    @Test func drySkinStopsAStrongPulseOnly() {
        var bench = Bench(VirtualRigConfiguration(person: .drySkin))
        bench.initialise()
        #expect(result(10, in: &bench) == 0)
        #expect(result(25, in: &bench) == 0)
        #expect(result(50, in: &bench) == 28)
    }

    @Test(arguments: VirtualPerson.all) func aSearchFindsFeelingBeforeMovement(_ person: VirtualPerson) throws {
        var bench = Bench(VirtualRigConfiguration(person: person))
        bench.initialise()
        var felt: Double?
        var moved: Double?
        var milliamperes = 0.5
        while moved == nil, milliamperes < 40 {
            _ = bench.ask(Bench.pulse(milliamperes, 150), milliseconds: 500)
            let muscle = bench.rig.body.muscle(channel: 1)
            if felt == nil, muscle.felt > 0 { felt = milliamperes }
            if muscle.twitches > 0 { moved = milliamperes }
            milliamperes += 0.5
        }
        let motor = try #require(moved)
        let sensory = try #require(felt)
        #expect(sensory < motor)
        let threshold = person.muscle.motorThresholdMicroamperes(phaseMicroseconds: 150) / 1_000
        #expect(motor >= threshold && motor < threshold + 0.5)
    }

    @Test func aLongerPhaseNeedsLessCurrent() {
        let muscle = VirtualPerson.typical.muscle
        var last = Double.infinity
        for microseconds: Int32 in [50, 100, 150, 200, 300, 400, 500] {
            let threshold = muscle.motorThresholdMicroamperes(phaseMicroseconds: microseconds)
            #expect(threshold < last)
            last = threshold
        }
        // The vastus medialis is found below 10 mA at 150 µs [BOTTER].
        #expect(muscle.motorThresholdMicroamperes(phaseMicroseconds: 150) < 10_000)
    }

    @Test func twitchesStandApartAtTwoHertzAndMeltAtFifty() {
        func ripple(periodMilliseconds: Int64) -> (lowest: Double, highest: Double) {
            var bench = Bench()
            bench.initialise()
            var forces: [Double] = []
            for pulse in 0..<Int(2_000 / periodMilliseconds) {
                bench.send(Bench.pulse(20, 300))
                for _ in 0..<periodMilliseconds {
                    bench.run(milliseconds: 1)
                    if Int64(pulse) * periodMilliseconds > 1_000 {
                        forces.append(bench.rig.force(channel: 1, at: Instant(nanoseconds: bench.now)))
                    }
                }
            }
            return (forces.min() ?? 0, forces.max() ?? 0)
        }
        let slow = ripple(periodMilliseconds: 500)
        let fast = ripple(periodMilliseconds: 20)
        #expect(slow.lowest < slow.highest / 10)
        #expect(fast.lowest > fast.highest * 0.9)
        #expect(fast.highest > 4 * slow.highest)
    }

    @Test func theSamePersonComesFromTheSameSeed() {
        #expect(VirtualPerson(seed: 41) == VirtualPerson(seed: 41))
        #expect(VirtualPerson(seed: 41) != VirtualPerson(seed: 42))
        #expect(VirtualPerson.named("typical") == .typical)
        #expect(VirtualPerson.named("nobody") == nil)
    }
}

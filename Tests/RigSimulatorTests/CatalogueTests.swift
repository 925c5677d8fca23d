import RigSimulator
import ScienceMode4
import StimulusModel
import Testing

/// Faults by name, and the world that is the same on every machine.
@Suite struct CatalogueTests {
    /// Pulses and questions while a fault holds, and a stop in its middle.
    private func session(_ faults: FaultPlan, seed: UInt64 = 1, milliseconds: Int = 2_000) -> Bench {
        var bench = Bench(VirtualRigConfiguration(faults: faults, seed: seed))
        bench.initialise()
        for index in 0..<(milliseconds / 20) {
            if index == milliseconds / 40 { bench.send(.lowLevelStop) }
            bench.send(index % 3 == 0 ? .getStimStatus : Bench.pulse(1, 250))
            bench.run(milliseconds: 20)
        }
        return bench
    }

    @Test(arguments: FaultCatalogue.all) func everyNamedFaultHappensAndIsCounted(_ fault: NamedFault) {
        var plan = FaultPlan(seed: 3)
        fault.add(to: &plan, atNanoseconds: 200_000_000)
        let bench = session(plan)
        #expect(bench.rig.faults.count(of: fault.kind) > 0, "\(fault.name): \(bench.rig.faults)")
        let before = session(FaultPlan(seed: 3))
        #expect(before.rig.faults.firedCount == 0)
        // The pulses of this host are harmless; what a fault makes of them may be too close together, and never strong.
        #expect(bench.rig.meter.count(of: .peak) == 0 && bench.rig.meter.count(of: .phaseCharge) == 0)
    }

    @Test func namesAreUniqueAndFindTheirFault() {
        #expect(Set(FaultCatalogue.all.map(\.name)).count == FaultCatalogue.all.count)
        #expect(FaultCatalogue.all.count == 16 + 10 + 9 + 30 + 5)
        #expect(FaultCatalogue.named("pad-off")?.planned(atNanoseconds: 0) == .contact(channel: 1, .detached))
        #expect(FaultCatalogue.named("gremlins") == nil)
    }

    @Test func aSeedDrawsTheSameFaultsAndSeedsDrawAllOfThem() {
        var seen: Set<String> = []
        for seed: UInt64 in 0..<400 {
            let one = FaultCatalogue.plan(seed: seed, startNanoseconds: 0, spanMilliseconds: 1_500)
            let two = FaultCatalogue.plan(seed: seed, startNanoseconds: 0, spanMilliseconds: 1_500)
            #expect(one.names == two.names && (1...3).contains(one.names.count))
            seen.formUnion(one.names)
        }
        #expect(seen.count == FaultCatalogue.all.count)
    }

    /// Everything that the meter and the muscles saw, folded into one number, bit for bit.
    private func fingerprint(_ seed: UInt64) -> UInt64 {
        var plan = FaultCatalogue.plan(seed: seed, startNanoseconds: 0, spanMilliseconds: 3_000).plan
        plan.device.commandIgnoredPerMillion = 5_000
        var bench = Bench(
            VirtualRigConfiguration(person: VirtualPerson.drySkin.variation(seed: seed), faults: plan, seed: seed))
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func fold(_ value: UInt64) { hash = (hash ^ value) &* 0x100_0000_01B3 }
        bench.initialiseMid()
        for index in 0..<40 {
            let train = Bench.Train(milliamperes: Double(index), microseconds: 300, ramp: UInt8(index % 4))
            _ = bench.ask(Bench.update([1: train, 2: train]), milliseconds: 100)
            for channel: UInt8 in 1...2 {
                fold(bench.rig.force(channel: channel, at: Instant(nanoseconds: bench.now)).bitPattern)
                let wave = bench.rig.body.lastWaveform(channel: channel)
                for sample in wave?.samples ?? [] {
                    fold(UInt64(bitPattern: Int64(sample.flowedMicroamperes)))
                    fold(UInt64(bitPattern: Int64(sample.millivolts)))
                }
            }
        }
        for number in 0..<bench.rig.meter.pulseCount {
            guard let pulse = bench.rig.meter.pulse(number: number) else { continue }
            fold(UInt64(bitPattern: pulse.startNanoseconds))
            fold(UInt64(bitPattern: pulse.netFlowedPicocoulombs))
            fold(UInt64(bitPattern: Int64(pulse.peakMillivolts)))
        }
        fold(UInt64(bitPattern: bench.rig.faults.firedCount))
        return hash
    }

    @Test func theWorldIsTheSameOnEveryMachineAndInEveryBuild() {
        // Written down from a debug build; a release build and another machine must find the same.
        let found = (1...6).map { fingerprint(UInt64($0)) }
        #expect(found == Self.fingerprints, "\(found)")
    }

    private static let fingerprints: [UInt64] = [
        10_796_537_930_348_478_437, 5_276_977_212_315_618_645, 1_226_932_121_857_366_372, 4_722_390_776_781_641_582,
        17_126_774_088_065_280_813, 2_932_202_041_150_849_080,
    ]
}

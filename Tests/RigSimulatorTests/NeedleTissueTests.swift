import RigSimulator
import StimulusModel
import Testing

/// Needles, tissue and isolator as electric parts, by the figures of `clinical.md` 1.7 and `pulsepal.md` 10.
@Suite struct NeedleTissueTests {
    /// Diameter in µm, length in mm, surface in cm², charge in µC at k = 1.5, 1.75 and 1.85.
    static let table: [(Int32, Int32, Double, Double, Double, Double)] = [
        (250, 13, 0.102, 1.80, 2.40, 2.69), (250, 20, 0.157, 2.23, 2.97, 3.33), (250, 30, 0.236, 2.73, 3.64, 4.08),
        (300, 40, 0.377, 3.45, 4.60, 5.17), (300, 50, 0.471, 3.86, 5.15, 5.78),
    ]

    @Test func surfacesAndChargesAreThoseOfTheSheet() {
        for (diameter, length, area, warn, refuse, damage) in Self.table {
            let tissue = NeedleTissue(diameterMicrometres: diameter, insertedMillimetres: length)
            #expect(abs(tissue.squareCentimetres - area) < 0.000_6)
            for (charge, power) in [(warn, 31.622_776_6), (refuse, 56.234_132_5), (damage, 70.794_578_4)] {
                let below = tissue.shannonPower(picocoulombs: Int64((charge - 0.006) * 1e6))
                let above = tissue.shannonPower(picocoulombs: Int64((charge + 0.006) * 1e6))
                #expect(below < power && power < above, "\(diameter) × \(length): \(charge) µC")
            }
        }
    }

    @Test func tissueAndInterfaceMakeTheLoad() {
        let tissue = NeedleTissue(diameterMicrometres: 250, insertedMillimetres: 20)
        // 70 Ω between the needles; each interface 15 Ω·cm² on 0.157 cm².
        #expect(abs(tissue.seriesOhms - (70 + 2 * 15 / 0.157_08)) < 0.1)
        // 20 µF/cm² on 0.157 cm², two in series.
        #expect(abs(tissue.doubleLayerFarads - 1.5708e-6) < 1e-9)
        let longer = NeedleTissue(diameterMicrometres: 300, insertedMillimetres: 50)
        #expect(longer.seriesOhms < tissue.seriesOhms && longer.doubleLayerFarads > tissue.doubleLayerFarads)
    }

    @Test func theIsolatorFollowsTheVoltageByItsRange() {
        for (range, milliamperes) in [(Int32(10), 2.0), (25, 5.0), (50, 10.0)] {
            var configuration = IsolatorConfiguration()
            configuration.rangeMilliamperes = range
            let isolator = Isolator(configuration)
            #expect(abs(isolator.microamperes(atVolts: 2) - milliamperes * 1_000) < 1e-6)
            #expect(isolator.microamperes(atVolts: -2) == -isolator.microamperes(atVolts: 2))
            #expect(isolator.microamperes(atVolts: 0) == 0)
            // Full scale is the end.
            #expect(isolator.microamperes(atVolts: 11) == Double(range) * 1_000)
        }
        // Defaults of a Pulse Pal at 5 mA/V: 25 mA on an edge.
        var strong = IsolatorConfiguration()
        strong.rangeMilliamperes = 50
        #expect(Isolator(strong).microamperes(atVolts: 5) == 25_000)
    }

    @Test func gainOffsetAndImbalanceAreItsErrors() {
        var configuration = IsolatorConfiguration()
        configuration.gainErrorThousandths = 10
        configuration.imbalanceThousandths = 20
        configuration.offsetMicroamperes = 30
        let isolator = Isolator(configuration)
        #expect(abs(isolator.microamperes(atVolts: 5) - (5_050 + 30)) < 1e-6)
        #expect(abs(isolator.microamperes(atVolts: -5) - (-5_050 * 1.02 + 30)) < 1e-6)
        #expect(isolator.microamperes(atVolts: 0) == 30)
    }

    /// The board's bleeder of 100 kΩ is in parallel to the patient: a hundredth of a percent per ohm.
    @Test func aPulseGoesThroughTheNeedles() {
        var bench = NeedleRigBench()
        bench.prepare(milliamperes: 4)
        bench.pulse()
        bench.run(20)
        let pulse = bench.rig.meter.lastPulse
        #expect(pulse?.firstPhaseMicroamperes == 4_000 && pulse?.secondPhaseMicroamperes == -4_000)
        #expect(pulse?.firstPhaseMicroseconds == 250 && pulse?.netDrivenPicocoulombs == 0)
        let flowed = pulse?.firstPhaseFlowedPicocoulombs ?? 0
        // Driven 1 µC; bleeder and capacitors take less than 2 %.
        #expect(flowed > 980_000 && flowed < 1_000_000)
        #expect(abs(pulse?.netFlowedPicocoulombs ?? 0) < 20_000)
    }

    @Test func withANeedleOutNothingFlowsAndNothingIsSeen() {
        var bench = NeedleRigBench()
        bench.prepare(milliamperes: 4)
        for (contact, isSeen) in [(NeedleContact.out, false), (.touching, true), (.inTissue, true)] {
            bench.rig.setContact(contact, channel: 1, at: bench.now)
            let shorted = bench.rig.meter.shortedCount
            bench.pulse()
            let levels = bench.rig.pinLevels(at: bench.now)
            #expect(levels.firstPulseIsSeen == isSeen, "\(contact)")
            bench.run(20)
            #expect((bench.rig.meter.shortedCount > shorted) == (contact == .touching))
            #expect((bench.rig.meter.lastPulse?.firstPhaseFlowedPicocoulombs != 0) == isSeen)
        }
    }

    @Test func aFrozenOutputTripsAtTheEnergyLimitOrTheDurationLimit() {
        // 10 mA in 1 kΩ is 0.1 W: 50 mJ after half a second.
        for (milliamperes, ohms, trips) in [(10.0, 930.0, 0.5), (4.0, 930.0, 1.0)] {
            var bench = NeedleRigBench { configuration in
                configuration.tissues[0].tissueOhms = ohms
                configuration.tissues[0].interfaceOhmSquareCentimetres = 70 * 0.157_08 / 2
                configuration.parts.bleederOhms = 1e9
                configuration.parts.blockingMicrofarads = 1e9
                configuration.isolators[0].complianceVolts = 1e9
            }
            bench.prepare(milliamperes: 1)
            bench.fix(milliamperes)
            let start = bench.now
            var tripped: Int64 = 0
            for _ in 0..<1_200 where tripped == 0 {
                bench.run(1)
                if bench.rig.outputs[0].isolator.isTripped { tripped = bench.now.since(start).milliseconds }
            }
            #expect(abs(Double(tripped) / 1_000 - trips) < 0.01, "\(milliamperes) mA: \(tripped) ms")
            #expect(bench.rig.outputs[0].isolator.tripCount == 1 && bench.rig.meter.count(of: .phaseTooLong) > 0)
            // Only a hand enables it again.
            bench.fix(0)
            bench.run(5_000)
            #expect(bench.rig.outputs[0].isolator.isTripped)
            bench.rig.enableIsolator(channel: 1, at: bench.now)
            #expect(!bench.rig.outputs[0].isolator.isTripped)
        }
    }

    @Test func aLimitThatIsOffGivesWayToTheWiderOne() {
        var bench = NeedleRigBench { $0.isolators[0].limitsDuration = false }
        bench.prepare(milliamperes: 1)
        bench.fix(1)
        bench.run(4_900)
        #expect(!bench.rig.outputs[0].isolator.isTripped)
        bench.run(200)
        #expect(bench.rig.outputs[0].isolator.isTripped)
    }

    @Test func anOffsetAboveFiftyMicroamperesTripsAndOneBelowDoesNot() {
        for (offset, trips) in [(40.0, false), (60.0, true)] {
            var bench = NeedleRigBench { $0.isolators[0].offsetMicroamperes = offset }
            bench.run(3_000)
            #expect(bench.rig.outputs[0].isolator.isTripped == trips, "\(offset) µA")
        }
    }

    @Test func theBlockingCapacitorKeepsDirectCurrentOut() {
        var bench = NeedleRigBench { $0.isolators[0].offsetMicroamperes = 20 }
        bench.prepare(milliamperes: 0)
        bench.run(10_000)
        // Driven 20 µA all the time; after some time constants of 1 s hardly anything goes through.
        #expect(abs(bench.rig.meter.largestDirectDriven - 20_000_000) < 300_000)
        #expect(abs(bench.rig.outputs[0].microamperes) < 0.5)
        #expect(bench.rig.meter.count(of: .directCurrentDriven) > 0)
    }
}

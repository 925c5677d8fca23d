import StimulusModel
import Testing

@Suite struct DoseTests {
    private func dose(_ pattern: Pattern) -> Dose {
        Dose(
            electrodeKind: .surface, muscle: .vmo, stage: .restore, pattern: pattern,
            frequency: Frequency(millihertz: 50_000), phaseDuration: PhaseDuration(microseconds: 300),
            interphaseGap: PhaseDuration(microseconds: 0), maximumAmplitude: Current(microamperes: 60_000),
            amplitudeStep: Current(microamperes: 1_000))
    }

    private func cycle(_ up: Int32, _ plateau: Int32, _ down: Int32, _ rest: Int32) -> ContractionCycle {
        ContractionCycle(
            rampUpMilliseconds: up, plateauMilliseconds: plateau, rampDownMilliseconds: down, restMilliseconds: rest)
    }

    /// `clinical.md` 8, `programmeTime`; `on` includes both ramps (2.4).
    @Test(arguments: [(12, 50_000, 720_000), (15, 30_000, 600_000)] as [(Int32, Int32, Int64)])
    func `programme time agrees with the test vectors`(count: Int32, rest: Int32, expected: Int64) {
        let contractions = dose(.contractions(cycle(2_000, 7_000, 1_000, rest), count: count))
        #expect(contractions.programmeMilliseconds == expected)
        #expect(contractions.contractionCount == count)
    }

    @Test func `ten relieve contractions take four minutes`() {
        // 6:18 with 10 is 240 s (`clinical.md` 2.4).
        #expect(dose(.contractions(cycle(2_000, 3_000, 1_000, 18_000), count: 10)).programmeMilliseconds == 240_000)
    }

    @Test func `a train has its own time and no contractions`() {
        let train = dose(.continuous(milliseconds: 900_000))
        #expect(train.programmeMilliseconds == 900_000)
        #expect(train.contractionCount == 0)
    }

    @Test func `the time of an absurd pattern ends at the largest number`() {
        let absurd = cycle(Int32.max, Int32.max, Int32.max, Int32.max)
        #expect(absurd.onMilliseconds == 3 * Int64(Int32.max))
        #expect(absurd.cycleMilliseconds == 4 * Int64(Int32.max))
        #expect(dose(.contractions(absurd, count: Int32.max)).programmeMilliseconds == Int64.max)
    }

    @Test func `the strongest pulse stands at the protocol's cap`() {
        let pulse = dose(.continuous(milliseconds: 1)).strongestPulse
        #expect(pulse.peakCurrent.microamperes == 60_000)
        #expect(pulse.netCharge.picocoulombs == 0)
    }

    @Test func `two doses are equal only when every number is`() {
        let pattern = Pattern.contractions(cycle(2_000, 7_000, 1_000, 50_000), count: 12)
        #expect(dose(pattern) == dose(pattern))
        #expect(dose(pattern) != dose(.contractions(cycle(2_000, 7_000, 1_000, 50_001), count: 12)))
        #expect(dose(pattern) != dose(.contractions(cycle(2_000, 7_000, 1_000, 50_000), count: 13)))
        #expect(dose(pattern) != dose(.continuous(milliseconds: 720_000)))
    }
}

@Suite struct ChannelTests {
    @Test func `a channel is one of the eight on the case`() {
        #expect(Channel(number: 0) == nil)
        for number in UInt8(1)...8 { #expect(Channel(number: number)?.number == number) }
        #expect(Channel(number: 9) == nil)
        #expect(Channel(number: 255) == nil)
        #expect(Channel.first.number == 1)
    }
}

@Suite struct GateSetTests {
    @Test func `gates are distinct, and taking one away leaves the others`() {
        let all: [GateSet] = [
            .identity, .side, .contraindications, .consent, .questions, .skin, .stopControlInHand, .stopControlProven,
            .deviceIdentified,
        ]
        let whole = all.reduce(GateSet.none) { $0.union($1) }
        #expect(whole.rawValue.nonzeroBitCount == all.count)
        for gate in all {
            let rest = whole.subtracting(gate)
            #expect(!rest.contains(gate))
            #expect(rest.union(gate) == whole)
            #expect(whole.contains(gate))
        }
        #expect(GateSet.none.contains(.none))
        #expect(!GateSet.none.contains(.consent))
    }
}

// Proves R-GATE-09.
@Suite struct ExpectedStimulatorTests {
    @Test func `no firmware is accepted that was not named, and no ninth is added`() {
        var expected = ExpectedStimulator(serial: nil, languageMajor: 4)
        let unnamed = FirmwareVersion(major: 0, minor: 0, revision: 0)
        // The unused room of the list holds 0.0.0, which must not pass for a named version.
        #expect(!expected.accepts(firmware: unnamed))
        for number in UInt8(1)...8 {
            let wasAdded = expected.accept(FirmwareVersion(major: number, minor: 0, revision: 0))
            #expect(wasAdded)
        }
        let wasNinthAdded = expected.accept(FirmwareVersion(major: 9, minor: 0, revision: 0))
        #expect(!wasNinthAdded)
        #expect(!expected.accepts(firmware: FirmwareVersion(major: 9, minor: 0, revision: 0)))
        #expect(expected.accepts(firmware: FirmwareVersion(major: 8, minor: 0, revision: 0)))
        #expect(!expected.accepts(firmware: unnamed))
        #expect(!expected.accepts(firmware: FirmwareVersion(major: 8, minor: 0, revision: 1)))
    }
}

@Suite struct DeviceCapabilitiesTests {
    @Test func `a P24 in low level is what its data sheet says`() {
        let device = DeviceCapabilities.p24LowLevel
        #expect(device.electrodeKind == .surface)
        #expect(device.channelCount == 8)
        #expect(device.maximumAmplitude.microamperes == 130_000)
        #expect(device.amplitudeStep.microamperes == 500)
        #expect(device.shortestPhase.microseconds == 10)
        #expect(device.longestPhase.microseconds == 4_095)
        #expect(device.electrodeLossDetectedFrom.microamperes == 15_000)
        #expect(device.outputAfterHostDeathMicroseconds == 16 * 4_095)
    }
}

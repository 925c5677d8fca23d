import RigSimulator
import ScienceMode4
import StimulusModel
import Testing

/// The malformed and doubtful requests of the sheet's section 14. A strict device answers 1, 2 or 67, or takes them as
/// a pulse only where the vendor's own checks would.
@Suite struct MalformedFrameTests {
    struct Case: CustomTestStringConvertible {
        let name: String
        let bytes: String
        let result: UInt8?
        var testDescription: String { name }
    }

    static let refused = [
        Case(name: "N01 checksum", bytes: "F0 81 55 81 58 81 89 81 94 04 00 00 0F", result: 1),
        Case(name: "N02 length", bytes: "F0 81 55 81 5B 81 89 81 95 04 00 00 0F", result: 1),
        Case(name: "N05 unknown command", bytes: "F0 81 55 81 59 81 CF 81 6A 54 C8 0F", result: 11),
        Case(
            name: "N06 140 mA", bytes: "F0 81 55 81 43 81 77 81 F1 04 02 81 D4 12 C9 10 00 12 C0 50 00 0F", result: 2),
        Case(name: "N07 raw current 1023", bytes: "F0 81 55 81 44 81 97 81 A6 04 02 80 12 CF FC 00 0F", result: 2),
        Case(
            name: "N08 one and a half points", bytes: "F0 81 55 81 41 81 79 81 0F 04 02 81 D4 12 C5 00 00 12 C4 0F",
            result: 2),
        Case(name: "N09 no point", bytes: "F0 81 55 81 58 81 7E 81 7F 04 02 80 0F", result: 2),
        Case(name: "N10 update without points", bytes: "F0 81 55 81 44 81 AC 81 DF 04 20 01 81 A5 00 50 0F", result: 7),
        Case(name: "N11 high voltage 7", bytes: "F0 81 55 81 58 81 68 81 5B 04 00 0E 0F", result: 2),
        Case(
            name: "N12 four bytes too many",
            bytes: "F0 81 55 81 4F 81 67 81 3A 04 02 81 D4 12 C5 00 00 12 C4 60 00 00 00 00 00 0F", result: 2),
        Case(name: "N16 init without payload", bytes: "F0 81 55 81 59 81 99 81 91 04 00 0F", result: 2),
    ]

    @Test(arguments: refused) func isRefusedAndNeverStimulates(_ item: Case) throws {
        var bench = Bench()
        bench.initialise()
        let answer = bench.ask(bytes: Bench.bytes(item.bytes))
        #expect(try #require(answer).result.rawValue == item.result)
        #expect(bench.rig.meter.pulseCount == 0)
        // The line is in step again.
        #expect(bench.status == .stimStatus(.ok, .lowLevel, .volts150))
    }

    @Test func anUnbalancedPulseIsNoErrorForTheDevice() {
        // N15: nothing in the vendor's documents checks the charge, so the meter has to.
        var bench = Bench()
        bench.initialise()
        let answer = bench.ask(bytes: Bench.bytes("F0 81 55 81 44 81 06 81 CB 04 02 80 12 C5 00 00 0F"))
        #expect(answer?.result == .ok)
        #expect(bench.rig.meter.pulseCount == 1)
        #expect(bench.rig.meter.count(of: .netCharge) == 1)
    }

    @Test func aFrameAfterATruncatedOneIsNotLost() {
        // N03 and N04.
        for text in [
            "F0 81 55 81 58 81 89 F0 81 55 81 59 81 0B 81 61 08 3E 0F",
            "F0 81 55 81 58 81 89 0F 0F F0 81 55 81 59 81 0B 81 61 08 3E 0F",
        ] {
            var bench = Bench()
            #expect(bench.ask(bytes: Bench.bytes(text)) == .stimStatus(.ok, .none, .off))
            #expect(bench.rig.device.counts.framesRejected == 1)
        }
    }

    @Test func aTransferErrorCanBeMetWithSilence() {
        var configuration = VirtualRigConfiguration()
        configuration.device.transferErrorAnswer = .silence
        var bench = Bench(configuration)
        #expect(bench.ask(bytes: Bench.bytes("F0 81 55 81 58 81 89 81 94 04 00 00 0F")) == nil)
    }

    @Test func reservedBitsAreRefusedUnlessSwitchedOff() {
        let payload = [0x81] + Bench.point(250, rawCurrent: 320, reserved: 0x20) + Bench.point(250, rawCurrent: 280)
        var bench = Bench()
        bench.initialise()
        #expect(bench.ask(bytes: Bench.frame(2, payload))?.result == .parameterError)
        var configuration = VirtualRigConfiguration()
        configuration.device.reservedBitsAreChecked = false
        var lenient = Bench(configuration)
        lenient.initialise()
        #expect(lenient.ask(bytes: Bench.frame(2, payload))?.result == .ok)
    }

    @Test func aMillionRandomBytesNeverStimulate() {
        var bench = Bench()
        bench.initialise()
        var random = SplitMix64(seed: 7)
        for _ in 0..<4_000 {
            bench.write((0..<250).map { _ in UInt8(truncatingIfNeeded: random.next()) })
            bench.run(milliseconds: 1)
        }
        #expect(bench.rig.device.counts.framesRejected > 0)
        #expect(bench.rig.meter.pulseCount == 0)
    }

    @Test func aTransferErrorCanComeInTheMatchingAcknowledgement() {
        var configuration = VirtualRigConfiguration()
        configuration.device.transferErrorAnswer = .matchingAcknowledgement
        var bench = Bench(configuration)
        // N01: Ll_init, packet number 1.
        let answer = bench.ask(bytes: Bench.bytes("F0 81 55 81 58 81 89 81 94 04 00 00 0F"))
        #expect(answer == .lowLevelInit(.transferError))
        #expect(bench.answers.last?.packetNumber == 1)
        // Packet number 60, whose prefix byte is stuffed.
        #expect(bench.ask(bytes: Bench.bytes("F0 81 55 81 58 81 CD 81 62 81 A5 34 0F"))?.result == .transferError)
        #expect(bench.answers.last?.packetNumber == 60)
        // Cut before its command number, a frame matches nothing; any packet number may stand in the answer.
        configuration.device.errorPacketNumber = 33
        var other = Bench(configuration)
        _ = other.ask(bytes: Bench.bytes("F0 81 55 81 58 0F"))
        #expect(other.answers.map(\.acknowledgement) == [.generalError(.transferError)])
        #expect(other.answers.last?.packetNumber == 33)
        #expect(!other.rig.meter.isHighVoltageOn)
    }

    @Test func aDeviceThatCutsFramesAsTheLibraryDoesLosesTheFrameBehindACutOne() {
        var configuration = VirtualRigConfiguration()
        configuration.device.resynchronisesAtStartByte = false
        var bench = Bench(configuration)
        // N03: both lost. N04: with two bytes 0F between, the second is taken.
        #expect(
            bench.ask(bytes: Bench.bytes("F0 81 55 81 58 81 89 F0 81 55 81 59 81 0B 81 61 08 3E 0F"))
                == .generalError(.transferError))
        #expect(
            bench.ask(bytes: Bench.bytes("F0 81 55 81 58 81 89 0F 0F F0 81 55 81 59 81 0B 81 61 08 3E 0F"))
                == .stimStatus(.ok, .none, .off))
        #expect(bench.rig.device.counts.framesRejected == 2)
        #expect(bench.rig.device.counts.framesRead == 1)
        // Sound frames pass, also those whose checksum bytes look like marks (R22).
        bench.initialise()
        let escaped = "F0 81 55 81 43 81 81 81 81 30 02 81 D4 12 C5 20 00 12 C4 40 00 0F"
        #expect(bench.ask(bytes: Bench.bytes(escaped)) == .lowLevelChannelConfig(.ok, .first, nil))
        #expect(
            bench.ask(bytes: Bench.bytes("F0 81 55 81 58 81 89 81 94 04 00 00 0F")) == .generalError(.transferError))
    }

    @Test func aFrameLongerThanTheDeviceTakesIsATransferError() {
        // Eight channels of sixteen points: 549 bytes before stuffing.
        var payload: [UInt8] = [0xFF]
        for _ in 0..<8 {
            payload += [0xF4, 0x07, 0xD0]
            for point in 0..<16 { payload += Bench.point(240, rawCurrent: point % 2 == 0 ? 302 : 298) }
        }
        for (longest, result) in [(1_200, ResultCode.ok), (576, .transferError)] {
            var configuration = VirtualRigConfiguration()
            configuration.device.longestFrameBytes = longest
            var bench = Bench(configuration)
            bench.initialiseMid()
            #expect(bench.ask(bytes: Bench.frame(32, payload), milliseconds: 5)?.result == result)
        }
    }

    @Test func aPointListCanBeTakenAsTheVendorsServerCodeTakesIt() throws {
        var configuration = VirtualRigConfiguration()
        configuration.device.pointListIsStrict = false
        configuration.device.reservedBitsAreChecked = false
        var bench = Bench(configuration)
        bench.initialise()
        // N08: the second point is read as 300 µs and -20.5 mA. N12: four bytes are left unread. N09 stays wrong.
        let half = bench.ask(bytes: Bench.bytes("F0 81 55 81 41 81 79 81 0F 04 02 81 D4 12 C5 00 00 12 C4 0F"))
        #expect(half?.result == .ok)
        let pulse = try #require(bench.rig.meter.lastPulse)
        #expect(pulse.firstPhaseMicroamperes == 10_000 && pulse.secondPhaseMicroamperes == -20_500)
        #expect(bench.rig.meter.count(of: .netCharge) == 1)
        let long = "F0 81 55 81 4F 81 67 81 3A 04 02 81 D4 12 C5 00 00 12 C4 60 00 00 00 00 00 0F"
        #expect(bench.ask(bytes: Bench.bytes(long))?.result == .ok)
        let none = bench.ask(bytes: Bench.bytes("F0 81 55 81 58 81 7E 81 7F 04 02 80 0F"))
        #expect(none?.result == .parameterError)
    }

    @Test func lowLevelInitAgainCanBeRefused() {
        var configuration = VirtualRigConfiguration()
        configuration.device.lowLevelInitAgainResult = 7
        var bench = Bench(configuration)
        bench.initialise()
        #expect(bench.ask(.lowLevelInit(measurement: .none, highVoltage: .standard)) == .lowLevelInit(.notInitialized))
        #expect(bench.status == .stimStatus(.ok, .lowLevel, .volts150))
    }

    @Test func theScaleOfSamplesIsASwitch() {
        var configuration = VirtualRigConfiguration()
        configuration.device.sampleScale = 10
        var bench = Bench(configuration)
        _ = bench.ask(.lowLevelInit(measurement: .current, highVoltage: .standard))
        guard case .lowLevelChannelConfig(.ok, _, let samples?)? = bench.ask(Bench.pulse(10, 250)) else {
            Issue.record("no samples")
            return
        }
        #expect(samples[0] == 100)
    }
}

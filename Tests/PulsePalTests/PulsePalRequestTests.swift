import PulsePal
import Testing

/// The host's half of the wire.
@Suite struct PulsePalRequestTests {
    @Test(arguments: GoldenCommand.all) func encodesTheRecordedBytes(_ golden: GoldenCommand) {
        #expect(golden.request.encode(for: .version21)?.array == golden.bytes)
        // Op codes and layouts of firmware 21 are unchanged in 22.
        #expect(golden.request.encode(for: .version22)?.array == golden.bytes)
    }

    @Test func everyRowOfTheSheetIsThere() {
        let rows = Set(GoldenCommand.all.map { String($0.name.prefix(3)) })
        #expect(rows == Set((1...28).map { $0 < 10 ? "P0\($0)" : "P\($0)" }))
        #expect(GoldenCommand.all.last?.bytes.count == 180)
    }

    @Test func whatOnlyFirmware22KnowsIsNotSentTo21() {
        let newer: [(PulsePalRequest, [UInt8])] = [
            (.readParameters, [0xD5, 93]), (.readHardware, [0xD5, 94]), (.formatCard, [0xD5, 97]),
            (.stopChannels(mask: 0x0F), [0xD5, 98, 0x0F]),
            (.calibrateZero(channel: 2, offset: 0xFFFE), [0xD5, 96, 2, 0xFE, 0xFF]),
            (.programAcross(parameter: 128, PulsePalQuad(1, 2, 0, 0)), [0xD5, 91, 128, 1, 2]),
            (.programAcross(parameter: 17, PulsePalQuad(1, 2, 3, 4)), [0xD5, 91, 17, 1, 0, 2, 0, 3, 0, 4, 0]),
            (.customTrain(number: 3, PulsePalTrain()), [0xD5, 95, 2, 0, 0, 0, 0]),
        ]
        for (request, bytes) in newer {
            #expect(request.encode(for: .version21) == nil)
            #expect(request.encode(for: .version22)?.array == bytes)
        }
        let continuous = PulsePalRequest.programOne(parameter: 18, channel: 1, value: 1)
        #expect(continuous.encode(for: .version21) == nil)
        #expect(continuous.encode(for: .version22)?.array == [0xD5, 0x4A, 18, 1, 1])
        #expect(PulsePalFirmware(version: 21) == .version21 && PulsePalFirmware(version: 22) == .version22)
        #expect(PulsePalFirmware(version: 20) == nil && PulsePalFirmware(version: 23) == nil)
    }

    /// Op 92: 182 bytes, parameter by parameter, the continuous flags behind the loops.
    @Test func theGroupedProgramHasItsOrder() throws {
        var program = GoldenCommand.program
        program.third.isContinuous = true
        program.secondTriggerMode = 2
        program.fourth.isLinkedToSecond = true
        let bytes = try #require(PulsePalRequest.programGrouped(program).encode(for: .version22)).array
        #expect(bytes.count == 184)
        #expect(Array(bytes[2..<18]) == [5, 0, 0, 0, 20, 0, 0, 0, 20, 0, 0, 0, 20, 0, 0, 0])
        #expect(Array(bytes[130..<138]) == [0x99, 0x99, 0, 0xC0, 0, 0xC0, 0, 0xC0])
        #expect(Array(bytes[154..<174]) == [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0])
        #expect(Array(bytes[174...]) == [0, 1, 1, 1, 0, 0, 0, 1, 0, 2])
    }

    /// What the wire cannot carry is refused, never cut.
    @Test func refusesWhatHasNoPlaceOnTheWire() {
        func one(_ parameter: UInt8, _ value: UInt32) -> PulsePalBytes? {
            PulsePalRequest.programOne(parameter: parameter, channel: 1, value: value).encode(for: .version22)
        }
        #expect(one(2, 65_535) != nil && one(2, 65_536) == nil)
        #expect(one(14, 255) != nil && one(14, 256) == nil)
        #expect(one(4, .max) != nil)
        // A yes or no is 1 or 0 in a program, so a 2 cannot be meant.
        #expect(one(0, 0) == nil && one(19, 0) == nil && one(127, 0) == nil && one(129, 0) == nil)
        #expect(PulsePalRequest.clientName(GoldenCommand.text("FIVE5")).encode(for: .version21) == nil)
        #expect(PulsePalRequest.customTrain(number: 0, PulsePalTrain()).encode(for: .version22) == nil)
        // Op 73 does not carry a continuous flag.
        var program = PulsePalProgram.silent
        program.first.isContinuous = true
        #expect(PulsePalRequest.programAll(program).encode(for: .version22) == nil)
        let three = PulsePalRequest.programAcross(parameter: 128, PulsePalQuad(1, 2, 3, 0))
        #expect(three.encode(for: .version22) == nil)
        let wide = PulsePalRequest.programAcross(parameter: 2, PulsePalQuad(1, 2, 3, 65_536))
        #expect(wide.encode(for: .version22) == nil)
    }

    @Test func aTrainTakesThirtyOnePoints() {
        var train = PulsePalTrain()
        for index in 0..<31 {
            let isTaken = train.append(cycles: UInt32(index * 10), code: UInt16(index))
            #expect(isTaken)
        }
        let isTaken = train.append(cycles: 400, code: 0)
        #expect(!isTaken && train.count == 31)
        let bytes = PulsePalRequest.customTrain(number: 2, train).encode(for: .version21)
        #expect(bytes?.count == 2 + 4 + 31 * 6)
        #expect(bytes?[1] == 76)
    }

    // Proves R-LIM-10.
    /// The client rounds +2 V to 39,321 and -2 V to 26,214: one step apart.
    @Test func aSymmetricPulseIsEqualToTheStep() {
        #expect(PulsePalCode.steps(of: 39_321) == 6_553 && PulsePalCode.steps(of: 26_214) == -6_554)
        #expect(PulsePalCode.above(6_553) == 39_321 && PulsePalCode.below(6_553) == 26_215)
        for steps in UInt16(0)...32_767 {
            guard let above = PulsePalCode.above(steps), let below = PulsePalCode.below(steps) else {
                Issue.record("\(steps) steps have no code")
                return
            }
            if PulsePalCode.steps(of: above) != -PulsePalCode.steps(of: below) { Issue.record("\(steps) is uneven") }
        }
        #expect(PulsePalCode.above(32_768) == nil && PulsePalCode.below(32_768) == nil)
        #expect(PulsePalCode.microvolts(of: 32_768) == 0 && PulsePalCode.microvolts(of: 0) == -10_000_000)
        #expect(PulsePalCode.microvolts(of: 65_535) == 9_999_694 && PulsePalCode.microvolts(of: 32_769) == 305)
    }

    // Proves R-FLT-17.
    @Test func theSilentProgramIsSilent() {
        let silent = PulsePalProgram.silent
        for number in UInt8(1)...4 {
            let channel = silent[channel: number]
            #expect(channel.phase1Code == 32_768 && channel.phase2Code == 32_768 && channel.restingCode == 32_768)
            #expect(!channel.isLinkedToFirst && !channel.isLinkedToSecond && !channel.isContinuous)
            #expect(channel.phase1Cycles >= 1 && channel.phase2Cycles >= 1 && channel.customTrain == 0)
            #expect(channel.interpulseCycles > channel.trainCycles)
        }
        #expect(silent.firstTriggerMode == 0 && silent.secondTriggerMode == 0)
        #expect(PulsePalRequest.programAll(silent).encode(for: .version21)?.count == 180)
    }
}

import PulsePal
import Testing

/// Random values there and back.
@Suite struct PulsePalRoundTripTests {
    /// SplitMix64 (Steele, Lea, Flood 2014).
    struct Chance {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
        mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: next()) }
        mutating func short() -> UInt16 { UInt16(truncatingIfNeeded: next()) }
        mutating func long() -> UInt32 { UInt32(truncatingIfNeeded: next()) }
        mutating func flag() -> Bool { next() & 1 == 1 }
    }

    static func channel(_ chance: inout Chance, withContinuous: Bool) -> PulsePalChannel {
        var channel = PulsePalChannel()
        channel.phase1Cycles = chance.long()
        channel.interphaseCycles = chance.long()
        channel.phase2Cycles = chance.long()
        channel.interpulseCycles = chance.long()
        channel.burstCycles = chance.long()
        channel.burstIntervalCycles = chance.long()
        channel.trainCycles = chance.long()
        channel.delayCycles = chance.long()
        channel.phase1Code = chance.short()
        channel.phase2Code = chance.short()
        channel.restingCode = chance.short()
        channel.isBiphasic = chance.flag()
        channel.customTrain = chance.byte()
        channel.customTarget = chance.byte()
        channel.customLoops = chance.flag()
        channel.isLinkedToFirst = chance.flag()
        channel.isLinkedToSecond = chance.flag()
        channel.isContinuous = withContinuous && chance.flag()
        return channel
    }

    static func program(_ chance: inout Chance, withContinuous: Bool = false) -> PulsePalProgram {
        var program = PulsePalProgram.silent
        for number in UInt8(1)...4 { program[channel: number] = channel(&chance, withContinuous: withContinuous) }
        program.firstTriggerMode = chance.byte()
        program.secondTriggerMode = chance.byte()
        return program
    }

    @Test(arguments: [UInt64(1), 0x5055_4C53, 20_261_126]) func programsComeBackAsTheyWere(seed: UInt64) {
        print("PulsePal round trip: seed \(seed)")
        var chance = Chance(state: seed)
        for _ in 0..<300 {
            let plain = Self.program(&chance)
            let grouped = Self.program(&chance, withContinuous: true)
            for request in [PulsePalRequest.programAll(plain), .programGrouped(grouped)] {
                let bytes = request.encode(for: .version22)?.array ?? []
                #expect(PulsePalDecoderTests.requests(bytes, .version22) == [request], "seed \(seed)")
            }
            var reader = PulsePalReplyReader(awaiting: .parameters)
            for byte in PulsePalReply.parameters(plain).array { _ = reader.receive(byte) }
            #expect(reader.parameters() == plain, "seed \(seed)")
        }
    }

    /// Each single parameter sets exactly its field.
    @Test func eachParameterChangesItsFieldAndNoOther() {
        for parameter in UInt8(1)...18 {
            var channel = PulsePalChannel()
            let value: UInt32 = [1, 12, 13, 16, 18].contains(parameter) ? (parameter == 1 ? 0 : 1) : 77
            let isSet = channel.set(parameter, to: value)
            #expect(isSet)
            var program = PulsePalProgram.silent
            program.second = channel
            #expect(program != .silent, "parameter \(parameter)")
            #expect(program.first == PulsePalProgram.silent.first)
        }
        var channel = PulsePalChannel()
        for parameter in [UInt8(0), 19, 128] {
            let isSet = channel.set(parameter, to: 1)
            #expect(!isSet)
        }
        #expect(channel == PulsePalChannel())
        var program = PulsePalProgram.silent
        program[channel: 0].phase1Code = 1
        program[channel: 5].phase1Code = 1
        #expect(program == .silent)
    }

    /// Whatever bytes come, the decoder stays whole, and a handshake behind enough of them is read.
    @Test(arguments: [UInt64(7), 99]) func noiseDoesNotStopTheDecoderForEver(seed: UInt64) {
        print("PulsePal noise: seed \(seed)")
        var chance = Chance(state: seed)
        var handshakes = 0
        for _ in 0..<200 {
            var decoder = PulsePalRequestDecoder(chance.flag() ? .version21 : .version22)
            for _ in 0..<300 { _ = decoder.receive(chance.byte()) }
            // Any command but a train is over within 260 bytes.
            let isTrain = [75, 76, 95].contains(decoder.currentOperation) && decoder.isInside
            if isTrain { decoder.abandon() }
            for _ in 0..<260 { _ = decoder.receive(0) }
            #expect(!decoder.isInside, "seed \(seed)")
            _ = decoder.receive(0xD5)
            if decoder.receive(0x48) == .request, decoder.request() == .handshake { handshakes += 1 }
        }
        #expect(handshakes == 200, "seed \(seed)")
    }
}

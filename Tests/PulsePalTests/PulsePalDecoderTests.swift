import PulsePal
import Testing

/// The device's half of the wire, and the host's reading of replies.
@Suite struct PulsePalDecoderTests {
    /// What each byte led to.
    static func events(_ bytes: [UInt8], _ firmware: PulsePalFirmware = .version21) -> [PulsePalDecoding] {
        var decoder = PulsePalRequestDecoder(firmware)
        return bytes.map { decoder.receive($0) }
    }

    /// The requests in a stream.
    static func requests(_ bytes: [UInt8], _ firmware: PulsePalFirmware = .version21) -> [PulsePalRequest] {
        var decoder = PulsePalRequestDecoder(firmware)
        var found: [PulsePalRequest] = []
        for byte in bytes where decoder.receive(byte) == .request {
            if let request = decoder.request() { found.append(request) }
        }
        return found
    }

    @Test(arguments: GoldenCommand.all) func readsTheRecordedBytes(_ golden: GoldenCommand) {
        let events = Self.events(golden.bytes)
        #expect(events.dropLast().allSatisfy { $0 == .more } && events.last == .request)
        #expect(Self.requests(golden.bytes) == [golden.request])
    }

    /// The whole recorded session in one stream, the client's stray display bytes among it.
    @Test func strayBytesAreSkippedUnlessOneIsAStart() {
        let stray: [UInt8] = Array(repeating: 0x20, count: 8) + [0x0B] + Array("Python fw21     ".utf8)
        #expect(stray.count == 25)
        var stream: [UInt8] = []
        for golden in GoldenCommand.all {
            stream += golden.bytes
            if golden.name.hasPrefix("P03") { stream += stray }
        }
        #expect(Self.requests(stream) == GoldenCommand.all.map(\.request))
        #expect(Self.events([0x20, 0x00, 0x48]) == [.skipped, .skipped, .skipped])
    }

    /// Trap: `D5 4A 02` alone. Nothing on the wire ends a command but its length.
    @Test func aCutCommandWaitsForItsRest() {
        var decoder = PulsePalRequestDecoder(.version21)
        #expect(!decoder.isInside)
        var missing = [decoder.missing]
        for byte in [UInt8(0xD5), 0x4A, 0x02] {
            let event = decoder.receive(byte)
            #expect(event == .more)
            missing.append(decoder.missing)
        }
        #expect(missing == [0, 1, 2, 3])
        let early = decoder.request()
        #expect(decoder.isInside && decoder.currentOperation == 74 && early == nil)
        // The next command's first bytes are taken for the missing ones: channel D5, code 504D.
        let events = [UInt8(0xD5), 0x4D, 0x50].map { decoder.receive($0) }
        #expect(events == [.more, .more, .request])
        let request = decoder.request()
        #expect(request == .programOne(parameter: 2, channel: 0xD5, value: 0x504D))
        // Parameters of other widths ask for other lengths.
        for (parameter, width) in [(UInt8(4), 4), (1, 1), (17, 2), (128, 1), (200, 0)] {
            var other = PulsePalRequestDecoder(.version21)
            for byte in [0xD5, 0x4A, parameter] { _ = other.receive(byte) }
            let missing = other.missing
            #expect(missing == 1 + width)
        }
    }

    /// Trap: a trigger and an abort in one write are two commands, in this order.
    @Test func triggerAndAbortInOneWriteAreTwoCommands() {
        #expect(Self.requests([0xD5, 0x4D, 0x01, 0xD5, 0x50]) == [.softTrigger(mask: 1), .abort])
    }

    /// Trap: +10.1 V leaves the client wrapped, as a code near -10 V.
    @Test func theWrappedVoltageIsAValidCommand() {
        #expect(
            Self.requests([0xD5, 0x4A, 0x02, 0x01, 0x47, 0x01])
                == [.programOne(parameter: 2, channel: 1, value: 327)])
        #expect(PulsePalCode.microvolts(of: 327) == -9_900_207)
    }

    @Test func anUnknownOpIsDroppedAndItsDataReadAsCommands() {
        #expect(Self.events([0xD5, 0x53, 0x01]) == [.more, .unknownOperation, .skipped])
        // The data of an unknown op may itself hold a command.
        #expect(Self.requests([0xD5, 0x00, 0xD5, 0x4D, 0x0F]) == [.softTrigger(mask: 15)])
        // D5 as an op is unknown; the byte behind it is no op.
        #expect(Self.events([0xD5, 0xD5, 0x48]) == [.more, .unknownOperation, .skipped])
        for operation in UInt8(91)...98 {
            #expect(Self.events([0xD5, operation]) == [.more, .unknownOperation])
            #expect(Self.events([0xD5, operation], .version22).last != .unknownOperation)
        }
    }

    /// Op 74 with an unknown code reads no value.
    @Test func anUnknownParameterHasNoValue() {
        #expect(
            Self.requests([0xD5, 0x4A, 0x63, 0x01, 0xD5, 0x48])
                == [.programOne(parameter: 0x63, channel: 1, value: 0), .handshake])
        #expect(Self.requests([0xD5, 0x4A, 18, 1]) == [.programOne(parameter: 18, channel: 1, value: 0)])
        #expect(
            Self.requests([0xD5, 0x4A, 18, 1, 1], .version22) == [.programOne(parameter: 18, channel: 1, value: 1)])
    }

    @Test func aLongTrainArrivesPointByPoint() {
        var decoder = PulsePalRequestDecoder(.version21)
        var bytes: [UInt8] = [0xD5, 76, 0xE8, 0x03, 0, 0]
        for index in 0..<1_000 { bytes += [UInt8(index & 0xFF), UInt8(index >> 8), 0, 0] }
        for index in 0..<1_000 { bytes += [UInt8(index & 0xFF), UInt8(index >> 8)] }
        var times: [UInt32] = []
        var codes: [UInt32] = []
        var last = PulsePalDecoding.skipped
        for byte in bytes {
            last = decoder.receive(byte)
            guard let point = decoder.point else { continue }
            if point.isTime { times.append(point.value) } else { codes.append(point.value) }
            #expect(point.index == point.value)
        }
        #expect(last == .request && times.count == 1_000 && codes.count == 1_000)
        guard case .customTrain(2, let train) = decoder.request() else {
            Issue.record("no train")
            return
        }
        #expect(train.count == 1_000 && !train.isHeld)
    }

    @Test func repliesAreReadByTheQuestion() {
        #expect(PulsePalRequest.handshake.replyKind == .handshake && PulsePalRequest.abort.replyKind == .none)
        #expect(PulsePalRequest.softTrigger(mask: 1).replyKind == .none)
        #expect(PulsePalRequest.programAll(.silent).replyKind == .confirmation)
        var reader = PulsePalReplyReader(awaiting: .handshake)
        var events = [UInt8(0x4B), 0x15, 0, 0].map { reader.receive($0) }
        let early = reader.version()
        #expect(events == [.more, .more, .more, .more] && early == nil)
        events = [reader.receive(0), reader.receive(0)]
        let version = reader.version()
        #expect(events == [.complete, .wrong] && version == 21)
        for (byte, isDone) in [(UInt8(1), true), (0, false)] {
            var confirmation = PulsePalReplyReader(awaiting: .confirmation)
            let before = confirmation.isConfirmed()
            let event = confirmation.receive(byte)
            let after = confirmation.isConfirmed()
            #expect(before == nil && event == .complete && after == isDone)
        }
        for (kind, byte) in [(PulsePalReplyKind.handshake, UInt8(1)), (.confirmation, 2), (.none, 1)] {
            var other = PulsePalReplyReader(awaiting: kind)
            let event = other.receive(byte)
            #expect(event == .wrong)
        }
        #expect(PulsePalReply.handshake(version: 22).array == [0x4B, 22, 0, 0, 0])
    }

    @Test func theParametersOfOp93AreComparedWithTheProgram() {
        let bytes = PulsePalReply.parameters(GoldenCommand.program).array
        #expect(bytes.count == 178)
        func read(_ bytes: [UInt8]) -> (PulsePalReplyEvent?, PulsePalProgram?) {
            var reader = PulsePalReplyReader(awaiting: .parameters)
            var last: PulsePalReplyEvent?
            for byte in bytes { last = reader.receive(byte) }
            return (last, reader.parameters())
        }
        #expect(read(bytes) == (.complete, GoldenCommand.program))
        #expect(read(Array(bytes.dropLast())) == (.more, nil))
        var biphasic = bytes
        biphasic[152] = 2
        #expect(read(biphasic) == (.wrong, nil))
        // Every bit that is turned over is seen.
        for place in 0..<178 {
            for bit in 0..<8 {
                var wrong = bytes
                wrong[place] ^= 1 << UInt8(bit)
                if read(wrong).1 == GoldenCommand.program {
                    Issue.record("byte \(place) bit \(bit) makes no difference")
                }
            }
        }
        // The file's order is another one.
        let file = PulsePalReply.file(GoldenCommand.program).array
        #expect(file.count == 178 && file[32] == 1 && Array(file[33..<39]) == [0x99, 0x99, 0x66, 0x66, 0, 0x80])
        #expect(Array(file.suffix(10)) == [0, 0, 1, 1, 1, 0, 0, 0, 0, 0])
        #expect(PulsePalReply.loaded(GoldenCommand.program).array == Array(GoldenCommand.all[28].bytes.dropFirst(2)))
        #expect(
            PulsePalReply.hardware(version: 2, cycleMicroseconds: 50, trains: 2, pulses: 5_000).array
                == [2, 50, 0, 0, 0, 2, 0x88, 0x13, 0, 0])
    }
}

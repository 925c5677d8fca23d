import ScienceMode4
import Testing

/// The decoder as a listener on a line where anything may happen.
@Suite struct FrameDecoderTests {
    static let goldens: [[UInt8]] = GoldenFrames.requests + GoldenFrames.acknowledgements

    private func expected(_ golden: [UInt8]) throws -> Received { Received(try decoder(after: golden)) }

    @Test func everyGoldenFrameIsThatOfTheReferenceEncoder() throws {
        #expect(Self.goldens.count == 47)
        for golden in Self.goldens { #expect(ReferenceFrame.bytes(try expected(golden)) == golden) }
        #expect(ReferenceFrame.checksum(Array("123456789".utf8)) == 0x31C3)
    }

    @Test func manyFramesInARowAreAllHeard() throws {
        let heard = listening(to: Self.goldens.flatMap { $0 })
        #expect(heard.frames == (try Self.goldens.map(expected)))
        #expect(heard.defects.isEmpty)
        #expect(heard.decoder.skippedByteCount == 0)
    }

    @Test func aFrameIsHeardAtItsStopByteAndNotBefore() throws {
        for golden in Self.goldens {
            var decoder = FrameDecoder()
            let events = golden.map { decoder.receive($0).code }
            let silence = [UInt8](repeating: FrameEvent.none.code, count: golden.count - 1)
            #expect(events == silence + [FrameEvent.frame.code])
        }
    }

    // Proves R-FLT-26.
    /// Every byte but a start byte, alone and in a row, before a good frame.
    @Test func junkBeforeAFrameIsSkippedAndCounted() throws {
        let golden = GoldenFrames.r09
        for junk in (0...255).map({ UInt8($0) }) where junk != 0xF0 {
            let heard = listening(to: [junk, junk, junk] + golden)
            #expect(heard.frames == [try expected(golden)])
            #expect(heard.defects.isEmpty)
            #expect(heard.decoder.skippedByteCount == 3)
        }
    }

    // Proves R-FLT-26.
    /// A frame cut after any number of bytes, then a whole one. The second is always heard, but for the cuts right
    /// behind an escape mark of the header that a start byte may follow: from the low length byte on.
    @Test func aFrameBehindAFrameCutAnywhereIsHeard() throws {
        for cut in Self.goldens {
            for length in 1..<cut.count {
                for next in [GoldenFrames.r03, GoldenFrames.r13, GoldenFrames.a22] {
                    let heard = listening(to: Array(cut.prefix(length)) + next)
                    if length == 4 || length == 6 || length == 8 {
                        #expect(heard.frames.isEmpty, "\(cut) cut at \(length)")
                    } else {
                        #expect(heard.frames == [try expected(next)], "\(cut) cut at \(length)")
                        #expect(heard.defects == [.cutShort])
                    }
                }
            }
        }
    }

    // Proves R-FLT-26.
    /// Two stop bytes bring the decoder home from wherever it is: the first may be eaten by a pending escape.
    @Test func twoStopBytesFlushWhateverWasBegun() throws {
        for cut in Self.goldens {
            for length in 1..<cut.count {
                let heard = listening(to: Array(cut.prefix(length)) + [0x0F, 0x0F] + GoldenFrames.r13)
                // A frame that lacked only its stop byte is completed by the flush.
                let completed = length == cut.count - 1 ? [try expected(cut)] : []
                #expect(heard.frames == completed + [try expected(GoldenFrames.r13)], "\(cut) cut at \(length)")
            }
        }
    }

    // Proves R-FLT-26.
    /// At most one frame is lost behind a truncated one, wherever it was cut.
    @Test func theSecondFrameBehindACutIsAlwaysHeard() throws {
        for cut in Self.goldens {
            for length in 1..<cut.count {
                let heard = listening(to: Array(cut.prefix(length)) + GoldenFrames.r09 + GoldenFrames.r13)
                #expect(heard.frames.last == (try expected(GoldenFrames.r13)))
            }
        }
    }

    @Test func everyDefectIsNamed() {
        func defects(_ text: String) -> [FrameDefect] { listening(to: GoldenFrames.bytes(text)).defects }
        // Length 1201, which would not fit; length 11, in which no frame has room.
        #expect(defects("F0 81 51 81 E4 81 00 81 00") == [.tooLong])
        #expect(defects("F0 81 50") == [.tooLong])
        #expect(defects("F0 81 55 81 5E 81 00 81 00") == [.tooShort])
        #expect(defects("F0 0F") == [.tooShort])
        #expect(defects("F0 55") == [.headerEscape])
        #expect(defects("F0 81 55 81 59 80") == [.headerEscape])
        // 81 00 behind the header: no encoder escapes a 55.
        #expect(defects("F0 81 55 81 59 81 EF 81 46 81 00") == [.bodyEscape])
        #expect(defects("F0 81 55 81 59 81 EF 81 46 04 81 0F") == [.bodyEscape])
        // The right length, but one stuffed byte is all there is.
        #expect(defects("F0 81 55 81 59 81 EF 81 46 81 A5 0F") == [.tooShort])
        // One byte too many, told as soon as the stop byte is missing.
        #expect(defects("F0 81 55 81 59 81 EF 81 46 04 34 00") == [.length])
        #expect(defects("F0 81 55 81 59 F0") == [.cutShort])
        #expect(defects("F0 F0 F0") == [.cutShort, .cutShort])
    }

    /// Any payload up to the longest frame, whatever its bytes.
    @Test func everyPayloadArrivesAsItWasSent() throws {
        let seed: UInt64 = 0x5C1E_4CE4
        print("seed \(seed)")
        var numbers = SeededNumbers(seed: seed)
        var listener = Listener()
        var sent: [Received] = []
        while sent.count < 300 {
            let special: [UInt8] = [0xF0, 0x0F, 0x81, 0xA5, 0x5A, 0xD4, 0x55]
            let isSpecial = Bool.random(using: &numbers)
            let payload = (0..<Int.random(in: 0...1188, using: &numbers)).map { _ in
                isSpecial
                    ? special[Int.random(in: 0..<7, using: &numbers)] : UInt8.random(in: 0...255, using: &numbers)
            }
            let one = Received(
                packetNumber: UInt8.random(in: 0...63, using: &numbers),
                commandNumber: UInt16.random(in: 0...1023, using: &numbers), payload: payload)
            let bytes = ReferenceFrame.bytes(one)
            if bytes.count <= 1200 { sent.append(one) }
            listener.hear(bytes)
        }
        #expect(listener.frames == sent)
        for defect in listener.defects { #expect(defect == .tooLong) }
    }

    @Test func theLongestFrameIsHeardAndOneByteMoreIsNot() {
        let longest = Received(packetNumber: 1, commandNumber: 2, payload: [UInt8](repeating: 7, count: 1188))
        let longestBytes = ReferenceFrame.bytes(longest)
        #expect(longestBytes.count == 1200)
        #expect(listening(to: longestBytes).frames == [longest])
        let tooLong = Received(packetNumber: 1, commandNumber: 2, payload: [UInt8](repeating: 7, count: 1189))
        let heard = listening(to: ReferenceFrame.bytes(tooLong) + GoldenFrames.r13)
        #expect(heard.frames.count == 1)
        #expect(heard.defects == [.tooLong])
    }

    /// Without a whole frame there is nothing that could be taken for a command.
    @Test func nothingCanBeReadWithoutAWholeFrame() {
        var decoder = FrameDecoder()
        for byte in [UInt8](GoldenFrames.r09.dropLast()) {
            #expect(Request.decode(decoder) == .refused(.invalidCommand))
            #expect(Acknowledgement.decode(decoder) == .unreadable(.commandNumber))
            #expect(decoder.payloadCount == 0)
            #expect(decoder.payload(at: 0) == 0xFF)
            _ = decoder.receive(byte)
        }
        _ = decoder.receive(0x0F)
        #expect(decoder.commandNumber == CommandNumber.lowLevelChannelConfig)
        #expect(decoder.payload(at: 13) == 0xFF)
        #expect(decoder.payload(at: -1) == 0xFF)
        for index in -3...20 {
            let inPlace = decoder.byte(at: index)
            #expect(inPlace == decoder.payload(at: index))
        }
        _ = decoder.receive(0xF0)
        #expect(Request.decode(decoder) == .refused(.invalidCommand))
    }

    /// Bytes between frames leave the last frame readable.
    @Test func aFrameStaysReadableUntilTheNextStartByte() throws {
        var decoder = try decoder(after: GoldenFrames.r13)
        _ = decoder.receive(0x0F)
        _ = decoder.receive(0x00)
        #expect(Request.decode(decoder) == .request(.lowLevelStop))
    }
}

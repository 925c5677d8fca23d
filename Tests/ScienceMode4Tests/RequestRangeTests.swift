import ScienceMode4
import StimulusModel
import Testing

/// What cannot be said on this wire, from inside and from outside.
@Suite struct RequestRangeTests {
    private func makes(_ microseconds: Int32, microamperes: Int32) -> Bool {
        PulsePoint(durationMicroseconds: microseconds, current: Current(microamperes: microamperes)) != nil
    }

    @Test func packetNumbersAbove63AreRefusedAndNotWrapped() {
        for number in UInt8(0)...63 { #expect(Request.lowLevelStop.encode(packetNumber: number) != nil) }
        for number in UInt8(64)...255 {
            #expect(Request.lowLevelStop.encode(packetNumber: number) == nil)
            #expect(Acknowledgement.lowLevelStop(.ok).encode(packetNumber: number) == nil)
        }
    }

    @Test func durationsOutside10To4095MicrosecondsCannotBeMade() {
        for microseconds in Int32(-10)...5_000 {
            #expect(makes(microseconds, microamperes: 0) == (10...4_095).contains(microseconds))
        }
        let farOut: [Int32] = [.min, .max, 65_536 + 100, -65_536 + 100]
        for microseconds in farOut {
            #expect(!makes(microseconds, microamperes: 0))
        }
    }

    @Test func currentsOffTheGridOrBeyond130MilliamperesCannotBeMade() {
        for microamperes in stride(from: Int32(-200_000), through: 200_000, by: 50) {
            let isLegal = microamperes % 500 == 0 && abs(microamperes) <= 130_000
            #expect(makes(100, microamperes: microamperes) == isLegal)
        }
        let farOut: [Int32] = [.min, .max, 130_001, -130_001, 130_500, 499, 1]
        for microamperes in farOut {
            #expect(!makes(100, microamperes: microamperes))
        }
    }

    /// Every 10-bit current with durations at the edges, with and without reserved bits: read only what can be made.
    @Test func everyRawPointIsReadExactlyOrRefused() throws {
        for raw in 0...1_023 {
            for microseconds in [0, 9, 10, 240, 250, 255, 4_095] {
                for reserved in [0, 1, 0x20, 0x40, 0x200] where reserved == 0 || raw % 20 == 0 {
                    let word = UInt32(microseconds) << 20 | UInt32(raw) << 10 | UInt32(reserved)
                    let payload = [0x80] + (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) }
                    let read = Request.decode(
                        try decoder(after: ReferenceFrame.bytes(packetNumber: 3, command: 2, payload: payload)))
                    let isLegal = microseconds >= 10 && (40...560).contains(raw) && reserved == 0
                    let expected =
                        isLegal
                        ? RequestReading.request(
                            .lowLevelChannelConfig(
                                try configuration(1, [(Int32(microseconds), Int32(raw) - 300)])))
                        : .refused(.parameterError)
                    #expect(read == expected, "\(microseconds) us, raw \(raw), reserved \(reserved)")
                }
            }
        }
    }

    @Test func aPulseHas1To16Points() throws {
        var pulse = try configuration(1, [])
        #expect(Request.lowLevelChannelConfig(pulse).encode(packetNumber: 0) == nil)
        let one = try point(250, halfMilliamperes: 3)
        for count in 1...16 {
            let appended = pulse.append(one)
            #expect(appended)
            #expect(pulse.pointCount == count)
            #expect(Request.lowLevelChannelConfig(pulse).encode(packetNumber: 0) != nil)
        }
        let appended = pulse.append(one)
        #expect(!appended)
        #expect(pulse.pointCount == 16)
        #expect(pulse[15] == one)
        // Outside the list: silence, never a current.
        #expect(pulse[16].current == .zero)
        #expect(pulse[-1].current == .zero)
    }

    @Test func highVoltageNeverWrapsToOn() {
        for raw in UInt8(0)...255 {
            let request = Request.lowLevelInit(measurement: .none, highVoltage: HighVoltage(rawValue: raw))
            #expect((request.encode(packetNumber: 0) != nil) == (raw <= 6))
        }
    }

    /// All 256 payload bytes of Ll_init: bits 7 and 0 zero, measurement 0 to 3, high voltage 0 to 6.
    @Test func everyInitByteIsReadExactlyOrRefused() throws {
        for byte in 0...255 {
            let bytes = ReferenceFrame.bytes(packetNumber: 3, command: 0, payload: [UInt8(byte)])
            let read = Request.decode(try decoder(after: bytes))
            let isLegal = byte & 0x81 == 0 && byte >> 4 <= 3 && byte >> 1 & 7 <= 6
            if isLegal {
                let measurement = try #require(Measurement(code: UInt8(byte >> 4)))
                let highVoltage = HighVoltage(rawValue: UInt8(byte >> 1 & 7))
                #expect(read == .request(.lowLevelInit(measurement: measurement, highVoltage: highVoltage)))
            } else {
                #expect(read == .refused(.parameterError))
            }
        }
    }

    @Test func everyChannelHasItsConnectorAndColour() throws {
        let firstBytes: [UInt8] = [0x80, 0xA0, 0xC0, 0xE0, 0x90, 0xB0, 0xD0, 0xF0]
        for number in UInt8(1)...8 {
            let request = Request.lowLevelChannelConfig(try configuration(number, [(100, 1)]))
            let frame = try #require(request.encode(packetNumber: 0))
            #expect(Received(try decoder(after: array(frame))).payload.first == firstBytes[Int(number) - 1])
        }
    }

    @Test func periodsOffTheGridOrTooLongCannotBeMade() {
        #expect(MidLevelPeriod(microseconds: 500)?.microseconds == 500)
        #expect(MidLevelPeriod(microseconds: 750)?.microseconds == 750)
        #expect(MidLevelPeriod(microseconds: 12_250)?.microseconds == 12_250)
        #expect(MidLevelPeriod(microseconds: 16_383_000)?.microseconds == 16_383_000)
        #expect(MidLevelPeriod(microseconds: 8_191_750)?.microseconds == 8_191_750)
        for microseconds: Int32 in [0, -500, 12_300, 16_383_500, 16_384_000, 8_192_250, 20_000_000, .max, .min] {
            #expect(MidLevelPeriod(microseconds: microseconds) == nil)
        }
    }

    @Test func aRampAbove15CannotBeMadeSinceItWouldBeSentAsNone() throws {
        let period = try #require(MidLevelPeriod(microseconds: 20_000))
        for ramp in UInt8(0)...255 { #expect((MidLevelTrain(ramp: ramp, period: period) != nil) == (ramp <= 15)) }
    }

    @Test func aTrainWithoutPointsIsRefused() throws {
        var update = MidLevelUpdate()
        update[try channel(3)] = try train(ramp: 0, periodMicroseconds: 20_000, [])
        #expect(Request.midLevelUpdate(update).encode(packetNumber: 0) == nil)
    }

    @Test func onlyKnownSelectionsAreAsked() {
        for selection in UInt8(0)...255 {
            let frame = Request.midLevelGetCurrentData(selection: selection).encode(packetNumber: 0)
            #expect((frame != nil) == (2...4).contains(selection))
        }
    }

    /// 8 channels with 16 points each fit plain, but not when their durations have to be stuffed: then the request
    /// would be longer than the vendor's microcontroller code takes.
    @Test func requestsStayWithinTheSmallestDocumentedFrame() throws {
        for (microseconds, fits) in [(Int32(300), true), (250, false)] {
            var update = MidLevelUpdate()
            for number in UInt8(1)...8 {
                update[try channel(number)] = try train(
                    ramp: 0, periodMicroseconds: 20_000, Array(repeating: (microseconds, 20), count: 16))
            }
            let frame = Request.midLevelUpdate(update).encode(packetNumber: 0)
            #expect((frame != nil) == fits)
            if let frame { #expect(frame.count <= FrameBytes.longestWritten) }
        }
    }

    @Test func outsideAFrameThereAreOnlyStopBytes() throws {
        var frame = try #require(Request.lowLevelStop.encode(packetNumber: 1))
        for index in [-1, frame.count, 575, 576, 1_200, Int.max, Int.min] { #expect(frame[index] == 0x0F) }
        for index in -2..<20 {
            let inPlace = frame.byte(at: index)
            #expect(inPlace == frame[index])
        }
    }
}

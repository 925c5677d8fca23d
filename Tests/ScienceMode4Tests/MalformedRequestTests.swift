import ScienceMode4
import StimulusModel
import Testing

/// What a device that believes nothing makes of each malformed or doubtful request. Where the vendor's own code is
/// laxer, the fixture's comment in `GoldenFrames.swift` tells which row it is.
@Suite struct MalformedRequestTests {
    private func reading(_ bytes: [UInt8]) throws -> RequestReading { Request.decode(try decoder(after: bytes)) }

    @Test func aWrongChecksumIsDropped() {
        let heard = listening(to: MalformedFrames.n01)
        #expect(heard.frames.isEmpty)
        #expect(heard.defects == [.checksum])
    }

    @Test func aWrongLengthIsDroppedThoughTheChecksumDoesNotCoverIt() {
        let heard = listening(to: MalformedFrames.n02)
        #expect(heard.frames.isEmpty)
        #expect(heard.defects == [.length])
    }

    @Test func aFrameBehindATruncatedOneIsHeard() {
        let status = Received(packetNumber: 2, commandNumber: CommandNumber.getStimStatus, payload: [])
        let cut = listening(to: MalformedFrames.n03)
        #expect(cut.frames == [status])
        #expect(cut.defects == [.cutShort])
        let flushed = listening(to: MalformedFrames.n04)
        #expect(flushed.frames == [status])
        #expect(flushed.defects == [.tooShort])
    }

    @Test func anUnknownCommandIsNamedAsSuch() throws {
        #expect(try reading(MalformedFrames.n05) == .refused(.invalidCommand))
    }

    @Test func currentsThatTheDeviceCannotGiveAreRefused() throws {
        #expect(try reading(MalformedFrames.n06) == .refused(.parameterError))
        #expect(try reading(MalformedFrames.n07) == .refused(.parameterError))
    }

    @Test func aMissingPointIsRefusedAndNotReadFromTheStopByte() throws {
        #expect(try reading(MalformedFrames.n08) == .refused(.parameterError))
        #expect(try reading(MalformedFrames.n09) == .refused(.parameterError))
        #expect(try reading(MalformedFrames.n10) == .refused(.parameterError))
    }

    @Test func aHighVoltageThatDoesNotExistIsRefused() throws {
        #expect(try reading(MalformedFrames.n11) == .refused(.parameterError))
    }

    @Test func bytesTooManyAreRefused() throws {
        #expect(try reading(MalformedFrames.n12) == .refused(.parameterError))
    }

    @Test func aPeriodOfZeroIsRefused() throws {
        #expect(try reading(MalformedFrames.n13) == .refused(.parameterError))
    }

    @Test func aMissingPayloadIsRefused() throws {
        #expect(try reading(MalformedFrames.n16) == .refused(.parameterError))
    }

    @Test func anUndocumentedSelectionIsRefused() throws {
        #expect(try reading(MalformedFrames.n17) == .refused(.parameterError))
    }

    /// Both are well said and badly meant: judging a load or a charge is the device's and the host's part, not the
    /// wire's, which has to tell them exactly what was asked.
    @Test func overloadAndUnbalancedChargeAreReadExactly() throws {
        var overload = MidLevelUpdate()
        overload[try channel(1)] = try train(ramp: 0, periodMicroseconds: 1_000, [(470, 10), (470, -10)])
        #expect(try reading(MalformedFrames.n14) == .request(.midLevelUpdate(overload)))
        #expect(
            try reading(MalformedFrames.n15) == .request(.lowLevelChannelConfig(try configuration(1, [(300, 20)]))))
    }

    @Test(arguments: 1...16) func zeroedBytesAreRefusedAndNotTakenForFullNegativeCurrent(_ pointCount: Int) throws {
        let zeros = [UInt8](repeating: 0, count: 4 * pointCount)
        let bytes = ReferenceFrame.bytes(packetNumber: 1, command: 2, payload: [0x80 | UInt8(pointCount - 1)] + zeros)
        #expect(try reading(bytes) == .refused(.parameterError))
    }

    /// Every request with every shorter payload and with bytes too many, whatever their value.
    @Test func onlyTheExactLengthIsRead() throws {
        let whole: [[UInt8]] = [
            GoldenFrames.r01, GoldenFrames.r03, GoldenFrames.r04, GoldenFrames.r05, GoldenFrames.r06, GoldenFrames.r09,
            GoldenFrames.r10, GoldenFrames.r11, GoldenFrames.r12, GoldenFrames.r13, GoldenFrames.r14, GoldenFrames.r16,
            GoldenFrames.r17, GoldenFrames.r18, GoldenFrames.r19, GoldenFrames.r20, GoldenFrames.r23,
        ]
        for golden in whole {
            let received = Received(try decoder(after: golden))
            var wrong = (0..<received.payload.count).map { Array(received.payload.prefix($0)) }
            for extra: UInt8 in [0x00, 0x0F, 0x81, 0xF0, 0xFF] {
                wrong += (1...4).map { received.payload + [UInt8](repeating: extra, count: $0) }
            }
            for payload in wrong {
                let bytes = ReferenceFrame.bytes(
                    packetNumber: 1, command: Int(received.commandNumber), payload: payload)
                #expect(
                    try reading(bytes) == .refused(.parameterError), "command \(received.commandNumber), \(payload)")
            }
        }
    }

    /// All 1024 numbers: what is no request of this wire is unknown, among them the numbers that would change the
    /// device's firmware or its id, and the acknowledgements.
    @Test func noOtherNumberIsARequest() throws {
        let known: Set<UInt16> = [0, 2, 4, 30, 32, 34, 36, 52, 58, 62, 68]
        for command in 0..<1024 {
            let payloads: [[UInt8]] = [[], [0], [4], [0x80, 0x12, 0xC5, 0x00, 0x00]]
            for payload in payloads {
                let read = try reading(ReferenceFrame.bytes(packetNumber: 63, command: command, payload: payload))
                let isUnknown = read == .refused(.invalidCommand)
                #expect(isUnknown == !known.contains(UInt16(command)), "command \(command)")
            }
        }
    }
}

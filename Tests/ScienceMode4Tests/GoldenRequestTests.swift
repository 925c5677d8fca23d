import ScienceMode4
import StimulusModel
import Testing

@Suite struct GoldenRequestTests {
    private func check(
        _ golden: [UInt8], _ packetNumber: UInt8, _ request: Request, _ location: SourceLocation = #_sourceLocation
    ) throws {
        let frame = try #require(request.encode(packetNumber: packetNumber), sourceLocation: location)
        #expect(array(frame) == golden, sourceLocation: location)
        let read = try decoder(after: golden)
        #expect(read.packetNumber == packetNumber, sourceLocation: location)
        #expect(Request.decode(read) == .request(request), sourceLocation: location)
    }

    @Test func generalCommandsAreThoseOfTheVendorsClients() throws {
        try check(GoldenFrames.r01, 1, .getDeviceID)
        try check(GoldenFrames.r02, 60, .getDeviceID)
        try check(GoldenFrames.r03, 2, .getStimStatus)
        try check(GoldenFrames.r04, 3, .getExtendedVersion)
        try check(GoldenFrames.r05, 4, .reset)
    }

    @Test func lowLevelInitAndStopAreThoseOfTheVendorsClients() throws {
        try check(GoldenFrames.r06, 5, .lowLevelInit(measurement: .none, highVoltage: .standard))
        try check(GoldenFrames.r07, 6, .lowLevelInit(measurement: .current, highVoltage: .standard))
        try check(GoldenFrames.r08, 7, .lowLevelInit(measurement: .voltage, highVoltage: .off))
        try check(GoldenFrames.r13, 13, .lowLevelStop)
    }

    @Test func pulsesAreThoseOfTheVendorsClients() throws {
        try check(
            GoldenFrames.r09, 8, .lowLevelChannelConfig(try configuration(1, [(250, 20), (100, 0), (250, -20)])))
        try check(GoldenFrames.r10, 9, .lowLevelChannelConfig(try configuration(8, [(500, 40), (500, -40)])))
        try check(
            GoldenFrames.r11, 10,
            .lowLevelChannelConfig(try configuration(2, [(240, -60), (240, -57), (2049, 0), (2064, -107)])))
        let largest = (0..<16).map { (microseconds: Int32(4095), halfMilliamperes: Int32($0 % 2 == 0 ? 260 : -260)) }
        try check(GoldenFrames.r12, 11, .lowLevelChannelConfig(try configuration(7, largest)))
        try check(GoldenFrames.r21, 2, .lowLevelChannelConfig(try configuration(1, [(300, 20), (300, -20)])))
        try check(GoldenFrames.r22, 12, .lowLevelChannelConfig(try configuration(1, [(300, 28), (300, -28)])))
    }

    @Test func midLevelCommandsAreThoseOfTheVendorsClients() throws {
        try check(GoldenFrames.r14, 14, .midLevelInit(stopAllOnError: false))
        try check(GoldenFrames.r15, 15, .midLevelInit(stopAllOnError: true))
        try check(GoldenFrames.r18, 18, .midLevelUpdate(MidLevelUpdate()))
        try check(GoldenFrames.r19, 19, .midLevelGetCurrentData(selection: 4))
        try check(GoldenFrames.r20, 20, .midLevelStop)
    }

    @Test func midLevelPatternsAreThoseOfTheVendorsClients() throws {
        var one = MidLevelUpdate()
        one[try channel(1)] = try train(
            ramp: 3, periodMicroseconds: 20_000, [(250, 20), (100, 0), (250, -20)])
        try check(GoldenFrames.r16, 16, .midLevelUpdate(one))

        var two = MidLevelUpdate()
        two[try channel(1)] = try train(ramp: 0, periodMicroseconds: 10_000, [(250, 30), (250, -30)])
        two[try channel(6)] = try train(ramp: 15, periodMicroseconds: 1_000_000, [(10, 1), (10, -1)])
        try check(GoldenFrames.r17, 17, .midLevelUpdate(two))

        var long = MidLevelUpdate()
        long[try channel(1)] = try train(
            ramp: 0, periodMicroseconds: 20_000, Array(repeating: (250, 20), count: 3))
        long[try channel(2)] = try train(
            ramp: 0, periodMicroseconds: 20_000, Array(repeating: (300, 20), count: 14))
        try check(GoldenFrames.r23, 0, .midLevelUpdate(long))
    }

    /// The one request that the vendor's two clients write differently; nothing is executed by either.
    @Test func aPulseThatIsNotExecutedIsReadFromBothClients() throws {
        let withPoint = GoldenFrames.bytes("F0 81 55 81 44 81 7F 81 61 30 02 00 06 44 B0 00 0F")
        try check(withPoint, 12, .lowLevelChannelConfig(try configuration(1, execute: false, [(100, 0)])))
        let withoutPoints = GoldenFrames.bytes("F0 81 55 81 58 81 F6 81 92 30 02 00 0F")
        try check(withoutPoints, 12, .lowLevelChannelConfig(try configuration(1, execute: false, [])))
    }

    /// As the MIT client sends it to a device that has been left in no level, and in running mid level.
    @Test func theMITClientsFirstWordsAreUnderstood() {
        let idle = listening(
            to: GoldenFrames.bytes(
                """
                F0 81 55 81 59 81 4E 81 0C 04 3E 0F F0 81 55 81 59 81 AA 81 2B 08 34 0F
                F0 81 55 81 59 81 18 81 78 0C 44 0F
                """))
        #expect(idle.defects.isEmpty)
        #expect(idle.frames.map(\.packetNumber) == [1, 2, 3])
        #expect(
            idle.frames.map(\.commandNumber) == [
                CommandNumber.getStimStatus, CommandNumber.getDeviceID, CommandNumber.getExtendedVersion,
            ])
        let running = listening(
            to: GoldenFrames.bytes(
                """
                F0 81 55 81 59 81 4E 81 0C 04 3E 0F F0 81 55 81 59 81 D8 81 DC 08 22 0F
                F0 81 55 81 59 81 66 81 EF 0C 34 0F F0 81 55 81 59 81 5E 81 66 10 44 0F
                """))
        #expect(running.defects.isEmpty)
        #expect(running.frames.map(\.packetNumber) == [1, 2, 3, 4])
        #expect(
            running.frames.map(\.commandNumber) == [
                CommandNumber.getStimStatus, CommandNumber.midLevelStop, CommandNumber.getDeviceID,
                CommandNumber.getExtendedVersion,
            ])
    }
}

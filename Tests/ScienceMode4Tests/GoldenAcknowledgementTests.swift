import ScienceMode4
import StimulusModel
import Testing

@Suite struct GoldenAcknowledgementTests {
    private func check(
        _ golden: [UInt8], _ packetNumber: UInt8, _ acknowledgement: Acknowledgement,
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        let read = try decoder(after: golden)
        #expect(read.packetNumber == packetNumber, sourceLocation: location)
        #expect(Acknowledgement.decode(read) == .acknowledgement(acknowledgement), sourceLocation: location)
        let frame = try #require(acknowledgement.encode(packetNumber: packetNumber), sourceLocation: location)
        #expect(array(frame) == golden, sourceLocation: location)
    }

    @Test func generalAcknowledgementsAreThoseOfTheVendorsLibrary() throws {
        var id = DeviceID(repeating: 0)
        for (index, character) in "1234567890".utf8.enumerated() { id[index] = character }
        try check(GoldenFrames.a01, 1, .deviceID(.ok, id))
        try check(GoldenFrames.a02, 2, .stimStatus(.ok, .none, .off))
        try check(GoldenFrames.a03, 2, .stimStatus(.ok, .lowLevel, .volts150))
        try check(GoldenFrames.a04, 2, .stimStatus(.ok, .midLevelRunning, .volts150))
        let version = ExtendedVersion(
            firmware: VersionNumber(major: 1, minor: 2, revision: 3),
            scienceMode: VersionNumber(major: 4, minor: 0, revision: 0),
            hash: 0xDEAD_BEEF, hashKind: 1, hashValidity: 1)
        try check(GoldenFrames.a05, 3, .extendedVersion(.ok, version))
        try check(GoldenFrames.a06, 4, .reset(.ok))
        try check(GoldenFrames.a20, 0, .generalError(.transferError))
        try check(GoldenFrames.a21, 21, .unknownCommand(.invalidCommand))
    }

    @Test func lowLevelAcknowledgementsAreThoseOfTheVendorsLibrary() throws {
        try check(GoldenFrames.a07, 5, .lowLevelInit(.ok))
        try check(GoldenFrames.a08, 5, .lowLevelInit(.notInitialized))
        try check(GoldenFrames.a09, 8, .lowLevelChannelConfig(.ok, try channel(1), nil))
        try check(GoldenFrames.a10, 9, .lowLevelChannelConfig(.electrodeError, try channel(8), nil))
        try check(GoldenFrames.a11, 9, .lowLevelChannelConfig(.lowCurrent, try channel(8), nil))
        try check(GoldenFrames.a12, 13, .lowLevelStop(.ok))
    }

    @Test func measuredSamplesAreThoseOfTheVendorsLibrary() throws {
        var samples = try #require(MeasuredSamples(measurement: .current, samplingTimeMicroseconds: 10))
        for index in 0..<MeasuredSamples.count where index < 25 || (35...59).contains(index) {
            samples[index] = 1_000
        }
        try check(GoldenFrames.a22, 8, .lowLevelChannelConfig(.ok, try channel(1), samples))
    }

    @Test func midLevelAcknowledgementsAreThoseOfTheVendorsLibrary() throws {
        try check(GoldenFrames.a13, 14, .midLevelInit(.ok))
        try check(GoldenFrames.a14, 16, .midLevelUpdate(.ok))
        try check(GoldenFrames.a15, 16, .midLevelUpdate(.parameterError))
        try check(GoldenFrames.a16, 16, .midLevelUpdate(.notInitialized))
        try check(GoldenFrames.a19, 20, .midLevelStop(.ok))
    }

    @Test func runningPatternsAreReportedAsByTheVendorsLibrary() throws {
        let sixth = MidLevelCurrentData.channels(active: 0b1, errors: 0x0010_0000)
        try check(GoldenFrames.a17, 19, .midLevelCurrentData(.ok, sixth))
        #expect(sixth.isActive(try channel(1)) == true)
        #expect(sixth.isActive(try channel(6)) == false)
        #expect(try (1...8).map { sixth.errorNumber(try channel($0)) } == [0, 0, 0, 0, 0, 1, 0, 0])

        let three = MidLevelCurrentData.channels(active: 0x81, errors: 0x2010_0003)
        try check(GoldenFrames.a18, 19, .midLevelCurrentData(.ok, three))
        #expect(try (1...8).map { three.errorNumber(try channel($0)) } == [3, 0, 0, 0, 0, 1, 0, 2])
        #expect(
            try (1...8).map { three.isActive(try channel($0)) } == [
                true, false, false, false, false, false, false, true,
            ])

        let both = MidLevelCurrentData.bothConnectors(0x11, 0x18)
        try check(GoldenFrames.a23, 19, .midLevelCurrentData(.ok, both))
        #expect(try (1...8).map { both.errorNumber(try channel($0)) } == [1, 0, 0, 0, 0, 0, 0, 1])

        let first = MidLevelCurrentData.firstConnector(0x11)
        try check(GoldenFrames.a24, 19, .midLevelCurrentData(.ok, first))
        #expect(try (1...8).map { first.errorNumber(try channel($0)) } == [1, 0, 0, 0, nil, nil, nil, nil])
        #expect(first.isActive(try channel(1)) == nil)
    }
}

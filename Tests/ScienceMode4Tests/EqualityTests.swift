import ScienceMode4
import StimulusModel
import Testing

/// The comparisons are written by hand, and both the other tests and the encoder's read-back lean on them: each value
/// here differs from every other in one field only, and equals only itself.
@Suite struct EqualityTests {
    private func requests() throws -> [Request] {
        var lengths: [Request] = []
        for count in 1...16 {
            lengths.append(.lowLevelChannelConfig(try configuration(1, Array(repeating: (100, 1), count: count))))
        }
        let trains = [
            try train(ramp: 0, periodMicroseconds: 20_000, [(100, 1)]),
            try train(ramp: 1, periodMicroseconds: 20_000, [(100, 1)]),
            try train(ramp: 0, periodMicroseconds: 20_500, [(100, 1)]),
            try train(ramp: 0, periodMicroseconds: 20_000, [(101, 1)]),
            try train(ramp: 0, periodMicroseconds: 20_000, [(100, 1), (100, 1)]),
        ]
        var updates = [MidLevelUpdate()]
        for train in trains {
            for number: UInt8 in [1, 8] {
                var update = MidLevelUpdate()
                update[try channel(number)] = train
                updates.append(update)
            }
        }
        return lengths + updates.map { .midLevelUpdate($0) } + [
            .getDeviceID, .getStimStatus, .getExtendedVersion, .reset, .lowLevelStop, .midLevelStop,
            .lowLevelInit(measurement: .none, highVoltage: .standard),
            .lowLevelInit(measurement: .none, highVoltage: .off),
            .lowLevelInit(measurement: .current, highVoltage: .standard),
            .lowLevelChannelConfig(try configuration(2, [(100, 1)])),
            .lowLevelChannelConfig(try configuration(1, execute: false, [(100, 1)])),
            .lowLevelChannelConfig(try configuration(1, execute: false, [])),
            .lowLevelChannelConfig(try configuration(1, [(101, 1)])),
            .lowLevelChannelConfig(try configuration(1, [(100, -1)])),
            .lowLevelChannelConfig(try configuration(1, [(100, 1), (100, 2)])),
            .midLevelInit(stopAllOnError: false), .midLevelInit(stopAllOnError: true),
            .midLevelGetCurrentData(selection: 2), .midLevelGetCurrentData(selection: 4),
        ]
    }

    private func samples(_ measurement: Measurement, _ time: UInt16, setting index: Int) throws -> MeasuredSamples {
        var samples = try #require(MeasuredSamples(measurement: measurement, samplingTimeMicroseconds: time))
        samples[index] = 1
        return samples
    }

    private func acknowledgements() throws -> [Acknowledgement] {
        var ids = (0..<DeviceID.length).map { index in
            var id = DeviceID(repeating: 0x30)
            id[index] = 0x31
            return id
        }
        ids.append(DeviceID(repeating: 0x30))
        let versions = (0..<9).map { field -> ExtendedVersion in
            let number = (0..<9).map { UInt8($0 == field ? 1 : 0) }
            return ExtendedVersion(
                firmware: VersionNumber(major: number[0], minor: number[1], revision: number[2]),
                scienceMode: VersionNumber(major: number[3], minor: number[4], revision: number[5]),
                hash: UInt32(number[6]), hashKind: number[7], hashValidity: number[8])
        }
        let one = try channel(1)
        let measured: [MeasuredSamples] = [
            try samples(.current, 10, setting: 0), try samples(.current, 10, setting: 127),
            try samples(.voltage, 10, setting: 0), try samples(.current, 11, setting: 0),
        ]
        let data: [MidLevelCurrentData] = [
            .channels(active: 0, errors: 0), .channels(active: 1, errors: 0), .channels(active: 0, errors: 1),
            .firstConnector(0), .firstConnector(1), .bothConnectors(0, 0), .bothConnectors(1, 0), .bothConnectors(0, 1),
        ]
        var all: [Acknowledgement] = ids.map { .deviceID(.ok, $0) }
        all += versions.map { .extendedVersion(.ok, $0) }
        all += measured.map { .lowLevelChannelConfig(.ok, one, $0) }
        all += data.map { .midLevelCurrentData(.ok, $0) }
        for result in [ResultCode.ok, .transferError] {
            all += [
                .reset(result), .lowLevelInit(result), .lowLevelStop(result), .midLevelInit(result),
                .midLevelUpdate(result), .midLevelStop(result), .generalError(result), .unknownCommand(result),
                .stimStatus(result, .none, .off), .lowLevelChannelConfig(result, one, nil),
            ]
        }
        all += [
            .stimStatus(.ok, .lowLevel, .off), .stimStatus(.ok, .none, .volts150),
            .deviceID(.transferError, ids[0]), .extendedVersion(.transferError, versions[0]),
            .midLevelCurrentData(.transferError, data[0]), .lowLevelChannelConfig(.ok, try channel(2), nil),
            .lowLevelChannelConfig(.transferError, one, measured[0]),
        ]
        return all
    }

    @Test func aRequestEqualsOnlyItself() throws {
        let all = try requests()
        for (row, one) in all.enumerated() {
            for (column, other) in all.enumerated() {
                #expect((one == other) == (row == column), "\(one) and \(other)")
                let readings = (RequestReading.request(one), RequestReading.request(other))
                #expect((readings.0 == readings.1) == (row == column))
            }
            #expect(RequestReading.request(one) != .refused(.ok))
        }
        #expect(RequestReading.refused(.ok) != .refused(.parameterError))
    }

    @Test func anAcknowledgementEqualsOnlyItself() throws {
        let all = try acknowledgements()
        for (row, one) in all.enumerated() {
            for (column, other) in all.enumerated() {
                #expect((one == other) == (row == column), "\(one) and \(other)")
                let readings = (
                    AcknowledgementReading.acknowledgement(one), AcknowledgementReading.acknowledgement(other)
                )
                #expect((readings.0 == readings.1) == (row == column))
            }
            #expect(AcknowledgementReading.acknowledgement(one) != .unreadable(.value))
        }
        #expect(AcknowledgementReading.unreadable(.value) != .unreadable(.length))
    }

    @Test func frameBytesEqualOnlyTheSameBytes() throws {
        let frames = try (UInt8(0)...63).map { try #require(Request.lowLevelStop.encode(packetNumber: $0)) }
        for (row, one) in frames.enumerated() {
            for (column, other) in frames.enumerated() { #expect((one == other) == (row == column)) }
        }
    }
}

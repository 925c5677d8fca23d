import StimulusModel

extension Acknowledgement {
    /// Reads a decoder's last frame as the host: exactly the documented number of bytes, or unreadable.
    @_noLocks public static func decode(_ received: FrameDecoder) -> AcknowledgementReading {
        // One copy here, since reading in place means reading from a variable.
        var frame = received
        let count = frame.payloadCount
        let number = frame.commandNumber
        if number == CommandNumber.generalError { return resultOnly(.generalError(result(&frame)), count) }
        if number == CommandNumber.unknownCommand { return resultOnly(.unknownCommand(result(&frame)), count) }
        guard number & 1 == 1 else { return .unreadable(.commandNumber) }
        switch number - 1 {
        case CommandNumber.reset: return resultOnly(.reset(result(&frame)), count)
        case CommandNumber.lowLevelInit: return resultOnly(.lowLevelInit(result(&frame)), count)
        case CommandNumber.lowLevelStop: return resultOnly(.lowLevelStop(result(&frame)), count)
        case CommandNumber.midLevelInit: return resultOnly(.midLevelInit(result(&frame)), count)
        case CommandNumber.midLevelUpdate: return resultOnly(.midLevelUpdate(result(&frame)), count)
        case CommandNumber.midLevelStop: return resultOnly(.midLevelStop(result(&frame)), count)
        case CommandNumber.getDeviceID: return deviceID(&frame)
        case CommandNumber.getStimStatus: return stimStatus(&frame)
        case CommandNumber.getExtendedVersion: return extendedVersion(&frame)
        case CommandNumber.lowLevelChannelConfig: return lowLevelChannelConfig(&frame)
        case CommandNumber.midLevelGetCurrentData: return midLevelCurrentData(&frame)
        default: return .unreadable(.commandNumber)
        }
    }

    /// Byte 0 of every acknowledgement.
    @_noLocks private static func result(_ frame: inout FrameDecoder) -> ResultCode {
        ResultCode(rawValue: frame.byte(at: 0))
    }

    @_noLocks private static func resultOnly(
        _ acknowledgement: Acknowledgement, _ payloadCount: Int
    ) -> AcknowledgementReading {
        payloadCount == 1 ? .acknowledgement(acknowledgement) : .unreadable(.length)
    }

    @_noLocks private static func deviceID(_ frame: inout FrameDecoder) -> AcknowledgementReading {
        guard frame.payloadCount == 1 + DeviceID.length else { return .unreadable(.length) }
        var id = DeviceID(repeating: 0)
        var index = 0
        while index < DeviceID.length {
            id[index] = frame.byte(at: 1 + index)
            index += 1
        }
        return .acknowledgement(.deviceID(result(&frame), id))
    }

    @_noLocks private static func stimStatus(_ frame: inout FrameDecoder) -> AcknowledgementReading {
        guard frame.payloadCount == 3 else { return .unreadable(.length) }
        let level = StimulationLevel(rawValue: frame.byte(at: 1))
        let highVoltage = HighVoltage(rawValue: frame.byte(at: 2))
        return .acknowledgement(.stimStatus(result(&frame), level, highVoltage))
    }

    @_noLocks private static func extendedVersion(_ frame: inout FrameDecoder) -> AcknowledgementReading {
        guard frame.payloadCount == 13 else { return .unreadable(.length) }
        let version = ExtendedVersion(
            firmware: VersionNumber(payloadOf: &frame, at: 1), scienceMode: VersionNumber(payloadOf: &frame, at: 4),
            hash: frame.doubleWord(at: 7), hashKind: frame.byte(at: 11),
            hashValidity: frame.byte(at: 12))
        return .acknowledgement(.extendedVersion(result(&frame), version))
    }

    /// Byte 1: high half connector, low half colour. Byte 2: measurement; if not 0, sampling time and 128 samples.
    @_noLocks private static func lowLevelChannelConfig(_ frame: inout FrameDecoder) -> AcknowledgementReading {
        guard frame.payloadCount >= 3 else { return .unreadable(.length) }
        let place = frame.byte(at: 1)
        guard let channel = Channel(wireConnector: place >> 4, wireColour: place & 0xF),
            let measurement = Measurement(code: frame.byte(at: 2))
        else { return .unreadable(.value) }
        guard
            var samples = MeasuredSamples(
                measurement: measurement, samplingTimeMicroseconds: frame.word(at: 3))
        else {
            // Nothing was measured.
            guard frame.payloadCount == 3 else { return .unreadable(.length) }
            return .acknowledgement(.lowLevelChannelConfig(result(&frame), channel, nil))
        }
        guard frame.payloadCount == 5 + 2 * MeasuredSamples.count else { return .unreadable(.length) }
        var index = 0
        while index < MeasuredSamples.count {
            samples[index] = frame.word(at: 5 + 2 * index)
            index += 1
        }
        return .acknowledgement(.lowLevelChannelConfig(result(&frame), channel, samples))
    }

    @_noLocks private static func midLevelCurrentData(_ frame: inout FrameDecoder) -> AcknowledgementReading {
        guard frame.payloadCount >= 2 else { return .unreadable(.length) }
        switch frame.byte(at: 1) {
        case 2:
            guard frame.payloadCount == 3 else { return .unreadable(.length) }
            return .acknowledgement(.midLevelCurrentData(result(&frame), .firstConnector(frame.byte(at: 2))))
        case 3:
            guard frame.payloadCount == 4 else { return .unreadable(.length) }
            let data = MidLevelCurrentData.bothConnectors(frame.byte(at: 2), frame.byte(at: 3))
            return .acknowledgement(.midLevelCurrentData(result(&frame), data))
        case 4:
            guard frame.payloadCount == 7 else { return .unreadable(.length) }
            let data = MidLevelCurrentData.channels(
                active: frame.byte(at: 2), errors: frame.doubleWord(at: 3).byteSwapped)
            return .acknowledgement(.midLevelCurrentData(result(&frame), data))
        default:
            return .unreadable(.value)
        }
    }
}

extension VersionNumber {
    @_noLocks init(payloadOf frame: inout FrameDecoder, at index: Int) {
        self.init(
            major: frame.byte(at: index), minor: frame.byte(at: index + 1),
            revision: frame.byte(at: index + 2))
    }
}

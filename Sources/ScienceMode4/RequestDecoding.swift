import StimulusModel

extension Request {
    /// Reads a decoder's last frame as a device would that believes nothing: a byte too few or too many, a reserved bit
    /// or a value out of range is a parameter error, an unknown number an invalid command.
    @_noLocks public static func decode(_ received: FrameDecoder) -> RequestReading {
        // One copy here, since reading in place means reading from a variable.
        var frame = received
        guard let request = recognise(&frame) else { return .refused(.invalidCommand) }
        return request
    }

    /// Whether the last frame in `frame` is this request; the same as `decode`, without a copy.
    @_noLocks func isRead(from frame: inout FrameDecoder) -> Bool {
        switch Request.recognise(&frame) {
        case .request(let read): return read == self
        case .refused, nil: return false
        }
    }

    /// Nothing for a number that is no request of this wire.
    @_noLocks private static func recognise(_ frame: inout FrameDecoder) -> RequestReading? {
        switch frame.commandNumber {
        case CommandNumber.getDeviceID: return bare(.getDeviceID, frame.payloadCount)
        case CommandNumber.getStimStatus: return bare(.getStimStatus, frame.payloadCount)
        case CommandNumber.getExtendedVersion: return bare(.getExtendedVersion, frame.payloadCount)
        case CommandNumber.reset: return bare(.reset, frame.payloadCount)
        case CommandNumber.lowLevelStop: return bare(.lowLevelStop, frame.payloadCount)
        case CommandNumber.midLevelStop: return bare(.midLevelStop, frame.payloadCount)
        case CommandNumber.lowLevelInit: return lowLevelInit(&frame)
        case CommandNumber.lowLevelChannelConfig:
            guard let configuration = ChannelConfiguration(payloadOf: &frame) else { return .refused(.parameterError) }
            return .request(.lowLevelChannelConfig(configuration))
        case CommandNumber.midLevelInit: return midLevelInit(&frame)
        case CommandNumber.midLevelUpdate:
            guard let update = MidLevelUpdate(payloadOf: &frame) else { return .refused(.parameterError) }
            return .request(.midLevelUpdate(update))
        case CommandNumber.midLevelGetCurrentData: return midLevelGetCurrentData(&frame)
        default: return nil
        }
    }

    @_noLocks private static func bare(_ request: Request, _ payloadCount: Int) -> RequestReading {
        payloadCount == 0 ? .request(request) : .refused(.parameterError)
    }

    /// Bit 7 zero, 6-4 measurement, 3-1 high voltage, bit 0 zero.
    @_noLocks private static func lowLevelInit(_ frame: inout FrameDecoder) -> RequestReading {
        let byte = frame.byte(at: 0)
        let highVoltage = HighVoltage(rawValue: byte >> 1 & 7)
        guard frame.payloadCount == 1, byte & 1 == 0, highVoltage.isRequestable,
            let measurement = Measurement(code: byte >> 4)
        else { return .refused(.parameterError) }
        return .request(.lowLevelInit(measurement: measurement, highVoltage: highVoltage))
    }

    @_noLocks private static func midLevelInit(_ frame: inout FrameDecoder) -> RequestReading {
        let byte = frame.byte(at: 0)
        guard frame.payloadCount == 1, byte <= 1 else { return .refused(.parameterError) }
        return .request(.midLevelInit(stopAllOnError: byte == 1))
    }

    @_noLocks private static func midLevelGetCurrentData(_ frame: inout FrameDecoder) -> RequestReading {
        let selection = frame.byte(at: 0)
        guard frame.payloadCount == 1, selection >= 2, selection <= 4 else { return .refused(.parameterError) }
        return .request(.midLevelGetCurrentData(selection: selection))
    }
}

extension ChannelConfiguration {
    /// Nothing unless the payload holds exactly the points that it announces, each in range.
    @_noLocks init?(payloadOf frame: inout FrameDecoder) {
        guard frame.payloadCount >= 1,
            let channel = Channel(wireConnectorAndColourOf: frame.byte(at: 0))
        else { return nil }
        let first = frame.byte(at: 0)
        self.init(channel: channel, execute: first & 0x80 != 0)
        // Without execution the C library sends no points at all, whatever the number says; the MIT client sends them.
        if !execute, first & 0xF == 0, frame.payloadCount == 1 { return }
        let count = Int(first & 0xF) + 1
        guard frame.payloadCount == 1 + 4 * count, readPoints(count, from: &frame) else { return nil }
    }

    @_noLocks private mutating func readPoints(_ count: Int, from frame: inout FrameDecoder) -> Bool {
        var index = 0
        while index < count {
            guard let point = PulsePoint(wireValue: frame.doubleWord(at: 1 + 4 * index)), append(point) else {
                return false
            }
            index += 1
        }
        return true
    }
}

extension Channel {
    /// From byte 0 of a channel configuration: bits 6-5 colour, bit 4 connector.
    @_noLocks init?(wireConnectorAndColourOf byte: UInt8) {
        self.init(wireConnector: byte >> 4 & 1, wireColour: byte >> 5 & 3)
    }
}

extension MidLevelUpdate {
    /// Nothing unless the payload holds exactly the channels and points that it announces, each in range.
    @_noLocks init?(payloadOf frame: inout FrameDecoder) {
        guard frame.payloadCount >= 1 else { return nil }
        self.init()
        let mask = frame.byte(at: 0)
        var position = 1
        var number: UInt8 = 1
        while number <= 8 {
            if mask >> (number - 1) & 1 == 1 {
                guard let channel = Channel(number: number),
                    let train = MidLevelTrain(payloadOf: &frame, at: position)
                else { return nil }
                self[channel] = train
                position += 3 + 4 * train.points.count
            }
            number += 1
        }
        guard position == frame.payloadCount else { return nil }
    }
}

extension MidLevelTrain {
    @_noLocks init?(payloadOf frame: inout FrameDecoder, at position: Int) {
        guard position + 3 <= frame.payloadCount,
            let period = MidLevelPeriod(wireValue: frame.word(at: position + 1))
        else { return nil }
        self.init(ramp: frame.byte(at: position) & 0xF, period: period)
        let count = Int(frame.byte(at: position) >> 4) + 1
        guard position + 3 + 4 * count <= frame.payloadCount else { return nil }
        var index = 0
        while index < count {
            guard let point = PulsePoint(wireValue: frame.doubleWord(at: position + 3 + 4 * index)),
                append(point)
            else { return nil }
            index += 1
        }
    }
}

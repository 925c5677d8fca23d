import StimulusModel

extension Request {
    /// The frame of this request; nothing when any value is out of range, never a wrapped one. What was written is
    /// read back and compared before it is handed out, since a wrong frame may mean a wrong current.
    /// - Parameter packetNumber: 0 to 63.
    @_noLocks public func encode(packetNumber: UInt8) -> FrameBytes? {
        guard packetNumber <= 63 else { return nil }
        var writer = FrameWriter(packetNumber: packetNumber, commandNumber: commandNumber)
        guard writePayload(to: &writer), writer.finish() else { return nil }
        guard readsBack(from: &writer, packetNumber: packetNumber) else { return nil }
        return writer.frame
    }

    /// Whether a receiver of what was written gets this very request.
    @_noLocks private func readsBack(from writer: inout FrameWriter, packetNumber: UInt8) -> Bool {
        var decoder = FrameDecoder()
        let last = writer.count - 1
        var index = 0
        while index < last {
            guard decoder.receive(writer.byte(at: index)) == .none else { return false }
            index += 1
        }
        guard decoder.receive(writer.byte(at: last)) == .frame, decoder.packetNumber == packetNumber else {
            return false
        }
        return isRead(from: &decoder)
    }

    @_noLocks private func writePayload(to writer: inout FrameWriter) -> Bool {
        switch self {
        case .getDeviceID, .getStimStatus, .getExtendedVersion, .reset, .lowLevelStop, .midLevelStop:
            return true
        case .lowLevelInit(let measurement, let highVoltage):
            guard highVoltage.isRequestable else { return false }
            writer.put(measurement.code << 4 | highVoltage.rawValue << 1)
            return true
        case .lowLevelChannelConfig(let configuration):
            return configuration.write(to: &writer)
        case .midLevelInit(let stopAllOnError):
            writer.put(UInt8(stopAllOnError ? 1 : 0))
            return true
        case .midLevelUpdate(let update):
            return update.write(to: &writer)
        case .midLevelGetCurrentData(let selection):
            guard selection >= 2, selection <= 4 else { return false }
            writer.put(selection)
            return true
        }
    }
}

extension ChannelConfiguration {
    /// Byte 0: bit 7 execute, 6-5 colour, 4 connector, 3-0 number of points - 1; then the points.
    @_noLocks func write(to writer: inout FrameWriter) -> Bool {
        guard pointCount > 0 || !execute else { return false }
        let countField = pointCount == 0 ? 0 : UInt8(truncatingIfNeeded: pointCount - 1)
        writer.put((execute ? 0x80 : 0) | channel.wireColour << 5 | channel.wireConnector << 4 | countField)
        points.write(to: &writer)
        return true
    }
}

extension PointList {
    @_noLocks func write(to writer: inout FrameWriter) {
        var index = 0
        while index < count {
            writer.put(self[index].wireValue)
            index += 1
        }
    }
}

extension MidLevelUpdate {
    /// The mask; then for each enabled channel number of points - 1 and ramp, period, points.
    @_noLocks func write(to writer: inout FrameWriter) -> Bool {
        writer.put(mask)
        var number: UInt8 = 1
        while number <= 8 {
            if let channel = Channel(number: number), let train = self[channel] {
                guard train.points.count > 0 else { return false }
                writer.put(UInt8(truncatingIfNeeded: train.points.count - 1) << 4 | train.ramp)
                writer.put(train.period.wireValue)
                train.points.write(to: &writer)
            }
            number += 1
        }
        return true
    }
}

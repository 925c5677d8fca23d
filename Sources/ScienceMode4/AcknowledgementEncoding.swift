import StimulusModel

extension Acknowledgement {
    /// The frame of this acknowledgement; nothing when the packet number is above 63.
    @_noLocks public func encode(packetNumber: UInt8) -> FrameBytes? {
        guard packetNumber <= 63 else { return nil }
        var writer = FrameWriter(packetNumber: packetNumber, commandNumber: commandNumber)
        writer.put(result.rawValue)
        writeFields(to: &writer)
        guard writer.finish() else { return nil }
        return writer.frame
    }

    /// What stands behind the result.
    @_noLocks private func writeFields(to writer: inout FrameWriter) {
        switch self {
        case .deviceID(_, let id):
            var index = 0
            while index < DeviceID.length {
                writer.put(id[index])
                index += 1
            }
        case .stimStatus(_, let level, let highVoltage):
            writer.put(level.rawValue)
            writer.put(highVoltage.rawValue)
        case .extendedVersion(_, let version):
            version.firmware.write(to: &writer)
            version.scienceMode.write(to: &writer)
            writer.put(version.hash)
            writer.put(version.hashKind)
            writer.put(version.hashValidity)
        case .lowLevelChannelConfig(_, let channel, let samples):
            writer.put(channel.wireConnector << 4 | channel.wireColour)
            if let samples { samples.write(to: &writer) } else { writer.put(Measurement.none.code) }
        case .midLevelCurrentData(_, let data):
            writer.put(data.selection)
            data.write(to: &writer)
        case .reset, .lowLevelInit, .lowLevelStop, .midLevelInit, .midLevelUpdate, .midLevelStop, .generalError,
            .unknownCommand:
            break
        }
    }
}

extension VersionNumber {
    @_noLocks func write(to writer: inout FrameWriter) {
        writer.put(major)
        writer.put(minor)
        writer.put(revision)
    }
}

extension MeasuredSamples {
    @_noLocks func write(to writer: inout FrameWriter) {
        writer.put(measurement.code)
        writer.put(samplingTimeMicroseconds)
        var index = 0
        while index < MeasuredSamples.count {
            writer.put(self[index])
            index += 1
        }
    }
}

extension MidLevelCurrentData {
    @_noLocks func write(to writer: inout FrameWriter) {
        switch self {
        case .channels(let active, let errors):
            writer.put(active)
            // Channel 1 is the low half of the first byte, so here the low byte goes first.
            writer.put(errors.byteSwapped)
        case .firstConnector(let first):
            writer.put(first)
        case .bothConnectors(let first, let second):
            writer.put(first)
            writer.put(second)
        }
    }
}

extension PulsePalRequest {
    /// The bytes of this request, to be written in one call (`pulsepal.md` 7); nothing when the firmware has no such op
    /// or a value has no place on its wire. What was written is read back and compared before it is handed out: there
    /// is no checksum, and a wrong byte may mean a wrong voltage.
    @_noLocks public func encode(for firmware: PulsePalFirmware) -> PulsePalBytes? {
        guard operation <= 90 || firmware == .version22 else { return nil }
        var bytes = PulsePalBytes()
        bytes.put(PulsePalMark.start)
        bytes.put(operation)
        guard writeData(for: firmware, to: &bytes), !bytes.isOverfull else { return nil }
        guard readsBack(from: &bytes, firmware) else { return nil }
        return bytes
    }

    /// Whether a device that gets these bytes gets this very request.
    @_noLocks private func readsBack(from bytes: inout PulsePalBytes, _ firmware: PulsePalFirmware) -> Bool {
        var decoder = PulsePalRequestDecoder(firmware)
        let last = bytes.count - 1
        var index = 0
        while index < last {
            guard decoder.receive(bytes.byte(at: index)) == .more else { return false }
            index += 1
        }
        guard decoder.receive(bytes.byte(at: last)) == .request, let read = decoder.request() else {
            return false
        }
        return decoder.isStrict && read == self
    }

    @_noLocks private func writeData(for firmware: PulsePalFirmware, to bytes: inout PulsePalBytes) -> Bool {
        switch self {
        case .handshake, .abort, .disconnect, .readFile, .readParameters, .readHardware, .formatCard: return true
        case .programAll(let program): program.writeByChannel(to: &bytes)
        case .programGrouped(let program): program.writeByParameter(withContinuous: true, to: &bytes)
        case .programOne(let parameter, let channel, let value):
            bytes.put(parameter)
            bytes.put(channel)
            return bytes.put(value, width: PulsePalParameter.width(parameter, firmware))
        case .customTrain(let number, let train): return train.write(number: number, to: &bytes)
        case .softTrigger(let mask), .stopChannels(let mask): bytes.put(mask)
        case .display(let text):
            bytes.put(UInt8(truncatingIfNeeded: text.count))
            text.write(to: &bytes)
        case .fixedVoltage(let channel, let code):
            bytes.put(channel)
            bytes.put(code)
        case .continuous(let channel, let isOn):
            bytes.put(channel)
            bytes.put(isOn)
        case .writePin(let pin, let level):
            bytes.put(pin)
            bytes.put(level)
        case .readPin(let pin): bytes.put(pin)
        case .clientName(let name):
            guard name.count == 6 else { return false }
            name.write(to: &bytes)
        case .settingsFile(let operation, let name):
            bytes.put(operation)
            bytes.put(UInt8(truncatingIfNeeded: name.count))
            name.write(to: &bytes)
        case .programAcross(let parameter, let values):
            return values.write(parameter: parameter, firmware, to: &bytes)
        case .calibrateZero(let channel, let offset):
            bytes.put(channel)
            bytes.put(offset)
        }
        return true
    }
}

extension PulsePalText {
    @_noLocks func write(to bytes: inout PulsePalBytes) {
        var index = 0
        while index < count {
            bytes.put(self[index])
            index += 1
        }
    }
}

extension PulsePalTrain {
    /// Its number on the wire of op 95, from 0; how many; all times; all voltages.
    @_noLocks func write(number: UInt8, to bytes: inout PulsePalBytes) -> Bool {
        guard number > 0, isHeld else { return false }
        if number > 2 { bytes.put(number - 1) }
        bytes.put(count)
        var index = 0
        while index < Int(count) {
            bytes.put(cycles(at: index))
            index += 1
        }
        index = 0
        while index < Int(count) {
            bytes.put(code(at: index))
            index += 1
        }
        return true
    }
}

extension PulsePalQuad {
    @_noLocks func write(parameter: UInt8, _ firmware: PulsePalFirmware, to bytes: inout PulsePalBytes) -> Bool {
        let width = PulsePalParameter.width(parameter, firmware)
        bytes.put(parameter)
        guard bytes.put(first, width: width), bytes.put(second, width: width) else { return false }
        // Two trigger inputs, four channels.
        if parameter == PulsePalParameter.triggerMode { return third == 0 && fourth == 0 }
        return bytes.put(third, width: width) && bytes.put(fourth, width: width)
    }
}

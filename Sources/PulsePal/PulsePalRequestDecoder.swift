/// What one received byte led to, at the device.
public enum PulsePalDecoding: UInt8, Sendable {
    /// Outside a command a byte that begins none: dropped.
    case skipped = 0
    /// Inside a command: more bytes must come (`PulsePalRequestDecoder.missing`).
    case more = 1
    /// This byte completed a request; read it before the next byte.
    case request = 2
    /// The op is none of this firmware's: dropped, and its data will be taken for what comes next.
    case unknownOperation = 3

    public var code: UInt8 { @_noLocks get { rawValue } }

    @_noLocks public static func == (a: PulsePalDecoding, b: PulsePalDecoding) -> Bool { a.rawValue == b.rawValue }

    @_noLocks public static func != (a: PulsePalDecoding, b: PulsePalDecoding) -> Bool { !(a == b) }
}

/// One value of a stored train, as it arrives.
public struct PulsePalPoint: Equatable, Sendable {
    /// From 0.
    public let index: UInt32
    /// A time in cycles; else a voltage code.
    public let isTime: Bool
    public let value: UInt32

    @_noLocks init(index: UInt32, isTime: Bool, value: UInt32) {
        self.index = index
        self.isTime = isTime
        self.value = value
    }

    @_noLocks public static func == (a: PulsePalPoint, b: PulsePalPoint) -> Bool {
        a.index == b.index && a.isTime == b.isTime && a.value == b.value
    }
}

/// Reads commands from a stream of bytes as the device does, one byte at a time, in fixed memory.
///
/// Nothing in the language tells a command that was cut short from one whose rest is on its way, and a start byte
/// inside a command is data: the decoder waits, as the device does, and takes what comes.
public struct PulsePalRequestDecoder: Sendable {
    public let firmware: PulsePalFirmware
    private var stage: UInt8 = 0
    private var operation: UInt8 = 0
    private var data = PulsePalBytes()
    private var dataCount: Int = 0
    private var announced: UInt32 = 0
    private var value: UInt32 = 0
    /// The stored train's value that the last byte completed.
    public private(set) var point: PulsePalPoint?
    /// Every yes or no of the last request was 1 or 0.
    private(set) var isStrict = true

    @_noLocks public init(_ firmware: PulsePalFirmware) { self.firmware = firmware }

    /// Between the first byte of a command and its last.
    public var isInside: Bool { @_noLocks get { stage != 0 } }

    /// The op of the command at hand, or of the last one.
    public var currentOperation: UInt8 { @_noLocks get { operation } }

    /// How many bytes the command at hand still needs, as far as is known: a length that is itself still to come is not
    /// counted. 0 outside a command.
    public var missing: Int {
        @_noLocks mutating get {
            switch stage {
            case 0: return 0
            case 1: return 1
            default: return length() - dataCount
            }
        }
    }

    /// Forgets the command at hand.
    @_noLocks public mutating func abandon() { stage = 0 }

    @_noLocks public mutating func receive(_ byte: UInt8) -> PulsePalDecoding {
        point = nil
        switch stage {
        case 0:
            guard byte == PulsePalMark.start else { return .skipped }
            stage = 1
            return .more
        case 1:
            operation = byte
            guard isKnown(byte) else {
                stage = 0
                return .unknownOperation
            }
            data = PulsePalBytes()
            dataCount = 0
            announced = 0
            value = 0
            stage = 2
        default: take(byte)
        }
        guard dataCount >= length() else { return .more }
        stage = 0
        return .request
    }

    @_noLocks private func isKnown(_ operation: UInt8) -> Bool {
        switch operation {
        case 72...82, 85, 86, 87, 89, 90: return true
        case 91...98: return firmware == .version22
        default: return false
        }
    }

    @_noLocks private mutating func take(_ byte: UInt8) {
        if dataCount < PulsePalBytes.longest { data.put(byte) }
        dataCount += 1
        let head = operation == 95 ? 5 : 4
        guard operation == 75 || operation == 76 || operation == 95 else { return }
        if dataCount == head {
            var reader = PulsePalReader(data, from: head - 4)
            announced = reader.long()
        }
        guard dataCount > head else { return }
        takePoint(byte, at: dataCount - head - 1)
    }

    @_noLocks private mutating func takePoint(_ byte: UInt8, at place: Int) {
        let times = Int(announced) * 4
        let isTime = place < times
        let width = isTime ? 4 : 2
        let offset = isTime ? place : place - times
        let byteInValue = offset % width
        if byteInValue == 0 { value = 0 }
        value |= UInt32(byte) << UInt32(8 * byteInValue)
        guard byteInValue == width - 1 else { return }
        point = PulsePalPoint(index: UInt32(offset / width), isTime: isTime, value: value)
    }

    /// Bytes of data behind the op, as far as is known.
    @_noLocks private mutating func length() -> Int {
        switch operation {
        case 73: return 178
        case 74: return dataCount < 1 ? 2 : 2 + PulsePalParameter.width(data.byte(at: 0), firmware)
        case 75, 76: return dataCount < 4 ? 4 : 4 + 6 * Int(announced)
        case 77, 87, 98: return 1
        case 78: return dataCount < 1 ? 1 : 1 + Int(data.byte(at: 0))
        case 79, 96: return 3
        case 82, 86: return 2
        case 89: return 6
        case 90: return dataCount < 2 ? 2 : 2 + Int(data.byte(at: 1))
        case 91:
            guard dataCount > 0 else { return 1 }
            let parameter = data.byte(at: 0)
            let count = parameter == PulsePalParameter.triggerMode ? 2 : 4
            return 1 + count * PulsePalParameter.width(parameter, firmware)
        case 92: return 182
        case 95: return dataCount < 5 ? 5 : 5 + 6 * Int(announced)
        default: return 0
        }
    }

    /// The request that the last byte completed; nothing while one is under way.
    @_noLocks public mutating func request() -> PulsePalRequest? {
        guard stage == 0 else { return nil }
        var reader = PulsePalReader(data)
        let request = read(&reader)
        isStrict = reader.isStrict
        return request
    }

    @_noLocks private mutating func read(_ reader: inout PulsePalReader) -> PulsePalRequest? {
        switch operation {
        case 72: return .handshake
        case 73: return .programAll(.readByChannel(&reader))
        case 74:
            let parameter = reader.byte()
            let channel = reader.byte()
            let width = PulsePalParameter.width(parameter, firmware)
            return .programOne(parameter: parameter, channel: channel, value: reader.value(width: width))
        case 75, 76, 95: return readTrain(&reader)
        case 77: return .softTrigger(mask: reader.byte())
        case 78:
            let count = Int(reader.byte())
            return .display(readText(&reader, count))
        case 79: return .fixedVoltage(channel: reader.byte(), code: reader.short())
        case 80: return .abort
        case 81: return .disconnect
        case 82: return .continuous(channel: reader.byte(), isOn: reader.flag())
        case 85: return .readFile
        case 86: return .writePin(pin: reader.byte(), level: reader.byte())
        case 87: return .readPin(pin: reader.byte())
        case 89: return .clientName(readText(&reader, 6))
        case 90:
            let operation = reader.byte()
            let count = Int(reader.byte())
            return .settingsFile(operation: operation, name: readText(&reader, count))
        case 91: return readAcross(&reader)
        case 92: return .programGrouped(.readByParameter(&reader, withContinuous: true))
        case 93: return .readParameters
        case 94: return .readHardware
        case 96: return .calibrateZero(channel: reader.byte(), offset: reader.short())
        case 97: return .formatCard
        case 98: return .stopChannels(mask: reader.byte())
        default: return nil
        }
    }

    @_noLocks private func readText(_ reader: inout PulsePalReader, _ count: Int) -> PulsePalText {
        var text = PulsePalText()
        var left = count
        while left > 0, text.append(reader.byte()) { left -= 1 }
        return text
    }

    @_noLocks private func readTrain(_ reader: inout PulsePalReader) -> PulsePalRequest {
        let number = operation == 95 ? UInt8(truncatingIfNeeded: Int(reader.byte()) + 1) : operation - 74
        let count = reader.long()
        guard count <= PulsePalTrain.longest else {
            return .customTrain(number: number, PulsePalTrain(announced: count))
        }
        var train = PulsePalTrain()
        var index = 0
        while index < Int(count) {
            _ = train.append(cycles: reader.long(), code: 0)
            index += 1
        }
        index = 0
        while index < Int(count) {
            train.setCode(reader.short(), at: index)
            index += 1
        }
        return .customTrain(number: number, train)
    }

    @_noLocks private func readAcross(_ reader: inout PulsePalReader) -> PulsePalRequest {
        let parameter = reader.byte()
        let width = PulsePalParameter.width(parameter, firmware)
        var values = PulsePalQuad(reader.value(width: width), reader.value(width: width), 0, 0)
        if parameter != PulsePalParameter.triggerMode {
            values.third = reader.value(width: width)
            values.fourth = reader.value(width: width)
        }
        return .programAcross(parameter: parameter, values)
    }
}

/// What one received byte led to.
public enum FrameEvent: UInt8, Sendable {
    /// Nothing to report yet.
    case none = 0
    /// This byte completed a valid frame; read it from the decoder before the next byte.
    case frame = 1
    /// This byte ended an attempt at a frame; `FrameDecoder.defect` says why.
    case rejected = 2
    /// The raw value, readable on the lock-free path.
    public var code: UInt8 { @_noLocks get { rawValue } }

    @_noLocks public static func == (a: FrameEvent, b: FrameEvent) -> Bool { a.rawValue == b.rawValue }
}

/// Why bytes that began like a frame were dropped.
public enum FrameDefect: UInt8, Sendable {
    case none = 0
    /// The CRC does not fit prefix and payload.
    case checksum = 1
    /// The stop byte is not where the length field says.
    case length = 2
    /// One of the four header bytes is not escaped.
    case headerEscape = 3
    /// Behind the header something other than F0, 0F or 81 was escaped.
    case bodyEscape = 4
    /// The length field says more than 1200 bytes.
    case tooLong = 5
    /// Ended before the smallest frame was complete, or the length field says less than 12 bytes.
    case tooShort = 6
    /// A new start byte came before the stop byte.
    case cutShort = 7
    /// The raw value, readable on the lock-free path.
    public var code: UInt8 { @_noLocks get { rawValue } }

    @_noLocks public static func == (a: FrameDefect, b: FrameDefect) -> Bool { a.rawValue == b.rawValue }
}

/// Reads frames from a stream of bytes, one byte at a time, in fixed memory.
///
/// Resynchronising: junk before a start byte is skipped; a start byte outside an escape always begins a new frame,
/// so that a frame that follows a truncated one is not lost; after a defect the search goes on behind it. Accepted is
/// only what an encoder would have sent, bit for bit: each command and payload has exactly one accepted form. The
/// one thing that cannot be told apart is a frame cut right after an escape mark in the header, from the second
/// length byte on: the start byte behind it may be taken for header, and that one following frame is lost.
public struct FrameDecoder: Sendable {
    /// 1200 bytes less start, header and stop: the longest stuffed body, so also the longest unstuffed one.
    private var body: InlineArray<1190, UInt8>
    private var bodyCount: Int
    /// Raw bytes of the frame at hand, start byte included; 0 outside a frame.
    private var rawCount: Int
    private var isEscaped: Bool
    private var isComplete: Bool
    /// Packet and command number of the last frame.
    private var prefix: UInt16
    private var declaredLength: Int
    private var declaredChecksum: UInt16
    private var checksum: Checksum
    /// Of the last `.rejected`; `.none` before the first.
    public private(set) var defect: FrameDefect
    /// Bytes outside any frame since the start, the flush bytes 0F among them; stays at its largest value.
    public private(set) var skippedByteCount: Int32

    @_noLocks public init() {
        body = InlineArray(repeating: 0xFF)
        bodyCount = 0
        rawCount = 0
        isEscaped = false
        isComplete = false
        prefix = 0
        declaredLength = 0
        declaredChecksum = 0
        checksum = Checksum()
        defect = .none
        skippedByteCount = 0
    }

    /// Takes the next byte of the stream. Never traps, whatever the bytes.
    @_noLocks public mutating func receive(_ byte: UInt8) -> FrameEvent {
        if rawCount == 0 {
            if byte == FrameMark.start {
                begin()
            } else if skippedByteCount < Int32.max {
                skippedByteCount += 1
            }
            return .none
        }
        return rawCount < FrameMark.bodyStart ? receiveHeader(byte) : receiveBody(byte)
    }

    @_noLocks private mutating func begin() {
        bodyCount = 0
        rawCount = 1
        isEscaped = false
        isComplete = false
        checksum = Checksum()
    }

    @_noLocks private mutating func reject(_ reason: FrameDefect) -> FrameEvent {
        rawCount = 0
        defect = reason
        return .rejected
    }

    @_noLocks private mutating func restart() -> FrameEvent {
        begin()
        defect = .cutShort
        return .rejected
    }

    @_noLocks private mutating func receiveHeader(_ byte: UInt8) -> FrameEvent {
        let position = rawCount
        rawCount += 1
        let value = byte ^ FrameMark.key
        switch position {
        case 2:
            // No legal length begins with a byte above 4, so a start byte here is a start byte.
            guard value <= 4 else { return byte == FrameMark.start ? restart() : reject(.tooLong) }
            declaredLength = Int(value) << 8
        case 4:
            declaredLength |= Int(value)
        case 6:
            declaredChecksum = UInt16(value) << 8
        case 8:
            declaredChecksum |= UInt16(value)
            if declaredLength > FrameBytes.longest { return reject(.tooLong) }
            if declaredLength < FrameBytes.shortest { return reject(.tooShort) }
        default:
            if byte == FrameMark.start { return restart() }
            if byte == FrameMark.stop { return reject(.tooShort) }
            if byte != FrameMark.escape { return reject(.headerEscape) }
        }
        return .none
    }

    @_noLocks private mutating func receiveBody(_ byte: UInt8) -> FrameEvent {
        // Also behind an escape mark: no encoder escapes to F0 in the body, so the frame was cut at the mark.
        if byte == FrameMark.start { return restart() }
        rawCount += 1
        if byte == FrameMark.stop {
            return isEscaped ? reject(.bodyEscape) : finish()
        }
        // The byte at the declared length has to be the stop byte.
        guard rawCount < declaredLength else { return reject(.length) }
        checksum.add(byte)
        if isEscaped {
            isEscaped = false
            let value = byte ^ FrameMark.key
            guard value == FrameMark.start || value == FrameMark.stop || value == FrameMark.escape else {
                return reject(.bodyEscape)
            }
            store(value)
        } else if byte == FrameMark.escape {
            isEscaped = true
        } else {
            store(byte)
        }
        return .none
    }

    @_noLocks private mutating func store(_ byte: UInt8) {
        // Always true: the body cannot outgrow the declared length, at most 1200.
        guard bodyCount < 1190 else { return }
        body[bodyCount] = byte
        bodyCount += 1
    }

    @_noLocks private mutating func finish() -> FrameEvent {
        if rawCount != declaredLength { return reject(.length) }
        if bodyCount < 2 { return reject(.tooShort) }
        if checksum.value != declaredChecksum { return reject(.checksum) }
        rawCount = 0
        isComplete = true
        prefix = UInt16(body[0]) << 8 | UInt16(body[1])
        return .frame
    }
}

/// Reading the last frame. Valid from a `.frame` event until the next start byte; in between there is no frame, and
/// nothing read then can be taken for a command.
extension FrameDecoder {
    /// 0 to 63, chosen by the host and echoed by the device.
    public var packetNumber: UInt8 { @_noLocks get { isComplete ? UInt8(truncatingIfNeeded: prefix >> 10) : 0 } }

    /// 0 to 1023, see `CommandNumber`; without a frame 1023, which is nobody's.
    public var commandNumber: UInt16 { @_noLocks get { isComplete ? prefix & 0x3FF : 1023 } }

    /// Bytes behind the prefix, unstuffed, 0 to 1188.
    public var payloadCount: Int { @_noLocks get { isComplete ? bodyCount - 2 : 0 } }

    /// Byte `index` of the payload, from 0. Outside the payload FF and not 0: as a point of a pulse, zeros would mean
    /// -150 mA, while FF is outside every range and is refused.
    @_noLocks public func payload(at index: Int) -> UInt8 {
        guard index >= 0, index < payloadCount else { return 0xFF }
        return body[index + 2]
    }

    /// The same as `payload(at:)`, for a decoder that is held in a variable: read through an unchanging value, Swift
    /// 6.3 copies the whole body for each byte.
    @_noLocks public mutating func byte(at index: Int) -> UInt8 {
        guard isComplete, index >= 0, index < bodyCount - 2 else { return 0xFF }
        return body[index + 2]
    }

    /// Two payload bytes from `index` on, high byte first.
    @_noLocks mutating func word(at index: Int) -> UInt16 {
        UInt16(byte(at: index)) << 8 | UInt16(byte(at: index + 1))
    }

    /// Four payload bytes from `index` on, high byte first.
    @_noLocks mutating func doubleWord(at index: Int) -> UInt32 {
        UInt32(word(at: index)) << 16 | UInt32(word(at: index + 2))
    }
}

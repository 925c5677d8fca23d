/// Builds one frame: put the payload byte by byte, then finish. What does not fit is remembered and refused at the
/// end, so that half a frame can never leave this module.
struct FrameWriter {
    private var frame: FrameBytes
    private var checksum: Checksum
    private var isOverfull: Bool

    /// Begins a frame; nothing when the packet number is above 63 or the command number above 1023.
    @_noLocks init?(packetNumber: UInt8, commandNumber: UInt16) {
        guard packetNumber <= 63, commandNumber <= 1023 else { return nil }
        frame = FrameBytes()
        checksum = Checksum()
        isOverfull = false
        append(FrameMark.start)
        var index = 1
        while index < FrameMark.bodyStart {
            // Every second header byte is an escape mark; the others are filled in when the frame is finished.
            append(FrameMark.escape)
            index += 1
        }
        put(packetNumber << 2 | UInt8(truncatingIfNeeded: commandNumber >> 8))
        put(UInt8(truncatingIfNeeded: commandNumber))
    }

    /// Adds one byte of prefix or payload, stuffed if it must be.
    @_noLocks mutating func put(_ byte: UInt8) {
        if byte == FrameMark.start || byte == FrameMark.stop || byte == FrameMark.escape {
            putStuffed(FrameMark.escape)
            putStuffed(byte ^ FrameMark.key)
        } else {
            putStuffed(byte)
        }
    }

    /// Adds a 16-bit value, high byte first.
    @_noLocks mutating func put(_ value: UInt16) {
        put(UInt8(truncatingIfNeeded: value >> 8))
        put(UInt8(truncatingIfNeeded: value))
    }

    /// Adds a 32-bit value, high byte first.
    @_noLocks mutating func put(_ value: UInt32) {
        put(UInt16(truncatingIfNeeded: value >> 16))
        put(UInt16(truncatingIfNeeded: value))
    }

    /// The whole frame; nothing when it would be longer than `longest` bytes.
    @_noLocks consuming func finish(longest: Int = FrameBytes.longest) -> FrameBytes? {
        append(FrameMark.stop)
        guard !isOverfull, frame.count <= longest else { return nil }
        let length = UInt16(truncatingIfNeeded: frame.count)
        let code = checksum.value
        frame.replace(at: 2, with: UInt8(truncatingIfNeeded: length >> 8) ^ FrameMark.key)
        frame.replace(at: 4, with: UInt8(truncatingIfNeeded: length) ^ FrameMark.key)
        frame.replace(at: 6, with: UInt8(truncatingIfNeeded: code >> 8) ^ FrameMark.key)
        frame.replace(at: 8, with: UInt8(truncatingIfNeeded: code) ^ FrameMark.key)
        return frame
    }

    @_noLocks private mutating func putStuffed(_ byte: UInt8) {
        checksum.add(byte)
        append(byte)
    }

    @_noLocks private mutating func append(_ byte: UInt8) {
        if !frame.append(byte) { isOverfull = true }
    }
}

/// Builds one frame: put the payload byte by byte, then finish. What does not fit is remembered and refused at the
/// end, so that half a frame can never leave this module.
struct FrameWriter {
    /// Whole only after `finish` has said so.
    private(set) var frame: FrameBytes
    private var checksum: Checksum
    private var isOverfull: Bool

    /// Begins a frame; the packet number is 0 to 63, the command number 0 to 1023, which the callers have checked.
    @_noLocks init(packetNumber: UInt8, commandNumber: UInt16) {
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

    /// Ends the frame; false when it would be longer than `FrameBytes.longestWritten`, and then it is no frame.
    @_noLocks mutating func finish() -> Bool {
        append(FrameMark.stop)
        guard !isOverfull else { return false }
        let length = UInt16(truncatingIfNeeded: frame.count)
        let code = checksum.value
        frame.replace(at: 2, with: UInt8(truncatingIfNeeded: length >> 8) ^ FrameMark.key)
        frame.replace(at: 4, with: UInt8(truncatingIfNeeded: length) ^ FrameMark.key)
        frame.replace(at: 6, with: UInt8(truncatingIfNeeded: code >> 8) ^ FrameMark.key)
        frame.replace(at: 8, with: UInt8(truncatingIfNeeded: code) ^ FrameMark.key)
        return true
    }

    /// Bytes written so far.
    var count: Int { @_noLocks get { frame.count } }

    /// A byte that was written.
    @_noLocks mutating func byte(at index: Int) -> UInt8 { frame.byte(at: index) }

    @_noLocks private mutating func putStuffed(_ byte: UInt8) {
        checksum.add(byte)
        append(byte)
    }

    @_noLocks private mutating func append(_ byte: UInt8) {
        if !frame.append(byte) { isOverfull = true }
    }
}

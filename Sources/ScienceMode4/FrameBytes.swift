// ScienceMode4 frames, as sent:
//
//     F0 | 81 LH | 81 LL | 81 CH | 81 CL | prefix (2) and payload, stuffed | 0F
//
// LH LL is the whole length as sent, start to stop byte; CH CL the CRC-16 of the stuffed prefix and payload. These
// four are always escaped (81, then the byte XOR 55), whatever their value; behind the header only F0, 0F and 81
// are. So from byte 9 on a raw 0F is always the stop byte, while in the header any byte may follow an 81.
// The prefix is the packet number (6 bit) and the command number (10 bit). Multi-byte values: high byte first.
// Source of the numbers in this module: IFU v1.1 of the P24, the vendor's C library, the MIT client 0.0.23.

/// The bytes that shape a frame.
enum FrameMark {
    static var start: UInt8 { @_noLocks get { 0xF0 } }
    static var stop: UInt8 { @_noLocks get { 0x0F } }
    static var escape: UInt8 { @_noLocks get { 0x81 } }
    /// What an escaped byte is combined with (XOR).
    static var key: UInt8 { @_noLocks get { 0x55 } }
    /// Start byte and four escaped header bytes: the index of the first stuffed byte.
    static var bodyStart: Int { @_noLocks get { 9 } }
}

/// One encoded frame. Only the encoders of this module can fill it, so its bytes are always a whole, valid frame.
public struct FrameBytes: Equatable, Sendable {
    /// The longest frame that a receiver takes, stuffing included, in bytes (IFU, C).
    public static var longest: Int { @_noLocks get { 1200 } }
    /// The shortest frame: no payload, nothing stuffed, in bytes.
    public static var shortest: Int { @_noLocks get { 12 } }
    /// The longest frame that this module writes, in bytes. The vendor's code for microcontrollers takes no more, and
    /// which limit the P24 has is not known. Of the frames written here only a pattern of many points on many channels
    /// could be longer, and is refused; the longest acknowledgement has at most 536 bytes.
    public static var longestWritten: Int { @_noLocks get { 576 } }

    private var storage: InlineArray<576, UInt8>
    /// Bytes in the frame, 12 to 576.
    public private(set) var count: Int

    /// Room for a frame. Unused bytes are stop bytes, which a receiver outside a frame ignores.
    @_noLocks init() {
        storage = InlineArray(repeating: FrameMark.stop)
        count = 0
    }

    /// Byte `index` of the frame, from 0; outside the frame a stop byte, which says nothing to a receiver.
    public subscript(_ index: Int) -> UInt8 {
        @_noLocks get {
            guard index >= 0, index < count else { return FrameMark.stop }
            return storage[index]
        }
    }

    /// The same as the subscript, for a frame that is held in a variable: read through an unchanging value, Swift 6.3
    /// copies the whole array for each byte.
    @_noLocks public mutating func byte(at index: Int) -> UInt8 {
        guard index >= 0, index < count else { return FrameMark.stop }
        return storage[index]
    }

    @_noLocks public static func == (a: FrameBytes, b: FrameBytes) -> Bool {
        guard a.count == b.count else { return false }
        var index = 0
        while index < a.count {
            if a.storage[index] != b.storage[index] { return false }
            index += 1
        }
        return true
    }

    /// Adds one raw byte; false, and nothing added, when the frame is full.
    @_noLocks mutating func append(_ byte: UInt8) -> Bool {
        guard count < FrameBytes.longestWritten else { return false }
        storage[count] = byte
        count += 1
        return true
    }

    /// Replaces one byte that was appended before; ignored outside the frame.
    @_noLocks mutating func replace(at index: Int, with byte: UInt8) {
        guard index >= 0, index < count else { return }
        storage[index] = byte
    }
}

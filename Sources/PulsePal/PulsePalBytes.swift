// The Pulse Pal's serial language, as sent by the host: D5, the op, then the op's data. Low byte first throughout; no
// length, checksum, sequence number or end mark (`pulsepal.md` 2). So a byte that is lost or wrong in the middle is
// noticed by nobody, and a command that stops short stops the device.

/// The byte with which each command begins.
enum PulsePalMark {
    static var start: UInt8 { @_noLocks get { 0xD5 } }
}

/// A short run of bytes in place: one command or one reply.
public struct PulsePalBytes: Equatable, Sendable {
    /// The most bytes that it holds: the longest command of fixed length, op 92, has 184.
    public static var longest: Int { @_noLocks get { 192 } }

    private var storage: InlineArray<192, UInt8>
    /// Bytes held, 0 to 192.
    public private(set) var count: Int
    /// Something did not fit; then this is no command and no reply.
    private(set) var isOverfull: Bool

    @_noLocks public init() {
        storage = InlineArray(repeating: 0)
        count = 0
        isOverfull = false
    }

    /// Byte `index`, from 0; outside the count 0.
    public subscript(_ index: Int) -> UInt8 {
        @_noLocks get {
            guard index >= 0, index < count else { return 0 }
            return storage[index]
        }
    }

    /// The same as the subscript, for bytes held in a variable: read through an unchanging value, Swift 6.3 copies the
    /// whole array for each byte.
    @_noLocks public mutating func byte(at index: Int) -> UInt8 {
        guard index >= 0, index < count else { return 0 }
        return storage[index]
    }

    @_noLocks public static func == (a: PulsePalBytes, b: PulsePalBytes) -> Bool {
        guard a.count == b.count, a.isOverfull == b.isOverfull else { return false }
        var index = 0
        while index < a.count {
            if a.storage[index] != b.storage[index] { return false }
            index += 1
        }
        return true
    }

    @_noLocks public static func != (a: PulsePalBytes, b: PulsePalBytes) -> Bool { !(a == b) }

    /// Adds one byte. What does not fit is remembered, so that half a command can never leave this module.
    @_noLocks mutating func put(_ value: UInt8) {
        guard count < PulsePalBytes.longest else {
            isOverfull = true
            return
        }
        storage[count] = value
        count += 1
    }

    /// Adds a 16-bit value, low byte first.
    @_noLocks mutating func put(_ value: UInt16) {
        put(UInt8(truncatingIfNeeded: value))
        put(UInt8(truncatingIfNeeded: value >> 8))
    }

    /// Adds a 32-bit value, low byte first.
    @_noLocks mutating func put(_ value: UInt32) {
        put(UInt16(truncatingIfNeeded: value))
        put(UInt16(truncatingIfNeeded: value >> 16))
    }

    /// Adds a yes or no as 1 or 0.
    @_noLocks mutating func put(_ value: Bool) { put(UInt8(value ? 1 : 0)) }

    /// Adds a value of 1, 2 or 4 bytes; false, and nothing added, when it does not fit that width.
    @_noLocks mutating func put(_ value: UInt32, width: Int) -> Bool {
        switch width {
        case 1:
            guard value <= 0xFF else { return false }
            put(UInt8(truncatingIfNeeded: value))
        case 2:
            guard value <= 0xFFFF else { return false }
            put(UInt16(truncatingIfNeeded: value))
        case 4: put(value)
        default: return false
        }
        return true
    }
}

/// Takes values out of bytes, from the first on. Past the end everything is 0, and `isWhole` says so.
struct PulsePalReader {
    private var bytes: PulsePalBytes
    private var place = 0
    private(set) var isWhole = true
    /// Every yes or no was 1 or 0.
    private(set) var isStrict = true

    @_noLocks init(_ bytes: PulsePalBytes, from place: Int = 0) {
        self.bytes = bytes
        self.place = place
    }

    @_noLocks mutating func byte() -> UInt8 {
        guard place < bytes.count else {
            isWhole = false
            return 0
        }
        place += 1
        return bytes.byte(at: place - 1)
    }

    @_noLocks mutating func short() -> UInt16 {
        let low = UInt16(byte())
        return UInt16(byte()) << 8 | low
    }

    @_noLocks mutating func long() -> UInt32 {
        let low = UInt32(short())
        return UInt32(short()) << 16 | low
    }

    /// Anything but 0 is yes, as the device takes it.
    @_noLocks mutating func flag() -> Bool {
        let value = byte()
        if value > 1 { isStrict = false }
        return value != 0
    }

    /// A value of 1, 2 or 4 bytes; 0 for any other width.
    @_noLocks mutating func value(width: Int) -> UInt32 {
        switch width {
        case 1: return UInt32(byte())
        case 2: return UInt32(short())
        case 4: return long()
        default: return 0
        }
    }
}

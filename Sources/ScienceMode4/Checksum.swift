/// CRC-16 with polynomial 1021, start value 0000, no reflection, no final XOR ("XMODEM"): 31C3 for "123456789".
/// Covers prefix and payload as stuffed, without the stop byte; the length field is not covered.
struct Checksum {
    private(set) var value: UInt16

    @_noLocks init() { value = 0 }

    @_noLocks mutating func add(_ byte: UInt8) {
        // Eight steps of the polynomial at once; no table, since a global table would be built behind a lock.
        var mixed = (value >> 8) ^ UInt16(byte)
        mixed ^= mixed >> 4
        value = (value << 8) ^ (mixed << 12) ^ (mixed << 5) ^ mixed
    }
}

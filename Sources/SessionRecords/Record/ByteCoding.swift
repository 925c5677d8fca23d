/// CRC-32C (Castagnoli): finds torn and rotten records, not forged ones; those are for the hash chain.
public enum CRC32C {
    private static let table: [UInt32] = (0..<256).map { index in
        var value = UInt32(index)
        for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0x82F6_3B78 : value >> 1 }
        return value
    }

    /// The checksum of the first `count` bytes; of all without one.
    public static func checksum(_ bytes: [UInt8], first count: Int? = nil) -> UInt32 {
        let table = table
        let end = min(count ?? bytes.count, bytes.count)
        var crc: UInt32 = 0xFFFF_FFFF
        var index = 0
        while index < end {
            crc = (crc >> 8) ^ table[Int(UInt8(truncatingIfNeeded: crc) ^ bytes[index])]
            index += 1
        }
        return ~crc
    }
}

// Whole numbers are little-endian in every file of ours.
extension [UInt8] {
    mutating func append(littleEndian value: some FixedWidthInteger) {
        for shift in stride(from: 0, to: value.bitWidth, by: 8) {
            append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    /// The number at `offset`; nothing beyond the end.
    func littleEndian<Value: FixedWidthInteger>(_ type: Value.Type, at offset: Int) -> Value? {
        let width = Value.bitWidth / 8
        guard offset >= 0, count >= width, offset <= count - width else { return nil }
        var value: Value = 0
        for index in (0..<width).reversed() {
            value = (width > 1 ? value << 8 : 0) | Value(truncatingIfNeeded: self[offset + index])
        }
        return value
    }
}

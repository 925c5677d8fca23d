// What a device can still tell of a frame that fails its checksum, and how the vendor's C library cuts frames.

/// The first bytes of the frame at hand, read beside the decoder.
struct FrameHeader: Sendable {
    /// From the start byte on; only filled for a device that cuts frames as the C library does.
    var collected: [UInt8] = []
    private var position = 0
    private var isEscaped = false
    private var collectsEscape = false
    private var prefix: UInt16 = 0
    private var prefixBytes = 0

    private static let headerBytes = 9
    private static let longest = 1_200

    /// Whether the frame at hand went as far as its command number.
    var hasPrefix: Bool { prefixBytes == 2 }
    var commandNumber: UInt16 { prefix & 0x3FF }
    var packetNumber: UInt8 { UInt8(prefix >> 10) }

    /// Follows the raw bytes as far as the prefix.
    mutating func receive(_ byte: UInt8) {
        let isInHeader = position > 0 && position < Self.headerBytes
        if byte == 0xF0, !isInHeader {
            position = 1
            prefix = 0
            prefixBytes = 0
            isEscaped = false
            return
        }
        guard position > 0 else { return }
        position += 1
        guard position > Self.headerBytes, prefixBytes < 2 else { return }
        if byte == 0x81, !isEscaped {
            isEscaped = true
            return
        }
        prefix = prefix << 8 | UInt16(isEscaped ? byte ^ 0x55 : byte)
        isEscaped = false
        prefixBytes += 1
    }

    /// Collects from a start byte to the next stop byte that is not escaped; true when that one has come.
    mutating func collect(_ byte: UInt8) -> Bool {
        if collected.isEmpty {
            collectsEscape = false
            if byte == 0xF0 { collected.append(byte) }
            return false
        }
        collected.append(byte)
        if collectsEscape {
            collectsEscape = false
            return collected.count >= Self.longest
        }
        collectsEscape = byte == 0x81
        return byte == 0x0F || collected.count >= Self.longest
    }

    /// Whether the length field says what was collected.
    var lengthFits: Bool {
        guard collected.count >= 12 else { return false }
        return Int(collected[2] ^ 0x55) << 8 | Int(collected[4] ^ 0x55) == collected.count
    }
}

public import StimulusModel

/// A running FNV-1a hash (Fowler, Noll, Vo; 64 bits) of everything that leaves a host: bytes, pins, journal. Integers
/// alone, so that it is the same in every build.
public struct TraceHash: Equatable, Sendable {
    public private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    public init() {}

    public mutating func take(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }

    /// A whole word at once.
    public mutating func take(_ word: Int64) {
        value = (value ^ UInt64(bitPattern: word)) &* 0x0000_0100_0000_01B3
        value ^= value >> 29
    }

    public mutating func take(_ block: WordBlock) { for index in 0..<8 { take(block.words[index]) } }
}

/// A queue of bytes in memory taken once. What does not fit is dropped and counted, as a full line drops it.
struct ByteRing: Sendable {
    private var bytes: [UInt8]
    private let mask: Int
    private var head = 0
    private(set) var count = 0
    private(set) var dropped: Int64 = 0

    /// Room for two to the power of `bits` bytes.
    init(bits: Int) {
        bytes = [UInt8](repeating: 0, count: 1 << bits)
        mask = (1 << bits) - 1
    }

    mutating func append(_ byte: UInt8) {
        guard count <= mask else {
            dropped += 1
            return
        }
        bytes[(head + count) & mask] = byte
        count += 1
    }

    mutating func popFirst() -> UInt8? {
        guard count > 0 else { return nil }
        let byte = bytes[head]
        head = (head + 1) & mask
        count -= 1
        return byte
    }

    mutating func removeAll() {
        head = 0
        count = 0
    }
}

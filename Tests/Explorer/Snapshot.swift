// Thousands of states at once: each is kept as the words in which it differs from the first. The machine, the gate and
// the world are plain figures without a reference in them, so their bytes are all there is of them.

/// The bytes of hosts, packed one behind the other.
struct SnapshotStore {
    private static var words: Int { (MemoryLayout<Host>.size + 7) / 8 }
    private let template: [UInt64]
    private var data: [UInt64] = []
    private var offsets: [Int] = []

    init(template: borrowing Host) { self.template = SnapshotStore.words(of: template) }

    init(like other: SnapshotStore) { template = other.template }

    var count: Int { offsets.count }

    /// Words in use.
    var size: Int { data.count }

    static func words(of host: borrowing Host) -> [UInt64] {
        var copy = [UInt64](repeating: 0, count: words)
        unsafe withUnsafeBytes(of: host) { source in
            unsafe copy.withUnsafeMutableBytes { unsafe $0.copyMemory(from: source) }
        }
        return copy
    }

    static func load(_ words: [UInt64], into host: inout Host) {
        unsafe withUnsafeMutableBytes(of: &host) { target in
            unsafe words.withUnsafeBytes {
                unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<MemoryLayout<Host>.size]))
            }
        }
    }

    mutating func append(_ host: borrowing Host) {
        let now = SnapshotStore.words(of: host)
        offsets.append(data.count)
        let maps = (now.count + 63) / 64
        let start = data.count
        for _ in 0..<maps { data.append(0) }
        for index in 0..<now.count where now[index] != template[index] {
            data[start + index / 64] |= 1 << UInt64(index % 64)
            data.append(now[index])
        }
    }

    func words(at index: Int) -> [UInt64] {
        var words = template
        let start = offsets[index]
        let maps = (words.count + 63) / 64
        var next = start + maps
        for map in 0..<maps {
            var bits = data[start + map]
            while bits != 0 {
                words[map * 64 + bits.trailingZeroBitCount] = data[next]
                next += 1
                bits &= bits - 1
            }
        }
        return words
    }

    mutating func removeAll() {
        data.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
    }
}

// Thousands of states at once: each is kept as the words in which it differs from the first. The machine, the gate and
// the world are plain figures without a reference in them, so their bytes are all there is of them.
import SafetyKernel
import SessionEngine

/// The bytes of hosts, packed one behind the other.
struct SnapshotStore {
    private static var sizes: [Int] {
        [MemoryLayout<SessionMachine>.size, MemoryLayout<PulseGate>.size, MemoryLayout<World>.size]
    }

    private let template: [UInt64]
    private var data: [UInt64] = []
    private var offsets: [Int] = []

    init(template: Host) { self.template = SnapshotStore.words(of: template) }

    init(like other: SnapshotStore) { template = other.template }

    var count: Int { offsets.count }

    /// Words in use.
    var size: Int { data.count }

    static func words(of host: Host) -> [UInt64] {
        var copy = [UInt64](repeating: 0, count: sizes.reduce(0) { $0 + ($1 + 7) / 8 })
        unsafe copy.withUnsafeMutableBytes { target in
            var start = 0
            func take(_ source: UnsafeRawBufferPointer) {
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[start...]).copyMemory(from: source)
                start += (source.count + 7) / 8 * 8
            }
            unsafe withUnsafeBytes(of: host.machine) { unsafe take($0) }
            unsafe withUnsafeBytes(of: host.gate) { unsafe take($0) }
            unsafe withUnsafeBytes(of: host.world) { unsafe take($0) }
        }
        return copy
    }

    static func load(_ words: [UInt64], into host: Host) {
        unsafe words.withUnsafeBytes { source in
            var start = 0
            func put(_ target: UnsafeMutableRawBufferPointer) {
                let end = start + target.count
                unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[start..<end]))
                start += (target.count + 7) / 8 * 8
            }
            unsafe withUnsafeMutableBytes(of: &host.machine) { unsafe put($0) }
            unsafe withUnsafeMutableBytes(of: &host.gate) { unsafe put($0) }
            unsafe withUnsafeMutableBytes(of: &host.world) { unsafe put($0) }
        }
    }

    mutating func append(_ host: Host) {
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

import SessionRecords
import Synchronization

/// A disk that remembers each write and each sync, so that what a power cut may leave of them can be made afterwards.
final class CutDisk: RecordStorage {
    enum File: CaseIterable { case record, anchor }

    enum Operation {
        case write(File, bytes: [UInt8], offset: Int)
        case sync(File)
    }

    let path = "pretend disk"
    private let done = Mutex<[Operation]>([])

    var operations: [Operation] { done.withLock { $0 } }

    func writeRecord(_ bytes: [UInt8], at offset: Int64) throws(DiskError) {
        done.withLock { $0.append(.write(.record, bytes: bytes, offset: Int(offset))) }
    }
    func syncRecord() throws(DiskError) { done.withLock { $0.append(.sync(.record)) } }
    func writeAnchor(_ bytes: [UInt8], at offset: Int64) throws(DiskError) {
        done.withLock { $0.append(.write(.anchor, bytes: bytes, offset: Int(offset))) }
    }
    func syncAnchor() throws(DiskError) { done.withLock { $0.append(.sync(.anchor)) } }
}

/// The two files as they lie on the plate: what is there for certain, and what was written since the last sync, of
/// which a cut may leave anything.
struct Plate {
    struct Write {
        let bytes: [UInt8]
        let offset: Int
    }

    private(set) var certain: [CutDisk.File: [UInt8]] = [
        .record: [], .anchor: [UInt8](repeating: 0, count: AnchorLayout.fileBytes),
    ]
    private(set) var uncertain: [CutDisk.File: [Write]] = [.record: [], .anchor: []]

    mutating func take(_ operation: CutDisk.Operation) {
        switch operation {
        case .write(let file, let bytes, let offset):
            uncertain[file, default: []].append(Write(bytes: bytes, offset: offset))
        case .sync(let file):
            for write in uncertain[file] ?? [] {
                Plate.put(write.bytes[...], write.offset, &certain[file, default: []])
            }
            uncertain[file] = []
        }
    }

    static func put(_ bytes: ArraySlice<UInt8>, _ offset: Int, _ file: inout [UInt8]) {
        let end = offset + bytes.count
        if file.count < end { file += [UInt8](repeating: 0, count: end - file.count) }
        file.replaceSubrange(offset..<end, with: bytes)
    }

    /// What a cut may leave of a file: the writes since the last sync in any order, each none, all, its beginning,
    /// or some of its sectors; the length with or without the data; single bits of what was not made durable flipped.
    func image(of file: CutDisk.File, _ dice: inout Dice) -> [UInt8] {
        var content = certain[file] ?? []
        for write in dice.shuffled(uncertain[file] ?? []) {
            var bytes = write.bytes
            if dice.one(in: 4), !bytes.isEmpty {
                for _ in 0..<(1 + dice.below(3)) { bytes[dice.below(bytes.count)] ^= 1 << UInt8(dice.below(8)) }
            }
            switch dice.below(5) {
            case 0: break
            case 1: Plate.put(bytes[...], write.offset, &content)
            case 2: Plate.put(bytes.prefix(dice.below(bytes.count + 1)), write.offset, &content)
            case 3:
                // The length was on the plate before the data: zeros.
                Plate.put([UInt8](repeating: 0, count: bytes.count)[...], write.offset, &content)
            default: putSectors(bytes, write.offset, &content, &dice)
            }
        }
        return content
    }

    /// Sectors of 512 bytes, as the plate has them.
    private func putSectors(_ bytes: [UInt8], _ offset: Int, _ content: inout [UInt8], _ dice: inout Dice) {
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, (offset + start) / 512 * 512 + 512 - offset)
            if dice.one(in: 2) { Plate.put(bytes[start..<end], offset + start, &content) }
            start = end
        }
    }
}

/// Numbers of a seed (SplitMix64).
struct Dice {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(max(1, limit))) }

    mutating func one(in count: Int) -> Bool { below(count) == 0 }

    mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var all = elements
        for index in all.indices.reversed() where index > 0 { all.swapAt(index, below(index + 1)) }
        return all
    }
}

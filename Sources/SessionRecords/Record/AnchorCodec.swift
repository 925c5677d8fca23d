/// What is known about a record file apart from it: how far it reached at the last commit, and its head hash.
///
/// Without it a file cut at the end of any record would look whole. It lies in another folder, so that losing one file
/// does not lose both.
public struct RecordAnchor: Equatable, Sendable {
    /// Counts commits, from 1.
    public let generation: UInt64
    public let sessionID: String
    public let recordCount: UInt64
    /// Bytes of the record file.
    public let length: Int64
    /// Where the last record starts: lets a listing read it without reading the whole file.
    public let lastRecordOffset: Int64
    /// Wall time of the last record, nanoseconds since 1970 UTC.
    public let lastWallNanoseconds: Int64
    /// The chain hash after the last record.
    public let head: Digest

    public init(
        generation: UInt64, sessionID: String, recordCount: UInt64, length: Int64, lastRecordOffset: Int64,
        lastWallNanoseconds: Int64, head: Digest
    ) {
        self.generation = generation
        self.sessionID = sessionID
        self.recordCount = recordCount
        self.length = length
        self.lastRecordOffset = lastRecordOffset
        self.lastWallNanoseconds = lastWallNanoseconds
        self.head = head
    }

    /// The slot that this generation is written to: the other one keeps the commit before, so that a torn write loses
    /// nothing.
    public var slot: Int { Int(generation % 2) }
    /// Where that slot starts in the anchor file.
    public var slotOffset: Int64 { Int64(slot * AnchorLayout.slotSpacing) }
}

/// The layout of the anchor file: two slots in different 4 KiB blocks.
///
/// Slot: `MPANCHOR`, version u32, generation u64, session id 32 bytes filled with zeros, record count u64, length i64,
/// offset of the last record i64, its wall time i64, head hash 32 bytes, CRC-32C u32 of all before it.
public enum AnchorLayout {
    public static let magic: [UInt8] = Array("MPANCHOR".utf8)
    public static let version: UInt32 = 1
    public static let longestSessionID = 32
    public static let slotSpacing = 4_096
    public static let slotBytes = 8 + 4 + 8 + longestSessionID + 8 + 8 + 8 + 8 + Digest.byteCount + 4
    /// Bytes of the whole file.
    public static let fileBytes = 2 * slotSpacing

    /// The bytes of one slot.
    public static func encode(_ anchor: RecordAnchor) -> [UInt8] {
        var bytes = magic
        bytes.append(littleEndian: version)
        bytes.append(littleEndian: anchor.generation)
        let id = Array(anchor.sessionID.utf8.prefix(longestSessionID))
        bytes.append(contentsOf: id + [UInt8](repeating: 0, count: longestSessionID - id.count))
        bytes.append(littleEndian: anchor.recordCount)
        bytes.append(littleEndian: anchor.length)
        bytes.append(littleEndian: anchor.lastRecordOffset)
        bytes.append(littleEndian: anchor.lastWallNanoseconds)
        bytes.append(contentsOf: anchor.head.bytes)
        bytes.append(littleEndian: CRC32C.checksum(bytes))
        return bytes
    }

    /// One slot; nothing if it is damaged.
    public static func decode(_ slot: [UInt8]) -> RecordAnchor? {
        guard slot.count == slotBytes, slot.starts(with: magic),
            slot.littleEndian(UInt32.self, at: 8) == version,
            slot.littleEndian(UInt32.self, at: slotBytes - 4) == CRC32C.checksum(slot, first: slotBytes - 4),
            let generation = slot.littleEndian(UInt64.self, at: 12),
            let count = slot.littleEndian(UInt64.self, at: 52), let length = slot.littleEndian(Int64.self, at: 60),
            let offset = slot.littleEndian(Int64.self, at: 68), let wall = slot.littleEndian(Int64.self, at: 76),
            let head = Digest(bytes: Array(slot[84..<116])),
            let id = String(validating: slot[20..<52].prefix { $0 != 0 }, as: UTF8.self)
        else { return nil }
        return RecordAnchor(
            generation: generation, sessionID: id, recordCount: count, length: length, lastRecordOffset: offset,
            lastWallNanoseconds: wall, head: head)
    }
}

/// What an anchor file says, slot by slot.
public struct AnchorReading: Equatable, Sendable {
    /// The newest sound slot.
    public let current: RecordAnchor?
    /// The other slot, if it is sound: the commit before.
    public let previous: RecordAnchor?
    /// What is wrong with the file, in words; empty if nothing is.
    public let defects: [String]
    /// Whether nothing was ever written into it: the file as it is made, before the first commit.
    public let isBlank: Bool
    /// Whether the very first commit was cut short while the anchor was written: its slot torn, the other blank.
    public let isFirstWriteTorn: Bool
    /// Whether the defects are what a crash during a write of the anchor leaves: one slot sound, the other torn.
    public let isTornWrite: Bool

    /// Reads the bytes of an anchor file. Pure.
    public init(_ bytes: [UInt8]) {
        var slots: [RecordAnchor?] = []
        var blank: [Bool] = []
        var defects: [String] = []
        for index in 0..<2 {
            let from = min(index * AnchorLayout.slotSpacing, bytes.count)
            let area = Array(bytes[from..<min(from + AnchorLayout.slotSpacing, bytes.count)])
            let slot = Array(area.prefix(AnchorLayout.slotBytes))
            let anchor = AnchorLayout.decode(slot)
            slots.append(anchor.flatMap { $0.slot == index ? $0 : nil })
            blank.append(Self.isZero(area))
            if !Self.isZero(Array(area.dropFirst(AnchorLayout.slotBytes))) {
                defects.append("there are bytes outside slot \(index)")
            }
        }
        if bytes.count != AnchorLayout.fileBytes {
            defects.append("the anchor has \(bytes.count) bytes instead of \(AnchorLayout.fileBytes)")
        }
        let sound = slots.compactMap { $0 }.sorted { $0.generation > $1.generation }
        current = sound.first
        previous = sound.count == 2 ? sound[1] : nil
        let otherFaults = !defects.isEmpty
        if let newest = current {
            let other = 1 - newest.slot
            if let older = previous {
                if older.generation + 1 != newest.generation {
                    defects.append(
                        "the slots are \(newest.generation) and \(older.generation), not one after the other")
                }
            } else if newest.generation > 1 || !blank[other] {
                defects.append("slot \(other) is damaged")
            }
        } else {
            defects.append("no slot is sound")
        }
        let firstSlot = 1
        isFirstWriteTorn = !otherFaults && sound.isEmpty && blank[1 - firstSlot]
        isTornWrite = !otherFaults && !defects.isEmpty && current != nil && previous == nil
        isBlank = bytes.count <= AnchorLayout.fileBytes && blank.allSatisfy { $0 }
        self.defects = defects
    }

    private static let zeros = [UInt8](repeating: 0, count: AnchorLayout.slotSpacing)

    private static func isZero(_ bytes: [UInt8]) -> Bool {
        bytes.count == zeros.count ? bytes == zeros : bytes == Array(zeros[..<bytes.count])
    }
}

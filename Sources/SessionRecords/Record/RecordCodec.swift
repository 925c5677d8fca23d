public import StimulusModel

/// What a record is. Raw values are stored: never renumber.
public enum RecordKind: UInt8, Sendable, CaseIterable {
    /// First of every file: `SessionOpening` as JSON.
    case opened = 1
    /// A `WordBlock`, 64 bytes little-endian.
    case journal = 2
    /// Something said or done that is no event of the machine, JSON.
    case note = 3
    /// A sensory or motor threshold, `SessionThreshold` as JSON.
    case threshold = 4
    /// Last of an orderly session: `SessionClosing` as JSON.
    case closed = 5
    /// Last of a session that was cut short: `SessionInterruption` as JSON, written by a later start.
    case interrupted = 6
}

/// When a record was made, on both clocks: durations by the monotonic one, labels by the other.
public struct RecordTime: Equatable, Sendable {
    /// Nanoseconds of the session's monotonic clock.
    public let monotonicNanoseconds: Int64
    /// Nanoseconds since 1970 UTC.
    public let wallNanoseconds: Int64

    public init(monotonicNanoseconds: Int64, wallNanoseconds: Int64) {
        self.monotonicNanoseconds = monotonicNanoseconds
        self.wallNanoseconds = wallNanoseconds
    }
}

/// One record as read back.
public struct SafetyRecordEntry: Equatable, Sendable {
    public let kind: RecordKind
    /// From 0, without gaps.
    public let sequence: UInt64
    public let time: RecordTime
    public let payload: [UInt8]
    /// Where the record starts in the file.
    public let offset: Int64
    /// Where the next one starts.
    public let end: Int64
    /// The chain hash after this record.
    public let chain: Digest
}

/// The layout of the safety record's file.
///
/// Header: `MPRECORD`, version u32, CRC-32C u32 of these 12 bytes. Record: length u32 of the whole record, kind u8,
/// sequence u64, monotonic ns i64, wall ns i64, payload, CRC-32C u32 of all before it, and 32 bytes SHA-256 of the
/// previous chain hash followed by all before it. The first chain hash is that of the header.
public enum RecordLayout {
    public static let magic: [UInt8] = Array("MPRECORD".utf8)
    public static let version: UInt32 = 1
    public static let headerBytes = 16
    /// length, kind, sequence, two times.
    static let prefixBytes = 4 + 1 + 8 + 8 + 8
    /// CRC and chain hash.
    static let suffixBytes = 4 + Digest.byteCount
    /// Bytes of a record beside its payload.
    public static let overheadBytes = prefixBytes + suffixBytes
    /// More than the texts of all files of one session need (proposal).
    public static let longestPayload = 8 * 1_024 * 1_024
    /// Bytes of one journal record.
    public static let journalBytes = overheadBytes + 64

    static let header: [UInt8] = {
        var bytes = magic
        bytes.append(littleEndian: version)
        bytes.append(littleEndian: CRC32C.checksum(bytes))
        return bytes
    }()

    static let firstChain = Digest(of: header)

    /// The payload of a journal record.
    public static func payload(_ block: WordBlock) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(64)
        for index in 0..<8 { bytes.append(littleEndian: block.words[index]) }
        return bytes
    }

    /// The block of a journal record's payload; nothing unless there are exactly 64 bytes.
    public static func wordBlock(_ payload: [UInt8]) -> WordBlock? {
        guard payload.count == 64 else { return nil }
        var block = WordBlock()
        for index in 0..<8 {
            guard let word = payload.littleEndian(Int64.self, at: index * 8) else { return nil }
            block.words[index] = word
        }
        return block
    }
}

/// Makes the bytes of a file, one record after the other. Pure: it knows no disk and no clock.
public struct RecordEncoder: Equatable, Sendable {
    /// The hash that the next record chains to.
    public private(set) var chain: Digest
    /// Records so far.
    public private(set) var count: UInt64
    /// Bytes so far, with the header.
    public private(set) var length: Int64

    /// A new file; its first bytes are `header`.
    public init() {
        chain = RecordLayout.firstChain
        count = 0
        length = Int64(RecordLayout.headerBytes)
    }

    /// Goes on after the last record of an existing file.
    public init(after entry: SafetyRecordEntry) {
        chain = entry.chain
        count = entry.sequence + 1
        length = entry.end
    }

    public static var header: [UInt8] { RecordLayout.header }

    /// The bytes of the next record.
    /// - Parameter payload: at most `RecordLayout.longestPayload` bytes; the writer refuses more.
    public mutating func encode(_ kind: RecordKind, _ payload: [UInt8], at time: RecordTime) -> [UInt8] {
        let total = RecordLayout.overheadBytes + payload.count
        var bytes: [UInt8] = []
        bytes.reserveCapacity(total)
        bytes.append(littleEndian: UInt32(truncatingIfNeeded: total))
        bytes.append(kind.rawValue)
        bytes.append(littleEndian: count)
        bytes.append(littleEndian: time.monotonicNanoseconds)
        bytes.append(littleEndian: time.wallNanoseconds)
        bytes.append(contentsOf: payload)
        bytes.append(littleEndian: CRC32C.checksum(bytes))
        chain = Digest(of: chain.bytes + bytes)
        bytes.append(contentsOf: chain.bytes)
        count += 1
        length += Int64(total)
        return bytes
    }
}

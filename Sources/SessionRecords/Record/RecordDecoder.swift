/// Why reading stopped.
public enum RecordDefect: Equatable, Sendable {
    /// The header is not that of a record of this version.
    case header
    /// The bytes end within a record.
    case cutOff
    /// A length that no record has.
    case length(UInt32)
    /// The checksum does not fit: torn or rotten.
    case checksum
    /// A kind that this version does not know.
    case kind(UInt8)
    /// Not the next number.
    case sequence(UInt64)
    /// The hash does not chain to the record before.
    case chain

    public var words: String {
        switch self {
        case .header: return "the header is not that of a record of version \(RecordLayout.version)"
        case .cutOff: return "it ends within a record"
        case .length(let length): return "a length of \(length) bytes, which no record has"
        case .checksum: return "the checksum does not fit"
        case .kind(let kind): return "a kind \(kind) that this version does not know"
        case .sequence(let sequence): return "the number \(sequence), which is not the next"
        case .chain: return "the hash does not chain to the record before"
        }
    }
}

/// Reads a file record by record, in pieces of any size. Pure. It stops for good at the first defect: nothing after it
/// can be trusted to be where it seems.
public struct RecordDecoder: Sendable {
    /// The end of the last sound record, or of the header.
    public private(set) var soundLength: Int64 = 0
    public private(set) var count: UInt64 = 0
    public private(set) var chain = RecordLayout.firstChain
    /// Why it stopped; nothing while it goes on.
    public private(set) var defect: RecordDefect?

    private var buffer: [UInt8] = []
    private var start = 0

    public init() {}

    /// Bytes that were taken in and are not yet part of a sound record.
    public var pendingBytes: Int { buffer.count - start }

    /// The next piece of the file.
    public mutating func append(_ bytes: [UInt8]) {
        if start > 0 {
            buffer.removeSubrange(..<start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next record; nothing if more bytes are needed or a defect was met.
    public mutating func next() -> SafetyRecordEntry? {
        guard defect == nil, readHeader(), let total = recordLength() else { return nil }
        guard pendingBytes >= total else { return nil }
        let body = Array(buffer[start..<(start + total - Digest.byteCount)])
        let stored = Array(buffer[(start + total - Digest.byteCount)..<(start + total)])
        let payloadEnd = total - RecordLayout.suffixBytes
        guard body.littleEndian(UInt32.self, at: payloadEnd) == CRC32C.checksum(body, first: payloadEnd) else {
            return stop(.checksum)
        }
        guard let kindByte = body.littleEndian(UInt8.self, at: 4),
            let sequence = body.littleEndian(UInt64.self, at: 5),
            let monotonic = body.littleEndian(Int64.self, at: 13), let wall = body.littleEndian(Int64.self, at: 21)
        else { return stop(.cutOff) }
        guard let kind = RecordKind(rawValue: kindByte) else { return stop(.kind(kindByte)) }
        guard sequence == count else { return stop(.sequence(sequence)) }
        let hash = Digest(of: chain.bytes + body)
        guard hash.bytes == stored else { return stop(.chain) }
        let entry = SafetyRecordEntry(
            kind: kind, sequence: sequence,
            time: RecordTime(monotonicNanoseconds: monotonic, wallNanoseconds: wall),
            payload: Array(body[RecordLayout.prefixBytes..<payloadEnd]), offset: soundLength,
            end: soundLength + Int64(total), chain: hash)
        start += total
        soundLength = entry.end
        count += 1
        chain = hash
        return entry
    }

    /// Says that no more bytes will come: what is left over is a record cut off.
    public mutating func finish() {
        guard defect == nil else { return }
        if soundLength == 0 {
            defect = .header
        } else if pendingBytes > 0 {
            defect = .cutOff
        }
    }

    private mutating func readHeader() -> Bool {
        guard soundLength == 0 else { return true }
        guard pendingBytes >= RecordLayout.headerBytes else { return false }
        guard Array(buffer[start..<(start + RecordLayout.headerBytes)]) == RecordLayout.header else {
            defect = .header
            return false
        }
        start += RecordLayout.headerBytes
        soundLength = Int64(RecordLayout.headerBytes)
        return true
    }

    private mutating func recordLength() -> Int? {
        guard let length = buffer.littleEndian(UInt32.self, at: start) else { return nil }
        let longest = RecordLayout.overheadBytes + RecordLayout.longestPayload
        guard length >= UInt32(RecordLayout.overheadBytes), length <= UInt32(longest) else {
            defect = .length(length)
            return nil
        }
        return Int(length)
    }

    private mutating func stop(_ reason: RecordDefect) -> SafetyRecordEntry? {
        defect = reason
        return nil
    }
}

extension RecordDecoder {
    /// One record by itself, whose chain cannot be checked. Nothing unless all else fits.
    static func lone(_ bytes: [UInt8], at offset: Int64, sequence: UInt64) -> SafetyRecordEntry? {
        let payloadEnd = bytes.count - RecordLayout.suffixBytes
        guard payloadEnd >= RecordLayout.prefixBytes,
            bytes.littleEndian(UInt32.self, at: 0) == UInt32(truncatingIfNeeded: bytes.count),
            bytes.littleEndian(UInt32.self, at: payloadEnd) == CRC32C.checksum(bytes, first: payloadEnd),
            let kind = bytes.littleEndian(UInt8.self, at: 4).flatMap(RecordKind.init(rawValue:)),
            bytes.littleEndian(UInt64.self, at: 5) == sequence,
            let monotonic = bytes.littleEndian(Int64.self, at: 13), let wall = bytes.littleEndian(Int64.self, at: 21),
            let chain = Digest(bytes: Array(bytes[(payloadEnd + 4)...]))
        else { return nil }
        return SafetyRecordEntry(
            kind: kind, sequence: sequence,
            time: RecordTime(monotonicNanoseconds: monotonic, wallNanoseconds: wall),
            payload: Array(bytes[RecordLayout.prefixBytes..<payloadEnd]), offset: offset,
            end: offset + Int64(bytes.count), chain: chain)
    }
}

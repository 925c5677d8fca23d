// What is fuzzed, by name. A target takes any bytes at all; it must neither trap nor break its property. The fuzzer
// (`Tests/Fuzz`) looks for bytes that do, the suite `FuzzTests` replays what was kept in `Tests/FuzzTests/Corpus`.

/// One reader of bytes that others may have written.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// The P24's line as it comes: frames, requests and acknowledgements from any bytes.
    case p24Stream = "p24-stream"
    /// One well-framed packet with any command and payload: what lies behind the checksum.
    case p24Payload = "p24-payload"
    /// The Pulse Pal's line towards the device, both firmwares.
    case pulsePalRequest = "pulsepal-request"
    /// The Pulse Pal's line towards the host, each kind of reply.
    case pulsePalReply = "pulsepal-reply"
    case protocolFile = "protocol-file"
    case rigFile = "rig-file"
    case policyFile = "policy-file"
    case checklistFile = "checklist-file"
    case calibrationFile = "calibration-file"
    /// A bench file, and the same bytes as an instrument's profile.
    case benchFile = "bench-file"
    /// A record file and its anchor, any bytes.
    case recordFile = "record-file"
    /// Well-formed records with any content: what lies behind checksum and chain.
    case recordContent = "record-content"
    /// A journal of any blocks, replayed and counted.
    case journal = "journal"
    /// Traps on four bytes: whoever does not find it within seconds is blind.
    case canaryTrap = "canary-trap"
    /// Reads outside its memory on four bytes: whoever does not find it has no AddressSanitizer.
    case canaryRead = "canary-read"

    /// Those that are searched, without the canaries.
    public static var real: [FuzzTarget] { allCases.filter { $0 != .canaryTrap && $0 != .canaryRead } }

    /// What is wrong with how these bytes were read; nothing if all is well.
    public func check(_ bytes: [UInt8]) -> String? {
        switch self {
        case .p24Stream: return P24Properties.stream(bytes)
        case .p24Payload: return P24Properties.payload(bytes)
        case .pulsePalRequest: return PulsePalProperties.requests(bytes)
        case .pulsePalReply: return PulsePalProperties.replies(bytes)
        case .protocolFile: return FileProperties.treatmentProtocol(bytes)
        case .rigFile: return FileProperties.rig(bytes)
        case .policyFile: return FileProperties.policy(bytes)
        case .checklistFile: return FileProperties.checklist(bytes)
        case .calibrationFile: return FileProperties.calibration(bytes)
        case .benchFile: return FileProperties.bench(bytes)
        case .recordFile: return RecordProperties.file(bytes)
        case .recordContent: return RecordProperties.content(bytes)
        case .journal: return JournalProperties.replay(bytes)
        case .canaryTrap: return Canary.trap(bytes)
        case .canaryRead: return Canary.read(bytes)
        }
    }
}

/// Bytes as a fuzzer's input is taken apart: what is missing reads as 0, so that every input means something.
struct InputReader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { place >= bytes.count }

    mutating func byte() -> UInt8 {
        guard place < bytes.count else { return 0 }
        place += 1
        return bytes[place - 1]
    }

    mutating func short() -> Int {
        let low = Int(byte())
        return Int(byte()) << 8 | low
    }

    /// At most `count` bytes.
    mutating func take(_ count: Int) -> [UInt8] {
        let end = min(bytes.count, place + max(0, count))
        let taken = Array(bytes[min(place, bytes.count)..<end])
        place = end
        return taken
    }

    mutating func rest() -> [UInt8] { take(bytes.count) }
}

/// Planted defects behind four bytes, which only a fuzzer that sees branches finds in seconds.
enum Canary {
    private static func isMagic(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 4 else { return false }
        guard bytes[0] == 0x4D, bytes[1] == 0x50 else { return false }
        return bytes[2] == 0xF0 && bytes[3] == 0x0F
    }

    static func trap(_ bytes: [UInt8]) -> String? {
        // The planted defect itself: what must be found.
        if isMagic(bytes) { fatalError("canary: the trap was found") }
        return nil
    }

    static func read(_ bytes: [UInt8]) -> String? {
        guard isMagic(bytes) else { return nil }
        // Heap memory of exactly as many bytes as came in; the one behind it is nobody's.
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        defer { unsafe copy.deallocate() }
        for index in 0..<bytes.count { unsafe copy[index] = bytes[index] }
        let beyond = unsafe copy.baseAddress?.advanced(by: bytes.count).pointee ?? 0
        return beyond == 0x5A ? "canary: a byte beyond the end" : nil
    }
}

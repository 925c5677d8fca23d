internal import CSodium

/// A SHA-256 hash: 32 bytes.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
    public static let byteCount = 32

    /// Exactly 32 bytes.
    public let bytes: [UInt8]

    /// Nothing unless there are exactly 32 bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Digest.byteCount else { return nil }
        self.bytes = bytes
    }

    /// The hash of some bytes.
    public init(of data: [UInt8]) {
        var digest = [UInt8](repeating: 0, count: Digest.byteCount)
        unsafe digest.withUnsafeMutableBufferPointer { out in
            unsafe data.withUnsafeBufferPointer { input in
                guard let base = out.baseAddress else { return }
                _ = unsafe crypto_hash_sha256(base, input.baseAddress, UInt64(input.count))
            }
        }
        bytes = digest
    }

    /// The hash of a text's UTF-8.
    public init(of text: String) { self.init(of: Array(text.utf8)) }

    /// 64 hexadecimal digits.
    public var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    public var description: String { hex }
}

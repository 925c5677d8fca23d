// Ed25519 by libsodium (RFC 8032): what signs, what proves, and a secret kept behind a passphrase. The only file of
// trust that touches memory itself: secrets are wiped when they are done with.
internal import CSodium

/// Proves a signature.
public struct PublicKey: Hashable, Sendable {
    public static let byteCount = 32

    public let bytes: [UInt8]

    public init?(bytes: [UInt8]) {
        guard bytes.count == PublicKey.byteCount else { return nil }
        self.bytes = bytes
    }

    public var hex: String { HexText.text(bytes) }

    public func proves(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard signature.count == SigningKey.signatureBytes else { return false }
        return unsafe crypto_sign_verify_detached(signature, message, UInt64(message.count), bytes) == 0
    }
}

/// A secret key while it is in memory. Wiped when it goes.
public final class SigningKey: Sendable {
    public static let seedBytes = 32
    public static let signatureBytes = 64
    private static let secretBytes = 64

    public let publicKey: PublicKey
    /// Seed and public key, as libsodium keeps them.
    private let secret: SecretBytes

    /// A new key from the system's random numbers.
    public convenience init?() {
        guard sodium_init() >= 0 else { return nil }
        var seed = [UInt8](repeating: 0, count: SigningKey.seedBytes)
        unsafe randombytes_buf(&seed, seed.count)
        self.init(seed: SecretBytes(taking: &seed))
    }

    init?(seed: SecretBytes) {
        guard sodium_init() >= 0, seed.count == SigningKey.seedBytes else { return nil }
        var open = [UInt8](repeating: 0, count: PublicKey.byteCount)
        var hidden = [UInt8](repeating: 0, count: SigningKey.secretBytes)
        let done = seed.read { unsafe crypto_sign_seed_keypair(&open, &hidden, $0) }
        secret = SecretBytes(taking: &hidden)
        guard done == 0, let key = PublicKey(bytes: open) else { return nil }
        publicKey = key
    }

    public func sign(_ message: [UInt8]) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: SigningKey.signatureBytes)
        _ = secret.read { unsafe crypto_sign_detached(&signature, nil, message, UInt64(message.count), $0) }
        return signature
    }

    var seed: SecretBytes {
        secret.read { whole in
            var copy = Array(whole.prefix(SigningKey.seedBytes))
            return SecretBytes(taking: &copy)
        }
    }
}

/// Bytes that nobody should find in memory afterwards.
final class SecretBytes: Sendable {
    private let bytes: [UInt8]

    /// Takes over what is in `array` and wipes it.
    init(taking array: inout [UInt8]) {
        // A copy of its own: assigning would share the storage, and wiping one would copy it first.
        bytes = array.map { $0 }
        SecretBytes.wipe(&array)
    }

    deinit {
        // The storage has no other owner: what is wiped here is the secret itself, not a copy.
        unsafe bytes.withUnsafeBytes { area in
            guard let base = area.baseAddress else { return }
            unsafe sodium_memzero(UnsafeMutableRawPointer(mutating: base), area.count)
        }
    }

    var count: Int { bytes.count }

    func read<Result>(_ body: ([UInt8]) -> Result) -> Result { body(bytes) }

    static func wipe(_ array: inout [UInt8]) {
        unsafe array.withUnsafeMutableBytes { area in
            guard let base = area.baseAddress else { return }
            unsafe sodium_memzero(base, area.count)
        }
    }
}

/// A secret behind a passphrase: the key that opens it comes from Argon2id (RFC 9106), the box is XSalsa20-Poly1305.
struct SealedSecret: Equatable {
    static let saltBytes = Int(crypto_pwhash_SALTBYTES)
    static let nonceBytes = Int(crypto_secretbox_NONCEBYTES)
    static let boxBytes = SigningKey.seedBytes + Int(crypto_secretbox_MACBYTES)

    let salt: [UInt8]
    let nonce: [UInt8]
    let box: [UInt8]

    /// - Parameter passphrase: UTF-8 of what was typed.
    static func seal(_ secret: SecretBytes, with passphrase: SecretBytes) -> SealedSecret? {
        guard sodium_init() >= 0 else { return nil }
        var salt = [UInt8](repeating: 0, count: saltBytes)
        var nonce = [UInt8](repeating: 0, count: nonceBytes)
        unsafe randombytes_buf(&salt, salt.count)
        unsafe randombytes_buf(&nonce, nonce.count)
        guard let key = stretched(passphrase, salt: salt) else { return nil }
        var box = [UInt8](repeating: 0, count: secret.count + Int(crypto_secretbox_MACBYTES))
        let done = secret.read { plain in
            key.read { unsafe crypto_secretbox_easy(&box, plain, UInt64(plain.count), nonce, $0) }
        }
        return done == 0 ? SealedSecret(salt: salt, nonce: nonce, box: box) : nil
    }

    /// Nothing for a wrong passphrase or a damaged box.
    func open(with passphrase: SecretBytes) -> SecretBytes? {
        guard sodium_init() >= 0, salt.count == SealedSecret.saltBytes, nonce.count == SealedSecret.nonceBytes,
            box.count == SealedSecret.boxBytes, let key = SealedSecret.stretched(passphrase, salt: salt)
        else { return nil }
        var plain = [UInt8](repeating: 0, count: SigningKey.seedBytes)
        let done = key.read { unsafe crypto_secretbox_open_easy(&plain, box, UInt64(box.count), nonce, $0) }
        let secret = SecretBytes(taking: &plain)
        return done == 0 ? secret : nil
    }

    /// 64 MiB and two passes, libsodium's "interactive" setting: a bench computer answers within a second.
    private static func stretched(_ passphrase: SecretBytes, salt: [UInt8]) -> SecretBytes? {
        var key = [UInt8](repeating: 0, count: Int(crypto_secretbox_KEYBYTES))
        let done = passphrase.read { typed in
            let words = typed.map { CChar(bitPattern: $0) }
            return unsafe crypto_pwhash(
                &key, UInt64(key.count), words, UInt64(words.count), salt,
                UInt64(crypto_pwhash_OPSLIMIT_INTERACTIVE), Int(crypto_pwhash_MEMLIMIT_INTERACTIVE),
                crypto_pwhash_ALG_ARGON2ID13)
        }
        let secret = SecretBytes(taking: &key)
        return done == 0 ? secret : nil
    }
}

/// Bytes as pairs of lower-case hexadecimal digits.
enum HexText {
    static func text(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nothing for a text that is not whole pairs of such digits.
    static func bytes(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): return digit - UInt8(ascii: "a") + 10
        default: return nil
        }
    }
}

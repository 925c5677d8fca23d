// The keys of a data folder: `keys/ID.key`, secret, for this user alone; `keys/ID.pub`, to be copied into the policy;
// `keys/revoked/ID`, which always counts. Whether a key is believed is for the policy to say, never for this folder.
public import CareModel
internal import Foundation

/// Why a key is no longer used.
public enum RevocationReason: String, Sendable, CaseIterable {
    /// Put away in good order: what it signed before that day stays valid.
    case retired
    /// Lost, copied or in doubt: nothing that it ever signed is believed, since whoever has it can write any day into
    /// a signature.
    case compromised
}

public struct KeyRevocation: Equatable, Sendable {
    public let keyID: String
    public let on: CalendarDay
    public let reason: RevocationReason
    /// Initials.
    public let by: String
    /// In words.
    public let note: String
}

/// A passphrase as typed. Wiped when it goes.
public struct Passphrase: Sendable {
    let bytes: SecretBytes

    /// Takes over the bytes and wipes them.
    public init(taking array: inout [UInt8]) { bytes = SecretBytes(taking: &array) }
}

public struct StoredKey: Equatable, Sendable {
    public let id: String
    public let publicKey: PublicKey
    /// Whether the secret half is here.
    public let hasSecret: Bool
    public let needsPassphrase: Bool
}

public struct KeyStore: Sendable {
    public let folder: TrustFolder

    public init(dataFolder: String) { folder = TrustFolder(dataFolder: dataFolder) }

    private func secretPath(_ id: String) -> String { "\(folder.keys)/\(id).key" }
    public func publicPath(_ id: String) -> String { "\(folder.keys)/\(id).pub" }

    // MARK: - Making and using

    /// A new key. Its secret half never leaves the folder, except by `backUp`.
    @discardableResult
    public func create(id: String, passphrase: Passphrase? = nil) throws(TrustFileProblem) -> StoredKey {
        guard KeyName.isGood(id) else { throw .badName(id) }
        guard let key = SigningKey() else { throw .noCryptography }
        let content = try KeyFile(key, passphrase: passphrase)
        try TrustFile.write(content.bytes, to: secretPath(id), replacing: false)
        try writePublic(id, key.publicKey)
        return StoredKey(
            id: id, publicKey: key.publicKey, hasSecret: true, needsPassphrase: passphrase != nil)
    }

    private func writePublic(_ id: String, _ key: PublicKey) throws(TrustFileProblem) {
        try TrustFile.write(Array((key.hex + "\n").utf8), to: publicPath(id), replacing: true)
    }

    public func list() throws(TrustFileProblem) -> [StoredKey] {
        var keys: [StoredKey] = []
        for id in try TrustFile.names(in: folder.keys, suffix: ".key") {
            let content = try read(id)
            keys.append(
                StoredKey(
                    id: id, publicKey: content.publicKey, hasSecret: true, needsPassphrase: content.sealed != nil))
        }
        for id in try TrustFile.names(in: folder.keys, suffix: ".pub") where !keys.contains(where: { $0.id == id }) {
            let text = try TrustFile.read(publicPath(id), limit: 200).map { String(decoding: $0, as: UTF8.self) } ?? ""
            let bytes = HexText.bytes(String(ChecklistItem.trimmed(text)))
            guard let key = bytes.flatMap({ PublicKey(bytes: $0) }) else { throw .damaged(publicPath(id)) }
            keys.append(StoredKey(id: id, publicKey: key, hasSecret: false, needsPassphrase: false))
        }
        return keys.sorted { $0.id < $1.id }
    }

    /// The key, to sign with.
    public func open(_ id: String, passphrase: Passphrase? = nil) throws(TrustFileProblem) -> SigningKey {
        try read(id).open(passphrase, path: secretPath(id))
    }

    private func read(_ id: String) throws(TrustFileProblem) -> KeyFile {
        guard KeyName.isGood(id) else { throw .badName(id) }
        guard let bytes = try TrustFile.read(secretPath(id), limit: KeyFile.longest) else { throw .noSuchKey(id) }
        guard let content = KeyFile(bytes: bytes) else { throw .damaged(secretPath(id)) }
        return content
    }

    // MARK: - Backing up

    /// A copy behind a passphrase, in a file of its own: for a safe, not for this computer.
    public func backUp(
        _ id: String, passphrase: Passphrase?, to path: String, sealedWith other: Passphrase
    ) throws(TrustFileProblem) {
        let key = try open(id, passphrase: passphrase)
        try TrustFile.write(try KeyFile(key, passphrase: other).bytes, to: path, replacing: false)
    }

    /// A key from its backup. A key of that name that is here is never replaced.
    @discardableResult
    public func restore(
        id: String, from path: String, sealedWith passphrase: Passphrase, newPassphrase: Passphrase? = nil
    ) throws(TrustFileProblem) -> StoredKey {
        guard KeyName.isGood(id) else { throw .badName(id) }
        guard let bytes = try TrustFile.read(path, limit: KeyFile.longest) else { throw .noSuchKey(id) }
        guard let content = KeyFile(bytes: bytes) else { throw .damaged(path) }
        let key = try content.open(passphrase, path: path)
        try TrustFile.write(try KeyFile(key, passphrase: newPassphrase).bytes, to: secretPath(id), replacing: false)
        try writePublic(id, key.publicKey)
        return StoredKey(
            id: id, publicKey: key.publicKey, hasSecret: true, needsPassphrase: newPassphrase != nil)
    }

    // MARK: - Revoking

    /// The keys of a revocation file.
    static let grammar = FileGrammar(
        root: "revocation",
        mappings: [
            "revocation": [
                .required("format", .word(["motorpoint-revocation-1"])), .required("key", .text),
                .required("revoked_on", .text), .required("reason", .word(RevocationReason.allCases.map(\.rawValue))),
                .required("by", .text), .required("note", .text),
            ]
        ])

    /// Counts at once, and cannot be taken back: a second one for the same key is refused, except that a retired key
    /// may turn out to be compromised.
    public func revoke(
        _ id: String, on day: CalendarDay, reason: RevocationReason, by: String, note: String
    ) throws(TrustFileProblem) {
        guard KeyName.isGood(id) else { throw .badName(id) }
        let path = "\(folder.revoked)/\(id)"
        let before = try revocations().first { $0.keyID == id }
        if let before, before.reason == .compromised || reason == .retired { throw .exists(path) }
        let text = """
            format: motorpoint-revocation-1
            key: \(id)
            revoked_on: "\(day.text)"
            reason: \(reason.rawValue)
            by: \(QuotedText.yaml(by))
            note: \(QuotedText.yaml(note))

            """
        do { _ = try KeyStore.parse(text, id, path) } catch { throw .file(error) }
        try TrustFile.write(Array(text.utf8), to: path, replacing: before != nil)
        try TrustAnchor.update(folder) { $0.revoked = Set($0.revoked ?? []).union([id]).sorted() }
    }

    /// - Throws: also for a file that cannot be read: a revocation that is not understood must not be passed over.
    public func revocations() throws(TrustFileProblem) -> [KeyRevocation] {
        var found: [KeyRevocation] = []
        for id in try TrustFile.names(in: folder.revoked, suffix: "") {
            let path = "\(folder.revoked)/\(id)"
            do { found.append(try KeyStore.parse(try FileLoading.read(path).text, id, path)) } catch {
                throw .file(error)
            }
        }
        return found
    }

    private static func parse(_ text: String, _ id: String, _ path: String) throws(FileProblems) -> KeyRevocation {
        try FileLoading.parse(text, file: path, grammar: grammar) { root, _, _ throws(FileProblem) in
            guard try root.text("key") == id else {
                throw root.problem("key", "the key is not the file's name", hint: "name the file after its key")
            }
            guard let day = CalendarDay(text: try root.text("revoked_on")) else {
                throw root.problem(
                    "revoked_on", "no day of the calendar", limit: "YYYY-MM-DD", hint: "such as 2026-11-20")
            }
            return KeyRevocation(
                keyID: id, on: day, reason: try root.choice("reason", RevocationReason.init(rawValue:)),
                by: try root.text("by"), note: try root.text("note"))
        }
    }

    /// The lines with which a policy believes this key.
    public func policyLines(
        _ key: StoredKey, holder: String, role: KeyRole, from: CalendarDay, until: CalendarDay
    ) -> String {
        """
          - id: \(key.id)
            holder: \(QuotedText.yaml(holder))
            role: \(role.rawValue)
            public_key: "\(key.publicKey.hex)"
            valid_from: "\(from.text)"
            valid_until: "\(until.text)"
        """
    }
}

/// The file of a secret key: `MPKEY001`, public key 32 bytes, one byte that says how the seed is kept, and then the
/// seed (0) or salt, nonce and box (1).
struct KeyFile {
    static let magic = Array("MPKEY001".utf8)
    static let longest = 256

    let publicKey: PublicKey
    let sealed: SealedSecret?
    private let plain: SecretBytes?

    init(_ key: SigningKey, passphrase: Passphrase?) throws(TrustFileProblem) {
        publicKey = key.publicKey
        guard let passphrase else {
            sealed = nil
            plain = key.seed
            return
        }
        guard let box = SealedSecret.seal(key.seed, with: passphrase.bytes) else { throw .noCryptography }
        sealed = box
        plain = nil
    }

    /// Nothing for other bytes than these.
    init?(bytes: [UInt8]) {
        let head = KeyFile.magic.count + PublicKey.byteCount
        guard bytes.count > head + 1, bytes.starts(with: KeyFile.magic),
            let key = PublicKey(bytes: Array(bytes[KeyFile.magic.count..<head]))
        else { return nil }
        publicKey = key
        var rest = Array(bytes[(head + 1)...])
        switch bytes[head] {
        case 0 where rest.count == SigningKey.seedBytes:
            plain = SecretBytes(taking: &rest)
            sealed = nil
        case 1 where rest.count == SealedSecret.saltBytes + SealedSecret.nonceBytes + SealedSecret.boxBytes:
            let nonce = SealedSecret.saltBytes
            let box = nonce + SealedSecret.nonceBytes
            plain = nil
            sealed = SealedSecret(
                salt: Array(rest[..<nonce]), nonce: Array(rest[nonce..<box]), box: Array(rest[box...]))
        default: return nil
        }
    }

    var bytes: [UInt8] {
        var bytes = KeyFile.magic + publicKey.bytes
        if let sealed {
            bytes.append(1)
            return bytes + sealed.salt + sealed.nonce + sealed.box
        }
        bytes.append(0)
        plain?.read { bytes += $0 }
        return bytes
    }

    func open(_ passphrase: Passphrase?, path: String) throws(TrustFileProblem) -> SigningKey {
        var seed = plain
        if let sealed {
            guard let passphrase else { throw .passphraseNeeded(path) }
            guard let opened = sealed.open(with: passphrase.bytes) else { throw .wrongPassphrase(path) }
            seed = opened
        }
        guard let key = seed.flatMap({ SigningKey(seed: $0) }), key.publicKey == publicKey else {
            throw .damaged(path)
        }
        return key
    }
}

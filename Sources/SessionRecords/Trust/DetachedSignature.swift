public import CareModel

/// What is signed.
public enum SignedKind: String, Sendable, CaseIterable {
    case calibration
    case treatmentProtocol = "protocol"

    public func maySign(_ role: KeyRole) -> Bool {
        switch (self, role) {
        case (.calibration, _), (.treatmentProtocol, .clinic): return true
        case (.treatmentProtocol, .technician): return false
        }
    }
}

/// A signature in a file of its own, beside what it is for. It covers the kind, the name, the version, the day and the
/// very bytes: one of a calibration is never one of a protocol, and one of an older version never one of a newer.
public struct DetachedSignature: Equatable, Sendable {
    public static let format = "motorpoint-signature-1"
    public static let algorithm = "ed25519"

    public let kind: SignedKind
    /// A protocol's id, or a calibration's: `P24-0001-3`.
    public let subject: String
    /// A protocol's version, a calibration's sequence.
    public let version: Int32
    public let keyID: String
    /// As the signer's calendar showed it.
    public let signedOn: CalendarDay
    /// Hash of the file's bytes.
    public let sha256: Digest
    /// 64 bytes.
    public let bytes: [UInt8]

    /// Signs a file's bytes.
    public init(
        kind: SignedKind, subject: String, version: Int32, keyID: String, signedOn: CalendarDay, of content: [UInt8],
        by key: SigningKey
    ) {
        let digest = Digest(of: content)
        self.kind = kind
        self.subject = subject
        self.version = version
        self.keyID = keyID
        self.signedOn = signedOn
        sha256 = digest
        bytes = key.sign(
            DetachedSignature.message(kind, subject, version, keyID: keyID, signedOn: signedOn, digest))
    }

    private init(
        kind: SignedKind, subject: String, version: Int32, keyID: String, signedOn: CalendarDay, sha256: Digest,
        bytes: [UInt8]
    ) {
        self.kind = kind
        self.subject = subject
        self.version = version
        self.keyID = keyID
        self.signedOn = signedOn
        self.sha256 = sha256
        self.bytes = bytes
    }

    /// What the key signs. The subject comes last but for the hash and holds no line end: each field has one reading.
    private static func message(
        _ kind: SignedKind, _ subject: String, _ version: Int32, keyID: String, signedOn: CalendarDay,
        _ digest: Digest
    ) -> [UInt8] {
        let fields = [
            format, algorithm, kind.rawValue, "\(version)", keyID, signedOn.text, subject, digest.hex,
        ]
        return Array(fields.map { $0 + "\n" }.joined().utf8)
    }

    /// Whether this key made it.
    public func isProven(by key: PublicKey) -> Bool {
        key.proves(
            bytes,
            of: DetachedSignature.message(kind, subject, version, keyID: keyID, signedOn: signedOn, sha256))
    }

    /// The file's text.
    public var text: String {
        """
        format: \(DetachedSignature.format)
        kind: \(kind.rawValue)
        subject: \(QuotedText.yaml(subject))
        version: \(version)
        key: \(keyID)
        algorithm: \(DetachedSignature.algorithm)
        signed_on: "\(signedOn.text)"
        sha256: "\(sha256.hex)"
        signature: "\(HexText.text(bytes))"

        """
    }

    /// The keys of a signature file.
    public static let grammar = FileGrammar(
        root: "signature",
        mappings: [
            "signature": [
                .required("format", .word([format])),
                .required("kind", .word(SignedKind.allCases.map(\.rawValue))), .required("subject", .text),
                .required("version", .number(.count, lowest: 0, highest: Int64(Int32.max))), .required("key", .text),
                .required("algorithm", .word([algorithm])), .required("signed_on", .text),
                .required("sha256", .text), .required("signature", .text),
            ]
        ])

    public static func load(path: String) throws(FileProblems) -> DetachedSignature {
        try parse(try FileLoading.read(path).text, file: path)
    }

    public static func parse(_ text: String, file: String) throws(FileProblems) -> DetachedSignature {
        try FileLoading.parse(text, file: file, grammar: grammar) { root, _, _ throws(FileProblem) in
            guard let day = CalendarDay(text: try root.text("signed_on")) else {
                throw root.problem("signed_on", "no day of the calendar", hint: "sign the file anew")
            }
            guard let digest = HexText.bytes(try root.text("sha256")).flatMap({ Digest(bytes: $0) }) else {
                throw root.problem("sha256", "no hash", limit: "64 hexadecimal digits", hint: "sign the file anew")
            }
            let bytes = HexText.bytes(try root.text("signature"))
            guard let bytes, bytes.count == SigningKey.signatureBytes else {
                throw root.problem(
                    "signature", "no signature", limit: "128 hexadecimal digits", hint: "sign the file anew")
            }
            return DetachedSignature(
                kind: try root.choice("kind", SignedKind.init(rawValue:)), subject: try root.text("subject"),
                version: try root.number32("version"), keyID: try root.text("key"), signedOn: day, sha256: digest,
                bytes: bytes)
        }
    }
}

/// Texts in files that the program writes.
enum QuotedText {
    /// In single quotes, which have one escape only.
    static func yaml(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }
}

internal import CareModel

/// Why a stimulator is locked for patients, or a protocol is not used. Each has one name.
public enum LockReason: String, Hashable, Sendable, CaseIterable {
    case missing
    case expired
    case failed
    /// A newer one was begun and never came to its end.
    case unfinished
    /// Of another kind of stimulator, firmware or isolator.
    case foreign
    case unsigned
    /// The bytes are not those that were signed, or the signature is not that key's.
    case altered
    /// A calibration of another serial number in the place of this one's.
    case replayed = "replayed on another serial number"
    /// An older file in the place of a newer one.
    case rolledBack = "rolled back"
    case untrustedKey = "untrusted key"
    case revokedKey = "revoked key"
    case keyNotYetValid = "key not yet valid"
    case keyNoMoreValid = "key no more valid"
    case wrongRole = "wrong role"
    /// Or a paper from a day to come: to the program it is the same.
    case clockSetBack = "clock set back"
    case notCovered = "output not covered"
    case tooWide = "tolerance wider than the policy's"
    /// A paper of trust that cannot be read at all: key, policy, anchor.
    case unreadable
}

/// A session is refused: why, which file, and who can mend it.
public struct TrustLock: Error, Equatable, Sendable, CustomStringConvertible {
    public let reason: LockReason
    /// `the calibration of P24-SIM-01`, `protocol vmo-relieve-surface`.
    public let subject: String
    /// What was found, in words.
    public let finding: String
    /// Where it was found.
    public let file: String
    /// Who can mend it, and with what.
    public let mender: String

    public var description: String { "\(subject) is refused (\(reason.rawValue)): \(finding) (\(file)). \(mender)" }

    static let technician = "A technician can mend it: motorpoint-bench calibrate"
    static let clinic = "The clinic can mend it: motorpoint-bench sign"
    static let keyOwner = "The clinic can mend it: the keys in its policy (motorpoint-bench keys)"
    static let clock = "Whoever looks after this computer can mend it: set the clock right"
}

/// Whose signature is on a paper, and whether it is believed.
struct SignatureJudge {
    let policy: ClinicPolicy
    let policyPath: String
    let revocations: [KeyRevocation]
    let today: CalendarDay
    let kind: SignedKind
    /// As in `TrustLock`.
    let subject: String
    /// Of what is signed, and of its signature.
    let file: String
    let signatureFile: String

    private var signer: String { kind == .calibration ? TrustLock.technician : TrustLock.clinic }

    func lock(_ reason: LockReason, _ finding: String, in place: String? = nil, mender: String? = nil) -> TrustLock {
        TrustLock(
            reason: reason, subject: subject, finding: finding, file: place ?? file, mender: mender ?? signer)
    }

    /// The signature, once it is proven to be over these bytes by a key that may do so.
    func judge(_ bytes: [UInt8]) throws(TrustLock) -> DetachedSignature {
        guard TrustFile.exists(signatureFile) else {
            throw lock(.unsigned, "there is no signature", in: signatureFile)
        }
        let signature: DetachedSignature
        do { signature = try DetachedSignature.load(path: signatureFile) } catch {
            throw lock(.altered, "its signature cannot be read: \(error)", in: signatureFile)
        }
        guard signature.kind == kind else {
            throw lock(.altered, "the signature is one of a \(signature.kind.rawValue)", in: signatureFile)
        }
        guard let trusted = policy.keys.first(where: { $0.id == signature.keyID }),
            let key = PublicKey(bytes: trusted.publicKey)
        else {
            throw lock(
                .untrustedKey, "key \(signature.keyID) signed it, and the policy \(policyPath) does not name that key",
                in: signatureFile, mender: TrustLock.keyOwner)
        }
        guard signature.sha256 == Digest(of: bytes) else {
            throw lock(.altered, "it was changed after it was signed")
        }
        guard signature.isProven(by: key) else {
            throw lock(
                .altered, "the signature is not that of key \(trusted.id) in \(policyPath), or was changed",
                in: signatureFile)
        }
        try judge(signature, of: trusted)
        return signature
    }

    private func judge(_ signature: DetachedSignature, of key: TrustedKey) throws(TrustLock) {
        let day = signature.signedOn
        if let revoked = revocations.first(where: { $0.keyID == key.id }) {
            guard revoked.reason == .retired, day < revoked.on else {
                throw lock(
                    .revokedKey,
                    "key \(key.id) was revoked on \(revoked.on.text) (\(revoked.reason.rawValue)): sign anew with "
                        + "another one", in: signatureFile)
            }
        }
        if let on = key.revokedOn, day >= on {
            throw lock(.revokedKey, "key \(key.id) was revoked on \(on.text) by \(policyPath)", in: signatureFile)
        }
        guard kind.maySign(key.role) else {
            throw lock(
                .wrongRole, "key \(key.id) is a \(key.role.rawValue)'s, who may not sign a \(kind.rawValue)",
                in: signatureFile)
        }
        guard day >= key.validFrom else {
            throw lock(
                .keyNotYetValid, "signed on \(day.text); key \(key.id) is valid from \(key.validFrom.text)",
                in: signatureFile)
        }
        guard day <= key.validUntil else {
            throw lock(
                .keyNoMoreValid, "signed on \(day.text); key \(key.id) was valid until \(key.validUntil.text)",
                in: signatureFile)
        }
        guard day <= today else {
            throw lock(
                .clockSetBack, "signed on \(day.text), and this computer's clock shows \(today.text)",
                in: signatureFile, mender: TrustLock.clock)
        }
    }
}

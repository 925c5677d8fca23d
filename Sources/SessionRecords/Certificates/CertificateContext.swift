// What a certificate needs beside the document that was signed.
public import Calibration

/// Who signed a calibration, as it is stored beside it. The page states it; only `motorpoint` verifies it, before every
/// session.
public struct CertificateSignature: Equatable, Sendable {
    public let keyID: String
    /// Who holds the key, as the policy file names them.
    public let holder: String
    /// The day of signing, `2026-11-22`.
    public let signedOn: String
    /// Of the bytes that were signed, in hexadecimal digits.
    public let documentSHA256: String

    public init(keyID: String, holder: String, signedOn: String, documentSHA256: String) {
        self.keyID = keyID
        self.holder = holder
        self.signedOn = signedOn
        self.documentSHA256 = documentSHA256
    }
}

public struct CertificateContext: Sendable {
    /// Nothing for a calibration that nobody has signed: no session accepts it.
    public let signature: CertificateSignature?
    /// Other calibrations for the drift; those of another device are left out, in whatever order they come.
    public let earlier: [CalibrationDocument]
    /// Who set the tolerance, such as `device profile` or `clinic policy`.
    public let toleranceSetBy: String
    /// Sessions that ran since the last good calibration; nothing where nobody has looked.
    public let sessionsSince: [String]?
    public let written: WallTime
    public let programVersion: String

    public init(
        signature: CertificateSignature?, earlier: [CalibrationDocument] = [], toleranceSetBy: String,
        sessionsSince: [String]? = nil, written: WallTime, programVersion: String
    ) {
        self.signature = signature
        self.earlier = earlier
        self.toleranceSetBy = toleranceSetBy
        self.sessionsSince = sessionsSince
        self.written = written
        self.programVersion = programVersion
    }
}

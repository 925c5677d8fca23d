// What `motorpoint` believes before a session: the calibration of this very stimulator and the protocols, signed by
// keys that this data folder's policy names (`clinical.md` 5, H45; issue 5).
public import Calibration
public import CareModel
internal import Foundation
public import StimulusModel

/// Who stands at the serial line, and what a session wants of it.
public struct DeviceUse: Sendable {
    public let stimulator: StimulatorKind
    public let serialNumber: String
    /// As the device tells it; empty where nobody has asked it yet.
    public let firmware: String
    /// As the rig file names it; nothing on a P24.
    public let isolator: String?
    public let outputs: [Channel]

    public init(
        stimulator: StimulatorKind, serialNumber: String, firmware: String, isolator: String?, outputs: [Channel]
    ) {
        self.stimulator = stimulator
        self.serialNumber = serialNumber
        self.firmware = firmware
        self.isolator = isolator
        self.outputs = outputs
    }
}

/// A calibration that holds today for this device and these outputs. Only the verifier makes one, and only it opens the
/// gate.
public struct ProvenCalibration: Sendable {
    public let use: DeviceUse
    public let document: CalibrationDocument
    public let sha256: Digest
    public let keyID: String
    public let path: String
    /// 0 on the last day.
    public let daysLeft: Int64
    /// Of the used outputs, in their order.
    public let outputs: [OutputCertificate]

    fileprivate init(
        use: DeviceUse, document: CalibrationDocument, sha256: Digest, keyID: String, path: String, daysLeft: Int64,
        outputs: [OutputCertificate]
    ) {
        self.use = use
        self.document = document
        self.sha256 = sha256
        self.keyID = keyID
        self.path = path
        self.daysLeft = daysLeft
        self.outputs = outputs
    }

    /// What only a calibration opens.
    public var gate: GateSet { .calibrationValid }

    /// What a person should be told 30 days before it ends, and every day after.
    public var notice: String? {
        guard daysLeft < CalibrationDocument.noticeDays else { return nil }
        let end = daysLeft == 0 ? "ends today" : "ends in \(daysLeft) days"
        return "The calibration of this stimulator \(end): have it calibrated."
    }

    /// What calibration found of an output; none for one that the session does not use.
    public func correction(of channel: Channel) -> OutputCorrection {
        outputs.first { $0.output == channel.number }?.fit.correction ?? .none
    }

    /// The stimulator's own samples over the instrument's readings, in thousandths, as calibration found them; nothing
    /// where it compared none.
    public func readBackPermille(of channel: Channel) -> Int32? {
        let figures = outputs.first { $0.output == channel.number }?.figures ?? []
        return figures.first { $0.kind == .readBack && $0.verdict == .pass }.map { Int32(clamping: $0.value) }
    }

    /// The correction of an output of a needle rig, in its terms. The gain is rounded up: never more current than
    /// meant.
    public func channelCalibration(of channel: Channel) -> ChannelCalibration {
        ChannelCalibration(correction(of: channel)) ?? .nominal
    }

    /// What the stimulator can do as calibrated: the worse of the used outputs.
    public var capabilities: DeviceCapabilities {
        let tolerance = outputs.map(\.tolerancePermille).max() ?? 0
        switch use.stimulator {
        case .p24: return .p24LowLevel(tolerancePermille: tolerance)
        case .pulsePal:
            let highest = use.outputs.map { channelCalibration(of: $0).highestMicroamperes }.min() ?? 0
            return .needleRig(
                maximumAmplitude: Current(microamperes: highest),
                residualOffsetNanoamperes: outputs.map { Int32(clamping: $0.residualOffsetNanoamperes.magnitude) }.max()
                    ?? 0,
                imbalancePermille: outputs.map { Int32(clamping: $0.imbalancePermille.magnitude) }.max() ?? 0,
                tolerancePermille: tolerance)
        }
    }
}

extension ChannelCalibration {
    /// Nothing beyond ±10 % and ±50 µA: no session runs on such an output.
    init?(_ correction: OutputCorrection) {
        self.init(
            gainMicroamperesPerVolt: (correction.gainPartsPerMillion + 999) / 1_000,
            offsetNanoamperes: correction.offsetNanoamperes)
    }
}

/// A protocol whose signature was proven.
public struct ProvenProtocol: Sendable {
    public let id: String
    public let version: Int32
    public let keyID: String

    fileprivate init(id: String, version: Int32, keyID: String) {
        self.id = id
        self.version = version
        self.keyID = keyID
    }
}

public struct TrustVerifier: Sendable {
    /// Clocks that are set by the network step back a little (proposal, 2 s).
    static let clockSlackNanoseconds: Int64 = 2_000_000_000

    public let policy: ClinicPolicy
    public let policyPath: String
    public let folder: TrustFolder
    private let anchor: TrustAnchor
    private let revocations: [KeyRevocation]
    private let now: WallTime
    private var today: CalendarDay { CalendarDay(now) }

    /// Reads what the folder remembers, and judges the clock by it.
    /// - Parameter policyPath: for messages.
    public init(
        dataFolder: String, policy: ClinicPolicy, policyPath: String, now: WallTime
    ) throws(TrustLock) {
        self.policy = policy
        self.policyPath = policyPath
        self.now = now
        folder = TrustFolder(dataFolder: dataFolder)
        do {
            revocations = try KeyStore(dataFolder: dataFolder).revocations()
        } catch {
            throw TrustLock(
                reason: .unreadable, subject: "the list of revoked keys", finding: "\(error)", file: folder.revoked,
                mender: TrustLock.keyOwner)
        }
        do {
            anchor = try TrustAnchor.readOrBegin(folder)
        } catch {
            throw TrustLock(
                reason: .unreadable, subject: "what this data folder remembers of its calibrations",
                finding: "\(error)", file: folder.anchor,
                mender: "Whoever looks after this computer can mend it: restore the file from a backup")
        }
        for id in anchor.revoked ?? [] where !revocations.contains(where: { $0.keyID == id }) {
            throw TrustLock(
                reason: .unreadable, subject: "the list of revoked keys",
                finding: "the revocation of \(id) was here and is gone", file: folder.revoked,
                mender: "Whoever looks after this computer can mend it: restore the file from a backup")
        }
        guard now.nanoseconds >= anchor.latestWallNanoseconds - TrustVerifier.clockSlackNanoseconds else {
            let seen = CivilTime(
                wallNanoseconds: anchor.latestWallNanoseconds, utcOffsetSeconds: now.utcOffsetSeconds)
            throw TrustLock(
                reason: .clockSetBack, subject: "this computer's clock",
                finding: "it shows a time before \(seen.text), when this data folder was used last",
                file: folder.anchor, mender: TrustLock.clock)
        }
    }

    // MARK: - Protocols

    public func prove(_ content: LoadedProtocol) throws(TrustLock) -> ProvenProtocol {
        let id = content.content.id
        let version = content.content.version
        let judge = SignatureJudge(
            policy: policy, policyPath: policyPath, revocations: revocations, today: today, kind: .treatmentProtocol,
            subject: "protocol \(id)", file: content.path, signatureFile: folder.protocolSignature(id))
        let signature = try judge.judge(Array(content.text.utf8))
        guard signature.subject == id, signature.version == version else {
            throw judge.lock(
                .altered, "the signature is for \(signature.subject), version \(signature.version)",
                in: judge.signatureFile)
        }
        if let highest = anchor.protocols[id], version < highest {
            throw judge.lock(.rolledBack, "it is version \(version), and version \(highest) was used before")
        }
        return ProvenProtocol(id: id, version: version, keyID: signature.keyID)
    }

    // MARK: - Calibration

    /// The newest calibration of this device, if it may be used today.
    public func prove(_ use: DeviceUse) throws(TrustLock) -> ProvenCalibration {
        let serial = use.serialNumber
        let (sequence, path) = try newest(of: serial)
        let judge = judge(of: serial, path)
        let bytes = try read(path, judge)
        let digest = Digest(of: bytes)
        let signature = try judge.judge(bytes)
        let document: CalibrationDocument
        do {
            document = try CalibrationCodec.parse(String(decoding: bytes, as: UTF8.self), file: path)
        } catch {
            throw judge.lock(.unreadable, "\(error)")
        }
        guard document.device.serialNumber == serial else {
            throw judge.lock(.replayed, "it is the calibration of \(document.device.serialNumber)")
        }
        guard document.sequence == sequence, signature.version == sequence, signature.subject == document.id else {
            throw judge.lock(.rolledBack, "it is number \(document.sequence) in the place of number \(sequence)")
        }
        if let mark = anchor.devices[serial], mark.sequence == sequence, mark.sha256 != digest.hex {
            throw judge.lock(.altered, "number \(sequence) was another file when it was used or saved before")
        }
        try judgeContent(document, signedOn: signature.signedOn, use, judge)
        let outputs = try judgeOutputs(document, use, judge)
        return ProvenCalibration(
            use: use, document: document, sha256: digest, keyID: signature.keyID, path: path,
            daysLeft: document.daysLeft(on: today), outputs: outputs)
    }

    private func judge(of serial: String, _ path: String) -> SignatureJudge {
        SignatureJudge(
            policy: policy, policyPath: policyPath, revocations: revocations, today: today, kind: .calibration,
            subject: "the calibration of \(serial)", file: path, signatureFile: TrustFolder.signature(beside: path))
    }

    private func newest(of serial: String) throws(TrustLock) -> (Int32, String) {
        let judge = judge(of: serial, folder.calibrations(of: serial))
        let all: [Int32]
        do { all = try CalibrationStore(dataFolder: folder.dataFolder).sequences(of: serial) } catch {
            throw judge.lock(.unreadable, "\(error)")
        }
        let known = anchor.devices[serial]?.sequence ?? 0
        guard let newest = all.last else {
            if known > 0 { throw judge.lock(.rolledBack, "number \(known) was here and is gone") }
            throw judge.lock(.missing, "this stimulator was never calibrated")
        }
        guard newest >= known else {
            throw judge.lock(.rolledBack, "number \(known) was here, and now the newest is number \(newest)")
        }
        if let begun = anchor.begun?[serial], begun > newest {
            throw judge.lock(.unfinished, "number \(begun) was begun and never came to its end")
        }
        return (newest, folder.calibration(of: serial, sequence: newest))
    }

    private func read(_ path: String, _ judge: SignatureJudge) throws(TrustLock) -> [UInt8] {
        do {
            return try TextFile.read(path).bytes
        } catch {
            throw judge.lock(.unreadable, "\(error)")
        }
    }

    private func judgeContent(
        _ document: CalibrationDocument, signedOn: CalendarDay, _ use: DeviceUse, _ judge: SignatureJudge
    ) throws(TrustLock) {
        let device = document.device
        guard device.stimulator == use.stimulator else {
            throw judge.lock(.foreign, "it is that of a \(device.stimulator.rawValue)")
        }
        func major(_ version: String) -> Substring { version.prefix { $0 != "." } }
        guard use.firmware.isEmpty || major(device.firmware) == major(use.firmware) else {
            throw judge.lock(
                .foreign, "it was measured with firmware \(device.firmware), and the stimulator has \(use.firmware)")
        }
        guard device.isolator == use.isolator else {
            throw judge.lock(
                .foreign,
                "it was measured with the isolator \(device.isolator ?? "none"), and the rig file names "
                    + "\(use.isolator ?? "none")")
        }
        guard document.measuredOn <= today else {
            throw judge.lock(
                .clockSetBack,
                "measured on \(document.measuredOn.text), and this computer's clock shows \(today.text)",
                mender: TrustLock.clock)
        }
        // Else whoever holds a key that is out of use could sign what was measured today with a day of then.
        guard document.measuredOn <= signedOn else {
            throw judge.lock(
                .altered,
                "it was signed on \(signedOn.text), before it was measured (\(document.measuredOn.text))")
        }
        guard document.isPassed else {
            let findings = document.outputs.flatMap { output in
                output.findings.map { "output \(output.output): \($0)" }
            }
            throw judge.lock(
                .failed,
                "calibration \(document.id) did not pass"
                    + (findings.isEmpty ? "" : ": " + findings.prefix(3).joined(separator: "; ")))
        }
        guard document.isInDate(on: today) else {
            throw judge.lock(.expired, "it ended \(-document.daysLeft(on: today)) days ago")
        }
        guard document.tolerancePermille <= policy.calibrationTolerancePermille else {
            throw judge.lock(
                .tooWide,
                "it was judged by \(QuantityUnit.percent.text(Int64(document.tolerancePermille))); the policy "
                    + "\(policyPath) asks for \(QuantityUnit.percent.text(Int64(policy.calibrationTolerancePermille)))")
        }
    }

    private func judgeOutputs(
        _ document: CalibrationDocument, _ use: DeviceUse, _ judge: SignatureJudge
    ) throws(TrustLock) -> [OutputCertificate] {
        var outputs: [OutputCertificate] = []
        for channel in use.outputs {
            guard let output = document.output(channel) else {
                throw judge.lock(.notCovered, "output \(channel.number) was not measured")
            }
            guard output.tolerancePermille >= 0, output.tolerancePermille <= policy.calibrationTolerancePermille else {
                throw judge.lock(
                    .tooWide,
                    "output \(channel.number) may be "
                        + "\(QuantityUnit.percent.text(Int64(output.tolerancePermille))) off; the policy \(policyPath) "
                        + "allows \(QuantityUnit.percent.text(Int64(policy.calibrationTolerancePermille)))")
            }
            if use.stimulator == .pulsePal, ChannelCalibration(output.fit.correction) == nil {
                throw judge.lock(
                    .failed,
                    "output \(channel.number) is beyond what a needle rig corrects: 10 % of gain and 50 µA of offset")
            }
            outputs.append(output)
        }
        return outputs
    }

    // MARK: - Remembering

    /// Remembers what a session is about to use, before anything is armed.
    public func remember(
        _ calibration: ProvenCalibration, _ protocols: [ProvenProtocol], at time: WallTime
    ) throws(TrustFileProblem) {
        try TrustAnchor.update(folder) { anchor in
            let serial = calibration.document.device.serialNumber
            if (anchor.devices[serial]?.sequence ?? 0) < calibration.document.sequence {
                anchor.devices[serial] = TrustAnchor.Device(
                    sequence: calibration.document.sequence, sha256: calibration.sha256.hex)
            }
            for one in protocols { anchor.protocols[one.id] = max(one.version, anchor.protocols[one.id] ?? 0) }
            anchor.latestWallNanoseconds = max(anchor.latestWallNanoseconds, time.nanoseconds)
        }
    }
}

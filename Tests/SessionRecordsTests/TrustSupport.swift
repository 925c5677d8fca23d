import Calibration
import CareModel
import Foundation
import SessionRecords
import StimulusModel
import Testing

/// A data folder with a clinic's and a technician's key, a policy that believes them, and a clock that is set by hand.
final class TrustWorld {
    static let serial = "P24-0001"

    let folder: String
    var now: WallTime
    var role = KeyRole.technician
    var validFrom = day("2026-01-01")
    var validUntil = day("2028-12-31")
    var revokedOn: CalendarDay?
    var tolerancePermille: Int32 = 200
    var believes = true
    let keys: KeyStore
    let store: CalibrationStore
    let technician: StoredKey
    let clinic: StoredKey

    init(on today: String = "2026-11-20") throws {
        folder = try makeFolder("trust")
        now = TrustWorld.noon(today)
        keys = KeyStore(dataFolder: folder)
        store = CalibrationStore(dataFolder: folder)
        technician = try keys.create(id: "technician-ab")
        clinic = try keys.create(id: "clinic-2026")
    }

    deinit { removeFolder(folder) }

    static func noon(_ text: String) -> WallTime {
        WallTime(nanoseconds: (day(text).daysSince1970 * 86_400 + 43_200) * 1_000_000_000, utcOffsetSeconds: 0)
    }

    var policy: ClinicPolicy {
        func trusted(_ key: StoredKey, _ role: KeyRole) -> TrustedKey {
            TrustedKey(
                id: key.id, holder: "AB", role: role, publicKey: key.publicKey.bytes, validFrom: validFrom,
                validUntil: validUntil, revokedOn: revokedOn)
        }
        return ClinicPolicy(
            needsSecondPersonForNeedles: false, calibrationTolerancePermille: tolerancePermille,
            keys: believes ? [trusted(technician, role), trusted(clinic, .clinic)] : [])
    }

    func verifier(_ policy: ClinicPolicy? = nil) throws(TrustLock) -> TrustVerifier {
        try TrustVerifier(
            dataFolder: folder, policy: policy ?? self.policy, policyPath: "policy.yaml", now: now)
    }

    func use(
        serial: String = TrustWorld.serial, kind: StimulatorKind = .p24, firmware: String = "1.2.3",
        isolator: String? = nil, outputs: [Channel] = [.first]
    ) -> DeviceUse {
        DeviceUse(
            stimulator: kind, serialNumber: serial, firmware: firmware, isolator: isolator, outputs: outputs)
    }

    @discardableResult
    func prove(_ use: DeviceUse? = nil, _ policy: ClinicPolicy? = nil) throws(TrustLock) -> ProvenCalibration {
        try verifier(policy).prove(use ?? self.use())
    }

    /// The reason for which the session is refused; nothing if it is not.
    func refusal(_ use: DeviceUse? = nil, _ policy: ClinicPolicy? = nil) -> LockReason? {
        do throws(TrustLock) {
            try prove(use, policy)
            return nil
        } catch {
            return error.reason
        }
    }

    /// Saved and signed by the technician on the world's day.
    @discardableResult
    func calibrate(
        _ change: (inout DocumentDraft) -> Void = { _ in }, by id: String = "technician-ab"
    ) throws -> String {
        var draft = DocumentDraft(measuredOn: CalendarDay(now))
        change(&draft)
        draft.sequence = try store.nextSequence(of: draft.serial)
        return try store.save(draft.document, signedBy: try keys.open(id), keyID: id, at: now)
    }

    /// What a session does before its record is made.
    func remember() throws {
        let verifier = try verifier()
        try verifier.remember(try verifier.prove(use()), [], at: now)
    }
}

func day(_ text: String) -> CalendarDay { CalendarDay(text: text) ?? .latest }

/// A calibration as a test wants it.
struct DocumentDraft {
    var stimulator = StimulatorKind.p24
    var serial = TrustWorld.serial
    var firmware = "1.2.3"
    var isolator: String?
    var sequence: Int32 = 1
    var measuredOn: CalendarDay
    var validDays: Int32 = 365
    var tolerancePermille: Int32 = 200
    var gainPartsPerMillion: Int32 = 1_020_000
    var offsetNanoamperes: Int32 = -3_000
    var outputs: ClosedRange<UInt8> = 1...2
    var verdict = PointVerdict.pass
    var findings: [String] = []
    var truePermille: Int32 = 25

    var document: CalibrationDocument {
        CalibrationDocument(
            device: CalibratedDevice(
                stimulator: stimulator, serialNumber: serial, firmware: firmware, isolator: isolator),
            sequence: sequence, measuredOn: measuredOn, validDays: validDays, technician: "AB",
            tolerancePermille: tolerancePermille,
            instruments: [
                CalibrationInstrument(
                    source: .instrument, model: "Maker's 'Best', 100 %: #1", serialNumber: "000123",
                    calibratedOn: day("2026-02-01"), holdsUntil: day("2027-01-31"), expandedPartsPerMillion: 15_000,
                    expandedMicrovolts: 2_000),
                CalibrationInstrument(
                    source: .typed, model: "Zähler", serialNumber: "null", calibratedOn: day("2026-02-01"),
                    holdsUntil: day("2027-01-31"), expandedPartsPerMillion: 1, expandedMicrovolts: 0,
                    evidence: "photo 1.jpg"),
            ],
            loads: [CalibrationLoad(assetNumber: "R-7", ohms: 1_000, tolerancePermille: 10, ratedMilliwatts: 5_000)],
            outputs: outputs.map(output))
    }

    private func output(_ number: UInt8) -> OutputCertificate {
        let point = CalibrationPoint(
            setMicroamperes: 5_000, isSecondPhase: true, loadOhms: 1_000, readings: 5, meanNanoamperes: 5_098_211,
            standardDeviationNanoamperes: 1_200, expandedNanoamperes: 80_000, verdict: verdict)
        return OutputCertificate(
            output: number,
            fit: CalibrationFit(
                correction: OutputCorrection(
                    gainPartsPerMillion: gainPartsPerMillion, offsetNanoamperes: offsetNanoamperes) ?? .none,
                expandedGainPartsPerMillion: 16_000, expandedOffsetNanoamperes: 900, largestResidualNanoamperes: 4_000),
            asFound: [point], asLeft: [point, point],
            figures: [
                CalibrationFigure(
                    kind: .restingCurrent, value: -12, expanded: 30, lowest: -1_000, highest: 1_000, verdict: .pass)
            ],
            findings: findings, tolerancePermille: truePermille, imbalancePermille: 4, residualOffsetNanoamperes: 120)
    }
}

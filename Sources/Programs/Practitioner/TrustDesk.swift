// Before anybody is asked anything: are the protocols and the calibration of this very stimulator signed by a key that
// the policy believes, and do they hold today? A no is final for this session; it says who can mend it.
import CareModel
import Foundation
import SessionRecords
import StimulusModel

struct TrustDesk {
    let policy: ClinicPolicy
    let verifier: TrustVerifier

    init(dataFolder: String) throws {
        let (policy, path) = try TrustDesk.loadPolicy(dataFolder: dataFolder)
        self.policy = policy
        do throws(TrustLock) {
            verifier = try TrustVerifier(
                dataFolder: dataFolder, policy: policy, policyPath: path, now: WallClock.now())
        } catch {
            throw TrustDesk.failure(error)
        }
    }

    /// The policy of this installation, once it names keys: whoever chooses a data folder does not choose whom to
    /// believe. Else that of the data folder, else `MOTORPOINT_POLICY`, else the installation's without keys.
    static func loadPolicy(dataFolder: String) throws -> (ClinicPolicy, path: String) {
        if let folder = try? Places.installed("Hardware", option: "MOTORPOINT_POLICY") {
            let installed = folder + "/policy.yaml"
            let policy = try load(installed)
            if !policy.keys.isEmpty { return (policy, installed) }
        }
        let given = ProcessInfo.processInfo.environment["MOTORPOINT_POLICY"] ?? ""
        var path = TrustFolder(dataFolder: dataFolder).policy
        if !FileManager.default.fileExists(atPath: path) {
            path =
                given.isEmpty ? try Places.installed("Hardware", option: "MOTORPOINT_POLICY") + "/policy.yaml" : given
        }
        return (try load(path), path)
    }

    private static func load(_ path: String) throws -> ClinicPolicy {
        do throws(FileProblems) {
            return try PolicyLoader.load(path: path)
        } catch {
            throw Failure.file(error, at: path)
        }
    }

    /// Everything that this session needs, of the device as it said itself.
    func prove(_ order: SessionOrder, of device: RecordedDevice) throws -> TrustedPapers {
        TrustedPapers(
            calibration: try proveCalibration(order, of: device), protocols: try proveProtocols(order))
    }

    static func tell(_ papers: TrustedPapers, _ prompter: Prompter) {
        prompter.say("Calibration \(RecordedCalibration(papers.calibration).words).")
        if let notice = papers.calibration.notice { prompter.say("NOTICE: \(notice)") }
    }

    /// Every protocol of the session: those for each muscle, and what goes with them.
    private func proveProtocols(_ order: SessionOrder) throws -> [ProvenProtocol] {
        try proving { () throws(TrustLock) in
            var proven: [ProvenProtocol] = []
            for content in order.channels.flatMap({ [$0.main] + ($0.companion.map { [$0] } ?? []) })
            where !proven.contains(where: { $0.id == content.content.id }) {
                proven.append(try verifier.prove(content))
            }
            return proven
        }
    }

    private func proveCalibration(_ order: SessionOrder, of device: RecordedDevice) throws -> ProvenCalibration {
        try proving { () throws(TrustLock) in
            try verifier.prove(TrustDesk.use(order, serial: device.id, firmware: device.firmware))
        }
    }

    /// For a dry run, which asks no device: by the serial number in the rig file, if one stands there.
    func foreseenCalibration(_ order: SessionOrder) -> Result<ProvenCalibration, TrustLock>? {
        let rig = order.rig.content
        guard let serial = rig.deviceID ?? rig.needles?.usbSerialNumber else { return nil }
        return Result { () throws(TrustLock) in
            try verifier.prove(TrustDesk.use(order, serial: serial, firmware: ""))
        }
    }

    private static func use(_ order: SessionOrder, serial: String, firmware: String) -> DeviceUse {
        let rig = order.rig.content
        return DeviceUse(
            stimulator: rig.stimulator, serialNumber: serial, firmware: firmware, isolator: rig.needles?.isolator,
            outputs: [rig.channel] + (rig.secondChannel.map { [$0] } ?? []))
    }

    /// Before the record is made: what is used now is never followed by something older.
    func remember(_ papers: TrustedPapers) throws {
        do throws(TrustFileProblem) {
            try verifier.remember(papers.calibration, papers.protocols, at: WallClock.now())
        } catch {
            throw Failure(
                .cannotWrite, "what is used in this session cannot be remembered: \(error). Nothing was armed")
        }
    }

    private func proving<Proof>(_ body: () throws(TrustLock) -> Proof) throws -> Proof {
        do throws(TrustLock) {
            return try body()
        } catch {
            throw TrustDesk.failure(error)
        }
    }

    static func failure(_ lock: TrustLock) -> Failure { Failure(.refused, "\(lock). Nothing was armed") }
}

import ByteStreams
import CareModel
import DeviceDrivers
import Foundation
import MachineChecks
import SessionRecords
import StimulusModel

/// Reads this computer and hands what it found to the checks, which alone judge.
struct Examination {
    let rig: String?
    let line: String?
    let places: PlaceOptions

    func findings() throws -> [Finding] {
        let user = MachineReader.user()
        let rig = RigReading(given: rig)
        var found = SerialChecks.findings(
            MachineReader.serialLines([line, rig.loaded?.serialLine].compactMap { $0 }, mustExist: line),
            user: user, runningMeddlers: MachineReader.running(SerialChecks.meddlers))
        found += RealTimeChecks.findings(
            try MachineReader.realTime(isRequired: rig.loaded?.realTime == .required), user: user)
        found.append(
            LibraryChecks.finding(
                "libsodium",
                version: SystemLibrary.version(of: "libsodium.so.23", function: "sodium_version_string"),
                package: "libsodium23"))
        found.append(
            LibraryChecks.finding(
                "SQLite", version: SystemLibrary.version(of: "libsqlite3.so.0", function: "sqlite3_libversion"),
                package: "libsqlite3-0"))
        let folder = try places.dataFolder()
        found += DataChecks.findings(MachineReader.data(folder), user: user)
        let store = SessionStore(folder: folder)
        found += ClockChecks.findings(
            ClockFacts(
                wallNanoseconds: SystemClock.wallNanoseconds(), isSynchronised: SystemClock.isSynchronised(),
                newerSession: (try? store.clockSetBack(now: WallClock.now()))?.sessionID))
        found += TerminalChecks.findings(Terminal.facts())
        found += PaperChecks.findings(files(rig))
        found += PaperChecks.findings(PaperReader.records(store))
        return found
    }

    private func files(_ rig: RigReading) -> FileFacts {
        do {
            return PaperReader.files(in: try places.protocolFolder(), rig: rig, dataFolder: try places.dataFolder())
        } catch {
            let text = (error as? Failure)?.message ?? "\(error)"
            return FileFacts(
                protocolFolder: places.protocols ?? "this installation", goodProtocols: 0, goodRigs: 0,
                problems: [text], unfinishedRigs: [])
        }
    }
}

/// The rig files of this installation, and the one that was named.
struct RigReading {
    private(set) var good: [LoadedRig] = []
    private(set) var problems: [String] = []
    /// The one that a session would use; nothing when it does not load.
    private(set) var loaded: Rig?

    init(given: String?) {
        let installed = Places.rigFiles()
        let chosen = given ?? installed.first { $0.hasSuffix("/p24-clinic.yaml") }
        for path in installed + (given.map { [$0] } ?? []) where !good.contains(where: { $0.path == path }) {
            do throws(FileProblems) {
                let rig = try RigLoader.load(path: path)
                good.append(rig)
                if path == chosen { loaded = rig.content }
            } catch {
                problems.append(error.description)
            }
        }
        if installed.isEmpty, given == nil {
            problems.append("the folder Hardware of this installation was not found: name a rig file with --rig")
        }
    }
}

/// Protocols, rigs and records as their own readers find them.
enum PaperReader {
    /// So many of the newest records are read whole; of the others first and last record and anchor (proposal).
    static let readWhole = 10

    static func files(in folder: String, rig: RigReading, dataFolder: String) -> FileFacts {
        let shelf = ProtocolShelf(folders: [folder])
        var problems = shelf.problems.map(\.description)
        problems += shelf.protocols.compactMap { ProtocolChoice.refusal(of: $0)?.description }
        for kind in ElectrodeKind.all {
            do throws(FileProblems) {
                _ = try ChecklistLoader.load(path: folder + "/checklists/\(kind.name).yaml")
            } catch {
                problems.append(error.description)
            }
        }
        do {
            _ = try TrustDesk.loadPolicy(dataFolder: dataFolder)
        } catch {
            problems.append((error as? Failure)?.message ?? "\(error)")
        }
        return FileFacts(
            protocolFolder: folder, goodProtocols: shelf.protocols.count, goodRigs: rig.good.count,
            problems: problems + rig.problems,
            unfinishedRigs: rig.good.filter { $0.content.deviceID == Rig.exampleDeviceID }.map(\.path))
    }

    static func records(_ store: SessionStore) -> RecordFacts {
        var facts = RecordFacts(count: 0, damaged: [], cutShort: [], running: [], problem: nil)
        let ids: [String]
        do {
            guard FileManager.default.fileExists(atPath: store.folder) else { return facts }
            ids = try store.sessionIDs()
        } catch {
            facts.problem = "\(store.folder): \(error)"
            return facts
        }
        facts.count = ids.count
        for (index, id) in ids.enumerated() {
            if store.isRunning(id) {
                facts.running.append(id)
                continue
            }
            let summary = store.summary(id)
            let hasEnd = summary.closing != nil || summary.interruption != nil
            if summary.problem == nil, hasEnd, index < ids.count - readWhole { continue }
            let examination = store.verify(id)
            if examination.isDamaged {
                facts.damaged.append(id)
            } else if !examination.isIntact {
                facts.cutShort.append(id)
            }
        }
        return facts
    }
}

// The durable side of the needle ledger: trays and incidents, each a small JSON file of its own in the data folder. The
// session's record holds the same needles under its hash chain; these files exist because a needle may be in a body
// before a record is opened and after it is closed.
public import CareModel
internal import Foundation
internal import Glibc
internal import StimulusModel

/// Why the ledger of needles cannot be kept or believed.
public enum NeedleStoreProblem: Error, Equatable, Sendable, CustomStringConvertible {
    case disk(DiskError, file: String)
    /// Files that are no tray or incident of this program, or are damaged.
    case unreadable([String])
    /// Another process has needles in somebody with this data folder.
    case inUse
    case noSuchIncident(String)
    case ambiguousIncident(String, [String])
    case alreadyClosed(String)
    case unencodable

    public var description: String {
        switch self {
        case .disk(let error, let file): return "\(file): \(error)"
        case .unreadable(let files):
            return
                "the needle ledger cannot be read: \(files.joined(separator: ", ")). Restore the files, or move them "
                + "away and keep them"
        case .inUse: return "another session with needles uses this data folder"
        case .noSuchIncident(let id): return "there is no incident \(id); see `motorpoint incidents list`"
        case .ambiguousIncident(let id, let all):
            return "\(id) is the beginning of several: \(all.joined(separator: ", "))"
        case .alreadyClosed(let id): return "incident \(id) is closed already"
        case .unencodable: return "the needles could not be written down"
        }
    }
}

/// Held from the first question about needles to the last. Let go when its process ends, however it ends: that is how a
/// later start knows that a tray was left.
public final class NeedleHold: Sendable {
    private let file: LinuxFile

    init(_ file: consuming LinuxFile) { self.file = file }
}

public struct NeedleStore: Sendable {
    public let store: SessionStore

    public init(_ store: SessionStore) { self.store = store }

    public var folder: String { store.folder + "/needles" }
    private var traysFolder: String { folder + "/trays" }
    private var incidentsFolder: String { folder + "/incidents" }

    /// Nobody else may prepare needles, or judge trays as left, while this is held.
    public func hold() throws(NeedleStoreProblem) -> NeedleHold {
        let path = folder + "/.in-use"
        do {
            try makeFolders()
            let file = try LinuxFile.open(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
            guard try file.lock(waitingAtMostMilliseconds: 200) else { throw NeedleStoreProblem.inUse }
            return NeedleHold(file)
        } catch let problem as NeedleStoreProblem {
            throw problem
        } catch let error as DiskError {
            throw .disk(error, file: path)
        } catch {
            throw .inUse
        }
    }

    // MARK: - Trays

    /// Oldest first.
    public func trays() throws(NeedleStoreProblem) -> [RecordedTray] {
        try readAll(traysFolder, format: RecordedTray.format) { (tray: RecordedTray) in (tray.format, tray.id) }
    }

    public func write(_ tray: RecordedTray) throws(NeedleStoreProblem) {
        try write(tray, to: "\(traysFolder)/\(tray.id).json")
    }

    /// Every package that was opened in this installation, from the trays and, should one have been lost, from the
    /// records.
    public func used() throws(NeedleStoreProblem) -> Set<NeedlePackageKey> {
        var keys = Set(try trays().flatMap { $0.packages.map(\.key) })
        let summaries: [SessionSummary]
        do { summaries = try store.summaries() } catch { throw .disk(error, file: store.folder) }
        for summary in summaries {
            for needle in summary.opening?.needles ?? [] { keys.insert(needle.package.key) }
        }
        return keys
    }

    // MARK: - Incidents

    /// Oldest first, closed ones too.
    public func incidents() throws(NeedleStoreProblem) -> [NeedleIncident] {
        try readAll(incidentsFolder, format: NeedleIncident.format) { (one: NeedleIncident) in (one.format, one.id) }
    }

    public func openIncidents(personID: String? = nil) throws(NeedleStoreProblem) -> [NeedleIncident] {
        try incidents().filter { $0.isOpen && (personID == nil || $0.personID == personID) }
    }

    /// The incident of this id, or the only one whose id starts so.
    public func incident(_ typed: String) throws(NeedleStoreProblem) -> NeedleIncident {
        let all = try incidents()
        if let exact = all.first(where: { $0.id == typed }) { return exact }
        let starts = all.filter { !typed.isEmpty && $0.id.hasPrefix(typed) }
        guard let only = starts.first else { throw .noSuchIncident(typed) }
        guard starts.count == 1 else { throw .ambiguousIncident(typed, starts.map(\.id)) }
        return only
    }

    /// Makes an incident durable.
    func open(_ report: NeedleReport, about tray: RecordedTray, by: String, at time: WallTime)
        throws(NeedleStoreProblem) -> NeedleIncident
    {
        let incident = NeedleIncident(
            format: NeedleIncident.format, id: "i-" + SessionStore.makeSessionID(at: time), kind: report.kind.rawValue,
            personID: tray.personID, sessionID: tray.sessionID, trayID: tray.id, text: report.text,
            needleID: report.itemID, lots: tray.lots, places: tray.places, openedBy: by,
            openedWallNanoseconds: time.nanoseconds, end: nil)
        try write(incident, to: "\(incidentsFolder)/\(incident.id).json")
        return incident
    }

    /// - Throws: for one that is closed already: what was written of it stays.
    @discardableResult
    public func close(
        _ typed: String, by: String, note: String, at time: WallTime
    ) throws(NeedleStoreProblem) -> NeedleIncident {
        var incident = try incident(typed)
        guard incident.isOpen else { throw .alreadyClosed(incident.id) }
        incident.end = NeedleIncidentEnd(by: by, note: note, wallNanoseconds: time.nanoseconds)
        try write(incident, to: "\(incidentsFolder)/\(incident.id).json")
        return incident
    }

    // MARK: - Recovery

    /// What a crash left: every tray whose needles nobody counted becomes an incident, and so does every interrupted
    /// session with needles whose tray is gone. Nothing while another process holds the needles.
    /// - Returns: the incidents that were opened now.
    public func recover(
        interrupted: [RecoveredSession] = [], at time: WallTime
    ) throws(NeedleStoreProblem) -> [NeedleIncident] {
        guard LinuxFile.isFolder(folder) || interrupted.contains(where: { $0.opening?.needles != nil }) else {
            return []
        }
        let held: NeedleHold
        do {
            held = try hold()
        } catch {
            guard error == .inUse else { throw error }
            return []
        }
        defer { withExtendedLifetime(held) {} }
        var opened: [NeedleIncident] = []
        var trays = try trays()
        for session in interrupted {
            guard let lost = RecordedTray(of: session) else { continue }
            if let index = trays.firstIndex(where: { $0.id == lost.id || $0.sessionID == lost.sessionID }) {
                trays[index].sessionID = session.sessionID
            } else {
                trays.append(lost)
            }
        }
        for var tray in trays where tray.settledWallNanoseconds == nil {
            tray.settledWallNanoseconds = time.nanoseconds
            if tray.mayBeIn {
                let count = tray.needles.count(where: \.isInserted)
                let report = NeedleReport(
                    kind: .uncounted,
                    text: "The program or the computer died before the needles were counted: \(count) had been put in.",
                    itemID: nil)
                let incident = try open(report, about: tray, by: "program", at: time)
                tray.incidentIDs.append(incident.id)
                opened.append(incident)
            }
            // The incident first: a second death here leaves two incidents rather than none.
            try write(tray)
        }
        return opened
    }

    // MARK: - Files

    private func makeFolders() throws(DiskError) {
        try LinuxFile.makeFolders(traysFolder)
        try LinuxFile.makeFolders(incidentsFolder)
    }

    private func write(_ value: some Encodable, to path: String) throws(NeedleStoreProblem) {
        let bytes: [UInt8]
        do { bytes = try RecordJSON.encode(value) } catch { throw .unencodable }
        do {
            try makeFolders()
            var file = try PrivateFile(path, replacing: true)
            try file.append(String(decoding: bytes, as: UTF8.self) + "\n")
            try file.finish()
            try LinuxFile.syncFolder((path as NSString).deletingLastPathComponent)
        } catch let problem as PrivateFile.Problem {
            if case .disk(let error, _) = problem { throw .disk(error, file: path) }
            throw .unreadable([path])
        } catch let error as DiskError {
            throw .disk(error, file: path)
        } catch {
            throw .unreadable([path])
        }
    }

    private func readAll<Value: Decodable>(
        _ folder: String, format: String, _ head: (Value) -> (format: String, id: String)
    ) throws(NeedleStoreProblem) -> [Value] {
        guard LinuxFile.isFolder(folder) else { return [] }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        } catch {
            throw .unreadable([folder])
        }
        var values: [Value] = []
        var bad: [String] = []
        for name in names where name.hasSuffix(".json") && !name.hasPrefix(".") {
            let path = "\(folder)/\(name)"
            let value: Value? = (try? TextFile.read(path)).flatMap { RecordJSON.decode($0.bytes) }
            // A file under another name than its id is a copy, or a stranger.
            if let value, head(value).format == format, head(value).id + ".json" == name {
                values.append(value)
            } else {
                bad.append(path)
            }
        }
        // Skipping one would skip the needle that it is about.
        guard bad.isEmpty else { throw .unreadable(bad) }
        return values
    }
}

extension RecordedTray {
    /// What the opening of an interrupted session says of its needles; nothing where it had none.
    fileprivate init?(of session: RecoveredSession) {
        guard let opening = session.opening, let needles = opening.needles, !needles.isEmpty else { return nil }
        self.init(
            id: opening.trayID ?? "tray-\(session.sessionID)", personID: opening.personID,
            practitioner: opening.practitioner, wallNanoseconds: opening.wallNanoseconds,
            utcOffsetSeconds: opening.utcOffsetSeconds)
        var seen: Set<NeedlePackageKey> = []
        packages = needles.map(\.package).filter { seen.insert($0.key).inserted }
        self.needles = needles
        sessionID = session.sessionID
    }
}

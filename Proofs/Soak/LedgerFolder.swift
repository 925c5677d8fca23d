// The ledger's folder, and what a process that dies leaves of it: the next process works on a copy made at that moment,
// and whatever the old call still writes while it unwinds goes where nobody looks again.
internal import Foundation
internal import Synchronization

final class LedgerFolder {
    private static let made = Atomic<Int>(0)

    private let root: String
    private var generation = 0
    private let files = FileManager.default

    init() throws {
        let memory = "/dev/shm"
        let base = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
        let number = LedgerFolder.made.add(1, ordering: .relaxed).newValue
        root = "\(base)/motorpoint-soak-\(ProcessInfo.processInfo.processIdentifier)-\(number)"
        // Of a process of the same number that was killed.
        try? files.removeItem(atPath: root)
        try files.createDirectory(atPath: path + "/needles", withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    /// The data folder that the running process works on.
    var path: String { "\(root)/\(generation)" }
    private var nextPath: String { "\(root)/\(generation + 1)" }

    /// Keeps what is there now for the next process.
    func keep() throws {
        try? files.removeItem(atPath: nextPath)
        try files.createDirectory(atPath: nextPath, withIntermediateDirectories: true)
        try files.copyItem(atPath: path + "/needles", toPath: nextPath + "/needles")
    }

    /// Of what was kept, the newest file was being written anew: half of it stands beside it.
    func tear() throws {
        for folder in ["incidents", "trays"] {
            let inside = "\(nextPath)/needles/\(folder)"
            let names = (try? files.contentsOfDirectory(atPath: inside)) ?? []
            guard let last = names.filter({ $0.hasSuffix(".json") }).sorted().last else { continue }
            let whole = try Data(contentsOf: URL(fileURLWithPath: "\(inside)/\(last)"))
            let part = "\(inside)/\(last).part-\(ProcessInfo.processInfo.processIdentifier)"
            try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: part))
        }
    }

    /// Of what has been written since, the incidents were durable as well.
    func keepNewIncidents() throws {
        let inside = nextPath + "/needles/incidents"
        try? files.removeItem(atPath: inside)
        try files.copyItem(atPath: path + "/needles/incidents", toPath: inside)
    }

    /// The next process begins.
    func goOn() throws {
        try files.removeItem(atPath: path)
        generation += 1
    }
}

/// Protocol and rig files as their loaders found them.
public struct FileFacts: Equatable, Sendable {
    public var protocolFolder: String
    public var goodProtocols: Int
    public var goodRigs: Int
    /// Each a whole message: file, line, value, limit, what to do.
    public var problems: [String]
    /// Rig files that are still the shipped example and fit no device.
    public var unfinishedRigs: [String]

    public init(
        protocolFolder: String, goodProtocols: Int, goodRigs: Int, problems: [String], unfinishedRigs: [String]
    ) {
        self.protocolFolder = protocolFolder
        self.goodProtocols = goodProtocols
        self.goodRigs = goodRigs
        self.problems = problems
        self.unfinishedRigs = unfinishedRigs
    }
}

/// The records as their store found them.
public struct RecordFacts: Equatable, Sendable {
    public var count: Int
    /// Ids of sessions whose record was damaged or changed.
    public var damaged: [String]
    /// Ids of sessions that were cut short and not closed yet.
    public var cutShort: [String]
    /// Ids of sessions that run now.
    public var running: [String]
    /// Why the records could not be read; nothing when they could.
    public var problem: String?

    public init(count: Int, damaged: [String], cutShort: [String], running: [String], problem: String?) {
        self.count = count
        self.damaged = damaged
        self.cutShort = cutShort
        self.running = running
        self.problem = problem
    }
}

public enum PaperChecks {
    public static func findings(_ facts: FileFacts) -> [Finding] {
        var found: [Finding] = facts.problems.map { problem in
            .failure(
                .files, problem,
                type: "motorpoint doctor --rig FILE, or motorpoint protocols check FILE, after the change")
        }
        if facts.goodProtocols == 0 {
            found.append(
                .failure(
                    .files, "\(facts.protocolFolder) holds no protocol that can be used",
                    type: "name the folder with --protocols or MOTORPOINT_PROTOCOLS"))
        }
        for path in facts.unfinishedRigs {
            found.append(
                .warning(
                    .files, "\(path) is still the example: its device_id fits no device, so each would be refused",
                    type: "copy it, and write the id that `motorpoint devices --line PATH` tells into the copy"))
        }
        found.append(.ok(.files, "\(facts.goodProtocols) protocols and \(facts.goodRigs) rig files load"))
        return found
    }

    public static func findings(_ facts: RecordFacts) -> [Finding] {
        if let problem = facts.problem {
            return [.failure(.records, "they cannot be read: \(problem)", type: "motorpoint sessions list")]
        }
        var found: [Finding] = []
        if !facts.damaged.isEmpty {
            found.append(
                .failure(
                    .records,
                    "damaged or changed: \(facts.damaged.joined(separator: ", ")). No session starts on records that "
                        + "cannot be believed",
                    type: "motorpoint sessions verify; then restore the files, or move them away and keep them"))
        }
        for id in facts.cutShort {
            found.append(
                .warning(
                    .records, "session \(id) was cut short: the program or the computer died",
                    type: "motorpoint sessions show \(id); the next `motorpoint start` closes it as interrupted"))
        }
        for id in facts.running { found.append(.ok(.records, "session \(id) is running now")) }
        let good = facts.count - facts.damaged.count - facts.cutShort.count - facts.running.count
        found.append(.ok(.records, "\(good) closed and intact"))
        return found
    }
}

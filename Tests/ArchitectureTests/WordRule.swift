/// A word that stands nowhere, or only where it has to.
struct BannedWord {
    /// For messages.
    let name: String
    /// Words of which at least one stands wherever the pattern matches.
    let needles: [String]
    let pattern: Regex<Substring>
    let instead: String
    /// Paths, or beginnings of paths that end with "/", in which it may stand.
    var allowedIn: [String] = []
    /// Where it is looked for: beginnings of paths.
    var lookedForIn = ["Sources/", "Tests/", "Benchmarks/", "Proofs/"]
    /// Whether comments and texts are looked at too.
    var alsoInText = false
}

enum WordRule {
    /// The files whose job is memory, C or threads.
    static let unsafeFiles = [
        "Sources/ByteStreams/ByteStream.swift", "Sources/ByteStreams/ChildProcess.swift",
        "Sources/ByteStreams/LocalSocket.swift",
        "Sources/ByteStreams/PseudoTerminal.swift", "Sources/ByteStreams/Signals.swift",
        "Sources/ByteStreams/SystemError.swift", "Sources/ByteStreams/TerminalMode.swift",
        "Sources/DeviceDrivers/LineHolder.swift", "Sources/DeviceDrivers/OwnedThread.swift",
        "Sources/DeviceDrivers/PinBoard.swift", "Sources/DeviceDrivers/RealtimeReport.swift",
        "Sources/DeviceDrivers/SerialDevice.swift",
        "Sources/DeviceDrivers/SerialLine.swift", "Sources/DeviceDrivers/StopListener.swift",
        "Sources/DeviceDrivers/StopRequest.swift", "Sources/DeviceDrivers/StopServer.swift",
        "Sources/DeviceDrivers/SystemFile.swift", "Sources/DeviceDrivers/SystemLibrary.swift",
        "Sources/DeviceDrivers/WordRing.swift",
        "Sources/SessionRecords/Files/LinuxFile.swift", "Sources/SessionRecords/Record/Digest.swift",
        "Sources/SessionRecords/Trust/Ed25519.swift",
        "Sources/motorpoint-sim/SimulatedPins.swift", "Sources/motorpoint-sim/StableLink.swift",
        "Tests/ArchitectureTests/SourceTree.swift", "Tests/DeviceDriversTests/", "Tests/Fuzz/Fuzz.swift",
        "Tests/FuzzTargets/FuzzTarget.swift",
        "Tests/Explorer/Snapshot.swift",
    ]

    /// Made anew at each use: a `Regex` is not Sendable.
    static var words: [BannedWord] {
        [
            BannedWord(
                name: "Date()", needles: ["Date"], pattern: /\bDate\(\s*\)|\bDate\.now\b|\bDate\(timeIntervalSinceNow/,
                instead: "time is handed in; calendar time comes from SystemClock",
                allowedIn: []),
            BannedWord(name: "try!", needles: ["try!"], pattern: /\btry!/, instead: "throw, or stop and say why"),
            BannedWord(name: "as!", needles: ["as!"], pattern: /\bas!/, instead: "as? and a fault"),
            BannedWord(
                name: "usleep", needles: ["usleep", "sleep"], pattern: /\bu?sleep\(\s*[0-9]|\busleep\b/,
                instead: "SystemClock.sleep(until:)"),
            BannedWord(
                name: "DispatchQueue",
                needles: ["DispatchQueue", "DispatchSemaphore", "DispatchGroup", "DispatchSource", "DispatchWorkItem"],
                pattern: /\bDispatch(?:Queue|Semaphore|Group|Source|WorkItem)\b/, instead: "OwnedThread"),
            BannedWord(
                name: "Task.sleep", needles: ["sleep"], pattern: /\b(?:Task|Thread)\.sleep/,
                instead: "SystemClock.sleep(until:)"),
            BannedWord(
                name: "Task", needles: ["Task", "actor"], pattern: /\bTask\s*(?:\.detached)?\s*[{(]|\bactor\s+\w+/,
                instead: "OwnedThread: nothing here runs on the shared pool", lookedForIn: ["Sources/"]),
            BannedWord(
                name: "print(", needles: ["print", "debugPrint"], pattern: /\b(?:debugP|p)rint\(/,
                instead: "a library returns what is to be said",
                allowedIn: ["Sources/Programs/", "Sources/motorpoint-sim/"], lookedForIn: ["Sources/"]),
            BannedWord(
                name: "fatalError", needles: ["fatalError", "preconditionFailure"],
                pattern: /\bfatalError\b|\bpreconditionFailure\b/,
                instead: "a fault, which latches and stops", lookedForIn: ["Sources/"]),
            BannedWord(
                name: "leftover marker", needles: [], pattern: /\b(?:TO[D]O|FIX[M]E|XX[X]|HA[C]K)\b/,
                instead: "do it, or write a decision", alsoInText: true),
            BannedWord(
                name: "unsafe", needles: ["unsafe", "@unsafe"], pattern: /(?:^|[^@\w])unsafe\s|@unsafe\b/,
                instead: "a safe form; memory and C stand in the files that WordRule lists", allowedIn: unsafeFiles),
            BannedWord(
                name: "@unchecked Sendable", needles: ["@unchecked"], pattern: /@unchecked\s+Sendable/,
                instead: "Atomic, Mutex or one owner",
                allowedIn: ["Sources/DeviceDrivers/WordRing.swift"]),
            BannedWord(
                name: "nonisolated(unsafe)", needles: ["nonisolated"], pattern: /nonisolated\(unsafe\)/,
                instead: "a let of a Sendable type"),
            BannedWord(
                name: "@_silgen_name", needles: ["@_silgen_name", "@_cdecl"], pattern: /@_silgen_name|@_cdecl/,
                instead: "a C function in CLinuxIO"),
            BannedWord(
                name: "@testable", needles: ["@testable"], pattern: /@testable\b/, instead: "test what callers see",
                allowedIn: [
                    "Tests/DeviceDriversTests/LoopWatchTests.swift",
                    "Tests/DeviceDriversTests/SerialLineTests.swift", "Tests/DeviceDriversTests/ThreadTests.swift",
                    "Tests/ScenarioTests/JudgeOnPaper.swift",
                ]),
            BannedWord(
                name: "a program that knows it is simulated",
                needles: [
                    "isSimulated", "isSimulating", "isSimulation", "simulationMode", "simulated", "simulating",
                    "simulation", "!simulated", "!simulating", "!simulation",
                ],
                pattern: /\bisSimulat(?:ed|ing|ion)\b|\bsimulationMode\b|\bif\s+!?simulat(?:ed|ing|ion)\b/,
                instead: "one program; the pretend device answers bytes as the real one does",
                lookedForIn: ["Sources/"]),
            BannedWord(
                name: "#if DEBUG", needles: ["DEBUG", "!DEBUG", "_isDebugAssertConfiguration"],
                pattern: /#if\s+!?DEBUG\b|\b_isDebugAssertConfiguration\b/,
                instead: "the same program in both builds", lookedForIn: ["Sources/"]),
        ]
    }

    static func violations(in file: SourceFile) -> [Violation] {
        // This file spells every banned word, as a pattern.
        guard file.path != "Tests/ArchitectureTests/WordRule.swift" else { return [] }
        var found: [Violation] = []
        for word in words where word.lookedForIn.contains(where: file.path.hasPrefix) {
            guard !word.allowedIn.contains(where: { covers($0, file.path) }) else { continue }
            let text = word.alsoInText ? file.text : file.code
            guard word.needles.isEmpty || !file.words.isDisjoint(with: word.needles) else { continue }
            let pattern = word.pattern.plain
            guard text.contains(pattern) else { continue }
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            for (index, line) in lines.enumerated() where line.contains(pattern) {
                found.append(
                    Violation(
                        path: file.path, line: index + 1, message: "\(word.name) is banned here: \(word.instead)"))
            }
        }
        return found
    }

    /// Lists that have outlived their reason are wrong too.
    static func staleAllowances(among files: [SourceFile]) -> [Violation] {
        words.flatMap { word in
            word.allowedIn.filter { allowed in
                !allowed.hasSuffix("/")
                    && !files.contains { covers(allowed, $0.path) && $0.code.contains(word.pattern.plain) }
            }.map { Violation(path: $0, line: 0, message: "is allowed \(word.name) and does not use it") }
        }
    }

    private static func covers(_ allowed: String, _ path: String) -> Bool {
        allowed == path || (allowed.hasSuffix("/") && path.hasPrefix(allowed))
    }
}

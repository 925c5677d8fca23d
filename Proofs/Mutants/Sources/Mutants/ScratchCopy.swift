import Foundation
import MutantMaker

/// The copy of the tree in which the mutants live, and its build.
struct ScratchCopy {
    static let folder = ".build-mutants/copy"
    static let build = ".build-mutants/build"
    static let modules = ["SafetyKernel", "SessionEngine"]
    /// Copied as they are, less what forbids a mutant.
    private static let companions = [
        "Sources/StimulusModel", "Sources/ScienceMode4", "Sources/PulsePal", "Sources/StimulatorLinks",
        "Sources/RigControl", "Sources/CareModel", "Sources/Calibration", "Sources/RigSimulator",
        "Tests/VirtualHost", "Tests/Explorer", "Tests/SafetyKernelTests", "Tests/SessionEngineTests",
        "Tests/RigControlTests", "Tests/ScenarioTests", "Tests/ExplorerTests",
    ]
    static let bundle = "\(build)/release/motorpointPackageTests.xctest"

    let maker: MutantMaker
    /// Places that do not compile, in the order in which the compiler named them.
    private(set) var left: Set<Int32> = []

    init() throws {
        var sources: [(path: String, text: String)] = []
        for module in Self.modules {
            for path in try Self.files(in: "Sources/\(module)") { sources.append((path, try Self.text(path))) }
        }
        maker = MutantMaker(sources)
    }

    /// Writes the copy and builds it; what does not compile is taken out by its number.
    mutating func make() throws {
        for companion in Self.companions {
            let wanted = try Self.files(in: companion)
            for path in wanted {
                try Self.write(try Self.text(path).replacing("@_noLocks ", with: ""), to: path)
            }
            try Self.removeOthers(than: wanted, in: companion)
        }
        let own = "Proofs/Mutants/Copy"
        for path in try Self.files(in: own) {
            let place = path.dropFirst(own.count + 1)
            try Self.write(try Self.text(path), to: place.hasPrefix("BlindTests") ? "Tests/\(place)" : String(place))
        }
        try takeOutWhatDoesNotCompile()
        let tests = try Child.run("swift", Self.building(["--build-tests"]))
        guard tests.status == 0 else { throw Trouble("the suites do not build in the copy:\n\(tests.output)") }
    }

    private mutating func takeOutWhatDoesNotCompile() throws {
        let whole = try Self.files(in: "Sources/SafetyKernel") + (try Self.files(in: "Sources/SessionEngine"))
        let memory = ".build-mutants/not-compilable"
        let print = "\(Self.fingerprint(whole.map { maker.mutated($0, without: [])?.text ?? "" }))"
        if let known = try? String(contentsOfFile: memory, encoding: .utf8).split(separator: "\n"),
            known.first.map(String.init) == print
        {
            left = Set(known.dropFirst().compactMap { Int32($0) })
        }
        while true {
            for path in whole {
                guard let file = maker.mutated(path, without: left) else { continue }
                try Self.write(file.text, to: path)
            }
            let result = try Child.run("swift", Self.building(["--target", "SessionEngine"]))
            if result.status == 0 { break }
            let found = faults(in: result.output)
            guard !found.isSubset(of: left) else {
                throw Trouble("the copy does not build, and no mutant is to blame:\n\(result.output)")
            }
            left.formUnion(found)
            say("taking out \(found.count) places that do not compile, \(left.count) so far")
        }
        try ([print] + left.sorted().map(String.init)).joined(separator: "\n")
            .write(toFile: memory, atomically: true, encoding: .utf8)
    }

    /// The places that the compiler's errors point into.
    private func faults(in output: String) -> Set<Int32> {
        var found: Set<Int32> = []
        for line in output.split(separator: "\n") where line.contains(": error: ") {
            guard let start = line.range(of: "\(Self.folder)/")?.upperBound else { continue }
            let parts = line[start...].split(separator: ":")
            guard parts.count > 3, let row = Int(parts[1]), let column = Int(parts[2]),
                let place = maker.mutated(String(parts[0]), without: left)?.place(line: row, column: column)
            else { continue }
            if found.insert(place).inserted {
                say("  \(parts[0]):\(row):\(column):\(parts[3...].joined(separator: ":"))")
            }
        }
        return found
    }

    private static func building(_ more: [String]) -> [String] {
        [
            "build", "-c", "release", "-j", "1", "--package-path", folder, "--scratch-path", build,
            "-Xswiftc", "-suppress-warnings",
        ] + more
    }

    // MARK: - Files

    /// Every file below, in order of path.
    private static func files(in folder: String) throws -> [String] {
        guard let walk = FileManager.default.enumerator(atPath: folder) else { throw Trouble("no folder \(folder)") }
        var found: [String] = []
        for case let path as String in walk {
            var isFolder: ObjCBool = false
            let there = unsafe FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isFolder)
            if there, !isFolder.boolValue { found.append("\(folder)/\(path)") }
        }
        return found.sorted()
    }

    private static func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    /// A file that is the same is left alone, so that nothing is built again for it.
    private static func write(_ text: String, to path: String) throws {
        let target = "\(folder)/\(path)"
        if let there = try? String(contentsOfFile: target, encoding: .utf8), there == text { return }
        let parent = target.split(separator: "/").dropLast().joined(separator: "/")
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try text.write(toFile: target, atomically: true, encoding: .utf8)
    }

    private static func removeOthers(than wanted: [String], in companion: String) throws {
        let prefix = "\(folder)/"
        for path in try files(in: prefix + companion) where !wanted.contains(String(path.dropFirst(prefix.count))) {
            try FileManager.default.removeItem(atPath: path)
        }
    }

    private static func fingerprint(_ texts: [String]) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for text in texts { for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 } }
        return hash
    }
}

/// At once: a run of minutes is watched.
func say(_ text: String) {
    print(text)
    fflush(nil)
}

import Foundation
import Testing

/// What must not compile does not. Each `Tests/CompileFail/NAME.refused.swift` says with `// expected-error {{…}}` what
/// the compiler has to say, and its `NAME.legal.swift` shows that the same thing done properly compiles: without it, a
/// missing module would look like a refusal.
@Suite struct CompileFailTests {
    static let fixtures: [String] = {
        let files = (try? SourceTree.files(in: "Tests/CompileFail", endings: [".refused.swift"])) ?? []
        return files.map { String($0.path.dropFirst("Tests/CompileFail/".count).dropLast(".refused.swift".count)) }
    }()

    @Test func thereAreFixturesAndEachHasItsLegalTwin() throws {
        #expect(!Self.fixtures.isEmpty)
        let legal = try SourceTree.files(in: "Tests/CompileFail", endings: [".legal.swift"])
        let all = try SourceTree.files(in: "Tests/CompileFail", endings: [".swift"])
        #expect(legal.map(\.path) == Self.fixtures.map { "Tests/CompileFail/\($0).legal.swift" })
        #expect(all.count == 2 * legal.count)
        for file in legal { #expect(!file.text.contains("expected-error"), "\(file.path)") }
    }

    // Proves R-GATE-02, R-FILE-05, R-BCH-03, R-ARC-02.
    @Test(arguments: fixtures) func isRefused(fixture: String) throws {
        let path = "\(SourceTree.root)/Tests/CompileFail/\(fixture).refused.swift"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.contains("expected-error"))
        let result = try Compiler.verify(path)
        #expect(result.succeeded, "the compiler did not say exactly what was expected:\n\(result.output)")
    }

    @Test(arguments: fixtures) func itsLegalTwinCompiles(fixture: String) throws {
        let result = try Compiler.verify("\(SourceTree.root)/Tests/CompileFail/\(fixture).legal.swift")
        #expect(result.succeeded, "\(result.output)")
    }

    /// The harness itself: it must fail where nothing is refused, where something else is refused, and where a module
    /// is missing.
    @Test(arguments: [
        "public let a = 1 // expected-error {{cannot}}",
        "public let a: Int = \"text\" // expected-error {{some other sentence}}",
        "public let a: Int = \"text\"",
        "import NoSuchModule",
    ])
    func theHarnessNoticesAFixtureThatIsWrong(text: String) throws {
        let path = NSTemporaryDirectory() + "motorpoint-planted-\(UUID().uuidString).swift"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(try !Compiler.verify(path).succeeded)
    }
}

/// The compiler, run on one file against the modules of this build.
enum Compiler {
    struct Result {
        let succeeded: Bool
        let output: String
    }

    static func verify(_ path: String) throws -> Result {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            [
                "swiftc", "-emit-sil", "-o", "/dev/null", "-parse-as-library", "-swift-version", "6",
                "-strict-memory-safety", "-I", try modulesFolder(), "-Xfrontend", "-verify", "-Xfrontend",
                "-verify-ignore-unrelated", path,
            ]
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Result(succeeded: process.terminationStatus == 0, output: String(decoding: text, as: UTF8.self))
    }

    /// Beside the running test program.
    private static func modulesFolder() throws -> String {
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folder = URL(fileURLWithPath: program).deletingLastPathComponent().appendingPathComponent("Modules").path
        try #require(FileManager.default.fileExists(atPath: folder + "/StimulusModel.swiftmodule"), "\(folder)")
        return folder
    }
}

import Testing

/// Each rule, put to something that breaks it: a rule that cannot fail protects nobody.
@Suite struct PlantedViolationTests {
    private func file(_ text: String, at path: String = "Sources/SafetyKernel/Planted.swift") -> SourceFile {
        SourceFile(path: path, text: text)
    }

    @Test func commentsAndTextsAreNoCode() {
        let text = """
            let a = "try! \\(seen.once) \\"as!\\"" // try!
            /* as! /* try! */ as! */ let d = #"try! \\(x) \\#(seen.twice)"#
            """
        let code = SwiftText.codeOnly(text)
        #expect(code.split(separator: "\n").map(\.count) == text.split(separator: "\n").map(\.count))
        #expect(!code.contains("try!"))
        #expect(!code.contains("as!"))
        #expect(code.contains("(seen.once)") && code.contains("(seen.twice)") && code.contains("let d"))
        let multi = "let t = \"\"\"\n  try! \"quoted\" \\(u)\n  \"\"\"\nlet after = 1"
        #expect(SwiftText.codeOnly(multi).contains("let after = 1"))
        #expect(!SwiftText.codeOnly(multi).contains("quoted"))
    }

    @Test(arguments: [
        "import Foundation", "public import Foundation", "internal import Foundation", "private import Foundation",
        "@testable import Foundation", "@preconcurrency public import Foundation", "import struct Foundation.Date",
        "@_exported import class Foundation.Thread", "  import Foundation.NSDate",
        "import StimulusModel; import Foundation",
        "@_spi(Inner) import Foundation",
    ])
    func everyFormOfImportIsSeen(line: String) {
        let found = ImportRule.violations(in: file("// first\n\(line)\n"))
        #expect(found.map(\.line) == [2])
        #expect(found.first?.message.contains("Foundation") == true)
    }

    @Test(arguments: [
        ("Sources/SafetyKernel/X.swift", "SessionEngine"), ("Sources/SessionEngine/X.swift", "ScienceMode4"),
        ("Sources/Programs/X.swift", "ScienceMode4"), ("Sources/Programs/X.swift", "RigSimulator"),
        ("Sources/Programs/X.swift", "CLinuxIO"), ("Sources/RigSimulator/X.swift", "SafetyKernel"),
        ("Sources/RigSimulator/X.swift", "StimulatorLinks"), ("Sources/motorpoint-sim/X.swift", "DeviceDrivers"),
        ("Sources/ByteStreams/X.swift", "Glibc"), ("Sources/StimulusModel/X.swift", "Synchronization"),
        ("Tests/RigSimulatorTests/X.swift", "SafetyKernel"), ("Sources/NewModule/X.swift", "StimulusModel"),
    ])
    func aForbiddenImportIsFound(path: String, module: String) {
        #expect(ImportRule.violations(in: file("import \(module)", at: path)).count == 1)
    }

    @Test func anAllowedImportIsNoViolation() {
        let text = "// import Foundation\npublic import StimulusModel\nlet important = \"import Foundation\""
        #expect(ImportRule.violations(in: file(text)).isEmpty)
    }

    @Test func aPackageThatSaysSomethingElseIsFound() throws {
        let manifest = """
            .target(name: "StimulusModel", swiftSettings: pure),
            .target(name: "SafetyKernel", dependencies: ["StimulusModel", "SessionEngine"]),
            .target(
                name: "SessionRecords",
                dependencies: ["StimulusModel", .product(name: "Yams", package: "Yams")]),
            .target(name: "Stranger"),
            """
        let declared = PackageRule.declared(in: manifest)
        #expect(declared["StimulusModel"] == [])
        #expect(declared["SafetyKernel"] == ["StimulusModel", "SessionEngine"])
        #expect(declared["SessionRecords"] == ["StimulusModel"])
        let messages = PackageRule.violations(in: manifest, folders: ["Loose"]).map(\.message)
        #expect(messages.contains("SafetyKernel declares [\"SessionEngine\"], which the table forbids"))
        #expect(messages.contains { $0.hasPrefix("SessionRecords may import") })
        #expect(messages.contains("Stranger has no row in the table"))
        #expect(messages.contains("the folder Loose has no row in the table"))
        #expect(messages.contains("the table has a row for SessionEngine, which is no target"))
    }

    @Test(arguments: [
        "let now = Date()", "let now = Date.now", "let a = try! f()", "let b = x as! Y", "usleep(5)", "sleep(1)",
        "DispatchQueue.main.async {}", "try await Task.sleep(for: .seconds(1))", "Task { await f() }",
        "Task.detached { }", "actor Loop {}", "print(1)", "debugPrint(1)", "fatalError()", "// TO" + "DO later",
        "/// FIX" + "ME", "let c = unsafe p.pointee", "@unsafe struct P {}", "final class Q: @unchecked Sendable {}",
        "nonisolated(unsafe) var d = 0", "@_silgen_name(\"f\") func f()", "@testable import X",
        "if simulating { return }", "if !simulated { return }", "let isSimulated = true", "#if DEBUG", "#if !DEBUG",
    ])
    func aBannedWordIsFound(text: String) {
        #expect(WordRule.violations(in: file("let fine = 1\n\(text)\n")).map(\.line) == [2])
    }

    @Test(arguments: [
        "let fine = dateOfBirth", "struct Date {}", "let s = \"try! Date()\"", "SystemClock.sleep(until: x)",
        "@safe struct S {}", "func blueprint() {}", "var unsafely = 1", "let tasks = 3", "// as! is banned",
    ])
    func aHarmlessWordIsNot(text: String) {
        #expect(WordRule.violations(in: file(text)) == [])
    }

    @Test func wordsAreAllowedInTheirOwnFilesOnly() {
        let line = "let c = unsafe p.pointee"
        #expect(WordRule.violations(in: file(line, at: "Sources/DeviceDrivers/WordRing.swift")).isEmpty)
        #expect(WordRule.violations(in: file(line, at: "Sources/DeviceDrivers/WordRingToo.swift")).count == 1)
        #expect(WordRule.violations(in: file("print(1)", at: "Sources/Programs/Shell/Main.swift")).isEmpty)
        #expect(!WordRule.staleAllowances(among: [file("let a = 1")]).isEmpty)
    }

    @Test func whatIsTooLongIsFound() {
        let body = String(repeating: "    f()\n", count: 69)
        #expect(
            SizeRule.violations(in: file("func g() {\n\(body)}\n")).map(\.message) == [
                "a function of 71 lines, at most 70"
            ])
        #expect(SizeRule.violations(in: file("func g() {\n\(body.dropFirst(8))}\n")).isEmpty)
        #expect(
            SizeRule.violations(in: file("struct S {\n    init<T>(\n        a: T\n    ) {\n\(body)    }\n}\n")).count
                == 1)
        #expect(SizeRule.violations(in: file("struct S {\n    deinit {\n\(body)    }\n}\n")).count == 1)
        #expect(SizeRule.violations(in: file(String(repeating: "\n", count: 501))).count == 1)
        #expect(SizeRule.violations(in: file(String(repeating: "\n", count: 500))).isEmpty)
        let wide = "// " + String(repeating: "é", count: 117)
        #expect(SizeRule.violations(in: file(wide)).isEmpty)
        #expect(SizeRule.violations(in: file(wide + "é")).map(\.line) == [1])
    }

    @Test func functionsAreMeasuredFromTheirFirstLineToTheirBrace() {
        let code = """
            protocol P {
                func required(_ f: (Int) -> Void) throws
                func other()
            }
            func one() -> Int { 1 }
            func two(
                _ f: () -> Void = {}
            )
                -> Int
            {
                2
            }
            """
        let found = SizeRule.functions(in: code)
        #expect(found.map(\.line) == [5, 6])
        #expect(found.map(\.lines) == [1, 7])
    }

    @Test(arguments: [
        "final class Box {}", "let e: any Error", "var list: [Int]", "func f() -> [UInt8] { x }", "let a = [Int]()",
        "let b: Array<Int>", "let c: [Int: Bool]", "let d: Set<Int>", "let s: String", "func f() throws {}",
        "let v: Double", "init(f: @escaping () -> Void) {}", "static var count = 0", "struct S: Codable {}",
        "enum E: CaseIterable {}",
    ])
    func whatIsNotPureIsFound(line: String) {
        #expect(PurityRule.violations(in: file(line)).count >= 1)
        #expect(PurityRule.violations(in: file(line, at: "Sources/CareModel/X.swift")).isEmpty)
    }

    @Test(arguments: [
        "let a: InlineArray<8, Int64>", "x[index] = y[index + 1]", "let s: StaticString", "func f() throws(Refusal) {}",
        "static var zero: Current { @_noLocks get { c } }", "// a class of any String", "let t = table[Index(1)]",
        "static let limit = 3", "var span: Span<UInt8>",
    ])
    func whatIsPureIsNot(line: String) {
        #expect(PurityRule.violations(in: file(line)) == [])
    }

    @Test(arguments: [
        "public struct AuthorizedPulse: ~Copyable, Codable {\n}", "extension AuthorizedPlan: Decodable {\n}",
        "extension SafetyKernel.AuthorizedPulse: @retroactive Encodable {\n}",
        "public struct AuthorizedPulse: ~Copyable {\n    public init() {}\n}",
        "public struct Arming: ~Copyable {\n    public init(a: Int) {}\n}",
    ])
    func aForgeableAuthorizationIsFound(text: String) {
        #expect(AuthorizedRule.violations(in: file(text)).count == 1)
    }

    @Test func aProperAuthorizationIsNot() {
        let text = """
            public struct AuthorizedPulse: ~Copyable {
                fileprivate init() {}
            }
            public struct Limits: Codable {
                public init() {}
            }
            """
        #expect(AuthorizedRule.violations(in: file(text)) == [])
    }
}

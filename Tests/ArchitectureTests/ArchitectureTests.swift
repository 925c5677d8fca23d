import Testing

/// The rules, put to the whole package.
@Suite struct ArchitectureTests {
    private let files: [SourceFile]

    init() throws {
        files = SourceTree.swiftFiles
        // A rule that looks at nothing is always kept.
        try #require(files.count > 30, "found \(files.count) files under \(SourceTree.root)")
    }

    private func expectNone(_ violations: [Violation], _ rule: String) {
        for violation in violations { Issue.record("\(violation)") }
        print("\(rule): \(files.count) files, \(violations.count) violations")
    }

    @Test func importsFollowTheTable() {
        expectNone(files.flatMap(ImportRule.violations), "imports")
    }

    @Test func thePackageDeclaresWhatTheTableSays() throws {
        let manifest = try SourceTree.files(in: ".", endings: ["Package.swift"]).first { $0.path == "./Package.swift" }
        let text = try #require(manifest).text
        let folders = try ["Sources", "Tests", "Benchmarks", "Proofs"].flatMap(SourceTree.folders)
        let code = folders.filter { !["CompileFail", "Clients", "Installation", "Scenarios"].contains($0) }
        expectNone(PackageRule.violations(in: text, folders: code), "package")
    }

    @Test func noBannedWordStandsOutsideItsFiles() {
        expectNone(files.flatMap(WordRule.violations), "words")
    }

    @Test func noAllowanceHasOutlivedItsReason() {
        expectNone(WordRule.staleAllowances(among: files), "allowances")
    }

    @Test func functionsAndFilesFitOnAScreen() throws {
        let c = try SourceTree.files(in: "Sources", endings: [".c", ".h"])
        expectNone((files + c).flatMap(SizeRule.violations), "sizes")
    }

    @Test func pureModulesStayPure() {
        let pure = files.filter { ImportTable.pureTargets.contains($0.target) }
        #expect(Set(pure.map(\.target)) == Set(ImportTable.pureTargets))
        expectNone(files.flatMap(PurityRule.violations), "purity")
    }

    @Test func authorizedValuesCannotBeForged() {
        #expect(files.contains { $0.code.contains("struct AuthorizedPulse") })
        expectNone(files.flatMap(AuthorizedRule.violations), "authorized")
    }
}

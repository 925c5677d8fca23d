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

    // Proves R-ARC-02, R-ARC-01, R-REC-09.
    @Test func importsFollowTheTable() {
        expectNone(files.flatMap(ImportRule.violations), "imports")
    }

    // Proves R-ARC-02.
    @Test func thePackageDeclaresWhatTheTableSays() throws {
        let manifest = try SourceTree.files(in: ".", endings: ["Package.swift"]).first { $0.path == "./Package.swift" }
        let text = try #require(manifest).text
        // Tests in other languages are no part of the package; what Clients holds is built by itself.
        let tests = Set(files.filter { $0.area == "Tests" }.map(\.target)).subtracting(["Clients"])
        let areas = try ["Sources", "Benchmarks", "Proofs"].flatMap(SourceTree.folders)
        let folders = areas.filter { "Proofs/\($0)/" != SourceTree.mutationTester } + tests.sorted()
        expectNone(PackageRule.violations(in: text, folders: folders), "package")
    }

    // Proves R-ARC-01.
    @Test func noBannedWordStandsOutsideItsFiles() {
        expectNone(files.flatMap(WordRule.violations), "words")
    }

    @Test func noAllowanceHasOutlivedItsReason() {
        expectNone(WordRule.staleAllowances(among: files), "allowances")
    }

    @Test func functionsAndFilesFitOnAScreen() throws {
        let c = try SourceTree.files(in: "Sources", endings: [".c", ".h"])
        let tester = try SourceTree.files(in: String(SourceTree.mutationTester.dropLast()), endings: [".swift"])
        #expect(!tester.isEmpty)
        expectNone((files + c + tester).flatMap(SizeRule.violations), "sizes")
    }

    // Proves R-ARC-01.
    @Test func pureModulesStayPure() {
        let pure = files.filter { ImportTable.pureTargets.contains($0.target) }
        #expect(Set(pure.map(\.target)) == Set(ImportTable.pureTargets))
        expectNone(files.flatMap(PurityRule.violations), "purity")
    }

    // Proves R-GATE-02.
    @Test func authorizedValuesCannotBeForged() {
        #expect(files.contains { $0.code.contains("struct AuthorizedPulse") })
        expectNone(files.flatMap(AuthorizedRule.violations), "authorized")
    }
}

import Foundation

/// One file of the package, as text.
struct SourceFile: Sendable {
    /// From the package's top, such as "Sources/SafetyKernel/Limits.swift".
    let path: String
    let text: String

    /// The text with comments and string literals blanked out, line for line.
    let code: String

    /// Every word of the code, with the signs that belong to it: "try!", "@testable", "#if". Asked first, since a
    /// regular expression over the whole package takes its time.
    let words: Set<String>

    init(path: String, text: String) {
        self.path = path
        self.text = text
        let bytes = SwiftText.codeOnly(Array(text.utf8))
        code = String(decoding: bytes, as: UTF8.self)
        words = SwiftText.words(in: bytes)
    }

    /// "Sources", "Tests", "Benchmarks" or "Proofs".
    var area: String { String(path.split(separator: "/").first ?? "") }

    /// The target it belongs to: the second part of its path.
    var target: String {
        let parts = path.split(separator: "/")
        return parts.count > 2 ? String(parts[1]) : ""
    }

    var codeLines: [Substring] { code.split(separator: "\n", omittingEmptySubsequences: false) }
}

/// A rule that a file breaks, where, and what to do instead.
struct Violation: Equatable, CustomStringConvertible {
    let path: String
    /// 1 or more; 0 for the file as a whole.
    let line: Int
    let message: String

    var description: String { "\(path):\(line): \(message)" }
}

/// The package on disk.
enum SourceTree {
    static let root: String = {
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    }()

    /// Every file under `folder` with one of the given endings, in order of path.
    static func files(in folder: String, endings: [String]) throws -> [SourceFile] {
        guard let walk = FileManager.default.enumerator(atPath: "\(root)/\(folder)") else { return [] }
        var paths: [String] = []
        for case let path as String in walk where endings.contains(where: path.hasSuffix) {
            paths.append("\(folder)/\(path)")
        }
        return try paths.sorted().map { path in
            SourceFile(path: path, text: try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8))
        }
    }

    /// A package of its own, so that this one never depends on swift-syntax: of these rules only the sizes are its too.
    static let mutationTester = "Proofs/Mutants/"

    /// Every Swift file of the package, read once.
    static let swiftFiles: [SourceFile] = {
        ["Sources", "Tests", "Benchmarks", "Proofs"].flatMap { area in (try? files(in: area, endings: [".swift"])) ?? []
        }
        .filter { !$0.path.hasPrefix("Tests/CompileFail/") && !$0.path.hasPrefix(mutationTester) }
    }()

    static func folders(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)").filter { name in
            var isFolder: ObjCBool = false
            return unsafe FileManager.default.fileExists(atPath: "\(root)/\(folder)/\(name)", isDirectory: &isFolder)
                && isFolder.boolValue
        }.sorted()
    }
}

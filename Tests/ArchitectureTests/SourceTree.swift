import Foundation

/// One file of the package, as text.
struct SourceFile {
    /// From the package's top, such as "Sources/SafetyKernel/Limits.swift".
    let path: String
    let text: String

    /// The text with comments and string literals blanked out, line for line.
    let code: String

    init(path: String, text: String) {
        self.path = path
        self.text = text
        code = SwiftText.codeOnly(text)
    }

    /// "Sources" or "Tests".
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
        var parts = #filePath.split(separator: "/").dropLast(3)
        parts = parts.prefix { _ in true }
        return "/" + parts.joined(separator: "/")
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

    static func swiftFiles() throws -> [SourceFile] {
        try files(in: "Sources", endings: [".swift"]) + files(in: "Tests", endings: [".swift"])
    }

    static func folders(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)").filter { name in
            var isFolder: ObjCBool = false
            return unsafe FileManager.default.fileExists(atPath: "\(root)/\(folder)/\(name)", isDirectory: &isFolder)
                && isFolder.boolValue
        }.sorted()
    }
}

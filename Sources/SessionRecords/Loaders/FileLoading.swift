internal import Foundation

/// What the loaders of protocols, checklists and rigs share.
enum FileLoading {
    static let suffix = ".yaml"

    static func read(_ path: String) throws(FileProblems) -> (text: String, sha256: Digest) {
        do {
            let file = try TextFile.read(path)
            return (file.text, Digest(of: file.bytes))
        } catch {
            throw FileProblems(error)
        }
    }

    /// Text to content: the grammar first, then what `build` has to say. `build` may add problems and go on; whatever
    /// it returned is dropped if it did.
    static func parse<Content>(
        _ text: String, file: String, grammar: FileGrammar,
        _ build: (FileMapping, [String: Int], inout ProblemList) throws(FileProblem) -> Content
    ) throws(FileProblems) -> Content {
        let tree: YAMLValue
        do { tree = try YAMLTree.parse(text, file: file) } catch { throw FileProblems(error) }
        var reader = GrammarReader(file: file, grammar: grammar)
        let root = reader.read(tree)
        try reader.problems.throwIfAny()
        var problems = ProblemList()
        let content: Content
        do { content = try build(root, reader.lines, &problems) } catch {
            if !problems.found.contains(error) { problems.add(error) }
            try problems.throwIfAny()
            throw FileProblems(error)
        }
        try problems.throwIfAny()
        return content
    }

    /// An id is what people type and what folders sort by: lower case, digits, hyphens.
    static func idProblem(_ root: FileMapping) -> FileProblem? {
        guard let id = try? root.text("id") else { return nil }
        let good = id.utf8.allSatisfy {
            ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == UInt8(ascii: "-")
        }
        if good, id.utf8.count <= 64, id.first != "-", id.last != "-" { return nil }
        return root.problem(
            "id", "not an id", limit: "64 lower-case letters, digits and hyphens", hint: "such as vmo-relieve-surface")
    }

    /// An id equals its file's name, so that no two files can be known by one id.
    static func checkName(of path: String, id: String, line: Int?) throws(FileProblems) {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        guard name != id + suffix else { return }
        throw FileProblems(
            FileProblem(
                file: path, line: line, key: "id", value: id, message: "the id is not the file's name",
                hint: "name the file \(id)\(suffix), or change the id"))
    }

    /// The YAML files of a folder, sorted by name; a file with the other ending is a problem rather than ignored.
    static func files(in folder: String) throws(FileProblem) -> (paths: [String], problems: [FileProblem]) {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        } catch {
            throw FileProblem(
                file: folder, message: "this folder cannot be read", hint: "check that it exists and its permissions")
        }
        var paths: [String] = []
        var problems: [FileProblem] = []
        for name in names where !name.hasPrefix(".") {
            let path = folder + "/" + name
            if name.hasSuffix(suffix) {
                paths.append(path)
            } else if name.hasSuffix(".yml") {
                problems.append(FileProblem(file: path, message: "not read", hint: "end the name in \(suffix)"))
            }
        }
        return (paths, problems)
    }
}

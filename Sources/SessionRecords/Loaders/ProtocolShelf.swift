internal import CareModel

/// The protocols of one or more folders. One file with a problem does not hide the others, but is never used.
public struct ProtocolShelf: Sendable {
    /// Sorted by id.
    public let protocols: [LoadedProtocol]
    /// What was wrong with the other files, one entry a file.
    public let problems: [FileProblems]

    /// Loads every `.yaml` file of the folders; folders within them are not entered. An id that stands in two folders
    /// is a problem, and neither file is used.
    public init(folders: [String]) {
        var loaded: [LoadedProtocol] = []
        var problems: [FileProblems] = []
        for folder in folders {
            do {
                let found = try FileLoading.files(in: folder)
                problems += found.problems.map { FileProblems($0) }
                for path in found.paths {
                    do { loaded.append(try ProtocolLoader.load(path: path)) } catch { problems.append(error) }
                }
            } catch {
                problems.append(FileProblems(error))
            }
        }
        let byID = Dictionary(grouping: loaded, by: \.content.id)
        for (id, copies) in byID.sorted(by: { $0.key < $1.key }) where copies.count > 1 {
            problems.append(ProtocolShelf.duplicate(id, copies))
        }
        protocols = loaded.filter { byID[$0.content.id]?.count == 1 }.sorted { $0.content.id < $1.content.id }
        self.problems = problems
    }

    /// The protocol of this id.
    public func find(_ id: String) -> LoadedProtocol? { protocols.first { $0.content.id == id } }

    /// What is wrong with the file that would hold this id, if there is one.
    public func problems(about id: String) -> [FileProblem] {
        problems.flatMap(\.problems).filter { $0.file.hasSuffix("/" + id + FileLoading.suffix) }
    }

    private static func duplicate(_ id: String, _ copies: [LoadedProtocol]) -> FileProblems {
        let others = copies.dropFirst().map(\.path).joined(separator: ", ")
        return FileProblems(
            FileProblem(
                file: copies[0].path, line: copies[0].content.sourceMap["id"], key: "id", value: id,
                message: "this id stands in another file as well: \(others)",
                hint: "rename one of them; until then neither is used"))
    }
}

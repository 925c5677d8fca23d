internal import CareModel

/// A value that its grammar has accepted.
indirect enum FileValue {
    /// Texts and words.
    case text(String)
    case truth(Bool)
    /// In the stored unit.
    case number(Int64)
    case mapping(FileMapping)
    case list([FileMapping])
    case texts([String])
}

/// A mapping that its grammar has accepted. Reading a key that the grammar does not promise is a mistake in the loader;
/// it comes out as a problem with the file rather than as a crash.
struct FileMapping {
    let file: String
    let path: String
    let line: Int
    fileprivate(set) var values: [String: (value: FileValue, line: Int)] = [:]

    init(file: String, path: String, line: Int) {
        self.file = file
        self.path = path
        self.line = line
    }

    mutating func set(_ key: String, _ value: FileValue, line: Int) { values[key] = (value, line) }

    func has(_ key: String) -> Bool { values[key] != nil }
    func line(_ key: String) -> Int? { values[key]?.line }
    func fullPath(_ key: String) -> String { path.isEmpty ? key : path + "." + key }

    func text(_ key: String) throws(FileProblem) -> String {
        guard case .text(let text)? = values[key]?.value else { throw missing(key) }
        return text
    }

    func truth(_ key: String) throws(FileProblem) -> Bool {
        guard case .truth(let truth)? = values[key]?.value else { throw missing(key) }
        return truth
    }

    func number(_ key: String) throws(FileProblem) -> Int64 {
        guard case .number(let number)? = values[key]?.value else { throw missing(key) }
        return number
    }

    /// A number whose grammar keeps it within 32 bits.
    func number32(_ key: String) throws(FileProblem) -> Int32 { Int32(clamping: try number(key)) }

    func mapping(_ key: String) throws(FileProblem) -> FileMapping {
        guard case .mapping(let mapping)? = values[key]?.value else { throw missing(key) }
        return mapping
    }

    func list(_ key: String) throws(FileProblem) -> [FileMapping] {
        guard case .list(let list)? = values[key]?.value else { throw missing(key) }
        return list
    }

    func texts(_ key: String) throws(FileProblem) -> [String] {
        guard case .texts(let texts)? = values[key]?.value else { throw missing(key) }
        return texts
    }

    /// A word as the choice that it names.
    func choice<Choice>(_ key: String, _ make: (String) -> Choice?) throws(FileProblem) -> Choice {
        guard let choice = make(try text(key)) else { throw missing(key) }
        return choice
    }

    func missing(_ key: String) -> FileProblem {
        FileProblem(
            file: file, line: line(key) ?? line, key: fullPath(key), message: "this key is missing",
            hint: "add it; see the shipped files")
    }

    func problem(_ key: String, _ message: String, limit: String? = nil, hint: String) -> FileProblem {
        FileProblem(
            file: file, line: line(key) ?? line, key: fullPath(key), limit: limit,
            setBy: limit == nil ? nil : "file format", message: message, hint: hint)
    }

    /// What one key's value demands of the others.
    func check(demand: [String], forbid: [String], because: String, into problems: inout ProblemList) {
        for key in demand where !has(key) {
            problems.add(
                FileProblem(
                    file: file, line: line, key: fullPath(key), message: "this key is missing \(because)",
                    hint: "add it; see the shipped files"))
        }
        for key in forbid where has(key) {
            problems.add(problem(key, "this key has no meaning \(because)", hint: "remove it"))
        }
    }
}

/// Problems as they are found, so that one run can name several.
struct ProblemList {
    private(set) var found: [FileProblem] = []

    var isEmpty: Bool { found.isEmpty }

    mutating func add(_ problem: FileProblem) { found.append(problem) }

    /// Throws what was found, in the order of the lines.
    func throwIfAny() throws(FileProblems) {
        let sorted = found.enumerated().sorted { a, b in
            (a.element.line ?? 0, a.offset) < (b.element.line ?? 0, b.offset)
        }.map(\.element)
        guard let first = sorted.first else { return }
        throw FileProblems(first, Array(sorted.dropFirst()))
    }
}

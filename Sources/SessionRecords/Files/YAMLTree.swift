internal import Yams

/// A place in a file, from 1.
struct YAMLPlace: Equatable {
    let line: Int
    let column: Int
}

/// What the strict reader makes of a YAML file: three shapes, each with its place. No types are guessed: a scalar is
/// its text, and whether it stood in quotes.
indirect enum YAMLValue {
    case scalar(text: String, quoted: Bool, YAMLPlace)
    case sequence([YAMLValue], YAMLPlace)
    case mapping([YAMLEntry], YAMLPlace)

    var place: YAMLPlace {
        switch self {
        case .scalar(_, _, let place), .sequence(_, let place), .mapping(_, let place): return place
        }
    }

    /// For messages.
    var words: String {
        switch self {
        case .scalar(let text, _, _): return text.isEmpty ? "nothing" : text
        case .sequence: return "a list"
        case .mapping: return "keys with values"
        }
    }
}

struct YAMLEntry {
    let key: String
    let keyPlace: YAMLPlace
    let value: YAMLValue
}

/// Text to `YAMLValue`, or one problem.
enum YAMLTree {
    /// Deeper nesting than any file of ours has (proposal).
    static let deepest = 6

    static func parse(_ text: String, file: String) throws(FileProblem) -> YAMLValue {
        try YAMLGuard.check(text, file: file)
        let root: Node?
        do {
            // No resolver: nothing is turned into a number, a truth value or a date behind our back.
            let parser = try Parser(yaml: text, resolver: .basic, constructor: .default, encoding: .utf8)
            root = try parser.singleRoot()
        } catch let error as YamlError {
            throw problem(error, text: text, file: file)
        } catch {
            throw FileProblem(file: file, message: "cannot be read as YAML")
        }
        guard let root else {
            throw FileProblem(file: file, message: "the file is empty", hint: "start from one of the shipped files")
        }
        return try convert(root, depth: 1, file: file)
    }

    private static func convert(_ node: Node, depth: Int, file: String) throws(FileProblem) -> YAMLValue {
        let place = YAMLPlace(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
        guard depth <= deepest else {
            throw FileProblem(
                file: file, line: place.line, column: place.column, limit: "\(deepest) levels", setBy: "file format",
                message: "nested too deeply", hint: "write it flat, as the shipped files")
        }
        switch node {
        case .scalar(let scalar):
            return .scalar(text: scalar.string, quoted: scalar.style != .plain, place)
        case .sequence(let sequence):
            var values: [YAMLValue] = []
            for element in sequence { values.append(try convert(element, depth: depth + 1, file: file)) }
            return .sequence(values, place)
        case .mapping(let mapping):
            return .mapping(try entries(mapping, depth: depth, file: file), place)
        case .alias:
            throw FileProblem(file: file, line: place.line, message: "aliases are not used here")
        }
    }

    private static func entries(
        _ mapping: Node.Mapping, depth: Int, file: String
    ) throws(FileProblem) -> [YAMLEntry] {
        var entries: [YAMLEntry] = []
        for (key, value) in mapping {
            let place = YAMLPlace(line: key.mark?.line ?? 1, column: key.mark?.column ?? 1)
            guard case .scalar(let scalar) = key else {
                throw FileProblem(
                    file: file, line: place.line, column: place.column, message: "a key must be a word",
                    hint: "write `key: value`")
            }
            if let first = entries.first(where: { $0.key == scalar.string }) {
                throw duplicate(scalar.string, first: first.keyPlace, second: place, file: file)
            }
            entries.append(
                YAMLEntry(
                    key: scalar.string, keyPlace: place, value: try convert(value, depth: depth + 1, file: file)))
        }
        return entries
    }

    private static func duplicate(
        _ key: String, first: YAMLPlace, second: YAMLPlace?, file: String
    ) -> FileProblem {
        FileProblem(
            file: file, line: second?.line ?? first.line, column: second?.column ?? first.column, key: key,
            message: second == nil
                ? "this key stands here more than once" : "this key stands already in line \(first.line)",
            hint: "keep one of the two")
    }

    /// The library's error with its place. Its own text may quote the file at length, so it is not passed on whole.
    private static func problem(_ error: YamlError, text: String, file: String) -> FileProblem {
        switch error {
        case .scanner(let context, let problem, let mark, _):
            // An open quote is noticed at the end of the file; what helps is where it began.
            return unreadable(problem, at: context?.mark ?? mark, file: file)
        case .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            return unreadable(problem, at: mark, file: file)
        case .duplicatedKeysInMapping(let keys, let context):
            let key = keys.sorted().first ?? ""
            let first = YAMLPlace(line: context.mark.line, column: context.mark.column)
            return duplicate(key, first: first, second: secondPlace(of: key, after: first, in: text), file: file)
        case .reader(let problem, _, _, _):
            return FileProblem(
                file: file, message: "not readable as text: \(problem)", hint: "save the file as UTF-8 text")
        default:
            return FileProblem(file: file, message: "not readable as YAML", hint: "start from one of the shipped files")
        }
    }

    private static func unreadable(_ problem: String, at mark: Mark, file: String) -> FileProblem {
        FileProblem(
            file: file, line: mark.line, column: mark.column, message: "not readable as YAML: \(problem)",
            hint: "check indentation, quotes and colons near this line")
    }

    /// Where a key stands again: the next line on which it starts in the same column. Keys of one mapping share a
    /// column.
    private static func secondPlace(of key: String, after first: YAMLPlace, in text: String) -> YAMLPlace? {
        var number = 0
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            number += 1
            guard number > first.line else { continue }
            let rest = line.dropFirst(first.column - 1)
            let lead = line.prefix(first.column - 1)
            guard lead.allSatisfy({ $0 == " " }) else { continue }
            for form in [key, "\"\(key)\"", "'\(key)'"] where rest.hasPrefix(form) {
                let after = rest.dropFirst(form.count).drop { $0 == " " }
                if after.first == ":" { return YAMLPlace(line: number, column: first.column) }
            }
        }
        return nil
    }
}

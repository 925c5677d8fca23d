/// One thing wrong with one file, in a form that is one clear message: where, what, which limit, who set it, what to
/// do.
public struct FileProblem: Error, Equatable, Sendable, CustomStringConvertible {
    public let file: String
    /// From 1; nothing where the file as a whole is meant.
    public let line: Int?
    public let column: Int?
    /// The path of keys, such as `pulse.frequency_hz`.
    public let key: String?
    /// What stands there, shortened.
    public let value: String?
    /// The bound that was broken, such as `at most 3 decimals`.
    public let limit: String?
    /// Who set the bound: `file format`, `clinic limit`, …
    public let setBy: String?
    public let message: String
    /// What to do.
    public let hint: String?

    public init(
        file: String, line: Int? = nil, column: Int? = nil, key: String? = nil, value: String? = nil,
        limit: String? = nil, setBy: String? = nil, message: String, hint: String? = nil
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.key = key
        self.value = value.map(FileProblem.shortened)
        self.limit = limit
        self.setBy = setBy
        self.message = message
        self.hint = hint
    }

    /// `file:line:column: key: message (found …; limit …, set by …). What to do: …`
    public var description: String {
        var place = FileProblem.shortened(file, to: 200)
        if let line { place += ":\(line)" }
        if line != nil, let column { place += ":\(column)" }
        var text = place + ": "
        if let key { text += "`\(FileProblem.shortened(key, to: 80))`: " }
        text += message
        var details: [String] = []
        if let value { details.append("found: \(value)") }
        if let limit { details.append("limit: \(limit)" + (setBy.map { ", set by \($0)" } ?? "")) }
        if limit == nil, let setBy { details.append("set by \(setBy)") }
        if !details.isEmpty { text += " (" + details.joined(separator: "; ") + ")" }
        if let hint { text += ". What to do: \(hint)" }
        return text
    }

    /// A text as it may go to a terminal: no control characters, no more than `longest` characters.
    static func shortened(_ text: String, to longest: Int) -> String {
        var kept = ""
        var count = 0
        for scalar in text.unicodeScalars {
            if count == longest { return kept + "…" }
            let visible = scalar.value >= 0x20 && !(scalar.value >= 0x7F && scalar.value < 0xA0)
            kept.unicodeScalars.append(visible ? scalar : "\u{FFFD}")
            count += 1
        }
        return kept
    }

    private static func shortened(_ text: String) -> String { shortened(text, to: 60) }
}

/// Everything found wrong with a file, or with the files of a folder. Never empty.
public struct FileProblems: Error, Equatable, Sendable, CustomStringConvertible {
    /// More than this many are counted, not kept: a hostile file must not fill the screen.
    public static let mostKept = 20

    public let problems: [FileProblem]
    /// How many more there were.
    public let leftOut: Int

    public init(_ first: FileProblem, _ others: [FileProblem] = []) {
        let all = [first] + others
        problems = Array(all.prefix(FileProblems.mostKept))
        leftOut = all.count - problems.count
    }

    /// One line for each problem.
    public var description: String {
        let lines = problems.map(\.description)
        let more = leftOut == 0 ? [] : ["… and \(leftOut) more"]
        return (lines + more).joined(separator: "\n")
    }
}

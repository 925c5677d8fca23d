/// One small change of one place, as it is told to a reader.
public struct Mutant: Sendable {
    /// From 1; its name for one state of the sources only.
    public let number: Int32
    /// The first number of the place it belongs to: what a run reports when it comes by.
    public let place: Int32
    public let file: String
    /// 1 or more.
    public let line: Int
    /// Such as `PulseGate.arm(condition:at:)`.
    public let function: String
    /// What kind of change, in words: "comparison", "literal".
    public let kind: String
    /// The piece before and after it.
    public let before: String
    public let after: String
    /// The statement or condition around it, on one line.
    public let around: String
    /// Its name in the file of arguments: without line numbers, so that it outlives changes elsewhere.
    public internal(set) var key = ""

    public init(
        number: Int32, place: Int32, file: String, line: Int, function: String, kind: String, before: String,
        after: String, around: String
    ) {
        self.number = number
        self.place = place
        self.file = file
        self.line = line
        self.function = function
        self.kind = kind
        self.before = before
        self.after = after
        self.around = around
    }

    /// File, function, kind, change, and the statement that it stands in.
    var name: String {
        let start = around == before ? "" : " in: \(around)"
        return "\(file.split(separator: "/").last ?? "") \(function) · \(kind): \(before) → \(after)\(start)"
    }
}

extension [Mutant] {
    /// Gives each its key; of several that read alike the second is `#2`.
    mutating func nameAll() {
        var seen: [String: Int] = [:]
        for index in indices {
            let name = self[index].name
            let count = (seen[name] ?? 0) + 1
            seen[name] = count
            self[index].key = count == 1 ? name : "\(name) #\(count)"
        }
    }
}

/// A piece of text that goes into a source, or in place of a piece of it.
struct Edit {
    /// Offsets in UTF-8.
    let from: Int
    let to: Int
    let text: String
    /// Closing pieces come before opening ones at the same offset.
    let closes: Bool
    /// The order of the visit: the outer place first.
    let order: Int
}

/// All that is done at one place: it is taken out whole when it does not compile.
struct Place {
    /// Its first mutant's number.
    let number: Int32
    let count: Int32
    let from: Int
    let to: Int
    var edits: [Edit]
}

/// A source file with all of its mutants in it, chosen at run time.
public struct MutatedFile: Sendable {
    public let text: String
    /// For a line and column (UTF-8, from 1) in `text`: the innermost place there.
    let spans: [(number: Int32, from: Int, to: Int)]
    private let lineStarts: [Int]

    init(text: String, spans: [(number: Int32, from: Int, to: Int)]) {
        self.text = text
        self.spans = spans
        var starts = [0]
        for (offset, byte) in text.utf8.enumerated() where byte == UInt8(ascii: "\n") { starts.append(offset + 1) }
        lineStarts = starts
    }

    /// The place whose text an error of the compiler points into; of nested ones the innermost, or else the first that
    /// begins in the line.
    public func place(line: Int, column: Int) -> Int32? {
        guard line >= 1, line <= lineStarts.count else { return nil }
        let offset = lineStarts[line - 1] + column - 1
        let inside = spans.filter { $0.from <= offset && offset < $0.to }
        if let innermost = inside.min(by: { ($0.to - $0.from, -$0.number) < ($1.to - $1.from, -$1.number) }) {
            return innermost.number
        }
        let end = line < lineStarts.count ? lineStarts[line] : text.utf8.count
        return spans.first { $0.from >= lineStarts[line - 1] && $0.from < end }?.number
    }
}

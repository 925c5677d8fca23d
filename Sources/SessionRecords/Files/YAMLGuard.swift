/// Refuses, before the YAML library sees it, what our files never need and what YAML readers choke on or disagree
/// about: aliases (whose expansion grows without bound, even while keys are compared), tags, tabs, several documents,
/// control characters, endless lines, deep nesting.
///
/// It looks at characters, not at YAML's grammar, so it refuses a little more than needed (an asterisk at the start
/// of a word in a comment, too) and can be checked by reading it.
enum YAMLGuard {
    /// Longer lines are no text that a person wrote (proposal).
    static let longestLine = 1_000
    /// The deepest column at which a line may start: more is nesting without end (proposal).
    static let deepestIndent = 40

    static func check(_ text: String, file: String) throws(FileProblem) {
        try checkScalars(text, file: file)
        var number = 0
        for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            var bytes = Array(line)
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
            if let fault = fault(in: bytes) {
                throw FileProblem(
                    file: file, line: number, column: fault.column, value: fault.value, limit: fault.limit,
                    setBy: fault.limit == nil ? nil : "file format", message: fault.message, hint: fault.hint)
            }
        }
    }

    /// Characters beyond ASCII that break lines for some readers only, or that make a text look like another.
    private static func checkScalars(_ text: String, file: String) throws(FileProblem) {
        var line = 1
        for scalar in text.unicodeScalars {
            let hidden: Bool
            switch scalar.value {
            case 0x0A:
                line += 1
                hidden = false
            // C1 controls, line and paragraph separators, marks of direction, byte order mark.
            case 0x80...0x9F, 0x2028, 0x2029, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF:
                hidden = true
            default:
                hidden = false
            }
            guard hidden else { continue }
            throw FileProblem(
                file: file, line: line, value: "U+" + String(scalar.value, radix: 16, uppercase: true),
                message: "an invisible character",
                hint: "remove it, or save the file as plain UTF-8 without a byte order mark")
        }
    }

    private struct Fault {
        var column: Int?
        var value: String?
        var limit: String?
        let message: String
        let hint: String
    }

    private static func fault(in bytes: [UInt8]) -> Fault? {
        if bytes.count > longestLine {
            return Fault(
                value: "\(bytes.count) bytes", limit: "\(longestLine) bytes in a line", message: "line too long",
                hint: "break the line; a text may go on over several lines")
        }
        let indent = bytes.prefix { $0 == UInt8(ascii: " ") }.count
        let structure = bytes.prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "?") }
        if indent < bytes.count, structure.count > deepestIndent {
            return Fault(
                limit: "\(deepestIndent) columns", message: "nested too deeply",
                hint: "write it flat, as the shipped files")
        }
        if bytes.starts(with: "---".utf8) || bytes.starts(with: "...".utf8) || bytes.first == UInt8(ascii: "%") {
            return Fault(
                column: 1, message: "document markers and directives are not used here",
                hint: "one file is one document; remove this line")
        }
        return characterFault(in: bytes)
    }

    private static func characterFault(in bytes: [UInt8]) -> Fault? {
        var brackets = 0
        for (index, byte) in bytes.enumerated() {
            let before = index == 0 ? UInt8(ascii: " ") : bytes[index - 1]
            let after = index + 1 < bytes.count ? bytes[index + 1] : UInt8(ascii: " ")
            if let fault = nodeFault(byte, before: before, after: after, column: index + 1) { return fault }
            if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") { brackets += 1 }
            if brackets > 4 {
                return Fault(
                    column: index + 1, limit: "4 brackets in a line", message: "nested too deeply",
                    hint: "write lists with one `- ` a line")
            }
        }
        return nil
    }

    private static func nodeFault(_ byte: UInt8, before: UInt8, after: UInt8, column: Int) -> Fault? {
        switch byte {
        case UInt8(ascii: "\t"):
            return Fault(column: column, message: "a tab", hint: "indent with spaces")
        case 0..<0x20, 0x7F:
            return Fault(column: column, message: "a control character", hint: "remove it; is this a text file?")
        case UInt8(ascii: "&"), UInt8(ascii: "*"):
            // A node can start after anything but a letter or digit; a name can start with a letter, digit, - or _.
            guard !isWord(before), isWord(after) || after == UInt8(ascii: "-") else { return nil }
            return Fault(
                column: column, message: "anchors and aliases are not used here",
                hint: "write the value out; in a text, do not let a word start with & or *")
        case UInt8(ascii: "!"):
            guard !isWord(before) else { return nil }
            return Fault(
                column: column, message: "tags are not used here",
                hint: "remove the tag; in a text, put ! right after a word")
        default:
            return nil
        }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x61 && byte <= 0x7A)
            || byte == UInt8(ascii: "_")
    }
}

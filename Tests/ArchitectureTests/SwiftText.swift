/// Just enough of Swift's grammar to tell code from comments and text.
enum SwiftText {
    /// The same text with every character of a comment or a string literal replaced by a space, so that lines and
    /// columns stay. Code inside `\(…)` stays code.
    static func codeOnly(_ text: String) -> String {
        var scanner = Scanner(Array(text.utf8))
        scanner.code(untilClosingParenthesis: false)
        return String(decoding: scanner.output, as: UTF8.self)
    }

    private struct Scanner {
        let input: [UInt8]
        var output: [UInt8]
        var index = 0

        init(_ input: [UInt8]) {
            self.input = input
            output = input
        }

        func at(_ text: StaticString) -> Bool {
            let wanted = Array("\(text)".utf8)
            return index + wanted.count <= input.count && Array(input[index..<index + wanted.count]) == wanted
        }

        mutating func blank(_ count: Int = 1) {
            for _ in 0..<count where index < input.count {
                if input[index] != UInt8(ascii: "\n") { output[index] = UInt8(ascii: " ") }
                index += 1
            }
        }

        mutating func code(untilClosingParenthesis: Bool) {
            var depth = 0
            while index < input.count {
                if at("//") {
                    while index < input.count, input[index] != UInt8(ascii: "\n") { blank() }
                } else if at("/*") {
                    blockComment()
                } else if let hashes = stringStart() {
                    string(hashes: hashes)
                } else {
                    if input[index] == UInt8(ascii: "(") { depth += 1 }
                    if input[index] == UInt8(ascii: ")") {
                        depth -= 1
                        if untilClosingParenthesis && depth < 0 { return }
                    }
                    index += 1
                }
            }
        }

        mutating func blockComment() {
            var depth = 0
            repeat {
                if at("/*") {
                    depth += 1
                    blank(2)
                } else if at("*/") {
                    depth -= 1
                    blank(2)
                } else {
                    blank()
                }
            } while depth > 0 && index < input.count
        }

        /// The number of `#` before a quotation mark here; nil when no string starts here.
        func stringStart() -> Int? {
            var end = index
            while end < input.count, input[end] == UInt8(ascii: "#") { end += 1 }
            guard end < input.count, input[end] == UInt8(ascii: "\"") else { return nil }
            return end - index
        }

        mutating func string(hashes: Int) {
            blank(hashes)
            let marks = at("\"\"\"") ? 3 : 1
            blank(marks)
            while index < input.count {
                if closes(marks: marks, hashes: hashes) {
                    blank(marks + hashes)
                    return
                }
                if marks == 1 && input[index] == UInt8(ascii: "\n") { return }
                if input[index] == UInt8(ascii: "\\"), followedByHashes(hashes) {
                    blank(1 + hashes)
                    if index < input.count, input[index] == UInt8(ascii: "(") {
                        index += 1
                        code(untilClosingParenthesis: true)
                        index = min(index + 1, input.count)
                    } else {
                        blank()
                    }
                } else {
                    blank()
                }
            }
        }

        func followedByHashes(_ hashes: Int) -> Bool {
            index + hashes < input.count
                && input[(index + 1)..<(index + 1 + hashes)].allSatisfy { $0 == UInt8(ascii: "#") }
        }

        func closes(marks: Int, hashes: Int) -> Bool {
            let end = index + marks + hashes
            guard end <= input.count else { return false }
            return input[index..<index + marks].allSatisfy { $0 == UInt8(ascii: "\"") }
                && input[(index + marks)..<end].allSatisfy { $0 == UInt8(ascii: "#") }
        }
    }
}

/// Just enough of Swift's grammar to tell code from comments and text.
enum SwiftText {
    /// The same text with every character of a comment or a string literal replaced by a space, so that lines and
    /// columns stay. Code inside `\(…)` stays code.
    static func codeOnly(_ text: [UInt8]) -> [UInt8] {
        var scanner = Scanner(text)
        scanner.code(untilClosingParenthesis: false)
        return scanner.output
    }

    static func codeOnly(_ text: String) -> String {
        String(decoding: codeOnly(Array(text.utf8)), as: UTF8.self)
    }

    /// The longest runs of letters, digits and `_@#!`.
    static func words(in code: [UInt8]) -> Set<String> {
        var found: Set<String> = []
        for run in code.split(whereSeparator: { !isWordByte($0) }) {
            found.insert(String(decoding: run, as: UTF8.self))
        }
        return found
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x40, 0x23, 0x21: true
        default: byte >= 0x80
        }
    }

    private struct Scanner {
        let input: [UInt8]
        var output: [UInt8]
        var index = 0

        init(_ input: [UInt8]) {
            self.input = input
            output = input
        }

        /// Whether these two characters come next.
        func at(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Bool {
            index + 1 < input.count && input[index] == UInt8(ascii: first) && input[index + 1] == UInt8(ascii: second)
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
                if at("/", "/") {
                    while index < input.count, input[index] != UInt8(ascii: "\n") { blank() }
                } else if at("/", "*") {
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
                if at("/", "*") {
                    depth += 1
                    blank(2)
                } else if at("*", "/") {
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
            let marks = at("\"", "\"") && index + 2 < input.count && input[index + 2] == UInt8(ascii: "\"") ? 3 : 1
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

extension Regex {
    /// Word boundaries as programmers know them: by default Swift sees none in "DispatchQueue.main".
    var plain: Regex<Output> { wordBoundaryKind(.simple).matchingSemantics(.unicodeScalar) }
}

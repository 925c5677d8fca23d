/// A function fits on a screen and a file holds one idea.
enum SizeRule {
    static let mostLinesInFunction = 70
    static let mostLinesInFile = 500
    static let mostColumns = 120

    static func violations(in file: SourceFile) -> [Violation] {
        var lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last == "" { lines.removeLast() }
        var found: [Violation] = []
        if lines.count > mostLinesInFile {
            found.append(
                Violation(path: file.path, line: 0, message: "\(lines.count) lines, at most \(mostLinesInFile)"))
        }
        for (index, line) in lines.enumerated() where line.utf8.count > mostColumns && line.count > mostColumns {
            found.append(
                Violation(
                    path: file.path, line: index + 1, message: "\(line.count) columns, at most \(mostColumns)"))
        }
        guard file.path.hasSuffix(".swift"), lines.count > mostLinesInFunction else { return found }
        for function in functions(in: file.code) where function.lines > mostLinesInFunction {
            found.append(
                Violation(
                    path: file.path, line: function.line,
                    message: "a function of \(function.lines) lines, at most \(mostLinesInFunction)"))
        }
        return found
    }

    /// Where each function with a body starts, and how many lines it takes from its first line to its closing brace.
    static func functions(in code: String) -> [(line: Int, lines: Int)] {
        let text = Array(code.utf8)
        var found: [(Int, Int)] = []
        for match in code.matches(of: /(?:^|[\s;{}])(?:func\s|init[?!]?\s*[(<]|deinit\b|subscript\s*[(<])/.plain) {
            var index = code.utf8.distance(from: code.startIndex, to: match.range.upperBound) - 1
            let first = text[..<index].count { $0 == UInt8(ascii: "\n") }
            guard let body = bodyStart(in: text, from: &index) else { continue }
            guard let end = closingBrace(in: text, from: body) else { continue }
            let last = text[..<end].count { $0 == UInt8(ascii: "\n") }
            found.append((first + 1, last - first + 1))
        }
        return found
    }

    /// The opening brace of the body that follows; nil when a line ends the declaration without one.
    private static func bodyStart(in text: [UInt8], from index: inout Int) -> Int? {
        var depth = 0
        var sawParameters = false
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"):
                depth -= 1
                if depth < 0 { return nil }
                if depth == 0 { sawParameters = true }
            case UInt8(ascii: "{"):
                if depth == 0 { return index }
                guard let end = closingBrace(in: text, from: index) else { return nil }
                index = end
            case UInt8(ascii: "}"): return nil
            case UInt8(ascii: "\n") where depth == 0 && sawParameters:
                if !continuesDeclaration(text, after: index) { return nil }
            default: break
            }
            index += 1
        }
        return nil
    }

    private static func continuesDeclaration(_ text: [UInt8], after index: Int) -> Bool {
        let rest = String(decoding: text[index...].prefix(200), as: UTF8.self).drop { $0.isWhitespace }
        return ["{", "->", "where ", "throws", "async", "rethrows", ")"].contains { rest.hasPrefix($0) }
    }

    private static func closingBrace(in text: [UInt8], from start: Int) -> Int? {
        var depth = 0
        for index in start..<text.count {
            if text[index] == UInt8(ascii: "{") { depth += 1 }
            if text[index] == UInt8(ascii: "}") {
                depth -= 1
                if depth == 0 { return index }
            }
        }
        return nil
    }
}

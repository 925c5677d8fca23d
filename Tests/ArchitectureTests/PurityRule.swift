/// What the pure modules do without, so that they compile as Embedded Swift without allocation. The compiler proves it
/// (`MP_EMBEDDED=1`); this says so at once, and on every build.
enum PurityRule {
    private static var refused: [(name: String, pattern: Regex<Substring>)] {
        [
            ("a class", /(?:^|[\s(])class\s+\w/),
            ("an existential", /\bany\s+[A-Z~(]/),
            ("an array type", /\[\s*[A-Z][\w.]*\??\s*\](?!\s*\()|\bArray\s*[<(]|\[\s*[A-Z][\w.]*\s*\]\(/),
            ("a dictionary or set", /\b(?:Dictionary|Set)\s*[<(]|\[\s*[A-Z]\w*\s*:\s*[A-Z]/),
            ("String", /\bString\b/),
            ("a floating-point number", /\b(?:Double|Float|Float16|Float32|Float64|CGFloat)\b/),
            ("untyped throws", /\bthrows\b(?!\s*\()/),
            ("an escaping closure", /@escaping\b/),
            ("a lazy global or static", /\b(?:static|class)\s+var\s+\w+\s*(?::[^={]*)?=[^=]/),
            ("Codable", /\b(?:Codable|Encodable|Decodable)\b/),
            ("CaseIterable", /\bCaseIterable\b/),
        ]
    }

    static func violations(in file: SourceFile) -> [Violation] {
        guard file.area == "Sources", ImportTable.pureTargets.contains(file.target) else { return [] }
        var found: [Violation] = []
        let rules = refused.map { (name: $0.name, pattern: $0.pattern.plain) }.filter { file.code.contains($0.pattern) }
        for (index, line) in file.codeLines.enumerated() {
            for rule in rules where line.contains(rule.pattern) {
                found.append(
                    Violation(path: file.path, line: index + 1, message: "\(file.target) is pure: no \(rule.name)"))
            }
        }
        return found
    }
}

/// Decoding an authorized value would be forging it, and copying one would be sending it twice.
enum AuthorizedRule {
    static func violations(in file: SourceFile) -> [Violation] {
        guard file.words.contains(where: { $0.hasPrefix("Authorized") || $0 == "Arming" }) else { return [] }
        let code = file.code
        var found: [Violation] = []
        let heads = code.matches(
            of: /\b(?:struct|class|enum|extension|actor)\s+(?:\w+\.)*(Authorized\w*|Arming)\b([^{]*)\{/.plain)
        for head in heads {
            let line = code[..<head.range.lowerBound].count { $0 == "\n" } + 1
            if head.2.contains(/\b(?:Codable|Encodable|Decodable)\b/) {
                found.append(
                    Violation(path: file.path, line: line, message: "\(head.1) is Codable: decoding it forges it"))
            }
        }
        for head in code.matches(of: /\b(public|open|package)\s+init\b/.plain) {
            let before = code[..<head.range.lowerBound]
            guard
                let owner = before.matches(of: /\b(?:struct|class|enum|extension)\s+(?:\w+\.)*(\w+)[^{}]*\{/.plain).last
            else { continue }
            guard owner.1 == "AuthorizedPulse" || owner.1 == "Arming" else { continue }
            let line = before.count { $0 == "\n" } + 1
            found.append(
                Violation(path: file.path, line: line, message: "\(owner.1) can be made outside its gate"))
        }
        return found
    }
}

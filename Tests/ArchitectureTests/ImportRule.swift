/// Imports follow the table.
enum ImportRule {
    /// Every module named by an import of any form, with its line.
    static func imports(in file: SourceFile) -> [(module: String, line: Int)] {
        let form = /(?:^|;)\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?/
        let kinds: Set<Substring> = [
            "struct", "class", "enum", "protocol", "typealias", "func", "let", "var", "actor", "macro",
        ]
        var found: [(String, Int)] = []
        let lines = file.words.contains("import") ? file.codeLines : []
        for (index, line) in lines.enumerated() where line.contains("import") {
            for match in line.matches(of: form) {
                let words = line[match.range.upperBound...].split(whereSeparator: { " \t".contains($0) })
                guard words.first == "import", words.count > 1 else { continue }
                let name = kinds.contains(words[1]) && words.count > 2 ? words[2] : words[1]
                found.append((String(name.prefix { $0.isLetter || $0.isNumber || $0 == "_" }), index + 1))
            }
        }
        return found
    }

    static func violations(in file: SourceFile) -> [Violation] {
        guard let row = ImportTable.row(file.target) else {
            return [Violation(path: file.path, line: 0, message: "its target is not in the import table")]
        }
        let allowed = Set(row.own.map { $0.replacing("-", with: "_") } + row.foreign)
        return imports(in: file).filter { !allowed.contains($0.module) }.map { found in
            Violation(
                path: file.path, line: found.line,
                message: "\(file.target) may not import \(found.module); see ImportTable")
        }
    }
}

/// What `Package.swift` declares is what the table says.
enum PackageRule {
    /// The modules of this package that each target declares, read from the manifest's text.
    static func declared(in manifest: String) -> [String: Set<String>] {
        var found: [String: Set<String>] = [:]
        let heads = manifest.matches(
            of: /\.(?:target|executableTarget|testTarget|systemLibrary)\(\s*name:\s*"([^"]+)"/)
        for (index, head) in heads.enumerated() {
            let end = index + 1 < heads.count ? heads[index + 1].range.lowerBound : manifest.endIndex
            let body = manifest[head.range.upperBound..<end]
            var names: Set<String> = []
            if let list = body.firstMatch(of: /dependencies:\s*\[((?:[^\[\]]|\[[^\]]*\])*)\]/) {
                let plain = list.1.replacing(/\.product\([^)]*\)/, with: "")
                for name in plain.matches(of: /"([^"]+)"/) { names.insert(String(name.1)) }
            }
            found[String(head.1)] = names
        }
        return found
    }

    static func violations(in manifest: String, folders: [String]) -> [Violation] {
        let declared = declared(in: manifest)
        var found: [Violation] = []
        func complain(_ message: String) {
            found.append(Violation(path: "Package.swift", line: 0, message: message))
        }
        for row in ImportTable.rows {
            guard let names = declared[row.target] else {
                complain("the table has a row for \(row.target), which is no target")
                continue
            }
            let undeclared = Set(row.own).subtracting(names).sorted()
            let extra = names.subtracting(row.own).sorted()
            if !undeclared.isEmpty { complain("\(row.target) may import \(undeclared) but does not declare it") }
            if !extra.isEmpty { complain("\(row.target) declares \(extra), which the table forbids") }
        }
        for target in declared.keys.sorted() where ImportTable.row(target) == nil {
            complain("\(target) has no row in the table")
        }
        for folder in folders where ImportTable.row(folder) == nil {
            complain("the folder \(folder) has no row in the table")
        }
        return found
    }
}

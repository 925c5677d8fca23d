internal import CareModel

/// Holds a YAML tree against a grammar: every key known, every required key there, every value of its shape.
struct GrammarReader {
    /// The longest text in a file (proposal).
    static let longestText = 3_000
    /// The longest list in a file (proposal).
    static let longestList = 200

    let file: String
    let grammar: FileGrammar
    var problems = ProblemList()
    /// Path of keys to the line of its value.
    private(set) var lines: [String: Int] = [:]

    init(file: String, grammar: FileGrammar) {
        self.file = file
        self.grammar = grammar
    }

    /// The whole file. Problems are added; the mapping holds what could be read.
    mutating func read(_ root: YAMLValue) -> FileMapping {
        readMapping(root, rules: grammar.mappings[grammar.root] ?? [], path: "")
    }

    private mutating func readMapping(_ value: YAMLValue, rules: [KeyRule], path: String) -> FileMapping {
        var mapping = FileMapping(file: file, path: path, line: value.place.line)
        guard case .mapping(let entries, _) = value else {
            add(value, path, "keys with values are expected here", hint: expectation(rules))
            return mapping
        }
        var meant: Set<String> = []
        for entry in entries {
            let full = path.isEmpty ? entry.key : path + "." + entry.key
            guard let rule = rules.first(where: { $0.name == entry.key }) else {
                let guess = KeyGuess(unknown: entry.key, rules: rules)
                if let known = guess.meant { meant.insert(known) }
                problems.add(
                    FileProblem(
                        file: file, line: entry.keyPlace.line, column: entry.keyPlace.column, key: full,
                        message: guess.message, hint: guess.hint))
                continue
            }
            // Present, if wrong: it must not be reported as missing as well.
            meant.insert(entry.key)
            lines[full] = entry.value.place.line
            if let read = readValue(entry.value, rule.shape, path: full) {
                mapping.set(entry.key, read, line: entry.value.place.line)
            }
        }
        for rule in rules where rule.isRequired && !meant.contains(rule.name) {
            problems.add(
                FileProblem(
                    file: file, line: value.place.line, key: mapping.fullPath(rule.name),
                    message: "this key is missing", hint: "add it; see the shipped files"))
        }
        return mapping
    }

    private mutating func readValue(_ value: YAMLValue, _ shape: KeyShape, path: String) -> FileValue? {
        switch shape {
        case .text: return readText(value, path: path).map { .text($0) }
        case .word(let words): return readWord(value, words, path: path)
        case .truth: return readTruth(value, path: path)
        case .number(let unit, let lowest, let highest):
            return readNumber(value, unit, lowest: lowest, highest: highest, path: path)
        case .whole(let bits): return readWhole(value, bits: bits, path: path)
        case .evidenced(let unit, let lowest, let highest):
            let rules = FileGrammar.evidencedNumber(unit, lowest: lowest, highest: highest)
            let mapping = readMapping(value, rules: rules, path: path)
            // A number's own line is where a refusal points.
            if let line = mapping.line("value") { lines[path] = line }
            return .mapping(mapping)
        case .mapping(let name):
            return .mapping(readMapping(value, rules: grammar.mappings[name] ?? [], path: path))
        case .list(let name):
            return readList(value, path: path).map { elements in
                .list(
                    elements.enumerated().map { index, element in
                        readMapping(element, rules: grammar.mappings[name] ?? [], path: "\(path)[\(index)]")
                    })
            }
        case .texts:
            guard let elements = readList(value, path: path) else { return nil }
            var texts: [String] = []
            for (index, element) in elements.enumerated() {
                guard let text = readText(element, path: "\(path)[\(index)]") else { return nil }
                texts.append(text)
            }
            return .texts(texts)
        }
    }

    private mutating func readList(_ value: YAMLValue, path: String) -> [YAMLValue]? {
        guard case .sequence(let elements, _) = value, !elements.isEmpty else {
            add(value, path, "a list with at least one entry is expected here", hint: "write each entry after `- `")
            return nil
        }
        guard elements.count <= Self.longestList else {
            add(
                value, path, "too many entries", limit: "\(Self.longestList) entries",
                hint: "check that this is the file you meant")
            return nil
        }
        return elements
    }

    private mutating func readText(_ value: YAMLValue, path: String) -> String? {
        guard case .scalar(let raw, let quoted, _) = value else {
            add(value, path, "a text is expected here", hint: "write one text; in quotes if it holds a colon or a #")
            return nil
        }
        let text = String(ChecklistItem.trimmed(raw))
        guard !text.isEmpty, quoted || (text != "~" && text.lowercased() != "null") else {
            add(value, path, "there is no value", hint: "write the text; no key may be empty")
            return nil
        }
        guard text.count <= Self.longestText else {
            add(
                value, path, "text too long", limit: "\(Self.longestText) characters",
                hint: "say it in fewer words")
            return nil
        }
        return text
    }

    private mutating func readWord(_ value: YAMLValue, _ words: [String], path: String) -> FileValue? {
        guard let text = readText(value, path: path) else { return nil }
        guard words.contains(text) else {
            add(value, path, "not one of the known words", hint: "write one of: " + words.joined(separator: ", "))
            return nil
        }
        return .text(text)
    }

    private mutating func readTruth(_ value: YAMLValue, path: String) -> FileValue? {
        if case .scalar(let text, false, _) = value {
            if text == "true" { return .truth(true) }
            if text == "false" { return .truth(false) }
        }
        add(value, path, "true or false is expected here", hint: "write `true` or `false`, without quotes")
        return nil
    }

    private mutating func readWhole(_ value: YAMLValue, bits: Int, path: String) -> FileValue? {
        // Written in one way only: no sign before 0, no zeros in front.
        if case .scalar(let text, false, _) = value, let number = Int64(text), String(number) == text,
            number == (number << (64 - bits)) >> (64 - bits)
        {
            return .number(number)
        }
        add(value, path, "no whole number of this key's unit", hint: "this file is written by the program, not by hand")
        return nil
    }

    private mutating func readNumber(
        _ value: YAMLValue, _ unit: QuantityUnit, lowest: Int64, highest: Int64, path: String
    ) -> FileValue? {
        guard case .scalar(let text, let quoted, _) = value else {
            add(value, path, "one number is expected here, in \(unit.words)", hint: "write the bare number")
            return nil
        }
        guard !quoted else {
            add(value, path, "a number in quotes is a text", hint: "write it without quotes")
            return nil
        }
        let stored: Int64
        do {
            stored = try DecimalText.parse(text, decimals: unit.decimals, highest: Int64.max)
        } catch {
            let words = NumberWords(error, unit: unit)
            add(value, path, words.message, limit: words.limit, hint: words.hint)
            return nil
        }
        guard stored >= lowest else {
            add(value, path, "too small", limit: "at least \(unit.text(lowest))", hint: "write a larger number")
            return nil
        }
        guard stored <= highest else {
            add(
                value, path, "too large", limit: "at most \(unit.text(highest))",
                hint: "check the unit: the number is in \(unit.words)")
            return nil
        }
        return .number(stored)
    }

    private mutating func add(
        _ value: YAMLValue, _ path: String, _ message: String, limit: String? = nil, hint: String
    ) {
        problems.add(
            FileProblem(
                file: file, line: value.place.line, column: value.place.column, key: path.isEmpty ? nil : path,
                value: value.words, limit: limit, setBy: limit == nil ? nil : "file format", message: message,
                hint: hint))
    }

    private func expectation(_ rules: [KeyRule]) -> String {
        "write these keys, each on its own line: "
            + rules.map { $0.isRequired ? $0.name : "\($0.name) (optional)" }.joined(separator: ", ")
    }
}

/// What to say of a number that is none.
private struct NumberWords {
    let message: String
    var limit: String?
    let hint: String

    init(_ problem: DecimalProblem, unit: QuantityUnit) {
        switch problem {
        case .empty:
            message = "there is no number"
            hint = "write the number in \(unit.words)"
        case .notANumber:
            message = "not a number"
            hint = "write digits with at most one point, in \(unit.words)"
        case .exponent:
            message = "numbers with an exponent are not read"
            hint = "write the number out, in \(unit.words)"
        case .notFinite:
            message = "not a finite number"
            hint = "write the number that is meant, in \(unit.words)"
        case .hexadecimal:
            message = "hexadecimal numbers are not read"
            hint = "write it in decimal digits"
        case .leadingZero:
            message = "a leading zero means octal to some readers"
            hint = "write it in decimal digits without a leading zero"
        case .underscore:
            message = "underscores in numbers are not read"
            hint = "write the digits without _"
        case .comma:
            message = "a comma in a number means different things to different people"
            hint = "write a decimal point, and no separators"
        case .plusSign:
            message = "a sign is not read"
            hint = "write the number without +"
        case .negative:
            message = "negative numbers have no meaning here"
            limit = "at least 0"
            hint = "write the size; the direction of a pulse is not set here"
        case .unitInValue:
            message = "the unit stands in the key, not behind the number"
            hint = "write the bare number, in \(unit.words)"
        case .tooManyDecimals(let allowed):
            message = "finer than can be stored"
            limit = allowed == 0 ? "whole \(unit.words)" : "\(allowed) decimals"
            hint = "write a multiple of \(unit.text(1))"
        case .tooLarge:
            message = "too large"
            limit = "19 digits"
            hint = "check the unit: the number is in \(unit.words)"
        }
    }
}

public import CareModel
internal import StimulusModel

/// A checklist with its file's hash.
public struct LoadedChecklist: Equatable, Sendable {
    public let content: Checklist
    /// As named when it was loaded.
    public let path: String
    /// The whole file.
    public let text: String
    /// Hash of the file's bytes.
    public let sha256: Digest

    /// For the record: the questions that were asked stand beside their answers, so the text is not needed.
    public var recorded: RecordedFile {
        RecordedFile(id: content.id, version: content.version, path: path, sha256: sha256, text: nil)
    }
}

/// Reads checklists.
public enum ChecklistLoader {
    public static let format = "motorpoint-checklist-1"

    /// The keys of a checklist file.
    public static let grammar = FileGrammar(
        root: "checklist",
        mappings: [
            "checklist": [
                .required("format", .word([format])), .required("id", .text),
                .required("version", .number(.count, lowest: 1, highest: 1_000_000)), .required("title", .text),
                .required("language", .text), .required("items", .list("item")),
            ],
            "item": [
                .required("code", .text), .required("gate", .word(answerableGates)),
                .required("for", .word(["surface", "needle", "both"])),
                .required("kind", .word(AnswerKind.allCases.map(\.rawValue))), .required("text", .text),
                .optional("answers", .list("answer")),
                .optional("lowest_cm2", .number(.squareCentimetres, lowest: 1, highest: 10_000_000)),
                .optional("highest_cm2", .number(.squareCentimetres, lowest: 1, highest: 10_000_000)),
                .optional("means", .word(AnswerBinding.allCases.map(\.rawValue))), .required("source", .text),
            ],
            "answer": [
                .required("word", .text), .required("effect", .word(AnswerEffect.allCases.map(\.rawValue))),
                .optional("rule", .text), .optional("message", .text),
                .optional("maximum_contractions", .number(.count, lowest: 1, highest: 10_000)),
            ],
        ])

    /// The gates that answers may open; the others are proven by the program.
    static let answerableGates = GateSet.answerable.names

    /// One file. Its name must be the checklist's id with `.yaml`.
    public static func load(path: String) throws(FileProblems) -> LoadedChecklist {
        let file = try FileLoading.read(path)
        let content = try parse(file.text, file: path)
        try FileLoading.checkName(of: path, id: content.id, line: nil)
        return LoadedChecklist(content: content, path: path, text: file.text, sha256: file.sha256)
    }

    /// A checklist from its text.
    public static func parse(_ text: String, file: String) throws(FileProblems) -> Checklist {
        try FileLoading.parse(text, file: file, grammar: grammar) { root, _, problems throws(FileProblem) in
            let checklist = Checklist(
                id: try root.text("id"), version: try root.number32("version"), title: try root.text("title"),
                language: try root.text("language"), items: try items(root, into: &problems))
            if let problem = FileLoading.idProblem(root) { problems.add(problem) }
            try checkGates(checklist, root, into: &problems)
            return checklist
        }
    }

    private static func items(
        _ root: FileMapping, into problems: inout ProblemList
    ) throws(FileProblem) -> [ChecklistItem] {
        var items: [ChecklistItem] = []
        for mapping in try root.list("items") {
            let item = try item(mapping)
            check(item, mapping, into: &problems)
            if let twin = items.first(where: { $0.code == item.code }) {
                problems.add(
                    mapping.problem("code", "this code stands already in line \(twin.line)", hint: "give it its own"))
            }
            items.append(item)
        }
        return items
    }

    private static func item(_ mapping: FileMapping) throws(FileProblem) -> ChecklistItem {
        let kind = try mapping.choice("kind", AnswerKind.init(rawValue:))
        let audience = try mapping.text("for")
        var options: [AnswerOption] = []
        if mapping.has("answers") {
            for answer in try mapping.list("answers") { options.append(try option(answer)) }
        }
        return ChecklistItem(
            code: try mapping.text("code"), text: try mapping.text("text"), kind: kind, options: options,
            unit: kind == .number ? .squareCentimetres : nil,
            lowest: mapping.has("lowest_cm2") ? try mapping.number("lowest_cm2") : nil,
            highest: mapping.has("highest_cm2") ? try mapping.number("highest_cm2") : nil,
            binding: mapping.has("means") ? try mapping.choice("means", AnswerBinding.init(rawValue:)) : nil,
            electrodeKinds: ElectrodeKind.all.filter { audience == "both" || $0.name == audience },
            gate: try mapping.choice("gate", GateSet.init(name:)), source: try mapping.text("source"),
            line: mapping.line("code") ?? mapping.line)
    }

    private static func option(_ mapping: FileMapping) throws(FileProblem) -> AnswerOption {
        AnswerOption(
            word: try mapping.text("word"), effect: try mapping.choice("effect", AnswerEffect.init(rawValue:)),
            rule: mapping.has("rule") ? try mapping.text("rule") : nil,
            message: mapping.has("message") ? try mapping.text("message") : nil,
            contractionCap: mapping.has("maximum_contractions") ? try mapping.number32("maximum_contractions") : nil)
    }

    /// What the keys of one item demand of one another.
    private static func check(_ item: ChecklistItem, _ mapping: FileMapping, into problems: inout ProblemList) {
        let isQuestion = item.kind == .yesNo || item.kind == .choice
        let because = "when `kind` is \(item.kind.rawValue)"
        mapping.check(
            demand: isQuestion ? ["answers"] : [], forbid: isQuestion ? [] : ["answers"], because: because,
            into: &problems)
        let bounds = ["lowest_cm2", "highest_cm2"]
        mapping.check(
            demand: item.kind == .number ? bounds : [], forbid: item.kind == .number ? [] : bounds, because: because,
            into: &problems)
        if let lowest = item.lowest, let highest = item.highest, lowest > highest {
            problems.add(mapping.problem("lowest_cm2", "above `highest_cm2`", hint: "swap the two"))
        }
        if isQuestion { checkOptions(item, mapping, into: &problems) }
        switch item.binding {
        case .side where item.kind != .choice || Set(item.options.map(\.word)) != Set(BodySide.all.map(\.name)):
            problems.add(
                mapping.problem("means", "a side needs the answers left and right", hint: "write them as a choice"))
        case .padArea where item.kind != .number:
            problems.add(mapping.problem("means", "a pad area is a number", hint: "write `kind: number`"))
        default: break
        }
    }

    private static func checkOptions(
        _ item: ChecklistItem, _ mapping: FileMapping, into problems: inout ProblemList
    ) {
        let words = item.options.map(\.word)
        let plain = words.allSatisfy { word in
            word.utf8.allSatisfy {
                ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == UInt8(ascii: "-")
            }
        }
        if !plain {
            problems.add(
                mapping.problem(
                    "answers", "an answer is one word", limit: "lower-case letters, digits and hyphens",
                    hint: "join the words with hyphens"))
        }
        if Set(words).count != words.count {
            problems.add(mapping.problem("answers", "two answers have the same word", hint: "give each its own"))
        }
        if item.kind == .yesNo, Set(words) != ["yes", "no"] {
            problems.add(
                mapping.problem(
                    "answers", "a yes_no question has the answers yes and no",
                    hint: "write them in quotes, or use `kind: choice`"))
        }
        if words.count < 2 {
            problems.add(mapping.problem("answers", "a question needs two answers at least", hint: "add the other one"))
        }
        if item.options.allSatisfy({ $0.effect == .block }) {
            problems.add(
                mapping.problem("answers", "every answer blocks", hint: "say which answer lets the session go on"))
        }
        for option in item.options where option.effect != .pass && option.message == nil {
            problems.add(
                mapping.problem(
                    "answers", "the answer `\(option.word)` has an effect and no message",
                    hint: "say what is to be told, or what the reason must state"))
        }
    }

    /// A gate without a question would never open, or open unasked.
    private static func checkGates(
        _ checklist: Checklist, _ root: FileMapping, into problems: inout ProblemList
    ) throws(FileProblem) {
        for kind in ElectrodeKind.all {
            let items = checklist.items(for: kind)
            guard !items.isEmpty else { continue }
            let fed = items.reduce(GateSet.none) { $0.union($1.gate) }
            for item in items where !GateSet.answerable(for: kind).contains(item.gate) {
                problems.add(
                    FileProblem(
                        file: root.file, line: item.line, key: "gate", value: item.gate.names.joined(),
                        message: "\(item.code) is asked for \(kind.name) electrodes, which do not have this gate",
                        hint: "write `for: needle`, or name another gate"))
            }
            for name in GateSet.answerable(for: kind).subtracting(fed).names {
                problems.add(
                    root.problem(
                        "items", "no question for \(kind.name) electrodes feeds the gate `\(name)`",
                        hint: "add one; the gate could not open without it"))
            }
            if kind == .surface, !items.contains(where: { $0.binding == .padArea }) {
                problems.add(
                    root.problem(
                        "items", "no question asks for the pad area", hint: "add a number with `means: pad_area`"))
            }
        }
    }
}

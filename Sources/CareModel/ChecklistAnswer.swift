public import StimulusModel

/// What was answered.
public enum AnswerValue: Equatable, Sendable {
    /// A `confirm` item: true is confirmed.
    case confirmed(Bool)
    /// A yes/no or choice item: the word of the option.
    case option(String)
    /// A number in the stored unit of the item.
    case number(Int64)
    case text(String)

    public static func == (a: AnswerValue, b: AnswerValue) -> Bool {
        switch (a, b) {
        case (.confirmed(let x), .confirmed(let y)): return x == y
        case (.option(let x), .option(let y)): return x == y
        case (.number(let x), .number(let y)): return x == y
        case (.text(let x), .text(let y)): return x == y
        default: return false
        }
    }
}

/// One answer with its circumstances.
public struct ChecklistAnswer: Equatable, Sendable {
    public let code: String
    public let value: AnswerValue
    /// Why the practitioner goes on in spite of an override.
    public let reason: String?
    /// When it was given, nanoseconds since 1970 UTC.
    public let wallNanoseconds: Int64

    public init(code: String, value: AnswerValue, reason: String?, wallNanoseconds: Int64) {
        self.code = code
        self.value = value
        self.reason = reason
        self.wallNanoseconds = wallNanoseconds
    }
}

extension [ChecklistAnswer] {
    /// Whether the first of them was given within the last 60 min (H44; proposal), and not after now: skin, medication
    /// and consent of this hour, not of yesterday. No answers are none of this hour.
    public func areOfThisHour(at wallNanoseconds: Int64) -> Bool {
        guard let oldest = map(\.wallNanoseconds).min() else { return false }
        let (age, isAbsurd) = wallNanoseconds.subtractingReportingOverflow(oldest)
        return !isAbsurd && age >= 0 && age <= 3_600_000_000_000
    }
}

/// Why typed text is no answer.
public enum AnswerProblem: Error, Equatable, Sendable {
    /// Nothing typed; there are no default answers.
    case empty
    /// Not one of the words.
    case notAnOption([String])
    case notANumber(DecimalProblem)
    case below(lowest: Int64, unit: QuantityUnit)
    case above(highest: Int64, unit: QuantityUnit)
    case tooLong(Int)

    public var words: String {
        switch self {
        case .empty: return "an answer is needed; there is no default"
        case .notAnOption(let options): return "answer with one of: " + options.joined(separator: ", ")
        case .notANumber: return "write a plain number, such as 25 or 12.5"
        case .below(let lowest, let unit): return "must be at least \(unit.text(lowest))"
        case .above(let highest, let unit): return "must be at most \(unit.text(highest))"
        case .tooLong(let longest): return "must be no longer than \(longest) characters"
        }
    }
}

/// What one answer does to the session.
public enum AnswerVerdict: Equatable, Sendable {
    case accepted
    case noted(String)
    /// Goes on only with a reason; the text says what the reason must state.
    case needsReason(String)
    /// An override with its reason.
    case overridden(reason: String)
    case blocked(String)

    public static func == (a: AnswerVerdict, b: AnswerVerdict) -> Bool {
        switch (a, b) {
        case (.accepted, .accepted): return true
        case (.noted(let x), .noted(let y)): return x == y
        case (.needsReason(let x), .needsReason(let y)): return x == y
        case (.overridden(let x), .overridden(let y)): return x == y
        case (.blocked(let x), .blocked(let y)): return x == y
        default: return false
        }
    }

    /// Whether the item's gate may open as far as this answer goes.
    public var passes: Bool {
        switch self {
        case .accepted, .noted, .overridden: return true
        case .needsReason, .blocked: return false
        }
    }
}

extension ChecklistItem {
    /// The longest text answer, in characters.
    public static let longestText = 500

    /// The words that answer this item, for a prompt.
    public var answerWords: [String] {
        switch kind {
        case .confirm: return ["yes", "no"]
        case .yesNo, .choice: return options.map(\.word)
        case .number, .text: return []
        }
    }

    /// Typed text as an answer. Words may be shortened as far as they stay unique; case does not count.
    public func read(_ typed: String) throws(AnswerProblem) -> AnswerValue {
        let trimmed = String(Self.trimmed(typed))
        guard !trimmed.isEmpty else { throw .empty }
        switch kind {
        case .confirm: return .confirmed(try word(trimmed) == "yes")
        case .yesNo, .choice: return .option(try word(trimmed))
        case .number: return .number(try number(trimmed))
        case .text:
            guard trimmed.count <= Self.longestText else { throw .tooLong(Self.longestText) }
            return .text(trimmed)
        }
    }

    /// What the answer does. A value of another kind than the item's blocks: it answers something else.
    /// - Parameter side: the side of the session; an item bound to the side must say the same.
    public func judge(_ value: AnswerValue, reason: String?, side: BodySide) -> AnswerVerdict {
        switch (kind, value) {
        case (.confirm, .confirmed(let yes)):
            return yes ? .accepted : .blocked("not confirmed")
        case (.yesNo, .option(let word)), (.choice, .option(let word)):
            return judge(word: word, reason: reason, side: side)
        case (.number, .number(let stored)):
            guard stored >= lowest ?? 0, stored <= highest ?? Int64.max else { return .blocked("out of range") }
            return .accepted
        case (.text, .text(let text)):
            return Self.trimmed(text).isEmpty ? .blocked("not answered") : .accepted
        default:
            return .blocked("the answer is of another kind than the question")
        }
    }

    private func judge(word: String, reason: String?, side: BodySide) -> AnswerVerdict {
        guard let option = options.first(where: { $0.word == word }) else {
            return .blocked("not one of the answers")
        }
        if binding == .side, option.word != side.name {
            return .blocked("the session was started for the \(side.name) side")
        }
        let message = option.message ?? text
        switch option.effect {
        case .pass: return .accepted
        case .note: return .noted(message)
        case .block: return .blocked(message)
        case .override:
            let given = Self.trimmed(reason ?? "")
            return given.isEmpty ? .needsReason(message) : .overridden(reason: String(given))
        }
    }

    private func word(_ typed: String) throws(AnswerProblem) -> String {
        let lower = typed.lowercased()
        if let exact = answerWords.first(where: { $0 == lower }) { return exact }
        let starts = answerWords.filter { $0.hasPrefix(lower) }
        guard let only = starts.first, starts.count == 1 else { throw .notAnOption(answerWords) }
        return only
    }

    private func number(_ typed: String) throws(AnswerProblem) -> Int64 {
        let unit = unit ?? .count
        let stored: Int64
        do {
            stored = try DecimalText.parse(typed, decimals: unit.decimals, highest: Int64(Int32.max))
        } catch {
            throw .notANumber(error)
        }
        if let lowest, stored < lowest { throw .below(lowest: lowest, unit: unit) }
        if let highest, stored > highest { throw .above(highest: highest, unit: unit) }
        return stored
    }

    /// The text without white space at its ends.
    public static func trimmed(_ text: String) -> Substring {
        var rest = text[...]
        while let first = rest.first, first.isWhitespace { rest = rest.dropFirst() }
        while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
        return rest
    }
}

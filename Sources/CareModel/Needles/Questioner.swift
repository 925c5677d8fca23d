/// What came back from a question.
public enum Reply: Equatable, Sendable {
    case typed(String)
    /// The person wants to leave.
    case left
    /// Nobody is there any more.
    case gone
}

/// Somebody who can be asked: a terminal, or a script in a test.
public protocol Questioner {
    func say(_ text: String)
    func ask(_ question: String) -> Reply
}

/// Why a conversation about needles ended early.
public enum NeedleStop: Error, Equatable, Sendable {
    case left
    case gone
    /// A package or needle that may not be used.
    case refused(NeedleProblem)
    /// The ledger could not be kept.
    case notKept(String)
}

/// Questions whose answers have a form. Each is asked again until its answer has it; none has a default.
struct FormedQuestions<Asker: Questioner> {
    let asker: Asker

    func text(_ question: String, longest: Int = 60) throws(NeedleStop) -> String {
        while true {
            let typed = try reply(question)
            // What moves a cursor is no part of a name.
            let isPlain = typed.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
            if typed.isEmpty {
                asker.say("  " + AnswerProblem.empty.words)
            } else if typed.count > longest || !isPlain {
                asker.say("  at most \(longest) characters, all of them letters, digits and signs")
            } else {
                return typed
            }
        }
    }

    func yes(_ question: String) throws(NeedleStop) -> Bool { try word(question, ["yes", "no"]) == "yes" }

    /// One of the words; it may be shortened as far as it stays unique.
    func word(_ question: String, _ words: [String]) throws(NeedleStop) -> String {
        while true {
            let typed = try reply(question + " (" + words.joined(separator: "/") + ")").lowercased()
            if let exact = words.first(where: { $0 == typed }) { return exact }
            let starts = words.filter { !typed.isEmpty && $0.hasPrefix(typed) }
            if starts.count == 1, let only = starts.first { return only }
            asker.say("  " + AnswerProblem.notAnOption(words).words)
        }
    }

    /// A number in the unit of `10^-decimals` of the written one, or a word instead.
    func number(
        _ question: String, decimals: Int = 0, in range: ClosedRange<Int64>, or word: String? = nil
    ) throws(NeedleStop) -> Int64? {
        while true {
            let typed = try reply(question)
            if let word, !typed.isEmpty, word.hasPrefix(typed.lowercased()) { return nil }
            do throws(DecimalProblem) {
                let stored = try DecimalText.parse(typed, decimals: decimals, highest: Int64(Int32.max))
                if range.contains(stored) { return stored }
            } catch {
                asker.say("  write a plain number" + (decimals > 0 ? ", such as 0.3" : ""))
                continue
            }
            let low = DecimalText.format(range.lowerBound, decimals: decimals)
            asker.say("  from \(low) to \(DecimalText.format(range.upperBound, decimals: decimals)); read it again")
        }
    }

    /// Initials of a second person: not those of the practitioner.
    func secondPerson(_ question: String, notBeing practitioner: String) throws(NeedleStop) -> String {
        while true {
            let typed = try text(question, longest: 12)
            if NeedleRules.normalized(typed) != NeedleRules.normalized(practitioner) { return typed }
            asker.say("  a second person confirms, not \(practitioner) again")
        }
    }

    private func reply(_ question: String) throws(NeedleStop) -> String {
        switch asker.ask(question) {
        case .typed(let text): return String(ChecklistItem.trimmed(text))
        case .left: throw .left
        case .gone: throw .gone
        }
    }
}

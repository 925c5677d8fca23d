import ByteStreams
import CareModel
import StimulusModel

/// Asks every question of a checklist. None has a default; a hard block ends the conversation, an override needs a
/// reason, and both are kept with their time.
struct ChecklistConversation {
    let checklist: Checklist
    let kind: ElectrodeKind
    let side: BodySide
    let prompter: Prompter

    func run() throws -> [ChecklistAnswer] {
        prompter.say("\n\(checklist.title) (\(checklist.id), version \(checklist.version)). Type quit to leave.")
        var answers: [ChecklistAnswer] = []
        let items = checklist.items(for: kind)
        for (index, item) in items.enumerated() {
            answers.append(try ask(item, number: index + 1, of: items.count))
        }
        return answers
    }

    private func ask(_ item: ChecklistItem, number: Int, of count: Int) throws -> ChecklistAnswer {
        while true {
            let typed = try prompter.ask("[\(number)/\(count)] \(item.code) \(item.text) \(choices(item))")
            let value: AnswerValue
            do throws(AnswerProblem) {
                value = try item.read(typed)
            } catch {
                prompter.say("  \(error.words)")
                continue
            }
            switch item.judge(value, reason: nil, side: side) {
            case .accepted, .overridden:
                return answer(item, value, reason: nil)
            case .noted(let text):
                prompter.say("  note: \(text)")
                return answer(item, value, reason: nil)
            case .needsReason(let text):
                prompter.say("  \(text)")
                return answer(item, value, reason: try askReason())
            case .blocked(let text):
                let why = text.hasSuffix(".") ? String(text.dropLast()) : text
                throw Failure(
                    .notCleared,
                    "\(item.code) blocks this session: \(why). Source: \(item.source). Nothing was armed")
            }
        }
    }

    private func askReason() throws -> String {
        while true {
            let reason = try prompter.ask("  Going on needs a reason, which is recorded. Reason:")
            if !reason.isEmpty { return reason }
        }
    }

    private func choices(_ item: ChecklistItem) -> String {
        switch item.kind {
        case .confirm, .yesNo, .choice: return "(" + item.answerWords.joined(separator: "/") + ")"
        case .number: return "(\(item.unit?.words ?? "number"))"
        case .text: return ":"
        }
    }

    private func answer(_ item: ChecklistItem, _ value: AnswerValue, reason: String?) -> ChecklistAnswer {
        ChecklistAnswer(code: item.code, value: value, reason: reason, wallNanoseconds: SystemClock.wallNanoseconds())
    }
}

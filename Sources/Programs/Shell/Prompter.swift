import ByteStreams
import CareModel
import Foundation
import StimulusModel

/// Questions and answers line by line, before anything is armed. The terminal is in its ordinary mode here: Ctrl-C ends
/// the program, and with it nothing but questions.
struct Prompter {
    let style: OutputStyle

    func say(_ text: String) {
        switch style {
        case .screen, .plain: write(text + "\n")
        case .json: write(JSONLine.text([("say", .text(text))]) + "\n")
        }
    }

    /// Asks until something is typed.
    /// - Throws: when the terminal is gone or the person typed `quit`.
    func ask(_ question: String) throws -> String {
        switch reply(to: question) {
        case .typed(let answer): return answer
        case .left: throw Failure(.notCleared, "left by the practitioner; nothing was armed")
        case .gone:
            throw Failure(.notCleared, "the terminal went away before the session; nothing was armed")
        }
    }

    /// Asks once; what it means to leave is for the caller to say.
    func reply(to question: String) -> Reply {
        let isAsked: Bool
        switch style {
        case .screen, .plain: isAsked = write(question + " ")
        case .json: isAsked = write(JSONLine.text([("ask", .text(question))]) + "\n")
        }
        guard isAsked, let line = readLine(strippingNewline: true) else { return .gone }
        let answer = line.trimmingCharacters(in: .whitespaces)
        return answer.lowercased() == "quit" ? .left : .typed(answer)
    }

    /// Asks once and waits so long.
    /// - Returns: what was typed; nothing when no line came in time, or nobody is there.
    func ask(_ question: String, withinMilliseconds limit: Int64) -> String? {
        let text = style == .json ? JSONLine.text([("ask", .text(question))]) + "\n" : question + " "
        let end = SystemClock.now().advanced(by: TimeSpan(milliseconds: limit))
        guard show(text, until: end) else { return nil }
        return TypedLine.read { SystemClock.now().since(end).nanoseconds < 0 && StopSignals.first == nil }
    }

    /// Shows a text on a terminal that may not take it.
    private func show(_ text: String, until end: Instant) -> Bool {
        guard var output = try? ByteStream(reopening: 1, for: .writing) else { return false }
        var left = Array(text.utf8)
        while !left.isEmpty {
            guard SystemClock.now().since(end).nanoseconds < 0, StopSignals.first == nil else { return false }
            switch output.write(left.span) {
            case .wrote(let count): left.removeFirst(count)
            case .blocked: _ = output.waitForRoom(atMostMilliseconds: 50)
            case .gone: return false
            }
        }
        return true
    }

    /// - Returns: whether it was written. A terminal that went away is no reason to die: a session that it ended still
    ///   has to report its exit status.
    @discardableResult private func write(_ text: String) -> Bool {
        (try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))) != nil
    }
}

/// One JSON object on one line, keys in the order given.
enum JSONLine {
    enum Value {
        case text(String)
        case number(Int64)
        case truth(Bool)
    }

    static func text(_ pairs: [(String, Value)]) -> String {
        let parts = pairs.map { key, value -> String in
            switch value {
            case .text(let text): return "\"\(key)\":\(quoted(text))"
            case .number(let number): return "\"\(key)\":\(number)"
            case .truth(let truth): return "\"\(key)\":\(truth)"
            }
        }
        return "{" + parts.joined(separator: ",") + "}"
    }

    static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            default:
                if scalar.value < 0x20 {
                    let hex = String(scalar.value, radix: 16)
                    out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                } else {
                    out.unicodeScalars.append(scalar)
                }
            }
        }
        return out + "\""
    }
}

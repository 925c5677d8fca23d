import Foundation

/// One thing that the pretended operator does.
indirect enum OperatorStep: Equatable {
    /// Waits until the text appears on the screen, from the last match on.
    case expect(String, milliseconds: Int64)
    /// Waits until the text stands on the screen, whenever it came there.
    case see(String, milliseconds: Int64)
    case type([UInt8])
    case wait(milliseconds: Int64)
    case repeated(count: Int, milliseconds: Int64, OperatorStep)
    case unlessSeen(String, OperatorStep)
    case patientButton
    /// Asks the pretend rig for something, as `motorpoint-sim ask` does.
    case ask(String)
    case signal(Int32)
    case hangUp
    /// Waits until the command has ended with this status; one ended by signal n counts as 128 + n.
    case expectExit(Int32, milliseconds: Int64)
}

/// A step and where it stands.
struct OperatorLine: Equatable {
    let number: Int
    let text: String
    let step: OperatorStep
}

/// A script of the pretended operator: one command a line, `#` begins a comment.
///
///     expect "text" within 10s        type "+"            wait 600ms
///     repeat 5 every 600ms type "+"   patient-button      unless-seen "text" type "y"
///     see "text" within 5s            kill -9             signal TERM
///     hangup                          expect-exit 0 within 20s
///     ask "emergency-stop press"
///
/// `expect` waits for what is new, `see` for what stands on the screen, however long it has stood there.
/// In texts \n \r \t \e \\ \" and ^C stand for what they say; times are 600ms, 2s or 1.5s.
struct OperatorScript {
    let lines: [OperatorLine]

    struct Mistake: Error, Equatable, CustomStringConvertible {
        let file: String
        let line: Int
        let message: String
        var description: String { "\(file):\(line): \(message)" }
    }

    static let usualMilliseconds: Int64 = 10_000

    /// Reads the whole script, so that a mistake is found before anything starts.
    init(_ text: String, file: String) throws(Mistake) {
        var lines: [OperatorLine] = []
        var number = 0
        for row in text.split(separator: "\n", omittingEmptySubsequences: false) {
            number += 1
            do throws(WordMistake) {
                let words = try OperatorWords.split(String(row))
                guard !words.isEmpty else { continue }
                var reader = OperatorWords(words)
                let step = try reader.step()
                try reader.end()
                let shown = row.trimmingCharacters(in: .whitespaces)
                lines.append(OperatorLine(number: number, text: shown, step: step))
            } catch {
                throw Mistake(file: file, line: number, message: error.message)
            }
        }
        guard !lines.isEmpty else { throw Mistake(file: file, line: number, message: "the script says nothing") }
        self.lines = lines
    }
}

/// What is wrong with a line.
struct WordMistake: Error { let message: String }

/// A word of a line, or a text in quotes with its escapes already resolved.
enum OperatorWord: Equatable {
    case word(String)
    case text([UInt8])
}

/// Reads the words of one line from left to right.
struct OperatorWords {
    private let words: [OperatorWord]
    private var next = 0

    init(_ words: [OperatorWord]) { self.words = words }

    mutating func step() throws(WordMistake) -> OperatorStep {
        let verb = try word("a command")
        switch verb {
        case "expect":
            let text = try string()
            return .expect(text, milliseconds: try limit())
        case "see":
            let text = try string()
            return .see(text, milliseconds: try limit())
        case "type": return .type(try bytes())
        case "wait": return .wait(milliseconds: try duration())
        case "repeat":
            guard let count = Int(try word("how often")), (1...10_000).contains(count) else {
                throw WordMistake(message: "repeat takes a number from 1 to 10000")
            }
            try keyword("every")
            let milliseconds = try duration()
            return .repeated(count: count, milliseconds: milliseconds, try step())
        case "unless-seen":
            let text = try string()
            return .unlessSeen(text, try step())
        case "patient-button": return .patientButton
        case "ask": return .ask(try string())
        case "kill":
            guard try word("-9") == "-9" else { throw WordMistake(message: "kill takes -9 and nothing else") }
            return .signal(9)
        case "signal":
            let name = try word("a signal")
            guard let number = Self.signals[name] else {
                throw WordMistake(
                    message: "unknown signal \(name): \(Self.signals.keys.sorted().joined(separator: " "))")
            }
            return .signal(number)
        case "hangup": return .hangUp
        case "expect-exit":
            guard let status = Int32(try word("an exit status")), (0...255).contains(status) else {
                throw WordMistake(message: "expect-exit takes a status from 0 to 255")
            }
            return .expectExit(status, milliseconds: try limit())
        default: throw WordMistake(message: "unknown command \(verb)")
        }
    }

    mutating func end() throws(WordMistake) {
        guard next < words.count else { return }
        throw WordMistake(message: "there is more on the line than the command takes")
    }

    private static let signals: [String: Int32] = [
        "HUP": SIGHUP, "INT": SIGINT, "QUIT": SIGQUIT, "KILL": SIGKILL, "TERM": SIGTERM, "STOP": SIGSTOP,
        "CONT": SIGCONT, "TSTP": SIGTSTP, "USR1": SIGUSR1, "SEGV": SIGSEGV, "ABRT": SIGABRT,
    ]

    private mutating func word(_ wanted: String) throws(WordMistake) -> String {
        guard next < words.count, case .word(let word) = words[next] else {
            throw WordMistake(message: "\(wanted) is missing")
        }
        next += 1
        return word
    }

    private mutating func keyword(_ wanted: String) throws(WordMistake) {
        guard try word("`\(wanted)`") == wanted else { throw WordMistake(message: "`\(wanted)` is missing") }
    }

    private mutating func bytes() throws(WordMistake) -> [UInt8] {
        guard next < words.count, case .text(let text) = words[next] else {
            throw WordMistake(message: "a text in \"quotes\" is missing")
        }
        guard !text.isEmpty else { throw WordMistake(message: "the text is empty") }
        next += 1
        return text
    }

    private mutating func string() throws(WordMistake) -> String { String(decoding: try bytes(), as: UTF8.self) }

    private mutating func limit() throws(WordMistake) -> Int64 {
        guard next < words.count else { return OperatorScript.usualMilliseconds }
        try keyword("within")
        return try duration()
    }

    private mutating func duration() throws(WordMistake) -> Int64 {
        let text = try word("a time")
        let isMilliseconds = text.hasSuffix("ms")
        guard isMilliseconds || text.hasSuffix("s"), let value = Double(text.dropLast(isMilliseconds ? 2 : 1)),
            (0...86_400).contains(isMilliseconds ? value / 1_000 : value)
        else { throw WordMistake(message: "\(text) is no time: 600ms, 2s or 1.5s") }
        return Int64(isMilliseconds ? value : value * 1_000)
    }

    /// Cuts a line into words; a `#` outside quotes begins a comment.
    static func split(_ line: String) throws(WordMistake) -> [OperatorWord] {
        var words: [OperatorWord] = []
        var rest = Substring(line)
        while let first = rest.first {
            if first == "#" { break }
            if first.isWhitespace {
                rest.removeFirst()
            } else if first == "\"" {
                rest.removeFirst()
                words.append(.text(try quoted(&rest)))
            } else {
                let word = rest.prefix { !$0.isWhitespace && $0 != "\"" }
                words.append(.word(String(word)))
                rest = rest.dropFirst(word.count)
            }
        }
        return words
    }

    private static func quoted(_ rest: inout Substring) throws(WordMistake) -> [UInt8] {
        var bytes: [UInt8] = []
        while let character = rest.popFirst() {
            switch character {
            case "\"": return bytes
            case "\\":
                guard let escaped = rest.popFirst(), let byte = escapes[escaped] else {
                    throw WordMistake(message: "unknown escape: \\n \\r \\t \\e \\\\ \\\" \\^")
                }
                bytes.append(byte)
            case "^":
                guard let key = rest.popFirst()?.asciiValue, (64...95).contains(key & ~0x20) else {
                    throw WordMistake(message: "^ takes a letter, as in ^C; a plain one is \\^")
                }
                bytes.append(key & 0x1F)
            default: bytes += Array(String(character).utf8)
            }
        }
        throw WordMistake(message: "the text does not end: \" is missing")
    }

    private static let escapes: [Character: UInt8] = [
        "n": 10, "r": 13, "t": 9, "e": 27, "\\": 92, "\"": 34, "^": 94,
    ]
}

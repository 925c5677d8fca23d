import ByteStreams
import Foundation
import StimulusModel

/// Why the pretended operator gave up.
struct OperatorFailure: Error {
    let message: String
}

/// Runs a command on a terminal of its own and does what the script says. Whatever the command shows is shown on.
struct OperatorRun: ~Copyable {
    private var terminal: PseudoTerminal
    private var child: ChildProcess
    private var screen: ScreenText
    private let isShownAsItIs = TerminalMode.isTerminal(1)
    private var ending: ChildProcess.Ending?
    private var hasHungUp = false
    private let patientButton: String?
    private let log: FileHandle?

    init(
        _ command: [String], columns: Int, rows: Int, patientButton: String?, log: FileHandle?
    ) throws(SystemError) {
        let made = try PseudoTerminal(.terminal, holdingSlave: true)
        try made.setWindow(columns: columns, rows: rows)
        var environment = ProcessInfo.processInfo.environment
        environment["TERM"] = environment["TERM"] ?? "xterm"
        environment["COLUMNS"] = nil
        environment["LINES"] = nil
        let started = try ChildProcess(
            OperatorRun.resolve(command[0]), arguments: Array(command.dropFirst()), environment: environment,
            on: .terminal(made.slavePath))
        child = started
        terminal = made
        screen = ScreenText(columns: columns, rows: rows)
        self.patientButton = patientButton
        self.log = log
    }

    /// Does every line in order; afterwards the command must have ended.
    mutating func run(_ script: OperatorScript) throws(OperatorFailure) {
        for line in script.lines {
            note("script line \(line.number): \(line.text)")
            do throws(OperatorFailure) {
                try perform(line.step)
            } catch {
                throw OperatorFailure(message: "line \(line.number), \(line.text): \(error.message)\n\(lastScreen)")
            }
        }
        pump(milliseconds: 100)
        if let ending {
            guard !hasMetItsEnd, ending != .exited(status: 0) else { return }
            throw OperatorFailure(message: "the command ended with \(OperatorRun.describe(ending))\n\(lastScreen)")
        }
        throw OperatorFailure(message: "the script is over and the command still runs; it was killed\n\(lastScreen)")
    }

    private var hasMetItsEnd = false

    private mutating func perform(_ step: OperatorStep) throws(OperatorFailure) {
        switch step {
        case .expect(let text, let milliseconds): try waitFor(milliseconds) { $0.match(text) }
        case .see(let text, let milliseconds): try waitFor(milliseconds) { $0.shows(text) }
        case .type(let bytes): try type(bytes)
        case .wait(let milliseconds): pump(milliseconds: milliseconds)
        case .repeated(let count, let milliseconds, let inner):
            for index in 0..<count {
                try perform(inner)
                if index + 1 < count { pump(milliseconds: milliseconds) }
            }
        case .unlessSeen(let text, let inner):
            pump(milliseconds: 50)
            if !screen.contains(text) { try perform(inner) }
        case .patientButton: try ask("patient-button")
        case .ask(let request): try ask(request)
        case .signal(let number): child.send(signal: number)
        case .hangUp:
            pump(milliseconds: 10)
            terminal.close()
            hasHungUp = true
        case .expectExit(let status, let milliseconds): try expectExit(status, milliseconds)
        }
    }

    /// Waits until the screen is as wanted.
    private mutating func waitFor(
        _ milliseconds: Int64, _ isSo: (inout ScreenText) -> Bool
    ) throws(OperatorFailure) {
        let end = SystemClock.now().advanced(by: TimeSpan(milliseconds: milliseconds))
        while true {
            pump(milliseconds: 10)
            if isSo(&screen) { return }
            if let ending {
                throw OperatorFailure(
                    message: "the command ended with \(OperatorRun.describe(ending)) before this appeared")
            }
            guard !hasHungUp else { throw OperatorFailure(message: "nothing can appear after a hang-up") }
            guard SystemClock.now().since(end).nanoseconds < 0 else {
                throw OperatorFailure(message: "this did not appear within \(milliseconds) ms")
            }
            try checkSignals()
        }
    }

    private mutating func expectExit(_ status: Int32, _ milliseconds: Int64) throws(OperatorFailure) {
        let end = SystemClock.now().advanced(by: TimeSpan(milliseconds: milliseconds))
        while ending == nil {
            guard SystemClock.now().since(end).nanoseconds < 0 else {
                throw OperatorFailure(message: "the command still runs after \(milliseconds) ms")
            }
            pump(milliseconds: 10)
            try checkSignals()
        }
        guard let ending, OperatorRun.status(ending) == status else {
            throw OperatorFailure(message: "the command ended with \(OperatorRun.describe(ending))")
        }
        hasMetItsEnd = true
    }

    private mutating func type(_ bytes: [UInt8]) throws(OperatorFailure) {
        var rest = bytes
        let end = SystemClock.now().advanced(by: TimeSpan(milliseconds: 2_000))
        while !rest.isEmpty {
            guard !hasHungUp, ending == nil else { throw OperatorFailure(message: "nobody is there to type to") }
            let waiting = rest
            if case .wrote(let count) = terminal.master.write(waiting.span) { rest.removeFirst(count) }
            guard SystemClock.now().since(end).nanoseconds < 0 || rest.isEmpty else {
                throw OperatorFailure(message: "the terminal takes no more keys")
            }
            pump(milliseconds: rest.isEmpty ? 0 : 10)
        }
    }

    private mutating func ask(_ request: String) throws(OperatorFailure) {
        guard let patientButton else {
            throw OperatorFailure(message: "no --patient-button SOCKET was given")
        }
        do throws(SystemError) {
            let answer = try ControlClientCall.ask(request, at: patientButton)
            guard answer == "ok" else { throw SystemError(code: 0, attempt: "ask the rig for \(request): \(answer)") }
        } catch {
            throw OperatorFailure(message: "\(error)")
        }
    }

    /// Shows what the command writes, for that long.
    private mutating func pump(milliseconds: Int64) {
        let end = SystemClock.now().advanced(by: TimeSpan(milliseconds: milliseconds))
        while true {
            readScreen()
            if ending == nil, let ended = child.poll() {
                ending = ended
                readScreen()
            }
            let left = end.since(SystemClock.now()).milliseconds
            guard left > 0 else { return }
            if hasHungUp || ending != nil {
                SystemClock.sleep(until: SystemClock.now().advanced(by: TimeSpan(milliseconds: min(left, 10))))
            } else {
                _ = terminal.master.waitForInput(atMostMilliseconds: Int32(min(left, 10)))
            }
        }
    }

    private mutating func readScreen() {
        guard !hasHungUp else { return }
        var block = InlineArray<4096, UInt8>(repeating: 0)
        while true {
            var span = block.mutableSpan
            guard case .bytes(let count) = terminal.master.read(into: &span) else { return }
            var bytes: [UInt8] = []
            for index in 0..<count {
                bytes.append(block[index])
                screen.add(block[index])
            }
            // Everything that there was has been read: what is drawn is drawn.
            if count < 4_096 { screen.endFrame() }
            let news = screen.takeNews()
            // A terminal gets the screen as it is; a file or a pipe what changed on it, as lines.
            Console.show(isShownAsItIs ? bytes : news.headlines)
            try? log?.write(contentsOf: Data(news.all))
        }
    }

    private func checkSignals() throws(OperatorFailure) {
        if let signal = StopSignals.first { throw OperatorFailure(message: "signal \(signal) ended the operator") }
    }

    private func note(_ text: String) { try? log?.write(contentsOf: Data("\n--- \(text)\n".utf8)) }

    private var lastScreen: String {
        "the last lines of the screen:\n" + screen.lastLines(12).map { "  | \($0)" }.joined(separator: "\n")
    }

    private static func status(_ ending: ChildProcess.Ending) -> Int32 {
        switch ending {
        case .exited(let status): return status
        case .killed(let signal): return 128 + signal
        }
    }

    private static func describe(_ ending: ChildProcess.Ending?) -> String {
        switch ending {
        case nil: return "nothing"
        case .exited(let status): return "status \(status)"
        case .killed(let signal): return "signal \(signal)"
        }
    }

    /// A name without a slash is looked for in PATH, as a shell does.
    private static func resolve(_ command: String) -> String {
        guard !command.contains("/") else { return command }
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        for folder in folders where FileManager.default.isExecutableFile(atPath: "\(folder)/\(command)") {
            return "\(folder)/\(command)"
        }
        return command
    }
}

/// One question to a rig's control socket.
enum ControlClientCall {
    static func ask(_ line: String, at path: String) throws(SystemError) -> String {
        var stream = try LocalSocket.connect(path: path)
        let bytes = Array((line + "\n").utf8)
        _ = stream.write(bytes.span)
        var answer: [UInt8] = []
        let end = SystemClock.now().advanced(by: TimeSpan(milliseconds: 2_000))
        while SystemClock.now().since(end).nanoseconds < 0 {
            _ = stream.waitForInput(atMostMilliseconds: 100)
            var block = InlineArray<256, UInt8>(repeating: 0)
            var span = block.mutableSpan
            switch stream.read(into: &span) {
            case .nothing: continue
            case .gone(let code): throw SystemError(code: code, attempt: "read the rig's answer")
            case .bytes(let count):
                for index in 0..<count {
                    if block[index] == 10 { return String(decoding: answer, as: UTF8.self) }
                    answer.append(block[index])
                }
            }
        }
        throw SystemError(code: 110, attempt: "get an answer from the rig at \(path)")
    }
}

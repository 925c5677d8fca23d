// Output that never waits: what the terminal does not take at once stays in a buffer, and whoever runs the session
// learns from `isStalled` that nobody can see the screen.
import ByteStreams
import StimulusModel

/// How a session is shown.
enum OutputStyle {
    /// Event lines above two rows, status and keys, that are redrawn in place.
    case screen
    /// Lines only: for logs and screen readers.
    case plain
    /// One JSON object a line: for machines.
    case json
}

struct ConsoleOutput: ~Copyable {
    let style: OutputStyle
    private var stream: ByteStream
    private var buffer: [UInt8] = []
    private var rowsShown: [String] = []
    private(set) var isGone = false

    /// Standard output, opened anew so that the shell's own stays blocking.
    init(style: OutputStyle) throws {
        self.style = style
        do {
            stream = try ByteStream(reopening: 1, for: .writing)
        } catch {
            throw Failure(.cannotWrite, "\(error): send the output to a terminal, a file or a pipe")
        }
    }

    /// Whether text is still waiting to be written.
    var hasBacklog: Bool { !buffer.isEmpty }

    /// A line that stays.
    mutating func line(_ text: String) {
        guard style == .screen else {
            buffer += Array((text + "\n").utf8)
            return flush()
        }
        // The cursor stands at the beginning of the status rows: clear them, write, draw them again below.
        buffer += Array("\r\u{1B}[J\(text)\r\n\(ConsoleOutput.drawing(rowsShown))".utf8)
        flush()
    }

    /// The status rows: redrawn in place on a screen, where they differ from what is shown.
    mutating func status(_ rows: [String]) {
        guard style == .screen, rows != rowsShown else { return }
        // A slow terminal gets the newest state, not every state.
        guard buffer.isEmpty else { return flush() }
        rowsShown = rows
        buffer += Array("\r\u{1B}[J\(ConsoleOutput.drawing(rows))".utf8)
        flush()
    }

    /// Ends the status rows, so that what follows begins below them.
    mutating func endStatus() {
        guard style == .screen, !rowsShown.isEmpty else { return }
        buffer += Array(String(repeating: "\r\n", count: rowsShown.count).utf8)
        rowsShown = []
        flush()
    }

    /// The rows, with the cursor back at the beginning of the first.
    private static func drawing(_ rows: [String]) -> String {
        guard rows.count > 1 else { return rows.joined() + "\r" }
        return rows.joined(separator: "\r\n") + "\r\u{1B}[\(rows.count - 1)A"
    }

    /// The terminal's bell, where there is one.
    mutating func bell() {
        guard style == .screen else { return }
        buffer.append(7)
        flush()
    }

    /// Writes what the terminal takes.
    mutating func flush() {
        while !buffer.isEmpty, !isGone {
            let pending = buffer
            switch stream.write(pending.span) {
            case .wrote(let count): buffer.removeFirst(count)
            case .blocked: return
            case .gone: isGone = true
            }
        }
    }

    /// Writes the rest, waiting at most that long: for the end of a session, when nothing can be harmed by waiting.
    mutating func drain(atMostMilliseconds limit: Int64) {
        let end = SystemClock.now().advanced(by: TimeSpan(milliseconds: limit))
        flush()
        while hasBacklog, !isGone, SystemClock.now().since(end).nanoseconds < 0 {
            _ = stream.waitForRoom(atMostMilliseconds: 50)
            flush()
        }
    }
}

// Output that never waits: what the terminal does not take at once stays in a buffer, and whoever runs the session
// learns from `isStalled` that nobody can see the screen.
import ByteStreams
import StimulusModel

/// How a session is shown.
enum OutputStyle {
    /// Event lines above one status line that is redrawn in place.
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
    private var statusShown = ""
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
        if style == .screen, !statusShown.isEmpty {
            buffer += Array("\r\u{1B}[K\(text)\r\n\(statusShown)".utf8)
        } else {
            buffer += Array((text + (style == .screen ? "\r\n" : "\n")).utf8)
        }
        flush()
    }

    /// The status line: redrawn in place on a screen, where it differs from what is shown.
    mutating func status(_ text: String) {
        guard style == .screen, text != statusShown else { return }
        // A slow terminal gets the newest state, not every state.
        guard buffer.isEmpty else { return flush() }
        statusShown = text
        buffer += Array("\r\u{1B}[K\(text)".utf8)
        flush()
    }

    /// Ends the status line, so that what follows begins on a line of its own.
    mutating func endStatus() {
        guard style == .screen, !statusShown.isEmpty else { return }
        statusShown = ""
        buffer += Array("\r\n".utf8)
        flush()
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

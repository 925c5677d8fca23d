// Output that never waits: what the terminal does not take at once stays in a buffer, and whoever runs the session
// learns from `hasBacklog` that nobody can see the screen.
import ByteStreams
import SessionScreen
import StimulusModel

/// How a session is shown.
enum OutputStyle {
    /// One view on the alternate screen, redrawn by differences.
    case screen
    /// Lines only: for logs, screen readers and terminals that cannot move their cursor.
    case plain
    /// One JSON object a line: for machines.
    case json
}

struct ConsoleOutput: ~Copyable {
    let style: OutputStyle
    private var stream: ByteStream
    private var buffer: [UInt8] = []
    private var painter: Painter
    private var isOnScreen = false
    /// Whether the way out of the screen is still to be sent by whoever puts the terminal's settings back.
    private var isLeftBehind = false
    private(set) var isGone = false

    /// Standard output, opened anew so that the shell's own stays blocking.
    init(style: OutputStyle, hasColour: Bool) throws {
        self.style = style
        painter = Painter(hasColour: hasColour)
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
        buffer += Array((text + "\n").utf8)
        flush()
    }

    /// Takes the alternate screen. From here on it is given back however the program ends, but for SIGKILL.
    mutating func enterScreen() {
        guard style == .screen, !isOnScreen else { return }
        isOnScreen = true
        let leave = Painter.leave
        isLeftBehind = TerminalMode.leaveBehind(leave.span, on: 1)
        buffer += Painter.enter
        flush()
    }

    /// Gives the ordinary screen back, with what was on it before.
    mutating func leaveScreen() {
        guard isOnScreen else { return }
        isOnScreen = false
        buffer += Painter.leave
        flush()
    }

    /// The screen as it is meant to look. A slow terminal gets the newest state, not every state.
    mutating func paint(_ canvas: Canvas, refreshing row: Int?) {
        guard isOnScreen else { return }
        guard buffer.isEmpty else { return flush() }
        buffer = painter.bytes(for: canvas, refreshing: row)
        flush()
    }

    /// The next frame is drawn whole.
    mutating func forgetScreen() { painter.forget() }

    /// The terminal's bell, where there is one.
    mutating func bell() {
        guard style == .screen, buffer.isEmpty else { return }
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
        // Said twice it would send the cursor back to where it once was.
        if isLeftBehind, !isOnScreen, buffer.isEmpty {
            isLeftBehind = false
            let nothing: [UInt8] = []
            TerminalMode.leaveBehind(nothing.span, on: 1)
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

// A bench instrument on a serial line of its own: one line of text out, one line back (SCPI-99). It can stimulate
// nobody, so it is asked patiently, and a silent one is only a missing reading.
internal import ByteStreams
public import StimulusModel

/// Why an instrument gave no answer.
public enum InstrumentFailure: Error, Equatable, Sendable, CustomStringConvertible {
    case line(SerialLineError)
    /// Nothing, or no whole line, within the time.
    case silent(query: String)
    case gone
    /// Whoever waits was told to stop.
    case cancelled

    public var description: String {
        switch self {
        case .line(let error): "\(error)"
        case .silent(let query):
            "the instrument did not answer `\(query)`: is it the one of the profile, and switched on?"
        case .gone: "the instrument's line hung up: check its cable"
        case .cancelled: "stopped"
        }
    }
}

/// The line, and the text that has come in on it.
public final class InstrumentLine {
    private var line: SerialLine
    private var waiting: [UInt8] = []

    /// Opens and holds the line. Nothing is sent.
    public init(opening path: String) throws(InstrumentFailure) {
        line = try InstrumentLine.hold(path)
    }

    private static func hold(_ path: String) throws(InstrumentFailure) -> SerialLine {
        do throws(SerialLineError) {
            return try SerialLine(opening: path, settings: .instrument)
        } catch {
            throw .line(error)
        }
    }

    /// Sends a command that has no answer.
    /// - Parameter idle: called every 20 ms or so while waiting; false ends it.
    public func tell(_ command: String, idle: () -> Bool) throws(InstrumentFailure) {
        var bytes = Array(command.utf8)
        bytes.append(0x0A)
        while !bytes.isEmpty {
            switch line.stream.write(bytes.span) {
            case .wrote(let count): bytes.removeFirst(count)
            case .blocked:
                guard idle() else { throw .cancelled }
                _ = line.stream.waitForRoom(atMostMilliseconds: 20)
            case .gone: throw .gone
            }
        }
    }

    /// Asks, and waits for one line.
    public func ask(
        _ query: String, atMost limit: TimeSpan, idle: () -> Bool
    ) throws(InstrumentFailure) -> String {
        waiting = []
        drain()
        waiting = []
        try tell(query, idle: idle)
        let end = SystemClock.now().advanced(by: limit)
        while true {
            if let text = takeLine() { return text }
            guard SystemClock.now().since(end).nanoseconds < 0 else { throw .silent(query: query) }
            guard idle() else { throw .cancelled }
            _ = line.stream.waitForInput(atMostMilliseconds: 20)
            if drain() { throw .gone }
        }
    }

    /// - Returns: whether the line hung up.
    @discardableResult private func drain() -> Bool {
        var buffer = InlineArray<256, UInt8>(repeating: 0)
        while true {
            var span = buffer.mutableSpan
            switch line.stream.read(into: &span) {
            case .bytes(let count):
                for index in 0..<count { waiting.append(buffer[index]) }
                // More than any answer to a question of the bench.
                if waiting.count > 4_096 { waiting = [] }
            case .nothing: return false
            case .gone: return true
            }
        }
    }

    private func takeLine() -> String? {
        guard let end = waiting.firstIndex(of: 0x0A) else { return nil }
        let text = String(decoding: waiting[..<end], as: UTF8.self)
        waiting.removeSubrange(...end)
        return String(text.filter { $0 != "\r" })
    }
}

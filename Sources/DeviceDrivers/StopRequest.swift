internal import ByteStreams
internal import CLinuxIO
internal import StimulusModel

/// Why `motorpoint stop` did not reach a session. What to do is always the same first: press the patient button.
public enum StopRequestError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Nobody listens there.
    case noSession(path: String)
    /// A session of another user.
    case notPermitted(path: String)
    /// It took the request and did not answer in time.
    case noAnswer(path: String)

    public var description: String {
        switch self {
        case .noSession(let path): "no session is running (nobody listens on \(path))"
        case .notPermitted(let path):
            "the session on \(path) belongs to another user: stop it from that account, or press the patient button"
        case .noAnswer(let path):
            "the session on \(path) does not answer: PRESS THE PATIENT BUTTON NOW, then end the program"
        }
    }
}

/// The other side of `StopListener`.
public enum StopRequest {
    /// Asks the session that listens on `path` to stop, and waits up to 2 s for its answer, "stopping".
    public static func sendStop(path: String) throws(StopRequestError) -> String {
        try ask("stop", path: path)
    }

    /// Asks it for its status line.
    public static func status(path: String) throws(StopRequestError) -> String {
        try ask("status", path: path)
    }

    private static func ask(_ word: String, path: String) throws(StopRequestError) -> String {
        let deadline = SystemClock.now().advanced(by: TimeSpan(milliseconds: 2_000))
        var descriptor = unsafe mp_unix_connect(path)
        // Many want something at once: wait for a place in the queue.
        while descriptor == -Int32(MP_EAGAIN), SystemClock.now().since(deadline).nanoseconds < 0 {
            SystemClock.sleep(until: SystemClock.now().advanced(by: TimeSpan(milliseconds: 5)))
            descriptor = unsafe mp_unix_connect(path)
        }
        switch descriptor {
        case -Int32(MP_ENOENT), -Int32(MP_ECONNREFUSED), -Int32(MP_ENOTDIR): throw .noSession(path: path)
        case -Int32(MP_EACCES), -Int32(MP_EPERM): throw .notPermitted(path: path)
        case Int32.min..<0: throw .noAnswer(path: path)
        default: break
        }
        guard let opened = try? ByteStream(owning: descriptor) else { throw .noAnswer(path: path) }
        var stream = opened
        let request = Array("\(word)\n".utf8)
        guard case .wrote(request.count) = stream.write(request.span) else { throw .noAnswer(path: path) }
        var answer: [UInt8] = []
        while SystemClock.now().since(deadline).nanoseconds < 0 {
            guard stream.waitForInput(atMostMilliseconds: 100) else { continue }
            var block = InlineArray<256, UInt8>(repeating: 0)
            var span = block.mutableSpan
            guard case .bytes(let count) = stream.read(into: &span) else { break }
            for index in 0..<count {
                if block[index] == 10 { return String(decoding: answer, as: UTF8.self) }
                answer.append(block[index])
            }
        }
        throw .noAnswer(path: path)
    }
}

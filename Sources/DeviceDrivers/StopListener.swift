public import ByteStreams
internal import CLinuxIO

/// The way in for `motorpoint stop` from a second terminal: a Unix-domain socket on a thread of its own, so that a
/// console that hangs cannot keep a stop from arriving.
///
/// One line in, one line out: `stop` is passed on before it is answered with `stopping`; `status` is answered with the
/// given line. Only the same user and root are heard. Dropping it closes the socket, removes its file and waits for
/// the thread.
public struct StopListener: ~Copyable {
    private let thread: OwnedThread<StopServer>
    private let ending: ByteStream

    /// Starts listening.
    ///
    /// - Parameters:
    ///   - path: the socket file. Its folder is made with mode 0700 when it is missing.
    ///   - stop: called at once, on the listener's thread, for every `stop`. It must not wait.
    ///   - status: one line about the session.
    public init(
        at path: String, stop: @escaping @Sendable () -> Void, status: @escaping @Sendable () -> String
    ) throws(StopListenerError) {
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            let folder = String(path[..<slash])
            let result = unsafe mp_private_directory(folder)
            if result == -Int32(MP_EPERM) { throw .folderNotPrivate(folder) }
            if result < 0 { throw .failed(SystemError(code: -result, attempt: "make the folder \(folder)")) }
        }
        let listener = unsafe mp_unix_listen(path)
        if listener == -Int32(MP_EADDRINUSE) { throw .inUse(path: path) }
        do {
            let socket = try ByteStream(owning: try Self.check(listener, "listen on \(path)"))
            var ours: Int32 = -1
            var theirs: Int32 = -1
            _ = try Self.check(unsafe mp_pipe(&theirs, &ours), "make a pipe")
            let ending = try ByteStream(owning: ours)
            let server = StopServer(
                path: path, socket: socket, ending: try ByteStream(owning: theirs), stop: stop, status: status)
            thread = try OwnedThread(named: "stop-listener", stackBytes: 512 << 10, owner: server) { $0.run() }
            self.ending = ending
        } catch {
            throw .failed(error)
        }
    }

    // The thread is joined when the fields are dropped, after this.
    deinit {
        var byte: UInt8 = 0
        _ = unsafe mp_write(ending.descriptor, &byte, 1)
    }

    private static func check(_ result: Int32, _ attempt: String) throws(SystemError) -> Int32 {
        guard result < 0 else { return result }
        throw SystemError(code: -result, attempt: attempt)
    }
}

/// Why nobody can listen for `motorpoint stop`.
public enum StopListenerError: Error, Equatable, Sendable, CustomStringConvertible {
    case inUse(path: String)
    case folderNotPrivate(String)
    case failed(SystemError)

    public var description: String {
        switch self {
        case .inUse(let path): "another session is running: it listens on \(path)"
        case .folderNotPrivate(let folder):
            "\(folder) belongs to somebody else or others may write to it: anybody could take the place of the stop "
                + "listener; name another folder"
        case .failed(let error): "\(error)"
        }
    }
}

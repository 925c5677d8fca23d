internal import CLinuxIO

/// A Unix-domain stream socket on which one program of a user speaks lines with another: the pretend rig listens on
/// one, so that a script can press the patient's button.
public struct LocalListener: ~Copyable {
    private let socket: ByteStream
    public let path: String

    /// Listens at `path` (mode 0600). A socket that a dead process left behind is replaced; EADDRINUSE when somebody
    /// answers there, EEXIST when the path is no socket.
    public init(path: String) throws(SystemError) {
        socket = try ByteStream(
            owning: try SystemError.check(unsafe mp_unix_listen(path), "listen on \(path)"))
        self.path = path
    }

    deinit { _ = unsafe mp_remove_file(path) }

    /// For `poll`; never close it elsewhere.
    public var descriptor: Int32 { socket.descriptor }

    /// The next one who connected, nil when nobody did; others than the same user and root are turned away.
    public func accept() -> ByteStream? {
        while true {
            var user: Int32 = -1
            var process: Int32 = -1
            let descriptor = unsafe mp_unix_accept(socket.descriptor, &user, &process)
            guard descriptor >= 0 else { return nil }
            if user == 0 || user == mp_user() { return try? ByteStream(owning: descriptor) }
            mp_close(descriptor)
        }
    }
}

/// The other end of a `LocalListener`.
public enum LocalSocket {
    /// Connects to whoever listens at `path`.
    public static func connect(path: String) throws(SystemError) -> ByteStream {
        try ByteStream(owning: try SystemError.check(unsafe mp_unix_connect(path), "connect to \(path)"))
    }
}

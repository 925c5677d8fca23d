internal import ByteStreams
internal import CLinuxIO
internal import StimulusModel

/// The listener's thread: answers up to eight clients at once, so that one that says nothing delays nobody's stop.
struct StopServer: ~Copyable {
    private let path: String
    private let socketDevice: UInt64
    private let socketInode: UInt64
    private let socket: ByteStream
    private let ending: ByteStream
    private let stop: @Sendable () -> Void
    private let status: @Sendable () -> String
    private var clients: [StopClient] = []

    private static let mostClients = 8

    init(
        path: String, socket: consuming ByteStream, ending: consuming ByteStream,
        stop: @escaping @Sendable () -> Void, status: @escaping @Sendable () -> String
    ) {
        self.path = path
        self.socket = socket
        self.ending = ending
        self.stop = stop
        self.status = status
        var device: UInt64 = 0
        var inode: UInt64 = 0
        _ = unsafe mp_path_identity(path, &device, &inode)
        socketDevice = device
        socketInode = inode
    }

    mutating func run() {
        while wait() {
            acceptAll()
            let now = SystemClock.now()
            for client in clients { serve(client, at: now) }
            clients.removeAll { $0.stream.isClosed }
        }
        removeFile()
    }

    /// Waits for news. False when the owner ended the listener.
    private func wait() -> Bool {
        var descriptors = InlineArray<16, Int32>(repeating: -1)
        var found = InlineArray<16, Int32>(repeating: 0)
        descriptors[0] = ending.descriptor
        descriptors[1] = socket.descriptor
        for (index, client) in clients.enumerated() { descriptors[index + 2] = client.stream.descriptor }
        let count = Int32(clients.count + 2)
        let patience: Int32 = clients.isEmpty ? -1 : 100
        let from = descriptors.span
        var to = found.mutableSpan
        _ = unsafe from.withUnsafeBufferPointer { from in
            unsafe to.withUnsafeMutableBufferPointer { to in
                unsafe mp_poll_many(from.baseAddress, to.baseAddress, count, patience)
            }
        }
        return found[0] == 0
    }

    private mutating func acceptAll() {
        while true {
            var user: Int32 = -1
            var process: Int32 = -1
            let descriptor = unsafe mp_unix_accept(socket.descriptor, &user, &process)
            guard descriptor >= 0 else { return }
            guard user == 0 || user == mp_user(), let stream = try? ByteStream(owning: descriptor) else {
                // The kernel's word for who is there; the file's mode keeps others out already.
                if user != 0 && user != mp_user() { mp_close(descriptor) }
                continue
            }
            if clients.count == Self.mostClients { clients.removeFirst() }
            clients.append(StopClient(stream, until: SystemClock.now().advanced(by: .init(milliseconds: 1_000))))
        }
    }

    private func serve(_ client: StopClient, at now: Instant) {
        switch client.request() {
        case .incomplete:
            if now.since(client.deadline).nanoseconds > 0 { client.stream.close() }
        case .gone: client.stream.close()
        case .line("stop"):
            stop()
            client.answer("stopping")
        case .line("status"): client.answer(status())
        case .line: client.answer("unknown request: say `stop` or `status`")
        }
    }

    /// Leaves a file alone that somebody else has put in its place.
    private func removeFile() {
        var device: UInt64 = 0
        var inode: UInt64 = 0
        guard unsafe mp_path_identity(path, &device, &inode) >= 0, device == socketDevice, inode == socketInode
        else { return }
        _ = unsafe mp_remove_file(path)
    }
}

/// One who connected.
final class StopClient {
    var stream: ByteStream
    let deadline: Instant
    private var received: [UInt8] = []

    enum Request { case incomplete, gone, line(String) }

    init(_ stream: consuming ByteStream, until deadline: Instant) {
        self.stream = stream
        self.deadline = deadline
    }

    /// Reads what came. A line of more than 64 bytes is nobody we know.
    func request() -> Request {
        var block = InlineArray<64, UInt8>(repeating: 0)
        var span = block.mutableSpan
        switch stream.read(into: &span) {
        case .nothing: return .incomplete
        case .gone: return .gone
        case .bytes(let count):
            for index in 0..<count {
                if block[index] == 10 { return .line(String(decoding: received, as: UTF8.self)) }
                received.append(block[index])
            }
            return received.count > 64 ? .gone : .incomplete
        }
    }

    /// Answers with one line and ends. What does not fit at once is dropped: nobody waits for a client.
    func answer(_ text: String) {
        let bytes = Array("\(text.split(separator: "\n").joined(separator: " "))\n".utf8)
        _ = stream.write(bytes.span)
        stream.close()
    }
}

import ByteStreams

/// The rig's control socket: one line asks, one line answers. It belongs to the pretend world; the host never knows it.
struct ControlServer: ~Copyable {
    private let listener: LocalListener
    private var clients: [ControlClient] = []
    private static let mostClients = 8

    init(path: String) throws(SystemError) { listener = try LocalListener(path: path) }

    /// Answers what has been asked since the last time; never waits.
    mutating func serve(_ answer: (String) -> String) {
        while let stream = listener.accept() {
            if clients.count == Self.mostClients { clients.removeFirst() }
            clients.append(ControlClient(stream))
        }
        guard !clients.isEmpty else { return }
        for client in clients {
            while let line = client.nextLine() { client.answer(answer(line)) }
        }
        clients.removeAll { $0.isGone }
    }
}

/// One who connected.
private final class ControlClient {
    private var stream: ByteStream
    private var received: [UInt8] = []
    private(set) var isGone = false
    private static let longestLine = 4_096

    init(_ stream: consuming ByteStream) { self.stream = stream }

    func nextLine() -> String? {
        var block = InlineArray<256, UInt8>(repeating: 0)
        while !received.contains(10), !isGone {
            var span = block.mutableSpan
            switch stream.read(into: &span) {
            case .nothing: return nil
            case .gone: isGone = true
            case .bytes(let count):
                for index in 0..<count { received.append(block[index]) }
                if received.count > Self.longestLine { isGone = true }
            }
        }
        guard let end = received.firstIndex(of: 10) else { return nil }
        let line = String(decoding: received[..<end], as: UTF8.self)
        received.removeFirst(end + 1)
        return line
    }

    /// A client that does not read is dropped: nobody waits for it.
    func answer(_ text: String) {
        let bytes = Array((text + "\n").utf8)
        guard case .wrote(bytes.count) = stream.write(bytes.span) else {
            isGone = true
            return
        }
    }
}

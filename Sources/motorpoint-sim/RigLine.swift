import ByteStreams

/// The pseudo-terminal on which the pretended device speaks, with what has been read and what could not be written yet.
struct RigLine: ~Copyable {
    private var terminal: PseudoTerminal
    private var received = InlineArray<1024, UInt8>(repeating: 0)
    private var receivedCount = 0
    private var receivedRead = 0
    private var pending: [UInt8] = []

    let path: String

    /// Our own slave stays open, so that the line looks the same whether a host has it open or not: hosts come and go.
    init() throws {
        let made = try PseudoTerminal(.raw, holdingSlave: true)
        path = made.slavePath
        terminal = made
        pending.reserveCapacity(4_096)
    }

    /// The next byte that the host wrote.
    mutating func nextFromHost() -> UInt8? {
        if receivedRead == receivedCount {
            receivedRead = 0
            receivedCount = 0
            var span = received.mutableSpan
            if case .bytes(let count) = terminal.master.read(into: &span) { receivedCount = count }
        }
        guard receivedRead < receivedCount else { return nil }
        receivedRead += 1
        return received[receivedRead - 1]
    }

    /// False when a host that does not read has filled the line.
    var hasRoom: Bool { pending.count < 4_096 }

    mutating func toHost(_ byte: UInt8) { pending.append(byte) }

    /// Writes what the line takes.
    mutating func flush() {
        while !pending.isEmpty {
            let waiting = pending
            guard case .wrote(let count) = terminal.master.write(waiting.span) else { return }
            pending.removeFirst(count)
        }
    }

    func waitForHost(atMostMilliseconds milliseconds: Int32) {
        _ = terminal.master.waitForInput(atMostMilliseconds: milliseconds)
    }
}

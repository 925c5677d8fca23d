import ByteStreams

/// The line on which the pretended device speaks, with what has been read and what could not be written yet: a
/// pseudo-terminal that this program made, or the far end of a USB line.
struct RigLine: ~Copyable {
    private var terminal: PseudoTerminal?
    private var gadget: GadgetLine?
    private var received = InlineArray<1024, UInt8>(repeating: 0)
    private var receivedCount = 0
    private var receivedRead = 0
    private var pending: [UInt8] = []

    let path: String

    /// Our own slave stays open, so that the line looks the same whether a host has it open or not: hosts come and go.
    init() throws {
        let made = try PseudoTerminal(.raw, holdingSlave: true)
        path = made.slavePath
        terminal = consume made
        gadget = nil
        pending.reserveCapacity(4_096)
    }

    /// The device's end of a USB line, such as "/dev/ttyGS0".
    init(gadget path: String) throws {
        self.path = path
        terminal = nil
        gadget = try GadgetLine(path: path)
        pending.reserveCapacity(4_096)
    }

    /// The next byte that the host wrote.
    mutating func nextFromHost() -> UInt8? {
        if receivedRead == receivedCount {
            receivedRead = 0
            receivedCount = 0
            var span = received.mutableSpan
            let outcome = terminal?.master.read(into: &span) ?? gadget?.stream.read(into: &span)
            if case .bytes(let count)? = outcome { receivedCount = count }
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
            let outcome = terminal?.master.write(waiting.span) ?? gadget?.stream.write(waiting.span)
            guard case .wrote(let count)? = outcome else { return }
            pending.removeFirst(count)
        }
    }

    mutating func waitForHost(atMostMilliseconds milliseconds: Int32) {
        _ = terminal?.master.waitForInput(atMostMilliseconds: milliseconds)
        _ = gadget?.stream.waitForInput(atMostMilliseconds: milliseconds)
    }
}

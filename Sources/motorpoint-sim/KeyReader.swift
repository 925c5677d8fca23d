import ByteStreams

/// The keys of the rig's own terminal, where there is one.
struct KeyReader: ~Copyable {
    private let mode: TerminalMode
    private var stream: ByteStream
    private var block = InlineArray<64, UInt8>(repeating: 0)
    private var count = 0
    private var taken = 0

    /// Nothing when standard input is no terminal.
    init?() {
        guard TerminalMode.isTerminal(0), let mode = try? TerminalMode(keyByKeyOn: 0),
            let stream = try? ByteStream(reopening: 0, for: .reading)
        else { return nil }
        self.mode = mode
        self.stream = stream
    }

    mutating func next() -> UInt8? {
        if taken == count {
            taken = 0
            count = 0
            var span = block.mutableSpan
            if case .bytes(let read) = stream.read(into: &span) { count = read }
        }
        guard taken < count else { return nil }
        taken += 1
        return block[taken - 1]
    }
}

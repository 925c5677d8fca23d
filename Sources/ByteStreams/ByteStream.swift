internal import CLinuxIO

/// What one read found.
public enum ReadOutcome: Equatable, Sendable {
    /// That many bytes, at least 1, were placed at the start of the buffer.
    case bytes(Int)
    /// The peer is there and has sent nothing.
    case nothing
    /// The peer hung up, or the device vanished: the error number (EIO when the system named none). Close the stream.
    case gone(Int32)
}

/// What became of one write.
public enum WriteOutcome: Equatable, Sendable {
    /// That many bytes, at least 1 and perhaps fewer than given, were taken.
    case wrote(Int)
    /// The line is full: nothing was taken.
    case blocked
    /// As `ReadOutcome.gone`.
    case gone(Int32)
}

/// The only owner of one non-blocking descriptor: a serial line, one end of a pseudo-terminal, a console, a socket.
///
/// No call here waits, allocates or takes a lock of this process, so a real-time thread may use all of them. A full
/// line and a silent peer are ordinary outcomes, not errors; a peer that is gone is told from a silent one by asking
/// `poll` each time a read finds nothing, since on Linux a read cannot say it by itself.
public struct ByteStream: ~Copyable, Sendable {
    /// For `mp_last_gasp_arm` and for tests; -1 once closed. Never close it elsewhere.
    public private(set) var descriptor: Int32

    /// Takes over an open descriptor and makes it non-blocking and close-on-exec. When this throws, it was closed.
    public init(owning descriptor: Int32) throws(SystemError) {
        let result = mp_make_nonblocking(descriptor)
        guard result >= 0 else {
            mp_close(descriptor)
            throw SystemError(code: -result, attempt: "make descriptor \(descriptor) non-blocking")
        }
        self.descriptor = descriptor
    }

    /// An independent stream on what an inherited descriptor (0, 1 or 2) is open on. Making standard output itself
    /// non-blocking would also do so to the shell that lent it.
    public init(reopening inherited: Int32, for use: Use) throws(SystemError) {
        descriptor = try SystemError.check(mp_reopen(inherited, use.flags), "open descriptor \(inherited) again")
    }

    /// Opens a file, device or named pipe that exists. For serial lines use `SerialLine`, which also locks.
    public init(path: String, for use: Use) throws(SystemError) {
        descriptor = try SystemError.check(unsafe mp_open(path, use.flags), "open \(path)")
    }

    deinit { mp_close(descriptor) }

    /// What a stream is opened for.
    public enum Use: Sendable {
        case reading, writing, both

        var flags: Int32 {
            switch self {
            case .reading: Int32(MP_OPEN_READ)
            case .writing: Int32(MP_OPEN_WRITE)
            case .both: Int32(MP_OPEN_READ) | Int32(MP_OPEN_WRITE)
            }
        }
    }

    public var isClosed: Bool { descriptor < 0 }

    /// Closes now; every later read and write is `.gone(EBADF)`. A line whose peer is gone should be closed at once:
    /// while it stays open, the kernel gives a device that comes back another name.
    public mutating func close() {
        mp_close(descriptor)
        descriptor = -1
    }

    /// Reads what is there, up to the size of `buffer`. Data that arrived before a hang-up is delivered before `.gone`.
    /// An empty buffer reads nothing.
    public mutating func read(into buffer: inout MutableSpan<UInt8>) -> ReadOutcome {
        unsafe buffer.withUnsafeMutableBytes { bytes in unsafe read(into: bytes) }
    }

    /// Writes as many of `bytes` as the line takes at once. No bytes at all counts as `.blocked`.
    public mutating func write(_ bytes: Span<UInt8>) -> WriteOutcome {
        unsafe bytes.withUnsafeBytes { bytes in unsafe write(bytes) }
    }

    /// Takes back what was written to a serial line and has not left yet, so that what is written next does not wait
    /// behind it. A frame may be cut in two by this. What the far end already holds stays there. Nothing happens on a
    /// stream that is no line.
    public mutating func flushOutput() {
        if descriptor >= 0 { _ = mp_line_flush_output(descriptor) }
    }

    /// As `read(into:)` with a span.
    @unsafe public mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> ReadOutcome {
        guard descriptor >= 0 else { return .gone(Int32(MP_EBADF)) }
        guard let base = buffer.baseAddress, buffer.count > 0 else { return .nothing }
        let result = unsafe mp_read(descriptor, base, buffer.count)
        if result > 0 { return .bytes(Int(result)) }
        if result < 0 && result != -Int64(MP_EAGAIN) { return .gone(Int32(-result)) }
        // Zero is the end of a file or of a hung-up line; EAGAIN says nothing about the peer.
        let events = mp_poll(descriptor, Int32(MP_POLL_IN), 0)
        if events < 0 && events != -Int32(MP_EINTR) { return .gone(-events) }
        if events > 0 && events & Int32(MP_POLL_GONE) != 0 { return .gone(Int32(MP_EIO)) }
        return result == 0 ? .gone(Int32(MP_EIO)) : .nothing
    }

    /// As `write(_:)` with a span.
    @unsafe public mutating func write(_ bytes: UnsafeRawBufferPointer) -> WriteOutcome {
        guard descriptor >= 0 else { return .gone(Int32(MP_EBADF)) }
        guard let base = bytes.baseAddress, bytes.count > 0 else { return .blocked }
        let result = unsafe mp_write(descriptor, base, bytes.count)
        if result > 0 { return .wrote(Int(result)) }
        if result < 0 && result != -Int64(MP_EAGAIN) { return .gone(Int32(-result)) }
        let events = mp_poll(descriptor, 0, 0)
        if events > 0 && events & Int32(MP_POLL_GONE) != 0 { return .gone(Int32(MP_EIO)) }
        return .blocked
    }

    /// Waits, at most `milliseconds`, until there is something to read or the peer is gone. Not for the real-time
    /// thread: this is the one call of the house that waits for a peer.
    public func waitForInput(atMostMilliseconds milliseconds: Int32) -> Bool {
        mp_poll(descriptor, Int32(MP_POLL_IN), milliseconds) > 0
    }

    /// Waits, at most `milliseconds`, until the line takes output again or the peer is gone.
    public func waitForRoom(atMostMilliseconds milliseconds: Int32) -> Bool {
        mp_poll(descriptor, Int32(MP_POLL_OUT), milliseconds) > 0
    }
}

internal import CLinuxIO

/// A pseudo-terminal that this process made: it holds the master, another program opens the slave path. The pretend
/// rig speaks on one as if it were a device; the pretend operator types on one as if it were a person.
///
/// Dropping or closing it hangs up whoever has the slave open, as a pulled cable does.
public struct PseudoTerminal: ~Copyable, Sendable {
    /// What is read here, the other program wrote; what is written here, it reads.
    public var master: ByteStream

    /// Where the other program opens it, such as "/dev/pts/7".
    public let slavePath: String

    /// Our own open slave, which keeps the master from seeing a hang-up while nobody else has it open; -1 without.
    private var heldSlave: Int32

    /// What the slave should look like to the program that opens it.
    public enum Discipline: Sendable {
        /// A serial line: raw bytes both ways.
        case raw
        /// A person's terminal, as the kernel makes it: echo, line editing, ^C is a signal.
        case terminal
    }

    /// Makes a pseudo-terminal.
    ///
    /// - Parameter holdingSlave: true: the master never reports `.gone`, whoever comes and goes at the other end.
    ///   false: once somebody had the slave open and closed it, reads are `.gone(EIO)` until it is opened again.
    public init(_ discipline: Discipline, holdingSlave: Bool = true) throws(SystemError) {
        let opened = Self.open()
        let path = opened.path
        let stream = try ByteStream(owning: try SystemError.check(opened.descriptor, "make a pseudo-terminal"))
        if discipline == .raw {
            _ = try SystemError.check(mp_line_make_raw(stream.descriptor, 115_200, 0, 0), "make \(path) raw")
        }
        if holdingSlave {
            heldSlave = try SystemError.check(
                unsafe mp_open(path, Int32(MP_OPEN_READ) | Int32(MP_OPEN_WRITE)), "open \(path)")
        } else {
            heldSlave = -1
        }
        master = stream
        slavePath = path
    }

    deinit { mp_close(heldSlave) }

    /// Hangs up the other end now.
    public mutating func close() {
        mp_close(heldSlave)
        heldSlave = -1
        master.close()
    }

    /// Tells programs on the slave how large their window is.
    public func setWindow(columns: Int, rows: Int) throws(SystemError) {
        _ = try SystemError.check(
            mp_set_window_size(master.descriptor, Int32(clamping: columns), Int32(clamping: rows)),
            "set the window size of \(slavePath)")
    }

    private static func open() -> (descriptor: Int32, path: String) {
        var name = InlineArray<64, CChar>(repeating: 0)
        var characters = name.mutableSpan
        return unsafe characters.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return (-Int32(MP_EINVAL), "") }
            let descriptor = unsafe mp_pty_open(base, buffer.count)
            return (descriptor, descriptor < 0 ? "" : unsafe String(cString: base))
        }
    }
}

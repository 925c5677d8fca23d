internal import CLinuxIO

/// A person's terminal in key-by-key mode for as long as this value lives: no echo, no line editing, no flow control
/// (^S must not freeze the screen of a running session), and ^C ^Z ^\ arrive as bytes, so that each is a stop key like
/// any other. Output processing stays on.
///
/// The old settings come back when the value ends, at `exit`, and from the last-gasp handler; only SIGKILL leaves the
/// terminal as it is. One terminal at a time.
public struct TerminalMode: ~Copyable {
    /// Changes the terminal that `descriptor` is open on. Throws ENOTTY when it is none, EBUSY when one is held.
    public init(keyByKeyOn descriptor: Int32) throws(SystemError) {
        _ = try SystemError.check(mp_console_raw(descriptor), "set up the terminal")
    }

    deinit { mp_console_restore() }

    /// Puts the settings back now.
    public consuming func restore() {}

    /// What the terminal is sent whenever the settings are put back, also by the last-gasp handler: the way out of the
    /// alternate screen, say. At most 64 bytes; none takes it back. Nothing is sent that the terminal would not take at
    /// once.
    /// - Returns: whether it was kept.
    @discardableResult public static func leaveBehind(_ bytes: Span<UInt8>, on descriptor: Int32) -> Bool {
        let result = unsafe bytes.withUnsafeBytes { bytes in
            unsafe mp_console_farewell(descriptor, bytes.baseAddress, bytes.count)
        }
        return result == 0
    }

    /// Whether the descriptor is open on a terminal.
    public static func isTerminal(_ descriptor: Int32) -> Bool { mp_is_terminal(descriptor) == 1 }

    /// The size of its window, nil when it is no terminal or does not know.
    public static func window(of descriptor: Int32) -> (columns: Int, rows: Int)? {
        var columns: Int32 = 0
        var rows: Int32 = 0
        guard unsafe mp_window_size(descriptor, &columns, &rows) >= 0, columns > 0, rows > 0 else { return nil }
        return (Int(columns), Int(rows))
    }
}

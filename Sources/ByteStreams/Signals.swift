internal import CLinuxIO

/// Signals that ask the process to stop, and the last thing that it does when it dies by a fault of its own.
public enum StopSignals {
    /// From now on SIGINT, SIGTERM, SIGHUP, SIGTSTP and SIGQUIT are only remembered, and SIGPIPE, SIGTTIN and SIGTTOU
    /// are ignored: no terminal can halt the process in the middle of a stop. A session looks at `first` every tick.
    public static func install() throws(SystemError) {
        _ = try SystemError.check(mp_stop_signals_install(), "handle signals")
    }

    /// For the questions before a session: Ctrl-C and Ctrl-\\ end the program with a word, Ctrl-Z does nothing. Until
    /// `install` takes over.
    public static func installEarly() throws(SystemError) {
        _ = try SystemError.check(mp_early_signals_install(), "handle signals")
    }

    /// From here on needles may be in the patient: whoever ends the program at a question is told to count them.
    public static func needlesMayBeIn() { mp_early_signals_needles() }

    /// The number of the first stop signal that came, nil when none did. Lock-free.
    public static var first: Int32? {
        let number = mp_stop_signal()
        return number == 0 ? nil : number
    }

    /// Forgets it, for a program that survived one stop (a cancelled checklist) and for tests.
    public static func clear() { mp_stop_signal_clear() }
}

/// The stop frame that a dying process still writes. While armed, a trap, a memory fault or an abort on any thread
/// first writes these bytes to the device, then puts the terminal back, then dies of the same signal. After the first
/// such signal no other thread's `ByteStream.write` writes any more.
public enum LastGasp {
    /// Handles the fatal signals, on an alternate stack of the calling thread; threads made by `mp_thread_start` have
    /// their own. Swift's own backtracer is replaced by this: it would keep a dying process alive for tens of
    /// milliseconds (`swift-recipes`).
    public static func install() throws(SystemError) {
        _ = try SystemError.check(mp_last_gasp_install(), "handle fatal signals")
    }

    /// Largest frame that can be armed, in bytes.
    public static var capacity: Int { Int(MP_LAST_GASP_MAX) }

    /// The bytes to write to what that stream is open on. Called by one thread. A duplicate of the descriptor is kept
    /// until `disarm`: disarm before closing the stream, or the line stays open and locked.
    /// Throws EINVAL when there are none, or more than `capacity`.
    public static func arm(_ stream: borrowing ByteStream, frame: Span<UInt8>) throws(SystemError) {
        let descriptor = stream.descriptor
        let result = unsafe frame.withUnsafeBytes { bytes -> Int32 in
            guard let base = bytes.baseAddress else { return -Int32(MP_EINVAL) }
            return unsafe mp_last_gasp_arm(descriptor, base, bytes.count)
        }
        _ = try SystemError.check(result, "arm the last stop frame")
    }

    public static func disarm() { mp_last_gasp_disarm() }
}

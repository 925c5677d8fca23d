internal import CLinuxIO

/// Another program, started and watched by this one: how the pretend operator starts the real host on a terminal, and
/// how tests start two hosts at once. Dropping the value kills the child.
public struct ChildProcess: ~Copyable, Sendable {
    /// Its process number.
    public let process: Int32
    private var ending: Ending?

    /// How a child ended.
    public enum Ending: Equatable, Sendable {
        case exited(status: Int32)
        case killed(signal: Int32)
    }

    /// Where its standard input, output and error go.
    public enum Connection: Sendable {
        /// All three are this terminal (the slave path of a `PseudoTerminal`), which becomes its controlling terminal.
        case terminal(String)
        /// Descriptors of this process; nil is /dev/null.
        case descriptors(input: Int32?, output: Int32?, error: Int32?)
    }

    /// Starts `program` (a path, not searched for) in a session of its own, with default signal handling.
    public init(
        _ program: String, arguments: [String], environment: [String: String], on connection: Connection
    ) throws(SystemError) {
        let words = CStringList([program] + arguments)
        let settings = CStringList(environment.map { "\($0.key)=\($0.value)" }.sorted())
        let result: Int32
        switch connection {
        case .terminal(let path):
            result = unsafe mp_spawn(program, words.pointer, settings.pointer, path, -1, -1, -1)
        case .descriptors(let input, let output, let error):
            result = unsafe mp_spawn(
                program, words.pointer, settings.pointer, nil, input ?? -1, output ?? -1, error ?? -1)
        }
        process = try SystemError.check(result, "start \(program)")
    }

    deinit {
        if ending == nil {
            _ = mp_kill(process, 9)
            var status: Int32 = 0
            var signal: Int32 = 0
            _ = unsafe mp_wait(process, 1, &status, &signal)
        }
    }

    /// How it ended, nil while it runs.
    public mutating func poll() -> Ending? { collect(blocking: false) }

    /// Waits until it has ended.
    public mutating func wait() -> Ending { collect(blocking: true) ?? .exited(status: -1) }

    /// Lets it run on, whatever becomes of this program.
    public consuming func leaveRunning() { discard self }

    /// Sends it a signal; after its end nothing happens.
    public func send(signal: Int32) {
        if ending == nil { _ = mp_kill(process, signal) }
    }

    private mutating func collect(blocking: Bool) -> Ending? {
        if let ending { return ending }
        var status: Int32 = 0
        var signal: Int32 = 0
        let result = unsafe mp_wait(process, blocking ? 1 : 0, &status, &signal)
        if result > 0 { ending = signal == 0 ? .exited(status: status) : .killed(signal: signal) }
        if result < 0 { ending = .exited(status: -1) }
        return ending
    }
}

/// Zero-terminated texts in a NULL-terminated list, as `execve` wants them.
@safe private struct CStringList: ~Copyable {
    let pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ texts: [String]) {
        count = texts.count
        unsafe pointer = .allocate(capacity: texts.count + 1)
        unsafe pointer.initialize(repeating: nil, count: texts.count + 1)
        for (index, text) in texts.enumerated() {
            let bytes = text.utf8CString
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
            for (offset, byte) in bytes.enumerated() { unsafe (copy + offset).initialize(to: byte) }
            unsafe pointer[index] = copy
        }
    }

    deinit {
        for index in 0..<count { unsafe pointer[index]?.deallocate() }
        unsafe pointer.deallocate()
    }
}

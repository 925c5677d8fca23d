import Glibc

/// Why the tester itself cannot go on.
struct Trouble: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// A process whose output is read as it comes.
struct Child {
    let id: pid_t
    let pipe: Int32
    /// At most what is kept of the output: its end.
    private static let longestOutput = 20_000_000

    /// Starts a program.
    /// - Parameters:
    ///   - program: looked for in PATH when it has no slash.
    ///   - set: variables added to those of this process.
    init(_ program: String, _ arguments: [String], set: [String: String] = [:]) throws {
        var ends: [Int32] = [0, 0]
        guard unsafe Glibc.pipe(&ends) == 0 else { throw Trouble("no pipe: errno \(errno)") }
        // The other children must not hold this one's pipe open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        var environment: [String] = []
        var next = unsafe environ
        while let entry = unsafe next.pointee {
            environment.append(unsafe String(cString: entry))
            unsafe next += 1
        }
        environment = environment.filter { entry in !set.keys.contains { entry.hasPrefix("\($0)=") } }
        environment += set.map { "\($0.key)=\($0.value)" }
        var words = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
        var variables = unsafe environment.map { unsafe strdup($0) } + [nil]
        defer { unsafe (words + variables).forEach { unsafe free($0) } }
        var child: pid_t = 0
        let result = unsafe posix_spawnp(&child, program, &actions, nil, &words, &variables)
        close(ends[1])
        guard result == 0 else {
            close(ends[0])
            throw Trouble("cannot start \(program): errno \(result)")
        }
        id = child
        pipe = ends[0]
    }

    /// What is there to be read; nothing at the end.
    func read() -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe Glibc.read(pipe, &bytes, bytes.count)
        return count > 0 ? Array(bytes.prefix(count)) : nil
    }

    func kill() { _ = Glibc.kill(id, SIGKILL) }

    /// Waits for its end.
    /// - Returns: its status, 128 and the signal when one ended it.
    func wait() -> Int32 {
        close(pipe)
        var status: Int32 = 0
        while unsafe waitpid(id, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? status >> 8 & 0xFF : 128 + signal
    }

    /// A whole run, with all that it said.
    static func run(
        _ program: String, _ arguments: [String], set: [String: String] = [:]
    ) throws -> (status: Int32, output: String) {
        let child = try Child(program, arguments, set: set)
        var output: [UInt8] = []
        while let more = child.read() {
            output += more
            if output.count > longestOutput { output.removeFirst(output.count - longestOutput) }
        }
        return (child.wait(), String(decoding: output, as: UTF8.self))
    }
}

/// Seconds of a clock that nobody sets.
func seconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

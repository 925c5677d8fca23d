import Foundation

/// A folder of its own for one test and every program that it started; both end with it.
final class Sandbox {
    let path: String
    private var programs: [Program] = []

    init() throws {
        // Short, since the path of a socket is.
        path = "/tmp/mpt-" + UUID().uuidString.prefix(8).lowercased()
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        try FileManager.default.createDirectory(atPath: path + "/runtime", withIntermediateDirectories: false)
    }

    deinit {
        for program in programs { program.end() }
        // Folders that a test closed, too.
        _ = try? Program.run("/bin/chmod", ["-R", "u+rwx", path], in: nil)
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String) -> String { path + "/" + name }

    @discardableResult func write(_ name: String, _ text: String) throws -> String {
        try text.write(toFile: file(name), atomically: false, encoding: .utf8)
        return file(name)
    }

    @discardableResult func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }

    func makeFolder(_ name: String, mode: Int = 0o700) throws -> String {
        try FileManager.default.createDirectory(
            atPath: file(name), withIntermediateDirectories: true, attributes: [.posixPermissions: mode])
        return file(name)
    }

    /// Starts a program that ends with this folder at the latest.
    func start(_ program: String, _ arguments: [String], output: Program.Output) throws -> Program {
        let started = try Program(program, arguments, environment: environment, output: output)
        programs.append(started)
        return started
    }

    /// Runs a command without a terminal to its end.
    func run(_ command: [String], adding settings: [String: String] = [:]) throws -> Ended {
        guard let first = command.first else { throw Trouble("an empty command") }
        let all = environment.merging(settings) { $1 }
        return try Program.run(first, Array(command.dropFirst()), in: self, environment: all)
    }

    /// Runs `motorpoint` without a terminal to its end.
    func host(_ arguments: String...) throws -> Ended { try run([House.host] + arguments) }

    /// What every program here is told: nothing of the user's own folders.
    var environment: [String: String] {
        ProcessInfo.processInfo.environment.merging([
            "HOME": path, "XDG_RUNTIME_DIR": path + "/runtime", "XDG_DATA_HOME": "", "MOTORPOINT_DATA": "",
            "MOTORPOINT_PROTOCOLS": "", "MOTORPOINT_POLICY": "", "TERM": "xterm", "LC_ALL": "C.UTF-8",
        ]) { $1 }
    }
}

/// How a program ended and what it said.
struct Ended {
    /// As a shell tells it: 128 and the signal for one that was killed.
    let status: Int32
    let output: String
    let errors: String

    var everything: String { output + errors }
    /// Whether it died of a fault of its own: a trap, a signal, a stack trace.
    var isCrash: Bool {
        status >= 128 || everything.contains("Fatal error") || everything.contains("Stack dump")
            || everything.contains("Current stack trace")
    }
}

import ByteStreams
import Foundation
import Glibc
import StimulusModel

/// A program that a test started, in a session of its own. It is killed with this value, and whoever it started with
/// it.
final class Program {
    let process: Int32
    private var child: ChildProcess
    private var status: Int32?

    /// Where its output and errors go; its input is empty.
    enum Output {
        /// Both into this file.
        case file(String)
        /// Each into its own.
        case files(output: String, errors: String)
    }

    init(_ program: String, _ arguments: [String], environment: [String: String], output: Output) throws {
        switch output {
        case .file(let path):
            let file = try Program.create(path)
            child = try ChildProcess(
                program, arguments: arguments, environment: environment,
                on: .descriptors(input: nil, output: file.fileDescriptor, error: file.fileDescriptor))
            try file.close()
        case .files(let path, let errorPath):
            let file = try Program.create(path)
            let errorFile = try Program.create(errorPath)
            child = try ChildProcess(
                program, arguments: arguments, environment: environment,
                on: .descriptors(input: nil, output: file.fileDescriptor, error: errorFile.fileDescriptor))
            try file.close()
            try errorFile.close()
        }
        process = child.process
    }

    deinit { end() }

    /// Kills it with everybody of its session who did not leave it.
    func end() {
        guard poll() == nil else { return }
        _ = kill(-process, SIGKILL)
        child.send(signal: SIGKILL)
        _ = child.wait()
    }

    /// Asks it to end.
    func terminate() { child.send(signal: SIGTERM) }

    /// Its exit status, as a shell tells it; nothing while it runs.
    func poll() -> Int32? {
        if let status { return status }
        switch child.poll() {
        case nil: return nil
        case .exited(let code): status = code
        case .killed(let signal): status = 128 + signal
        }
        return status
    }

    /// Waits for its end.
    func wait(atMostSeconds limit: Int64) throws -> Int32 {
        guard Wait.until(atMostSeconds: limit, { poll() != nil }), let status = poll() else {
            throw Trouble("process \(process) still runs after \(limit) s")
        }
        return status
    }

    /// Runs a program without input to its end.
    static func run(
        _ program: String, _ arguments: [String], in sandbox: Sandbox?, environment: [String: String] = [:]
    ) throws -> Ended {
        let name = (sandbox?.path ?? "/tmp") + "/run-" + UUID().uuidString
        let (output, errors) = (name + ".out", name + ".err")
        defer {
            try? FileManager.default.removeItem(atPath: output)
            try? FileManager.default.removeItem(atPath: errors)
        }
        let started = try Program(
            program, arguments, environment: environment, output: .files(output: output, errors: errors))
        let status = try started.wait(atMostSeconds: 60)
        return Ended(status: status, output: text(of: output), errors: text(of: errors))
    }

    static func text(of path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    private static func create(_ path: String) throws -> FileHandle {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw Trouble("\(path) cannot be made") }
        return file
    }
}

/// Waiting for something to come about. What is asserted is that it does, and in which order; never when.
enum Wait {
    /// Looks every 10 ms. True as soon as the condition holds.
    static func until(atMostSeconds limit: Int64, _ condition: () -> Bool) -> Bool {
        let end = SystemClock.now().advanced(by: TimeSpan(milliseconds: limit * 1_000))
        while !condition() {
            guard SystemClock.now().since(end).nanoseconds < 0 else { return condition() }
            SystemClock.sleep(until: SystemClock.now().advanced(by: TimeSpan(milliseconds: 10)))
        }
        return true
    }
}

/// What /proc says about processes.
enum ProcessTable {
    /// The process of that name among those that `ancestor` started, and those that they started.
    static func descendant(of ancestor: Int32, named name: String) -> Int32? {
        var parents: [Int32: Int32] = [:]
        var names: [Int32: String] = [:]
        for entry in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let process = Int32(entry), let fields = stat(process) else { continue }
            parents[process] = fields.parent
            names[process] = fields.name
        }
        return names.filter { $0.value == name }.keys.sorted().first { process in
            var at: Int32? = process
            while let here = at, here != ancestor { at = parents[here] }
            return at == ancestor
        }
    }

    /// Whether it has ended, be it that nobody has fetched its status yet.
    static func isGone(_ process: Int32) -> Bool { stat(process).map { "ZX".contains($0.state) } ?? true }

    /// The terminal on which it reads.
    static func terminal(of process: Int32) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/fd/0")
    }

    private static func stat(_ process: Int32) -> (name: String, state: Character, parent: Int32)? {
        // "4242 (name) S 17 …"; the name may hold anything, also a parenthesis.
        let text = Program.text(of: "/proc/\(process)/stat")
        guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")") else { return nil }
        let rest = text[close...].dropFirst().split(separator: " ")
        guard rest.count > 1, let state = rest[0].first, let parent = Int32(rest[1]) else { return nil }
        return (String(text[text.index(after: open)..<close]), state, parent)
    }
}

import ByteStreams
import Foundation
import Glibc
import StimulusModel
import Testing

/// What a session is started with.
struct SessionCommand {
    var protocolID = "demo-relieve-surface"
    var patient = "P-0001"
    var side = "right"
    var rigFile = House.demoRig
    var line: String
    var data: String
    var more: [String] = []
    /// What stands before `motorpoint`: another user, another limit.
    var before: [String] = []
    /// After the session's own words: a pipe, say. The shell then runs the whole.
    var shell: String?
    /// Whether the data folder has what a session begins with.
    var hasPapers = true

    var words: [String] {
        let start =
            before + [
                House.host, "start", protocolID, "--patient", patient, "--side", side, "--practitioner", "test",
                "--rig", rigFile, "--line", line, "--data", data,
            ] + more
        guard let shell else { return start }
        return ["/bin/bash", "-c", shell, "session"] + start
    }
}

/// The practitioner's seat: `motorpoint-sim operator` types a script on a real pseudo-terminal, at which `motorpoint`
/// runs.
final class Seat {
    private let program: Program
    private let log: String
    private let outputFile: String
    let command: SessionCommand

    init(
        in sandbox: Sandbox, _ command: SessionCommand, script: String, button: String? = nil,
        adding settings: [String: String] = [:]
    ) throws {
        self.command = command
        let name = "seat-" + UUID().uuidString.prefix(8)
        log = sandbox.file(name + ".screen")
        outputFile = sandbox.file(name + ".out")
        if command.hasPapers { try Papers.place(in: command.data) }
        let scriptFile = try sandbox.write(name + ".script", script)
        // `env` rather than an environment of our own: the operator is not meant to see it.
        let prefix = settings.isEmpty ? [] : ["/usr/bin/env"] + settings.map { "\($0.key)=\($0.value)" }.sorted()
        program = try sandbox.start(
            House.simulator,
            ["operator", "--script", scriptFile, "--log", log]
                + (button.map { ["--patient-button", $0] } ?? []) + ["--"] + prefix + command.words,
            output: .file(outputFile))
    }

    /// Everything shown so far, with the script's lines between.
    var screen: String { Program.text(of: log) }

    var screenBytes: [UInt8] { Array(FileManager.default.contents(atPath: log) ?? Data()) }

    /// The process of the host, once it runs.
    func host() throws -> Int32 {
        var found: Int32?
        _ = Wait.until(atMostSeconds: 10) {
            found = ProcessTable.descendant(of: program.process, named: "motorpoint")
            return found != nil
        }
        guard let found else { throw Trouble("motorpoint does not run:\n\(screen)") }
        return found
    }

    /// Waits until a text has appeared.
    func wait(for text: String, atMostSeconds limit: Int64 = 60) throws {
        let appeared = Wait.until(atMostSeconds: limit) { screen.contains(text) || program.poll() != nil }
        guard !appeared || !screen.contains(text) else { return }
        if let stall = MachineStall(screen: screen) { throw stall }
        throw Trouble("\"\(text)\" did not appear:\n\(tail)")
    }

    /// Shows a line on the session's terminal, as `wall` does: the script may wait for it.
    func show(_ text: String) throws {
        guard let terminal = ProcessTable.terminal(of: try host()) else { throw Trouble("no terminal") }
        var stream = try ByteStream(path: terminal, for: .writing)
        guard case .wrote = stream.write(Array((text + "\r\n").utf8).span) else { throw Trouble("cannot write") }
    }

    /// Stops the operator where it stands, or lets it go on: meanwhile nobody reads the terminal.
    func freeze(_ isFrozen: Bool) throws {
        guard kill(program.process, isFrozen ? SIGSTOP : SIGCONT) == 0 else { throw Trouble("no operator to freeze") }
    }

    var hasEnded: Bool { program.poll() != nil }

    /// Waits until the script has come to its end, and expects that everything in it came about. A session that the
    /// machine itself ended is thrown as that.
    @discardableResult
    func end(
        _ what: String = "", atMostSeconds limit: Int64 = 120, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> String {
        let status = try program.wait(atMostSeconds: limit)
        let shown = screen
        if status != 0, let stall = MachineStall(screen: shown) { throw stall }
        #expect(status == 0, "\(what): the script failed:\n\(tail)", sourceLocation: sourceLocation)
        for sign in ["Fatal error", "Stack dump", "Current stack trace"] {
            #expect(!shown.contains(sign), "\(what): a stack trace on the screen", sourceLocation: sourceLocation)
        }
        return shown
    }

    private var tail: String {
        (Program.text(of: outputFile).split(whereSeparator: \.isNewline).suffix(16)).joined(separator: "\n")
    }
}

/// One rig, one data folder, and seats at it.
final class Bench {
    let sandbox: Sandbox
    let rig: Rig
    let data: String

    init(_ rigOptions: String...) throws {
        sandbox = try Sandbox()
        data = sandbox.file("data")
        rig = try Rig(in: sandbox, rigOptions)
    }

    var command: SessionCommand { SessionCommand(line: rig.link, data: data) }

    /// Sits down and passes the checklist; then comes the script.
    func session(_ script: String, _ change: (inout SessionCommand) -> Void = { _ in }) throws -> Seat {
        var command = command
        change(&command)
        return try Seat(
            in: sandbox, command, script: try House.script("checklist-surface") + script, button: rig.control)
    }

    /// Up to 2 mA on the first plateau; then comes the script.
    func contraction(_ script: String, _ change: (inout SessionCommand) -> Void = { _ in }) throws -> Seat {
        try session(try House.script("armed") + House.script("first-contraction") + script, change)
    }

    func sessions(_ words: String...) throws -> Ended {
        try sandbox.run([House.host, "sessions"] + words + ["--data", data])
    }

    /// The one session is closed and intact, and is listed with these words.
    func expectRecord(_ words: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        // For machines: on the screen long words go on in the next line.
        let list = try sessions("list", "--json")
        #expect(list.output.contains(words), "\(words) is not in:\n\(list.everything)", sourceLocation: sourceLocation)
        let verified = try sessions("verify")
        #expect(verified.status == 0, "\(verified.everything)", sourceLocation: sourceLocation)
        #expect(verified.output.contains(", 0 damaged"), "\(verified.everything)", sourceLocation: sourceLocation)
    }
}

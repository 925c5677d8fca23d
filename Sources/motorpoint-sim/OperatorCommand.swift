import ArgumentParser
import ByteStreams
import Foundation

/// `motorpoint-sim operator`: a pretended person at a real pseudo-terminal.
struct OperatorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operator",
        abstract: "Runs a command on a terminal of its own and types what a script says.",
        discussion: """
            Script, one command a line:
              expect "text" within 10s        type "+"            wait 600ms
              repeat 5 every 600ms type "+"   patient-button      unless-seen "text" type "y"
              see "text" within 5s            kill -9             signal TERM
              hangup                          expect-exit 0 within 20s
            `expect` waits for what is new, `see` for what stands on the screen, however long it has stood there.
            In texts \\n \\e and ^C are keys; # begins a comment. A command ended by signal n has status 128 + n.
            """)

    @Option(help: "The script.") var script: String
    @Option(help: "Control socket of the rig whose patient's button is pressed.") var patientButton: String?
    @Option(help: "Columns of the terminal. Default: those of the terminal that this is shown on, or 100.")
    var columns = TerminalMode.window(of: 1)?.columns ?? 100
    @Option(help: "Rows of the terminal. Default: those of the terminal that this is shown on, or 30.")
    var rows = TerminalMode.window(of: 1)?.rows ?? 30
    @Option(
        help: "File for everything that was shown, with the script's lines between; of a whole screen its new rows.")
    var log: String?
    @Argument(parsing: .postTerminator, help: "The command and its arguments, after --.") var command: [String] = []

    func validate() throws {
        guard !command.isEmpty else { throw ValidationError("a COMMAND after -- is missing") }
        guard (20...1_000).contains(columns), (5...1_000).contains(rows) else {
            throw ValidationError("--columns is 20 to 1000 and --rows 5 to 1000")
        }
    }

    func run() throws {
        guard let data = FileManager.default.contents(atPath: script),
            let text = String(data: data, encoding: .utf8)
        else {
            Console.complain("motorpoint-sim: the script \(script) cannot be read")
            throw SimStatus.noSuchFile
        }
        do {
            let lines = try OperatorScript(text, file: script)
            try StopSignals.install()
            var session = try OperatorRun(
                command, columns: columns, rows: rows, patientButton: patientButton, log: try openLog())
            try session.run(lines)
        } catch let mistake as OperatorScript.Mistake {
            Console.complain("motorpoint-sim: \(mistake)")
            throw SimStatus.scriptFailed
        } catch let failure as OperatorFailure {
            Console.complain("\nmotorpoint-sim: \(script), \(failure.message)")
            throw SimStatus.scriptFailed
        } catch let code as ExitCode {
            throw code
        } catch {
            Console.complain("motorpoint-sim: \(error)")
            throw SimStatus.internalError
        }
    }

    private func openLog() throws -> FileHandle? {
        guard let log else { return nil }
        guard FileManager.default.createFile(atPath: log, contents: nil),
            let handle = FileHandle(forWritingAtPath: log)
        else {
            Console.complain("motorpoint-sim: the log \(log) cannot be written")
            throw SimStatus.cannotCreate
        }
        return handle
    }
}

import ArgumentParser
import ByteStreams

/// `motorpoint-sim press` and `motorpoint-sim ask`: a hand on a running rig from another terminal.
struct PressCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "press", abstract: "Presses the patient's button of a running rig and lets go.")

    @Option(help: "Control socket of the rig.") var control: String

    func run() throws { try AskCommand.ask("patient-button", at: control) }
}

struct AskCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ask", abstract: "Asks a running rig one thing and prints its answer.",
        discussion: "What it understands: \(ControlRequest.help).")

    @Option(help: "Control socket of the rig.") var control: String
    @Argument(help: "The request.") var words: [String]

    func run() throws { try AskCommand.ask(words.joined(separator: " "), at: control) }

    static func ask(_ line: String, at path: String) throws {
        do throws(SystemError) {
            print(try ControlClientCall.ask(line, at: path))
        } catch {
            Console.complain("motorpoint-sim: \(error)")
            throw SimStatus.noSuchFile
        }
    }
}

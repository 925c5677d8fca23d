import ByteStreams
import Foundation
import MachineChecks

/// The terminal that this program was started on, as facts.
enum Terminal {
    static func facts() -> TerminalFacts {
        let window = TerminalMode.window(of: 1)
        return TerminalFacts(
            inputIsTerminal: TerminalMode.isTerminal(0), outputIsTerminal: TerminalMode.isTerminal(1),
            columns: window?.columns, rows: window?.rows, environment: ProcessInfo.processInfo.environment)
    }
}

import ArgumentParser
import ByteStreams
import CareModel
import Drawings
import MachineChecks
import SessionRecords
import StimulusModel

struct ProtocolsShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one protocol: drawn to scale, with the evidence beside each number.")
    @Argument(help: "The protocol's id.", completion: .custom(Completions.protocolIDs)) var id: String
    @Flag(help: "Draw with ASCII characters only: for logs and screen readers.") var plain = false
    @OptionGroup var places: PlaceOptions

    func run() throws {
        try reporting {
            let item = try ProtocolChoice.find(id, in: ProtocolShelf(folders: [try places.protocolFolder()]))
            for line in ProtocolText.full(item.content).split(separator: "\n", omittingEmptySubsequences: false) {
                for part in wrapped(String(line)) { print(part) }
            }
            print("")
            for line in ProtocolDrawing.lines(item.content, style) { print(line) }
        }
    }

    /// Whole words on a terminal; in a file or pipe one line stays one line.
    private func wrapped(_ line: String) -> [String] {
        let terminal = Terminal.facts()
        guard terminal.outputIsTerminal else { return [line] }
        let indent = String(line.prefix { $0 == " " })
        let lines = FindingText.wrapped(line, columns: (terminal.columns ?? 80) - indent.count)
        return lines.map { indent + $0 }
    }

    private var style: DrawingStyle {
        // Wider drawings say no more; where nobody tells a width, 80 columns are safe.
        let columns = TerminalMode.window(of: 1)?.columns ?? 80
        return DrawingStyle(columns: min(columns, 120), isASCII: plain || !Terminal.facts().isUTF8)
    }
}

/// A protocol drawn: its envelope over one cycle and over the whole programme, and one pulse.
enum ProtocolDrawing {
    static func lines(_ item: TreatmentProtocol, _ style: DrawingStyle) -> [String] {
        let shape: TrainShape
        var lines: [String] = []
        switch item.plan {
        case .treatment(let dose):
            shape = TrainShape(dose.pattern, frequency: dose.frequency, peak: dose.maximumAmplitude)
            lines = PulseDrawing.lines(dose.strongestPulse, style)
        case .search(let search):
            shape = .continuous(
                milliseconds: Int64(search.milliseconds), frequency: search.frequency, peak: search.maximumAmplitude)
            lines = ["A search has no pulse of its own: its phase duration is that of the treatment it is for."]
        }
        lines.append("")
        lines += EnvelopeDrawing.lines(shape, over: .cycle, style)
        if shape.isRepeated {
            lines.append("")
            lines += EnvelopeDrawing.lines(shape, over: .programme, style)
        }
        lines.append("")
        lines.append("Drawn at the cap, where the program refuses. Every amplitude is raised by hand from 0 mA.")
        return lines
    }
}

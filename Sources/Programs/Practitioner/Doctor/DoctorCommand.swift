import ArgumentParser
import ByteStreams
import Foundation
import MachineChecks

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at this computer: what is in order, what is not, and what to type to mend it.",
        discussion: """
            Opens no serial device and sends nothing to any. Writes one trial file where records are kept, and \
            removes it. Ends with 0 when nothing fails; warnings do not count. Otherwise with the status that the \
            first thing that fails would give a session.
            """)

    @Option(help: "Rig file. Default: p24-clinic of this installation.", completion: .custom(Completions.rigFiles))
    var rig: String?

    @Option(help: "A serial line to look at besides those found.", completion: .custom(Completions.serialLines))
    var line: String?

    @Flag(help: "ASCII characters and no colour: for logs and screen readers.")
    var plain = false

    @Flag(help: "One JSON object a line.")
    var json = false

    @OptionGroup var places: PlaceOptions

    func run() throws {
        try reporting {
            let findings = try Examination(rig: rig, line: line, places: places).findings()
            if json {
                for finding in findings { print(DoctorCommand.object(finding)) }
            } else {
                for line in FindingText.lines(findings, style) { print(line) }
            }
            guard let failure = findings.firstFailure else { return }
            let status = DoctorCommand.status(failure.area)
            guard fflush(nil) == 0 else { throw Failure(.cannotWrite, "the output could not be written") }
            throw ExitCode(status.rawValue)
        }
    }

    private var style: FindingText.Style {
        let terminal = Terminal.facts()
        return FindingText.Style(
            columns: min(terminal.columns ?? 100, 120), hasColour: !plain && terminal.hasColour,
            isASCII: plain || !terminal.isUTF8)
    }

    private static func object(_ finding: Finding) -> String {
        var pairs: [(String, JSONLine.Value)] = [
            ("area", .text(finding.area.rawValue)), ("verdict", .text(finding.verdict.rawValue)),
            ("text", .text(finding.text)),
        ]
        if let remedy = finding.remedy { pairs.append(("type", .text(remedy))) }
        return JSONLine.text(pairs)
    }

    /// What `motorpoint start` would end with over the same thing.
    static func status(_ area: Finding.Area) -> ExitStatus {
        switch area {
        case .serialLines: return .deviceUnavailable
        case .realTime: return .noPermission
        case .libraries: return .internalError
        case .data: return .cannotWrite
        case .clock: return .refused
        case .terminal: return .usage
        case .files: return .badFile
        case .records: return .recordDamaged
        }
    }
}

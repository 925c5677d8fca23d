import ArgumentParser
import SessionRecords

struct ProtocolsCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check protocol files: form, units, and every absolute limit.")
    @Argument(help: "The files.", completion: .file(extensions: ["yaml"])) var files: [String]

    func run() throws {
        try reporting {
            var problems: [Failure] = []
            for file in files {
                do throws(FileProblems) {
                    let item = try ProtocolLoader.load(path: file)
                    if let problem = ProtocolChoice.refusal(of: item) {
                        problems.append(Failure(.badFile, problem.description))
                    } else {
                        print("\(file): good, \(ProtocolText.oneLine(item.content))")
                    }
                } catch {
                    problems.append(Failure.file(error, at: file))
                }
            }
            guard !problems.isEmpty else { return }
            let areMissing = problems.allSatisfy { $0.status == .notFound }
            throw Failure(areMissing ? .notFound : .badFile, problems.map(\.message).joined(separator: "\n"))
        }
    }
}

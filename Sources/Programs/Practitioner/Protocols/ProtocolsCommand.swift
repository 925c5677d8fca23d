import ArgumentParser

/// The treatment protocols: what there is, what stands in one, whether a file is good, and how to begin a new one.
struct ProtocolsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "protocols", abstract: "List, show, check and begin treatment protocols.",
        subcommands: [
            ProtocolsListCommand.self, ProtocolsShowCommand.self, ProtocolsCheckCommand.self,
            ProtocolsNewCommand.self,
        ])
}

import ArgumentParser
import CareModel
import SessionRecords

struct ProtocolsListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the protocols of this installation.")
    @OptionGroup var places: PlaceOptions

    func run() throws {
        try reporting {
            let shelf = ProtocolShelf(folders: [try places.protocolFolder()])
            let width = shelf.protocols.map(\.content.id.count).max() ?? 0
            for item in shelf.protocols {
                let id = item.content.id + String(repeating: " ", count: width - item.content.id.count)
                print("\(id)  \(ProtocolText.oneLine(item.content))")
            }
            guard shelf.problems.isEmpty else {
                let text = shelf.problems.map(\.description).joined(separator: "\n")
                throw Failure(.badFile, "some protocol files cannot be used:\n\(text)")
            }
        }
    }
}

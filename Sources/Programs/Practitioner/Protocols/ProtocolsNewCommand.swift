import ArgumentParser
import CareModel
import Foundation
import SessionRecords

/// The kinds of protocol that `new` can begin with.
enum ProtocolTemplate: String, CaseIterable, ExpressibleByArgument {
    case contraction
    case continuous
    case burst
    case search
    case needle
    case denseDisperse = "dense-disperse"
}

struct ProtocolsNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Begin a protocol: write a commented file from one that exists.",
        discussion: """
            Every number comes with its certainty and its source from the file that it is taken from; nothing is \
            invented. What no source states is marked FILL-IN, and named. An existing file is never overwritten.
            """)

    @Argument(help: "The new protocol's id, which is its file's name too: lower-case letters, digits, hyphens.")
    var id: String

    @Option(help: "Take this protocol of the installation or the clinic.", completion: .custom(Completions.protocolIDs))
    var from: String?

    @Option(help: "Take a template: \(ProtocolTemplate.allCases.map(\.rawValue).joined(separator: ", ")).")
    var template: ProtocolTemplate?

    @Option(help: "Folder to write into. Default: the folder of protocol files.", completion: .directory)
    var output: String?

    @OptionGroup var places: PlaceOptions

    func run() throws {
        try reporting {
            let folder = try places.protocolFolder()
            let target = output ?? folder
            guard Places.isFolder(target) else {
                throw Failure(.notFound, "\(target) is no folder: make it, or name another with --output")
            }
            let path = "\(target)/\(try checkedID()).yaml"
            let draft = ProtocolDraft(
                source: try source(in: folder), id: id, schemaLine: schemaLine(target, folder),
                descriptions: SchemaDescriptions(schemaFile: folder + "/schema/protocol.schema.json"))
            let text = draft.text
            let toFill = try judge(text, path)
            do {
                try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
            } catch {
                throw Failure(
                    .cannotWrite,
                    FileManager.default.fileExists(atPath: path)
                        ? "\(path) exists and is not overwritten: choose another id, or change that file"
                        : "\(path) cannot be written: \(error.localizedDescription)")
            }
            for line in ProtocolsNewCommand.next(path, toFill, draft) { print(line) }
        }
    }

    /// The id becomes a file's name: nothing that leads elsewhere.
    private func checkedID() throws -> String {
        let isGood = id.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
        }
        guard isGood, !id.isEmpty, id.utf8.count <= 64, !id.hasPrefix("-"), !id.hasSuffix("-") else {
            throw Failure(
                .usage,
                "\"\(id)\" is no id: at most 64 lower-case letters, digits and hyphens, as in vmo-relieve-surface")
        }
        return id
    }

    private func source(in folder: String) throws -> ProtocolDraft.Source {
        switch (from, template) {
        case (let from?, nil):
            let found = try ProtocolChoice.find(from, in: ProtocolShelf(folders: [folder]))
            return ProtocolDraft.Source(found)
        case (nil, let template?):
            return try ProtocolDraft.Source(template, in: Places.installed("Protocols", option: "--protocols"))
        case (nil, nil): throw Failure(.usage, "say what to begin with: --from ID, or --template KIND")
        case (.some, .some): throw Failure(.usage, "--from and --template exclude each other")
        }
    }

    /// The schema by which an editor completes keys: beside the file, or the installation's.
    private func schemaLine(_ target: String, _ folder: String) -> String {
        let isBeside = FileManager.default.fileExists(atPath: target + "/schema/protocol.schema.json")
        let schema =
            isBeside
            ? "schema/protocol.schema.json"
            : URL(fileURLWithPath: folder + "/schema/protocol.schema.json").standardizedFileURL.path
        return "# yaml-language-server: $schema=\(schema)"
    }

    /// What is left to fill in, by line; throws when anything else is wrong, in which case nothing is written.
    private func judge(_ text: String, _ path: String) throws -> [String] {
        let open = ProtocolDraft.placesToFill(in: text).map { "\(path):\($0.line): \($0.text)" }
        guard open.isEmpty else { return open }
        do throws(FileProblems) {
            _ = try ProtocolLoader.parse(text, file: path)
        } catch {
            throw Failure(.badFile, "what would be written is not good, so nothing is:\n\(error)")
        }
        return []
    }

    private static func next(_ path: String, _ toFill: [String], _ draft: ProtocolDraft) -> [String] {
        var lines = ["\(path): written from \(draft.source.name)"]
        if !toFill.isEmpty {
            lines.append("A clinician has to fill in \(toFill.count) places; no source states them:")
            lines += toFill.map { "  " + $0 }
        }
        lines.append("What to do next:")
        lines.append("  1. change title, summary, placement and numbers; each number keeps a certainty and a source")
        lines.append("  2. motorpoint protocols check \(path)")
        lines.append(
            "  3. motorpoint protocols show \(draft.id) --protocols \((path as NSString).deletingLastPathComponent)")
        lines.append("A qualified clinician answers for what stands in it. The program's limits hold whatever it says.")
        return lines
    }
}

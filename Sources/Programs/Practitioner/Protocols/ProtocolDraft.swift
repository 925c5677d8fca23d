import CareModel
import Foundation
import SessionRecords
import StimulusModel

/// A protocol file under a new id, with what each key means above it.
struct ProtocolDraft {
    /// Stands where no source states anything; the loader takes it for no number and no word.
    static let fillIn = "FILL-IN"

    /// The lines that a clinician has to fill in; remarks do not count.
    static func placesToFill(in text: String) -> [(line: Int, text: String)] {
        var places: [(Int, String)] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.drop { $0 == " " }
            if !words.hasPrefix("#"), words.contains(fillIn) { places.append((index + 1, String(words))) }
        }
        return places
    }

    struct Source {
        /// As it stands in the new file's head.
        let name: String
        let text: String
    }

    let source: Source
    let id: String
    let schemaLine: String
    let descriptions: SchemaDescriptions

    /// The whole file.
    var text: String {
        var lines = [
            schemaLine,
            "# Begun by `motorpoint protocols new` from \(source.name).",
            "# Each number is that file's, with its certainty and source. Whoever changes one changes those too;",
            "# (proposal) means that no source claims the value. A qualified clinician answers for all of it.",
        ]
        var mapping = ""
        for line in source.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            // The old file's head and remarks are about the old file.
            if line.drop(while: { $0 == " " }).hasPrefix("#") { continue }
            let (indent, key) = ProtocolDraft.key(of: line)
            if let key, indent == 0 {
                mapping = key
                lines += remark(key, in: "protocol", indent: 0)
            } else if let key, indent == 2 {
                lines += remark(key, in: mapping, indent: 2)
            }
            lines.append(changed(line, indent: indent, key: key))
        }
        while lines.last == "" { lines.removeLast() }
        return lines.joined(separator: "\n") + "\n"
    }

    private func changed(_ line: String, indent: Int, key: String?) -> String {
        guard indent == 0 else { return line }
        switch key {
        case "id": return "id: \(id)"
        case "version": return "version: 1"
        default: return line
        }
    }

    private func remark(_ key: String, in mapping: String, indent: Int) -> [String] {
        guard let words = descriptions.words(of: key, in: mapping) else { return [] }
        let margin = String(repeating: " ", count: indent) + "# "
        var lines: [String] = []
        var line = margin
        for word in words.split(separator: " ") {
            if line.count + word.count > 110, line != margin {
                lines.append(line.trimmingCharacters(in: .newlines))
                line = margin
            }
            line += (line == margin ? "" : " ") + word
        }
        return lines + [line]
    }

    /// The key at the beginning of a line that holds one, and how far in it stands.
    private static func key(of line: String) -> (indent: Int, key: String?) {
        let indent = line.prefix { $0 == " " }.count
        let rest = line.dropFirst(indent)
        guard let colon = rest.firstIndex(of: ":") else { return (indent, nil) }
        let name = rest[..<colon]
        let isKey = !name.isEmpty && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "_") }
        return (indent, isKey ? String(name) : nil)
    }
}

extension ProtocolDraft.Source {
    /// A template file of the installation, or the first shipped protocol of that kind where there is one: its numbers
    /// have sources.
    init(_ template: ProtocolTemplate, in folder: String) throws {
        let path = "\(folder)/templates/\(template.rawValue).yaml"
        if let text = FileManager.default.contents(atPath: path) {
            self.init(name: "the template \(template.rawValue)", text: String(decoding: text, as: UTF8.self))
            return
        }
        let fitting = ProtocolShelf(folders: [folder]).protocols.filter { item in
            !item.content.isDemonstration && item.content.isSearch == (template == .search)
                && item.content.electrodeKind == template.electrodeKind
                && item.text.contains("\n  kind: \(template.patternKind)")
        }
        // The quadriceps are where the sources are best.
        guard let found = fitting.first(where: { $0.content.muscle == .vmo }) ?? fitting.first else {
            throw Failure(.notFound, "this installation has no protocol with the pattern \(template.rawValue) to take")
        }
        self.init(found)
    }

    init(_ found: LoadedProtocol) {
        self.init(
            name: "\(found.content.id), version \(found.content.version) (sha256 \(found.sha256.hex.prefix(16))…)",
            text: found.text)
    }
}

extension ProtocolTemplate {
    /// As `pattern.kind` of a protocol file says it.
    var patternKind: String {
        switch self {
        case .contraction: return "contractions"
        case .continuous, .search, .needle: return "continuous"
        case .burst: return "burst"
        case .denseDisperse: return "dense_disperse"
        }
    }

    /// A protocol of the other kind is no beginning: its numbers are of another order.
    var electrodeKind: ElectrodeKind {
        switch self {
        case .contraction, .continuous, .burst, .search: return .surface
        case .needle, .denseDisperse: return .needle
        }
    }
}

/// What each key means, in the words of the JSON Schema, so that editor and file say the same.
struct SchemaDescriptions {
    private var words: [String: String] = [:]

    init(schemaFile: String) {
        guard let data = FileManager.default.contents(atPath: schemaFile),
            let schema = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
            let definitions = schema["$defs"] as? [String: [String: Any]]
        else { return }
        for (mapping, definition) in definitions {
            let properties = definition["properties"] as? [String: [String: Any]] ?? [:]
            for (key, property) in properties {
                words["\(mapping).\(key)"] = property["description"] as? String
            }
        }
    }

    func words(of key: String, in mapping: String) -> String? { words["\(mapping).\(key)"] }
}

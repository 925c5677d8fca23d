import CareModel
import DeviceDrivers
import Foundation
import SessionRecords

/// What a shell offers at TAB for words that only this installation knows. Nothing is opened, nothing fails aloud: a
/// completion that cannot be found is an empty one.
enum Completions {
    /// Ids of protocols that load.
    static let protocolIDs: @Sendable ([String], Int, String) -> [String] = { words, _, _ in
        shelf(words).protocols.map(\.content.id)
    }

    /// Ids of treatments, for `--for`.
    static let treatmentIDs: @Sendable ([String], Int, String) -> [String] = { words, _, _ in
        shelf(words).protocols.filter { !$0.content.isSearch }.map(\.content.id)
    }

    /// Ids of sessions, newest first.
    static let sessionIDs: @Sendable ([String], Int, String) -> [String] = { words, _, _ in
        guard let folder = try? PlaceOptions.given(data: value(of: "--data", in: words)).dataFolder() else { return [] }
        return ((try? SessionStore(folder: folder).sessionIDs()) ?? []).reversed()
    }

    /// Rig files of this installation.
    static let rigFiles: @Sendable ([String], Int, String) -> [String] = { _, _, _ in
        Places.rigFiles()
    }

    /// Serial lines by their most stable names.
    static let serialLines: @Sendable ([String], Int, String) -> [String] = { _, _, _ in
        SerialDevice.list().map(\.path)
    }

    private static func shelf(_ words: [String]) -> ProtocolShelf {
        let folder = try? PlaceOptions.given(protocols: value(of: "--protocols", in: words)).protocolFolder()
        return ProtocolShelf(folders: folder.map { [$0] } ?? [])
    }

    /// The value of an option that was typed already, as `--name value` or `--name=value`.
    private static func value(of name: String, in words: [String]) -> String? {
        for (index, word) in words.enumerated() {
            if word == name, index + 1 < words.count { return words[index + 1] }
            if word.hasPrefix(name + "=") { return String(word.dropFirst(name.count + 1)) }
        }
        return nil
    }
}

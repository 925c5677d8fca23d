import ArgumentParser
import Foundation
import Glibc

/// Where the files of the house are. Nothing is ever taken from the current folder by chance: a planted file there must
/// not become a protocol.
struct PlaceOptions: ParsableArguments {
    @Option(
        help: "Folder of protocol files. Default: MOTORPOINT_PROTOCOLS, or the Protocols folder of this installation.",
        completion: .directory)
    var protocols: String?

    @Option(
        help: "Folder of the records. Default: MOTORPOINT_DATA, or ~/.local/share/motorpoint.", completion: .directory)
    var data: String?

    /// Options that were not typed on this command line, such as those a completion finds among its words.
    static func given(protocols: String? = nil, data: String? = nil) -> PlaceOptions {
        var options = PlaceOptions()
        options.protocols = protocols
        options.data = data
        return options
    }

    func protocolFolder() throws -> String {
        if let given = protocols ?? environment("MOTORPOINT_PROTOCOLS") {
            guard Places.isFolder(given) else {
                throw Failure(.notFound, "\(given) is no folder: name the one of the protocols with --protocols")
            }
            return given
        }
        return try Places.installed("Protocols", option: "--protocols")
    }

    func checklistFolder() throws -> String { try protocolFolder() + "/checklists" }

    func dataFolder() throws -> String {
        if let given = data ?? environment("MOTORPOINT_DATA") { return given }
        if let base = environment("XDG_DATA_HOME") { return base + "/motorpoint" }
        guard let home = environment("HOME") else {
            throw Failure(.usage, "no home folder is known: name a data folder with --data")
        }
        return home + "/.local/share/motorpoint"
    }

    private func environment(_ name: String) -> String? {
        guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else { return nil }
        return value
    }
}

enum Places {
    /// A folder of this installation: beside the program or above it, in share/motorpoint of its prefix, else in
    /// /usr/share/motorpoint.
    static func installed(_ name: String, option: String) throws -> String {
        var folder = executableFolder()
        for _ in 0..<6 where !folder.isEmpty {
            for candidate in ["\(folder)/\(name)", "\(folder)/share/motorpoint/\(name)"] where isFolder(candidate) {
                return candidate
            }
            guard let slash = folder.lastIndex(of: "/") else { break }
            folder = String(folder[..<slash])
        }
        let shared = "/usr/share/motorpoint/" + name
        if isFolder(shared) { return shared }
        throw Failure(.notFound, "the folder \(name) of this installation was not found: name it with \(option)")
    }

    /// The rig files of this installation, sorted.
    static func rigFiles() -> [String] {
        guard let folder = try? installed("Hardware", option: "--rig") + "/rigs" else { return [] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }.sorted().map { "\(folder)/\($0)" }
    }

    static func isFolder(_ path: String) -> Bool {
        // A link to a folder is one.
        let place = URL(fileURLWithPath: path).resolvingSymlinksInPath()
        let values = try? place.resourceValues(forKeys: [.isDirectoryKey])
        return values?.isDirectory == true
    }

    private static func executableFolder() -> String {
        let path = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return String(path[..<slash])
    }

    /// The socket on which the session of a data folder listens for `motorpoint stop`. A Unix socket's path is short,
    /// so it lives in the runtime folder under a name made from the data folder's.
    static func stopSocket(dataFolder: String) -> String {
        "\(runtimeFolder ?? sharedFolder(getuid()))/\(socketName(dataFolder: dataFolder))"
    }

    /// Every place where the session of a data folder may listen: the terminal that asks for the stop may know another
    /// runtime folder than the session did, or none, as under `su` and `sudo`. A folder that others may write to is
    /// left out, since anybody could say "stopping" there.
    static func stopSockets(dataFolder: String) -> [String] {
        var folders: [(path: String, owner: uid_t)] = []
        if let runtimeFolder { folders.append((runtimeFolder, getuid())) }
        for user in [getuid(), owner(of: dataFolder) ?? getuid()] {
            for path in ["/run/user/\(user)/motorpoint", sharedFolder(user)]
            where !folders.contains(where: { $0.path == path }) {
                folders.append((path, user))
            }
        }
        let name = socketName(dataFolder: dataFolder)
        return folders.filter { isPrivate($0.path, to: $0.owner) }.map { "\($0.path)/\(name)" }
    }

    private static var runtimeFolder: String? {
        // One that is not there, as after `su`, or too long for a socket is passed over, by `start` and `stop` alike.
        let given = ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"] ?? ""
        return given.hasPrefix("/") && given.utf8.count <= 70 && isFolder(given) ? given + "/motorpoint" : nil
    }

    private static func sharedFolder(_ user: uid_t) -> String { "/tmp/motorpoint-\(user)" }

    private static func owner(of path: String) -> uid_t? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.ownerAccountID] as? NSNumber).map { uid_t(truncating: $0) }
    }

    private static func isPrivate(_ folder: String, to user: uid_t) -> Bool {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: folder),
            attributes[.type] as? FileAttributeType == .typeDirectory,
            let mode = attributes[.posixPermissions] as? NSNumber
        else { return false }
        return owner(of: folder) == user && mode.intValue & 0o022 == 0
    }

    private static func socketName(dataFolder: String) -> String {
        let resolved = URL(fileURLWithPath: dataFolder).standardizedFileURL.resolvingSymlinksInPath().path
        // FNV-1a, 64 bit: a short name, not a secret.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in resolved.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return "\(String(hash, radix: 16)).sock"
    }
}

internal import Glibc

/// A file that appears whole or not at all, for this user alone: exports and reports hold what people told a
/// practitioner.
public struct PrivateFile: ~Copyable {
    public enum Problem: Error, Equatable, Sendable {
        /// Something of that name is there, and replacing it was not asked for.
        case exists(String)
        case disk(DiskError, String)
    }

    public let path: String
    private let aside: String
    private let file: LinuxFile
    private var length: Int64 = 0
    private var hasItsName = false

    /// - Parameter replacing: whether a file of that name may be replaced.
    public init(_ path: String, replacing: Bool) throws(Problem) {
        guard replacing || LinuxFile.fingerprint(path) == nil else { throw .exists(path) }
        let aside = LinuxFile.nameAside(path)
        let opened = try PrivateFile.open(aside, for: path)
        self.path = path
        self.aside = aside
        file = opened
    }

    private static func open(_ aside: String, for path: String) throws(Problem) -> LinuxFile {
        do {
            return try LinuxFile.makeAside(aside)
        } catch {
            throw .disk(error, path)
        }
    }

    /// What was not finished leaves nothing behind.
    deinit { if !hasItsName { try? LinuxFile.remove(aside) } }

    public mutating func append(_ text: String) throws(Problem) {
        let bytes = Array(text.utf8)
        do {
            try file.write(bytes, at: length)
        } catch {
            throw .disk(error, path)
        }
        length += Int64(bytes.count)
    }

    /// Makes it durable and gives it its name.
    public mutating func finish() throws(Problem) {
        do {
            try file.dataSync()
            try LinuxFile.rename(aside, to: path)
            hasItsName = true
        } catch {
            throw .disk(error, path)
        }
    }
}

/// The folder in which records are kept.
public struct DataFacts: Equatable, Sendable {
    public var folder: String
    public var exists: Bool
    /// Why a trial file could not be made, written, made durable (fsync) and removed there, or in the nearest folder
    /// above that exists; nothing when all of that worked.
    public var trialProblem: String?
    /// Bytes that this user may still write; nothing when the system does not tell.
    public var freeBytes: Int64?
    /// Such as "ext4"; nothing when it is not known.
    public var fileSystem: String?
    /// What a session needs.
    public var neededBytes: Int64

    public init(
        folder: String, exists: Bool, trialProblem: String?, freeBytes: Int64?, fileSystem: String?,
        neededBytes: Int64
    ) {
        self.folder = folder
        self.exists = exists
        self.trialProblem = trialProblem
        self.freeBytes = freeBytes
        self.fileSystem = fileSystem
        self.neededBytes = neededBytes
    }
}

public enum DataChecks {
    public static func findings(_ facts: DataFacts, user: UserFacts) -> [Finding] {
        [trial(facts, user), space(facts), fileSystem(facts)].compactMap { $0 }
    }

    private static func trial(_ facts: DataFacts, _ user: UserFacts) -> Finding {
        if let problem = facts.trialProblem {
            return .failure(
                .data, "\(facts.folder): a record could not be kept: \(problem). Without a record there is no session",
                type: "mkdir -p \(quoted(facts.folder)) && sudo chown \(user.name) \(quoted(facts.folder)), or name "
                    + "another with --data")
        }
        return .ok(
            .data,
            facts.exists
                ? "\(facts.folder): a file can be made, written, made durable (fsync) and removed"
                : "\(facts.folder) does not exist yet; the first session makes it, and there it can")
    }

    private static func space(_ facts: DataFacts) -> Finding? {
        guard let free = facts.freeBytes else { return nil }
        let text = "\(megabytes(free)) free, a session needs \(megabytes(facts.neededBytes))"
        let remedy = "df -h \(quoted(facts.folder)), then make room, or name another folder with --data"
        if free < facts.neededBytes { return .failure(.data, text, type: remedy) }
        // Four sessions' worth (proposal).
        if free < 4 * facts.neededBytes { return .warning(.data, text + ": soon full", type: remedy) }
        return .ok(.data, text)
    }

    private static func fileSystem(_ facts: DataFacts) -> Finding? {
        guard let kind = facts.fileSystem else { return nil }
        let elsewhere = "name a folder on a disk of this computer with --data or MOTORPOINT_DATA"
        switch kind {
        case "tmpfs", "ramfs":
            return .warning(.data, "file system \(kind): records are lost when the computer goes off", type: elsewhere)
        case "overlay", "squashfs":
            return .warning(.data, "file system \(kind): records go away with the container", type: elsewhere)
        case "nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "vboxsf", "virtiofs":
            return .warning(
                .data,
                "file system \(kind), over a network or from a host: a record may be late, which stops a session",
                type: elsewhere)
        case _ where kind.hasPrefix("fuse"), "vfat", "exfat":
            return .warning(
                .data, "file system \(kind): it may not keep what was made durable, nor who may read it",
                type: elsewhere)
        default: return .ok(.data, "file system \(kind)")
        }
    }

    static func megabytes(_ bytes: Int64) -> String {
        bytes >= 10 << 30 ? "\(bytes >> 30) GiB" : "\(bytes >> 20) MiB"
    }

    /// As a shell takes it for one word.
    static func quoted(_ path: String) -> String {
        let isPlain = path.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "/._-+~".utf8.contains(byte)
        }
        if isPlain, !path.isEmpty { return path }
        return "'" + path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}

/// The kernel's table of mounts.
public enum MountTable {
    /// The kind of file system that a path lies on, from the text of /proc/self/mountinfo.
    /// - Parameter path: absolute, without links.
    public static func fileSystem(of path: String, mountInfo: String) -> String? {
        var best: (length: Int, kind: String)?
        for line in mountInfo.split(separator: "\n") {
            // "36 35 98:0 /root /mount/point rw,noatime shared:1 - ext4 /dev/sda1 rw"
            let words = line.split(separator: " ")
            guard words.count > 6, let dash = words.firstIndex(of: "-"), dash + 1 < words.count else { continue }
            let point = unescaped(words[4])
            guard point == "/" || path == point || path.hasPrefix(point + "/") else { continue }
            // A later mount on the same place hides the earlier one.
            if point.utf8.count >= best?.length ?? 0 { best = (point.utf8.count, String(words[dash + 1])) }
        }
        return best?.kind
    }

    /// Spaces and the like stand there in octal: `\040`.
    private static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

internal import Glibc

/// An error number of the system with its words.
public struct DiskError: Error, Equatable, Sendable, CustomStringConvertible {
    public let number: Int32
    /// The call that failed, such as `fdatasync`.
    public let call: String

    public init(number: Int32, call: String) {
        self.number = number
        self.call = call
    }

    static func last(_ call: String) -> DiskError { DiskError(number: errno, call: call) }

    /// `No space left on device (ENOSPC in write)` as far as the name is known.
    public var description: String { "\(words) (\(call), error \(number))" }

    public var words: String {
        var buffer = [CChar](repeating: 0, count: 256)
        let outcome = unsafe buffer.withUnsafeMutableBufferPointer { area -> Int32 in
            guard let base = area.baseAddress else { return -1 }
            return unsafe strerror_r(number, base, area.count)
        }
        guard outcome == 0 else { return "error \(number)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// What kind of thing a path names.
enum FileKind: Equatable {
    case regular
    case directory
    case other(String)

    init(mode: mode_t) {
        switch mode & S_IFMT {
        case S_IFREG: self = .regular
        case S_IFDIR: self = .directory
        case S_IFIFO: self = .other("a named pipe")
        case S_IFCHR: self = .other("a character device")
        case S_IFBLK: self = .other("a block device")
        case S_IFSOCK: self = .other("a socket")
        default: self = .other("no file")
        }
    }
}

/// What tells one state of a file from another without reading it. Any write changes the second time, which no ordinary
/// user can set back.
struct FileFingerprint: Hashable, Sendable {
    let bytes: Int64
    let inode: UInt64
    /// When its content was last written, nanoseconds since 1970 UTC.
    let modifiedNanoseconds: Int64
    /// When anything about it last changed, nanoseconds since 1970 UTC.
    let changedNanoseconds: Int64
}

/// An open file descriptor with one owner. The few system calls that the paper needs, each with its error as a value;
/// interrupted calls are repeated, failed ones never.
struct LinuxFile: ~Copyable {
    let descriptor: Int32

    private init(owning descriptor: Int32) { self.descriptor = descriptor }

    deinit { _ = Glibc.close(descriptor) }

    /// Opens `path`. Never follows into a controlling terminal, never leaks into a child, never waits for a writer.
    static func open(_ path: String, _ flags: Int32, mode: mode_t = 0) throws(DiskError) -> LinuxFile {
        let all = flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK
        while true {
            let descriptor = unsafe Glibc.open(path, all, mode)
            if descriptor >= 0 { return LinuxFile(owning: descriptor) }
            if errno != EINTR { throw .last("open") }
        }
    }

    /// A name for what is not finished yet, beside the file whose name it takes when it is whole. Drawn anew each time:
    /// the half of a process that died must not stand in a later one's way, nor be taken for that of one that lives.
    static func nameAside(_ path: String) -> String {
        path + halfMark + String(UInt64.random(in: UInt64.min...UInt64.max), radix: 16)
    }

    private static let halfMark = ".part-"

    /// Whether a name is that of a half: left behind by a death, it says nothing.
    static func isHalf(_ name: String) -> Bool {
        guard let mark = name.ranges(of: halfMark).last else { return false }
        let tail = name[mark.upperBound...]
        return !tail.isEmpty && tail.count <= 16 && tail.allSatisfy { $0.isHexDigit }
    }

    /// The new file of such a name.
    static func makeAside(_ name: String) throws(DiskError) -> LinuxFile {
        try open(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
    }

    /// Kind and length in bytes.
    func status() throws(DiskError) -> (kind: FileKind, bytes: Int64) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .last("fstat") }
        return (FileKind(mode: status.st_mode), Int64(status.st_size))
    }

    /// Everything from the start, or the first `limit` bytes of it.
    func readAll(limit: Int) throws(DiskError) -> [UInt8] { try read(at: 0, limit: limit) }

    /// From `offset` to the end, or the first `limit` bytes of that.
    func read(at offset: Int64, limit: Int) throws(DiskError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(65_536, max(limit, 1)))
        while bytes.count < limit {
            let wanted = min(chunk.count, limit - bytes.count)
            let from = off_t(offset) + off_t(bytes.count)
            let got = unsafe chunk.withUnsafeMutableBytes { area in
                unsafe pread(descriptor, area.baseAddress, wanted, from)
            }
            if got < 0 {
                if errno == EINTR { continue }
                throw .last("read")
            }
            if got == 0 { break }
            bytes.append(contentsOf: chunk[..<got])
        }
        return bytes
    }

    /// Writes all of `bytes` at `offset`; a short write goes on where it stopped, an error ends it.
    func write(_ bytes: [UInt8], at offset: Int64) throws(DiskError) {
        var done = 0
        while done < bytes.count {
            let put = unsafe bytes.withUnsafeBytes { area in
                unsafe pwrite(
                    descriptor, area.baseAddress.map { unsafe $0 + done }, bytes.count - done,
                    off_t(offset) + off_t(done))
            }
            if put < 0 {
                if errno == EINTR { continue }
                throw .last("write")
            }
            // A file that takes nothing without an error will not take more by asking again.
            if put == 0 { throw DiskError(number: ENOSPC, call: "write") }
            done += put
        }
    }

    /// Makes the written data durable. Called once: after a failure the kernel may forget what was not written, so that
    /// a second call would report a success that never was.
    func dataSync() throws(DiskError) {
        guard fdatasync(descriptor) == 0 else { throw .last("fdatasync") }
    }

    /// Makes everything about this file or folder durable.
    func sync() throws(DiskError) {
        guard fsync(descriptor) == 0 else { throw .last("fsync") }
    }

    func truncate(to bytes: Int64) throws(DiskError) {
        guard ftruncate(descriptor, off_t(bytes)) == 0 else { throw .last("ftruncate") }
    }

    /// Takes the advisory lock for itself; false if someone else holds it for longer than that. Released when the file
    /// is closed or its process ends, however it ends.
    func lock(waitingAtMostMilliseconds patience: Int32) throws(DiskError) -> Bool {
        let step: Int32 = 2
        var waited: Int32 = 0
        while true {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            guard errno == EWOULDBLOCK || errno == EINTR else { throw .last("flock") }
            guard waited < patience else { return false }
            _ = poll(nil, 0, step)
            waited += step
        }
    }

    /// Whether someone holds the lock for himself. Asking disturbs a writer for some microseconds only.
    func isLockedByAnother() throws(DiskError) -> Bool {
        if flock(descriptor, LOCK_SH | LOCK_NB) == 0 {
            _ = flock(descriptor, LOCK_UN)
            return false
        }
        guard errno == EWOULDBLOCK else { throw .last("flock") }
        return true
    }

    /// Free bytes for an ordinary user on this file's file system.
    func freeBytes() throws(DiskError) -> Int64 {
        var status = statvfs()
        guard unsafe fstatvfs(descriptor, &status) == 0 else { throw .last("fstatvfs") }
        return Int64(
            clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
    }

    /// Makes the folder of `path`'s entries durable.
    static func syncFolder(_ path: String) throws(DiskError) {
        let folder = try open(path, O_RDONLY | O_DIRECTORY)
        try folder.sync()
    }

    /// Makes `path` and whatever folders lead to it, for this user alone. Folders that are there stay as they are.
    static func makeFolders(_ path: String) throws(DiskError) {
        if isFolder(path) { return }
        let parent = parentFolder(path)
        if parent != path { try makeFolders(parent) }
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .last("mkdir") }
        guard isFolder(path) else { throw DiskError(number: ENOTDIR, call: "mkdir") }
        try syncFolder(parent)
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && FileKind(mode: status.st_mode) == .directory
    }

    /// Of the file itself, links not followed; nothing if there is none, or it cannot be looked at.
    static func fingerprint(_ path: String) -> FileFingerprint? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        func nanoseconds(_ time: timespec) -> Int64 { Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec) }
        return FileFingerprint(
            bytes: Int64(status.st_size), inode: UInt64(status.st_ino),
            modifiedNanoseconds: nanoseconds(status.st_mtim), changedNanoseconds: nanoseconds(status.st_ctim))
    }

    /// For this user alone, whatever it was.
    func makePrivate() throws(DiskError) {
        guard fchmod(descriptor, 0o600) == 0 else { throw .last("fchmod") }
    }

    /// Puts a file into the place of another, which is gone then.
    static func rename(_ path: String, to other: String) throws(DiskError) {
        guard unsafe Glibc.rename(path, other) == 0 else { throw .last("rename") }
    }

    static func remove(_ path: String) throws(DiskError) {
        guard unsafe unlink(path) == 0 else { throw .last("unlink") }
    }

    private static func parentFolder(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Nanoseconds since 1970 UTC: for `WallClock` alone.
    static func calendarNanoseconds() -> Int64 {
        var now = timespec()
        guard unsafe clock_gettime(CLOCK_REALTIME, &now) == 0 else { return 0 }
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    }
}

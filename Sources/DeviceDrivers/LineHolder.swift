internal import CLinuxIO

/// The program that holds a serial line.
public struct LineHolder: Equatable, Hashable, Sendable, CustomStringConvertible {
    public let process: Int32

    /// The program's own name as the kernel knows it, cut to 15 characters; empty when it is hidden.
    public let command: String

    public init(process: Int32, command: String) {
        self.process = process
        self.command = command
    }

    /// Whoever holds the `flock` on that path according to /proc/locks; nil when nobody does, or when the holder is
    /// not visible from here (another container).
    public init?(ofLockOn path: String) {
        guard let table = SystemFile.text("/proc/locks") else { return nil }
        self.init(ofLockOn: path, lockTable: table)
    }

    init?(ofLockOn path: String, lockTable: String) {
        var device: UInt64 = 0
        var inode: UInt64 = 0
        guard unsafe mp_path_identity(path, &device, &inode) >= 0 else { return nil }
        let wanted = (mp_device_major(device), mp_device_minor(device), inode)
        for line in lockTable.split(separator: "\n") {
            // "12: FLOCK  ADVISORY  WRITE 4242 00:1b:10 0 EOF"; device in hexadecimal, inode in decimal.
            let words = line.split(separator: " ")
            guard words.count >= 6, words[1] == "FLOCK", let process = Int32(words[4]), process > 0 else { continue }
            let place = words[5].split(separator: ":")
            guard place.count == 3, let major = Int32(place[0], radix: 16), let minor = Int32(place[1], radix: 16),
                let number = UInt64(place[2]), (major, minor, number) == wanted
            else { continue }
            self.init(process: process, command: SystemFile.text("/proc/\(process)/comm") ?? "")
            return
        }
        return nil
    }

    public var description: String { "\(command.isEmpty ? "a program" : command) (process \(process))" }
}

/// A serial device as it was found without opening it.
public struct SerialFacts: Equatable, Sendable {
    public enum State: Equatable, Sendable {
        case free
        /// Another program holds its exclusive lock, such as "motorpoint (process 4242)".
        case held(by: String)
        case notPermitted
        case absent
        /// The path leads to something else.
        case notALine
    }

    /// The name that stays when the device is plugged in again.
    public var path: String
    /// What that leads to now.
    public var device: String
    /// Vendor, product, name and serial number; nothing for a line that is no USB device.
    public var usb: String?
    /// The group that owns it, such as "dialout".
    public var group: String
    public var state: State

    public init(path: String, device: String, usb: String?, group: String, state: State) {
        self.path = path
        self.device = device
        self.usb = usb
        self.group = group
        self.state = state
    }
}

/// Who is asking.
public struct UserFacts: Equatable, Sendable {
    public var name: String
    public var isRoot: Bool
    /// Groups of this process, by name.
    public var groups: [String]
    /// Groups that the group file gives this user; they count from the next login.
    public var groupsAtNextLogin: [String]

    public init(name: String, isRoot: Bool, groups: [String], groupsAtNextLogin: [String]) {
        self.name = name
        self.isRoot = isRoot
        self.groups = groups
        self.groupsAtNextLogin = groupsAtNextLogin
    }
}

public enum SerialChecks {
    /// Programs that open every new serial line and talk to it, by the name that the kernel knows.
    public static let meddlers = ["ModemManager", "brltty"]

    public static func findings(
        _ devices: [SerialFacts], user: UserFacts, runningMeddlers: [String]
    ) -> [Finding] {
        var found = devices.map { finding($0, user) }
        if devices.isEmpty {
            found.append(
                .warning(
                    .serialLines, "no serial device is connected: there is no stimulator to run a session on",
                    type: "connect its USB cable and switch it on, then: motorpoint devices"))
        }
        if !user.isRoot, !user.groups.contains("dialout"), !devices.contains(where: { $0.state == .notPermitted }) {
            found.append(groupMissing("dialout", user, verdict: Finding.warning))
        }
        for name in runningMeddlers.sorted() {
            found.append(
                .warning(
                    .serialLines,
                    "\(name) is running: it opens new serial lines and writes to them, a stimulator's too",
                    type: "sudo systemctl disable --now \(name), or tell it by a udev rule to leave the device alone"))
        }
        return found
    }

    private static func finding(_ device: SerialFacts, _ user: UserFacts) -> Finding {
        var name = device.path
        if device.device != device.path { name += " → \(device.device)" }
        if let usb = device.usb { name += ", USB \(usb)" }
        switch device.state {
        case .free: return .ok(.serialLines, "\(name), free")
        case .held(let holder):
            return .warning(
                .serialLines, "\(name) is held by \(holder): nobody else can use it",
                type: "motorpoint stop, if that is a session; else end that program")
        case .notPermitted: return groupMissing(device.group, user, on: name, verdict: Finding.failure)
        case .absent:
            return .failure(
                .serialLines, "\(name) is not there", type: "motorpoint devices, which lists what is connected")
        case .notALine:
            return .failure(
                .serialLines, "\(name) is no serial line", type: "motorpoint devices, and name one of those")
        }
    }

    private static func groupMissing(
        _ group: String, _ user: UserFacts, on device: String? = nil,
        verdict: (Finding.Area, String, String) -> Finding
    ) -> Finding {
        let head = device.map { "\($0): \(user.name) may not open it" } ?? "\(user.name) may not open serial lines"
        if user.groupsAtNextLogin.contains(group) {
            return verdict(
                .serialLines, "\(head): the group \(group) was given after this login", "log out and in again")
        }
        return verdict(
            .serialLines, "\(head): not in the group \(group)",
            "sudo usermod --append --groups \(group) \(user.name), then log out and in again")
    }
}

/// The group file and the kernel's list of a process's groups.
public enum GroupTable {
    /// Names of the groups whose numbers stand in the `Groups:` and `Gid:` lines of /proc/self/status.
    public static func names(inStatus status: String, groupFile: String) -> [String] {
        var numbers: Set<Substring> = []
        for line in status.split(separator: "\n") where line.hasPrefix("Groups:") || line.hasPrefix("Gid:") {
            numbers.formUnion(line.split(whereSeparator: { " \t".contains($0) }).dropFirst())
        }
        return rows(groupFile).filter { numbers.contains($0.number) }.map { String($0.name) }
    }

    /// Names of the groups that list a user.
    public static func names(listing user: String, groupFile: String) -> [String] {
        rows(groupFile).filter { $0.members.contains(Substring(user)) }.map { String($0.name) }
    }

    private static func rows(_ text: String) -> [(name: Substring, number: Substring, members: [Substring])] {
        // "dialout:x:20:anna,bert"
        text.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: ":", omittingEmptySubsequences: false)
            return parts.count < 4 ? nil : (parts[0], parts[2], parts[3].split(separator: ","))
        }
    }
}

internal import CLinuxIO

/// A serial line that could be opened, as found without opening any: opening one raises its DTR, which some devices
/// take as a reset.
public struct SerialDevice: Equatable, Sendable {
    /// The most stable name that leads to it: what to write into a rig file.
    public let path: String

    /// What the path leads to now.
    public let device: String

    public let kind: Kind
    public let state: State

    /// What a USB device says of itself; nil for others.
    public let usb: USBIdentity?

    public enum Kind: Equatable, Sendable {
        /// A pseudo-terminal, so a simulated device.
        case simulated
        /// A real serial line.
        case real
        /// Something else: a wrong path.
        case notALine
    }

    public enum State: Equatable, Sendable {
        case free
        case inUse(LineHolder)
        case notPermitted
        case absent
    }

    /// Identity of a USB device from its descriptors, as the kernel read them.
    public struct USBIdentity: Equatable, Sendable {
        /// Four hexadecimal digits each, such as "0483" and "5740".
        public let vendor: String
        public let product: String
        /// Empty where the device gives none.
        public let serialNumber: String
        public let name: String
    }

    /// Every `ttyACM*` and everything under `serial/by-id`, one entry per device under its most stable name, then the
    /// paths given, also those that lead nowhere.
    public static func list(given paths: [String] = [], in devices: String = "/dev") -> [SerialDevice] {
        var found: [SerialDevice] = []
        let byIdentity = SystemFile.names(in: "\(devices)/serial/by-id").map { "\(devices)/serial/by-id/\($0)" }
        let byNumber = SystemFile.names(in: devices).filter { $0.hasPrefix("ttyACM") }.map { "\(devices)/\($0)" }
        for path in byIdentity + byNumber + paths {
            let device = SerialDevice(at: path)
            if device.state != .absent, found.contains(where: { $0.device == device.device }) { continue }
            found.append(device)
        }
        return found
    }

    /// What is known of one path without opening it.
    public init(at path: String) {
        self.path = path
        guard let device = try? SystemFile.resolved(path) else {
            self.device = path
            kind = .notALine
            state = .absent
            usb = nil
            return
        }
        self.device = device
        switch unsafe mp_path_kind(device) {
        case Int32(MP_PATH_PSEUDO_TERMINAL): kind = .simulated
        case Int32(MP_PATH_TERMINAL): kind = .real
        default: kind = .notALine
        }
        if let holder = LineHolder(ofLockOn: device) {
            state = .inUse(holder)
        } else {
            state = unsafe mp_may_read_and_write(device) < 0 ? .notPermitted : .free
        }
        usb = kind == .real ? USBIdentity(ofTerminal: device) : nil
    }
}

extension SerialDevice.USBIdentity {
    /// From /sys: the interface's parent is the device with the descriptors.
    init?(ofTerminal device: String) {
        guard let name = device.split(separator: "/").last else { return nil }
        let folder = "/sys/class/tty/\(name)/device/.."
        guard let vendor = SystemFile.text("\(folder)/idVendor"), let product = SystemFile.text("\(folder)/idProduct")
        else { return nil }
        self.vendor = vendor
        self.product = product
        serialNumber = SystemFile.text("\(folder)/serial") ?? ""
        self.name = SystemFile.text("\(folder)/product") ?? ""
    }
}

internal import CLinuxIO
internal import CSerialPort

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

    /// The lines of a USB device: by its vendor and product numbers, four hexadecimal digits each in either case, and
    /// by its serial number where one is given. Several when several such devices are connected.
    public static func find(
        vendor: String, product: String, serialNumber: String? = nil, in devices: String = "/dev"
    ) -> [SerialDevice] {
        list(in: devices).filter { device in
            guard let usb = device.usb else { return false }
            return usb.vendor == vendor.lowercased() && usb.product == product.lowercased()
                && (serialNumber == nil || usb.serialNumber == serialNumber)
        }
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
    /// From its descriptors, as libserialport finds them in the kernel's own lists. The line is not opened.
    init?(ofTerminal device: String) {
        var found = mp_serial_identity()
        guard unsafe mp_serial_look_up(device, &found) == 0 else { return nil }
        vendor = Self.fourDigits(found.vendor)
        product = Self.fourDigits(found.product)
        serialNumber = Self.text(found.serial_number)
        name = Self.text(found.name)
    }

    /// What the vendor and product numbers are worth; empty where nothing is known of them. Never proof of a device:
    /// only its answers are.
    public var remark: String {
        switch (vendor, product) {
        case ("0483", "5740"): return "the P24's numbers, which many devices with that maker's chips bear"
        case ("2341", "003e"), ("2a03", "003e"): return "the Pulse Pal's numbers, the same as every Arduino Due"
        default: return ""
        }
    }

    private static func fourDigits(_ number: Int32) -> String {
        let digits = String(UInt16(truncatingIfNeeded: number), radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// Zero-terminated text in an array of C.
    private static func text<Characters>(_ characters: Characters) -> String {
        unsafe withUnsafeBytes(of: characters) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}

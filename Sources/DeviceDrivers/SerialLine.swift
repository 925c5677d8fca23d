public import ByteStreams
internal import CLinuxIO
internal import CSerialPort

/// What a serial line is made of. Each kind is opened in its own way, behind the one door `SerialLine(opening:)`.
public enum SerialLineKind: Equatable, Sendable {
    /// The slave of a pseudo-terminal: a simulated device. Opened with termios.
    case pseudoTerminal
    /// A line that the kernel's drivers made of a device. Looked up, opened and set up with libserialport, which then
    /// has no further part in it: it cannot tell a silent device from one that was pulled out.
    case real
}

/// How fast a line runs. Only the speeds of devices that are driven exist: 1,200 baud, which restarts an Arduino-like
/// device into its boot loader, cannot be written down. Always 8 data bits, no parity, no flow control.
public struct SerialSettings: Equatable, Sendable {
    /// Bits per second. It means nothing on a pseudo-terminal and little on USB.
    public let baud: Int32
    public let hasTwoStopBits: Bool

    private init(baud: Int32, hasTwoStopBits: Bool) {
        self.baud = baud
        self.hasTwoStopBits = hasTwoStopBits
    }

    /// 3,000,000 baud, 2 stop bits: what the P24's manual asks for (`sciencemode4`).
    public static let p24 = SerialSettings(baud: 3_000_000, hasTwoStopBits: true)
    /// 115,200 baud, 1 stop bit (`pulsepal`).
    public static let pulsePal = SerialSettings(baud: 115_200, hasTwoStopBits: false)
    /// 9,600 baud, 1 stop bit: what bench instruments are set to when they leave the factory.
    public static let instrument = SerialSettings(baud: 9_600, hasTwoStopBits: false)
}

/// A serial line that this process alone holds, set to raw bytes.
///
/// The lock is an `flock`, which the kernel drops with its holder, so that a killed host never locks out the next one.
/// A real line is also marked with TIOCEXCL, for programs that know no locks. On a pseudo-terminal that mark outlives
/// the program that set it for as long as the master is open (seen), and would keep the next start out.
///
/// HUPCL is on: when the last descriptor closes, also by death, the kernel drops DTR, which tells a USB device that its
/// host is gone. What a device makes of that is its own affair; no stop relies on it. A pseudo-terminal has no DTR.
public struct SerialLine: ~Copyable, Sendable {
    /// The bytes.
    public var stream: ByteStream

    /// The path as it was asked for: a stable name that survives a renumbering.
    public let path: String

    /// What that path led to when it was opened, such as "/dev/pts/7".
    public let device: String

    /// How it was opened.
    public let kind: SerialLineKind

    /// What the device said of itself when the line was opened; nil for a line that is no USB device. A stable path may
    /// lead to another device after a replug: compare.
    public let usb: SerialDevice.USBIdentity?

    /// Opens, locks, sets up and empties the line. Nothing is sent.
    public init(opening path: String, settings: SerialSettings = .p24) throws(SerialLineError) {
        let device = try Self.resolve(path)
        let kind = try Self.kind(of: device, askedFor: path)
        let opened =
            kind == .real
            ? try Self.openReal(device, settings, askedFor: path)
            : try Self.openPseudoTerminal(device, settings, askedFor: path)
        stream = opened
        usb = kind == .real ? SerialDevice.USBIdentity(ofTerminal: device) : nil
        self.kind = kind
        self.path = path
        self.device = device
    }

    private static func kind(
        of device: String, askedFor path: String
    ) throws(SerialLineError) -> SerialLineKind {
        switch unsafe mp_path_kind(device) {
        case Int32(MP_PATH_PSEUDO_TERMINAL): return .pseudoTerminal
        case Int32(MP_PATH_TERMINAL): return .real
        case Int32(MP_PATH_OTHER): throw .notATerminal(path: path)
        case let failure: throw error(-failure, path: path, attempt: "look at \(device)")
        }
    }

    private static func openPseudoTerminal(
        _ device: String, _ settings: SerialSettings, askedFor path: String
    ) throws(SerialLineError) -> ByteStream {
        let stream = try openAndLock(device, askedFor: path)
        try setUp(stream.descriptor, settings, device: device, askedFor: path)
        return stream
    }

    private static func openReal(
        _ device: String, _ settings: SerialSettings, askedFor path: String
    ) throws(SerialLineError) -> ByteStream {
        // The library sets the line up as it opens it, before anyone could ask for a lock: whoever holds the line now
        // must be found before, and this opening stays until the end so that DTR does not fall in between.
        let first = try openAndLock(device, askedFor: path)
        // A newer library takes the same lock by itself.
        _ = mp_unlock(first.descriptor)
        let descriptor = unsafe mp_serial_open(device, settings.baud, settings.hasTwoStopBits ? 1 : 0)
        if descriptor == -Int32(MP_EAGAIN) { throw .busy(path: path, holder: LineHolder(ofLockOn: device)) }
        if descriptor < 0 { throw Self.error(-descriptor, path: path, attempt: "set up \(device)") }
        let stream: ByteStream
        do {
            stream = try ByteStream(owning: descriptor)
        } catch {
            throw Self.error(error.code, path: path, attempt: "set up \(device)")
        }
        try lock(stream.descriptor, device: device, askedFor: path)
        let mark = mp_line_exclude_others(stream.descriptor)
        if mark < 0 { throw Self.error(-mark, path: path, attempt: "mark \(device) as taken") }
        // What the library leaves differently: a read that finds nothing must not look like the end of the line.
        try setUp(stream.descriptor, settings, device: device, askedFor: path)
        return stream
    }

    private static func openAndLock(_ device: String, askedFor path: String) throws(SerialLineError) -> ByteStream {
        let stream: ByteStream
        do {
            stream = try ByteStream(path: device, for: .both)
        } catch {
            throw Self.error(error.code, path: path, attempt: "open \(device)")
        }
        guard mp_is_terminal(stream.descriptor) == 1 else { throw .notATerminal(path: path) }
        try lock(stream.descriptor, device: device, askedFor: path)
        return stream
    }

    private static func lock(
        _ descriptor: Int32, device: String, askedFor path: String
    ) throws(SerialLineError) {
        let lock = mp_lock_exclusively(descriptor)
        if lock == -Int32(MP_EAGAIN) { throw .busy(path: path, holder: LineHolder(ofLockOn: device)) }
        if lock < 0 { throw Self.error(-lock, path: path, attempt: "lock \(device)") }
    }

    private static func setUp(
        _ descriptor: Int32, _ settings: SerialSettings, device: String, askedFor path: String
    ) throws(SerialLineError) {
        let setUp = mp_line_make_raw(descriptor, settings.baud, settings.hasTwoStopBits ? 1 : 0, 1)
        if setUp < 0 { throw Self.error(-setUp, path: path, attempt: "set up \(device)") }
        // Answers to an earlier host would be read as answers to this one.
        let flush = mp_line_flush_input(descriptor)
        if flush < 0 { throw Self.error(-flush, path: path, attempt: "empty \(device)") }
    }

    private static func resolve(_ path: String) throws(SerialLineError) -> String {
        do {
            return try SystemFile.resolved(path)
        } catch {
            throw Self.error(error.code, path: path, attempt: "find \(path)")
        }
    }

    private static func error(_ code: Int32, path: String, attempt: String) -> SerialLineError {
        switch code {
        case Int32(MP_ENOENT), Int32(MP_ENOTDIR), Int32(MP_ENODEV), Int32(MP_ENXIO): .notFound(path: path)
        case Int32(MP_EACCES), Int32(MP_EPERM): .permissionDenied(path: path)
        case Int32(MP_EBUSY): .busy(path: path, holder: LineHolder(ofLockOn: path))
        case Int32(MP_ENOTTY): .notATerminal(path: path)
        default: .failed(path: path, SystemError(code: code, attempt: attempt))
        }
    }
}

/// Why a serial line could not be had, and what to do about it. Nothing was sent to any device.
public enum SerialLineError: Error, Equatable, Sendable, CustomStringConvertible {
    case notFound(path: String)
    case permissionDenied(path: String)
    /// Another program holds it; which one, where the system tells.
    case busy(path: String, holder: LineHolder?)
    case notATerminal(path: String)
    case failed(path: String, SystemError)

    public var description: String {
        switch self {
        case .notFound(let path):
            "no device at \(path): connect it and switch it on, or name another path in the rig file; "
                + "`motorpoint devices` lists what is there"
        case .permissionDenied(let path):
            "this user may not open \(path): join the group that owns it (`sudo usermod -aG dialout $USER`, then log "
                + "in again); do not run as root for this"
        case .busy(let path, let holder):
            "\(path) is in use by \(holder?.description ?? "another program"): only one program may drive a "
                + "stimulator; end that one first"
        case .notATerminal(let path):
            "\(path) is not a serial line: check the path in the rig file"
        case .failed(let path, let error):
            "\(path) could not be used: \(error); unplug the device, plug it in again and retry"
        }
    }
}

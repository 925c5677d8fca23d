public import ByteStreams
internal import CLinuxIO

/// What a serial line is made of. Each kind is opened in its own way, behind the one door `SerialLine(opening:)`.
public enum SerialLineKind: Equatable, Sendable {
    /// The slave of a pseudo-terminal: a simulated device. Opened with termios.
    case pseudoTerminal
}

/// A serial line that this process alone holds, set to raw bytes.
///
/// The lock is an `flock`, which the kernel drops with its holder, so that a killed host never locks out the next one.
/// TIOCEXCL is not used on a pseudo-terminal: its mark outlives the program that set it for as long as the master is
/// open (seen), and would keep the next start out.
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

    /// 3,000,000 baud, 8 data bits, no parity, 2 stop bits: what the P24's manual asks for (`sciencemode4`). It means
    /// nothing on a pseudo-terminal and little on USB.
    static let baud: Int32 = 3_000_000

    /// Opens, locks, sets up and empties the line. Nothing is sent.
    public init(opening path: String) throws(SerialLineError) {
        let device = try Self.resolve(path)
        switch unsafe mp_path_kind(device) {
        case Int32(MP_PATH_PSEUDO_TERMINAL): break
        case Int32(MP_PATH_TERMINAL): throw .notSupported(path: path)
        case Int32(MP_PATH_OTHER): throw .notATerminal(path: path)
        case let failure: throw Self.error(-failure, path: path, attempt: "look at \(device)")
        }
        stream = try Self.openPseudoTerminal(device, askedFor: path)
        kind = .pseudoTerminal
        self.path = path
        self.device = device
    }

    private static func openPseudoTerminal(
        _ device: String, askedFor path: String
    ) throws(SerialLineError) -> ByteStream {
        let stream: ByteStream
        do {
            stream = try ByteStream(path: device, for: .both)
        } catch {
            throw Self.error(error.code, path: path, attempt: "open \(device)")
        }
        let descriptor = stream.descriptor
        guard mp_is_terminal(descriptor) == 1 else { throw .notATerminal(path: path) }
        let lock = mp_lock_exclusively(descriptor)
        if lock == -Int32(MP_EAGAIN) { throw .busy(path: path, holder: LineHolder(ofLockOn: device)) }
        if lock < 0 { throw Self.error(-lock, path: path, attempt: "lock \(device)") }
        let setUp = mp_line_make_raw(descriptor, baud, 1, 1)
        if setUp < 0 { throw Self.error(-setUp, path: path, attempt: "set up \(device)") }
        // Answers to an earlier host would be read as answers to this one.
        let flush = mp_line_flush_input(descriptor)
        if flush < 0 { throw Self.error(-flush, path: path, attempt: "empty \(device)") }
        return stream
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
        case Int32(MP_EBUSY): .busy(path: path, holder: nil)
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
    /// A real serial line: only simulated devices are driven by this version.
    case notSupported(path: String)
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
        case .notSupported(let path):
            "\(path) is a real serial line, which this version does not drive: it is proven with simulated devices "
                + "only; use motorpoint-sim"
        case .failed(let path, let error):
            "\(path) could not be used: \(error); unplug the device, plug it in again and retry"
        }
    }
}

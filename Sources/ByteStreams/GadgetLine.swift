internal import CLinuxIO

/// The device's end of a USB serial line, which the kernel's gadget driver makes: what the pretend rig speaks on where
/// a real driver is at the host's end. Opens nothing but such an end: no real device can be reached by it.
public struct GadgetLine: ~Copyable, Sendable {
    /// What is read here, the host wrote; what is written here, it reads.
    public var stream: ByteStream
    public let path: String

    /// EINVAL for any path but "/dev/ttyGS" with a number.
    public init(path: String) throws(SystemError) {
        let start = "/dev/ttyGS"
        guard path.hasPrefix(start), !path.dropFirst(start.count).isEmpty,
            path.dropFirst(start.count).allSatisfy({ ("0"..."9").contains($0) })
        else { throw SystemError(code: Int32(MP_EINVAL), attempt: "take \(path) for the device's end of a USB line") }
        let opened = try ByteStream(path: path, for: .both)
        _ = try SystemError.check(mp_line_make_raw(opened.descriptor, 115_200, 0, 0), "make \(path) raw")
        stream = opened
        self.path = path
    }
}

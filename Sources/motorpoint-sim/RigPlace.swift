import ByteStreams

/// Where the pretended device appears to a host, and how it comes and goes.
enum RigPlace {
    /// A pseudo-terminal, new each time, under a symlink that stays.
    case terminal(StableLink)
    /// The far end of the kernel's own USB drivers, on the virtual bench.
    case gadget(USBGadget)

    /// For messages.
    var name: String {
        switch self {
        case .terminal(let link): return link.path
        case .gadget(let gadget): return gadget.folder
        }
    }

    /// Plugs the device in.
    func appear() throws -> RigLine {
        switch self {
        case .terminal(let link):
            let made = try RigLine()
            try link.point(to: made.path)
            return made
        case .gadget(let gadget):
            // First the far end, so that no byte of a quick host is lost.
            let made = try RigLine(gadget: gadget.line)
            try gadget.plug()
            return made
        }
    }

    /// Pulls the device out. The line's own end is closed after that.
    func vanish(from path: String) {
        switch self {
        case .terminal(let link): link.remove(pointingTo: path)
        case .gadget(let gadget): gadget.unplug()
        }
    }
}

/// A USB device that the kernel pretends on a bus of its own (configfs and dummy_hcd): one file plugs it in and out.
struct USBGadget {
    /// Such as "/sys/kernel/config/usb_gadget/g1".
    let folder: String
    /// Its end of the serial line, such as "/dev/ttyGS0".
    let line: String
    /// What it is plugged into, such as "dummy_udc.0".
    let controller: String

    func plug() throws(SystemError) { try write(controller) }

    /// Fails only where it was not plugged in, which is what is wanted.
    func unplug() { try? write("") }

    private func write(_ name: String) throws(SystemError) {
        let path = "\(folder)/UDC"
        var file = try ByteStream(path: path, for: .writing)
        let bytes = Array("\(name)\n".utf8)
        if case .gone(let code) = file.write(bytes.span) {
            throw SystemError(code: code, attempt: "write \(name.isEmpty ? "nothing" : name) to \(path)")
        }
    }
}

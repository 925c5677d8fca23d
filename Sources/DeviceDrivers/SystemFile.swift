internal import ByteStreams
internal import CLinuxIO

/// Small files in which the kernel tells things: /proc, /sys.
enum SystemFile {
    /// The text of a small file without its last line end; nil when it cannot be read.
    static func text(_ path: String) -> String? {
        guard let stream = try? ByteStream(path: path, for: .reading) else { return nil }
        var file = stream
        var text: [UInt8] = []
        var block = InlineArray<4096, UInt8>(repeating: 0)
        while text.count < 1 << 20 {
            var span = block.mutableSpan
            guard case .bytes(let count) = file.read(into: &span) else { break }
            for index in 0..<count { text.append(block[index]) }
        }
        if text.last == 10 { text.removeLast() }
        return String(decoding: text, as: UTF8.self)
    }

    /// The path with every symbolic link followed.
    static func resolved(_ path: String) throws(SystemError) -> String {
        try unsafe filled("find \(path)") { buffer, size in unsafe mp_resolve_path(path, buffer, size) }
    }

    /// What a symbolic link says.
    static func link(_ path: String) -> String? {
        try? unsafe filled("read the link \(path)") { buffer, size in unsafe mp_read_link(path, buffer, size) }
    }

    /// The names in a directory, sorted; none when it cannot be read.
    static func names(in path: String) -> [String] {
        guard let directory = unsafe mp_directory_open(path) else { return [] }
        defer { unsafe mp_directory_close(directory) }
        var names: [String] = []
        while true {
            let next = try? unsafe filled("list \(path)") { buffer, size in
                unsafe mp_directory_next(directory, buffer, size)
            }
            guard let name = next, !name.isEmpty else { break }
            names.append(name)
        }
        return names.sorted()
    }

    private static func filled(
        _ attempt: @autoclosure () -> String, _ fill: (UnsafeMutablePointer<CChar>, Int) -> Int32
    ) throws(SystemError) -> String {
        var result: Int32 = 0
        let text = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer -> String in
            guard let base = buffer.baseAddress else { return "" }
            unsafe base.initialize(repeating: 0, count: buffer.count)
            result = unsafe fill(base, buffer.count)
            return result > 0 ? unsafe String(cString: base) : ""
        }
        guard result >= 0 else { throw SystemError(code: -result, attempt: attempt()) }
        return text
    }
}

internal import CLinuxIO

/// The libraries of this system, for `doctor`: what is linked need not be what is installed.
public enum SystemLibrary {
    /// What a library says of its version; nothing when it cannot be loaded or has no such function.
    /// - Parameters:
    ///   - library: its file name, such as "libsodium.so.23".
    ///   - function: one that takes nothing and returns text, such as "sodium_version_string".
    public static func version(of library: String, function: String) -> String? {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer -> String? in
            guard let base = buffer.baseAddress else { return nil }
            unsafe base.initialize(repeating: 0, count: buffer.count)
            guard unsafe mp_library_text(library, function, base, buffer.count) > 0 else { return nil }
            return unsafe String(cString: base)
        }
    }
}

internal import CLinuxIO

/// The system refused a call. The error number is kept, so that callers can decide by it and people can look it up.
public struct SystemError: Error, Equatable, Hashable, Sendable, CustomStringConvertible {
    /// The positive error number of <errno.h>.
    public let code: Int32

    /// What was being done, as it would follow "cannot": "open /dev/ttyACM0".
    public let attempt: String

    public init(code: Int32, attempt: String) {
        self.code = code
        self.attempt = attempt
    }

    /// The symbolic name, such as "EBUSY".
    public var name: String { Self.name(of: code) }

    /// "cannot open /dev/ttyACM0: Device or resource busy (EBUSY)"
    public var description: String { "cannot \(attempt): \(Self.text(of: code)) (\(name))" }

    /// The symbolic name of an error number, such as "EIO".
    public static func name(of code: Int32) -> String { unsafe String(cString: mp_error_name(code)) }

    /// What the system says an error number means, such as "Input/output error".
    public static func text(of code: Int32) -> String { unsafe String(cString: mp_error_text(code)) }

    /// Turns the house's C convention (the negated error number on failure) into a throw.
    static func check(_ result: Int32, _ attempt: @autoclosure () -> String) throws(SystemError) -> Int32 {
        guard result < 0 else { return result }
        throw SystemError(code: -result, attempt: attempt())
    }
}

/// One line of what happened.
public struct LogLine: Equatable, Sendable {
    /// Milliseconds since the loop began.
    public let stamp: Int64
    public let text: String
    public let style: Style

    public var stamped: String { "\(SessionText.stamp(stamp))  \(text)" }
}

/// What happened lately. A line that says again what the last one said is not told again: a held key is one line, not
/// thirty a second.
public struct EventLog: Sendable {
    public private(set) var lines: [LogLine] = []
    private static let most = 400

    public init() {}

    /// - Returns: whether it was new.
    @discardableResult mutating func add(_ text: String, at stamp: Int64, _ style: Style = .plain) -> Bool {
        guard lines.last?.text != text else { return false }
        lines.append(LogLine(stamp: stamp, text: text, style: style))
        if lines.count > EventLog.most { lines.removeFirst(lines.count - EventLog.most) }
        return true
    }
}

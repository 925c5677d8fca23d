/// What the terminal can show, as far as its environment says.
public struct ScreenCapabilities: Equatable, Sendable {
    public var columns: Int
    public var rows: Int
    public var hasColour: Bool
    public var hasUnicode: Bool

    public init(columns: Int, rows: Int, hasColour: Bool = true, hasUnicode: Bool = true) {
        self.columns = columns
        self.rows = rows
        self.hasColour = hasColour
        self.hasUnicode = hasUnicode
    }

    /// From the variables that terminals and shells set: `NO_COLOR` (no-color.org: present and not empty), and the
    /// locale's encoding, `LC_ALL` before `LC_CTYPE` before `LANG`. 80 by 24 until the size is known.
    public init(environment: [String: String]) {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let encoding = locale.lowercased()
        self.init(
            columns: 80, rows: 24, hasColour: (environment["NO_COLOR"] ?? "").isEmpty,
            hasUnicode: encoding.hasSuffix("utf-8") || encoding.hasSuffix("utf8"))
    }

    /// Whether the terminal cannot move its cursor, so that a screen must be lines: `TERM` is `dumb`, or not set.
    public static func isDumb(environment: [String: String]) -> Bool {
        let name = environment["TERM"] ?? ""
        return name.isEmpty || name == "dumb" || name == "unknown"
    }
}

/// The calendar's clock. It labels records and judges the rest between sessions.
public struct ClockFacts: Equatable, Sendable {
    /// Nanoseconds since 1970.
    public var wallNanoseconds: Int64
    /// Whether the kernel says that something keeps it right; nothing when it does not say.
    public var isSynchronised: Bool?
    /// A session whose record lies in the future of this clock; nothing when there is none.
    public var newerSession: String?

    public init(wallNanoseconds: Int64, isSynchronised: Bool?, newerSession: String?) {
        self.wallNanoseconds = wallNanoseconds
        self.isSynchronised = isSynchronised
        self.newerSession = newerSession
    }
}

public enum ClockChecks {
    /// 2026-01-01 UTC: this program did not exist before, so a clock that stands there was never set.
    public static let earliestSane: Int64 = 1_767_225_600_000_000_000

    public static func findings(_ facts: ClockFacts) -> [Finding] {
        var found: [Finding] = []
        if facts.wallNanoseconds < earliestSane {
            found.append(
                .failure(
                    .clock, "the clock stands before the year 2026: it was never set, and records would carry its date",
                    type: "sudo timedatectl set-time 'YYYY-MM-DD hh:mm:ss'"))
        }
        if let session = facts.newerSession {
            found.append(
                .failure(
                    .clock,
                    "the clock shows a time before the last record (session \(session)): rest between sessions cannot "
                        + "be judged, and no session starts",
                    type: "sudo timedatectl set-ntp true, or set the time by hand with timedatectl set-time"))
        }
        switch facts.isSynchronised {
        case true?: found.append(.ok(.clock, "synchronised"))
        case false?:
            found.append(
                .warning(
                    .clock, "not synchronised: records carry the time of a clock that nobody checks",
                    type: "sudo timedatectl set-ntp true (Debian: systemd-timesyncd or chrony)"))
        case nil: found.append(.ok(.clock, "the kernel does not say whether it is synchronised"))
        }
        return found
    }
}

/// The terminal at which doctor was asked.
public struct TerminalFacts: Equatable, Sendable {
    public var inputIsTerminal: Bool
    public var outputIsTerminal: Bool
    public var columns: Int?
    public var rows: Int?
    /// Environment variables by name: TERM, LC_ALL, LC_CTYPE, LANG, NO_COLOR.
    public var environment: [String: String]

    public init(
        inputIsTerminal: Bool, outputIsTerminal: Bool, columns: Int?, rows: Int?, environment: [String: String]
    ) {
        self.inputIsTerminal = inputIsTerminal
        self.outputIsTerminal = outputIsTerminal
        self.columns = columns
        self.rows = rows
        self.environment = environment
    }

    /// By the rules of the C library: the first of the three that is set and not empty decides.
    public var isUTF8: Bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? "C"
        let codeset = locale.split(separator: ".").dropFirst().first?.lowercased() ?? ""
        return codeset.hasPrefix("utf-8") || codeset.hasPrefix("utf8")
    }

    /// [no-color.org]: NO_COLOR set to anything but nothing forbids colour.
    public var hasColour: Bool {
        let terminal = environment["TERM"] ?? ""
        return outputIsTerminal && (environment["NO_COLOR"] ?? "").isEmpty && terminal != "dumb" && !terminal.isEmpty
    }
}

public enum TerminalChecks {
    public static func findings(_ facts: TerminalFacts) -> [Finding] {
        guard facts.inputIsTerminal, facts.outputIsTerminal else {
            return [
                .warning(
                    .terminal, "this is no terminal: a session needs a keyboard that can stop it and a screen",
                    type: "run motorpoint doctor, and sessions, from a terminal")
            ]
        }
        var found: [Finding] = []
        if let columns = facts.columns, let rows = facts.rows {
            if columns < 80 || rows < 24 {
                found.append(
                    .warning(
                        .terminal, "\(columns) × \(rows): the status of a session is cut below 80 × 24",
                        type: "make the window larger, or its letters smaller"))
            } else {
                found.append(.ok(.terminal, "\(columns) × \(rows)"))
            }
        } else {
            found.append(
                .warning(.terminal, "it does not tell its size: 80 columns are assumed", type: "stty cols 100 rows 30"))
        }
        found.append(
            facts.isUTF8
                ? .ok(.terminal, "UTF-8")
                : .warning(
                    .terminal, "the locale is not UTF-8: µ, → and drawings look broken",
                    type: "export LC_ALL=C.UTF-8, or say --plain"))
        found.append(.ok(.terminal, facts.hasColour ? "colour" : "no colour, as asked or as TERM says"))
        return found
    }
}

/// How a session ended, in one word: for filters, exports and lists.
public enum SessionOutcome: String, CaseIterable, Sendable {
    /// The programme came to its end.
    case completed
    /// Stopped before its end, in order: by a key, a signal, a limit of time, a withdrawn consent.
    case stopped
    /// A fault ended it.
    case fault
    /// The program or the computer died, whether or not a later start has closed the record since.
    case interrupted
    /// A process holds the record now.
    case running
    /// Made, but never opened; nothing was delivered.
    case neverOpened = "never_opened"
    /// What the record says cannot be relied on; see `motorpoint sessions verify`.
    case damaged

    public init(_ summary: SessionSummary) {
        if summary.isRunning {
            self = .running
        } else if summary.problem != nil {
            self = .damaged
        } else if let closing = summary.closing {
            self = SessionOutcome(closing)
        } else {
            self = summary.opening == nil && summary.interruption != nil ? .neverOpened : .interrupted
        }
    }

    public init(_ closing: SessionClosing) {
        if closing.faultCode != 0 {
            self = .fault
        } else {
            self = closing.reason == "completed" ? .completed : .stopped
        }
    }

    /// As a person reads it.
    public static func words(_ summary: SessionSummary) -> String {
        if summary.isRunning { return "running now" }
        if let problem = summary.problem { return "damaged: \(problem)" }
        if let closing = summary.closing { return closing.reason }
        if summary.interruption != nil { return summary.opening == nil ? "never opened" : "interrupted" }
        return "cut short"
    }
}

/// One thing that was looked at: whether it is in order, what that means, and what to type to mend it.
public struct Finding: Equatable, Sendable {
    public enum Verdict: String, Sendable, CaseIterable {
        case ok
        /// A session can run; something is worth a look.
        case warning
        /// A session would be refused, or its record could not be believed.
        case failure
    }

    /// In the order of the report.
    public enum Area: String, Sendable, CaseIterable {
        case serialLines = "serial lines"
        case realTime = "real time"
        case libraries
        case data = "data folder"
        case clock
        case terminal
        case files = "protocol and rig files"
        case records
    }

    public let area: Area
    public let verdict: Verdict
    /// What was found, and what it means.
    public let text: String
    /// What to type, or to do, to mend it; nothing where all is well.
    public let remedy: String?

    private init(_ area: Area, _ verdict: Verdict, _ text: String, _ remedy: String?) {
        self.area = area
        self.verdict = verdict
        self.text = text
        self.remedy = remedy
    }

    public static func ok(_ area: Area, _ text: String) -> Finding { Finding(area, .ok, text, nil) }

    /// A warning always says what to do.
    public static func warning(_ area: Area, _ text: String, type remedy: String) -> Finding {
        Finding(area, .warning, text, remedy)
    }

    /// So does a failure.
    public static func failure(_ area: Area, _ text: String, type remedy: String) -> Finding {
        Finding(area, .failure, text, remedy)
    }
}

extension [Finding] {
    public func count(_ verdict: Finding.Verdict) -> Int { count { $0.verdict == verdict } }

    /// The first that fails, in the order of the report.
    public var firstFailure: Finding? { first { $0.verdict == .failure } }
}

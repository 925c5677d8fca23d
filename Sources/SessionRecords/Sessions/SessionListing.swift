internal import CareModel
internal import StimulusModel

/// One line of the list of sessions, as texts. Pure functions of summaries.
public struct SessionListing: Equatable, Sendable {
    public let sessionID: String
    /// Local time of the practice when it started, `2026-11-22 09:35`; `?` if unknown.
    public let started: String
    public let personID: String
    public let muscle: String
    public let side: String
    public let protocolID: String
    /// `completed`, `stopped by …`, `interrupted`, `running now`, `damaged: …`.
    public let outcome: String
    /// Contractions of the dose; `?` if nobody knows.
    public let contractions: String
    /// The highest set amplitude, `12.5 mA`; `?` if nobody knows.
    public let highestAmplitude: String

    /// Column titles, in the order of `columns`.
    public static let titles = [
        "session", "started", "person", "muscle", "side", "protocol", "contractions", "highest", "outcome",
    ]

    public init(_ summary: SessionSummary) {
        sessionID = summary.sessionID
        let opening = summary.opening
        started =
            opening.map {
                CivilTime(wallNanoseconds: $0.wallNanoseconds, utcOffsetSeconds: $0.utcOffsetSeconds).text
            } ?? "?"
        personID = opening?.personID ?? "?"
        muscle = opening?.muscle ?? "?"
        side = opening?.side ?? "?"
        protocolID = opening?.treatmentProtocol.id ?? "?"
        contractions = summary.closing.map { String($0.contractionsDone) } ?? "?"
        highestAmplitude =
            summary.closing.map { QuantityUnit.milliamperes.text(Int64($0.maximumAmplitudeMicroamperes)) } ?? "?"
        outcome = SessionListing.outcome(summary)
    }

    public var columns: [String] {
        [
            sessionID, started, personID, muscle, side, protocolID, contractions, highestAmplitude, outcome,
        ]
    }

    /// The rows as lines of aligned columns, titles first. The last column is not padded.
    public static func table(_ rows: [SessionListing]) -> [String] {
        let lines = [titles] + rows.map(\.columns)
        let widths = titles.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            line.enumerated().map { column, cell in
                column == titles.count - 1
                    ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }.joined(separator: "  ")
        }
    }

    private static func outcome(_ summary: SessionSummary) -> String {
        if summary.isRunning { return "running now" }
        if let problem = summary.problem { return "damaged: \(problem)" }
        if let closing = summary.closing { return closing.reason }
        if summary.interruption != nil {
            return summary.opening == nil ? "never opened" : "interrupted"
        }
        return "cut short"
    }
}

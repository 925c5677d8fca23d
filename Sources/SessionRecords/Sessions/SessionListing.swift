internal import CareModel

/// One row of the list of sessions, as texts. Pure functions of a row.
public struct SessionListing: Equatable, Sendable {
    public let sessionID: String
    /// Local time of the practice when it started, `2026-11-22 09:35`; `?` if unknown.
    public let started: String
    public let personID: String
    /// `vmo right`; of two channels both.
    public let places: String
    public let protocolID: String
    /// `completed`, `stopped by …`, `interrupted`, `running now`, `damaged: …`.
    public let outcome: String
    /// Contractions of the dose; `?` if nobody knows.
    public let contractions: String
    /// The highest delivered amplitude, `12.5 mA`; `?` if nobody knows.
    public let highestAmplitude: String

    /// Columns of the list.
    public static let width = 80

    public init(_ row: SessionRow) {
        sessionID = row.sessionID
        started = row.started?.text ?? "?"
        personID = row.personID ?? "?"
        places = row.places.isEmpty ? "?" : row.places.map(\.text).joined(separator: ", ")
        protocolID = row.protocolID ?? "?"
        contractions = row.contractions.map { String($0) } ?? "?"
        highestAmplitude = row.highestMicroamperes.map { QuantityUnit.milliamperes.text(Int64($0)) } ?? "?"
        outcome = row.outcomeWords
    }

    public init(_ summary: SessionSummary) { self.init(SessionRow(summary)) }

    /// The rows as a table of 80 columns, two lines a session, titles first. Nothing is cut: words that do not fit go
    /// on in the next line.
    public static func table(_ rows: [SessionListing]) -> [String] {
        guard !rows.isEmpty else { return [] }
        let titles = (
            ["session", "started", "person", "muscle and side"], ["protocol", "done", "highest", "outcome"]
        )
        let upper = rows.map { [$0.sessionID, $0.started, $0.personID, $0.places] }
        let lower = rows.map { [$0.protocolID, $0.contractions, $0.highestAmplitude, $0.outcome] }
        let upperWidths = widths([titles.0] + upper)
        let lowerWidths = widths([titles.1] + lower)
        var lines = line(titles.0, upperWidths, indent: 0) + line(titles.1, lowerWidths, indent: 2)
        for (first, second) in zip(upper, lower) {
            lines += line(first, upperWidths, indent: 0) + line(second, lowerWidths, indent: 2)
        }
        return lines
    }

    private static func widths(_ rows: [[String]]) -> [Int] {
        (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
    }

    /// One line, or more if the last cell does not fit.
    private static func line(_ cells: [String], _ widths: [Int], indent: Int) -> [String] {
        var text = String(repeating: " ", count: indent)
        for (cell, width) in zip(cells, widths).dropLast() {
            text += cell + String(repeating: " ", count: max(0, width - cell.count) + 2)
        }
        let start = text.count
        var lines: [String] = []
        for word in (cells.last ?? "").split(separator: " ") {
            let isFirst = text.count == start || text.allSatisfy { $0 == " " }
            if !isFirst, text.count + 1 + word.count > width {
                lines.append(text)
                text = String(repeating: " ", count: min(start, indent + 4))
                text += word
            } else {
                text += isFirst ? String(word) : " " + word
            }
        }
        return lines + [text]
    }
}

/// One value of an export.
public enum ExportCell: Equatable, Sendable {
    /// Not known, or not applicable.
    case missing
    case integer(Int64)
    case text(String)
    case flag(Bool)

    static func number(_ value: Int32?) -> ExportCell { value.map { .integer(Int64($0)) } ?? .missing }
    static func number(_ value: Int64?) -> ExportCell { value.map { .integer($0) } ?? .missing }
    static func words(_ value: String?) -> ExportCell { value.map { .text($0) } ?? .missing }
}

/// What may stand in a column besides nothing at all.
public enum ExportRange: Equatable, Sendable {
    case whole(Int64, Int64)
    case oneOf([String])
    case text(String)
    case flag

    /// As the data dictionary says it.
    public var words: String {
        switch self {
        case .whole(let lowest, let highest):
            if highest == Int64.max { return lowest == Int64.min ? "any whole number" : "\(lowest) or more" }
            return "\(lowest) to \(highest)"
        case .oneOf(let all): return all.map { "`\($0)`" }.joined(separator: ", ")
        case .text(let what): return what
        case .flag: return "`true`, `false`"
        }
    }

    /// Whether a cell is such that the dictionary tells the truth about it.
    public func holds(_ cell: ExportCell) -> Bool {
        switch (self, cell) {
        case (_, .missing): return true
        case (.whole(let lowest, let highest), .integer(let value)): return value >= lowest && value <= highest
        case (.oneOf(let all), .text(let value)): return all.contains(value)
        case (.text, .text): return true
        case (.flag, .flag): return true
        default: return false
        }
    }
}

/// A column with all that the data dictionary says of it.
public struct ExportColumn<Row: Sendable>: Sendable {
    public let name: String
    /// `ms`, `µA`; empty for texts and counts.
    public let unit: String
    public let range: ExportRange
    public let meaning: String
    public let cell: @Sendable (Row) -> ExportCell

    init(
        _ name: String, unit: String = "", _ range: ExportRange, _ meaning: String,
        _ cell: @escaping @Sendable (Row) -> ExportCell
    ) {
        self.name = name
        self.unit = unit
        self.range = range
        self.meaning = meaning
        self.cell = cell
    }
}

/// One table of the export. Rows are made of a session's story and verification.
public struct ExportTable: Sendable {
    /// `sessions`, `events`, …
    public let name: String
    public let meaning: String
    public let columns: [ExportColumnName]
    /// The rows of one session, a cell a column.
    public let rows: @Sendable (ExportedSession) -> [[ExportCell]]

    init<Row: Sendable>(
        _ name: String, _ meaning: String, _ columns: [ExportColumn<Row>],
        rows: @escaping @Sendable (ExportedSession) -> [Row]
    ) {
        self.name = name
        self.meaning = meaning
        self.columns = columns.map {
            ExportColumnName(name: $0.name, unit: $0.unit, range: $0.range, meaning: $0.meaning)
        }
        self.rows = { session in rows(session).map { row in columns.map { $0.cell(row) } } }
    }

    /// Every table, in the order of the dictionary.
    public static let all: [ExportTable] = [.sessions, .events, .pulses, .answers, .notes, .needles]

    public init?(named name: String) {
        guard let found = ExportTable.all.first(where: { $0.name == name }) else { return nil }
        self = found
    }
}

/// What is said of a column, without how it is filled.
public struct ExportColumnName: Equatable, Sendable {
    public let name: String
    public let unit: String
    public let range: ExportRange
    public let meaning: String
}

/// One session, read and verified, as an export takes it.
public struct ExportedSession: Sendable {
    public let sessionID: String
    public let story: SessionStory
    public let examination: RecordExamination

    public init(_ sessionID: String, in store: SessionStore) {
        self.sessionID = sessionID
        (story, examination) = SessionStory.read(sessionID, in: store)
    }

    public init(sessionID: String, story: SessionStory, examination: RecordExamination) {
        self.sessionID = sessionID
        self.story = story
        self.examination = examination
    }
}

import ArgumentParser
import SessionRecords

extension SessionsCommand {
    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write sessions as tables for other programs.",
            discussion: """
                Examples:
                  motorpoint sessions export last --format json
                  motorpoint sessions export --all --patient P-0042 --format csv --output p-0042.csv
                  motorpoint sessions export last --table pulses --format csv

                Tables: sessions (one row each), events, pulses, answers, notes. Every column is named with unit, \
                range and meaning in Docs/data-dictionary.md. A file that is written is for this user alone; it holds \
                what people told you. Exit status 40 when a record is damaged: its row says so.
                """)
        @Argument(help: "The session's id, its beginning, or `last`.", completion: .custom(Completions.sessionIDs))
        var id: String?
        @Flag(help: "All sessions, or those that the filters leave.") var all = false
        @Option(help: "csv or json.") var format: String?
        @Option(help: "sessions, events, pulses, answers or notes.") var table = "sessions"
        @Option(help: "File to write; standard output if none is named.") var output: String?
        @Flag(help: "Replace the file if it is there.") var force = false
        @Flag(help: "Print the data dictionary instead.") var dictionary = false
        @OptionGroup(title: "Filters, with --all") var filter: SessionFilterOptions
        @OptionGroup var places: PlaceOptions

        func run() throws {
            try reporting {
                if dictionary { return print(DataDictionary.markdown, terminator: "") }
                let (table, format) = try choices()
                let store = try SessionsCommand.existing(places)
                let ids = try chosen(store)
                var text = ExportText(table, format)
                var damaged: [String] = []
                try SessionsCommand.write(to: output, replacing: force) { put in
                    try put(text.head)
                    for id in ids {
                        let session = ExportedSession(id, in: store)
                        if session.examination.isDamaged { damaged.append(id) }
                        try put(text.rows(session))
                    }
                    try put(text.tail)
                }
                guard damaged.isEmpty else {
                    throw Failure(
                        .recordDamaged, "damaged, do not rely on their rows: \(damaged.joined(separator: ", "))")
                }
            }
        }

        private func choices() throws -> (ExportTable, ExportFormat) {
            guard (id == nil) == all else {
                throw Failure(.usage, "name one session or --all, not both; see `motorpoint sessions export --help`")
            }
            guard let named = format else { throw Failure(.usage, "name the form with --format csv or --format json") }
            guard let format = ExportFormat(rawValue: named.lowercased()) else {
                throw Failure(.usage, "--format is csv or json, not \"\(named)\"")
            }
            guard let table = ExportTable(named: table) else {
                let known = ExportTable.all.map(\.name).joined(separator: ", ")
                throw Failure(.usage, "--table \"\(self.table)\" is none of \(known)")
            }
            return (table, format)
        }

        private func chosen(_ store: SessionStore) throws -> [String] {
            let wanted = try filter.filter()
            if let id {
                guard wanted.isEmpty else { throw Failure(.usage, "filters go with --all") }
                return [try SessionsCommand.find(id, store)]
            }
            // An export is evidence: which sessions are in it is decided by the records, not by the index.
            do throws(DiskError) {
                return try store.summaries().map { SessionRow($0) }.filter { wanted.matches($0) }.map(\.sessionID)
            } catch {
                throw Failure(.notFound, "\(store.folder): \(error)")
            }
        }
    }

    /// Writes to a new file of this user alone, or to standard output.
    static func write(
        to path: String?, replacing: Bool, _ body: (_ put: (String) throws -> Void) throws -> Void
    ) throws {
        guard let path else { return try body { print($0, terminator: "") } }
        do {
            var file = try PrivateFile(path, replacing: replacing)
            try body { try file.append($0) }
            try file.finish()
        } catch let problem as PrivateFile.Problem {
            switch problem {
            case .exists(let path):
                throw Failure(.cannotWrite, "\(path) is there already; replace it with --force, or name another")
            case .disk(let error, let path): throw Failure(.cannotWrite, "\(path): \(error)")
            }
        }
        remark("written: \(path)")
    }
}

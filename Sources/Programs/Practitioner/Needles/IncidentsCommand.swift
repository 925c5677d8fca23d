import ArgumentParser
import CareModel
import Foundation
import SessionRecords

struct IncidentsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "incidents", abstract: "Needles that are not accounted for: list, show, close.",
        discussion: """
            An open incident is shown at every start and keeps that person from another session with needles. ID is an \
            incident's id, or a beginning that only it has.

            Exit status: 0 done · 40 the ledger is damaged · 64 command line · 66 no such incident or folder · \
            73 cannot write
            """,
        subcommands: [List.self, Show.self, Close.self])

    static func reading<Value>(_ body: () throws(NeedleStoreProblem) -> Value) throws -> Value {
        do throws(NeedleStoreProblem) {
            return try body()
        } catch {
            switch error {
            case .noSuchIncident, .ambiguousIncident, .alreadyClosed: throw Failure(.notFound, "\(error)")
            case .unreadable: throw Failure(.recordDamaged, "\(error)")
            default: throw Failure(.cannotWrite, "\(error)")
            }
        }
    }

    static func json(_ incident: NeedleIncident) -> String {
        func text(_ value: String?) -> String { value.map { JSONText.quoted($0) } ?? "null" }
        func list(_ values: [String]) -> String {
            "[" + values.map { JSONText.quoted($0) }.joined(separator: ",") + "]"
        }
        let end = incident.end
        let pairs = [
            ("id", text(incident.id)), ("kind", text(incident.kind)), ("open", incident.isOpen ? "true" : "false"),
            ("person", text(incident.personID)), ("session_id", text(incident.sessionID)),
            ("tray_id", text(incident.trayID)), ("needle_id", text(incident.needleID)), ("lots", list(incident.lots)),
            ("places", list(incident.places)), ("text", text(incident.text)), ("opened_by", text(incident.openedBy)),
            ("opened_ns", "\(incident.openedWallNanoseconds)"), ("closed_by", text(end?.by)),
            ("closed_ns", end.map { "\($0.wallNanoseconds)" } ?? "null"), ("note", text(end?.note)),
        ]
        return "{" + pairs.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the incidents, oldest first.")
        @Flag(help: "Closed ones too.") var all = false
        @Flag(help: "One JSON object a line.") var json = false
        @OptionGroup var places: PlaceOptions

        func run() throws {
            try reporting {
                let folder = try places.dataFolder()
                let ledger = NeedleStore(SessionStore(folder: folder))
                let found = try IncidentsCommand.reading { () throws(NeedleStoreProblem) in try ledger.incidents() }
                let shown = all ? found : found.filter(\.isOpen)
                if json {
                    for incident in shown { print(IncidentsCommand.json(incident)) }
                } else if shown.isEmpty {
                    print(all || found.isEmpty ? "no incidents in \(folder)" : "no open incidents in \(folder)")
                } else {
                    for incident in shown { print(IncidentText.line(incident)) }
                }
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one incident with what to do.")
        @Argument(help: "The incident's id, or its beginning.") var id: String
        @Flag(help: "As a JSON object.") var json = false
        @OptionGroup var places: PlaceOptions

        func run() throws {
            try reporting {
                let ledger = NeedleStore(try SessionsCommand.existing(places))
                let incident = try IncidentsCommand.reading { () throws(NeedleStoreProblem) in try ledger.incident(id) }
                if json { return print(IncidentsCommand.json(incident)) }
                for line in IncidentText.full(incident) { print(line) }
            }
        }
    }

    struct Close: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Close an incident with what was found.",
            discussion: """
                Example: motorpoint incidents close i-20261122 --by PQ --note "fragment removed, x-ray clear"

                Nothing is removed: who closed it, when and why stand beside what was reported.
                """)
        @Argument(help: "The incident's id, or its beginning.") var id: String
        @Option(help: "Initials of who closes it.") var by: String
        @Option(help: "What was found and done.") var note: String
        @OptionGroup var places: PlaceOptions

        func run() throws {
            try reporting {
                let initials = by.trimmingCharacters(in: .whitespacesAndNewlines)
                let words = note.trimmingCharacters(in: .whitespacesAndNewlines)
                guard !initials.isEmpty, initials.count <= 12 else {
                    throw Failure(.usage, "--by needs initials of 1 to 12 characters")
                }
                guard !words.isEmpty, words.count <= ChecklistItem.longestText else {
                    throw Failure(.usage, "--note needs 1 to \(ChecklistItem.longestText) characters: what was found")
                }
                let ledger = NeedleStore(try SessionsCommand.existing(places))
                let closed = try IncidentsCommand.reading { () throws(NeedleStoreProblem) in
                    try ledger.close(id, by: initials, note: words, at: WallClock.now())
                }
                print(IncidentText.line(closed))
            }
        }
    }
}

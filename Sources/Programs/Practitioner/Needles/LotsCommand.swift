import ArgumentParser
import CareModel
import SessionRecords

/// A recall: whom needles of a lot were opened for.
struct LotsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lots", abstract: "Find everybody for whom needles of a lot were opened.",
        discussion: """
            Example: motorpoint lots L2231 --json

            Reads the records and the trays themselves, not the index. Upper and lower case and blanks do not count.

            Exit status: 0 found, or none in records that can all be read · 40 some records cannot be read: the answer \
            may lack somebody · 64 command line · 66 no such folder
            """)

    @Argument(help: "The lot, as printed on the package.") var lot: String
    @Flag(help: "One JSON object a line.") var json = false
    @OptionGroup var places: PlaceOptions

    func run() throws {
        try reporting {
            guard !NeedleRules.normalized(lot).isEmpty else { throw Failure(.usage, "name a lot") }
            let store = try SessionsCommand.existing(places)
            let recall = try IncidentsCommand.reading { () throws(NeedleStoreProblem) in
                try NeedleStore(store).recall(lot: lot)
            }
            for use in recall.uses { print(json ? LotsCommand.json(use) : LotsCommand.line(use)) }
            if recall.uses.isEmpty, !json { print("no needle of lot \(lot) was opened, as far as the records say") }
            guard recall.unreadable.isEmpty else {
                throw Failure(
                    .recordDamaged,
                    "the opening of \(recall.unreadable.joined(separator: ", ")) cannot be read: nobody knows which "
                        + "needles were used. See `motorpoint sessions verify`")
            }
        }
    }

    private static func line(_ use: LotUse) -> String {
        "\(use.started.text)  \(use.personID)  "
            + (use.places.isEmpty ? "none went in" : use.places.joined(separator: ", "))
            + "  \(use.inserted) in of \(use.opened) opened  \(use.makers.joined(separator: ", "))  "
            + (use.sessionID.map { "session \($0)" } ?? "no session, \(use.trayID ?? "tray unknown")")
    }

    private static func json(_ use: LotUse) -> String {
        func text(_ value: String?) -> String { value.map { JSONText.quoted($0) } ?? "null" }
        func list(_ values: [String]) -> String {
            "[" + values.map { JSONText.quoted($0) }.joined(separator: ",") + "]"
        }
        let pairs = [
            ("person", text(use.personID)), ("session_id", text(use.sessionID)), ("tray_id", text(use.trayID)),
            ("started_local", text(use.started.text)), ("started_ns", "\(use.wallNanoseconds)"),
            ("makers", list(use.makers)), ("places", list(use.places)), ("opened", "\(use.opened)"),
            ("inserted", "\(use.inserted)"),
        ]
        return "{" + pairs.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }
}

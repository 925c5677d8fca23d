import ArgumentParser
import SessionRecords

extension SessionsCommand {
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one session: what was asked, given and delivered.",
            discussion: """
                Example: motorpoint sessions show last

                Reads the whole record and verifies it. Exit status 40 when it is damaged.
                """)
        @Argument(help: "The session's id, its beginning, or `last`.", completion: .custom(Completions.sessionIDs))
        var id: String
        @Flag(help: "ASCII only: for logs and screen readers.") var plain = false
        @OptionGroup var places: PlaceOptions

        func run() throws {
            try reporting {
                let store = try SessionsCommand.existing(places)
                let id = try SessionsCommand.find(self.id, store)
                var page = SessionPage()
                var story = SessionStory()
                let examination = store.verify(id) { entry in
                    page.take(entry)
                    story.take(entry)
                }
                for line in page.head { print(line) }
                if story.opening != nil {
                    print("")
                    for line in SessionsCommand.table(story.plannedAgainstDelivered) { print(line) }
                    print("")
                    for line in SessionPicture(story, plain ? .plain : .unicode).lines { print(line) }
                    print("")
                }
                for line in page.lines { print(line) }
                print("")
                print(SessionsCommand.verdict(examination))
                if examination.isDamaged { throw Failure(.recordDamaged, "do not rely on this record") }
            }
        }
    }

    static func table(_ lines: [PlannedLine]) -> [String] {
        let rows = [("", "planned", "delivered")] + lines.map { ($0.what, $0.planned, $0.delivered) }
        let first = rows.map(\.0.count).max() ?? 0
        let second = rows.map(\.1.count).max() ?? 0
        return rows.map { what, planned, delivered in
            what + String(repeating: " ", count: first - what.count + 2) + planned
                + String(repeating: " ", count: second - planned.count + 2) + delivered
        }
    }
}

import ArgumentParser
import SessionRecords

extension SessionsCommand {
    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hold every record against its hashes and its anchor.",
            discussion: """
                Example: motorpoint sessions verify last

                Finds any changed bit and any truncation. It cannot find a total rewrite of record and anchor \
                together: keep the head hash that is printed at the end of each session elsewhere.
                """)
        @Argument(help: "Only this session.", completion: .custom(Completions.sessionIDs))
        var id: String?
        @OptionGroup var places: PlaceOptions

        func run() throws {
            try reporting {
                let store = try SessionsCommand.existing(places)
                var damaged = 0
                let ids: [String]
                if let id {
                    ids = [try SessionsCommand.find(id, store)]
                } else {
                    do { ids = try store.sessionIDs() } catch { throw Failure(.notFound, "\(store.folder): \(error)") }
                }
                for id in ids {
                    let examination = store.verify(id)
                    print(SessionsCommand.verdict(examination))
                    if examination.isDamaged { damaged += 1 }
                }
                print("\(ids.count) records, \(damaged) damaged")
                if damaged > 0 { throw Failure(.recordDamaged, "\(damaged) records were damaged or changed") }
            }
        }
    }
}

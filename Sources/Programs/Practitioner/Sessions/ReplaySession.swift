import ArgumentParser
import SafetyKernel
import SessionEngine
import SessionRecords
import StimulusModel

extension SessionsCommand {
    struct Replay: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Feed a session's recorded inputs to the session machine again.",
            discussion: """
                Example: motorpoint sessions replay last

                The same inputs must give the same outputs, bit for bit, in this version as in the recorded one.
                """)
        @Argument(help: "The session's id, its beginning, or `last`.", completion: .custom(Completions.sessionIDs))
        var id: String
        @OptionGroup var places: PlaceOptions

        func run() throws {
            try reporting {
                let store = try SessionsCommand.existing(places)
                let id = try SessionsCommand.find(self.id, store)
                var opening: SessionOpening?
                var journal: [WordBlock] = []
                let examination = store.verify(id) { entry in
                    if entry.kind == .opened { opening = SessionOpening.decode(entry.payload) }
                    if entry.kind == .journal, let block = RecordLayout.wordBlock(entry.payload) {
                        journal.append(block)
                    }
                }
                guard !examination.isDamaged else {
                    throw Failure(.recordDamaged, SessionsCommand.verdict(examination))
                }
                guard let opening, let last = journal.map(JournalEntry.tick).max() else {
                    throw Failure(.notFound, "session \(id) has no journal")
                }
                let plan: AuthorizedPlan
                do throws(SessionReplay.Problem) {
                    plan = try SessionReplay.plan(of: opening)
                } catch {
                    throw Failure(.refused, "session \(id) cannot be replayed by this version: \(error)")
                }
                let replay = SessionReplay(journal, plan: plan, until: last)
                for mismatch in replay.mismatches.prefix(20) { print(mismatch) }
                print("\(id): \(replay.steps) steps replayed, \(replay.mismatches.count) differ")
                guard replay.mismatches.isEmpty else {
                    throw Failure(.recordDamaged, "the record and this version's session machine disagree")
                }
            }
        }
    }
}

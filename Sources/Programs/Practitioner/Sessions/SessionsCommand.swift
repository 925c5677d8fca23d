import ArgumentParser
import SessionRecords

struct SessionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions", abstract: "List, show, verify, export and report the records.",
        discussion: """
            ID is a session's id, a beginning that only it has, or `last`.

            Exit status: 0 done · 40 a record is damaged · 64 command line · 66 no such session or folder · \
            73 cannot write
            """,
        subcommands: [
            List.self, Show.self, Report.self, Export.self, Verify.self, Replay.self, Reindex.self,
        ])

    /// The session that was named by its id, the beginning of one, or `last`.
    static func find(_ typed: String, _ store: SessionStore) throws -> String {
        do throws(SessionLookupProblem) {
            if typed == "last" {
                let ids: [String]
                do { ids = try store.sessionIDs() } catch { throw SessionLookupProblem.unreadable(error) }
                guard let last = ids.last else { throw SessionLookupProblem.noSuchSession("last") }
                return last
            }
            return try store.find(typed)
        } catch {
            switch error {
            case .noSuchSession where typed == "last":
                throw Failure(.notFound, "there is no last session: no session in \(store.folder)")
            case .noSuchSession:
                let near = store.near(typed)
                let hint =
                    near.isEmpty
                    ? "see `motorpoint sessions list`" : "is it \(near.joined(separator: " or "))?"
                throw Failure(.notFound, "no session \(typed) in \(store.folder); \(hint)")
            case .ambiguous(_, let ids):
                throw Failure(.notFound, "\(typed) is the beginning of several: \(ids.joined(separator: ", "))")
            case .unreadable(let why): throw Failure(.notFound, "\(store.folder): \(why)")
            }
        }
    }

    /// The store of a data folder that must be there: a mistyped name must not pass for one that is in order.
    static func existing(_ places: PlaceOptions) throws -> SessionStore {
        let folder = try places.dataFolder()
        guard Places.isFolder(folder) else {
            throw Failure(.notFound, "there is no data folder \(folder): name it with --data")
        }
        return SessionStore(folder: folder)
    }

    /// Something about the records that is no row: to standard error, so that the output stays what was asked for.
    static func remark(_ text: String) { Motorpoint.say("motorpoint: \(text)") }

    static func verdict(_ examination: RecordExamination) -> String {
        let ending: String
        switch examination.ending {
        case .closed: ending = "closed"
        case .interrupted: ending = "interrupted"
        case .unfinished: ending = "not closed"
        case .neverOpened: ending = "never opened"
        }
        let head = "\(examination.sessionID): \(examination.recordCount) records, \(ending)"
        if examination.isIntact {
            return head + ", intact, head \(examination.lastRecord?.chain.hex ?? "none")"
        }
        let findings = examination.findings.map(\.words).joined(separator: "; ")
        return head + (examination.isDamaged ? ", DAMAGED: " : ", ") + findings
    }
}

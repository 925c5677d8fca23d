import ArgumentParser
import Foundation
import SessionRecords

extension SessionsCommand {
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the sessions, oldest first.",
            discussion: """
                Example: motorpoint sessions list --patient P-0042 --since 2026-11-01 --outcome fault

                Reads an index in the data folder, which is brought up to date and may be deleted at any time. \
                `done` counts contractions of the dose. With --json one object a line.
                """)
        @OptionGroup var filter: SessionFilterOptions
        @Option(help: "At most so many, the newest.") var limit: Int?
        @Flag(help: "One JSON object a line.") var json = false
        @OptionGroup var places: PlaceOptions

        func run() throws {
            try reporting {
                let wanted = try filter.filter()
                if let limit, limit < 1 { throw Failure(.usage, "--limit is at least 1, not \(limit)") }
                let folder = try places.dataFolder()
                // Before the first session there is none; anything else in its place is a mistake.
                if !FileManager.default.fileExists(atPath: folder) {
                    if !json { print("no sessions in \(folder)") }
                    return
                }
                let all = try SessionsCommand.rows(try SessionsCommand.existing(places))
                let matching = all.filter { wanted.matches($0) }
                let shown = limit.map { Array(matching.suffix($0)) } ?? matching
                tellWhatAFilterHides(all, wanted)
                if json {
                    for row in shown { print(SessionsCommand.json(row)) }
                } else if all.isEmpty {
                    print("no sessions in \(folder)")
                } else if shown.isEmpty {
                    print("none of \(all.count) sessions in \(folder) is like that")
                } else {
                    for line in SessionListing.table(shown.map { SessionListing($0) }) { print(line) }
                    if shown.count < all.count { SessionsCommand.remark("\(shown.count) of \(all.count) sessions") }
                }
            }
        }

        /// A record that cannot be read might be one that was asked for.
        private func tellWhatAFilterHides(_ all: [SessionRow], _ wanted: SessionFilter) {
            let hidden = all.filter { $0.outcome == .damaged && !wanted.matches($0) }
            guard !hidden.isEmpty else { return }
            SessionsCommand.remark(
                "\(hidden.count) damaged records are not in this list and may belong to it: "
                    + hidden.map(\.sessionID).joined(separator: ", ") + ". See `motorpoint sessions verify`")
        }
    }

    struct Reindex: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the index of the list anew from the records.",
            discussion: """
                Example: motorpoint sessions reindex

                Never needed for a right answer: a stale or damaged index is noticed and made anew by itself.
                """)
        @OptionGroup var places: PlaceOptions

        func run() throws {
            try reporting {
                let store = try SessionsCommand.existing(places)
                let made: IndexedRows
                do throws(DiskError) {
                    made = try store.indexedRows(now: WallClock.now(), rebuild: true)
                } catch {
                    throw Failure(.notFound, "\(store.folder): \(error)")
                }
                if case .unusable(let why) = made.report {
                    throw Failure(.cannotWrite, "the index \(store.indexPath) cannot be written: \(why)")
                }
                print("\(made.rows.count) sessions read from the records; index \(store.indexPath)")
            }
        }
    }

    /// Every session's row; what is to be said of the index goes to standard error.
    static func rows(_ store: SessionStore) throws -> [SessionRow] {
        let indexed: IndexedRows
        do throws(DiskError) {
            indexed = try store.indexedRows(now: WallClock.now())
        } catch {
            throw Failure(.notFound, "\(store.folder): \(error)")
        }
        // The first index of a folder is no news, and neither are sessions since the last list.
        switch indexed.report {
        case .current, .refreshed(_, changed: 0, removed: 0), .rebuilt("there was none"): break
        default: if let words = indexed.report.words { remark(words) }
        }
        return indexed.rows
    }

    static func json(_ row: SessionRow) -> String {
        func number(_ value: Int64?) -> String { value.map { String($0) } ?? "null" }
        func text(_ value: String?) -> String { value.map { JSONText.quoted($0) } ?? "null" }
        let muscles = row.places.map { JSONText.quoted($0.muscle) }.joined(separator: ",")
        let sides = row.places.map { JSONText.quoted($0.side) }.joined(separator: ",")
        let pairs = [
            ("session_id", text(row.sessionID)), ("person", text(row.personID)), ("muscles", "[\(muscles)]"),
            ("sides", "[\(sides)]"), ("protocol", text(row.protocolID)), ("stage", text(row.stage)),
            ("practitioner", text(row.practitioner)), ("started_local", text(row.started?.text)),
            ("started_ns", number(row.startWallNanoseconds)), ("ended_ns", number(row.endWallNanoseconds)),
            ("outcome", text(row.outcome.rawValue)), ("outcome_words", text(row.outcomeWords)),
            ("contractions", number(row.contractions.map { Int64($0) })),
            ("highest_ua", number(row.highestMicroamperes.map { Int64($0) })),
            ("charge_pc", number(row.chargePicocoulombs)), ("pulses", number(row.pulses)),
            ("needles", number(row.needles.map { Int64($0) })),
            ("lots", "[\(row.lots.map { JSONText.quoted($0) }.joined(separator: ","))]"),
            ("incidents", "[\(row.incidentIDs.map { JSONText.quoted($0) }.joined(separator: ","))]"),
        ]
        return "{" + pairs.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }
}

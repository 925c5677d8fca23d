import ArgumentParser
import CareModel
import Foundation
import SafetyKernel
import SessionEngine
import SessionRecords
import SessionScreen
import StimulusModel

struct SessionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions", abstract: "List, show and verify the records.",
        subcommands: [List.self, Show.self, Verify.self, Replay.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the sessions, oldest first.")
        @OptionGroup var places: PlaceOptions

        func run() throws {
            try reporting {
                let folder = try places.dataFolder()
                // Before the first session there is none; anything else in its place is a mistake.
                if !FileManager.default.fileExists(atPath: folder) { return print("no sessions in \(folder)") }
                let store = try SessionsCommand.existing(places)
                do {
                    let rows = try store.summaries().map { SessionListing($0) }
                    if rows.isEmpty { return print("no sessions in \(store.folder)") }
                    for line in SessionListing.table(rows) { print(line) }
                } catch {
                    throw Failure(.notFound, "\(store.folder): \(error)")
                }
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one session: what was asked, given and delivered.")
        @Argument(help: "The session's id, or its beginning.") var id: String
        @OptionGroup var places: PlaceOptions

        func run() throws {
            try reporting {
                let store = try SessionsCommand.existing(places)
                let id = try SessionsCommand.find(self.id, store)
                var page = SessionPage()
                let examination = store.verify(id) { page.take($0) }
                for line in page.lines { print(line) }
                print("")
                print(SessionsCommand.verdict(examination))
                if examination.isDamaged { throw Failure(.recordDamaged, "do not rely on this record") }
            }
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hold every record against its hashes and its anchor.",
            discussion: """
                Finds any changed bit and any truncation. It cannot find a total rewrite of record and anchor \
                together: \
                keep the head hash that is printed at the end of each session elsewhere.
                """)
        @Argument(help: "Only this session.") var id: String?
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

    struct Replay: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Feed a session's recorded inputs to the session machine again.",
            discussion:
                "The same inputs must give the same outputs, bit for bit, in this version as in the recorded one.")
        @Argument(help: "The session's id, or its beginning.") var id: String
        @OptionGroup var places: PlaceOptions

        func run() throws {
            try reporting {
                let store = SessionStore(folder: try places.dataFolder())
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

    static func find(_ typed: String, _ store: SessionStore) throws -> String {
        do throws(SessionLookupProblem) {
            return try store.find(typed)
        } catch {
            switch error {
            case .noSuchSession:
                throw Failure(.notFound, "no session \(typed) in \(store.folder); see `motorpoint sessions list`")
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

/// A session's record as text: a pure function of its entries.
struct SessionPage {
    private(set) var lines: [String] = []
    private var ceiling = Current.zero

    mutating func take(_ entry: SafetyRecordEntry) {
        switch entry.kind {
        case .opened: if let opening = SessionOpening.decode(entry.payload) { open(opening) }
        case .journal: if let block = RecordLayout.wordBlock(entry.payload) { journal(block) }
        case .note: if let note = SessionNote.decode(entry.payload) { lines.append("note (\(note.by)): \(note.text)") }
        case .threshold: break
        case .closed: if let closing = SessionClosing.decode(entry.payload) { close(closing) }
        case .interrupted:
            if let found = SessionInterruption.decode(entry.payload) {
                lines.append(
                    "INTERRUPTED: the program or the computer died; \(found.journalRecords) journal records kept")
            }
        }
    }

    private mutating func open(_ opening: SessionOpening) {
        lines.append("Session \(opening.sessionID), motorpoint \(opening.programVersion)")
        lines.append("Person \(opening.personID), \(opening.side) \(opening.muscle), by \(opening.practitioner)")
        lines.append(
            "Protocol \(opening.treatmentProtocol.id) version \(opening.treatmentProtocol.version), "
                + "sha256 \(opening.treatmentProtocol.sha256)")
        if let companion = opening.companionProtocol { lines.append("With \(companion.id)") }
        lines.append(
            "Device \(opening.device.kind) \(opening.device.id), firmware \(opening.device.firmware), rig "
                + "\(opening.rig.id)")
        lines.append("Computer: \(opening.realTimeReport)")
        lines.append("Pad area \(RefusalText.decimal(Int64(opening.padAreaSquareMillimetres), 100)) cm²")
        lines.append("Checklist \(opening.checklist.id) version \(opening.checklist.version):")
        for answer in opening.answers {
            let reason = answer.reason.map { ", because: \($0)" } ?? ""
            lines.append("  \(answer.code) \(answer.answer)\(reason)")
        }
        lines.append("Limits:")
        for limit in opening.limits {
            lines.append("  \(limit.kind) \(limit.value) \(limit.unit), set by \(limit.setBy)")
            if limit.kind.hasSuffix("ceiling") { ceiling = Current(microamperes: Int32(clamping: limit.value)) }
        }
        lines.append("Events, in minutes:seconds since the loop began:")
    }

    private mutating func journal(_ block: WordBlock) {
        guard JournalEntry.kind(block) == .events else { return }
        for index in 2..<8 {
            guard let event = SessionEvent(word: block.words[index]),
                let text = SessionText.line(event, ceiling: ceiling, ceilingSetBy: .protocolFile)
            else { continue }
            lines.append("  \(SessionText.stamp(JournalEntry.tick(block)))  \(text)")
        }
    }

    private mutating func close(_ closing: SessionClosing) {
        lines.append("Closed: \(closing.reason)")
        lines.append(
            "  \(closing.contractionsDone) contractions, \(closing.titrationContractions) of titration; "
                + "\(closing.pulsesDelivered) pulses delivered, \(closing.pulsesUnknown) unknown, "
                + "\(closing.pulsesSkipped) skipped")
        lines.append(
            "  highest amplitude "
                + "\(SessionText.milliamperes(Current(microamperes: closing.maximumAmplitudeMicroamperes))), charge "
                + "\(RefusalText.decimal(closing.chargePicocoulombs, 1_000_000)) µC in first phases")
        lines.append(
            "  \(closing.missedTicks) missed ticks, worst wake-up \(closing.latestWakeupNanoseconds / 1_000) µs late")
    }
}

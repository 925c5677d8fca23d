import ArgumentParser
import CareModel
import SafetyKernel
import SessionEngine
import SessionRecords
import SessionScreen
import StimulusModel

extension SessionsCommand {
    struct Report: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write one session as a page to read and print.",
            discussion: """
                Example: motorpoint sessions report last --output session.html

                One HTML file that needs nothing else: no script, no network. It is for this user alone, and holds \
                what a person told you. Exit status 40 when the record is damaged: the page is written and says so.
                """)
        @Argument(help: "The session's id, its beginning, or `last`.", completion: .custom(Completions.sessionIDs))
        var id: String
        @Option(help: "File to write; standard output if none is named.") var output: String?
        @Flag(help: "Replace the file if it is there.") var force = false
        @OptionGroup var places: PlaceOptions

        func run() throws {
            try reporting {
                let store = try SessionsCommand.existing(places)
                let id = try SessionsCommand.find(self.id, store)
                let (story, examination) = SessionStory.read(id, in: store)
                let report = SessionReport(
                    story, examination, written: WallClock.now(), programVersion: Program.version,
                    wording: SessionsCommand.wording(story.opening))
                let page: String
                do {
                    page = try report.html()
                } catch {
                    throw Failure(.internalError, "the page could not be made: \(error)")
                }
                try SessionsCommand.write(to: output, replacing: force) { put in try put(page) }
                if examination.isDamaged { throw Failure(.recordDamaged, "do not rely on this record") }
            }
        }
    }

    /// The words of the screen, for the page.
    static func wording(_ opening: SessionOpening?) -> ReportWording {
        let limits = opening?.limits ?? []
        return ReportWording(
            event: { line($0, limits) },
            limit: { limit in
                let setBy = LimitSource.named(limit.setBy).map { RefusalText.name($0) } ?? limit.setBy
                if limit.isCeiling {
                    return (limit.ceilingTitle(opening), RefusalText.value(limit.value, .amplitude), setBy)
                }
                guard let kind = LimitKind.named(limit.kind) else {
                    return (limit.kind, "\(limit.value) \(limit.unit)", setBy)
                }
                let bound = kind.isLowerBound ? "at least " : "at most "
                return (RefusalText.name(kind), bound + RefusalText.value(limit.value, kind), setBy)
            })
    }
}

extension SessionsCommand {
    /// An event in the words of the screen, with the recorded ceiling of its channel and whoever set that.
    static func line(_ event: SessionEvent, _ limits: [RecordedLimit]) -> String? {
        let ceiling = RecordedLimit.ceiling(limits, at: event.place)
        return SessionText.line(
            event, ceiling: Current(microamperes: Int32(clamping: ceiling?.value ?? 0)),
            ceilingSetBy: ceiling.flatMap { LimitSource.named($0.setBy) } ?? .protocolFile)
    }
}

extension LimitKind {
    /// The kind as a record names it.
    fileprivate static func named(_ name: String) -> LimitKind? {
        (0..<UInt8(LimitKind.count)).compactMap { LimitKind(rawValue: $0) }.first { "\($0)" == name }
    }
}

extension LimitSource {
    fileprivate static func named(_ name: String) -> LimitSource? {
        (0..<UInt8.max).compactMap { LimitSource(rawValue: $0) }.first { "\($0)" == name }
    }
}

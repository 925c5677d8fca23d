// The tables of the export, column by column. `Docs/data-dictionary.md` is made of this file; a test holds the two
// together. Ranges are those of the stored whole numbers.
internal import CareModel
internal import SessionEngine
internal import StimulusModel

extension ExportTable {
    private static let count = ExportRange.whole(0, .max)
    private static let microamperes = ExportRange.whole(0, 130_000)
    private static let text = ExportRange.text("free text")
    private static let places = ["first", "second"]
    private static let hash = ExportRange.text("64 hexadecimal digits")
    private static let time = ExportRange.text("`2026-11-22T09:35:12Z`")

    private static let sessionID = ExportColumn<ExportedSession>(
        "session_id", .text("`20261122-093512-4f3a91`, sorts as time does"), "The session's id, in every table."
    ) { .text($0.sessionID) }

    static let sessions = ExportTable(
        "sessions", "One row a session.", [sessionID] + who + what + outcome + second + needleColumns + trust,
        rows: { [$0] })

    private static let who: [ExportColumn<ExportedSession>] = [
        ExportColumn("person", .text("letters, digits, hyphens"), "Pseudonymous id; never a name.") {
            .words($0.story.opening?.personID)
        },
        ExportColumn(
            "muscle", .text("`vmo`, `gmed`; two joined by `+`, one a channel"), "The muscle that was stimulated."
        ) { session in .words(session.places { $0.muscle }) },
        ExportColumn("side", .text("`left`, `right`; two joined by `+`, one a channel"), "The person's own side.") {
            session in .words(session.places { $0.side })
        },
        ExportColumn("practitioner", text, "Initials or a code, as given.") { .words($0.story.opening?.practitioner) },
        ExportColumn("started_utc", time, "When the record was opened, by the computer's clock.") {
            .words($0.story.opening.map { isoText($0.wallNanoseconds) })
        },
        ExportColumn(
            "utc_offset_s", unit: "s", .whole(-86_400, 86_400), "What the local clock showed more than UTC then."
        ) { .number($0.story.opening?.utcOffsetSeconds) },
        ExportColumn("ended_utc", time, "When it was closed; of a session that was cut short, its last record.") {
            .words($0.endNanoseconds.map { isoText($0) })
        },
    ]

    private static let what: [ExportColumn<ExportedSession>] = [
        ExportColumn("protocol", .text("a protocol's id"), "The treatment protocol, or the search.") {
            .words($0.story.opening?.treatmentProtocol.id)
        },
        ExportColumn("protocol_version", .whole(0, Int64(Int32.max)), "Version number of that file.") {
            .number($0.story.opening?.treatmentProtocol.version)
        },
        ExportColumn("protocol_sha256", hash, "Hash of that file's bytes.") {
            .words($0.story.opening?.treatmentProtocol.sha256)
        },
        ExportColumn("stage", .oneOf(CareStage.all.map(\.name)), "Stage of care; `search` for a search alone.") {
            .words($0.story.opening?.stage)
        },
        ExportColumn("electrode", .oneOf(ElectrodeKind.all.map(\.name)), "Kind of electrode.") {
            .words($0.story.opening?.dose.electrode)
        },
        ExportColumn("frequency_millihertz", unit: "mHz", .whole(0, 100_000), "Planned pulse rate.") {
            .number($0.story.opening?.dose.frequencyMillihertz)
        },
        ExportColumn("phase_duration_us", unit: "µs", .whole(0, 500), "Planned duration of ONE phase.") {
            .number($0.story.opening?.dose.phaseDurationMicroseconds)
        },
        ExportColumn("interphase_gap_us", unit: "µs", .whole(0, 500), "Planned gap between the phases.") {
            .number($0.story.opening?.dose.interphaseGapMicroseconds)
        },
        ExportColumn("planned_contractions", count, "Contractions of the dose; missing for a continuous train.") {
            .number($0.story.opening?.dose.contractions)
        },
        ExportColumn("planned_train_ms", unit: "ms", count, "Length of a continuous train; missing for contractions.") {
            .number($0.story.opening?.dose.durationMilliseconds)
        },
        ExportColumn("planned_highest_ua", unit: "µA", microamperes, "The protocol's own cap, peak of one phase.") {
            .number($0.story.opening?.dose.maximumAmplitudeMicroamperes)
        },
        ExportColumn("pad_area_mm2", unit: "mm²", .whole(0, 20_000), "Area of one pad, as stated; 0 for needles.") {
            .number($0.story.opening?.padAreaSquareMillimetres)
        },
    ]

    private static let outcome: [ExportColumn<ExportedSession>] = [
        ExportColumn(
            "outcome", .oneOf(["completed", "stopped", "fault", "interrupted", "never_opened"]),
            "How it ended; `interrupted` covers every session without an end of its own, a running one included."
        ) { .text($0.outcome.rawValue) },
        ExportColumn("outcome_words", .text("as a person reads it"), "The reason as recorded.") {
            .words($0.story.closing?.reason)
        },
        ExportColumn("fault_code", .whole(0, 255), "`FaultCause` by number; 0 for none.") {
            .number($0.story.closing.map { Int32($0.faultCode) })
        },
        ExportColumn("consent_withdrawn", .flag, "Whether the person withdrew consent during the session.") {
            $0.story.closing.map { .flag($0.consentWithdrawn) } ?? .missing
        },
        ExportColumn("contractions_done", count, "Contractions of the dose that began, without titration.") {
            .number($0.story.contractionsDone)
        },
        ExportColumn("titration_contractions", count, "Contractions given to find the amplitude.") {
            .number($0.story.titrationContractions)
        },
        ExportColumn(
            "highest_ua", unit: "µA", microamperes,
            "Highest amplitude delivered, or of unknown fate; peak of one phase."
        ) { .number($0.story.highestMicroamperes) },
        ExportColumn("pulses_delivered", count, "Pulses that the stimulator acknowledged.") {
            .number($0.story.deliveredPulses)
        },
        ExportColumn("pulses_unknown", count, "Pulses of unknown fate; they count as delivered.") {
            .number($0.story.unknownPulses)
        },
        ExportColumn(
            "charge_pc", unit: "pC", count,
            "Charge of the first phases, search and titration included; never below what was delivered."
        ) { .integer($0.story.mostPicocoulombs) },
        ExportColumn("charge_is_bound", .flag, "Whether that is an upper bound, since the session was cut short.") {
            .flag($0.story.closing == nil)
        },
        ExportColumn(
            "journal_charge_pc", unit: "pC", count,
            "The same added up from the journal alone; of a session that was closed never below `charge_pc`."
        ) { .integer($0.story.journalChargePicocoulombs) },
        ExportColumn("sensory_threshold_ua", unit: "µA", microamperes, "Last sensory threshold marked in the search.") {
            session in .number(session.threshold("sensory", at: .first))
        },
        ExportColumn("motor_threshold_ua", unit: "µA", microamperes, "Last motor threshold marked in the search.") {
            session in .number(session.threshold("motor", at: .first))
        },
    ]

    private static let patterns = ["contractions", "train", "burst", "dense_disperse"]

    /// Of the second channel; missing where there was none. The columns above are then of the first channel where they
    /// tell of a protocol, a dose or a threshold, and of both together where they count.
    private static let second: [ExportColumn<ExportedSession>] = [
        ExportColumn("pattern", .oneOf(patterns), "How the pulses are grouped.") {
            .words($0.story.opening?.dose.patternName)
        },
        ExportColumn("arrangement", .text("`together`, `alternating`"), "How two channels shared time.") {
            .words($0.story.opening?.arrangement)
        },
        ExportColumn("second_protocol", .text("a protocol's id"), "The protocol of the second channel.") {
            .words($0.story.opening?.second?.treatmentProtocol.id)
        },
        ExportColumn("second_protocol_version", .whole(0, Int64(Int32.max)), "Version number of that file.") {
            .number($0.story.opening?.second?.treatmentProtocol.version)
        },
        ExportColumn("second_protocol_sha256", hash, "Hash of that file's bytes.") {
            .words($0.story.opening?.second?.treatmentProtocol.sha256)
        },
        ExportColumn("second_stage", .oneOf(CareStage.all.map(\.name)), "Stage of care of the second channel.") {
            .words($0.story.opening?.second?.stage)
        },
        ExportColumn("second_pattern", .oneOf(patterns), "How its pulses are grouped.") {
            .words($0.story.opening?.second?.dose.patternName)
        },
        ExportColumn("second_frequency_millihertz", unit: "mHz", .whole(0, 100_000), "Its planned pulse rate.") {
            .number($0.story.opening?.second?.dose.frequencyMillihertz)
        },
        ExportColumn("second_phase_duration_us", unit: "µs", .whole(0, 500), "Its planned duration of ONE phase.") {
            .number($0.story.opening?.second?.dose.phaseDurationMicroseconds)
        },
        ExportColumn("second_planned_contractions", count, "Its contractions of the dose; missing for a train.") {
            .number($0.story.opening?.second?.dose.contractions)
        },
        ExportColumn("second_planned_train_ms", unit: "ms", count, "Length of its train; missing for contractions.") {
            .number($0.story.opening?.second?.dose.durationMilliseconds)
        },
        ExportColumn("second_planned_highest_ua", unit: "µA", microamperes, "Its protocol's own cap.") {
            .number($0.story.opening?.second?.dose.maximumAmplitudeMicroamperes)
        },
        ExportColumn("first_highest_ua", unit: "µA", microamperes, "`highest_ua` of the first channel alone.") {
            .number($0.story.highestMicroamperes(at: .first))
        },
        ExportColumn("second_highest_ua", unit: "µA", microamperes, "`highest_ua` of the second channel alone.") {
            .number($0.second { $0.highestMicroamperes(at: .second) })
        },
        ExportColumn("second_contractions_done", count, "Contractions of the second channel, without titration.") {
            .number($0.second { $0.contractions(.contraction, at: .second) })
        },
        ExportColumn("second_titration_contractions", count, "Its contractions given to find the amplitude.") {
            .number($0.second { $0.contractions(.titration, at: .second) })
        },
        ExportColumn(
            "first_charge_pc", unit: "pC", count,
            "`charge_pc` of the first channel alone; the whole where nobody knows how it was split."
        ) { .number($0.story.treated.first?.chargePicocoulombs) },
        ExportColumn("second_charge_pc", unit: "pC", count, "The same of the second channel.") {
            .number($0.second { $0.treated.last?.chargePicocoulombs ?? 0 })
        },
        ExportColumn("second_sensory_threshold_ua", unit: "µA", microamperes, "`sensory_threshold_ua` of the second.") {
            session in .number(session.threshold("sensory", at: .second))
        },
        ExportColumn("second_motor_threshold_ua", unit: "µA", microamperes, "`motor_threshold_ua` of the second.") {
            session in .number(session.threshold("motor", at: .second))
        },
    ]

    private static let trust: [ExportColumn<ExportedSession>] = [
        ExportColumn("device_kind", .text("`P24`"), "The stimulator's kind.") { .words($0.story.opening?.device.kind) },
        ExportColumn("device_id", .text("as the device states it"), "Which stimulator it was.") {
            .words($0.story.opening?.device.id)
        },
        ExportColumn("device_firmware", .text("`1.2.3`"), "Its firmware.") {
            .words($0.story.opening?.device.firmware)
        },
        ExportColumn("missed_ticks", count, "Milliseconds that the computer overslept; pulses due then were dropped.") {
            .number($0.story.closing?.missedTicks)
        },
        ExportColumn("worst_lateness_ns", unit: "ns", count, "The latest wake-up of the loop.") {
            .number($0.story.closing?.latestWakeupNanoseconds)
        },
        ExportColumn("program_version", .text("`0.1.0`"), "The motorpoint that ran the session.") {
            .words($0.story.opening?.programVersion)
        },
        ExportColumn("verified", .oneOf(["intact", "not_closed", "damaged"]), "Verification when it was exported.") {
            .text($0.verdict)
        },
        ExportColumn("head_sha256", hash, "Hash of the last record: the one printed when the session ended.") {
            .words($0.examination.lastRecord?.chain.hex)
        },
    ]

    static let events = ExportTable(
        "events", "One row an event of the session machine, in order.",
        [
            ExportColumn<ExportedEvent>("session_id", .text("as above"), "The session's id.") { .text($0.sessionID) },
            ExportColumn("tick_ms", unit: "ms", count, "Milliseconds since the loop began.") {
                .integer($0.event.tick)
            },
            ExportColumn(
                "event", .text("`stateChanged`, `raised`, `fault`, … as `SessionEventKind` names them"),
                "What happened."
            ) { .text("\($0.event.event.kind)") },
            ExportColumn("value", .whole(Int64(Int32.min), Int64(Int32.max)), "Its first figure; µA for amplitudes.") {
                .integer(Int64($0.event.event.value))
            },
            ExportColumn("detail", .whole(0, 255), "Its second figure.") { .integer(Int64($0.event.event.detail)) },
            ExportColumn("channel", .oneOf(places), "The channel it is about; `first` where about the whole session.") {
                .text("\($0.event.event.place)")
            },
        ], rows: { session in session.story.events.map { ExportedEvent(sessionID: session.sessionID, event: $0) } })

    static let pulses = ExportTable(
        "pulses", "One row a pulse of which the stimulator's answer, or its silence, is known.",
        [
            ExportColumn<ExportedPulse>("session_id", .text("as above"), "The session's id.") { .text($0.sessionID) },
            ExportColumn("tick_ms", unit: "ms", count, "When its fate became known, milliseconds since the loop began.")
            { .integer($0.pulse.tick) },
            ExportColumn("amplitude_ua", unit: "µA", microamperes, "Peak of the first phase.") {
                .integer(Int64($0.pulse.microamperes))
            },
            ExportColumn(
                "delivery", .oneOf(["delivered", "notDelivered", "unknown"]), "What became of it; `unknown` counts."
            ) { .text("\($0.pulse.delivery)") },
            ExportColumn("channel", .oneOf(places), "The channel that it was for.") { .text("\($0.pulse.place)") },
        ], rows: { session in session.story.pulses.map { ExportedPulse(sessionID: session.sessionID, pulse: $0) } })

    static let answers = ExportTable(
        "answers", "One row an answer of the checklist, consent included.",
        [
            ExportColumn<ExportedAnswer>("session_id", .text("as above"), "The session's id.") { .text($0.sessionID) },
            ExportColumn("code", .text("`C01`"), "Code of the question in the checklist.") { .text($0.answer.code) },
            ExportColumn("question", .text("a text"), "As it was asked.") { .text($0.answer.question) },
            ExportColumn("answer", .text("`no`, `25 cm²`, `confirmed`"), "As a person reads it.") {
                .text($0.answer.answer)
            },
            ExportColumn("reason", text, "Why the practitioner went on in spite of an override.") {
                .words($0.answer.reason)
            },
            ExportColumn("answered_utc", time, "When, by the computer's clock.") {
                .text(isoText($0.answer.wallNanoseconds))
            },
        ],
        rows: { session in
            (session.story.opening?.answers ?? []).map { ExportedAnswer(sessionID: session.sessionID, answer: $0) }
        })

    static let notes = ExportTable(
        "notes", "One row a remark or deed that is no event of the session machine.",
        [
            ExportColumn<ExportedNote>("session_id", .text("as above"), "The session's id.") { .text($0.sessionID) },
            ExportColumn("kind", .text("`remark`, `consent_withdrawn`, …"), "What it is.") { .text($0.note.kind) },
            ExportColumn("by", .text("`practitioner`, `patient`, `program`"), "Whose it is.") { .text($0.note.by) },
            ExportColumn("text", text, "What was said or done.") { .text($0.note.text) },
        ], rows: { session in session.story.notes.map { ExportedNote(sessionID: session.sessionID, note: $0) } })

    /// `2026-11-22T09:35:12Z`
    static func isoText(_ wallNanoseconds: Int64) -> String {
        let time = CivilTime(wallNanoseconds: wallNanoseconds, utcOffsetSeconds: 0)
        let day = time.text.split(separator: " ").joined(separator: "T")
        return day + ":" + (time.second < 10 ? "0" : "") + "\(time.second)Z"
    }
}

private struct ExportedEvent: Sendable {
    let sessionID: String
    let event: StoryEvent
}

private struct ExportedPulse: Sendable {
    let sessionID: String
    let pulse: StoryPulse
}

private struct ExportedAnswer: Sendable {
    let sessionID: String
    let answer: RecordedAnswer
}

private struct ExportedNote: Sendable {
    let sessionID: String
    let note: SessionNote
}

extension ExportedSession {
    fileprivate func places(_ part: (MuscleAndSide) -> String) -> String? {
        story.opening?.places.map(part).joined(separator: "+")
    }

    fileprivate func threshold(_ kind: String, at place: ChannelPlace) -> Int32? {
        guard let opening = story.opening, story.channels.count > 1 else {
            return place == .first ? story.thresholds.last { $0.kind == kind }?.amplitudeMicroamperes : nil
        }
        let muscle = opening.muscle(at: place)
        return story.thresholds.last { $0.kind == kind && $0.muscle == muscle }?.amplitudeMicroamperes
    }

    /// A figure of the second channel; nothing where there was none.
    fileprivate func second<Figure>(_ figure: (SessionStory) -> Figure) -> Figure? {
        story.channels.count > 1 ? figure(story) : nil
    }

    fileprivate var endNanoseconds: Int64? {
        story.closing?.wallNanoseconds ?? story.interruption?.lastRecordWallNanoseconds
            ?? examination.lastRecord?.time.wallNanoseconds
    }

    fileprivate var outcome: SessionOutcome {
        if let closing = story.closing { return SessionOutcome(closing) }
        return story.opening == nil ? .neverOpened : .interrupted
    }

    fileprivate var verdict: String {
        if examination.isDamaged { return "damaged" }
        return examination.isIntact ? "intact" : "not_closed"
    }
}

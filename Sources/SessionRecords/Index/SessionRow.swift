internal import CareModel

/// What a list says of one session. Made of its summary and nothing else, so that a row that was kept in the index and
/// one that was read just now cannot differ while the files are the same.
public struct SessionRow: Equatable, Sendable {
    public let sessionID: String
    /// Nothing in any of these if the opening cannot be read.
    public let personID: String?
    /// Muscle and side of each channel.
    public let places: [MuscleAndSide]
    public let protocolID: String?
    public let stage: String?
    public let practitioner: String?
    /// Nanoseconds since 1970 UTC.
    public let startWallNanoseconds: Int64?
    /// What the local clock showed more than UTC when it started.
    public let utcOffsetSeconds: Int32
    public let endWallNanoseconds: Int64?
    public let outcome: SessionOutcome
    /// How it ended, as a person reads it.
    public let outcomeWords: String
    /// Of the dose; nothing if the session was not closed by itself.
    public let contractions: Int32?
    public let highestMicroamperes: Int32?
    /// Sum of the charge of the first phases, pC.
    public let chargePicocoulombs: Int64?
    /// Pulses delivered, unknown ones included.
    public let pulses: Int64?
    /// Needles that went in; nothing in a session with pads.
    public let needles: Int32?
    /// Lots of which a package was opened, each once, sorted: what a recall is searched by.
    public let lots: [String]
    /// Needles that were not accounted for at the end.
    public let incidentIDs: [String]

    public init(_ summary: SessionSummary) {
        let opening = summary.opening
        let closing = summary.closing
        self.init(
            sessionID: summary.sessionID, personID: opening?.personID, places: opening?.places ?? [],
            protocolID: opening?.treatmentProtocol.id, stage: opening?.stage, practitioner: opening?.practitioner,
            startWallNanoseconds: opening?.wallNanoseconds, utcOffsetSeconds: opening?.utcOffsetSeconds ?? 0,
            endWallNanoseconds: summary.endWallNanoseconds, outcome: SessionOutcome(summary),
            outcomeWords: SessionOutcome.words(summary), contractions: closing?.contractionsDone,
            highestMicroamperes: closing?.maximumAmplitudeMicroamperes,
            chargePicocoulombs: closing?.chargePicocoulombs,
            pulses: closing?.pulsesCounted,
            needles: opening?.needles.map { Int32(clamping: $0.count(where: \.isInserted)) },
            lots: Array(Set((opening?.needles ?? []).map(\.package.lot))).sorted(),
            incidentIDs: closing?.incidentIDs ?? [])
    }

    init(
        sessionID: String, personID: String?, places: [MuscleAndSide], protocolID: String?, stage: String?,
        practitioner: String?, startWallNanoseconds: Int64?, utcOffsetSeconds: Int32, endWallNanoseconds: Int64?,
        outcome: SessionOutcome, outcomeWords: String, contractions: Int32?, highestMicroamperes: Int32?,
        chargePicocoulombs: Int64?, pulses: Int64?, needles: Int32?, lots: [String], incidentIDs: [String]
    ) {
        self.sessionID = sessionID
        self.personID = personID
        self.places = places
        self.protocolID = protocolID
        self.stage = stage
        self.practitioner = practitioner
        self.startWallNanoseconds = startWallNanoseconds
        self.utcOffsetSeconds = utcOffsetSeconds
        self.endWallNanoseconds = endWallNanoseconds
        self.outcome = outcome
        self.outcomeWords = outcomeWords
        self.contractions = contractions
        self.highestMicroamperes = highestMicroamperes
        self.chargePicocoulombs = chargePicocoulombs
        self.pulses = pulses
        self.needles = needles
        self.lots = lots
        self.incidentIDs = incidentIDs
    }

    /// When it started by the clock of the practice at that time; nothing if unknown.
    public var started: CivilTime? {
        startWallNanoseconds.map { CivilTime(wallNanoseconds: $0, utcOffsetSeconds: utcOffsetSeconds) }
    }

    /// Whether nothing but a change of its files can change this row: it has an end, and nothing stood in the way of
    /// reading it.
    var isSettled: Bool {
        switch outcome {
        case .completed, .stopped, .fault: return true
        // Closed by a later start; one that was only cut short has no end yet.
        case .interrupted: return outcomeWords == "interrupted"
        case .neverOpened: return true
        case .running, .damaged: return false
        }
    }
}

/// Which sessions are asked for. A pure rule, the same for rows from the index and from the files.
public struct SessionFilter: Equatable, Sendable {
    public var personID: String?
    public var muscle: String?
    public var side: String?
    public var protocolID: String?
    public var stage: String?
    /// First and last day, as the practice's own calendar showed when the session started.
    public var since: CivilDate?
    public var until: CivilDate?
    public var outcome: SessionOutcome?

    public init(
        personID: String? = nil, muscle: String? = nil, side: String? = nil, protocolID: String? = nil,
        stage: String? = nil, since: CivilDate? = nil, until: CivilDate? = nil, outcome: SessionOutcome? = nil
    ) {
        self.personID = personID
        self.muscle = muscle
        self.side = side
        self.protocolID = protocolID
        self.stage = stage
        self.since = since
        self.until = until
        self.outcome = outcome
    }

    /// Whether everything is asked for.
    public var isEmpty: Bool { self == SessionFilter() }

    public func matches(_ row: SessionRow) -> Bool {
        func agrees<Value: Equatable>(_ wanted: Value?, _ found: Value?) -> Bool { wanted == nil || wanted == found }
        guard agrees(personID, row.personID), agrees(protocolID, row.protocolID), agrees(stage, row.stage),
            agrees(outcome, row.outcome)
        else { return false }
        if muscle != nil || side != nil {
            // Both of one channel: a session on the left VMO and the right gluteus is none on the right VMO.
            guard row.places.contains(where: { agrees(muscle, $0.muscle) && agrees(side, $0.side) }) else {
                return false
            }
        }
        guard since != nil || until != nil else { return true }
        guard let day = row.started.map({ CivilDate($0) }) else { return false }
        if let since, day < since { return false }
        if let until, until < day { return false }
        return true
    }
}

/// A day of the calendar.
public struct CivilDate: Comparable, Sendable {
    public let year: Int
    public let month: Int
    public let day: Int

    public init(_ time: CivilTime) {
        year = time.year
        month = time.month
        day = time.day
    }

    /// From `2026-11-22`; nothing for anything else, or a day that no calendar has.
    public init?(text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 4, parts[1].count == 2, parts[2].count == 2,
            parts.allSatisfy({ $0.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]), month >= 1, month <= 12,
            day >= 1, day <= CalendarDay.lastDay(ofMonth: month, year: year)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    public static func < (a: CivilDate, b: CivilDate) -> Bool {
        (a.year, a.month, a.day) < (b.year, b.month, b.day)
    }
}

// What a person has had so far, for limits that run across sessions. From the safety records themselves: the index is
// not asked, and a record that cannot be believed refuses instead of counting as nothing.
public import SafetyKernel
internal import SessionEngine
internal import StimulusModel

/// The account of one person, muscle and side at one moment.
public struct TreatmentLedger: Equatable, Sendable {
    /// Length of the window of `…LastDay`: 24 h, a span of time and no day of the calendar, so that neither midnight
    /// nor a change of zone gives anything back.
    public static let dayNanoseconds: Int64 = 86_400 * 1_000_000_000
    /// Journal that a dead host may have kept to itself: what one commit was still making durable, and what came in
    /// meanwhile. Each takes 6 s at most, since the writer is then declared failed (`Docs/decisions/0006`); a commit
    /// begins within 100 ms.
    public static let unwrittenMilliseconds: Int64 = 12_100

    /// Treatments on this muscle and side, ever. Searches and sessions that ended before any pulse are none; sessions
    /// that were cut short are.
    public let earlierTreatments: Int32
    /// Those of them that the records prove: they lift the rules of a first session.
    public let provenTreatments: Int32
    /// Since the end of the last of them, rounded down; 0 if there was none.
    public let millisecondsSinceLast: Int64
    /// Treatments that ended less than 24 h ago.
    public let treatmentsLastDay: Int32
    /// The same over all muscles and sides of the person: a session of two muscles is two treatments.
    public let personTreatmentsLastDay: Int32
    /// Charge of the first phases, in pC, of every session on this muscle and side, searches and titration included,
    /// that ended less than 24 h ago: never below what was delivered.
    public let chargeLastDayPicocoulombs: Int64
    /// The same over all muscles and sides of the person.
    public let personChargeLastDayPicocoulombs: Int64
    /// Sessions in the window whose charge is an upper bound, since they were cut short.
    public let boundedSessions: [String]

    public init(
        earlierTreatments: Int32, millisecondsSinceLast: Int64, treatmentsLastDay: Int32,
        personTreatmentsLastDay: Int32, provenTreatments: Int32? = nil, chargeLastDayPicocoulombs: Int64,
        personChargeLastDayPicocoulombs: Int64,
        boundedSessions: [String]
    ) {
        self.earlierTreatments = earlierTreatments
        self.provenTreatments = provenTreatments ?? earlierTreatments
        self.millisecondsSinceLast = millisecondsSinceLast
        self.treatmentsLastDay = treatmentsLastDay
        self.personTreatmentsLastDay = personTreatmentsLastDay
        self.chargeLastDayPicocoulombs = chargeLastDayPicocoulombs
        self.personChargeLastDayPicocoulombs = personChargeLastDayPicocoulombs
        self.boundedSessions = boundedSessions
    }

    /// What the rules on rest and first use need of it.
    public var history: TreatmentHistory {
        TreatmentHistory(
            earlierTreatments: earlierTreatments, millisecondsSinceLast: millisecondsSinceLast,
            treatmentsToday: personTreatmentsLastDay, chargeToday: Charge(picocoulombs: chargeLastDayPicocoulombs),
            provenTreatments: provenTreatments)
    }
}

/// Why there is no account. Each refuses the session that asked.
public enum LedgerProblem: Error, Equatable, Sendable {
    /// The computer's clock shows a time before the last record.
    case clockSetBack(ClockSetBack)
    /// Sessions whose opening cannot be read: nobody knows whose they were.
    case unreadable([String])
    /// Sessions of this person whose record is damaged, with what was found.
    case damaged([String: String])
    /// The records cannot be read.
    case disk(DiskError)
}

extension SessionStore {
    /// The account of one person, muscle and side, read from the records.
    /// - Throws: `LedgerProblem` rather than a number that may be too small.
    public func ledger(
        personID: String, muscle: String, side: String, now: WallTime
    ) throws(LedgerProblem) -> TreatmentLedger {
        let summaries: [SessionSummary]
        do { summaries = try self.summaries() } catch { throw .disk(error) }
        if let setBack = ClockSetBack(now: now, summaries: summaries) { throw .clockSetBack(setBack) }
        let history = SessionHistory(of: summaries, personID: personID, muscle: muscle, side: side)
        guard history.unreadable.isEmpty else { throw .unreadable(history.unreadable) }

        let place = MuscleAndSide(muscle: muscle, side: side)
        let windowStart = now.nanoseconds.subtractingReportingOverflow(TreatmentLedger.dayNanoseconds).partialValue
        var account = DayAccount()
        var damaged: [String: String] = [:]
        for summary in summaries where summary.opening?.personID == personID {
            guard let opening = summary.opening, summary.mayHaveDelivered(after: windowStart) else { continue }
            if let closing = summary.closing, summary.problem == nil {
                account.add(opening.treated(closing.chargeByChannel(opening.places.count)), at: place)
                continue
            }
            // Cut short: the whole journal is read, and verified while it is.
            let (story, examination) = SessionStory.read(summary.sessionID, in: self)
            guard !examination.isDamaged else {
                damaged[summary.sessionID] = examination.findings.map(\.words).joined(separator: "; ")
                continue
            }
            account.bounded.append(summary.sessionID)
            account.add(opening.treated(story.mostByChannel), at: place)
        }
        guard damaged.isEmpty else { throw .damaged(damaged) }
        let past = history.treatmentHistory(now: now)
        return TreatmentLedger(
            earlierTreatments: past.earlierTreatments,
            millisecondsSinceLast: past.earlierTreatments == 0 ? 0 : past.millisecondsSinceLast,
            treatmentsLastDay: Int32(
                clamping: history.sessions.count { $0.countsAsTreatment && $0.endWallNanoseconds > windowStart }),
            personTreatmentsLastDay: SessionStore.treatments(of: personID, endedAfter: windowStart, summaries),
            provenTreatments: past.provenTreatments, chargeLastDayPicocoulombs: account.here,
            personChargeLastDayPicocoulombs: account.whole,
            boundedSessions: account.bounded)
    }
}

extension SessionStore {
    /// Treatments of a person, each muscle and side of a session for itself.
    fileprivate static func treatments(
        of personID: String, endedAfter start: Int64, _ summaries: [SessionSummary]
    ) -> Int32 {
        let places = Set(summaries.compactMap { $0.opening }.filter { $0.personID == personID }.flatMap(\.places))
        let counts = places.map { place in
            SessionHistory(of: summaries, personID: personID, muscle: place.muscle, side: place.side).sessions
                .count { $0.countsAsTreatment && $0.endWallNanoseconds > start }
        }
        return Int32(clamping: counts.reduce(0, +))
    }
}

/// Charge added up over the window.
private struct DayAccount {
    var here: Int64 = 0
    var whole: Int64 = 0
    var bounded: [String] = []

    mutating func add(_ treated: [TreatedMuscle], at place: MuscleAndSide) {
        for one in treated {
            // A negative figure in a record gives nothing back.
            let charge = max(0, one.chargePicocoulombs)
            whole = Saturating.sum(whole, charge)
            if one.place == place { here = Saturating.sum(here, charge) }
        }
    }
}

extension SessionSummary {
    /// Whether any of its charge may lie after that time. A session that ended after it counts whole, though part of it
    /// went before.
    fileprivate func mayHaveDelivered(after windowStart: Int64) -> Bool {
        guard let end = endWallNanoseconds else { return true }
        let unwritten = closing == nil ? TreatmentLedger.unwrittenMilliseconds * 1_000_000 : 0
        let last = end.addingReportingOverflow(unwritten)
        return last.overflow || last.partialValue > windowStart
    }
}

extension SessionClosing {
    /// The charge of each channel in pC; where the figures do not fit the channels, or come to less than the whole, the
    /// whole alone, which then counts for each.
    func chargeByChannel(_ count: Int) -> [Int64] {
        guard let by = channelChargePicocoulombs, by.count == count, by.allSatisfy({ $0 >= 0 }),
            by.reduce(0, Saturating.sum) >= chargePicocoulombs
        else { return [max(0, chargePicocoulombs)] }
        return by
    }
}

extension SessionStory {
    /// An upper bound of the session's charge in pC: as closed; of one that was cut short, what its journal proves and
    /// the most that the host may have sent without its journal reaching the disk.
    public var mostPicocoulombs: Int64 {
        if let closing { return max(0, closing.chargePicocoulombs) }
        return mostByChannel.reduce(0, Saturating.sum)
    }

    /// The same by channel, in the order of `SessionOpening.places`: one figure where there is one channel, or where
    /// nobody knows how the whole is to be split.
    public var mostByChannel: [Int64] {
        guard let opening else { return [0] }
        if let closing { return closing.chargeByChannel(opening.places.count) }
        let first = Saturating.sum(
            journalCharge(at: .first), unwrittenPicocoulombs(opening.dose, opening.searchDose, at: .first))
        guard let other = opening.second else {
            // What was asked for on a channel that the opening does not know counts for the one that it does.
            return [Saturating.sum(first, journalCharge(at: .second))]
        }
        let second = Saturating.sum(
            journalCharge(at: .second), unwrittenPicocoulombs(other.dose, other.searchDose, at: .second))
        return [first, second]
    }

    /// Of one channel. Nothing once the journal shows the end; else the stronger part of its plan at its rate for that
    /// long, at the highest amplitude to which it can have risen from the last one known.
    private func unwrittenPicocoulombs(_ dose: RecordedDose, _ search: RecordedDose?, at place: ChannelPlace) -> Int64 {
        guard !lastState.isFinal else { return 0 }
        let doses = [dose] + (search.map { [$0] } ?? [])
        return doses.map { dose in
            // Bursts and dense groups are taken without their silences: nobody knows where the pattern stood.
            let rate = Int64(max(0, dose.frequencyMillihertz, dose.sparseFrequencyMillihertz ?? 0))
            let pulses = (TreatmentLedger.unwrittenMilliseconds * rate + 999_999) / 1_000_000
            let amplitude = min(Int64(dose.maximumAmplitudeMicroamperes), highestReachable(dose, at: place))
            let charge = max(0, amplitude) * Int64(max(0, dose.phaseDurationMicroseconds))
            return Saturating.product(pulses, charge)
        }.max() ?? 0
    }

    /// The set amplitude that the rise limit in force allows by then, in µA, with one step at once; without a recorded
    /// limit anything.
    private func highestReachable(_ dose: RecordedDose, at place: ChannelPlace) -> Int64 {
        guard let limit = opening?.limits.first(where: { $0.kind == "\(LimitKind.amplitudeRise)" }), limit.value >= 0
        else { return Int64.max }
        let risen = Saturating.product(limit.value, TreatmentLedger.unwrittenMilliseconds) / 1_000 + 1
        let step = Int64(max(0, dose.amplitudeStepMicroamperes))
        let last = Int64(max(0, channel(place).setAmplitude.last?.microamperes ?? 0))
        return Saturating.sum(Saturating.sum(last, risen), step)
    }
}

public import SafetyKernel

/// What the first and the last record of a session say: enough for lists and for the rest between sessions, without
/// reading what lies between. `SessionStore.verify` reads everything.
public struct SessionSummary: Equatable, Sendable {
    public let sessionID: String
    /// Nothing if it cannot be read.
    public let opening: SessionOpening?
    public let closing: SessionClosing?
    public let interruption: SessionInterruption?
    /// Whether a process holds the record now.
    public let isRunning: Bool
    /// The latest wall time that its first and last records know of, nanoseconds since 1970 UTC.
    public let lastWallNanoseconds: Int64?
    /// What stood in the way of reading it; nothing if all is well.
    public let problem: String?

    public init(
        sessionID: String, opening: SessionOpening?, closing: SessionClosing?, interruption: SessionInterruption?,
        isRunning: Bool, lastWallNanoseconds: Int64?, problem: String?
    ) {
        self.sessionID = sessionID
        self.opening = opening
        self.closing = closing
        self.interruption = interruption
        self.isRunning = isRunning
        self.lastWallNanoseconds = lastWallNanoseconds
        self.problem = problem
    }

    /// When it ended: as closed; or when it was last heard of, if it was cut short.
    public var endWallNanoseconds: Int64? {
        closing?.wallNanoseconds ?? interruption?.lastRecordWallNanoseconds ?? lastWallNanoseconds
    }
}

/// A past session of one person, muscle and side, as the rules on rest and first use need it.
public struct PastSession: Equatable, Sendable {
    public let sessionID: String
    public let protocolID: String
    /// A search alone: counts in charge and time, not for rest or first use (`decided.md`).
    public let isSearch: Bool
    public let startWallNanoseconds: Int64
    public let endWallNanoseconds: Int64
    /// Of the dose; nothing if the session was cut short, when nobody knows.
    public let contractionsDone: Int32?
    /// Including unknown ones; nothing if the session was cut short.
    public let pulsesDelivered: Int64?
    public let wasCutShort: Bool
    /// Whether the record proves that treatment pulses went through this muscle: a search, a channel that was never
    /// raised and a session that was cut short prove nothing.
    public let isProven: Bool

    public init(
        sessionID: String, protocolID: String, isSearch: Bool, startWallNanoseconds: Int64,
        endWallNanoseconds: Int64, contractionsDone: Int32?, pulsesDelivered: Int64?, wasCutShort: Bool,
        isProven: Bool = false
    ) {
        self.isProven = isProven
        self.sessionID = sessionID
        self.protocolID = protocolID
        self.isSearch = isSearch
        self.startWallNanoseconds = startWallNanoseconds
        self.endWallNanoseconds = endWallNanoseconds
        self.contractionsDone = contractionsDone
        self.pulsesDelivered = pulsesDelivered
        self.wasCutShort = wasCutShort
    }

    /// Whether it counts for rest and first use. A session that was cut short does: what is unknown counts as done. One
    /// that ended before any pulse does not.
    public var countsAsTreatment: Bool { !isSearch && pulsesDelivered != 0 }
}

/// The past of one person, muscle and side.
public struct SessionHistory: Equatable, Sendable {
    /// Oldest first.
    public let sessions: [PastSession]
    /// Sessions whose opening cannot be read: nobody knows whose they were.
    public let unreadable: [String]

    /// From summaries; pure.
    public init(of summaries: [SessionSummary], personID: String, muscle: String, side: String) {
        var sessions: [PastSession] = []
        var unreadable: [String] = []
        for summary in summaries {
            guard let opening = summary.opening else {
                // One that was never opened has nothing to say and delivered nothing.
                if summary.interruption == nil || summary.problem != nil { unreadable.append(summary.sessionID) }
                continue
            }
            guard opening.personID == personID,
                let place = opening.places.firstIndex(of: MuscleAndSide(muscle: muscle, side: side))
            else { continue }
            sessions.append(
                PastSession(
                    sessionID: summary.sessionID, protocolID: opening.treatmentProtocol.id,
                    isSearch: opening.isSearch, startWallNanoseconds: opening.wallNanoseconds,
                    endWallNanoseconds: summary.endWallNanoseconds ?? opening.wallNanoseconds,
                    contractionsDone: summary.closing?.contractionsDone,
                    pulsesDelivered: summary.closing?.pulsesCounted,
                    wasCutShort: summary.closing == nil,
                    isProven: SessionHistory.isProven(opening, summary.closing, channel: place)))
        }
        self.sessions = sessions.sorted { $0.startWallNanoseconds < $1.startWallNanoseconds }
        self.unreadable = unreadable
    }

    /// What the safety kernel needs of it. Negative when the clock was set back: the kernel refuses that.
    public func treatmentHistory(now: WallTime) -> TreatmentHistory {
        let treatments = sessions.filter(\.countsAsTreatment)
        let lastEnd = treatments.map(\.endWallNanoseconds).max() ?? now.nanoseconds
        let difference = now.nanoseconds.subtractingReportingOverflow(lastEnd)
        // Rounded down, so that a rest is never taken for longer than it was.
        let nanoseconds = difference.overflow ? -1 : difference.partialValue
        return TreatmentHistory(
            earlierTreatments: Int32(clamping: treatments.count),
            millisecondsSinceLast: nanoseconds < 0 ? -1 : nanoseconds / 1_000_000,
            provenTreatments: provenTreatments)
    }

    /// Treatments of which the records prove that they reached this muscle.
    public var provenTreatments: Int32 { Int32(clamping: sessions.count { $0.countsAsTreatment && $0.isProven }) }

    private static func isProven(_ opening: SessionOpening, _ closing: SessionClosing?, channel: Int) -> Bool {
        guard let closing, !opening.isSearch else { return false }
        if let pulses = closing.channelTreatmentPulses { return channel < pulses.count && pulses[channel] > 0 }
        // Records of one channel from before: contractions were counted, or no search was planned.
        return closing.contractionsDone > 0 || (opening.searchDose == nil && closing.pulsesCounted > 0)
    }
}

/// The computer's clock shows a time before the last record: rest between sessions and every label would be wrong.
public struct ClockSetBack: Equatable, Sendable {
    public let nowNanoseconds: Int64
    public let latestRecordNanoseconds: Int64
    /// The session whose record is the latest.
    public let sessionID: String

    /// From summaries; nothing if the clock is all right. Pure.
    public init?(now: WallTime, summaries: [SessionSummary]) {
        let latest = summaries.compactMap { summary in summary.lastWallNanoseconds.map { ($0, summary.sessionID) } }
            .max { $0.0 < $1.0 }
        guard let latest, now.nanoseconds < latest.0 else { return nil }
        nowNanoseconds = now.nanoseconds
        latestRecordNanoseconds = latest.0
        sessionID = latest.1
    }
}

// What the records say before a session: what was cut short, whether the clock can be believed, what was done before.
import CareModel
import SafetyKernel
import SessionRecords
import StimulusModel

struct SessionPast {
    /// What the person has had so far, from the records themselves: of the first channel's muscle, and of the second's.
    let ledger: TreatmentLedger
    let secondLedger: TreatmentLedger?

    /// What the rules across sessions need of it.
    var history: TreatmentHistory { ledger.history }
    var secondHistory: TreatmentHistory? { secondLedger?.history }

    /// Proves that a record can be kept, and closes what was cut short. Throws while another session runs.
    static func recover(_ store: SessionStore, _ prompter: Prompter) throws {
        let report: RecoveryReport
        do throws(RecordFailure) {
            try store.prepare()
            report = try store.closeInterrupted(at: WallClock.now(), programVersion: Program.version)
        } catch {
            throw SessionPast.failure(error)
        }
        try NeedleDesk.recover(store, report.closed, prompter)
        try SessionPast.tell(report, prompter)
    }

    /// Judged as of now: ask anew when time has passed.
    init(store: SessionStore, order: SessionOrder) throws {
        do throws(LedgerProblem) {
            let now = WallClock.now()
            ledger = try SessionPast.ledger(store, order, order.first, now)
            if let second = order.second {
                secondLedger = try SessionPast.ledger(store, order, second, now)
            } else {
                secondLedger = nil
            }
        } catch {
            throw SessionPast.failure(error, store)
        }
        // Said before anybody is asked forty questions.
        try SessionPast.check(order.first, history)
        if let second = order.second, let secondHistory { try SessionPast.check(second, secondHistory) }
    }

    private static func check(_ channel: OrderedChannel, _ history: TreatmentHistory) throws {
        guard let treatment = channel.treatment else { return }
        do throws(Refusal) {
            try Authorization.checkHistory(treatment, history)
        } catch {
            throw Failure(.refused, "\(channel.treated.id): \(RefusalText.message(error))")
        }
    }

    private static func ledger(
        _ store: SessionStore, _ order: SessionOrder, _ channel: OrderedChannel, _ now: WallTime
    ) throws(LedgerProblem) -> TreatmentLedger {
        try store.ledger(
            personID: order.person.text, muscle: channel.treated.muscle.name, side: order.side.name, now: now)
    }

    private static func tell(_ report: RecoveryReport, _ prompter: Prompter) throws {
        for session in report.closed {
            prompter.say(
                "Session \(session.sessionID) was cut short (the program or the computer died); it is now closed as "
                    + "interrupted.")
        }
        if let running = report.running.first {
            throw Failure(
                .deviceUnavailable,
                "session \(running) is running with this data folder; stop it with `motorpoint stop`")
        }
        if !report.damaged.isEmpty {
            let ids = report.damaged.map(\.sessionID).joined(separator: ", ")
            throw Failure(
                .recordDamaged,
                "records were damaged or changed: \(ids). See `motorpoint sessions verify`. No session starts on "
                    + "records that cannot be believed; restore the files, or move them away and keep them")
        }
        for (id, failure) in report.failed.sorted(by: { $0.key < $1.key }) {
            throw Failure(.cannotWrite, "session \(id) could not be closed: \(failure). \(failure.hint)")
        }
    }

    private static func failure(_ problem: LedgerProblem, _ store: SessionStore) -> Failure {
        switch problem {
        case .clockSetBack(let setBack):
            return Failure(
                .refused,
                "this computer's clock shows a time before the last record (session \(setBack.sessionID)): rest "
                    + "between sessions cannot be judged. Set the clock right, then start again")
        case .unreadable(let ids):
            return Failure(
                .recordDamaged,
                "the opening of \(ids.joined(separator: ", ")) cannot be read, so nobody knows whose "
                    + "session it was. See `motorpoint sessions verify`; restore the file, or move it away")
        case .damaged(let found):
            let words = found.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }.joined(separator: ", ")
            return Failure(
                .recordDamaged,
                "records of this person are damaged, so nobody knows what they had: \(words). See "
                    + "`motorpoint sessions verify`; restore the files, or move them away and keep them")
        case .disk(let error):
            return Failure(.cannotWrite, "the records in \(store.folder) cannot be read: \(error)")
        }
    }

    static func failure(_ error: RecordFailure) -> Failure {
        Failure(.cannotWrite, "the record cannot be kept: \(error). What to do: \(error.hint). Nothing was armed")
    }
}

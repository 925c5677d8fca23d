// What the records say before a session: what was cut short, whether the clock can be believed, what was done before.
import CareModel
import SafetyKernel
import SessionRecords
import StimulusModel

struct SessionPast {
    /// Of the first channel's muscle, and of the second's.
    let history: TreatmentHistory
    let secondHistory: TreatmentHistory?

    /// Proves that a record can be kept, and closes what was cut short. Throws while another session runs.
    static func recover(_ store: SessionStore, _ prompter: Prompter) throws {
        let report: RecoveryReport
        do throws(RecordFailure) {
            try store.prepare()
            report = try store.closeInterrupted(at: WallClock.now(), programVersion: Program.version)
        } catch {
            throw SessionPast.failure(error)
        }
        try SessionPast.tell(report, prompter)
    }

    /// Judged as of now: ask anew when time has passed.
    init(store: SessionStore, order: SessionOrder) throws {
        do {
            if let setBack = try store.clockSetBack(now: WallClock.now()) {
                throw Failure(
                    .refused,
                    "this computer's clock shows a time before the last record (session \(setBack.sessionID)): rest "
                        + "between sessions cannot be judged. Set the clock right, then start again")
            }
            history = try SessionPast.history(store, order, order.first)
            secondHistory = try order.second.map { try SessionPast.history(store, order, $0) }
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(.cannotWrite, "the records in \(store.folder) cannot be read: \(error)")
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

    private static func history(
        _ store: SessionStore, _ order: SessionOrder, _ channel: OrderedChannel
    ) throws -> TreatmentHistory {
        let past = try store.history(
            personID: order.person.text, muscle: channel.treated.muscle.name, side: order.side.name)
        guard past.unreadable.isEmpty else {
            throw Failure(
                .recordDamaged,
                "the opening of \(past.unreadable.joined(separator: ", ")) cannot be read, so nobody knows whose "
                    + "session it was. See `motorpoint sessions verify`; restore the file, or move it away")
        }
        return past.treatmentHistory(now: WallClock.now())
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

    static func failure(_ error: RecordFailure) -> Failure {
        Failure(.cannotWrite, "the record cannot be kept: \(error). What to do: \(error.hint). Nothing was armed")
    }
}

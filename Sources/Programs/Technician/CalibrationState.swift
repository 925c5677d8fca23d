import CareModel
import SessionRecords

/// How the calibration of each stimulator stands, as the files of a data folder say. Signature and policy are judged by
/// `motorpoint start`, and by `motorpoint start --dry-run`.
struct CalibrationState {
    /// What ends first comes first.
    let all: [CalibrationDue]

    init(_ places: PlaceOptions) throws {
        let store = CalibrationStore(dataFolder: try places.dataFolder())
        all = try TrustFailure.running { try store.dueDates(on: CalendarDay(WallClock.now())) }
    }

    static func holds(_ due: CalibrationDue) -> Bool { due.isNewest && due.isPassed && due.daysLeft >= 0 }

    static func words(_ due: CalibrationDue) -> String {
        guard due.isNewest else { return "a later one was begun and not finished, locked for patients" }
        guard due.isPassed else { return "FAILED, locked for patients" }
        guard due.daysLeft >= 0 else { return "ended \(-due.daysLeft) days ago, locked for patients" }
        let last = CalendarDay(daysSince1970: CalendarDay(WallClock.now()).daysSince1970 + due.daysLeft)
        let until = last.map { ", until \($0.text)" } ?? ""
        let days = due.daysLeft == 0 ? "ends today" : "holds for \(due.daysLeft) more days\(until)"
        return (due.isDueSoon ? "DUE SOON: " : "") + days
    }

    /// One line for a stimulator.
    func words(of serial: String) -> String {
        guard let one = all.first(where: { $0.serialNumber == serial }) else { return "none, locked for patients" }
        return "\(one.id): \(CalibrationState.words(one))"
    }
}

internal import Calibration
public import CareModel

extension SessionStore {
    /// The sessions on a device from the day of its last good calibration on, oldest first: what has to be looked at
    /// when it is found out of tolerance. Without a day, all of them. A session whose opening cannot be read may have
    /// been on it and is among them.
    public func sessions(onDevice serial: String, since lastGood: CalendarDay?) throws(DiskError) -> [SessionSummary] {
        try summaries().filter { summary in
            guard let opening = summary.opening else { return true }
            guard opening.device.id == serial else { return false }
            guard let lastGood else { return true }
            let start = WallTime(
                nanoseconds: opening.wallNanoseconds, utcOffsetSeconds: opening.utcOffsetSeconds)
            return CalendarDay(start) >= lastGood
        }
    }
}

extension CalibrationStore {
    /// The day of the last calibration that passed, this one's own sequence left out; nothing if none did.
    public func lastGood(of serial: String, before sequence: Int32 = .max) throws(TrustFileProblem) -> CalendarDay? {
        try history(of: serial).last { $0.sequence < sequence && $0.document?.isPassed == true }?.document?.measuredOn
    }
}

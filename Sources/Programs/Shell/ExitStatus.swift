import Foundation
import SessionRecords

/// What the program says to the shell when it ends. Documented in the README and in `motorpoint help`; tests run them.
enum ExitStatus: Int32 {
    /// What was asked for was done; a session ran its programme to the end.
    case done = 0
    /// A session was stopped before its end, in order: by a key, a signal, `motorpoint stop`, a limit of time.
    case stopped = 10
    /// Consent was withdrawn; output was stopped first.
    case consentWithdrawn = 11
    /// A fault ended the session and latched. A stimulator that vanished counts here: the patient's button does that.
    case fault = 20
    /// A fault ended the session, and the stimulator did not confirm that its high voltage is off.
    case faultOutputUnproven = 21
    /// The practitioner or the checklist said no before anything was armed.
    case notCleared = 30
    /// A limit refuses what was asked for.
    case refused = 31
    /// A calibration did not pass: the stimulator is locked for patients.
    case calibrationFailed = 32
    /// The records are damaged or were changed.
    case recordDamaged = 40
    /// The command line cannot be understood.
    case usage = 64
    /// A protocol, rig or checklist file is wrong.
    case badFile = 65
    /// A named file, protocol or session does not exist.
    case notFound = 66
    /// The stimulator is missing, busy, foreign or silent.
    case deviceUnavailable = 69
    /// The program contradicts itself.
    case internalError = 70
    /// The data folder or record cannot be written.
    case cannotWrite = 73
    /// The system does not permit it.
    case noPermission = 77
}

/// An error with the message that a person reads and the status that the shell gets.
struct Failure: Error {
    let status: ExitStatus
    let message: String

    init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    /// A file that is not there is another mistake than one that is wrong.
    static func file(_ problems: FileProblems, at path: String) -> Failure {
        Failure(FileManager.default.fileExists(atPath: path) ? .badFile : .notFound, problems.description)
    }
}

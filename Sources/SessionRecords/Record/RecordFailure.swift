internal import Glibc

/// Why the safety record could not be kept. Every one of them ends the session, or prevents it.
public enum RecordFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The system refused; latched, and never tried again on the same file.
    case system(DiskError, file: String)
    /// A payload longer than any record may have.
    case tooLong(bytes: Int)
    /// The record is closed.
    case alreadyClosed
    /// A payload could not be made into JSON.
    case unencodable
    /// The record of this id exists already, or its lock is held.
    case inUse(file: String)
    /// Less free space than a session may need.
    case tooLittleSpace(free: Int64, needed: Int64, folder: String)

    public var description: String {
        switch self {
        case .system(let error, let file): return "\(file): \(error)"
        case .tooLong(let bytes):
            return
                "a record of \(bytes) bytes is longer than the \(RecordLayout.longestPayload) bytes that one may have"
        case .alreadyClosed: return "the record is closed already"
        case .unencodable: return "the content of a record could not be written as JSON"
        case .inUse(let file): return "\(file): in use by another process, or there already"
        case .tooLittleSpace(let free, let needed, let folder):
            return "\(folder): \(free) bytes free, a session needs \(needed); free some space first"
        }
    }

    /// What to do about it.
    public var hint: String {
        switch self {
        case .system(let error, _):
            switch error.number {
            case ENOSPC, EDQUOT, EFBIG: return "free space on this disk; no session runs without a record"
            case EROFS, EACCES, EPERM: return "choose a data folder that this user may write to"
            case ENOTDIR: return "the data folder's path runs through a file; choose another"
            default: return "check the disk; no session runs without a record"
            }
        case .tooLong, .unencodable: return "report this with the protocol and checklist files that were used"
        case .alreadyClosed: return "start a new session"
        case .inUse: return "wait for the other session to end"
        case .tooLittleSpace: return "free some space, or choose a data folder on another disk"
        }
    }
}

import Foundation

/// A symlink that always points to the present pseudo-terminal, replaced in one step, gone while the device is.
struct StableLink {
    let path: String

    enum Failure: Error, CustomStringConvertible {
        case occupied(String)
        case refused(String, Int32)

        var description: String {
            switch self {
            case .occupied(let path): return "\(path) exists and is no symlink: remove it or name another --link"
            case .refused(let path, let code):
                return unsafe "cannot make the link \(path): \(String(cString: strerror(code)))"
            }
        }
    }

    /// Points the link at `target`, whatever it pointed at before.
    func point(to target: String) throws(Failure) {
        try checkPlace()
        // Made beside its place and moved over it: nobody ever sees the name missing while the device is there.
        let fresh = "\(path).\(ProcessInfo.processInfo.processIdentifier).new"
        _ = unsafe unlink(fresh)
        guard unsafe symlink(target, fresh) == 0 else { throw .refused(path, errno) }
        guard unsafe rename(fresh, path) == 0 else {
            let code = errno
            _ = unsafe unlink(fresh)
            throw .refused(path, code)
        }
    }

    /// Takes the link away if it is still the one that points at `target`.
    func remove(pointingTo target: String) {
        guard (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) == target else { return }
        _ = unsafe unlink(path)
    }

    /// Refuses to replace anything but a symlink.
    func checkPlace() throws(Failure) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFLNK else { throw .occupied(path) }
    }
}

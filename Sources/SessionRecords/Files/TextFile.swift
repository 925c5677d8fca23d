internal import Glibc

/// Reads a small text file that someone else may have written, and refuses what no honest text file is.
enum TextFile {
    /// Protocols, checklists and rigs are a few kilobytes; more is a mistake or an attack (proposal).
    static let longestBytes = 256 * 1_024

    /// The bytes and the text of `path`.
    static func read(_ path: String) throws(FileProblem) -> (bytes: [UInt8], text: String) {
        let bytes = try bytes(of: path)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw FileProblem(
                file: path, line: firstInvalidLine(bytes), message: "not UTF-8 text",
                hint: "save the file as UTF-8")
        }
        return (bytes, text)
    }

    private static func bytes(of path: String) throws(FileProblem) -> [UInt8] {
        do {
            let file = try LinuxFile.open(path, O_RDONLY)
            let status = try file.status()
            switch status.kind {
            case .regular: break
            case .directory:
                throw FileProblem(file: path, message: "is a folder, not a file", hint: "name the file in it")
            case .other(let words):
                throw FileProblem(file: path, message: "is \(words), not a file", hint: "name an ordinary file")
            }
            guard status.bytes <= Int64(longestBytes) else { throw tooLong(path, "\(status.bytes) bytes") }
            // It may have grown since: one byte more than allowed tells.
            let bytes = try file.readAll(limit: longestBytes + 1)
            guard bytes.count <= longestBytes else { throw tooLong(path, "more than \(longestBytes) bytes") }
            return bytes
        } catch let problem as FileProblem {
            throw problem
        } catch let error as DiskError {
            throw unreadable(path, error)
        } catch {
            throw FileProblem(file: path, message: "cannot be read")
        }
    }

    private static func tooLong(_ path: String, _ value: String) -> FileProblem {
        FileProblem(
            file: path, value: value, limit: "\(longestBytes) bytes", setBy: "file format",
            message: "file too long; it was not read", hint: "check that this is the file you meant")
    }

    private static func unreadable(_ path: String, _ error: DiskError) -> FileProblem {
        switch error.number {
        case ENOENT:
            return FileProblem(
                file: path, message: "there is no such file",
                hint: "check the name and the folder")
        case EACCES, EPERM:
            return FileProblem(file: path, message: "may not be read by this user", hint: "check owner and permissions")
        case ELOOP:
            return FileProblem(
                file: path, message: "is a chain of symbolic links without an end", hint: "remove the links")
        case ENAMETOOLONG:
            return FileProblem(file: path, message: "the file name is too long", hint: "check the name")
        case ENXIO:
            return FileProblem(
                file: path, message: "is a socket or device without a far end", hint: "name an ordinary file")
        default:
            return FileProblem(file: path, message: "cannot be read: \(error)", hint: "check the disk")
        }
    }

    /// The line on which the first byte that is no UTF-8 stands.
    private static func firstInvalidLine(_ bytes: [UInt8]) -> Int {
        var line = 1
        for slice in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if String(validating: slice, as: UTF8.self) == nil { return line }
            line += 1
        }
        return line
    }
}

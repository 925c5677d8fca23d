internal import Foundation
internal import Glibc

/// Why papers of trust cannot be read or written.
public enum TrustFileProblem: Error, Equatable, Sendable, CustomStringConvertible {
    case disk(DiskError, file: String)
    case file(FileProblems)
    /// It is there already, and is never replaced.
    case exists(String)
    /// A name that cannot be one.
    case badName(String)
    case noSuchKey(String)
    case wrongPassphrase(String)
    case passphraseNeeded(String)
    /// Not what the program writes.
    case damaged(String)
    /// The random generator or the memory for a passphrase is not to be had.
    case noCryptography
    /// Content that does not come back as it was written.
    case unwritable(String)
    case inUse(String)

    public var description: String {
        switch self {
        case .disk(let error, let file): return "\(file): \(error)"
        case .file(let problems): return problems.description
        case .exists(let path): return "\(path) is there already; it is never replaced"
        case .badName(let name): return "\"\(name)\" is no name of a key: \(KeyName.words)"
        case .noSuchKey(let id): return "there is no key \(id)"
        case .wrongPassphrase(let path): return "the passphrase does not open \(path)"
        case .passphraseNeeded(let path): return "\(path) needs its passphrase"
        case .damaged(let path): return "\(path) is damaged, or no file of this program"
        case .noCryptography: return "libsodium cannot work on this computer"
        case .unwritable(let what): return what
        case .inUse(let path): return "\(path): in use by another process"
        }
    }
}

/// Small private files that appear whole or not at all.
enum TrustFile {
    static func write(_ bytes: [UInt8], to path: String, replacing: Bool) throws(TrustFileProblem) {
        do {
            let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
            try LinuxFile.makeFolders(folder.isEmpty ? "." : folder)
            guard replacing || LinuxFile.fingerprint(path) == nil else { throw TrustFileProblem.exists(path) }
            let aside = LinuxFile.nameAside(path)
            let file = try LinuxFile.makeAside(aside)
            do {
                try file.write(bytes, at: 0)
                try file.dataSync()
                try LinuxFile.rename(aside, to: path)
            } catch {
                try? LinuxFile.remove(aside)
                throw error
            }
            try LinuxFile.syncFolder(folder.isEmpty ? "." : folder)
        } catch let problem as TrustFileProblem {
            throw problem
        } catch let error as DiskError {
            throw .disk(error, file: path)
        } catch {
            throw .damaged(path)
        }
    }

    /// Nothing if there is no such file.
    static func read(_ path: String, limit: Int) throws(TrustFileProblem) -> [UInt8]? {
        do {
            let file = try LinuxFile.open(path, O_RDONLY)
            let bytes = try file.readAll(limit: limit + 1)
            guard bytes.count <= limit else { throw TrustFileProblem.damaged(path) }
            return bytes
        } catch let problem as TrustFileProblem {
            throw problem
        } catch let error as DiskError {
            if error.number == ENOENT { return nil }
            throw .disk(error, file: path)
        } catch {
            throw .damaged(path)
        }
    }

    static func exists(_ path: String) -> Bool { LinuxFile.fingerprint(path) != nil }

    /// Names in a folder, sorted; none of a folder that is not there.
    static func names(in folder: String, suffix: String) throws(TrustFileProblem) -> [String] {
        guard LinuxFile.isFolder(folder) else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { $0.hasSuffix(suffix) && !$0.hasPrefix(".") && !LinuxFile.isHalf($0) }
                .map { String($0.dropLast(suffix.count)) }
                .sorted()
        } catch {
            throw .disk(DiskError(number: EACCES, call: "readdir"), file: folder)
        }
    }

    /// Held while papers are changed; nobody else may change them meanwhile.
    static func hold(_ dataFolder: String) throws(TrustFileProblem) -> NeedleHold {
        let path = dataFolder + "/.trust"
        do {
            try LinuxFile.makeFolders(dataFolder)
            let file = try LinuxFile.open(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
            guard try file.lock(waitingAtMostMilliseconds: 5_000) else { throw TrustFileProblem.inUse(path) }
            return NeedleHold(file)
        } catch let problem as TrustFileProblem {
            throw problem
        } catch let error as DiskError {
            throw .disk(error, file: path)
        } catch {
            throw .damaged(path)
        }
    }
}

import Foundation
import SessionRecords

enum PassphraseReader {
    /// From a file, without the line's end; nothing where none was named.
    static func given(_ path: String?) throws -> Passphrase? {
        guard let path else { return nil }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(.notFound, "\(path) cannot be read")
        }
        var bytes = Array(data)
        while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
        guard !bytes.isEmpty else { throw Failure(.badFile, "\(path) holds no passphrase") }
        return Passphrase(taking: &bytes)
    }
}

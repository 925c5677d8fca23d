import Foundation

/// What is said to the person in front of this program.
enum Console {
    /// One message on standard error.
    static func complain(_ text: String) { write(text + "\n", to: FileHandle.standardError) }

    /// One line on standard output.
    static func say(_ text: String) { write(text + "\n", to: FileHandle.standardOutput) }

    /// Text as it is.
    static func show(_ text: String) { write(text, to: FileHandle.standardOutput) }

    /// Bytes as they are.
    static func show(_ bytes: [UInt8]) { try? FileHandle.standardOutput.write(contentsOf: Data(bytes)) }

    // A reader that is gone is no reason to stop pretending.
    private static func write(_ text: String, to handle: FileHandle) {
        try? handle.write(contentsOf: Data(text.utf8))
    }
}

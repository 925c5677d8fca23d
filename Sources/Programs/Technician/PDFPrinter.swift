import ByteStreams
import Foundation
import StimulusModel

/// Makes a PDF of a page by WeasyPrint, a program of its own: the page is whole as one file, so nothing is fetched.
enum PDFPrinter {
    static let program = "weasyprint"
    /// The Debian package that holds it.
    static let package = "weasyprint"
    /// A page of eight outputs takes some seconds (seen); one that takes longer hangs (proposal).
    static let patienceSeconds: Int64 = 180

    /// - Parameters:
    ///   - page: an HTML file, which stays whatever happens.
    ///   - path: of the PDF; replaced if it is there, and never half written.
    static func write(_ page: String, to path: String) throws {
        guard let tool = find(program) else {
            throw Failure(
                .notFound,
                "no PDF was made: \(program) is not installed. The page is in \(page); print it from a browser, or "
                    + "type: sudo apt-get install \(package)")
        }
        let half = path + ".part-\(ProcessInfo.processInfo.processIdentifier)"
        let log = half + ".log"
        defer {
            try? FileManager.default.removeItem(atPath: half)
            try? FileManager.default.removeItem(atPath: log)
        }
        guard FileManager.default.createFile(atPath: log, contents: nil), let errors = FileHandle(forWritingAtPath: log)
        else { throw Failure(.cannotWrite, "no PDF was made: nothing can be written beside \(path)") }
        defer { try? errors.close() }
        guard try run(tool, ["--encoding", "utf-8", "--quiet", page, half], errors: errors.fileDescriptor),
            isPDF(half)
        else {
            let said = String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
            let last = said.split(separator: "\n").last.map { ": " + $0.prefix(300) } ?? ""
            throw Failure(.cannotWrite, "no PDF was made: \(tool) failed\(last). The page is in \(page)")
        }
        do {
            // The old one goes only once the new one is whole.
            if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
            try FileManager.default.moveItem(atPath: half, toPath: path)
        } catch {
            throw Failure(.cannotWrite, "the PDF could not be put at \(path). The page is in \(page)")
        }
    }

    private static func run(_ tool: String, _ arguments: [String], errors: Int32) throws -> Bool {
        var child: ChildProcess
        do {
            child = try ChildProcess(
                tool, arguments: arguments, environment: ProcessInfo.processInfo.environment,
                on: .descriptors(input: nil, output: nil, error: errors))
        } catch {
            throw Failure(.internalError, "no PDF was made: \(error)")
        }
        let end = SystemClock.now().advanced(by: TimeSpan(milliseconds: patienceSeconds * 1_000))
        while SystemClock.now().since(end).nanoseconds < 0 {
            if let ending = child.poll() { return ending == .exited(status: 0) }
            SystemClock.sleep(until: SystemClock.now().advanced(by: TimeSpan(milliseconds: 20)))
        }
        // The child ends with this value.
        return false
    }

    private static func isPDF(_ path: String) -> Bool {
        guard let file = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? file.close() }
        return (try? file.read(upToCount: 5)) == Data("%PDF-".utf8)
    }

    /// In the folders of PATH that are named from the root: a planted file in the current folder is never run.
    private static func find(_ name: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        return folders.filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }
            .first(where: FileManager.default.isExecutableFile)
    }
}

import Calibration
import Foundation
import SessionRecords
import Testing

@Suite struct WorkbenchTests {
    private static let hardware =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path + "/Hardware"

    private static func files(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(hardware)/\(folder)").sorted()
            .map { "\(hardware)/\(folder)/\($0)" }
    }

    @Test func `every instrument profile is read and asks everything`() throws {
        let paths = try Self.files("instruments")
        #expect(paths.count >= 2)
        for path in paths {
            let profile = try InstrumentLoader.load(path: path)
            #expect(profile.queries.count == InstrumentQuantity.allCases.count)
            #expect(profile.queries.values.allSatisfy { $0.contains("?") })
        }
    }

    @Test func `every bench file is read, and its profile is there`() throws {
        for path in try Self.files("benches") {
            let bench = try WorkbenchLoader.load(path: path)
            #expect(!bench.loads.isEmpty)
            if let profile = bench.profile {
                #expect(try InstrumentLoader.load(path: "\(Self.hardware)/instruments/\(profile).yaml").id == profile)
            }
        }
    }

    @Test(arguments: [
        ("ohms: 500,", "ohms: 50,", "ohms"), ("tolerance_percent: 1,", "tolerance_percent: 9,", "tolerance_percent"),
        ("ohms: 1000,", "ohms: 500,", "second load"), ("2026-03-02", "2026-02-30", "calibrated_on"),
        ("id: demo", "id: other", "the file's name"), ("expanded_ppm: 12000", "expanded_ppm: 0", "expanded_ppm"),
    ]) func `a mistake in a bench file is named with its line`(_ was: String, _ becomes: String, _ says: String) throws
    {
        let path = try #require(try Self.files("benches").first)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.contains(was))
        let folder = NSTemporaryDirectory() + "bench-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let wrong = folder + "/demo.yaml"
        try text.replacing(was, with: becomes).write(toFile: wrong, atomically: true, encoding: .utf8)
        var message = ""
        do throws(FileProblems) { _ = try WorkbenchLoader.load(path: wrong) } catch { message = error.description }
        #expect(message.contains(says) && message.contains("demo.yaml:"), "\(message)")
    }
}

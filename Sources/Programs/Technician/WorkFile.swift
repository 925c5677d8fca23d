// An interrupted calibration goes on where it was: what was read so far is kept beside the calibrations, and is thrown
// away when the document is signed.
import Calibration
import Foundation
import SessionRecords

struct WorkFile {
    let path: String

    /// A reading without its units, in the order of `BenchReading`.
    private struct Row: Codable {
        var source: String
        var values: [Int64?]
    }

    private struct Result: Codable {
        /// Which trial it belongs to, as text: what no longer fits is not taken.
        var trial: String
        var failure: String?
        var readings: [[Row]]
    }

    private struct Content: Codable {
        var format = "motorpoint-bench-work-1"
        /// Device, loads, instrument and outputs: another order begins anew.
        var order: String
        var results: [Result]
    }

    init(dataFolder: String, serial: String) {
        path = TrustFolder(dataFolder: dataFolder).calibrations(of: serial) + "/work.json"
    }

    /// What was read for this very order; nothing when there is none, or another one's.
    func outcomes(of order: String) throws -> [TrialOutcome]? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        guard let content = try? JSONDecoder().decode(Content.self, from: data) else {
            throw Failure(.badFile, "\(path): not readable; move it away to begin anew")
        }
        guard content.order == order else { return nil }
        return content.results.map { result in
            TrialOutcome(
                readings: result.readings.map { $0.compactMap(WorkFile.reading) },
                failure: result.failure.flatMap { TrialFailure(rawValue: $0) })
        }
    }

    func keep(_ completed: [TrialResult], of order: String) throws {
        let results = completed.map { result in
            Result(
                trial: WorkFile.text(result.trial), failure: result.outcome.failure?.rawValue,
                readings: result.outcome.readings.map { $0.map(WorkFile.row) })
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try JSONEncoder().encode(Content(order: order, results: results))
                .write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw Failure(.cannotWrite, "\(path) cannot be written: \(error.localizedDescription)")
        }
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    private static func text(_ trial: BenchTrial) -> String {
        "\(trial.purpose.rawValue) \(trial.drivenOutput) \(trial.probedOutput) \(trial.terminal.text)"
    }

    private static func row(_ reading: BenchReading) -> Row {
        Row(
            source: reading.source.rawValue,
            values: [
                reading.firstPeakMicrovolts, reading.secondPeakMicrovolts, reading.firstPhaseNanoseconds,
                reading.secondPhaseNanoseconds, reading.periodNanoseconds, reading.areaNanovoltSeconds,
                reading.meanMicrovolts, reading.deviceMicroamperes,
            ])
    }

    private static func reading(_ row: Row) -> BenchReading? {
        guard row.values.count == 8, let source = ReadingSource(rawValue: row.source) else { return nil }
        let values = row.values
        return BenchReading(
            source: source, firstPeakMicrovolts: values[0], secondPeakMicrovolts: values[1],
            firstPhaseNanoseconds: values[2], secondPhaseNanoseconds: values[3], periodNanoseconds: values[4],
            areaNanovoltSeconds: values[5], meanMicrovolts: values[6], deviceMicroamperes: values[7])
    }
}

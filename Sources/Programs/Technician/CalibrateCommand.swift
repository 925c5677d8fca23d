import ArgumentParser
import ByteStreams
import Calibration
import CareModel
import DeviceDrivers
import Foundation
import SessionRecords
import StimulusModel

struct CalibrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Measure a stimulator on a dummy load, judge it, sign the result; a failed one locks it.",
        discussion: """
            One step at a time: what to connect, then its asset number typed as proof. While an output is driven any \
            key stops it. `back` does the step before once more, `leave` keeps what was read; the next start goes on \
            from there. With --typed the readings are typed and the evidence is named, such as a screenshot's file.

            Exit status: 0 passed · 32 failed, the device is locked for patients · 30 left · 31 refused by a limit · \
            64 command line · 65 bad file · 66 not found · 69 stimulator or instrument unavailable · 73 cannot write
            """)

    @Option(help: "Rig file. Default: p24-clinic of this installation.", completion: .custom(Completions.rigFiles))
    var rig: String?

    @Option(
        help: "The stimulator's serial line, instead of the rig file's.", completion: .custom(Completions.serialLines))
    var line: String?

    @Option(help: "Bench file: instrument and loads.", completion: .file(extensions: ["yaml"]))
    var bench: String

    @Option(help: "Serial line of the instrument.", completion: .custom(Completions.serialLines))
    var instrument: String?

    @Option(help: "Readings are typed; the file name of their evidence.")
    var typed: String?

    @Option(help: "An output to calibrate, from 1; may be given several times. Default: all.")
    var channel: [UInt8] = []

    @Option(help: "A load of the bench file, such as 1000ohm; may be given several times. Default: all.")
    var load: [String] = []

    @Option(name: .customLong("compliance-v"), help: "On a needle rig: the isolator's, as its label says, in V.")
    var compliance: Int32?

    @Option(help: "Initials of the technician.")
    var technician: String

    @Option(help: "Id of the key that signs; see `motorpoint-bench keys`.")
    var key: String

    @Option(name: .customLong("passphrase-file"), help: "File with the key's passphrase.", completion: .file())
    var passphraseFile: String?

    @Option(name: .customLong("valid-days"), help: "1 to 365.")
    var validDays: Int32 = CalibrationDocument.longestValidityDays

    @Flag(help: "Plain lines.") var plain = false
    @Flag(help: "One JSON object a line on standard output.") var json = false
    @OptionGroup var places: PlaceOptions

    func validate() throws {
        guard (instrument == nil) != (typed == nil) else {
            throw ValidationError(
                "name an instrument with --instrument, or the evidence of typed readings with --typed")
        }
        guard (1...CalibrationDocument.longestValidityDays).contains(validDays) else {
            throw ValidationError("--valid-days is 1 to \(CalibrationDocument.longestValidityDays)")
        }
    }

    func run() throws {
        try reporting {
            guard TerminalMode.isTerminal(0) else {
                throw Failure(.usage, "a calibration needs a keyboard that can stop it: run it from a terminal")
            }
            let status = try CalibrationDesk(self).run()
            if status != .done { throw ExitCode(status.rawValue) }
        }
    }

    func loadRig() throws -> LoadedRig {
        let path = try rig ?? Places.installed("Hardware", option: "--rig") + "/rigs/p24-clinic.yaml"
        do throws(FileProblems) { return try RigLoader.load(path: path) } catch { throw Failure.file(error, at: path) }
    }

    func loadWorkbench() throws -> Workbench {
        do throws(FileProblems) { return try WorkbenchLoader.load(path: bench) } catch {
            throw Failure.file(error, at: bench)
        }
    }

    /// The profile lies in `instruments` beside the bench file's folder, else in this installation.
    func loadProfile(_ id: String) throws -> InstrumentProfile {
        let folder = URL(fileURLWithPath: bench).deletingLastPathComponent().deletingLastPathComponent().path
        let beside = "\(folder)/instruments/\(id).yaml"
        let path =
            FileManager.default.fileExists(atPath: beside)
            ? beside : try Places.installed("Hardware", option: "--bench") + "/instruments/\(id).yaml"
        do throws(FileProblems) { return try InstrumentLoader.load(path: path) } catch {
            throw Failure.file(error, at: path)
        }
    }

    func chosenLoads(of workbench: Workbench) throws -> [CalibrationLoad] {
        guard !load.isEmpty else { return workbench.loads }
        return try load.map { text in
            let digits = text.lowercased().hasSuffix("ohm") ? String(text.dropLast(3)) : text
            guard let ohms = Int32(digits), let found = workbench.loads.first(where: { $0.ohms == ohms }) else {
                throw Failure(
                    .usage,
                    "--load \(text): \(bench) has "
                        + workbench.loads.map { "\($0.ohms)ohm" }.joined(separator: ", "))
            }
            return found
        }
    }
}

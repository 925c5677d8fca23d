import ArgumentParser
import ByteStreams
import Calibration
import CareModel
import DeviceDrivers
import Foundation
import SafetyKernel
import SessionRecords
import StimulusModel

struct SelftestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "selftest",
        abstract: "Link, firmware, every stop path alone, relay read-back, both buttons, and zero means zero.",
        discussion: """
            Nothing is connected to any output. The buttons are pressed when they are asked for. At the end an output \
            is armed at 0 mA for a moment and switched off again: nothing may be delivered, and off must be proven.

            Exit status: 0 passed · 30 a part failed · 69 missing, busy, foreign or silent
            """)

    @Option(help: "Rig file. Default: p24-clinic of this installation.", completion: .custom(Completions.rigFiles))
    var rig: String?
    @Option(
        help: "The stimulator's serial line, instead of the rig file's.", completion: .custom(Completions.serialLines))
    var line: String?
    @OptionGroup var places: PlaceOptions

    func run() throws {
        try reporting {
            guard TerminalMode.isTerminal(0) else {
                throw Failure(.usage, "a self-test needs a keyboard that can stop it: run it from a terminal")
            }
            do {
                try StopSignals.install()
                try LastGasp.install()
            } catch {
                throw Failure(.internalError, "\(error)")
            }
            let path = try rig ?? Places.installed("Hardware", option: "--rig") + "/rigs/p24-clinic.yaml"
            let loaded: LoadedRig
            do throws(FileProblems) { loaded = try RigLoader.load(path: path) } catch {
                throw Failure.file(error, at: path)
            }
            try test(loaded, Prompter(style: .plain))
        }
    }

    private func test(_ loaded: LoadedRig, _ prompter: Prompter) throws {
        var rig = try BenchRig(rig: loaded, line: line, prompter: prompter)
        let device = rig.device
        prompter.say(
            "link: \(device.serialNumber) answers at \(rig.path), firmware \(device.firmware); stopped and off.")
        prompter.say("  calibration \(try CalibrationState(places).words(of: device.serialNumber))")
        let answer = try prompter.ask("\nNothing and nobody may be connected to any output. Look, then type nobody:")
        guard answer.lowercased() == "nobody" else {
            throw Failure(.notCleared, "not confirmed that nobody is connected; nothing was driven")
        }
        try rig.tryStop()
        prompter.say(
            loaded.content.needles == nil
                ? "stop: the button cut the device's power, and the same device came back off."
                : "stop: enable alone, heartbeat alone and both buttons each opened the relay; its read-back agrees.")
        let points = BenchPoints.points(of: device.stimulator)
        let trial = BenchTrial(
            purpose: .zeroOutput, drivenOutput: 1, probedOutput: 1, terminal: .open, drivenTerminal: .open,
            levelsMicroamperes: [0], readingsPerLevel: 1, phaseDurationMicroseconds: points.phaseDurationMicroseconds,
            frequencyMillihertz: points.frequencyMillihertz, correction: .none)
        let ended = try TrialRun(rig: rig, prompter: prompter).run(
            trial,
            BenchAttestation(
                assetNumberIsRecorded: true, nobodyIsConnected: true, stopControlIsProven: rig.stopIsProven,
                deviceIsIdentified: true), ReadingDesk(nothing: prompter))
        guard ended.outcome.failure == nil, ended.deliveredPulses == 0 else {
            throw Failure(
                .notCleared,
                "zero: armed at 0 mA the run ended with \(ended.deliveredPulses) pulses delivered. "
                    + FaultText.message(ended.fault))
        }
        prompter.say("zero: armed at 0 mA, no pulse was delivered, and it is proven off again.")
        prompter.say("self-test passed.")
    }
}

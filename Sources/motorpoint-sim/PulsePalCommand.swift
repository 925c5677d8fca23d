import ArgumentParser
import ByteStreams
import RigSimulator
import StimulusModel

/// `motorpoint-sim pulse-pal`: the serial side of a pretended Pulse Pal in real time.
struct PulsePalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pulse-pal",
        abstract: "A pretended Pulse Pal 2 on a pseudo-terminal: its serial language, its trains, its silences.",
        discussion: """
            Behind it are no pins: its interlock relay stays open, and nothing reaches a needle.

            Over --control, one line each: \(PulsePalRequestLine.help).
            """)

    @Option(help: "Symlink that points to the device while it is plugged in.") var link: String
    @Option(help: "Unix socket on which scripts may speak to the device.") var control: String?
    @Option(help: "Firmware: 21 or 22.") var firmware: UInt32 = 21
    @Option(help: "A command cut short waits so many milliseconds for its rest; without it, for ever.")
    var cutMilliseconds: Int64?
    @Option(help: "Same seed, same line.") var seed: UInt64 = 0
    @Flag(help: "Say nothing but the last line.") var quiet = false

    func validate() throws {
        guard PulsePalConfiguration(version: firmware) != nil else {
            throw ValidationError("--firmware is 21 or 22, not \(firmware)")
        }
        if let cutMilliseconds, !(1...3_600_000).contains(cutMilliseconds) {
            throw ValidationError("--cut-milliseconds is 1 to 3600000, not \(cutMilliseconds)")
        }
    }

    func run() throws {
        do {
            try StopSignals.install()
            let place = StableLink(path: link)
            try place.checkPlace()
            var device = PulsePalConfiguration(version: firmware) ?? PulsePalConfiguration()
            if let cutMilliseconds { device.cutCommand = .failsAfter(milliseconds: cutMilliseconds) }
            var host = PulsePalHost(
                VirtualNeedleRigConfiguration(device: device, seed: seed), startingAt: SystemClock.now(), link: place,
                control: try control.map { try ControlServer(path: $0) }, isQuiet: quiet)
            try host.run()
        } catch {
            Console.complain("motorpoint-sim: \(error)")
            throw SimStatus.cannotCreate
        }
    }
}

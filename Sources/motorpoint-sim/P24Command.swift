import ArgumentParser
import ByteStreams
import RigSimulator
import StimulusModel

/// `motorpoint-sim p24`: the pretended stimulator in real time.
struct P24Command: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "p24",
        abstract: "A pretended P24 on a pseudo-terminal, with pads, tissue, muscle and a meter at the electrode.",
        discussion: RigOptions.discussion)

    @Option(help: "Symlink that points to the device while it is plugged in.") var link: String
    @OptionGroup var rig: RigOptions

    /// Bytes on a pseudo-terminal pass through a work queue of the kernel that may be some milliseconds late; the rate
    /// over a second is judged all the same.
    static let jitterMicroseconds: Int64 = 8_000

    func run() throws {
        let place = StableLink(path: link)
        try rig.run(at: .terminal(place), jitterMicroseconds: P24Command.jitterMicroseconds) {
            try place.checkPlace()
        }
    }
}

import ArgumentParser
import Glibc

/// The technician's program: identify, measure on a dummy load, judge, certify, lock.
struct MotorpointBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "motorpoint-bench",
        abstract: "Calibrates stimulators on a dummy load. Not a medical device.",
        discussion: """
            Never with a person connected: every run asks for a dummy load with its asset number, and passes the same \
            limits as a treatment.
            """,
        version: Program.version,
        subcommands: [
            BenchDevicesCommand.self, IdentifyCommand.self, SelftestCommand.self, CalibrateCommand.self,
            CertificateCommand.self, HistoryCommand.self, DueCommand.self, KeysCommand.self, SignCommand.self,
            LatencyCommand.self,
        ])
}

/// What `Sources/motorpoint-bench` starts.
public enum TechnicianProgram {
    public static func run() {
        // A limit on the size of files then fails a write, as a full disk does, instead of killing a run.
        _ = signal(SIGXFSZ, SIG_IGN)
        MotorpointBench.main(nil)
    }
}

import ArgumentParser
import Foundation
import Glibc

/// The practitioner's program: choose, check, consent, search, run, record.
struct Motorpoint: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "motorpoint",
        abstract: "Drives a motor-point stimulator within enforced limits. Not a medical device.",
        discussion: """
            A session: choose a protocol, answer the checklist, let the patient try the stop button, arm at 0 mA, \
            find the motor point, treat. Any ESC, space, Ctrl-C, Ctrl-Z or Ctrl-\\ stops at once; nothing asks.

            Exit status: 0 done · 10 stopped before its end · 11 consent withdrawn · 20 fault · 21 fault, and the \
            stimulator did not confirm that it is off · 30 not cleared · 31 refused by a limit · \
            32 calibration failed · 40 record damaged · 64 command line · 65 bad file · 66 not found · \
            69 stimulator unavailable · 70 internal error · 73 cannot write · 77 no permission
            """,
        version: Program.version,
        subcommands: [
            DoctorCommand.self, ProtocolsCommand.self, DevicesCommand.self, StartCommand.self, StopCommand.self,
            SessionsCommand.self, LotsCommand.self, IncidentsCommand.self,
        ])

    /// A line on standard error. After a hang-up nobody is there to read it.
    static func say(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
    }

}

/// What `Sources/motorpoint` starts.
public enum PractitionerProgram {
    public static func run() {
        // A limit on the size of files then fails a write, as a full disk does, instead of killing a session.
        _ = signal(SIGXFSZ, SIG_IGN)
        Motorpoint.main(nil)
    }
}

enum Program {
    static let version = "0.1.0"
    /// Which of the two this is, for messages.
    static let name =
        (CommandLine.arguments.first ?? "").hasSuffix("motorpoint-bench") ? "motorpoint-bench" : "motorpoint"
}

extension ParsableCommand {
    /// Runs `body` and turns a failure into one message on standard error and a documented exit status.
    func reporting(_ body: () throws -> Void) throws {
        do {
            try body()
            // A list that was lost on a full disk is no list.
            guard fflush(nil) == 0 else {
                throw Failure(.cannotWrite, "the output could not be written: is it closed, or its disk full?")
            }
        } catch let failure as Failure {
            Motorpoint.say("\(Program.name): " + failure.message)
            throw ExitCode(failure.status.rawValue)
        }
    }
}

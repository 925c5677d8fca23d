import ArgumentParser

/// The pretend world as programs of their own: a stimulator on a line that is not there, and an operator who types.
@main struct MotorpointSim: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "motorpoint-sim",
        abstract: "The pretend rig and the pretend operator, for training and tests. Nothing here is a real device.",
        discussion: """
            Exit status: 0 done · 3 the meter found a pulse above its limits · 4 the operator's script failed · \
            64 command line · 66 no such file · 70 internal error · 73 cannot make the link, socket or log
            """,
        subcommands: [
            P24Command.self, PulsePalCommand.self, BenchCommand.self, OperatorCommand.self, PressCommand.self,
            AskCommand.self,
        ])
}

/// Exit statuses besides 0.
enum SimStatus {
    static let meterFoundSomething = ExitCode(3)
    static let scriptFailed = ExitCode(4)
    static let noSuchFile = ExitCode(66)
    static let internalError = ExitCode(70)
    static let cannotCreate = ExitCode(73)
}

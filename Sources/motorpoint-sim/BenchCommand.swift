import ArgumentParser
import ByteStreams
import RigSimulator
import StimulusModel

/// `motorpoint-sim bench`: the pretended rigs at the far end of real drivers.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "A pretended rig behind the kernel's own USB and GPIO drivers, on the virtual bench.",
        discussion: "Hardware/virtual-bench/README.md says what that is. Elsewhere there is no such place.",
        subcommands: [BenchP24Command.self, BenchNeedleCommand.self])
}

/// Where the pretended USB device is plugged in.
struct GadgetOptions: ParsableArguments {
    @Option(help: "Folder of the USB gadget; writing its UDC file plugs the device in and out.")
    var gadget = "/sys/kernel/config/usb_gadget/g1"
    @Option(help: "The device's end of its serial line, /dev/ttyGS and a number.") var line = "/dev/ttyGS0"
    @Option(help: "USB controller that the gadget is plugged into.") var controller = "dummy_udc.0"

    var place: USBGadget { USBGadget(folder: gadget, line: line, controller: controller) }
}

struct BenchP24Command: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "p24", abstract: "A pretended P24 on a USB serial line.", discussion: RigOptions.discussion)

    @OptionGroup var usb: GadgetOptions
    @OptionGroup var rig: RigOptions

    /// A frame of the bus and a turn of this program (proposal).
    static let jitterMicroseconds: Int64 = 2_000

    func run() throws {
        try rig.run(at: .gadget(usb.place), jitterMicroseconds: BenchP24Command.jitterMicroseconds)
    }
}

struct BenchNeedleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "needle",
        abstract: "A pretended Pulse Pal on a USB serial line, with isolators, interlock board, needles and a meter.",
        discussion: """
            Over --control, one line each: \(NeedleRequest.help).

            \(WorkbenchOptions.discussion)
            """)

    @OptionGroup var usb: GadgetOptions
    @Option(help: "The board's side of the chip: its folder in /sys, with lines 0 to 8.")
    var pins = "/sys/devices/platform/gpio-sim.0/gpiochip0"
    @Option(help: "Unix socket on which scripts may speak to the rig.") var control: String?
    @Option(help: "Same seed, same line and phases.") var seed: UInt64 = 0
    @Option(help: "Cap of the meter for this run, in mA; 10 at most.") var capMilliamperes: Double = 10
    @Option(help: "Rate of this run for the meter, in Hz; 100 at most.") var capHertz: Double = 100
    @Option(help: "How long the patient holds the button, in milliseconds.") var buttonMilliseconds: Int64 = 1_000
    @Flag(help: "Say nothing but the verdict.") var quiet = false
    @OptionGroup(title: "Technician's bench") var workbench: WorkbenchOptions

    /// What the meter grants besides its own: a turn of this program and a frame of the bus (proposal).
    static let jitterMicroseconds: Int64 = 2_000

    func validate() throws {
        try workbench.check(outputs: 2, samples: false)
        guard (0...10).contains(capMilliamperes) else { throw ValidationError("--cap-milliamperes is 0 to 10") }
        guard (1...100).contains(capHertz) else { throw ValidationError("--cap-hertz is 1 to 100") }
        guard (0...3_600_000).contains(buttonMilliseconds) else {
            throw ValidationError("--button-milliseconds is 0 to 3600000")
        }
    }

    func run() throws {
        let start = SystemClock.now()
        let rules = NeedleMeterRules(
            peakCapMicroamperes: Int32(capMilliamperes * 1_000), rateCapMillihertz: Int32(capHertz * 1_000),
            arrivalJitterMicroseconds: BenchNeedleCommand.jitterMicroseconds)
        do {
            try StopSignals.install()
            var configuration = VirtualNeedleRigConfiguration(rules: rules, seed: seed)
            configuration.dummyLoads = workbench.loads
            configuration.outputErrors = workbench.errors
            let instrument = try workbench.port(seed: seed)
            var host = NeedleHost(
                configuration, startingAt: start, place: .gadget(usb.place),
                pins: try SimulatedPins(folder: pins), buttonMilliseconds: buttonMilliseconds,
                control: try control.map { try ControlServer(path: $0) }, instrument: instrument,
                screen: RigScreen(isQuiet: quiet, showsView: false))
            let isClean = try host.run()
            if !isClean { throw SimStatus.meterFoundSomething }
        } catch let code as ExitCode {
            throw code
        } catch {
            Console.complain("motorpoint-sim: \(error)")
            throw SimStatus.cannotCreate
        }
    }
}

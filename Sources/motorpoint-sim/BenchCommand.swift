import ArgumentParser

/// `motorpoint-sim bench`: the pretended rigs at the far end of real drivers.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "A pretended rig behind the kernel's own USB and GPIO drivers, on the virtual bench.",
        discussion: "Hardware/virtual-bench/README.md says what that is. Elsewhere there is no such place.",
        subcommands: [BenchP24Command.self])
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

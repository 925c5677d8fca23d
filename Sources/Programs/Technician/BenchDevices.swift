import ArgumentParser
import DeviceDrivers
import SessionRecords
import StimulusModel

struct BenchDevicesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices", abstract: "List the serial lines; none is opened.",
        discussion: """
            `motorpoint-bench identify --line PATH` asks the one at PATH who it is. Where the USB socket tells a \
            serial number that was calibrated, as a Pulse Pal's does, the state of that stands below the line.
            """)

    @Option(help: "Look at this path besides those found.", completion: .custom(Completions.serialLines))
    var line: String?
    @OptionGroup var places: PlaceOptions

    func run() throws {
        try reporting {
            let devices = SerialDevice.list(given: line.map { [$0] } ?? [])
            let state = try CalibrationState(places)
            if devices.isEmpty { print("no serial devices; a simulated one is named with --line") }
            for device in devices {
                print(DeviceText.line(device))
                if let serial = device.usb?.serialNumber, state.all.contains(where: { $0.serialNumber == serial }) {
                    print("  calibration \(state.words(of: serial))")
                }
            }
        }
    }
}

struct IdentifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "identify", abstract: "Ask a stimulator who it is: kind, serial number, firmware, calibration.",
        discussion: """
            The device at --line is opened, told to stop, proven to be off, and asked. A Pulse Pal is told apart from \
            a P24 by the numbers of its USB socket; one that has none is named with --stimulator. Its calibration is \
            what the files in the data folder say; `motorpoint start` proves their signatures.

            Exit status: 0 identified · 64 command line · 69 missing, busy, foreign or silent · 73 cannot write
            """)

    enum Stimulator: String, CaseIterable, ExpressibleByArgument {
        case p24
        case pulsePal = "pulse-pal"
    }

    @Option(help: "Its serial line; may be given several times.", completion: .custom(Completions.serialLines))
    var line: [String]

    @Option(help: "p24 or pulse-pal. Default: by the USB numbers.") var stimulator: Stimulator?

    @Flag(help: "One JSON object a line.") var json = false
    @OptionGroup var places: PlaceOptions

    func validate() throws {
        guard !line.isEmpty else { throw ValidationError("name a serial line with --line; `devices` lists them") }
    }

    func run() throws {
        try reporting {
            let state = try CalibrationState(places)
            for path in line {
                let found = try IdentifiedStimulator(at: path, stimulator)
                let words = state.words(of: found.serialNumber)
                print(json ? found.object(calibration: words) : found.text(calibration: words))
            }
        }
    }
}

/// A stimulator that has said who it is, and is proven to be off.
struct IdentifiedStimulator {
    let path: String
    /// As a calibration document names it (`StimulatorKind`).
    let kind: String
    let serialNumber: String
    let firmware: String
    /// The version of the wire's language; empty where there is only one.
    let language: String

    init(at path: String, _ given: IdentifyCommand.Stimulator?) throws {
        self.path = path
        switch given ?? IdentifiedStimulator.guess(SerialDevice(at: path)) {
        case .p24:
            let identity = try IdentifiedStimulator.ask { identity throws(HandshakeFailure) in
                try DeviceHandshake.identify(at: path, expected: DeviceText.anyone, identity: &identity)
            }
            kind = "p24"
            serialNumber = DeviceText.serial(identity.serial)
            firmware = DeviceText.version(identity.firmware)
            language = "ScienceMode \(DeviceText.version(identity.language))"
        case .pulsePal:
            var usb: SerialDevice.USBIdentity?
            let identity = try IdentifiedStimulator.ask { identity throws(HandshakeFailure) in
                usb = try DeviceHandshake.identifyPulsePal(at: path, identity: &identity)
            }
            kind = "pulse_pal"
            serialNumber = usb?.serialNumber ?? ""
            firmware = "\(identity.firmware.major)"
            language = ""
        }
    }

    private static func ask(
        _ body: (inout StimulatorIdentity?) throws(HandshakeFailure) -> Void
    ) throws -> StimulatorIdentity {
        var identity: StimulatorIdentity?
        do throws(HandshakeFailure) {
            try body(&identity)
        } catch {
            // Whether this firmware may be used is the rig file's affair, at the start of a session.
            guard error == .fault(.wrongFirmware), identity != nil else {
                throw Failure(.deviceUnavailable, DeviceText.message(error))
            }
        }
        guard let identity else { throw Failure(.deviceUnavailable, DeviceText.message(.fault(.silent))) }
        return identity
    }

    /// Its USB numbers are no proof, and its answers then are: a P24's questions mean nothing to a Pulse Pal.
    private static func guess(_ device: SerialDevice) -> IdentifyCommand.Stimulator {
        guard let usb = device.usb else { return .p24 }
        return usb.product == "003e" && ["2341", "2a03"].contains(usb.vendor) ? .pulsePal : .p24
    }

    /// - Parameter calibration: its state and due date.
    func text(calibration: String) -> String {
        let number = serialNumber.isEmpty ? "no USB serial number" : serialNumber
        let name = kind == "p24" ? "P24 \(number)" : "Pulse Pal \(number)"
        let state = kind == "p24" ? "high voltage off" : "silent and proven so; its relay was not looked at"
        let parts = ["\(name)", "firmware \(firmware)", language, state].filter { !$0.isEmpty }
        return "\(path): " + parts.joined(separator: ", ") + "\n  calibration \(calibration)"
    }

    func object(calibration: String) -> String {
        var pairs: [(String, JSONLine.Value)] = [
            ("line", .text(path)), ("stimulator", .text(kind)), ("serial_number", .text(serialNumber)),
            ("firmware", .text(firmware)),
        ]
        if !language.isEmpty { pairs.append(("language", .text(language))) }
        pairs.append(("calibration", .text(calibration)))
        return JSONLine.text(pairs)
    }
}

import ArgumentParser
import CareModel
import DeviceDrivers
import StimulusModel

struct DevicesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices", abstract: "List serial devices, and ask one who it is.",
        discussion: """
            Listing opens nothing. With --line the device at that path is opened, told to stop, verified to be off, \
            and asked for its identity.
            """)

    @Option(help: "Ask the device at this serial line who it is.", completion: .custom(Completions.serialLines))
    var line: String?

    func run() throws {
        try reporting {
            let devices = SerialDevice.list(given: line.map { [$0] } ?? [])
            if devices.isEmpty { print("no serial devices; a simulated one is named with --line") }
            for device in devices { print(DeviceText.line(device)) }
            guard let line else { return }
            var identity: StimulatorIdentity?
            do throws(HandshakeFailure) {
                try DeviceHandshake.identify(at: line, expected: DeviceText.anyone, identity: &identity)
            } catch {
                // Whether this firmware may be used is the rig file's affair, at the start of a session.
                guard error == .fault(.wrongFirmware), identity != nil else {
                    throw Failure(.deviceUnavailable, DeviceText.message(error))
                }
            }
            if let identity { print("\(line): \(DeviceText.identity(identity)), high voltage off") }
        }
    }
}

enum DeviceText {
    /// Accepts no firmware, so that the handshake ends after the version was told.
    static var anyone: ExpectedStimulator { ExpectedStimulator(serial: nil, languageMajor: 4) }

    static func line(_ device: SerialDevice) -> String {
        var text = device.path
        if device.device != device.path { text += " → \(device.device)" }
        switch device.kind {
        case .simulated: text += ", simulated"
        case .real: text += ", serial line"
        case .notALine: if device.state != .absent { text += ", no serial line" }
        }
        if let usb = device.usb {
            let words = ["USB \(usb.vendor):\(usb.product)", usb.name, usb.serialNumber].filter { !$0.isEmpty }
            text += ", " + words.joined(separator: " ")
            if !usb.remark.isEmpty { text += " (\(usb.remark))" }
        }
        switch device.state {
        case .free: text += ", free"
        case .inUse(let holder): text += ", in use by \(holder)"
        case .notPermitted: text += ", not permitted for this user"
        case .absent: text += ", absent"
        }
        return text
    }

    static func serial(_ serial: DeviceSerial) -> String {
        var text = ""
        for index in 0..<10 {
            let byte = serial.characters[index]
            text += byte >= 0x20 && byte < 0x7F ? String(UnicodeScalar(byte)) : "?"
        }
        return text
    }

    static func version(_ version: FirmwareVersion) -> String {
        "\(version.major).\(version.minor).\(version.revision)"
    }

    static func identity(_ identity: StimulatorIdentity) -> String {
        "P24 \(serial(identity.serial)), firmware \(version(identity.firmware)), "
            + "ScienceMode \(version(identity.language))"
    }

    static func message(_ failure: HandshakeFailure) -> String {
        switch failure {
        case .line(let error): return "\(error)"
        case .fault(let cause): return FaultText.message(cause)
        }
    }
}

enum FaultText {
    /// What it is called, what happened, what to do.
    static func message(_ cause: FaultCause) -> String {
        let guide = FaultGuide.entry(for: cause)
        return "\(guide.title). \(guide.whatHappened) \(guide.whatToDo)"
    }
}

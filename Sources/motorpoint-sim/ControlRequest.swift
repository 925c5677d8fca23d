import RigSimulator
import StimulusModel

/// What the rig's control socket understands, one line each.
enum ControlRequest {
    case status
    case verdict
    case patientButton(milliseconds: Int64)
    case contact(channel: UInt8, Contact)
    case load(output: Int, DummyLoad?)
    case probe(output: Int)
    case unplug
    case plug
    case fault(PlannedFault)
    case forbidPulses
    case allowPulses
    case quit

    static let help =
        "status, verdict, patient-button [MS], electrode off|on|short|dry|lifted|resistive [CHANNEL], "
        + "\(WorkbenchRequest.help), unplug, plug, reset, stuck [MS], fault NAME[:to-device|:to-host] (any that "
        + "--fault takes at a moment), forbid-pulses, allow-pulses, quit"

    static let keys =
        "p patient's button, u unplug/plug, q quit; 1 to 8 choose a channel, on which e is electrode off/on, s short, "
        + "l lifted, d dry, r resistive"

    /// Nothing when the line is no request.
    init?(_ line: String, at now: Instant, buttonMilliseconds: Int64) {
        let words = line.split(separator: " ").map(String.init)
        guard let verb = words.first else { return nil }
        let argument = words.count > 1 ? words[1] : nil
        if let request = WorkbenchRequest(words, outputs: 8) {
            self = ControlRequest(request)
            return
        }
        let allowed = verb == "electrode" ? 3 : ["patient-button", "stuck", "fault"].contains(verb) ? 2 : 1
        guard words.count <= allowed else { return nil }
        switch verb {
        case "status": self = .status
        case "verdict": self = .verdict
        case "patient-button":
            guard let milliseconds = ControlRequest.milliseconds(argument, or: buttonMilliseconds) else { return nil }
            self = .patientButton(milliseconds: milliseconds)
        case "electrode":
            guard let argument, let contact = ControlRequest.contact(argument, now) else { return nil }
            let channel = words.count == 3 ? UInt8(words[2]) : 1
            guard let channel, (1...8).contains(channel) else { return nil }
            self = .contact(channel: channel, contact)
        case "unplug": self = .unplug
        case "plug": self = .plug
        case "reset": self = .fault(.deviceReset)
        case "stuck":
            guard let milliseconds = ControlRequest.milliseconds(argument, or: 2_000) else { return nil }
            self = .fault(.deviceStuck(milliseconds: milliseconds))
        case "fault":
            guard let argument, let fault = FaultOption.planned(argument, atNanoseconds: now.nanoseconds) else {
                return nil
            }
            self = .fault(fault)
        case "forbid-pulses": self = .forbidPulses
        case "allow-pulses": self = .allowPulses
        case "quit": self = .quit
        default: return nil
        }
    }

    private init(_ request: WorkbenchRequest) {
        switch request {
        case .load(let output, let load): self = .load(output: output, load)
        case .probe(let output): self = .probe(output: output)
        }
    }

    private static func milliseconds(_ text: String?, or usual: Int64) -> Int64? {
        guard let text else { return usual }
        guard let value = Int64(text), (0...3_600_000).contains(value) else { return nil }
        return value
    }

    /// Pads that dry gain 500 Ω a second: strong pulses stop arriving within half a minute. Of a lifted pad a tenth
    /// holds. A resistive contact has 10 kΩ more. All (proposal).
    static func contact(_ word: String, _ now: Instant) -> Contact? {
        switch word {
        case "on": return .attached
        case "off": return .detached
        case "short": return .short
        case "dry": return .drying(sinceNanoseconds: now.nanoseconds, ohmsPerSecond: 500)
        case "lifted": return .lifted(heldThousandths: 100)
        case "resistive": return .resistive(addedOhms: 10_000)
        default: return nil
        }
    }
}

import RigSimulator

/// One `--fault`: a chance (`bit-flipped=50`, in parts per million, both ways of the line unless `:to-device` or
/// `:to-host` follows), a moment (`unplugged@30`, in seconds from the start), or `swarm`.
enum FaultOption: Equatable {
    case swarm
    case chance(FaultKind, perMillion: UInt32, LineDirection?)
    case moment(FaultKind, milliseconds: Int64)

    /// Nothing when the text is none of these, or the fault has no chance or no moment.
    init?(_ text: String) {
        if text == "swarm" {
            self = .swarm
        } else if let at = text.firstIndex(of: "@") {
            guard let kind = FaultOption.kind(String(text[..<at])), FaultOption.planned(kind) != nil,
                let seconds = Double(text[text.index(after: at)...]), (0...1e6).contains(seconds)
            else { return nil }
            self = .moment(kind, milliseconds: Int64(seconds * 1_000))
        } else if let equals = text.firstIndex(of: "=") {
            let parts = text[text.index(after: equals)...].split(separator: ":", omittingEmptySubsequences: false)
            guard let kind = FaultOption.kind(String(text[..<equals])), let number = parts.first,
                let rate = UInt32(number), rate <= 1_000_000, parts.count <= 2
            else { return nil }
            var direction: LineDirection?
            if parts.count == 2 {
                guard parts[1] == "to-device" || parts[1] == "to-host" else { return nil }
                direction = parts[1] == "to-device" ? .hostToDevice : .deviceToHost
            }
            var line = LineFaults()
            var device = DeviceFaults()
            let isOfTheDevice = device.setChance(of: kind, perMillion: rate)
            guard line.setChance(of: kind, perMillion: rate) || (isOfTheDevice && direction == nil) else { return nil }
            self = .chance(kind, perMillion: rate, direction)
        } else {
            return nil
        }
    }

    /// How a fault is called on the command line.
    static func name(_ kind: FaultKind) -> String { kind.name.split(separator: " ").joined(separator: "-") }

    static func kind(_ name: String) -> FaultKind? { FaultKind.allCases.first { FaultOption.name($0) == name } }

    /// A fault that can happen at a moment, as the plan wants it.
    static func planned(_ kind: FaultKind) -> PlannedFault? {
        switch kind {
        case .unplugged: return .interruption(milliseconds: 1_000)
        case .deviceReset: return .deviceReset
        case .deviceStuck: return .deviceStuck(milliseconds: 2_000)
        case .electrodeDetached: return .contact(channel: 1, .detached)
        case .electrodeAttached: return .contact(channel: 1, .attached)
        case .electrodesShorted: return .contact(channel: 1, .short)
        default: return nil
        }
    }

    /// Puts this fault into a plan that begins at `start`.
    func add(to plan: inout FaultPlan, startNanoseconds start: Int64) {
        switch self {
        case .swarm: plan = FaultPlan.swarm(seed: plan.seed)
        case .chance(let kind, let rate, let direction):
            if direction != .deviceToHost { _ = plan.hostToDevice.setChance(of: kind, perMillion: rate) }
            if direction != .hostToDevice { _ = plan.deviceToHost.setChance(of: kind, perMillion: rate) }
            _ = plan.device.setChance(of: kind, perMillion: rate)
        case .moment(let kind, let milliseconds):
            guard let fault = FaultOption.planned(kind) else { return }
            plan.add(fault, atNanoseconds: start + milliseconds * 1_000_000)
        }
    }
}

import RigSimulator

/// One `--fault`: a chance (`bit-flipped=50`, in parts per million, both ways of the line unless `:to-device` or
/// `:to-host` follows), a moment (`unplugged@30`, in seconds from the start; `line-dead@30:to-host` for one way of the
/// line), or `swarm`.
enum FaultOption: Equatable {
    case swarm
    case chance(FaultKind, perMillion: UInt32, LineDirection?)
    case moment(String, milliseconds: Int64)

    /// Nothing when the text is none of these, or the fault has no chance or no moment.
    init?(_ text: String) {
        if text == "swarm" {
            self = .swarm
        } else if let at = text.firstIndex(of: "@") {
            let parts = text[text.index(after: at)...].split(separator: ":", omittingEmptySubsequences: false)
            let name = String(text[..<at]) + (parts.count == 2 ? ":\(parts[1])" : "")
            guard (1...2).contains(parts.count), let seconds = Double(parts[0]), (0...1e6).contains(seconds),
                FaultOption.planned(name, atNanoseconds: 0) != nil
            else { return nil }
            self = .moment(name, milliseconds: Int64(seconds * 1_000))
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

    /// A fault that can happen at a moment, by its name and, where it is of the line, one way of it.
    static func planned(_ text: String, atNanoseconds moment: Int64) -> PlannedFault? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let kind = kind(String(parts[0])) else { return nil }
        var way: LineDirection?
        if parts.count == 2 {
            guard [.lineDead, .packetLatency, .latencySpike].contains(kind) else { return nil }
            guard parts[1] == "to-device" || parts[1] == "to-host" else { return nil }
            way = parts[1] == "to-device" ? .hostToDevice : .deviceToHost
        }
        switch kind {
        case .lineDead: return .lineDead(way, milliseconds: longest)
        case .packetLatency: return .line(way ?? .deviceToHost, .latency(), milliseconds: longest)
        case .latencySpike: return .line(way ?? .deviceToHost, .latencySpikes(), milliseconds: longest)
        case .electrodeDrying:
            return .contact(channel: 1, .drying(sinceNanoseconds: moment, ohmsPerSecond: 500))
        default: return planned(kind)
        }
    }

    /// Until the end of any run: an hour.
    private static let longest: Int64 = 3_600_000

    private static func planned(_ kind: FaultKind) -> PlannedFault? {
        switch kind {
        case .unplugged: return .interruption(milliseconds: 1_000)
        case .deviceReset: return .deviceReset
        case .deviceStuck: return .deviceStuck(milliseconds: 2_000)
        case .deviceSilent: return .deviceSilent(milliseconds: 10_000)
        case .stopIgnored: return .stopIgnored(milliseconds: 10_000, isAcknowledged: false)
        case .generalErrorSent: return .generalError(8)
        case .deviceReplaced: return .replaced(deviceID: "STRANGER01", milliseconds: 1_000)
        case .lineBlocked: return .lineBlocked(milliseconds: 2_000)
        case .lineBabbling: return .lineBabble(milliseconds: 2_000, bytesPerMillisecond: 1_216)
        case .electrodeDetached: return .contact(channel: 1, .detached)
        case .electrodeAttached: return .contact(channel: 1, .attached)
        case .electrodesShorted: return .contact(channel: 1, .short)
        case .electrodeLifted: return .contact(channel: 1, .lifted(heldThousandths: 100))
        case .electrodeResistive: return .contact(channel: 1, .resistive(addedOhms: 10_000))
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
        case .moment(let name, let milliseconds):
            let moment = start + milliseconds * 1_000_000
            guard let fault = FaultOption.planned(name, atNanoseconds: moment) else { return }
            plan.add(fault, atNanoseconds: moment)
        }
    }
}

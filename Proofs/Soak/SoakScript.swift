// A world as text: what stands there, and everything that happens in it, moment by moment. A seed draws one; a script
// that was kept is read back and plays the same world again.
public import RigSimulator
public import SessionEngine
public import StimulusModel

/// One thing that happens.
public enum SoakEvent: Equatable, Sendable {
    case key(OperatorCommand, ChannelPlace)
    case stop(StopCause)
    case stopChannel(ChannelPlace)
    /// The computer oversleeps by so many milliseconds before this tick.
    case late(Int32)
    /// The computer sleeps, its monotonic clock with it.
    case suspend(Int64)
    /// The process is killed; after so many milliseconds somebody starts another on the same records.
    case kill(Int64)
    /// The clock on the wall is set, by so many seconds.
    case wallClock(Int64)
    case disk(DiskEvent)
    /// Of the P24's catalogue, by name.
    case fault(String)
    case needleFault(NeedleFaultKind, channel: UInt8, milliseconds: Int64)
    case emergencyStop(isPressed: Bool)
    /// The patient's button, held for so many milliseconds.
    case button(Int64)
    /// The host can read and write its pins no more, or again.
    case pins(work: Bool)
}

public enum DiskEvent: Equatable, Sendable {
    case full
    case failing
    /// Each commit takes so many milliseconds.
    case slow(Int64)
    case well
}

public struct TimedEvent: Equatable, Sendable {
    public var at: Int64
    public var event: SoakEvent

    public init(at: Int64, _ event: SoakEvent) {
        self.at = at
        self.event = event
    }
}

/// A chance on the line or in the device that holds for the whole run.
public struct SoakChance: Equatable, Sendable {
    public enum Place: String, Sendable {
        case toDevice = "to-device"
        case toHost = "to-host"
        case device
    }

    public var place: Place
    public var kind: FaultKind
    public var perMillion: UInt32
}

public struct SoakScript: Equatable, Sendable {
    public var rig: RigKind
    public var plan: Int
    /// Of the rig's own chances and phases.
    public var rigSeed: UInt64
    /// Firmware 22 of the Pulse Pal instead of 21; on the P24, a stop that cuts the pulse in flight.
    public var isNewDevice: Bool
    public var hasDisk: Bool
    /// Of everything that happens around the needles, in a needle world with the ledger; nothing in one without.
    public var needleLedger: UInt64?
    public var longestDelay: Int64
    public var stuckMilliseconds: Int64
    public var chances: [SoakChance]
    public var milliseconds: Int64
    public var events: [TimedEvent]

    public init(rig: RigKind, plan: Int, rigSeed: UInt64, milliseconds: Int64) {
        self.rig = rig
        self.plan = plan
        self.rigSeed = rigSeed
        self.milliseconds = milliseconds
        isNewDevice = false
        hasDisk = false
        needleLedger = nil
        longestDelay = 0
        stuckMilliseconds = 2_000
        chances = []
        events = []
    }
}

extension FaultKind {
    /// The name in a script: "bit flipped" is `bit-flipped`.
    var slug: String { name.split(separator: " ").joined(separator: "-") }
}

extension SoakScript {
    /// One line each; `SoakScript(text:)` reads it back.
    public var text: String {
        var lines = ["soak-script 1", "rig \(rig.rawValue)", "plan \(plan)", "seed \(rigSeed)"]
        if isNewDevice { lines.append("new-device") }
        if hasDisk { lines.append("disk") }
        if let needleLedger { lines.append("needle-ledger \(needleLedger)") }
        if longestDelay > 0 { lines.append("longest-delay \(longestDelay)") }
        lines.append("stuck \(stuckMilliseconds)")
        for chance in chances {
            lines.append("chance \(chance.place.rawValue) \(chance.kind.slug) \(chance.perMillion)")
        }
        lines.append("length \(milliseconds)")
        for event in events { lines.append("at \(event.at) \(event.event.text)") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What cannot be read, with its line.
    public struct Unreadable: Error, CustomStringConvertible {
        public let line: Int
        public let text: String
        public var description: String { "line \(line) is no line of a soak script: \(text)" }
    }

    public init(text: String) throws(Unreadable) {
        self.init(rig: .p24, plan: 0, rigSeed: 0, milliseconds: 0)
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.split(separator: " ").map(String.init)
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            guard read(first, Array(words.dropFirst())) else { throw Unreadable(line: index + 1, text: String(line)) }
        }
    }

    private mutating func read(_ word: String, _ rest: [String]) -> Bool {
        let number = rest.first.flatMap { Int64($0) }
        switch (word, number) {
        case ("soak-script", 1): return true
        case ("new-device", _): isNewDevice = true
        case ("disk", _): hasDisk = true
        case ("rig", _):
            guard let kind = rest.first.flatMap(RigKind.init) else { return false }
            rig = kind
        case ("seed", _):
            guard let seed = rest.first.flatMap({ UInt64($0) }) else { return false }
            rigSeed = seed
        case ("needle-ledger", _):
            guard let seed = rest.first.flatMap({ UInt64($0) }) else { return false }
            needleLedger = seed
        case ("plan", let number?): plan = Int(clamping: number)
        case ("longest-delay", let number?): longestDelay = number
        case ("stuck", let number?): stuckMilliseconds = number
        case ("length", let number?): milliseconds = number
        case ("chance", _):
            guard rest.count == 3, let place = SoakChance.Place(rawValue: rest[0]),
                let kind = FaultKind.allCases.first(where: { $0.slug == rest[1] }), let chance = UInt32(rest[2])
            else { return false }
            chances.append(SoakChance(place: place, kind: kind, perMillion: chance))
        case ("at", let moment?):
            guard let event = SoakEvent(words: Array(rest.dropFirst())) else { return false }
            events.append(TimedEvent(at: moment, event))
        default: return false
        }
        return true
    }
}

extension SoakEvent {
    var text: String {
        switch self {
        case .key(let command, let place): return "key \(command)" + (place == .second ? " second" : "")
        case .stop(let cause): return "stop \(cause)"
        case .stopChannel(let place): return "stop-channel \(place)"
        case .late(let span): return "late \(span)"
        case .suspend(let span): return "suspend \(span)"
        case .kill(let span): return "kill \(span)"
        case .wallClock(let seconds): return "wall-clock \(seconds)"
        case .disk(.full): return "disk full"
        case .disk(.failing): return "disk failing"
        case .disk(.slow(let span)): return "disk slow \(span)"
        case .disk(.well): return "disk well"
        case .fault(let name): return "fault \(name)"
        case .needleFault(let kind, let channel, let span): return "needle \(kind) \(channel) \(span)"
        case .emergencyStop(let isPressed): return "emergency-stop \(isPressed ? "press" : "release")"
        case .button(let span): return "button \(span)"
        case .pins(let work): return "pins \(work ? "back" : "lost")"
        }
    }

    init?(words: [String]) {
        guard let word = words.first else { return nil }
        let second = words.count > 1 ? words[1] : ""
        let number = Int64(second)
        let place: ChannelPlace = words.contains("second") ? .second : .first
        switch (word, number) {
        case ("key", _):
            let commands = (UInt8(0)...14).compactMap(OperatorCommand.init)
            guard let command = commands.first(where: { "\($0)" == second }) else { return nil }
            self = .key(command, place)
        case ("stop", _):
            let causes = (UInt8(0)...14).compactMap(StopCause.init)
            guard let cause = causes.first(where: { "\($0)" == second }) else { return nil }
            self = .stop(cause)
        case ("stop-channel", _): self = .stopChannel(place)
        case ("late", let span?): self = .late(Int32(clamping: span))
        case ("suspend", let span?): self = .suspend(span)
        case ("kill", let span?): self = .kill(span)
        case ("wall-clock", let span?): self = .wallClock(span)
        case ("button", let span?): self = .button(span)
        case ("fault", _): self = .fault(second)
        case ("disk", _):
            guard let disk = DiskEvent(words: Array(words.dropFirst())) else { return nil }
            self = .disk(disk)
        case ("needle", _):
            guard words.count == 4, let kind = NeedleFaultKind.allCases.first(where: { "\($0)" == second }),
                let channel = UInt8(words[2]), let span = Int64(words[3])
            else { return nil }
            self = .needleFault(kind, channel: channel, milliseconds: span)
        case ("emergency-stop", _): self = .emergencyStop(isPressed: second == "press")
        case ("pins", _): self = .pins(work: second == "back")
        default: return nil
        }
    }
}

extension DiskEvent {
    fileprivate init?(words: [String]) {
        switch words.first {
        case "full": self = .full
        case "failing": self = .failing
        case "well": self = .well
        case "slow":
            guard words.count == 2, let span = Int64(words[1]) else { return nil }
            self = .slow(span)
        default: return nil
        }
    }
}

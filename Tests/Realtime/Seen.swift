// What the walk has come by, so that a branch that was never entered is not taken for a clean one.
internal import RigControl
internal import SafetyKernel
internal import SessionEngine
internal import StimulatorLinks
internal import StimulusModel

/// Codes of one enumeration that were met, of those that can be.
struct Met {
    let name: String
    /// Code and name of each that must be met.
    let wanted: [(code: UInt8, name: String)]
    private var codes: Set<UInt8> = []

    init(_ name: String, _ wanted: [(code: UInt8, name: String)]) {
        self.name = name
        self.wanted = wanted
    }

    mutating func meet(_ code: UInt8) { codes.insert(code) }

    var missing: [String] { wanted.filter { !codes.contains($0.code) }.map(\.name) }

    var words: String { "\(wanted.count - missing.count) of \(wanted.count) \(name)" }
}

/// Everything that must be met in one walk.
struct Seen {
    private(set) var states = Met("states", all { SessionState(rawValue: $0) })
    private(set) var channelStates = Met("channel states", all { ChannelState(rawValue: $0) })
    private(set) var conditions = Met("stimulator conditions", all { StimulatorCondition(rawValue: $0) })
    private(set) var stops = Met("stop causes", all(from: 1) { StopCause(rawValue: $0) })
    private(set) var faults = Met(
        "fault causes",
        all(from: 1) { FaultCause(rawValue: $0) }.filter { $0.code != FaultCause.heartbeatPathFailed.code })
    private(set) var events = Met("events", all(from: 1) { SessionEventKind(rawValue: $0) })
    private(set) var refusedCommands = Met("refused commands", all(from: 1) { RefusedCommand(rawValue: $0) })

    /// Outside the walk: `heartbeatPathFailed` is the verdict of the trial before a session
    /// (`Programs/Shell/NeedleTrial`), which no tick can reach.
    static let left = ["heartbeatPathFailed"]

    private static func all<Value>(from first: UInt8 = 0, _ make: (UInt8) -> Value?) -> [(code: UInt8, name: String)] {
        (first...127).compactMap { code in make(code).map { (code, "\($0)") } }
    }

    mutating func look(at control: borrowing ControlTick, _ shell: ShellInputs, _ record: TickRecord) {
        states.meet(record.state.code)
        channelStates.meet(control.machine.channel(.first).state.code)
        channelStates.meet(control.machine.channel(.second).state.code)
        conditions.meet(control.condition.code)
        faults.meet(control.fault.code)
        faults.meet(control.linkFault.code)
        stops.meet(control.machine.stopCause.code)
        for index in 0..<record.count where JournalEntry.kind(record.blocks[index]) == .events {
            for place in 2..<8 {
                guard let event = SessionEvent(word: record.blocks[index].words[place]) else { continue }
                events.meet(event.kind.code)
                if event.kind == .commandRefused { refusedCommands.meet(event.detail) }
            }
        }
    }

    var met: [Met] { [states, channelStates, conditions, stops, faults, events, refusedCommands] }

    var words: String { met.map(\.words).joined(separator: ", ") }

    var missing: [String] { met.filter { !$0.missing.isEmpty }.map { "\($0.name): \($0.missing)" } }
}

// Everything beside the machine and the gate: the stimulator and the board, as coarse as the machine can see them, and
// what the invariants remember with arithmetic of their own.
import SessionEngine
import StimulusModel

/// One channel: its pulse under way, its setting, and what the invariants know of it.
struct ChannelWorld {
    /// µA of the pulse that was sent and not yet answered; 0 for none.
    var flying: Int32 = 0
    /// Steps since.
    var flyingSteps: Int32 = 0
    var skipped = false
    /// A stimulator that is set before its pulses: what it is set to, and what it was last told.
    var confirmed: Int32 = 0
    var wanted: Int32 = 0
    var settingSteps: Int32 = 0

    // What the invariants remember. Times in ms, saturated.
    var set: Int32 = 0
    var state = ChannelState.off
    var sinceRaise: Int32 = 10_000
    var sincePress: Int32 = 10_000
    var sincePulse: Int32 = 10_000
    var counted: Int32 = 0
    var titrated: Int32 = 0
    var marked: Int32 = 0
    var isStopped = false

    init() {}

    mutating func pass(_ milliseconds: Int32) {
        sinceRaise = min(10_000, sinceRaise + milliseconds)
        sincePress = min(10_000, sincePress + milliseconds)
        sincePulse = min(10_000, sincePulse + milliseconds)
    }
}

/// The interlock board: a latch that only a rising enable sets and anything missing resets; contacts that follow.
struct Board {
    var emergencyStopIsPressed = false
    var buttonIsPressed = false
    var isWelded = false
    var enable = false
    var heartbeatRuns = true
    var isLatched = false
    var isClosed = false

    init() {}

    /// - Parameter milliseconds: how long the pins stand so; contacts and charge pump need up to 62 ms.
    mutating func follow(enable next: Bool, heartbeat: Bool, for milliseconds: Int32) {
        let rises = next && !enable
        enable = next
        heartbeatRuns = heartbeat
        let isWhole = heartbeat && !emergencyStopIsPressed && !buttonIsPressed
        if rises, isWhole { isLatched = true }
        if !(enable && isWhole) { isLatched = false }
        if milliseconds > 62 { isClosed = isLatched || isWelded }
    }
}

struct World {
    /// Milliseconds of handed-in time.
    var now: Int64 = 0
    /// Which step of the tick comes next: 0 is the one of a millisecond.
    var turn: Int32 = 0
    var condition = StimulatorCondition.identifying
    var channels: InlineArray<2, ChannelWorld> = InlineArray(repeating: ChannelWorld())
    var board = Board()
    var gateRefused = false
    var isArmed = false
    var armedAt: Int64 = 0

    // What the invariants remember.
    /// A person asked for energy, and nothing took that back since.
    var isAllowed = false
    var isOver = false
    var hasFaulted = false
    var state = SessionState.idle
    var stepsSinceStop: Int32 = 0
    var millisecondsSinceStop: Int32 = 0
    var treated: Int64 = 0
    /// What a mutation remembers.
    var memory: Int32 = 0

    init() {}
}

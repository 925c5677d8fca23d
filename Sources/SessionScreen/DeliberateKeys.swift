// Keys that need a hand behind them: what asks for more, and what answers for a person. A key on which something lies,
// text that was pasted, or what a line that hung hands over afterwards, is no hand. What stops or lowers never comes by
// here.
public import SessionEngine
public import StimulusModel

/// Which of these keys go to the machine, and when: one press that stood alone for a moment. The machine knows a held
/// key by the presses that it sees; whatever the console drops, or a terminal hands over late, it does not see.
public struct DeliberateKeys: Sendable {
    /// A press that goes to the machine.
    public struct Press: Equatable, Sendable {
        public let command: OperatorCommand
        /// The channel that was selected when the key was pressed.
        public let place: ChannelPlace

        public init(_ command: OperatorCommand, at place: ChannelPlace) {
            self.command = command
            self.place = place
        }
    }

    /// What the screen showed of a channel: a press that asks for more means this, and no later one.
    public struct Situation: Equatable, Sendable {
        public let state: SessionState
        public let channelState: ChannelState

        public init(_ state: SessionState, _ channelState: ChannelState) {
            self.state = state
            self.channelState = channelState
        }
    }

    /// What became of presses that have waited.
    public struct Outcome: Equatable, Sendable {
        /// They go to the machine, in the order of the presses.
        public var passed: [Press] = []
        /// When the first of them was pressed.
        public var firstPressedAt: Int64?
        /// The session went on meanwhile: what was asked for is not what would happen now.
        public var outdated: [OperatorCommand] = []
    }

    /// What becomes of a press, said to whoever made it.
    public enum Verdict: Equatable, Sendable {
        /// It waits to be passed on.
        case waits
        /// The same key came less than 250 ms before.
        case held
        /// Another key came with it, or just before.
        case notAlone
        /// Something stopped or fell less than 250 ms before.
        case afterFall
        /// The console drops such keys, for a reason of its own.
        case dropped
    }

    private var waiting: [(press: Press, since: Int64, situation: Situation?)] = []
    /// When each of these commands last came, also one that was dropped, and when it last went to the machine.
    private var lastSeen: [OperatorCommand: Int64] = [:]
    private var lastPassed: [OperatorCommand: Int64] = [:]
    private var lastRead: Int64?
    private var lastFall: Int64?
    private var isAlone = true

    /// A press so soon after another is a held key (`decided.md`: 250 ms).
    private static let heldMilliseconds: Int64 = 250
    /// The machine counts in its own ticks: so much more lies between two that go to it.
    private static let passedMilliseconds = heldMilliseconds + 2
    /// So long a press stands alone before it counts: longer than the keyboard's own repeat takes, on Linux' console
    /// 92 ms, in windows 40 (proposal).
    static let aloneMilliseconds: Int64 = 120

    public init() {}

    /// Whether a command is one of these.
    public static func holds(_ command: OperatorCommand) -> Bool {
        command.asksForMore || command == .present || command == .checkedIn
    }

    /// Something came from the keyboard, whatever it is: what still waits did not stand alone, and neither does what
    /// came with others or right after them.
    /// - Parameters:
    ///   - count: the bytes of one read, or as many as make clear that it was more than one.
    ///   - now: in ms, on a clock that only rises.
    /// - Returns: what waited and is dropped.
    public mutating func read(_ count: Int, at now: Int64) -> [OperatorCommand] {
        isAlone = count == 1 && (lastRead.map { now - $0 >= DeliberateKeys.aloneMilliseconds } ?? true)
        lastRead = now
        return drop()
    }

    /// What lowers, pauses or stops was pressed: for a moment nothing asks for more.
    public mutating func fall(at now: Int64) { lastFall = now }

    /// - Parameters:
    ///   - press: what one key says, of the read that `read` was told about.
    ///   - situation: what the screen shows of its channel.
    ///   - isDropped: the console drops such keys, for a reason of its own.
    public mutating func take(_ press: Press, in situation: Situation?, at now: Int64, isDropped: Bool) -> Verdict {
        let command = press.command
        let isHeld = isSoon(lastSeen[command], now)
        lastSeen[command] = now
        if isDropped { return .dropped }
        if isHeld { return .held }
        if command.asksForMore, isSoon(lastFall, now) { return .afterFall }
        guard isAlone else { return .notAlone }
        waiting.append((press, now, situation))
        return .waits
    }

    /// What stood alone long enough.
    /// - Parameters:
    ///   - now: before everything that came until then was read: what came after it must not be overlooked.
    ///   - situation: what the screen shows now.
    public mutating func ready(at now: Int64, in situation: (ChannelPlace) -> Situation?) -> Outcome {
        var outcome = Outcome()
        let all = waiting
        waiting = all.filter { !isDue($0.press.command, since: $0.since, now) }
        for (press, since, before) in all where isDue(press.command, since: since, now) {
            guard !press.command.asksForMore || situation(press.place) == before else {
                outcome.outdated.append(press.command)
                continue
            }
            lastPassed[press.command] = now
            outcome.firstPressedAt = min(since, outcome.firstPressedAt ?? since)
            outcome.passed.append(press)
        }
        return outcome
    }

    /// The console was held up: what waited has waited too long.
    /// - Returns: what was dropped.
    public mutating func drop(at now: Int64) -> [OperatorCommand] {
        let dropped = drop()
        for command in dropped { lastSeen[command] = now }
        return dropped
    }

    private mutating func drop() -> [OperatorCommand] {
        let dropped = waiting.map(\.press.command)
        waiting = []
        return dropped
    }

    private func isDue(_ command: OperatorCommand, since: Int64, _ now: Int64) -> Bool {
        now - since >= DeliberateKeys.aloneMilliseconds
            && (lastPassed[command].map { now - $0 >= DeliberateKeys.passedMilliseconds } ?? true)
    }

    private func isSoon(_ moment: Int64?, _ now: Int64) -> Bool {
        moment.map { now - $0 < DeliberateKeys.heldMilliseconds } ?? false
    }
}

// Keys that need a hand behind them: what asks for more, and what answers for a person. A key on which something lies,
// or what a line that hung hands over afterwards, is no hand. What stops or lowers never comes by here.
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

    private var waiting: [(press: Press, since: Int64)] = []
    private var lastDropped: [OperatorCommand: Int64] = [:]

    /// A press so soon after another is a held key (`decided.md`: 250 ms).
    private static let heldMilliseconds: Int64 = 250
    /// So long a press stands alone before it counts: longer than the keyboard's own repeat takes, on Linux' console
    /// 92 ms, in windows 40 (proposal).
    static let aloneMilliseconds: Int64 = 120

    public init() {}

    /// Whether a command is one of these.
    public static func holds(_ command: OperatorCommand) -> Bool {
        command.asksForMore || command == .present || command == .checkedIn
    }

    /// - Parameters:
    ///   - press: what one key says.
    ///   - count: how often it came in one read; nobody presses twice between two looks at the keyboard.
    ///   - now: in ms, on a clock that only rises.
    ///   - isDropped: the console drops such keys, for a reason of its own.
    /// - Returns: whether it waits to be passed on; false for a key that is held or dropped.
    public mutating func take(_ press: Press, times count: Int, at now: Int64, isDropped: Bool) -> Bool {
        let command = press.command
        let wasWaiting = waiting.contains { $0.press.command == command }
        waiting.removeAll { $0.press.command == command }
        let isAfterDropped = lastDropped[command].map { now - $0 < DeliberateKeys.heldMilliseconds } ?? false
        guard count == 1, !wasWaiting, !isAfterDropped, !isDropped else {
            lastDropped[command] = now
            return false
        }
        lastDropped[command] = nil
        waiting.append((press, now))
        return true
    }

    /// What stood alone long enough, in the order of the presses.
    public mutating func ready(at now: Int64) -> [Press] {
        let found = waiting.filter { now - $0.since >= DeliberateKeys.aloneMilliseconds }.map(\.press)
        waiting.removeAll { now - $0.since >= DeliberateKeys.aloneMilliseconds }
        return found
    }

    /// Whatever stops, lowers, pauses or ends comes after what asks for more, and takes it back.
    /// - Returns: what was taken back.
    @discardableResult public mutating func takeBack() -> [OperatorCommand] {
        let taken = waiting.map(\.press.command).filter(\.asksForMore)
        waiting.removeAll { $0.press.command.asksForMore }
        return taken
    }

    /// The console was held up: what waited has waited too long.
    /// - Returns: what was dropped.
    public mutating func drop(at now: Int64) -> [OperatorCommand] {
        let dropped = waiting.map(\.press.command)
        for command in dropped { lastDropped[command] = now }
        waiting = []
        return dropped
    }
}

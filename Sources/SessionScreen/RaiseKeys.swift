/// Which of the raises that a keyboard sends may go to the machine. One press is one step; a held key is none
/// (`decided.md`, Amplitude). The machine knows a held key by the presses that it sees: whatever the console drops,
/// or a terminal hands over in one piece, it does not see.
public struct RaiseKeys: Sendable {
    /// When the last raise came that was not passed on, in ms.
    private var lastDropped: Int64?

    /// A press so soon after another is a held key (`decided.md`: 250 ms).
    private static let heldMilliseconds: Int64 = 250

    public init() {}

    /// - Parameters:
    ///   - count: raises in one read; nobody presses twice between two looks at the keyboard.
    ///   - now: in ms, on a clock that only rises.
    ///   - isDropped: the console drops what asks for more, for a reason of its own.
    /// - Returns: whether one of them may be passed on.
    public mutating func take(_ count: Int, at now: Int64, isDropped: Bool) -> Bool {
        let isHeld = count > 1 || (lastDropped.map { now - $0 < RaiseKeys.heldMilliseconds } ?? false)
        lastDropped = isHeld || isDropped ? now : nil
        return !isHeld && !isDropped
    }
}

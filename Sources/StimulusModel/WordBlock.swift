/// Eight 64-bit words: the one fixed-size shape in which anything crosses from the real-time loop to another thread
/// or into the safety record. What the words mean is written where they are packed (`SessionEngine/JournalEntry`).
public struct WordBlock: Sendable {
    public var words: InlineArray<8, Int64>

    /// All words zero.
    @_noLocks public init() { words = InlineArray(repeating: 0) }

    @_noLocks public static func == (a: WordBlock, b: WordBlock) -> Bool {
        var index = 0
        while index < 8 {
            if a.words[index] != b.words[index] { return false }
            index += 1
        }
        return true
    }

    @_noLocks public static func != (a: WordBlock, b: WordBlock) -> Bool { !(a == b) }
}

public import StimulusModel
internal import Synchronization

/// What the console, the signals and the stop listener share with the real-time loop: numbers that either side reads
/// and writes without ever waiting for the other. What the codes and key bits mean is for their users to say.
public final class ControlMailbox: Sendable {
    private let stop = Atomic<UInt8>(0)
    private let channelStops = Atomic<UInt8>(0)
    /// The keys of the first channel in the low half, of the second in the high half.
    private let keys = Atomic<UInt64>(0)
    /// Presses that lower, of the first channel in the low half, of the second in the high half.
    private let lowers = Atomic<UInt64>(0)
    private let consoleBeats = Atomic<UInt64>(0)
    private let loopBeats = Atomic<UInt64>(0)

    public init() {}

    /// Asks the loop to stop. The first code that is not 0 stays, for good: a stop is never taken back. True when it
    /// was this one. Any thread, any time.
    @_noLocks @discardableResult public func requestStop(code: UInt8) -> Bool {
        guard code != 0 else { return false }
        return stop.compareExchange(expected: 0, desired: code, ordering: .acquiringAndReleasing).exchanged
    }

    /// The code of the first stop request, 0 when there was none.
    public var stopCode: UInt8 { @_noLocks get { stop.load(ordering: .acquiring) } }

    /// Asks the loop to stop one channel alone: never taken back, never in line with the keys. Any thread, any time.
    @_noLocks public func requestChannelStop(_ place: ChannelPlace) {
        _ = channelStops.bitwiseOr(1 << place.code, ordering: .acquiringAndReleasing)
    }

    /// Bit 0 the first channel, bit 1 the second.
    public var channelStopBits: UInt8 { @_noLocks get { channelStops.load(ordering: .acquiring) } }

    /// Notes that keys were pressed for a channel, one bit per key. A key pressed twice before the loop looked counts
    /// once: presses are never queued.
    @_noLocks public func press(_ bits: UInt32, at place: ChannelPlace = .first) {
        _ = keys.bitwiseOr(UInt64(bits) << (place == .first ? 0 : 32), ordering: .acquiringAndReleasing)
    }

    /// Notes a press that lowers a channel by one step. Each of them counts, however many come at once: falls are never
    /// limited (`decided.md`, Amplitude), and a terminal that hung hands over several in one piece.
    @_noLocks public func lower(at place: ChannelPlace) {
        _ = lowers.wrappingAdd(place == .first ? 1 : 1 << 32, ordering: .acquiringAndReleasing)
    }

    /// The presses that lower since the last call, of the first channel and of the second. For the loop.
    @_noLocks public func takeLowers() -> (first: UInt32, second: UInt32) {
        let all = lowers.exchange(0, ordering: .acquiringAndReleasing)
        return (UInt32(truncatingIfNeeded: all), UInt32(truncatingIfNeeded: all >> 32))
    }

    /// The keys pressed since the last call, of the first channel and of the second. For the loop.
    @_noLocks public func takePressed() -> (first: UInt32, second: UInt32) {
        let all = keys.exchange(0, ordering: .acquiringAndReleasing)
        return (UInt32(truncatingIfNeeded: all), UInt32(truncatingIfNeeded: all >> 32))
    }

    /// A sign of life of the console: call it after the screen was written, not from a timer, so that it proves that
    /// somebody can see the session.
    @_noLocks public func consoleAlive() { _ = consoleBeats.wrappingAdd(1, ordering: .relaxed) }

    /// Rises with every `consoleAlive`. The loop compares it with what it saw and with its own clock.
    public var consoleBeat: UInt64 { @_noLocks get { consoleBeats.load(ordering: .relaxed) } }

    /// A sign of life of the loop, once per completed tick.
    @_noLocks public func loopAlive() { _ = loopBeats.wrappingAdd(1, ordering: .relaxed) }

    /// Rises with every completed tick.
    public var loopBeat: UInt64 { @_noLocks get { loopBeats.load(ordering: .relaxed) } }
}

/// The newest state of the loop for whoever wants to show it: one `WordBlock`, written by the loop alone, read by
/// anybody. Older states are overwritten, so a slow screen holds up nothing.
public final class StatusBoard: Sendable {
    // A sequence lock: odd while the words are being written. Words are stored with release and loaded with acquire
    // order, so a reader that sees one new word also sees the odd sequence.
    private let sequence = Atomic<UInt64>(0)
    private let words: InlineArray<8, Atomic<Int64>>

    public init() {
        words = InlineArray { _ in Atomic(0) }
    }

    /// Shows a new state. For the loop alone.
    @_noLocks public func show(_ block: WordBlock) {
        let start = sequence.load(ordering: .relaxed)
        sequence.store(start &+ 1, ordering: .relaxed)
        var index = 0
        while index < 8 {
            words[index].store(block.words[index], ordering: .releasing)
            index += 1
        }
        sequence.store(start &+ 2, ordering: .releasing)
    }

    /// The newest state; nil when none was shown yet, or in the rare case that every try met a write in progress.
    public func newest() -> WordBlock? {
        for _ in 0..<100 {
            let before = sequence.load(ordering: .acquiring)
            guard before != 0 else { return nil }
            guard before & 1 == 0 else { continue }
            var block = WordBlock()
            for index in 0..<8 { block.words[index] = words[index].load(ordering: .acquiring) }
            if sequence.load(ordering: .relaxed) == before { return block }
        }
        return nil
    }
}

/// One board for each of the two places of a session.
public final class StatusBoards: Sendable {
    private let first = StatusBoard()
    private let second = StatusBoard()

    public init() {}

    /// For whoever reads; the loop takes both once.
    public func board(_ place: ChannelPlace) -> StatusBoard { place == .first ? first : second }
}

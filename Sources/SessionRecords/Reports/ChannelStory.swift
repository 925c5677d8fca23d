internal import SessionEngine
internal import StimulusModel

/// What one channel of a session was set to and was doing: a part of `SessionStory`.
public struct ChannelStory: Equatable, Sendable {
    /// The set amplitude wherever it changed, from 0 at tick 0.
    public private(set) var setAmplitude: [StoryPoint] = []
    /// What it was doing, oldest first.
    public private(set) var spans: [StorySpan] = []
    private var isSpanOpen = false
    private var contractionNumber: Int32 = 0
    private var isTitration = false
    private var isPaused = false
    /// Its dose was given, or it was stopped alone: nothing more follows, whatever the session does.
    private var isOver = false

    init() {}

    /// How many spans of one kind there were.
    public func count(_ kind: StorySpan.Kind) -> Int32 { Int32(clamping: spans.count { $0.kind == kind }) }

    // MARK: - Being told

    mutating func set(_ microamperes: Int32, at tick: Int64) {
        guard microamperes != setAmplitude.last?.microamperes ?? 0 else { return }
        setAmplitude.append(StoryPoint(tick: tick, microamperes: microamperes))
    }

    mutating func reach(_ tick: Int64) {
        if isSpanOpen, !spans.isEmpty { spans[spans.count - 1].endTick = tick }
    }

    /// An event that is about this channel.
    mutating func follow(_ event: SessionEvent, at tick: Int64) {
        switch event.kind {
        case .contractionBegan:
            contractionNumber = event.value
            isTitration = event.detail == 1
            beginContraction(at: tick)
        case .channelStateChanged:
            guard let state = ChannelState(rawValue: UInt8(clamping: event.value)) else { return }
            follow(state, at: tick)
        default: return
        }
    }

    /// The state of a session that has this channel alone.
    mutating func follow(_ state: SessionState, at tick: Int64) {
        switch state {
        case .searching: begin(.search, at: tick)
        case .rampingUp: beginContraction(at: tick)
        // A plateau belongs to the contraction that is running; without one it is a train.
        case .holding where !isContracting: begin(.train, at: tick)
        case .holding, .rampingDown: return
        case .resting: begin(.rest, at: tick)
        case .paused: begin(.pause, at: tick)
        case .idle, .cleared, .armed, .stopping, .closed, .faulted: isSpanOpen = false
        }
    }

    /// The state of a session of two channels, whose own states are told apart from it.
    mutating func followWhole(_ state: SessionState, at tick: Int64) {
        isPaused = state == .paused
        switch state {
        case .paused where !isOver: begin(.pause, at: tick)
        case .idle, .cleared, .armed, .stopping, .closed, .faulted: isSpanOpen = false
        case .searching, .rampingUp, .holding, .rampingDown, .resting, .paused: return
        }
    }

    private mutating func follow(_ state: ChannelState, at tick: Int64) {
        switch state {
        case .searching: begin(.search, at: tick)
        case .rampingUp: beginContraction(at: tick)
        case .holding where !isContracting: begin(.train, at: tick)
        case .holding, .rampingDown: return
        // Waiting for its half of an alternating cycle is a rest like any other.
        case .resting, .waiting: begin(.rest, at: tick)
        // A pause switches its channels off; it goes on being a pause.
        case .off: if !isPaused { isSpanOpen = false }
        case .finished, .stopped:
            isSpanOpen = false
            isOver = true
        }
    }

    // MARK: - Spans

    private var isContracting: Bool {
        guard isSpanOpen, let kind = spans.last?.kind else { return false }
        return kind == .titration || kind == .contraction
    }

    private mutating func beginContraction(at tick: Int64) {
        begin(isTitration ? .titration : .contraction, number: contractionNumber, at: tick)
    }

    private mutating func begin(_ kind: StorySpan.Kind, number: Int32 = 0, at tick: Int64) {
        // The event that numbers a contraction and the one that starts its ramp come in one step, in either order.
        if isSpanOpen, let last = spans.last, last.startTick == tick { spans.removeLast() }
        if isContracting, kind == .titration || kind == .contraction, spans.last?.number == number { return }
        spans.append(StorySpan(kind: kind, number: number, startTick: tick, endTick: tick))
        isSpanOpen = true
    }
}

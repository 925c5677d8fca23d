public import SessionEngine
public import StimulusModel

/// An event with the tick at which it happened: milliseconds since the loop began.
public struct StoryEvent: Equatable, Sendable {
    public let tick: Int64
    public let event: SessionEvent
}

/// A point of the amplitude over time.
public struct StoryPoint: Equatable, Sendable {
    public let tick: Int64
    public let microamperes: Int32
}

/// A pulse of which something became known.
public struct StoryPulse: Equatable, Sendable {
    public let tick: Int64
    public let microamperes: Int32
    public let delivery: Delivery

    public static func == (a: StoryPulse, b: StoryPulse) -> Bool {
        a.tick == b.tick && a.microamperes == b.microamperes && a.delivery == b.delivery
    }
}

/// What the session was doing for a while.
public struct StorySpan: Equatable, Sendable {
    public enum Kind: String, Equatable, Sendable, CaseIterable {
        case search
        case titration
        case contraction
        case train
        case rest
        case pause
    }

    public let kind: Kind
    /// Of a contraction; 0 elsewhere.
    public let number: Int32
    public let startTick: Int64
    public internal(set) var endTick: Int64
}

/// One session as its record tells it: a pure function of its entries, in order. Pictures, report and export are made
/// of it, so that no two of them can tell different stories.
public struct SessionStory: Sendable {
    public private(set) var opening: SessionOpening?
    public private(set) var closing: SessionClosing?
    public private(set) var interruption: SessionInterruption?
    public private(set) var notes: [SessionNote] = []
    /// Thresholds kept as records of their own.
    private var recordedThresholds: [SessionThreshold] = []
    public private(set) var events: [StoryEvent] = []
    /// The set amplitude wherever it changed, from 0 at tick 0.
    public private(set) var setAmplitude: [StoryPoint] = []
    public private(set) var pulses: [StoryPulse] = []
    /// What the session was doing, oldest first.
    public private(set) var spans: [StorySpan] = []
    /// The last tick of which anything is known.
    public private(set) var lastTick: Int64 = 0
    public private(set) var lastState = SessionState.idle
    public private(set) var journalRecords: UInt64 = 0
    /// Thirty days in milliseconds (proposal).
    static let longestTick: Int64 = 30 * 86_400_000
    private var journalCharge: JournalCharge?
    private var contraction: (number: Int32, isTitration: Bool) = (0, false)

    public init() {}

    /// The story of a session in a store, with the verdict of a full verification.
    public static func read(_ sessionID: String, in store: SessionStore) -> (SessionStory, RecordExamination) {
        var story = SessionStory()
        let examination = store.verify(sessionID) { story.take($0) }
        return (story, examination)
    }

    /// The next record.
    public mutating func take(_ entry: SafetyRecordEntry) {
        switch entry.kind {
        case .opened:
            opening = SessionOpening.decode(entry.payload)
            journalCharge = opening.map { JournalCharge($0) }
        case .journal: if let block = RecordLayout.wordBlock(entry.payload) { take(block) }
        case .note: if let note = SessionNote.decode(entry.payload) { notes.append(note) }
        case .threshold:
            if let threshold = SessionThreshold.decode(entry.payload) { recordedThresholds.append(threshold) }
        case .closed: closing = SessionClosing.decode(entry.payload)
        case .interrupted: interruption = SessionInterruption.decode(entry.payload)
        }
    }

    // MARK: - What follows from it

    /// Charge of the first phases in pC: as closed; of a session that was cut short, what its journal proves, unknown
    /// pulses counted as delivered.
    public var chargePicocoulombs: Int64 { closing?.chargePicocoulombs ?? journalCharge?.picocoulombs ?? 0 }

    /// What the journal alone adds up to.
    public var journalChargePicocoulombs: Int64 { journalCharge?.picocoulombs ?? 0 }

    /// Where the current went, and how much of it.
    public var treated: [TreatedMuscle] {
        opening?.treated(closing?.channelChargePicocoulombs ?? [chargePicocoulombs]) ?? []
    }

    /// As closed; of a session that was cut short, what was marked last in its search.
    public var thresholds: [SessionThreshold] {
        if let closing, !closing.thresholds.isEmpty { return closing.thresholds }
        guard recordedThresholds.isEmpty, let opening else { return recordedThresholds }
        let dose = opening.searchDose ?? opening.dose
        return [(UInt8(1), "sensory"), (2, "motor")].compactMap { detail, kind in
            let marked = events.last { $0.event.kind == .thresholdMarked && $0.event.detail == detail }
            guard let marked else { return nil }
            return SessionThreshold(
                kind: kind, amplitudeMicroamperes: marked.event.value,
                phaseDurationMicroseconds: dose.phaseDurationMicroseconds,
                frequencyMillihertz: dose.frequencyMillihertz, place: "", wallNanoseconds: opening.wallNanoseconds)
        }
    }

    /// Pulses that the stimulator acknowledged.
    public var deliveredPulses: Int64 {
        closing?.pulsesDelivered ?? Int64(pulses.count { $0.delivery == .delivered })
    }
    /// Pulses of which nobody knows; they count as delivered.
    public var unknownPulses: Int64 { closing?.pulsesUnknown ?? Int64(pulses.count { $0.delivery == .unknown }) }
    /// Highest amplitude that was, or may have been, delivered.
    public var highestMicroamperes: Int32 {
        closing?.maximumAmplitudeMicroamperes
            ?? pulses.filter { $0.delivery == .delivered || $0.delivery == .unknown }.map(\.microamperes).max() ?? 0
    }
    public var contractionsDone: Int32 {
        closing?.contractionsDone ?? Int32(clamping: spans.count { $0.kind == .contraction })
    }
    public var titrationContractions: Int32 {
        closing?.titrationContractions ?? Int32(clamping: spans.count { $0.kind == .titration })
    }
    /// Milliseconds in which pulses could be due, rests between contractions included: the treatment clock's parts.
    public func milliseconds(in kinds: Set<StorySpan.Kind>) -> Int64 {
        spans.filter { kinds.contains($0.kind) }.reduce(0) { $0 + max(0, $1.endTick - $1.startTick) }
    }

    /// The set amplitude at a tick.
    public func setMicroamperes(at tick: Int64) -> Int32 {
        setAmplitude.last { $0.tick <= tick }?.microamperes ?? 0
    }

    // MARK: - The journal

    private mutating func take(_ block: WordBlock) {
        journalRecords += 1
        journalCharge?.take(block)
        // No session lasts longer: a tick beyond it is no time, and arithmetic on times stays within bounds.
        let tick = min(max(0, JournalEntry.tick(block)), Self.longestTick)
        switch JournalEntry.kind(block) {
        case .inputs:
            reach(tick)
            guard let inputs = StepInputs(block), inputs.delivery != .none, inputs.delivery != .skipped else { return }
            pulses.append(
                StoryPulse(
                    tick: tick, microamperes: inputs.deliveredAmplitude.microamperes, delivery: inputs.delivery))
        case .outputs:
            reach(tick)
            guard let step = RecordedStep(block) else { return }
            set(step.setMicroamperes, at: tick)
        case .events:
            reach(tick)
            for index in 2..<8 {
                guard let event = SessionEvent(word: block.words[index]), event.kind != .none else { continue }
                events.append(StoryEvent(tick: tick, event: event))
                follow(event, at: tick)
            }
        case .act, .timing, .refusal, nil: return
        }
    }

    private mutating func set(_ microamperes: Int32, at tick: Int64) {
        guard microamperes != setAmplitude.last?.microamperes ?? 0 else { return }
        setAmplitude.append(StoryPoint(tick: tick, microamperes: microamperes))
    }

    private mutating func reach(_ tick: Int64) {
        lastTick = max(lastTick, tick)
        if isSpanOpen, !spans.isEmpty { spans[spans.count - 1].endTick = lastTick }
    }

    private var isSpanOpen = false

    private mutating func follow(_ event: SessionEvent, at tick: Int64) {
        switch event.kind {
        case .contractionBegan:
            contraction = (event.value, event.detail == 1)
            begin(contraction.isTitration ? .titration : .contraction, number: event.value, at: tick)
        case .stateChanged:
            guard let state = SessionState(rawValue: UInt8(clamping: event.value)) else { return }
            lastState = state
            followState(state, at: tick)
        default: return
        }
    }

    private mutating func followState(_ state: SessionState, at tick: Int64) {
        switch state {
        case .searching: begin(.search, at: tick)
        case .rampingUp:
            begin(contraction.isTitration ? .titration : .contraction, number: contraction.number, at: tick)
        // A plateau belongs to the contraction that is running; without one it is a train.
        case .holding where !isContracting: begin(.train, at: tick)
        case .holding, .rampingDown: return
        case .resting: begin(.rest, at: tick)
        case .paused: begin(.pause, at: tick)
        case .idle, .cleared, .armed, .stopping, .closed, .faulted: isSpanOpen = false
        }
    }

    private var isContracting: Bool {
        guard isSpanOpen, let kind = spans.last?.kind else { return false }
        return kind == .titration || kind == .contraction
    }

    private mutating func begin(_ kind: StorySpan.Kind, number: Int32 = 0, at tick: Int64) {
        // The event that numbers a contraction and the one that starts its ramp come in one step, in either order.
        if isSpanOpen, let last = spans.last, last.startTick == tick { spans.removeLast() }
        if isContracting, kind == .titration || kind == .contraction, spans.last?.number == number { return }
        spans.append(StorySpan(kind: kind, number: number, startTick: tick, endTick: tick))
        isSpanOpen = true
    }
}

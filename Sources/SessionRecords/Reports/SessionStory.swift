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
    /// The channel that it was for.
    public let place: ChannelPlace
    public let tick: Int64
    public let microamperes: Int32
    public let delivery: Delivery

    public static func == (a: StoryPulse, b: StoryPulse) -> Bool {
        a.place == b.place && a.tick == b.tick && a.microamperes == b.microamperes && a.delivery == b.delivery
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
    /// Of all channels, in the order in which their fate became known.
    public private(set) var pulses: [StoryPulse] = []
    private var first = ChannelStory()
    private var second = ChannelStory()
    /// The last tick of which anything is known.
    public private(set) var lastTick: Int64 = 0
    public private(set) var lastState = SessionState.idle
    public private(set) var journalRecords: UInt64 = 0
    /// Thirty days in milliseconds (proposal).
    static let longestTick: Int64 = 30 * 86_400_000
    private var journalCharge: JournalCharge?

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

    /// What the journal alone adds up to on one channel.
    func journalCharge(at place: ChannelPlace) -> Int64 { max(0, journalCharge?.picocoulombs(at: place) ?? 0) }

    /// Where the current went, and at most how much of it.
    public var treated: [TreatedMuscle] { opening?.treated(mostByChannel) ?? [] }

    /// The channels that the session has, in the order of `SessionOpening.places`.
    public var channels: [ChannelPlace] { opening?.second == nil ? [.first] : [.first, .second] }

    /// What one channel was doing.
    public func channel(_ place: ChannelPlace) -> ChannelStory { place == .first ? first : second }

    /// The pulses of one channel.
    public func pulses(at place: ChannelPlace) -> [StoryPulse] { pulses.filter { $0.place == place } }

    // The first channel's by the names that a session of one channel knows them by.
    /// The set amplitude wherever it changed, from 0 at tick 0.
    public var setAmplitude: [StoryPoint] { first.setAmplitude }
    /// What the session was doing, oldest first.
    public var spans: [StorySpan] { first.spans }

    /// Whether nothing ran and no pulse is known, on any channel.
    public var isEmpty: Bool { pulses.isEmpty && channels.allSatisfy { channel($0).spans.isEmpty } }

    /// As closed; of a session that was cut short, what was marked last in its search.
    public var thresholds: [SessionThreshold] {
        if let closing, !closing.thresholds.isEmpty { return closing.thresholds }
        guard recordedThresholds.isEmpty, let opening else { return recordedThresholds }
        return channels.flatMap { marked(opening, at: $0) }
    }

    private func marked(_ opening: SessionOpening, at place: ChannelPlace) -> [SessionThreshold] {
        guard let dose = opening.searchDose(at: place) ?? opening.dose(at: place) else { return [] }
        return [(UInt8(1), "sensory"), (2, "motor")].compactMap { detail, kind in
            let marked = events.last {
                $0.event.kind == .thresholdMarked && $0.event.detail == detail
                    && (channels.count == 1 || $0.event.place == place)
            }
            guard let marked else { return nil }
            var threshold = SessionThreshold(
                kind: kind, amplitudeMicroamperes: marked.event.value,
                phaseDurationMicroseconds: dose.phaseDurationMicroseconds,
                frequencyMillihertz: dose.frequencyMillihertz, place: "", wallNanoseconds: opening.wallNanoseconds)
            if channels.count > 1 { threshold.muscle = opening.muscle(at: place) }
            return threshold
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
        closing?.contractionsDone ?? channels.reduce(0) { $0 + channel($1).count(.contraction) }
    }
    public var titrationContractions: Int32 {
        closing?.titrationContractions ?? channels.reduce(0) { $0 + channel($1).count(.titration) }
    }
    /// Highest amplitude that was, or may have been, delivered on one channel.
    public func highestMicroamperes(at place: ChannelPlace) -> Int32 {
        guard channels.count > 1 else { return highestMicroamperes }
        return pulses.filter { $0.place == place && ($0.delivery == .delivered || $0.delivery == .unknown) }
            .map(\.microamperes).max() ?? 0
    }
    /// Contractions of one channel, counted or of titration.
    public func contractions(_ kind: StorySpan.Kind, at place: ChannelPlace) -> Int32 {
        guard channels.count == 1 else { return channel(place).count(kind) }
        return kind == .titration ? titrationContractions : contractionsDone
    }
    /// Milliseconds in which pulses could be due, rests between contractions included: the treatment clock's parts.
    public func milliseconds(in kinds: Set<StorySpan.Kind>, at place: ChannelPlace = .first) -> Int64 {
        channel(place).spans.filter { kinds.contains($0.kind) }.reduce(0) { $0 + max(0, $1.endTick - $1.startTick) }
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
            guard let inputs = StepInputs(block) else { return }
            take(inputs.first, at: .first, tick)
            take(inputs.second, at: .second, tick)
        case .outputs:
            reach(tick)
            guard let step = RecordedStep(block) else { return }
            first.set(step.setMicroamperes, at: tick)
            second.set(step.secondSetMicroamperes, at: tick)
        case .events:
            reach(tick)
            for index in 2..<8 {
                guard let event = SessionEvent(word: block.words[index]), event.kind != .none else { continue }
                events.append(StoryEvent(tick: tick, event: event))
                follow(event, at: tick)
            }
        case .act, .timing, .refusal, .pins, nil: return
        }
    }

    private mutating func take(_ news: ChannelNews, at place: ChannelPlace, _ tick: Int64) {
        guard news.delivery != .none, news.delivery != .skipped else { return }
        pulses.append(
            StoryPulse(
                place: place, tick: tick, microamperes: news.deliveredAmplitude.microamperes, delivery: news.delivery))
    }

    private mutating func reach(_ tick: Int64) {
        lastTick = max(lastTick, tick)
        first.reach(lastTick)
        second.reach(lastTick)
    }

    private mutating func follow(_ event: SessionEvent, at tick: Int64) {
        if event.kind == .stateChanged {
            guard let state = SessionState(rawValue: UInt8(clamping: event.value)) else { return }
            lastState = state
            if channels.count == 1 {
                first.follow(state, at: tick)
            } else {
                // What each channel does is told of each; the whole says only when all of them pause or end.
                first.followWhole(state, at: tick)
                second.followWhole(state, at: tick)
            }
        } else if event.place == .first {
            first.follow(event, at: tick)
        } else {
            second.follow(event, at: tick)
        }
    }
}

extension SessionStory {
    /// Whether an event belongs into the picture of one channel: its own, and those of the whole session.
    func concerns(_ event: SessionEvent, _ place: ChannelPlace) -> Bool {
        channels.count == 1 || !event.isOfOneChannel || event.place == place
    }
}

extension SessionEvent {
    /// Whether it is about the channel that it names, not about the whole session.
    public var isOfOneChannel: Bool {
        switch kind {
        case .raised, .lowered, .thresholdMarked, .contractionBegan, .titrationEnded, .runBegan, .pulseSkipped,
            .deliveryUnknown, .setAmplitudeClipped, .notDelivered, .channelStopped, .channelStateChanged,
            .channelFinished:
            return true
        case .commandRefused:
            switch OperatorCommand(rawValue: UInt8(clamping: value)) {
            case .raise, .lower, .zero, .markSensory, .markMotor: return true
            default: return false
            }
        case .none, .stateChanged, .stopRequested, .fault, .ticksMissed, .pulsesDropped, .presenceAsked,
            .presenceMissed, .checkInAsked, .checkInAnswered, .checkInMissed:
            return false
        }
    }
}

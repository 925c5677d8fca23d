// One closed vocabulary, used three times: the machine emits it, the record keeps it, the report reads it.
public import StimulusModel

/// What happened. Raw values are stored in records: never renumber.
public enum SessionEventKind: UInt8, Sendable {
    case none = 0
    /// value: new `SessionState`, detail: the one before.
    case stateChanged = 1
    /// value: set amplitude in µA.
    case raised = 2
    /// value: set amplitude in µA.
    case lowered = 3
    /// value: the `OperatorCommand`, detail: `RefusedCommand`.
    case commandRefused = 4
    /// value: µA, detail: 1 sensory, 2 motor threshold.
    case thresholdMarked = 5
    /// value: its number, detail: 1 titration, 0 counted in the dose.
    case contractionBegan = 6
    /// value: contractions of titration that were given.
    case titrationEnded = 7
    /// value: the run's number, detail: the `PlanPart`.
    case runBegan = 8
    /// value: `StopCause`.
    case stopRequested = 9
    /// value: `FaultCause`.
    case fault = 10
    /// value: how many ticks a late wake-up missed.
    case ticksMissed = 11
    /// value: pulses that were dropped: due in missed ticks, in the tick of the other channel's, or within a period of
    /// the run before.
    case pulsesDropped = 12
    /// A pulse fell due while one was unacknowledged.
    case pulseSkipped = 13
    /// A pulse was sent and its fate is unknown; value: its amplitude in µA.
    case deliveryUnknown = 14
    /// value: seconds that are left to answer.
    case presenceAsked = 15
    case presenceMissed = 16
    /// A raise that was not felt before the ramp was taken back; value: set amplitude in µA.
    case setAmplitudeClipped = 17
    /// The device said that it did not execute a pulse.
    case notDelivered = 18
    /// One channel was stopped alone.
    case channelStopped = 19
    /// Only in a session of two channels; value: new `ChannelState`.
    case channelStateChanged = 20
    /// The dose of one channel was given, in a session of two; value: its contractions.
    case channelFinished = 21
    /// On needles, at set times: ask for pain, dizziness, skin; value: seconds that are left to answer.
    case checkInAsked = 22
    case checkInAnswered = 23
    case checkInMissed = 24

    public var code: UInt8 { @_noLocks get { rawValue } }

    @_noLocks public static func == (a: SessionEventKind, b: SessionEventKind) -> Bool { a.rawValue == b.rawValue }

    @_noLocks public static func != (a: SessionEventKind, b: SessionEventKind) -> Bool { !(a == b) }
}

/// One event with its two figures.
public struct SessionEvent: Hashable, Sendable {
    public let kind: SessionEventKind
    public let value: Int32
    public let detail: UInt8
    /// The channel that it is about; the first where it is about the whole session.
    public let place: ChannelPlace

    @_noLocks public init(
        _ kind: SessionEventKind, value: Int32 = 0, detail: UInt8 = 0, at place: ChannelPlace = .first
    ) {
        self.kind = kind
        self.value = value
        self.detail = detail
        self.place = place
    }

    @_noLocks public static func == (a: SessionEvent, b: SessionEvent) -> Bool {
        a.kind == b.kind && a.value == b.value && a.detail == b.detail && a.place == b.place
    }

    @_noLocks public static func != (a: SessionEvent, b: SessionEvent) -> Bool { !(a == b) }

    /// kind in bits 0–7, detail in 8–15, place in 16–23, value in 32–63.
    public var word: Int64 {
        @_noLocks get {
            var bits = UInt64(kind.code) | UInt64(detail) << 8 | UInt64(place.code) << 16
            bits |= UInt64(UInt32(bitPattern: value)) << 32
            return Int64(bitPattern: bits)
        }
    }

    /// Nothing for a word with an unknown kind or place.
    public init?(word: Int64) {
        let bits = UInt64(bitPattern: word)
        guard let kind = SessionEventKind(rawValue: UInt8(truncatingIfNeeded: bits)),
            let place = ChannelPlace(rawValue: UInt8(truncatingIfNeeded: bits >> 16))
        else { return nil }
        self.init(
            kind, value: Int32(truncatingIfNeeded: bits >> 32), detail: UInt8(truncatingIfNeeded: bits >> 8),
            at: place)
    }
}

/// The events of one step, at most twenty-four.
public struct SessionEvents: Sendable {
    private var storage: InlineArray<24, SessionEvent>
    public private(set) var count: Int
    public static var capacity: Int { @_noLocks get { 24 } }

    @_noLocks public init() {
        storage = InlineArray(repeating: SessionEvent(.none))
        count = 0
    }

    @_noLocks public subscript(_ index: Int) -> SessionEvent { storage[index] }

    /// Adds one. A twenty-fifth replaces the twenty-fourth: the newest of a crowded step is kept, and no step of the
    /// machine can emit that many (`SessionEngineTests`).
    @_noLocks public mutating func append(_ event: SessionEvent) {
        if count < SessionEvents.capacity {
            storage[count] = event
            count += 1
        } else {
            storage[SessionEvents.capacity - 1] = event
        }
    }
}

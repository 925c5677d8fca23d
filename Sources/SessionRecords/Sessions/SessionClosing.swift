/// A sensory or motor threshold, found in a search (`clinical.md` 2.3).
public struct SessionThreshold: Codable, Equatable, Sendable {
    /// `sensory` or `motor`.
    public var kind: String
    public var amplitudeMicroamperes: Int32
    public var phaseDurationMicroseconds: Int32
    public var frequencyMillihertz: Int32
    /// Where the pad lay, in the practitioner's words.
    public var place: String
    /// `vmo`, `gmed`; nothing in records of one channel before there were two.
    public var muscle: String?
    /// Nanoseconds since 1970 UTC.
    public var wallNanoseconds: Int64

    public init(
        kind: String, amplitudeMicroamperes: Int32, phaseDurationMicroseconds: Int32, frequencyMillihertz: Int32,
        place: String, wallNanoseconds: Int64
    ) {
        self.kind = kind
        self.amplitudeMicroamperes = amplitudeMicroamperes
        self.phaseDurationMicroseconds = phaseDurationMicroseconds
        self.frequencyMillihertz = frequencyMillihertz
        self.place = place
        self.wallNanoseconds = wallNanoseconds
    }

    public func encode() throws(RecordFailure) -> [UInt8] { try RecordJSON.encode(self) }
    public static func decode(_ payload: [UInt8]) -> SessionThreshold? { RecordJSON.decode(payload) }
}

/// Something said or done that is no event of the session machine: a consent withdrawn, a remark.
public struct SessionNote: Codable, Equatable, Sendable {
    /// A short word for what it is: `consent_withdrawn`, `remark`, `stop_control_tried`.
    public var kind: String
    public var text: String
    /// Who: `practitioner`, `patient`, `program`.
    public var by: String

    public init(kind: String, text: String, by: String) {
        self.kind = kind
        self.text = text
        self.by = by
    }

    public func encode() throws(RecordFailure) -> [UInt8] { try RecordJSON.encode(self) }
    public static func decode(_ payload: [UInt8]) -> SessionNote? { RecordJSON.decode(payload) }
}

/// The last record of an orderly session.
public struct SessionClosing: Codable, Equatable, Sendable {
    /// `completed`, `stopped by …`, `fault …`: as a person reads it.
    public var reason: String
    /// `FaultCause` by its raw value; 0 where there was none.
    public var faultCode: UInt8
    public var pulsesDelivered: Int64
    /// Counted as delivered (`decided.md`, P24).
    public var pulsesUnknown: Int64
    public var pulsesSkipped: Int64
    /// Of the dose, without titration.
    public var contractionsDone: Int32
    public var titrationContractions: Int32
    public var maximumAmplitudeMicroamperes: Int32
    /// Sum of the charge of the first phases.
    public var chargePicocoulombs: Int64
    /// The same by channel, first and second; nothing in records of one channel.
    public var channelChargePicocoulombs: [Int64]?
    /// Acknowledged pulses of the treatment by channel, searches left out: what proves that a muscle was treated.
    /// Nothing in records of before they were counted.
    public var channelTreatmentPulses: [Int64]?
    public var thresholds: [SessionThreshold]
    public var missedTicks: Int64
    public var latestWakeupNanoseconds: Int64
    public var consentWithdrawn: Bool
    /// The needles of the opening with their time out and condition, the count, and the incidents that were opened;
    /// nothing in sessions with pads, and in records of before there were needles.
    public var needles: [RecordedNeedle]?
    public var needleCount: RecordedNeedleCount?
    public var incidentIDs: [String]?
    /// Nanoseconds since 1970 UTC.
    public var wallNanoseconds: Int64

    public init(
        reason: String, faultCode: UInt8, pulsesDelivered: Int64, pulsesUnknown: Int64, pulsesSkipped: Int64,
        contractionsDone: Int32, titrationContractions: Int32, maximumAmplitudeMicroamperes: Int32,
        chargePicocoulombs: Int64, thresholds: [SessionThreshold], missedTicks: Int64,
        latestWakeupNanoseconds: Int64, consentWithdrawn: Bool, wallNanoseconds: Int64
    ) {
        self.reason = reason
        self.faultCode = faultCode
        self.pulsesDelivered = pulsesDelivered
        self.pulsesUnknown = pulsesUnknown
        self.pulsesSkipped = pulsesSkipped
        self.contractionsDone = contractionsDone
        self.titrationContractions = titrationContractions
        self.maximumAmplitudeMicroamperes = maximumAmplitudeMicroamperes
        self.chargePicocoulombs = chargePicocoulombs
        self.thresholds = thresholds
        self.missedTicks = missedTicks
        self.latestWakeupNanoseconds = latestWakeupNanoseconds
        self.consentWithdrawn = consentWithdrawn
        self.wallNanoseconds = wallNanoseconds
    }

    /// Pulses that count: delivered, and those of which nobody knows (`decided.md`, P24).
    public var pulsesCounted: Int64 {
        let sum = pulsesDelivered.addingReportingOverflow(pulsesUnknown)
        return sum.overflow ? Int64.max : sum.partialValue
    }

    public func encode() throws(RecordFailure) -> [UInt8] { try RecordJSON.encode(self) }
    public static func decode(_ payload: [UInt8]) -> SessionClosing? { RecordJSON.decode(payload) }
}

/// The last record of a session that was cut short, written by a later start.
public struct SessionInterruption: Codable, Equatable, Sendable {
    /// When the session was found so, nanoseconds since 1970 UTC.
    public var foundWallNanoseconds: Int64
    /// Version of the program that found it.
    public var programVersion: String
    /// The last journal record's time on the session's own monotonic clock; nothing if there was no journal.
    public var lastJournalMonotonicNanoseconds: Int64?
    /// The wall time of the last record of any kind; nothing if there was none.
    public var lastRecordWallNanoseconds: Int64?
    /// Journal records found.
    public var journalRecords: UInt64
    /// Sound records that the anchor did not cover: written, and their commit cut short.
    public var unanchoredRecords: UInt64
    /// Bytes of an unfinished record, taken off the end of the file.
    public var tornBytes: Int64
    /// Their SHA-256 and the first of them, in hexadecimal: nothing is lost unseen.
    public var tornSha256: String?
    public var tornHexadecimal: String?
    /// What was found, in words.
    public var findings: [String]

    public func encode() throws(RecordFailure) -> [UInt8] { try RecordJSON.encode(self) }
    public static func decode(_ payload: [UInt8]) -> SessionInterruption? { RecordJSON.decode(payload) }
}

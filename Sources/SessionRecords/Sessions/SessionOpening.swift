internal import Calibration
internal import CareModel
internal import Foundation
public import SafetyKernel
public import StimulusModel

/// A file as it was used, whole: a record must be readable when the file has changed since (H19).
public struct RecordedFile: Codable, Equatable, Sendable {
    public let id: String
    /// The file's own version number; 0 where it has none.
    public let version: Int32
    public let path: String
    /// 64 hexadecimal digits over the file's bytes.
    public let sha256: String
    /// The whole text; nothing where the answers carry what was asked (checklists).
    public let text: String?

    public init(id: String, version: Int32, path: String, sha256: Digest, text: String?) {
        self.id = id
        self.version = version
        self.path = path
        self.sha256 = sha256.hex
        self.text = text
    }
}

/// One question with its answer.
public struct RecordedAnswer: Codable, Equatable, Sendable {
    public let code: String
    public let question: String
    /// As a person reads it: `no`, `25 cm²`, `confirmed`.
    public let answer: String
    /// Why the practitioner went on in spite of an override.
    public let reason: String?
    /// Nanoseconds since 1970 UTC.
    public let wallNanoseconds: Int64

    public init(code: String, question: String, answer: String, reason: String?, wallNanoseconds: Int64) {
        self.code = code
        self.question = question
        self.answer = answer
        self.reason = reason
        self.wallNanoseconds = wallNanoseconds
    }
}

/// Who the device said it was.
public struct RecordedDevice: Codable, Equatable, Sendable {
    public let kind: String
    public let id: String
    public let firmware: String
    public let wireVersion: String

    public init(kind: String, id: String, firmware: String, wireVersion: String) {
        self.kind = kind
        self.id = id
        self.firmware = firmware
        self.wireVersion = wireVersion
    }
}

/// One limit in force.
public struct RecordedLimit: Codable, Equatable, Sendable {
    /// What it limits: `amplitude`, `charge per phase`.
    public let kind: String
    public let value: Int64
    /// The unit of `value`: `µA`, `pC`, `ms`.
    public let unit: String
    /// Who set it: `absolute`, `device`, `protocol`, `rig`, `practitioner`.
    public let setBy: String

    public init(kind: String, value: Int64, unit: String, setBy: String) {
        self.kind = kind
        self.value = value
        self.unit = unit
        self.setBy = setBy
    }
}

/// What charge limits hang on: gauge and inserted length.
public struct RecordedNeedleGeometry: Codable, Equatable, Sendable {
    public var diameterMicrometres: Int32
    public var insertedMillimetres: Int32

    public init(_ geometry: NeedleGeometry) {
        diameterMicrometres = geometry.diameterMicrometres
        insertedMillimetres = geometry.insertedMillimetres
    }

    public var geometry: NeedleGeometry {
        NeedleGeometry(diameterMicrometres: diameterMicrometres, insertedMillimetres: insertedMillimetres)
    }
}

/// What calibration said of a needle rig when the session was authorized.
public struct RecordedNeedleRig: Codable, Equatable, Sendable {
    public var residualOffsetNanoamperes: Int32
    public var imbalancePermille: Int32
    public var tolerancePermille: Int32
    public var maximumAmplitudeMicroamperes: Int32

    public init(_ capabilities: DeviceCapabilities) {
        residualOffsetNanoamperes = capabilities.residualOffsetNanoamperes
        imbalancePermille = capabilities.imbalancePermille
        tolerancePermille = capabilities.tolerancePermille
        maximumAmplitudeMicroamperes = capabilities.maximumAmplitude.microamperes
    }

    public var capabilities: DeviceCapabilities {
        .needleRig(
            maximumAmplitude: Current(microamperes: maximumAmplitudeMicroamperes),
            residualOffsetNanoamperes: residualOffsetNanoamperes, imbalancePermille: imbalancePermille,
            tolerancePermille: tolerancePermille)
    }
}

/// The calibration by which a session was set.
public struct RecordedCalibration: Codable, Equatable, Sendable {
    /// Of one output that the rig file names.
    public struct Output: Codable, Equatable, Sendable {
        public var output: UInt8
        public var gainPartsPerMillion: Int32
        public var offsetNanoamperes: Int32
    }

    /// Such as `P24-0001-3`.
    public var id: String
    /// 64 hexadecimal digits over the document's bytes.
    public var sha256: String
    /// Who signed it.
    public var keyID: String
    /// Such as `2026-11-20`.
    public var measuredOn: String
    /// Of the capabilities that the plan was authorized with.
    public var tolerancePermille: Int32
    public var outputs: [Output]

    public init(_ proven: ProvenCalibration) {
        id = proven.document.id
        sha256 = proven.sha256.hex
        keyID = proven.keyID
        measuredOn = proven.document.measuredOn.text
        tolerancePermille = proven.capabilities.tolerancePermille
        outputs = proven.outputs.map {
            Output(
                output: $0.output, gainPartsPerMillion: $0.fit.correction.gainPartsPerMillion,
                offsetNanoamperes: $0.fit.correction.offsetNanoamperes)
        }
    }

    /// `P24-0001-3 of 2026-11-20, signed by technician-ab, SHA-256 …`
    public var words: String { "\(id) of \(measuredOn), signed by \(keyID), SHA-256 \(sha256)" }
}

/// Whose signature was on a protocol.
public struct RecordedSignature: Codable, Equatable, Sendable {
    public var protocolID: String
    public var keyID: String

    public init(_ proven: ProvenProtocol) {
        protocolID = proven.id
        keyID = proven.keyID
    }
}

/// The second channel of a session: what its first says of itself, said of the other.
public struct RecordedChannel: Codable, Equatable, Sendable {
    public var muscle: String
    public var stage: String
    /// The stimulator's channel, 1 to 8.
    public var channel: UInt8
    public var treatmentProtocol: RecordedFile
    public var companionProtocol: RecordedFile?
    public var dose: RecordedDose
    public var searchDose: RecordedDose?
    public var earlierTreatments: Int32
    public var provenTreatments: Int32
    public var millisecondsSinceLast: Int64
    public var treatmentsToday: Int32
    public var chargeTodayPicocoulombs: Int64
    public var padAreaSquareMillimetres: Int32
    /// On needles, of the one with the smaller surface; nothing with pads.
    public var needle: RecordedNeedleGeometry?

    public init(
        muscle: String, stage: String, channel: UInt8, treatmentProtocol: RecordedFile,
        companionProtocol: RecordedFile?, dose: RecordedDose, searchDose: RecordedDose?, history: TreatmentHistory,
        padAreaSquareMillimetres: Int32
    ) {
        self.muscle = muscle
        self.stage = stage
        self.channel = channel
        self.treatmentProtocol = treatmentProtocol
        self.companionProtocol = companionProtocol
        self.dose = dose
        self.searchDose = searchDose
        earlierTreatments = history.earlierTreatments
        provenTreatments = history.provenTreatments
        millisecondsSinceLast = history.millisecondsSinceLast
        treatmentsToday = history.treatmentsToday
        chargeTodayPicocoulombs = history.chargeToday.picocoulombs
        self.padAreaSquareMillimetres = padAreaSquareMillimetres
    }
}

/// The first record of a session: everything that was known and decided before the first pulse.
public struct SessionOpening: Codable, Equatable, Sendable {
    public var sessionID: String
    public var programVersion: String
    /// Nanoseconds since 1970 UTC.
    public var wallNanoseconds: Int64
    /// What the local clock showed more than UTC.
    public var utcOffsetSeconds: Int32
    public var personID: String
    /// `vmo`, `gmed`.
    public var muscle: String
    /// `left`, `right`.
    public var side: String
    /// `search`, `relieve`, `restore`, `elevate`: the stage of the protocol that the session is for.
    public var stage: String
    /// Initials or a code, as given.
    public var practitioner: String
    public var treatmentProtocol: RecordedFile
    /// The search before the treatment, if one was planned, or the treatment that a search is for.
    public var companionProtocol: RecordedFile?
    public var checklist: RecordedFile
    public var answers: [RecordedAnswer]
    public var rig: RecordedFile
    public var device: RecordedDevice
    /// What the real-time thread could get: scheduling, locked memory, latency.
    public var realTimeReport: String
    public var limits: [RecordedLimit]
    public var dose: RecordedDose
    /// The search before the treatment, if one was planned.
    public var searchDose: RecordedDose?
    /// The stimulator's channel, 1 to 8.
    public var channel: UInt8
    /// What the rules on rest and first use were held against; a replay needs it.
    public var earlierTreatments: Int32
    public var millisecondsSinceLast: Int64
    /// Of this person and of this muscle in the 24 h before; nothing in records of before they were counted.
    public var treatmentsToday: Int32?
    public var provenTreatments: Int32?
    public var chargeTodayPicocoulombs: Int64?
    /// The second channel, if there is one, and how both share time: `together`, `alternating`.
    public var second: RecordedChannel?
    public var arrangement: String?
    /// Area of one pad in mm², as stated.
    public var padAreaSquareMillimetres: Int32
    /// The titles of the gates that were open.
    public var gates: [String]
    /// Every needle that was opened, and the ledger's tray of them; nothing in sessions with pads, and in records of
    /// before there were needles.
    public var needles: [RecordedNeedle]?
    public var trayID: String?
    /// What the stimulator was calibrated by, and who signed the protocols; nothing in records of before that was asked
    /// for.
    public var calibration: RecordedCalibration?
    public var protocolSignatures: [RecordedSignature]?
    /// On needles, of the first channel's with the smaller surface; and what calibration said of the rig.
    public var needle: RecordedNeedleGeometry?
    public var needleRig: RecordedNeedleRig?

    public init(
        sessionID: String, programVersion: String, wallNanoseconds: Int64, utcOffsetSeconds: Int32,
        personID: String, muscle: String, side: String, stage: String, practitioner: String,
        treatmentProtocol: RecordedFile, companionProtocol: RecordedFile?, checklist: RecordedFile,
        answers: [RecordedAnswer], rig: RecordedFile, device: RecordedDevice, realTimeReport: String,
        limits: [RecordedLimit], dose: RecordedDose, searchDose: RecordedDose? = nil, channel: UInt8 = 1,
        earlierTreatments: Int32 = 0, millisecondsSinceLast: Int64 = 0, padAreaSquareMillimetres: Int32, gates: [String]
    ) {
        self.sessionID = sessionID
        self.programVersion = programVersion
        self.wallNanoseconds = wallNanoseconds
        self.utcOffsetSeconds = utcOffsetSeconds
        self.personID = personID
        self.muscle = muscle
        self.side = side
        self.stage = stage
        self.practitioner = practitioner
        self.treatmentProtocol = treatmentProtocol
        self.companionProtocol = companionProtocol
        self.checklist = checklist
        self.answers = answers
        self.rig = rig
        self.device = device
        self.realTimeReport = realTimeReport
        self.limits = limits
        self.dose = dose
        self.searchDose = searchDose
        self.channel = channel
        self.earlierTreatments = earlierTreatments
        self.millisecondsSinceLast = millisecondsSinceLast
        self.padAreaSquareMillimetres = padAreaSquareMillimetres
        self.gates = gates
    }

    /// What the kernel was told of earlier sessions.
    public var history: TreatmentHistory {
        get {
            TreatmentHistory(
                earlierTreatments: earlierTreatments, millisecondsSinceLast: millisecondsSinceLast,
                treatmentsToday: treatmentsToday ?? 0,
                chargeToday: Charge(picocoulombs: chargeTodayPicocoulombs ?? 0),
                provenTreatments: provenTreatments)
        }
        set {
            earlierTreatments = newValue.earlierTreatments
            millisecondsSinceLast = newValue.millisecondsSinceLast
            treatmentsToday = newValue.treatmentsToday
            provenTreatments = newValue.provenTreatments
            chargeTodayPicocoulombs = newValue.chargeToday.picocoulombs
        }
    }

    /// Whether the session was a search alone: it counts in charge and time, not as a session for rest or first use.
    public var isSearch: Bool { stage == "search" }

    /// The payload of an `opened` record.
    public func encode() throws(RecordFailure) -> [UInt8] { try RecordJSON.encode(self) }
    /// A payload read back; nothing if it is none.
    public static func decode(_ payload: [UInt8]) -> SessionOpening? { RecordJSON.decode(payload) }
}

/// The payloads that are text: JSON with sorted keys, so that the same content is the same bytes.
enum RecordJSON {
    static func encode(_ value: some Encodable) throws(RecordFailure) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do { return Array(try encoder.encode(value)) } catch { throw .unencodable }
    }

    static func decode<Value: Decodable>(_ payload: [UInt8]) -> Value? {
        try? JSONDecoder().decode(Value.self, from: Data(payload))
    }
}

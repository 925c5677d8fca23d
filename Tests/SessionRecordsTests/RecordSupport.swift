import CareModel
import Foundation
import SessionRecords
import StimulusModel
import Synchronization

let aNoon: Int64 = 1_764_000_000_000_000_000

/// A small but complete opening.
func anOpening(
    id: String = "20261122-093512-00000a", person: String = "P-0042", muscle: String = "vmo", side: String = "right",
    stage: String = "relieve", wall: Int64 = aNoon
) -> SessionOpening {
    let file = RecordedFile(id: "x", version: 1, path: "x.yaml", sha256: Digest(of: "x"), text: "x")
    let cycle = ContractionCycle(
        rampUpMilliseconds: 2_000, plateauMilliseconds: 3_000, rampDownMilliseconds: 1_000, restMilliseconds: 18_000)
    let dose = Dose(
        electrodeKind: .surface, muscle: .vmo, stage: .relieve, pattern: .contractions(cycle, count: 10),
        frequency: Frequency(millihertz: 35_000), phaseDuration: PhaseDuration(microseconds: 300),
        interphaseGap: PhaseDuration(microseconds: 0), maximumAmplitude: Current(microamperes: 40_000),
        amplitudeStep: Current(microamperes: 1_000))
    return SessionOpening(
        sessionID: id, programVersion: "0", wallNanoseconds: wall, utcOffsetSeconds: 3_600, personID: person,
        muscle: muscle, side: side, stage: stage, practitioner: "AB", treatmentProtocol: file,
        companionProtocol: nil, checklist: file,
        answers: [
            RecordedAnswer(code: "C01", question: "?", answer: "no", reason: nil, wallNanoseconds: wall)
        ], rig: file, device: RecordedDevice(kind: "p24", id: "P24_000001", firmware: "1.2.3", wireVersion: "4.0.0"),
        realTimeReport: "none",
        limits: [RecordedLimit(kind: "amplitude", value: 40_000, unit: "µA", setBy: "protocol")],
        dose: RecordedDose(dose), padAreaSquareMillimetres: 2_500, gates: ["identity"])
}

func aClosing(reason: String = "completed", contractions: Int32 = 10, wall: Int64 = aNoon + 600_000_000_000)
    -> SessionClosing
{
    SessionClosing(
        reason: reason, faultCode: 0, pulsesDelivered: 2_100, pulsesUnknown: 0, pulsesSkipped: 0,
        contractionsDone: contractions, titrationContractions: 2, maximumAmplitudeMicroamperes: 21_000,
        chargePicocoulombs: 13_230_000_000, thresholds: [], missedTicks: 0, latestWakeupNanoseconds: 210_000,
        consentWithdrawn: false, wallNanoseconds: wall)
}

func aTime(_ milliseconds: Int64) -> RecordTime {
    RecordTime(monotonicNanoseconds: milliseconds * 1_000_000, wallNanoseconds: aNoon + milliseconds * 1_000_000)
}

func aBlock(_ first: Int64) -> WordBlock {
    var block = WordBlock()
    for index in 0..<8 { block.words[index] = first &* 31 &+ Int64(index) }
    return block
}

/// A disk in memory that remembers every operation, and fails at the one it is told to.
final class MemoryStorage: RecordStorage {
    enum Operation: Equatable {
        case writeRecord([UInt8], Int64)
        case syncRecord
        case writeAnchor([UInt8], Int64)
        case syncAnchor
    }

    struct Content {
        var operations: [Operation] = []
        var record: [UInt8] = []
        var anchor = [UInt8](repeating: 0, count: AnchorLayout.fileBytes)
        var failAt: Int?
        var callsAfterFailure = 0
        var failed = false
    }

    let path = "memory"
    let content: Mutex<Content>

    init(failAt: Int? = nil) {
        content = Mutex(Content(failAt: failAt))
    }

    private func perform(_ operation: Operation, _ call: String) throws(DiskError) {
        let error = content.withLock { content -> DiskError? in
            if content.failed { content.callsAfterFailure += 1 }
            if content.operations.count == content.failAt {
                content.failed = true
                return DiskError(number: 28, call: call)
            }
            content.operations.append(operation)
            MemoryStorage.apply(operation, &content.record, &content.anchor)
            return nil
        }
        if let error { throw error }
    }

    /// What an operation does to the two files.
    static func apply(_ operation: Operation, _ record: inout [UInt8], _ anchor: inout [UInt8]) {
        func put(_ bytes: [UInt8], _ offset: Int64, _ file: inout [UInt8]) {
            let end = Int(offset) + bytes.count
            if file.count < end { file += [UInt8](repeating: 0, count: end - file.count) }
            file.replaceSubrange(Int(offset)..<end, with: bytes)
        }
        switch operation {
        case .writeRecord(let bytes, let offset): put(bytes, offset, &record)
        case .writeAnchor(let bytes, let offset): put(bytes, offset, &anchor)
        case .syncRecord, .syncAnchor: break
        }
    }

    func writeRecord(_ bytes: [UInt8], at offset: Int64) throws(DiskError) {
        try perform(.writeRecord(bytes, offset), "write")
    }
    func syncRecord() throws(DiskError) { try perform(.syncRecord, "fdatasync") }
    func writeAnchor(_ bytes: [UInt8], at offset: Int64) throws(DiskError) {
        try perform(.writeAnchor(bytes, offset), "write")
    }
    func syncAnchor() throws(DiskError) { try perform(.syncAnchor, "fdatasync") }
}

/// A whole small session in several commits: opened, journal, note, threshold, journal, and closed if wanted.
/// - Returns: how many records were acknowledged, and the failure that ended it, if one did.
func runSession(
    on storage: MemoryStorage, id: String = "20261122-093512-00000a", closing: Bool = true
) -> (acknowledged: UInt64, failure: RecordFailure?) {
    var acknowledged: UInt64 = 0
    do {
        var writer = try SafetyRecordWriter(
            sessionID: id, storage: storage, opening: try anOpening(id: id).encode(), at: aTime(0))
        acknowledged = writer.recordCount
        for step in 1...3 {
            for entry in 0..<2 {
                try writer.append(journal: aBlock(Int64(step * 10 + entry)), at: aTime(Int64(step * 10 + entry)))
            }
            if step == 2 {
                let note = SessionNote(kind: "remark", text: "warm", by: "practitioner")
                try writer.append(.note, try note.encode(), at: aTime(25))
                let threshold = SessionThreshold(
                    kind: "motor", amplitudeMicroamperes: 7_500, phaseDurationMicroseconds: 300,
                    frequencyMillihertz: 2_000, place: "4 cm", wallNanoseconds: aNoon)
                try writer.append(.threshold, try threshold.encode(), at: aTime(26))
            }
            try writer.commit()
            acknowledged = writer.recordCount
        }
        if closing {
            try writer.close(aClosing(), at: aTime(100))
            acknowledged = writer.recordCount
        }
        return (acknowledged, writer.failure)
    } catch {
        return (acknowledged, error)
    }
}

func examine(_ record: [UInt8], _ anchor: [UInt8]?, id: String = "20261122-093512-00000a") -> RecordExamination {
    var examiner = RecordExaminer(sessionID: id, anchorBytes: anchor)
    examiner.take(record)
    return examiner.finish()
}

func examine(
    _ record: [UInt8], reading anchor: AnchorReading, id: String = "20261122-093512-00000a"
) -> RecordExamination {
    var examiner = RecordExaminer(sessionID: id, anchor: anchor)
    examiner.take(record)
    return examiner.finish()
}

/// The files of a whole, closed session.
func closedSession() -> (record: [UInt8], anchor: [UInt8]) {
    let storage = MemoryStorage()
    _ = runSession(on: storage)
    return storage.content.withLock { ($0.record, $0.anchor) }
}

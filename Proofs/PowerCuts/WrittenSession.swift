import CareModel
import Glibc
import SessionRecords
import StimulusModel

func exitFailed() -> Never { exit(1) }

/// A session that was written to the end by the real writer, on a disk that remembers how.
struct WrittenSession {
    /// What a broken writer does.
    enum Defect {
        case recordNotSynced
        case acknowledgedTooSoon
    }

    /// What the writer had said to be kept: so many records, so many bytes.
    struct Kept {
        var records: UInt64 = 0
        var bytes = 0
    }

    let id = "20261127-093512-00000a"
    let name: String
    private(set) var operations: [CutDisk.Operation] = []
    /// How many operations were done when the writer returned from each commit, and what it then said to be kept.
    private var commits: [(operations: Int, kept: Kept)] = []
    private let ranges: [Range<Int>]
    let closed: (record: [UInt8], anchor: [UInt8])

    var count: Int { ranges.count }

    init(seed: UInt64, breaking defect: Defect? = nil) throws {
        name = "session of seed \(seed)"
        var dice = Dice(seed: seed)
        let disk = CutDisk()
        var writer = try SafetyRecordWriter(
            sessionID: id, storage: disk, opening: try WrittenSession.opening(id).encode(), at: WrittenSession.time(0))
        var moments = [(disk.operations.count, writer.recordCount)]
        var clock: Int64 = 0
        for _ in 0..<(1 + dice.below(12)) {
            for _ in 0..<dice.below(6) {
                clock += Int64(1 + dice.below(50))
                if dice.one(in: 6) {
                    let text = String(repeating: "w", count: 1 + dice.below(900))
                    let note = SessionNote(kind: "remark", text: text, by: "practitioner")
                    try writer.append(.note, try note.encode(), at: WrittenSession.time(clock))
                } else {
                    try writer.append(journal: WrittenSession.block(&dice), at: WrittenSession.time(clock))
                }
            }
            try writer.commit()
            moments.append((disk.operations.count, writer.recordCount))
        }
        try writer.close(WrittenSession.closing, at: WrittenSession.time(clock + 1))
        moments.append((disk.operations.count, writer.recordCount))

        var plate = Plate()
        for operation in disk.operations { plate.take(operation) }
        for file in CutDisk.File.allCases { plate.take(.sync(file)) }
        let record = plate.certain[.record] ?? []
        closed = (record, plate.certain[.anchor] ?? [])
        var decoder = RecordDecoder()
        decoder.append(record)
        var found: [Range<Int>] = []
        while let entry = decoder.next() { found.append(Int(entry.offset)..<Int(entry.end)) }
        ranges = found
        operations = disk.operations
        commits = moments.map { operations, records in
            (operations, Kept(records: records, bytes: found[Int(records) - 1].upperBound))
        }
        spoil(defect)
    }

    private mutating func spoil(_ defect: Defect?) {
        switch defect {
        case .recordNotSynced:
            // The same writes, the record's sync left out: the operations after it move up.
            var left: [CutDisk.Operation] = []
            var moved: [Int] = [0]
            for operation in operations {
                if case .sync(.record) = operation {} else { left.append(operation) }
                moved.append(left.count)
            }
            commits = commits.map { (moved[$0.operations], $0.kept) }
            operations = left
        case .acknowledgedTooSoon:
            // Said to be kept as soon as it was written: three operations before the last sync.
            commits = commits.map { (max(0, $0.operations - 3), $0.kept) }
        case nil: break
        }
    }

    /// How many images find a defect.
    static func find(_ defect: Defect, seed: UInt64) -> Int {
        var tally = Tally()
        for number in 1...20 as ClosedRange<UInt64> {
            guard let session = try? WrittenSession(seed: seed &+ number, breaking: defect) else { continue }
            var dice = Dice(seed: number)
            tally.cut(session, &dice)
        }
        return tally.findings.count
    }

    func kept(after done: Int) -> Kept { commits.last { $0.operations <= done }?.kept ?? Kept() }

    func range(of index: Int) -> Range<Int> { ranges[index] }

    func index(after range: Range<Int>) -> Int { (ranges.firstIndex(of: range) ?? 0) + 1 }

    /// What is wrong with what a cut left; nothing is what is hoped for.
    func judge(_ record: [UInt8], _ anchor: [UInt8], _ kept: Kept) -> String? {
        var examiner = RecordExaminer(sessionID: id, anchorBytes: anchor)
        examiner.take(record)
        let examination = examiner.finish()
        if examination.recordCount < kept.records {
            return "\(kept.records) records were acknowledged, \(examination.recordCount) are there"
        }
        let sound = Int(examination.soundLength)
        if record.prefix(sound) != closed.record.prefix(sound) {
            return "something that was never written reads as sound"
        }
        if record.prefix(kept.bytes) != closed.record.prefix(kept.bytes) { return "an acknowledged byte differs" }
        if examination.isDamaged { return "a power cut is taken for tampering: \(examination.findings)" }
        return nil
    }

    // MARK: - What is written

    private static let noon: Int64 = 1_795_780_800_000_000_000

    private static func time(_ milliseconds: Int64) -> RecordTime {
        RecordTime(monotonicNanoseconds: milliseconds * 1_000_000, wallNanoseconds: noon + milliseconds * 1_000_000)
    }

    private static func block(_ dice: inout Dice) -> WordBlock {
        var block = WordBlock()
        for index in 0..<8 { block.words[index] = Int64(bitPattern: dice.next()) }
        return block
    }

    private static func opening(_ id: String) -> SessionOpening {
        let file = RecordedFile(id: "x", version: 1, path: "x.yaml", sha256: Digest(of: "x"), text: "x")
        let cycle = ContractionCycle(
            rampUpMilliseconds: 2_000, plateauMilliseconds: 3_000, rampDownMilliseconds: 1_000,
            restMilliseconds: 18_000)
        let dose = Dose(
            electrodeKind: .surface, muscle: .vmo, stage: .relieve, pattern: .contractions(cycle, count: 10),
            frequency: Frequency(millihertz: 35_000), phaseDuration: PhaseDuration(microseconds: 300),
            interphaseGap: PhaseDuration(microseconds: 0), maximumAmplitude: Current(microamperes: 40_000),
            amplitudeStep: Current(microamperes: 1_000))
        return SessionOpening(
            sessionID: id, programVersion: "0", wallNanoseconds: noon, utcOffsetSeconds: 0, personID: "P-0042",
            muscle: "vmo", side: "right", stage: "relieve", practitioner: "AB", treatmentProtocol: file,
            companionProtocol: nil, checklist: file, answers: [], rig: file,
            device: RecordedDevice(kind: "p24", id: "P24_000001", firmware: "1.2.3", wireVersion: "4.0.0"),
            realTimeReport: "none", limits: [], dose: RecordedDose(dose), padAreaSquareMillimetres: 2_500,
            gates: ["identity"])
    }

    private static let closing = SessionClosing(
        reason: "completed", faultCode: 0, pulsesDelivered: 2_100, pulsesUnknown: 0, pulsesSkipped: 0,
        contractionsDone: 10, titrationContractions: 2, maximumAmplitudeMicroamperes: 21_000,
        chargePicocoulombs: 13_230_000_000, thresholds: [], missedTicks: 0, latestWakeupNanoseconds: 210_000,
        consentWithdrawn: false, wallNanoseconds: noon + 600_000_000_000)
}

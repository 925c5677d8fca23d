// Power cuts at every write and every sync of sessions of many lengths: no acknowledged record is lost, nothing is
// invented, no cut is taken for tampering, and every tampering with what was acknowledged is found.
//
// usage: PowerCuts IMAGES [SEED]
import CareModel
import SessionRecords
import StimulusModel

@main struct PowerCuts {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
        guard let wanted = arguments.first, wanted > 0 else {
            print("usage: PowerCuts IMAGES [SEED]")
            return
        }
        let seed = arguments.dropFirst().first ?? UInt64.random(in: 1...999_999)
        var tally = Tally()
        var number: UInt64 = 0
        while tally.images < wanted {
            number += 1
            let session = try WrittenSession(seed: seed &* 1_000_003 &+ number)
            var dice = Dice(seed: seed ^ number)
            tally.cut(session, &dice)
            tally.tamper(session, &dice)
            tally.sessions += 1
        }
        // The judge is judged as well: a writer that does not wait for the record before it writes the anchor, and one
        // that says "kept" before anything is durable, must be found.
        let teeth = [WrittenSession.Defect.recordNotSynced, .acknowledgedTooSoon].map { defect in
            (defect, WrittenSession.find(defect, seed: seed))
        }
        for finding in tally.findings.prefix(20) { print("FINDING: seed \(seed), \(finding)") }
        for (defect, findings) in teeth where findings == 0 { print("FINDING: a writer with \(defect) was not found") }
        let isGood = tally.findings.isEmpty && teeth.allSatisfy { $0.1 > 0 }
        print(
            "power cuts: \(tally.images) images of \(tally.sessions) sessions, "
                + "\(tally.records) records acknowledged at "
                + "the cuts, \(tally.findings.count) findings; \(tally.tamperings) tamperings, all found but "
                + "\(tally.unseen); two broken writers found \(teeth.map { "\($0.1)" }.joined(separator: " and ")) "
                + "times; seed \(seed)")
        print("power cuts: \(isGood ? 1 : 0) passed, \(isGood ? 0 : 1) failed")
        if !isGood { exitFailed() }
    }
}

/// What was tried, and what was found; no findings is what is hoped for.
struct Tally {
    var images: UInt64 = 0
    var sessions = 0
    var records: UInt64 = 0
    var tamperings: UInt64 = 0
    var unseen: UInt64 = 0
    var findings: [String] = []

    /// Images of a cut after each operation, and in the middle of what is not durable yet.
    mutating func cut(_ session: WrittenSession, _ dice: inout Dice) {
        var plate = Plate()
        for (index, operation) in session.operations.enumerated() {
            plate.take(operation)
            let kept = session.kept(after: index + 1)
            for _ in 0..<8 {
                images += 1
                records += kept.records
                let record = plate.image(of: .record, &dice)
                let anchor = plate.image(of: .anchor, &dice)
                if let finding = session.judge(record, anchor, kept) {
                    findings.append("\(session.name), cut after operation \(index + 1): \(finding)")
                }
            }
        }
    }

    /// A closed session with something done to it.
    mutating func tamper(_ session: WrittenSession, _ dice: inout Dice) {
        let (whole, anchor) = session.closed
        for _ in 0..<64 {
            var record = whole
            let what: String
            switch dice.below(5) {
            case 0:
                let bit = dice.below(record.count * 8)
                record[bit / 8] ^= 1 << UInt8(bit % 8)
                what = "bit \(bit) flipped"
            case 1:
                let length = dice.below(record.count)
                record.removeLast(record.count - length)
                what = "cut to \(length) bytes"
            case 2:
                let range = session.range(of: dice.below(session.count))
                record.removeSubrange(range)
                what = "record at \(range.lowerBound) left out"
            case 3:
                let range = session.range(of: dice.below(session.count))
                record.insert(contentsOf: whole[range], at: range.upperBound)
                what = "record at \(range.lowerBound) doubled"
            default:
                let first = session.range(of: dice.below(session.count - 1))
                let second = session.range(of: session.index(after: first))
                record.replaceSubrange(
                    first.lowerBound..<second.upperBound, with: Array(whole[second]) + Array(whole[first]))
                what = "records at \(first.lowerBound) exchanged"
            }
            guard record != whole else { continue }
            tamperings += 1
            var examiner = RecordExaminer(sessionID: session.id, anchorBytes: anchor)
            examiner.take(record)
            if examiner.finish().isIntact {
                unseen += 1
                findings.append("\(session.name), \(what): not found")
            }
        }
    }
}

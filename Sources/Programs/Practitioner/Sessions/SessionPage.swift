import SafetyKernel
import SessionEngine
import SessionRecords
import SessionScreen
import StimulusModel

/// A session's record as text: a pure function of its entries.
struct SessionPage {
    /// Whose session it was, by whom, with what.
    private(set) var head: [String] = []
    /// Everything else, in the order of the record.
    private(set) var lines: [String] = []
    private var opening: SessionOpening?

    mutating func take(_ entry: SafetyRecordEntry) {
        switch entry.kind {
        case .opened: if let opening = SessionOpening.decode(entry.payload) { open(opening) }
        case .journal: if let block = RecordLayout.wordBlock(entry.payload) { journal(block) }
        case .note: if let note = SessionNote.decode(entry.payload) { lines.append("note (\(note.by)): \(note.text)") }
        case .threshold: break
        case .closed: if let closing = SessionClosing.decode(entry.payload) { close(closing) }
        case .interrupted:
            if let found = SessionInterruption.decode(entry.payload) {
                lines.append(
                    "INTERRUPTED: the program or the computer died; \(found.journalRecords) journal records kept")
            }
        }
    }

    private mutating func open(_ opening: SessionOpening) {
        self.opening = opening
        head.append("Session \(opening.sessionID), motorpoint \(opening.programVersion)")
        head.append("Person \(opening.personID), \(opening.side) \(opening.muscle), by \(opening.practitioner)")
        head.append(
            "Protocol \(opening.treatmentProtocol.id) version \(opening.treatmentProtocol.version), "
                + "sha256 \(opening.treatmentProtocol.sha256)")
        if let companion = opening.companionProtocol { head.append("With \(companion.id)") }
        if let second = opening.second {
            head.append("Second channel: \(opening.side) \(second.muscle), \(opening.arrangement ?? "")")
            head.append(
                "Protocol \(second.treatmentProtocol.id) version \(second.treatmentProtocol.version), "
                    + "sha256 \(second.treatmentProtocol.sha256)")
            if let companion = second.companionProtocol { head.append("With \(companion.id)") }
        }
        head.append(
            "Device \(opening.device.kind) \(opening.device.id), firmware \(opening.device.firmware), rig "
                + "\(opening.rig.id)")
        if let calibration = opening.calibration { head.append("Calibration \(calibration.words)") }
        head.append("Computer: \(opening.realTimeReport)")
        if let needles = opening.needles {
            for needle in needles { head.append("Needle \(SessionPage.text(needle))") }
        } else {
            head.append("Pad area \(RefusalText.decimal(Int64(opening.padAreaSquareMillimetres), 100)) cm²")
        }
        lines.append("Checklist \(opening.checklist.id) version \(opening.checklist.version):")
        for answer in opening.answers {
            let reason = answer.reason.map { ", because: \($0)" } ?? ""
            lines.append("  \(answer.code) \(answer.answer)\(reason)")
        }
        lines.append("Limits:")
        for limit in opening.limits {
            let name = limit.isCeiling ? limit.ceilingTitle(opening) : limit.kind
            lines.append("  \(name) \(limit.value) \(limit.unit), set by \(limit.setBy)")
        }
        lines.append("Events, in minutes:seconds since the loop began:")
    }

    private static func text(_ needle: RecordedNeedle) -> String {
        let place = needle.muscle.map { "\($0) \(needle.side ?? ""), \(needle.insertedMillimetres ?? 0) mm in" }
        return "\(needle.id), lot \(needle.package.lot), expiry \(needle.package.expiry): \(place ?? needle.fate)"
            + (needle.conditionAfter.map { ", out \($0)" } ?? "")
    }

    private mutating func journal(_ block: WordBlock) {
        guard JournalEntry.kind(block) == .events else { return }
        for index in 2..<8 {
            guard let event = SessionEvent(word: block.words[index]),
                let text = SessionsCommand.line(event, opening?.limits ?? [])
            else { continue }
            let muscle = event.isOfOneChannel ? opening?.muscleTitle(at: event.place).map { $0 + ": " } ?? "" : ""
            lines.append("  \(SessionText.stamp(JournalEntry.tick(block)))  \(muscle)\(text)")
        }
    }

    private mutating func close(_ closing: SessionClosing) {
        lines.append("Closed: \(closing.reason)")
        lines.append(
            "  \(closing.contractionsDone) contractions, \(closing.titrationContractions) of titration; "
                + "\(closing.pulsesDelivered) pulses delivered, \(closing.pulsesUnknown) unknown, "
                + "\(closing.pulsesSkipped) skipped")
        lines.append(
            "  highest amplitude "
                + "\(SessionText.milliamperes(Current(microamperes: closing.maximumAmplitudeMicroamperes))), charge "
                + "\(RefusalText.decimal(closing.chargePicocoulombs, 1_000_000)) µC in first phases")
        lines.append(
            "  \(closing.missedTicks) missed ticks, worst wake-up \(closing.latestWakeupNanoseconds / 1_000) µs late")
        for needle in closing.needles ?? [] { lines.append("  needle \(SessionPage.text(needle))") }
        if let count = closing.needleCount {
            lines.append(
                "  needles: \(count.opened) opened, \(count.inserted) inserted, \(count.contaminated) contaminated, "
                    + "\(count.unusedOpen) unused, \(count.removed) removed, \(count.disposed) disposed of"
                    + (count.confirmedBy.map { ", counted too by \($0)" } ?? ""))
        }
        for id in closing.incidentIDs ?? [] { lines.append("  INCIDENT \(id)") }
    }
}

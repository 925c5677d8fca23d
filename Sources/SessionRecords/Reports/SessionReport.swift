// A session as one printable page: a pure function of its story, its verification, the moment of writing and the words
// that the program uses on its screen.
internal import CareModel
internal import Mustache
public import SessionEngine
internal import StimulusModel

/// The program's own words, so that the page and the screen say the same thing in the same way.
public struct ReportWording: Sendable {
    /// An event in a line; nothing for one that no reader needs.
    public let event: @Sendable (SessionEvent) -> String?
    /// A limit's name, value with unit, and who set it.
    public let limit: @Sendable (RecordedLimit) -> (name: String, value: String, setBy: String)

    public init(
        event: @escaping @Sendable (SessionEvent) -> String?,
        limit: @escaping @Sendable (RecordedLimit) -> (name: String, value: String, setBy: String)
    ) {
        self.event = event
        self.limit = limit
    }
}

public struct SessionReport: Sendable {
    /// More than this many events are cut in the middle, which the page says (proposal: four pages of A4).
    public static let mostEvents = 400

    let story: SessionStory
    private let examination: RecordExamination
    private let written: WallTime
    private let programVersion: String
    private let wording: ReportWording

    /// - Parameters:
    ///   - story: read from the record.
    ///   - examination: the verification that was made while it was read.
    ///   - written: when the page is written.
    ///   - programVersion: of the program that writes it.
    public init(
        _ story: SessionStory, _ examination: RecordExamination, written: WallTime, programVersion: String,
        wording: ReportWording
    ) {
        self.story = story
        self.examination = examination
        self.written = written
        self.programVersion = programVersion
        self.wording = wording
    }

    /// The page.
    /// - Throws: when the embedded template cannot be parsed, which a test rules out.
    public func html() throws -> String {
        var values: [String: Any] = head
        values.merge(outcome) { $1 }
        values.merge(verification) { $1 }
        values.merge(picture) { $1 }
        values.merge(checklist) { $1 }
        values.merge(protocolEvidence) { $1 }
        values["plan"] = story.plannedAgainstDelivered.map {
            ["what": $0.what, "planned": $0.planned, "delivered": $0.delivered]
        }
        values["hasPlan"] = story.opening != nil
        values["thresholds"] = thresholds
        values["hasThresholds"] = !story.thresholds.isEmpty
        values["thresholdPlaces"] = story.thresholds.contains { !$0.place.isEmpty }
        values.merge(needles) { $1 }
        values["notes"] = story.notes.map { ["by": $0.by, "text": $0.text] }
        values["hasNotes"] = !story.notes.isEmpty
        values.merge(events) { $1 }
        values["limits"] = (story.opening?.limits ?? []).map { limit -> [String: Any] in
            let words = wording.limit(limit)
            return ["name": words.name, "value": words.value, "setBy": words.setBy]
        }
        values["machine"] = machine.map { ["name": $0.0, "value": $0.1] }
        values["hashes"] = hashes
        return try MustacheTemplate(string: ReportTemplate.page).render(ReportEscaping.safe(values))
    }

    // MARK: - Head

    private var head: [String: Any] {
        let opening = story.opening
        let places = opening?.places.map { place in
            (TargetMuscle(name: place.muscle)?.title ?? place.muscle) + ", " + place.side
        }.joined(separator: "; ")
        let person = opening?.personID ?? "unknown"
        return [
            "sessionID": examination.sessionID, "personID": person,
            "headline": "\(person) · \(places ?? "opening cannot be read")",
            "startedText": opening.map { Self.local($0.wallNanoseconds, $0.utcOffsetSeconds) } ?? "start unknown",
            "deviceNotice": opening?.device.kind.lowercased() == "p24"
                ? "The P24 is research equipment and not for treating people in the EU." : "",
            "writtenText": Self.local(written.nanoseconds, written.utcOffsetSeconds),
            "programVersion": programVersion,
        ]
    }

    private var outcome: [String: Any] {
        var detail: [String] = []
        var text = "Interrupted: the program or the computer died"
        var style = "bad"
        if let closing = story.closing {
            let kind = SessionOutcome(closing)
            text = closing.reason.prefix(1).uppercased() + closing.reason.dropFirst()
            style = kind == .completed ? "completed" : kind == .stopped ? "stopped" : "bad"
            if kind == .fault, let cause = FaultCause(rawValue: closing.faultCode) {
                let guide = FaultGuide.entry(for: cause)
                detail.append(guide.whatHappened + " " + guide.whatToDo)
            }
        } else if let interruption = story.interruption {
            detail.append(
                "\(interruption.journalRecords) journal records were kept. What was delivered after the last of them "
                    + "is unknown; figures of charge are upper bounds.")
        } else if story.opening != nil {
            text = "No end yet"
            detail.append("The session is running, or was cut short and no later start has closed its record.")
        } else {
            text = "Never opened; nothing was delivered"
        }
        if let opening = story.opening {
            detail.append(
                "Protocol \(opening.treatmentProtocol.id) version \(opening.treatmentProtocol.version), stage "
                    + "\(opening.stage), by \(opening.practitioner)."
                    + (opening.companionProtocol.map { " With \($0.id)." } ?? ""))
            if let second = opening.second {
                detail.append(
                    "Second channel: protocol \(second.treatmentProtocol.id) version "
                        + "\(second.treatmentProtocol.version), stage \(second.stage)."
                        + (second.companionProtocol.map { " With \($0.id)." } ?? "")
                        + (opening.arrangement.map { " Both channels: \($0)." } ?? ""))
            }
        }
        return [
            "outcomeText": text, "outcomeClass": style, "outcomeDetail": detail,
            "consentWithdrawn": story.closing?.consentWithdrawn == true,
        ]
    }

    private var verification: [String: Any] {
        let time = Self.local(written.nanoseconds, written.utcOffsetSeconds)
        if examination.isDamaged {
            return [
                "verificationClass": "bad", "verificationTitle": "THE RECORD IS DAMAGED OR WAS CHANGED.",
                "verificationText": "Do not rely on this page. Verified \(time): "
                    + examination.findings.map(\.words).joined(separator: "; ") + ".",
            ]
        }
        let found =
            examination.isIntact ? "" : " Found: " + examination.findings.map(\.words).joined(separator: "; ") + "."
        return [
            "verificationClass": "good",
            "verificationTitle": examination.isIntact ? "Record intact." : "Record sound, but not closed.",
            "verificationText": "All \(examination.recordCount) records were held against their hashes and the anchor "
                + "when this page was written, \(time).\(found)",
        ]
    }

    private var picture: [String: Any] {
        let charts = (story.isEmpty ? [] : story.channels).map { place -> [String: Any] in
            [
                "title": story.opening?.muscleTitle(at: place).map { [$0] } ?? [],
                "broadChart": ReportChart(story, .broad, at: place).svg,
                "narrowChart": ReportChart(story, .narrow, at: place).svg,
            ]
        }
        return ["hasChart": !charts.isEmpty, "charts": charts]
    }

    // MARK: - Tables

    private var thresholds: [[String: Any]] {
        story.thresholds.map { one in
            [
                "kind": one.kind + (muscleTitle(one.muscle).map { ", " + $0 } ?? ""),
                "amplitude": QuantityUnit.milliamperes.text(Int64(one.amplitudeMicroamperes)),
                "phase": "\(one.phaseDurationMicroseconds) µs",
                "rate": QuantityUnit.hertz.text(Int64(one.frequencyMillihertz)), "place": one.place,
            ]
        }
    }

    /// Of a muscle that a record names; nothing in a session of one channel, where it goes without saying.
    private func muscleTitle(_ muscle: String?) -> String? {
        guard let muscle, let opening = story.opening, opening.second != nil else { return nil }
        return MuscleAndSide(muscle: muscle, side: opening.side).muscleTitle
    }

    private var events: [String: Any] {
        let all = story.events.compactMap { one -> [String: Any]? in
            guard let words = wording.event(one.event) else { return nil }
            let muscle = one.event.isOfOneChannel ? story.opening?.muscleTitle(at: one.event.place) : nil
            let text = (muscle.map { $0 + ": " } ?? "") + words
            return ["time": Self.stamp(one.tick), "text": text, "class": Self.isStrong(one.event) ? "strong" : ""]
        }
        let half = Self.mostEvents / 2
        let isCut = all.count > Self.mostEvents
        let shown = isCut ? Array(all.prefix(half) + all.suffix(half)) : all
        return [
            "events": shown, "hasEvents": !shown.isEmpty,
            "eventsNote": isCut
                ? "\(all.count - shown.count) events in the middle are left out here; the record has them all." : "",
        ]
    }

    private static func isStrong(_ event: SessionEvent) -> Bool {
        switch event.kind {
        case .fault, .stopRequested, .channelStopped, .deliveryUnknown, .thresholdMarked: return true
        default: return false
        }
    }

    private var checklist: [String: Any] {
        let all = story.opening?.answers ?? []
        func rows(_ answers: [RecordedAnswer]) -> [[String: Any]] {
            answers.map { one in
                [
                    "code": one.code, "question": one.question, "answer": one.answer,
                    "reason": one.reason.map { [$0] } ?? [],
                ]
            }
        }
        // The codes of the person's own questions begin with K (`clinical.md` 3.5); C12 is the consent itself.
        func isConsent(_ answer: RecordedAnswer) -> Bool { answer.code.hasPrefix("K") || answer.code == "C12" }
        let consent = all.filter(isConsent)
        return [
            "consent": rows(consent), "hasConsent": !consent.isEmpty,
            "answers": rows(all.filter { !isConsent($0) }),
            "checklistText": story.opening.map { "\($0.checklist.id), version \($0.checklist.version)" } ?? "",
        ]
    }

    /// What stands behind the protocol, from its own text as recorded: printed wherever the protocol is (H52).
    private var protocolEvidence: [String: Any] {
        let evidence = story.channels.compactMap { place -> [String: Any]? in
            guard let opening = story.opening,
                let file = place == .first ? opening.treatmentProtocol : opening.second?.treatmentProtocol,
                let text = file.text, let content = try? ProtocolLoader.parse(text, file: file.path)
            else { return nil }
            return [
                "muscle": opening.muscleTitle(at: place).map { [$0] } ?? [],
                "parameters": content.evidence.parameters.title,
                "benefit": content.evidence.patellofemoralBenefit.title,
                "statement": content.evidence.statement,
            ]
        }
        return ["evidence": evidence]
    }

    private var machine: [(String, String)] {
        guard let opening = story.opening else { return [] }
        var rows = [
            ("stimulator", "\(opening.device.kind) \(opening.device.id), firmware \(opening.device.firmware)"),
            ("calibration", opening.calibration?.words ?? "none was asked for then"),
            ("rig", opening.rig.id),
            opening.needles != nil
                ? ("needles", "\(opening.needles?.count(where: \.isInserted) ?? 0) in; tray \(opening.trayID ?? "?")")
                : ("pad area", QuantityUnit.squareCentimetres.text(Int64(opening.padAreaSquareMillimetres))),
            ("computer", opening.realTimeReport), ("motorpoint", opening.programVersion),
        ]
        if let closing = story.closing {
            rows += [
                ("missed ticks", "\(closing.missedTicks) ms; pulses due then were dropped, never sent late"),
                ("latest wake-up", "\(closing.latestWakeupNanoseconds / 1_000) µs late"),
                ("pulses skipped", "\(closing.pulsesSkipped): due while one was unacknowledged, never sent"),
            ]
        }
        func before(_ treatments: Int32, _ milliseconds: Int64) -> String {
            treatments == 0
                ? "no recorded treatment of this muscle and side"
                : "\(treatments) treatments, the last \(milliseconds / 3_600_000) h before"
        }
        func name(_ place: ChannelPlace) -> String {
            "before this session" + (opening.muscleTitle(at: place).map { ", " + $0 } ?? "")
        }
        rows.append((name(.first), before(opening.earlierTreatments, opening.millisecondsSinceLast)))
        if let second = opening.second {
            rows.append((name(.second), before(second.earlierTreatments, second.millisecondsSinceLast)))
        }
        return rows
    }

    private var hashes: [[String: Any]] {
        func row(_ name: String, _ value: String, _ hash: String?) -> [String: Any] {
            ["name": name, "value": value, "hash": hash.map { [$0] } ?? []]
        }
        var rows = [row("head of the record", "", examination.lastRecord?.chain.hex ?? "none")]
        guard let opening = story.opening else { return rows }
        func file(_ name: String, _ one: RecordedFile) -> [String: Any] {
            row(name, "\(one.id), version \(one.version)", one.sha256)
        }
        rows.append(file("protocol", opening.treatmentProtocol))
        if let companion = opening.companionProtocol { rows.append(file("with", companion)) }
        if let second = opening.second {
            rows.append(file("protocol, second channel", second.treatmentProtocol))
            if let companion = second.companionProtocol { rows.append(file("with, second channel", companion)) }
        }
        rows.append(file("checklist", opening.checklist))
        rows.append(row("rig", opening.rig.id, opening.rig.sha256))
        return rows
    }

    // MARK: - Times

    /// `2026-11-22 09:35 (UTC+1)`
    private static func local(_ wallNanoseconds: Int64, _ offset: Int32) -> String {
        let minutes = offset.magnitude / 60
        let rest = minutes % 60
        let zone =
            "UTC" + (offset < 0 ? "−" : "+") + "\(minutes / 60)"
            + (rest == 0 ? "" : ":" + (rest < 10 ? "0" : "") + "\(rest)")
        return CivilTime(wallNanoseconds: wallNanoseconds, utcOffsetSeconds: offset).text + " (\(zone))"
    }

    /// `1:05.3`
    private static func stamp(_ tick: Int64) -> String {
        let tenths = max(0, tick) / 100
        let seconds = tenths / 10 % 60
        return "\(tenths / 600):" + (seconds < 10 ? "0" : "") + "\(seconds).\(tenths % 10)"
    }
}

/// What stands between a record's texts and the page, beside the template's own escaping.
enum ReportEscaping {
    /// The escaping looks at whole characters: a `<` that bears a combining mark is another character and would pass as
    /// it is. A dotted circle in between gives the mark a bearer of its own, as typography does.
    static func text(_ text: String) -> String {
        guard text.contains(where: { $0.unicodeScalars.count > 1 && isMarkup($0.unicodeScalars.first) }) else {
            return text
        }
        var safe = ""
        for character in text {
            let scalars = character.unicodeScalars
            guard scalars.count > 1, isMarkup(scalars.first) else {
                safe.append(character)
                continue
            }
            for (index, scalar) in scalars.enumerated() {
                safe.unicodeScalars.append(scalar)
                if index == 0 { safe.unicodeScalars.append("\u{25CC}") }
            }
        }
        return safe
    }

    static func safe(_ value: Any) -> Any {
        switch value {
        case let text as String: return self.text(text)
        case let list as [Any]: return list.map(safe)
        case let table as [String: Any]: return table.mapValues(safe)
        default: return value
        }
    }

    private static func isMarkup(_ scalar: Unicode.Scalar?) -> Bool {
        guard let scalar else { return false }
        return "<>&\"'".unicodeScalars.contains(scalar)
    }
}

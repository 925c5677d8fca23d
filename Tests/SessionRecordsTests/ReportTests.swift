import Foundation
import SessionEngine
import SessionRecords
import StimulusModel
import Testing

@Suite("The report states and claims nothing")
struct ReportTests {
    private let wording = ReportWording(
        event: { "\($0.kind) \($0.value)" }, limit: { ($0.kind, "\($0.value) \($0.unit)", $0.setBy) })

    private func page(
        journal: [WordBlock] = Journal.whole, reason: String = "completed", fault: UInt8 = 0,
        _ change: (inout SessionOpening) -> Void = { _ in }, note: String? = nil, damage: Bool = false
    ) throws -> String {
        var opening = anOpening(id: "1")
        change(&opening)
        let scratch = try ScratchStore()
        var writer = try scratch.store.create(opening, at: aTime(0))
        for block in journal { try writer.append(journal: block, at: aTime(5)) }
        if let note {
            try writer.append(
                .note, try SessionNote(kind: "remark", text: note, by: "patient").encode(), at: aTime(6))
        }
        var closing = aClosing(reason: reason)
        closing.faultCode = fault
        closing.thresholds = [
            SessionThreshold(
                kind: "motor", amplitudeMicroamperes: 4_000, phaseDurationMicroseconds: 300,
                frequencyMillihertz: 2_000, place: note ?? "", wallNanoseconds: aNoon)
        ]
        try writer.close(closing, at: aTime(100))
        if damage {
            var bytes = try scratch.bytes(scratch.store.paths("1").record)
            bytes[bytes.count - 200] ^= 1
            try scratch.put(bytes, scratch.store.paths("1").record)
        }
        let (story, examination) = SessionStory.read("1", in: scratch.store)
        return try SessionReport(
            story, examination, written: WallTime(nanoseconds: aNoon, utcOffsetSeconds: -12_600),
            programVersion: "9.9.9", wording: wording
        ).html()
    }

    /// Opening and closing tags in pairs; names the first that is not.
    private func unbalanced(_ html: String) -> String? {
        let empty = ["meta", "br", "path", "rect", "!doctype"]
        var open: [String] = []
        for match in html.matches(of: /<(\/?)([a-zA-Z!][a-zA-Z0-9]*)[^>]*>/) {
            let name = match.output.2.lowercased()
            if empty.contains(name) { continue }
            if match.output.1.isEmpty {
                open.append(name)
            } else if open.popLast() != name {
                return name
            }
        }
        return open.last
    }

    // Proves R-REC-07, R-INF-02.
    @Test("It is one whole page: no script, no link, no picture from elsewhere, every tag closed")
    func selfContained() throws {
        let html = try page()
        #expect(html.hasPrefix("<!DOCTYPE html>"))
        for banned in ["<script", "http:", "https:", "src=", "<link", "@import", "url(", "javascript:", "onload"] {
            #expect(!html.lowercased().contains(banned), "\(banned)")
        }
        #expect(html.contains("default-src 'none'"))
        #expect(unbalanced(html) == nil)
        #expect(html.components(separatedBy: "<svg").count == 3)
        #expect(!html.contains("{{"))
        for needed in [
            "Not a medical device.", "claims no benefit", "not for treating people in the EU", "Record intact.",
            "10 (and 2 of titration)", "UTC−3:30", "motorpoint 9.9.9", "13230.0 µC", "P-0042 is a pseudonym",
            Digest(of: "x").hex, "P24_000001, firmware 1.2.3", "amplitude</th><td>40000 µA</td><td>protocol",
        ] { #expect(html.contains(needed), "\(needed)") }
    }

    // Proves R-INF-02.
    @Test("It claims no effect, and does not take silence for absence of harm")
    func noClaims() throws {
        let words = try page().lowercased()
        for claim in [
            "effective", "heals", "cures", "improves", "relieves pain", "successful", "recommended dose", "safe for",
            "no adverse events occurred", "without complication", "progress",
        ] { #expect(!words.contains(claim), "\(claim)") }
        #expect(words.contains("neither asks for adverse events nor grades them"))
    }

    static let attacks = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "{{sessionID}} {{{broadChart}}}",
        "<\u{301}script>alert(1)</script>", "a & b < c > d ' e \"", "</td></table><h1>", "<!--", "]]>", "\u{202E}abc",
    ]

    @Test("A text from the record stays a text", arguments: attacks)
    func escaping(attack: String) throws {
        let harmless = try page(note: "x")
        let html = try page(
            {
                $0.practitioner = attack
                $0.realTimeReport = attack
                $0.personID = attack
                $0.muscle = attack
                $0.answers = [
                    RecordedAnswer(code: attack, question: attack, answer: attack, reason: attack, wallNanoseconds: 0),
                    RecordedAnswer(code: "K1", question: attack, answer: attack, reason: nil, wallNanoseconds: 0),
                ]
                $0.limits = [RecordedLimit(kind: attack, value: 1, unit: attack, setBy: attack)]
            }, note: attack)
        #expect(unbalanced(html) == nil)
        let tags = { (text: String) in text.matches(of: /<[a-zA-Z\/!]/).count }
        // The same tags but for the second answer's, its reason, and the evidence of none.
        let rows = 2 * 0 + tags(html) - tags(harmless)
        let added =
            tags("<div><dt><b></b></dt><dd></dd></div>") + tags("<br><em></em>") + tags("<dl></dl>") - tags("<p></p>")
        #expect(rows == added, "\(attack): \(rows) tags more, expected \(added)")
        for scalar in ["<", ">", "\"", "'"] where attack.contains(scalar) {
            #expect(!html.contains(attack), "\(attack) stands in the page as it is")
        }
    }

    @Test("A damaged record is said to be one, above everything else")
    func damaged() throws {
        let html = try page(damage: true)
        #expect(html.contains("THE RECORD IS DAMAGED OR WAS CHANGED."))
        #expect(html.contains("Do not rely on this page."))
        #expect(!html.contains("Record intact."))
        let warning = try #require(html.range(of: "THE RECORD IS DAMAGED"))
        let plan = try #require(html.range(of: "Planned against delivered"))
        #expect(warning.lowerBound < plan.lowerBound)
    }

    @Test(
        "A fault stands with its guide, a session without pulses without a chart, an unread opening with what is known")
    func others() throws {
        let fault = try page(reason: "fault: Computer slept", fault: FaultCause.suspended.code)
        #expect(fault.contains("Fault: Computer slept"))
        #expect(fault.contains("The computer was suspended during the session."))
        let nothing = try page(journal: [])
        #expect(nothing.contains("Nothing was delivered."))
        #expect(!nothing.contains("<svg"))
        let empty = try SessionReport(
            SessionStory(), RecordExaminer(sessionID: "gone", anchorBytes: nil).finish(),
            written: WallTime(nanoseconds: 0, utcOffsetSeconds: 0), programVersion: "0", wording: wording
        ).html()
        #expect(empty.contains("opening cannot be read"))
        #expect(empty.contains("the anchor is missing"))
        #expect(unbalanced(empty) == nil)
    }

    // Proves R-INF-02.
    @Test("The evidence of the recorded protocol is printed")
    func evidence() throws {
        let text = try shipped("Protocols/vmo-relieve-surface.yaml")
        let html = try page {
            $0.treatmentProtocol = RecordedFile(
                id: "vmo-relieve-surface", version: 1, path: "vmo-relieve-surface.yaml", sha256: Digest(of: text),
                text: text)
        }
        #expect(html.contains("benefit in patellofemoral pain: certainty"))
        #expect(html.contains("very low"))
        #expect(html.contains("advises against biophysical agents"))
    }

    @Test("A day of events is cut in the middle, and the page says so")
    func manyEvents() throws {
        let journal = (0..<1_000).map { Journal.events(Int64($0) * 10, SessionEvent(.raised, value: Int32($0))) }
        let html = try page(journal: journal)
        #expect(html.contains("600 events in the middle are left out here"))
        #expect(html.contains("raised 0<"))
        #expect(html.contains("raised 999<"))
    }
}

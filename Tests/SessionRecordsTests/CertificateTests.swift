import Calibration
import CareModel
import Foundation
import SessionRecords
import StimulusModel
import Testing

@Suite("A certificate says what was measured, and nothing else")
struct CertificateTests {
    /// Opening and closing tags in pairs; names the first that is not.
    private func unbalanced(_ html: String) -> String? {
        let empty = ["meta", "br", "path", "rect", "circle", "!doctype"]
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

    private func page(_ document: CalibrationDocument, _ context: CertificateContext = Example.context()) throws
        -> String
    {
        try CertificatePage(document, context).html()
    }

    @Test("It is one whole page, with a picture of errors and of a pulse for each output, and one of the drift")
    func selfContained() throws {
        for document in [Example.passed, Example.failed, Example.onNeedles] {
            let html = try page(document, Example.context(earlier: Example.earlier))
            #expect(html.hasPrefix("<!DOCTYPE html>"))
            for banned in ["<script", "http:", "https:", "src=", "<link", "@import", "url(", "{{", "no number"] {
                #expect(!html.contains(banned), "\(banned)")
            }
            #expect(unbalanced(html) == nil)
            #expect(html.components(separatedBy: "<svg").count - 1 == 5)
        }
    }

    @Test("A passed one names device, validity, tolerance, instruments, loads, key, fit and points")
    func passed() throws {
        let html = try page(Example.passed)
        for needed in [
            "PASSED", "In force until 2027-11-19.", "SIMULATED1", "2026-11-20 to 2027-11-19", "±20.0 %",
            "device profile", "Rigol DS1054Z", "DS1ZA000000001", "2026-03-02 to 2027-03-01", "0.500 % + 4.000 mV",
            "L-500", "1 kΩ", "10.00 W", "tech-7f3a91", Example.signature.documentSHA256, "1.03100 ± 0.00610",
            "12.00 ± 9.30 µA", "118.20 µA", "200.1 ± 0.3 µs", "160.0 to 240.0 µs", "guard band is as wide as U",
            "no certificate of an accredited laboratory", "medical device", "motorpoint 9.9.9",
        ] where !html.contains(needed) { Issue.record("\(needed) is missing") }
        for wrong in ["LOCKED", "NOT SIGNED", "EXPIRED", "AS FOUND"] { #expect(!html.contains(wrong), "\(wrong)") }
        // Six levels, two phases, three loads, two outputs.
        #expect(html.matches(of: /<td class="(pass|refused) end">/).count == 6 * 2 * 3 * 2 * 2)
    }

    @Test("A failed one says so above everything else, with what was found, and is valid for no day")
    func failed() throws {
        let html = try page(Example.failed)
        let verdict = try #require(html.range(of: "FAILED: LOCKED FOR PATIENTS"))
        let finding = try #require(html.range(of: "output 2: gain error: gain +25.00 %"))
        let table = try #require(html.range(of: "Device and calibration"))
        #expect(verdict.lowerBound < finding.lowerBound && finding.lowerBound < table.lowerBound)
        #expect(html.contains("not valid: failed"))
        #expect(html.contains("Output 1: <span class=\"pass\">passed"))
        #expect(html.contains("Output 2: <span class=\"refused\">FAILED"))
        // A gain that may not be corrected stands in the document as 1: that is never printed as if it were measured.
        #expect(!html.contains("1.00000 ±"))
        #expect(html.contains("no line is stated"))
        #expect(html.contains("AS FOUND, output 2 was out of tolerance"))
        #expect(html.contains("as left: not measured"))
    }

    @Test("Out of tolerance as found names the sessions that ran since")
    func sessions() throws {
        let named = try page(Example.failed, Example.context(sessions: ["20261101-a", "20261102-b"]))
        #expect(named.contains("2 sessions ran since the last good calibration: 20261101-a, 20261102-b."))
        let none = try page(Example.failed, Example.context(sessions: []))
        #expect(none.contains("No session ran since"))
    }

    @Test("Unsigned, expired, of the future or for no day: locked, and the page says why")
    func notInForce() throws {
        #expect(try page(Example.passed, Example.context(nil)).contains("NOT SIGNED: locked for patients"))
        func written(_ days: Int64) -> CertificateContext {
            Example.context(
                written: WallTime(
                    nanoseconds: Example.written.nanoseconds + days * 86_400_000_000_000, utcOffsetSeconds: 0))
        }
        #expect(try page(Example.passed, written(358)).contains("In force until 2027-11-19: due now."))
        #expect(try page(Example.passed, written(359)).contains("EXPIRED on 2027-11-19"))
        #expect(try page(Example.passed, written(-7)).contains("NOT IN FORCE on the day of this page, 2026-11-19"))
        let never = Example.document([Example.good(1, gain: 1_000_000)], validDays: -5)
        #expect(try page(never).contains("Never in force"))
    }

    @Test("A document without outputs, points or figures is a page, too")
    func empty() throws {
        let nothing = OutputCertificate(
            output: 3,
            fit: CalibrationFit(
                correction: .none, expandedGainPartsPerMillion: 0, expandedOffsetNanoamperes: 0,
                largestResidualNanoamperes: 0), asFound: [], asLeft: [], figures: [], findings: [],
            tolerancePermille: 0, imbalancePermille: 0, residualOffsetNanoamperes: 0)
        for outputs in [[], [nothing]] {
            let html = try page(Example.document(outputs))
            #expect(unbalanced(html) == nil)
            #expect(html.contains("FAILED: LOCKED FOR PATIENTS"))
            #expect(html.contains(outputs.isEmpty ? "no output was measured" : "output 3: not measured as left"))
            #expect(!html.contains("<svg"))
        }
    }

    @Test("Numbers at the end of their range do not trap")
    func extremes() throws {
        for extreme in [Int64.min, .max, 0] {
            let small = Int32(clamping: extreme)
            let point = CalibrationPoint(
                setMicroamperes: small, isSecondPhase: false, loadOhms: small, readings: small,
                meanNanoamperes: extreme, standardDeviationNanoamperes: extreme, expandedNanoamperes: extreme,
                verdict: .fail)
            let second = CalibrationPoint(
                setMicroamperes: small, isSecondPhase: true, loadOhms: small, readings: small,
                meanNanoamperes: extreme, standardDeviationNanoamperes: extreme, expandedNanoamperes: extreme,
                verdict: .fail)
            let figures = FigureKind.allCases.map {
                CalibrationFigure(
                    kind: $0, value: extreme, expanded: extreme, lowest: extreme, highest: extreme, verdict: .fail)
            }
            let output = OutputCertificate(
                output: .max,
                fit: CalibrationFit(
                    correction: .none, expandedGainPartsPerMillion: small, expandedOffsetNanoamperes: small,
                    largestResidualNanoamperes: extreme), asFound: [point, point, second], asLeft: [point, second],
                figures: figures, findings: [], tolerancePermille: small, imbalancePermille: small,
                residualOffsetNanoamperes: small)
            let first = Example.document([output], sequence: small, on: CalendarDay.latest, validDays: small)
            let last = Example.document([output], sequence: 1, on: CalendarDay(year: 1, month: 1, day: 1) ?? .latest)
            let context = Example.context(
                earlier: [last], written: WallTime(nanoseconds: extreme, utcOffsetSeconds: 0))
            #expect(unbalanced(try page(first, context)) == nil)
            #expect(!CertificateText(first, context, isASCII: true).lines.isEmpty)
            #expect(unbalanced(try HistoryPage(of: first.device, [first, last], context).html()) == nil)
        }
    }

    static let attacks = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "{{serialNumber}} {{{drift}}}",
        "<\u{301}script>", "a & b < c > d ' e \"", "</td></table><h1>", "<!--", "\u{202E}DESSAP", "\u{1B}[2J",
    ]

    @Test("A text from the document stays a text, on the page and on the terminal", arguments: attacks)
    func escaping(attack: String) throws {
        let signature = CertificateSignature(
            keyID: attack, holder: attack, signedOn: attack, documentSHA256: attack)
        let passed = Example.passed
        let device = CalibratedDevice(stimulator: .pulsePal, serialNumber: attack, firmware: attack, isolator: attack)
        let instrument = CalibrationInstrument(
            source: .typed, model: attack, serialNumber: attack, calibratedOn: Example.day, holdsUntil: Example.day,
            expandedPartsPerMillion: 1, expandedMicrovolts: 1, evidence: attack)
        let load = CalibrationLoad(assetNumber: attack, ohms: 500, tolerancePermille: 1, ratedMilliwatts: 1)
        let one = passed.outputs[0]
        let output = OutputCertificate(
            output: 1, fit: one.fit, asFound: one.asFound, asLeft: one.asLeft, figures: one.figures,
            findings: [attack], tolerancePermille: 1, imbalancePermille: 1, residualOffsetNanoamperes: 1)
        let document = CalibrationDocument(
            device: device, sequence: 1, measuredOn: Example.day, validDays: 1, technician: attack,
            tolerancePermille: 200, instruments: [instrument], loads: [load], outputs: [output])
        let context = CertificateContext(
            signature: signature, toleranceSetBy: attack, sessionsSince: [attack], written: Example.written,
            programVersion: "9")
        let html = try page(document, context)
        let history = try HistoryPage(of: device, [document], context).html()
        let plain = CertificateText(document, context, isASCII: false).lines.joined(separator: "\n")
        for text in [html, history] {
            #expect(unbalanced(text) == nil)
            #expect(!text.contains("<script") && !text.contains("<img") && !text.contains("<!--"))
        }
        for text in [html, history, plain] {
            for scalar in ["\u{202E}", "\u{1B}"] { #expect(!text.contains(scalar)) }
        }
    }

    @Test("The history shows each calibration of this device once, the latest first, and what holds now")
    func history() throws {
        let foreign = Example.document([Example.good(1, gain: 1_000_000)], serial: "OTHER")
        let all = Example.earlier + [Example.passed, foreign, Example.earlier[0]]
        let page = HistoryPage(of: Example.passed.device, all, Example.context())
        let html = try page.html()
        #expect(html.contains("4 calibrations"))
        #expect(!html.contains("OTHER"))
        #expect(html.contains("The latest calibration passed and holds until 2027-11-19"))
        let ids = html.matches(of: /<tr><td>(SIMULATED1-[0-9])/).map { String($0.output.1) }
        #expect(ids == ["SIMULATED1-4", "SIMULATED1-3", "SIMULATED1-2", "SIMULATED1-1"])
        #expect(unbalanced(html) == nil)
        #expect(html.components(separatedBy: "<svg").count == 2)

        let failed = HistoryPage(of: Example.failed.device, Example.earlier + [Example.failed], Example.context())
        #expect(try failed.html().contains("The latest calibration FAILED: locked for patients"))
        let never = HistoryPage(of: Example.passed.device, [], Example.context())
        #expect(try never.html().contains("Never calibrated: locked for patients"))
        #expect(never.lines(isASCII: true).contains("Never calibrated: locked for patients"))
    }

    @Test("Lines for a terminal are ASCII where that is asked for, and no wider than it")
    func plain() {
        let context = Example.context(earlier: Example.earlier)
        for document in [Example.passed, Example.failed, Example.onNeedles] {
            let lines = CertificateText(document, context, isASCII: true).lines
            #expect(lines.allSatisfy { $0.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } })
            #expect(lines.allSatisfy { $0.count <= 80 }, "\(lines.filter { $0.count > 80 })")
            #expect(lines[1] == (document.isPassed ? "PASSED" : "FAILED: LOCKED FOR PATIENTS"))
            #expect(lines.contains { $0.contains("SHA-256 of the document") })
        }
        let history = HistoryPage(of: Example.passed.device, Example.earlier + [Example.passed], context)
        let lines = history.lines(isASCII: true)
        #expect(lines.allSatisfy { $0.utf8.count <= 80 && $0.utf8.allSatisfy { $0 < 0x7F } })
        #expect(lines.count { $0.contains("passed, holds until") } == 4)
    }
}

// What a certificate says, in words: made once, shown as a page and as lines on a terminal.
internal import Calibration
internal import CareModel
internal import StimulusModel

struct CertificateFacts {
    struct Pair {
        let name: String
        let value: String
    }

    struct OutputFacts {
        let title: String
        let verdict: String
        let isPassed: Bool
        let fit: [Pair]
        let findings: [String]
        let figures: [(text: FigureText, verdict: PointVerdict)]
        let readings: String
    }

    let document: CalibrationDocument
    let context: CertificateContext

    // MARK: - Verdict

    var isPassed: Bool { document.isPassed }

    /// What stands on top in large letters.
    var verdict: String { isPassed ? "PASSED" : "FAILED: LOCKED FOR PATIENTS" }

    /// What follows from it.
    var consequences: [String] {
        guard isPassed else {
            return [
                "No patient session accepts this device, on any output and with any electrode, until a later "
                    + "calibration of it has passed and is signed."
            ]
        }
        var lines: [String] = []
        if context.signature == nil {
            lines.append("NOT SIGNED: locked for patients until a technician whose key is trusted has signed it.")
        }
        if let last = document.lastDay {
            if document.isInDate(on: context.today) {
                let left = document.daysLeft(on: context.today)
                lines.append(
                    "In force until \(last.text)" + (left <= CalibrationDocument.noticeDays ? ": due now" : "") + ".")
            } else if context.today < document.measuredOn {
                lines.append(
                    "NOT IN FORCE on the day of this page, \(context.today.text), which lies before the calibration: "
                        + "the clock of this computer is wrong. Locked for patients.")
            } else {
                lines.append("EXPIRED on \(last.text), before this page was written. Locked for patients.")
            }
        } else {
            lines.append("Never in force: it holds for no day. Locked for patients.")
        }
        return lines
    }

    /// All that is wrong, the graver first; of a failed calibration never empty.
    var findings: [String] {
        // A finding of the whole device stands at each of its outputs.
        var seen: Set<String> = []
        var all = document.outputs.flatMap(\.findings).filter { seen.insert($0).inserted }
        for output in document.outputs where !output.isPassed && output.findings.isEmpty {
            all.append("output \(output.output): \(CertificateFacts.summary(output))")
        }
        if document.outputs.isEmpty { all.append("no output was measured") }
        return all.map(CertificateFormat.plain)
    }

    private static func summary(_ output: OutputCertificate) -> String {
        guard !output.asLeft.isEmpty else { return "not measured as left" }
        let points = output.asLeft.count { $0.verdict != .pass }
        let figures = output.figures.count { $0.verdict != .pass }
        return "\(points) of \(output.asLeft.count) points as left and \(figures) of \(output.figures.count) other "
            + "figures are outside of their limits, or nearer to them than the uncertainty"
    }

    /// Whether the device was out of tolerance as it came, so that what ran before has to be looked at.
    var isFoundOutOfTolerance: Bool { document.outputs.contains { !$0.wasFoundPassed } }

    /// What an auditor asks then; empty where all was well.
    var foundOutOfTolerance: [String] {
        guard isFoundOutOfTolerance else { return [] }
        let numbers = document.outputs.filter { !$0.wasFoundPassed }.map { "\($0.output)" }.joined(separator: ", ")
        let head = "AS FOUND, output \(numbers) was out of tolerance or within the guard band."
        guard let sessions = context.sessionsSince else {
            return [head + " Sessions that ran since the last good calibration have to be looked at."]
        }
        if sessions.isEmpty { return [head + " No session ran since the last good calibration."] }
        return [
            head + " \(sessions.count) sessions ran since the last good calibration: "
                + sessions.map(CertificateFormat.plain).joined(separator: ", ") + "."
        ]
    }

    // MARK: - Tables of names and values

    var device: [Pair] {
        [
            Pair(name: "device", value: CertificateFormat.stimulator(document.device.stimulator)),
            pair("serial number", document.device.serialNumber), pair("firmware", document.device.firmware),
        ]
            + (document.device.isolator.map { [pair("isolator", $0)] } ?? [])
            + [
                pair("calibration", "\(document.id), number \(document.sequence) of this device"),
                pair("measured on", document.measuredOn.text),
                Pair(name: "valid", value: validity),
                pair("technician", document.technician),
                pair(
                    "tolerance",
                    "±\(CertificateFormat.percent(permille: Int64(document.tolerancePermille))) of set current, "
                        + "set by \(context.toleranceSetBy)"),
            ]
    }

    private var validity: String {
        guard isPassed else { return "not valid: failed" }
        guard let last = document.lastDay else { return "not valid: it holds for no day" }
        return "\(document.measuredOn.text) to \(last.text), the last day included"
    }

    var signature: [Pair] {
        guard let signature = context.signature else { return [] }
        return [
            pair("signed by", signature.holder), pair("key", signature.keyID), pair("signed on", signature.signedOn),
            pair("SHA-256 of the document", signature.documentSHA256),
        ]
    }

    var instruments: [[String]] {
        document.instruments.map { one in
            let evidence = one.evidence.isEmpty ? "" : "; evidence \(one.evidence)"
            return [
                one.model, one.serialNumber, "\(one.calibratedOn.text) to \(one.holdsUntil.text)",
                CertificateFormat.decimal(Int64(one.expandedPartsPerMillion), from: 4, to: 3, rounding: .up)
                    + " % + "
                    + CertificateFormat.decimal(Int64(one.expandedMicrovolts), from: 3, to: 3, rounding: .up) + " mV",
                CertificateFormat.source(one.source) + evidence,
            ].map(CertificateFormat.plain)
        }
    }

    var loads: [[String]] {
        document.loads.map { one in
            [
                one.assetNumber, CertificateFormat.ohms(one.ohms),
                "±" + CertificateFormat.percent(permille: Int64(one.tolerancePermille)),
                CertificateFormat.decimal(Int64(one.ratedMilliwatts), from: 3, to: 2) + " W",
            ].map(CertificateFormat.plain)
        }
    }

    var outputs: [OutputFacts] {
        document.outputs.map { output in
            OutputFacts(
                title: "Output \(output.output)", verdict: output.isPassed ? "passed" : "FAILED",
                isPassed: output.isPassed, fit: CertificateFacts.fit(output),
                findings: output.findings.map(CertificateFormat.plain),
                figures: output.figures.map { (FigureText($0), $0.verdict) },
                readings: CertificateFacts.readings(output))
        }
    }

    private static func fit(_ output: OutputCertificate) -> [Pair] {
        guard output.hasFit else {
            return [
                Pair(
                    name: "fit",
                    value: "no line is stated: there is none, or it lies beyond what a correction may mend (gain 0.8 "
                        + "to 1.2, offset ±1 mA). Nothing is corrected.")
            ]
        }
        let fit = output.fit
        func microamperes(_ nanoamperes: Int64, _ rounding: FloatingPointRoundingRule = .toNearestOrEven) -> String {
            CertificateFormat.decimal(nanoamperes, from: 3, to: 2, rounding: rounding)
        }
        var pairs = [
            Pair(
                name: "gain",
                value: CertificateFormat.decimal(Int64(fit.correction.gainPartsPerMillion), from: 6, to: 5) + " ± "
                    + CertificateFormat.decimal(
                        Int64(fit.expandedGainPartsPerMillion), from: 6, to: 5, rounding: .up) + " (U, k = 2)"),
            Pair(
                name: "offset",
                value: microamperes(Int64(fit.correction.offsetNanoamperes)) + " ± "
                    + microamperes(Int64(fit.expandedOffsetNanoamperes), .up) + " µA (U, k = 2)"),
            Pair(
                name: "largest residual", value: microamperes(fit.largestResidualNanoamperes, .up) + " µA"),
        ]
        guard !output.asLeft.isEmpty else { return pairs }
        pairs.append(
            Pair(
                name: "true current above the corrected one",
                value: "by " + CertificateFormat.percent(permille: Int64(output.tolerancePermille)) + " at the most"))
        pairs.append(
            Pair(
                name: "left over with the correction",
                value: "imbalance \(CertificateFormat.percent(permille: Int64(output.imbalancePermille))) of a phase, "
                    + microamperes(Int64(output.residualOffsetNanoamperes), .up) + " µA at rest"))
        return pairs
    }

    private static func readings(_ output: OutputCertificate) -> String {
        let counts = (output.asFound + output.asLeft).map(\.readings)
        guard let least = counts.min(), let most = counts.max() else { return "" }
        return least == most ? "\(least) readings at each point" : "\(least) to \(most) readings at each point"
    }

    // MARK: - Fixed paragraphs

    static let decisionRule = """
        Decision rule: a point passes when the size of its error and its expanded uncertainty U together are in \
        the tolerance, so that the guard band is as wide as U (k = 2, about 95 %; JCGM 100, JCGM 106). A point within \
        tolerance but nearer to its edge than U is refused as "guard band". Other figures are judged against their own \
        limits in the same way. One point or figure that does not pass fails its output, one output fails the device.
        """

    static let statement = """
        This is a calibration record of this program. It is no certificate of an accredited laboratory, and states no \
        traceability beyond the instruments that are named in it. Neither motorpoint nor this record is a medical \
        device, or makes a stimulator one.
        """

    private func pair(_ name: String, _ value: String) -> Pair {
        Pair(name: name, value: CertificateFormat.plain(value))
    }
}

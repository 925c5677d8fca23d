// The calibrations of one device over the years: a picture of its drift, and a list.
public import Calibration
internal import CareModel
internal import Mustache
internal import StimulusModel

/// What both forms say.
struct HistoryFacts {
    struct Row {
        let id: String
        let day: String
        let verdict: String
        let isPassed: Bool
        let until: String
        let gains: [String]
        let worst: String
        let technician: String
    }

    let documents: [CalibrationDocument]
    let device: CalibratedDevice
    private let context: CertificateContext

    init(_ device: CalibratedDevice, _ documents: [CalibrationDocument], _ context: CertificateContext) {
        self.documents = CertificateContext.ordered(documents, of: device)
        self.device = device
        self.context = context
    }

    var count: String {
        switch documents.count {
        case 0: return "no calibration"
        case 1: return "1 calibration"
        case let count: return "\(count) calibrations"
        }
    }

    /// Of the latest one, whatever an earlier one said.
    var isGood: Bool { documents.last.map { $0.isPassed && $0.isInDate(on: context.today) } ?? false }

    var state: String {
        guard let latest = documents.last else { return "Never calibrated: locked for patients" }
        guard latest.isPassed else { return "The latest calibration FAILED: locked for patients" }
        let last = latest.lastDay?.text ?? "no day"
        guard latest.isInDate(on: context.today) else {
            return context.today < latest.measuredOn
                ? "The latest calibration lies in the future: the clock is wrong; locked for patients"
                : "EXPIRED on \(last): locked for patients"
        }
        let left = latest.daysLeft(on: context.today)
        return "The latest calibration passed and holds until \(last)"
            + (left <= CalibrationDocument.noticeDays ? ": due within \(left + 1) days" : "")
    }

    /// The latest first.
    var rows: [Row] {
        documents.reversed().map { document in
            let errors = document.outputs.flatMap { $0.asFound.compactMap(CertificateFormat.errorPercent) }
            let worst = errors.max { $0.magnitude < $1.magnitude }
            return Row(
                id: CertificateFormat.plain(document.id), day: document.measuredOn.text,
                verdict: document.isPassed ? "passed" : "FAILED", isPassed: document.isPassed,
                until: document.isPassed ? document.lastDay?.text ?? "–" : "–",
                gains: document.outputs.map(HistoryFacts.gain),
                worst: worst.map { CertificateFormat.signed($0, 2) + " %" } ?? "–",
                technician: CertificateFormat.plain(document.technician))
        }
    }

    private static func gain(_ output: OutputCertificate) -> String {
        guard output.hasFit else { return "\(output.output): no line" }
        return "\(output.output): "
            + CertificateFormat.decimal(Int64(output.fit.correction.gainPartsPerMillion), from: 6, to: 4) + " ± "
            + CertificateFormat.decimal(
                Int64(output.fit.expandedGainPartsPerMillion), from: 6, to: 4, rounding: .up)
    }
}

public struct HistoryPage: Sendable {
    private let device: CalibratedDevice
    private let documents: [CalibrationDocument]
    private let context: CertificateContext

    /// - Parameters:
    ///   - documents: in whatever order; those of another device are left out.
    ///   - context: the moment of writing and the program's version are used.
    public init(of device: CalibratedDevice, _ documents: [CalibrationDocument], _ context: CertificateContext) {
        self.device = device
        self.documents = documents
        self.context = context
    }

    /// The page, whole as one file.
    /// - Throws: when the embedded template cannot be parsed, which a test rules out.
    public func html() throws -> String {
        let facts = HistoryFacts(device, documents, context)
        let drift = DriftPicture(facts.documents).svg
        let values: [String: Any] = [
            "deviceName": CertificateFormat.stimulator(device.stimulator),
            "serialNumber": CertificateFormat.plain(device.serialNumber), "count": facts.count, "state": facts.state,
            "stateClass": facts.isGood ? "completed" : "bad", "drift": drift.map { [$0] } ?? [],
            "hasDrift": drift != nil,
            "rows": facts.rows.map { row -> [String: Any] in
                [
                    "id": row.id, "day": row.day, "verdict": row.verdict, "class": row.isPassed ? "pass" : "refused",
                    "until": row.until, "gains": row.gains, "worst": row.worst, "technician": row.technician,
                ]
            },
            "statement": CertificateFacts.statement, "writtenText": context.writtenText,
            "programVersion": context.programVersion,
        ]
        return try MustacheTemplate(string: CertificateTemplate.history).render(ReportEscaping.safe(values))
    }

    /// The same for a terminal.
    public func lines(isASCII: Bool) -> [String] {
        let facts = HistoryFacts(device, documents, context)
        var lines = [
            CertificateFormat.stimulator(device.stimulator) + " " + CertificateFormat.plain(device.serialNumber)
                + ": " + facts.count, facts.state,
        ]
        for row in facts.rows {
            lines.append("  \(row.id): \(row.day), \(row.verdict), holds until \(row.until), by \(row.technician)")
            lines.append("    gain \(row.gains.joined(separator: "; ")); largest error as found \(row.worst)")
        }
        return TextLayout.finish(lines, isASCII: isASCII)
    }
}

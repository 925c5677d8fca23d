// A calibration as one printable page: a pure function of the document, of what stands beside it and of the moment of
// writing.
public import Calibration
internal import CareModel
internal import Mustache

public struct CertificatePage: Sendable {
    private let document: CalibrationDocument
    private let context: CertificateContext

    public init(_ document: CalibrationDocument, _ context: CertificateContext) {
        self.document = document
        self.context = context
    }

    /// The page, whole as one file: no script, no link, no picture from elsewhere.
    /// - Throws: when the embedded template cannot be parsed, which a test rules out.
    public func html() throws -> String {
        let facts = CertificateFacts(document: document, context: context)
        let history = context.history(with: document)
        let drift = DriftPicture(history).svg
        let values: [String: Any] = [
            "id": CertificateFormat.plain(document.id),
            "deviceName": CertificateFormat.stimulator(document.device.stimulator),
            "serialNumber": CertificateFormat.plain(document.device.serialNumber),
            "verdict": facts.verdict, "verdictClass": facts.isPassed ? "completed" : "bad",
            "consequences": facts.consequences, "findings": facts.isPassed ? [] : facts.findings,
            "hasFindings": !facts.isPassed, "foundOutOfTolerance": facts.foundOutOfTolerance,
            "device": CertificatePage.pairs(facts.device), "signature": CertificatePage.pairs(facts.signature),
            "isSigned": context.signature != nil,
            "instruments": facts.instruments.map { ["cells": $0] }, "loads": facts.loads.map { ["cells": $0] },
            "outputs": zip(document.outputs, facts.outputs).map(output),
            "drift": drift.map { [$0] } ?? [], "hasDrift": drift != nil,
            "driftText": history.count == 1
                ? "This is the only calibration known of this device."
                : "\(history.count) calibrations, the first on \(history.first?.measuredOn.text ?? "").",
            "decisionRule": CertificateFacts.decisionRule, "statement": CertificateFacts.statement,
            "writtenText": context.writtenText, "programVersion": context.programVersion,
        ]
        return try MustacheTemplate(string: CertificateTemplate.page).render(ReportEscaping.safe(values))
    }

    static func pairs(_ pairs: [CertificateFacts.Pair]) -> [[String: Any]] {
        pairs.map { ["name": $0.name, "value": $0.value] }
    }

    private func output(_ output: OutputCertificate, _ facts: CertificateFacts.OutputFacts) -> [String: Any] {
        let error = ErrorPicture(output, tolerancePermille: document.tolerancePermille).svg
        let pulse = PulsePicture(output)?.svg
        let places = PointRows.places(output)
        let rows = PointRows(output).rows
        return [
            "title": facts.title, "verdict": facts.verdict, "class": facts.isPassed ? "pass" : "refused",
            "fit": CertificatePage.pairs(facts.fit), "findings": facts.findings, "hasFindings": !facts.findings.isEmpty,
            "errorPicture": error.map { [$0] } ?? [], "pulsePicture": pulse.map { [$0] } ?? [],
            "hasPulse": pulse != nil, "hasPoints": !rows.isEmpty, "readings": facts.readings,
            "points": rows.enumerated().map { index, row in
                CertificatePage.row(
                    row, places, isFirst: index == 0 || rows[index - 1].setMicroamperes != row.setMicroamperes)
            },
            "hasFigures": !facts.figures.isEmpty,
            "figures": facts.figures.map { one -> [String: Any] in
                [
                    "name": one.text.name, "value": one.text.value, "limit": one.text.limit,
                    "verdict": CertificateFormat.verdict(one.verdict),
                    "class": CertificateFormat.verdictClass(one.verdict),
                ]
            },
        ]
    }

    private static func row(_ row: PointRows.Row, _ places: Int, isFirst: Bool) -> [String: Any] {
        func side(_ point: CalibrationPoint?) -> [String: Any] {
            [
                "cells": PointRows.cells(point, places),
                "verdict": point.map { CertificateFormat.verdict($0.verdict) } ?? "–",
                "class": point.map { CertificateFormat.verdictClass($0.verdict) } ?? "",
            ]
        }
        return [
            "class": isFirst ? "level" : "", "set": CertificateFormat.short(row.setMicroamperes),
            "load": CertificateFormat.ohms(row.loadOhms), "phase": row.isSecondPhase ? "2nd" : "1st",
            "found": [side(row.asFound)], "left": [side(row.asLeft)],
        ]
    }
}

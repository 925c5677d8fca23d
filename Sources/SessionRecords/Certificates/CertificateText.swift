// A calibration as lines on a terminal, 80 columns wide at most but for what a document says itself. Pure.
public import Calibration

public struct CertificateText: Sendable {
    private let facts: CertificateFacts
    private let isASCII: Bool

    /// - Parameter isASCII: no other characters: for logs and screen readers.
    public init(_ document: CalibrationDocument, _ context: CertificateContext, isASCII: Bool) {
        facts = CertificateFacts(document: document, context: context)
        self.isASCII = isASCII
    }

    public var lines: [String] {
        let document = facts.document
        var lines = ["Calibration \(CertificateFormat.plain(document.id))", facts.verdict]
        lines += facts.consequences
        if !facts.isPassed { lines += facts.findings.map { "  " + $0 } }
        lines += facts.foundOutOfTolerance
        lines.append("")
        lines += TextLayout.pairs(facts.device)
        lines += facts.signature.isEmpty ? ["  not signed"] : TextLayout.pairs(facts.signature)
        lines += ["", "Measured with"]
        lines += facts.instruments.flatMap { one in
            ["  \(one[0]), serial number \(one[1])", "    holds \(one[2]), U \(one[3])", "    \(one[4])"]
        }
        lines += facts.loads.map { "  load \($0[0]): \($0[1]), \($0[2]), \($0[3])" }
        for (output, words) in zip(document.outputs, facts.outputs) { lines += section(output, words) }
        lines += ["", CertificateFacts.decisionRule, CertificateFacts.statement]
        return TextLayout.finish(lines, isASCII: isASCII)
    }

    private func section(_ output: OutputCertificate, _ words: CertificateFacts.OutputFacts) -> [String] {
        var lines = ["", "\(words.title): \(words.verdict)"]
        lines += words.findings.map { "  " + $0 }
        lines += TextLayout.pairs(words.fit)
        let rows = PointRows(output).rows
        let places = PointRows.places(output)
        if rows.isEmpty { lines.append("  no point was measured") }
        for (title, point) in [("as found", \PointRows.Row.asFound), ("as left", \PointRows.Row.asLeft)] {
            let measured = rows.filter { $0[keyPath: point] != nil }
            guard !measured.isEmpty else { continue }
            lines.append("  points \(title)")
            let head = ["set mA", "load", "phase", "mean mA", "s mA", "U mA", "error %"]
            lines.append(TextLayout.columns(head) + "  verdict")
            lines += measured.map { row in
                let phase = row.isSecondPhase ? "2nd" : "1st"
                let start = [CertificateFormat.short(row.setMicroamperes), CertificateFormat.ohms(row.loadOhms), phase]
                let verdict = row[keyPath: point].map { CertificateFormat.verdict($0.verdict) } ?? ""
                return TextLayout.columns(start + PointRows.cells(row[keyPath: point], places)) + "  " + verdict
            }
        }
        if !words.figures.isEmpty { lines.append("  other figures, +/- U (k = 2)") }
        for one in words.figures {
            lines.append("    \(one.text.name): \(one.text.value)")
            lines.append("      limit \(one.text.limit): \(CertificateFormat.verdict(one.verdict))")
        }
        return lines
    }
}

enum TextLayout {
    static let width = 80

    static func pairs(_ pairs: [CertificateFacts.Pair]) -> [String] {
        pairs.map { pair in "  \(pair.name): \(pair.value)" }
    }

    /// Right-aligned.
    static func columns(_ cells: [String]) -> String {
        zip(cells, [9, 8, 6, 10, 9, 9, 9]).map { cell, width in
            String(repeating: " ", count: max(1, width - cell.count)) + cell
        }.joined()
    }

    /// Wrapped at words, with the indent of the line kept.
    static func finish(_ lines: [String], isASCII: Bool) -> [String] {
        // What is spelled out in ASCII is longer.
        lines.flatMap { wrapped(isASCII ? CertificateFormat.ascii($0) : $0) }
    }

    private static func wrapped(_ line: String) -> [String] {
        guard line.count > width else { return [line] }
        let indent = String(line.prefix { $0 == " " })
        var result: [String] = []
        var current = ""
        for word in line.split(separator: " ") {
            let hanging = result.isEmpty ? indent : indent + "  "
            if !current.isEmpty, hanging.count + current.count + 1 + word.count > width {
                result.append(hanging + current)
                current = String(word)
            } else {
                current += (current.isEmpty ? "" : " ") + word
            }
        }
        return result + [(result.isEmpty ? indent : indent + "  ") + current]
    }
}

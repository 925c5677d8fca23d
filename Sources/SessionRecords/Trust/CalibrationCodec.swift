// A calibration as a file: the same document is always the same bytes, since they are what is signed.
public import Calibration
internal import CareModel
internal import StimulusModel

public enum CalibrationCodec {
    public static let format = "motorpoint-calibration-1"

    /// The keys of a calibration file. Every number is a whole one in the unit of its key's name.
    public static let grammar = FileGrammar(
        root: "document",
        mappings: [
            "document": [
                .required("format", .word([format])), .required("device", .mapping("device")),
                .required("sequence", .whole(bits: 32)), .required("measured_on", .text),
                .required("valid_days", .whole(bits: 32)), .required("technician", .text),
                .required("tolerance_permille", .whole(bits: 32)),
                .optional("instruments", .list("instrument")), .optional("loads", .list("load")),
                .optional("outputs", .list("output")),
            ],
            "device": [
                .required("stimulator", .word(StimulatorKind.allCases.map(\.rawValue))),
                .required("serial_number", .text), .required("firmware", .text), .optional("isolator", .text),
            ],
            "instrument": [
                .required("source", .word(ReadingSource.allCases.map(\.rawValue))), .required("model", .text),
                .required("serial_number", .text), .required("calibrated_on", .text), .required("holds_until", .text),
                .required("expanded_ppm", .whole(bits: 32)), .required("expanded_uv", .whole(bits: 32)),
                .optional("evidence", .text),
            ],
            "load": [
                .required("asset_number", .text), .required("ohms", .whole(bits: 32)),
                .required("tolerance_permille", .whole(bits: 32)), .required("rated_mw", .whole(bits: 32)),
            ],
            "output": [
                .required("output", .number(.count, lowest: 1, highest: 8)), .required("fit", .mapping("fit")),
                .required("tolerance_permille", .whole(bits: 32)),
                .required("imbalance_permille", .whole(bits: 32)),
                .required("residual_offset_na", .whole(bits: 32)), .optional("findings", .texts),
                .optional("figures", .list("figure")), .optional("as_found", .list("point")),
                .optional("as_left", .list("point")),
            ],
            "fit": [
                .required("gain_ppm", .whole(bits: 32)), .required("offset_na", .whole(bits: 32)),
                .required("expanded_gain_ppm", .whole(bits: 32)), .required("expanded_offset_na", .whole(bits: 32)),
                .required("largest_residual_na", .whole(bits: 64)),
            ],
            "point": [
                .required("set_ua", .whole(bits: 32)), .required("second_phase", .truth),
                .required("load_ohms", .whole(bits: 32)), .required("readings", .whole(bits: 32)),
                .required("mean_na", .whole(bits: 64)), .required("deviation_na", .whole(bits: 64)),
                .required("expanded_na", .whole(bits: 64)),
                .required("verdict", .word(PointVerdict.allCases.map(\.rawValue))),
            ],
            "figure": [
                .required("kind", .word(FigureKind.allCases.map(\.rawValue))), .required("value", .whole(bits: 64)),
                .required("expanded", .whole(bits: 64)), .required("lowest", .whole(bits: 64)),
                .required("highest", .whole(bits: 64)),
                .required("verdict", .word(PointVerdict.allCases.map(\.rawValue))),
            ],
        ])

    // MARK: - Document to text

    public static func text(_ document: CalibrationDocument) -> String {
        var lines = [
            "# Written and signed by the bench: a change of one character voids it.", "format: \(format)", "device:",
            "  stimulator: \(document.device.stimulator.rawValue)",
            "  serial_number: \(QuotedText.yaml(document.device.serialNumber))",
            "  firmware: \(QuotedText.yaml(document.device.firmware))",
        ]
        if let isolator = document.device.isolator { lines.append("  isolator: \(QuotedText.yaml(isolator))") }
        lines += [
            "sequence: \(document.sequence)", "measured_on: \"\(document.measuredOn.text)\"",
            "valid_days: \(document.validDays)", "technician: \(QuotedText.yaml(document.technician))",
            "tolerance_permille: \(document.tolerancePermille)",
        ]
        lines += list("instruments", document.instruments.map(instrument), indent: 0)
        lines += list("loads", document.loads.map(load), indent: 0)
        if !document.outputs.isEmpty { lines.append("outputs:") }
        for one in document.outputs { lines += output(one) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func list(_ key: String, _ elements: [String], indent: Int) -> [String] {
        guard !elements.isEmpty else { return [] }
        let space = String(repeating: " ", count: indent)
        return [space + key + ":"] + elements.map { space + "  - " + $0 }
    }

    private static func instrument(_ one: CalibrationInstrument) -> String {
        let evidence = one.evidence.isEmpty ? "" : ", evidence: \(QuotedText.yaml(one.evidence))"
        return "{source: \(one.source.rawValue), model: \(QuotedText.yaml(one.model)), "
            + "serial_number: \(QuotedText.yaml(one.serialNumber)), calibrated_on: \"\(one.calibratedOn.text)\", "
            + "holds_until: \"\(one.holdsUntil.text)\", expanded_ppm: \(one.expandedPartsPerMillion), "
            + "expanded_uv: \(one.expandedMicrovolts)\(evidence)}"
    }

    private static func load(_ one: CalibrationLoad) -> String {
        "{asset_number: \(QuotedText.yaml(one.assetNumber)), ohms: \(one.ohms), "
            + "tolerance_permille: \(one.tolerancePermille), rated_mw: \(one.ratedMilliwatts)}"
    }

    private static func output(_ one: OutputCertificate) -> [String] {
        let correction = one.fit.correction
        var lines = [
            "  - output: \(one.output)",
            "    fit: {gain_ppm: \(correction.gainPartsPerMillion), offset_na: \(correction.offsetNanoamperes), "
                + "expanded_gain_ppm: \(one.fit.expandedGainPartsPerMillion), "
                + "expanded_offset_na: \(one.fit.expandedOffsetNanoamperes), "
                + "largest_residual_na: \(one.fit.largestResidualNanoamperes)}",
            "    tolerance_permille: \(one.tolerancePermille)", "    imbalance_permille: \(one.imbalancePermille)",
            "    residual_offset_na: \(one.residualOffsetNanoamperes)",
        ]
        lines += list("findings", one.findings.map(QuotedText.yaml), indent: 4)
        lines += list("figures", one.figures.map(figure), indent: 4)
        lines += list("as_found", one.asFound.map(point), indent: 4)
        lines += list("as_left", one.asLeft.map(point), indent: 4)
        return lines
    }

    private static func point(_ one: CalibrationPoint) -> String {
        "{set_ua: \(one.setMicroamperes), second_phase: \(one.isSecondPhase), load_ohms: \(one.loadOhms), "
            + "readings: \(one.readings), mean_na: \(one.meanNanoamperes), "
            + "deviation_na: \(one.standardDeviationNanoamperes), expanded_na: \(one.expandedNanoamperes), "
            + "verdict: \(one.verdict.rawValue)}"
    }

    private static func figure(_ one: CalibrationFigure) -> String {
        "{kind: \(one.kind.rawValue), value: \(one.value), expanded: \(one.expanded), lowest: \(one.lowest), "
            + "highest: \(one.highest), verdict: \(one.verdict.rawValue)}"
    }

    // MARK: - Text to document

    public static func load(path: String) throws(FileProblems) -> CalibrationDocument {
        try parse(try FileLoading.read(path).text, file: path)
    }

    public static func parse(_ text: String, file: String) throws(FileProblems) -> CalibrationDocument {
        try FileLoading.parse(text, file: file, grammar: grammar) { root, _, _ throws(FileProblem) in
            let device = try root.mapping("device")
            let document = CalibrationDocument(
                device: CalibratedDevice(
                    stimulator: try device.choice("stimulator", StimulatorKind.init(rawValue:)),
                    serialNumber: try device.text("serial_number"), firmware: try device.text("firmware"),
                    isolator: device.has("isolator") ? try device.text("isolator") : nil),
                sequence: try root.number32("sequence"), measuredOn: try day(root, "measured_on"),
                validDays: try root.number32("valid_days"), technician: try root.text("technician"),
                tolerancePermille: try root.number32("tolerance_permille"),
                instruments: try each(root, "instruments", instrument), loads: try each(root, "loads", load),
                outputs: try each(root, "outputs", output))
            let numbers = document.outputs.map(\.output)
            guard zip(numbers, numbers.dropFirst()).allSatisfy({ $0 < $1 }) else {
                throw root.problem("outputs", "not in the order of their numbers, or one twice", hint: hint)
            }
            return document
        }
    }

    private static let hint = "restore the file as the bench wrote it, or calibrate anew"

    private static func each<Element>(
        _ mapping: FileMapping, _ key: String, _ make: (FileMapping) throws(FileProblem) -> Element
    ) throws(FileProblem) -> [Element] {
        guard mapping.has(key) else { return [] }
        var elements: [Element] = []
        for one in try mapping.list(key) { elements.append(try make(one)) }
        return elements
    }

    private static func day(_ mapping: FileMapping, _ key: String) throws(FileProblem) -> CalendarDay {
        guard let day = CalendarDay(text: try mapping.text(key)) else {
            throw mapping.problem(key, "no day of the calendar", limit: "YYYY-MM-DD", hint: hint)
        }
        return day
    }

    private static func instrument(_ one: FileMapping) throws(FileProblem) -> CalibrationInstrument {
        CalibrationInstrument(
            source: try one.choice("source", ReadingSource.init(rawValue:)), model: try one.text("model"),
            serialNumber: try one.text("serial_number"), calibratedOn: try day(one, "calibrated_on"),
            holdsUntil: try day(one, "holds_until"), expandedPartsPerMillion: try one.number32("expanded_ppm"),
            expandedMicrovolts: try one.number32("expanded_uv"),
            evidence: one.has("evidence") ? try one.text("evidence") : "")
    }

    private static func load(_ one: FileMapping) throws(FileProblem) -> CalibrationLoad {
        CalibrationLoad(
            assetNumber: try one.text("asset_number"), ohms: try one.number32("ohms"),
            tolerancePermille: try one.number32("tolerance_permille"), ratedMilliwatts: try one.number32("rated_mw"))
    }

    private static func output(_ one: FileMapping) throws(FileProblem) -> OutputCertificate {
        let fit = try one.mapping("fit")
        let correction = OutputCorrection(
            gainPartsPerMillion: try fit.number32("gain_ppm"), offsetNanoamperes: try fit.number32("offset_na"))
        guard let correction else {
            throw one.problem(
                "fit", "beyond what a correction may be", limit: "gain 800000 to 1200000 ppm, offset 1000000 nA",
                hint: "such an output is broken")
        }
        return OutputCertificate(
            output: UInt8(clamping: try one.number("output")),
            fit: CalibrationFit(
                correction: correction, expandedGainPartsPerMillion: try fit.number32("expanded_gain_ppm"),
                expandedOffsetNanoamperes: try fit.number32("expanded_offset_na"),
                largestResidualNanoamperes: try fit.number("largest_residual_na")),
            asFound: try each(one, "as_found", point), asLeft: try each(one, "as_left", point),
            figures: try each(one, "figures", figure),
            findings: one.has("findings") ? try one.texts("findings") : [],
            tolerancePermille: try one.number32("tolerance_permille"),
            imbalancePermille: try one.number32("imbalance_permille"),
            residualOffsetNanoamperes: try one.number32("residual_offset_na"))
    }

    private static func point(_ one: FileMapping) throws(FileProblem) -> CalibrationPoint {
        CalibrationPoint(
            setMicroamperes: try one.number32("set_ua"), isSecondPhase: try one.truth("second_phase"),
            loadOhms: try one.number32("load_ohms"), readings: try one.number32("readings"),
            meanNanoamperes: try one.number("mean_na"),
            standardDeviationNanoamperes: try one.number("deviation_na"),
            expandedNanoamperes: try one.number("expanded_na"),
            verdict: try one.choice("verdict", PointVerdict.init(rawValue:)))
    }

    private static func figure(_ one: FileMapping) throws(FileProblem) -> CalibrationFigure {
        CalibrationFigure(
            kind: try one.choice("kind", FigureKind.init(rawValue:)), value: try one.number("value"),
            expanded: try one.number("expanded"), lowest: try one.number("lowest"),
            highest: try one.number("highest"), verdict: try one.choice("verdict", PointVerdict.init(rawValue:)))
    }
}

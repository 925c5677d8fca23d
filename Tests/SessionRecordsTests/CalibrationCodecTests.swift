import Calibration
import CareModel
import Foundation
import SessionRecords
import StimulusModel
import Testing

@Suite("Calibrations as files")
struct CalibrationCodecTests {
    private var draft: DocumentDraft { DocumentDraft(measuredOn: day("2026-11-20")) }

    @Test("What is written is read, and the same document is the same bytes")
    func roundTrip() throws {
        var needle = draft
        needle.stimulator = .pulsePal
        needle.isolator = "DS5 'B', no. 7: 10 V"
        needle.findings = ["output 1: a missing phase", "it's \"dead\""]
        for one in [draft, needle] {
            let text = CalibrationCodec.text(one.document)
            #expect(try CalibrationCodec.parse(text, file: "1.yaml") == one.document)
            #expect(CalibrationCodec.text(try CalibrationCodec.parse(text, file: "1.yaml")) == text)
        }
    }

    @Test("A document of eight outputs at every point and load is no file too long")
    func largest() throws {
        var whole = draft
        whole.outputs = 1...8
        let one = whole.document
        let outputs = one.outputs.map { output in
            OutputCertificate(
                output: output.output, fit: output.fit,
                asFound: Array(repeating: output.asLeft[0], count: 48),
                asLeft: Array(repeating: output.asLeft[0], count: 48),
                figures: Array(repeating: output.figures[0], count: 40), findings: [], tolerancePermille: 25,
                imbalancePermille: 4, residualOffsetNanoamperes: 1)
        }
        let document = CalibrationDocument(
            device: one.device, sequence: 1, measuredOn: one.measuredOn, validDays: 365, technician: "AB",
            tolerancePermille: 200, instruments: one.instruments, loads: one.loads, outputs: outputs)
        let text = CalibrationCodec.text(document)
        #expect(text.utf8.count < 256 * 1_024)
        #expect(try CalibrationCodec.parse(text, file: "1.yaml") == document)
    }

    @Test(
        "A spoilt file is refused with its line",
        arguments: [
            ("sequence: 1", "sequence: 01", "no whole number", "sequence"),
            ("offset_na: -3000", "offset_na: -0", "no whole number", "offset_na"),
            ("offset_na: -3000", "offset_na: 99999999999", "no whole number", "offset_na"),
            ("gain_ppm: 1020000", "gain_ppm: 1200001", "beyond what a correction may be", "gain_ppm"),
            ("measured_on: \"2026-11-20\"", "measured_on: \"2026-02-30\"", "no day of the calendar", "measured_on"),
            ("technician: 'AB'", "technician: ''", "there is no value", "technician"),
            ("  - output: 2", "  - output: 1", "not in the order", "outputs:"),
            ("stimulator: p24", "stimulator: p25", "not one of the known words", "stimulator"),
        ])
    func spoilt(from: String, to: String, says: String, line: String) throws {
        let good = CalibrationCodec.text(draft.document)
        let range = try #require(good.range(of: from))
        let text = good.replacingCharacters(in: range, with: to)
        let problems = #expect(throws: FileProblems.self) { try CalibrationCodec.parse(text, file: "1.yaml") }
        let found = try #require(
            problems?.problems.first { $0.message.contains(says) }, "\(String(describing: problems))")
        #expect(found.line != nil && found.file == "1.yaml")
    }
}

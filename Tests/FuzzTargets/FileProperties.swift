internal import Calibration
internal import CareModel
internal import SafetyKernel
internal import SessionRecords
internal import StimulusModel

/// A file of YAML is either a value within the bounds of its form, or problems that name it.
enum FileProperties {
    /// As problems carry it.
    private static let name = "fuzzed.yaml"

    /// What a loader made of a text; `broken` when its problems are not fit for a person.
    private enum Reading<Content> {
        case content(Content)
        case refused
        case broken(String)
    }

    private static func read<Content>(
        _ bytes: [UInt8], _ parse: (String, String) throws(FileProblems) -> Content
    ) -> Reading<Content> {
        // A file that is no UTF-8 ends before any loader.
        guard let text = String(validating: bytes, as: UTF8.self) else { return .refused }
        do {
            return .content(try parse(text, name))
        } catch {
            if error.problems.isEmpty { return .broken("refused without a problem") }
            let lines = bytes.count(where: { $0 == 10 }) + 1
            for problem in error.problems {
                if problem.file != name { return .broken("a problem names the file \(problem.file)") }
                if problem.message.isEmpty { return .broken("a problem without a message") }
                if let line = problem.line, line < 1 || line > lines + 1 {
                    return .broken("line \(line) of \(lines)")
                }
                if problem.description.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
                    return .broken("control characters would reach the terminal")
                }
            }
            return .refused
        }
    }

    static func treatmentProtocol(_ bytes: [UInt8]) -> String? {
        switch read(bytes, { (text, file) throws(FileProblems) in try ProtocolLoader.parse(text, file: file) }) {
        case .refused: return nil
        case .broken(let words): return words
        case .content(let content):
            guard isID(content.id) else { return "the id is \(content.id)" }
            for number in content.numbers where number.stored < 0 || number.stored > 86_400_000 {
                return "\(number.key) is \(number.stored)"
            }
            guard content.version >= 1 else { return "version \(content.version)" }
            return content.dose.flatMap(DoseJudge.judge)
        }
    }

    static func rig(_ bytes: [UInt8]) -> String? {
        switch read(bytes, { (text, file) throws(FileProblems) in try RigLoader.parse(text, file: file) }) {
        case .refused: return nil
        case .broken(let words): return words
        case .content(let rig):
            guard isID(rig.id) else { return "the id is \(rig.id)" }
            guard !rig.allowedFirmware.isEmpty else { return "no firmware is allowed" }
            guard rig.channel.number >= 1, rig.channel.number <= 8 else { return "channel \(rig.channel.number)" }
            if let second = rig.secondChannel, second.number == rig.channel.number { return "one channel twice" }
            guard (1...1_000).contains(rig.latenessToleranceMilliseconds) else { return "lateness out of range" }
            guard (rig.stimulator == .pulsePal) == (rig.needles != nil) else { return "needles on the wrong rig" }
            if let id = rig.deviceID, rig.stimulator == .p24, id.utf8.count != 10 { return "a device id of \(id)" }
            // What a rig lowers is above 0; nothing it says can raise an absolute limit.
            if let cap = rig.limits.maximumAmplitude, cap.microamperes <= 0 { return "a cap of \(cap.microamperes)" }
            return nil
        }
    }

    static func policy(_ bytes: [UInt8]) -> String? {
        switch read(bytes, { (text, file) throws(FileProblems) in try PolicyLoader.parse(text, file: file) }) {
        case .refused: return nil
        case .broken(let words): return words
        case .content(let policy):
            guard policy.calibrationTolerancePermille <= ClinicPolicy.widestTolerancePermille,
                policy.calibrationTolerancePermille > 0
            else { return "a tolerance of \(policy.calibrationTolerancePermille)" }
            guard Set(policy.keys.map(\.id)).count == policy.keys.count else { return "one key id twice" }
            for key in policy.keys {
                guard key.publicKey.count == 32, key.validFrom <= key.validUntil else { return "key \(key.id)" }
            }
            return nil
        }
    }

    static func checklist(_ bytes: [UInt8]) -> String? {
        switch read(bytes, { (text, file) throws(FileProblems) in try ChecklistLoader.parse(text, file: file) }) {
        case .refused: return nil
        case .broken(let words): return words
        case .content(let checklist): return checklist.items.isEmpty ? "a checklist without a question" : nil
        }
    }

    /// A document that is read is written as the same document.
    static func calibration(_ bytes: [UInt8]) -> String? {
        switch read(bytes, { (text, file) throws(FileProblems) in try CalibrationCodec.parse(text, file: file) }) {
        case .refused: return nil
        case .broken(let words): return words
        case .content(let document):
            let text = CalibrationCodec.text(document)
            do {
                let again = try CalibrationCodec.parse(text, file: name)
                return again == document ? nil : "written and read, it is another document"
            } catch {
                return "what was written is refused: \(error)"
            }
        }
    }

    static func bench(_ bytes: [UInt8]) -> String? {
        switch read(bytes, { (text, file) throws(FileProblems) in try WorkbenchLoader.parse(text, file: file).0 }) {
        case .refused: break
        case .broken(let words): return words
        case .content(let bench):
            guard isID(bench.id) else { return "the id is \(bench.id)" }
            for load in bench.loads where load.ohms < 100 || load.ohms > 20_000 { return "a load of \(load.ohms)" }
        }
        switch read(bytes, { (text, file) throws(FileProblems) in try InstrumentLoader.parse(text, file: file).0 }) {
        case .refused: return nil
        case .broken(let words): return words
        case .content(let profile): return isID(profile.id) ? nil : "the id is \(profile.id)"
        }
    }

    private static func isID(_ id: String) -> Bool {
        !id.isEmpty && id.utf8.count <= 64
            && id.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }
}

/// Whatever dose a file asks for, the kernel refuses it or keeps it within limits that are written here once more
/// (`decided.md`, Amplitude; `clinical.md` 1.8).
enum DoseJudge {
    static func judge(_ dose: Dose) -> String? {
        let isNeedle = dose.electrodeKind == .needle
        let prescription = Prescription(
            search: nil, treatment: dose, channel: .first,
            contact: isNeedle
                ? .needle(NeedleGeometry(diameterMicrometres: 300, insertedMillimetres: 30))
                : .pad(PadArea(squareMillimetres: 5_000)),
            capabilities: isNeedle
                ? .needleRig(residualOffsetNanoamperes: 500, imbalancePermille: 5, tolerancePermille: 20)
                : .p24LowLevel,
            history: TreatmentHistory(earlierTreatments: 2, millisecondsSinceLast: 30 * 86_400_000),
            limits: isNeedle ? .absoluteNeedle : .absoluteSurface)
        do throws(Refusal) {
            let kind = dose.electrodeKind
            let plan = try Authorization.authorize(
                prescription, clearance: try Clearance.grant(passed: Clearance.required(for: kind), for: kind))
            guard let treated = plan.first.treatment else { return "authorized without a treatment" }
            return beyond(treated, isNeedle: isNeedle)
        } catch {
            return nil
        }
    }

    private static func beyond(_ treated: AuthorizedDose, isNeedle: Bool) -> String? {
        let ceiling = treated.ceiling.microamperes
        let dose = treated.dose
        guard ceiling > 0, ceiling <= (isNeedle ? 10_000 : 80_000) else { return "a ceiling of \(ceiling) µA" }
        guard ceiling <= dose.maximumAmplitude.microamperes else { return "a ceiling above the protocol's cap" }
        guard (1...100_000).contains(dose.frequency.millihertz) else { return "\(dose.frequency.millihertz) mHz" }
        let phase = dose.phaseDuration.microseconds
        guard phase > 0, Int64(phase) * Int64(ceiling) <= (isNeedle ? 4_000_000 : 32_000_000) else {
            return "\(phase) µs at \(ceiling) µA"
        }
        return nil
    }
}

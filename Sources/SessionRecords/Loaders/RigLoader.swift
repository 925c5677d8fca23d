public import CareModel
internal import StimulusModel

/// A rig with the very text that it was read from.
public struct LoadedRig: Equatable, Sendable {
    public let content: Rig
    /// As named when it was loaded.
    public let path: String
    /// The whole file.
    public let text: String
    /// Hash of the file's bytes.
    public let sha256: Digest

    /// For the record.
    public var recorded: RecordedFile {
        RecordedFile(id: content.id, version: 0, path: path, sha256: sha256, text: text)
    }
}

/// Reads rig files.
public enum RigLoader {
    public static let format = "motorpoint-rig-1"
    /// Characters of a P24's id (`sciencemode4.md` 3).
    public static let deviceIDLength = 10

    /// A loop that stood still for longer than the longest pulse pattern under way, 65.5 ms on the P24, has to stop the
    /// session (`reliability.md` F29 with `decided.md`, "Lease"; 50 ms is its proposal for the tolerance).
    private static let longestLateness: Int64 = 60

    /// The keys of a rig file.
    public static let grammar = FileGrammar(
        root: "rig",
        mappings: [
            "rig": [
                .required("format", .word([format])), .required("id", .text), .required("title", .text),
                .required("stimulator", .word(StimulatorKind.allCases.map(\.rawValue))),
                .optional("serial_line", .text), .optional("device_id", .text),
                .optional("usb_serial_number", .text),
                .required("allowed_firmware", .texts),
                .required("wire_major", .number(.count, lowest: 0, highest: 255)),
                .required("channel", .number(.count, lowest: 1, highest: 8)),
                .optional("second_channel", .number(.count, lowest: 1, highest: 8)),
                .required("real_time", .word(RealTimeDemand.allCases.map(\.rawValue))),
                .optional("lateness_tolerance_ms", .number(.milliseconds, lowest: 1, highest: longestLateness)),
                .required("patient_stop", .word(PatientStopKind.allCases.map(\.rawValue))),
                .optional("limits", .mapping("limits")), .optional("isolator", .mapping("isolator")),
                .optional("interlock", .mapping("interlock")), .optional("first_output", .mapping("output")),
                .optional("second_output", .mapping("output")),
            ],
            "limits": [
                .optional("maximum_amplitude_ma", .number(.milliamperes, lowest: 1, highest: 1_000_000)),
                .optional("longest_phase_us", .number(.microseconds, lowest: 1, highest: 100_000)),
                .optional("highest_frequency_hz", .number(.hertz, lowest: 1, highest: 10_000_000)),
            ],
        ].merging(NeedleRigReading.mappings) { one, _ in one })

    /// One file. Its name must be the rig's id with `.yaml`.
    public static func load(path: String) throws(FileProblems) -> LoadedRig {
        let file = try FileLoading.read(path)
        let content = try parse(file.text, file: path)
        try FileLoading.checkName(of: path, id: content.id, line: content.sourceMap["id"])
        return LoadedRig(content: content, path: path, text: file.text, sha256: file.sha256)
    }

    /// A rig from its text.
    public static func parse(_ text: String, file: String) throws(FileProblems) -> Rig {
        try FileLoading.parse(text, file: file, grammar: grammar) { root, lines, problems throws(FileProblem) in
            if let problem = FileLoading.idProblem(root) { problems.add(problem) }
            guard let channel = Channel(number: UInt8(clamping: try root.number("channel"))) else {
                throw root.problem("channel", "no channel of the stimulator", hint: "write 1 to 8")
            }
            let second =
                root.has("second_channel") ? Channel(number: UInt8(clamping: try root.number("second_channel"))) : nil
            if let second, second.number <= channel.number {
                problems.add(
                    root.problem(
                        "second_channel", "not above `channel`", limit: "at least \(channel.number + 1)",
                        hint: "the screen counts the two muscles in the order of their outputs"))
            }
            let stimulator = try root.choice("stimulator", StimulatorKind.init(rawValue:))
            let needles = try NeedleRigReading.read(root, stimulator, into: &problems)
            let tolerance = Int64(Rig.defaultLatenessToleranceMilliseconds)
            return Rig(
                id: try root.text("id"), title: try root.text("title"),
                stimulator: stimulator,
                serialLine: root.has("serial_line") ? try root.text("serial_line") : nil,
                deviceID: try deviceID(root, into: &problems),
                allowedFirmware: try firmware(root, stimulator, into: &problems),
                wireMajor: UInt8(clamping: try root.number("wire_major")), channel: channel, secondChannel: second,
                realTime: try root.choice("real_time", RealTimeDemand.init(rawValue:)),
                latenessToleranceMilliseconds: Int32(
                    clamping: root.has("lateness_tolerance_ms") ? try root.number("lateness_tolerance_ms") : tolerance),
                patientStop: try root.choice("patient_stop", PatientStopKind.init(rawValue:)),
                limits: try limits(root), needles: needles, sourceMap: lines)
        }
    }

    private static func deviceID(
        _ root: FileMapping, into problems: inout ProblemList
    ) throws(FileProblem) -> String? {
        guard root.has("device_id") else { return nil }
        let id = try root.text("device_id")
        if id.utf8.count != deviceIDLength || !id.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) {
            problems.add(
                root.problem(
                    "device_id", "no device id", limit: "\(deviceIDLength) visible ASCII characters",
                    hint: "copy it from `motorpoint devices`, in quotes if it is all digits"))
        }
        return id
    }

    private static func firmware(
        _ root: FileMapping, _ stimulator: StimulatorKind, into problems: inout ProblemList
    ) throws(FileProblem) -> [DeviceVersion] {
        var versions: [DeviceVersion] = []
        for text in try root.texts("allowed_firmware") {
            if stimulator == .pulsePal {
                if let version = NeedleRigReading.firmware(text, root, into: &problems) { versions.append(version) }
                continue
            }
            guard let version = DeviceVersion(text: text) else {
                problems.add(
                    root.problem(
                        "allowed_firmware", "`\(text)` is no version",
                        limit: "three numbers of 0 to 255 with points between", hint: "such as 1.2.3"))
                continue
            }
            versions.append(version)
        }
        return versions
    }

    private static func limits(_ root: FileMapping) throws(FileProblem) -> RigLimits {
        guard root.has("limits") else { return .none }
        let limits = try root.mapping("limits")
        func value(_ key: String) throws(FileProblem) -> Int32? { limits.has(key) ? try limits.number32(key) : nil }
        return RigLimits(
            maximumAmplitude: try value("maximum_amplitude_ma").map { Current(microamperes: $0) },
            longestPhase: try value("longest_phase_us").map { PhaseDuration(microseconds: $0) },
            highestFrequency: try value("highest_frequency_hz").map { Frequency(millihertz: $0) })
    }
}

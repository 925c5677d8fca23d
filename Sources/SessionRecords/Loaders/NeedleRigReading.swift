internal import CareModel

/// The part of a rig file that only a needle rig has. Every mistake is an error before anything opens.
enum NeedleRigReading {
    static let mappings: [String: [KeyRule]] = [
        "isolator": [
            .required("name", .text), .required("full_scale_input_v", .number(.count, lowest: 1, highest: 10)),
            .required("full_scale_output_ma", .number(.milliamperes, lowest: 1_000, highest: 50_000)),
        ],
        "interlock": [
            .required("chip", .text), .required("heartbeat", .text), .required("enable", .text),
            .required("emergency_stop", .mapping("button")), .required("patient_button", .mapping("button")),
            .required("relay_readback", .mapping("readback")),
        ],
        "button": [
            .required("line", .text), .required("bias", .word(WireBias.allCases.map(\.rawValue))),
            .required("pressed_when", .word(PinLevelWord.allCases.map(\.rawValue))),
        ],
        "readback": [
            .required("line", .text), .required("bias", .word(WireBias.allCases.map(\.rawValue))),
            .required("closed_when", .word(PinLevelWord.allCases.map(\.rawValue))),
        ],
        "comparator": [
            .required("line", .text), .required("bias", .word(WireBias.allCases.map(\.rawValue))),
            .required("seen_when", .word(PinLevelWord.allCases.map(\.rawValue))),
        ],
        "output": [
            .required("trigger", .text), .required("pulse_seen", .mapping("comparator")),
        ],
    ]

    /// The board's drop-out is 50 ms at most and 40 at least; this leaves it a margin (proposal).
    private static let longestLateness: Int64 = 30
    private static let keys = ["isolator", "interlock", "first_output"]

    /// Nothing for a rig without needles.
    static func read(
        _ root: FileMapping, _ stimulator: StimulatorKind, into problems: inout ProblemList
    ) throws(FileProblem) -> NeedleRigParts? {
        guard stimulator == .pulsePal else {
            root.check(
                demand: [], forbid: keys + ["second_output", "usb_serial_number"],
                because: "on a \(stimulator.rawValue) rig",
                into: &problems)
            checkWord(root, "patient_stop", "usb_power_button", "a \(stimulator.rawValue) rig", into: &problems)
            return nil
        }
        root.check(
            demand: keys + ["usb_serial_number", "lateness_tolerance_ms"], forbid: ["device_id"],
            because: "on a needle rig", into: &problems)
        if root.has("lateness_tolerance_ms"), try root.number("lateness_tolerance_ms") > longestLateness {
            problems.add(
                root.problem(
                    "lateness_tolerance_ms", "so late that the board's charge pump runs empty meanwhile",
                    limit: "at most \(longestLateness) ms", hint: "the pump holds for 40 to 50 ms without a heartbeat"))
        }
        root.check(
            demand: root.has("second_channel") ? ["second_output"] : [],
            forbid: root.has("second_channel") ? [] : ["second_output"],
            because: root.has("second_channel") ? "beside second_channel" : "without second_channel", into: &problems)
        checkWord(root, "patient_stop", "interlock_button", "a needle rig", into: &problems)
        // decided.md, Loop: the needle rig refuses to arm without real-time scheduling and locked memory.
        checkWord(root, "real_time", "required", "a needle rig", into: &problems)
        try checkChannels(root, into: &problems)
        guard keys.allSatisfy(root.has), !root.has("second_channel") || root.has("second_output") else { return nil }
        try checkIsolator(try root.mapping("isolator"), into: &problems)
        let second = root.has("second_output") ? try root.mapping("second_output") : nil
        let parts = NeedleRigParts(
            usbSerialNumber: root.has("usb_serial_number") ? try root.text("usb_serial_number") : "",
            isolator: try root.mapping("isolator").text("name"),
            interlock: try interlock(try root.mapping("interlock"), into: &problems),
            first: try output(try root.mapping("first_output")),
            second: try second.map { mapping throws(FileProblem) in try output(mapping) })
        checkRoles(parts, root, into: &problems)
        return parts
    }

    /// A Pulse Pal's firmware is one number; it is kept as the first of three.
    static func firmware(_ text: String, _ root: FileMapping, into problems: inout ProblemList) -> DeviceVersion? {
        if text == "21" || text == "22", let number = UInt8(text) {
            return DeviceVersion(major: number, minor: 0, revision: 0)
        }
        problems.add(
            root.problem(
                "allowed_firmware", "`\(text)` is no firmware of a Pulse Pal that this program knows",
                limit: "21 or 22",
                hint: "write the number that the handshake tells"))
        return nil
    }

    private static func checkWord(
        _ root: FileMapping, _ key: String, _ wanted: String, _ rig: String, into problems: inout ProblemList
    ) {
        guard let word = try? root.text(key), word != wanted else { return }
        problems.add(
            root.problem(key, "`\(word)` is not for \(rig)", limit: "\(wanted)", hint: "write `\(wanted)`"))
    }

    private static func checkChannels(_ root: FileMapping, into problems: inout ProblemList) throws(FileProblem) {
        for key in ["channel", "second_channel"] where root.has(key) {
            guard try root.number(key) > 2 else { continue }
            problems.add(
                root.problem(
                    key, "a needle rig has two outputs", limit: "at most 2", hint: "each has a trigger input of its own"
                ))
        }
        if try root.number("wire_major") != 2 {
            problems.add(
                root.problem(
                    "wire_major", "this program speaks to a Pulse Pal 2", limit: "2",
                    hint: "a Pulse Pal 1 has another wire"))
        }
    }

    /// The profile fixes the isolator at ±10 V in = ±10 mA out, so that the Pulse Pal's full scale is the ceiling.
    private static func checkIsolator(_ isolator: FileMapping, into problems: inout ProblemList) throws(FileProblem) {
        if try isolator.number("full_scale_input_v") != 10 {
            problems.add(
                isolator.problem(
                    "full_scale_input_v", "another input range than the profile's", limit: "10",
                    hint: "set the isolator to 10 V in = 10 mA out"))
        }
        if try isolator.number("full_scale_output_ma") != 10_000 {
            problems.add(
                isolator.problem(
                    "full_scale_output_ma",
                    "another output range than the profile's: full scale must be the 10 mA ceiling",
                    limit: "10 mA", hint: "set the isolator to 10 V in = 10 mA out"))
        }
    }

    private static func interlock(
        _ mapping: FileMapping, into problems: inout ProblemList
    ) throws(FileProblem) -> InterlockLines {
        InterlockLines(
            chip: try mapping.text("chip"), heartbeat: try mapping.text("heartbeat"),
            enable: try mapping.text("enable"),
            emergencyStop: try button(try mapping.mapping("emergency_stop"), into: &problems),
            patientButton: try button(try mapping.mapping("patient_button"), into: &problems),
            relayReadback: try input(try mapping.mapping("relay_readback"), "closed_when"))
    }

    private static func input(_ mapping: FileMapping, _ level: String) throws(FileProblem) -> RigInputLine {
        RigInputLine(
            name: try mapping.text("line"), bias: try mapping.choice("bias", WireBias.init(rawValue:)),
            assertedLevel: try mapping.choice(level, PinLevelWord.init(rawValue:)))
    }

    /// Both buttons are normally closed: the bias must pull a broken wire to the level that means "pressed".
    private static func button(
        _ mapping: FileMapping, into problems: inout ProblemList
    ) throws(FileProblem) -> RigInputLine {
        let line = try input(mapping, "pressed_when")
        switch (line.bias, line.assertedLevel) {
        case (.pullDown, .low), (.pullUp, .high): break
        case (.external, _):
            problems.add(
                mapping.problem(
                    "bias", "a broken wire would leave this normally closed button at no level",
                    limit: "pull_up or pull_down", hint: "pull it to the level of `pressed_when`"))
        case (.pullUp, .low), (.pullDown, .high):
            problems.add(
                mapping.problem(
                    "pressed_when",
                    "wrong polarity for a normally closed button: a broken wire would read as not pressed",
                    limit: line.bias == .pullUp ? "high with pull_up" : "low with pull_down",
                    hint: "turn `bias` or `pressed_when` round, and the wiring with it"))
        }
        return line
    }

    private static func output(_ mapping: FileMapping) throws(FileProblem) -> NeedleOutput {
        NeedleOutput(
            trigger: try mapping.text("trigger"), pulseSeen: try input(try mapping.mapping("pulse_seen"), "seen_when"))
    }

    private static func checkRoles(_ parts: NeedleRigParts, _ root: FileMapping, into problems: inout ProblemList) {
        var seen: [String: String] = [:]
        for line in parts.lines {
            if let other = seen[line.name] {
                problems.add(
                    FileProblem(
                        file: root.file, line: root.line, key: line.key, limit: "one role for a line",
                        setBy: "file format", message: "line `\(line.name)` is already `\(other)`",
                        hint: "give each role a line of its own"))
            }
            seen[line.name] = line.key
        }
    }
}

public import Calibration
internal import CareModel

/// Reads instrument profiles (`Hardware/instruments`).
public enum InstrumentLoader {
    public static let format = "motorpoint-instrument-1"

    public static let grammar = FileGrammar(
        root: "instrument",
        mappings: [
            "instrument": [
                .required("format", .word([format])), .required("id", .text), .required("title", .text),
                .required("identity", .text), .required("volts_command", .text), .required("seconds_command", .text),
                .required("divisions_up", .number(.count, lowest: 2, highest: 20)),
                .required("divisions_across", .number(.count, lowest: 4, highest: 20)),
                .required("settling_ms", .number(.milliseconds, lowest: 0, highest: 10_000)),
                .required("queries", .mapping("queries")),
            ],
            "queries": InstrumentQuantity.allCases.map { .required($0.rawValue, .text) },
        ])

    public static func load(path: String) throws(FileProblems) -> InstrumentProfile {
        let file = try FileLoading.read(path)
        let (profile, line) = try parse(file.text, file: path)
        try FileLoading.checkName(of: path, id: profile.id, line: line)
        return profile
    }

    /// A profile from its text, and the line of its id.
    public static func parse(
        _ text: String, file: String
    ) throws(FileProblems) -> (InstrumentProfile, line: Int?) {
        try FileLoading.parse(text, file: file, grammar: grammar) { root, lines, problems throws(FileProblem) in
            if let problem = FileLoading.idProblem(root) { problems.add(problem) }
            for key in ["volts_command", "seconds_command"] where !(try root.text(key)).contains("{}") {
                problems.add(
                    root.problem(key, "no place for the number", limit: "one {}", hint: "such as :CHANnel1:SCALe {}"))
            }
            let mapping = try root.mapping("queries")
            var queries: [InstrumentQuantity: String] = [:]
            for quantity in InstrumentQuantity.allCases { queries[quantity] = try mapping.text(quantity.rawValue) }
            let profile = InstrumentProfile(
                id: try root.text("id"), title: try root.text("title"), identity: try root.text("identity"),
                voltsCommand: try root.text("volts_command"), secondsCommand: try root.text("seconds_command"),
                divisionsUp: try root.number32("divisions_up"), divisionsAcross: try root.number32("divisions_across"),
                queries: queries, settlingMilliseconds: try root.number32("settling_ms"))
            return (profile, line: lines["id"])
        }
    }
}

/// Reads a technician's bench file (`Hardware/benches`).
public enum WorkbenchLoader {
    public static let format = "motorpoint-bench-1"

    public static let grammar = FileGrammar(
        root: "bench",
        mappings: [
            "bench": [
                .required("format", .word([format])), .required("id", .text), .required("title", .text),
                .required("instrument", .mapping("instrument")), .required("loads", .list("load")),
            ],
            "instrument": [
                .optional("profile", .text), .required("model", .text), .required("serial_number", .text),
                .required("calibrated_on", .text), .required("holds_until", .text),
                .required("expanded_ppm", .number(.count, lowest: 1, highest: 100_000)),
                .required("expanded_uv", .number(.count, lowest: 0, highest: 1_000_000)),
            ],
            "load": [
                .required("asset", .text), .required("ohms", .number(.count, lowest: 100, highest: 20_000)),
                .required("tolerance_percent", .number(.percent, lowest: 0, highest: 50)),
                .required("rated_mw", .number(.count, lowest: 50, highest: 1_000_000)),
            ],
        ])

    public static func load(path: String) throws(FileProblems) -> Workbench {
        let file = try FileLoading.read(path)
        let (bench, line) = try parse(file.text, file: path)
        try FileLoading.checkName(of: path, id: bench.id, line: line)
        return bench
    }

    /// A bench from its text, and the line of its id.
    public static func parse(_ text: String, file: String) throws(FileProblems) -> (Workbench, line: Int?) {
        try FileLoading.parse(text, file: file, grammar: grammar) { root, lines, problems throws(FileProblem) in
            if let problem = FileLoading.idProblem(root) { problems.add(problem) }
            let mapping = try root.mapping("instrument")
            let instrument = CalibrationInstrument(
                source: mapping.has("profile") ? .instrument : .typed, model: try mapping.text("model"),
                serialNumber: try mapping.text("serial_number"),
                calibratedOn: try day("calibrated_on", mapping, &problems),
                holdsUntil: try day("holds_until", mapping, &problems),
                expandedPartsPerMillion: try mapping.number32("expanded_ppm"),
                expandedMicrovolts: try mapping.number32("expanded_uv"))
            var loads: [CalibrationLoad] = []
            for load in try root.list("loads") {
                let ohms = try load.number32("ohms")
                if loads.contains(where: { $0.ohms == ohms }) {
                    problems.add(load.problem("ohms", "a second load of \(ohms) Ω", hint: "keep one of each"))
                }
                loads.append(
                    CalibrationLoad(
                        assetNumber: try load.text("asset"), ohms: ohms,
                        tolerancePermille: try load.number32("tolerance_percent"),
                        ratedMilliwatts: try load.number32("rated_mw")))
            }
            let bench = Workbench(
                id: try root.text("id"), title: try root.text("title"),
                profile: mapping.has("profile") ? try mapping.text("profile") : nil, instrument: instrument,
                loads: loads)
            return (bench, line: lines["id"])
        }
    }

    private static func day(
        _ key: String, _ mapping: FileMapping, _ problems: inout ProblemList
    ) throws(FileProblem) -> CalendarDay {
        let text = try mapping.text(key)
        if let day = CalendarDay(text: text) { return day }
        problems.add(
            mapping.problem(key, "no day of the calendar", limit: "YYYY-MM-DD", hint: "such as 2026-11-20"))
        return .latest
    }
}

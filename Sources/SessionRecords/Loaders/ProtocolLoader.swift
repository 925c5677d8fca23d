public import CareModel
internal import StimulusModel

/// A protocol with the very text that it was read from: a session's record keeps both (H19).
public struct LoadedProtocol: Equatable, Sendable {
    public let content: TreatmentProtocol
    /// As named when it was loaded.
    public let path: String
    /// The whole file.
    public let text: String
    /// Hash of the file's bytes.
    public let sha256: Digest

    /// For the record.
    public var recorded: RecordedFile {
        RecordedFile(id: content.id, version: content.version, path: path, sha256: sha256, text: text)
    }

    /// A refusal of one of the protocol's numbers as a problem with its file.
    public func problem(
        _ key: ProtocolKey, value: String, limit: String, setBy: String, message: String, hint: String
    ) -> FileProblem {
        FileProblem(
            file: path, line: content.line(of: key), key: key.rawValue, value: value, limit: limit, setBy: setBy,
            message: message, hint: hint)
    }
}

/// Reads treatment protocols. It checks form, units and the ranges of the grammar; whether a dose may be delivered is
/// for the safety kernel to say.
public enum ProtocolLoader {
    /// One file. Its name must be the protocol's id with `.yaml`.
    public static func load(path: String) throws(FileProblems) -> LoadedProtocol {
        let file = try FileLoading.read(path)
        let content = try parse(file.text, file: path)
        try FileLoading.checkName(of: path, id: content.id, line: content.sourceMap["id"])
        return LoadedProtocol(content: content, path: path, text: file.text, sha256: file.sha256)
    }

    /// A protocol from its text.
    /// - Parameter file: the name that problems carry.
    public static func parse(_ text: String, file: String) throws(FileProblems) -> TreatmentProtocol {
        try FileLoading.parse(text, file: file, grammar: grammar) { root, lines, problems throws(FileProblem) in
            try checkSense(root, into: &problems)
            // Without the keys that the sense demands there is nothing to build.
            if let first = problems.found.first { throw first }
            return try build(root, lines: lines)
        }
    }

    /// What the keys demand of one another.
    private static func checkSense(_ root: FileMapping, into problems: inout ProblemList) throws(FileProblem) {
        if let problem = FileLoading.idProblem(root) { problems.add(problem) }
        let pattern = try root.mapping("pattern")
        let pulse = try root.mapping("pulse")
        let kind = try pattern.text("kind")
        let wanted = patternKinds.first { $0.kind == kind }?.keys ?? []
        let others = Set(patternKinds.flatMap(\.keys)).subtracting(wanted).sorted()
        pattern.check(demand: wanted, forbid: others, because: "when `kind` is \(kind)", into: &problems)
        let isSearch = try root.text("stage") == CareStage.search.name
        let treatmentKeys = ["phase_duration_us", "interphase_gap_us"]
        pulse.check(
            demand: isSearch ? [] : treatmentKeys, forbid: isSearch ? treatmentKeys : [],
            because: isSearch
                ? "in a search: it uses the phase duration of the treatment that it is for" : "in a treatment",
            into: &problems)
        if isSearch, kind != "continuous" {
            problems.add(
                pattern.problem("kind", "a search is one continuous train", hint: "write `kind: continuous`"))
        }
        let evidence = try root.mapping("evidence")
        let isDemonstration = root.has("demonstration") ? try root.truth("demonstration") : false
        let treatsNobody = isSearch || isDemonstration
        if treatsNobody != (try evidence.text("pfp_benefit") == Certainty.notApplicable.rawValue) {
            problems.add(
                evidence.problem(
                    "pfp_benefit",
                    treatsNobody
                        ? "a search or demonstration treats nobody" : "a treatment must say how sure its benefit is",
                    hint: treatsNobody ? "write `not_applicable`" : "write how sure the sources are, or very_low"))
        }
        try checkRanges(root, into: &problems)
    }

    /// Ranges that contradict themselves or the value that they are about.
    private static func checkRanges(_ root: FileMapping, into problems: inout ProblemList) throws(FileProblem) {
        for shape in numberShapes {
            let group = try root.mapping(shape.mapping)
            guard group.has(shape.name) else { continue }
            let number = try group.mapping(shape.name)
            let value = try number.number("value")
            if number.has("recommended_lowest"), try number.number("recommended_lowest") > value {
                let lowest = try number.number("recommended_lowest")
                problems.add(
                    number.problem(
                        "recommended_lowest", "above the value itself", limit: "at most \(shape.unit.text(value))",
                        hint: "the value must lie within the range; found \(shape.unit.text(lowest))"))
            }
            if number.has("recommended_highest"), try number.number("recommended_highest") < value {
                let highest = try number.number("recommended_highest")
                problems.add(
                    number.problem(
                        "recommended_highest", "below the value itself", limit: "at least \(shape.unit.text(value))",
                        hint: "the value must lie within the range; found \(shape.unit.text(highest))"))
            }
        }
        let intensity = try root.mapping("intensity")
        let cap = try root.mapping("pulse").mapping("maximum_amplitude_ma").number("value")
        var upper = cap
        if intensity.has("typical_highest_ma") {
            let highest = try intensity.mapping("typical_highest_ma").number("value")
            if highest > cap {
                problems.add(
                    intensity.problem(
                        "typical_highest_ma", "above the protocol's own cap",
                        limit: "at most \(QuantityUnit.milliamperes.text(cap))", hint: "lower it"))
            }
            upper = highest
        }
        if intensity.has("typical_lowest_ma"), try intensity.mapping("typical_lowest_ma").number("value") > upper {
            problems.add(
                intensity.problem(
                    "typical_lowest_ma", "above the upper end of its range",
                    limit: "at most \(QuantityUnit.milliamperes.text(upper))", hint: "lower it"))
        }
    }

    private static func build(_ root: FileMapping, lines: [String: Int]) throws(FileProblem) -> TreatmentProtocol {
        let muscle = try root.choice("muscle", TargetMuscle.init(name:))
        let stage = try root.choice("stage", CareStage.init(name:))
        let kind = try root.choice("electrode", ElectrodeKind.init(name:))
        let intensity = try root.mapping("intensity")
        let sessions = try root.mapping("sessions")
        var spacing: Int32?
        if sessions.has("recommended_spacing_h") {
            spacing = try sessions.mapping("recommended_spacing_h").number32("value")
        }
        return TreatmentProtocol(
            id: try root.text("id"), version: try root.number32("version"), title: try root.text("title"),
            muscle: muscle, stage: stage, electrodeKind: kind,
            isDemonstration: root.has("demonstration") ? try root.truth("demonstration") : false,
            summary: try root.text("summary"), placement: try root.text("placement"),
            intensityRule: try intensity.text("rule"), sessionsRule: try sessions.text("rule"),
            plan: try plan(root, muscle: muscle, stage: stage, kind: kind), recommendedSpacingHours: spacing,
            evidence: try evidence(root.mapping("evidence")), numbers: try numbers(root), sourceMap: lines)
    }

    private static func plan(
        _ root: FileMapping, muscle: TargetMuscle, stage: CareStage, kind: ElectrodeKind
    ) throws(FileProblem) -> ProtocolPlan {
        let pulse = try root.mapping("pulse")
        let pattern = try root.mapping("pattern")
        let frequency = Frequency(millihertz: try value(pulse, "frequency_hz"))
        let cap = Current(microamperes: try value(pulse, "maximum_amplitude_ma"))
        if stage == .search {
            return .search(
                SearchPlan(
                    frequency: frequency, maximumAmplitude: cap, milliseconds: try value(pattern, "duration_s")))
        }
        return .treatment(
            Dose(
                electrodeKind: kind, muscle: muscle, stage: stage, pattern: try shape(pattern), frequency: frequency,
                phaseDuration: PhaseDuration(microseconds: try value(pulse, "phase_duration_us")),
                interphaseGap: PhaseDuration(microseconds: try value(pulse, "interphase_gap_us")),
                maximumAmplitude: cap,
                amplitudeStep: TreatmentProtocol.amplitudeStep(electrodeKind: kind, stage: stage)))
    }

    private static func shape(_ pattern: FileMapping) throws(FileProblem) -> Pattern {
        switch try pattern.text("kind") {
        case "contractions":
            let cycle = ContractionCycle(
                rampUpMilliseconds: try value(pattern, "ramp_up_s"),
                plateauMilliseconds: try value(pattern, "plateau_s"),
                rampDownMilliseconds: try value(pattern, "ramp_down_s"),
                restMilliseconds: try value(pattern, "rest_s"))
            return .contractions(cycle, count: try value(pattern, "contractions"))
        case "burst":
            return .burst(
                milliseconds: try value(pattern, "duration_s"), burstMilliseconds: try value(pattern, "burst_s"),
                intervalMilliseconds: try value(pattern, "interval_s"))
        case "dense_disperse":
            return .denseDisperse(
                milliseconds: try value(pattern, "duration_s"), denseMilliseconds: try value(pattern, "dense_s"),
                sparseFrequency: Frequency(millihertz: try value(pattern, "sparse_frequency_hz")),
                sparseMilliseconds: try value(pattern, "sparse_s"))
        default:
            return .continuous(milliseconds: try value(pattern, "duration_s"))
        }
    }

    private static func value(_ group: FileMapping, _ key: String) throws(FileProblem) -> Int32 {
        try group.mapping(key).number32("value")
    }

    private static func evidence(_ mapping: FileMapping) throws(FileProblem) -> ProtocolEvidence {
        ProtocolEvidence(
            parameters: try mapping.choice("parameters", Certainty.init(rawValue:)),
            parametersSource: try mapping.text("parameters_source"),
            patellofemoralBenefit: try mapping.choice("pfp_benefit", Certainty.init(rawValue:)),
            patellofemoralBenefitSource: try mapping.text("pfp_benefit_source"),
            statement: try mapping.text("statement"))
    }

    private static func numbers(_ root: FileMapping) throws(FileProblem) -> [NumberEvidence] {
        var numbers: [NumberEvidence] = []
        for shape in numberShapes {
            let group = try root.mapping(shape.mapping)
            guard group.has(shape.name) else { continue }
            let number = try group.mapping(shape.name)
            numbers.append(
                NumberEvidence(
                    key: shape.key, stored: try number.number("value"), unit: shape.unit,
                    certainty: try number.choice("certainty", Certainty.init(rawValue:)),
                    source: try number.text("source"),
                    recommendedLowest: number.has("recommended_lowest")
                        ? try number.number("recommended_lowest") : nil,
                    recommendedHighest: number.has("recommended_highest")
                        ? try number.number("recommended_highest") : nil))
        }
        return numbers
    }
}

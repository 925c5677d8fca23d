internal import CareModel
internal import StimulusModel

extension ProtocolLoader {
    /// What a file says of itself, so that a later form cannot be mistaken for this one.
    public static let format = "motorpoint-protocol-1"

    // The largest numbers that the form takes: far above every limit, and far below where arithmetic could overflow.
    // Whether a number may be delivered is the safety kernel's question, not this one's (proposal).
    private static let amplitude = KeyShape.evidenced(.milliamperes, lowest: 1, highest: 1_000_000)
    private static let time = KeyShape.evidenced(.seconds, lowest: 0, highest: 86_400_000)
    private static let positiveTime = KeyShape.evidenced(.seconds, lowest: 1, highest: 86_400_000)

    /// What each kind of pattern must say, and nothing else. `frequency_hz` of the pulse is the rate of the
    /// contraction, of the burst, and of the dense part.
    static let patternKinds: [(kind: String, keys: [String])] = [
        ("contractions", ["ramp_up_s", "plateau_s", "ramp_down_s", "rest_s", "contractions"]),
        ("continuous", ["duration_s"]),
        ("burst", ["duration_s", "burst_s", "interval_s"]),
        ("dense_disperse", ["duration_s", "dense_s", "sparse_s", "sparse_frequency_hz"]),
    ]

    /// The keys of a protocol file.
    public static let grammar = FileGrammar(
        root: "protocol",
        mappings: [
            "protocol": [
                .required("format", .word([format])), .required("id", .text),
                .required("version", .number(.count, lowest: 1, highest: 1_000_000)), .required("title", .text),
                .required("muscle", .word(TargetMuscle.all.map(\.name))),
                .required("stage", .word(CareStage.all.map(\.name))),
                .required("electrode", .word(ElectrodeKind.all.map(\.name))), .optional("demonstration", .truth),
                .required("summary", .text), .required("placement", .text), .required("pattern", .mapping("pattern")),
                .required("pulse", .mapping("pulse")), .required("intensity", .mapping("intensity")),
                .required("sessions", .mapping("sessions")), .required("evidence", .mapping("evidence")),
            ],
            "pattern": [
                .required("kind", .word(patternKinds.map(\.kind))), .optional("ramp_up_s", time),
                .optional("plateau_s", positiveTime), .optional("ramp_down_s", time), .optional("rest_s", time),
                .optional("contractions", .evidenced(.count, lowest: 1, highest: 10_000)),
                .optional("duration_s", positiveTime), .optional("burst_s", positiveTime),
                .optional("interval_s", positiveTime), .optional("dense_s", positiveTime),
                .optional("sparse_s", positiveTime),
                .optional("sparse_frequency_hz", .evidenced(.hertz, lowest: 1, highest: 10_000_000)),
            ],
            "pulse": [
                .required("frequency_hz", .evidenced(.hertz, lowest: 1, highest: 10_000_000)),
                .optional("phase_duration_us", .evidenced(.microseconds, lowest: 1, highest: 100_000)),
                .optional("interphase_gap_us", .evidenced(.microseconds, lowest: 0, highest: 100_000)),
                .required("maximum_amplitude_ma", amplitude),
            ],
            "intensity": [
                .required("rule", .text), .optional("typical_lowest_ma", amplitude),
                .optional("typical_highest_ma", amplitude),
            ],
            "sessions": [
                .required("rule", .text),
                .optional("recommended_spacing_h", .evidenced(.hours, lowest: 1, highest: 10_000)),
            ],
            "evidence": [
                .required("parameters", .word(Certainty.allCases.map(\.rawValue))),
                .required("parameters_source", .text),
                .required("pfp_benefit", .word(Certainty.allCases.map(\.rawValue))),
                .required("pfp_benefit_source", .text), .required("statement", .text),
            ],
            "number": FileGrammar.evidencedNumber(.count, lowest: 0, highest: Int64.max),
        ])

    /// The unit and place of each number.
    static let numberShapes: [(key: ProtocolKey, mapping: String, name: String, unit: QuantityUnit)] =
        ProtocolKey.allCases.compactMap { key in
            let parts = key.rawValue.split(separator: ".").map(String.init)
            guard parts.count == 2, let rule = grammar.mappings[parts[0]]?.first(where: { $0.name == parts[1] }),
                case .evidenced(let unit, _, _) = rule.shape
            else { return nil }
            return (key, parts[0], parts[1], unit)
        }
}

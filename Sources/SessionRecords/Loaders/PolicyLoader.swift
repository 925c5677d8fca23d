public import CareModel

/// Reads the clinic's policy.
public enum PolicyLoader {
    public static let format = "motorpoint-policy-1"

    /// The keys of a policy file.
    public static let grammar = FileGrammar(
        root: "policy",
        mappings: [
            "policy": [
                .required("format", .word([format])), .required("second_person", .mapping("second_person")),
            ],
            "second_person": [.required("needle_sessions", .word(["required", "off"]))],
        ])

    public static func load(path: String) throws(FileProblems) -> ClinicPolicy {
        try parse(try FileLoading.read(path).text, file: path)
    }

    /// A policy from its text.
    public static func parse(_ text: String, file: String) throws(FileProblems) -> ClinicPolicy {
        try FileLoading.parse(text, file: file, grammar: grammar) { root, _, _ throws(FileProblem) in
            ClinicPolicy(
                needsSecondPersonForNeedles: try root.mapping("second_person").text("needle_sessions") == "required")
        }
    }
}

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
                .optional("calibration", .mapping("calibration")), .optional("keys", .list("key")),
            ],
            "second_person": [.required("needle_sessions", .word(["required", "off"]))],
            "calibration": [
                .required(
                    "tolerance_percent",
                    .number(.percent, lowest: 10, highest: Int64(ClinicPolicy.widestTolerancePermille)))
            ],
            "key": [
                .required("id", .text), .required("holder", .text),
                .required("role", .word(KeyRole.allCases.map(\.rawValue))), .required("public_key", .text),
                .required("valid_from", .text), .required("valid_until", .text), .optional("revoked_on", .text),
            ],
        ])

    public static func load(path: String) throws(FileProblems) -> ClinicPolicy {
        try parse(try FileLoading.read(path).text, file: path)
    }

    /// A policy from its text.
    public static func parse(_ text: String, file: String) throws(FileProblems) -> ClinicPolicy {
        try FileLoading.parse(text, file: file, grammar: grammar) { root, _, problems throws(FileProblem) in
            var tolerance = ClinicPolicy.widestTolerancePermille
            if root.has("calibration") { tolerance = try root.mapping("calibration").number32("tolerance_percent") }
            return ClinicPolicy(
                needsSecondPersonForNeedles: try root.mapping("second_person").text("needle_sessions") == "required",
                calibrationTolerancePermille: tolerance,
                keys: root.has("keys") ? try keys(try root.list("keys"), into: &problems) : [])
        }
    }

    private static func keys(
        _ list: [FileMapping], into problems: inout ProblemList
    ) throws(FileProblem) -> [TrustedKey] {
        var keys: [TrustedKey] = []
        for mapping in list {
            let id = try mapping.text("id")
            if !KeyName.isGood(id) {
                problems.add(
                    mapping.problem("id", "no key id", limit: KeyName.words, hint: "such as technician-ab-2026"))
            }
            if keys.contains(where: { $0.id == id }) {
                problems.add(
                    mapping.problem(
                        "id", "this id stands in another key as well", hint: "each key has an id of its own"
                    ))
            }
            let bytes = HexText.bytes(try mapping.text("public_key"))
            if bytes?.count != PublicKey.byteCount {
                problems.add(
                    mapping.problem(
                        "public_key", "no Ed25519 key", limit: "64 hexadecimal digits",
                        hint: "copy it from the key's .pub file, in quotes if it is all digits"))
            }
            let from = try day(mapping, "valid_from", into: &problems)
            let until = try day(mapping, "valid_until", into: &problems)
            if until < from {
                problems.add(mapping.problem("valid_until", "before `valid_from`", hint: "turn the two days round"))
            }
            keys.append(
                TrustedKey(
                    id: id, holder: try mapping.text("holder"),
                    role: try mapping.choice("role", KeyRole.init(rawValue:)), publicKey: bytes ?? [],
                    validFrom: from, validUntil: until,
                    revokedOn: mapping.has("revoked_on") ? try day(mapping, "revoked_on", into: &problems) : nil))
        }
        return keys
    }

    private static func day(
        _ mapping: FileMapping, _ key: String, into problems: inout ProblemList
    ) throws(FileProblem) -> CalendarDay {
        if let day = CalendarDay(text: try mapping.text(key)) { return day }
        problems.add(
            mapping.problem(key, "no day of the calendar", limit: "YYYY-MM-DD", hint: "such as \"2026-11-20\""))
        return .latest
    }
}

public import CareModel

/// What stands behind a key.
public enum KeyShape: Equatable, Sendable {
    case text
    /// One of these words.
    case word([String])
    /// `true` or `false`, nothing else that some reader takes for a truth value.
    case truth
    /// A bare number in this unit, from `lowest` to `highest` of the stored unit.
    case number(QuantityUnit, lowest: Int64, highest: Int64)
    /// A bare whole number that may be negative, of `bits` bits. Its unit stands in the key's name: for files that the
    /// program writes itself.
    case whole(bits: Int)
    /// A mapping `number`: the value with its certainty and source, in this unit.
    case evidenced(QuantityUnit, lowest: Int64, highest: Int64)
    /// A mapping of the grammar of this name.
    case mapping(String)
    /// A list of mappings of the grammar of this name, not empty.
    case list(String)
    /// A list of texts, not empty.
    case texts
}

/// One key of a mapping.
public struct KeyRule: Equatable, Sendable {
    public let name: String
    /// A key that is not required may still be demanded, or forbidden, by another key's value.
    public let isRequired: Bool
    public let shape: KeyShape

    static func required(_ name: String, _ shape: KeyShape) -> KeyRule {
        KeyRule(name: name, isRequired: true, shape: shape)
    }

    static func optional(_ name: String, _ shape: KeyShape) -> KeyRule {
        KeyRule(name: name, isRequired: false, shape: shape)
    }
}

/// The keys of one kind of file, as data: the loader reads by it, and a test holds it against the JSON Schema.
public struct FileGrammar: Sendable {
    /// The name of the outermost mapping.
    public let root: String
    /// Every mapping by its name, as under `$defs` of the schema.
    public let mappings: [String: [KeyRule]]

    /// The mapping behind a number with evidence; the unit stands in the key that holds it.
    static func evidencedNumber(_ unit: QuantityUnit, lowest: Int64, highest: Int64) -> [KeyRule] {
        [
            .required("value", .number(unit, lowest: lowest, highest: highest)),
            .required("certainty", .word(Certainty.allCases.map(\.rawValue))),
            .required("source", .text),
            .optional("recommended_lowest", .number(unit, lowest: lowest, highest: highest)),
            .optional("recommended_highest", .number(unit, lowest: lowest, highest: highest)),
        ]
    }
}

import Foundation
import SessionRecords
import Testing

/// The JSON Schemas serve editors, the grammars serve the loaders: neither may know a key that the other does not.
@Suite("Schemas and grammars know the same keys")
struct SchemaTests {
    static let pairs: [(schema: String, grammar: FileGrammar)] = [
        ("protocol", ProtocolLoader.grammar), ("checklist", ChecklistLoader.grammar), ("rig", RigLoader.grammar),
    ]

    @Test("Same mappings, same keys, same required keys, no others allowed", arguments: pairs.indices)
    func sameKeys(index: Int) throws {
        let pair = Self.pairs[index]
        let data = try Data(
            contentsOf: URL(fileURLWithPath: packageFolder + "/Protocols/schema/\(pair.schema).schema.json"))
        let schema = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(schema["$ref"] as? String == "#/$defs/\(pair.grammar.root)")
        let definitions = try #require(schema["$defs"] as? [String: [String: Any]])
        #expect(Set(definitions.keys) == Set(pair.grammar.mappings.keys))
        for (name, rules) in pair.grammar.mappings {
            let definition = try #require(definitions[name])
            let properties = try #require(definition["properties"] as? [String: [String: Any]])
            #expect(Set(properties.keys) == Set(rules.map(\.name)), "keys of \(name)")
            let required = try #require(definition["required"] as? [String])
            #expect(Set(required) == Set(rules.filter(\.isRequired).map(\.name)), "required keys of \(name)")
            #expect(definition["additionalProperties"] as? Bool == false, "\(name) is closed")
            for rule in rules {
                if case .word(let words) = rule.shape {
                    let property = try #require(properties[rule.name])
                    let allowed = property["enum"] as? [String] ?? (property["const"] as? String).map { [$0] }
                    #expect(allowed == words, "words of \(name).\(rule.name)")
                }
            }
        }
    }
}

import CareModel
import Foundation
import SessionRecords
import Testing

/// The JSON Schemas serve editors, the grammars serve the loaders: neither may know a key that the other does not.
@Suite("Schemas and grammars know the same keys")
struct SchemaTests {
    static let pairs: [(schema: String, grammar: FileGrammar)] = [
        ("protocol", ProtocolLoader.grammar), ("checklist", ChecklistLoader.grammar), ("rig", RigLoader.grammar),
        ("policy", PolicyLoader.grammar), ("instrument", InstrumentLoader.grammar), ("bench", WorkbenchLoader.grammar),
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

/// An editor with a YAML language server shows what it finds here: every key has to say what it means.
@Suite("Schemas explain every key to an editor")
struct SchemaDescriptionTests {
    private func properties(_ pair: (schema: String, grammar: FileGrammar)) throws -> [String: [String: [String: Any]]]
    {
        let path = packageFolder + "/Protocols/schema/\(pair.schema).schema.json"
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let schema = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let definitions = try #require(schema["$defs"] as? [String: [String: Any]])
        return try definitions.mapValues { try #require($0["properties"] as? [String: [String: Any]]) }
    }

    @Test("Every key has a description, in its unit, and an example", arguments: SchemaTests.pairs.indices)
    func everyKey(index: Int) throws {
        let pair = SchemaTests.pairs[index]
        let properties = try properties(pair)
        var keys = 0
        for (mapping, rules) in pair.grammar.mappings {
            for rule in rules {
                let name = "\(pair.schema): \(mapping).\(rule.name)"
                let property = try #require(properties[mapping]?[rule.name], "\(name)")
                let description = try #require(property["description"] as? String, "\(name) has no description")
                #expect(description.count > 10 && description.hasSuffix("."), "\(name): \(description)")
                expectUnit(rule, description, name)
                try expectExample(rule, property, name)
                keys += 1
            }
        }
        #expect(keys == pair.grammar.mappings.values.reduce(0) { $0 + $1.count })
    }

    /// The description of a number begins with its unit, and says how many decimals it may have.
    private func expectUnit(_ rule: KeyRule, _ description: String, _ name: String) {
        let unit: QuantityUnit
        switch rule.shape {
        case .number(let its, _, _), .evidenced(let its, _, _): unit = its
        default: return
        }
        guard unit != .count else { return }
        #expect(description.lowercased().hasPrefix(unit.words), "\(name): \(description)")
        #expect(rule.name.hasSuffix("_" + unit.rawValue), "\(name) does not end in its unit")
        if unit.decimals > 0 { #expect(description.contains("\(unit.decimals) decimal"), "\(name)") }
    }

    /// An example is one that the loader takes.
    private func expectExample(_ rule: KeyRule, _ property: [String: Any], _ name: String) throws {
        switch rule.shape {
        case .mapping, .list: return
        case .word(let words) where words.count == 1 && property["const"] != nil: return
        default: break
        }
        let examples = try #require(property["examples"] as? [Any], "\(name) has no example")
        #expect(!examples.isEmpty, "\(name)")
        for example in examples {
            switch rule.shape {
            case .word(let words): #expect(words.contains(example as? String ?? ""), "\(name): \(example)")
            case .text: #expect((example as? String)?.isEmpty == false, "\(name): \(example)")
            case .truth: #expect(example is Bool, "\(name): \(example)")
            case .texts: #expect((example as? [String])?.isEmpty == false, "\(name): \(example)")
            case .number(let unit, let lowest, let highest):
                expectNumber(example, unit, lowest...highest, name)
            case .evidenced(let unit, let lowest, let highest):
                let mapping = try #require(example as? [String: Any], "\(name): \(example)")
                #expect(Set(mapping.keys) == ["value", "certainty", "source"], "\(name)")
                #expect(Certainty(rawValue: mapping["certainty"] as? String ?? "") != nil, "\(name)")
                expectNumber(mapping["value"], unit, lowest...highest, name)
            case .whole, .mapping, .list: break
            }
        }
    }

    private func expectNumber(_ example: Any?, _ unit: QuantityUnit, _ range: ClosedRange<Int64>, _ name: String) {
        guard let value = (example as? NSNumber)?.decimalValue else {
            Issue.record("\(name): \(String(describing: example)) is no number")
            return
        }
        let stored = value * pow(Decimal(10), unit.decimals)
        // The value of the neutral mapping `number` has no unit of its own.
        guard !name.contains("number.") else { return }
        #expect(range.contains(NSDecimalNumber(decimal: stored).int64Value), "\(name): \(value)")
    }
}

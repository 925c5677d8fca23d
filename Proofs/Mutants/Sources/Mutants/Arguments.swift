import Foundation
import MutantMaker
import Yams

/// `Docs/safety-case/mutants.yaml`: why each mutant that lives may live.
struct Arguments: Decodable {
    struct Argument: Decodable {
        /// `equivalent`: no caller could tell; `accepted`: one could, and it does not matter, or is not tested.
        let verdict: String
        let because: String
        let mutants: [String]
    }

    /// A module whose survivors are not all argued yet: they are told and counted, and may not become more.
    struct Open: Decodable {
        let module: String
        let most: Int
        let because: String
    }

    let arguments: [Argument]
    let open: [Open]

    static let path = "Docs/safety-case/mutants.yaml"

    static func read() throws -> Arguments {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        do {
            return try YAMLDecoder().decode(Arguments.self, from: text)
        } catch {
            throw Trouble("\(path): \(error)")
        }
    }

    /// The names in a draft: the lines that `--draft` writes.
    static func names(in draft: String) throws -> [String] {
        let text = try String(contentsOfFile: draft, encoding: .utf8)
        return try YAMLDecoder().decode([String].self, from: text)
    }

    /// What is wrong with the file itself.
    var complaints: [String] {
        var found: [String] = []
        var seen: Set<String> = []
        for argument in arguments {
            if !["equivalent", "accepted"].contains(argument.verdict) {
                found.append("verdict '\(argument.verdict)' is neither equivalent nor accepted")
            }
            if argument.because.count < 20 { found.append("an argument says nothing: '\(argument.because)'") }
            if argument.mutants.isEmpty { found.append("an argument is for no mutant: '\(argument.because)'") }
        }
        for key in arguments.flatMap(\.mutants) where !seen.insert(key).inserted {
            found.append("stands twice: \(key)")
        }
        if open.contains(where: { $0.module != "SessionEngine" }) {
            found.append("only SessionEngine may have survivors without an argument")
        }
        return found
    }

    var argued: Set<String> { Set(arguments.flatMap(\.mutants)) }
}

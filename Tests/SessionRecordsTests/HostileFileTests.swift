import CareModel
import Foundation
import SessionRecords
import Testing

/// One way to spoil a file, and what must be said of it.
struct Spoilt: Sendable, CustomTestStringConvertible {
    let name: String
    /// Replaced once, by `with`.
    let replace: String
    let with: String
    /// A piece of the line on which the problem must be reported.
    let line: String
    let key: String?
    let message: String
    let hint: String

    init(
        _ name: String, replace: String, with: String, line: String, key: String? = nil, says message: String,
        hint: String
    ) {
        self.name = name
        self.replace = replace
        self.with = with
        self.line = line
        self.key = key
        self.message = message
        self.hint = hint
    }

    var testDescription: String { name }
}

@Suite("Hostile protocol texts")
struct HostileTextTests {
    static let frequency = "  frequency_hz:\n    value: 35"

    static func value(_ name: String, _ value: String, says message: String, hint: String) -> Spoilt {
        Spoilt(
            name, replace: frequency, with: "  frequency_hz:\n    value: \(value)", line: "    value: \(value)",
            key: "pulse.frequency_hz.value", says: message, hint: hint)
    }

    static let numbers: [Spoilt] = [
        value("not a number", ".nan", says: "not a finite number", hint: "hertz"),
        value("infinity", ".inf", says: "not a finite number", hint: "hertz"),
        value("minus infinity", "-.inf", says: "not a finite number", hint: "hertz"),
        value("1e999", "1e999", says: "exponent", hint: "write the number out"),
        value("1e3", "1e3", says: "exponent", hint: "write the number out"),
        value("3.5E+1", "3.5E+1", says: "exponent", hint: "write the number out"),
        value("hexadecimal", "0x23", says: "hexadecimal", hint: "decimal digits"),
        value("old octal", "035", says: "octal", hint: "without a leading zero"),
        value("new octal", "0o43", says: "octal", hint: "decimal digits"),
        value("binary", "0b100011", says: "octal", hint: "decimal digits"),
        value("sexagesimal", "1:30", says: "not a number", hint: "digits"),
        value("underscore", "3_5", says: "underscores", hint: "without _"),
        value("comma", "3,5", says: "comma", hint: "decimal point"),
        value("plus sign", "+35", says: "sign", hint: "without +"),
        value("negative", "-35", says: "negative", hint: "write the size"),
        value("unit behind the number", "35 Hz", says: "the unit stands in the key", hint: "bare number"),
        value("quoted", "\"35\"", says: "a number in quotes is a text", hint: "without quotes"),
        value("truth value", "true", says: "not a number", hint: "digits"),
        value("null", "~", says: "not a number", hint: "digits"),
        Spoilt(
            "nothing", replace: frequency, with: "  frequency_hz:\n    value:", line: "    value:\n",
            key: "pulse.frequency_hz.value", says: "there is no number", hint: "hertz"),
        value("bare point", ".5", says: "not a number", hint: "digits"),
        value("point at the end", "5.", says: "not a number", hint: "digits"),
        value("two points", "3.5.1", says: "not a number", hint: "digits"),
        value("too fine", "0.0001", says: "finer than can be stored", hint: "multiple of 0.001 Hz"),
        value("zero", "0", says: "too small", hint: "larger"),
        value("huge", "99999999999999999999999", says: "too large", hint: "in hertz"),
        value("larger than the form", "10001", says: "too large", hint: "check the unit"),
        value("other digits", "३५", says: "not a number", hint: "digits"),
        value("list", "[35]", says: "one number is expected", hint: "bare number"),
        Spoilt(
            "amplitude finer than a microampere", replace: "  maximum_amplitude_ma:\n    value: 40",
            with: "  maximum_amplitude_ma:\n    value: 0.0001", line: "    value: 0.0001",
            key: "pulse.maximum_amplitude_ma.value", says: "finer than can be stored", hint: "multiple of 0.001 mA"),
        Spoilt(
            "half a microsecond", replace: "    value: 300", with: "    value: 300.5", line: "    value: 300.5",
            key: "pulse.phase_duration_us.value", says: "finer than can be stored", hint: "multiple of 1 µs"),
    ]

    static let keys: [Spoilt] = [
        Spoilt(
            "wrong unit", replace: "frequency_hz", with: "frequency_khz", line: "  frequency_khz",
            key: "pulse.frequency_khz", says: "this unit is not read here", hint: "in hertz under `frequency_hz`"),
        Spoilt(
            "milliseconds for microseconds", replace: "phase_duration_us", with: "phase_duration_ms",
            line: "  phase_duration_ms", key: "pulse.phase_duration_ms", says: "this unit is not read here",
            hint: "in microseconds under `phase_duration_us`"),
        Spoilt(
            "no unit", replace: "maximum_amplitude_ma", with: "maximum_amplitude", line: "  maximum_amplitude:",
            key: "pulse.maximum_amplitude", says: "the unit is missing", hint: "`maximum_amplitude_ma`"),
        Spoilt(
            "typing slip", replace: "ramp_up_s", with: "ramp_upp_s", line: "ramp_upp_s",
            key: "pattern.ramp_upp_s", says: "unknown key", hint: "is `ramp_up_s` meant?"),
        Spoilt(
            "unknown key", replace: "pulse:\n", with: "pulse:\n  colour: red\n", line: "colour: red",
            key: "pulse.colour", says: "unknown key", hint: "remove it; known here: frequency_hz"),
        Spoilt(
            "merge key", replace: "pulse:\n", with: "pulse:\n  <<: {}\n", line: "<<: {}", key: "pulse.<<",
            says: "unknown key", hint: "remove it"),
        Spoilt(
            "duplicate key", replace: "\npattern:", with: "\nmuscle: vmo\npattern:", line: "muscle: vmo\npattern:",
            key: "muscle", says: "stands already in line", hint: "keep one of the two"),
        Spoilt(
            "duplicate key in quotes", replace: "\npattern:", with: "\n\"muscle\": gmed\npattern:",
            line: "\"muscle\": gmed", key: "muscle", says: "stands already in line", hint: "keep one of the two"),
        Spoilt(
            "duplicate number", replace: "  interphase_gap_us:",
            with: "  frequency_hz:\n    value: 1\n  interphase_gap_us:",
            line: "  frequency_hz:\n    value: 1\n", key: "frequency_hz", says: "stands already in line",
            hint: "keep one"),
        Spoilt(
            "missing key",
            replace: "  phase_duration_us:\n    value: 300\n    certainty: moderate\n    source: NUSSBAUM table 9\n"
                + "    recommended_lowest: 250\n    recommended_highest: 500\n",
            with: "",
            line: "  frequency_hz:", key: "pulse.phase_duration_us", says: "this key is missing in a treatment",
            hint: "add it"),
        Spoilt(
            "missing certainty", replace: "    certainty: moderate\n    source: NUSSBAUM table 9 (on",
            with: "    source: NUSSBAUM table 9 (on",
            line: "    value: 3", key: "pattern.plateau_s.certainty", says: "this key is missing", hint: "add it"),
        Spoilt(
            "bare number without evidence",
            replace: "  interphase_gap_us:\n    value: 0\n    certainty: very_low\n"
                + "    source: (proposal) the sources state no gap between the phases\n",
            with: "  interphase_gap_us: 0\n", line: "  interphase_gap_us: 0",
            key: "pulse.interphase_gap_us", says: "keys with values are expected", hint: "value, certainty, source"),
        Spoilt(
            "key that is a list", replace: "\npattern:", with: "\n[a, b]: c\npattern:", line: "[a, b]: c",
            says: "a key must be a word", hint: "key: value"),
    ]

    static let senses: [Spoilt] = [
        Spoilt(
            "unknown muscle", replace: "muscle: vmo", with: "muscle: pectoralis", line: "muscle: pectoralis",
            key: "muscle", says: "not one of the known words", hint: "vmo, gmed"),
        Spoilt(
            "other format", replace: "motorpoint-protocol-1", with: "motorpoint-protocol-2",
            line: "motorpoint-protocol-2", key: "format", says: "not one of the known words",
            hint: "motorpoint-protocol-1"),
        Spoilt(
            "id with capitals", replace: "id: vmo-relieve-surface", with: "id: VMO Relieve", line: "id: VMO Relieve",
            key: "id", says: "not an id", hint: "vmo-relieve-surface"),
        Spoilt(
            "text that is a mapping", replace: "title: VMO, first stage (Relieve), surface pads",
            with: "title:\n  a: b", line: "  a: b", key: "title", says: "a text is expected", hint: "one text"),
        Spoilt(
            "empty text", replace: "title: VMO, first stage (Relieve), surface pads", with: "title: \"\"",
            line: "title: \"\"", key: "title", says: "there is no value", hint: "write the text"),
        Spoilt(
            "yes for true", replace: "electrode: surface", with: "electrode: surface\ndemonstration: yes",
            line: "demonstration: yes", key: "demonstration", says: "true or false", hint: "without quotes"),
        Spoilt(
            "treatment without certainty of benefit", replace: "pfp_benefit: very_low",
            with: "pfp_benefit: not_applicable", line: "pfp_benefit: not_applicable", key: "evidence.pfp_benefit",
            says: "must say how sure its benefit is", hint: "very_low"),
        Spoilt(
            "search with contractions", replace: "stage: relieve", with: "stage: search", line: "kind: contractions",
            key: "pattern.kind", says: "a search is one continuous train", hint: "continuous"),
        Spoilt(
            "continuous with contractions' keys", replace: "kind: contractions", with: "kind: continuous",
            line: "    value: 2", key: "pattern.ramp_up_s", says: "has no meaning when `kind` is continuous",
            hint: "remove it"),
        Spoilt(
            "typical above the cap", replace: "  typical_highest_ma:\n    value: 35",
            with: "  typical_highest_ma:\n    value: 41", line: "    value: 41",
            key: "intensity.typical_highest_ma", says: "above the protocol's own cap", hint: "lower it"),
        Spoilt(
            "value outside its own range", replace: "    recommended_lowest: 35", with: "    recommended_lowest: 36",
            line: "    recommended_lowest: 36", key: "pulse.frequency_hz.recommended_lowest",
            says: "above the value itself", hint: "within the range"),
    ]

    static let characters: [Spoilt] = [
        Spoilt(
            "alias", replace: "id: vmo-relieve-surface", with: "id: *id", line: "id: *id",
            says: "anchors and aliases are not used", hint: "write the value out"),
        Spoilt(
            "anchor", replace: "id: vmo-relieve-surface", with: "id: &id vmo-relieve-surface", line: "id: &id",
            says: "anchors and aliases are not used", hint: "write the value out"),
        Spoilt(
            "tag", replace: "value: 35", with: "value: !!float 35", line: "!!float", says: "tags are not used",
            hint: "remove the tag"),
        Spoilt(
            "tab", replace: "  frequency_hz", with: "\tfrequency_hz", line: "\tfrequency_hz", says: "a tab",
            hint: "spaces"),
        Spoilt(
            "terminal escape", replace: "title: VMO", with: "title: \u{1B}[2JVMO", line: "title: \u{1B}",
            says: "a control character", hint: "remove it"),
        Spoilt(
            "NUL", replace: "title: VMO", with: "title: \u{0}VMO", line: "title: \u{0}", says: "a control character",
            hint: "remove it"),
        Spoilt(
            "carriage return alone", replace: "title: VMO", with: "title: \rVMO", line: "title: \r",
            says: "a control character", hint: "remove it"),
        Spoilt(
            "text that runs backwards", replace: "title: VMO", with: "title: \u{202E}VMO", line: "title: \u{202E}",
            says: "an invisible character", hint: "remove it"),
        Spoilt(
            "byte order mark", replace: "# yaml-language", with: "\u{FEFF}# yaml-language", line: "\u{FEFF}",
            says: "an invisible character", hint: "byte order mark"),
        Spoilt(
            "second document", replace: "\npattern:", with: "\n---\npattern:", line: "---\npattern",
            says: "document markers", hint: "one file is one document"),
        Spoilt(
            "directive", replace: "# yaml-language", with: "%YAML 1.1\n# yaml-language", line: "%YAML",
            says: "document markers and directives", hint: "remove this line"),
        Spoilt(
            "brackets in brackets", replace: "id: vmo-relieve-surface", with: "id: [[[[[[[[x]]]]]]]]",
            line: "id: [[[", says: "nested too deeply", hint: "one `- ` a line"),
        Spoilt(
            "list in list in list", replace: "id: vmo-relieve-surface",
            with: "id:\n  " + String(repeating: "- ", count: 30) + "x", line: "  - - - -", says: "nested too deeply",
            hint: "write it flat"),
        Spoilt(
            "broken indentation", replace: "  frequency_hz:", with: "frequency_hz:",
            line: "  phase_duration_us",
            says: "not readable as YAML", hint: "check indentation"),
        Spoilt(
            "open quote", replace: "title: VMO", with: "title: \"VMO", line: "title: \"VMO",
            says: "not readable as YAML",
            hint: "quotes"),
        Spoilt(
            "line without end", replace: "title: VMO", with: "title: " + String(repeating: "a", count: 2_000),
            line: "title: aaa", says: "line too long", hint: "break the line"),
    ]

    private func check(_ spoilt: Spoilt) throws {
        let good = try shipped("Protocols/vmo-relieve-surface.yaml")
        let range = try #require(good.range(of: spoilt.replace), "the shipped file no longer has this text")
        let text = good.replacingCharacters(in: range, with: spoilt.with)
        do {
            _ = try ProtocolLoader.parse(text, file: "x.yaml")
            Issue.record("accepted")
        } catch {
            let wanted = try #require(text.range(of: spoilt.line), "no such line")
            let lineNumber = text[..<wanted.lowerBound].utf8.filter { $0 == 10 }.count + 1
            let problem = try #require(
                error.problems.first { $0.message.contains(spoilt.message) }, "said instead: \(error)")
            #expect(problem.file == "x.yaml")
            #expect(problem.line == lineNumber, "\(problem)")
            if let key = spoilt.key { #expect(problem.key == key) }
            #expect(problem.hint?.contains(spoilt.hint) == true, "\(problem)")
            #expect(problem.description.hasPrefix("x.yaml:\(lineNumber)"))
            #expect(!problem.description.contains("\u{1B}"))
            #expect(!problem.description.contains("\n"))
        }
    }

    // Proves R-FILE-01.
    @Test("Numbers that are none, or mean different things to different readers", arguments: numbers)
    func number(_ spoilt: Spoilt) throws { try check(spoilt) }

    // Proves R-FILE-01.
    @Test("Keys that are unknown, twice, missing or in another unit", arguments: keys)
    func key(_ spoilt: Spoilt) throws { try check(spoilt) }

    // Proves R-FILE-01.
    @Test("Values that contradict each other", arguments: senses)
    func sense(_ spoilt: Spoilt) throws { try check(spoilt) }

    // Proves R-FILE-02.
    @Test("Characters and constructs that YAML readers disagree about", arguments: characters)
    func character(_ spoilt: Spoilt) throws { try check(spoilt) }

    @Test("A wrong unit is reported once, not as unknown and missing")
    func oneProblemForOneSlip() throws {
        let text = try shipped("Protocols/vmo-relieve-surface.yaml").replacingOccurrences(
            of: "frequency_hz", with: "frequency_khz")
        let problems = #expect(throws: FileProblems.self) { try ProtocolLoader.parse(text, file: "x.yaml") }
        #expect(problems?.problems.count == 1)
    }

    // Proves R-FILE-01, R-GATE-17.
    @Test("Several problems come together, in the order of their lines")
    func several() throws {
        let text = try shipped("Protocols/vmo-relieve-surface.yaml")
            .replacingOccurrences(of: "value: 35\n", with: "value: 1e3\n")
            .replacingOccurrences(of: "muscle: vmo", with: "muscle: heart")
        let problems = #expect(throws: FileProblems.self) { try ProtocolLoader.parse(text, file: "x.yaml") }
        let found = try #require(problems).problems
        #expect(found.count == 3)
        #expect(found.first?.key == "muscle")
        #expect(found.map { $0.line ?? 0 } == found.map { $0.line ?? 0 }.sorted())
    }

    // Proves R-FILE-02.
    @Test("Nothing, and things that are no mapping")
    func noMapping() {
        for (text, message) in [
            ("", "empty"), ("# only a comment\n", "empty"), ("just words\n", "keys with values"),
            ("- a\n- b\n", "keys with values"), ("42\n", "keys with values"),
        ] {
            let problems = #expect(throws: FileProblems.self) { try ProtocolLoader.parse(text, file: "x.yaml") }
            #expect(
                problems?.problems.first?.message.contains(message) == true, "\(text): \(String(describing: problems))")
        }
    }

    // Proves R-FILE-02.
    @Test("Depth over many lines ends in a message, not in the stack")
    func deepNesting() {
        var brackets = ""
        for _ in 0..<20_000 { brackets += "[[[\n" }
        var blocks = ""
        for level in 0..<600 { blocks += String(repeating: " ", count: level) + "a:\n" }
        for text in [brackets, blocks, "a: " + brackets, String(repeating: "? ", count: 20_000)] {
            #expect(throws: FileProblems.self) { try ProtocolLoader.parse(text, file: "x.yaml") }
        }
    }

    // Proves R-FILE-02.
    @Test("Billion laughs, in values and in keys, is refused before it grows")
    func aliasBomb() {
        var values = "a0: &a0 [x, x]\n"
        for level in 1...30 { values += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        var keys = "? &k0 [x, x]\n: v\n"
        for level in 1...30 { keys += "? &k\(level) [*k\(level - 1), *k\(level - 1)]\n: v\n" }
        for text in [values, keys] {
            let problems = #expect(throws: FileProblems.self) { try ProtocolLoader.parse(text, file: "x.yaml") }
            #expect(problems?.problems.first?.message == "anchors and aliases are not used here")
        }
    }

    // Proves R-FILE-02.
    /// Any damage to a good file either still is a file of the grammar or ends in problems; nothing traps, and
    /// nothing is accepted with a number outside the form.
    @Test("Random damage never traps", arguments: [1, 2, 3, 4] as [UInt64])
    func randomDamage(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let good = Array(try shipped("Protocols/vmo-relieve-surface.yaml").utf8)
        let pieces: [[UInt8]] = [
            "[", "]", "{", "}", ": ", "- ", "? ", "\n", "  ", "\"", "'", "|\n", ">", "#", ",", "1e9", "-", "<<: ", "%",
            "@", "`",
        ].map { Array($0.utf8) }
        var accepted = 0
        for _ in 0..<80 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[at] = UInt8.random(in: 0x20...0x7E, using: &random)
                case 1: bytes.remove(at: at)
                case 2: bytes.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: at)
                default: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...200, using: &random)))
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            do {
                let content = try ProtocolLoader.parse(text, file: "x.yaml")
                accepted += 1
                for number in content.numbers { #expect(number.stored >= 0 && number.stored <= 86_400_000) }
            } catch {
                #expect(!error.problems.isEmpty)
            }
        }
        // Damage in a comment or a text is no damage to the form; damage elsewhere must not pass unseen.
        #expect(accepted < 80, "seed \(seed)")
    }
}

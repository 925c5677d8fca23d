import ArgumentParser
import RigSimulator

/// What a technician puts around a stimulator: loads in place of a person, an instrument, and what is wrong with it.
struct WorkbenchOptions: ParsableArguments {
    static let discussion = """
        Technician's bench: a dummy load takes the place of pads or needles and may be changed while the rig runs; the \
        meter then asks only what holds without a person (1.3 times the cap, the rate, 500 µs). The instrument is on a \
        line of its own, its probe across output 1 until it is moved.
        """

    @Option(
        parsing: .singleValue,
        help: "OUTPUT=OHMS, or open or short for OHMS: what hangs on an output; may be given several times.")
    var dummyLoad: [String] = []
    @Option(
        parsing: .singleValue,
        help: "OUTPUT:KIND=VALUE[,KIND=VALUE], what is wrong with an output; may be given several times. \(kinds)")
    var outputError: [String] = []
    @Option(help: "Symlink that points to the line of a bench instrument.") var instrument: String?
    @Option(help: "Which it is: \(families).") var instrumentFamily = InstrumentFamily.rigolDS1000Z.rawValue
    @Option(help: "How far from the truth it is: \(InstrumentConfiguration.help), joined by commas.")
    var instrumentError: String?

    private static let kinds = "Kinds: \(OutputError.help)."
    private static let families = InstrumentFamily.allCases.map(\.rawValue).joined(separator: ", ")

    /// - Parameter samples: whether the stimulator measures its own current.
    func check(outputs: Int, samples: Bool = true) throws {
        for text in dummyLoad where WorkbenchOptions.load(text, outputs: outputs) == nil {
            throw ValidationError(
                "--dummy-load \(text): OUTPUT=OHMS, output 1 to \(outputs), ohms 0.1 to 10000000, open or short")
        }
        for text in outputError where WorkbenchOptions.error(text, outputs: outputs) == nil {
            throw ValidationError(
                "--output-error \(text): OUTPUT:KIND=VALUE[,KIND=VALUE], output 1 to \(outputs), where a kind is "
                    + OutputError.help)
        }
        guard samples || errors.values.allSatisfy({ $0.readBackThousandths == 0 }) else {
            throw ValidationError("--output-error read-back: this stimulator has no samples of its own that could lie")
        }
        guard loads.count == dummyLoad.count, errors.count == outputError.count else {
            throw ValidationError("--dummy-load and --output-error name each output once")
        }
        guard InstrumentFamily(rawValue: instrumentFamily) != nil else {
            throw ValidationError(
                "--instrument-family is one of \(WorkbenchOptions.families), not \(instrumentFamily)")
        }
        if let instrumentError, InstrumentConfiguration(text: instrumentError) == nil {
            throw ValidationError("--instrument-error \(instrumentError): \(InstrumentConfiguration.help)")
        }
        guard instrument != nil || instrumentError == nil else {
            throw ValidationError("--instrument-error needs --instrument")
        }
    }

    var loads: [Int: DummyLoad] {
        Dictionary(dummyLoad.compactMap { WorkbenchOptions.load($0, outputs: 8) }) { first, _ in first }
    }

    var errors: [Int: OutputError] {
        Dictionary(outputError.compactMap { WorkbenchOptions.error($0, outputs: 8) }) { first, _ in first }
    }

    /// The instrument's line, made; nothing when none was asked for.
    func port(seed: UInt64) throws -> InstrumentPort? {
        guard let instrument, let family = InstrumentFamily(rawValue: instrumentFamily) else { return nil }
        let configuration = instrumentError.flatMap { InstrumentConfiguration(text: $0) } ?? InstrumentConfiguration()
        return try InstrumentPort(
            SimulatedInstrument(family: family, configuration: configuration, seed: seed),
            link: StableLink(path: instrument))
    }

    private static func load(_ text: String, outputs: Int) -> (Int, DummyLoad)? {
        guard let (output, value) = parts(text, "=", outputs), let load = DummyLoad(text: value) else { return nil }
        return (output, load)
    }

    private static func error(_ text: String, outputs: Int) -> (Int, OutputError)? {
        guard let (output, value) = parts(text, ":", outputs), let error = OutputError(text: value) else { return nil }
        if let other = error.swappedWith, !(1...outputs).contains(other) || other == output { return nil }
        return (output, error)
    }

    private static func parts(_ text: String, _ mark: Character, _ outputs: Int) -> (Int, String)? {
        let sides = text.split(separator: mark, maxSplits: 1, omittingEmptySubsequences: false)
        guard sides.count == 2, let output = Int(sides[0]), (1...outputs).contains(output) else { return nil }
        return (output, String(sides[1]))
    }
}

/// What a technician's hand does while the rig runs.
enum WorkbenchRequest {
    /// Nothing gives pads or needles back.
    case load(output: Int, DummyLoad?)
    case probe(output: Int)

    static let help = "load OUTPUT OHMS|open|short|none, probe OUTPUT"

    init?(_ words: [String], outputs: Int) {
        guard words.count >= 2, let output = Int(words[1]), (1...outputs).contains(output) else { return nil }
        switch (words[0], words.count) {
        case ("load", 3):
            let load = DummyLoad(text: words[2])
            guard load != nil || words[2] == "none" else { return nil }
            self = .load(output: output, load)
        case ("probe", 2): self = .probe(output: output)
        default: return nil
        }
    }
}

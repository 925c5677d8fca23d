import ArgumentParser
import CareModel
import SafetyKernel
import SessionRecords
import SessionScreen
import StimulusModel

struct ProtocolsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "protocols", abstract: "List, show and check treatment protocols.",
        subcommands: [List.self, Show.self, Check.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the protocols of this installation.")
        @OptionGroup var places: PlaceOptions

        func run() throws {
            try reporting {
                let shelf = ProtocolShelf(folders: [try places.protocolFolder()])
                let width = shelf.protocols.map(\.content.id.count).max() ?? 0
                for item in shelf.protocols {
                    let id = item.content.id + String(repeating: " ", count: width - item.content.id.count)
                    print("\(id)  \(ProtocolText.oneLine(item.content))")
                }
                guard shelf.problems.isEmpty else {
                    let text = shelf.problems.map(\.description).joined(separator: "\n")
                    throw Failure(.badFile, "some protocol files cannot be used:\n\(text)")
                }
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one protocol with the evidence beside each number.")
        @Argument(help: "The protocol's id.") var id: String
        @OptionGroup var places: PlaceOptions

        func run() throws {
            try reporting {
                let item = try ProtocolChoice.find(id, in: ProtocolShelf(folders: [try places.protocolFolder()]))
                print(ProtocolText.full(item.content))
            }
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check protocol files: form, units, and every absolute limit.")
        @Argument(help: "The files.") var files: [String]

        func run() throws {
            try reporting {
                var problems: [Failure] = []
                for file in files {
                    do throws(FileProblems) {
                        let item = try ProtocolLoader.load(path: file)
                        if let problem = ProtocolChoice.refusal(of: item) {
                            problems.append(Failure(.badFile, problem.description))
                        } else {
                            print("\(file): good, \(ProtocolText.oneLine(item.content))")
                        }
                    } catch {
                        problems.append(Failure.file(error, at: file))
                    }
                }
                guard !problems.isEmpty else { return }
                let areMissing = problems.allSatisfy { $0.status == .notFound }
                throw Failure(areMissing ? .notFound : .badFile, problems.map(\.message).joined(separator: "\n"))
            }
        }
    }
}

/// Finding a protocol, and holding it against the absolute limits.
enum ProtocolChoice {
    static func find(_ id: String, in shelf: ProtocolShelf) throws -> LoadedProtocol {
        if let found = shelf.find(id) {
            if let problem = refusal(of: found) { throw Failure(.badFile, problem.description) }
            return found
        }
        let problems = shelf.problems(about: id)
        if !problems.isEmpty {
            throw Failure(.badFile, problems.map(\.description).joined(separator: "\n"))
        }
        let known = shelf.protocols.map(\.content.id).joined(separator: ", ")
        throw Failure(
            .notFound,
            "no protocol \(id); there are: \(known.isEmpty ? "none" : known). See `motorpoint protocols list`")
    }

    /// What the kernel says against a protocol, at the line of the number that is too large or too small.
    static func refusal(of item: LoadedProtocol) -> FileProblem? {
        do throws(Refusal) {
            try Authorization.checkProtocol(dose(of: item.content))
            return nil
        } catch {
            guard case .limit(let kind, let asked, let limit, let source) = error, let key = RefusalText.key(kind)
            else {
                return FileProblem(file: item.path, message: RefusalText.message(error))
            }
            let bound = kind.isLowerBound ? "at least" : "at most"
            return item.problem(
                key, value: RefusalText.value(asked, kind),
                limit: "\(bound) \(RefusalText.value(limit, kind))", setBy: RefusalText.name(source),
                message: "\(RefusalText.name(kind)) is out of bounds", hint: "change this number")
        }
    }

    /// A search has no phase of its own: it is judged at the longest phase that a treatment may have in practice.
    private static func dose(of content: TreatmentProtocol) -> Dose {
        switch content.plan {
        case .treatment(let dose): return dose
        case .search(let search):
            return Dose(
                electrodeKind: content.electrodeKind, muscle: content.muscle, stage: .search,
                pattern: .continuous(milliseconds: search.milliseconds), frequency: search.frequency,
                phaseDuration: PhaseDuration(microseconds: 400), interphaseGap: PhaseDuration(microseconds: 0),
                maximumAmplitude: search.maximumAmplitude,
                amplitudeStep: TreatmentProtocol.amplitudeStep(electrodeKind: content.electrodeKind, stage: .search))
        }
    }
}

/// A protocol in words.
enum ProtocolText {
    static func oneLine(_ item: TreatmentProtocol) -> String {
        var parts = ["\(item.stage.name), \(item.muscle.name), \(item.electrodeKind.name)"]
        switch item.plan {
        case .treatment(let dose):
            parts.append("\(RefusalText.value(Int64(dose.frequency.millihertz), .frequency))")
            parts.append("\(dose.phaseDuration.microseconds) µs")
            parts.append(pattern(dose.pattern))
            parts.append("at most \(SessionText.milliamperes(dose.maximumAmplitude))")
        case .search(let search):
            parts.append("\(RefusalText.value(Int64(search.frequency.millihertz), .frequency))")
            parts.append("at most \(SessionText.milliamperes(search.maximumAmplitude))")
            parts.append("for \(SessionText.clock(Int64(search.milliseconds)))")
        }
        if item.isDemonstration { parts.append("DEMONSTRATION, no treatment") }
        return parts.joined(separator: " · ")
    }

    static func pattern(_ pattern: Pattern) -> String {
        switch pattern {
        case .continuous(let milliseconds): return "continuous, \(SessionText.clock(Int64(milliseconds)))"
        case .contractions(let cycle, let count):
            let on = RefusalText.decimal(cycle.onMilliseconds, 1_000)
            let off = RefusalText.decimal(Int64(cycle.restMilliseconds), 1_000)
            let up = RefusalText.decimal(Int64(cycle.rampUpMilliseconds), 1_000)
            let down = RefusalText.decimal(Int64(cycle.rampDownMilliseconds), 1_000)
            return "\(count) contractions, \(on) s on (ramps \(up) s up, \(down) s down), \(off) s off"
        case .burst(let milliseconds, let burst, let interval):
            let every = RefusalText.decimal(Int64(interval), 1_000)
            return "bursts of \(burst) ms every \(every) s, \(SessionText.clock(Int64(milliseconds)))"
        case .denseDisperse(let milliseconds, let dense, let sparseFrequency, let sparse):
            let sparseRate = RefusalText.value(Int64(sparseFrequency.millihertz), .frequency)
            return
                "dense-disperse, \(RefusalText.decimal(Int64(dense), 1_000)) s dense and "
                + "\(RefusalText.decimal(Int64(sparse), 1_000)) s at \(sparseRate) in turn, "
                + "\(SessionText.clock(Int64(milliseconds)))"
        }
    }

    static func full(_ item: TreatmentProtocol) -> String {
        var lines = ["\(item.title)  [\(item.id), version \(item.version)]", oneLine(item), ""]
        lines.append(item.summary)
        lines.append("")
        lines.append("Placement: \(item.placement)")
        lines.append("Intensity: \(item.intensityRule)")
        lines.append("Sessions:  \(item.sessionsRule)")
        lines.append("")
        lines.append("Numbers, how sure the source is of the parameter, and the source:")
        for number in item.numbers {
            let value = number.unit.text(number.stored)
            lines.append("  \(number.key.rawValue): \(value) · \(number.certainty.title) · \(number.source)")
        }
        lines.append("")
        lines.append("Evidence for the parameters: \(item.evidence.parameters.title)")
        lines.append("Evidence of benefit in patellofemoral pain: \(item.evidence.patellofemoralBenefit.title)")
        lines.append(item.evidence.statement)
        return lines.joined(separator: "\n")
    }
}

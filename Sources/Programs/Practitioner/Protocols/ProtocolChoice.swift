import CareModel
import SafetyKernel
import SessionRecords
import StimulusModel

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
        if let place = ProtocolDraft.placesToFill(in: item.text).first {
            return FileProblem(
                file: item.path, line: place.line, value: place.text, message: "this place is not filled in yet",
                hint: "write what a clinician answers for, and where it is from")
        }
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

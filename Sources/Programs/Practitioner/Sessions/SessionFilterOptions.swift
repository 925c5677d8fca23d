import ArgumentParser
import CareModel
import SessionRecords
import StimulusModel

/// Which sessions are meant, for `list` and `export --all` alike.
struct SessionFilterOptions: ParsableArguments {
    @Option(help: "Only this person, such as P-0042.") var patient: String?
    @Option(help: "Only this muscle: vmo or gmed.") var muscle: String?
    @Option(help: "Only this side: left or right.") var side: String?
    @Option(name: .customLong("protocol"), help: "Only this protocol's id.") var protocolID: String?
    @Option(help: "Only this stage: search, relieve, restore or elevate.") var stage: String?
    @Option(help: "From this day on, as 2026-11-22, by the practice's clock then.") var since: String?
    @Option(help: "Up to and including this day.") var until: String?
    @Option(help: "Only these: completed, stopped, fault or interrupted.") var outcome: String?

    /// Outcomes that can be asked for.
    private static let outcomes: [SessionOutcome] = [.completed, .stopped, .fault, .interrupted]

    func filter() throws -> SessionFilter {
        var filter = SessionFilter(protocolID: protocolID)
        if let patient {
            do throws(PersonIDProblem) {
                filter.personID = try PersonID(patient).text
            } catch {
                throw Failure(.usage, "--patient \"\(patient)\": \(error.words)")
            }
        }
        filter.muscle = try one(of: TargetMuscle.all.map(\.name), muscle, "--muscle")
        filter.side = try one(of: BodySide.all.map(\.name), side, "--side")
        filter.stage = try one(of: CareStage.all.map(\.name), stage, "--stage")
        filter.outcome = try one(of: Self.outcomes.map(\.rawValue), outcome, "--outcome")
            .flatMap(SessionOutcome.init(rawValue:))
        filter.since = try day(since, "--since")
        filter.until = try day(until, "--until")
        if let since = filter.since, let until = filter.until, until < since {
            throw Failure(.usage, "--until \(self.until ?? "") lies before --since \(self.since ?? "")")
        }
        return filter
    }

    private func one(of known: [String], _ given: String?, _ option: String) throws -> String? {
        guard let given else { return nil }
        guard known.contains(given.lowercased()) else {
            throw Failure(.usage, "\(option) \"\(given)\" is none of \(known.joined(separator: ", "))")
        }
        return given.lowercased()
    }

    private func day(_ given: String?, _ option: String) throws -> CivilDate? {
        guard let given else { return nil }
        guard let day = CivilDate(text: given) else {
            throw Failure(.usage, "\(option) \"\(given)\" is no day of the calendar; write it as 2026-11-22")
        }
        return day
    }
}

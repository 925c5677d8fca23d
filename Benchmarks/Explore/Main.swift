// `make explore`: every plan to its end, and one line of figures.
import Explorer
import Glibc

@main enum Explore {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.contains("mutants") { return try findMutants() }
        let plans = try (arguments.contains("quick") ? ExploredPlan.quick() : ExploredPlan.full()).filter { plan in
            let named = arguments.filter { $0 != "quick" && $0 != "verbose" }
            return named.isEmpty || named.contains(plan.name)
        }
        guard !plans.isEmpty else {
            say("explore: no such plan")
            exit(64)
        }
        var total = ExplorerResult()
        var violations = 0
        var pairs = 0
        for plan in plans {
            var explorer = Explorer(plan)
            let began = seconds()
            let result = explorer.run { depth, states in
                if arguments.contains("verbose") { say("  depth \(depth): \(states) states, \(seconds() - began) s") }
            }
            total.states += result.states
            total.transitions += result.transitions
            pairs += result.comparedPairs
            total.longestStopSteps = max(total.longestStopSteps, result.longestStopSteps)
            total.longestStopMilliseconds = max(total.longestStopMilliseconds, result.longestStopMilliseconds)
            total.longestWayToEnd = max(total.longestWayToEnd, result.longestWayToEnd)
            if arguments.contains("verbose") { say(result.farthest) }
            if let violation = result.violation {
                violations += 1
                say(violation)
            } else if !result.isComplete {
                violations += 1
                say("plan \(plan.name): NOT COMPLETE, given up")
            }
            say(
                "\(plan.name): \(result.states) states, \(result.transitions) transitions, depth \(result.depth), "
                    + "longest stop \(result.longestStopSteps) steps (\(result.longestStopMilliseconds) ms), "
                    + "longest way to the end \(result.longestWayToEnd) steps, "
                    + "\(result.comparedPairs) pairs compared, \(seconds() - began) s")
        }
        say(
            "explore: \(plans.count) plans, \(total.states) states, \(total.transitions) transitions, longest stop "
                + "path \(total.longestStopSteps) steps (\(total.longestStopMilliseconds) ms), longest way to the end "
                + "\(total.longestWayToEnd) steps, \(pairs) pairs compared, \(violations) violations")
        if violations > 0 { exit(1) }
    }

    /// Each planted defect must be found.
    private static func findMutants() throws {
        var found = 0
        let mutants = Mutation.allCases.filter { $0 != .none }
        for mutation in mutants {
            var rule: String?
            for plan in try ExploredPlan.forMutations() where rule == nil {
                var explorer = Explorer(plan, mutation: mutation)
                rule = explorer.run().brokenRule
            }
            found += rule == nil ? 0 : 1
            say("\(mutation): \(rule ?? "NOT FOUND")")
        }
        say("explore: \(found) of \(mutants.count) planted defects found")
        if found < mutants.count { exit(1) }
    }

    /// At once: a search of minutes is watched.
    private static func say(_ text: String) {
        print(text)
        fflush(nil)
    }

    private static func seconds() -> Int { time(nil) }
}
